//! Text files line by line: a unified diff as `diff -u` writes it, or the reason why there is none.
//!
//! Lines that stand once on both sides are the anchors, in the longest order they share; between two anchors the longest
//! common subsequence is looked for where that is cheap, and elsewhere all goes and all comes. Any input ends quickly,
//! and every answer turns the one text into the other.

use std::{collections::HashMap, ops::Range};

use crate::store::listing::{Content, Entry, Listing};

/// The most bytes of a file that is compared line by line.
const LIMIT: u64 = 4 << 20;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// Between two anchors, the most pairs of lines that are compared.
const PAIRS: usize = 1 << 20;

/// How often anchors are looked for between anchors.
const DEPTH: usize = 32;

/// A file of a package, to be read.
pub(super) type Side<'a> = Option<(&'a mut Listing, Entry)>;

/// The hunks that turn the one file into the other, each beginning with `@@`; the other side is why there are none.
pub(super) fn hunks(before: Side<'_>, after: Side<'_>) -> Result<String, String> {
    let before = text("before", before)?;
    let after = text("after", after)?;
    Ok(unified(&before, &after))
}

/// A file's text; none of a file that is not there.
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
                "not compared line by line: what it was {when} cannot be unpacked ({cause})"
            ));
        }
    };
    let binary = || "not compared line by line: it is no text".to_owned();
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(binary()),
    }
}

fn unified(before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut text = String::new();
    for hunk in hunks_of(&changes(&old, &new)) {
        // Both sides are off by as much before a hunk as behind its last unchanged line.
        let first = &hunk[0];
        let last = &hunk[hunk.len() - 1];
        let lead = first.0.start.min(CONTEXT);
        let tail = (old.len() - last.0.end).min(CONTEXT);
        let left = first.0.start - lead..last.0.end + tail;
        let right = first.1.start - lead..last.1.end + tail;
        text += &format!("@@ -{} +{} @@\n", range(&left), range(&right));
        let mut at = left.start;
        for (gone, come) in hunk {
            put(&mut text, ' ', &old[at..gone.start]);
            put(&mut text, '-', &old[gone.clone()]);
            put(&mut text, '+', &new[come.clone()]);
            at = gone.end;
        }
        put(&mut text, ' ', &old[at..left.end]);
    }
    text
}

fn put(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `diff` counts lines from one, leaves out a count of one, and names the line before an empty range.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// Lines that go and the lines that come in their place.
type Replaced = (Range<usize>, Range<usize>);

/// Changes that share their context stand in one hunk.
fn hunks_of(changes: &[Replaced]) -> Vec<&[Replaced]> {
    changes
        .chunk_by(|one, next| next.0.start - one.0.end <= 2 * CONTEXT)
        .collect()
}

/// What goes and what comes, in order, with at least one line in common between two of them.
fn changes(old: &[&str], new: &[&str]) -> Vec<Replaced> {
    let mut common = Vec::new();
    common_lines(old, new, (0, 0), DEPTH, &mut common);
    common.push((old.len(), new.len()));
    let mut changes = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (i, j) in common {
        if i > left || j > right {
            changes.push((left..i, right..j));
        }
        (left, right) = (i + 1, j + 1);
    }
    changes
}

/// Pairs of equal lines, ascending on both sides. `at`: where the two parts begin in the whole.
fn common_lines(
    old: &[&str],
    new: &[&str],
    at: (usize, usize),
    depth: usize,
    common: &mut Vec<(usize, usize)>,
) {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    common.extend((0..head).map(|i| (at.0 + i, at.1 + i)));
    let (old, new) = (&old[head..], &new[head..]);
    let at = (at.0 + head, at.1 + head);
    let both = old.iter().rev().zip(new.iter().rev());
    let tail = both.take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if !old.is_empty() && !new.is_empty() {
        let anchors = if depth == 0 {
            Vec::new()
        } else {
            anchors(old, new)
        };
        if anchors.is_empty() {
            subsequence(old, new, at, common);
        } else {
            let (mut left, mut right) = (0, 0);
            for (i, j) in anchors.into_iter().chain([(old.len(), new.len())]) {
                let begin = (at.0 + left, at.1 + right);
                common_lines(&old[left..i], &new[right..j], begin, depth - 1, common);
                if i < old.len() {
                    common.push((at.0 + i, at.1 + j));
                }
                (left, right) = (i + 1, j + 1);
            }
        }
    }
    common.extend((0..tail).map(|i| (at.0 + old.len() + i, at.1 + new.len() + i)));
}

/// The longest run of lines that stand once on either side and in one order on both.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    // By line: how often on either side, and where.
    let mut lines: HashMap<&str, (usize, usize, usize)> = HashMap::new();
    for (i, line) in old.iter().enumerate() {
        let seen = lines.entry(line).or_default();
        (seen.0, seen.2) = (seen.0 + 1, i);
    }
    for line in new {
        if let Some(seen) = lines.get_mut(line) {
            seen.1 += 1;
        }
    }
    // Patience: the least end of a run of each length, and which pair each pair follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut pairs: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for (j, line) in new.iter().enumerate() {
        let Some(&(1, 1, i)) = lines.get(line) else {
            continue;
        };
        let length = ends.partition_point(|end| pairs[*end].0 < i);
        let follows = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(pairs.len());
        } else {
            ends[length] = pairs.len();
        }
        pairs.push((i, j, follows));
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(pair) = next {
        run.push((pairs[pair].0, pairs[pair].1));
        next = pairs[pair].2;
    }
    run.reverse();
    run
}

/// The longest common subsequence, where it takes few comparisons.
fn subsequence(old: &[&str], new: &[&str], at: (usize, usize), common: &mut Vec<(usize, usize)>) {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > PAIRS {
        return;
    }
    // How long it is from a pair of places on.
    let mut longest = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            common.push((at.0 + i, at.1 + j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `patch` makes of the old lines.
    fn patched<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<&'a str> {
        let mut made = Vec::new();
        let mut at = 0;
        for (gone, come) in changes(old, new) {
            made.extend(&old[at..gone.start]);
            made.extend(&new[come]);
            at = gone.end;
        }
        made.extend(&old[at..]);
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
    }

    #[test]
    fn finds_the_one_line_that_moved_in_a_long_text_without_looking_at_every_pair() {
        let lines: Vec<String> = (0..50_000).map(|n| format!("line {n}\n")).collect();
        let old: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut new = old.clone();
        new.remove(20_000);
        new.insert(40_000, "new\n");
        assert_eq!(
            changes(&old, &new),
            [
                (20_000..20_001, 20_000..20_000),
                (40_001..40_001, 40_000..40_001)
            ]
        );
        let other: Vec<&str> = ["x\n", "y\n"].repeat(50_000);
        assert_eq!(patched(&old, &other), other);
    }

    proptest! {
        #[test]
        fn every_diff_turns_the_one_into_the_other(
            old in proptest::collection::vec("[a-f]", 0..40),
            new in proptest::collection::vec("[a-f]", 0..40),
        ) {
            let old: Vec<&str> = old.iter().map(String::as_str).collect();
            let new: Vec<&str> = new.iter().map(String::as_str).collect();
            prop_assert_eq!(patched(&old, &new), new);
        }
    }
}
