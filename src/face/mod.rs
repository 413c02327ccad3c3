//! The `aws` command line as a library: words in, bytes on two streams and an exit code out.
//!
//! [`run`] takes a [`World`] (the streams and the environment of the process) and a [`Backend`] (the services and the
//! state). It behaves as aws-cli 2.36.7 does. Everything is derived from the operations' request and response types.
//! The special cases of aws-cli are in `customize`. The modules in order:
//!
//! * `line`, `service`: find the command of a line; `backend`: the interface to services and state;
//! * `globals`, `arguments`, `options`: parse the line by argparse's rules;
//! * `values`, `shorthand`, `json`, `paramfile`, `encoding`, `blobs`, `input`: turn words into a request;
//! * `config`: settings and their precedence; `check`: the client-side validation;
//! * `call`, `pagination`, `waiters`, `print`, `skeleton`: make the call and print its answer;
//! * `alias`: the user's own names for commands;
//! * `custom`, `s3`, `ecr`: commands that are not operations of an API;
//! * `exit`, `hints`, `nearest`, `help`, `debug`, `python`: errors, hints and help.

mod alias;
pub(crate) mod arguments;
mod backend;
mod blobs;
pub(crate) mod call;
mod check;
mod config;
mod configure;
pub mod custom;
pub(crate) mod customize;
mod debug;
pub mod ecr;
mod encoding;
pub mod exit;
#[cfg(test)]
mod fixtures;
pub(crate) mod globals;
pub(crate) mod help;
pub(crate) mod hints;
mod input;
mod json;
mod line;
pub mod logs;
pub(crate) mod nearest;
pub(crate) mod options;
pub(crate) mod pager;
mod pagination;
pub(crate) mod paramfile;
mod print;
pub(crate) mod progress;
mod python;
pub mod s3;
mod service;
mod shorthand;
mod skeleton;
mod tally;
mod values;
pub(crate) mod waiters;
pub mod world;

use std::path::PathBuf;

use exit::Stop;
use line::CommandLine;
use world::{Process, World};

pub use backend::{Backend, End, Entries, OwnCommands, Service, State};
pub use blobs::Spooler;
pub(crate) use config::Settings;
pub use configure::SUBCOMMANDS as CONFIGURE;
pub use globals::{Globals, Own, settling_time};
pub(crate) use service::is_service;

/// The imitated version of the AWS CLI.
pub const AWS_CLI_VERSION: &str = "2.36.7";

/// Runs a command line. Returns its exit code.
pub fn run(world: &mut World<'_>, backend: &dyn Backend) -> u8 {
    let services = backend.services();
    CommandLine::new(backend, &services).end(world)
}

/// The profiles in the config files. `state` is the state directory's config file.
///
/// # Errors
/// A config file that cannot be parsed.
pub fn profiles(process: &Process, state: Option<PathBuf>) -> Result<Vec<String>, Stop> {
    Ok(Settings::load(process, &Globals::default(), state)?.profiles())
}

/// The region of our own commands, found as for any call. `config` is the state directory's config file.
///
/// # Errors
/// A config file that cannot be parsed, a text that is not a region, and under `aws` a missing region.
pub fn region(
    process: &Process,
    globals: &Globals,
    config: Option<PathBuf>,
) -> Result<String, Stop> {
    Settings::load(process, globals, config)?.region(process, globals, "lambda")
}

#[cfg(test)]
mod tests;
