//! `s3/<bucket>/<key>`: what `--s3-bucket` and `--s3-key` read. A folder is a bucket, a file below it an object; an
//! object's other versions lie in `s3/<bucket>/.versions/<key>/<version>`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{Result, Store, StoreError};

/// An object, or why there is none.
#[derive(Debug)]
pub enum Object {
    /// The object's bytes.
    Found(File, PathBuf),
    /// No folder of that name below `s3/`.
    NoSuchBucket,
    /// No file of that name in the bucket.
    NoSuchKey,
    /// The object has no such version.
    NoSuchVersion,
}

impl Store {
    /// Opens an object.
    ///
    /// # Errors
    /// A bucket or key that no folder can hold (`..`, an empty segment), or a file that cannot be read.
    pub fn s3_object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Object> {
        for (what, text) in [("bucket", bucket), ("key", key)]
            .into_iter()
            .chain(version.map(|v| ("version", v)))
        {
            let holdable = text
                .split('/')
                .all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\0', '\\']));
            if !holdable || (what != "key" && text.contains('/')) || text.starts_with(".versions") {
                return Err(StoreError {
                    action: "read",
                    path: self.root().join("s3"),
                    cause: format!("the S3 {what} {text:?} cannot be the name of a file"),
                    source: None,
                    hint: Some(
                        "objects are files: s3/<bucket>/<key> in the state directory".to_owned(),
                    ),
                }
                .into());
            }
        }
        let mut missing = Object::NoSuchBucket;
        for root in self.roots() {
            let folder = root.join("s3").join(bucket);
            if !folder.is_dir() {
                continue;
            }
            let path = match version {
                Some(version) => {
                    missing = Object::NoSuchVersion;
                    folder.join(".versions").join(key).join(version)
                }
                None => {
                    missing = Object::NoSuchKey;
                    folder.join(key)
                }
            };
            if is_file(&path) {
                let file =
                    File::open(&path).map_err(|error| StoreError::io("read", &path, error))?;
                return Ok(Object::Found(file, path));
            }
        }
        Ok(missing)
    }
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}
