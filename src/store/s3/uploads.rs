//! Uploads in parts: what has come of an object that is not there yet.
//!
//! ```text
//! s3/.uploads/<id>/upload.json     for which bucket and key, and what the object is put with
//! s3/.uploads/<id>/<number>        a part's bytes
//! ```
//!
//! A part is one rename of a spool; the object is put as any other, once it is whole. A fork has uploads of its own.

use std::{fs::File, io::Read as _, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use super::{Found, Meta, Missing, Store, atomic, crc64, digests, exists, seconds};
use crate::{
    state::function::hex,
    store::{Result, StoreError, package::Handle},
};

/// `upload.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    bucket: String,
    key: String,
    meta: Meta,
    #[serde(default)]
    initiated: Timestamp,
}

/// An upload that is neither finished nor aborted.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The key of the object.
    pub key: String,
    /// When it was begun.
    pub initiated: Timestamp,
    /// What the object is put with.
    pub meta: Meta,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number.
    pub number: u64,
    /// Bytes.
    pub size: u64,
    /// When it was put.
    pub last_modified: Timestamp,
    /// The MD5, in hex.
    pub e_tag: String,
    /// The CRC-64/NVME, in base64.
    pub crc64nvme: String,
}

/// Why an upload cannot be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// There is no such upload of that key.
    Upload,
    /// A part is not there, or is another than was named.
    Part,
    /// A part that is not the last is too small.
    Small,
    /// There is no such bucket any more.
    Bucket,
}

/// An object that was put in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The MD5 of the parts' MD5s and their number, `….-2`.
    pub e_tag: String,
    /// The CRC-64/NVME of all bytes, in base64.
    pub crc64nvme: String,
    /// Its version, in a bucket that keeps them.
    pub version_id: Option<String>,
}

/// The least bytes of a part that is not the last (AWS documentation).
const LEAST: u64 = 5 << 20;

impl Store {
    /// The folder of an upload of that key, if there is one.
    fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Option<(PathBuf, Begun)>> {
        let plain =
            |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-';
        if id.len() != 36 || !id.bytes().all(plain) {
            return Ok(None);
        }
        let folder = self.root().join("s3/.uploads").join(id);
        let begun: Option<Begun> = atomic::read_json(&folder.join("upload.json"))?;
        let begun = begun.filter(|begun| begun.bucket == bucket && begun.key == key);
        Ok(begun.map(|begun| (folder, begun)))
    }

    /// Begins an upload; answers its id.
    ///
    /// # Errors
    /// A key that no folder can hold, and the disk's.
    pub fn s3_begin_upload(&self, bucket: &str, key: &str, meta: Meta) -> Result<Found<String>> {
        if self.s3_folders_for(bucket, key, None)?.is_none() {
            return Ok(Err(Missing::Bucket));
        }
        let _lock = self.hold_bucket(bucket)?;
        let uploads = self.root().join("s3/.uploads");
        // Under a seed the first free one of a row that is always the same.
        let name = format!("{bucket}/{key} upload");
        let mut ids = (0..).map(|nth| self.ids.id(&name, nth));
        let id = ids
            .find(|id| !exists(&uploads.join(id)))
            .unwrap_or_default();
        let folder = uploads.join(&id);
        self.disk.create_folders(&folder)?;
        let begun = Begun {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            meta,
            initiated: self.s3_now(),
        };
        let path = folder.join("upload.json");
        self.disk.replace(&path, &atomic::json_text(&begun))?;
        Ok(Ok(id))
    }

    /// Puts a part; what had its number before is replaced. Answers whether there is such an upload.
    ///
    /// # Errors
    /// The disk's.
    pub fn s3_put_part(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        number: u64,
        body: &Handle,
    ) -> Result<bool> {
        let Some((folder, _)) = self.upload(bucket, key, id)? else {
            return Ok(false);
        };
        let spool = self.spooled(body);
        File::options()
            .write(true)
            .open(&spool)
            .and_then(|file| {
                file.set_modified(self.s3_now().into())?;
                self.disk.sync("fsync a part", &file)
            })
            .map_err(|error| StoreError::io("write", &spool, error))?;
        self.disk.rename(&spool, &folder.join(number.to_string()))?;
        Ok(true)
    }

    /// The uploads into a bucket that are under way, by key and then by id; none when there is no such bucket.
    ///
    /// # Errors
    /// What cannot be listed or read.
    pub fn s3_uploads(&self, bucket: &str) -> Result<Found<Vec<Upload>>> {
        if self.s3_folders(bucket)?.is_none() {
            return Ok(Err(Missing::Bucket));
        }
        let folder = self.root().join("s3/.uploads");
        let mut uploads = Vec::new();
        for id in atomic::names(&folder)? {
            let begun: Option<Begun> = atomic::read_json(&folder.join(&id).join("upload.json"))?;
            let begun = begun.filter(|begun| begun.bucket == bucket);
            uploads.extend(begun.map(|begun| Upload {
                id,
                key: begun.key,
                initiated: begun.initiated,
                meta: begun.meta,
            }));
        }
        uploads.sort_by(|one, other| (&one.key, &one.id).cmp(&(&other.key, &other.id)));
        Ok(Ok(uploads))
    }

    /// The parts of an upload by number, with what the object is put with; none when there is no such upload.
    ///
    /// # Errors
    /// What cannot be listed or read.
    pub fn s3_parts(&self, bucket: &str, key: &str, id: &str) -> Result<Option<(Meta, Vec<Part>)>> {
        let Some((folder, begun)) = self.upload(bucket, key, id)? else {
            return Ok(None);
        };
        let names = atomic::names(&folder)?;
        let mut parts = Vec::new();
        for number in names.iter().filter_map(|name| name.parse::<u64>().ok()) {
            let path = folder.join(number.to_string());
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
        parts.sort_by_key(|part| part.number);
        Ok(Some((begun.meta, parts)))
    }

    /// Makes the object of the parts that are named, with their ETags, in that order, and ends the upload.
    ///
    /// # Errors
    /// The disk's.
    pub fn s3_finish_upload(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        parts: &[(u64, String)],
    ) -> Result<Result<Whole, Unfinished>> {
        let Some((folder, begun)) = self.upload(bucket, key, id)? else {
            return Ok(Err(Unfinished::Upload));
        };
        let mut spooling = self.spooling()?;
        let (mut all, mut crc) = (Md5::new(), !0u64);
        let mut chunk = vec![0; 1 << 18];
        for (at, (number, e_tag)) in parts.iter().enumerate() {
            let path = folder.join(number.to_string());
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
        let mut meta = begun.meta;
        let e_tag = format!("{}-{}", hex(&all.finalize()), parts.len());
        let crc64nvme = BASE64_STANDARD.encode((!crc).to_be_bytes());
        meta.e_tag = Some(e_tag.clone());
        meta.crc64nvme = Some(crc64nvme.clone());
        let Ok(version_id) = self.s3_put(bucket, key, &spool.handle(), meta)? else {
            return Ok(Err(Unfinished::Bucket));
        };
        self.disk.remove_folder(&folder);
        Ok(Ok(Whole {
            e_tag,
            crc64nvme,
            version_id,
        }))
    }

    /// Ends an upload and forgets its parts. Answers whether there was one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn s3_abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<bool> {
        let upload = self.upload(bucket, key, id)?;
        if let Some((folder, _)) = &upload {
            self.disk.remove_folder(folder);
        }
        Ok(upload.is_some())
    }
}
