//! The configurations of a bucket. Each is stored under its name, in the form in which it was given.

use serde_json::Value;

/// One configuration that a bucket can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Configured {
    /// The name under which the configuration is stored. It is the name of the operation that puts the configuration,
    /// without `Put`.
    pub name: &'static str,
    /// The request member that holds the configuration, in the operation that puts it.
    pub member: &'static str,
    /// The operation that deletes the configuration, if there is one.
    pub deletes: Option<&'static str>,
}

/// The configuration that turns versioning on. After that, versioning can be suspended, but it cannot be turned off.
pub const VERSIONING: &str = "BucketVersioning";

/// Every configuration.
pub const CONFIGURED: &[Configured] = &[
    of("BucketCors", "CORSConfiguration", Some("DeleteBucketCors")),
    of(
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        Some("DeleteBucketEncryption"),
    ),
    of(
        "BucketLifecycleConfiguration",
        "LifecycleConfiguration",
        Some("DeleteBucketLifecycle"),
    ),
    of(
        "BucketNotificationConfiguration",
        "NotificationConfiguration",
        None,
    ),
    of(
        "BucketOwnershipControls",
        "OwnershipControls",
        Some("DeleteBucketOwnershipControls"),
    ),
    of("BucketPolicy", "Policy", Some("DeleteBucketPolicy")),
    of("BucketTagging", "Tagging", Some("DeleteBucketTagging")),
    of(VERSIONING, "VersioningConfiguration", None),
    of(
        "BucketWebsite",
        "WebsiteConfiguration",
        Some("DeleteBucketWebsite"),
    ),
    of(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        Some("DeletePublicAccessBlock"),
    ),
];

const fn of(name: &'static str, member: &'static str, deletes: Option<&'static str>) -> Configured {
    Configured {
        name,
        member,
        deletes,
    }
}

/// Returns true if `kept` has all that `asked` has. The service may have added members, such as the ids of
/// notifications.
pub fn holds(asked: &Value, kept: &Value) -> bool {
    match (asked, kept) {
        (Value::Object(asked), Value::Object(kept)) => asked
            .iter()
            .all(|(name, asked)| kept.get(name).is_some_and(|kept| holds(asked, kept))),
        (Value::Array(asked), Value::Array(kept)) => {
            asked.len() == kept.len()
                && asked.iter().zip(kept).all(|(one, other)| holds(one, other))
        }
        (asked, kept) => asked == kept,
    }
}

/// Returns true if the bucket's configuration is already as the call requests; `None` for a call that configures
/// nothing.
pub fn satisfied(
    configuration: &serde_json::Map<String, Value>,
    operation: &str,
    request: &Value,
) -> Option<bool> {
    let put = operation.strip_prefix("Put");
    let mut all = CONFIGURED.iter();
    let one = all.find(|one| put == Some(one.name) || one.deletes == Some(operation))?;
    let kept = configuration.get(one.name);
    if put.is_none() {
        return Some(kept.is_none_or(Value::is_null));
    }
    let asked = request.get(one.member)?;
    let nothing = Value::Object(Default::default());
    Some(holds(asked, kept.unwrap_or(&nothing)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wish_holds_when_all_that_was_asked_for_is_kept() {
        let kept =
            json!({ "BucketNotificationConfiguration": { "Queues": [{ "Id": "x", "Arn": "a" }] } });
        let kept = kept.as_object().expect("an object");
        let asked = |queues| json!({ "NotificationConfiguration": { "Queues": queues } });
        let is = |request| satisfied(kept, "PutBucketNotificationConfiguration", &request);
        assert_eq!(is(asked(json!([{ "Arn": "a" }]))), Some(true));
        assert_eq!(is(asked(json!([{ "Arn": "b" }]))), Some(false));
        assert_eq!(is(asked(json!([]))), Some(false));
        assert_eq!(
            satisfied(kept, "DeleteBucketPolicy", &json!({})),
            Some(true)
        );
        assert_eq!(satisfied(kept, "PutObject", &json!({})), None);
        assert_eq!(satisfied(kept, "DeleteBucket", &json!({})), None);
    }
}
