//! Candidates for the next word on a command line: the one engine behind the completion of every shell.
//!
//! The input is the words before the cursor, and the output is candidates for the last of them. The candidates come
//! from the tables that also parse the command line, and from the request types. The names of functions, aliases and
//! versions come from the state directory that the line and the environment name. Completion never writes and never
//! waits for a lock. After any fault (a broken state directory, a word without a meaning) there are no candidates.
//!
//! `line` reads the words before the cursor, `values` offers the values of an option, `state` the contents of the state
//! directory, `files` the files of the disk, and `own` the words of lambdry's own commands.

mod files;
mod line;
mod own;
mod state;
mod values;

#[cfg(test)]
mod tests;

use crate::face::{Backend as _, world::Process};

use super::backend::Lambdry;
use line::{Subject, TypedLine};

/// A word that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The whole word, unquoted.
    pub(crate) word: String,
    /// A description of the word, in a few words; may be empty.
    pub(crate) about: String,
    /// True if the word can continue without a blank: a folder, `file://`, `Mode=`.
    pub(crate) open: bool,
}

impl Candidate {
    fn new(word: impl Into<String>, about: &str) -> Self {
        Self {
            word: word.into(),
            about: gist(about),
            open: false,
        }
    }

    fn open(word: impl Into<String>, about: &str) -> Self {
        Self {
            open: true,
            ..Self::new(word, about)
        }
    }
}

/// Returns the first sentence of a description, without the full stop.
pub(crate) fn gist(about: &str) -> String {
    let first = about.split(". ").next().unwrap_or_default();
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    first.trim_end_matches('.').to_owned()
}

/// Candidates for the last of the words that follow the program's name, in the order of the tables.
pub(crate) fn candidates(words: &[String], process: &Process) -> Vec<Candidate> {
    let Some((current, before)) = words.split_last() else {
        return Vec::new();
    };
    let services = Lambdry::default().services();
    let mut line = TypedLine::new(process, &services);
    for (at, word) in before.iter().enumerate() {
        line.take(word);
        if let Subject::Own(command) = line.place {
            return own::candidates(&line, command, &before[at + 1..], current);
        }
    }
    let mut found = line.complete(current);
    found.retain(|candidate| {
        candidate.word.starts_with(current.as_str()) && !candidate.word.contains(char::is_control)
    });
    found
}

fn plain(words: &[impl AsRef<str>]) -> Vec<Candidate> {
    let words = words.iter().map(AsRef::as_ref);
    words.map(|word| Candidate::new(word, "")).collect()
}
