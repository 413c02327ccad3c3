//! lambdry's own commands, with one file for each, and the backend of the face.
//!
//! The commands exist only under lambdry's own name, so a script that calls `aws` cannot reach them.

mod astray;
pub mod backend;
mod complete;
mod diff;
mod doctor;
mod generate;
mod history;
mod home;
mod man;
mod moment;
mod observer;
mod page;
pub(crate) mod rehearse;
mod serve;
mod shell;
pub mod tour;
mod transfer;
mod typed;

use std::{error::Error as _, iter, rc::Rc};

use clap::{
    Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use serde_json::Value;

use crate::state::plain::plain;
use crate::{
    face::{
        self, Globals, OwnCommands,
        exit::Stop,
        globals,
        world::{Process, World},
    },
    output::{self, Format, Style, query::Query},
};
use backend::Lambdry;
use observer::Observer;

/// The text in place of a value that is not shown.
pub(crate) const MASK: &str = crate::state::masked::STARS;

/// One of lambdry's own commands.
pub(crate) struct Command {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The summary of the command, in one sentence.
    pub(crate) about: &'static str,
    /// The options of the command, for completion and for the man page.
    pub(crate) options: fn() -> clap::Command,
    /// Runs the command with the words after its name. Returns the exit code.
    run: fn(&[String], &Globals, &mut World<'_>) -> Result<u8, Stop>,
}

/// All commands, in the order of the help.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "rehearse",
        about: rehearse::ABOUT,
        options: rehearse::options,
        run: rehearse::run,
    },
    Command {
        name: "tour",
        about: tour::ABOUT,
        options: tour::options,
        run: tour::run,
    },
    Command {
        name: "history",
        about: history::ABOUT,
        options: history::options,
        run: history::run,
    },
    Command {
        name: "diff",
        about: diff::ABOUT,
        options: diff::options,
        run: diff::run,
    },
    Command {
        name: "import",
        about: transfer::IMPORT,
        options: transfer::import_options,
        run: transfer::import,
    },
    Command {
        name: "export",
        about: transfer::EXPORT,
        options: transfer::export_options,
        run: transfer::export,
    },
    Command {
        name: "serve",
        about: serve::ABOUT,
        options: serve::options,
        run: serve::run,
    },
    Command {
        name: "doctor",
        about: doctor::ABOUT,
        options: doctor::options,
        run: doctor::run,
    },
    Command {
        name: "generate",
        about: generate::ABOUT,
        options: generate::options,
        run: generate::run,
    },
];

/// The names of the commands, with their summaries.
const NAMES: OwnCommands = &{
    let mut names = [("", ""); COMMANDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = (COMMANDS[at].name, COMMANDS[at].about);
        at += 1;
    }
    names
};

/// Runs one of lambdry's own commands. An empty name means a call without a command.
fn run(name: &str, words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(words, globals, world),
        None => home::run(globals, world),
    }
}

/// Joins an error and its causes into one text: `cannot write stubs: no space left on device`.
impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        let mut causes: Vec<String> = error.chain().map(plain).collect();
        // A wrapper may repeat the text of the error that it wraps.
        causes.dedup();
        Self::Other(causes.join(": "))
    }
}

/// The program in a process without an observer.
impl Default for Lambdry {
    fn default() -> Self {
        Self {
            own: NAMES,
            run,
            observer: None,
        }
    }
}

impl Lambdry {
    /// The program for the given process, with the observer of its calls.
    pub fn new(process: &Process) -> Self {
        Self {
            observer: observer_of(process),
            ..Self::default()
        }
    }
}

/// The observer of a process's calls.
fn observer_of(process: &Process) -> Option<Rc<dyn Observer>> {
    let rehearsed = rehearse::observer::Rehearsed::of(process)?;
    Some(Rc::new(rehearsed))
}

/// Runs a command line within this process. Returns its exit code and its output on stdout and stderr. Waiters take no
/// time.
fn captured(process: Process, stdin: &[u8]) -> (u8, String, String) {
    let backend = Lambdry::new(&process);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = face::run(
        &mut World {
            process,
            stdin: &mut &*stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            sleep: &|_| {},
        },
        &backend,
    );
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (code, text(&stdout), text(&stderr))
}

/// Reads a command's own words. The error is an exit code: help was asked for and printed, or the words are wrong and a
/// message was printed.
fn parse<T: Parser>(words: &[String], world: &mut World<'_>) -> Result<Result<T, u8>, Stop> {
    // clap takes the first word for the name of the program and skips it.
    let words = iter::once("").chain(words.iter().map(|word| match word.as_str() {
        // A lone `help` works as it does for every other command.
        "help" if words.len() == 1 => "--help",
        word => word,
    }));
    Ok(match T::try_parse_from(words) {
        Ok(parsed) => Ok(parsed),
        Err(told) if told.use_stderr() => {
            wrong::<T>(&told, world)?;
            Err(252)
        }
        Err(told) => {
            write!(world.stdout, "{told}")?;
            Err(0)
        }
    })
}

/// Reports wrong words in the style that all errors have.
fn wrong<T: Parser>(told: &clap::Error, world: &mut World<'_>) -> Result<(), Stop> {
    let program = world.process.program.clone();
    let mut text = told.to_string();
    // For a wrong value, clap keeps the message of the value's parser as the error's source.
    if let Some(source) = told.source() {
        text = text.replace(
            &source.to_string(),
            &plain(source).replacen("..=", " to ", 1),
        );
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let text = text.split("\n\nFor more information").next();
    let text = text
        .unwrap_or_default()
        .trim_end()
        .replace("\n\nUsage: ", "\n\nusage: ");
    writeln!(
        world.stderr,
        "\n{program}: [ERROR]: An error occurred (ParamValidation): {}",
        output::shown::lines(&text)
    )?;
    if !world.process.hints() {
        return Ok(());
    }
    let command = T::command();
    let command = command.get_bin_name().unwrap_or(command.get_name());
    let command = command.trim_start_matches("lambdry ");
    match unknown(told) {
        Some(option) if globals::table(false).iter().any(|opt| opt.name() == option) => writeln!(
            world.stderr,
            "hint: options of every command stand before the command's name: {program} {option} …"
        )?,
        _ => writeln!(
            world.stderr,
            "hint: {program} {command} --help shows its options and examples"
        )?,
    }
    Ok(())
}

/// Prints the names of the functions for a command that was called without one.
fn offer_functions(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<(), Stop> {
    let named = words.iter().any(|word| !word.starts_with('-'));
    if named || !world.process.hints() {
        return Ok(());
    }
    let names = astray::functions(&world.process, globals).unwrap_or_default();
    match face::hints::functions(&names) {
        Some(named) => writeln!(world.stderr, "hint: {named}")?,
        None => writeln!(
            world.stderr,
            "hint: this state has no function; run lambdry without arguments to see how to create one"
        )?,
    }
    Ok(())
}

/// The unexpected option.
fn unknown(told: &clap::Error) -> Option<&str> {
    match told.get(ContextKind::InvalidArg)? {
        ContextValue::String(option) if told.kind() == ErrorKind::UnknownArgument => Some(option),
        _ => None,
    }
}

/// Returns true if a picture is drawn in colour. `--color` decides. Without it, a picture on a terminal is in colour
/// unless `NO_COLOR` is set.
fn color(globals: &Globals, process: &Process) -> bool {
    match globals.color.as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => process.stdout_is_terminal && !process.no_color(),
    }
}

/// The option by which a command that draws prints its data instead.
#[derive(Debug, clap::Args)]
struct AsData {
    /// Print data instead of the drawing: json, yaml, text or table. A global --output or --query does the same.
    #[arg(long, value_name = "FORMAT", value_parser = ["json", "yaml", "text", "table"])]
    output: Option<String>,
}

impl AsData {
    /// The format, if data is asked for. The inner `None` means JSON.
    fn format<'a>(&'a self, globals: &'a Globals) -> Option<Option<&'a str>> {
        let format = self.output.as_deref().or(globals.output.as_deref());
        (format.is_some() || globals.query.is_some()).then_some(format)
    }
}

/// Prints a value in an output format, JSON by default, after applying `--query`.
fn data(
    mut value: Value,
    format: Option<&str>,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<(), Stop> {
    if let Some(text) = &globals.query {
        let bad = |cause: String| Stop::Invalid(format!("Bad value for --query {text}: {cause}"));
        let query = Query::compile(text).map_err(|error| bad(plain(&error)))?;
        value = query.search(&value).map_err(|error| bad(plain(&error)))?;
    }
    let format = format.unwrap_or("json").parse();
    let style = Style {
        width: world.process.width,
        color: false,
    };
    let text = output::render(format.unwrap_or(Format::Json), &value, "lambdry", &style)
        .map_err(|error| Stop::Other(error.message))?;
    Ok(world.stdout.write_all(text.as_bytes())?)
}

/// A number of bytes, for people.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // The conversion loses at most a tenth, and only for sizes far beyond any package.
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}
