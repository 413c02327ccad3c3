//! `HeadBucket`: returns a bucket's region, or an error if the bucket does not exist.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::not_found;
use crate::operation::{Lambda, Operation, Result};

/// Request of HeadBucket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct HeadBucketRequest {
    /// The bucket.
    bucket: String,
}

/// Response of HeadBucket.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct HeadBucketResponse {
    /// The ARN of the bucket.
    bucket_arn: String,
    /// The bucket's region.
    bucket_region: String,
    /// True if the name is an alias of an access point.
    access_point_alias: bool,
}

impl Operation for HeadBucketRequest {
    const NAME: &'static str = "HeadBucket";
    const ROUTE: &'static str = "HEAD /{Bucket} 200";
    const WIRE: &'static str = "BucketArn@header=x-amz-bucket-arn BucketRegion@header=x-amz-bucket-region \
        AccessPointAlias@header=x-amz-access-point-alias";
    const ABOUT: &'static str = "Checks that a bucket exists, and returns its region.";
    const MEMBERS: &'static str = "Bucket ExpectedBucketOwner";
    type Response = HeadBucketResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<HeadBucketResponse> {
        let place = lambda.place;
        let bucket = place.store.s3_bucket(&self.bucket)?;
        let bucket = bucket.ok_or_else(not_found)?;
        Ok(HeadBucketResponse {
            bucket_arn: format!("arn:{}:s3:::{}", place.scope.partition(), bucket.name),
            bucket_region: bucket.region.unwrap_or_else(|| place.scope.region.clone()),
            access_point_alias: false,
        })
    }
}
