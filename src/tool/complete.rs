//! What could stand next on a command line: the one engine behind the completion of every shell.
//!
//! The words before the cursor go in, candidates for the last of them come out. What is on offer follows from the
//! tables the face parses with and the request types behind them; names of functions, aliases and versions come
//! from the state directory that the line and the environment mean. Nothing is ever written, no lock is waited for,
//! and whatever is wrong (a broken state directory, a word that means nothing) simply has no candidates.

use std::{collections::BTreeSet, fs, path::Path};

use clap::builder::ValueHint;

use crate::{
    face::{
        self, Backend as _, Globals, Own, Service,
        arguments::{Kind, Takes},
        call, customize, globals,
        options::{Meaning, Opt, kebab},
        paramfile,
        waiters::{self, Waiter},
        world::Process,
    },
    operation::{
        Entry,
        shape::{Shape, Structure, Text},
    },
    state::{
        arn::{FunctionRef, is_region},
        function::Function,
    },
    store::kind::{self, KINDS},
};

use super::{
    COMMANDS, Command,
    backend::{Lambdry, Opened},
    rehearse::report::FORMATS,
};

/// Regions on offer besides those the state directory has: the ones an account can use without asking.
const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// A word that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The whole word, unquoted.
    pub(crate) word: String,
    /// What it is, in a few words; may be empty.
    pub(crate) about: String,
    /// Whether more of the same word follows: a folder, `file://`, `Mode=`.
    pub(crate) open: bool,
}

impl Candidate {
    fn new(word: impl Into<String>, about: &str) -> Self {
        Self {
            word: word.into(),
            about: gist(about),
            open: false,
        }
    }

    fn open(word: impl Into<String>, about: &str) -> Self {
        Self {
            open: true,
            ..Self::new(word, about)
        }
    }
}

/// The first sentence, without its full stop.
pub(crate) fn gist(about: &str) -> String {
    let first = about.split(". ").next().unwrap_or_default();
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    first.trim_end_matches('.').to_owned()
}

/// Candidates for the last of the words that follow the program's name, in the order of the tables.
pub(crate) fn candidates(words: &[String], process: &Process) -> Vec<Candidate> {
    let Some((current, before)) = words.split_last() else {
        return Vec::new();
    };
    let services = Lambdry::default().services();
    let mut line = Line::new(process, &services);
    for (at, word) in before.iter().enumerate() {
        line.take(word);
        if let Place::Own(command) = line.place {
            return own(&line, command, &before[at + 1..], current);
        }
    }
    let mut found = line.complete(current);
    found.retain(|candidate| {
        candidate.word.starts_with(current.as_str()) && !candidate.word.contains(char::is_control)
    });
    found
}

/// What the plain words so far have named.
enum Place<'s> {
    /// Nothing yet.
    Start,
    Service(&'s Service),
    Wait(&'s Service),
    /// By AWS's name; a command that is no operation has none.
    Operation(&'static str),
    Own(&'static Command),
    /// Something of which nothing is known.
    Nowhere,
}

/// The line before the cursor.
struct Line<'s> {
    process: &'s Process,
    services: &'s [Service],
    place: Place<'s>,
    /// The operation's options, then the global ones.
    table: Vec<Opt>,
    /// How many of them are the operation's.
    of_operation: usize,
    /// Options on the line and what they were given.
    given: Vec<(String, Option<String>)>,
    /// The option, by its place in the table, that takes the next word.
    open: Option<usize>,
}

impl<'s> Line<'s> {
    fn new(process: &'s Process, services: &'s [Service]) -> Self {
        Self {
            process,
            services,
            place: Place::Start,
            table: globals::table(false),
            of_operation: 0,
            given: Vec::new(),
            open: None,
        }
    }

    /// The option a word spells: its name, or a prefix that is only its.
    fn option(&self, word: &str) -> Option<usize> {
        if let Some(exact) = self.table.iter().position(|opt| opt.name() == word) {
            return Some(exact);
        }
        let mut meant = (0..self.table.len())
            .filter(|at| self.table[*at].name().starts_with(word) && word.starts_with("--"));
        let first = meant.next();
        first.filter(|at| meant.next().is_none() && self.table[*at].action.abbreviates)
    }

    /// Takes a word that is complete.
    fn take(&mut self, word: &str) {
        if word.len() > 1 && word.starts_with('-') {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word, None),
            };
            let Some(at) = self.option(name) else {
                self.open = None;
                return;
            };
            let takes = self.table[at].action.takes;
            self.open = Some(at).filter(|_| value.is_none() && takes != Takes::Nothing);
            self.given.push((self.table[at].name().to_owned(), value));
        } else if let Some(at) = self.open {
            if self.table[at].action.takes != Takes::Many {
                self.open = None;
            }
            if let Some((_, value)) = self.given.last_mut() {
                *value = Some(word.to_owned());
            }
        } else {
            self.name(word);
        }
    }

    /// Takes a word that names something.
    fn name(&mut self, word: &str) {
        let lambda = self
            .services
            .iter()
            .find(|service| service.name == "lambda");
        let within = match self.place {
            Place::Start => {
                if let Some(command) = COMMANDS.iter().find(|command| command.name == word) {
                    self.place = Place::Own(command);
                    return;
                }
                if let Some(service) = self.services.iter().find(|service| service.name == word) {
                    self.place = Place::Service(service);
                    return;
                }
                lambda
            }
            Place::Service(service) => Some(service),
            Place::Wait(service) => {
                let waiter = waiters::of(service.name).find(|waiter| waiter.command == word);
                let entry = waiter.and_then(|waiter| {
                    let mut entries = service.entries.iter();
                    entries.find(|entry| entry.name == waiter.operation)
                });
                return self.enter(service, entry.copied(), waiter);
            }
            // A positional of the operation.
            Place::Operation(..) => return,
            _ => None,
        };
        let Some(service) = within else {
            self.place = Place::Nowhere;
            return;
        };
        if word == "wait" && service.waits() {
            self.place = Place::Wait(service);
            return;
        }
        if let Some(custom) = service.commands.iter().find(|custom| custom.name == word) {
            return self.offer("", custom.table());
        }
        self.enter(service, service.entry(word), None);
    }

    fn enter(
        &mut self,
        service: &Service,
        entry: Option<&'static Entry>,
        waiter: Option<&'static Waiter>,
    ) {
        let Some(entry) = entry else {
            self.place = Place::Nowhere;
            return;
        };
        let command = call::Command {
            service: service.name,
            entry,
            waiter,
        };
        self.offer(entry.name, command.table(self.process.is_aws()));
    }

    fn offer(&mut self, operation: &'static str, mut table: Vec<Opt>) {
        table.retain(|opt| !opt.hidden);
        self.of_operation = table.len();
        // aws resolves global options first; for what is on offer only the order shows.
        table.append(&mut self.table);
        self.table = table;
        self.place = Place::Operation(operation);
    }

    fn complete(&self, current: &str) -> Vec<Candidate> {
        if let Some((name, value)) = current.split_once('=')
            && name.starts_with("--")
        {
            let mut found = match self.option(name) {
                Some(at) => self.values(&self.table[at], value),
                None => Vec::new(),
            };
            for candidate in &mut found {
                candidate.word.insert_str(0, &format!("{name}="));
            }
            return found;
        }
        if let Some(opt) = self.open.and_then(|at| self.table.get(at))
            && !current.starts_with('-')
        {
            let values = self.values(opt, current);
            if opt.action.takes == Takes::One || !values.is_empty() {
                return values;
            }
        }
        if current.starts_with('-') {
            return self.names(self.table.iter());
        }
        match &self.place {
            Place::Start => {
                let own = COMMANDS
                    .iter()
                    .map(|command| Candidate::new(command.name, command.about));
                let services = self
                    .services
                    .iter()
                    .map(|service| Candidate::new(service.name, service.about));
                let mut found: Vec<Candidate> = own.chain(services).collect();
                let mut services = self.services.iter();
                if let Some(lambda) = services.find(|service| service.name == "lambda") {
                    found.extend(subcommands(lambda));
                }
                found
            }
            Place::Service(service) => subcommands(service),
            Place::Wait(service) => waiters::of(service.name)
                .map(|waiter| Candidate::new(waiter.command, &waiter.about()))
                .collect(),
            Place::Operation(..) => {
                let table = &self.table[..self.of_operation];
                let mut found = self.names(table.iter());
                if table.iter().any(|opt| !opt.name().starts_with('-')) {
                    found.extend(files(self.process, "", current, false));
                }
                found
            }
            Place::Own(_) | Place::Nowhere => Vec::new(),
        }
    }

    /// The options that are not on the line yet.
    fn names<'o>(&self, table: impl Iterator<Item = &'o Opt>) -> Vec<Candidate> {
        table
            .filter(|opt| opt.name().starts_with('-'))
            .filter(|opt| self.given.iter().all(|(name, _)| name != opt.name()))
            .map(|opt| Candidate::new(opt.name(), &opt.about))
            .collect()
    }

    /// What an option could be given.
    fn values(&self, opt: &Opt, current: &str) -> Vec<Candidate> {
        if let Kind::Choice(names) = &opt.action.kind {
            return plain(names);
        }
        match &opt.meaning {
            Meaning::Member(member, shape) => self.member(member, shape, current),
            Meaning::Zip(_) => files(self.process, "fileb://", current, false),
            Meaning::Input => files(self.process, "file://", current, false),
            Meaning::Switch(..) => Vec::new(),
            Meaning::Face => match opt.name() {
                "--region" => self.regions(),
                "--profile" => self.profiles(),
                "--state-dir" => files(self.process, "", current, true),
                "--ca-bundle" => files(self.process, "", current, false),
                _ => Vec::new(),
            },
        }
    }

    fn member(&self, member: &str, shape: &Shape, current: &str) -> Vec<Candidate> {
        let operation = match self.place {
            Place::Operation(name) => name,
            _ => "",
        };
        let by_member = |kind: &&&dyn kind::Kind| kind.words().members.contains(&member);
        if let Some(kind) = KINDS.iter().find(by_member) {
            // The name of what is about to be made is anybody's guess.
            let made = format!("Create{}", member.trim_end_matches("Name"));
            return match made.eq_ignore_ascii_case(operation) {
                true => Vec::new(),
                false => self.resources(*kind),
            };
        }
        match (member, operation) {
            ("Name", "CreateAlias") => return Vec::new(),
            ("Qualifier", _) => return self.qualifiers(true, true),
            ("Name", _) => return self.qualifiers(true, false),
            ("FunctionVersion", _) => return self.qualifiers(false, true),
            _ => {}
        }
        for prefix in ["file://", "fileb://"] {
            if current.starts_with(prefix) {
                return files(self.process, prefix, current, false);
            }
        }
        match shape {
            Shape::String(text) => known(text),
            Shape::List { member, .. } => match &**member {
                Shape::String(text) => known(text),
                _ => Vec::new(),
            },
            Shape::Blob => files(self.process, "fileb://", current, false),
            Shape::Structure(structure) => shorthand(structure, current),
            _ => Vec::new(),
        }
    }

    /// What an option on the line was given.
    fn word(&self, name: &str) -> Option<&str> {
        let mut given = self.given.iter().rev();
        given.find(|(given, _)| given == name)?.1.as_deref()
    }

    /// The state directory this line means, and the region.
    fn state(&self) -> Option<(Opened, String)> {
        let text = |name: &str| {
            let word = self.word(name).filter(|word| !word.is_empty());
            word.map(str::to_owned)
        };
        let globals = Globals {
            region: text("--region"),
            profile: text("--profile"),
            own: Own {
                // The shell has not opened its `~` yet.
                state_dir: text("--state-dir").map(|path| expanded(self.process, &path)),
                ..Own::default()
            },
            ..Globals::default()
        };
        let mut process = self.process.clone();
        for name in ["SETTLE", "NOW", "SEED", "TOTAL_CODE_SIZE", "STEPS"] {
            process
                .env
                .remove(format!("LAMBDRY_{name}").as_ref() as &std::ffi::OsStr);
        }
        // Whoever holds a lock is not waited for.
        process
            .env
            .insert("LAMBDRY_LOCK_TIMEOUT".into(), "0".into());
        process.env.insert("LAMBDRY_HINTS".into(), "0".into());
        let opened = Opened::new(&process, &globals.own).ok()?;
        let config = face::State::config(&opened);
        let region = face::region(&process, &globals, config).ok()?;
        Some((opened, region))
    }

    /// The resources of a kind, as calls name them.
    fn resources(&self, kind: &dyn kind::Kind) -> Vec<Candidate> {
        let Some((opened, region)) = self.state() else {
            return Vec::new();
        };
        let names = opened.with(&region, |lambda| {
            let scope = &lambda.place.scope;
            let place = lambda.place.store.place(kind.lies().scope(scope));
            let names = kind.names(&place);
            names.map(|names| -> Vec<String> {
                let names = names.iter();
                names.map(|name| kind.called(scope, name)).collect()
            })
        });
        plain(&names.unwrap_or_default())
    }

    /// Aliases, then `$LATEST` and the versions, newest first, of the function on the line.
    fn qualifiers(&self, aliases: bool, versions: bool) -> Vec<Candidate> {
        let function = self.word("--function-name").and_then(FunctionRef::parse);
        self.qualifiers_of(function, aliases, versions)
    }

    fn qualifiers_of(
        &self,
        function: Option<FunctionRef>,
        aliases: bool,
        versions: bool,
    ) -> Vec<Candidate> {
        let (Some(function), Some((opened, region))) = (function, self.state()) else {
            return Vec::new();
        };
        let found = opened.with(&region, |lambda| {
            lambda.place.all::<Function>().view(&function.name, |view| {
                let mut found = Vec::new();
                if aliases {
                    found.extend(view.head.aliases.iter().map(|(name, alias)| {
                        Candidate::new(name, &format!("alias of {}", alias.function_version))
                    }));
                }
                if versions {
                    found.push(Candidate::new("$LATEST", "what is not published yet"));
                    let numbers = view.numbers()?;
                    let numbers = numbers.iter().rev();
                    found.extend(numbers.map(|n| Candidate::new(n.to_string(), "version")));
                }
                Ok(found)
            })
        });
        found.ok().flatten().unwrap_or_default()
    }

    fn regions(&self) -> Vec<Candidate> {
        let mut names: BTreeSet<String> = REGIONS.iter().map(|name| (*name).to_owned()).collect();
        if let Some((opened, _)) = self.state() {
            let used = opened.store.scopes().unwrap_or_default().into_iter();
            let used = used.filter(|scope| scope.account == opened.account);
            names.extend(
                used.map(|scope| scope.region)
                    .filter(|name| is_region(name)),
            );
        }
        plain(&names.into_iter().collect::<Vec<_>>())
    }

    fn profiles(&self) -> Vec<Candidate> {
        let config = self
            .state()
            .and_then(|(opened, _)| face::State::config(&opened));
        plain(&face::profiles(self.process, config).unwrap_or_default())
    }
}

/// The subcommands of a service that are answered here.
fn subcommands(service: &Service) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = service
        .entries
        .iter()
        .map(|entry| Candidate::new(kebab(entry.name), entry.about))
        .filter(|candidate| !customize::is_hidden(&candidate.word))
        .collect();
    let customs = service.commands.iter();
    found.extend(customs.map(|custom| Candidate::new(custom.name, custom.about)));
    if service.waits() {
        found.push(Candidate::new(
            "wait",
            "Waits until a function is as wanted",
        ));
    }
    found.push(Candidate::new("help", "Tells more"));
    found
}

fn plain(words: &[impl AsRef<str>]) -> Vec<Candidate> {
    let words = words.iter().map(AsRef::as_ref);
    words.map(|word| Candidate::new(word, "")).collect()
}

/// The values the model names.
fn known(text: &Text) -> Vec<Candidate> {
    plain(if text.values.is_empty() {
        &text.known_values
    } else {
        &text.values
    })
}

/// `Member=`, and the values of one, after the last comma of a structure in shorthand.
fn shorthand(structure: &Structure, current: &str) -> Vec<Candidate> {
    if current.contains(['{', '[', '"', '\'']) {
        return Vec::new();
    }
    let (before, last) = match current.rfind(',') {
        Some(comma) => current.split_at(comma + 1),
        None => ("", current),
    };
    if let Some((name, _)) = last.split_once('=') {
        let values = match structure.member(name).map(|member| &member.shape) {
            Some(Shape::String(text)) => known(text),
            Some(Shape::Boolean) => plain(&["true", "false"]),
            _ => Vec::new(),
        };
        return values
            .into_iter()
            .map(|value| Candidate::open(format!("{before}{name}={}", value.word), ""))
            .collect();
    }
    let used = |name: &str| {
        before
            .split(',')
            .any(|part| part.split_once('=').is_some_and(|(used, _)| used == name))
    };
    structure
        .members
        .iter()
        .filter(|member| !used(&member.name))
        .map(|member| Candidate::open(format!("{before}{}=", member.name), &member.about))
        .collect()
}

/// A path with its `~` opened.
fn expanded(process: &Process, path: &str) -> String {
    paramfile::named(process, &format!("file://{path}")).map_or_else(
        || path.to_owned(),
        |named| named.path.to_string_lossy().into_owned(),
    )
}

/// Files and folders that a word could go on to name, each behind the prefix; hidden ones when their dot is there.
fn files(process: &Process, prefix: &str, current: &str, folders_alone: bool) -> Vec<Candidate> {
    let Some(path) = current.strip_prefix(prefix) else {
        return vec![Candidate::open(prefix, "a file")];
    };
    let (folder, base) = match path.rfind(std::path::is_separator) {
        Some(at) => path.split_at(at + 1),
        None => ("", path),
    };
    let there = process.cwd.join(expanded(process, folder));
    let Ok(entries) = fs::read_dir(&there) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(base))
        .filter(|name| !name.starts_with('.') || base.starts_with('.'))
        .collect();
    names.sort_unstable();
    let is_folder = |name: &str| Path::new(&there).join(name).is_dir();
    names
        .iter()
        .filter_map(|name| match is_folder(name) {
            true => Some(Candidate::open(format!("{prefix}{folder}{name}/"), "")),
            false if folders_alone => None,
            false => Some(Candidate::new(format!("{prefix}{folder}{name}"), "")),
        })
        .collect()
}

/// `pay:live`, or `:live` behind a word that names the function.
fn sides(line: &Line<'_>, named: Option<&String>, current: &str) -> Vec<Candidate> {
    let (name, _) = current.split_once(':').unwrap_or((current, ""));
    let function = match (name, named) {
        ("", Some(named)) => named.split(':').next().unwrap_or_default(),
        (name, _) => name,
    };
    let mut found = line.qualifiers_of(FunctionRef::parse(function), true, true);
    for candidate in &mut found {
        candidate.word.insert_str(0, &format!("{name}:"));
    }
    found.retain(|candidate| candidate.word.starts_with(current));
    found
}

/// The forms of `--report`, and the file behind one; none where no report is meant.
fn reports(
    process: &Process,
    own: &Command,
    open: Option<&clap::Arg>,
    current: &str,
) -> Option<Vec<Candidate>> {
    let (before, value) = match open {
        Some(arg) if arg.get_id() == "report" => ("", current),
        None => ("--report=", current.strip_prefix("--report=")?),
        _ => return None,
    };
    if own.name != "rehearse" {
        return None;
    }
    let forms: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let mut found = match value.split_once('=') {
        Some((form, file)) => {
            let mut found = files(process, "", file, false);
            for candidate in &mut found {
                candidate.word.insert_str(0, &format!("{form}="));
            }
            found
        }
        None => plain(&forms),
    };
    for candidate in &mut found {
        candidate.word.insert_str(0, before);
    }
    found.retain(|candidate| candidate.word.starts_with(current));
    Some(found)
}

/// Candidates among the words of one of our own commands, from its clap command.
fn own(line: &Line<'_>, own: &Command, before: &[String], current: &str) -> Vec<Candidate> {
    let process = line.process;
    let mut command = (own.options)();
    command.build();
    let mut command = &command;
    let mut open: Option<&clap::Arg> = None;
    let mut positionals = 0;
    let by_name = |command: &'_ clap::Command, word: &str| {
        command.get_arguments().position(|arg| {
            arg.get_long()
                .is_some_and(|long| word == format!("--{long}"))
        })
    };
    if before.iter().any(|word| word == "--") {
        // What follows is a command of the user's: its files.
        return files(process, "", current, false);
    }
    for word in before {
        if let Some(at) = by_name(command, word) {
            open = command
                .get_arguments()
                .nth(at)
                .filter(|arg| arg.get_action().takes_values());
        } else if open.take().is_some() || word.starts_with('-') {
        } else if let Some(sub) = command.find_subcommand(word) {
            (command, positionals) = (sub, 0);
        } else {
            positionals += 1;
        }
    }
    let next = open.or_else(|| command.get_positionals().nth(positionals));
    let mut found = Vec::new();
    if own.name == "diff" && open.is_none() && current.contains(':') {
        let named = before.iter().find(|word| !word.starts_with('-'));
        return sides(line, named, current);
    }
    if let Some(reports) = reports(process, own, open, current) {
        return reports;
    }
    if current.starts_with('-') && open.is_none() {
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
            found.extend(
                arg.get_long()
                    .map(|long| Candidate::new(format!("--{long}"), &about)),
            );
        }
    } else {
        if open.is_none() {
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
                found.push(Candidate::new(sub.get_name(), &about));
            }
        }
        if let Some(arg) = next {
            for value in arg
                .get_possible_values()
                .iter()
                .filter(|value| !value.is_hide_set())
            {
                let about = value
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                found.push(Candidate::new(value.get_name(), &about));
            }
            let named = arg.get_value_names().and_then(|names| names.first());
            let kind = |name: &str| KINDS.iter().find(|kind| kind.words().one == name);
            let named = named.and_then(|name| kind(&name.to_lowercase()));
            if let Some(kind) = named {
                found.extend(line.resources(*kind));
            }
            match arg.get_value_hint() {
                ValueHint::DirPath => found.extend(files(process, "", current, true)),
                ValueHint::AnyPath | ValueHint::FilePath => {
                    found.extend(files(process, "", current, false));
                }
                _ => {}
            }
        }
    }
    found.retain(|candidate| {
        candidate.word.starts_with(current) && !candidate.word.contains(char::is_control)
    });
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::operation::sandbox::Sandbox;

    fn process(root: &Path) -> Process {
        Process {
            program: "lambdry".to_owned(),
            env: [("LAMBDRY_STATE_DIR".into(), root.into())].into(),
            cwd: root.to_owned(),
            ..Process::default()
        }
    }

    /// The words on offer at the end of a line whose words are split at blanks; the last may be empty.
    fn asked(process: &Process, line: &str) -> Vec<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = candidates(&words, process);
        found.into_iter().map(|candidate| candidate.word).collect()
    }

    fn offered(line: &str) -> Vec<String> {
        let empty = tempfile::tempdir().unwrap();
        asked(&process(empty.path()), line)
    }

    /// A function with two versions and an alias of the first.
    fn released() -> Sandbox {
        let sandbox = Sandbox::with("pay");
        sandbox.create("bill");
        for description in ["one", "two"] {
            let new = json!({"FunctionName": "pay", "Description": description});
            sandbox.call("UpdateFunctionConfiguration", new);
            sandbox.call("PublishVersion", json!({"FunctionName": "pay"}));
        }
        let alias = json!({"FunctionName": "pay", "Name": "live", "FunctionVersion": "1"});
        sandbox.call("CreateAlias", alias);
        sandbox
    }

    #[test]
    fn offers_what_a_line_can_begin_with() {
        let first = offered("");
        for word in ["generate", "lambda", "publish-version", "wait", "help"] {
            assert!(first.iter().any(|offered| offered == word), "{word}");
        }
        assert!(!first.iter().any(|word| word.starts_with('-')));
        assert_eq!(offered("publish-v"), ["publish-version"]);
        assert_eq!(offered("lambda create-al"), ["create-alias"]);
        assert_eq!(offered("--output json lambda get-al"), ["get-alias"]);
        assert_eq!(offered("wait published"), ["published-version-active"]);
        assert_eq!(offered("ecs "), [""; 0]);
        assert_eq!(offered("lambda create-layer x"), [""; 0]);
    }

    #[test]
    fn offers_every_operation_and_every_option_of_it() {
        let words = offered("lambda ");
        for entry in crate::operation::FAMILIES
            .iter()
            .flat_map(|family| family.iter())
        {
            let name = kebab(entry.name);
            let hidden = customize::is_hidden(&name);
            assert_eq!(words.contains(&name), !hidden, "{name}");
            let command = call::Command {
                service: "lambda",
                entry,
                waiter: None,
            };
            let table = command.table(false);
            let options = offered(&format!("{name} --"));
            for opt in table.iter().filter(|opt| opt.name().starts_with('-')) {
                assert_eq!(
                    options.iter().any(|word| word == opt.name()),
                    !opt.hidden,
                    "{name} {}",
                    opt.name()
                );
            }
            assert!(options.contains(&"--output".to_owned()), "{name}");
        }
    }

    #[test]
    fn offers_an_option_once() {
        assert_eq!(
            offered("publish-version --revision-id r --re"),
            ["--region"]
        );
        assert_eq!(offered("create-function --publish --pub"), ["--publish-to"]);
        let bare = offered("publish-version ");
        assert_eq!(bare.first().map(String::as_str), Some("--function-name"));
        assert!(!bare.contains(&"--output".to_owned()));
    }

    #[test]
    fn offers_the_values_of_a_choice_and_of_an_enum() {
        assert_eq!(offered("list-functions --output t"), ["text", "table"]);
        assert_eq!(
            offered("list-functions --output=t"),
            ["--output=text", "--output=table"]
        );
        assert_eq!(offered("create-function --package-type "), ["Zip", "Image"]);
        assert_eq!(
            offered("create-function --runtime=python3.13"),
            ["--runtime=python3.13"]
        );
        assert_eq!(offered("create-function --arch arm"), ["arm64"]);
        assert_eq!(
            offered("create-function --architectures x86_64 a"),
            ["arm64"]
        );
        assert_eq!(offered("list-functions --region eu-n"), ["eu-north-1"]);
        assert_eq!(offered("create-function --timeout "), [""; 0]);
        assert_eq!(
            offered("list-functions --bogus "),
            offered("list-functions ")
        );
    }

    #[test]
    fn offers_members_and_values_of_a_structure() {
        let open = |line: &str| offered(&format!("update-function-configuration {line}"));
        assert_eq!(open("--tracing-config "), ["Mode="]);
        assert_eq!(open("--tracing-config Mode=A"), ["Mode=Active"]);
        assert_eq!(
            open("--logging-config LogFormat=JSON,L"),
            ["LogFormat=JSON,LogGroup="]
        );
        assert_eq!(open("--tracing-config {\"Mode"), [""; 0]);
    }

    #[test]
    fn offers_what_the_state_holds() {
        let sandbox = released();
        let process = process(sandbox.root());
        let asked = |line: &str| asked(&process, line);
        assert_eq!(asked("get-function --function-name "), ["bill", "pay"]);
        assert_eq!(
            asked("wait function-active --function-name=p"),
            ["--function-name=pay"]
        );
        assert_eq!(
            asked("get-function --function-name pay --qualifier "),
            ["live", "$LATEST", "2", "1"]
        );
        assert_eq!(
            asked(
                "get-function --function-name arn:aws:lambda:us-east-1:123456789012:function:pay --qualifier l"
            ),
            ["live"]
        );
        assert_eq!(asked("update-alias --function-name pay --name "), ["live"]);
        assert_eq!(
            asked("update-alias --name live --function-name pay --function-version "),
            ["$LATEST", "2", "1"]
        );
        assert_eq!(asked("create-alias --function-name pay --name "), [""; 0]);
        assert_eq!(asked("get-alias --function-name nobody --name "), [""; 0]);
        assert_eq!(asked("get-alias --function-name ../../x --name "), [""; 0]);
        assert_eq!(asked("get-alias --name "), [""; 0]);
        assert_eq!(
            asked("--region eu-west-1 get-function --function-name "),
            [""; 0]
        );
    }

    #[test]
    fn follows_the_line_to_another_state_and_region() {
        let sandbox = released();
        let elsewhere = tempfile::tempdir().unwrap();
        let mut process = process(elsewhere.path());
        process.env.insert("AWS_REGION".into(), "eu-west-1".into());
        let root = sandbox.root().display();
        let line = format!("get-function --state-dir {root} --region us-east-1 --function-name b");
        assert_eq!(asked(&process, &line), ["bill"]);
        let config = elsewhere.path().join("config");
        fs::write(
            &config,
            "[profile test]\nregion = us-east-1\n[services x]\na = b\n",
        )
        .unwrap();
        process.env.remove(std::ffi::OsStr::new("AWS_REGION"));
        process.env.insert("AWS_CONFIG_FILE".into(), config.into());
        assert_eq!(asked(&process, "list-functions --profile "), ["test"]);
        let line = format!("get-function --state-dir={root} --profile test --function-name p");
        assert_eq!(asked(&process, &line), ["pay"]);
        let folder = sandbox.root().join("123456789012/xx-mars-1");
        fs::create_dir_all(folder).unwrap();
        let line = format!("--state-dir {root} --region xx");
        assert_eq!(asked(&process, &line), ["xx-mars-1"]);
    }

    #[test]
    fn has_nothing_to_offer_of_what_is_broken_and_writes_nothing() {
        let sandbox = released();
        let line = "get-function --function-name pay --qualifier ";
        let asked = |name: &str, value: &str| {
            let mut process = process(sandbox.root());
            process.env.insert(name.into(), value.into());
            asked(&process, line)
        };
        assert_eq!(asked("LAMBDRY_NOW", "never").len(), 4);
        assert_eq!(asked("LAMBDRY_ACCOUNT_ID", "../x"), [""; 0]);
        assert_eq!(asked("AWS_REGION", "../x"), [""; 0]);
        let head = sandbox
            .root()
            .join("123456789012/us-east-1/functions/pay/function.json");
        fs::write(&head, "{").unwrap();
        assert_eq!(asked("A", ""), [""; 0]);
        fs::write(sandbox.root().join("FORMAT"), "99").unwrap();
        assert_eq!(asked("A", ""), [""; 0]);
        let nowhere = sandbox.root().join("nowhere");
        assert_eq!(super::tests::asked(&process(&nowhere), line), [""; 0]);
        assert!(!nowhere.exists());
    }

    #[test]
    fn offers_files_where_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["code.zip", "env.json", ".hidden"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        // Such a name would come out as two lines; Windows has none.
        if cfg!(unix) {
            fs::write(folder.path().join("two\nlines"), "").unwrap();
        }
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/deep.zip"), "").unwrap();
        let mut process = process(folder.path());
        process.env.insert("HOME".into(), folder.path().into());
        let asked = |line: &str| asked(&process, line);
        assert_eq!(asked("update-function-code --zip-file "), ["fileb://"]);
        assert_eq!(
            asked("update-function-code --zip-file fileb://"),
            ["fileb://code.zip", "fileb://env.json", "fileb://src/"]
        );
        assert_eq!(
            asked("update-function-code --zip-file=fileb://~/src/"),
            ["--zip-file=fileb://~/src/deep.zip"]
        );
        assert_eq!(
            asked("create-alias --cli-input-json file://.h"),
            ["file://.hidden"]
        );
        assert_eq!(
            asked("create-function --tags file://e"),
            ["file://env.json"]
        );
        assert_eq!(asked("create-function --description file://n"), [""; 0]);
        assert_eq!(asked("--state-dir "), ["src/"]);
        assert_eq!(asked("generate man s"), ["src/"]);
    }

    #[test]
    fn completes_our_own_commands_from_their_clap_command() {
        assert_eq!(offered("generate c"), ["completions"]);
        assert_eq!(
            offered("generate completions "),
            ["bash", "zsh", "fish", "powershell", "elvish"]
        );
        assert_eq!(offered("generate completions zsh "), [""; 0]);
        assert_eq!(offered("--output json generate man --s"), ["--stdout"]);
        let sandbox = released();
        let process = process(sandbox.root());
        assert_eq!(asked(&process, "history "), ["bill", "pay"]);
        assert_eq!(asked(&process, "--region eu-west-1 history "), [""; 0]);
        assert_eq!(asked(&process, "history pay --format m"), ["mermaid"]);
    }

    #[test]
    fn says_what_a_candidate_is() {
        let sandbox = released();
        let words: Vec<String> = ["get-alias", "--function-name", "pay", "--name", "l"]
            .map(str::to_owned)
            .into();
        let found = candidates(&words, &process(sandbox.root()));
        assert_eq!(found, [Candidate::new("live", "alias of 1")]);
        assert_eq!(gist("Makes it. Or not."), "Makes it");
    }

    proptest! {
        #[test]
        fn never_panics(words in proptest::collection::vec("(--)?[a-z=/~$,-]{0,8}|--function-name|publish-version|generate|wait|é|--output=|fileb://", 0..6)) {
            let folder = tempfile::tempdir().unwrap();
            let found = candidates(&words, &process(folder.path()));
            let current = words.last().cloned().unwrap_or_default();
            prop_assert!(found.iter().all(|candidate| candidate.word.starts_with(&current)));
            prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
