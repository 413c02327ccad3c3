//! `PutObject`: bytes under a key. What was there before is replaced, and kept where the bucket keeps versions.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{meta, missing, names_tag, precondition_failed, quoted};
use crate::{
    operation::{Lambda, Operation, Result, blob::Blob},
    store::s3::digests,
};

/// What PutObject takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutObjectRequest {
    /// The path of the file that is the object. Without it the object is empty.
    body: Option<Blob>,
    /// The bucket.
    bucket: String,
    /// What caches may do with the object; kept.
    cache_control: Option<String>,
    /// How the object is presented; kept.
    content_disposition: Option<String>,
    /// How the object is encoded; kept.
    content_encoding: Option<String>,
    /// The language of the object; kept.
    content_language: Option<String>,
    /// The type of the object; kept.
    content_type: Option<String>,
    /// Puts only over an object with this ETag.
    if_match: Option<String>,
    /// Given as *: puts only where there is no object.
    if_none_match: Option<String>,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// Metadata of your own; kept.
    metadata: Option<IndexMap<String, String>>,
    /// The encryption asked for; kept, and not done.
    server_side_encryption: Option<String>,
    /// The storage class; kept.
    storage_class: Option<String>,
    /// The key of the encryption; kept.
    #[serde(rename = "SSEKMSKeyId")]
    sse_kms_key_id: Option<String>,
    /// Where a website redirects to; kept.
    website_redirect_location: Option<String>,
}

/// What PutObject answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutObjectResponse {
    /// The MD5 of the bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The CRC-64/NVME of the bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
    /// Whether the checksum is of the whole object.
    checksum_type: &'static str,
    /// How the object would be encrypted.
    server_side_encryption: String,
    /// The object's version, in a bucket that keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// The key of the encryption.
    #[serde(rename = "SSEKMSKeyId", skip_serializing_if = "Option::is_none")]
    sse_kms_key_id: Option<String>,
}

impl Operation for PutObjectRequest {
    const NAME: &'static str = "PutObject";
    const ROUTE: &'static str = "PUT /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "Body@payload IfMatch@header=If-Match IfNoneMatch@header=If-None-Match ETag@header=ETag \
        ChecksumCRC64NVME@header=x-amz-checksum-crc64nvme ChecksumType@header=x-amz-checksum-type \
        >VersionId@header=x-amz-version-id CacheControl@header=Cache-Control ContentDisposition@header=Content-Disposition \
        ContentEncoding@header=Content-Encoding ContentLanguage@header=Content-Language \
        ContentType@header=Content-Type Metadata@headers=x-amz-meta- \
        ServerSideEncryption@header=x-amz-server-side-encryption StorageClass@header=x-amz-storage-class \
        SSEKMSKeyId@header=x-amz-server-side-encryption-aws-kms-key-id \
        WebsiteRedirectLocation@header=x-amz-website-redirect-location";
    const ABOUT: &'static str = "Puts an object into a bucket.";
    const MEMBERS: &'static str = "ACL Body Bucket CacheControl ContentDisposition ContentEncoding ContentLanguage \
        ContentLength:int ContentMD5 ContentType ChecksumAlgorithm ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME \
        ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 \
        Expires IfMatch IfNoneMatch GrantFullControl GrantRead GrantReadACP GrantWriteACP Key WriteOffsetBytes:int \
        Metadata ServerSideEncryption StorageClass WebsiteRedirectLocation SSECustomerAlgorithm SSECustomerKey \
        SSECustomerKeyMD5 SSEKMSKeyId SSEKMSEncryptionContext BucketKeyEnabled:bool RequestPayer Tagging ObjectLockMode \
        ObjectLockRetainUntilDate ObjectLockLegalHoldStatus ExpectedBucketOwner";
    type Response = PutObjectResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutObjectResponse> {
        let store = lambda.place.store;
        if self.if_match.is_some() || self.if_none_match.is_some() {
            let tag = match store.s3_object(&self.bucket, &self.key, None)? {
                Ok(object) => Some(object.e_tag()?),
                Err(_) => None,
            };
            let tag = tag.as_deref();
            let wanted = self.if_match.as_deref();
            let unwanted = self.if_none_match.as_deref();
            if wanted.is_some_and(|named| !tag.is_some_and(|tag| names_tag(named, tag)))
                || unwanted.is_some_and(|named| tag.is_some_and(|tag| names_tag(named, tag)))
            {
                return Err(precondition_failed().into());
            }
        }
        let mut meta = meta(
            [
                ("CacheControl", self.cache_control),
                ("ContentDisposition", self.content_disposition),
                ("ContentEncoding", self.content_encoding),
                ("ContentLanguage", self.content_language),
                ("ContentType", self.content_type),
                ("ServerSideEncryption", self.server_side_encryption),
                ("StorageClass", self.storage_class),
                ("SSEKMSKeyId", self.sse_kms_key_id),
                ("WebsiteRedirectLocation", self.website_redirect_location),
            ],
            self.metadata,
        );
        let empty;
        let body = match &self.body {
            Some(Blob(body)) => body,
            None => {
                empty = store.spool(&mut std::io::empty(), "nothing".as_ref())?;
                &empty.handle()
            }
        };
        let (md5, crc64) = digests(&store.spooled(body))?;
        meta.e_tag = Some(md5.clone());
        meta.crc64nvme = Some(crc64.clone());
        let header = |name: &str| meta.headers.get(name).cloned();
        let encryption = header("ServerSideEncryption").unwrap_or_else(|| "AES256".to_owned());
        let sse_kms_key_id = header("SSEKMSKeyId");
        let version_id = store
            .s3_put(&self.bucket, &self.key, body, meta)?
            .map_err(missing)?;
        Ok(PutObjectResponse {
            e_tag: quoted(&md5),
            checksum_crc64nvme: crc64,
            checksum_type: "FULL_OBJECT",
            server_side_encryption: encryption,
            version_id,
            sse_kms_key_id,
        })
    }
}
