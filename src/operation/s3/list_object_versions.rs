//! `ListObjectVersions`: returns every version and every delete marker of a bucket's objects. For each key, the newest
//! comes first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    listing::{CommonPrefix, Owner, folded, invalid, most, storage_class},
    object::{no_such_bucket, quoted},
};
use crate::{
    operation::{Lambda, Operation, Result},
    store::{
        clock::iso8601,
        s3::{Listed, NULL},
    },
};

/// Request of ListObjectVersions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectVersionsRequest {
    /// The bucket.
    bucket: String,
    /// Group keys that contain this text after the prefix. Each group is returned as one common prefix, which ends with
    /// the text.
    delimiter: Option<String>,
    /// Only return versions whose keys come after this one. With a version id marker, also older versions of this key.
    key_marker: Option<String>,
    /// Maximum number of versions, delete markers and prefixes to return. A page has at most 1000.
    max_keys: Option<i64>,
    /// Only return versions whose keys begin with this text.
    prefix: Option<String>,
    /// Only return versions after this one, for the key marker's key.
    version_id_marker: Option<String>,
}

/// Response of ListObjectVersions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListObjectVersionsResponse {
    /// True if there are more versions.
    is_truncated: bool,
    /// The key after which this page begins.
    key_marker: String,
    /// The version after which this page begins.
    version_id_marker: String,
    /// The key after which the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_key_marker: Option<String>,
    /// The version after which the next page begins. It is a version of the key of the next key marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_version_id_marker: Option<String>,
    /// The versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<ObjectVersion>,
    /// The delete markers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    delete_markers: Vec<DeleteMarker>,
    /// The bucket.
    name: String,
    /// The prefix of the keys.
    prefix: String,
    /// The delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// Maximum number of versions, delete markers and prefixes in this answer.
    max_keys: u64,
    /// The common prefixes of the keys that contain the delimiter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    common_prefixes: Vec<CommonPrefix>,
}

/// A version of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ObjectVersion {
    /// The MD5 of the version's bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The kinds of checksum that the version has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksum_algorithm: Vec<&'static str>,
    /// FULL_OBJECT: the checksums cover the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    /// The version's size in bytes.
    size: u64,
    /// The version's storage class.
    storage_class: String,
    /// The object's key.
    key: String,
    /// The version id.
    version_id: String,
    /// True if this is the current version of the key.
    is_latest: bool,
    /// The time at which the version was put.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The owner.
    owner: Owner,
}

/// A delete marker.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteMarker {
    /// The owner.
    owner: Owner,
    /// The key that was deleted.
    key: String,
    /// The version id of the delete marker.
    version_id: String,
    /// True if the delete marker is the current version of the key. Then it hides the key.
    is_latest: bool,
    /// The time at which the delete marker was created.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
}

/// Returns the version id of an entry.
fn id(listed: &Listed) -> &str {
    listed.object.meta.version_id.as_deref().unwrap_or(NULL)
}

impl Operation for ListObjectVersionsRequest {
    const NAME: &'static str = "ListObjectVersions";
    const ROUTE: &'static str = "GET /{Bucket}?versions 200";
    const WIRE: &'static str = "@root=ListVersionsResult Versions@name=Version DeleteMarkers@name=DeleteMarker \
        Delimiter@query=delimiter KeyMarker@query=key-marker MaxKeys@query=max-keys Prefix@query=prefix \
        VersionIdMarker@query=version-id-marker >Delimiter@body >KeyMarker@body >MaxKeys@body >Prefix@body \
        >VersionIdMarker@body";
    const ABOUT: &'static str =
        "Returns a list of the versions of the objects of a bucket, and of the delete markers.";
    const MEMBERS: &'static str = "Bucket Delimiter EncodingType:=url KeyMarker MaxKeys:int Prefix VersionIdMarker \
        ExpectedBucketOwner RequestPayer:=requester OptionalObjectAttributes:list=RestoreStatus";
    const LISTS: &'static [&'static str] = &["Versions", "DeleteMarkers", "CommonPrefixes"];
    type Response = ListObjectVersionsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListObjectVersionsResponse> {
        let text = |given: &Option<String>| given.clone().filter(|text| !text.is_empty());
        let (key_marker, version_marker) = (text(&self.key_marker), text(&self.version_id_marker));
        if version_marker.is_some() && key_marker.is_none() {
            let text = "A version-id marker cannot be specified without a key marker.";
            return Err(invalid(text).into());
        }
        let most = most("max-keys", self.max_keys)?;
        let prefix = self.prefix.clone().unwrap_or_default();
        let delimiter = text(&self.delimiter);
        let store = lambda.place.store;
        let all = store.s3_versions(&self.bucket, &prefix)?;
        let all = all.ok_or_else(no_such_bucket)?;
        let mut answer = ListObjectVersionsResponse {
            is_truncated: false,
            key_marker: key_marker.clone().unwrap_or_default(),
            version_id_marker: version_marker.clone().unwrap_or_default(),
            next_key_marker: None,
            next_version_id_marker: None,
            versions: Vec::new(),
            delete_markers: Vec::new(),
            name: self.bucket,
            prefix: prefix.clone(),
            delimiter: delimiter.clone(),
            max_keys: most,
            common_prefixes: Vec::new(),
        };
        // If the key marker names a key with several versions, the page starts after the version marker.
        let mut passed = false;
        let mut last: Option<(String, Option<String>)> = None;
        let mut count = 0;
        for listed in all {
            let folded = folded(&listed.object.key, &prefix, delimiter.as_deref());
            let name = folded.as_ref().unwrap_or(&listed.object.key);
            if let Some(marker) = &key_marker {
                if name < marker {
                    continue;
                }
                if name == marker {
                    let behind = passed;
                    passed |= version_marker.as_deref() == Some(id(&listed));
                    if !behind || version_marker.is_none() {
                        continue;
                    }
                }
            }
            let is_told = folded.is_some() && last.as_ref().is_some_and(|(last, _)| last == name);
            if is_told {
                continue;
            }
            if count == most {
                answer.is_truncated = most > 0;
                break;
            }
            count += 1;
            let version = folded.is_none().then(|| id(&listed).to_owned());
            last = Some((name.clone(), version));
            let owner = Owner::of(&lambda.place.scope);
            let version_id = id(&listed).to_owned();
            let Listed { object, is_latest } = listed;
            let last_modified = iso8601(object.last_modified);
            if let Some(prefix) = folded {
                answer.common_prefixes.push(CommonPrefix { prefix });
            } else if object.meta.delete_marker {
                answer.delete_markers.push(DeleteMarker {
                    owner,
                    key: object.key,
                    version_id,
                    is_latest,
                    last_modified,
                });
            } else {
                let checked = object.meta.crc64nvme.is_some();
                answer.versions.push(ObjectVersion {
                    e_tag: quoted(&object.e_tag()?),
                    checksum_algorithm: checked.then_some("CRC64NVME").into_iter().collect(),
                    checksum_type: checked.then_some("FULL_OBJECT"),
                    size: object.size,
                    storage_class: storage_class(&object),
                    key: object.key,
                    version_id,
                    is_latest,
                    last_modified,
                    owner,
                });
            }
        }
        if answer.is_truncated
            && let Some((key, version)) = last
        {
            answer.next_key_marker = Some(key);
            answer.next_version_id_marker = version;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn put(s3: &Sandbox, key: &str, text: &str) -> Value {
        let spool = s3.spool(text.as_bytes());
        let body = serde_json::to_value(spool.handle()).expect("a handle becomes JSON");
        s3.call(
            "PutObject",
            json!({ "Bucket": "code", "Key": key, "Body": body }),
        )["VersionId"]
            .clone()
    }

    fn status(s3: &Sandbox, status: &str) {
        let request = json!({ "Bucket": "code", "VersioningConfiguration": { "Status": status } });
        s3.call("PutBucketVersioning", request);
        let told = s3.call("GetBucketVersioning", json!({ "Bucket": "code" }));
        assert_eq!(told, json!({ "Status": status }));
    }

    fn list(s3: &Sandbox, more: Value) -> Value {
        let mut request = json!({ "Bucket": "code" });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        s3.call("ListObjectVersions", request)
    }

    /// The key and the version id of each entry, and true if it is the latest one. Versions come first, each newest
    /// first; then come delete markers, with `-` before their keys.
    fn told(list: &Value) -> Vec<(String, Value, bool)> {
        let items = |name: &str, mark: &str| {
            let items = list[name]
                .as_array()
                .cloned()
                .unwrap_or_default()
                .into_iter();
            let mark = mark.to_owned();
            items.map(move |item| {
                let key = format!("{mark}{}", item["Key"].as_str().expect("a key"));
                (key, item["VersionId"].clone(), item["IsLatest"] == true)
            })
        };
        items("Versions", "")
            .chain(items("DeleteMarkers", "-"))
            .collect()
    }

    #[test]
    fn a_bucket_keeps_versions_from_when_it_is_told_to() {
        let s3 = Sandbox::new();
        s3.call("CreateBucket", json!({ "Bucket": "code" }));
        assert_eq!(
            s3.call("GetBucketVersioning", json!({ "Bucket": "code" })),
            json!({})
        );
        assert_eq!(put(&s3, "a", "zero"), Value::Null);
        status(&s3, "Enabled");
        // All puts happen in the same second, so their order must be the order of the calls.
        let one = put(&s3, "a", "one");
        let two = put(&s3, "a", "two");
        let gone =
            s3.call("DeleteObject", json!({ "Bucket": "code", "Key": "a" }))["VersionId"].clone();
        let three = put(&s3, "a", "three");
        let all = list(&s3, json!({}));
        assert_eq!(
            told(&all),
            [
                ("a".to_owned(), three.clone(), true),
                ("a".to_owned(), two.clone(), false),
                ("a".to_owned(), one, false),
                ("a".to_owned(), json!("null"), false),
                ("-a".to_owned(), gone.clone(), false),
            ]
        );
        // The delete marker was made between the versions `two` and `three`.
        s3.call(
            "DeleteObject",
            json!({ "Bucket": "code", "Key": "a", "VersionId": three }),
        );
        assert_eq!(
            s3.error("GetObject", json!({ "Bucket": "code", "Key": "a" })),
            "(NoSuchKey): The specified key does not exist."
        );
        s3.call(
            "DeleteObject",
            json!({ "Bucket": "code", "Key": "a", "VersionId": gone }),
        );
        let back = s3.call("HeadObject", json!({ "Bucket": "code", "Key": "a" }));
        assert_eq!(back["VersionId"], two);
    }

    #[test]
    fn where_versions_are_suspended_what_comes_is_the_one_without_a_name() {
        let s3 = Sandbox::new();
        s3.call("CreateBucket", json!({ "Bucket": "code" }));
        status(&s3, "Enabled");
        let one = put(&s3, "a", "one");
        status(&s3, "Suspended");
        assert_eq!(put(&s3, "a", "two"), "null");
        assert_eq!(put(&s3, "a", "three"), "null");
        let versions = told(&list(&s3, json!({})));
        assert_eq!(
            versions,
            [
                ("a".to_owned(), json!("null"), true),
                ("a".to_owned(), one.clone(), false)
            ]
        );
        let deleted = s3.call("DeleteObject", json!({ "Bucket": "code", "Key": "a" }));
        assert_eq!(
            deleted,
            json!({ "DeleteMarker": true, "VersionId": "null" })
        );
        let versions = told(&list(&s3, json!({})));
        assert_eq!(
            versions,
            [
                ("a".to_owned(), one, false),
                ("-a".to_owned(), json!("null"), true)
            ]
        );
        let never = json!({ "Bucket": "code", "VersioningConfiguration": {} });
        assert!(
            s3.error("PutBucketVersioning", never)
                .starts_with("(IllegalVersioningConfigurationException)")
        );
    }

    #[test]
    fn pages_of_every_size_cover_the_list_once() {
        let s3 = Sandbox::new();
        s3.call("CreateBucket", json!({ "Bucket": "code" }));
        status(&s3, "Enabled");
        for key in ["a", "b/1", "b/2", "c"] {
            for text in ["one", "two", "three"] {
                put(&s3, key, text);
            }
        }
        let whole = told(&list(&s3, json!({})));
        assert_eq!(whole.len(), 12);
        for size in [1, 2, 5, 12] {
            let (mut seen, mut more) = (Vec::new(), json!({ "MaxKeys": size }));
            loop {
                let page = list(&s3, more.clone());
                seen.extend(told(&page));
                if page["IsTruncated"] == false {
                    break;
                }
                more = json!({ "MaxKeys": size, "KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"] });
            }
            assert_eq!(seen, whole, "{size}");
        }
        let folded = list(&s3, json!({ "Delimiter": "/" }));
        assert_eq!(folded["CommonPrefixes"], json!([{ "Prefix": "b/" }]));
        assert_eq!(told(&folded).len(), 6);
    }
}
