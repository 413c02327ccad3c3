//! A JSON value to the bytes the user asked for, and `--query`. Knows nothing of Lambda.

mod format;
pub mod json;
pub(crate) mod python;
pub mod query;
pub(crate) mod shown;
mod table;
mod text;
pub mod yaml;

pub use format::{Format, RenderError, Style, render};

#[cfg(test)]
mod samples;
