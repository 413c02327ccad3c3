//! `CreateBucket`: makes a folder in `s3/`, and a record of its region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// The region for buckets without a location constraint. Only in this region, it is not an error to create a bucket
/// that you already own.
const FIRST: &str = "us-east-1";

/// Request of CreateBucket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateBucketRequest {
    /// The bucket.
    bucket: String,
    /// The region of the bucket: LocationConstraint=REGION. Required everywhere except in us-east-1.
    create_bucket_configuration: Option<CreateBucketConfiguration>,
}

/// The location of a new bucket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateBucketConfiguration {
    /// The region.
    #[schemars(extend("x-values" = [
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1",
        "cn-northwest-1", "EU", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
        "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1",
        "mx-central-1", "sa-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1",
        "us-west-2"
    ]))]
    location_constraint: Option<String>,
}

/// Response of CreateBucket.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateBucketResponse {
    /// The location of the bucket: its path or its URL.
    location: String,
    /// The ARN of the bucket.
    bucket_arn: String,
}

/// Returns true if the name has 3 to 63 characters, all of them lower-case letters, digits, hyphens or dots, and if the
/// first and the last character are letters or digits.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| plain(byte) || b"-.".contains(&byte))
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
        && !name.contains("..")
}

impl Operation for CreateBucketRequest {
    const NAME: &'static str = "CreateBucket";
    const ROUTE: &'static str = "PUT /{Bucket} 200";
    const WIRE: &'static str = "CreateBucketConfiguration@payload Location@header=Location BucketArn@header=x-amz-bucket-arn";
    const ABOUT: &'static str = "Makes a bucket.";
    const MEMBERS: &'static str = "ACL:=private|public-read|public-read-write|authenticated-read Bucket CreateBucketConfiguration \
        GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP ObjectLockEnabledForBucket:bool \
        ObjectOwnership:=BucketOwnerPreferred|ObjectWriter|BucketOwnerEnforced \
        BucketNamespace:=account-regional|global";
    type Response = CreateBucketResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreateBucketResponse> {
        let place = lambda.place;
        let here = place.scope.region.as_str();
        let refuse = |code, message: String| Err(ServiceError::new(code, message).into());
        if !is_name(&self.bucket) {
            return refuse(
                Code::InvalidBucketName,
                "The specified bucket is not valid.".to_owned(),
            );
        }
        let constraint = self
            .create_bucket_configuration
            .and_then(|configuration| configuration.location_constraint)
            .filter(|constraint| !constraint.is_empty());
        let region = match constraint.as_deref() {
            None if here == FIRST => FIRST,
            None => {
                return refuse(
                    Code::IllegalLocationConstraintException,
                    "The unspecified location constraint is incompatible for the region specific endpoint this request \
                     was sent to."
                        .to_owned(),
                );
            }
            Some(FIRST) => {
                return refuse(
                    Code::InvalidLocationConstraint,
                    "The specified location-constraint is not valid".to_owned(),
                );
            }
            Some(other) if other == here || here == FIRST => other,
            Some(other) => {
                return refuse(
                    Code::IllegalLocationConstraintException,
                    format!(
                        "The {other} location constraint is incompatible for the region specific endpoint this request \
                         was sent to."
                    ),
                );
            }
        };
        match place.store.s3_bucket(&self.bucket)? {
            Some(bucket) if here == FIRST && bucket.region.as_deref() == Some(FIRST) => {}
            Some(_) => {
                return refuse(
                    Code::BucketAlreadyOwnedByYou,
                    "Your previous request to create the named bucket succeeded and you already own it."
                        .to_owned(),
                );
            }
            None => place.store.s3_create_bucket(&self.bucket, region)?,
        }
        let bucket = &self.bucket;
        Ok(CreateBucketResponse {
            location: match here {
                FIRST => format!("/{bucket}"),
                _ => format!("http://{bucket}.s3.amazonaws.com/"),
            },
            bucket_arn: format!("arn:{}:s3:::{bucket}", place.scope.partition()),
        })
    }
}
