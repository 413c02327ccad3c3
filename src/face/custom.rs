//! Commands of a service that are not operations of its API: `s3 cp`, `ecr get-login-password`. They read options as
//! operations do, and act on the service through its operations.

use super::arguments::{self, Action, Taken, Takes};
use super::call::{Session, stop};
use super::exit::{Stop, unknown_options};
use super::help;
use super::options::Opt;
use super::world::World;
use crate::operation::{self, Entry, Failure};
use serde_json::Value;

/// A command that is not an operation.
pub struct Custom {
    /// The word after the service.
    pub name: &'static str,
    /// The description of the command.
    pub about: &'static str,
    /// Example lines. Each holds the words after the command's name.
    pub(crate) examples: &'static [&'static str],
    /// Builds the table of options and positionals of the command.
    pub(crate) table: fn() -> Vec<Opt>,
    /// Runs the command and returns the exit code.
    pub(crate) run: fn(&mut World<'_>, &Session<'_>, &Words) -> Result<u8, Stop>,
}

impl std::fmt::Debug for Custom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custom")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Custom {
    /// The options and positionals of the command.
    pub(crate) fn table(&self) -> Vec<Opt> {
        (self.table)()
    }
}

/// The words of a command, option by option.
#[derive(Debug)]
pub(crate) struct Words {
    actions: Vec<Action>,
    taken: Taken,
}

impl Words {
    /// The options given, in order: the name and its words.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&str, &[String])> {
        let taken = self.taken.actions.iter();
        taken.map(|(at, words)| (&*self.actions[*at].name, words.as_slice()))
    }

    /// The words of the last occurrence of an option.
    pub(crate) fn all(&self, name: &str) -> Option<&[String]> {
        let last = self.given().filter(|(given, _)| *given == name).last();
        last.map(|(_, words)| words)
    }

    /// The single word of an option.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name)?.first().map(String::as_str)
    }

    /// Returns true if the option was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).is_some()
    }
}

/// Runs a command with the words after its name.
///
/// # Errors
/// Any error that can end a command line.
pub(crate) fn run(
    world: &mut World<'_>,
    session: &Session<'_>,
    custom: &Custom,
    words: &[String],
) -> Result<u8, Stop> {
    if words == ["help"] {
        return help::custom(world, session.service, custom).map(|()| 0);
    }
    let actions: Vec<Action> = custom.table().into_iter().map(|opt| opt.action).collect();
    let taken = arguments::parse(&actions, words)?;
    if !taken.rest.is_empty() {
        return Err(unknown_options(&taken.rest));
    }
    (custom.run)(world, session, &Words { actions, taken })
}

/// An option without a value.
pub(crate) fn switch(name: &'static str, about: &'static str) -> Opt {
    Opt::face(Action::new(name, Takes::Nothing), about)
}

/// An option with a value.
pub(crate) fn value(name: &'static str, about: &'static str) -> Opt {
    Opt::face(Action::new(name, Takes::One), about)
}

impl Session<'_> {
    /// Calls the operation with that name.
    ///
    /// # Errors
    /// The failure of the operation.
    pub(crate) fn operate(
        &self,
        region: &str,
        name: &str,
        request: Value,
    ) -> Result<Value, Failure> {
        let entry = entry(self.service, name);
        self.state.call(self.service, region, entry, request)
    }

    /// Calls the operation with that name; its failure ends the command.
    ///
    /// # Errors
    /// The failure of the operation.
    pub(crate) fn demand(&self, region: &str, name: &str, request: Value) -> Result<Value, Stop> {
        self.operate(region, name, request)
            .map_err(|failure| stop(entry(self.service, name).name, failure))
    }
}

fn entry(service: &str, name: &str) -> &'static Entry {
    let entry = operation::find_in(service, name).or_else(|| operation::find(name));
    entry.expect("commands name operations that there are")
}
