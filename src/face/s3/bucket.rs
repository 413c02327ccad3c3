//! `s3 mb` and `s3 rb`: create and remove a bucket.

use serde_json::{Value, json};

use super::path::Location;
use super::transfer::told;
use crate::face::call::Session;
use crate::face::custom::Words;
use crate::face::exit::Stop;
use crate::face::world::World;

/// The path of the command, taken apart: its text, the bucket and the key.
fn bucket(words: &Words) -> Result<(&str, String, String), Stop> {
    let path = words.one("path").unwrap_or_default();
    match Location::of(path) {
        Location::S3(bucket, key) => Ok((path, bucket, key)),
        Location::Local(_) => Err(Stop::Invalid(
            "<S3Uri>\nError: Invalid argument type".to_owned(),
        )),
    }
}

pub(super) fn mb(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let (path, bucket, _) = bucket(words)?;
    let region = session.reach(world)?;
    let mut request = json!({ "Bucket": bucket });
    if region != "us-east-1" {
        request["CreateBucketConfiguration"] = json!({ "LocationConstraint": region });
    }
    let made = session.operate(&region, "CreateBucket", request);
    end(world, "make_bucket", path, &bucket, made)
}

pub(super) fn rb(world: &mut World<'_>, session: &Session<'_>, words: &Words) -> Result<u8, Stop> {
    let (path, bucket, key) = bucket(words)?;
    if !key.is_empty() {
        return Err(Stop::Invalid(format!(
            "Please specify a valid bucket name only. E.g. s3://{bucket}"
        )));
    }
    let region = session.reach(world)?;
    if words.has("--force") && super::transfer::clear(world, session, &bucket)? != 0 {
        return Err(Stop::Other(
            "remove_bucket failed: Unable to delete all objects in the bucket, bucket will not be deleted."
                .to_owned(),
        ));
    }
    let request = json!({ "Bucket": bucket });
    let removed = session.operate(&region, "DeleteBucket", request);
    end(world, "remove_bucket", path, &bucket, removed)
}

/// Prints a line with the result of the command.
fn end(
    world: &mut World<'_>,
    what: &str,
    path: &str,
    bucket: &str,
    outcome: Result<Value, crate::operation::Failure>,
) -> Result<u8, Stop> {
    match outcome {
        Ok(_) => {
            writeln!(world.stdout, "{what}: {bucket}")?;
            Ok(0)
        }
        Err(failure) => {
            let operation = match what {
                "make_bucket" => "CreateBucket",
                _ => "DeleteBucket",
            };
            writeln!(
                world.stderr,
                "{what} failed: {path} {}",
                told(operation, &failure)
            )?;
            Ok(1)
        }
    }
}
