//! `s3/`: what `aws s3` writes and `--s3-bucket`, `--s3-key` read. A folder is a bucket, a file below it an object, made
//! by a command or by hand.
//!
//! ```text
//! s3/<bucket>/<key>                         an object
//! s3/<bucket>/.meta/<key>.json              what it was put with; it counts as long as size and time are the file's
//! s3/<bucket>/.versions/<key>/<version>     its other versions; the folder `.versions` turns versioning on
//! s3/<bucket>/.versions/<key>/<version>.json  what that one was put with, or that it is a delete marker
//! s3/<bucket>/.bucket.json                  the bucket's region and when it was made
//! ```
//!
//! An object is put by one rename of a spool and never written in place, so a reader sees the old one or the new one. A
//! fork looks into its own folder first and then into its parent's, and writes into its own alone; what it deletes is
//! hidden by an empty file, `.meta/<key>.gone`, `.versions/<key>/<version>.gone`, `.gone/<bucket>`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use indexmap::IndexMap;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::{
    Result, Store, StoreError, atomic, format,
    lock::{self, Lock},
    package::Handle,
};
use crate::state::function::hex;

/// Names in a bucket's folder that are no keys.
const RESERVED: [&str; 4] = [".meta", ".versions", ".bucket.json", ".bucket.json.new"];

/// The version of an object that was put without one.
pub const NULL: &str = "null";

/// What an object was put with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Meta {
    /// Bytes.
    pub size: u64,
    /// When it was put.
    pub last_modified: Option<Timestamp>,
    /// The MD5, in hex; none for an object put by hand.
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// The CRC-64/NVME, in base64.
    #[serde(rename = "ChecksumCRC64NVME", skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// Its version, in a bucket that keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Whether it stands for a deletion.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delete_marker: bool,
    /// Headers by the member's name, `ContentType`, `CacheControl`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// Metadata of the user's.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub metadata: IndexMap<String, String>,
}

/// An object, or one of its versions.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub path: PathBuf,
    /// How many they are.
    pub size: u64,
    /// When it was put, in whole seconds.
    pub last_modified: Timestamp,
    /// What it was put with.
    pub meta: Meta,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region; none for a folder made by hand.
    pub region: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it keeps versions.
    pub versioned: bool,
}

/// `.bucket.json`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Made {
    region: Option<String>,
    creation_date: Option<Timestamp>,
}

/// What there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No folder of that name below `s3/`.
    Bucket,
    /// No file of that name in the bucket.
    Key,
    /// The object has no such version.
    Version,
}

/// Something, or what is missing for it.
pub type Found<T> = std::result::Result<T, Missing>;

/// What a deletion did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Whether a delete marker was made, or removed.
    pub marker: bool,
    /// The version made or removed.
    pub version_id: Option<String>,
}

impl Object {
    /// The MD5 of its bytes, in hex.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn e_tag(&self) -> Result<String> {
        match &self.meta.e_tag {
            Some(tag) => Ok(tag.clone()),
            None => Ok(digests(&self.path)?.0),
        }
    }
}

/// A file's MD5 in hex, which is an object's ETag, and its CRC-64/NVME in base64. Constant memory.
///
/// # Errors
/// When it cannot be read.
pub fn digests(path: &Path) -> Result<(String, String)> {
    let failed = |error| StoreError::io("read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut md5, mut crc) = (Md5::new(), !0u64);
    let mut chunk = vec![0; 1 << 18];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => {
                let crc = BASE64_STANDARD.encode((!crc).to_be_bytes());
                return Ok((hex(&md5.finalize()), crc));
            }
            Ok(n) => {
                md5.update(&chunk[..n]);
                crc = crc64(crc, &chunk[..n]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error).into()),
        }
    }
}

/// CRC-64/NVME over more bytes, eight at a time.
fn crc64(mut crc: u64, bytes: &[u8]) -> u64 {
    static TABLES: [[u64; 256]; 8] = crc64_tables();
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let eight: [u8; 8] = std::array::from_fn(|at| eight[at]);
        let mixed = (crc ^ u64::from_le_bytes(eight)).to_le_bytes();
        crc = (0..8).fold(0, |sum, at| sum ^ TABLES[7 - at][usize::from(mixed[at])]);
    }
    for byte in eights.remainder() {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ TABLES[0][usize::from(low ^ byte)];
    }
    crc
}

/// `TABLES[n][byte]`: the remainder of a byte with n bytes of zero behind it.
const fn crc64_tables() -> [[u64; 256]; 8] {
    /// The polynomial, the lowest power first.
    const POLYNOMIAL: u64 = 0x9a6c_9329_ac4b_c9b5;
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut n = 1;
    while n < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before: u64 = tables[n - 1][byte];
            tables[n][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        n += 1;
    }
    tables
}

/// A bucket's folders, the fork's own first.
struct Folders<'a> {
    store: &'a Store,
    name: &'a str,
    all: Vec<PathBuf>,
}

impl Store {
    /// `s3/` here and in the state directories this one was forked from.
    fn s3_roots(&self) -> impl Iterator<Item = PathBuf> {
        let roots = std::iter::once(&self.root).chain(&self.parents);
        roots.map(|root| root.join("s3"))
    }

    fn s3_folders<'a>(&'a self, bucket: &'a str) -> Result<Option<Folders<'a>>> {
        self.holdable("bucket", bucket)?;
        let mut all = Vec::new();
        for root in self.s3_roots() {
            let folder = root.join(bucket);
            if folder.is_dir() {
                all.push(folder);
            }
            if exists(&root.join(".gone").join(bucket)) {
                break;
            }
        }
        Ok((!all.is_empty()).then_some(Folders {
            store: self,
            name: bucket,
            all,
        }))
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
        Err(self.refused(format!(
            "the S3 {what} {text:?} cannot be the name of a file"
        )))
    }

    fn refused(&self, cause: String) -> super::Failure {
        StoreError {
            action: "read",
            path: self.root().join("s3"),
            cause,
            source: None,
            hint: Some("objects are files: s3/<bucket>/<key> in the state directory".to_owned()),
        }
        .into()
    }

    /// Every bucket, bytewise by name.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn s3_buckets(&self) -> Result<Vec<Bucket>> {
        let mut names = BTreeSet::new();
        for root in self.s3_roots() {
            names.extend(atomic::names(&root)?);
        }
        let mut buckets = Vec::new();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            buckets.extend(self.s3_bucket(name)?);
        }
        Ok(buckets)
    }

    /// A bucket; none where there is no such folder.
    ///
    /// # Errors
    /// A name no folder can have, and `.bucket.json` when it cannot be read.
    pub fn s3_bucket(&self, name: &str) -> Result<Option<Bucket>> {
        let Some(folders) = self.s3_folders(name)? else {
            return Ok(None);
        };
        let mut made = Made::default();
        for folder in &folders.all {
            if let Some(found) = atomic::read_json(&folder.join(".bucket.json"))? {
                made = found;
                break;
            }
        }
        let of_folder = || fs::metadata(&folders.all[0]).and_then(|metadata| metadata.modified());
        Ok(Some(Bucket {
            name: name.to_owned(),
            region: made.region,
            created: made
                .creation_date
                .or_else(|| of_folder().ok().map(seconds))
                .unwrap_or_default(),
            versioned: folders.versioned(),
        }))
    }

    /// Makes a bucket, which must not be there.
    ///
    /// # Errors
    /// A name no folder can have, and the disk's.
    pub fn s3_create_bucket(&self, name: &str, region: &str) -> Result<()> {
        self.holdable("bucket", name)?;
        let _lock = self.hold_bucket(name)?;
        let folder = self.root().join("s3").join(name);
        self.disk.create_folders(&folder)?;
        let made = Made {
            region: Some(region.to_owned()),
            creation_date: Some(self.s3_now()),
        };
        self.disk
            .replace(&folder.join(".bucket.json"), &atomic::json_text(&made))
    }

    /// Removes a bucket. Answers `false`, and leaves it, when it holds anything.
    ///
    /// # Errors
    /// A name no folder can have, and the disk's.
    pub fn s3_delete_bucket(&self, name: &str) -> Result<Found<bool>> {
        let Some(folders) = self.s3_folders(name)? else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(name)?;
        if !folders.keys("")?.is_empty() || !folders.other_versions()?.is_empty() {
            return Ok(Ok(false));
        }
        let own = self.root().join("s3").join(name);
        if folders.all.iter().any(|folder| *folder != own) {
            self.mark(&self.root().join("s3/.gone").join(name))?;
        }
        if own.is_dir() {
            // Out of sight in one step; what is left of it is clean-up.
            let trash = self.root().join("s3/.trash");
            self.disk.create_folders(&trash)?;
            let gone = trash.join(name);
            self.disk.remove_folder(&gone);
            self.disk.rename(&own, &gone)?;
            self.disk.remove_folder(&trash);
        }
        Ok(Ok(true))
    }

    /// An object, or one of its versions.
    ///
    /// # Errors
    /// A bucket or key that no folder can hold (`..`, an empty segment), or what cannot be read.
    pub fn s3_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<Object>> {
        let folders = self.s3_folders(bucket)?;
        self.holdable("key", key)?;
        if let Some(version) = version {
            self.holdable("version", version)?;
        }
        let Some(folders) = folders else {
            return Ok(Err(Missing::Bucket));
        };
        let current = folders.current(key)?;
        let Some(version) = version else {
            return Ok(current.ok_or(Missing::Key));
        };
        if let Some(current) = current
            && version_of(&current.meta) == version
        {
            return Ok(Ok(current));
        }
        Ok(folders
            .version(key, version)?
            .filter(|object| !object.meta.delete_marker)
            .ok_or(Missing::Version))
    }

    /// The objects of a bucket whose keys begin so, bytewise by key; none when there is no such bucket.
    ///
    /// # Errors
    /// What cannot be listed or read.
    pub fn s3_list(&self, bucket: &str, prefix: &str) -> Result<Option<Vec<Object>>> {
        let Some(folders) = self.s3_folders(bucket)? else {
            return Ok(None);
        };
        let keys = folders.keys(prefix)?.into_iter();
        let objects: Result<Vec<Object>> = keys
            .filter_map(|(key, folder)| folders.object_in(&folder, &key).transpose())
            .collect();
        objects.map(Some)
    }

    /// Puts a spool in an object's place, durably; answers its version in a bucket that keeps them.
    ///
    /// # Errors
    /// A key that no folder can hold, also beside what is there, and the disk's.
    pub fn s3_put(
        &self,
        bucket: &str,
        key: &str,
        body: &Handle,
        mut meta: Meta,
    ) -> Result<Found<Option<String>>> {
        let folders = self.s3_folders(bucket)?;
        self.holdable("key", key)?;
        let Some(folders) = folders else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        folders.refuse_a_beside_a_slash_b(key)?;
        if folders.versioned() {
            folders.set_aside(key)?;
            meta.version_id = Some(folders.new_version(key)?);
        }
        let spool = self.spooled(body);
        let now = self.s3_now();
        let stamp = || {
            let file = File::options().write(true).open(&spool)?;
            file.set_modified(SystemTime::from(now))?;
            self.disk.sync("fsync an object", &file)
        };
        stamp().map_err(|error| StoreError::io("write", &spool, error))?;
        meta.size = body.code_size;
        meta.last_modified = Some(now);
        let own = self.root().join("s3").join(bucket);
        let path = own.join(key);
        folders.keep_meta(&own, key, &meta)?;
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.disk.rename(&spool, &path)?;
        // From here on the object hides what the marker hid.
        let _ = self
            .disk
            .remove(&own.join(".meta").join(format!("{key}.gone")));
        Ok(Ok(meta.version_id))
    }

    /// Deletes an object, or one of its versions for good. What is not there is deleted, too.
    ///
    /// # Errors
    /// A key that no folder can hold, and the disk's.
    pub fn s3_delete(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<Deleted>> {
        let folders = self.s3_folders(bucket)?;
        self.holdable("key", key)?;
        if let Some(version) = version {
            self.holdable("version", version)?;
        }
        let Some(folders) = folders else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        if let Some(version) = version {
            return folders.delete_version(key, version).map(Ok);
        }
        let mut deleted = Deleted::default();
        if folders.versioned() {
            folders.set_aside(key)?;
            let id = folders.new_version(key)?;
            let marker = Meta {
                version_id: Some(id.clone()),
                delete_marker: true,
                last_modified: Some(self.s3_now()),
                ..Meta::default()
            };
            let folder = folders.own().join(".versions").join(key);
            self.disk.create_folders(&folder)?;
            self.disk.replace(
                &folder.join(format!("{id}.json")),
                &atomic::json_text(&marker),
            )?;
            deleted = Deleted {
                marker: true,
                version_id: Some(id),
            };
        }
        folders.remove_current(key)?;
        Ok(Ok(deleted))
    }

    fn hold_bucket(&self, name: &str) -> Result<Lock> {
        format::ensure(self)?;
        let folder = self.root().join("locks/s3");
        self.disk.create_folders(&folder)?;
        let path = folder.join(format!("{name}.lock"));
        lock::exclusive(self, &path, &format!("the bucket {name}"))
    }

    /// S3 knows whole seconds. Rounded up, so that a file put in the second it was written in is not older than it.
    fn s3_now(&self) -> Timestamp {
        let up = TimestampRound::new()
            .smallest(Unit::Second)
            .mode(RoundMode::Ceil);
        let now = self.clock.now();
        now.round(up).unwrap_or(now)
    }

    /// Makes an empty file that hides something of the parent's.
    fn mark(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.disk.replace(path, b"")
    }

    /// Writes what `s3/` holds, with what it has of its parents, into another state directory.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub(super) fn s3_keep(&self, to: &Path) -> Result<()> {
        for bucket in self.s3_buckets()? {
            let Some(folders) = self.s3_folders(&bucket.name)? else {
                continue;
            };
            let target = to.join("s3").join(&bucket.name);
            let mut files = BTreeMap::new();
            for (key, folder) in folders.keys("")? {
                files.insert(key.clone(), folder.join(&key));
                let meta = format!(".meta/{key}.json");
                files.insert(meta.clone(), folder.join(meta));
            }
            for (name, path) in folders.other_versions()? {
                files.insert(format!(".versions/{name}"), path);
            }
            for folder in folders.all.iter().rev() {
                files.insert(".bucket.json".to_owned(), folder.join(".bucket.json"));
            }
            self.disk.create_folders(&target)?;
            if folders.versioned() {
                self.disk.create_folders(&target.join(".versions"))?;
            }
            for (name, from) in files {
                let path = target.join(name);
                if !exists(&from) {
                    continue;
                }
                if let Some(folder) = path.parent() {
                    self.disk.create_folders(folder)?;
                }
                // A copy keeps the time by which what the object was put with is known to be its own.
                duplicate(&from, &path).map_err(|error| StoreError::io("copy", &from, error))?;
            }
        }
        Ok(())
    }
}

impl Folders<'_> {
    fn own(&self) -> PathBuf {
        self.store.root().join("s3").join(self.name)
    }

    fn versioned(&self) -> bool {
        self.all
            .iter()
            .any(|folder| folder.join(".versions").is_dir())
    }

    /// An object of one folder.
    fn object_in(&self, folder: &Path, key: &str) -> Result<Option<Object>> {
        let meta = folder.join(".meta").join(format!("{key}.json"));
        object(folder.join(key), &meta, key)
    }

    fn current(&self, key: &str) -> Result<Option<Object>> {
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
    fn version(&self, key: &str, version: &str) -> Result<Option<Object>> {
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

    /// Every key that begins so, and the folder it is in.
    fn keys(&self, prefix: &str) -> Result<BTreeMap<String, PathBuf>> {
        let (mut keys, mut gone) = (BTreeMap::new(), BTreeSet::new());
        for folder in &self.all {
            let mut found = BTreeMap::new();
            walk(folder, "", prefix, &RESERVED, &mut found)?;
            for key in found.into_keys().filter(|key| !gone.contains(key)) {
                keys.entry(key).or_insert_with(|| folder.clone());
            }
            if self.all.len() > 1 {
                let mut marks = BTreeMap::new();
                walk(&folder.join(".meta"), "", "", &[], &mut marks)?;
                let marks = marks.into_keys();
                gone.extend(marks.filter_map(|mark| mark.strip_suffix(".gone").map(str::to_owned)));
            }
        }
        Ok(keys)
    }

    /// Every file below `.versions` that is not hidden, by its path from there.
    fn other_versions(&self) -> Result<BTreeMap<String, PathBuf>> {
        let (mut files, mut gone) = (BTreeMap::new(), BTreeSet::new());
        for folder in &self.all {
            let mut found = BTreeMap::new();
            walk(&folder.join(".versions"), "", "", &[], &mut found)?;
            let hidden: Vec<String> = found
                .keys()
                .filter_map(|name| name.strip_suffix(".gone").map(str::to_owned))
                .collect();
            for (name, path) in found {
                let of = name.strip_suffix(".json").unwrap_or(&name);
                if !name.ends_with(".gone") && !gone.contains(of) {
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

    fn new_version(&self, key: &str) -> Result<String> {
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

    fn keep_meta(&self, own: &Path, key: &str, meta: &Meta) -> Result<()> {
        let path = own.join(".meta").join(format!("{key}.json"));
        if let Some(folder) = path.parent() {
            self.store.disk.create_folders(folder)?;
        }
        self.store.disk.replace(&path, &atomic::json_text(meta))
    }

    /// Gives the current object a second name among the versions; it stays the current one until that is replaced.
    fn set_aside(&self, key: &str) -> Result<()> {
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
                _ => {
                    fs::hard_link(&current.path, &path).or_else(|_| duplicate(&current.path, &path))
                }
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

    /// Removes the current object, and in a fork hides the parent's.
    fn remove_current(&self, key: &str) -> Result<()> {
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
    fn delete_version(&self, key: &str, version: &str) -> Result<Deleted> {
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
        fs::hard_link(&newest.path, &fresh)
            .or_else(|_| duplicate(&newest.path, &fresh))
            .map_err(|error| StoreError::io("write", &fresh, error))?;
        disk.rename(&fresh, &path)
    }

    /// S3 holds `a` beside `a/b`; a folder does not.
    fn refuse_a_beside_a_slash_b(&self, key: &str) -> Result<()> {
        let above = key.match_indices('/').map(|(at, _)| &key[..at]);
        for above in above {
            if self.current(above)?.is_some() {
                return Err(self.store.refused(format!(
                    "the S3 key {key:?} cannot be held beside the key {above:?}: a file is no folder"
                )));
            }
        }
        let own = self.own();
        if let Some((below, _)) = self.keys(&format!("{key}/"))?.into_iter().next() {
            return Err(self.store.refused(format!(
                "the S3 key {key:?} cannot be held beside the key {below:?}: a folder is no file"
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
fn version_of(meta: &Meta) -> &str {
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
fn seconds(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time)
        .ok()
        .and_then(|time| Timestamp::from_second(time.as_second()).ok())
        .unwrap_or_default()
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A copy with the same time, under its name only when it is whole.
fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
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

/// Every file below a folder whose path from there begins so.
fn walk(
    folder: &Path,
    above: &str,
    prefix: &str,
    but: &[&str],
    found: &mut BTreeMap<String, PathBuf>,
) -> Result<()> {
    /// A link may lead back to where it lies.
    const DEEPEST: usize = 512;
    if above.matches('/').count() > DEEPEST {
        return Ok(());
    }
    for name in atomic::names(folder)? {
        if but.contains(&name.as_str()) {
            continue;
        }
        let path = folder.join(&name);
        let name = format!("{above}{name}");
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            let name = name + "/";
            if name.starts_with(prefix) || prefix.starts_with(&name) {
                walk(&path, &name, prefix, &[], found)?;
            }
        } else if metadata.is_file() && name.starts_with(prefix) {
            found.insert(name, path);
        }
    }
    Ok(())
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
