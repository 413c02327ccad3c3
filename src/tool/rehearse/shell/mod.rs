//! The shell of a rehearsed script.
pub(crate) mod script;
mod tokens;
mod tree;
mod words;
