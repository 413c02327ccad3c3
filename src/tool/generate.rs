//! `lambdry generate`: makes completion scripts and man pages from the binary's own description, and prints the script
//! that gathers the input of `lambdry import`.
//!
//! Its output is checked in under `completions/` and `man/`, and a test fails if it differs; `lambdry generate all`
//! writes both again. The completion scripts call the hidden `candidates`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::face::{Globals, exit::Stop, world::World};

use super::{
    complete, man,
    shell::{self, Shell},
};

/// The command's summary.
pub(crate) const ABOUT: &str =
    "Prints a completion script or a snapshot script, or writes man pages.";

#[derive(Debug, Parser)]
#[command(name = "generate", bin_name = "lambdry generate", about = ABOUT)]
struct Generate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints a completion script for a shell. The script asks the binary, so it stays correct when lambdry or the
    /// state changes. It completes lambdry, never aws.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Writes the man pages into a directory, one page for each command. With --stdout, prints them all.
    #[group(required = true, multiple = false)]
    Man {
        /// The directory for the man pages. lambdry creates it if it is missing.
        #[arg(value_hint = clap::ValueHint::DirPath)]
        dir: Option<PathBuf>,
        /// Print the man pages to stdout instead.
        #[arg(long)]
        stdout: bool,
    },
    /// Prints a shell script for a machine with AWS credentials. The script reads functions, layers and mappings with
    /// aws lambda and changes nothing. It writes a folder for lambdry import.
    Snapshot,
    /// Writes the directories completions/ and man/ of the source tree again.
    All {
        /// The directory that holds completions/ and man/.
        #[arg(default_value = ".", value_hint = clap::ValueHint::DirPath)]
        dir: PathBuf,
    },
    /// Prints the candidates for the end of a command line. The completion scripts call this.
    #[command(hide = true)]
    Candidates {
        /// The shell that asks.
        shell: Shell,
        /// The words of the command line.
        #[arg(last = true)]
        words: Vec<String>,
    },
}

/// The clap command of `lambdry generate`.
pub(crate) fn options() -> clap::Command {
    Generate::command()
}

/// Runs the command.
///
/// # Errors
/// When stdout is gone or a file cannot be written.
pub(crate) fn run(words: &[String], _globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let generate: Generate = match super::parse(words, world)? {
        Ok(generate) => generate,
        Err(code) => return Ok(code),
    };
    match generate.what {
        What::Completions { shell } => write!(world.stdout, "{}", shell.script())?,
        What::Man { dir: Some(dir), .. } => write_pages(&world.process.cwd.join(dir))?,
        What::Man { dir: None, .. } => {
            for page in man::pages() {
                write!(world.stdout, "{}", page.text)?;
            }
        }
        What::Snapshot => write!(world.stdout, "{}", super::transfer::SNAPSHOT)?,
        What::All { dir } => {
            let dir = world.process.cwd.join(dir);
            write_scripts(&dir.join("completions"))?;
            write_pages(&dir.join("man"))?;
        }
        What::Candidates { shell, words } => {
            let question = shell.question(&words);
            let candidates = complete::candidates(&question.words, &world.process);
            write!(world.stdout, "{}", shell.answer(&question, &candidates))?;
        }
    }
    Ok(0)
}

fn write_scripts(folder: &Path) -> Result<(), Stop> {
    make(folder)?;
    for shell in shell::Shell::ALL {
        put(&folder.join(shell.file()), shell.script())?;
    }
    Ok(())
}

/// Writes the pages, and removes the pages of commands that do not exist any more.
fn write_pages(folder: &Path) -> Result<(), Stop> {
    make(folder)?;
    let pages = man::pages();
    let stale = |name: &str| {
        name.starts_with("lambdry")
            && name.ends_with(".1")
            && pages.iter().all(|page| page.file() != name)
    };
    for name in crate::store::atomic::names(folder).map_err(super::backend::stop)? {
        if stale(&name) {
            let path = folder.join(name);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for page in &pages {
        put(&folder.join(page.file()), &page.text)?;
    }
    Ok(())
}

fn make(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
