//! Uploads in parts, which become an object when they are finished.
//!
//! ```text
//! s3/.uploads/<id>/upload.json     the bucket, the key, and the metadata of the object
//! s3/.uploads/<id>/<number>        a part's bytes
//! s3/.uploads/<id>/ended           in a fork: hides an upload of the parent that was finished or aborted here
//! ```
//!
//! An upload is created by renaming a folder, and a part by renaming a spool. The complete object is put like any other
//! object. Its metadata contain the id of the upload. When the object exists, the upload is therefore finished, and
//! only clean-up remains. A fork can continue an upload of its parent: it reads the existing parts there, and writes
//! new parts into its own folder. Archives do not contain uploads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use super::{
    Folders, Found, Meta, Missing, Store, atomic, crc64, digests, duplicate, exists, key, seconds,
};
use crate::{
    state::function::hex,
    store::{Result, StoreError, package::Handle},
};

/// The folder of all uploads, in `s3/`.
pub(in crate::store) const UPLOADS: &str = ".uploads";

/// The file that a folder must contain to be an upload.
pub(in crate::store) const BEGUN: &str = "upload.json";

/// The file that hides an upload of a fork's parent.
const ENDED: &str = "ended";

/// An upload in progress: the folders in which it may have files. The first one is in this directory; it need not
/// exist.
struct Upload {
    folders: Vec<PathBuf>,
    begun: Begun,
}

impl Upload {
    /// The folder to which parts are written.
    fn own(&self) -> &Path {
        &self.folders[0]
    }

    /// The path of a part. If several folders have the part, the first one is used.
    fn part(&self, number: u64) -> Option<PathBuf> {
        let paths = self.folders.iter();
        let mut paths = paths.map(|folder| folder.join(number.to_string()));
        paths.find(|path| exists(path))
    }
}

/// The contents of `upload.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    bucket: String,
    key: String,
    meta: Meta,
    #[serde(default)]
    initiated: Timestamp,
}

/// An upload that is in progress.
#[derive(Debug, Clone, PartialEq)]
pub struct UnderWay {
    /// The upload's id.
    pub id: String,
    /// The key of the object.
    pub key: String,
    /// The moment at which the upload was started.
    pub initiated: Timestamp,
    /// The metadata of the object.
    pub meta: Meta,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The number of the part.
    pub number: u64,
    /// The number of bytes.
    pub size: u64,
    /// The moment of the put.
    pub last_modified: Timestamp,
    /// The MD5, in hex.
    pub e_tag: String,
    /// The CRC-64/NVME, in base64.
    pub crc64nvme: String,
}

/// The reason why an upload cannot be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// The key has no upload with that id.
    Upload,
    /// A part is missing, or is not the part that the request names.
    Part,
    /// A part that is not the last one is too small.
    Small,
    /// The bucket no longer exists.
    Bucket,
}

/// An object that was put in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The MD5 of the parts' MD5s, and the number of parts: `….-2`.
    pub e_tag: String,
    /// The CRC-64/NVME of all bytes, in base64.
    pub crc64nvme: String,
    /// The object's version id; only in a bucket that keeps versions.
    pub version_id: Option<String>,
}

/// The smallest number of bytes that a part may have, if it is not the last one (AWS documentation).
const LEAST: u64 = 5 << 20;

impl Store {
    /// The upload with that id, if it belongs to that bucket and key.
    fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Option<Upload>> {
        let plain =
            |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-';
        if id.len() != 36 || !id.bytes().all(plain) {
            return Ok(None);
        }
        let found = self.upload_of(id)?;
        let found = found.filter(|it| it.begun.bucket == bucket && it.begun.key == key);
        match found {
            Some(upload) if self.is_finished(&upload.begun, id)? => Ok(None),
            found => Ok(found),
        }
    }

    /// Returns true if the object of an upload exists already. The process then stopped before it removed the parts.
    fn is_finished(&self, begun: &Begun, id: &str) -> Result<bool> {
        let Some((folders, held)) = self.s3_folders_for(&begun.bucket, &begun.key, None)? else {
            return Ok(false);
        };
        let current = folders.current(&held)?;
        Ok(current.is_some_and(|object| object.meta.upload_id.as_deref() == Some(id)))
    }

    /// Removes the remaining files of the upload that created an object. This must happen before the object is replaced
    /// or removed, because only the object records that the upload is finished.
    pub(super) fn clear_finished(&self, folders: &Folders<'_>, held: &str) -> Result<()> {
        let current = folders.current(held)?;
        let Some(id) = current.and_then(|object| object.meta.upload_id) else {
            return Ok(());
        };
        match self.upload_of(&id)? {
            Some(upload)
                if upload.begun.bucket == folders.name
                    && key::held(&upload.begun.key).as_deref() == Some(held) =>
            {
                self.end_upload(&upload)
            }
            _ => Ok(()),
        }
    }

    /// Ends all uploads into a bucket that does not exist.
    pub(super) fn end_uploads_into(&self, bucket: &str) -> Result<()> {
        for id in self.upload_ids()? {
            match self.upload_of(&id) {
                Ok(Some(upload)) if upload.begun.bucket == bucket => self.end_upload(&upload)?,
                // An upload that cannot be read is reported when uploads are listed.
                _ => {}
            }
        }
        Ok(())
    }

    /// The ids of all uploads that have a folder.
    fn upload_ids(&self) -> Result<BTreeSet<String>> {
        let mut ids = BTreeSet::new();
        for root in self.s3_roots() {
            ids.extend(atomic::names(&root.join(UPLOADS))?);
        }
        Ok(ids)
    }

    /// The folders of uploads in this directory. The second value is true if no call can continue the upload, because
    /// its file `upload.json` is missing, it is finished, or its bucket was deleted.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(in crate::store) fn stopped_uploads(&self) -> Result<Vec<(PathBuf, Result<bool>)>> {
        let uploads = self.root().join("s3").join(UPLOADS);
        let ids = atomic::names(&uploads)?.into_iter();
        let told = ids.map(|id| (uploads.join(&id), self.is_stopped(&uploads.join(&id), &id)));
        Ok(told.collect())
    }

    fn is_stopped(&self, folder: &Path, id: &str) -> Result<bool> {
        Ok(match self.upload_of(id)? {
            Some(Upload { begun, .. }) => {
                self.is_finished(&begun, id)? || self.s3_folders(&begun.bucket)?.is_none()
            }
            // In a fork, the file `ended` hides the parent's upload. So a folder with that file must not be removed.
            None => !exists(&folder.join(ENDED)) && !exists(&folder.join(BEGUN)),
        })
    }

    /// The upload with that id; `None` if the upload was ended, either in this directory or in a fork between this
    /// directory and the one that has the upload.
    fn upload_of(&self, id: &str) -> Result<Option<Upload>> {
        let mut folders = Vec::new();
        for root in self.s3_roots() {
            let folder = root.join(UPLOADS).join(id);
            if exists(&folder.join(ENDED)) {
                return Ok(None);
            }
            let begun: Option<Begun> = atomic::read_json(&folder.join(BEGUN))?;
            folders.push(folder);
            if let Some(begun) = begun {
                return Ok(Some(Upload { folders, begun }));
            }
        }
        Ok(None)
    }

    /// Ends an upload in one step: its files in this directory are removed, and those of the parent are hidden.
    fn end_upload(&self, upload: &Upload) -> Result<()> {
        let own = upload.own();
        if upload.folders.len() == 1 {
            return self.take_away(own, BEGUN);
        }
        self.mark(&own.join(ENDED))?;
        for name in atomic::names(own)?.iter().filter(|name| *name != ENDED) {
            // An error is ignored, because the upload is already hidden.
            let _ = self.disk.remove(&own.join(name));
        }
        Ok(())
    }

    /// Writes the uploads in progress, including the parents' parts, into another state directory.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub(super) fn keep_uploads(&self, to: &Path) -> Result<()> {
        for id in self.upload_ids()? {
            let Some(upload) = self.upload_of(&id)? else {
                continue;
            };
            let target = to.join("s3").join(UPLOADS).join(&id);
            self.disk.create_folders(&target)?;
            for folder in &upload.folders {
                for name in atomic::names(folder)? {
                    let (from, path) = (folder.join(&name), target.join(&name));
                    if !exists(&path) {
                        duplicate(&from, &path)
                            .map_err(|error| StoreError::io("copy", &from, error))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Starts an upload and returns its id.
    ///
    /// # Errors
    /// A key that no folder can hold, and errors of the disk.
    pub fn s3_begin_upload(&self, bucket: &str, key: &str, meta: Meta) -> Result<Found<String>> {
        let Some((folders, held)) = self.s3_folders_for(bucket, key, None)? else {
            return Ok(Err(Missing::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        let uploads = self.root().join("s3").join(UPLOADS);
        let objects = folders.versions_of(&held)?.into_iter();
        let objects = objects.chain(folders.current(&held)?);
        let finished: BTreeSet<String> = objects.filter_map(|it| it.meta.upload_id).collect();
        let taken = |id: &String| {
            let mut roots = self.s3_roots();
            finished.contains(id) || roots.any(|root| exists(&root.join(UPLOADS).join(id)))
        };
        // With a seed, this is the first id of a fixed sequence that is not used yet.
        let name = format!("{bucket}/{key} upload");
        let mut ids = (0..).map(|nth| self.ids.id(&name, nth));
        let id = ids.find(|id| !taken(id)).unwrap_or_default();
        let begun = Begun {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            meta,
            initiated: self.s3_now(),
        };
        self.make_whole(&uploads.join(&id), BEGUN, &atomic::json_text(&begun))?;
        Ok(Ok(id))
    }

    /// Puts a part. It replaces an earlier part with the same number. Returns false if the upload does not exist.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn s3_put_part(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        number: u64,
        body: &Handle,
    ) -> Result<bool> {
        if self.upload(bucket, key, id)?.is_none() {
            return Ok(false);
        }
        // While the part is put, no other call may finish or abort the upload.
        let _lock = self.hold_bucket(bucket)?;
        let Some(upload) = self.upload(bucket, key, id)? else {
            return Ok(false);
        };
        self.disk.create_folders(upload.own())?;
        let spool = self.spooled(body);
        File::options()
            .write(true)
            .open(&spool)
            .and_then(|file| {
                self.disk.step("set a part's time")?;
                file.set_modified(self.s3_now().into())?;
                self.disk.sync("fsync a part", &file)
            })
            .map_err(|error| StoreError::io("write", &spool, error))?;
        let part = upload.own().join(number.to_string());
        self.disk.rename(&spool, &part)?;
        Ok(true)
    }

    /// The uploads of a bucket that are in progress, sorted by key and then by id; an error if the bucket does not
    /// exist.
    ///
    /// # Errors
    /// A file that cannot be listed or read.
    pub fn s3_uploads(&self, bucket: &str) -> Result<Found<Vec<UnderWay>>> {
        if self.s3_folders(bucket)?.is_none() {
            return Ok(Err(Missing::Bucket));
        }
        let mut uploads = Vec::new();
        for id in self.upload_ids()? {
            let found = self.upload_of(&id)?;
            let begun = found.map(|found| found.begun);
            let mut begun = begun.filter(|begun| begun.bucket == bucket);
            if let Some(found) = &begun
                && self.is_finished(found, &id)?
            {
                begun = None;
            }
            uploads.extend(begun.map(|begun| UnderWay {
                id,
                key: begun.key,
                initiated: begun.initiated,
                meta: begun.meta,
            }));
        }
        uploads.sort_by(|one, other| (&one.key, &one.id).cmp(&(&other.key, &other.id)));
        Ok(Ok(uploads))
    }

    /// The parts of an upload, sorted by number, and the metadata of the object; `None` if the upload does not exist.
    ///
    /// # Errors
    /// A file that cannot be listed or read.
    pub fn s3_parts(&self, bucket: &str, key: &str, id: &str) -> Result<Option<(Meta, Vec<Part>)>> {
        let Some(upload) = self.upload(bucket, key, id)? else {
            return Ok(None);
        };
        let mut paths = BTreeMap::new();
        for folder in &upload.folders {
            for name in atomic::names(folder)? {
                if let Ok(number) = name.parse::<u64>() {
                    // If the fork has put a part again, that part hides the parent's part.
                    paths.entry(number).or_insert(folder.join(name));
                }
            }
        }
        let mut parts = Vec::new();
        for (number, path) in paths {
            let failed = |error| StoreError::io("read", &path, error);
            let file = std::fs::metadata(&path).map_err(failed)?;
            let (e_tag, crc64nvme) = digests(&path)?;
            parts.push(Part {
                number,
                size: file.len(),
                last_modified: seconds(file.modified().map_err(failed)?),
                e_tag,
                crc64nvme,
            });
        }
        Ok(Some((upload.begun.meta, parts)))
    }

    /// Creates the object from these parts, in this order, and ends the upload. Each part is given by its number and
    /// its ETag.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn s3_finish_upload(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        parts: &[(u64, String)],
    ) -> Result<Result<Whole, Unfinished>> {
        let Some(upload) = self.upload(bucket, key, id)? else {
            return Ok(Err(Unfinished::Upload));
        };
        let mut spooling = self.spooling()?;
        let (mut all, mut crc) = (Md5::new(), !0u64);
        let mut chunk = vec![0; 1 << 18];
        for (at, (number, e_tag)) in parts.iter().enumerate() {
            let Some(path) = upload.part(*number) else {
                return Ok(Err(Unfinished::Part));
            };
            let failed = |error| StoreError::io("read", &path, error);
            let Ok(mut file) = File::open(&path) else {
                return Ok(Err(Unfinished::Part));
            };
            let mut md5 = Md5::new();
            let before = spooling.size;
            loop {
                match file.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(n) => {
                        md5.update(&chunk[..n]);
                        crc = crc64(crc, &chunk[..n]);
                        self.write_spool(&mut spooling, &chunk[..n])?;
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(failed(error).into()),
                }
            }
            let md5 = md5.finalize();
            if e_tag.trim_matches('"') != hex(&md5) {
                return Ok(Err(Unfinished::Part));
            }
            if at + 1 < parts.len() && spooling.size - before < LEAST {
                return Ok(Err(Unfinished::Small));
            }
            all.update(md5);
        }
        let spool = spooling.finish();
        let mut meta = upload.begun.meta.clone();
        let e_tag = format!("{}-{}", hex(&all.finalize()), parts.len());
        let crc64nvme = BASE64_STANDARD.encode((!crc).to_be_bytes());
        meta.e_tag = Some(e_tag.clone());
        meta.crc64nvme = Some(crc64nvme.clone());
        meta.upload_id = Some(id.to_owned());
        let Some((folders, held)) = self.s3_folders_for(bucket, key, None)? else {
            return Ok(Err(Unfinished::Bucket));
        };
        let _lock = self.hold_bucket(bucket)?;
        if self.upload(bucket, key, id)?.is_none() {
            return Ok(Err(Unfinished::Upload));
        }
        let version_id = self.s3_put_locked(&folders, &held, &spool.handle(), meta)?;
        // The object exists and records that the upload is finished. Files that remain are removed later.
        let _ = self.end_upload(&upload);
        Ok(Ok(Whole {
            e_tag,
            crc64nvme,
            version_id,
        }))
    }

    /// Ends an upload and discards its parts. Returns true if it existed.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn s3_abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<bool> {
        if self.upload(bucket, key, id)?.is_none() {
            return Ok(false);
        }
        let _lock = self.hold_bucket(bucket)?;
        let upload = self.upload(bucket, key, id)?;
        if let Some(upload) = &upload {
            self.end_upload(upload)?;
        }
        Ok(upload.is_some())
    }
}
