//! The processes of a rehearsal: the processes whose environment names the stage, and the orphans without this
//! environment that became children of this process.
//!
//! On Linux, `/proc` shows all of this. On other systems these processes are unknown, so a report does not mention
//! processes that still run.

use std::path::{Path, PathBuf};

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    /// The id of the process.
    pub(crate) pid: u32,
    /// The command line of the process, secrets masked.
    pub(crate) words: Vec<String>,
}

/// The processes whose environment names the stage, except this one.
#[cfg(target_os = "linux")]
pub(crate) fn of(stage: &Path) -> Vec<Running> {
    all()
        .filter(|pid| names(*pid, stage))
        .filter_map(running)
        .collect()
}

/// Returns true if a process's environment names the stage.
#[cfg(target_os = "linux")]
pub(crate) fn names(pid: u32, stage: &Path) -> bool {
    // The environment of another user's process cannot be read. Such a process does not belong to a rehearsal.
    read(pid, "environ", &mut Vec::new())
        .and_then(stage_in)
        .is_some_and(|told| told == stage)
}

/// The stages in the environments of the processes above this one, the nearest first.
#[cfg(target_os = "linux")]
pub(crate) fn rehearsals_above() -> impl Iterator<Item = PathBuf> {
    let mut above = Some(std::os::unix::process::parent_id());
    // This search is made for every call. So one buffer is used for all files, and each file is read in one piece.
    let mut buffer = Vec::with_capacity(16 * 1024);
    std::iter::from_fn(move || {
        let pid = above.filter(|pid| *pid > 1)?;
        above = parent_in(read(pid, "stat", &mut buffer)?);
        Some(read(pid, "environ", &mut buffer).and_then(stage_in))
    })
    .flatten()
}

/// Reads a file of a process to its end. `/proc` reports the size 0 for every file, so the size is not used. The old
/// content of `buffer` is removed.
#[cfg(target_os = "linux")]
fn read<'a>(pid: u32, name: &str, buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    use std::io::Read as _;
    buffer.clear();
    let file = std::fs::File::open(format!("/proc/{pid}/{name}")).ok()?;
    file.take(u64::MAX).read_to_end(buffer).ok()?;
    Some(buffer)
}

/// The stage in the environment that a process had when it began.
#[cfg(target_os = "linux")]
fn stage_in(environ: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut entries = environ.split(|byte| *byte == 0);
    let stage = entries.find_map(|entry| entry.strip_prefix(b"LAMBDRY_REHEARSAL="))?;
    (!stage.is_empty()).then(|| std::ffi::OsStr::from_bytes(stage).into())
}

/// Returns true if a process has `/dev/null` as its stdin. `self` stands for this process.
#[cfg(target_os = "linux")]
pub(crate) fn reads_nothing(pid: &str) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let device = |path: &str| std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let stdin = device(&format!("/proc/{pid}/fd/0"));
    stdin.is_ok_and(|stdin| device("/dev/null").is_ok_and(|null| null == stdin))
}

/// The processes that are children of this one.
#[cfg(target_os = "linux")]
pub(crate) fn children() -> Vec<Running> {
    let us = std::process::id();
    all()
        .filter(|pid| parent_of(*pid) == Some(us))
        .filter_map(running)
        .collect()
}

/// The children that have ended and wait to be collected.
#[cfg(target_os = "linux")]
pub(crate) fn ended_children() -> Vec<u32> {
    let us = std::process::id();
    let ended = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        rest.trim_start().starts_with('Z')
    };
    all()
        .filter(|pid| parent_of(*pid) == Some(us))
        .filter(ended)
        .collect()
}

/// The parent of a process.
#[cfg(target_os = "linux")]
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    parent_in(read(pid, "stat", &mut Vec::with_capacity(1024))?)
}

/// The parent that a process's `stat` names: `12 (a name) with) blanks) S 1 …`.
#[cfg(target_os = "linux")]
fn parent_in(stat: &[u8]) -> Option<u32> {
    let closing = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = str::from_utf8(&stat[closing + 1..]).ok()?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
fn all() -> impl Iterator<Item = u32> {
    let us = std::process::id();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid| *pid != us)
}

/// Describes a process; `None` if the process has ended and only waits to be collected.
#[cfg(target_os = "linux")]
fn running(pid: u32) -> Option<Running> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, rest) = stat.rsplit_once(')')?;
    if rest.trim_start().starts_with(['Z', 'X']) {
        return None;
    }
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = line
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned());
    let mut words = super::secrets::of_line(words);
    if words.is_empty() {
        words.push(
            before
                .split_once('(')
                .map_or(before, |(_, name)| name)
                .to_owned(),
        );
    }
    Some(Running { pid, words })
}

/// Returns nothing, because this system does not show processes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn rehearsals_above() -> impl Iterator<Item = PathBuf> {
    std::iter::empty()
}

/// Returns nothing, because this system does not show processes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_: &Path) -> Vec<Running> {
    Vec::new()
}

/// Returns nothing, because this system does not show processes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn children() -> Vec<Running> {
    Vec::new()
}
