//! Packages: code zips, content-addressed, written once.
//!
//! A package is never part of a JSON text and is never held in memory as a whole. It is written to a spool in `tmp/`
//! and hashed at the same time. It is checked there, and then renamed to `packages/sha256/ab/cdef….zip` under the lock
//! of the function that uses it. An unused spool is removed; the next spool removes the spools of killed processes.

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

/// The number of bytes that are read, hashed and written at a time.
pub(super) const CHUNK: usize = 1 << 18;

/// The start of the names of spools.
pub(super) const SPOOL: &str = "spool-";

/// Bytes on the disk to which nothing refers. A spool is removed when it is dropped, unless it became a package.
#[derive(Debug)]
pub struct Spool {
    path: tempfile::TempPath,
    /// The file of the spool. It is locked as long as the spool exists, so that a sweep recognizes a spool in use.
    _file: File,
    /// The number of bytes.
    pub size: u64,
    sha256: [u8; 32],
}

impl Spool {
    /// The path of the bytes.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// An incomplete spool. It is removed when it is dropped.
#[derive(Debug)]
pub struct Spooling {
    path: tempfile::TempPath,
    file: File,
    hasher: Sha256,
    /// The number of bytes so far.
    pub size: u64,
}

impl Spooling {
    /// Completes the spool after its last byte.
    pub fn finish(self) -> Spool {
        Spool {
            path: self.path,
            _file: self.file,
            size: self.size,
            sha256: self.hasher.finalize().into(),
        }
    }
}

/// The handle of a spool. It takes the place of the bytes in a request. In JSON it is `{"Spool": "spool-x1y2z3",
/// "CodeSha256": "…base64…", "CodeSize": 276}`, where `Spool` is the name of a file in `tmp/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Handle {
    spool: String,
    /// The SHA-256 of the bytes, in base64.
    pub code_sha256: String,
    /// The number of bytes.
    pub code_size: u64,
}

impl Handle {
    /// A handle for the spool with that name in `tmp/`.
    pub(super) fn new(name: &Path, code_sha256: String, code_size: u64) -> Self {
        Self {
            spool: name.to_string_lossy().into_owned(),
            code_sha256,
            code_size,
        }
    }
}

impl Spool {
    /// The handle that takes the place of the bytes in a request.
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

/// The contents of a zip, as its directory describes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// The number of files and folders.
    pub entries: u64,
    /// The number of bytes of the unzipped contents.
    pub unzipped_size: u64,
}

/// Returns the SHA-256 of the bytes of a reader, in base64, and their number. Stores nothing.
///
/// # Errors
/// Errors of the reader.
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

/// Reads a zip's directory. Returns `None` if the zip cannot be unzipped: it is not a zip, it is cut short, or one of
/// its files is encrypted, does not have the declared size, or shares its bytes with another. To check this, the
/// function unzips the zip, if a call has time for that. For a larger zip, it only checks that the declared sizes are
/// possible with its compression.
///
/// # Errors
/// A file that cannot be read.
pub fn inspect(path: &Path) -> Result<Option<Contents>> {
    /// The limits up to which a zip is unzipped to check it, in bytes. The first is the size of the zip; no request can
    /// contain a larger one. The second is the size of its unzipped contents.
    const WHOLE: (u64, u64) = (50 << 20, 300 << 20);
    /// The greatest number of bytes that one compressed byte of DEFLATE can become.
    const DEFLATE: u64 = 1032;
    let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
    let length = file
        .metadata()
        .map_err(|error| StoreError::io("read", path, error))?
        .len();
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(file)) else {
        return Ok(None);
    };
    // If two names share the same bytes, the zip can unzip to more than its size allows.
    if archive.has_overlapping_entries().unwrap_or(true) {
        return Ok(None);
    }
    let mut contents = Contents {
        entries: archive.len() as u64,
        unzipped_size: 0,
    };
    for index in 0..archive.len() {
        // The local header is read, too, because a directory may declare files that the zip does not contain.
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
            // Files with other compression methods are not unpacked here.
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
            // The checksum is verified at the end of the file.
            let unzipped = io::copy(&mut entry.take(size.saturating_add(1)), &mut io::sink());
            if !unzipped.is_ok_and(|unzipped| unzipped == size) {
                return Ok(None);
            }
        }
    }
    Ok(Some(contents))
}

/// Returns true for a file that ends with the directory record of a zip. The bytes before the record make no
/// difference. The AWS CLI checks no more than that (Python's `is_zipfile`).
pub fn ends_as_zip(path: &Path) -> bool {
    /// The length of the directory record, in bytes. A comment may follow the record.
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

/// The names of a zip's files; empty if it is not a zip.
///
/// # Errors
/// A file that cannot be read.
pub fn names(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
    let archive = zip::ZipArchive::new(BufReader::new(file));
    Ok(archive.map_or_else(
        |_| Vec::new(),
        |archive| archive.file_names().flatten().map(Into::into).collect(),
    ))
}

/// Unpacks a zip into a folder. Only the owner may open the files. Links are left out, so that no path leads out of the
/// folder. Returns `false` for a zip that is broken, holds more than `limit` bytes, or names a path outside the folder.
///
/// # Errors
/// A zip that cannot be read, or a file that cannot be written.
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
        // The size in an entry may be wrong, so the bytes are counted.
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

/// Makes a file private to its owner, and executable if `runs` is true.
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

    /// The path of the bytes that a handle stands for.
    pub fn spooled(&self, handle: &Handle) -> PathBuf {
        // Only the plain parts of the name are used, because a handle may only name a file in `tmp/` or in a folder
        // there.
        let names = Path::new(&handle.spool).components();
        let names = names.filter(|name| matches!(name, Component::Normal(_)));
        self.spools().join(names.collect::<PathBuf>())
    }

    /// The bytes of a spool that is known to be small.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read_spool(&self, handle: &Handle) -> Result<Vec<u8>> {
        let path = self.spooled(handle);
        fs::read(&path).map_err(|error| StoreError::io("read", &path, error).into())
    }

    /// Copies bytes into the state directory and hashes them at the same time. The memory needed does not depend on the
    /// number of bytes.
    ///
    /// # Errors
    /// A failure of `reader` (its error names `source`) or of the disk.
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

    /// Starts a spool whose bytes come in pieces.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn spooling(&self) -> Result<Spooling> {
        format::ensure(self)?;
        let folder = self.spools();
        self.disk.create_folders(&folder)?;
        self.sweep(&folder);
        let failed = |error| StoreError::io("write", &folder, error);
        self.disk.step("open a spool").map_err(failed)?;
        // tempfile creates files that only their owner may open.
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

    /// Adds bytes to an incomplete spool.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn write_spool(&self, spooling: &mut Spooling, bytes: &[u8]) -> Result<()> {
        spooling.hasher.update(bytes);
        self.disk
            .write(&mut spooling.file, bytes)
            .map_err(|error| StoreError::io("write", &self.spools(), error))?;
        spooling.size += bytes.len() as u64;
        Ok(())
    }

    /// The path of the package with that `CodeSha256`, which need not exist; `None` if the text is not the base64 of a
    /// SHA-256. In a fork it may be the parent's.
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

    /// Prevents the removal of packages. The lock is held from the moment at which a package is put in place until
    /// something refers to the package.
    ///
    /// # Errors
    /// Errors of the lock.
    pub(super) fn hold_packages(&self) -> Result<lock::Lock> {
        self.disk.create_folders(&self.root().join("locks"))?;
        let path = self.root().join("locks/packages.lock");
        lock::shared(self, &path, "the packages")
    }

    /// Turns a spool into a package, durably. A package that exists already is not replaced.
    ///
    /// # Errors
    /// Errors of the disk.
    pub(super) fn keep_package(&self, handle: &Handle) -> Result<()> {
        let spool = self.spooled(handle);
        let Some(below) = package_path(&handle.code_sha256) else {
            return Err(StoreError::content(&spool, "its hash is not a SHA-256").into());
        };
        let there = self.package_at(&below);
        if fs::metadata(&there)
            .is_ok_and(|there| there.is_file() && there.len() == handle.code_size)
        {
            // The process that wrote the existing package may not have fsynced the folder yet.
            self.disk.sync_folder_of(&there)?;
            // If this fails, a later sweep removes the spool.
            let _ = self.disk.remove(&spool);
            return Ok(());
        }
        // The path is always in this state directory, even if the parent has the package, because that package may be
        // incomplete.
        let path = self.root().join(&below);
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.put_in_place(&spool, &path)
    }

    /// Moves a spool to its path, durably.
    ///
    /// # Errors
    /// Errors of the disk.
    pub(super) fn put_in_place(&self, spool: &Path, path: &Path) -> Result<()> {
        // Windows writes a file through only if it was opened for writing.
        (File::options().write(true).open(spool))
            .and_then(|file| self.disk.sync("fsync a package", &file))
            .and_then(|()| self.disk.step("rename a package"))
            .and_then(|()| fs::rename(spool, path))
            .map_err(|error| StoreError::io("write", path, error))?;
        self.disk.sync_folder_of(path)
    }
}

impl Store {
    /// Removes the spools of processes that have ended. Errors are ignored, because the next sweep tries again.
    pub(super) fn sweep(&self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if self.is_abandoned(&entry.path()) {
                self.disk.remove_some(&entry.path());
            }
        }
    }

    /// Returns true for a spool of a process that has ended.
    pub(super) fn is_abandoned(&self, path: &Path) -> bool {
        // A spool is locked just after it is created. A younger spool is never removed, because it may be between these
        // two steps.
        const YOUNG: Duration = Duration::from_secs(60);
        // Only entries of lambdry are removed, because `tmp` may be a link to a folder with other contents.
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
            // A batch without its lock file is also abandoned: only the removal of its folder was stopped.
            Err(error) => is_batch && error.kind() == io::ErrorKind::NotFound,
        };
        ours && old && is_free
    }

    /// A `file://` URL of the package with that `CodeSha256`, for `curl`. A script that gets the URL may also write to
    /// the file (`zip -u`), so a fork first copies the package.
    ///
    /// # Errors
    /// A package that a fork cannot copy.
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

    /// Copies an inherited package into the fork. The copy gets its name only when it is complete.
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

/// A package's path in the state directory.
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

/// Formats a path as a URL. Every byte is percent-encoded, except letters, digits and a few other characters.
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

    /// Inspects a zip with one file after `change` has changed some of its bytes.
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

    /// Writes bytes into the local header and into the directory's header, at these distances after the signature of
    /// each.
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
