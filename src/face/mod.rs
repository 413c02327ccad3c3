//! face
mod arguments;
mod blobs;
mod check;
mod customize;
pub mod exit;
#[cfg(test)]
mod fixtures;
mod json;
mod nearest;
mod options;
mod pagination;
mod paramfile;
mod python;
mod shorthand;
mod values;
pub mod world;
pub use blobs::{BinaryFormat, Spooler};
