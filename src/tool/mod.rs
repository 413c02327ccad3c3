//! Our own commands, a file each, and what stands behind the face.
//!
//! They exist under our own name alone: a script that calls `aws` cannot meet them.

pub mod backend;
mod complete;
mod diff;
mod generate;
mod home;
mod man;
pub(crate) mod rehearse;
mod shell;
mod tour;

use std::{borrow::Cow, iter};

use clap::Parser;
use serde_json::Value;

use crate::{
    face::{
        Globals,
        exit::Stop,
        world::{Process, World},
    },
    output::{self, Format, Style, query::Query},
};

/// One of our own commands.
pub(crate) struct Command {
    /// Its word on the line.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) about: &'static str,
    /// Its options, for completion and its man page.
    pub(crate) options: fn() -> clap::Command,
    /// Runs it with the words after its name; answers the exit code.
    run: fn(&[String], &Globals, &mut World<'_>) -> Result<u8, Stop>,
}

/// All of them.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "diff",
        about: diff::ABOUT,
        options: diff::options,
        run: diff::run,
    },
    Command {
        name: "tour",
        about: tour::ABOUT,
        options: tour::options,
        run: tour::run,
    },
    Command {
        name: "rehearse",
        about: rehearse::ABOUT,
        options: rehearse::options,
        run: rehearse::run,
    },
    Command {
        name: "generate",
        about: generate::ABOUT,
        options: generate::options,
        run: generate::run,
    },
];

/// Runs a command of ours; the one without a name is what a bare call shows.
fn run(name: &str, words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(words, globals, world),
        None => home::run(globals, world),
    }
}

/// Reads a command's own words. The other side is an exit code: help was asked for and printed, or the words are
/// wrong and that was said.
fn parse<T: Parser>(words: &[String], world: &mut World<'_>) -> Result<Result<T, u8>, Stop> {
    // clap takes the first word for the name of the program and passes over it.
    let words = iter::once("").chain(words.iter().map(|word| match word.as_str() {
        // As every other command takes it.
        "help" if words.len() == 1 => "--help",
        word => word,
    }));
    Ok(match T::try_parse_from(words) {
        Ok(parsed) => Ok(parsed),
        Err(told) if told.use_stderr() => {
            write!(world.stderr, "{told}")?;
            Err(252)
        }
        Err(told) => {
            write!(world.stdout, "{told}")?;
            Err(0)
        }
    })
}

/// Whether colours are printed.
fn color(globals: &Globals, process: &Process) -> bool {
    match globals.color.as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => process.stdout_is_terminal && process.var("NO_COLOR").is_none_or(str::is_empty),
    }
}

/// Prints data in the form asked for: `--output`, else json, and `--query`.
fn print(value: &Value, globals: &Globals, world: &mut World<'_>) -> Result<(), Stop> {
    let mut value = Cow::Borrowed(value);
    if let Some(text) = &globals.query {
        let bad = |error: String| Stop::Invalid(format!("Bad value for --query {text}: {error}"));
        let query = Query::compile(text).map_err(|error| bad(error.to_string()))?;
        let found = query
            .search(&value)
            .map_err(|error| bad(error.to_string()))?;
        value = Cow::Owned(found);
    }
    let format = globals.output.as_deref().unwrap_or("json").parse();
    let style = Style {
        width: world.process.width,
        color: false,
    };
    let text = output::render(format.unwrap_or(Format::Json), &value, "lambdry", &style)
        .map_err(|error| Stop::Other(error.message))?;
    Ok(world.stdout.write_all(text.as_bytes())?)
}
