//! `ListTags`: a function's tags, in the order they were given.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::TaggableResource,
};

use super::resource;

/// What ListTags takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsRequest {
    /// The ARN of the Lambda function.
    resource: TaggableResource,
}

/// What ListTags answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagsResponse {
    /// The function's tags; an empty map when it has none.
    tags: IndexMap<String, String>,
}

impl Operation for ListTagsRequest {
    const NAME: &'static str = "ListTags";
    const ROUTE: &'static str = "GET /2017-03-31/tags/{Resource} 200";
    const ABOUT: &'static str =
        "Answers a function's tags. The answer of get-function shows them, too.";
    type Response = ListTagsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListTagsResponse> {
        let target = resource::function(lambda, &self.resource)?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                Ok(ListTagsResponse {
                    tags: view.head.tags.clone(),
                })
            },
        )
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
