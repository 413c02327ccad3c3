//! `journal.jsonl`: one line a change, the source of `history`.
//!
//! Lines are numbered by the change counter. A line above the head's counter does not exist (the process stopped before
//! the head was replaced), and neither does one that a later line does not go beyond; a torn last line is cut by the
//! next writer.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Result, StoreError, atomic, atomic::Disk};

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Line {
    /// The change counter after it.
    pub change: u64,
    /// When.
    pub when: Timestamp,
    /// Which operation.
    pub call: String,
    /// What moved (see [`crate::state::head::Head::moved`]).
    pub moved: Value,
}

/// Appends a line, durably: one fsync.
///
/// # Errors
/// When the journal cannot be written.
pub(super) fn append(disk: &Disk, path: &Path, line: &Line) -> Result<()> {
    let mut text = serde_json::to_vec(line).expect("plain data becomes JSON");
    text.push(b'\n');
    (|| {
        disk.step("open the journal")?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let mut file = atomic::private(&mut options).open(path)?;
        cut_torn_tail(disk, &mut file)?;
        disk.write(&mut file, &text)?;
        disk.step("fsync the journal")?;
        file.sync_data()
    })()
    .map_err(|error| StoreError::io("write", path, error).into())
}

/// Removes what a stopped writer left of a line.
fn cut_torn_tail(disk: &Disk, file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = length;
    let mut chunk = [0; 4096];
    while end > 0 {
        // The last byte tells in the usual case.
        let take = end.min(if end == length { 1 } else { chunk.len() as u64 });
        let start = end - take;
        let part = &mut chunk[..take as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(newline) = part.iter().rposition(|byte| *byte == b'\n') {
            end = start + newline as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        disk.step("cut the journal")?;
        file.set_len(end)?;
    }
    Ok(())
}

/// The changes up to and with that number, oldest first.
///
/// # Errors
/// When the journal is there and cannot be read, or a line that should stand is no change.
pub fn read(path: &Path, changes: u64) -> Result<Vec<Line>> {
    let Some(bytes) = atomic::read(path)? else {
        return Ok(Vec::new());
    };
    let mut lines = BTreeMap::new();
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(&[][..], |end| &bytes[..end]);
    for (number, line) in whole
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let line: Line = serde_json::from_slice(line).map_err(|error| {
            StoreError::content(path, format!("line {} is no change: {error}", number + 1))
        })?;
        // What stands above a later line was never committed, even if the counter has passed its number since.
        lines.split_off(&line.change);
        lines.insert(line.change, line);
    }
    lines.split_off(&changes.saturating_add(1));
    Ok(lines.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(change: u64, call: &str) -> Line {
        Line {
            change,
            when: Timestamp::UNIX_EPOCH,
            call: call.to_owned(),
            moved: Value::Null,
        }
    }

    #[test]
    fn a_torn_tail_is_cut_by_the_next_writer_and_unseen_by_readers() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let disk = Disk::new(None);
        append(&disk, &path, &line(1, "a")).expect("written");
        let torn = "x".repeat(10_000);
        std::fs::write(
            &path,
            [std::fs::read(&path).expect("read"), torn.into_bytes()].concat(),
        )
        .expect("torn");
        assert_eq!(read(&path, 9).expect("read"), [line(1, "a")]);
        append(&disk, &path, &line(2, "b")).expect("written");
        assert_eq!(read(&path, 9).expect("read"), [line(1, "a"), line(2, "b")]);
    }

    #[test]
    fn a_tail_without_any_newline_is_cut_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "y".repeat(9_000)).expect("torn");
        append(&Disk::new(None), &path, &line(1, "a")).expect("written");
        assert_eq!(read(&path, 1).expect("read"), [line(1, "a")]);
    }

    #[test]
    fn lines_above_the_counter_do_not_exist_and_the_last_of_equals_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        for l in [
            line(1, "a"),
            line(3, "lost"),
            line(3, "b"),
            line(4, "never"),
        ] {
            append(&Disk::new(None), &path, &l).expect("written");
        }
        assert_eq!(read(&path, 3).expect("read"), [line(1, "a"), line(3, "b")]);
    }

    #[test]
    fn a_line_that_was_never_committed_stays_unseen_when_the_counter_passes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        // The process stopped after line 5; the next change is number 4, and the one after it number 6.
        for l in [line(3, "a"), line(5, "never"), line(4, "b"), line(6, "c")] {
            append(&Disk::new(None), &path, &l).expect("written");
        }
        assert_eq!(
            read(&path, 6).expect("read"),
            [line(3, "a"), line(4, "b"), line(6, "c")]
        );
    }

    #[test]
    fn a_whole_line_that_is_no_change_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "{}\n").expect("foreign");
        let error = read(&path, 1).expect_err("refused").to_string();
        assert!(
            error.contains("journal.jsonl: line 1 is no change"),
            "{error}"
        );
    }
}
