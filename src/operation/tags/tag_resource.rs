//! `TagResource`: adds tags to a function, a mapping or a code signing configuration. If a key already exists, its
//! value is replaced.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::invalid},
    state::name::TaggableResource,
};

use super::resource::{self, Tagged, Tags};

/// Request of TagResource.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TagResourceRequest {
    /// The ARN of the function, event source mapping or code signing configuration.
    resource: TaggableResource,
    /// The tags to add.
    tags: Tags,
}

impl Operation for TagResourceRequest {
    const NAME: &'static str = "TagResource";
    const ROUTE: &'static str = "POST /2017-03-31/tags/{Resource} 204";
    const ABOUT: &'static str = "Adds tags to a function, an event source mapping or a code signing configuration. Tags belong to a \
        function, not to its versions and aliases.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let resource = Tagged::of(lambda, &self.resource)?;
        if self.tags.0.is_empty() {
            return Err(
                invalid("An error occurred and the request cannot be processed.")
                    .with_hint("--tags is empty: name at least one tag, for example team=pay")
                    .into(),
            );
        }
        resource.edit(
            lambda,
            Self::NAME,
            "Tags belong to the function and not to its versions, so they do not count as a change for a publish. \
             But $LATEST has a new RevisionId, and a guard with the old one fails.",
            |tags| {
                tags.extend(self.tags.0);
                resource::check(tags)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use serde_json::{Map, Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn tag(lambda: &Sandbox, tags: Value) -> Value {
        lambda.call("TagResource", json!({ "Resource": ARN, "Tags": tags }))
    }

    fn id(lambda: &Sandbox) -> String {
        lambda.latest("pay")["RevisionId"].to_string()
    }

    #[test]
    fn tags_are_merged_and_each_call_moves_the_revision() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let version = || {
            lambda.call(
                "GetFunctionConfiguration",
                json!({ "FunctionName": "pay:1" }),
            )
        };
        let before = version();
        let mut ids = BTreeSet::from([id(&lambda)]);
        assert_eq!(tag(&lambda, json!({ "b": "1", "a": "2" })), Value::Null);
        assert!(ids.insert(id(&lambda)));
        tag(&lambda, json!({ "b": "3" }));
        assert!(ids.insert(id(&lambda)));
        lambda.call(
            "UntagResource",
            json!({ "Resource": ARN, "TagKeys": ["a"] }),
        );
        assert!(ids.insert(id(&lambda)));
        tag(&lambda, json!({ "b": "3" }));
        assert!(ids.insert(id(&lambda)), "even when nothing changes");
        assert_eq!(before, version());
        assert_eq!(
            lambda.call("ListTags", json!({ "Resource": ARN })),
            json!({ "Tags": { "b": "3" } })
        );
        assert_eq!(
            lambda.call("GetFunction", json!({ "FunctionName": "pay" }))["Tags"],
            json!({ "b": "3" })
        );
        assert_eq!(lambda.publish("pay"), "1", "tags are nothing to publish");
    }

    #[test]
    fn a_tag_during_an_update_takes_the_next_id_and_the_completion_still_brings_its_own() {
        let run = |tagged: bool| {
            let lambda = Sandbox::with("pay");
            lambda.settle.set(Duration::from_secs(2));
            let updated = lambda.update_code("pay", "new", json!({}))["RevisionId"].to_string();
            if tagged {
                tag(&lambda, json!({ "a": "1" }));
                assert_ne!(id(&lambda), updated);
                assert_eq!(lambda.latest("pay")["LastUpdateStatus"], "InProgress");
            }
            lambda.pass(Duration::from_secs(2));
            id(&lambda)
        };
        assert_eq!(run(false), run(true));
    }

    #[test]
    fn a_code_signing_configuration_has_tags_as_a_function_has() {
        let lambda = Sandbox::new();
        let config = lambda.code_signing_config("Warn");
        let tags = || lambda.call("ListTags", json!({ "Resource": config }))["Tags"].clone();
        assert_eq!(tags(), json!({}));
        let tag = |tags: Value| json!({ "Resource": config, "Tags": tags });
        lambda.call("TagResource", tag(json!({ "a": "1", "b": "2" })));
        lambda.call(
            "UntagResource",
            json!({ "Resource": config, "TagKeys": ["a", "nope"] }),
        );
        assert_eq!(tags(), json!({ "b": "2" }));
        assert_eq!(
            lambda.error("TagResource", tag(json!({ "AWS:x": "1" }))),
            "(InvalidParameterValueException): Tag keys that begin with aws: are reserved for AWS: 'AWS:x'."
        );
        assert_eq!(tags(), json!({ "b": "2" }));
    }

    #[test]
    fn refuses_no_tags_versions_aliases_and_what_is_not_there() {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        assert_eq!(
            lambda.error("TagResource", json!({ "Resource": ARN, "Tags": {} })),
            "(InvalidParameterValueException): An error occurred and the request cannot be processed."
        );
        for (operation, more) in [
            ("TagResource", json!({ "Tags": { "a": "b" } })),
            ("UntagResource", json!({ "TagKeys": ["a"] })),
            ("ListTags", json!({})),
        ] {
            let request = |arn: &str| {
                let mut request = more.clone();
                request["Resource"] = json!(arn);
                request
            };
            for qualifier in ["1", "live", "$LATEST"] {
                assert_eq!(
                    lambda.error(operation, request(&format!("{ARN}:{qualifier}"))),
                    "(InvalidParameterValueException): Tags on function aliases and versions are not supported. Please \
                     specify a function ARN."
                );
            }
            let mapping = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:01234567-89ab-cdef-0123-456789abcdef";
            let provider = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:p";
            let signing =
                "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefg";
            for (arn, text) in [
                (ARN.replace("pay", "nope"), "Function not found: {}"),
                (mapping.to_owned(), "Event source mapping not found: {}"),
                (provider.to_owned(), "Capacity provider not found: {}"),
                (
                    signing.to_owned(),
                    "The Lambda code signing configuration {} can not be found.",
                ),
                (
                    ARN.replace("us-east-1", "us-west-2"),
                    "Functions from 'us-west-2' are not reachable in this region ('us-east-1')",
                ),
            ] {
                assert_eq!(
                    lambda.error(operation, request(&arn)),
                    format!("(ResourceNotFoundException): {}", text.replace("{}", &arn))
                );
            }
            let layer = ARN.replace("function:pay", "layer:base");
            let layer = lambda.try_call(operation, request(&layer));
            assert_eq!(
                layer.expect_err("refused").to_string(),
                "tagging layers is not simulated"
            );
            for no_arn in ["pay", "arn:aws:s3:::bucket"] {
                let told = lambda.error(operation, request(no_arn));
                assert!(
                    told.starts_with(&format!(
                        "(ValidationException): 1 validation error detected: Value '{no_arn}' at 'resource' failed to \
                         satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:"
                    )),
                    "{told}"
                );
            }
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_more_and_longer_tags_than_documented() {
        let lambda = Sandbox::with("pay");
        let many = |n: usize| -> Value {
            (0..n)
                .map(|n| (format!("k{n}"), json!("v")))
                .collect::<Map<_, _>>()
                .into()
        };
        tag(&lambda, many(49));
        tag(&lambda, json!({ ("é".repeat(128)): "é".repeat(256) }));
        let before = lambda.files();
        let told =
            |tags: Value| lambda.error("TagResource", json!({ "Resource": ARN, "Tags": tags }));
        assert_eq!(
            told(json!({ "one more": "" })),
            "(InvalidParameterValueException): Number of tags exceeds resource tag limit.",
            "recorded from AWS 2025-11"
        );
        assert!(told(json!({ "AWS:k": "v" })).starts_with("(InvalidParameterValueException)"));
        // Public reports, 2018.
        let pattern = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
        let start = "(ValidationException): 1 validation error detected: Value '";
        for (key, value, kind, constraints) in [
            ("k".repeat(129), String::new(), "keys", (128, 1, "")),
            (String::new(), "v".to_owned(), "keys", (128, 1, "")),
            ("a#b".to_owned(), "v".to_owned(), "keys", (128, 1, "")),
            (
                "k0".to_owned(),
                "v".repeat(257),
                "value",
                (256, 0, ", Member must not be null"),
            ),
            (
                "k0".to_owned(),
                "a\tb".to_owned(),
                "value",
                (256, 0, ", Member must not be null"),
            ),
        ] {
            let (most, least, end) = constraints;
            assert_eq!(
                told(json!({ (key.clone()): value })),
                format!(
                    "{start}{{{key}={value}}}' at 'tags' failed to satisfy constraint: Map {kind} must satisfy constraint: \
                     [Member must have length less than or equal to {most}, Member must have length greater than or equal to \
                     {least}, Member must satisfy regular expression pattern: {pattern}{end}]"
                )
            );
        }
        assert_eq!(before, lambda.files());
        let spool = lambda.zip("b");
        let create = json!({
            "FunctionName": "b",
            "Runtime": "python3.12",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Handler": "index.handler",
            "Code": { "ZipFile": spool.handle() },
            "Tags": many(51),
        });
        assert_eq!(lambda.refused("CreateFunction", create).code.status(), 400);
    }
}
