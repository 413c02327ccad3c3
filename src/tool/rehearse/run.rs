//! One run of a script. This module handles the fork, the stage, the environment, the script, and the facts that are
//! known after the run.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jiff::Timestamp;

use super::{
    bypass::{self, Bypass},
    calls::{self, Call},
    child::{self, Ended, Limits},
    endpoint::{self, Keys, Visitor},
    environment::{self, Changes},
    folder::Stage,
    guard, led,
    network::{self, Held, Refused},
    not_run, ours,
    processes::Running,
    shell::{
        Attention, Unmade,
        attention::{self, Scripts},
        hook, unmade,
    },
    stage::Rehearsal,
    tally::Losses,
    touched::{self, Suspects, Touched},
    wrapped,
};
use crate::{
    face::{Globals, Settings, exit::Stop, progress::Progress, world::Process},
    state::function::Function,
    store::{Store, moved::Look},
    tool::{
        backend::{self, Opened, stop},
        typed::Shell,
    },
};

/// The plan of a run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The process that asks for the run. It gives the run its environment, its folder and its program.
    pub(crate) process: Process,
    /// The options before the command's name.
    pub(crate) globals: Globals,
    /// The command, word by word.
    pub(crate) command: Vec<String>,
    /// The folder in which the command runs.
    pub(crate) cwd: PathBuf,
    /// True if the script runs on the state itself instead of a fork.
    pub(crate) in_place: bool,
    /// A fault plan for the calls of the script.
    pub(crate) faults: Option<String>,
    /// The condition under which lambdry makes missing functions.
    pub(crate) assume: Assume,
    /// The facts for the stand-in commands. The run adds the facts about the stage.
    pub(crate) rehearsal: Rehearsal,
    /// The network of the script.
    pub(crate) network: Held,
    /// The script's streams: the streams of lambdry, or none.
    pub(crate) streams: Streams,
    /// The time after which lambdry ends the script.
    pub(crate) timeout: Option<Duration>,
    /// The number of calls after which lambdry ends the script.
    pub(crate) most_calls: Option<usize>,
}

/// The condition under which lambdry makes functions that the script uses and the state does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assume {
    /// Only if the state holds no function at all.
    OnEmpty,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A script's stdin, stdout and stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Streams {
    /// The streams of lambdry.
    Ours,
    /// An empty stdin, and a file for the script's output.
    Into(PathBuf),
}

/// The result of a run. The fork of the run exists until this value is dropped.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The way in which the script ended.
    pub(crate) ended: Ended,
    /// The commands that the script ran through lambdry, in order.
    pub(crate) calls: Vec<Call>,
    /// The state directory before the run.
    #[allow(dead_code, reason = "what the report compares the state after it with")]
    pub(crate) before: PathBuf,
    /// The state directory after the run.
    pub(crate) after: PathBuf,
    /// The processes that the script left running, and that lambdry ended.
    pub(crate) leftovers: Vec<Running>,
    /// The clients whose requests were refused.
    pub(crate) visitors: Vec<Visitor>,
    /// The reason why the session's endpoint ended early; `None` if it did not.
    pub(crate) unanswered: Option<String>,
    /// The hosts that the script tried to reach and could not reach.
    pub(crate) refused: Vec<Refused>,
    /// The lines of the script's text that bypass lambdry or may bypass it.
    pub(crate) bypasses: Vec<Bypass>,
    /// The calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// True if the script deleted the rehearsal's own folder; then the report covers only what is left.
    pub(crate) lost: bool,
    /// The faults of the call log.
    pub(crate) losses: Losses,
    /// The other state directories that the script named and used.
    pub(crate) others: Vec<PathBuf>,
    /// The changes of the rehearsed state during the run.
    pub(crate) touched: Vec<Touched>,
    /// The facts that the stand-in commands had.
    pub(crate) rehearsal: Rehearsal,
    /// The duration of the script.
    pub(crate) took: Duration,
    /// The time that it took to set up the stage.
    pub(crate) prepared: Duration,
    /// The stage. It is cleared when this value is dropped.
    stage: Stage,
}

impl Ran {
    /// Returns true if lambdry saw no call of AWS in the run. Such a run shows nothing.
    pub(crate) fn saw_nothing(&self) -> bool {
        !self.calls.iter().any(Call::is_aws)
    }

    /// The exit code of a rehearsal: the script's exit code. If the calls of the run cannot be known, the code is never
    /// a success.
    pub(crate) fn code(&self) -> u8 {
        match self.ended.code {
            0 if self.saw_nothing() || self.lost || self.losses.missing > 0 => 255,
            0 if touched::is_bad(&self.touched) => 255,
            code => code,
        }
    }

    /// The calls and changes of a session. A session has no script of its own. Its processes that still run are not
    /// ended, because a shell and an editor may be among them.
    ///
    /// # Errors
    /// When the call log cannot be read.
    pub(crate) fn of_session(
        process: &Process,
        stage: Stage,
        rehearsal: Rehearsal,
        progress: &mut Progress,
    ) -> Result<Self, Stop> {
        // The endpoint ends before the log is read, so that requests in progress are answered first.
        let unanswered = endpoint::standing::end(stage.root());
        let (calls, losses) = read_calls(&rehearsal, None, &mut Scripts::default())?;
        let look = touched::kept(&stage);
        let touched = touched::judged(
            process,
            &rehearsal,
            look.as_ref(),
            &Suspects {
                calls: &calls,
                cwd: &process.cwd,
                ..Suspects::default()
            },
            progress,
        );
        let in_place = rehearsal.state == rehearsal.parent;
        let before = if in_place {
            stage.fork()
        } else {
            rehearsal.parent.clone()
        };
        let took = calls
            .iter()
            .map(|call| Duration::from_micros(call.took))
            .sum();
        // A session does not end like a script. If its last script ended at a failed call, the session counts as ended
        // in the same way.
        let died = calls
            .last()
            .filter(|call| call.attention == Some(Attention::EndedTheScript));
        Ok(Self {
            ended: Ended {
                code: died.map_or(0, |call| call.code),
                ..Ended::default()
            },
            calls,
            before,
            after: rehearsal.state.clone(),
            leftovers: Vec::new(),
            visitors: endpoint::visitors(stage.root()),
            unanswered,
            refused: network::kept(stage.root()),
            bypasses: Vec::new(),
            unmade: Vec::new(),
            lost: false,
            losses,
            others: led::others(stage.root()),
            touched,
            rehearsal,
            took,
            prepared: Duration::ZERO,
            stage,
        })
    }

    /// Ends a session and clears its stage.
    pub(crate) fn over(&mut self) {
        self.stage.last(false);
    }
}

/// A stage that is ready, so that a script can begin.
#[derive(Debug)]
pub(crate) struct Set {
    /// The stage.
    pub(crate) stage: Stage,
    /// The facts that the stand-in commands need.
    pub(crate) rehearsal: Rehearsal,
    /// The changes to the script's environment.
    pub(crate) changes: Changes,
    /// The state directory before the script.
    pub(crate) before: PathBuf,
    /// The number of functions in the state.
    pub(crate) functions: usize,
    /// The region that the options or the environment give the script, if the state has no function in this region. It
    /// comes with the regions that have functions.
    pub(crate) elsewhere: Option<(String, Vec<String>)>,
    /// The first look at the parent state; `None` if the script works on the parent itself.
    pub(crate) look: Option<Look>,
}

/// Forks the state and sets the stage. A large state takes a while, of which `progress` tells.
///
/// # Errors
/// When the state cannot be read, or the stage cannot be made.
pub(crate) fn set(plan: &Plan, endpoint: &str, progress: &mut Progress) -> Result<Set, Stop> {
    let opened = Opened::new(&plan.process, &plan.globals.own)?;
    let store = &opened.store;
    let root = whole(store.root());
    if root.to_str().is_none() {
        let cause = format!(
            "cannot rehearse on {}: its name is not UTF-8",
            root.display()
        );
        return Err(Stop::Other(cause));
    }
    let now = backend::frozen(&plan.process)?;
    let settings = Settings::load(&plan.process, &Globals::default(), None)?;
    let temporary = std::env::temp_dir();
    let stage = Stage::make(&root, &temporary).context("cannot make a folder for the rehearsal")?;
    let scratch = stage.root().join("clock");
    let mut tell = |what: &str, done, all| progress.tell(what, done, all);
    let look = match plan.in_place {
        true => store.snapshot(&stage.fork(), &mut tell).map(|()| None),
        false => {
            let look = store.look(&scratch, &mut tell);
            look.and_then(|look| store.fork(&stage.fork()).map(|()| Some(look)))
        }
    };
    let look = look.map_err(stop)?;
    let filled = count(store)?;
    let functions = filled.values().sum();
    let region = plan.globals.region.as_deref();
    let region = region
        .or_else(|| plan.process.var("AWS_REGION"))
        .or_else(|| plan.process.var("AWS_DEFAULT_REGION"));
    let elsewhere = region
        .filter(|region| functions > 0 && !filled.contains_key(*region))
        .map(|region| (region.to_owned(), filled.into_keys().collect()));
    let ours = ours::program().context("cannot find this program")?;
    let path = plan.process.env.get(std::ffi::OsStr::new("PATH"));
    let behind = environment::folders_behind(path, stage.root());
    let behind = std::env::join_paths(behind).unwrap_or_default();
    let stubs = store.stubs(&plan.rehearsal.stubs).map_err(stop)?;
    let guarded = guard::names(&behind, &plan.rehearsal.once, &stubs);
    let names: Vec<&str> = guarded
        .iter()
        .map(String::as_str)
        .chain(["aws", "awslocal", "lambdry"])
        .chain(wrapped::NAMES.iter().copied())
        .collect();
    let keys = Keys::made_for(settings.profiles());
    let set_up = || {
        stage.stand_in(ours, &names)?;
        let mut changes =
            environment::changes(&plan.process.env, &settings, &stage, endpoint, &keys)?;
        let led = plan.network.variables(&plan.process.env).into_iter();
        changes.extend(led.map(|(name, value)| (name, Some(value))));
        if let Some((hook, variable)) = plan.network.hook() {
            let hook = stage.write_for_all("node.cjs", hook.as_bytes(), &temporary)?;
            let so_far = plan.process.env.get(std::ffi::OsStr::new(variable));
            let option = network::node_option(so_far, &hook);
            changes.insert(variable.into(), Some(option));
        }
        io::Result::Ok(changes)
    };
    let mut changes = set_up().context("cannot set up the rehearsal")?;
    let (before, state) = if plan.in_place {
        (stage.fork(), root.clone())
    } else {
        (root.clone(), stage.fork())
    };
    let accounts = environment::accounts(&settings);
    let mut own = own_variables(plan, &stage, &state, now);
    // Without a profile, the account of `default` is used only if the state contains this account. Functions that were
    // made without a config file are in lambdry's default account.
    if let Some(account) = accounts.get("default")
        && plan.process.var("LAMBDRY_ACCOUNT_ID").is_none()
        && store
            .scopes()
            .map_err(stop)?
            .iter()
            .any(|scope| scope.account == *account)
    {
        own.push(("LAMBDRY_ACCOUNT_ID".into(), account.into()));
    }
    let rehearsal = Rehearsal {
        state,
        parent: root,
        calls: stage.calls(),
        path: behind.to_string_lossy().into_owned(),
        accounts,
        assume: match plan.assume {
            Assume::OnEmpty => functions == 0,
            Assume::Always => true,
            Assume::Never => false,
        },
        environment: changes
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
            .filter(|(name, _)| !["PATH", "BASH_ENV"].iter().any(|ours| *name == *ours))
            .chain(own.iter().map(|(name, value)| (name, value)))
            .map(|(name, value)| {
                (
                    name.to_string_lossy().into(),
                    value.to_string_lossy().into(),
                )
            })
            .collect(),
        keys,
        proxies: network::variables::own(&plan.process.env),
        ..plan.rehearsal.clone()
    };
    changes.extend(own.into_iter().map(|(name, value)| (name, Some(value))));
    stage
        .describe(&rehearsal)
        .context("cannot set up the rehearsal")?;
    if let Some(look) = &look {
        look.pass(&scratch).map_err(stop)?;
    }
    progress.clear();
    Ok(Set {
        stage,
        rehearsal,
        changes,
        before,
        functions,
        elsewhere,
        look,
    })
}

/// lambdry's own variables that the run sets.
fn own_variables(
    plan: &Plan,
    stage: &Stage,
    state: &Path,
    now: Option<Timestamp>,
) -> Vec<(OsString, OsString)> {
    let mut own: Vec<(OsString, OsString)> = vec![
        ("LAMBDRY_REHEARSAL".into(), stage.root().into()),
        ("LAMBDRY_STATE_DIR".into(), state.into()),
        ("LAMBDRY_CALLS".into(), stage.calls().into()),
    ];
    let stubs = std::env::join_paths(&plan.rehearsal.stubs).unwrap_or_default();
    if !stubs.is_empty() {
        own.push(("LAMBDRY_STUBS".into(), stubs));
    }
    let mut set = |name: &str, value: &str| own.push((name.into(), value.into()));
    let so_far = |name: &str| plan.process.var(name);
    match (plan.globals.own.settle, so_far("LAMBDRY_SETTLE")) {
        (Some(settle), _) => set("LAMBDRY_SETTLE", &format!("{}s", settle.as_secs_f64())),
        (None, Some(settle)) => set("LAMBDRY_SETTLE", settle),
        (None, None) => set("LAMBDRY_SETTLE", "2s"),
    }
    if let Some(now) = now {
        // All calls of a rehearsal start from this one moment. This is also true if the variable named a file with a
        // clock.
        set("LAMBDRY_NOW", &now.to_string());
    }
    for name in ["LAMBDRY_ACCOUNT_ID", "LAMBDRY_SEED"] {
        if let Some(value) = so_far(name) {
            set(name, value);
        }
    }
    if let Some(faults) = plan.faults.as_deref().or_else(|| so_far("LAMBDRY_FAULTS")) {
        set("LAMBDRY_FAULTS", faults);
    }
    if let Some(region) = &plan.globals.region {
        // boto3 reads only `AWS_DEFAULT_REGION`.
        set("AWS_REGION", region);
        set("AWS_DEFAULT_REGION", region);
    }
    if let Some(profile) = &plan.globals.profile {
        set("AWS_PROFILE", profile);
    }
    own
}

/// The absolute path. Links are resolved in the part of the path that exists.
pub(crate) fn whole(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// The number of functions in each region that has functions.
fn count(store: &Store) -> Result<BTreeMap<String, usize>, Stop> {
    let mut count = BTreeMap::new();
    for scope in store.scopes().map_err(stop)? {
        let region = scope.region.clone();
        let place = store.place(scope);
        match place.all::<Function>().names().map_err(stop)?.len() {
            0 => {}
            more => *count.entry(region).or_default() += more,
        }
    }
    Ok(count)
}

/// Runs a script once. `progress` tells of the time before the script starts and after it has ended; `begin` gets the
/// number of functions right before the script starts.
///
/// # Errors
/// When the stage cannot be set, or the script cannot be started.
pub(crate) fn run_once(
    plan: &Plan,
    progress: &mut Progress,
    begin: &mut dyn FnMut(&Set),
) -> Result<Ran, Stop> {
    let began = Instant::now();
    let cannot = "cannot listen on the loopback";
    let listener = endpoint::listen().context(cannot)?;
    let set = set(plan, &endpoint::url(&listener).context(cannot)?, progress)?;
    let process = Process {
        program: "aws".to_owned(),
        env: environment(plan, &set),
        cwd: plan.cwd.clone(),
        ..plan.process.clone()
    };
    let server = endpoint::serve(listener, process, set.stage.root(), &set.rehearsal);
    let server = server.context(cannot)?;
    let bypasses = bypass::search(&plan.command, &plan.cwd);
    let prepared = began.elapsed();
    begin(&set);
    let began = Instant::now();
    let ended = start(plan, &set)?;
    let took = began.elapsed();
    let leftovers = child::end_leftovers(&set.stage);
    // Calls that are in progress must still be written to the log.
    server.end();
    let code = match ended.signal {
        None => Some(ended.code.into()),
        Some(_) => None,
    };
    let mut scripts = Scripts::default();
    let (calls, losses) = read_calls(&set.rehearsal, code, &mut scripts)?;
    let unmade = unmade::of(&plan.command, &plan.cwd, &calls, code, &mut scripts);
    let touched = touched::judged(
        &plan.process,
        &set.rehearsal,
        set.look.as_ref(),
        &Suspects {
            calls: &calls,
            command: &plan.command,
            cwd: &plan.cwd,
            leftovers: &leftovers,
        },
        progress,
    );
    let others = led::others(set.stage.root());
    if let Some(outer) = plan.process.path("LAMBDRY_REHEARSAL") {
        // A rehearsal may run inside another one. A state that the script used in the inner rehearsal was then also
        // used in the outer one.
        others.iter().for_each(|other| led::note(outer, other));
    }
    let after = set.rehearsal.state.clone();
    Ok(Ran {
        ended,
        calls,
        before: set.before,
        after,
        leftovers,
        visitors: endpoint::visitors(set.stage.root()),
        unanswered: None,
        refused: plan.network.refused(),
        bypasses,
        unmade,
        lost: Rehearsal::read(set.stage.root()).is_none(),
        losses,
        others,
        touched,
        rehearsal: set.rehearsal,
        took,
        prepared,
        stage: set.stage,
    })
}

/// The calls of a run, the script's reactions to the calls that failed, and the faults of the log.
fn read_calls(
    rehearsal: &Rehearsal,
    code: Option<i32>,
    scripts: &mut Scripts,
) -> Result<(Vec<Call>, Losses), Stop> {
    let cannot = "cannot read the call log";
    let (mut calls, losses) = calls::read(&rehearsal.calls).context(cannot)?;
    let fired = hook::read(&hook::log(&rehearsal.calls)).context(cannot)?;
    attention::tell(&mut calls, &fired, code, scripts);
    Ok((calls, losses))
}

fn start(plan: &Plan, set: &Set) -> Result<Ended, Stop> {
    let Some((program, words)) = plan.command.split_first() else {
        return Err(Stop::Invalid("no command to rehearse".to_owned()));
    };
    match attempt(plan, set, program, words)? {
        // A file without `#!` runs as a shell script, as in every shell.
        Err(error) if error.raw_os_error() == Some(ENOEXEC) => {
            attempt(plan, set, "/bin/sh", &plan.command)?
        }
        ended => ended,
    }
    .map_err(|error| {
        let typed = Shell::of(&plan.process, false);
        not_run::stop(&plan.command, &plan.cwd, typed, &error)
    })
}

/// The system's error number for a file that is not a program. The number is the same on every Unix.
const ENOEXEC: i32 = 8;

/// Runs a program. The inner result holds the system's error if the program cannot be started.
fn attempt(
    plan: &Plan,
    set: &Set,
    program: &str,
    words: &[String],
) -> Result<io::Result<Ended>, Stop> {
    let mut command = Command::new(program);
    command.args(words).current_dir(&plan.cwd).env_clear();
    command.envs(environment(plan, set));
    #[cfg(target_os = "linux")]
    let nothing_to_read = super::processes::reads_nothing("self");
    #[cfg(not(target_os = "linux"))]
    let nothing_to_read = false;
    if nothing_to_read || plan.streams != Streams::Ours {
        // The file is as empty as `/dev/null`. It is not `/dev/null` itself, which a shell gives to its background jobs
        // as stdin.
        let empty = set.stage.write("stdin", b"").and_then(std::fs::File::open);
        command.stdin(empty.map_or_else(|_| Stdio::null(), Stdio::from));
    }
    if let Streams::Into(file) = &plan.streams {
        let open = || -> io::Result<_> {
            let out = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(file)?;
            Ok((out.try_clone()?, out))
        };
        let (out, err) = open().with_context(|| format!("cannot write {}", file.display()))?;
        command.stdout(out).stderr(err);
    }
    let limits = Limits {
        timeout: plan.timeout,
        calls: plan.most_calls.map(|most| (most, &*set.rehearsal.calls)),
    };
    Ok(child::run(&mut command, limits))
}

/// The script's environment.
pub(crate) fn environment(
    plan: &Plan,
    set: &Set,
) -> std::collections::BTreeMap<OsString, OsString> {
    let mut environment = plan.process.env.clone();
    for (name, value) in &set.changes {
        match value {
            Some(value) => environment.insert(name.clone(), value.clone()),
            None => environment.remove(name),
        };
    }
    environment
}
