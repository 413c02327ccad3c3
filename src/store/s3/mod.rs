//! `s3/`: the objects that `aws s3` writes and `--s3-bucket`, `--s3-key` read. A folder is a bucket, and a file below
//! it is an object. Both may be made by a command or by hand.
//!
//! ```text
//! s3/<bucket>/<key>                         an object; an empty part of a key is a folder or file `%2F` (see `key.rs`)
//! s3/<bucket>/.meta/<key>.json              its metadata; they count as long as size and time match the file,
//!                                           and include those of the previous bytes as long as these exist
//! s3/<bucket>/.versions/<key>/<version>     its other versions; unless `.bucket.json` decides, the folder turns them on
//! s3/<bucket>/.versions/<key>/<version>.json  the metadata of that version, or a delete marker
//! s3/<bucket>/.bucket.json                  the bucket's region, creation time and configuration
//! s3/.uploads/<id>/                         the parts of an unfinished upload (see `uploads.rs`)
//! ```
//!
//! To put an object, a spool is renamed; the object's file is never overwritten in place. So a reader sees either the
//! old object or the new one, each with its own metadata. Buckets and uploads are also created and removed by one
//! rename, from and to a folder in `tmp/`. If a process is killed, its files in that folder are removed with the
//! abandoned spools. Links in a bucket are not followed, because they may lead out of the bucket, or in circles. A fork
//! reads its own folder first and then its parent's, and writes only its own. To delete an entry of its parent, a fork
//! hides it with an empty file: `.meta/<key>.gone`, `.versions/<key>/<version>.gone`, `.gone/<bucket>`.

mod digest;
mod folders;
mod key;
pub(super) mod kind;
mod uploads;
mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use indexmap::IndexMap;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Failure, Result, Store, StoreError,
    archive::Tell,
    atomic, format,
    lock::{self, Lock},
    package::{Handle, Spool},
};
use crate::state::plain::plain;
pub use digest::{crc64, digests};
use folders::{
    Folders, below_a_second, duplicate, exists, is_file, is_folder, seconds, stamp, version_of,
};
use key::held;
pub(super) use uploads::{BEGUN, UPLOADS};
pub use uploads::{Part, UnderWay, Unfinished, Whole};
use walk::Walk;
pub use walk::{Key, Keys};

/// Names in a bucket's folder that are not keys.
const RESERVED: [&str; 4] = [".meta", ".versions", ".bucket.json", ".bucket.json.new"];

/// The folders beside the buckets in which earlier versions of lambdry created and removed buckets. These folders may
/// still contain files.
pub(super) const LEFT: [&str; 2] = [".new", ".trash"];

/// The version id of an object that has no version of its own.
pub const NULL: &str = "null";

/// The metadata of an object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Meta {
    /// The number of bytes.
    pub size: u64,
    /// The moment of the put.
    pub last_modified: Option<Timestamp>,
    /// The MD5, in hex; absent for an object put by hand.
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// The CRC-64/NVME, in base64.
    #[serde(rename = "ChecksumCRC64NVME", skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// The object's version id; only in a bucket that keeps versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// True if this is a delete marker.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delete_marker: bool,
    /// The headers, by the names of their members: `ContentType`, `CacheControl`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// The metadata that the user gave.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub metadata: IndexMap<String, String>,
    /// The fraction of a second in the file's time. It distinguishes the bytes from bytes that were put earlier in the
    /// same second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nanoseconds: Option<u32>,
    /// The id of the upload in parts that created this object. If this member exists, the upload is finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// In a delete marker: a stamp of the object that the marker hides. As long as the object's file has this stamp,
    /// the deletion is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hides: Option<String>,
    /// In an object that was put back: the version id of the delete marker that hid it, as long as the marker's file
    /// still exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_from: Option<String>,
    /// The metadata of the bytes that this put replaces. They are used until the bytes are replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Self>>,
}

impl Meta {
    /// Returns the metadata that belong to a file with this size and time: these metadata, or those of the previous
    /// bytes. If the fraction of a second was lost (by a copy or on an old disk), the whole seconds decide.
    fn of(mut self, size: u64, time: SystemTime) -> Option<Self> {
        let before = self.before.take().map(|before| *before);
        let part = below_a_second(time);
        let is_exact = |meta: &Self| meta.nanoseconds == Some(part);
        let fits = |meta: &Self| {
            meta.size == size
                && meta.last_modified.is_none_or(|then| then == seconds(time))
                && (part == 0 || meta.nanoseconds.is_none() || is_exact(meta))
        };
        let mut candidates: Vec<Self> = [Some(self), before].into_iter().flatten().collect();
        candidates.retain(fits);
        let exact = candidates.iter().position(is_exact).unwrap_or_default();
        (!candidates.is_empty()).then(|| candidates.swap_remove(exact))
    }
}

/// An object, or one of its versions.
#[derive(Debug, Clone)]
pub struct Object {
    /// The key of the object.
    pub key: String,
    /// The path of the object's bytes.
    pub path: PathBuf,
    /// The number of bytes.
    pub size: u64,
    /// The moment of the put, in whole seconds.
    pub last_modified: Timestamp,
    /// The object's metadata.
    pub meta: Meta,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// The bucket's region; absent for a folder that was made by hand.
    pub region: Option<String>,
    /// The moment of the bucket's creation.
    pub created: Timestamp,
    /// True if the bucket keeps versions, or kept versions before.
    pub versioned: bool,
    /// The bucket's configurations, by the names of [`crate::state::bucket`].
    pub configuration: Map<String, Value>,
}

/// The handling of an object that is replaced or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Versioning {
    /// The object is removed.
    Never,
    /// The object is kept as a version.
    Enabled,
    /// The object is kept if it has a version id of its own. The new object gets the version `null`.
    Suspended,
}

/// An object, one of its versions or a delete marker, in a list of all versions.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The object.
    pub object: Object,
    /// True if this is the current version of its key.
    pub is_latest: bool,
}

/// The contents of `.bucket.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Made {
    region: Option<String>,
    creation_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    configuration: Map<String, Value>,
}

/// The part of a path that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// There is no bucket with that name.
    Bucket,
    /// The bucket has no object with that key.
    Key,
    /// The object has no such version.
    Version,
}

/// A result, or the part of its path that does not exist.
pub type Found<T> = std::result::Result<T, Missing>;

/// The result of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deleted {
    /// True if a delete marker was created or removed.
    pub marker: bool,
    /// The version that was created or removed.
    pub version_id: Option<String>,
}

impl Object {
    /// The MD5 of the object's bytes, in hex.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn e_tag(&self) -> Result<String> {
        match &self.meta.e_tag {
            Some(tag) => Ok(tag.clone()),
            None => Ok(digests(&self.path)?.0),
        }
    }
}

impl Store {
    /// The folder `s3/` in this state directory, and in those that it was forked from.
    fn s3_roots(&self) -> impl Iterator<Item = PathBuf> {
        let is_as_begun = usize::from(self.is_as_begun());
        self.roots().skip(is_as_begun).map(|root| root.join("s3"))
    }

    fn s3_folders<'a>(&'a self, bucket: &'a str) -> Result<Option<Folders<'a>>> {
        self.holdable("bucket", bucket)?;
        let mut all = Vec::new();
        for root in self.s3_roots() {
            let folder = root.join(bucket);
            for path in [
                folder.clone(),
                folder.join(".meta"),
                folder.join(".versions"),
            ] {
                refuse_link(&path)?;
            }
            if is_folder(&folder) {
                all.push(folder);
            }
            if exists(&root.join(".gone").join(bucket)) {
                break;
            }
        }
        // The fork's own folder is included even if the bucket does not exist there yet, because the first change is
        // written there.
        let own = self.s3_roots().next().map(|root| root.join(bucket));
        if let Some(own) = own.filter(|own| all.first().is_some_and(|first| first != own)) {
            all.insert(0, own);
        }
        Ok((!all.is_empty()).then_some(Folders {
            store: self,
            name: bucket,
            all,
        }))
    }

    /// The folders for an object, with the name of its key on the disk. Key and version must be names that a folder can
    /// hold.
    fn s3_folders_for<'a>(
        &'a self,
        bucket: &'a str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<(Folders<'a>, String)>> {
        let folders = self.s3_folders(bucket)?;
        let held = held(key);
        let Some(held) = held.filter(|held| self.holdable("key", held).is_ok()) else {
            return Err(self.not_holdable("key", key));
        };
        if let Some(version) = version {
            self.holdable("version", version)?;
        }
        if let Some(folders) = &folders {
            folders.refuse_links(&held)?;
        }
        Ok(folders.map(|folders| (folders, held)))
    }

    /// The path of the file for the object with that key. The file need not exist.
    pub fn s3_file(&self, bucket: &str, key: &str) -> PathBuf {
        let folder = self.root().join("s3").join(bucket);
        held(key).map_or_else(|| folder.clone(), |held| folder.join(held))
    }

    /// Refuses names that no file can have.
    fn holdable(&self, what: &str, text: &str) -> Result<()> {
        let fits = text.split('/').all(|part| {
            !matches!(part, "" | "." | "..") && part.len() <= 250 && !part.contains(['\0', '\\'])
        });
        let reserved = match what {
            "bucket" => text.starts_with('.'),
            "key" => RESERVED.contains(&text.split('/').next().unwrap_or_default()),
            _ => false,
        };
        if fits && !reserved && (what == "key" || !text.contains('/')) {
            return Ok(());
        }
        Err(self.not_holdable(what, text))
    }

    fn not_holdable(&self, what: &str, text: &str) -> Failure {
        self.refused(format!(
            "the S3 {what} {text:?} cannot be the name of a file"
        ))
    }

    fn refused(&self, cause: String) -> Failure {
        StoreError {
            action: "read",
            path: self.root().join("s3"),
            cause,
            source: None,
            hint: Some("objects are files: s3/<bucket>/<key> in the state directory".to_owned()),
        }
        .into()
    }

    /// All buckets, sorted bytewise by name.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn s3_buckets(&self) -> Result<Vec<Bucket>> {
        let mut names = BTreeSet::new();
        for root in self.s3_roots() {
            let mut found = atomic::names(&root)?;
            found.retain(|name| is_folder(&root.join(name)));
            names.extend(found);
        }
        let mut buckets = Vec::new();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            buckets.extend(self.s3_bucket(name)?);
        }
        Ok(buckets)
    }

    /// A bucket; `None` if its folder does not exist.
    ///
    /// # Errors
    /// A name that no folder can have, and a `.bucket.json` that cannot be read.
    pub fn s3_bucket(&self, name: &str) -> Result<Option<Bucket>> {
        let Some(folders) = self.s3_folders(name)? else {
            return Ok(None);
        };
        let made = folders.made()?;
        let of_folder = || {
            let mut found = folders.all.iter().filter_map(|it| fs::metadata(it).ok());
            found.find_map(|found| found.modified().ok())
        };
        Ok(Some(Bucket {
            name: name.to_owned(),
            region: made.region,
            created: made
                .creation_date
                .or_else(|| of_folder().map(seconds))
                .unwrap_or_default(),
            versioned: folders.versioned()?,
            configuration: made.configuration,
        }))
    }

    /// Sets a configuration of a bucket by its name, or removes it.
    ///
    /// # Errors
    /// A name that no folder can have, and errors of the disk.
    pub fn s3_configure(
        &self,
        bucket: &str,
        name: &str,
        value: Option<Value>,
    ) -> Result<Found<()>> {
        let Some(folders) = self.s3_folders(bucket)? else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        let mut made = folders.made()?;
        match value {
            Some(value) => drop(made.configuration.insert(name.to_owned(), value)),
            None => drop(made.configuration.shift_remove(name)),
        }
        let own = folders.own();
        self.disk.create_folders(&own)?;
        let text = atomic::json_text(&made);
        self.disk.replace(&own.join(".bucket.json"), &text)?;
        Ok(Ok(()))
    }

    /// All versions and delete markers of a bucket's objects whose keys start with `prefix`, sorted bytewise by key.
    /// For each key, the newest version comes first. `None` if the bucket does not exist.
    ///
    /// # Errors
    /// A file that cannot be listed or read.
    pub fn s3_versions(&self, bucket: &str, prefix: &str) -> Result<Option<Vec<Listed>>> {
        let Some(folders) = self.s3_folders(bucket)? else {
            return Ok(None);
        };
        let mut held = BTreeMap::new();
        let mut keys = Keys::new(folders.clone(), prefix, "");
        while let Some(key) = keys.next()? {
            held.insert(key.key, key.held);
        }
        for name in folders.other_versions()?.into_keys() {
            if let Some((below, _)) = name.rsplit_once('/') {
                held.insert(key::named(below), below.to_owned());
            }
        }
        let mut all = Vec::new();
        for (key, held) in held.iter().filter(|(key, _)| key.starts_with(prefix)) {
            let current = folders.current(held)?;
            let id = current
                .as_ref()
                .map(|current| version_of(&current.meta).to_owned());
            let mut others = folders.versions_of(held)?;
            // The current object may already have a second name among the versions. It is listed only once.
            others.retain(|other| Some(version_of(&other.meta)) != id.as_deref());
            for (at, object) in current.into_iter().chain(others).enumerate() {
                all.push(Listed {
                    object: Object {
                        key: key.clone(),
                        ..object
                    },
                    is_latest: at == 0,
                });
            }
        }
        Ok(Some(all))
    }

    /// Creates a bucket, which must not exist.
    ///
    /// # Errors
    /// A name that no folder can have, and errors of the disk.
    pub fn s3_create_bucket(&self, name: &str, region: &str) -> Result<()> {
        self.holdable("bucket", name)?;
        let _lock = self.hold_bucket(name)?;
        let folder = self.root().join("s3").join(name);
        if is_folder(&folder) {
            // Another process has created the bucket in the meantime.
            return Ok(());
        }
        let made = Made {
            region: Some(region.to_owned()),
            creation_date: Some(self.s3_now()),
            configuration: Map::new(),
        };
        // Ends uploads into a deleted bucket of the same name. The deletion of that bucket may have stopped before it
        // ended these uploads.
        self.end_uploads_into(name)?;
        self.make_whole(&folder, ".bucket.json", &atomic::json_text(&made))
    }

    /// Creates a folder with one file in it. The folder is built in `tmp/`, because no reader looks there, and then
    /// renamed into place.
    fn make_whole(&self, folder: &Path, file: &str, text: &[u8]) -> Result<()> {
        let mut batch = self.batch()?;
        let fresh = batch.next();
        self.disk.create_folders(&fresh)?;
        self.disk.replace(&fresh.join(file), text)?;
        if let Some(above) = folder.parent() {
            self.disk.create_folders(above)?;
        }
        self.disk.rename(&fresh, folder)
    }

    /// Moves a folder to `tmp/` in one step, and removes it there. After the first step, no reader finds the folder.
    fn take_away(&self, folder: &Path, commit: &str) -> Result<()> {
        let mut batch = self.batch()?;
        self.disk.retire(folder, &batch.next(), commit)
    }

    /// Removes a bucket. If the bucket is not empty, does not remove it and returns `false`.
    ///
    /// # Errors
    /// A name that no folder can have, and errors of the disk.
    pub fn s3_delete_bucket(&self, name: &str) -> Result<Found<bool>> {
        let Some(folders) = self.s3_folders(name)? else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(name)?;
        let mut keys = Keys::new(folders.clone(), "", "");
        if keys.next()?.is_some() || !folders.other_versions()?.is_empty() {
            return Ok(Ok(false));
        }
        let own = self.root().join("s3").join(name);
        if folders.all.iter().any(|folder| *folder != own) {
            self.mark(&self.root().join("s3/.gone").join(name))?;
        }
        if is_folder(&own) {
            self.take_away(&own, ".bucket.json")?;
        }
        // Uploads without their bucket have no meaning. If some of them remain, the next creation of a bucket of this
        // name ends them.
        let _ = self.end_uploads_into(name);
        Ok(Ok(true))
    }

    /// Copies at most `many` bytes of an object, starting at `first`. With `u64::MAX`, copies everything up to the end
    /// of the file, even if another call has replaced the file by a longer one.
    ///
    /// # Errors
    /// An object that cannot be read, and errors of the disk.
    pub fn s3_spool(&self, object: &Object, first: u64, many: u64) -> Result<Spool> {
        let opened = File::open(&object.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(first))?;
            Ok(file)
        });
        let file = opened.map_err(|error| StoreError::io("read", &object.path, error))?;
        self.spool(&mut file.take(many), &object.path)
    }

    /// An object, or one of its versions.
    ///
    /// # Errors
    /// A bucket or key that no folder can hold (`..`), and a file that cannot be read.
    pub fn s3_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<Object>> {
        let Some((folders, held)) = self.s3_folders_for(bucket, key, version)? else {
            return Ok(Err(Missing::Bucket));
        };
        let current = folders.current(&held)?;
        let asked = |object: Object| Object {
            key: key.to_owned(),
            ..object
        };
        let Some(version) = version else {
            return Ok(current.map(asked).ok_or(Missing::Key));
        };
        if let Some(current) = current
            && version_of(&current.meta) == version
        {
            return Ok(Ok(asked(current)));
        }
        Ok(folders
            .version(&held, version)?
            .filter(|object| !object.meta.delete_marker)
            .map(asked)
            .ok_or(Missing::Version))
    }

    /// The keys of a bucket that start with a prefix and come after a given key, sorted bytewise; `None` if the bucket
    /// does not exist.
    ///
    /// # Errors
    /// A name that no folder can have.
    pub fn s3_keys<'a>(
        &'a self,
        bucket: &'a str,
        prefix: &str,
        after: &str,
    ) -> Result<Option<Keys<'a>>> {
        let folders = self.s3_folders(bucket)?;
        Ok(folders.map(|folders| Keys::new(folders, prefix, after)))
    }

    /// The objects of a bucket whose keys start with a prefix, sorted bytewise by key; `None` if the bucket does not
    /// exist.
    ///
    /// # Errors
    /// A file that cannot be listed or read.
    pub fn s3_list(&self, bucket: &str, prefix: &str) -> Result<Option<Vec<Object>>> {
        let Some(mut keys) = self.s3_keys(bucket, prefix, "")? else {
            return Ok(None);
        };
        let mut objects = Vec::new();
        while let Some(key) = keys.next()? {
            objects.extend(keys.object(&key)?);
        }
        Ok(Some(objects))
    }

    /// Puts a spool in an object's place, durably. Returns its version if the bucket keeps versions.
    ///
    /// # Errors
    /// A key that no folder can hold, a key that an existing object makes impossible, and errors of the disk.
    pub fn s3_put(
        &self,
        bucket: &str,
        key: &str,
        body: &Handle,
        meta: Meta,
    ) -> Result<Found<Option<String>>> {
        let Some((folders, held)) = self.s3_folders_for(bucket, key, None)? else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        self.s3_put_locked(&folders, &held, body, meta).map(Ok)
    }

    /// Puts a spool in an object's place, like [`Self::s3_put`]. The caller holds the bucket's lock.
    fn s3_put_locked(
        &self,
        folders: &Folders<'_>,
        key: &str,
        body: &Handle,
        mut meta: Meta,
    ) -> Result<Option<String>> {
        self.clear_finished(folders, key)?;
        folders.settle(key)?;
        folders.refuse_a_beside_a_slash_b(key)?;
        let versioning = folders.versioning()?;
        let aside = match versioning {
            Versioning::Never => None,
            Versioning::Enabled => folders.set_aside(key, false)?,
            Versioning::Suspended => folders.set_aside(key, true)?,
        };
        let version_id = match versioning {
            Versioning::Never => None,
            Versioning::Enabled => Some(folders.new_version(key)?),
            Versioning::Suspended => Some(NULL.to_owned()),
        };
        meta.version_id = version_id.clone().filter(|id| id != NULL);
        let spool = self.spooled(body);
        let put = self.s3_commit(folders, key, &spool, meta, body.code_size);
        if put.is_err() && exists(&spool) {
            // The old object is still the current one, so its copy among the versions is removed.
            folders.forget(key, aside.as_deref());
        }
        put?;
        if versioning == Versioning::Suspended {
            // The new object is the version `null`, even if the old version of that name cannot be removed.
            let _ = folders.remove_version(key, NULL);
        }
        Ok(version_id)
    }

    /// Writes the metadata of the new object and of the previous one. One rename of the bytes then decides which of the
    /// two is valid.
    fn s3_commit(
        &self,
        folders: &Folders<'_>,
        key: &str,
        spool: &Path,
        mut meta: Meta,
        size: u64,
    ) -> Result<()> {
        let own = folders.own();
        let path = own.join(key);
        let there = fs::symlink_metadata(&path).ok();
        let there = there.and_then(|file| file.modified().ok());
        let now = self.s3_now();
        // Some disks store times only in microseconds.
        let after = |time: SystemTime| (below_a_second(time) / 1000 + 1) % 1_000_000 * 1000;
        let same = there.filter(|time| seconds(*time) == now);
        let mut nanoseconds = same.map_or(0, after);
        if there.is_none() && folders.versioned()? {
            // The object replaces a delete marker and must come after it in the order of versions.
            nanoseconds = folders.after_versions(key, now)?;
        }
        let stamp = || {
            let file = File::options().write(true).open(spool)?;
            self.disk.step("set an object's time")?;
            file.set_modified(
                SystemTime::from(now) + Duration::from_nanos(u64::from(nanoseconds)),
            )?;
            self.disk.sync("fsync an object", &file)?;
            file.metadata()?.modified()
        };
        let time = stamp().map_err(|error| StoreError::io("write", spool, error))?;
        meta.size = size;
        meta.last_modified = Some(now);
        meta.nanoseconds = Some(below_a_second(time));
        let meta = folders.over_what_is_there(key, meta)?;
        folders.keep_meta(&own, key, &meta)?;
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.disk.rename(spool, &path)?;
        // After the rename, the object is visible, so the marker that hid the parent's object is removed.
        let _ = self
            .disk
            .remove(&own.join(".meta").join(format!("{key}.gone")));
        Ok(())
    }

    /// Deletes an object, or permanently deletes one of its versions. Deleting a missing object succeeds, too.
    ///
    /// # Errors
    /// A key that no folder can hold, and errors of the disk.
    pub fn s3_delete(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<Deleted>> {
        let Some((folders, held)) = self.s3_folders_for(bucket, key, version)? else {
            return Ok(Err(Missing::Bucket));
        };
        let key = held.as_str();
        let _lock = self.hold_bucket(bucket)?;
        self.clear_finished(&folders, key)?;
        folders.settle(key)?;
        if let Some(version) = version {
            return folders.delete_version(key, version).map(Ok);
        }
        let mut undo = Vec::new();
        let deleted = self.s3_hide(&folders, key, &mut undo);
        if deleted.is_err() && is_file(&folders.own().join(key)) {
            // The object did not change, so it needs no hidden version.
            undo.iter().for_each(|id| folders.forget(key, Some(id)));
        }
        deleted.map(Ok)
    }

    /// Removes the current object. In a bucket with versions, the object becomes a version, and a delete marker hides
    /// it. The versions that are written for this are added to `written`.
    fn s3_hide(
        &self,
        folders: &Folders<'_>,
        key: &str,
        written: &mut Vec<String>,
    ) -> Result<Deleted> {
        let versioning = folders.versioning()?;
        let id = match versioning {
            Versioning::Never => {
                folders.remove_current(key)?;
                return Ok(Deleted::default());
            }
            Versioning::Enabled => {
                written.extend(folders.set_aside(key, false)?);
                let id = folders.new_version(key)?;
                written.push(id.clone());
                id
            }
            Versioning::Suspended => {
                written.extend(folders.set_aside(key, true)?);
                NULL.to_owned()
            }
        };
        let now = self.s3_now();
        // The marker may take the name of a version. Until the object is removed, readers still find the version under
        // that name.
        let replaced = folders.version(key, &id)?;
        let replaced = replaced.filter(|version| !version.meta.delete_marker);
        let marker = Meta {
            version_id: Some(id.clone()),
            before: replaced.map(|version| Box::new(version.meta)),
            hides: folders.current(key)?.and_then(|object| stamp(&object.path)),
            delete_marker: true,
            last_modified: Some(now),
            nanoseconds: Some(folders.after_versions(key, now)?),
            ..Meta::default()
        };
        let path = folders.own().join(".versions").join(key);
        self.disk.create_folders(&path)?;
        self.disk.replace(
            &path.join(format!("{id}.json")),
            &atomic::json_text(&marker),
        )?;
        folders.remove_current(key)?;
        let _ = self.disk.remove(&path.join(&id));
        Ok(Deleted {
            marker: true,
            version_id: Some(id),
        })
    }

    fn hold_bucket(&self, name: &str) -> Result<Lock> {
        format::ensure(self)?;
        let folder = self.root().join("locks/s3");
        self.disk.create_folders(&folder)?;
        let path = folder.join(format!("{name}.lock"));
        lock::exclusive(self, &path, &format!("the bucket {name}"))
    }

    /// The time in whole seconds, as S3 keeps it. It is rounded up, so that an object is not older than its bytes, even
    /// if it was put in the second in which they were written.
    fn s3_now(&self) -> Timestamp {
        let up = TimestampRound::new()
            .smallest(Unit::Second)
            .mode(RoundMode::Ceil);
        let now = self.clock.now();
        now.round(up).unwrap_or(now)
    }

    /// Creates an empty file that hides a file of the parent.
    fn mark(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.disk.replace(path, b"")
    }

    /// The objects that this state has written or deleted, as `bucket/key`. Objects that are the same in `before` are
    /// left out. In a fork, only its own folder is read.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn s3_written(&self, before: &Self) -> Result<BTreeSet<String>> {
        let own = self.root().join("s3");
        let is_fork = self.unshared(before) == (1, 0);
        let gone = atomic::names(&own.join(".gone"))?;
        let mut buckets: BTreeSet<String> = atomic::names(&own)?.into_iter().collect();
        if !is_fork {
            let all = before.s3_buckets()?.into_iter().chain(self.s3_buckets()?);
            buckets.extend(all.map(|bucket| bucket.name));
        }
        buckets.extend(gone.iter().cloned());
        buckets.retain(|name| !name.starts_with('.'));
        let mut written = BTreeSet::new();
        for bucket in buckets {
            let folder = own.join(&bucket);
            let named = |held: &str| format!("{bucket}/{}", key::named(held));
            for found in Walk::new(&folder, &RESERVED, "", "") {
                written.insert(named(&found?.held));
            }
            for found in Walk::new(&folder.join(".meta"), &[], "", "") {
                let mark = found?.held;
                let held = mark.strip_suffix(".gone");
                written.extend(held.map(named));
            }
            if !is_fork || gone.contains(&bucket) {
                for object in before.s3_list(&bucket, "")?.unwrap_or_default() {
                    if self.s3_object(&bucket, &object.key, None)?.is_err() {
                        written.insert(format!("{bucket}/{}", object.key));
                    }
                }
            }
        }
        Ok(written)
    }

    /// Every file of `s3/` that is not hidden, including the files of the parents, by its path in `s3/`.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn s3_files(&self) -> Result<BTreeMap<String, PathBuf>> {
        let mut files = BTreeMap::new();
        for bucket in self.s3_buckets()? {
            let Some(folders) = self.s3_folders(&bucket.name)? else {
                continue;
            };
            let mut add = |name: &str, path: PathBuf| {
                if exists(&path) {
                    files.insert(format!("{}/{name}", bucket.name), path);
                }
            };
            let mut keys = Keys::new(folders.clone(), "", "");
            while let Some(Key {
                held: key, folder, ..
            }) = keys.next()?
            {
                add(&key, folder.join(&key));
                let meta = format!(".meta/{key}.json");
                if !folders::is_linked(&folder, &meta) {
                    add(&meta, folder.join(&meta));
                }
            }
            for (name, path) in folders.other_versions()? {
                add(&format!(".versions/{name}"), path);
            }
            let mut made = folders.all.iter().map(|folder| folder.join(".bucket.json"));
            if let Some(made) = made.find(|path| exists(path)) {
                add(".bucket.json", made);
            }
        }
        Ok(files)
    }

    /// The full path of a bucket's file or of a folder of keys; `below` is the path in the bucket's folder. If several
    /// directories have the file, the first one is used, unless an earlier directory hides the file. The metadata of an
    /// object are in the same directory as the object.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn s3_shown(&self, bucket: &str, below: &str) -> Result<Option<PathBuf>> {
        let plain = |name: &str| name.strip_suffix(".json").unwrap_or(name).to_owned();
        let (of, mark) = match below.split_once('/') {
            Some((".meta", key)) => (plain(key), format!(".meta/{}.gone", plain(key))),
            Some((".versions", version)) => (
                below.to_owned(),
                format!(".versions/{}.gone", plain(version)),
            ),
            _ => (below.to_owned(), format!(".meta/{below}.gone")),
        };
        for root in self.s3_roots() {
            let folder = root.join(bucket);
            let there = folder.join(&of);
            if is_folder(&there) && of != below {
                // This is a folder of keys and not an object, so it has no metadata.
                return Ok(None);
            }
            if is_folder(&there) {
                let mut keys = self.s3_keys(bucket, &format!("{}/", key::named(&of)), "")?;
                let shows = match &mut keys {
                    Some(keys) => keys.next()?.is_some(),
                    None => false,
                };
                return Ok(shows.then_some(there));
            }
            if exists(&there) {
                let path = folder.join(below);
                return Ok(exists(&path).then_some(path));
            }
            if exists(&root.join(".gone").join(bucket)) || exists(&folder.join(&mark)) {
                break;
            }
        }
        Ok(None)
    }

    /// Writes the contents of `s3/`, including those of its parents, into another state directory.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub(super) fn s3_keep(&self, to: &Path, tell: &mut Tell<'_>) -> Result<()> {
        for bucket in self.s3_buckets()? {
            let target = to.join("s3").join(&bucket.name);
            self.disk.create_folders(&target)?;
            if bucket.versioned {
                self.disk.create_folders(&target.join(".versions"))?;
            }
        }
        let files = self.s3_files()?;
        let all = files.len() as u64;
        for (done, (name, from)) in files.into_iter().enumerate() {
            tell("copying s3", done as u64, all);
            let path = to.join("s3").join(name);
            if let Some(folder) = path.parent() {
                self.disk.create_folders(folder)?;
            }
            // The copy has the same time as the file, because the metadata are valid only for a file with that time.
            duplicate(&from, &path).map_err(|error| StoreError::io("copy", &from, error))?;
        }
        self.keep_uploads(to)
    }
}

/// Checks a file's text.
type Judge = fn(&[u8]) -> std::result::Result<(), String>;

/// Checks the name of an imported file of a bucket. Returns the check for the file's text, if the text must be checked.
///
/// # Errors
/// The fault of the name.
pub(super) fn judge(bucket: &str, below: &[&str]) -> std::result::Result<Option<Judge>, String> {
    fn json<T: serde::de::DeserializeOwned>(text: &[u8]) -> std::result::Result<(), String> {
        let read = serde_json::from_slice::<T>(text);
        read.map(drop).map_err(|error| plain(&error))
    }
    let fits = |part: &&str| !matches!(*part, "" | "." | "..") && part.len() <= 255;
    if bucket.starts_with('.') || !fits(&bucket) || !below.iter().all(fits) {
        return Err("it cannot be the name of a bucket's file".to_owned());
    }
    let is_json = below.last().is_some_and(|name| name.ends_with(".json"));
    match below {
        [".bucket.json"] => Ok(Some(json::<Made>)),
        [".meta", _, ..] | [".versions", _, _, ..] if is_json => Ok(Some(json::<Meta>)),
        [".meta", .., name] if name.ends_with(".gone") => Ok(None),
        [".versions", _, _, ..] => Ok(None),
        [first, ..] if RESERVED.contains(first) => Err("it is not a file of a bucket".to_owned()),
        _ => Ok(None),
    }
}

/// The path of the metadata file that belongs to a file of `s3/`.
pub(super) fn told_of(name: &str) -> Option<String> {
    let (bucket, below) = name.strip_prefix("s3/")?.split_once('/')?;
    match below.split('/').next()? {
        ".versions" => Some(format!("s3/{bucket}/{below}.json")),
        first if RESERVED.contains(&first) => None,
        _ => Some(format!("s3/{bucket}/.meta/{below}.json")),
    }
}

/// The time that a file must have so that these metadata belong to it.
pub(super) fn time_in(text: &[u8]) -> Option<SystemTime> {
    let meta: Meta = serde_json::from_slice(text).ok()?;
    let below = Duration::from_nanos(u64::from(meta.nanoseconds.unwrap_or_default()));
    Some(SystemTime::from(meta.last_modified?) + below)
}

/// Refuses a folder or file that is a link.
fn refuse_link(path: &Path) -> Result<()> {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return Ok(());
    }
    let cause = "it is a link, and lambdry does not follow links in s3/";
    let hint = "replace it by a folder or a file, or remove it";
    Err(StoreError::content(path, cause).with_hint(hint).into())
}

#[cfg(test)]
mod tests;
