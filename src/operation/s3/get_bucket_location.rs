//! `GetBucketLocation`: returns a bucket's region, or null for us-east-1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object::no_such_bucket;
use crate::operation::{Lambda, Operation, Result};

/// Request of GetBucketLocation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetBucketLocationRequest {
    /// The bucket.
    bucket: String,
}

/// Response of GetBucketLocation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetBucketLocationResponse {
    /// The region; null for us-east-1.
    location_constraint: Option<String>,
}

impl Operation for GetBucketLocationRequest {
    const NAME: &'static str = "GetBucketLocation";
    const ROUTE: &'static str = "GET /{Bucket}?location 200";
    const WIRE: &'static str = "LocationConstraint@payload";
    const ABOUT: &'static str = "Returns the region of a bucket.";
    const MEMBERS: &'static str = "Bucket ExpectedBucketOwner";
    type Response = GetBucketLocationResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetBucketLocationResponse> {
        let place = lambda.place;
        let bucket = place
            .store
            .s3_bucket(&self.bucket)?
            .ok_or_else(no_such_bucket)?;
        let region = bucket.region.unwrap_or_else(|| place.scope.region.clone());
        Ok(GetBucketLocationResponse {
            location_constraint: Some(region).filter(|region| region != "us-east-1"),
        })
    }
}
