//! A JSON value to the bytes the user asked for, and `--query`. Knows nothing of Lambda.

pub mod json;
mod python;
mod text;

#[cfg(test)]
mod samples;
