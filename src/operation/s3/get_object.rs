//! `GetObject`: writes an object's bytes to a file and returns its metadata.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    head_object::HeadObjectResponse,
    object::{found, missing},
};
use crate::operation::{Failure, Lambda, Operation, Result, blob::Stored};

/// The members that the model has for GetObject and HeadObject.
pub(super) const MEMBERS: &str = "Bucket IfMatch IfModifiedSince:time IfNoneMatch IfUnmodifiedSince:time Key Range \
        ResponseCacheControl ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage \
        ResponseContentType ResponseExpires:time VersionId SSECustomerAlgorithm SSECustomerKey \
        SSECustomerKeyMD5 RequestPayer:=requester PartNumber:int ExpectedBucketOwner ChecksumMode:=ENABLED";

/// Request of GetObject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetObjectRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// A range of the object's bytes. Not simulated.
    range: Option<String>,
    /// The version. The default is the current one.
    version_id: Option<String>,
}

/// Response of GetObject.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetObjectResponse {
    /// The bytes.
    body: Stored,
    /// The metadata of the object.
    #[serde(flatten)]
    head: HeadObjectResponse,
}

/// Returns true if the bucket has versioning. Then answers show version ids.
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
    const ABOUT: &'static str = "Writes an object to a file and returns its metadata.";
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
            // The command line itself requests the checksum and compares it (seen in aws-cli 2.36.7).
            head: HeadObjectResponse::of(&object, versioned(lambda, &self.bucket)?, true)?,
            body: Stored::new(object.path),
        })
    }
}
