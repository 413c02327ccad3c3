//! `DeleteObject`: deletes an object. In a bucket with versioning, a delete marker hides the object instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::missing;
use crate::operation::{Lambda, Operation, Result};

/// Request of DeleteObject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteObjectRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The version to delete permanently.
    version_id: Option<String>,
}

/// Response of DeleteObject. It is empty in a bucket without versioning.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteObjectResponse {
    /// True if a delete marker was created or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker: Option<bool>,
    /// The version id of the version or delete marker that was created or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for DeleteObjectRequest {
    const NAME: &'static str = "DeleteObject";
    const ROUTE: &'static str = "DELETE /{Bucket}/{Key+} 204";
    const WIRE: &'static str = "VersionId@query=versionId >VersionId@header=x-amz-version-id \
        DeleteMarker@header=x-amz-delete-marker";
    const ABOUT: &'static str = "Deletes an object. It is not an error if the object is missing.";
    const MEMBERS: &'static str = "Bucket Key MFA VersionId RequestPayer:=requester BypassGovernanceRetention:bool ExpectedBucketOwner \
        IfMatch IfMatchLastModifiedTime:time IfMatchSize:int";
    type Response = DeleteObjectResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteObjectResponse> {
        let version = self.version_id.as_deref().filter(|id| !id.is_empty());
        let deleted = lambda
            .place
            .store
            .s3_delete(&self.bucket, &self.key, version)?
            .map_err(missing)?;
        Ok(DeleteObjectResponse {
            delete_marker: deleted.marker.then_some(true),
            version_id: deleted.version_id,
        })
    }
}
