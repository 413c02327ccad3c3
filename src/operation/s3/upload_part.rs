//! `UploadPart`: uploads one part of an object.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::{no_such_upload, quoted};
use crate::{
    operation::{Lambda, Operation, Result, blob::Blob},
    state::error::{Code, ServiceError},
    store::s3::digests,
};

/// Request of UploadPart.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UploadPartRequest {
    /// The path of the file with the part's bytes. Without this option, the part is empty.
    body: Option<Blob>,
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// The number of the part, from 1 to 10000.
    part_number: i64,
    /// The id of the upload.
    upload_id: String,
}

/// Response of UploadPart.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UploadPartResponse {
    /// The encryption that S3 would use.
    server_side_encryption: &'static str,
    /// The MD5 of the bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The CRC-64/NVME of the bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
}

/// Checks the number of a part in a request.
pub(super) fn number(given: i64) -> Result<u64> {
    let number = u64::try_from(given).ok();
    let number = number.filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| {
        let text = "Part number must be an integer between 1 and 10000, inclusive";
        ServiceError::new(Code::InvalidArgument, text).into()
    })
}

impl Operation for UploadPartRequest {
    const NAME: &'static str = "UploadPart";
    const ROUTE: &'static str = "PUT /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "Body@payload PartNumber@query=partNumber UploadId@query=uploadId ETag@header=ETag \
        ChecksumCRC64NVME@header=x-amz-checksum-crc64nvme ServerSideEncryption@header=x-amz-server-side-encryption";
    const ABOUT: &'static str = "Writes one part of an upload.";
    const MEMBERS: &'static str = "Body Bucket ContentLength:int ContentMD5 \
        ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 ChecksumCRC32 ChecksumCRC32C \
        ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 \
        ChecksumXXHASH128 Key PartNumber:int UploadId SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 \
        RequestPayer:=requester \
        ExpectedBucketOwner";
    type Response = UploadPartResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<UploadPartResponse> {
        let number = number(self.part_number)?;
        let store = lambda.place.store;
        let empty;
        let body = match &self.body {
            Some(Blob(body)) => body,
            None => {
                empty = store.spool(&mut std::io::empty(), "nothing".as_ref())?;
                &empty.handle()
            }
        };
        let (md5, checksum_crc64nvme) = digests(&store.spooled(body))?;
        if !store.s3_put_part(&self.bucket, &self.key, &self.upload_id, number, body)? {
            return Err(no_such_upload().into());
        }
        Ok(UploadPartResponse {
            server_side_encryption: "AES256",
            e_tag: quoted(&md5),
            checksum_crc64nvme,
        })
    }
}
