//! `PutObject`: stores bytes for a key. It replaces an existing object. A bucket with versioning keeps the old object
//! as a version.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{meta, missing, names_tag, precondition_failed, quoted};
use crate::{
    operation::{Lambda, Operation, Result, blob::Blob},
    store::s3::digests,
};

/// Request of PutObject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutObjectRequest {
    /// The path of the file with the object's bytes. Without this option, the object is empty.
    body: Option<Blob>,
    /// The bucket.
    bucket: String,
    /// The Cache-Control header, stored with the object.
    cache_control: Option<String>,
    /// The Content-Disposition header, stored with the object.
    content_disposition: Option<String>,
    /// The Content-Encoding header, stored with the object.
    content_encoding: Option<String>,
    /// The Content-Language header, stored with the object.
    content_language: Option<String>,
    /// The Content-Type header, stored with the object.
    content_type: Option<String>,
    /// Only write the object if the existing object has this ETag.
    if_match: Option<String>,
    /// Use * to write the object only if the key has no object yet.
    if_none_match: Option<String>,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// User-defined metadata, stored with the object.
    metadata: Option<IndexMap<String, String>>,
    /// The requested encryption. It is stored, but nothing is encrypted.
    server_side_encryption: Option<String>,
    /// The storage class, stored with the object.
    storage_class: Option<String>,
    /// The key ID of the encryption, stored with the object.
    #[serde(rename = "SSEKMSKeyId")]
    sse_kms_key_id: Option<String>,
    /// The redirect target of a website, stored with the object.
    website_redirect_location: Option<String>,
}

/// Response of PutObject.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutObjectResponse {
    /// The MD5 of the bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The CRC-64/NVME of the bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
    /// FULL_OBJECT: the checksum covers the whole object.
    checksum_type: &'static str,
    /// The encryption that S3 would use.
    server_side_encryption: String,
    /// The version id of the object, in a bucket with versioning.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    /// The key ID of the encryption.
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
    const ABOUT: &'static str = "Writes an object to a bucket.";
    const MEMBERS: &'static str = "\
        ACL:=private|public-read|public-read-write|authenticated-read|aws-exec-read|bucket-owner-read|bucket-owner-full-control \
        Body Bucket CacheControl ContentDisposition ContentEncoding ContentLanguage ContentLength:int \
        ContentMD5 ContentType \
        ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 \
        ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 \
        ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 Expires:time IfMatch IfNoneMatch \
        GrantFullControl GrantRead GrantReadACP GrantWriteACP Key WriteOffsetBytes:int Metadata \
        ServerSideEncryption:=AES256|aws:fsx|aws:kms|aws:kms:dsse \
        StorageClass:=STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|DEEP_ARCHIVE|OUTPOSTS|GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS|FSX_ONTAP \
        WebsiteRedirectLocation SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMSKeyId \
        SSEKMSEncryptionContext BucketKeyEnabled:bool RequestPayer:=requester Tagging \
        ObjectLockMode:=GOVERNANCE|COMPLIANCE ObjectLockRetainUntilDate:time \
        ObjectLockLegalHoldStatus:=ON|OFF ExpectedBucketOwner";
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
