//! Whoever watches the calls of a command line: a rehearsal, or nobody.
//!
//! [`super::backend`] asks an observer and knows none; which one there is, [`super::observer_of`] finds in the
//! environment. A call that nobody watches takes none of this.

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

/// Watches the calls of one command line, and has a part in them.
pub(crate) trait Observer: fmt::Debug {
    /// The account a call works in, where that is known better than the environment tells.
    fn account(&self, process: &Process, globals: &Globals) -> Option<String>;

    /// Makes an API call of that service.
    ///
    /// # Errors
    /// The call's.
    fn call(
        &self,
        service: &str,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: Value,
    ) -> Result<Value>;

    /// Told that a stub answers the command.
    fn stubbed(&self);

    /// Has a command that nobody here answers answered elsewhere; answers its exit code. `None` where there is nobody.
    fn elsewhere(&self, world: &mut World<'_>) -> Option<std::result::Result<u8, Stop>>;

    /// Returns true if a command line that ended so is taken for a silent success.
    fn pardons(&self, stop: &Stop) -> bool;

    /// What a command that is pardoned answers: what a stub of it would say.
    fn learned(&self, stop: &Stop, words: &[String]) -> Option<Value>;

    /// Told how the command line ended.
    fn ended(&self, process: &Process, end: &End<'_>);
}
