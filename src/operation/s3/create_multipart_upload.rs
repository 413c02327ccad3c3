//! `CreateMultipartUpload`: starts an upload of an object in parts.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{meta, missing};
use crate::operation::{Lambda, Operation, Result};

/// Request of CreateMultipartUpload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateMultipartUploadRequest {
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

/// Response of CreateMultipartUpload.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateMultipartUploadResponse {
    /// The encryption that S3 would use.
    server_side_encryption: String,
    /// The bucket.
    bucket: String,
    /// The key.
    key: String,
    /// The id of the upload. Later calls use it.
    upload_id: String,
}

impl Operation for CreateMultipartUploadRequest {
    const NAME: &'static str = "CreateMultipartUpload";
    const ROUTE: &'static str = "POST /{Bucket}/{Key+}?uploads 200";
    const WIRE: &'static str = "@root=InitiateMultipartUploadResult >Bucket@body >Key@body \
        CacheControl@header=Cache-Control ContentDisposition@header=Content-Disposition \
        ContentEncoding@header=Content-Encoding ContentLanguage@header=Content-Language \
        ContentType@header=Content-Type Metadata@headers=x-amz-meta- \
        ServerSideEncryption@header=x-amz-server-side-encryption StorageClass@header=x-amz-storage-class \
        SSEKMSKeyId@header=x-amz-server-side-encryption-aws-kms-key-id \
        WebsiteRedirectLocation@header=x-amz-website-redirect-location";
    const ABOUT: &'static str = "Starts an upload in parts.";
    const MEMBERS: &'static str = "\
        ACL:=private|public-read|public-read-write|authenticated-read|aws-exec-read|bucket-owner-read|bucket-owner-full-control \
        Bucket CacheControl ContentDisposition ContentEncoding ContentLanguage ContentType Expires:time GrantFullControl \
        GrantRead GrantReadACP GrantWriteACP Key Metadata:map ServerSideEncryption:=AES256|aws:fsx|aws:kms|aws:kms:dsse \
        StorageClass:=STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|DEEP_ARCHIVE|OUTPOSTS|GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS|FSX_ONTAP \
        WebsiteRedirectLocation SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 SSEKMSKeyId \
        SSEKMSEncryptionContext BucketKeyEnabled:bool RequestPayer:=requester Tagging \
        ObjectLockMode:=GOVERNANCE|COMPLIANCE ObjectLockRetainUntilDate:time ObjectLockLegalHoldStatus:=ON|OFF \
        ExpectedBucketOwner ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 \
        ChecksumType:=COMPOSITE|FULL_OBJECT";
    type Response = CreateMultipartUploadResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreateMultipartUploadResponse> {
        let meta = meta(
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
        let encryption = meta.headers.get("ServerSideEncryption").cloned();
        let store = lambda.place.store;
        let upload_id = store.s3_begin_upload(&self.bucket, &self.key, meta)?;
        Ok(CreateMultipartUploadResponse {
            upload_id: upload_id.map_err(missing)?,
            server_side_encryption: encryption.unwrap_or_else(|| "AES256".to_owned()),
            bucket: self.bucket,
            key: self.key,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const MIB: usize = 1 << 20;

    fn begun() -> (Sandbox, String) {
        let lambda = Sandbox::new();
        lambda.call("CreateBucket", json!({ "Bucket": "code" }));
        let request =
            json!({ "Bucket": "code", "Key": "a/b.zip", "ContentType": "application/zip" });
        let begun = lambda.call("CreateMultipartUpload", request);
        let id = begun["UploadId"].as_str().expect("an id").to_owned();
        (lambda, id)
    }

    fn put(lambda: &Sandbox, id: &str, number: u64, bytes: &[u8]) -> Value {
        let spool = lambda.spool(bytes);
        let body = serde_json::to_value(spool.handle()).expect("a handle becomes JSON");
        let part = json!({ "Bucket": "code", "Key": "a/b.zip", "UploadId": id, "PartNumber": number, "Body": body });
        lambda.call("UploadPart", part)["ETag"].clone()
    }

    fn finish(id: &str, parts: Value) -> Value {
        json!({ "Bucket": "code", "Key": "a/b.zip", "UploadId": id, "MultipartUpload": { "Parts": parts } })
    }

    #[test]
    fn an_object_is_there_once_its_upload_is_complete() {
        let (lambda, id) = begun();
        let first = put(&lambda, &id, 1, &vec![b'a'; 5 * MIB]);
        put(&lambda, &id, 2, b"replaced");
        let second = put(&lambda, &id, 2, b"the end");
        assert_eq!(
            second,
            "\"e8a8d8d8\"".replace("e8a8d8d8", &md5_hex(b"the end"))
        );
        let head = json!({ "Bucket": "code", "Key": "a/b.zip" });
        assert_eq!(lambda.error("HeadObject", head.clone()), "(404): Not Found");
        let parts =
            json!([{ "PartNumber": 1, "ETag": first }, { "PartNumber": 2, "ETag": second }]);
        let whole = lambda.call("CompleteMultipartUpload", finish(&id, parts.clone()));
        assert!(whole["ETag"].as_str().expect("a tag").ends_with("-2\""));
        let head = lambda.call("HeadObject", head);
        assert_eq!(head["ContentLength"], 5 * MIB + 7);
        assert_eq!(
            (&head["ETag"], &head["ContentType"]),
            (&whole["ETag"], &json!("application/zip"))
        );
        assert!(
            lambda
                .error("CompleteMultipartUpload", finish(&id, parts))
                .starts_with("(NoSuchUpload)")
        );
        assert!(lambda.files().keys().all(|name| !name.contains(".uploads")));
    }

    fn md5_hex(bytes: &[u8]) -> String {
        use md5::{Digest as _, Md5};
        crate::state::function::hex(&Md5::digest(bytes))
    }

    #[test]
    fn parts_that_do_not_make_an_object_are_refused_and_stay() {
        let (lambda, id) = begun();
        let small = put(&lambda, &id, 1, b"small");
        let last = put(&lambda, &id, 2, b"last");
        for (parts, code) in [
            (
                json!([{ "PartNumber": 1, "ETag": small }, { "PartNumber": 2, "ETag": last }]),
                "(EntityTooSmall)",
            ),
            (
                json!([{ "PartNumber": 2, "ETag": last }, { "PartNumber": 1, "ETag": small }]),
                "(InvalidPartOrder)",
            ),
            (json!([{ "PartNumber": 1, "ETag": last }]), "(InvalidPart)"),
            (json!([{ "PartNumber": 7, "ETag": last }]), "(InvalidPart)"),
            (json!([]), "(MalformedXML)"),
        ] {
            let told = lambda.error("CompleteMultipartUpload", finish(&id, parts));
            assert!(told.starts_with(code), "{told}");
        }
        for bad in ["", "../../x", "00000000-0000-0000-0000-000000000000"] {
            let told = lambda.error(
                "CompleteMultipartUpload",
                finish(bad, json!([{ "PartNumber": 1, "ETag": small }])),
            );
            assert!(told.starts_with("(NoSuchUpload)"), "{told}");
        }
        lambda.call(
            "CompleteMultipartUpload",
            finish(&id, json!([{ "PartNumber": 1, "ETag": small }])),
        );
    }

    #[test]
    fn what_is_aborted_is_gone() {
        let (lambda, id) = begun();
        put(&lambda, &id, 1, b"x");
        let upload = json!({ "Bucket": "code", "Key": "a/b.zip", "UploadId": id });
        lambda.call("AbortMultipartUpload", upload.clone());
        assert!(
            lambda
                .error("AbortMultipartUpload", upload)
                .starts_with("(NoSuchUpload)")
        );
        assert!(lambda.files().keys().all(|name| !name.contains(".uploads")));
    }

    #[test]
    fn an_upload_of_another_key_or_into_no_bucket_is_none() {
        let (lambda, id) = begun();
        let other = json!({ "Bucket": "code", "Key": "other", "UploadId": id });
        assert!(
            lambda
                .error("AbortMultipartUpload", other)
                .starts_with("(NoSuchUpload)")
        );
        let none = json!({ "Bucket": "none", "Key": "k" });
        assert!(
            lambda
                .error("CreateMultipartUpload", none)
                .starts_with("(NoSuchBucket)")
        );
    }
}
