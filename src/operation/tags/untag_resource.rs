//! `UntagResource`: removes tags from a function, a mapping or a code signing configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        name::TaggableResource,
    },
};

use super::resource::Tagged;

/// Request of UntagResource.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UntagResourceRequest {
    /// The ARN of the function, event source mapping or code signing configuration.
    resource: TaggableResource,
    /// The keys of the tags to remove.
    tag_keys: Vec<String>,
}

impl Operation for UntagResourceRequest {
    const NAME: &'static str = "UntagResource";
    const ROUTE: &'static str = "DELETE /2017-03-31/tags/{Resource} 204";
    const WIRE: &'static str = "TagKeys@query=tagKeys";
    const ABOUT: &'static str = "Removes tags from a function, an event source mapping or a code signing \
        configuration. Missing keys are ignored.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        // The keys are in the query, and a query cannot distinguish an empty list from a missing one.
        if self.tag_keys.is_empty() {
            return Err(ServiceError::new(
                Code::ValidationException,
                "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: \
                 Member must not be null",
            )
            .into());
        }
        Tagged::of(lambda, &self.resource)?.edit(
            lambda,
            Self::NAME,
            "Missing keys are ignored. $LATEST has a new RevisionId, as after tagging, so a guard with the old one \
             fails.",
            |tags| {
                for key in &self.tag_keys {
                    tags.shift_remove(key);
                }
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    #[test]
    fn unknown_keys_are_ignored_and_the_order_is_kept() {
        let lambda = Sandbox::new();
        lambda.create_with("pay", json!({ "Tags": { "c": "1", "a": "2", "b": "3" } }));
        let untag =
            |keys: Value| lambda.call("UntagResource", json!({ "Resource": ARN, "TagKeys": keys }));
        assert_eq!(untag(json!(["c", "nope"])), Value::Null);
        let list = || {
            lambda
                .call("ListTags", json!({ "Resource": ARN }))
                .to_string()
        };
        assert_eq!(list(), r#"{"Tags":{"a":"2","b":"3"}}"#);
        untag(json!(["a", "b"]));
        assert_eq!(list(), r#"{"Tags":{}}"#);
    }

    #[test]
    fn refuses_no_keys() {
        let lambda = Sandbox::with("pay");
        for request in [
            json!({ "Resource": ARN, "TagKeys": [] }),
            json!({ "Resource": ARN }),
        ] {
            assert_eq!(
                lambda.error("UntagResource", request),
                "(ValidationException): 1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: \
                 Member must not be null"
            );
        }
    }
}
