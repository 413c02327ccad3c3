//! Printing of JSON values in the formats of `--output`, and `--query`. This module contains nothing that is special to
//! Lambda.

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
