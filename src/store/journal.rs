//! `journal.jsonl`: one line for each change. `history` prints them.
//!
//! Lines are numbered by the change counter, with gaps, because one change may take several ids. A line with a number
//! above the head's counter does not count, because its process stopped before it replaced the head. The next writer
//! cuts off such lines, and also a last line that was written only in part. If two lines have the same number, the last
//! one counts.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Result, StoreError, atomic, atomic::Disk};
use crate::state::plain::plain;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Line {
    /// The change counter after the change.
    pub change: u64,
    /// The moment of the change.
    pub when: Timestamp,
    /// The operation.
    pub call: String,
    /// The differences (see [`crate::state::head::Head::moved`]).
    pub moved: Value,
}

/// Appends a line. It is durable once the returned file is fsynced. `so_far` is the head's change counter before this
/// change. Lines with higher numbers come from a writer that stopped or failed. They are cut off first, because
/// otherwise they would count as soon as the head's counter reaches their numbers.
///
/// # Errors
/// A journal that cannot be written. A journal that is a link is an error, too, because no other resource may use a
/// file to which lines are appended.
pub(super) fn append(disk: &Disk, path: &Path, so_far: u64, line: &Line) -> Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(StoreError::content(path, "it is not a regular file").into());
    }
    let mut text = atomic::json_line(line);
    (|| {
        disk.step("open the journal")?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let mut file = atomic::private(&mut options).open(path)?;
        if !cut(disk, &mut file, so_far)? {
            text.insert(0, b'\n');
        }
        disk.write(&mut file, &text)?;
        Ok(file)
    })()
    .map_err(|error| StoreError::io("write", path, error).into())
}

/// Cuts off a last line that was written only in part, and lines with numbers above the counter. Returns true if the
/// remaining text ends in a newline. It does not if an editor removed the newline of a line that counts.
fn cut(disk: &Disk, file: &mut File, so_far: u64) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = line_start(file, length)?;
    if end < length && stands(&part(file, end, length)?, so_far) == Some(true) {
        return Ok(false);
    }
    while end > 0 {
        let start = line_start(file, end - 1)?;
        if stands(&part(file, start, end)?, so_far) != Some(false) {
            break;
        }
        end = start;
    }
    if end < length {
        disk.step("cut the journal")?;
        file.set_len(end)?;
    }
    Ok(true)
}

/// Returns the start of the line that ends at `end`: after the last newline before it, or at the file's start.
fn line_start(file: &mut File, mut end: u64) -> io::Result<u64> {
    while end > 0 {
        let start = end.saturating_sub(512);
        let part = part(file, start, end)?;
        if let Some(newline) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + newline as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The bytes from `start` to `end`, read in one system call.
fn part(file: &mut File, start: u64, end: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut part = Vec::with_capacity(usize::try_from(end - start).unwrap_or_default());
    file.take(end - start).read_to_end(&mut part)?;
    Ok(part)
}

/// Returns true if the line counts for a head whose change counter is `changes`; `None` if the line is not a change.
fn stands(line: &[u8], changes: u64) -> Option<bool> {
    let line: Line = serde_json::from_slice(line).ok()?;
    Some(line.change <= changes)
}

/// The text of a whole journal.
pub(super) fn text(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(atomic::json_line).collect()
}

/// The changes up to that number, oldest first.
///
/// # Errors
/// A journal that exists but cannot be read, or a counted line that is not a change.
pub fn read(path: &Path, changes: u64) -> Result<Vec<Line>> {
    let Some(bytes) = atomic::read(path)? else {
        return Ok(Vec::new());
    };
    parse(&bytes, changes).map_err(|cause| StoreError::content(path, cause).into())
}

/// The changes in a journal's text up to that number, oldest first. The error is a description of the fault.
pub(super) fn parse(bytes: &[u8], changes: u64) -> Result<Vec<Line>, String> {
    let mut lines = BTreeMap::new();
    let mut rest = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((number, text)) = rest.next() {
        match serde_json::from_slice::<Line>(text) {
            Ok(line) if line.change <= changes => {
                lines.insert(line.change, line);
            }
            Ok(_) => {}
            // The text after the last newline may be a line that was written only in part.
            Err(_) if text.is_empty() || rest.peek().is_none() => {}
            Err(error) => {
                return Err(format!(
                    "line {} is not a change: {}",
                    number + 1,
                    plain(&error)
                ));
            }
        }
    }
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
        let disk = Disk::new(true, None);
        append(&disk, &path, 0, &line(1, "a")).expect("written");
        let torn = "x".repeat(10_000);
        fs::write(
            &path,
            [fs::read(&path).expect("read"), torn.into_bytes()].concat(),
        )
        .expect("torn");
        assert_eq!(read(&path, 9).expect("read"), [line(1, "a")]);
        append(&disk, &path, 1, &line(2, "b")).expect("written");
        assert_eq!(read(&path, 9).expect("read"), [line(1, "a"), line(2, "b")]);
    }

    #[test]
    fn a_tail_without_any_newline_is_cut_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "y".repeat(9_000)).expect("torn");
        append(&Disk::new(true, None), &path, 0, &line(1, "a")).expect("written");
        assert_eq!(read(&path, 1).expect("read"), [line(1, "a")]);
    }

    fn text(lines: &[Line]) -> String {
        String::from_utf8(super::text(lines)).expect("text")
    }

    #[test]
    fn lines_above_the_counter_do_not_exist_and_the_last_of_equals_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let lines = [line(1, "a"), line(3, "b"), line(3, "c"), line(4, "never")];
        fs::write(&path, text(&lines)).expect("written");
        assert_eq!(read(&path, 3).expect("read"), [line(1, "a"), line(3, "c")]);
    }

    #[test]
    fn lines_above_the_counter_are_cut_before_a_head_can_cover_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let lost = [line(1, "a"), line(2, "lost"), line(3, "lost"), line(3, "x")];
        fs::write(&path, text(&lost) + "{\"Cha").expect("written");
        append(&Disk::new(true, None), &path, 1, &line(4, "b")).expect("written");
        assert_eq!(read(&path, 4).expect("read"), [line(1, "a"), line(4, "b")]);
    }

    #[test]
    fn a_last_line_whose_newline_an_editor_took_stands() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let edited = text(&[line(1, "a"), line(2, "b")]);
        fs::write(&path, edited.trim_end()).expect("written");
        assert_eq!(read(&path, 2).expect("read"), [line(1, "a"), line(2, "b")]);
        append(&Disk::new(true, None), &path, 2, &line(3, "c")).expect("written");
        assert_eq!(read(&path, 3).expect("read").len(), 3);
    }

    #[test]
    fn a_whole_line_that_is_no_change_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "{}\n").expect("foreign");
        let error = read(&path, 1).expect_err("refused").to_string();
        assert!(
            error.contains("journal.jsonl: line 1 is not a change"),
            "{error}"
        );
    }
}
