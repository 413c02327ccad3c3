//! Compares text files line by line. The result is a unified diff in the form of `diff -u`, or the reason why no diff
//! is made.
//!
//! Lines that occur exactly once on both sides are the anchors (`similar`'s patience). The comparison is quick for any
//! input. Every diff, applied to the first text, gives the second.

use similar::{
    algorithms::{Capture, Replace, patience},
    udiff::UnifiedHunkHeader,
};

use crate::store::listing::{Content, Entry, Listing};

/// The largest file that is compared line by line, in bytes.
const LIMIT: u64 = 4 << 20;

/// The number of unchanged lines shown around a change.
const CONTEXT: usize = 3;

/// A file of a package, ready to be read; `None` if this side does not have the file.
pub(super) type Side<'a> = Option<(&'a mut Listing, Entry)>;

/// The hunks that turn the first file into the second, each beginning with `@@`. The error is the reason why no hunks
/// can be made.
pub(super) fn hunks(before: Side<'_>, after: Side<'_>) -> Result<String, String> {
    let before = text("before", before)?;
    let after = text("after", after)?;
    Ok(unified(&before, &after))
}

/// A file's text; empty for a missing file.
fn text(when: &str, side: Side<'_>) -> Result<String, String> {
    let Some((listing, entry)) = side else {
        return Ok(String::new());
    };
    let bytes = match listing.read(&entry, LIMIT) {
        Content::Bytes(bytes) => bytes,
        Content::TooLong => {
            return Err(format!(
                "not compared line by line: it is longer than {LIMIT} bytes"
            ));
        }
        Content::Unreadable(cause) => {
            return Err(format!(
                "not compared line by line: its content {when} cannot be unpacked ({cause})"
            ));
        }
    };
    let binary = || "not compared line by line: it is not text".to_owned();
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(binary()),
    }
}

fn unified(before: &str, after: &str) -> String {
    // A line ends at a newline, as in diff, and not at a single carriage return.
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    // Only the patience algorithm is compiled in. `TextDiff` would compile in every algorithm, which adds 200 KB.
    let mut ops = Replace::new(Capture::new());
    let Ok(()) = patience::diff(&mut ops, &old[..], 0..old.len(), &new[..], 0..new.len());
    let mut text = String::new();
    for hunk in ops.into_inner().into_grouped_ops(CONTEXT) {
        text += &format!("{}\n", UnifiedHunkHeader::new(&hunk));
        for change in hunk.iter().flat_map(|op| op.iter_changes(&old, &new)) {
            text += &format!("{}{}", change.tag(), change.value());
            if !change.value().ends_with('\n') {
                text += "\n\\ No newline at end of file\n";
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Applies a diff to the old text and returns the new text. Lines of context are not compared with the old text.
    fn patched(old: &str, diff: &str) -> String {
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut made, mut at) = (String::new(), 0);
        for line in diff.split_inclusive('\n') {
            if let Some(range) = line.strip_prefix("@@ -") {
                let (left, _) = range.split_once(' ').expect("two ranges");
                let (start, count) = left.split_once(',').unwrap_or((left, "1"));
                let start: usize = start.parse().expect("a number");
                // A range without lines gives the number of the line before it.
                let from = if count == "0" { start } else { start - 1 };
                made.extend(old[at..from].iter().copied());
                at = from;
            } else if let Some(line) = line.strip_prefix('+') {
                made += line;
            } else if line.starts_with('-') {
                at += 1;
            } else {
                made += old[at];
                at += 1;
            }
        }
        made.extend(old[at..].iter().copied());
        made
    }

    #[test]
    fn reads_as_diff_writes_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n";
        let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn";
        assert_eq!(
            unified(old, new),
            "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -11,3 +11,4 @@\n k\n l\n m\n+n\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("", "x\n"), "@@ -0,0 +1 @@\n+x\n");
        assert_eq!(unified("x\n", ""), "@@ -1 +0,0 @@\n-x\n");
        assert_eq!(
            unified("x\n", "x"),
            "@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n"
        );
        assert_eq!(unified(old, old), "");
        assert_eq!(unified("a\rb\n", "a\rc\n"), "@@ -1 +1 @@\n-a\rb\n+a\rc\n");
    }

    #[test]
    fn finds_the_one_line_that_moved_in_a_long_text_and_ends_quickly_where_nothing_is_alike() {
        let lines: Vec<String> = (0..20_000).map(|n| format!("line {n}\n")).collect();
        let old = lines.concat();
        let mut moved = lines;
        moved.remove(5_000);
        moved.insert(10_000, "new\n".to_owned());
        let diff = unified(&old, &moved.concat());
        assert_eq!(diff.lines().filter(|line| line.starts_with('@')).count(), 2);
        assert_eq!(patched(&old, &diff), moved.concat());
        let other = "x\ny\n".repeat(20_000);
        assert_eq!(patched(&old, &unified(&old, &other)), other);
    }

    proptest! {
        #[test]
        fn every_diff_turns_the_one_into_the_other(
            old in proptest::collection::vec("[a-f]\r?\n", 0..40),
            new in proptest::collection::vec("[a-f]\r?\n", 0..40),
        ) {
            let (old, new) = (old.concat(), new.concat());
            prop_assert_eq!(patched(&old, &unified(&old, &new)), new);
        }
    }
}
