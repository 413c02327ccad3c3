//! `CompleteMultipartUpload`: makes an object from its parts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{malformed, missing, no_such_upload, quoted};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
    store::s3::{Missing, Unfinished},
};

/// Request of CompleteMultipartUpload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CompleteMultipartUploadRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The parts.
    multipart_upload: Option<CompletedMultipartUpload>,
    /// The id of the upload.
    upload_id: String,
}

/// The parts of an object.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CompletedMultipartUpload {
    /// The parts, each with its number and its ETag, in the order of their numbers.
    parts: Option<Vec<CompletedPart>>,
}

/// A part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CompletedPart {
    /// The ETag that UploadPart returned.
    #[serde(rename = "ETag")]
    e_tag: Option<String>,
    /// The part's number.
    part_number: Option<i64>,
}

/// Response of CompleteMultipartUpload.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CompleteMultipartUploadResponse {
    /// The encryption that S3 would use.
    server_side_encryption: &'static str,
    /// The URL of the object.
    location: String,
    /// The bucket.
    bucket: String,
    /// The key.
    key: String,
    /// The MD5 of the parts' MD5s, a hyphen and the number of parts, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The CRC-64/NVME of the bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
    /// FULL_OBJECT: the checksum covers the whole object.
    checksum_type: &'static str,
    /// The version of the object, in a bucket with versioning.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl Operation for CompleteMultipartUploadRequest {
    const NAME: &'static str = "CompleteMultipartUpload";
    const ROUTE: &'static str = "POST /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "UploadId@query=uploadId MultipartUpload@payload Parts@name=Part \
        @root=CompleteMultipartUploadResult >Bucket@body >Key@body VersionId@header=x-amz-version-id \
        ServerSideEncryption@header=x-amz-server-side-encryption";
    const ABOUT: &'static str = "Makes an object from the parts of an upload.";
    const MEMBERS: &'static str = "Bucket Key MultipartUpload UploadId ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME \
        ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 \
        ChecksumType:=COMPOSITE|FULL_OBJECT MpuObjectSize:int RequestPayer:=requester ExpectedBucketOwner IfMatch IfNoneMatch SSECustomerAlgorithm \
        SSECustomerKey SSECustomerKeyMD5";
    type Response = CompleteMultipartUploadResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CompleteMultipartUploadResponse> {
        let refused = |code, text: &str| ServiceError::new(code, text);
        let parts = self.multipart_upload.and_then(|upload| upload.parts);
        let parts = parts.unwrap_or_default().into_iter().map(|part| {
            let number = part.part_number.and_then(|number| number.try_into().ok());
            Some((number?, part.e_tag?))
        });
        let parts: Option<Vec<(u64, String)>> = parts.collect();
        let Some(parts) = parts.filter(|parts| !parts.is_empty()) else {
            return Err(malformed().into());
        };
        if !parts.is_sorted_by(|(one, _), (next, _)| one < next) {
            let text = "The list of parts was not in ascending order. The parts list must be specified in order by part \
                number.";
            return Err(refused(Code::InvalidPartOrder, text).into());
        }
        let place = lambda.place;
        let whole =
            place
                .store
                .s3_finish_upload(&self.bucket, &self.key, &self.upload_id, &parts)?;
        let whole = whole.map_err(|why| match why {
            Unfinished::Upload => no_such_upload().into(),
            Unfinished::Bucket => missing(Missing::Bucket),
            Unfinished::Part => refused(
                Code::InvalidPart,
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the \
                 specified entity tag may not match the part's entity tag.",
            )
            .into(),
            Unfinished::Small => refused(
                Code::EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .into(),
        })?;
        Ok(CompleteMultipartUploadResponse {
            server_side_encryption: "AES256",
            location: format!(
                "https://{}.s3.{}.amazonaws.com/{}",
                self.bucket, place.scope.region, self.key
            ),
            e_tag: quoted(&whole.e_tag),
            checksum_crc64nvme: whole.crc64nvme,
            checksum_type: "FULL_OBJECT",
            version_id: whole.version_id,
            bucket: self.bucket,
            key: self.key,
        })
    }
}
