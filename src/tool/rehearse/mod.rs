//! Rehearsals: a deployment script run against a fork, and what it would have done.

pub(crate) mod calls;
pub(crate) mod evidence;
pub(crate) mod finding;
pub(crate) mod report;
pub(crate) mod stage;
