//! What a package holds: its files by name, as the zip's directory says, and one file's text on request.
//!
//! Listing reads the directory alone, so it costs the same for a package of any size. A file is unpacked only when
//! somebody asks for it, in a stream and no further than a limit, whatever the zip says of its size.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{Result, StoreError};
use crate::state::function::hex;
use crate::state::plain::plain;

/// What the directory of a zip says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Bytes when unzipped.
    pub size: u64,
    /// The checksum of the content.
    pub crc32: u32,
    /// Whether it may be run.
    pub runs: bool,
    /// Whether it is a symbolic link, whose content is where it leads.
    pub is_link: bool,
    index: usize,
}

impl Entry {
    /// Whether the two are the same file, as far as directories tell: content by its size and checksum, and what kind
    /// of file it is.
    pub fn is_same(&self, other: &Self) -> bool {
        let facts = |entry: &Self| (entry.size, entry.crc32, entry.runs, entry.is_link);
        facts(self) == facts(other)
    }

    /// Whether the two hold the same bytes.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        (self.size, self.crc32) == (other.size, other.crc32)
    }
}

/// What came of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// It is longer than the limit.
    TooLong,
    /// It is encrypted, packed in a way that is not known, or not what its checksum says: in words.
    Unreadable(String),
}

/// A package, opened.
#[derive(Debug)]
pub struct Listing {
    archive: zip::ZipArchive<BufReader<File>>,
    /// Its files by name. Folders are left out: they say nothing that the names of files do not.
    pub files: BTreeMap<String, Entry>,
}

impl Listing {
    /// Reads the directory of a package.
    ///
    /// # Errors
    /// When the file cannot be read or is no zip.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| missing(path, error))?;
        let broken = |error: &(dyn std::error::Error + 'static)| {
            let cause = format!("it is no zip that can be read: {}", plain(error));
            StoreError::content(path, cause).with_hint(
                "the package is damaged; restore it from a copy, or upload the code again",
            )
        };
        let archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
        let mut files = BTreeMap::new();
        for index in 0..archive.len() {
            let entry = archive
                .by_index_data(index)
                .map_err(|error| broken(&error))?;
            // What is written down of a name that no text can be: its bytes, so that two of them stay two.
            let name = entry.name().map_or_else(
                |_| entry.name_raw().escape_ascii().to_string(),
                |name| name.into_owned(),
            );
            if entry.is_dir() {
                continue;
            }
            files.insert(
                name,
                Entry {
                    size: entry.size(),
                    crc32: entry.crc32(),
                    runs: entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0),
                    is_link: entry.is_symlink(),
                    index,
                },
            );
        }
        Ok(Self { archive, files })
    }

    /// What tells its files from another's, whatever their times: hex of a SHA-256.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, entry) in &self.files {
            hasher.update(format!(
                "{:?}",
                (name, entry.size, entry.crc32, entry.runs, entry.is_link)
            ));
        }
        hex(&hasher.finalize())
    }

    /// Unpacks one file, if it holds at most `limit` bytes.
    pub fn read(&mut self, entry: &Entry, limit: u64) -> Content {
        if entry.size > limit {
            return Content::TooLong;
        }
        let broken = |error: &(dyn std::error::Error + 'static)| Content::Unreadable(plain(error));
        let data = self.archive.by_index_data(entry.index);
        if data.is_ok_and(|data| data.encrypted()) {
            return Content::Unreadable("it is encrypted".to_owned());
        }
        let file = match self.archive.by_index(entry.index) {
            Ok(file) => file,
            Err(error) => return broken(&error),
        };
        let mut bytes = Vec::new();
        // What an entry says of its size may be wrong: the bytes count.
        match file.take(limit.saturating_add(1)).read_to_end(&mut bytes) {
            Ok(read) if read as u64 > limit => Content::TooLong,
            Ok(_) => Content::Bytes(bytes),
            Err(error) => broken(&error),
        }
    }
}

fn missing(path: &Path, error: io::Error) -> StoreError {
    let gone = error.kind() == io::ErrorKind::NotFound;
    let error = StoreError::io("read", path, error);
    if gone {
        return error.with_hint(
            "a version's package is gone; restore it from a copy, or upload the code again",
        );
    }
    error
}

impl super::Store {
    /// A package's files as a fingerprint; its own hash where it cannot be listed.
    pub fn fingerprint(&self, code_sha256: &str) -> String {
        let listing = self.listing(code_sha256);
        listing.map_or_else(|_| code_sha256.to_owned(), |listing| listing.fingerprint())
    }

    /// Reads the directory of the package with that `CodeSha256`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn listing(&self, code_sha256: &str) -> Result<Listing> {
        match self.package(code_sha256) {
            Some(path) => Listing::open(&path),
            None => {
                let path: PathBuf = self.root().join("packages/sha256");
                let cause = format!("{code_sha256:?} is no CodeSha256, so no package has it");
                Err(StoreError::content(&path, cause).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.zip");
        fs::write(&path, bytes).expect("written");
        (folder, path)
    }

    /// A deflated zip with that one file.
    fn packed(name: &str, content: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a name");
        writer.write_all(content).expect("bytes");
        writer.finish().expect("a zip").into_inner()
    }

    fn only(listing: &Listing) -> (String, Entry) {
        let (name, entry) = listing.files.iter().next().expect("a file");
        (name.clone(), *entry)
    }

    #[test]
    fn a_bomb_is_listed_at_no_cost_and_unpacked_no_further_than_the_limit() {
        let mut bytes = packed("bomb", &vec![0; 3_000_000]);
        assert!(bytes.len() < 10_000);
        let (_folder, path) = written(&bytes);
        let mut listing = Listing::open(&path).expect("a zip");
        let (_, entry) = only(&listing);
        assert_eq!(entry.size, 3_000_000);
        assert_eq!(listing.read(&entry, 1000), Content::TooLong);
        // One that lies: its directory says ten bytes.
        let at = bytes
            .windows(4)
            .rposition(|part| part == b"PK\x01\x02")
            .expect("a directory");
        bytes[at + 24..at + 28].copy_from_slice(&10u32.to_le_bytes());
        let (_folder, path) = written(&bytes);
        let mut listing = Listing::open(&path).expect("a zip");
        let (_, entry) = only(&listing);
        assert_eq!(entry.size, 10);
        assert!(!matches!(listing.read(&entry, 1000), Content::Bytes(read) if read.len() > 1000));
    }

    #[test]
    fn content_that_its_checksum_denies_and_encrypted_content_are_told_in_words() {
        let whole = packed("a.txt", b"hello hello hello");
        let at = whole
            .windows(4)
            .rposition(|part| part == b"PK\x01\x02")
            .expect("a directory");
        for (offset, byte) in [(16, whole[at + 16] ^ 1), (8, whole[at + 8] | 1)] {
            let mut bytes = whole.clone();
            bytes[at + offset] = byte;
            let (_folder, path) = written(&bytes);
            let mut listing = Listing::open(&path).expect("a zip");
            let (_, entry) = only(&listing);
            let Content::Unreadable(told) = listing.read(&entry, 1000) else {
                panic!("it was read")
            };
            assert!(!told.is_empty());
        }
    }

    #[test]
    fn every_byte_changed_in_a_zip_ends_in_an_answer() {
        let whole = packed("a.txt", b"hello hello hello");
        let (_folder, path) = written(&whole);
        for at in 0..whole.len() {
            for value in [0, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                fs::write(&path, &bytes).expect("written");
                if let Ok(mut listing) = Listing::open(&path) {
                    for (_, entry) in listing.files.clone() {
                        listing.read(&entry, 1000);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_zip_is_named() {
        let (_folder, path) = written(b"not a zip");
        let told = Listing::open(&path).expect_err("refused").to_string();
        assert!(
            told.contains("x.zip: it is no zip that can be read"),
            "{told}"
        );
    }
}
