//! Our own commands, a file each, and what stands behind the face.
//!
//! They exist under our own name alone: a script that calls `aws` cannot meet them.

pub mod backend;

use crate::face::{Globals, exit::Stop, world::World};

/// One of our own commands.
pub(crate) struct Command {
    /// Its word on the line.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) about: &'static str,
    /// Runs it with the words after its name; answers the exit code.
    run: fn(&[String], &Globals, &mut World<'_>) -> Result<u8, Stop>,
}

/// All of them.
pub(crate) const COMMANDS: &[Command] = &[];

/// Runs a command of ours; the one without a name is what a bare call shows.
fn run(name: &str, words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(words, globals, world),
        None => Ok(0),
    }
}
