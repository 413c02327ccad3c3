//! The interface behind the face: it gives access to the simulated services, a state directory, and our own commands.

use std::{cell::LazyCell, fmt, path::PathBuf};

use serde_json::Value;

use super::{
    blobs::Spooler,
    custom::Custom,
    exit::Stop,
    globals::Globals,
    options::kebab,
    waiters,
    world::{Process, World},
};
use crate::{
    operation::{Entry, Result as Answer},
    store::stubs::Stub,
};

/// A service with its operations.
#[derive(Debug)]
pub struct Service {
    /// The word for the service on the command line.
    pub name: &'static str,
    /// A description of the service.
    pub about: &'static str,
    /// True if a call needs a region.
    pub regional: bool,
    /// The operations of the service.
    pub entries: Entries,
    /// The commands of the service that are not operations.
    pub commands: &'static [Custom],
}

/// The operations of a service. The list is built on first use, because one run uses few of the services.
pub struct Entries(LazyCell<Vec<&'static Entry>, Read>);

/// The function that builds the list.
type Read = Box<dyn FnOnce() -> Vec<&'static Entry>>;

impl Entries {
    /// A list that `read` builds on first use.
    pub fn of(read: impl FnOnce() -> Vec<&'static Entry> + 'static) -> Self {
        Self(LazyCell::new(Box::new(read)))
    }
}

impl std::ops::Deref for Entries {
    type Target = [&'static Entry];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entries")
    }
}

impl Service {
    /// Returns true if the service has `wait`.
    pub(crate) fn waits(&self) -> bool {
        waiters::of(self.name).next().is_some()
    }

    /// The operation that a word on the line names.
    pub(crate) fn entry(&self, word: &str) -> Option<&'static Entry> {
        let letters = || word.bytes().filter(|byte| *byte != b'-');
        let mut entries = self.entries.iter().filter(|entry| {
            // Making the kebab-case name of every operation is expensive. This cheap comparison leaves few candidates.
            letters().eq(entry.name.bytes().map(|byte| byte.to_ascii_lowercase()))
        });
        entries.find(|entry| kebab(entry.name) == word).copied()
    }
}

/// Our own commands: the word on the line, and a sentence about it.
pub type OwnCommands = &'static [(&'static str, &'static str)];

/// The services, the state and the commands that the face needs.
pub trait Backend {
    /// The simulated services. If the program is called by our own name, the line may leave out the word `lambda`.
    fn services(&self) -> Vec<Service>;

    /// Opens the state directory that the options and the environment name. Does not create it.
    ///
    /// # Errors
    /// A line that names no usable state directory.
    fn open(&self, world: &World<'_>, globals: &Globals) -> Result<Box<dyn State>, Stop>;

    /// Our own commands, each with a sentence about it. They exist only if the program is called by our own name.
    fn own(&self) -> OwnCommands;

    /// Runs our own command `name` with the words after it. If the name is empty, prints the page for a line without a
    /// command. `globals` are the options before the name.
    ///
    /// # Errors
    /// The error that ends the command.
    fn run_own(
        &self,
        name: &str,
        words: &[String],
        globals: &Globals,
        world: &mut World<'_>,
    ) -> Result<u8, Stop>;

    /// Runs another program for a command that lambdry does not answer, and returns the program's exit code. Returns
    /// `None` if there is no such program.
    fn elsewhere(&self, _: &mut World<'_>) -> Option<Result<u8, Stop>> {
        None
    }

    /// The functions that a line without a function name may refer to; empty if they are not known.
    fn functions(&self, _: &Process, _: &Globals) -> Vec<String> {
        Vec::new()
    }

    /// Returns true if a command line with that error must end with success and print nothing.
    fn pardons(&self, _: &Stop) -> bool {
        false
    }

    /// The answer that was learned for a command that ends with this error; `None` if there is no such answer.
    fn learned(&self, _: &Stop, _words: &[String]) -> Option<Value> {
        None
    }

    /// Called at the end of a command line, after the answer was written.
    fn ended(&self, _: &Process, _: &End<'_>) {}
}

/// The end of a command line.
#[derive(Debug)]
pub struct End<'a> {
    /// The exit code.
    pub code: u8,
    /// The error, if there was one.
    pub stop: Option<&'a Stop>,
    /// The output format; `None` if the options and settings were not read.
    pub output: Option<&'a str>,
    /// `--query`.
    pub query: Option<&'a str>,
}

/// An opened state directory.
pub trait State: Spooler {
    /// The state directory's AWS config file, which overrides the user's.
    fn config(&self) -> Option<PathBuf>;

    /// Rewrites that file as one edit: `edit` gets the text and returns the new text.
    ///
    /// # Errors
    /// Errors of the state directory.
    fn edit_config(&self, edit: &mut dyn FnMut(&str) -> String) -> Result<(), Stop>;

    /// The answer that a stub gives to a command; `None` if no stub matches. `words` start with the service, without
    /// global options.
    ///
    /// # Errors
    /// A stubs file that cannot be read.
    fn stub(&self, words: &[String]) -> Result<Option<Stub>, Stop>;

    /// Calls an operation with a request that passed the client-side checks.
    ///
    /// # Errors
    /// Errors of the service and of the state directory.
    fn call(&self, service: &str, region: &str, entry: &Entry, request: Value) -> Answer<Value>;

    /// Completes the change in progress of the resource that a request names. Returns true if there was one.
    ///
    /// # Errors
    /// Errors of the state directory.
    fn complete(&self, region: &str, entry: &Entry, request: &Value) -> Answer<bool>;

    /// Makes all calls of one command. If several calls change the same file, the state may write that file once, at
    /// the end.
    ///
    /// # Errors
    /// Errors of the calls and of the state directory.
    fn together(
        &self,
        _region: &str,
        calls: &mut dyn FnMut() -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        calls()
    }

    /// The time by the clock of the state.
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    /// The effects of the last call and their reasons, one sentence each, if an explanation was requested.
    fn explained(&self) -> Vec<String> {
        Vec::new()
    }
}
