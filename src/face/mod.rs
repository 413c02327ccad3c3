//! The `aws` command line as a library: words in, bytes on two streams and an exit code out.
//!
//! [`run`] takes a [`World`] (what a command line can see of the process) and a [`Backend`] (what stands behind
//! it) and does what aws-cli 2.36.7 does. Everything is derived from the operations' request and response types;
//! what AWS itself special-cases stands in `customize`. On the way:
//!
//! * `globals`, `arguments`, `options`: the line is taken apart by argparse's rules, then by clap;
//! * `values`, `shorthand`, `json`, `paramfile`, `blobs`, `input`: words become a request;
//! * `config`: settings and their precedence; `check`: the client-side validation;
//! * `call`, `pagination`, `waiters`, `print`, `skeleton`: the call and its answer;
//! * `alias`: the user's own names for commands;
//! * `custom`, `s3`, `ecr`: commands that are no operations of an API;
//! * `exit`, `nearest`, `help`, `python`: what is said when something is wrong, or asked.

mod alias;
pub(crate) mod arguments;
mod blobs;
pub(crate) mod call;
mod check;
mod config;
mod configure;
pub mod custom;
pub(crate) mod customize;
pub mod ecr;
pub mod exit;
#[cfg(test)]
mod fixtures;
pub(crate) mod globals;
pub(crate) mod help;
mod input;
mod json;
mod nearest;
pub(crate) mod options;
mod pager;
mod pagination;
pub(crate) mod paramfile;
mod print;
mod python;
pub mod s3;
mod shorthand;
mod skeleton;
mod tally;
mod values;
pub(crate) mod waiters;
pub mod world;

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;

use crate::operation::{Entry, Result as Answer};
use crate::output::query::Query;
use crate::output::{self, Style};
use crate::store::stubs::Stub;

use arguments::{Action, Takes};
use call::{Command, Session};
use custom::Custom;
use exit::{Frame, Stop, unknown_options};
use waiters::WAITERS;
use world::{Process, World};

pub use blobs::Spooler;
pub(crate) use config::Settings;
pub use globals::{Globals, Own, settling_time};

/// The version of the AWS CLI that is imitated.
pub const AWS_CLI_VERSION: &str = "2.36.7";

/// Every service of that version, a name a line.
const SERVICES: &str = include_str!("services.txt");

/// Every subcommand of the services that are simulated, in whole or in part: a service a line, its name first. Those
/// of botocore 1.43.11's models and of aws-cli's own making.
const SUBCOMMANDS: &str = include_str!("subcommands.txt");

/// A service with its operations.
#[derive(Debug)]
pub struct Service {
    /// Its word on the line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether a call needs a region.
    pub regional: bool,
    /// Its operations.
    pub entries: Vec<&'static Entry>,
    /// Its commands that are no operations.
    pub commands: &'static [Custom],
    /// Whether it has `wait`.
    pub waits: bool,
}

/// What stands behind the face.
pub trait Backend {
    /// The services that are simulated; the one called `lambda` may be left out on the line under our own name.
    fn services(&self) -> Vec<Service>;

    /// The state directory that the options and the environment name. Creates nothing.
    ///
    /// # Errors
    /// When there can be none.
    fn open(&self, world: &World<'_>, globals: &Globals) -> Result<Box<dyn State>, Stop>;

    /// Our own commands, with a sentence each; they exist only under our own name.
    fn own(&self) -> Vec<(&'static str, &'static str)>;

    /// Runs one of them with the words after it; with an empty name, what a bare call of ours shows. Global
    /// options are those that stood before the name.
    ///
    /// # Errors
    /// What it ends with instead of an exit code.
    fn run_own(
        &self,
        name: &str,
        words: &[String],
        globals: &Globals,
        world: &mut World<'_>,
    ) -> Result<u8, Stop>;

    /// Whether a command line that ended so is taken for a silent success.
    fn pardons(&self, _: &Process, _: &Stop) -> bool {
        false
    }

    /// Told how a command line ended, after its answer was written.
    fn ended(&self, _: &Process, _: &End<'_>) {}
}

/// How a command line ended.
#[derive(Debug)]
pub struct End<'a> {
    /// The exit code.
    pub code: u8,
    /// Why it did not end well.
    pub stop: Option<&'a Stop>,
    /// The form of the answer, by options or settings, once it was known.
    pub output: Option<&'a str>,
    /// `--query`.
    pub query: Option<&'a str>,
}

/// An opened state directory.
pub trait State: Spooler {
    /// Its AWS config file, which wins over the user's.
    fn config(&self) -> Option<PathBuf>;

    /// Rewrites that file, as one edit: it is given the text and answers the new one.
    ///
    /// # Errors
    /// The state directory's.
    fn edit_config(&self, edit: &mut dyn FnMut(&str) -> String) -> Result<(), Stop>;

    /// What a stub answers to a command: the words from the service on, without global options.
    ///
    /// # Errors
    /// Stubs that cannot be read.
    fn stub(&self, words: &[String]) -> Result<Option<Stub>, Stop>;

    /// Calls an operation with a request that the client-side checks let through.
    ///
    /// # Errors
    /// The service's, and the state directory's.
    fn call(&self, service: &str, region: &str, entry: &Entry, request: Value) -> Answer<Value>;

    /// Completes the change in progress of what a request names; answers whether there was one.
    ///
    /// # Errors
    /// The state directory's.
    fn complete(&self, region: &str, request: &Value) -> Answer<bool>;

    /// What the last call did and why, in sentences, where that is asked for.
    fn explained(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Runs a command line; answers its exit code.
pub fn run(world: &mut World<'_>, backend: &dyn Backend) -> u8 {
    let services = backend.services();
    let mut line = Line {
        backend,
        services: &services,
        format: None,
        attempts: 3,
        aliases: Vec::new(),
        explained: Vec::new(),
        output: None,
        query: None,
    };
    let ended = line.run(world).and_then(|code| {
        world.stdout.flush()?;
        Ok(code)
    });
    let pardoned = (ended.as_ref()).is_err_and(|stop| backend.pardons(&world.process, stop));
    let code = match &ended {
        Ok(code) => *code,
        Err(_) if pardoned => 0,
        Err(stop) => stop.code(),
    };
    let end = End {
        code,
        stop: ended.as_ref().err(),
        output: line.output.as_deref(),
        query: line.query.as_deref(),
    };
    backend.ended(&world.process, &end);
    if let Err(stop) = &ended
        && !pardoned
    {
        line.refused(world, stop);
    }
    for sentence in &line.explained {
        // There is nowhere left to say that stderr is gone.
        let _ = writeln!(world.stderr, "explain: {sentence}");
    }
    code
}

/// Whether AWS has a service of that name.
pub(crate) fn is_service(name: &str) -> bool {
    SERVICES.lines().any(|service| service == name)
}

/// The profiles the config files have. `state`: the state directory's config file.
///
/// # Errors
/// A config file that cannot be parsed.
pub fn profiles(process: &Process, state: Option<PathBuf>) -> Result<Vec<String>, Stop> {
    Ok(Settings::load(process, &Globals::default(), state)?.profiles())
}

/// What a call needs, whatever it calls.
struct Ready {
    globals: Globals,
    query: Option<Query>,
    settings: Settings,
    state: Box<dyn State>,
}

impl Ready {
    /// Prints what a stub answers to a command, and answers its exit code; none when there is no stub for it. A JSON
    /// answer is printed as the real one would be, through `--query` and `--output`.
    fn stubbed(&self, world: &mut World<'_>, words: Vec<String>) -> Result<Option<u8>, Stop> {
        let Some(stub) = self.state.stub(&words)? else {
            return Ok(None);
        };
        world.stderr.write_all(stub.stderr.as_bytes())?;
        match serde_json::from_slice(&stub.stdout) {
            Ok(answer @ (Value::Object(_) | Value::Array(_))) if stub.code == 0 => {
                let session = Session {
                    globals: &self.globals,
                    settings: &self.settings,
                    query: self.query.as_ref(),
                    state: &*self.state,
                    service: "",
                    regional: false,
                };
                let title = words.get(1).map(|word| options::camel(word));
                session.print(world, &title.unwrap_or_default(), &answer)?;
            }
            _ => world.stdout.write_all(&stub.stdout)?,
        }
        Ok(Some(stub.code))
    }
}

/// One command line on its way.
struct Line<'b> {
    backend: &'b dyn Backend,
    services: &'b [Service],
    /// The error format, once the settings are read.
    format: Option<exit::ErrorFormat>,
    attempts: u32,
    /// The aliases that were expanded.
    aliases: Vec<Vec<String>>,
    /// What the call did and why, where that is asked for.
    explained: Vec<String>,
    output: Option<String>,
    query: Option<String>,
}

impl<'b> Line<'b> {
    /// Says how the line ended that did not end well.
    fn refused(&self, world: &mut World<'_>, stop: &Stop) {
        // What was printed before the error belongs in front of it; a reader who is gone does not care.
        let _ = world.stdout.flush();
        let format = self.format.unwrap_or_else(|| {
            // The line did not get as far as its settings: what stands outside it still counts.
            let globals = Globals::default();
            let settings = Settings::load(&world.process, &globals, None);
            settings
                .map(|settings| settings.error_format(&world.process, &globals))
                .unwrap_or_default()
        });
        let frame = Frame {
            program: &world.process.program,
            format,
            attempts: self.attempts,
        };
        let render = |format: &str, value: &Value, out: &mut dyn Write| {
            let format = format.parse().unwrap_or(output::Format::Json);
            let text = output::render(format, value, "error", &Style::default());
            out.write_all(text.unwrap_or_else(|error| error.partial).as_bytes())
        };
        let hint = match stop {
            Stop::Usage(_) | Stop::Unknown(_) => Some(self.where_help_is(world)),
            stop => stop.hint().map(str::to_owned),
        };
        let told: io::Result<()> =
            exit::report(stop, &frame, &render, world.stderr).and_then(|()| match hint {
                Some(hint) if world.process.hints() => writeln!(world.stderr, "hint: {hint}"),
                _ => Ok(()),
            });
        // There is nowhere left to say that stderr is gone.
        drop(told);
    }

    fn run(&mut self, world: &mut World<'_>) -> Result<u8, Stop> {
        let words = words(world)?;
        match self.dispatch(world, &words) {
            // A kindness where aws only fails.
            Err(Stop::Usage(_) | Stop::Unknown(_))
                if !world.process.is_aws()
                    && words.iter().any(|word| word == "--help" || word == "-h") =>
            {
                self.help(world, &words).map(|()| 0)
            }
            ended => ended,
        }
    }

    fn dispatch(&mut self, world: &mut World<'_>, words: &[String]) -> Result<u8, Stop> {
        globals::refuse_contradiction(words)?;
        let is_aws = world.process.is_aws();
        let own = if is_aws {
            Vec::new()
        } else {
            self.backend.own()
        };
        if !is_aws && let Some(at) = own_command(words, &own) {
            let globals = read_globals(world, &words[..at])?;
            let (name, rest) = words[at..]
                .split_first()
                .map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
            return self.backend.run_own(name, rest, &globals, world);
        }
        let table = globals::table(is_aws);
        let mut actions: Vec<Action> = table.iter().map(|opt| opt.action.clone()).collect();
        actions.push(Action::new("command", Takes::One).required());
        let taken = arguments::parse(&actions, words)?;
        if taken.version {
            version(world)?;
            return Ok(0);
        }
        let command = taken
            .words(actions.len() - 1)
            .and_then(|words| words.first())
            .cloned()
            .unwrap_or_default();
        if is_aws {
            let line: Vec<String> = std::iter::once(command.clone())
                .chain(taken.rest.iter().cloned())
                .collect();
            let aliases = alias::load(&world.process)?;
            let services = self.services;
            let is_subcommand = |words: &[String]| is_subcommand(services, words);
            match alias::expand(&aliases, &line, &mut self.aliases, &is_subcommand)? {
                Some(alias::Meaning::Shell(line)) => return alias::shell(world, &line),
                // Of global options the last one counts, so those of the alias go behind.
                Some(alias::Meaning::Words(line)) => {
                    let words: Vec<String> = taken.spelled(&actions).chain(line).collect();
                    return self.dispatch(world, &words);
                }
                None => {}
            }
        }
        if own.iter().any(|(name, _)| *name == command) {
            // Behind an abbreviated global option, which only the parse could tell from a word.
            let globals =
                globals::read(&options::given(&world.process.program, "", &table, &taken)?)?;
            return self.backend.run_own(&command, &taken.rest, &globals, world);
        }
        let configures = command == "configure";
        let service = if configures {
            Ok(None)
        } else {
            self.service_of(world, &command, &own)
        };
        let given = options::given(&world.process.program, "", &table, &taken)?;
        let ready = self.ready(world, &given);
        let (service, ready) = match (service, ready) {
            (Ok(service), ready) => (service, ready?),
            // What is no command of ours may be one that a stub answers.
            (Err(stop), Ok(ready)) => {
                let words = std::iter::once(command).chain(taken.rest).collect();
                let stubbed = ready.stubbed(world, words)?;
                self.format = None;
                return stubbed.ok_or(stop);
            }
            (Err(stop), Err(_)) => {
                self.format = None;
                return Err(stop);
            }
        };
        if command != "help" {
            let (name, operation) = match &service {
                Some((service, operation)) => (service.name, operation.clone()),
                None => (command.as_str(), None),
            };
            let words = std::iter::once(name.to_owned()).chain(operation);
            let words = words.chain(taken.rest.iter().cloned()).collect();
            if let Some(code) = ready.stubbed(world, words)? {
                return Ok(code);
            }
        }
        let Ready {
            globals,
            query,
            settings,
            state,
        } = ready;
        if configures {
            return configure::run(world, &*state, &settings, &globals, &taken.rest);
        }
        let Some((service, operation)) = service else {
            match taken.rest.first() {
                // `lambdry help publish-version`, as other programs take it.
                Some(name) if own.iter().any(|(own, _)| own == name) => {
                    return self
                        .backend
                        .run_own(name, &["help".to_owned()], &globals, world);
                }
                Some(_) if !is_aws => self.help(world, &taken.rest)?,
                _ => help::main(world, self.services, &own)?,
            }
            return Ok(0);
        };
        let mut rest = taken.rest;
        if let Some(operation) = operation {
            rest.insert(0, operation);
        }
        let session = Session {
            globals: &globals,
            settings: &settings,
            query: query.as_ref(),
            state: &*state,
            service: service.name,
            regional: service.regional,
        };
        let ended = run_service(world, &session, service, &rest);
        self.explained = state.explained();
        ended
    }

    /// Reads the global options and the settings, and opens the state directory.
    fn ready(&mut self, world: &World<'_>, given: &options::Given) -> Result<Ready, Stop> {
        // Whatever is found wrong from here on is told in the form asked for.
        self.format = given
            .one("--cli-error-format")
            .and_then(exit::ErrorFormat::named);
        let globals = globals::read(given)?;
        let query = match &globals.query {
            Some(text) => Some(Query::compile(text).map_err(|error| {
                Stop::Invalid(format!("Bad value for --query {text}: {error}"))
            })?),
            None => None,
        };
        let state = self.backend.open(world, &globals)?;
        let settings = Settings::load(&world.process, &globals, state.config())?;
        self.output = Some(settings.output(&world.process, &globals).to_owned());
        self.query.clone_from(&globals.query);
        self.format = Some(settings.error_format(&world.process, &globals));
        // One that is wrong is told where the call would be made.
        self.attempts = settings.attempts(&world.process).unwrap_or(self.attempts);
        Ok(Ready {
            globals,
            query,
            settings,
            state,
        })
    }

    /// The service a word means, and the operation if the word was that; none for `help`.
    fn service_of(
        &self,
        world: &World<'_>,
        word: &str,
        own: &[(&'static str, &'static str)],
    ) -> Result<Option<(&'b Service, Option<String>)>, Stop> {
        if word == "help" {
            return Ok(None);
        }
        let lambda = self
            .services
            .iter()
            .find(|service| service.name == "lambda" && !world.process.is_aws());
        if let Some(lambda) = lambda
            && subcommands(lambda).iter().any(|name| name == word)
        {
            return Ok(Some((lambda, Some(word.to_owned()))));
        }
        if let Some(service) = self.services.iter().find(|service| service.name == word) {
            return Ok(Some((service, None)));
        }
        if is_service(word) {
            // The first plain word after the service names what was wanted, for the message only.
            let words = world.process.args.iter().filter_map(|word| word.to_str());
            let operation = words
                .skip_while(|other| *other != word)
                .nth(1)
                .filter(|word| !word.starts_with('-'));
            let wanted = operation.map_or_else(
                || word.to_owned(),
                |operation| format!("{word} {operation}"),
            );
            return Err(not_simulated(&wanted));
        }
        let mut names: Vec<String> = own.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(lambda.map(subcommands).unwrap_or_default());
        names.extend(SERVICES.lines().map(str::to_owned));
        names.push("help".to_owned());
        Err(arguments::invalid_choice("command", word, &names))
    }

    /// Which page tells how the line should have been written: the operation's, if one was named.
    fn where_help_is(&self, world: &World<'_>) -> String {
        let program = &world.process.program;
        let words = world.process.args.iter().filter_map(|word| word.to_str());
        let named = words.filter(|word| !word.starts_with('-')).find(|word| {
            let mut entries = self.services.iter().flat_map(|service| &service.entries);
            entries.any(|entry| options::kebab(entry.name) == *word)
        });
        match named {
            Some(operation) => format!("{program} {operation} help shows its options and examples"),
            None => format!("{program} help lists commands and options"),
        }
    }

    /// The page for as much of a line as names something.
    fn help(&self, world: &mut World<'_>, words: &[String]) -> Result<(), Stop> {
        let own = self.backend.own();
        let mut plain = words
            .iter()
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'))
            .peekable();
        let service = match plain.peek() {
            Some(word) => self.services.iter().find(|service| service.name == *word),
            None => None,
        };
        if service.is_some() {
            plain.next();
        }
        let Some(listed) = service.or_else(|| {
            self.services
                .iter()
                .find(|service| service.name == "lambda")
        }) else {
            return help::main(world, self.services, &own);
        };
        let word = plain.next().unwrap_or_default();
        if word == "wait" && listed.waits {
            return match WAITERS
                .iter()
                .find(|waiter| plain.clone().any(|word| word == waiter.command))
            {
                Some(waiter) => operation_help(world, listed, waiter.operation, Some(waiter)),
                None => help::wait(world),
            };
        }
        match listed
            .entries
            .iter()
            .find(|entry| options::kebab(entry.name) == word)
        {
            Some(entry) => operation_help(world, listed, entry.name, None),
            None if service.is_some() => help::service(world, listed),
            None => help::main(world, self.services, &own),
        }
    }
}

fn operation_help(
    world: &mut World<'_>,
    service: &Service,
    operation: &str,
    waiter: Option<&waiters::Waiter>,
) -> Result<(), Stop> {
    let Some(entry) = service.entries.iter().find(|entry| entry.name == operation) else {
        return help::service(world, service);
    };
    let command = Command {
        service: service.name,
        entry,
        waiter,
    };
    let table = command.table(world.process.is_aws());
    help::operation(world, &command, &table)
}

/// The words of the line as text.
fn words(world: &World<'_>) -> Result<Vec<String>, Stop> {
    let words = world.process.args.iter().map(|word| {
        word.to_str().map(str::to_owned).ok_or_else(|| {
            Stop::Other(format!(
                "the argument {} is not UTF-8 text",
                python::repr(&word.to_string_lossy())
            ))
        })
    });
    words.collect()
}

/// Where one of our own commands stands: the first word that is no global option, if it is one. A line without
/// any word but options is ours too, at its end.
fn own_command(words: &[String], own: &[(&'static str, &'static str)]) -> Option<usize> {
    let table = globals::table(false);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            return own.iter().any(|(name, _)| name == word).then_some(at);
        }
        let opt = table.iter().find(|opt| {
            opt.name() == word.split_once('=').map_or(word.as_str(), |(name, _)| name)
        })?;
        if opt.action.kind == arguments::Kind::Version {
            return None;
        }
        at += if opt.action.takes == Takes::Nothing || word.contains('=') {
            1
        } else {
            2
        };
    }
    Some(words.len().min(at))
}

/// The global options among words that hold nothing else.
fn read_globals(world: &World<'_>, words: &[String]) -> Result<Globals, Stop> {
    let table = globals::table(world.process.is_aws());
    let actions: Vec<Action> = table.iter().map(|opt| opt.action.clone()).collect();
    let taken = arguments::parse(&actions, words)?;
    globals::read(&options::given(&world.process.program, "", &table, &taken)?)
}

/// The region a command of our own works in, found as for any call. `config`: the state directory's config file.
///
/// # Errors
/// A config file that cannot be parsed, a region that is none, and under `aws` none at all.
pub fn region(
    process: &Process,
    globals: &Globals,
    config: Option<PathBuf>,
) -> Result<String, Stop> {
    Settings::load(process, globals, config)?.region(process, globals, "lambda")
}

/// The whole command line as clap sees it, for completions and man pages. The options are typed freely in it,
/// not in the canonical form that calls are parsed in.
pub fn command_tree(program: &str, services: &[Service]) -> clap::Command {
    let globals = globals::table(program == "aws");
    let mut root = options::command(
        program,
        "Lambda's versions and aliases, on this machine.",
        &globals,
    );
    for service in services {
        let mut node = options::command(service.name, service.about, &[]);
        let operation = |entry: &Entry, waiter: Option<&waiters::Waiter>| {
            let command = Command {
                service: service.name,
                entry,
                waiter,
            };
            let table = command.table(program == "aws");
            options::command(&command.name(), &command.about(), &table)
        };
        for entry in &service.entries {
            node = node.subcommand(operation(entry, None));
        }
        for custom in service.commands {
            node = node.subcommand(options::command(custom.name, custom.about, &custom.table()));
        }
        if service.waits {
            let mut wait = options::command("wait", "Waits until a function is as wanted.", &[]);
            for waiter in &WAITERS {
                if let Some(entry) = service
                    .entries
                    .iter()
                    .find(|entry| entry.name == waiter.operation)
                {
                    wait = wait.subcommand(operation(entry, Some(waiter)));
                }
            }
            node = node.subcommand(wait);
        }
        root = root.subcommand(node);
    }
    typed_freely(root)
}

fn typed_freely(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| arg.require_equals(false))
        .mut_subcommands(typed_freely)
}

/// Every subcommand of a service, whether it is simulated or not.
fn subcommands(service: &Service) -> Vec<String> {
    let mut lines = SUBCOMMANDS.lines().map(str::split_whitespace);
    let named = lines.find_map(|mut words| {
        (words.next() == Some(service.name)).then(|| words.map(str::to_owned).collect())
    });
    named.unwrap_or_default()
}

/// Whether words are a service and a subcommand of it, or of its `wait`.
fn is_subcommand(services: &[Service], words: &[String]) -> bool {
    let named = |name: &String| services.iter().find(|service| service.name == *name);
    match words {
        [service, name] => {
            named(service).is_some_and(|service| subcommands(service).contains(name))
        }
        [service, wait, name] => {
            wait == "wait"
                && named(service).is_some_and(|service| service.waits)
                && WAITERS.iter().any(|waiter| waiter.command == name)
        }
        _ => false,
    }
}

fn not_simulated(what: &str) -> Stop {
    Stop::NotSimulated(
        format!("'aws {what}' is not simulated"),
        "nothing has left this machine, and nothing was changed. A line in the file stubs of the state directory can answer it."
            .to_owned(),
    )
}

fn run_service(
    world: &mut World<'_>,
    session: &Session<'_>,
    service: &Service,
    words: &[String],
) -> Result<u8, Stop> {
    let mut names = subcommands(service);
    names.push("help".to_owned());
    // A service of commands alone is taken apart as `wait` is.
    let action = match service.entries.is_empty() {
        true => Action::new("subcommand", Takes::Optional),
        false => Action::new("operation", Takes::One).required(),
    };
    let taken = arguments::parse(&[action.of(arguments::Kind::Choice(names))], words)?;
    let Some(word) = taken.words(0).and_then(|words| words.first()).cloned() else {
        return Err(too_few(world, service.name, &taken.rest));
    };
    if word == "help" {
        return help::service(world, service).map(|()| 0);
    }
    if word == "wait" && service.waits {
        return run_wait(world, session, service, &taken.rest).map(|()| 0);
    }
    if let Some(custom) = service.commands.iter().find(|custom| custom.name == word) {
        return custom::run(world, session, custom, &taken.rest);
    }
    match service
        .entries
        .iter()
        .find(|entry| options::kebab(entry.name) == word)
    {
        Some(entry) => call::run(
            world,
            session,
            &Command {
                service: service.name,
                entry,
                waiter: None,
            },
            &taken.rest,
        )
        .map(|()| 0),
        None => {
            let waited = taken.rest.first().filter(|_| word == "wait");
            let waited = waited.map(|name| format!(" {name}")).unwrap_or_default();
            Err(not_simulated(&format!("{} {word}{waited}", service.name)))
        }
    }
}

fn run_wait(
    world: &mut World<'_>,
    session: &Session<'_>,
    service: &Service,
    words: &[String],
) -> Result<(), Stop> {
    if words == ["help"] {
        return help::wait(world);
    }
    let names = WAITERS
        .iter()
        .map(|waiter| waiter.command.to_owned())
        .collect();
    let subcommand = Action::new("subcommand", Takes::Optional).of(arguments::Kind::Choice(names));
    let taken = arguments::parse(&[subcommand], words)?;
    let Some(word) = taken.words(0).and_then(|words| words.first()) else {
        return Err(too_few(
            world,
            &format!("{} wait", service.name),
            &taken.rest,
        ));
    };
    let mut rest = words.to_vec();
    if let Some(at) = rest.iter().position(|other| other == word) {
        rest.remove(at);
    }
    let waiter = WAITERS.iter().find(|waiter| waiter.command == word);
    let entry = waiter.and_then(|waiter| {
        service
            .entries
            .iter()
            .find(|entry| entry.name == waiter.operation)
    });
    match entry {
        Some(entry) => {
            let command = Command {
                service: service.name,
                entry,
                waiter,
            };
            call::run(world, session, &command, &rest)
        }
        None => Err(not_simulated(&format!("{} wait {word}", service.name))),
    }
}

/// The error for a line that stops where a subcommand should stand.
fn too_few(world: &World<'_>, before: &str, rest: &[String]) -> Stop {
    if !rest.is_empty() {
        return unknown_options(&rest);
    }
    let program = &world.process.program;
    Stop::Invalid(format!(
        "usage: {program} [options] {before} <subcommand> [parameters]\n{program}: [ERROR]: too few arguments"
    ))
}

/// What `--version` prints: under `aws` in its shape, so that a script's test for version 2 holds.
fn version(world: &mut World<'_>) -> Result<(), Stop> {
    let ours = env!("CARGO_PKG_VERSION");
    if !world.process.is_aws() {
        writeln!(
            world.stdout,
            "lambdry {ours} (answers as aws-cli {AWS_CLI_VERSION})"
        )?;
        return Ok(());
    }
    let system = match std::env::consts::OS {
        "macos" => "Darwin",
        "windows" => "Windows",
        _ => "Linux",
    };
    let within = world
        .process
        .var("AWS_EXECUTION_ENV")
        .map(|name| format!(" exec-env/{name}"))
        .unwrap_or_default();
    writeln!(
        world.stdout,
        "aws-cli/{AWS_CLI_VERSION} Python/3.11.7 {system}/lambdry-{ours}{within} source/{}",
        std::env::consts::ARCH
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
