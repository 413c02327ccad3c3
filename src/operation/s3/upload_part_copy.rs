//! `UploadPartCopy`: copies an object, or a range of its bytes, to a part of an upload.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    copy_object::source,
    listing::invalid,
    object::{found, missing, no_such_upload, quoted},
    upload_part::number,
};
use crate::{
    operation::{Lambda, Operation, Result},
    store::{clock::iso8601, s3::digests},
};

/// Request of UploadPartCopy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UploadPartCopyRequest {
    /// The bucket.
    bucket: String,
    /// The object to copy: BUCKET/KEY, percent-encoded. Add ?versionId=ID for an older version.
    copy_source: String,
    /// The range of bytes to copy: bytes=FIRST-LAST. The default is all bytes.
    copy_source_range: Option<String>,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The number of the part, from 1 to 10000.
    part_number: i64,
    /// The id of the upload.
    upload_id: String,
}

/// Response of UploadPartCopy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UploadPartCopyResponse {
    /// The version of the source that was copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_source_version_id: Option<String>,
    /// The part.
    copy_part_result: CopyPartResult,
    /// The encryption that S3 would use.
    server_side_encryption: &'static str,
}

/// A part.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CopyPartResult {
    /// The MD5 of the part's bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The time of the copy.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The CRC-64/NVME of the part's bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
}

/// Parses a range. Returns its first byte and its number of bytes.
fn range(text: &str, size: u64) -> Result<(u64, u64)> {
    let malformed = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
        zero-based offsets of the first and last bytes to copy";
    let bounds = text
        .strip_prefix("bytes=")
        .and_then(|text| text.split_once('-'));
    let bounds = bounds
        .and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    let (first, last) = bounds
        .filter(|(first, last)| first <= last)
        .ok_or_else(|| invalid(malformed))?;
    if last >= size {
        let text = format!("Range specified is not valid for source object of size: {size}");
        return Err(invalid(&text).into());
    }
    Ok((first, last - first + 1))
}

impl Operation for UploadPartCopyRequest {
    const NAME: &'static str = "UploadPartCopy";
    const ROUTE: &'static str = "PUT /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "CopySource@header=x-amz-copy-source CopySourceRange@header=x-amz-copy-source-range \
        PartNumber@query=partNumber UploadId@query=uploadId CopyPartResult@payload \
        CopySourceVersionId@header=x-amz-copy-source-version-id \
        ServerSideEncryption@header=x-amz-server-side-encryption";
    const ABOUT: &'static str = "Copies an object, or a range of one, to a part of an upload.";
    const MEMBERS: &'static str = "Bucket CopySource CopySourceIfMatch CopySourceIfModifiedSince:time CopySourceIfNoneMatch \
        CopySourceIfUnmodifiedSince:time CopySourceRange Key PartNumber:int UploadId SSECustomerAlgorithm \
        SSECustomerKey SSECustomerKeyMD5 CopySourceSSECustomerAlgorithm CopySourceSSECustomerKey \
        CopySourceSSECustomerKeyMD5 RequestPayer:=requester ExpectedBucketOwner ExpectedSourceBucketOwner";
    type Response = UploadPartCopyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<UploadPartCopyResponse> {
        let number = number(self.part_number)?;
        let (bucket, key, version) = source(&self.copy_source).ok_or_else(|| {
            invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        })?;
        let object = found(lambda, &bucket, &key, version.as_deref())?.map_err(missing)?;
        let (first, many) = match self.copy_source_range.as_deref() {
            None | Some("") => (0, object.size),
            Some(text) => range(text, object.size)?,
        };
        let store = lambda.place.store;
        let spool = store.s3_spool(&object, first, many)?;
        let (md5, checksum_crc64nvme) = digests(spool.path())?;
        let (bucket, key, id) = (&self.bucket, &self.key, &self.upload_id);
        if !store.s3_put_part(bucket, key, id, number, &spool.handle())? {
            return Err(no_such_upload().into());
        }
        let parts = store.s3_parts(bucket, key, id)?.map(|(_, parts)| parts);
        let part = parts
            .into_iter()
            .flatten()
            .find(|part| part.number == number);
        Ok(UploadPartCopyResponse {
            copy_source_version_id: object.meta.version_id,
            copy_part_result: CopyPartResult {
                e_tag: quoted(&md5),
                last_modified: iso8601(part.map(|part| part.last_modified).unwrap_or_default()),
                checksum_crc64nvme,
            },
            server_side_encryption: "AES256",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn parts_come_from_objects_and_are_listed() {
        let s3 = Sandbox::new();
        s3.put_object("code", "whole", b"0123456789");
        let begun = s3.call(
            "CreateMultipartUpload",
            json!({ "Bucket": "code", "Key": "a" }),
        );
        let id = begun["UploadId"].clone();
        let copy = |number: u64, range: Value| {
            json!({ "Bucket": "code", "Key": "a", "UploadId": id, "PartNumber": number,
                "CopySource": "code/whole", "CopySourceRange": range })
        };
        let part = s3.call("UploadPartCopy", copy(2, json!("bytes=2-4")));
        s3.call("UploadPartCopy", copy(7, json!("")));
        let upload = json!({ "Bucket": "code", "Key": "a", "UploadId": id });
        let parts = s3.call("ListParts", upload.clone());
        assert_eq!(
            (
                &parts["Parts"][0]["PartNumber"],
                &parts["Parts"][0]["Size"],
                &parts["Parts"][0]["ETag"]
            ),
            (&json!(2), &json!(3), &part["CopyPartResult"]["ETag"])
        );
        assert_eq!(parts["Parts"][1]["Size"], 10);
        let mut first = upload.clone();
        first["MaxParts"] = 1.into();
        let page = s3.call("ListParts", first.clone());
        assert_eq!(
            (&page["IsTruncated"], &page["NextPartNumberMarker"]),
            (&json!(true), &json!(2))
        );
        first["PartNumberMarker"] = 2.into();
        assert_eq!(s3.call("ListParts", first)["Parts"][0]["PartNumber"], 7);
        let uploads = s3.call("ListMultipartUploads", json!({ "Bucket": "code" }));
        assert_eq!(
            (
                &uploads["Uploads"][0]["Key"],
                &uploads["Uploads"][0]["UploadId"]
            ),
            (&json!("a"), &id)
        );
        assert_eq!(
            uploads["Uploads"][0]["Initiated"],
            "2026-11-22T12:00:00+00:00"
        );
        for (range, told) in [
            (
                "bytes=5-10",
                "(InvalidArgument): Range specified is not valid for source object of size: 10",
            ),
            (
                "bytes=5",
                "(InvalidArgument): The x-amz-copy-source-range value must be of the form",
            ),
        ] {
            let error = s3.error("UploadPartCopy", copy(1, json!(range)));
            assert!(error.starts_with(told), "{error}");
        }
        s3.call("AbortMultipartUpload", upload.clone());
        assert!(s3.error("ListParts", upload).starts_with("(NoSuchUpload)"));
        let none = s3.call("ListMultipartUploads", json!({ "Bucket": "code" }));
        assert_eq!(none.get("Uploads"), None);
    }
}
