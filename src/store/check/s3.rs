//! Finds leftovers of stopped writers in `s3/`: uploads that no call can continue, and new contents that never replaced
//! their file. Objects and buckets are not leftovers: people may create and change them by hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Check, Problem};
use crate::store::{
    Result, atomic,
    lock::{self, Lock},
    s3,
};

impl Check<'_> {
    /// Reports leftovers in this directory's own `s3/`.
    pub(super) fn left_in_s3(&mut self) -> Result<()> {
        let root = self.store.root().join("s3");
        if fs::symlink_metadata(&root).is_err() {
            return Ok(());
        }
        for (folder, is_stopped) in self.store.stopped_uploads()? {
            match is_stopped {
                Ok(true) => self.left(Problem::Unfinished, &folder)?,
                Ok(false) => self.unfinished_below(&folder)?,
                Err(error) => self.unreadable(&folder.join(s3::BEGUN), error)?,
            }
        }
        for name in s3::LEFT {
            let folder = root.join(name);
            if is_folder(&folder) {
                self.left(Problem::Trash, &folder)?;
            }
        }
        for bucket in atomic::names(&root)? {
            let folder = root.join(&bucket);
            if bucket.starts_with('.') || !is_folder(&folder) {
                continue;
            }
            // If another process holds the lock, a file that looks like a leftover may be one that this process is
            // going to rename.
            let Some(_lock) = self.hold_bucket(&bucket)? else {
                continue;
            };
            let fresh = folder.join(".bucket.json.new");
            if fs::symlink_metadata(&fresh).is_ok() {
                self.left(Problem::Unfinished, &fresh)?;
            }
            for part in [".meta", ".versions"] {
                self.unfinished_below(&folder.join(part))?;
                self.judge_below(&bucket, part)?;
            }
        }
        Ok(())
    }

    /// Locks a bucket. Returns `None` if another process holds the lock. Returns `Some(None)` if there is no lock file,
    /// as in a state that cannot be written.
    fn hold_bucket(&self, bucket: &str) -> Result<Option<Option<Lock>>> {
        let path = self.store.root().join(format!("locks/s3/{bucket}.lock"));
        if !self.repairs {
            return Ok(lock::reading(&path, bucket, &self.moment()).ok());
        }
        if let Some(folder) = path.parent() {
            self.store.disk.create_folders(folder)?;
        }
        let lock = lock::exclusive_within(&self.store.disk, &path, bucket, &self.moment());
        Ok(lock.ok().map(Some))
    }

    /// Reports every file below a folder that was written in order to be renamed, but was not renamed.
    fn unfinished_below(&mut self, folder: &Path) -> Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if !is_folder(&folder) {
                continue;
            }
            let mut names = atomic::names(&folder)?;
            names.retain(|name| name.ends_with(".new") || is_folder(&folder.join(name)));
            for path in names.iter().map(|name| folder.join(name)) {
                match is_folder(&path) {
                    true => folders.push(path),
                    false => self.left(Problem::Unfinished, &path)?,
                }
            }
        }
        Ok(())
    }

    /// Reads every JSON document of a bucket. This includes the documents of versions, because a listing of keys does
    /// not read them.
    fn judge_below(&mut self, bucket: &str, part: &str) -> Result<()> {
        let root = self.store.root().join("s3").join(bucket);
        let mut folders = vec![part.to_owned()];
        while let Some(folder) = folders.pop() {
            if !is_folder(&root.join(&folder)) {
                continue;
            }
            for name in atomic::names(&root.join(&folder))? {
                let below = format!("{folder}/{name}");
                let path = root.join(&below);
                let is_document = name.ends_with(".json");
                if is_folder(&path) && !(is_document && part == ".versions") {
                    folders.push(below);
                } else if is_document {
                    let parts: Vec<&str> = below.split('/').collect();
                    let judged = match atomic::read(&path) {
                        Ok(text) => s3::judge(bucket, &parts).and_then(|judge| match judge {
                            Some(judge) => judge(&text.unwrap_or_default()),
                            None => Ok(()),
                        }),
                        Err(error) => {
                            self.unreadable(&path, error)?;
                            continue;
                        }
                    };
                    if let Err(cause) = judged {
                        self.note(Problem::Unreadable { cause }, &path)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reports a leftover. A repair removes it with all its contents.
    fn left(&mut self, problem: Problem, path: &Path) -> Result<()> {
        let gone: PathBuf = path.to_owned();
        self.tell(problem, path, move |check| {
            match is_folder(&gone) {
                true => check.store.disk.remove_folder(&gone),
                false => {
                    let removed = check.store.disk.remove(&gone);
                    removed
                        .map_err(|error| crate::store::StoreError::io("remove", &gone, error))?;
                }
            }
            Ok(())
        })
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}
