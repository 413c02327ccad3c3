//! What is handed over: files, folders and stdin become documents, code and archives, told apart by what they hold.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Deserializer, Value};

use super::documents::Document;
use crate::state::plain::plain;
use crate::{
    face::{exit::Stop, world::World},
    store::{
        archive::Tell,
        package::{digest, inspect},
    },
    tool::backend::stop,
};

/// The most bytes of JSON that one file may hold.
const TEXT: u64 = 256 << 20;

/// How deep folders are looked through.
const DEPTH: usize = 16;

/// A zip that was handed over.
#[derive(Debug)]
pub(super) struct Zip {
    /// Where it is.
    pub(super) path: PathBuf,
    /// base64 of its SHA-256.
    pub(super) code_sha256: String,
    /// Bytes.
    pub(super) size: u64,
    /// Bytes when unzipped, 0 for what is no zip.
    pub(super) unzipped_size: u64,
}

/// Everything that was handed over.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// JSON.
    pub(super) documents: Vec<Document>,
    /// Code, or an archive.
    pub(super) zips: Vec<Zip>,
    /// What was passed over, and why.
    pub(super) notes: Vec<String>,
}

/// Reads all sources; `-` is stdin. `tell` hears which file is read, behind how many of how many.
pub(super) fn read(
    sources: &[PathBuf],
    world: &mut World<'_>,
    tell: &mut Tell<'_>,
) -> Result<Input, Stop> {
    let mut input = Input::default();
    for source in sources {
        if source.as_os_str() == "-" {
            let mut bytes = Vec::new();
            (&mut *world.stdin).take(TEXT + 1).read_to_end(&mut bytes)?;
            input.json(&bytes, "stdin", Path::new(""), true)?;
            continue;
        }
        let path = world.process.cwd.join(source);
        let metadata = fs::metadata(&path).map_err(|error| failed("read", &path, &error))?;
        if metadata.is_dir() {
            let mut files = Vec::new();
            input.folder(&path, &path, 0, &mut files)?;
            for (done, (path, shown)) in files.iter().enumerate() {
                tell(shown, done as u64, files.len() as u64);
                input.file(path, shown, false)?;
            }
        } else {
            let shown = source.to_string_lossy();
            tell(&shown, 0, 0);
            input.file(&path, &shown, true)?;
        }
    }
    Ok(input)
}

impl Input {
    /// Finds the files in a folder, each with its path from the root.
    fn folder(
        &mut self,
        root: &Path,
        folder: &Path,
        depth: usize,
        files: &mut Vec<(PathBuf, String)>,
    ) -> Result<(), Stop> {
        if depth > DEPTH {
            return Err(Stop::Other(format!("{} lies too deep", folder.display())));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries.map_err(|error| failed("read", folder, &error))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry
                .file_type()
                .map_err(|error| failed("read", &path, &error))?;
            let shown = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            if name.starts_with('.') {
                continue;
            }
            // A link to a folder may lead round in a circle.
            if kind.is_dir() {
                self.folder(root, &path, depth + 1, files)?;
            } else if path.is_file() {
                files.push((path, shown));
            } else {
                self.notes.push(format!(
                    "{shown} is neither a file nor a folder and was passed over"
                ));
            }
        }
        Ok(())
    }

    /// A file; what was named on the line has to be of use, what lies in a folder may be something else.
    fn file(&mut self, path: &Path, shown: &str, named: bool) -> Result<(), Stop> {
        let mut file = fs::File::open(path).map_err(|error| failed("read", path, &error))?;
        let mut begin = Vec::new();
        (&mut file)
            .take(4)
            .read_to_end(&mut begin)
            .map_err(|error| failed("read", path, &error))?;
        if begin.starts_with(b"PK") {
            let mut whole = begin.as_slice().chain(file);
            let (code_sha256, size) =
                digest(&mut whole).map_err(|error| failed("read", path, &error))?;
            let contents = inspect(path).map_err(stop)?;
            self.zips.push(Zip {
                path: path.to_owned(),
                code_sha256,
                size,
                unzipped_size: contents.map_or(0, |contents| contents.unzipped_size),
            });
            return Ok(());
        }
        let mut bytes = begin;
        file.take(TEXT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed("read", path, &error))?;
        self.json(
            &bytes,
            shown,
            path,
            named
                || path
                    .extension()
                    .is_some_and(|extension| extension == "json"),
        )
    }

    /// One JSON document after another.
    fn json(&mut self, bytes: &[u8], shown: &str, path: &Path, wanted: bool) -> Result<(), Stop> {
        if bytes.len() as u64 > TEXT {
            return Err(Stop::Other(format!(
                "{shown} has more than {TEXT} bytes, and is no answer of Lambda's"
            )));
        }
        let text = decoded(bytes);
        let mut number = 0;
        for value in Deserializer::from_str(&text).into_iter::<Value>() {
            number += 1;
            match value {
                Ok(value) => self.documents.push(Document {
                    value,
                    from: if number == 1 {
                        shown.to_owned()
                    } else {
                        format!("{shown} (document {number})")
                    },
                    names: names(path),
                }),
                Err(error) if wanted => {
                    return Err(Stop::Store(
                        format!("cannot read {shown}: it is no JSON: {}", plain(&error)),
                        Some("import wants what aws lambda prints with --output json, and without --query".to_owned()),
                    ));
                }
                Err(_) => {
                    self.documents.truncate(self.documents.len() + 1 - number);
                    self.notes.push(format!(
                        "{shown} is neither JSON nor a zip and was passed over"
                    ));
                    return Ok(());
                }
            }
        }
        if number == 0 && wanted {
            return Err(Stop::Other(format!(
                "{shown} is empty; the call that should have written it may have failed"
            )));
        }
        Ok(())
    }
}

/// Text as shells write it: PowerShell's `>` writes UTF-16.
fn decoded(bytes: &[u8]) -> String {
    let pairs = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|pair| of([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => pairs(u16::from_le_bytes),
        [0xfe, 0xff, ..] => pairs(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What a file may be named by: its folders, its name, and the parts of its name between dots.
fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let file = names.last().cloned().unwrap_or_default();
    names.extend(file.split('.').map(str::to_owned));
    names
}

pub(super) fn failed(action: &'static str, path: &Path, error: &io::Error) -> Stop {
    Stop::Other(format!(
        "cannot {action} {}: {}",
        path.display(),
        plain(error)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_documents_one_after_another_and_a_shell_s_own_encodings_are_read() {
        let text = "{\"a\": 1}\n{\"b\": \"ü\"}";
        let utf16 = |bom: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            bom.into_iter()
                .chain(text.encode_utf16().flat_map(bytes))
                .collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16([0xff, 0xfe], u16::to_le_bytes),
            utf16([0xfe, 0xff], u16::to_be_bytes),
        ] {
            let mut input = Input::default();
            input
                .json(&bytes, "x", Path::new("pay/tags.json"), true)
                .expect("JSON");
            assert_eq!(input.documents.len(), 2);
            assert_eq!(input.documents[1].value["b"], "ü");
            assert_eq!(input.documents[1].from, "x (document 2)");
            assert!(input.documents[0].names.contains(&"pay".to_owned()));
        }
    }

    #[test]
    fn text_is_passed_over_in_a_folder_and_refused_by_name() {
        let mut input = Input::default();
        input
            .json(b"{} hello", "notes.txt", Path::new(""), false)
            .expect("passed over");
        assert!(input.documents.is_empty() && input.notes[0].starts_with("notes.txt is neither"));
        for bytes in [&b"hello"[..], b"", b"{\"a\": "] {
            input
                .json(bytes, "x", Path::new(""), true)
                .expect_err("refused");
        }
    }
}
