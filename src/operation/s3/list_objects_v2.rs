//! `ListObjectsV2`: a bucket's objects, bytewise by key, those below a delimiter told as one prefix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{no_such_bucket, quoted};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
    store::{clock::iso8601, s3},
};

/// The most keys and prefixes of an answer.
const PAGE: u64 = 1000;

/// What a continuation token begins with; after it, the last key or prefix of the page before.
const TOKEN: &str = "1";

/// What ListObjectsV2 takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsV2Request {
    /// The bucket.
    bucket: String,
    /// Keys that have this after the prefix are told as one common prefix, up to and with it.
    delimiter: Option<String>,
    /// The most keys and prefixes to answer. A page has 1000 at the most.
    max_keys: Option<i64>,
    /// Only keys that begin with this.
    prefix: Option<String>,
    /// The token of the page to answer, from the page before.
    continuation_token: Option<String>,
    /// Only keys behind this one.
    start_after: Option<String>,
}

/// What ListObjectsV2 answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsV2Response {
    /// Whether there are more.
    is_truncated: bool,
    /// The objects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Content>,
    /// The bucket.
    name: String,
    /// What the keys begin with.
    prefix: String,
    /// The delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// The most keys and prefixes of this answer.
    max_keys: u64,
    /// What keys begin with that have the delimiter in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    common_prefixes: Vec<CommonPrefix>,
    /// How many keys and prefixes there are on this page.
    key_count: u64,
    /// The token this page was asked for with.
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    /// The key this page was to begin behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<String>,
}

/// An object in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Content {
    /// Its key.
    key: String,
    /// When it was put.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The MD5 of its bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The checksums it has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksum_algorithm: Vec<&'static str>,
    /// Whether they are of the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    /// Bytes.
    size: u64,
    /// Its storage class.
    storage_class: String,
}

/// What several keys begin with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CommonPrefix {
    /// The prefix, with the delimiter.
    prefix: String,
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
            storage_class: match object.meta.headers.get("StorageClass") {
                Some(class) => class.clone(),
                None => "STANDARD".to_owned(),
            },
            key: object.key,
        })
    }
}

impl Operation for ListObjectsV2Request {
    const NAME: &'static str = "ListObjectsV2";
    const ROUTE: &'static str = "GET /{Bucket}?list-type=2 200";
    const WIRE: &'static str = "@root=ListBucketResult Delimiter@query=delimiter MaxKeys@query=max-keys Prefix@query=prefix \
        ContinuationToken@query=continuation-token StartAfter@query=start-after >Delimiter@body >MaxKeys@body \
        >Prefix@body >ContinuationToken@body >StartAfter@body";
    const ABOUT: &'static str = "Answers a list of the objects of a bucket.";
    const MEMBERS: &'static str = "Bucket Delimiter EncodingType MaxKeys:int Prefix ContinuationToken FetchOwner:bool \
        StartAfter RequestPayer ExpectedBucketOwner OptionalObjectAttributes:list";
    const LISTS: &'static [&'static str] = &["Contents", "CommonPrefixes"];
    type Response = ListObjectsV2Response;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListObjectsV2Response> {
        let invalid = |message: &str| ServiceError::new(Code::InvalidArgument, message);
        let most = match self.max_keys.map(u64::try_from) {
            None => PAGE,
            Some(Ok(most)) => most.min(PAGE),
            Some(Err(_)) => {
                return Err(invalid(
                    "Argument maxKeys must be an integer between 0 and 2147483647",
                )
                .into());
            }
        };
        let after = match self.continuation_token.as_deref() {
            Some(token) => Some(
                token
                    .strip_prefix(TOKEN)
                    .ok_or_else(|| invalid("The continuation token provided is incorrect"))?,
            ),
            None => self.start_after.as_deref(),
        };
        let prefix = self.prefix.clone().unwrap_or_default();
        let delimiter = self.delimiter.clone().filter(|text| !text.is_empty());
        // What a page ended with stands for all keys below it.
        let behind = match (after, &delimiter) {
            (Some(after), Some(delimiter)) if after.ends_with(delimiter.as_str()) => {
                format!("{after}{}", char::MAX)
            }
            _ => after.unwrap_or_default().to_owned(),
        };
        let store = lambda.place.store;
        let keys = store.s3_keys(&self.bucket, &prefix, &behind)?;
        let mut keys = keys.ok_or_else(no_such_bucket)?;
        let (mut contents, mut common_prefixes) = (Vec::new(), Vec::<CommonPrefix>::new());
        let mut last = None;
        let mut is_truncated = false;
        while let Some(found) = keys.next()? {
            let folded = delimiter.as_deref().and_then(|delimiter| {
                let at = found.key[prefix.len()..].find(delimiter)?;
                Some(found.key[..prefix.len() + at + delimiter.len()].to_owned())
            });
            let name = folded.as_ref().unwrap_or(&found.key);
            if after.is_some_and(|after| name.as_str() <= after) || last.as_ref() == Some(name) {
                continue;
            }
            if (contents.len() + common_prefixes.len()) as u64 == most {
                is_truncated = most > 0;
                break;
            }
            last = Some(name.clone());
            match folded {
                Some(prefix) => {
                    keys.skip_below(&prefix);
                    common_prefixes.push(CommonPrefix { prefix });
                }
                None => {
                    if let Some(object) = keys.object(&found)? {
                        contents.push(Content::of(object)?);
                    }
                }
            }
        }
        Ok(ListObjectsV2Response {
            is_truncated,
            key_count: (contents.len() + common_prefixes.len()) as u64,
            contents,
            name: self.bucket,
            prefix,
            delimiter,
            max_keys: most,
            common_prefixes,
            continuation_token: self.continuation_token,
            next_continuation_token: last
                .filter(|_| is_truncated)
                .map(|last| format!("{TOKEN}{last}")),
            start_after: self.start_after,
        })
    }
}
