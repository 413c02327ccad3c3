//! The run of one command line: the global options, the command, and the exit.

use std::io::{self, Write};

use serde_json::Value;

use super::{
    AWS_CLI_VERSION, Backend, End, Globals, OwnCommands, Service, Settings, State, alias,
    arguments::{self, Action, Takes},
    call::{Command, Session},
    configure, customize, debug, encoding,
    exit::{self, Frame, Stop},
    globals, help, hints,
    nearest::likely,
    options, python, service, waiters,
    world::{Process, World},
};
use crate::output::{self, Style, query::Query};

/// The options, the settings and the state that every call needs.
struct Ready {
    globals: Globals,
    query: Option<Query>,
    settings: Settings,
    state: Box<dyn State>,
}

impl Ready {
    /// Prints a stub's answer to a command and returns its exit code; `None` if no stub matches. A JSON answer is
    /// printed like a real one, through `--query` and `--output`.
    fn stubbed(&self, world: &mut World<'_>, words: Vec<String>) -> Result<Option<u8>, Stop> {
        let Some(stub) = self.state.stub(&words)? else {
            return Ok(None);
        };
        world.stderr.write_all(stub.stderr.as_bytes())?;
        match serde_json::from_slice(&stub.stdout) {
            Ok(answer @ (Value::Object(_) | Value::Array(_))) if stub.code == 0 => {
                self.print(world, &words, &answer)?;
            }
            _ => world.stdout.write_all(&stub.stdout)?,
        }
        Ok(Some(stub.code))
    }

    /// Prints the answer of a command that is not one of our operations.
    fn print(&self, world: &mut World<'_>, words: &[String], answer: &Value) -> Result<(), Stop> {
        let session = Session {
            globals: &self.globals,
            settings: &self.settings,
            query: self.query.as_ref(),
            state: &*self.state,
            service: "",
            regional: false,
        };
        let title = words.get(1).map(|word| options::camel(word));
        session.print(world, &title.unwrap_or_default(), answer)
    }
}

/// One command line in progress.
pub(super) struct CommandLine<'b> {
    backend: &'b dyn Backend,
    services: &'b [Service],
    /// The error format, once the settings are read.
    format: Option<exit::ErrorFormat>,
    attempts: u32,
    /// The aliases that are already expanded.
    aliases: Vec<Vec<String>>,
    /// The effects of the call and their reasons, if an explanation was requested.
    explained: Vec<String>,
    output: Option<String>,
    query: Option<String>,
    /// The global options, as soon as they have been read.
    globals: Globals,
}

impl<'b> CommandLine<'b> {
    /// A line that is not parsed yet.
    pub(super) fn new(backend: &'b dyn Backend, services: &'b [Service]) -> Self {
        Self {
            backend,
            services,
            format: None,
            attempts: 3,
            aliases: Vec::new(),
            explained: Vec::new(),
            output: None,
            query: None,
            globals: Globals::default(),
        }
    }

    /// Runs the line. Returns its exit code.
    pub(super) fn end(mut self, world: &mut World<'_>) -> u8 {
        let ended = self.run(world).and_then(|code| {
            world.stdout.flush()?;
            Ok(code)
        });
        let ended = match ended {
            Err(Stop::Unanswered(what)) => {
                let elsewhere = self.backend.elsewhere(world);
                elsewhere.unwrap_or(Err(Stop::Unanswered(what)))
            }
            ended => ended,
        };
        let pardoned = (ended.as_ref()).is_err_and(|stop| self.backend.pardons(stop));
        let code = match &ended {
            Ok(code) => *code,
            Err(_) if pardoned => 0,
            Err(stop) => stop.code(),
        };
        let end = End {
            code,
            stop: ended.as_ref().err(),
            output: self.output.as_deref(),
            query: self.query.as_deref(),
        };
        self.backend.ended(&world.process, &end);
        if let Err(stop) = &ended
            && !pardoned
        {
            self.refused(world, stop);
        }
        for sentence in &self.explained {
            // Errors of stderr cannot be reported.
            let _ = writeln!(world.stderr, "explain: {sentence}");
        }
        code
    }

    /// Reports the error that ended the line.
    fn refused(&self, world: &mut World<'_>, stop: &Stop) {
        // Text printed before the error must come first. A closed stdout does not matter here.
        let _ = world.stdout.flush();
        let format = self.format.unwrap_or_else(|| {
            // If the line failed before its settings were read, the environment and the config files decide the format.
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
            Stop::Unknown(words) => customize::misspelt(words.iter().map(String::as_str))
                .map(str::to_owned)
                .or_else(|| Some(self.where_help_is(world))),
            Stop::Usage(text) => Some(self.advice(world, text)),
            stop => stop
                .hint()
                .map(str::to_owned)
                .or_else(|| hints::of(stop, &world.process)),
        };
        let told: io::Result<()> =
            exit::report(stop, &frame, &render, world.stderr).and_then(|()| match hint {
                Some(hint) if world.process.hints() => {
                    writeln!(world.stderr, "hint: {}", output::shown::lines(&hint))
                }
                _ => Ok(()),
            });
        // Errors of stderr cannot be reported.
        drop(told);
    }

    fn run(&mut self, world: &mut World<'_>) -> Result<u8, Stop> {
        let words = words(world)?;
        match self.dispatch(world, &words) {
            // Under our own name, --help and -h show the help page. With `aws`, they are an error.
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
        let own = if is_aws { &[] } else { self.backend.own() };
        let table = globals::table(is_aws);
        let mut actions: Vec<Action> = table.iter().map(|opt| opt.action.clone()).collect();
        if !is_aws && let Some(at) = own_command(&actions, words, own) {
            let taken = arguments::parse(&actions, &words[..at])?;
            let globals = globals::read(&options::given(&table, &taken))?;
            let (name, rest) = words[at..]
                .split_first()
                .map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
            return self.backend.run_own(name, rest, &globals, world);
        }
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
            let is_subcommand = |words: &[String]| service::is_subcommand(services, words);
            match alias::expand(&aliases, &line, &mut self.aliases, &is_subcommand)? {
                Some(alias::Meaning::Shell(line)) => return alias::shell(world, &line),
                // If a global option is repeated, the last one counts. The options of the alias come after those of the
                // line, so the alias has priority.
                Some(alias::Meaning::Words(line)) => {
                    let words: Vec<String> = taken.spelled(&actions).chain(line).collect();
                    return self.dispatch(world, &words);
                }
                None => {}
            }
        }
        if own.iter().any(|(name, _)| *name == command) {
            // The command comes after an abbreviated global option. Only the parser can distinguish such an option from
            // a word.
            let globals = globals::read(&options::given(&table, &taken))?;
            return self.backend.run_own(&command, &taken.rest, &globals, world);
        }
        let configures = command == "configure";
        let service = if configures {
            Ok(None)
        } else {
            self.service_of(world, &command, own)
        };
        let given = options::given(&table, &taken);
        if given.has("--debug") {
            debug::begin(world, words)?;
        }
        let ready = self.ready(world, &given);
        let (service, ready) = match (service, ready) {
            (Ok(service), ready) => (service, ready?),
            // Falls back to a stub when no command of ours has this name.
            (Err(stop), Ok(ready)) => {
                let words: Vec<String> = std::iter::once(command).chain(taken.rest).collect();
                let stubbed = ready.stubbed(world, words.clone())?;
                if stubbed.is_none()
                    && let Some(answer) = self.backend.learned(&stop, &words)
                {
                    ready.print(world, &words, &answer)?;
                }
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
                // Users know this form from other programs: `lambdry help publish-version`.
                Some(name) if own.iter().any(|(own, _)| own == name) => {
                    return self
                        .backend
                        .run_own(name, &["help".to_owned()], &globals, world);
                }
                Some(name) if help::topic(world, name)? => {}
                Some(name) if !is_aws => {
                    if name != "configure" {
                        self.service_of(world, name, own)?;
                    }
                    self.help(world, &taken.rest)?;
                }
                _ => help::main(world, self.services, own)?,
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
        let ended = service::run(world, &session, service, &rest);
        self.explained = state.explained();
        if let Err(stop) = &ended {
            let title = rest.first().map(|word| options::camel(word));
            rest.insert(0, service.name.to_owned());
            // A resource that was never created may have an answer that was learned.
            if let Some(answer) = self.backend.learned(stop, &rest) {
                session.print(world, &title.unwrap_or_default(), &answer)?;
            }
        }
        ended
    }

    /// Reads the global options and the settings, and opens the state directory.
    fn ready(&mut self, world: &World<'_>, given: &options::Given) -> Result<Ready, Stop> {
        // After this line, errors are reported in the requested format.
        self.format = given
            .one("--cli-error-format")
            .and_then(exit::ErrorFormat::named);
        let globals = globals::read(given)?;
        self.globals = globals.clone();
        let query = match &globals.query {
            Some(text) => Some(Query::compile(text).map_err(|cause| {
                Stop::Invalid(format!("Bad value for --query {text}: {cause}"))
            })?),
            None => None,
        };
        let state = self.backend.open(world, &globals)?;
        let settings = Settings::load(&world.process, &globals, state.config())?;
        self.output = Some(settings.output(&world.process, &globals).to_owned());
        encoding::demand_output(&world.process)?;
        self.query.clone_from(&globals.query);
        self.format = Some(settings.error_format(&world.process, &globals));
        // A wrong number is reported only when the call is made.
        self.attempts = settings.attempts(&world.process).unwrap_or(self.attempts);
        Ok(Ready {
            globals,
            query,
            settings,
            state,
        })
    }

    /// The service that a word names. If the word is an operation, also returns the operation. Returns `None` for
    /// `help`.
    fn service_of(
        &self,
        world: &World<'_>,
        word: &str,
        own: OwnCommands,
    ) -> Result<Option<(&'b Service, Option<String>)>, Stop> {
        if word == "help" {
            return Ok(None);
        }
        let lambda = self
            .services
            .iter()
            .find(|service| service.name == "lambda" && !world.process.is_aws());
        if let Some(lambda) = lambda
            && service::subcommands(lambda).any(|name| name == word)
        {
            return Ok(Some((lambda, Some(word.to_owned()))));
        }
        if let Some(service) = self.services.iter().find(|service| service.name == word) {
            return Ok(Some((service, None)));
        }
        if service::is_service(word) {
            // The first plain word after the service is the operation. Only the message uses it.
            let words = world.process.args.iter().filter_map(|word| word.to_str());
            let operation = words
                .skip_while(|other| *other != word)
                .nth(1)
                .filter(|word| !word.starts_with('-'));
            let wanted = operation.map_or_else(
                || word.to_owned(),
                |operation| format!("{word} {operation}"),
            );
            return Err(service::not_simulated(&wanted));
        }
        let mut names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
        names.extend(lambda.into_iter().flat_map(service::subcommands));
        names.extend(service::known());
        names.push("help");
        Err(arguments::invalid_choice("command", word, &names))
    }

    /// The hint for a line that cannot be parsed.
    fn advice(&self, world: &World<'_>, text: &str) -> String {
        let program = &world.process.program;
        if let Some(word) = hints::unknown_command(text, &world.process) {
            let own = self.backend.own().iter().map(|(name, _)| *name);
            let lambda = self
                .services
                .iter()
                .filter(|service| service.name == "lambda");
            let names: Vec<&str> = own
                .chain(lambda.flat_map(service::subcommands))
                .chain(["configure", "help"])
                .collect();
            let near = likely(&word, names.iter().copied());
            if !near.is_empty() {
                let near: Vec<String> = near
                    .iter()
                    .map(|name| format!("{program} {name}"))
                    .collect();
                return format!("perhaps {}", near.join(", or "));
            }
        }
        let where_help_is = self.where_help_is(world);
        if text.contains("arguments are required: --function-name") {
            let names = self.backend.functions(&world.process, &self.globals);
            if let Some(named) = hints::functions(&names) {
                return format!("{named}; {where_help_is}");
            }
        }
        hints::of_usage(text).unwrap_or(where_help_is)
    }

    /// The hint that names the help page to read. It is the operation's page if the line names an operation.
    fn where_help_is(&self, world: &World<'_>) -> String {
        let program = &world.process.program;
        let words = world.process.args.iter().filter_map(|word| word.to_str());
        let words: Vec<&str> = words.filter(|word| !word.starts_with('-')).collect();
        let service = |name: &str| self.services.iter().find(|service| service.name == name);
        // The word after a service is an operation of that service. Without a service, it is an operation of lambda.
        let named = words.iter().zip(words.iter().skip(1));
        let named = named.filter_map(|(name, word)| Some((service(name)?, *word)));
        let lambda = words
            .iter()
            .filter_map(|word| Some((service("lambda")?, *word)));
        let mut named = named.chain(lambda);
        match named.find(|(service, word)| service.entry(word).is_some()) {
            Some((service, operation)) if service.name == "lambda" => {
                format!("{program} {operation} help shows its options and examples")
            }
            Some((service, operation)) => {
                let service = service.name;
                format!("{program} {service} {operation} help shows its options and examples")
            }
            None => format!("{program} help lists commands and options"),
        }
    }

    /// Prints the help page for the service, command or operation that the line names.
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
            return help::main(world, self.services, own);
        };
        let word = plain.next().unwrap_or_default();
        if word == "wait" && listed.waits() {
            return match waiters::of(listed.name)
                .find(|waiter| plain.clone().any(|word| word == waiter.command))
            {
                Some(waiter) => operation_help(world, listed, waiter.operation, Some(waiter)),
                None => help::wait(world, listed.name),
            };
        }
        match listed.entry(word) {
            Some(entry) => operation_help(world, listed, entry.name, None),
            None if service.is_some() => help::service(world, listed),
            None => help::main(world, self.services, own),
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

/// The index of the first word that is not a global option, if that word is one of our own commands. If the line has
/// only options, the line also counts as ours, and the index is the end of the line.
fn own_command(actions: &[Action], words: &[String], own: OwnCommands) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            return own.iter().any(|(name, _)| name == word).then_some(at);
        }
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        let action = actions.iter().find(|action| action.name == name)?;
        if action.kind == arguments::ValueType::Version {
            return None;
        }
        at += if action.takes == Takes::Nothing || word.contains('=') {
            1
        } else {
            2
        };
    }
    Some(words.len().min(at))
}

/// Prints the version.
fn version(world: &mut World<'_>) -> Result<(), Stop> {
    let text = version_text(&world.process);
    writeln!(world.stdout, "{text}")?;
    Ok(())
}

/// The version text of the program. Under `aws` it has the form that scripts parse.
pub(super) fn version_text(process: &Process) -> String {
    let ours = env!("CARGO_PKG_VERSION");
    if !process.is_aws() {
        return format!("lambdry {ours} (answers as aws-cli {AWS_CLI_VERSION})");
    }
    let system = match std::env::consts::OS {
        "macos" => "Darwin",
        "windows" => "Windows",
        _ => "Linux",
    };
    let within = process
        .var("AWS_EXECUTION_ENV")
        .map(|name| format!(" exec-env/{name}"))
        .unwrap_or_default();
    format!(
        "aws-cli/{AWS_CLI_VERSION} Python/3.11.7 {system}/lambdry-{ours}{within} source/{}",
        std::env::consts::ARCH
    )
}
