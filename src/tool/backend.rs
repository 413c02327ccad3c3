//! The backend of the face. It opens a state directory as the options and the environment say.
//!
//! Every variable of lambdry is read here and nowhere else:
//!
//! * `LAMBDRY_STATE_DIR`: the state directory. `--state-dir` takes precedence; without both, the platform's data
//!   directory is used.
//! * `AWS_SESSION_TOKEN`, a variable of AWS: a token that lambdry's `sts assume-role` returned identifies the caller.
//!   Any other token is ignored.
//! * `LAMBDRY_ACCOUNT_ID`: twelve digits, 123456789012 when not set.
//! * `LAMBDRY_SETTLE`: the time that a change takes. `--settle` takes precedence; without both, 0, or 2 s under the
//!   name `aws`.
//! * `LAMBDRY_PUBLISH_RULE`: `update` or `content`. The rule decides if a publish creates a version.
//! * `LAMBDRY_NOW`: freezes time at the given moment, or at the moment in the given file. Each command moves the moment
//!   in the file forward. `LAMBDRY_SEED`: makes ids repeatable.
//! * `LAMBDRY_LOCK_TIMEOUT`: seconds to wait for a busy lock, 60 when not set.
//! * `LAMBDRY_TOTAL_CODE_SIZE`: the account's limit of code, in bytes. `LAMBDRY_FAULTS`: a fault plan.
//! * `LAMBDRY_EXPLAIN`: prints the reasons for a call's result on stderr; `--explain` does the same.
//! * `LAMBDRY_STUBS`: files of stubs, separated like the folders in PATH. These stubs are used before the stubs of the
//!   state directory.
//! * `LAMBDRY_INVOKE`: a shell command that answers when a function is invoked.
//! * `LAMBDRY_CALLS`: the file in which every command is logged (see `rehearse/calls.rs`).
//! * `LAMBDRY_STEPS`: in debug builds only; the step of a write that stops or fails.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

#[cfg(unix)]
use super::rehearse::led;
use super::{astray, observer::Observer};
use crate::state::plain::plain;
use crate::{
    face::{
        Backend, End, Entries, Globals, Own, OwnCommands, Service, Spooler, State, ecr,
        exit::Stop,
        logs, s3, settling_time,
        world::{Process, World},
    },
    operation::{
        self, Entry, Failure, Lambda, explain::Explained, invocation::answer::Runner,
        sts::caller::Caller, version::publish::Publishing,
    },
    state::{arn::Scope, function::PublishRule},
    store::{
        Settings, Store, StoreError,
        clock::{self, Clock, Ids},
        package::{Handle, Spool, ends_as_zip},
        stubs::Stub,
    },
};

/// The account number if none is set.
const ACCOUNT: &str = "123456789012";

/// The program `lambdry`: its operations and its own commands.
#[derive(Debug)]
pub struct Lambdry {
    /// lambdry's own commands.
    pub(super) own: OwnCommands,
    /// Runs one of lambdry's own commands.
    pub(super) run: RunOwn,
    /// The observer of the calls, if there is one.
    pub(super) observer: Option<Rc<dyn Observer>>,
}

/// Runs lambdry's own command of the given name. The words are those that follow the name on the command line.
type RunOwn = fn(&str, &[String], &Globals, &mut World<'_>) -> Result<u8, Stop>;

impl Backend for Lambdry {
    fn services(&self) -> Vec<Service> {
        operation::services()
            .map(|service| Service {
                name: service.name,
                about: service.about,
                regional: service.regional,
                entries: Entries::of(|| service.entries().collect()),
                commands: match service.name {
                    "ecr" => ecr::COMMANDS,
                    "logs" => logs::COMMANDS,
                    _ => &[],
                },
            })
            .chain([Service {
                name: "s3",
                about: "Copies, lists and deletes files and objects by path.",
                regional: false,
                entries: Entries::of(Vec::new),
                commands: s3::COMMANDS,
            }])
            .collect()
    }

    fn open(&self, world: &World<'_>, globals: &Globals) -> Result<Box<dyn State>, Stop> {
        let mut opened = Opened::new(&world.process, &globals.own)?;
        opened.observer.clone_from(&self.observer);
        let clock = world.process.path("LAMBDRY_NOW");
        *opened.advances.get_mut() = clock.and_then(|name| clock::file(name, &world.process.cwd));
        // A profile on the command line takes precedence over credentials in the environment. These take precedence
        // over a profile in the environment.
        let token = world.process.var("AWS_SESSION_TOKEN");
        if globals.profile.is_none() && opened.calls_as(Caller::of(token)) {
            return Ok(Box::new(opened));
        }
        if let Some(observer) = &self.observer
            && let Some(account) = observer.account(&world.process, globals)
        {
            opened.account = account;
        }
        Ok(Box::new(opened))
    }

    fn own(&self) -> OwnCommands {
        self.own
    }

    fn run_own(
        &self,
        name: &str,
        words: &[String],
        globals: &Globals,
        world: &mut World<'_>,
    ) -> Result<u8, Stop> {
        (self.run)(name, words, globals, world)
    }

    fn elsewhere(&self, world: &mut World<'_>) -> Option<Result<u8, Stop>> {
        self.observer.as_ref()?.elsewhere(world)
    }

    fn functions(&self, process: &Process, globals: &Globals) -> Vec<String> {
        astray::functions(process, globals).unwrap_or_default()
    }

    fn pardons(&self, stop: &Stop) -> bool {
        (self.observer.as_ref()).is_some_and(|observer| observer.pardons(stop))
    }

    fn learned(&self, stop: &Stop, words: &[String]) -> Option<Value> {
        self.observer.as_ref()?.learned(stop, words)
    }

    fn ended(&self, process: &Process, end: &End<'_>) {
        if let Some(observer) = &self.observer {
            observer.ended(process, end);
        }
    }
}

/// An opened state directory, with the settings from the options and the environment.
#[derive(Debug)]
pub struct Opened {
    /// The directory.
    pub store: Store,
    /// The account number: twelve digits.
    pub account: String,
    settle: Duration,
    /// True if advice is printed.
    hints: bool,
    faults: Option<String>,
    runner: Runner,
    /// Collects the reasons that rules give; `None` if nobody asked for reasons.
    explained: Option<Explained>,
    publishing: Publishing,
    /// The caller.
    caller: RefCell<Caller>,
    /// The reasons that were given during a wait.
    waited: RefCell<Vec<String>>,
    stubs: Vec<PathBuf>,
    /// Spools that are kept until the command ends. At the end, those that no operation has used are removed.
    spools: RefCell<Vec<Spool>>,
    observer: Option<Rc<dyn Observer>>,
    /// The file that `LAMBDRY_NOW` names; `None` after the first call has moved the moment in the file forward.
    advances: RefCell<Option<PathBuf>>,
}

impl Opened {
    /// Opens the state directory that options and environment name; creates nothing.
    ///
    /// # Errors
    /// As [`root`] and [`Self::at`].
    pub fn new(process: &Process, own: &Own) -> Result<Self, Stop> {
        Self::at(process, own, root(process, own)?)
    }

    /// Opens exactly the given state directory, even if a rehearsal would use its fork instead; creates nothing.
    ///
    /// # Errors
    /// When a variable has an invalid value, and when the directory has a newer format.
    pub fn at(process: &Process, own: &Own, root: PathBuf) -> Result<Self, Stop> {
        let account = process.var("LAMBDRY_ACCOUNT_ID").unwrap_or(ACCOUNT);
        if account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(setting("LAMBDRY_ACCOUNT_ID", account, "twelve digits"));
        }
        let settle = match (own.settle, process.var("LAMBDRY_SETTLE")) {
            (Some(settle), _) => settle,
            (None, Some(text)) => settling_time(text)
                .map_err(|_| setting("LAMBDRY_SETTLE", text, "seconds, for example 2s or 500ms"))?,
            (None, None) if process.is_aws() => Duration::from_secs(2),
            (None, None) => Duration::ZERO,
        };
        let clock = frozen(process)?.map_or(Clock::System, Clock::Frozen);
        let number = |name: &'static str| match process.var(name) {
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| setting(name, text, "a whole number")),
            None => Ok(None),
        };
        let hints = process.hints();
        let program = process.program.clone();
        let mut store = Store::open(Settings {
            root,
            clock,
            ids: process
                .var("LAMBDRY_SEED")
                .map_or(Ids::Random, |seed| Ids::Seeded(seed.to_owned())),
            total_code_size: number("LAMBDRY_TOTAL_CODE_SIZE")?,
            lock_timeout: Duration::from_secs(number("LAMBDRY_LOCK_TIMEOUT")?.unwrap_or(60)),
            notice: Box::new(move |text| {
                if hints {
                    // If stderr is gone, there is nobody to inform.
                    let _ = writeln!(io::stderr(), "{program}: {text}");
                }
            }),
            steps: process.var("LAMBDRY_STEPS").map(str::to_owned),
        })
        .map_err(stop)?;
        store.init = own.init;
        Ok(Self {
            store,
            hints,
            account: account.to_owned(),
            settle,
            faults: process.var("LAMBDRY_FAULTS").map(str::to_owned),
            runner: Runner {
                command: process
                    .var("LAMBDRY_INVOKE")
                    .filter(|command| !command.trim().is_empty())
                    .map(str::to_owned),
                environment: process.env.clone(),
                ..Runner::default()
            },
            explained: (own.explain || process.explains()).then(Explained::default),
            publishing: Publishing::by(match process.var("LAMBDRY_PUBLISH_RULE") {
                None | Some("") => PublishRule::default(),
                Some(word) => PublishRule::parse(word)
                    .ok_or_else(|| setting("LAMBDRY_PUBLISH_RULE", word, "update or content"))?,
            }),
            caller: RefCell::default(),
            waited: RefCell::default(),
            stubs: process
                .path("LAMBDRY_STUBS")
                .into_iter()
                .flat_map(std::env::split_paths)
                .filter(|path| !path.as_os_str().is_empty())
                .map(|path| process.cwd.join(path))
                .collect(),
            spools: RefCell::default(),
            observer: None,
            advances: RefCell::default(),
        })
    }

    /// Makes calls on behalf of the given caller, in the account of the assumed role. Returns false if the role does
    /// not exist.
    pub fn calls_as(&self, caller: Caller) -> bool {
        let has_role = caller.account().is_some();
        self.caller.replace(caller);
        has_role
    }

    /// Sets the observer of all calls to this state.
    #[cfg(unix)]
    pub(super) fn watched_by(&mut self, observer: Rc<dyn Observer>) {
        self.observer = Some(observer);
    }

    /// Calls `act` with the functions of one region.
    pub fn with<T>(&self, region: &str, act: impl FnOnce(&Lambda<'_>) -> T) -> T {
        let caller = self.caller.borrow().clone();
        let place = self.store.place(Scope {
            region: region.to_owned(),
            account: caller.account().unwrap_or(&self.account).to_owned(),
        });
        act(&Lambda {
            place: &place,
            settle: self.settle,
            faults: self.faults.clone(),
            runner: &self.runner,
            explained: self.explained.as_ref(),
            publishing: &self.publishing,
            caller: &caller,
        })
    }

    /// The reasons that were given since the last call of this function.
    fn said(&self) -> Vec<String> {
        let said = self.explained.as_ref().map(Explained::take);
        said.unwrap_or_default()
    }

    fn spool(&self, reader: &mut dyn Read, source: &Path) -> io::Result<Value> {
        let spool = self
            .store
            .spool(reader, source)
            .map_err(|failure| match failure {
                // The face has its own message for a source that cannot be read.
                Failure::Store(StoreError {
                    source: Some(error),
                    path,
                    ..
                }) if path == source => error,
                other => io::Error::other(plain(&other)),
            })?;
        let handle = serde_json::to_value(spool.handle()).expect("a handle becomes JSON");
        self.spools.borrow_mut().push(spool);
        Ok(handle)
    }
}

impl Spooler for Opened {
    fn stream(&self, reader: &mut dyn Read) -> io::Result<Value> {
        self.spool(reader, Path::new("the input"))
    }

    fn file(&self, path: &Path) -> io::Result<Value> {
        let mut file = File::open(path)?;
        // Some devices never end, and would fill the disk.
        #[cfg(unix)]
        if std::os::unix::fs::FileTypeExt::is_char_device(&file.metadata()?.file_type()) {
            return Err(io::Error::other(format!(
                "{} is a device; use a file or a pipe",
                path.display()
            )));
        }
        self.spool(&mut file, path)
    }

    fn is_zip(&self, handle: &Value) -> bool {
        serde_json::from_value::<Handle>(handle.clone())
            .is_ok_and(|handle| ends_as_zip(&self.store.spooled(&handle)))
    }
}

impl State for Opened {
    fn config(&self) -> Option<PathBuf> {
        Some(self.store.root().join("aws/config"))
    }

    fn edit_config(&self, edit: &mut dyn FnMut(&str) -> String) -> Result<(), Stop> {
        self.store.edit_config(edit).map_err(stop)
    }

    fn stub(&self, words: &[String]) -> Result<Option<Stub>, Stop> {
        let stubs = self.store.stubs(&self.stubs);
        let stub = stubs.and_then(|stubs| stubs.find(words)).map_err(stop)?;
        if let (Some(observer), Some(_)) = (&self.observer, &stub) {
            observer.stubbed();
        }
        Ok(stub)
    }

    fn call(
        &self,
        service: &str,
        region: &str,
        entry: &Entry,
        request: Value,
    ) -> operation::Result<Value> {
        // A command line can make many calls (pages, polls), but it moves a lesson's clock forward only once. `help`
        // makes no call.
        if let Some(clock) = self.advances.take() {
            clock::move_on(&clock, self.store.clock.now())?;
        }
        // If a command line makes many calls, the reasons of the last call only are printed.
        self.said();
        let asked = (self.hints && self.observer.is_none()).then(|| request.clone());
        let answer = self.with(region, |lambda| match &self.observer {
            Some(observer) => observer.call(service, lambda, entry, request),
            None => entry.call(lambda, request),
        });
        match (answer, asked) {
            (Err(Failure::Service(mut error)), Some(asked)) if error.hint.is_none() => {
                error.hint = astray::hint(self, region, &error, &asked);
                Err(Failure::Service(error))
            }
            (answer, _) => answer,
        }
    }

    fn complete(&self, region: &str, entry: &Entry, request: &Value) -> operation::Result<bool> {
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        self.said();
        let completed = self.with(region, |lambda| match entry.answer() {
            Some(ready) => ready.complete(lambda, request),
            None => lambda.complete(text("FunctionName").unwrap_or_default(), text("Qualifier")),
        });
        self.waited.replace(self.said());
        completed
    }

    fn together(
        &self,
        region: &str,
        calls: &mut dyn FnMut() -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.runner.logs.wait();
        let made = calls();
        let written = self.with(region, |lambda| self.runner.logs.write(lambda.place));
        made.and(written.map_err(stop))
    }

    fn now(&self) -> Timestamp {
        self.store.clock.now()
    }

    fn explained(&self) -> Vec<String> {
        let said = self.said();
        let waited = self.waited.take();
        // The reasons from all polls of a wait explain more than those of its last poll.
        if waited.is_empty() { said } else { waited }
    }
}

/// The path of the state directory. In a rehearsal, returns the path of the fork if the settings name the rehearsed
/// state or nothing.
///
/// # Errors
/// When the name is empty; when there is no name and no home directory to keep the state in; and when the rehearsal has
/// ended.
pub fn root(process: &Process, own: &Own) -> Result<PathBuf, Stop> {
    let (by, named) = match &own.state_dir {
        Some(path) => ("--state-dir", Some(Path::new(path))),
        None => ("LAMBDRY_STATE_DIR", process.path("LAMBDRY_STATE_DIR")),
    };
    let named = match named {
        // An empty name can come from a script's variable that was never set. It must not lead to the state in the home
        // directory.
        Some(path) if path.as_os_str().is_empty() => {
            let cause = format!("{by} has to name the state directory, but it is empty");
            return Err(Stop::Configuration("Configuration", cause));
        }
        Some(path) => Some(process.cwd.join(path)),
        None => None,
    };
    #[cfg(unix)]
    if let Some(led) = led::to(process, named.as_deref())? {
        return Ok(led);
    }
    match named {
        Some(path) => Ok(path),
        None => directories::ProjectDirs::from("", "", "lambdry")
            .map(|dirs| dirs.data_dir().to_owned())
            .ok_or_else(|| {
                Stop::Configuration(
                    "Configuration",
                    "there is no home directory to keep the state in; \
                name a directory with LAMBDRY_STATE_DIR"
                        .to_owned(),
                )
            }),
    }
}

/// The moment at which `LAMBDRY_NOW` freezes time, if it is set.
///
/// # Errors
/// When the variable is not a moment, and not the path of a file that holds a moment.
pub(super) fn frozen(process: &Process) -> Result<Option<Timestamp>, Stop> {
    let Some(name) = process.path("LAMBDRY_NOW") else {
        return Ok(None);
    };
    let wanted = "a time such as 2026-11-22T12:00:00Z, or a file that contains one";
    clock::named(name, &process.cwd)
        .map(Some)
        .ok_or_else(|| setting("LAMBDRY_NOW", &name.to_string_lossy(), wanted))
}

fn setting(name: &str, value: &str, wanted: &str) -> Stop {
    Stop::Configuration(
        "Configuration",
        format!("{name} has to be {wanted}, not {value:?}"),
    )
}

/// Converts a failure that occurred outside a call.
pub fn stop(failure: Failure) -> Stop {
    match failure {
        Failure::Store(error) => error.into(),
        other => Stop::Other(other.to_string()),
    }
}
