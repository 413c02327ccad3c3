//! The paths of files and objects: how to read, show and filter them.

use std::path::{Component, Path, PathBuf};

/// A source or a target, as the line names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Location {
    /// A file or a folder; `-` is standard input or output.
    Local(String),
    /// A bucket, and a key or a prefix.
    S3(String, String),
}

impl Location {
    /// Reads a path.
    pub(super) fn of(text: &str) -> Self {
        match text.strip_prefix("s3://") {
            Some(path) => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                Self::S3(bucket.to_owned(), key.to_owned())
            }
            None => Self::Local(text.to_owned()),
        }
    }

    pub(super) fn is_s3(&self) -> bool {
        matches!(self, Self::S3(..))
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Local(path) if path == "-")
    }
}

/// Formats an object as messages show it.
pub(super) fn uri(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

/// Formats a file as messages show it: its folder relative to the working directory, and its name.
pub(super) fn shown(path: &Path, cwd: &Path) -> String {
    let text = path.to_string_lossy();
    let (folder, name) = text.rsplit_once('/').unwrap_or((".", &text));
    let folder = if folder.is_empty() { "/" } else { folder };
    let folder = relative(Path::new(folder), cwd);
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// Python's `os.path.relpath`.
fn relative(path: &Path, from: &Path) -> String {
    let (path, from) = (absolute(path, from), absolute(from, from));
    let (mut path, mut from) = (path.components().peekable(), from.components().peekable());
    while path.peek().is_some() && path.peek() == from.peek() {
        path.next();
        from.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = path.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/"),
    }
}

/// Python's `os.path.abspath`. It uses only the text of the path, and does not follow links.
pub(super) fn absolute(path: &Path, cwd: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}

/// `--include` and `--exclude`, in order.
#[derive(Debug, Default)]
pub(super) struct Filters(pub(super) Vec<(bool, String)>);

impl Filters {
    /// Returns true if a name below the root is included. The last matching pattern decides. `whole` is the name
    /// together with the root; patterns that start with a slash are compared with it.
    pub(super) fn keep(&self, name: &str, whole: &str) -> bool {
        let matching = self.0.iter().rev().find(|(_, pattern)| {
            let name = if pattern.starts_with('/') {
                whole
            } else {
                name
            };
            matches(
                &pattern.chars().collect::<Vec<_>>(),
                &name.chars().collect::<Vec<_>>(),
            )
        });
        matching.is_none_or(|(include, _)| *include)
    }
}

/// Python's `fnmatch`: `*`, `?`, `[abc]`, `[a-c]`, `[!abc]`; a slash is a character like any other.
fn matches(pattern: &[char], name: &[char]) -> bool {
    // After a mismatch, the search continues after the last star.
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    loop {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(_) if n < name.len() => one(&pattern[p..], name[n]),
            None if n == name.len() => return true,
            _ => None,
        };
        match (step, star) {
            (Some(length), _) => {
                p += length;
                n += 1;
            }
            (None, Some((after, at))) if at < name.len() => {
                star = Some((after, at + 1));
                (p, n) = (after, at + 1);
            }
            _ => return false,
        }
    }
}

/// The length of the pattern's first element, which stands for one character; `None` if the character does not match
/// it.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['[', rest @ ..] => {
            let negated = rest.first() == Some(&'!');
            let set = &rest[usize::from(negated)..];
            // A closing bracket that comes first in the set is one of the characters of the set.
            let Some(end) = set.iter().skip(1).position(|c| *c == ']') else {
                return (c == '[').then_some(1);
            };
            let set = &set[..=end];
            let mut found = false;
            let mut at = 0;
            while at < set.len() {
                if let [low, '-', high, ..] = set[at..] {
                    found |= (low..=high).contains(&c);
                    at += 3;
                } else {
                    found |= set[at] == c;
                    at += 1;
                }
            }
            (found != negated).then_some(set.len() + 2 + usize::from(negated))
        }
        [first, ..] => (*first == c).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_as_fnmatch_does() {
        let fits = |pattern: &str, name: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            matches(&chars(pattern), &chars(name))
        };
        for (pattern, name, fit) in [
            ("*", "a/b.txt", true),
            ("*.txt", "a/b.txt", true),
            ("*.txt", "b.txt.gz", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]x", "]x", true),
            ("[ab", "[ab", true),
            ("*a*b*", "xaxbx", true),
            ("", "", true),
            ("a**", "a", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }

    #[test]
    fn the_last_filter_that_matches_counts() {
        let filters = Filters(vec![
            (false, "*".to_owned()),
            (true, "*.js".to_owned()),
            (false, "node/*".to_owned()),
        ]);
        let kept = ["a.js", "a.txt", "node/a.js"].map(|name| filters.keep(name, name));
        assert_eq!(kept, [true, false, false]);
    }

    #[test]
    fn a_file_is_shown_from_the_working_directory() {
        let cwd = Path::new("/home/you/work");
        for (path, text) in [
            ("/home/you/work/f.zip", "./f.zip"),
            ("/home/you/work/a/f.zip", "a/f.zip"),
            ("/home/you/f.zip", "../f.zip"),
            ("/tmp/f.zip", "../../../tmp/f.zip"),
        ] {
            assert_eq!(shown(Path::new(path), cwd), text);
        }
        assert_eq!(
            absolute(Path::new("../x/./y"), cwd),
            Path::new("/home/you/x/y")
        );
    }
}
