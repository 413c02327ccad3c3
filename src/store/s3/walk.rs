//! The keys of a bucket in order. They are found on demand, so a page of a listing reads only the part of the bucket
//! that it shows.

use std::{
    collections::BinaryHeap,
    fs, io,
    path::{Path, PathBuf},
    vec,
};

use super::{
    folders::{Folders, exists},
    key::named,
};
use crate::store::{Result, StoreError, s3::Object};

/// The keys of a bucket that come after a given key, sorted bytewise. In a fork, they include the parents' keys that
/// the fork does not hide.
pub struct Keys<'a> {
    folders: Folders<'a>,
    walks: Vec<Walk>,
}

/// A key of a bucket, and the folder that holds its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: String,
    /// The name of the key on the disk.
    pub(super) held: String,
    pub(super) folder: PathBuf,
}

impl<'a> Keys<'a> {
    pub(super) fn new(folders: Folders<'a>, prefix: &str, after: &str) -> Self {
        let roots = folders.all.iter();
        let walks = roots.map(|root| Walk::new(root, &super::RESERVED, prefix, after));
        Self {
            walks: walks.collect(),
            folders,
        }
    }

    /// The next key.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    #[allow(clippy::should_implement_trait, reason = "it can fail and go on")]
    pub fn next(&mut self) -> Result<Option<Key>> {
        loop {
            let mut first: Option<(usize, Found)> = None;
            for (at, walk) in self.walks.iter_mut().enumerate() {
                if let Some(found) = walk.peek()?
                    && first.as_ref().is_none_or(|(_, other)| found < *other)
                {
                    first = Some((at, found));
                }
            }
            let Some((at, Found { key, held, .. })) = first else {
                return Ok(None);
            };
            for walk in &mut self.walks {
                walk.pass(&key);
            }
            let mark = format!(".meta/{held}.gone");
            let above = &self.folders.all[..at];
            if !above.iter().any(|folder| exists(&folder.join(&mark))) {
                let folder = self.folders.all[at].clone();
                return Ok(Some(Key { key, held, folder }));
            }
        }
    }

    /// Skips the remaining keys that start with that prefix, which is the path of a folder.
    pub fn skip_below(&mut self, prefix: &str) {
        for walk in &mut self.walks {
            walk.skip_below(prefix);
        }
    }

    /// The object of a key; `None` if the object no longer exists.
    ///
    /// # Errors
    /// An object that cannot be read.
    pub fn object(&self, key: &Key) -> Result<Option<Object>> {
        let object = self.folders.object_in(&key.folder, &key.held)?;
        Ok(object.map(|object| Object {
            key: key.key.clone(),
            ..object
        }))
    }
}

/// A file or a folder that the walk has found. The walk follows the order of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The key of the file. For a folder, it is the start of the keys below the folder.
    key: String,
    is_folder: bool,
    /// The path from the root of the walk, on the disk.
    pub(super) held: String,
}

/// The files below a folder, sorted bytewise by key and found on demand. Links are not followed and not returned,
/// because they may lead out of the bucket, or in circles.
pub(super) struct Walk {
    root: PathBuf,
    /// Names in the root of the walk that are skipped.
    but: &'static [&'static str],
    prefix: String,
    after: String,
    levels: Vec<Level>,
    peeked: Option<Found>,
}

/// A folder of the walk, read in batches.
struct Level {
    /// The start of the keys below the folder; empty at the root.
    above: String,
    /// The folder's path from the root, with a `/` at the end.
    held: String,
    batch: vec::IntoIter<Found>,
    last: Option<Found>,
    more: bool,
}

impl Level {
    fn new(above: String, held: String) -> Self {
        Self {
            above,
            held,
            batch: Vec::new().into_iter(),
            last: None,
            more: true,
        }
    }
}

impl Walk {
    pub(super) fn new(
        root: &Path,
        but: &'static [&'static str],
        prefix: &str,
        after: &str,
    ) -> Self {
        Self {
            root: root.to_owned(),
            but,
            prefix: prefix.to_owned(),
            after: after.to_owned(),
            levels: vec![Level::new(String::new(), String::new())],
            peeked: None,
        }
    }

    fn peek(&mut self) -> Result<Option<Found>> {
        if self.peeked.is_none() {
            self.peeked = self.find()?;
        }
        Ok(self.peeked.clone())
    }

    /// Skips the key if it is the next one.
    fn pass(&mut self, key: &str) {
        self.peeked.take_if(|peeked| peeked.key == key);
    }

    fn skip_below(&mut self, prefix: &str) {
        self.peeked.take_if(|found| found.key.starts_with(prefix));
        self.levels.retain(|level| !level.above.starts_with(prefix));
    }

    fn find(&mut self) -> Result<Option<Found>> {
        loop {
            let Some(level) = self.levels.last_mut() else {
                return Ok(None);
            };
            match level.batch.next() {
                Some(found) if found.is_folder => {
                    self.levels
                        .push(Level::new(found.key, format!("{}/", found.held)));
                }
                Some(found) => return Ok(Some(found)),
                None if level.more => self.read()?,
                None => drop(self.levels.pop()),
            }
        }
    }

    /// Reads the next batch of the deepest folder.
    fn read(&mut self) -> Result<()> {
        /// The number of names that one page needs: its own names, and the first name of the next page.
        const BATCH: usize = 1001;
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        let folder = self.root.join(&level.held);
        let mut first = BinaryHeap::new();
        let failed = |error| StoreError::io("list", &folder, error);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error).into()),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is_folder = match entry.file_type() {
                Ok(kind) if kind.is_dir() => true,
                Ok(kind) if kind.is_file() => false,
                _ => continue,
            };
            if level.held.is_empty() && self.but.contains(&name.as_str()) {
                continue;
            }
            let slash = if is_folder { "/" } else { "" };
            let found = Found {
                key: format!("{}{}{slash}", level.above, named(&name)),
                is_folder,
                held: format!("{}{name}", level.held),
            };
            if level.last.as_ref().is_some_and(|last| found <= *last) || !self.wants(&found) {
                continue;
            }
            first.push(found);
            if first.len() > BATCH {
                first.pop();
            }
        }
        let batch = first.into_sorted_vec();
        if let Some(level) = self.levels.last_mut() {
            level.more = batch.len() == BATCH;
            level.last = batch.last().cloned();
            level.batch = batch.into_iter();
        }
        Ok(())
    }

    /// Returns true for a file that the walk must return, and for a folder that may contain such a file.
    fn wants(&self, found: &Found) -> bool {
        let (key, prefix, after) = (&found.key, self.prefix.as_str(), self.after.as_str());
        match found.is_folder {
            true => {
                (key.starts_with(prefix) || prefix.starts_with(key))
                    && (key.as_str() > after || after.starts_with(key))
            }
            false => key.starts_with(prefix) && key.as_str() > after,
        }
    }
}

impl Iterator for Walk {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        self.find().transpose()
    }
}
