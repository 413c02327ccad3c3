//! Bytes in a request. The store spools them and the request carries handles, so that no package passes through JSON.

use std::cell::RefCell;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::exit::Stop;
use super::python::Foreign;
use crate::operation::shape::{Shape, Structure};

/// Stores bytes and returns a handle that stands for them in a request.
pub trait Spooler {
    /// Stores all bytes of a reader.
    ///
    /// # Errors
    /// A read or a write that fails.
    fn stream(&self, reader: &mut dyn Read) -> io::Result<Value>;

    /// Stores the contents of a file. The file may be a pipe, so it is read only once.
    ///
    /// # Errors
    /// The operating system's own error if the file cannot be read; [`io::Error::other`] if its contents cannot be
    /// stored.
    fn file(&self, path: &Path) -> io::Result<Value>;

    /// Returns true if the bytes of a handle open as a zip file.
    fn is_zip(&self, handle: &Value) -> bool;
}

/// The values of `--cli-binary-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BinaryFormat {
    /// Text is base64.
    #[default]
    Base64,
    /// Text is the bytes themselves.
    Raw,
}

/// The handles of one command line. They distinguish a handle from an object that a user wrote.
pub(crate) struct Blobs<'a> {
    spooler: &'a dyn Spooler,
    made: RefCell<Vec<Value>>,
}

impl<'a> Blobs<'a> {
    /// An empty set of handles.
    pub(crate) fn new(spooler: &'a dyn Spooler) -> Self {
        Self {
            spooler,
            made: RefCell::default(),
        }
    }

    /// Stores a file and returns its handle.
    pub(crate) fn file(&self, path: &Path) -> io::Result<Value> {
        self.spooler
            .file(path)
            .inspect(|handle| self.made.borrow_mut().push(handle.clone()))
    }

    /// Returns true if the value is a handle of this command line.
    pub(crate) fn made(&self, value: &Value) -> bool {
        self.made.borrow().contains(value)
    }

    /// Returns true if the value is a handle on a zip file.
    pub(crate) fn is_zip(&self, value: &Value) -> bool {
        self.made(value) && self.spooler.is_zip(value)
    }

    /// Replaces each text that stands for bytes with a handle.
    ///
    /// # Errors
    /// `Invalid base64: "…"`.
    pub(crate) fn settle(
        &self,
        structure: &Structure,
        request: &mut Value,
        format: BinaryFormat,
    ) -> Result<(), Stop> {
        if let Value::Object(members) = request {
            for member in &structure.members {
                if let Some(value) = members.get_mut(&member.name) {
                    self.settle_one(&member.shape, value, format)?;
                }
            }
        }
        Ok(())
    }

    fn settle_one(
        &self,
        shape: &Shape,
        value: &mut Value,
        format: BinaryFormat,
    ) -> Result<(), Stop> {
        match (shape, &mut *value) {
            (Shape::Blob, value) => {
                let bytes = match (Foreign::of(value), &*value) {
                    (Some(foreign), _) => foreign.bytes(),
                    (None, Value::String(text)) => Some(match format {
                        BinaryFormat::Raw => text.as_bytes().to_vec(),
                        BinaryFormat::Base64 => decode(text)
                            .ok_or_else(|| Stop::Other(format!("Invalid base64: \"{text}\"")))?,
                    }),
                    _ => None,
                };
                let Some(bytes) = bytes else {
                    return Ok(());
                };
                let handle = self.spooler.stream(&mut bytes.as_slice())?;
                self.made.borrow_mut().push(handle.clone());
                *value = handle;
                Ok(())
            }
            (Shape::Structure(structure), value) => self.settle(structure, value, format),
            (Shape::List { member, .. }, Value::Array(items)) => items
                .iter_mut()
                .try_for_each(|item| self.settle_one(member, item, format)),
            (Shape::Map { value: inner, .. }, Value::Object(members)) => members
                .values_mut()
                .try_for_each(|value| self.settle_one(inner, value, format)),
            _ => Ok(()),
        }
    }
}

/// Python's `b64decode` without validation: characters outside the alphabet are dropped, and only wrong padding fails.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut quad, mut pads, mut left) = (0u8, 0u8, 0u8);
    for byte in text.bytes() {
        if byte == b'=' {
            if quad >= 2 {
                pads += 1;
                if quad + pads >= 4 {
                    return Some(out);
                }
            }
            continue;
        }
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        pads = 0;
        match quad {
            0 => {}
            1 => out.push(left << 2 | six >> 4),
            2 => out.push(left << 4 | six >> 2),
            _ => out.push(left << 6 | six),
        }
        left = six;
        quad = (quad + 1) % 4;
    }
    (quad == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_leniently() {
        assert_eq!(decode("{\"a\":1}"), None);
        assert_eq!(decode("{\"abc\":\"d\"}"), Some(vec![0x69, 0xb7, 0x1d]));
        assert_eq!(decode("aGk="), Some(b"hi".to_vec()));
        assert_eq!(decode("aGk=junk"), Some(b"hi".to_vec()));
        assert_eq!(decode("a=G=k="), Some(b"hi".to_vec()));
        assert_eq!(decode("a\nGk é="), Some(b"hi".to_vec()));
        assert_eq!(decode(""), Some(Vec::new()));
        assert_eq!(decode("aGk"), None);
        assert_eq!(decode("a"), None);
    }

    proptest! {
        #[test]
        fn reads_back_what_was_encoded(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }
}
