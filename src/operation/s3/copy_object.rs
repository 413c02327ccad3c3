//! `CopyObject`: copies an object's bytes to another key. The copy gets the metadata of the source, or other metadata.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{found, meta, missing, quoted};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
    store::{
        clock::iso8601,
        s3::{Meta, digests},
    },
};

/// Request of CopyObject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CopyObjectRequest {
    /// The bucket that gets the copy.
    bucket: String,
    /// The Cache-Control header of the copy. REPLACE only.
    cache_control: Option<String>,
    /// The Content-Disposition header of the copy. REPLACE only.
    content_disposition: Option<String>,
    /// The Content-Encoding header of the copy. REPLACE only.
    content_encoding: Option<String>,
    /// The Content-Language header of the copy. REPLACE only.
    content_language: Option<String>,
    /// The Content-Type header of the copy. REPLACE only.
    content_type: Option<String>,
    /// The object to copy: BUCKET/KEY, percent-encoded. Add ?versionId=ID for an older version.
    copy_source: String,
    /// The key of the copy.
    #[schemars(length(min = 1))]
    key: String,
    /// User-defined metadata of the copy. REPLACE only.
    metadata: Option<IndexMap<String, String>>,
    /// COPY (the default): the copy has the metadata of the source. REPLACE: the copy has the metadata of this request.
    metadata_directive: Option<String>,
    /// The requested encryption. It is stored, but nothing is encrypted.
    server_side_encryption: Option<String>,
    /// The storage class, stored with the object.
    storage_class: Option<String>,
}

/// Response of CopyObject.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CopyObjectResponse {
    /// The copy.
    copy_object_result: CopyObjectResult,
    /// The version of the source that was copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_source_version_id: Option<String>,
    /// The version id of the copy, in a bucket with versioning.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// The encryption that S3 would use.
    server_side_encryption: String,
}

/// A copy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CopyObjectResult {
    /// The MD5 of the bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The time of the copy.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// FULL_OBJECT: the checksum covers the whole object.
    checksum_type: &'static str,
    /// The CRC-64/NVME of the bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
}

fn invalid(message: &str) -> ServiceError {
    ServiceError::new(Code::InvalidArgument, message)
}

/// Parses `bucket/key?versionId=id`, percent-encoded. A slash at the beginning is allowed.
pub(super) fn source(text: &str) -> Option<(String, String, Option<String>)> {
    let (path, version) = match text.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (text, None),
    };
    let path = decoded(path.strip_prefix('/').unwrap_or(path))?;
    let (bucket, key) = path.split_once('/')?;
    let whole = !bucket.is_empty() && !key.is_empty();
    whole.then(|| (bucket.to_owned(), key.to_owned(), version))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

impl Operation for CopyObjectRequest {
    const NAME: &'static str = "CopyObject";
    const ROUTE: &'static str = "PUT /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "CopySource@header=x-amz-copy-source MetadataDirective@header=x-amz-metadata-directive \
        CopyObjectResult@payload CopySourceVersionId@header=x-amz-copy-source-version-id \
        VersionId@header=x-amz-version-id CacheControl@header=Cache-Control ContentDisposition@header=Content-Disposition \
        ContentEncoding@header=Content-Encoding ContentLanguage@header=Content-Language \
        ContentType@header=Content-Type Metadata@headers=x-amz-meta- \
        ServerSideEncryption@header=x-amz-server-side-encryption StorageClass@header=x-amz-storage-class";
    const ABOUT: &'static str = "Copies an object.";
    const MEMBERS: &'static str = "\
        ACL:=private|public-read|public-read-write|authenticated-read|aws-exec-read|bucket-owner-read|bucket-owner-full-control \
        Bucket CacheControl \
        ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 \
        ContentDisposition ContentEncoding ContentLanguage ContentType CopySource CopySourceIfMatch \
        CopySourceIfModifiedSince:time CopySourceIfNoneMatch CopySourceIfUnmodifiedSince:time Expires:time \
        GrantFullControl GrantRead GrantReadACP GrantWriteACP IfMatch IfNoneMatch Key Metadata \
        MetadataDirective:=COPY|REPLACE TaggingDirective:=COPY|REPLACE \
        ServerSideEncryption:=AES256|aws:fsx|aws:kms|aws:kms:dsse \
        StorageClass:=STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|DEEP_ARCHIVE|OUTPOSTS|GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS|FSX_ONTAP \
        WebsiteRedirectLocation SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMSKeyId \
        SSEKMSEncryptionContext BucketKeyEnabled:bool CopySourceSSECustomerAlgorithm \
        CopySourceSSECustomerKey CopySourceSSECustomerKeyMD5 RequestPayer:=requester Tagging \
        ObjectLockMode:=GOVERNANCE|COMPLIANCE ObjectLockRetainUntilDate:time \
        ObjectLockLegalHoldStatus:=ON|OFF ExpectedBucketOwner ExpectedSourceBucketOwner";
    type Response = CopyObjectResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CopyObjectResponse> {
        let store = lambda.place.store;
        let (bucket, key, version) = source(&self.copy_source).ok_or_else(|| {
            invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        })?;
        let object = found(lambda, &bucket, &key, version.as_deref())?.map_err(missing)?;
        let replaces = match self.metadata_directive.as_deref() {
            None | Some("COPY") => false,
            Some("REPLACE") => true,
            Some(_) => return Err(invalid("Unknown metadata directive.").into()),
        };
        let itself = (&bucket, &key, None) == (&self.bucket, &self.key, version.as_ref());
        if itself
            && !replaces
            && self.storage_class.is_none()
            && self.server_side_encryption.is_none()
        {
            return Err(ServiceError::new(
                Code::InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            )
            .into());
        }
        let mut kept = if replaces {
            meta(
                [
                    ("CacheControl", self.cache_control),
                    ("ContentDisposition", self.content_disposition),
                    ("ContentEncoding", self.content_encoding),
                    ("ContentLanguage", self.content_language),
                    ("ContentType", self.content_type),
                ],
                self.metadata,
            )
        } else {
            let mut headers = object.meta.headers.clone();
            headers.retain(|name, _| {
                !matches!(
                    name.as_str(),
                    "StorageClass" | "ServerSideEncryption" | "SSEKMSKeyId"
                )
            });
            Meta {
                headers,
                metadata: object.meta.metadata.clone(),
                ..Meta::default()
            }
        };
        let encryption = self
            .server_side_encryption
            .unwrap_or_else(|| "AES256".to_owned());
        let own = meta(
            [
                ("ServerSideEncryption", Some(encryption.clone())),
                ("StorageClass", self.storage_class),
            ],
            None,
        );
        kept.headers.extend(own.headers);
        let spool = store.s3_spool(&object, 0, u64::MAX)?;
        let (md5, crc64) = digests(spool.path())?;
        kept.e_tag = Some(md5.clone());
        kept.crc64nvme = Some(crc64.clone());
        let version_id = store
            .s3_put(&self.bucket, &self.key, &spool.handle(), kept)?
            .map_err(missing)?;
        let copy = found(lambda, &self.bucket, &self.key, None)?.map_err(missing)?;
        Ok(CopyObjectResponse {
            copy_object_result: CopyObjectResult {
                e_tag: quoted(&md5),
                last_modified: iso8601(copy.last_modified),
                checksum_type: "FULL_OBJECT",
                checksum_crc64nvme: crc64,
            },
            copy_source_version_id: object.meta.version_id,
            version_id,
            server_side_encryption: encryption,
        })
    }
}
