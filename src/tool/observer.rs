//! The observer of a command line's calls: a rehearsal, or nothing.
//!
//! [`super::backend`] calls an observer and knows no implementation; [`super::observer_of`] finds the right one in the
//! environment. A call without an observer pays nothing for this.

use std::fmt;

use serde_json::Value;

use crate::{
    face::{
        End, Globals,
        exit::Stop,
        world::{Process, World},
    },
    operation::{Entry, Lambda, Result},
};

/// Observes the calls of one command line, and can take part in them.
pub(crate) trait Observer: fmt::Debug {
    /// The account in which a call works, if the observer knows a better one than the environment gives.
    fn account(&self, process: &Process, globals: &Globals) -> Option<String>;

    /// Makes an API call of the given service.
    ///
    /// # Errors
    /// When the call fails.
    fn call(
        &self,
        service: &str,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: Value,
    ) -> Result<Value>;

    /// Notes that a stub answers the command.
    fn stubbed(&self);

    /// Calls another program for a command that lambdry cannot answer. Returns its exit code; `None` if there is no
    /// such program.
    fn elsewhere(&self, world: &mut World<'_>) -> Option<std::result::Result<u8, Stop>>;

    /// Returns true if a failed command line counts as a silent success. `stop` is the failure.
    fn pardons(&self, stop: &Stop) -> bool;

    /// The output of a pardoned command, which is the answer that a stub for the command would give.
    fn learned(&self, stop: &Stop, words: &[String]) -> Option<Value>;

    /// Notes the end of the command line.
    fn ended(&self, process: &Process, end: &End<'_>);
}
