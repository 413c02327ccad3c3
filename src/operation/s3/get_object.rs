//! `GetObject`: an object's bytes, and what is known of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    head_object::HeadObjectResponse,
    object::{found, missing},
};
use crate::operation::{Failure, Lambda, Operation, Result, blob::Stored};

/// The model's members, which HeadObject shares.
pub(super) const MEMBERS: &str = "Bucket IfMatch IfModifiedSince IfNoneMatch IfUnmodifiedSince Key Range \
    ResponseCacheControl ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage ResponseContentType \
    ResponseExpires VersionId SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 RequestPayer PartNumber:int \
    ExpectedBucketOwner ChecksumMode";

/// What GetObject takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetObjectRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// A part of the object; not simulated.
    range: Option<String>,
    /// The version; without it the current one.
    version_id: Option<String>,
}

/// What GetObject answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetObjectResponse {
    /// The bytes.
    body: Stored,
    /// What is known of the object.
    #[serde(flatten)]
    head: HeadObjectResponse,
}

/// Whether the bucket keeps versions, so that answers name them.
pub(super) fn versioned(lambda: &Lambda<'_>, bucket: &str) -> Result<bool> {
    let bucket = lambda.place.store.s3_bucket(bucket)?;
    Ok(bucket.is_some_and(|bucket| bucket.versioned))
}

impl Operation for GetObjectRequest {
    const NAME: &'static str = "GetObject";
    const ROUTE: &'static str = "GET /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "Body@payload VersionId@query=versionId >VersionId@header=x-amz-version-id AcceptRanges@header=accept-ranges \
        LastModified@header=Last-Modified ContentLength@header=Content-Length ETag@header=ETag CacheControl@header=Cache-Control ContentDisposition@header=Content-Disposition \
        ContentEncoding@header=Content-Encoding ContentLanguage@header=Content-Language \
        ContentType@header=Content-Type Metadata@headers=x-amz-meta- \
        ServerSideEncryption@header=x-amz-server-side-encryption StorageClass@header=x-amz-storage-class \
        SSEKMSKeyId@header=x-amz-server-side-encryption-aws-kms-key-id \
        WebsiteRedirectLocation@header=x-amz-website-redirect-location";
    const ABOUT: &'static str = "Writes an object to a file, and answers what is known of it.";
    const MEMBERS: &'static str = MEMBERS;
    type Response = GetObjectResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetObjectResponse> {
        if self.range.is_some() {
            return Err(Failure::NotSimulated(
                "a range of an object in get-object".to_owned(),
            ));
        }
        let version = self.version_id.as_deref();
        let object = found(lambda, &self.bucket, &self.key, version)?.map_err(missing)?;
        Ok(GetObjectResponse {
            head: HeadObjectResponse::of(&object, versioned(lambda, &self.bucket)?)?,
            body: Stored::new(object.path),
        })
    }
}
