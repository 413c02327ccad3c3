//! `ListObjectsV2`: returns a bucket's objects in the byte order of their keys. With a delimiter, it returns keys with
//! the same prefix as one group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listing::{CommonPrefix, Content, Owner, invalid, most, page};
use crate::operation::{Lambda, Operation, Result};

/// The first character of a continuation token. The other characters encode the last key or prefix of the previous
/// page.
const TOKEN: &str = "1";

/// Request of ListObjectsV2.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsV2Request {
    /// The bucket.
    bucket: String,
    /// Group keys that contain this text after the prefix. Each group is returned as one common prefix, which ends with
    /// the text.
    delimiter: Option<String>,
    /// Maximum number of keys and prefixes to return. A page has at most 1000.
    max_keys: Option<i64>,
    /// Only return keys that begin with this text.
    prefix: Option<String>,
    /// The token of the page to return, from the previous page.
    continuation_token: Option<String>,
    /// True to return the owner of each object.
    fetch_owner: Option<bool>,
    /// Only return keys after this one.
    start_after: Option<String>,
}

/// Response of ListObjectsV2.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsV2Response {
    /// True if there are more objects.
    is_truncated: bool,
    /// The objects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Content>,
    /// The bucket.
    name: String,
    /// The prefix of the keys.
    prefix: String,
    /// The delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// Maximum number of keys and prefixes in this answer.
    max_keys: u64,
    /// The common prefixes of the keys that contain the delimiter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    common_prefixes: Vec<CommonPrefix>,
    /// The number of keys and prefixes on this page.
    key_count: u64,
    /// The continuation token of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    /// The key after which this page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<String>,
}

impl Operation for ListObjectsV2Request {
    const NAME: &'static str = "ListObjectsV2";
    const ROUTE: &'static str = "GET /{Bucket}?list-type=2 200";
    const WIRE: &'static str = "@root=ListBucketResult Delimiter@query=delimiter MaxKeys@query=max-keys Prefix@query=prefix \
        ContinuationToken@query=continuation-token FetchOwner@query=fetch-owner StartAfter@query=start-after >Delimiter@body >MaxKeys@body \
        >Prefix@body >ContinuationToken@body >StartAfter@body";
    const ABOUT: &'static str = "Returns a list of the objects of a bucket.";
    const MEMBERS: &'static str = "Bucket Delimiter EncodingType:=url MaxKeys:int Prefix ContinuationToken FetchOwner:bool StartAfter \
        RequestPayer:=requester ExpectedBucketOwner OptionalObjectAttributes:list=RestoreStatus";
    const LISTS: &'static [&'static str] = &["Contents", "CommonPrefixes"];
    type Response = ListObjectsV2Response;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListObjectsV2Response> {
        let most = most("maxKeys", self.max_keys)?;
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
        let after = after.map(str::to_owned);
        let mut page = page(
            lambda,
            &self.bucket,
            &prefix,
            delimiter.as_deref(),
            after.as_deref(),
            most,
        )?;
        if self.fetch_owner == Some(true) {
            for content in &mut page.contents {
                content.owner = Some(Owner::of(&lambda.place.scope));
            }
        }
        Ok(ListObjectsV2Response {
            is_truncated: page.is_truncated,
            key_count: (page.contents.len() + page.common_prefixes.len()) as u64,
            contents: page.contents,
            name: self.bucket,
            prefix,
            delimiter,
            max_keys: most,
            common_prefixes: page.common_prefixes,
            continuation_token: self.continuation_token,
            next_continuation_token: (page.last)
                .filter(|_| page.is_truncated)
                .map(|last| format!("{TOKEN}{last}")),
            start_after: self.start_after,
        })
    }
}
