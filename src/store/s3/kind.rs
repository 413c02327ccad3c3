//! Buckets and objects as kinds of resources. Archives hold them as plain files, and a fork reads them from its parent.

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Value, json};

use super::{Bucket, Object, digests};
use crate::state::plain::plain;
use crate::{
    state::{
        account::Totals,
        arn::Scope,
        bucket::{self, VERSIONING},
        kind::{Named, Words},
    },
    store::{
        Place, Result,
        archive::Archive,
        check::Check,
        import::Packed,
        kind::{Kind, Lies, Seen},
        listing::Listing,
    },
};

/// Buckets.
#[derive(Debug)]
pub(in crate::store) struct Buckets;

/// Objects. Their names have the form `bucket/key`.
#[derive(Debug)]
pub(in crate::store) struct Objects;

/// The methods that are the same for buckets and objects.
macro_rules! lies_in_s3 {
    ($of:ty) => {
        fn named(&self) -> Named {
            Named::ByCaller
        }

        fn lies(&self) -> Lies {
            Lies::Root("s3")
        }

        fn file(&self) -> &'static str {
            ".bucket.json"
        }

        fn has_versions(&self) -> bool {
            false
        }

        fn holds(&self) -> TypeId {
            TypeId::of::<$of>()
        }

        fn called(&self, _: &Scope, name: &str) -> String {
            name.to_owned()
        }

        fn copy(&self, _: &Place<'_>, _: &Path, _: &mut dyn FnMut(&str)) -> Result<()> {
            Ok(())
        }

        fn check(&self, check: &mut Check<'_>, place: &Place<'_>) -> Result<bool> {
            check.files_in_s3(self, place)
        }

        fn count(&self, _: &Place<'_>, _: &mut Totals) -> Result<()> {
            Ok(())
        }

        fn pack(&self, _: &Place<'_>, _: &str) -> Result<Option<Box<dyn Packed>>> {
            Ok(None)
        }

        fn unpack(
            &self,
            archive: &mut Archive,
            place: &str,
            name: &str,
            _: &BTreeMap<String, usize>,
        ) -> Result<Box<dyn Packed>> {
            Err(archive.no_resource(place, name))
        }

        fn judge(&self, _: &[u8]) -> std::result::Result<(), serde_json::Error> {
            Ok(())
        }
    };
}

impl Kind for Buckets {
    lies_in_s3!(Bucket);

    fn words(&self) -> &'static Words {
        &Words {
            one: "bucket",
            many: "buckets",
            before_name: "bucket ",
            service: "s3",
            members: &["Bucket"],
        }
    }

    fn names(&self, place: &Place<'_>) -> Result<Vec<String>> {
        let buckets = place.store.s3_buckets()?;
        Ok(buckets.into_iter().map(|bucket| bucket.name).collect())
    }

    fn changed(&self, before: &Place<'_>, after: &Place<'_>) -> Result<BTreeSet<String>> {
        let seen = |place: &Place<'_>| -> Result<BTreeSet<(String, String)>> {
            let buckets = place.store.s3_buckets()?.into_iter();
            Ok(buckets
                .map(|bucket| (bucket.name.clone(), json!(members(bucket)).to_string()))
                .collect())
        };
        let differing = &seen(before)? ^ &seen(after)?;
        Ok(differing.into_iter().map(|(name, _)| name).collect())
    }

    fn seen(&self, place: &Place<'_>, name: &str) -> Result<Option<Seen>> {
        Ok(place.store.s3_bucket(name)?.map(|bucket| Seen {
            numbers: BTreeSet::new(),
            members: members(bucket),
        }))
    }

    fn satisfied(
        &self,
        place: &Place<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Option<bool>> {
        let Some(name) = request.get("Bucket").and_then(Value::as_str) else {
            return Ok(None);
        };
        let there = || place.store.s3_bucket(name);
        Ok(match operation {
            "CreateBucket" => {
                let region = request.pointer("/CreateBucketConfiguration/LocationConstraint");
                let region = region.and_then(Value::as_str);
                // A request without a location constraint means the oldest region.
                let region = region.unwrap_or("us-east-1");
                there()?.map_or(Some(false), |bucket| Some(region == bucket.region?))
            }
            "DeleteBucket" => Some(there()?.is_none()),
            _ => match there()? {
                Some(found) => bucket::satisfied(&found.configuration, operation, request),
                None => bucket::satisfied(&Default::default(), operation, request).and(Some(false)),
            },
        })
    }
}

impl Kind for Objects {
    lies_in_s3!(Object);

    fn words(&self) -> &'static Words {
        &Words {
            one: "object",
            many: "objects",
            before_name: "s3://",
            service: "s3",
            members: &[],
        }
    }

    fn names(&self, place: &Place<'_>) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for bucket in place.store.s3_buckets()? {
            let objects = place.store.s3_list(&bucket.name, "")?.unwrap_or_default();
            let of_bucket = objects.into_iter();
            names.extend(of_bucket.map(|object| format!("{}/{}", bucket.name, object.key)));
        }
        Ok(names)
    }

    /// An object that a fork still reads from its parent has not changed.
    fn changed(&self, before: &Place<'_>, after: &Place<'_>) -> Result<BTreeSet<String>> {
        after.store.s3_written(before.store)
    }

    fn seen(&self, place: &Place<'_>, name: &str) -> Result<Option<Seen>> {
        let Some((bucket, key)) = name.split_once('/') else {
            return Ok(None);
        };
        let object = place.store.s3_object(bucket, key, None)?.ok();
        Ok(object.map(|object| Seen {
            numbers: BTreeSet::new(),
            members: BTreeMap::from([("Content".to_owned(), json!(content(&object.path)))]),
        }))
    }

    /// A recorded call does not contain the bytes, so a call that puts an object cannot be judged.
    fn satisfied(
        &self,
        place: &Place<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Option<bool>> {
        let text = |member: &str| request.get(member).and_then(Value::as_str);
        let (Some(bucket), Some(key)) = (text("Bucket"), text("Key")) else {
            return Ok(None);
        };
        Ok(match operation {
            "DeleteObject" if text("VersionId").is_none() => {
                Some(place.store.s3_object(bucket, key, None)?.is_err())
            }
            _ => None,
        })
    }
}

/// The members of a bucket that callers see: its configuration. If versioning is on because of a folder that was made
/// by hand, it is shown as if a call had turned it on.
fn members(bucket: Bucket) -> BTreeMap<String, Value> {
    let mut members: BTreeMap<String, Value> = bucket.configuration.into_iter().collect();
    if bucket.versioned {
        let versioning = members.entry(VERSIONING.to_owned());
        versioning.or_insert_with(|| json!({ "Status": "Enabled" }));
    }
    members
}

/// A fingerprint of an object's contents. For a zip, it is that of the files in the zip, without their times; for any
/// other object, that of the bytes.
fn content(path: &Path) -> String {
    if let Ok(listing) = Listing::open(path) {
        return listing.fingerprint();
    }
    match digests(path) {
        Ok((md5, crc)) => format!("{md5} {crc}"),
        // If the object disappeared before it could be read, its error is shown.
        Err(error) => plain(&error),
    }
}
