//! `ListParts`: returns the parts of an upload that were uploaded so far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    listing::{Owner, most},
    object::{no_such_upload, quoted},
};
use crate::{
    operation::{Lambda, Operation, Result},
    store::clock::iso8601,
};

/// Request of ListParts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPartsRequest {
    /// The bucket.
    bucket: String,
    /// The key.
    #[schemars(length(min = 1))]
    key: String,
    /// Maximum number of parts to return.
    max_parts: Option<i64>,
    /// Only return parts whose number is larger than this one.
    part_number_marker: Option<i64>,
    /// The id of the upload.
    upload_id: String,
}

/// Response of ListParts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPartsResponse {
    /// The bucket.
    bucket: String,
    /// The key.
    key: String,
    /// The id of the upload.
    upload_id: String,
    /// The part number after which this page begins.
    part_number_marker: i64,
    /// The part number after which the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_part_number_marker: Option<u64>,
    /// Maximum number of parts in this answer.
    max_parts: u64,
    /// True if there are more parts.
    is_truncated: bool,
    /// The parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
    /// The identity that started the upload.
    initiator: Owner,
    /// The owner of the object that the upload will make.
    owner: Owner,
    /// The object's storage class.
    storage_class: String,
}

/// A part.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Part {
    /// The part's number.
    part_number: u64,
    /// The time at which the part was uploaded.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The MD5 of the part's bytes, in quotes.
    #[serde(rename = "ETag")]
    e_tag: String,
    /// The part's size in bytes.
    size: u64,
    /// The CRC-64/NVME of the part's bytes.
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: String,
}

impl Operation for ListPartsRequest {
    const NAME: &'static str = "ListParts";
    const ROUTE: &'static str = "GET /{Bucket}/{Key+} 200";
    const WIRE: &'static str = "@root=ListPartsResult Parts@name=Part UploadId@query=uploadId MaxParts@query=max-parts \
        PartNumberMarker@query=part-number-marker >Bucket@body >Key@body >UploadId@body >MaxParts@body \
        >PartNumberMarker@body";
    const ABOUT: &'static str = "Returns the parts of an upload that have arrived so far.";
    const MEMBERS: &'static str = "Bucket Key MaxParts:int PartNumberMarker:int UploadId RequestPayer:=requester \
        ExpectedBucketOwner SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5";
    const LISTS: &'static [&'static str] = &["Parts"];
    type Response = ListPartsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListPartsResponse> {
        let most = most("max-parts", self.max_parts)?;
        let after = self.part_number_marker.unwrap_or(0);
        let store = lambda.place.store;
        let found = store.s3_parts(&self.bucket, &self.key, &self.upload_id)?;
        let (meta, mut parts) = found.ok_or_else(no_such_upload)?;
        parts.retain(|part| i64::try_from(part.number).is_ok_and(|number| number > after));
        let is_truncated = most > 0 && parts.len() as u64 > most;
        parts.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let scope = &lambda.place.scope;
        let class = meta.headers.get("StorageClass").cloned();
        Ok(ListPartsResponse {
            next_part_number_marker: parts
                .last()
                .filter(|_| is_truncated)
                .map(|part| part.number),
            part_number_marker: after,
            max_parts: most,
            is_truncated,
            parts: parts
                .into_iter()
                .map(|part| Part {
                    part_number: part.number,
                    last_modified: iso8601(part.last_modified),
                    e_tag: quoted(&part.e_tag),
                    size: part.size,
                    checksum_crc64nvme: part.crc64nvme,
                })
                .collect(),
            initiator: Owner::of(scope),
            owner: Owner::of(scope),
            storage_class: class.unwrap_or_else(|| "STANDARD".to_owned()),
            bucket: self.bucket,
            key: self.key,
            upload_id: self.upload_id,
        })
    }
}
