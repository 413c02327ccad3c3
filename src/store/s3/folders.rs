//! The folders of a bucket: in one state directory, or in a fork and its parents. A read looks into the fork's own
//! folder first, and ignores entries that the fork hides. A write changes only the fork's own folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::Timestamp;

use super::{
    Deleted, Made, Meta, NULL, Object, Versioning,
    key::named,
    walk::{Keys, Walk},
};
use crate::{
    state::bucket::VERSIONING,
    store::{Result, Store, StoreError, atomic},
};

/// A bucket's folders. The fork's own folder is the first.
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

    /// Returns true if the bucket keeps versions, or kept some before versioning was suspended.
    pub(super) fn versioned(&self) -> Result<bool> {
        Ok(!matches!(self.versioning()?, Versioning::Never))
    }

    /// The creation data and the configuration of the bucket.
    pub(super) fn made(&self) -> Result<Made> {
        for folder in &self.all {
            if let Some(made) = atomic::read_json(&folder.join(".bucket.json"))? {
                return Ok(made);
            }
        }
        Ok(Made::default())
    }

    /// Decides if an object is kept when it is replaced or deleted. The bucket's file decides. If it has no such
    /// setting, versions are on if there is a folder `.versions`, which may have been made by hand.
    pub(super) fn versioning(&self) -> Result<Versioning> {
        let made = self.made()?;
        let status = made
            .configuration
            .get(VERSIONING)
            .and_then(|it| it.get("Status"));
        let mut folders = self.all.iter();
        let has_folder = folders.any(|folder| is_folder(&folder.join(".versions")));
        Ok(match status.and_then(|status| status.as_str()) {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            None if has_folder => Versioning::Enabled,
            _ => Versioning::Never,
        })
    }

    /// Refuses a key whose path contains a link.
    pub(super) fn refuse_links(&self, key: &str) -> Result<()> {
        for folder in &self.all {
            for top in ["", ".meta", ".versions"] {
                let mut path = folder.join(top);
                for part in key.split('/') {
                    path.push(part);
                    super::refuse_link(&path)?;
                }
            }
        }
        Ok(())
    }

    /// The object with that key in one of the folders.
    pub(super) fn object_in(&self, folder: &Path, key: &str) -> Result<Option<Object>> {
        object(folder, key, &format!(".meta/{key}.json"), key)
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

    /// A version of an object, or a delete marker. Does not find the current version.
    pub(super) fn version(&self, key: &str, version: &str) -> Result<Option<Object>> {
        for root in &self.all {
            let below = format!(".versions/{key}/{version}");
            let told = format!("{below}.json");
            let (folder, kept) = (root.join(".versions").join(key), root.join(&told));
            let marker = meta_in(root, &told)?.filter(|meta| meta.delete_marker);
            if let Some(meta) = marker.clone()
                && !self.is_void(key, &meta)?
            {
                return Ok(Some(Object {
                    key: key.to_owned(),
                    path: kept,
                    size: 0,
                    last_modified: meta.last_modified.unwrap_or_default(),
                    meta,
                }));
            }
            if let Some(mut object) = object(root, &below, &told, key)? {
                if let Some(before) = marker.and_then(|marker| marker.before) {
                    object.meta = *before;
                }
                object.meta.version_id = Some(version.to_owned());
                return Ok(Some(object));
            }
            if exists(&folder.join(format!("{version}.gone"))) {
                break;
            }
        }
        Ok(None)
    }

    /// Returns true for a delete marker that has no effect, because its object exists. Either the deletion stopped
    /// before it removed the object, or the object was put back and the process stopped before it removed the marker.
    fn is_void(&self, key: &str, marker: &Meta) -> Result<bool> {
        let Some(current) = self.current(key)? else {
            return Ok(false);
        };
        let is_back =
            current.meta.back_from.is_some() && current.meta.back_from == marker.version_id;
        Ok(is_back || marker.hides.is_some() && marker.hides == stamp(&current.path))
    }

    /// Removes the markers of deletions that did not take place. Otherwise, these markers would have an effect after a
    /// later object replaces this one.
    pub(super) fn settle(&self, key: &str) -> Result<()> {
        let (own, disk) = (self.own(), &self.store.disk);
        let folder = own.join(".versions").join(key);
        let names: BTreeSet<String> = atomic::names(&folder)?.into_iter().collect();
        let ids = names.iter().filter_map(|name| name.strip_suffix(".json"));
        // A name with a file of bytes is a version and not a marker. The exception is `null`: a marker may have taken
        // this name from a version.
        for id in ids.filter(|id| *id == NULL || !names.contains(*id)) {
            let told = format!(".versions/{key}/{id}.json");
            let path = own.join(&told);
            let Some(marker) = meta_in(&own, &told)? else {
                continue;
            };
            if !marker.delete_marker || !self.is_void(key, &marker)? {
                continue;
            }
            match marker.before.filter(|_| names.contains(id)) {
                Some(before) => disk.replace(&path, &atomic::json_text(&*before))?,
                None => disk
                    .remove(&path)
                    .map_err(|error| StoreError::io("remove", &path, error))?,
            }
        }
        Ok(())
    }

    /// Every file in `.versions` and below it that is not hidden, by its path in that folder.
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

    /// The versions of a key other than the current one, including delete markers, newest first.
    pub(super) fn versions_of(&self, key: &str) -> Result<Vec<Object>> {
        let mut ids = BTreeSet::new();
        for folder in &self.all {
            let folder = folder.join(".versions").join(key);
            for name in atomic::names(&folder)? {
                let is_other = name.ends_with(".gone") || name.ends_with(".new");
                if !is_other && is_file(&folder.join(&name)) {
                    ids.insert(name.strip_suffix(".json").unwrap_or(&name).to_owned());
                }
            }
        }
        let mut versions = Vec::new();
        for id in ids {
            versions.extend(self.version(key, &id)?);
        }
        // If the moments are in the same second, the fraction decides the order.
        let moment = |version: &Object| (version.last_modified, version.meta.nanoseconds);
        versions.sort_by_key(|version| std::cmp::Reverse(moment(version)));
        Ok(versions)
    }

    /// A fraction of a second, in nanoseconds, for a new version of a key. It is later than that of all existing
    /// versions in the second `now`.
    pub(super) fn after_versions(&self, key: &str, now: Timestamp) -> Result<u32> {
        let newest = self.versions_of(key)?.into_iter().chain(self.current(key)?);
        let same = newest.filter(|version| version.last_modified == now);
        let last = same
            .map(|version| version.meta.nanoseconds.unwrap_or(0))
            .max();
        // Some disks store times only in microseconds.
        Ok(last.map_or(0, |last| (last / 1000 + 1) % 1_000_000 * 1000))
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

    /// Adds the metadata of the existing bytes to the metadata of a put that replaces them.
    pub(super) fn over_what_is_there(&self, key: &str, mut meta: Meta) -> Result<Meta> {
        let own = self.own();
        let there = fs::symlink_metadata(own.join(key)).and_then(|file| file.modified());
        if let Ok(time) = there
            && let Some(before) = self.object_in(&own, key)?
            && before.meta.last_modified.is_some()
        {
            meta.before = Some(Box::new(Meta {
                nanoseconds: Some(below_a_second(time)),
                ..before.meta
            }));
        }
        Ok(meta)
    }

    pub(super) fn keep_meta(&self, own: &Path, key: &str, meta: &Meta) -> Result<()> {
        let path = own.join(".meta").join(format!("{key}.json"));
        if let Some(folder) = path.parent() {
            self.store.disk.create_folders(folder)?;
        }
        self.store.disk.replace(&path, &atomic::json_text(meta))
    }

    /// Gives the current object a second name among the versions. It is still the current object until it is replaced.
    /// Returns its version. If `but_null` is true, does nothing for an object that has only the version `null`.
    pub(super) fn set_aside(&self, key: &str, but_null: bool) -> Result<Option<String>> {
        let Some(current) = self.current(key)? else {
            return Ok(None);
        };
        let id = version_of(&current.meta).to_owned();
        if but_null && id == NULL {
            return Ok(None);
        }
        let written = self.keep_version(key, &id, current);
        if written.is_err() {
            self.forget(key, Some(&id));
        }
        written.map(|()| Some(id))
    }

    fn keep_version(&self, key: &str, id: &str, current: Object) -> Result<()> {
        let folder = self.own().join(".versions").join(key);
        let disk = &self.store.disk;
        disk.create_folders(&folder)?;
        let path = folder.join(id);
        disk.step("set a version aside")
            .and_then(|()| match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => self.second_name(&current.path, &path),
            })
            .map_err(|error| StoreError::io("write", &path, error))?;
        let meta = Meta {
            version_id: Some(id.to_owned()),
            back_from: None,
            size: current.size,
            last_modified: current.meta.last_modified.or(Some(current.last_modified)),
            ..current.meta
        };
        disk.replace(
            &folder.join(format!("{id}.json")),
            &atomic::json_text(&meta),
        )
    }

    /// Removes the files that were written for a version, because the change did not happen. Errors are ignored. A file
    /// that remains does no harm: the current object is read from its own file, and the next change writes these files
    /// again.
    pub(super) fn forget(&self, key: &str, version: Option<&str>) {
        let folder = self.own().join(".versions").join(key);
        for name in version
            .into_iter()
            .flat_map(|version| [version.to_owned(), format!("{version}.json")])
        {
            let _ = self.store.disk.remove(&folder.join(name));
        }
        prune(&folder.join("x"), &self.own().join(".versions"));
    }

    /// Gives an object's bytes a second name. If the bytes are the parent's, they are copied, because a fork shares no
    /// file with its parent.
    fn second_name(&self, from: &Path, to: &Path) -> io::Result<()> {
        if from.starts_with(self.store.root()) && fs::hard_link(from, to).is_ok() {
            return Ok(());
        }
        duplicate(from, to)
    }

    /// Removes the current object. In a fork, hides the parent's object.
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
        // The metadata file has no meaning without its object.
        let _ = disk.remove(&meta);
        prune(&path, &own);
        prune(&meta, &own);
        Ok(())
    }

    /// Removes one version permanently. If it was the current version, or the delete marker that hid the object, the
    /// newest of the other versions becomes the current one.
    pub(super) fn delete_version(&self, key: &str, version: &str) -> Result<Deleted> {
        let mut deleted = Deleted {
            marker: false,
            version_id: Some(version.to_owned()),
        };
        let current = self.current(key)?;
        let id = current.as_ref().map(|current| version_of(&current.meta));
        let is_current = id == Some(version);
        if is_current {
            // The current version may have a second name among the versions. That name is not another version, so it is
            // removed, too.
            self.remove_version(key, version)?;
        } else if let Some(old) = self.version(key, version)? {
            deleted.marker = old.meta.delete_marker;
        } else {
            return Ok(deleted);
        }
        // A single step makes the change: either the next newest version becomes the current one, or the object is
        // removed.
        let mut others = self.versions_of(key)?.into_iter();
        let newest = others.find(|other| version_of(&other.meta) != version);
        let newest = newest.filter(|newest| !newest.meta.delete_marker);
        match newest.filter(|_| is_current || current.is_none()) {
            Some(mut newest) => {
                newest.meta.back_from = deleted.marker.then(|| version.to_owned());
                self.put_back(key, newest)?;
                // The object exists again, so the marker has no effect any more.
                let _ = self.remove_version(key, version);
            }
            None if is_current => self.remove_current(key)?,
            None => self.remove_version(key, version)?,
        }
        Ok(deleted)
    }

    /// Removes a version other than the current one. In a fork, hides the parent's version.
    pub(super) fn remove_version(&self, key: &str, version: &str) -> Result<()> {
        let disk = &self.store.disk;
        let folder = self.own().join(".versions").join(key);
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
        Ok(())
    }

    /// Makes a version the current one.
    fn put_back(&self, key: &str, newest: Object) -> Result<()> {
        let (own, disk) = (self.own(), &self.store.disk);
        let path = own.join(key);
        let fresh = own.join(".versions").join(key).join("current.new");
        let meta = self.over_what_is_there(key, newest.meta)?;
        self.keep_meta(&own, key, &meta)?;
        for folder in [&path, &fresh].into_iter().filter_map(|path| path.parent()) {
            disk.create_folders(folder)?;
        }
        let _ = disk.remove(&fresh);
        self.second_name(&newest.path, &fresh)
            .map_err(|error| StoreError::io("write", &fresh, error))?;
        disk.rename(&fresh, &path)
    }

    /// Refuses the key `a` if the key `a/b` exists, and the reverse. S3 can hold both keys, but a disk cannot.
    pub(super) fn refuse_a_beside_a_slash_b(&self, key: &str) -> Result<()> {
        let above = key.match_indices('/').map(|(at, _)| &key[..at]);
        for above in above {
            if self.current(above)?.is_some() {
                return Err(self.store.refused(format!(
                    "the S3 key {:?} cannot be stored beside the key {:?}: a file is not a folder",
                    named(key),
                    named(above)
                )));
            }
        }
        let own = self.own();
        if let Some(below) = Keys::new(self.clone(), &format!("{}/", named(key)), "").next()? {
            return Err(self.store.refused(format!(
                "the S3 key {:?} cannot be stored beside the key {:?}: a folder is not a file",
                named(key),
                below.key
            )));
        }
        // A folder that contains only empty folders is not a conflict, so it is removed.
        let empty = own.join(key);
        if is_folder(&empty) {
            remove_empty(&empty);
        }
        Ok(())
    }
}

/// A text that distinguishes an object's file from another file with the same path: its size and time.
pub(super) fn stamp(path: &Path) -> Option<String> {
    let found = fs::symlink_metadata(path).ok()?;
    let time = found.modified().ok()?;
    Some(format!(
        "{} {}",
        found.len(),
        Timestamp::try_from(time).ok()?
    ))
}

/// The id of a version.
pub(super) fn version_of(meta: &Meta) -> &str {
    meta.version_id.as_deref().unwrap_or(NULL)
}

/// The object with its metadata; `None` if the file `below` does not exist or is a link.
fn object(root: &Path, below: &str, told: &str, key: &str) -> Result<Option<Object>> {
    let path = root.join(below);
    let Ok(file) = fs::symlink_metadata(&path) else {
        return Ok(None);
    };
    if !file.is_file() || is_linked(root, below) {
        return Ok(None);
    }
    let time = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let meta = meta_in(root, told)?.and_then(|meta| meta.of(file.len(), time));
    Ok(Some(Object {
        key: key.to_owned(),
        path,
        size: file.len(),
        last_modified: seconds(time),
        meta: meta.unwrap_or_default(),
    }))
}

/// Reads the metadata from the file `told` of a bucket.
fn meta_in(root: &Path, told: &str) -> Result<Option<Meta>> {
    match is_linked(root, told) {
        true => Ok(None),
        false => atomic::read_json(&root.join(told)),
    }
}

/// Returns true if the path from a bucket's folder to a file in it contains a link.
pub(super) fn is_linked(root: &Path, below: &str) -> bool {
    let mut path = root.to_owned();
    below.split('/').any(|part| {
        path.push(part);
        fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink())
    })
}

/// The time of a file in whole seconds, as S3 shows it.
pub(super) fn seconds(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time)
        .ok()
        .and_then(|time| Timestamp::from_second(time.as_second()).ok())
        .unwrap_or_default()
}

/// The fraction of a second in a time, in nanoseconds.
pub(super) fn below_a_second(time: SystemTime) -> u32 {
    let nanoseconds = Timestamp::try_from(time).map(|time| time.subsec_nanosecond());
    nanoseconds.map_or(0, |part| part.unsigned_abs())
}

/// Returns true for a file that is not a link.
pub(super) fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Returns true for a folder that is not a link.
pub(super) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Copies a file with its time. The copy gets its name only when it is complete.
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

/// Removes the folders that became empty when a file was removed, up to the bucket's folder.
fn prune(path: &Path, up_to: &Path) {
    let folders = path.ancestors().skip(1);
    for folder in folders.take_while(|folder| *folder != up_to && folder.starts_with(up_to)) {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Removes a folder that contains only folders without files.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_folder(&entry.path()) {
            remove_empty(&entry.path());
        }
    }
    // If the folder is not empty, it is not removed, and the put reports the error.
    let _ = fs::remove_dir(folder);
}
