//! S3. Each bucket is a folder in `s3/` of the state directory, and each object is a file in the folder of its bucket.

pub mod configuration;
pub mod configurations;
pub mod listing;
mod notation;
pub mod object;

pub mod abort_multipart_upload;
pub mod complete_multipart_upload;
pub mod copy_object;
pub mod create_bucket;
pub mod create_multipart_upload;
pub mod delete_bucket;
pub mod delete_object;
pub mod delete_objects;
pub mod get_bucket_location;
pub mod get_object;
pub mod head_bucket;
pub mod head_object;
pub mod list_buckets;
pub mod list_multipart_uploads;
pub mod list_object_versions;
pub mod list_objects;
pub mod list_objects_v2;
pub mod list_parts;
pub mod put_object;
pub mod upload_part;
pub mod upload_part_copy;

use super::Entry;

/// The family's operations, except those in [`configurations`].
pub const ENTRIES: &[Entry] = &[
    Entry::of::<abort_multipart_upload::AbortMultipartUploadRequest>(),
    Entry::of::<complete_multipart_upload::CompleteMultipartUploadRequest>(),
    Entry::of::<copy_object::CopyObjectRequest>(),
    Entry::of::<create_bucket::CreateBucketRequest>(),
    Entry::of::<create_multipart_upload::CreateMultipartUploadRequest>(),
    Entry::of::<delete_bucket::DeleteBucketRequest>(),
    Entry::of::<delete_object::DeleteObjectRequest>(),
    Entry::of::<delete_objects::DeleteObjectsRequest>(),
    Entry::of::<get_bucket_location::GetBucketLocationRequest>(),
    Entry::of::<get_object::GetObjectRequest>(),
    Entry::of::<head_bucket::HeadBucketRequest>(),
    Entry::of::<head_object::HeadObjectRequest>(),
    Entry::of::<list_buckets::ListBucketsRequest>(),
    Entry::of::<list_multipart_uploads::ListMultipartUploadsRequest>(),
    Entry::of::<list_object_versions::ListObjectVersionsRequest>(),
    Entry::of::<list_objects::ListObjectsRequest>(),
    Entry::of::<list_objects_v2::ListObjectsV2Request>(),
    Entry::of::<list_parts::ListPartsRequest>(),
    Entry::of::<put_object::PutObjectRequest>(),
    Entry::of::<upload_part::UploadPartRequest>(),
    Entry::of::<upload_part_copy::UploadPartCopyRequest>(),
];
