//! Reads the sources of an import. Files, folders and stdin become documents, code and archives, depending on their
//! content.

use std::{
    cell::Cell,
    fs,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeSeed as _;
use serde_json::{Deserializer, de};

use super::{
    documents::Document,
    trail::{Documents, Trail},
};
use crate::state::plain::plain;
use crate::{
    face::{exit::Stop, world::World},
    store::{
        archive::Tell,
        package::{digest, inspect},
    },
    tool::backend::stop,
};

/// The most bytes of JSON that one file may hold. For events, this is the limit of each event; a file may hold any
/// number of them.
const TEXT: u64 = 256 << 20;

/// The largest file that is read as a whole.
const WHOLE: u64 = 8 << 20;

/// The depth to which folders are searched.
const DEPTH: usize = 16;

/// A zip among the sources.
#[derive(Debug)]
pub(super) struct Zip {
    /// The path of the zip.
    pub(super) path: PathBuf,
    /// The SHA-256 of the zip, in base64.
    pub(super) code_sha256: String,
    /// The size of the zip in bytes.
    pub(super) size: u64,
    /// The size of the unzipped content in bytes; 0 if the file is not a zip.
    pub(super) unzipped_size: u64,
}

/// The contents of all sources.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// JSON documents.
    pub(super) documents: Vec<Document>,
    /// Code and archives.
    pub(super) zips: Vec<Zip>,
    /// CloudTrail's events.
    pub(super) trail: Trail,
    /// Notes on files that were skipped, with reasons.
    pub(super) notes: Vec<String>,
}

/// Reads all sources; `-` is stdin. Calls `tell` for each file with its name, the number of files before it, and the
/// number of all files.
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
            return Err(Stop::Other(format!(
                "{} is too deep in its folder",
                folder.display()
            )));
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
            // A link to a folder could lead to a loop.
            if kind.is_dir() {
                self.folder(root, &path, depth + 1, files)?;
            } else if path.is_file() {
                files.push((path, shown));
            } else {
                self.notes.push(format!(
                    "{shown} was skipped: it is neither a file nor a folder"
                ));
            }
        }
        Ok(())
    }

    /// Reads a file. A file that is named on the command line must be usable. A file found in a folder may be of any
    /// kind.
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
        let is_named = |ends: &[&str]| {
            let extension = path.extension();
            ends.iter()
                .any(|end| extension.is_some_and(|it| it == *end))
        };
        let wanted = named || is_named(&["json", "gz"]);
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let is_packed = begin.starts_with(&[0x1f, 0x8b]);
        let is_utf16 = begin.starts_with(&[0xff, 0xfe]) || begin.starts_with(&[0xfe, 0xff]);
        let whole = begin.as_slice().chain(file);
        if !is_packed && (length <= WHOLE || is_utf16) {
            let mut bytes = Vec::new();
            whole
                .take(TEXT + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| failed("read", path, &error))?;
            return self.json(&bytes, shown, path, wanted);
        }
        let since = Cell::new(0);
        let whole: Box<dyn Read> = match is_packed {
            true => Box::new(MultiGzDecoder::new(BufReader::new(whole))),
            false => Box::new(whole),
        };
        let counted = Counted {
            inner: whole,
            since: &since,
        };
        let mut from = Deserializer::from_reader(BufReader::new(counted));
        self.documents(&mut from, &since, shown, path, wanted)
    }

    /// Reads one JSON document after another from bytes in memory.
    fn json(&mut self, bytes: &[u8], shown: &str, path: &Path, wanted: bool) -> Result<(), Stop> {
        if bytes.len() as u64 > TEXT {
            return Err(Stop::Other(format!(
                "{shown} has more than {TEXT} bytes, so it is not an answer of Lambda"
            )));
        }
        let text = decoded(bytes);
        let mut from = Deserializer::from_str(&text);
        self.documents(&mut from, &Cell::new(0), shown, path, wanted)
    }

    /// Reads one JSON document after another. If one of them is not valid, nothing of the file is used.
    fn documents<'de, R: de::Read<'de>>(
        &mut self,
        from: &mut Deserializer<R>,
        since: &Cell<u64>,
        shown: &str,
        path: &Path,
        wanted: bool,
    ) -> Result<(), Stop> {
        let mut number = 0;
        let mut trail = Trail::default();
        let mut found = Vec::new();
        while from.end().is_err() {
            number += 1;
            let read = Documents {
                trail: &mut trail,
                since,
            };
            match read.deserialize(&mut *from) {
                Ok(None) => {}
                Ok(Some(value)) => found.push(Document {
                    value,
                    from: if number == 1 {
                        shown.to_owned()
                    } else {
                        format!("{shown} (document {number})")
                    },
                    names: names(path),
                }),
                Err(error) if error.is_io() => {
                    return Err(Stop::Other(format!(
                        "cannot read {shown}: {}",
                        plain(&error)
                    )));
                }
                Err(error) if wanted => {
                    let why = match error.is_data() {
                        true => "",
                        false => "it is not JSON: ",
                    };
                    return Err(Stop::Store(
                        format!("cannot read {shown}: {why}{}", plain(&error)),
                        Some("import needs the output of aws lambda with --output json and without --query, or \
                            CloudTrail events".to_owned()),
                    ));
                }
                Err(_) => {
                    self.notes
                        .push(format!("{shown} was skipped: it is neither JSON nor a zip"));
                    return Ok(());
                }
            }
        }
        if number == 0 && wanted {
            return Err(Stop::Other(format!(
                "{shown} is empty; perhaps the call that writes it failed"
            )));
        }
        self.documents.append(&mut found);
        self.trail.append(trail);
        Ok(())
    }
}

/// A reader that counts its bytes since the last event. It refuses a document that grows without end.
struct Counted<'a, R> {
    inner: R,
    since: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        let since = self.since.get() + read as u64;
        self.since.set(since);
        match since > TEXT {
            true => Err(io::Error::other(format!(
                "it has more than {TEXT} bytes, so it is not an answer of Lambda"
            ))),
            false => Ok(read),
        }
    }
}

/// Decodes text that a shell wrote: PowerShell's `>` writes UTF-16.
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

/// The names in a path: the folders, the file's name, and the parts of the file's name between its dots.
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
        assert!(
            input.documents.is_empty()
                && input.notes[0].starts_with("notes.txt was skipped: it is neither")
        );
        for bytes in [&b"hello"[..], b"", b"{\"a\": "] {
            input
                .json(bytes, "x", Path::new(""), true)
                .expect_err("refused");
        }
    }
}
