//! `AbortMultipartUpload`: ends an upload and deletes its parts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::object::no_such_upload;
use crate::operation::{Lambda, Operation, Result};

/// Request of AbortMultipartUpload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AbortMultipartUploadRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The id of the upload.
    upload_id: String,
}

impl Operation for AbortMultipartUploadRequest {
    const NAME: &'static str = "AbortMultipartUpload";
    const ROUTE: &'static str = "DELETE /{Bucket}/{Key+} 204";
    const WIRE: &'static str = "UploadId@query=uploadId";
    const ABOUT: &'static str = "Ends an upload and forgets its parts.";
    const MEMBERS: &'static str =
        "Bucket Key UploadId RequestPayer ExpectedBucketOwner IfMatchInitiatedTime";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let store = lambda.place.store;
        match store.s3_abort_upload(&self.bucket, &self.key, &self.upload_id)? {
            true => Ok(()),
            false => Err(no_such_upload().into()),
        }
    }
}
