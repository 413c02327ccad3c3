//! `ListObjects`: the older form of ListObjectsV2. A key tells where a page begins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listing::{CommonPrefix, Content, Owner, most, page};
use crate::operation::{Lambda, Operation, Result};

/// Request of ListObjects.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsRequest {
    /// The bucket.
    bucket: String,
    /// Group keys that contain this text after the prefix. Each group is returned as one common prefix, which ends with
    /// the text.
    delimiter: Option<String>,
    /// Only return keys after this one.
    marker: Option<String>,
    /// Maximum number of keys and prefixes to return. A page has at most 1000.
    max_keys: Option<i64>,
    /// Only return keys that begin with this text.
    prefix: Option<String>,
}

/// Response of ListObjects.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectsResponse {
    /// True if there are more objects.
    is_truncated: bool,
    /// The key after which this page begins.
    marker: String,
    /// The key or prefix after which the next page begins. Only returned if the request has a delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
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
}

impl Operation for ListObjectsRequest {
    const NAME: &'static str = "ListObjects";
    const ROUTE: &'static str = "GET /{Bucket} 200";
    const WIRE: &'static str = "@root=ListBucketResult Delimiter@query=delimiter MaxKeys@query=max-keys Prefix@query=prefix \
        Marker@query=marker >Delimiter@body >MaxKeys@body >Prefix@body >Marker@body";
    const ABOUT: &'static str =
        "Returns a list of the objects of a bucket. ListObjectsV2 is its successor.";
    const MEMBERS: &'static str = "Bucket Delimiter EncodingType:=url Marker MaxKeys:int Prefix RequestPayer:=requester \
        ExpectedBucketOwner OptionalObjectAttributes:list=RestoreStatus";
    const LISTS: &'static [&'static str] = &["Contents", "CommonPrefixes"];
    type Response = ListObjectsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListObjectsResponse> {
        let most = most("maxKeys", self.max_keys)?;
        let prefix = self.prefix.unwrap_or_default();
        let delimiter = self.delimiter.filter(|text| !text.is_empty());
        let marker = self.marker.filter(|text| !text.is_empty());
        let mut page = page(
            lambda,
            &self.bucket,
            &prefix,
            delimiter.as_deref(),
            marker.as_deref(),
            most,
        )?;
        for content in &mut page.contents {
            content.owner = Some(Owner::of(&lambda.place.scope));
        }
        let next = page
            .last
            .filter(|_| page.is_truncated && delimiter.is_some());
        Ok(ListObjectsResponse {
            is_truncated: page.is_truncated,
            marker: marker.unwrap_or_default(),
            next_marker: next,
            contents: page.contents,
            name: self.bucket,
            prefix,
            delimiter,
            max_keys: most,
            common_prefixes: page.common_prefixes,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn pages_begin_behind_a_key_or_a_prefix() {
        let s3 = Sandbox::new();
        for key in ["a/1", "a/2", "b", "c/1", "d"] {
            s3.put_object("code", key, b"x");
        }
        let list = |more: Value| {
            let mut request = json!({ "Bucket": "code", "MaxKeys": 2 });
            for (key, value) in more.as_object().expect("members") {
                request[key] = value.clone();
            }
            s3.call("ListObjects", request)
        };
        let first = list(json!({ "Delimiter": "/" }));
        assert_eq!(
            (
                &first["CommonPrefixes"][0]["Prefix"],
                &first["Contents"][0]["Key"],
                &first["NextMarker"]
            ),
            (&json!("a/"), &json!("b"), &json!("b"))
        );
        assert!(first["Contents"][0]["Owner"]["ID"].is_string());
        let second = list(json!({ "Delimiter": "/", "Marker": "b" }));
        assert_eq!(second["CommonPrefixes"][0]["Prefix"], "c/");
        assert_eq!(
            (&second["Contents"][0]["Key"], &second["IsTruncated"]),
            (&json!("d"), &json!(false))
        );
        // Without a delimiter, the answer has no marker. The next page begins after the last key.
        let plain = list(json!({}));
        assert_eq!(
            (&plain["IsTruncated"], plain.get("NextMarker")),
            (&json!(true), None)
        );
        let told = s3.error("ListObjects", json!({ "Bucket": "none" }));
        assert!(told.starts_with("(NoSuchBucket)"), "{told}");
    }
}
