//! The contents of a package: the names of its files, which are read from the zip's directory, and on request the text
//! of one file.
//!
//! Listing reads only the directory, so the cost does not depend on the size of the package. A file is unpacked only on
//! request, as a stream and up to a limit, regardless of the size that the zip declares for it.

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

/// A file's entry in the directory of a zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The size of the unzipped file in bytes.
    pub size: u64,
    /// The checksum of the content.
    pub crc32: u32,
    /// True if the file is executable.
    pub runs: bool,
    /// True if the file is a symbolic link. Its content is the target.
    pub is_link: bool,
    index: usize,
}

impl Entry {
    /// Returns true if the two files are equal according to their entries: the size and checksum of the contents, and
    /// the kind of file.
    pub fn is_same(&self, other: &Self) -> bool {
        let facts = |entry: &Self| (entry.size, entry.crc32, entry.runs, entry.is_link);
        facts(self) == facts(other)
    }

    /// Returns true if the two files have the same size and checksum.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        (self.size, self.crc32) == (other.size, other.crc32)
    }
}

/// The result of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All bytes of the file.
    Bytes(Vec<u8>),
    /// The file is longer than the limit.
    TooLong,
    /// The file is encrypted, compressed by an unknown method, or does not match its checksum. Holds the reason in
    /// words.
    Unreadable(String),
}

/// An open package.
#[derive(Debug)]
pub struct Listing {
    archive: zip::ZipArchive<BufReader<File>>,
    /// The package's files by name. Folders are left out, because the names of the files show them.
    pub files: BTreeMap<String, Entry>,
}

impl Listing {
    /// Reads the directory of a package.
    ///
    /// # Errors
    /// A file that cannot be read or is not a zip.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| missing(path, error))?;
        let broken = |error: &(dyn std::error::Error + 'static)| {
            let cause = format!("it is not a readable zip: {}", plain(error));
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
            // A name that is not UTF-8 is shown as its bytes, so that two such names are still different.
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

    /// A fingerprint of the package's files, in which their times have no effect. It is a SHA-256 in hex.
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

    /// Unpacks one file of at most `limit` bytes.
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
        // The size in an entry may be wrong, so the bytes are counted.
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
    /// The fingerprint of a package's files. If the package cannot be listed, this is the hash of the package.
    pub fn fingerprint(&self, code_sha256: &str) -> String {
        let listing = self.listing(code_sha256);
        listing.map_or_else(|_| code_sha256.to_owned(), |listing| listing.fingerprint())
    }

    /// Reads the directory of the package with that `CodeSha256`.
    ///
    /// # Errors
    /// A package that does not exist or cannot be read.
    pub fn listing(&self, code_sha256: &str) -> Result<Listing> {
        match self.package(code_sha256) {
            Some(path) => Listing::open(&path),
            None => {
                let path: PathBuf = self.root().join("packages/sha256");
                let cause =
                    format!("{code_sha256:?} is not a CodeSha256, so no package can have it");
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

    /// A zip with a single file, compressed by DEFLATE.
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
        // A zip with a wrong size: its directory declares ten bytes for the file.
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
        assert!(told.contains("x.zip: it is not a readable zip"), "{told}");
    }
}
