//! `ListBuckets`: returns all buckets, in the byte order of their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listing::Owner;
use crate::{
    operation::{Lambda, Operation, Result},
    store::clock::iso8601,
};

/// Request of ListBuckets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListBucketsRequest {
    /// Only return buckets whose names start with this text.
    prefix: Option<String>,
    /// Only return buckets in this region.
    bucket_region: Option<String>,
}

/// Response of ListBuckets.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListBucketsResponse {
    /// The buckets.
    buckets: Vec<Bucket>,
    /// The owner of the buckets.
    owner: Owner,
    /// The prefix that the request gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
}

/// A bucket in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Bucket {
    /// The bucket's name.
    name: String,
    /// The time at which the bucket was created.
    #[schemars(extend("x-timestamp" = true))]
    creation_date: String,
    /// The bucket's ARN.
    bucket_arn: String,
}

impl Operation for ListBucketsRequest {
    const NAME: &'static str = "ListBuckets";
    const ROUTE: &'static str = "GET / 200";
    const WIRE: &'static str = "@root=ListAllMyBucketsResult Buckets@item=Bucket Prefix@query=prefix BucketRegion@query=bucket-region \
        >Prefix@body >BucketRegion@body";
    const ABOUT: &'static str = "Returns a list of the buckets.";
    const MEMBERS: &'static str = "MaxBuckets:int ContinuationToken Prefix BucketRegion";
    type Response = ListBucketsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListBucketsResponse> {
        let scope = &lambda.place.scope;
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let mut buckets = lambda.place.store.s3_buckets()?;
        buckets.retain(|bucket| {
            let region = bucket.region.as_ref().unwrap_or(&scope.region);
            bucket.name.starts_with(prefix)
                && self
                    .bucket_region
                    .as_ref()
                    .is_none_or(|wanted| wanted == region)
        });
        let shown = buckets.into_iter().map(|bucket| Bucket {
            bucket_arn: format!("arn:{}:s3:::{}", scope.partition(), bucket.name),
            creation_date: iso8601(bucket.created),
            name: bucket.name,
        });
        Ok(ListBucketsResponse {
            buckets: shown.collect(),
            owner: Owner::of(scope),
            prefix: self.prefix,
        })
    }
}
