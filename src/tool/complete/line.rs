//! The line before the cursor, and the candidates at its end.

use crate::{
    face::{
        Service,
        arguments::Takes,
        call, customize, globals,
        options::{Opt, kebab},
        waiters::{self, Waiter},
        world::Process,
    },
    operation::Entry,
};

use super::{
    super::{COMMANDS, Command},
    Candidate,
    files::files,
};

/// The service or command that the words before the cursor name. Options are ignored.
pub(super) enum Subject<'s> {
    /// Nothing yet.
    Start,
    Service(&'s Service),
    Wait(&'s Service),
    /// An operation, by AWS's name.
    Operation(&'static str),
    Own(&'static Command),
    /// A word that is not known.
    Nowhere,
}

/// The line before the cursor.
pub(super) struct TypedLine<'s> {
    pub(super) process: &'s Process,
    services: &'s [Service],
    pub(super) place: Subject<'s>,
    /// The options of the operation, followed by the global options.
    table: Vec<Opt>,
    /// The number of options in `table` that belong to the operation.
    of_operation: usize,
    /// Options on the line and their values.
    pub(super) given: Vec<(String, Option<String>)>,
    /// The index of the option that takes the next word.
    open: Option<usize>,
}

impl<'s> TypedLine<'s> {
    pub(super) fn new(process: &'s Process, services: &'s [Service]) -> Self {
        Self {
            process,
            services,
            place: Subject::Start,
            table: globals::table(false),
            of_operation: 0,
            given: Vec::new(),
            open: None,
        }
    }

    /// Returns the option that a word means. The word is the option's whole name, or a prefix that no other option has.
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
    pub(super) fn take(&mut self, word: &str) {
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

    /// Takes a word that is not an option or a value.
    fn name(&mut self, word: &str) {
        let lambda = self
            .services
            .iter()
            .find(|service| service.name == "lambda");
        let within = match self.place {
            Subject::Start => {
                if let Some(command) = COMMANDS.iter().find(|command| command.name == word) {
                    self.place = Subject::Own(command);
                    return;
                }
                if let Some(service) = self.services.iter().find(|service| service.name == word) {
                    self.place = Subject::Service(service);
                    return;
                }
                lambda
            }
            Subject::Service(service) => Some(service),
            Subject::Wait(service) => {
                let waiter = waiters::of(service.name).find(|waiter| waiter.command == word);
                let entry = waiter.and_then(|waiter| {
                    let mut entries = service.entries.iter();
                    entries.find(|entry| entry.name == waiter.operation)
                });
                return self.enter(service, entry.copied(), waiter);
            }
            // The word is a positional argument of the operation.
            Subject::Operation(..) => return,
            _ => None,
        };
        let Some(service) = within else {
            self.place = Subject::Nowhere;
            return;
        };
        if word == "wait" && service.waits() {
            self.place = Subject::Wait(service);
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
            self.place = Subject::Nowhere;
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
        // aws resolves global options first; for the candidates this affects only the order.
        table.append(&mut self.table);
        self.table = table;
        self.place = Subject::Operation(operation);
    }

    pub(super) fn complete(&self, current: &str) -> Vec<Candidate> {
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
            Subject::Start => {
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
            Subject::Service(service) => subcommands(service),
            Subject::Wait(service) => waiters::of(service.name)
                .map(|waiter| Candidate::new(waiter.command, &waiter.about()))
                .collect(),
            Subject::Operation(..) => {
                let table = &self.table[..self.of_operation];
                let mut found = self.names(table.iter());
                if table.iter().any(|opt| !opt.name().starts_with('-')) {
                    found.extend(files(self.process, "", current, false));
                }
                found
            }
            Subject::Own(_) | Subject::Nowhere => Vec::new(),
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
}

/// The subcommands of a service that lambdry implements.
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
            "Waits until a function has a given state",
        ));
    }
    found.push(Candidate::new("help", "Tells more"));
    found
}
