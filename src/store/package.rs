//! Packages: code zips, content-addressed, written once.
//!
//! A package passes through neither JSON nor memory: it is spooled into `tmp/` while it is hashed, judged there, and
//! renamed into `packages/sha256/ab/cdef….zip` under the lock of the function that uses it. A spool nobody claims is
//! removed; what a killed process left is removed by the next spool.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::CompressionMethod;

use super::{Result, Store, StoreError, format, lock, restore};
use crate::state::function::hex;

/// Bytes read, hashed and written at a time.
pub(super) const CHUNK: usize = 1 << 18;

/// What the names of spools begin with.
pub(super) const SPOOL: &str = "spool-";

/// Bytes on the disk that nothing refers to. Removed when dropped, unless a package was made of it.
#[derive(Debug)]
pub struct Spool {
    path: tempfile::TempPath,
    /// Locked while the spool lives, so that a sweep can tell.
    _file: File,
    /// Bytes.
    pub size: u64,
    sha256: [u8; 32],
}

impl Spool {
    /// Where the bytes are.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A spool whose bytes are still coming. Removed when dropped.
#[derive(Debug)]
pub struct Spooling {
    path: tempfile::TempPath,
    file: File,
    hasher: Sha256,
    /// Bytes so far.
    pub size: u64,
}

impl Spooling {
    /// The spool, once all bytes have come.
    pub fn finish(self) -> Spool {
        Spool {
            path: self.path,
            _file: self.file,
            size: self.size,
            sha256: self.hasher.finalize().into(),
        }
    }
}

/// A spool or its bytes as a request carries them: small plain data, never the bytes. In JSON
/// `{"Spool": "spool-x1y2z3", "CodeSha256": "…base64…", "CodeSize": 276}`; the name is that of a file in `tmp/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Handle {
    spool: String,
    /// base64 of the SHA-256.
    pub code_sha256: String,
    /// Bytes.
    pub code_size: u64,
}

impl Handle {
    /// A spool of that name in `tmp/`.
    pub(super) fn new(name: &Path, code_sha256: String, code_size: u64) -> Self {
        Self {
            spool: name.to_string_lossy().into_owned(),
            code_sha256,
            code_size,
        }
    }
}

impl Spool {
    /// What a request carries in place of the bytes.
    pub fn handle(&self) -> Handle {
        let name = self
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Handle {
            spool: name,
            code_sha256: BASE64_STANDARD.encode(self.sha256),
            code_size: self.size,
        }
    }
}

/// What a zip's directory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Files and folders.
    pub entries: u64,
    /// Bytes when unzipped.
    pub unzipped_size: u64,
}

/// base64 of the SHA-256 of what is read, and how many bytes that are. Keeps nothing.
///
/// # Errors
/// The reader's.
pub fn digest(reader: &mut dyn Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut size = 0u64;
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok((BASE64_STANDARD.encode(hasher.finalize()), size)),
            Ok(n) => {
                hasher.update(&chunk[..n]);
                size += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads a zip's directory; `None` when it cannot be unzipped: it is no zip, or one cut short, one of its files is
/// encrypted, has not the size that the directory says, or shares its bytes with another. What is unzipped for that is no more than a call has time
/// for: larger zips are held to what their compression can do.
///
/// # Errors
/// When the file cannot be read.
pub fn inspect(path: &Path) -> Result<Option<Contents>> {
    /// Bytes of a zip that is unzipped to look at it, the most that a request can carry; and bytes of what comes out.
    const WHOLE: (u64, u64) = (50 << 20, 300 << 20);
    /// The most that a byte of DEFLATE stands for.
    const DEFLATE: u64 = 1032;
    let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
    let length = file
        .metadata()
        .map_err(|error| StoreError::io("read", path, error))?
        .len();
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(file)) else {
        return Ok(None);
    };
    // The same bytes once more under another name: what unzips more than it could hold.
    if archive.has_overlapping_entries().unwrap_or(true) {
        return Ok(None);
    }
    let mut contents = Contents {
        entries: archive.len() as u64,
        unzipped_size: 0,
    };
    for index in 0..archive.len() {
        // The local header is read too: a directory may promise what the file does not hold.
        let Ok(entry) = archive.by_index_raw(index) else {
            return Ok(None);
        };
        let end = entry
            .data_start()
            .and_then(|start| start.checked_add(entry.compressed_size()));
        if entry.encrypted() || end.is_none_or(|end| end > length) {
            return Ok(None);
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        let is_known = match entry.compression() {
            CompressionMethod::Stored => size == packed,
            CompressionMethod::Deflated => size <= packed.saturating_mul(DEFLATE),
            // What packs so is not unpacked here.
            _ => {
                contents.unzipped_size = contents.unzipped_size.saturating_add(size);
                continue;
            }
        };
        drop(entry);
        contents.unzipped_size = contents.unzipped_size.saturating_add(size);
        if !is_known {
            return Ok(None);
        }
        if length <= WHOLE.0 && contents.unzipped_size <= WHOLE.1 {
            let Ok(entry) = archive.by_index(index) else {
                return Ok(None);
            };
            // The checksum is looked at where the file ends.
            let unzipped = io::copy(&mut entry.take(size.saturating_add(1)), &mut io::sink());
            if !unzipped.is_ok_and(|unzipped| unzipped == size) {
                return Ok(None);
            }
        }
    }
    Ok(Some(contents))
}

/// Returns true for a file that ends as a zip does, with the record of its directory, whatever else it holds: as much as
/// aws-cli looks at (Python's `is_zipfile`).
pub fn ends_as_zip(path: &Path) -> bool {
    /// The record, and the longest comment behind it.
    const RECORD: usize = 22;
    const COMMENT: u64 = u16::MAX as u64;
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(RECORD as u64 + COMMENT);
        io::Seek::seek(&mut file, io::SeekFrom::Start(from))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end).map(|_| end)
    };
    let end: Vec<u8> = read().unwrap_or_default();
    end.windows(RECORD)
        .any(|record| record.starts_with(b"PK\x05\x06"))
}

/// The names of a zip's files; none when it is no zip.
///
/// # Errors
/// When the file cannot be read.
pub fn names(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
    let archive = zip::ZipArchive::new(BufReader::new(file));
    Ok(archive.map_or_else(
        |_| Vec::new(),
        |archive| archive.file_names().flatten().map(Into::into).collect(),
    ))
}

/// Unpacks a zip into a folder, for its owner alone. Links are left out, so that nothing leads out of the folder.
/// Answers whether it could: `false` for a zip that is broken, holds more than `limit` bytes, or names a place outside.
///
/// # Errors
/// When the zip cannot be read or a file not be written.
pub fn unpack(zip: &Path, folder: &Path, limit: u64) -> Result<bool> {
    let file = File::open(zip).map_err(|error| StoreError::io("read", zip, error))?;
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(file)) else {
        return Ok(false);
    };
    let mut left = limit;
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index(index) else {
            return Ok(false);
        };
        let Some(name) = entry.enclosed_name() else {
            return Ok(false);
        };
        if entry.is_symlink() {
            continue;
        }
        let path = folder.join(name);
        let failed = |error| StoreError::io("write", &path, error);
        if entry.is_dir() {
            fs::create_dir_all(&path).map_err(failed)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let runs = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let mut target = File::create(&path).map_err(failed)?;
        // What an entry says of its size may be wrong: the bytes count.
        let written = match io::copy(&mut entry.take(left.saturating_add(1)), &mut target) {
            Ok(written) if written <= left => written,
            Ok(_) => return Ok(false),
            Err(error) => {
                return match error.kind() {
                    io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::Other => Ok(false),
                    _ => Err(failed(error).into()),
                };
            }
        };
        left -= written;
        owned(&target, runs).map_err(failed)?;
    }
    Ok(true)
}

/// Makes a file its owner's alone, to run if it may.
#[cfg(unix)]
fn owned(file: &File, runs: bool) -> io::Result<()> {
    let mode = if runs { 0o700 } else { 0o600 };
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn owned(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}

impl Store {
    pub(super) fn spools(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// Where a handle's bytes are.
    pub fn spooled(&self, handle: &Handle) -> PathBuf {
        // The names alone: a handle names a file in `tmp/`, or in a folder there, and nothing else.
        let names = Path::new(&handle.spool).components();
        let names = names.filter(|name| matches!(name, Component::Normal(_)));
        self.spools().join(names.collect::<PathBuf>())
    }

    /// The bytes of a spool, for those who know them to be few.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_spool(&self, handle: &Handle) -> Result<Vec<u8>> {
        let path = self.spooled(handle);
        fs::read(&path).map_err(|error| StoreError::io("read", &path, error).into())
    }

    /// Copies bytes into the state directory, hashing them on the way. Constant memory.
    ///
    /// # Errors
    /// When `reader` fails (its error names `source`) or the disk does.
    pub fn spool(&self, reader: &mut dyn Read, source: &Path) -> Result<Spool> {
        let mut spooling = self.spooling()?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let n = match reader.read(&mut chunk) {
                Ok(0) => return Ok(spooling.finish()),
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(StoreError::io("read", source, error).into()),
            };
            self.write_spool(&mut spooling, &chunk[..n])?;
        }
    }

    /// Begins a spool whose bytes come piece by piece.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn spooling(&self) -> Result<Spooling> {
        format::ensure(self)?;
        let folder = self.spools();
        self.disk.create_folders(&folder)?;
        self.sweep(&folder);
        let failed = |error| StoreError::io("write", &folder, error);
        self.disk.step("open a spool").map_err(failed)?;
        // tempfile makes it for the owner alone.
        let (file, path) = tempfile::Builder::new()
            .prefix(SPOOL)
            .tempfile_in(&folder)
            .map_err(failed)?
            .into_parts();
        lock::hold(&file).map_err(failed)?;
        Ok(Spooling {
            path,
            file,
            hasher: Sha256::new(),
            size: 0,
        })
    }

    /// Adds to a spool that was begun.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_spool(&self, spooling: &mut Spooling, bytes: &[u8]) -> Result<()> {
        spooling.hasher.update(bytes);
        self.disk
            .write(&mut spooling.file, bytes)
            .map_err(|error| StoreError::io("write", &self.spools(), error))?;
        spooling.size += bytes.len() as u64;
        Ok(())
    }

    /// Where the package with that `CodeSha256` is kept, whether there is one or not; `None` when the text is no base64
    /// of a SHA-256. A fork's may be its parent's.
    pub fn package(&self, code_sha256: &str) -> Option<PathBuf> {
        Some(self.package_at(&package_path(code_sha256)?))
    }

    fn package_at(&self, below: &Path) -> PathBuf {
        let own = self.root().join(below);
        if self.parents.is_empty() || own.exists() {
            return own;
        }
        let mut inherited = self.parents.iter().map(|parent| parent.join(below));
        inherited.find(|path| path.exists()).unwrap_or(own)
    }

    /// Keeps packages from being removed while one is put in place and not yet referred to.
    ///
    /// # Errors
    /// As a lock fails.
    pub(super) fn hold_packages(&self) -> Result<lock::Lock> {
        self.disk.create_folders(&self.root().join("locks"))?;
        let path = self.root().join("locks/packages.lock");
        lock::shared(self, &path, "the packages")
    }

    /// Makes a package of a spool, durably. A package that is there already is kept.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn keep_package(&self, handle: &Handle) -> Result<()> {
        let spool = self.spooled(handle);
        let Some(below) = package_path(&handle.code_sha256) else {
            return Err(StoreError::content(&spool, "its hash is no SHA-256").into());
        };
        let there = self.package_at(&below);
        if fs::metadata(&there)
            .is_ok_and(|there| there.is_file() && there.len() == handle.code_size)
        {
            // Its writer may not have reached its own fsync yet.
            self.disk.sync_folder_of(&there)?;
            // It is swept later if this fails.
            let _ = self.disk.remove(&spool);
            return Ok(());
        }
        // Never the parent's, which may be torn.
        let path = self.root().join(&below);
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.put_in_place(&spool, &path)
    }

    /// Gives a spool its place and its name, durably.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn put_in_place(&self, spool: &Path, path: &Path) -> Result<()> {
        File::open(spool)
            .and_then(|file| self.disk.sync("fsync a package", &file))
            .and_then(|()| self.disk.step("rename a package"))
            .and_then(|()| fs::rename(spool, path))
            .map_err(|error| StoreError::io("write", path, error))?;
        self.disk.sync_folder_of(path)
    }
}

impl Store {
    /// Removes spools whose process is gone. Best effort: whatever stays is tried again next time.
    pub(super) fn sweep(&self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if self.is_abandoned(&entry.path()) {
                self.disk.remove_some(&entry.path());
            }
        }
    }

    /// Whether that is a spool whose process is gone.
    pub(super) fn is_abandoned(&self, path: &Path) -> bool {
        // A spool is locked right after it is made; the age covers that moment.
        const YOUNG: Duration = Duration::from_secs(60);
        // Nothing but our own: `tmp` may be a link to a folder that holds other things.
        let name = path.file_name().unwrap_or_default();
        let ours = name.to_string_lossy().starts_with(SPOOL);
        let found = fs::symlink_metadata(path);
        let is_batch = found.as_ref().is_ok_and(fs::Metadata::is_dir);
        let held = match is_batch {
            true => &path.join(restore::LOCK),
            false => path,
        };
        let old = found.is_ok_and(|metadata| {
            (metadata.is_file() || is_batch)
                && metadata.modified().is_ok_and(|time| {
                    SystemTime::now()
                        .duration_since(time)
                        .is_ok_and(|age| age > YOUNG)
                })
        });
        let is_free = match File::open(held) {
            Ok(file) => lock::is_free(&file),
            // Removed as far as the lock.
            Err(error) => is_batch && error.kind() == io::ErrorKind::NotFound,
        };
        ours && old && is_free
    }

    /// A `file://` URL of the package with that `CodeSha256`, which `curl` can fetch. Whoever is told may also write there
    /// (`zip -u`), so that a fork's is a copy of its own.
    ///
    /// # Errors
    /// When a fork's copy cannot be made.
    pub fn package_url(&self, code_sha256: &str) -> Result<Option<String>> {
        let Some(below) = package_path(code_sha256) else {
            return Ok(None);
        };
        let (there, own) = (self.package_at(&below), self.root().join(&below));
        if there != own {
            self.own_package(&there, &own)?;
        }
        let path = std::path::absolute(&own).unwrap_or(own);
        Ok(Some(file_url(&path)))
    }

    /// Copies an inherited package to where the fork keeps its own; under its name only when it is whole.
    fn own_package(&self, there: &Path, own: &Path) -> Result<()> {
        if let Some(folder) = own.parent() {
            self.disk.create_folders(folder)?;
        }
        let spools = self.spools();
        self.disk.create_folders(&spools)?;
        let copied = || {
            let mut copy = tempfile::Builder::new()
                .prefix(SPOOL)
                .tempfile_in(&spools)?;
            lock::hold(copy.as_file())?;
            io::copy(&mut File::open(there)?, copy.as_file_mut())?;
            copy.persist(own).map(drop).map_err(io::Error::from)
        };
        copied().map_err(|error| StoreError::io("copy", there, error).into())
    }
}

/// A package's path from the state directory.
pub(super) fn package_path(code_sha256: &str) -> Option<PathBuf> {
    let hash: [u8; 32] = BASE64_STANDARD.decode(code_sha256).ok()?.try_into().ok()?;
    let name = hex(&hash);
    let (first, rest) = name.split_at(2);
    Some(
        Path::new("packages/sha256")
            .join(first)
            .join(format!("{rest}.zip")),
    )
}

/// A path as a URL: everything that is not plain is percent-encoded, byte by byte.
fn file_url(path: &Path) -> String {
    use std::fmt::Write as _;
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
    #[cfg(not(unix))]
    let text = format!("/{}", path.to_string_lossy().replace('\\', "/"));
    #[cfg(not(unix))]
    let bytes = text.as_bytes();
    bytes.iter().fold("file://".to_owned(), |mut url, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => {
                url.push(char::from(*byte))
            }
            // Writing to a String cannot fail.
            other => drop(write!(url, "%{other:02X}")),
        }
        url
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A zip of one file, and whether it can be unzipped when some of its bytes are others.
    fn inspected(method: CompressionMethod, change: impl Fn(&mut Vec<u8>)) -> Option<Contents> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file("app.py", options).expect("a file");
        zip.write_all(&[b'x'; 5000]).expect("written");
        let mut bytes = zip.finish().expect("a zip").into_inner();
        change(&mut bytes);
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), bytes).expect("written");
        inspect(file.path()).expect("readable")
    }

    /// Writes four bytes, so far behind the signature of the local header and of the directory's.
    fn patch(bytes: &mut [u8], behind: [usize; 2], with: &[u8]) {
        for (signature, behind) in [b"PK\x03\x04", b"PK\x01\x02"].into_iter().zip(behind) {
            let at = bytes.windows(4).rposition(|four| four == signature);
            let at = at.expect("a header") + behind;
            bytes[at..at + with.len()].copy_from_slice(with);
        }
    }

    #[test]
    fn a_zip_that_lies_or_is_encrypted_cannot_be_unzipped() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let whole = inspected(method, |_| {}).expect("a zip");
            assert_eq!((whole.entries, whole.unzipped_size), (1, 5000));
            for size in [0_u32, 10, 4999, 5001, 1 << 27] {
                let lies = |bytes: &mut Vec<u8>| patch(bytes, [22, 24], &size.to_le_bytes());
                assert_eq!(inspected(method, lies), None, "{method} {size}");
            }
            let encrypted = |bytes: &mut Vec<u8>| patch(bytes, [6, 8], &[1, 0]);
            assert_eq!(inspected(method, encrypted), None, "{method}");
            let other_bytes = |bytes: &mut Vec<u8>| patch(bytes, [14, 16], &[1, 2, 3, 4]);
            assert_eq!(inspected(method, other_bytes), None, "{method}");
        }
    }
}
