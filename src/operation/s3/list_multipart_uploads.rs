//! `ListMultipartUploads`: returns the unfinished uploads of a bucket: those that are neither completed nor aborted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    listing::{CommonPrefix, Owner, folded, most},
    object::missing,
};
use crate::{
    operation::{Lambda, Operation, Result},
    store::clock::iso8601,
};

/// Request of ListMultipartUploads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListMultipartUploadsRequest {
    /// The bucket.
    bucket: String,
    /// Group keys that contain this text after the prefix. Each group is returned as one common prefix, which ends with
    /// the text.
    delimiter: Option<String>,
    /// Only return uploads whose keys come after this one. With an upload id marker, also later uploads to this key.
    key_marker: Option<String>,
    /// Maximum number of uploads and prefixes to return.
    max_uploads: Option<i64>,
    /// Only return uploads whose keys begin with this text.
    prefix: Option<String>,
    /// Only return uploads after this one, for the key marker's key.
    upload_id_marker: Option<String>,
}

/// Response of ListMultipartUploads.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListMultipartUploadsResponse {
    /// The bucket.
    bucket: String,
    /// The key after which this page begins.
    key_marker: String,
    /// The upload after which this page begins.
    upload_id_marker: String,
    /// The key after which the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_key_marker: Option<String>,
    /// The prefix of the keys.
    prefix: String,
    /// The delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// The upload after which the next page begins. It is an upload to the key of the next key marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_upload_id_marker: Option<String>,
    /// Maximum number of uploads and prefixes in this answer.
    max_uploads: u64,
    /// True if there are more uploads.
    is_truncated: bool,
    /// The uploads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploads: Vec<MultipartUpload>,
    /// The common prefixes of the keys that contain the delimiter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    common_prefixes: Vec<CommonPrefix>,
}

/// An upload.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MultipartUpload {
    /// The upload's id.
    upload_id: String,
    /// The key of the object.
    key: String,
    /// The time at which the upload was started.
    #[schemars(extend("x-timestamp" = true))]
    initiated: String,
    /// The object's storage class.
    storage_class: String,
    /// The owner of the object that the upload will make.
    owner: Owner,
    /// The identity that started the upload.
    initiator: Owner,
}

impl Operation for ListMultipartUploadsRequest {
    const NAME: &'static str = "ListMultipartUploads";
    const ROUTE: &'static str = "GET /{Bucket}?uploads 200";
    const WIRE: &'static str = "@root=ListMultipartUploadsResult Uploads@name=Upload Delimiter@query=delimiter \
        KeyMarker@query=key-marker MaxUploads@query=max-uploads Prefix@query=prefix \
        UploadIdMarker@query=upload-id-marker >Bucket@body >Delimiter@body >KeyMarker@body >MaxUploads@body \
        >Prefix@body >UploadIdMarker@body";
    const ABOUT: &'static str =
        "Returns the uploads into a bucket that are neither completed nor aborted.";
    const MEMBERS: &'static str = "Bucket Delimiter EncodingType:=url KeyMarker MaxUploads:int Prefix UploadIdMarker \
        ExpectedBucketOwner RequestPayer:=requester";
    const LISTS: &'static [&'static str] = &["Uploads", "CommonPrefixes"];
    type Response = ListMultipartUploadsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListMultipartUploadsResponse> {
        let most = most("max-uploads", self.max_uploads)?;
        let prefix = self.prefix.unwrap_or_default();
        let delimiter = self.delimiter.filter(|text| !text.is_empty());
        let key_marker = self.key_marker.unwrap_or_default();
        let upload_marker = self.upload_id_marker.unwrap_or_default();
        let uploads = lambda.place.store.s3_uploads(&self.bucket)?;
        let (mut shown, mut prefixes) = (Vec::new(), Vec::<CommonPrefix>::new());
        let (mut last, mut is_truncated) = (None, false);
        for upload in uploads.map_err(missing)? {
            if !upload.key.starts_with(&prefix) {
                continue;
            }
            let folded = folded(&upload.key, &prefix, delimiter.as_deref());
            let name = folded.as_ref().unwrap_or(&upload.key);
            let is_behind = match name.cmp(&key_marker) {
                std::cmp::Ordering::Greater => true,
                // If the request gives no upload id marker, the page starts after all uploads to the marker's key.
                std::cmp::Ordering::Equal => !upload_marker.is_empty() && upload.id > upload_marker,
                std::cmp::Ordering::Less => false,
            };
            let is_told = prefixes
                .last()
                .is_some_and(|told| Some(&told.prefix) == folded.as_ref());
            if !is_behind || is_told {
                continue;
            }
            if (shown.len() + prefixes.len()) as u64 == most {
                is_truncated = most > 0;
                break;
            }
            last = Some((name.clone(), upload.id.clone()));
            match folded {
                Some(prefix) => prefixes.push(CommonPrefix { prefix }),
                None => {
                    let class = upload.meta.headers.get("StorageClass").cloned();
                    shown.push(MultipartUpload {
                        upload_id: upload.id,
                        key: upload.key,
                        initiated: iso8601(upload.initiated),
                        storage_class: class.unwrap_or_else(|| "STANDARD".to_owned()),
                        owner: Owner::of(&lambda.place.scope),
                        initiator: Owner::of(&lambda.place.scope),
                    });
                }
            }
        }
        let next = last.filter(|_| is_truncated);
        let (next_key_marker, next_upload_id_marker) = next.unzip();
        Ok(ListMultipartUploadsResponse {
            bucket: self.bucket,
            key_marker,
            upload_id_marker: upload_marker,
            next_key_marker,
            prefix,
            delimiter,
            next_upload_id_marker,
            max_uploads: most,
            is_truncated,
            uploads: shown,
            common_prefixes: prefixes,
        })
    }
}
