//! `ListTags`: returns the tags of a function, a mapping or a code signing configuration, in the order in which they
//! were added.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::TaggableResource,
};

use super::resource::Tagged;

/// Request of ListTags.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsRequest {
    /// The ARN of the function, event source mapping or code signing configuration.
    resource: TaggableResource,
}

/// Response of ListTags.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsResponse {
    /// The tags; empty if the resource has no tags.
    tags: IndexMap<String, String>,
}

impl Operation for ListTagsRequest {
    const NAME: &'static str = "ListTags";
    const ROUTE: &'static str = "GET /2017-03-31/tags/{Resource} 200";
    const ABOUT: &'static str = "Returns the tags of a function, an event source mapping or a code signing \
        configuration. get-function also shows the tags of a function.";
    type Response = ListTagsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListTagsResponse> {
        let tags = Tagged::of(lambda, &self.resource)?.tags(lambda)?;
        Ok(ListTagsResponse { tags })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    #[test]
    fn no_tags_are_an_empty_map_and_given_ones_keep_their_order() {
        let lambda = Sandbox::with("pay");
        let list = || lambda.call("ListTags", json!({ "Resource": ARN }));
        assert_eq!(list(), json!({ "Tags": {} }));
        lambda.call(
            "TagResource",
            json!({ "Resource": ARN, "Tags": { "z": "1", "a": "2" } }),
        );
        assert_eq!(list().to_string(), r#"{"Tags":{"z":"1","a":"2"}}"#);
    }
}
