//! face
mod arguments;
mod blobs;
mod check;
mod config;
mod customize;
pub mod exit;
#[cfg(test)]
mod fixtures;
mod globals;
mod input;
mod json;
mod nearest;
mod options;
mod pagination;
mod paramfile;
mod python;
mod shorthand;
mod skeleton;
mod values;
mod waiters;
pub mod world;
pub use blobs::{BinaryFormat, Spooler};
