//! Restores the packages and files of an archive. All of them are checked before the first write. They are prepared in
//! one folder, with only one file open at a time. At the end, they are renamed into place. If this fails, the renames
//! are undone.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use super::{
    Result, Store, StoreError,
    archive::{Archive, Tell, refused},
    atomic::{self, private},
    faults, format, images, lock,
    package::{CHUNK, Handle, SPOOL, digest},
    s3,
};
use crate::state::arn::Scope;

/// A folder for the spools of one process. Other folders are also created or removed in it, because no reader looks
/// there. The folder is removed when this value is dropped. The next spool removes the folders of killed processes.
#[derive(Debug)]
pub struct Batch {
    folder: tempfile::TempDir,
    /// The batch's lock file. It is locked as long as the batch exists, so that a sweep recognizes a batch in use.
    _lock: File,
    count: u64,
}

/// The name of the lock file in a batch's folder.
pub(super) const LOCK: &str = "lock";

impl Batch {
    /// The path of the next file or folder.
    pub(super) fn next(&mut self) -> PathBuf {
        self.count += 1;
        self.folder.path().join(self.count.to_string())
    }
}

impl Store {
    /// Creates a folder for many spools.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn batch(&self) -> Result<Batch> {
        format::ensure(self)?;
        let spools = self.spools();
        self.disk.create_folders(&spools)?;
        self.sweep(&spools);
        let made = || {
            self.disk.step("mkdir")?;
            let mut builder = tempfile::Builder::new();
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            let folder = builder.prefix(SPOOL).tempdir_in(&spools)?;
            let path = folder.path().join(LOCK);
            self.disk.step("open a lock")?;
            let file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
            lock::hold(&file)?;
            Ok(Batch {
                folder,
                _lock: file,
                count: 0,
            })
        };
        made().map_err(|error| StoreError::io("write", &spools, error).into())
    }

    /// Spools code into a batch.
    ///
    /// # Errors
    /// A failure of `reader` (its error names `source`) or of the disk.
    pub fn spool_into(
        &self,
        batch: &mut Batch,
        reader: &mut dyn Read,
        source: &Path,
    ) -> Result<Handle> {
        let path = batch.next();
        self.fill(&path, reader, source)?;
        let failed = |error| StoreError::io("read", &path, error);
        let mut file = File::open(&path).map_err(failed)?;
        let (code_sha256, code_size) = digest(&mut file).map_err(failed)?;
        let name = path.strip_prefix(self.spools()).unwrap_or(&path);
        Ok(Handle::new(name, code_sha256, code_size))
    }

    fn fill(&self, path: &Path, reader: &mut dyn Read, source: &Path) -> Result<File> {
        let failed = |error| StoreError::io("write", path, error);
        self.disk.step("open a spool").map_err(failed)?;
        let mut file = private(OpenOptions::new().write(true).create_new(true))
            .open(path)
            .map_err(failed)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => return Ok(file),
                Ok(n) => self.disk.write(&mut file, &chunk[..n]).map_err(failed)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::io("read", source, error).into()),
            }
        }
    }
}

impl Store {
    /// The full path of a file that belongs to no resource, or of a folder of such files. `name` is the path in the
    /// state directory. In a fork, the result may be the parent's file, if the fork does not hide that file. If the
    /// file does not exist, the path is in this directory.
    fn shown(&self, name: &str) -> Result<PathBuf> {
        let own = self.root().join(name);
        if self.parent().is_none() || fs::symlink_metadata(&own).is_ok() {
            return Ok(own);
        }
        let parts: Vec<&str> = name.split('/').collect();
        let there = match parts[..] {
            ["s3", bucket, _, ..] => self.s3_shown(bucket, &parts[2..].join("/"))?,
            // A fork reads entries that may be numerous from the parent. It has its own copies of all other entries.
            [_, _, "retired" | "responses" | "invocations", ..] => {
                let mut inherited = self.layers().skip(1).map(|root| root.join(name));
                inherited.find(|path| path.exists())
            }
            _ => None,
        };
        Ok(there.unwrap_or(own))
    }

    /// Returns true for the counters of a deleted resource if a fork reads a resource of the same name from its parent.
    /// If the fork has no head of the resource, such counters would mean that the resource is deleted.
    fn would_hide(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('/').collect();
        let [account, region, "retired", folder, file] = parts[..] else {
            return false;
        };
        let Some(name) = file.strip_suffix(".json") else {
            return false;
        };
        let place = self.place(Scope {
            region: region.to_owned(),
            account: account.to_owned(),
        });
        place.is_layered()
            && place.holds(folder, name)
            && !place.root().join(folder).join(name).exists()
    }
}

impl Archive {
    /// Reads the whole archive once, without writing. Checks that packages match their names, and that files of the
    /// state can be read again and do not conflict with each other or with existing files. Returns the files that exist
    /// with other bytes. `keys` returns the operations that a name may mean.
    ///
    /// # Errors
    /// A fault of the archive; the message names the file.
    pub fn judge_all(
        &mut self,
        store: &Store,
        keys: &dyn Fn(&str) -> Vec<String>,
        tell: &mut Tell<'_>,
    ) -> Result<Vec<String>> {
        let names = self.files();
        self.judge_room(&names, store)?;
        for name in &names {
            let told = self.told(name, keys)?;
            told.map_err(|cause| refused(self.path(), format!("{name:?} in it: {cause}")))?;
        }
        let packages = self.packages();
        let all = packages.len() as u64;
        for (done, code_sha256) in packages.into_iter().enumerate() {
            tell(&code_sha256, done as u64, all);
            let (read, _) = self.read_package(&code_sha256, |entry| digest(entry))?;
            if read != code_sha256 {
                let cause = format!(
                    "the package in it with the CodeSha256 {code_sha256} has other content"
                );
                return Err(refused(self.path(), cause).into());
            }
        }
        let mut others = Vec::new();
        for (done, name) in names.iter().enumerate() {
            tell(name, done as u64, names.len() as u64);
            let there = store.shown(name)?;
            if self.read_file(name, |entry| compare(entry, &there))? == Some(false) {
                others.push(name.clone());
            }
        }
        Ok(others)
    }

    /// The files of the archive that the state does not have, or has with other bytes. If either an object or its
    /// metadata differ, both are returned.
    fn missing(&mut self, store: &Store, tell: &mut Tell<'_>) -> Result<BTreeSet<String>> {
        let mut missing = BTreeSet::new();
        let names = self.files();
        let all = names.len() as u64;
        for (done, name) in names.into_iter().enumerate() {
            tell(&name, done as u64, all);
            let there = store.shown(&name)?;
            let is_same = self.read_file(&name, |entry| compare(entry, &there))? == Some(true);
            if !is_same && !store.would_hide(&name) {
                missing.insert(name);
            }
        }
        for name in self.files() {
            if let Some(told) = s3::told_of(&name).filter(|told| self.has(told))
                && (missing.contains(&name) || missing.contains(&told))
            {
                missing.extend([name, told]);
            }
        }
        Ok(missing)
    }

    /// Checks a file's name and text. Returns a description of the fault, if there is one.
    fn told(
        &mut self,
        name: &str,
        keys: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<std::result::Result<(), String>> {
        let parts: Vec<&str> = name.split('/').collect();
        Ok(match parts[..] {
            ["faults"] => {
                let text = self.text_of(name)?;
                faults::check(&String::from_utf8_lossy(&text), keys)
            }
            ["faults.count"] => faults::judge_count(&self.text_of(name)?),
            [images::FILE] => images::judge(&self.text_of(name)?),
            ["aws", "config"] => match String::from_utf8(self.text_of(name)?) {
                Ok(_) => Ok(()),
                Err(_) => Err("it is not UTF-8 text".to_owned()),
            },
            ["s3", bucket, ref below @ ..] => match s3::judge(bucket, below) {
                Ok(None) => Ok(()),
                Ok(Some(judge)) => judge(&self.text_of(name)?),
                Err(cause) => Err(cause),
            },
            _ => Ok(()),
        })
    }

    /// Refuses files that conflict with each other or with the state: a path cannot be both a file and a folder.
    fn judge_room(&self, names: &[String], store: &Store) -> Result<()> {
        let all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mut folders = BTreeSet::new();
        for name in names {
            let in_s3 = name.starts_with("s3/");
            // `s3` itself may be a link, like other parts of a state, but its entries may not.
            let look = |path: &Path, depth: usize| match in_s3 && depth > 0 {
                true => fs::symlink_metadata(path),
                false => fs::metadata(path),
            };
            for (depth, (at, _)) in name.match_indices('/').enumerate() {
                let folder = &name[..at];
                if all.contains(folder) {
                    let cause = format!(
                        "{folder:?} and {name:?} in it conflict: one path cannot be both a file and a folder"
                    );
                    return Err(refused(self.path(), cause).into());
                }
                let path = store.shown(folder)?;
                if folders.insert(folder) && look(&path, depth).is_ok_and(|found| !found.is_dir()) {
                    return Err(in_the_way(&path, name, "it is not a folder"));
                }
            }
            let path = store.shown(name)?;
            if look(&path, 1).is_ok_and(|found| !found.is_file()) {
                return Err(in_the_way(&path, name, "it is not a regular file"));
            }
        }
        Ok(())
    }

    /// Prepares a package.
    ///
    /// # Errors
    /// A broken package, or an error of the disk.
    pub fn spool_package(
        &mut self,
        store: &Store,
        batch: &mut Batch,
        code_sha256: &str,
    ) -> Result<Handle> {
        let path = self.path().to_owned();
        let spooled = self.read_package(code_sha256, |entry| {
            Ok(store.spool_into(batch, entry, &path))
        })??;
        match spooled.code_sha256 == code_sha256 {
            true => Ok(spooled),
            false => Err(refused(&path, "it changed while it was read").into()),
        }
    }

    /// Moves the files that belong to no resource into place. Either all of them are moved, or none.
    ///
    /// # Errors
    /// A broken file, or an error of the disk; the state is then unchanged.
    pub fn put_files(
        &mut self,
        store: &Store,
        batch: &mut Batch,
        tell: &mut Tell<'_>,
    ) -> Result<Placed> {
        let source = self.path().to_owned();
        let mut ready = Vec::new();
        let names = self.missing(store, tell)?;
        let all = names.len() as u64;
        for (done, name) in names.into_iter().enumerate() {
            tell(&name, done as u64, all);
            let there = store.root().join(&name);
            let fresh = batch.next();
            let file = self.read_file(&name, |entry| Ok(store.fill(&fresh, entry, &source)))??;
            if let Some(told) = s3::told_of(&name)
                && self.has(&told)
                && let Some(time) = s3::time_in(&self.text_of(&told)?)
            {
                // The metadata of an object are valid only if its file has the modification time of the upload.
                store
                    .disk
                    .step("set an object's time")
                    .and_then(|()| file.set_modified(time))
                    .map_err(|error| StoreError::io("write", &fresh, error))?;
            }
            if !cfg!(target_os = "linux") {
                store
                    .disk
                    .sync("fsync", &file)
                    .map_err(|error| StoreError::io("write", &fresh, error))?;
            }
            ready.push((there, fresh));
        }
        if !ready.is_empty() {
            store.disk.sync_all(batch.folder.path())?;
        }
        let mut placed = Placed::default();
        match placed.put(store, batch, ready) {
            Ok(()) => Ok(placed),
            Err(error) => {
                placed.take_back();
                Err(error)
            }
        }
    }
}

/// The files that were moved into place, and the folders that were created for them.
#[derive(Debug, Default)]
pub struct Placed {
    folders: Vec<PathBuf>,
    /// Each file that was moved, and the path of the file that it replaced, if there was one.
    files: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Placed {
    fn put(
        &mut self,
        store: &Store,
        batch: &mut Batch,
        ready: Vec<(PathBuf, PathBuf)>,
    ) -> Result<()> {
        let mut folders = BTreeSet::new();
        for (path, fresh) in ready {
            let folder = path.parent().unwrap_or(&path).to_owned();
            if folders.insert(folder.clone()) {
                let missing = folder.ancestors().take_while(|above| !above.exists());
                let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
                self.folders.extend(missing.into_iter().rev());
                store.disk.create_folders(&folder)?;
            }
            let failed = |error| StoreError::io("write", &path, error);
            let before = fs::symlink_metadata(&path).is_ok().then(|| batch.next());
            if let Some(before) = &before {
                store
                    .disk
                    .step("set a file aside")
                    .and_then(|()| fs::hard_link(&path, before))
                    .or_else(|_| fs::copy(&path, before).map(drop))
                    .map_err(failed)?;
            }
            store.disk.step("rename").map_err(failed)?;
            fs::rename(&fresh, &path).map_err(failed)?;
            self.files.push((path, before));
        }
        for folder in folders {
            store.disk.sync_folder_of(&folder.join("x"))?;
        }
        Ok(())
    }

    /// Undoes all moves, the last one first.
    pub fn take_back(self) {
        for (path, before) in self.files.into_iter().rev() {
            // If a move cannot be undone, the file stays there. The original error is reported.
            let _ = match before {
                Some(before) => fs::rename(before, path),
                None => fs::remove_file(path),
            };
        }
        for folder in self.folders.into_iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn in_the_way(path: &Path, name: &str, what: &str) -> super::Failure {
    StoreError::content(path, format!("{what}, but {name:?} has to be there"))
        .with_hint("nothing was imported; use another --state-dir to keep both")
        .into()
}

/// Returns true if a file has the same bytes as `entry`; `None` if the file does not exist. Always reads the whole
/// entry, so that the checksum of the entry is verified.
fn compare(entry: &mut dyn Read, there: &Path) -> io::Result<Option<bool>> {
    let file = match atomic::open(there) {
        Ok((file, _)) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(file) = file else {
        return io::copy(entry, &mut io::sink()).map(|_| None);
    };
    let mut there = BufReader::with_capacity(CHUNK, file);
    let (mut one, mut other) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut same = true;
    loop {
        let read = entry.read(&mut one)?;
        if read == 0 {
            return Ok(Some(same && there.read(&mut other)? == 0));
        }
        same = same && there.read_exact(&mut other[..read]).is_ok() && one[..read] == other[..read];
    }
}
