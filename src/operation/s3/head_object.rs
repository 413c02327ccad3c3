//! `HeadObject`: returns the metadata of an object, without its bytes.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{found, not_found, quoted};
use crate::{
    operation::{Lambda, Operation, Result},
    store::{
        Failure,
        clock::iso8601,
        s3::{NULL, Object},
    },
};

/// Request of HeadObject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct HeadObjectRequest {
    /// The bucket.
    bucket: String,
    /// ENABLED: return the checksum.
    checksum_mode: Option<String>,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The version. The default is the current one.
    version_id: Option<String>,
}

/// The metadata of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct HeadObjectResponse {
    /// The unit in which a range of the object can be requested.
    accept_ranges: &'static str,
    /// The time at which the object was put.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The object's size in bytes.
    content_length: u64,
    /// The MD5 of the bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The CRC-64/NVME of the bytes, if the request asked for it.
    #[serde(rename = "ChecksumCRC64NVME", skip_serializing_if = "Option::is_none")]
    checksum_crc64nvme: Option<String>,
    /// FULL_OBJECT: the checksum covers the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    /// The object's version id, in a bucket with versioning.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// The Cache-Control header.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<String>,
    /// The Content-Disposition header.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_disposition: Option<String>,
    /// The Content-Encoding header.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<String>,
    /// The Content-Language header.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_language: Option<String>,
    /// The Content-Type header.
    content_type: String,
    /// The redirect target, for a website.
    #[serde(skip_serializing_if = "Option::is_none")]
    website_redirect_location: Option<String>,
    /// The encryption that S3 would use.
    server_side_encryption: String,
    /// User-defined metadata.
    metadata: IndexMap<String, String>,
    /// The key ID of the encryption.
    #[serde(rename = "SSEKMSKeyId", skip_serializing_if = "Option::is_none")]
    sse_kms_key_id: Option<String>,
    /// The storage class, if it is not STANDARD.
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<String>,
}

impl HeadObjectResponse {
    /// Reads the metadata of an object. With `checksum`, it includes the checksum.
    ///
    /// # Errors
    /// The object's bytes cannot be read.
    pub(super) fn of(object: &Object, versioned: bool, checksum: bool) -> Result<Self> {
        let meta = &object.meta;
        let crc64nvme = meta.crc64nvme.clone().filter(|_| checksum);
        let header = |name: &str| meta.headers.get(name).cloned();
        Ok(Self {
            accept_ranges: "bytes",
            last_modified: iso8601(object.last_modified),
            content_length: object.size,
            e_tag: quoted(&object.e_tag()?),
            checksum_type: crc64nvme.is_some().then_some("FULL_OBJECT"),
            checksum_crc64nvme: crc64nvme,
            version_id: versioned
                .then(|| meta.version_id.clone().unwrap_or_else(|| NULL.to_owned())),
            cache_control: header("CacheControl"),
            content_disposition: header("ContentDisposition"),
            content_encoding: header("ContentEncoding"),
            content_language: header("ContentLanguage"),
            content_type: header("ContentType").unwrap_or_else(|| "binary/octet-stream".to_owned()),
            website_redirect_location: header("WebsiteRedirectLocation"),
            server_side_encryption: header("ServerSideEncryption")
                .unwrap_or_else(|| "AES256".to_owned()),
            metadata: meta.metadata.clone(),
            sse_kms_key_id: header("SSEKMSKeyId"),
            storage_class: header("StorageClass").filter(|class| class != "STANDARD"),
        })
    }
}

impl Operation for HeadObjectRequest {
    const NAME: &'static str = "HeadObject";
    const ROUTE: &'static str = "HEAD /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "VersionId@query=versionId >VersionId@header=x-amz-version-id AcceptRanges@header=accept-ranges \
        LastModified@header=Last-Modified ContentLength@header=Content-Length ETag@header=ETag CacheControl@header=Cache-Control ContentDisposition@header=Content-Disposition \
        ContentEncoding@header=Content-Encoding ContentLanguage@header=Content-Language \
        ContentType@header=Content-Type Metadata@headers=x-amz-meta- \
        ServerSideEncryption@header=x-amz-server-side-encryption StorageClass@header=x-amz-storage-class \
        SSEKMSKeyId@header=x-amz-server-side-encryption-aws-kms-key-id \
        WebsiteRedirectLocation@header=x-amz-website-redirect-location";
    const ABOUT: &'static str = "Returns the metadata of an object, without its bytes.";
    const MEMBERS: &'static str = super::get_object::MEMBERS;
    type Response = HeadObjectResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<HeadObjectResponse> {
        let version = self.version_id.as_deref();
        // An answer to HEAD has no body, so its error is the same for a missing bucket and a missing object.
        let object = found(lambda, &self.bucket, &self.key, version)?
            .map_err(|_| Failure::from(not_found()))?;
        let versioned = super::get_object::versioned(lambda, &self.bucket)?;
        HeadObjectResponse::of(&object, versioned, self.checksum_mode.is_some())
    }
}
