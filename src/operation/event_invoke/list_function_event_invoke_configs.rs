//! `ListFunctionEventInvokeConfigs`: returns all settings for asynchronous events that a function has, in the byte
//! order of the qualifiers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, page},
    },
    state::name::NamespacedFunctionName,
};

use super::config::{self, FunctionEventInvokeConfig, no_function};

/// Request of ListFunctionEventInvokeConfigs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionEventInvokeConfigsRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of configurations to return.
    #[schemars(range(min = 1, max = 50))]
    max_items: Option<u64>,
}

/// Response of ListFunctionEventInvokeConfigs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionEventInvokeConfigsResponse {
    /// The configurations.
    function_event_invoke_configs: Vec<FunctionEventInvokeConfig>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListFunctionEventInvokeConfigsRequest {
    const NAME: &'static str = "ListFunctionEventInvokeConfigs";
    const ROUTE: &'static str =
        "GET /2019-09-25/functions/{FunctionName}/event-invoke-config/list 200";
    const ABOUT: &'static str = "Returns a list of configurations of asynchronous invocation of a function, its versions and \
        its aliases.";
    const LISTS: &'static [&'static str] = &["FunctionEventInvokeConfigs"];
    type Response = ListFunctionEventInvokeConfigsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListFunctionEventInvokeConfigsResponse> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(&target, no_function, |view| {
            let head = &view.head;
            let keys = head.attached.keys();
            let keys = keys
                .filter(|key| config::of(head, key).is_some())
                .cloned()
                .collect();
            let Page { items, next_marker } = page(keys, self.marker.as_deref(), self.max_items)?;
            let configs = items.iter().filter_map(|key| {
                Some(FunctionEventInvokeConfig::of(
                    &target.arn,
                    key,
                    config::of(head, key)?,
                ))
            });
            Ok(ListFunctionEventInvokeConfigsResponse {
                function_event_invoke_configs: configs.collect(),
                next_marker,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    #[test]
    fn lists_the_function_s_first_and_in_pages() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        for name in ["pay:live", "pay:1", "pay"] {
            lambda.call(
                "PutFunctionEventInvokeConfig",
                json!({ "FunctionName": name, "MaximumRetryAttempts": 1 }),
            );
        }
        let list = |request: Value| lambda.call("ListFunctionEventInvokeConfigs", request);
        let all = list(json!({ "FunctionName": "pay" }))["FunctionEventInvokeConfigs"].clone();
        let arns: Vec<&Value> = (0..3).map(|n| &all[n]["FunctionArn"]).collect();
        let expected =
            ["$LATEST", "1", "live"].map(|qualifier| json!(format!("{ARN}:{qualifier}")));
        assert_eq!(arns, expected.iter().collect::<Vec<_>>());
        let first = list(json!({ "FunctionName": "pay", "MaxItems": 2 }));
        let rest = list(json!({ "FunctionName": "pay", "Marker": first["NextMarker"] }));
        assert_eq!(rest["FunctionEventInvokeConfigs"][0], all[2]);
    }

    #[test]
    fn an_unknown_function_doesn_t_exist() {
        assert_eq!(
            Sandbox::new().error(
                "ListFunctionEventInvokeConfigs",
                json!({ "FunctionName": "pay" })
            ),
            "(ResourceNotFoundException): The function doesn't exist."
        );
    }
}
