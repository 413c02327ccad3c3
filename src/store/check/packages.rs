//! The check of packages and spools. Each package must match its hash, and a resource must refer to it.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::{Check, Problem};
use crate::{
    state::function::hex,
    store::{Result, StoreError, atomic, package::CHUNK},
};

/// The hash of a package, with which its references are found.
pub(super) type Hash = [u8; 32];

impl Check<'_> {
    /// Records that a resource refers to a package. Returns true if the package was not recorded before.
    pub(super) fn keep(&mut self, code_sha256: Option<&str>) -> bool {
        let hash = code_sha256.and_then(|text| BASE64_STANDARD.decode(text).ok());
        let hash = hash.and_then(|bytes| Hash::try_from(bytes).ok());
        hash.is_some_and(|hash| self.used.insert(hash))
    }

    /// Records that a resource refers to a package, and reports the package if it is missing. `by` is the file that
    /// refers to it.
    pub(super) fn refers(&mut self, code_sha256: &str, by: &Path) -> Result<()> {
        let is_first = self.keep(Some(code_sha256));
        match self.store.package(code_sha256) {
            Some(path) => {
                if is_first && !self.is_fork && !path.exists() {
                    let by = by.strip_prefix(self.store.root()).unwrap_or(by);
                    let by = by.display().to_string();
                    self.note(Problem::MissingPackage { by }, &path)?;
                }
                Ok(())
            }
            None => {
                let cause = format!("its CodeSha256 {code_sha256:?} is not a SHA-256 in base64");
                self.note(Problem::Unreadable { cause }, by)
            }
        }
    }

    fn packages_folder(&self) -> PathBuf {
        self.store.root().join("packages/sha256")
    }

    /// The file of a package.
    pub(super) fn package_file(&self, hash: &Hash) -> PathBuf {
        let name = hex(hash);
        let folder = self.packages_folder().join(&name[..2]);
        folder.join(format!("{}.zip", &name[2..]))
    }

    /// The existing packages. Other entries in their folders are reported.
    pub(super) fn packages(&mut self) -> Result<Vec<Hash>> {
        let folder = self.packages_folder();
        let mut packages = Vec::new();
        for first in atomic::names(&folder)? {
            let within = folder.join(&first);
            if !within.is_dir() {
                self.note(Problem::Unknown, &within)?;
                continue;
            }
            for name in atomic::names(&within)? {
                let path = within.join(&name);
                let rest = name.strip_suffix(".zip");
                match rest.and_then(|rest| unhex(&format!("{first}{rest}"))) {
                    Some(hash) => packages.push(hash),
                    None => self.note(Problem::Unknown, &path)?,
                }
            }
        }
        Ok(packages)
    }

    /// Hashes every package, and checks that a resource refers to it.
    pub(super) fn judge(&mut self, packages: Vec<Hash>) -> Result<()> {
        let folder = self.packages_folder();
        for hash in packages {
            let path = self.package_file(&hash);
            self.counted.packages += 1;
            match self.hash(&path) {
                Ok(Some(found)) if found != hash => self.note(Problem::WrongHash, &path)?,
                // The package disappeared after the folder was listed.
                Ok(None) => continue,
                Ok(Some(_)) => {}
                Err(error) => self.unreadable(&path, error)?,
            }
            if !self.blind && !self.used.contains(&hash) {
                let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
                self.tell(Problem::Orphan { size }, &path, |check| {
                    check.to_trash(&path)
                })?;
            }
        }
        if self.blind && self.counted.packages > 0 {
            self.note(Problem::Blind, &folder)?;
        }
        Ok(())
    }

    /// Hashes a file in pieces; `None` if it does not exist.
    fn hash(&mut self, path: &Path) -> Result<Option<Hash>> {
        let failed = |error| StoreError::io("read", path, error);
        let mut file = match atomic::open(path).map(|(file, _)| file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error).into()),
        };
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return Ok(Some(hasher.finalize().into())),
                Ok(n) => {
                    hasher.update(&chunk[..n]);
                    self.counted.bytes += n as u64;
                    self.listener.went_on(self.counted, self.whole);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error).into()),
            }
        }
    }

    /// Finds unfinished packages of processes that have ended.
    pub(super) fn spools(&mut self) -> Result<()> {
        let folder = self.store.root().join("tmp");
        for name in atomic::names(&folder)? {
            let path = folder.join(&name);
            if !self.store.is_abandoned(&path) {
                continue;
            }
            let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            self.tell(Problem::Spool { size }, &path, |check| {
                // If a process has many spools, they are together in one folder.
                match check.store.is_abandoned(&path) {
                    true if path.is_dir() => check.store.disk.remove_folder(&path),
                    true => {
                        let removed = check.store.disk.remove(&path);
                        removed.map_err(|error| StoreError::io("remove", &path, error))?;
                    }
                    false => {}
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// A hash of 64 hexadecimal digits in lower case.
fn unhex(text: &str) -> Option<Hash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    let mut hash = Hash::default();
    if bytes.len() != 64 {
        return None;
    }
    for (to, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *to = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}
