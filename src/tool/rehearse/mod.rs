//! Rehearsals: a deployment script run against a fork, and what it would have done.

pub(crate) mod calls;
#[cfg(unix)]
pub(crate) mod guard;
pub(crate) mod stage;
