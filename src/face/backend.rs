//! What stands behind the face: the services that are simulated, a state directory, and our own commands.

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
    /// Its word on the line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether a call needs a region.
    pub regional: bool,
    /// Its operations.
    pub entries: Entries,
    /// Its commands that are no operations.
    pub commands: &'static [Custom],
}

/// The operations of a service, which are read when somebody asks for them: of most services nobody does.
pub struct Entries(LazyCell<Vec<&'static Entry>, Read>);

/// Reads operations.
type Read = Box<dyn FnOnce() -> Vec<&'static Entry>>;

impl Entries {
    /// Those that are read so.
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
    /// Returns true if it has `wait`.
    pub(crate) fn waits(&self) -> bool {
        waiters::of(self.name).next().is_some()
    }

    /// The operation that a word on the line calls.
    pub(crate) fn entry(&self, word: &str) -> Option<&'static Entry> {
        let letters = || word.bytes().filter(|byte| *byte != b'-');
        let mut entries = self.entries.iter().filter(|entry| {
            // Cheaper than the name in kebab case, which few need then.
            letters().eq(entry.name.bytes().map(|byte| byte.to_ascii_lowercase()))
        });
        entries.find(|entry| kebab(entry.name) == word).copied()
    }
}

/// Our own commands: the word on the line and a sentence.
pub type OwnCommands = &'static [(&'static str, &'static str)];

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
    fn own(&self) -> OwnCommands;

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

    /// Has a command that nobody here answers answered elsewhere; answers its exit code. `None` where there is nobody.
    fn elsewhere(&self, _: &mut World<'_>) -> Option<Result<u8, Stop>> {
        None
    }

    /// The functions that a line without one may mean; none where that is not known.
    fn functions(&self, _: &Process, _: &Globals) -> Vec<String> {
        Vec::new()
    }

    /// Whether a command line that ended so is taken for a silent success.
    fn pardons(&self, _: &Stop) -> bool {
        false
    }

    /// What a command that ended so answers where it is taken for a success; nothing where it is silent.
    fn learned(&self, _: &Stop, _words: &[String]) -> Option<Value> {
        None
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

    /// Completes the change in progress of what a request of that operation names; answers whether there was one.
    ///
    /// # Errors
    /// The state directory's.
    fn complete(&self, region: &str, entry: &Entry, request: &Value) -> Answer<bool>;

    /// Makes calls of one command, so that what each would write by itself may be written once.
    ///
    /// # Errors
    /// The calls', and the state directory's.
    fn together(
        &self,
        _region: &str,
        calls: &mut dyn FnMut() -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        calls()
    }

    /// The moment, by the clock of the state.
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    /// What the last call did and why, in sentences, where that is asked for.
    fn explained(&self) -> Vec<String> {
        Vec::new()
    }
}
