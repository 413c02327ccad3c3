//! Values in files: `file://path` for text, `fileb://path` for bytes.

use std::io;
use std::path::PathBuf;

use super::encoding::Encoding;
use super::python;
use super::world::Process;
use crate::state::plain::{plain, sentence};

/// A value that names a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Named<'v> {
    /// The value as it was written, with its prefix.
    value: &'v str,
    /// True for `fileb://`.
    pub(crate) binary: bool,
    /// The path with `~` and `$VAR` expanded, as messages show it.
    shown: String,
    /// The same path, resolved from the working directory.
    pub(crate) path: PathBuf,
}

/// The file that a value names; `None` if the value does not name a file.
pub(crate) fn named<'v>(process: &Process, value: &'v str) -> Option<Named<'v>> {
    let (binary, path) = match value.strip_prefix("file://") {
        Some(path) => (false, path),
        None => (true, value.strip_prefix("fileb://")?),
    };
    let shown = expanded(process, path);
    // An empty path is not a file. It must not become the working directory.
    let path = match shown.is_empty() {
        true => PathBuf::new(),
        false => process.cwd.join(&shown),
    };
    Some(Named {
        value,
        binary,
        shown,
        path,
    })
}

impl Named<'_> {
    /// Reads the file's bytes.
    ///
    /// # Errors
    /// `Unable to load paramfile …`.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.path).map_err(|error| self.unreadable(&error))
    }

    /// Reads the file's text. Line ends become `\n` as in Python's text mode; nothing is trimmed.
    ///
    /// # Errors
    /// `Unable to load paramfile …`.
    pub(crate) fn text(&self, encoding: Encoding) -> Result<String, String> {
        let text = encoding.decode(self.bytes()?).ok_or_else(|| {
            format!(
                "Unable to load paramfile ({}), text contents could not be decoded.  If this is a binary file, please \
                 use the fileb:// prefix instead of the file:// prefix.",
                self.shown
            )
        })?;
        Ok(if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            text
        })
    }

    /// The message for a file that could not be read.
    pub(crate) fn unreadable(&self, error: &io::Error) -> String {
        format!(
            "Unable to load paramfile {}: {}",
            self.value,
            os_error(error, &self.shown)
        )
    }
}

/// An error of the operating system as Python prints it: `[Errno 2] No such file or directory: 'x'`.
pub(crate) fn os_error(error: &io::Error, path: &str) -> String {
    match error.raw_os_error() {
        Some(number) => {
            let text = sentence(error);
            format!("[Errno {number}] {text}: {}", python::repr(path))
        }
        None => plain(error),
    }
}

/// A path with `~` and `$VAR` expanded.
pub(crate) fn expanded(process: &Process, path: &str) -> String {
    variables(process, &home(process, path))
}

/// `os.path.expanduser`: the home of the current user, or another user's home from the list of users.
fn home(process: &Process, path: &str) -> String {
    match (path.strip_prefix('~'), process.var("HOME")) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home.trim_end_matches('/'))
        }
        (Some(rest), _) => {
            let (user, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            match home_of(user) {
                Some(home) => format!("{}{rest}", home.trim_end_matches('/')),
                None => path.to_owned(),
            }
        }
        _ => path.to_owned(),
    }
}

/// A user's home directory; `None` if the list of users does not exist or does not have the user.
fn home_of(user: &str) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    fields.find_map(|fields| {
        (fields.first() == Some(&user)).then(|| fields.get(5).map(|&home| home.to_owned()))?
    })
}

/// `os.path.expandvars`: `$NAME` and `${NAME}`. A variable that is not set stays as it is.
fn variables(process: &Process, path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, len) = match after.strip_prefix('{') {
            Some(braced) => match braced.find('}') {
                Some(end) => (&braced[..end], end + 2),
                None => ("", 0),
            },
            None => {
                let end = after
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        match process.var(name).filter(|_| len > 0) {
            Some(value) => out.push_str(value),
            None => out.push_str(&rest[at..at + 1 + len]),
        }
        rest = &after[len..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::fixtures::process;

    #[test]
    fn reads_files_without_trimming() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("v.txt"), "a\r\nb\n").unwrap();
        std::fs::write(dir.path().join("b.bin"), b"\xff\x00").unwrap();
        let process = process(
            &[("HOME", dir.path().to_str().unwrap()), ("V", "v")],
            dir.path(),
        );
        let named = |value| named(&process, value);
        assert_eq!(
            named("file://v.txt").unwrap().text(Encoding::Utf8),
            Ok("a\nb\n".to_owned())
        );
        assert_eq!(
            named("file://~/$V.txt").unwrap().text(Encoding::Utf8),
            Ok("a\nb\n".to_owned())
        );
        assert_eq!(
            named("file://${V}.txt").unwrap().text(Encoding::Utf8),
            Ok("a\nb\n".to_owned())
        );
        assert_eq!(
            named("fileb://b.bin").unwrap().bytes(),
            Ok(b"\xff\x00".to_vec())
        );
        assert_eq!(
                named("file://b.bin").unwrap().text(Encoding::Utf8),
                Err("Unable to load paramfile (b.bin), text contents could not be decoded.  If this is a binary file, \
                     please use the fileb:// prefix instead of the file:// prefix."
                    .to_owned())
            );
        assert_eq!(
                named("file://$NOPE/${no.json").unwrap().text(Encoding::Utf8),
                Err("Unable to load paramfile file://$NOPE/${no.json: [Errno 2] No such file or directory: \
                     '$NOPE/${no.json'"
                    .to_owned())
            );
        assert_eq!(
            named("file://.").unwrap().text(Encoding::Utf8),
            Err("Unable to load paramfile file://.: [Errno 21] Is a directory: '.'".to_owned())
        );
        assert_eq!(named("https://x"), None);
    }
}
