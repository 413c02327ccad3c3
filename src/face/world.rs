//! The streams, words and environment of the process. All modules below `main` use this type and never read the process
//! itself.
//!
//! A test builds a [`World`] by hand; `main` builds the real one.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The streams and the input data of a process, as a command line needs them.
pub struct World<'a> {
    /// The input data of the process.
    pub process: Process,
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Standard output: AWS's answer and nothing else.
    pub stdout: &'a mut dyn Write,
    /// Standard error: errors and hints.
    pub stderr: &'a mut dyn Write,
    /// Waits in real time, for a waiter that polls again.
    pub sleep: &'a dyn Fn(Duration),
}

/// The input of a process, as plain data.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// The name by which the program was called: `lambdry` or `aws`.
    pub program: String,
    /// The words after the name of the program.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
    /// The working directory. Relative paths start there.
    pub cwd: PathBuf,
    /// True if stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// True if stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// The terminal's width in columns; 80 without a terminal.
    pub width: usize,
}

impl Process {
    /// A variable of the environment, if it is set. Bytes that are not UTF-8 are replaced by U+FFFD. No setting accepts
    /// this character, so a malformed variable is refused and not ignored.
    pub fn var(&self, name: &str) -> Option<&str> {
        let value = self.env.get(OsStr::new(name))?;
        Some(value.to_str().unwrap_or("\u{FFFD}"))
    }

    /// A variable that holds a path, which need not be UTF-8.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.env.get(OsStr::new(name)).map(Path::new)
    }

    /// Returns true if the program was called as `aws`. Under this name, our own commands and options do not exist.
    pub fn is_aws(&self) -> bool {
        self.program == "aws"
    }

    /// Returns true if hints are printed. Under our own name they are always printed; under `aws`, only on request.
    pub fn hints(&self) -> bool {
        match self.var("LAMBDRY_HINTS") {
            Some(set) if self.is_aws() => set == "1",
            Some(set) => set != "0",
            None => !self.is_aws(),
        }
    }

    /// Returns true if colour is turned off: `NO_COLOR` is set and not empty.
    pub fn no_color(&self) -> bool {
        self.var("NO_COLOR").is_some_and(|set| !set.is_empty())
    }

    /// Returns true if calls explain their results. The name of the program makes no difference.
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
