//! `DeleteObjects`: deletes up to 1000 objects or versions, and reports the result for each of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    configuration::bucket,
    object::{malformed, missing},
};
use crate::{
    operation::{Failure, Lambda, Operation, Result},
    store::s3::Missing,
};

/// Maximum number of objects in a request (AWS documentation).
const MOST: usize = 1000;

/// Request of DeleteObjects.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteObjectsRequest {
    /// The bucket.
    bucket: String,
    /// The objects.
    delete: DeleteAll,
}

/// The objects to delete.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteAll {
    /// The objects to delete. Each has a key, and a version id if only this version is deleted.
    objects: Vec<ObjectIdentifier>,
    /// True to report only the objects that could not be deleted.
    quiet: Option<bool>,
}

/// An object, or one version of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ObjectIdentifier {
    /// The object's key.
    #[schemars(length(min = 1))]
    key: String,
    /// The version to delete permanently.
    version_id: Option<String>,
}

/// Response of DeleteObjects.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteObjectsResponse {
    /// The objects that were deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<DeletedObject>,
    /// The objects that could not be deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Refused>,
}

/// An object that was deleted.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedObject {
    /// The object's key.
    key: String,
    /// The version that was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// True if a delete marker was created or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker: Option<bool>,
    /// The version of the delete marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker_version_id: Option<String>,
}

/// An object that could not be deleted.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Refused {
    /// The object's key.
    key: String,
    /// The version that the request named.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// The error's code.
    code: String,
    /// The error's message.
    message: String,
}

impl Operation for DeleteObjectsRequest {
    const NAME: &'static str = "DeleteObjects";
    const ROUTE: &'static str = "POST /{Bucket}?delete 200";
    const WIRE: &'static str =
        "Delete@payload Objects@name=Object Errors@name=Error @root=DeleteResult";
    const ABOUT: &'static str =
        "Deletes objects, or versions of them. It is not an error if an object is missing.";
    const MEMBERS: &'static str = "Bucket Delete MFA RequestPayer:=requester BypassGovernanceRetention:bool ExpectedBucketOwner \
        ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128";
    type Response = DeleteObjectsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteObjectsResponse> {
        bucket(lambda, &self.bucket)?;
        if !(1..=MOST).contains(&self.delete.objects.len()) {
            return Err(malformed().into());
        }
        let mut answer = DeleteObjectsResponse {
            deleted: Vec::new(),
            errors: Vec::new(),
        };
        let store = lambda.place.store;
        for ObjectIdentifier { key, version_id } in self.delete.objects {
            let version_id = version_id.filter(|id| !id.is_empty());
            let deleted = store.s3_delete(&self.bucket, &key, version_id.as_deref())?;
            match deleted.map_err(|what: Missing| missing(what)) {
                Ok(deleted) if self.delete.quiet != Some(true) => {
                    answer.deleted.push(DeletedObject {
                        key,
                        delete_marker: deleted.marker.then_some(true),
                        delete_marker_version_id: deleted.version_id.filter(|_| deleted.marker),
                        version_id,
                    });
                }
                Ok(_) => {}
                Err(Failure::Service(error)) => answer.errors.push(Refused {
                    key,
                    version_id,
                    code: error.code.name().to_owned(),
                    message: error.message,
                }),
                Err(other) => return Err(other),
            }
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn each_object_is_deleted_and_told_apart() {
        let s3 = Sandbox::new();
        for key in ["a", "b", "c"] {
            s3.put_object("code", key, b"x");
        }
        let told = s3.call(
            "DeleteObjects",
            json!({ "Bucket": "code", "Delete": { "Objects": [{ "Key": "a" }, { "Key": "none" }] } }),
        );
        assert_eq!(
            told,
            json!({ "Deleted": [{ "Key": "a" }, { "Key": "none" }] })
        );
        let quiet =
            json!({ "Bucket": "code", "Delete": { "Objects": [{ "Key": "b" }], "Quiet": true } });
        assert_eq!(s3.call("DeleteObjects", quiet), json!({}));
        let left = s3.call("ListObjectsV2", json!({ "Bucket": "code" }));
        assert_eq!(
            (&left["KeyCount"], &left["Contents"][0]["Key"]),
            (&json!(1), &json!("c"))
        );
        let none = json!({ "Bucket": "code", "Delete": { "Objects": [] } });
        assert!(
            s3.error("DeleteObjects", none)
                .starts_with("(MalformedXML)")
        );
        let elsewhere = json!({ "Bucket": "none", "Delete": { "Objects": [{ "Key": "a" }] } });
        assert!(
            s3.error("DeleteObjects", elsewhere)
                .starts_with("(NoSuchBucket)")
        );
    }
}
