//! The tally of a call log: a file beside the log, with a digest of every line that a command of lambdry was about to
//! write. The tally shows the report which lines of the log are missing, because they could not be written or because
//! somebody removed or changed them. It also shows which lines another program wrote.
//!
//! The stage makes the tally. A log that only `LAMBDRY_CALLS` asks for has no tally.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The faults of a call log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Losses {
    /// The number of calls whose lines are missing.
    pub(crate) missing: usize,
    /// The number of lines that are not calls. They were cut off, or another program wrote them.
    pub(crate) torn: usize,
    /// The number of lines that look like calls but that lambdry did not write.
    pub(crate) foreign: usize,
}

impl Losses {
    /// Returns true if the log is complete and every line is lambdry's.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The tally of a log.
pub(crate) fn of(log: &Path) -> PathBuf {
    log.with_extension("tally")
}

/// Counts a line before it is written.
///
/// # Errors
/// The tally exists and cannot be written.
pub(super) fn count(log: &Path, line: &[u8]) -> io::Result<()> {
    match OpenOptions::new().append(true).open(of(log)) {
        Ok(mut tally) => tally.write_all(format!("{}\n", digest(line)).as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Compares a log's lines with its tally. `is_call` returns true if a line can be read as a call.
///
/// # Errors
/// The tally exists and cannot be read.
pub(super) fn compared(
    log: &Path,
    lines: &[&[u8]],
    is_call: impl Fn(&[u8]) -> bool,
) -> io::Result<Losses> {
    let mut losses = Losses::default();
    let tally = match std::fs::read_to_string(of(log)) {
        Ok(tally) => Some(tally),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut meant: BTreeMap<&str, usize> = BTreeMap::new();
    for line in tally.iter().flat_map(|tally| tally.lines()) {
        *meant.entry(line).or_default() += 1;
    }
    for line in lines.iter().filter(|line| !line.is_empty()) {
        match meant.get_mut(&*digest(line)) {
            Some(left) if *left > 0 => *left -= 1,
            _ if !is_call(line) => losses.torn += 1,
            _ if tally.is_some() => losses.foreign += 1,
            _ => {}
        }
    }
    losses.missing = meant.values().sum();
    Ok(losses)
}

/// The digest of a line, without its line end.
fn digest(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let hash = Sha256::digest(line);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
