//! Everything a command line can see of the process: nothing below `main` reads it any other way.
//!
//! A test builds one by hand; `main` builds the real one.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The process as a command line sees it: what it was given, and where it reads and writes.
pub struct World<'a> {
    /// What it was given.
    pub process: Process,
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Where AWS's answer goes, and nothing else.
    pub stdout: &'a mut dyn Write,
    /// Errors and hints.
    pub stderr: &'a mut dyn Write,
    /// Passes real time, for a waiter that looks again.
    pub sleep: &'a dyn Fn(Duration),
}

/// What a process was given, as plain data.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// The name we were called by: `lambdry` or `aws`.
    pub program: String,
    /// The words after it.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
    /// The directory relative paths start from.
    pub cwd: PathBuf,
    /// Whether a person reads stdout.
    pub stdout_is_terminal: bool,
    /// Whether a person reads stderr.
    pub stderr_is_terminal: bool,
    /// The terminal's width in columns; 80 off a terminal.
    pub width: usize,
}

impl Process {
    /// A variable of the environment, if it is set. What is not UTF-8 reads as U+FFFD, which no setting takes: a
    /// variable that is set and makes no sense is refused, not passed over.
    pub fn var(&self, name: &str) -> Option<&str> {
        let value = self.env.get(OsStr::new(name))?;
        Some(value.to_str().unwrap_or("\u{FFFD}"))
    }

    /// A variable that holds a path, which need not be UTF-8.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.env.get(OsStr::new(name)).map(Path::new)
    }

    /// Whether we were called as `aws`, where nothing of our own exists.
    pub fn is_aws(&self) -> bool {
        self.program == "aws"
    }

    /// Whether advice is printed: always under our own name, under `aws` only when asked for.
    pub fn hints(&self) -> bool {
        match self.var("LAMBDRY_HINTS") {
            Some(set) if self.is_aws() => set == "1",
            Some(set) => set != "0",
            None => !self.is_aws(),
        }
    }

    /// Returns true if colours are not wanted: `NO_COLOR` is set and not empty.
    pub fn no_color(&self) -> bool {
        self.var("NO_COLOR").is_some_and(|set| !set.is_empty())
    }

    /// Whether a call says why it ended as it did, under either name.
    pub fn explains(&self) -> bool {
        self.var("LAMBDRY_EXPLAIN")
            .is_some_and(|set| !matches!(set, "" | "0"))
    }
}

impl fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_advice_under_our_own_name() {
        let hints = |program: &str, set: Option<&str>| {
            let env = set
                .map(|set| ("LAMBDRY_HINTS".into(), set.into()))
                .into_iter()
                .collect();
            Process {
                program: program.to_owned(),
                env,
                ..Process::default()
            }
            .hints()
        };
        assert!(hints("lambdry", None) && !hints("lambdry", Some("0")));
        assert!(!hints("aws", None) && hints("aws", Some("1")));
    }
}
