//! Code that both forms of ListObjects share: it makes a page of a bucket's objects, and the entry for an object.

use schemars::JsonSchema;
use serde::Serialize;

use super::object::{no_such_bucket, quoted};
use crate::{
    operation::{Lambda, Result},
    state::{
        arn::Scope,
        error::{Code, ServiceError},
        iam::unique_id,
    },
    store::{clock::iso8601, s3},
};

/// Maximum number of keys and prefixes in an answer.
const PAGE: u64 = 1000;

/// An object in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Content {
    /// The object's key.
    key: String,
    /// The time at which the object was put.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The MD5 of the object's bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The kinds of checksum that the object has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksum_algorithm: Vec<&'static str>,
    /// FULL_OBJECT: the checksums cover the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    /// The object's size in bytes.
    size: u64,
    /// The object's storage class.
    storage_class: String,
    /// The object's owner, if the list shows owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Owner>,
}

/// A common prefix of several keys.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CommonPrefix {
    /// The prefix, up to and including the delimiter.
    pub(super) prefix: String,
}

/// The owner of a bucket, an object or an upload.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Owner {
    /// The account's canonical id.
    #[serde(rename = "ID")]
    id: String,
}

impl Owner {
    /// The account of the scope, in the form of an owner.
    pub(super) fn of(scope: &Scope) -> Self {
        Self {
            id: unique_id("", &scope.account).to_lowercase(),
        }
    }
}

impl Content {
    fn of(object: s3::Object) -> Result<Self> {
        let checked = object.meta.crc64nvme.is_some();
        Ok(Self {
            last_modified: iso8601(object.last_modified),
            e_tag: quoted(&object.e_tag()?),
            checksum_algorithm: checked.then_some("CRC64NVME").into_iter().collect(),
            checksum_type: checked.then_some("FULL_OBJECT"),
            size: object.size,
            storage_class: storage_class(&object),
            key: object.key,
            owner: None,
        })
    }
}

/// An object's storage class.
pub(super) fn storage_class(object: &s3::Object) -> String {
    let class = object.meta.headers.get("StorageClass");
    class.cloned().unwrap_or_else(|| "STANDARD".to_owned())
}

pub(super) fn invalid(message: &str) -> ServiceError {
    ServiceError::new(Code::InvalidArgument, message)
}

/// Reads the page size in a request. `name` is the name of its member.
///
/// # Errors
/// InvalidArgument for a negative number.
pub(super) fn most(name: &str, given: Option<i64>) -> Result<u64> {
    match given.map(u64::try_from) {
        None => Ok(PAGE),
        Some(Ok(most)) => Ok(most.min(PAGE)),
        Some(Err(_)) => {
            let text = format!("Argument {name} must be an integer between 0 and 2147483647");
            Err(invalid(&text).into())
        }
    }
}

/// Returns the common prefix of a key. It ends with the first delimiter after the requested prefix. `None` if there is
/// no such delimiter.
pub(super) fn folded(key: &str, prefix: &str, delimiter: Option<&str>) -> Option<String> {
    let delimiter = delimiter?;
    let at = key[prefix.len()..].find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}

/// A page of keys.
pub(super) struct Page {
    pub(super) contents: Vec<Content>,
    pub(super) common_prefixes: Vec<CommonPrefix>,
    /// The last key or common prefix on the page.
    pub(super) last: Option<String>,
    pub(super) is_truncated: bool,
}

/// Reads one page of a bucket's keys, in byte order: the keys that begin with `prefix` and come after the key or common
/// prefix `after`.
///
/// # Errors
/// NoSuchBucket, and errors when the folder is listed.
pub(super) fn page(
    lambda: &Lambda<'_>,
    bucket: &str,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<&str>,
    most: u64,
) -> Result<Page> {
    // If the previous page ended with a common prefix, this page starts after all keys that begin with it.
    let behind = match (after, delimiter) {
        (Some(after), Some(delimiter)) if after.ends_with(delimiter) => {
            format!("{after}{}", char::MAX)
        }
        _ => after.unwrap_or_default().to_owned(),
    };
    let keys = lambda.place.store.s3_keys(bucket, prefix, &behind)?;
    let mut keys = keys.ok_or_else(no_such_bucket)?;
    let mut page = Page {
        contents: Vec::new(),
        common_prefixes: Vec::new(),
        last: None,
        is_truncated: false,
    };
    while let Some(found) = keys.next()? {
        let folded = folded(&found.key, prefix, delimiter);
        let name = folded.as_ref().unwrap_or(&found.key);
        if after.is_some_and(|after| name.as_str() <= after) || page.last.as_ref() == Some(name) {
            continue;
        }
        if (page.contents.len() + page.common_prefixes.len()) as u64 == most {
            page.is_truncated = most > 0;
            break;
        }
        page.last = Some(name.clone());
        match folded {
            Some(prefix) => {
                keys.skip_below(&prefix);
                page.common_prefixes.push(CommonPrefix { prefix });
            }
            None => {
                if let Some(object) = keys.object(&found)? {
                    page.contents.push(Content::of(object)?);
                }
            }
        }
    }
    Ok(page)
}
