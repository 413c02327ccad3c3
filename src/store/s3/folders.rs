//! A bucket as it lies in one state directory, or in a fork and those it was forked from: what is looked for in the
//! fork's own folder first, what is hidden, and what is written, which is the fork's own alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::Timestamp;

use super::{
    Deleted, Meta, NULL, Object,
    key::named,
    walk::{Keys, Walk},
};
use crate::store::{Result, Store, StoreError, atomic};

/// A bucket's folders, the fork's own first.
#[derive(Clone)]
pub(super) struct Folders<'a> {
    pub(super) store: &'a Store,
    pub(super) name: &'a str,
    pub(super) all: Vec<PathBuf>,
}

impl Folders<'_> {
    pub(super) fn own(&self) -> PathBuf {
        self.store.root().join("s3").join(self.name)
    }

    pub(super) fn versioned(&self) -> bool {
        self.all
            .iter()
            .any(|folder| folder.join(".versions").is_dir())
    }

    /// An object of one folder.
    pub(super) fn object_in(&self, folder: &Path, key: &str) -> Result<Option<Object>> {
        let meta = folder.join(".meta").join(format!("{key}.json"));
        object(folder.join(key), &meta, key)
    }

    pub(super) fn current(&self, key: &str) -> Result<Option<Object>> {
        for folder in &self.all {
            if let Some(object) = self.object_in(folder, key)? {
                return Ok(Some(object));
            }
            if exists(&folder.join(".meta").join(format!("{key}.gone"))) {
                break;
            }
        }
        Ok(None)
    }

    /// A version that is not the current one, or a delete marker.
    pub(super) fn version(&self, key: &str, version: &str) -> Result<Option<Object>> {
        for folder in &self.all {
            let folder = folder.join(".versions").join(key);
            let kept = folder.join(format!("{version}.json"));
            if let Some(mut object) = object(folder.join(version), &kept, key)? {
                object.meta.version_id = Some(version.to_owned());
                return Ok(Some(object));
            }
            if let Some(meta) = atomic::read_json::<Meta>(&kept)?
                && meta.delete_marker
            {
                return Ok(Some(Object {
                    key: key.to_owned(),
                    path: kept,
                    size: 0,
                    last_modified: meta.last_modified.unwrap_or_default(),
                    meta,
                }));
            }
            if exists(&folder.join(format!("{version}.gone"))) {
                break;
            }
        }
        Ok(None)
    }

    /// Every file below `.versions` that is not hidden, by its path from there.
    pub(super) fn other_versions(&self) -> Result<BTreeMap<String, PathBuf>> {
        let (mut files, mut gone) = (BTreeMap::new(), BTreeSet::new());
        for folder in &self.all {
            let folder = folder.join(".versions");
            let mut hidden = Vec::new();
            for found in Walk::new(&folder, &[], "", "") {
                let name = found?.held;
                if let Some(name) = name.strip_suffix(".gone") {
                    hidden.push(name.to_owned());
                } else if !gone.contains(name.strip_suffix(".json").unwrap_or(&name)) {
                    let path = folder.join(&name);
                    files.entry(name).or_insert(path);
                }
            }
            gone.extend(hidden);
        }
        Ok(files)
    }

    /// The versions of a key beside the current one, delete markers too, the newest first.
    fn versions_of(&self, key: &str) -> Result<Vec<Object>> {
        let start = format!("{key}/");
        let mut ids = BTreeSet::new();
        for name in self.other_versions()?.into_keys() {
            if let Some(id) = name.strip_prefix(&start).filter(|id| !id.contains('/')) {
                ids.insert(id.strip_suffix(".json").unwrap_or(id).to_owned());
            }
        }
        let mut versions = Vec::new();
        for id in ids {
            versions.extend(self.version(key, &id)?);
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.last_modified));
        Ok(versions)
    }

    pub(super) fn new_version(&self, key: &str) -> Result<String> {
        let name = format!("s3://{}/{key} {}", self.name, self.store.clock.now());
        let mut change = 0;
        loop {
            let id = self.store.ids.id(&name, change).replace('-', "");
            if self.version(key, &id)?.is_none() {
                return Ok(id);
            }
            change += 1;
        }
    }

    pub(super) fn keep_meta(&self, own: &Path, key: &str, meta: &Meta) -> Result<()> {
        let path = own.join(".meta").join(format!("{key}.json"));
        if let Some(folder) = path.parent() {
            self.store.disk.create_folders(folder)?;
        }
        self.store.disk.replace(&path, &atomic::json_text(meta))
    }

    /// Gives the current object a second name among the versions; it stays the current one until that is replaced.
    pub(super) fn set_aside(&self, key: &str) -> Result<()> {
        let Some(current) = self.current(key)? else {
            return Ok(());
        };
        let id = version_of(&current.meta).to_owned();
        let folder = self.own().join(".versions").join(key);
        let disk = &self.store.disk;
        disk.create_folders(&folder)?;
        let path = folder.join(&id);
        disk.step("set a version aside")
            .and_then(|()| match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => self.second_name(&current.path, &path),
            })
            .map_err(|error| StoreError::io("write", &path, error))?;
        let meta = Meta {
            version_id: Some(id.clone()),
            size: current.size,
            last_modified: current.meta.last_modified.or(Some(current.last_modified)),
            ..current.meta
        };
        disk.replace(
            &folder.join(format!("{id}.json")),
            &atomic::json_text(&meta),
        )
    }

    /// A second name for an object's bytes; a copy of what is inherited, for a fork shares no file with its parent.
    fn second_name(&self, from: &Path, to: &Path) -> io::Result<()> {
        if from.starts_with(self.store.root()) && fs::hard_link(from, to).is_ok() {
            return Ok(());
        }
        duplicate(from, to)
    }

    /// Removes the current object, and in a fork hides the parent's.
    pub(super) fn remove_current(&self, key: &str) -> Result<()> {
        let (own, disk) = (self.own(), &self.store.disk);
        let inherited = self.all.iter().filter(|folder| **folder != own);
        let hides = inherited
            .into_iter()
            .any(|folder| is_file(&folder.join(key)));
        if hides {
            self.store
                .mark(&own.join(".meta").join(format!("{key}.gone")))?;
        }
        let path = own.join(key);
        if is_file(&path) {
            disk.remove(&path)
                .map_err(|error| StoreError::io("remove", &path, error))?;
            disk.sync_folder_of(&path)?;
        }
        let meta = own.join(".meta").join(format!("{key}.json"));
        // Without its object it says nothing.
        let _ = disk.remove(&meta);
        prune(&path, &own);
        prune(&meta, &own);
        Ok(())
    }

    /// Removes one version for good. When that was the current one, or the marker that hid it, the newest of the others
    /// takes its place.
    pub(super) fn delete_version(&self, key: &str, version: &str) -> Result<Deleted> {
        let mut deleted = Deleted {
            marker: false,
            version_id: Some(version.to_owned()),
        };
        let current = self.current(key)?;
        let disk = &self.store.disk;
        let folder = self.own().join(".versions").join(key);
        if current
            .as_ref()
            .is_some_and(|current| version_of(&current.meta) == version)
        {
            self.remove_current(key)?;
        } else if let Some(old) = self.version(key, version)? {
            deleted.marker = old.meta.delete_marker;
        } else {
            return Ok(deleted);
        }
        let own = [version.to_owned(), format!("{version}.json")].map(|name| folder.join(name));
        let inherited = self.all.iter().any(|other| {
            let other = other.join(".versions").join(key);
            other != folder
                && (exists(&other.join(version)) || exists(&other.join(format!("{version}.json"))))
        });
        if inherited {
            self.store.mark(&folder.join(format!("{version}.gone")))?;
        }
        for path in own {
            disk.remove(&path)
                .map_err(|error| StoreError::io("remove", &path, error))?;
        }
        if folder.is_dir() {
            disk.sync_folder_of(&folder.join(version))?;
        }
        if self.current(key)?.is_none()
            && let Some(newest) = self.versions_of(key)?.into_iter().next()
            && !newest.meta.delete_marker
        {
            self.put_back(key, newest)?;
        }
        Ok(deleted)
    }

    /// Makes a version the current one again.
    fn put_back(&self, key: &str, newest: Object) -> Result<()> {
        let (own, disk) = (self.own(), &self.store.disk);
        let path = own.join(key);
        let fresh = own.join(".versions").join(key).join("current.new");
        self.keep_meta(&own, key, &newest.meta)?;
        for folder in [&path, &fresh].into_iter().filter_map(|path| path.parent()) {
            disk.create_folders(folder)?;
        }
        let _ = disk.remove(&fresh);
        self.second_name(&newest.path, &fresh)
            .map_err(|error| StoreError::io("write", &fresh, error))?;
        disk.rename(&fresh, &path)
    }

    /// S3 holds `a` beside `a/b`; a folder does not.
    pub(super) fn refuse_a_beside_a_slash_b(&self, key: &str) -> Result<()> {
        let above = key.match_indices('/').map(|(at, _)| &key[..at]);
        for above in above {
            if self.current(above)?.is_some() {
                return Err(self.store.refused(format!(
                    "the S3 key {:?} cannot be held beside the key {:?}: a file is no folder",
                    named(key),
                    named(above)
                )));
            }
        }
        let own = self.own();
        if let Some(below) = Keys::new(self.clone(), &format!("{}/", named(key)), "").next()? {
            return Err(self.store.refused(format!(
                "the S3 key {:?} cannot be held beside the key {:?}: a folder is no file",
                named(key),
                below.key
            )));
        }
        // Folders without any object in them are nothing.
        let empty = own.join(key);
        if empty.is_dir() {
            remove_empty(&empty);
        }
        Ok(())
    }
}

/// The id a version goes by.
pub(super) fn version_of(meta: &Meta) -> &str {
    meta.version_id.as_deref().unwrap_or(NULL)
}

/// The object in that file, if it is one.
fn object(path: PathBuf, meta: &Path, key: &str) -> Result<Option<Object>> {
    let Ok(file) = fs::metadata(&path) else {
        return Ok(None);
    };
    if !file.is_file() {
        return Ok(None);
    }
    let last_modified = file.modified().map(seconds).unwrap_or_default();
    let meta = atomic::read_json::<Meta>(meta)?.filter(|meta| {
        meta.size == file.len() && meta.last_modified.is_none_or(|time| time == last_modified)
    });
    Ok(Some(Object {
        key: key.to_owned(),
        path,
        size: file.len(),
        last_modified,
        meta: meta.unwrap_or_default(),
    }))
}

/// A file's time as S3 tells it.
pub(super) fn seconds(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time)
        .ok()
        .and_then(|time| Timestamp::from_second(time.as_second()).ok())
        .unwrap_or_default()
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A copy with the same time, under its name only when it is whole.
pub(super) fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = to.with_file_name(name);
    fs::copy(from, &fresh)?;
    let time = fs::metadata(from)?.modified()?;
    File::options()
        .write(true)
        .open(&fresh)?
        .set_modified(time)?;
    fs::rename(fresh, to)
}

/// Removes the folders of a file that is gone, up to the bucket's, as far as they are empty.
fn prune(path: &Path, up_to: &Path) {
    let folders = path.ancestors().skip(1);
    for folder in folders.take_while(|folder| *folder != up_to && folder.starts_with(up_to)) {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Removes a folder in which there are but folders.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_empty(&entry.path());
        }
    }
    // One that is not empty stays, and the put says what is wrong.
    let _ = fs::remove_dir(folder);
}
