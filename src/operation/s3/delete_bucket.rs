//! `DeleteBucket`: deletes an empty bucket.

use schemars::JsonSchema;
use serde::Deserialize;

use super::object::missing;
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of DeleteBucket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteBucketRequest {
    /// The bucket.
    bucket: String,
}

impl Operation for DeleteBucketRequest {
    const NAME: &'static str = "DeleteBucket";
    const ROUTE: &'static str = "DELETE /{Bucket} 204";
    const ABOUT: &'static str =
        "Deletes an empty bucket: it has no objects and no versions of objects.";
    const MEMBERS: &'static str = "Bucket ExpectedBucketOwner";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let deleted = lambda.place.store.s3_delete_bucket(&self.bucket)?;
        if deleted.map_err(missing)? {
            return Ok(());
        }
        let message = if super::get_object::versioned(lambda, &self.bucket)? {
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
        } else {
            "The bucket you tried to delete is not empty"
        };
        Err(ServiceError::new(Code::BucketNotEmpty, message).into())
    }
}
