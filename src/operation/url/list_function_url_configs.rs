//! `ListFunctionUrlConfigs`: returns the HTTPS endpoints of a function and its aliases. The function's own endpoint
//! comes first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, page},
    },
    state::name::FunctionName,
};

use super::config::{self, Cors, FunctionUrlConfig, no_function};

/// Request of ListFunctionUrlConfigs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionUrlConfigsRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of URLs to return.
    #[schemars(range(min = 1, max = 50))]
    max_items: Option<u64>,
}

/// Response of ListFunctionUrlConfigs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionUrlConfigsResponse {
    /// The URLs.
    function_url_configs: Vec<FunctionUrlConfigListItem>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

/// A function URL in a list. It has the members that Get returns, in another order.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionUrlConfigListItem {
    /// The endpoint.
    function_url: String,
    /// The ARN of the function or alias.
    function_arn: String,
    /// The time at which the URL was created.
    creation_time: String,
    /// The time of the URL's last change.
    last_modified_time: String,
    /// CORS settings: the other sites that may call the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    cors: Option<Cors>,
    /// NONE: everybody can call the URL. AWS_IAM: callers must sign their requests.
    auth_type: String,
    /// BUFFERED or RESPONSE_STREAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoke_mode: Option<String>,
}

impl From<FunctionUrlConfig> for FunctionUrlConfigListItem {
    fn from(url: FunctionUrlConfig) -> Self {
        Self {
            function_url: url.function_url,
            function_arn: url.function_arn,
            creation_time: url.creation_time,
            last_modified_time: url.last_modified_time,
            cors: url.cors,
            auth_type: url.auth_type,
            invoke_mode: url.invoke_mode,
        }
    }
}

impl Operation for ListFunctionUrlConfigsRequest {
    const NAME: &'static str = "ListFunctionUrlConfigs";
    const ROUTE: &'static str = "GET /2021-10-31/functions/{FunctionName}/urls 200";
    const ABOUT: &'static str =
        "Returns a list of the function URLs of a Lambda function and its aliases.";
    const LISTS: &'static [&'static str] = &["FunctionUrlConfigs"];
    type Response = ListFunctionUrlConfigsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListFunctionUrlConfigsResponse> {
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
                let arn = match key.as_str() {
                    "$LATEST" => target.arn.clone(),
                    alias => target.arn.qualified(alias),
                };
                Some(FunctionUrlConfig::of(&arn, config::of(head, key)?).into())
            });
            Ok(ListFunctionUrlConfigsResponse {
                function_url_configs: configs.collect(),
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
        let list = |request: Value| lambda.call("ListFunctionUrlConfigs", request);
        assert_eq!(
            list(json!({ "FunctionName": "pay" })),
            json!({ "FunctionUrlConfigs": [] })
        );
        lambda.publish("pay");
        for name in ["a", "Z"] {
            lambda.call(
                "CreateAlias",
                json!({ "FunctionName": "pay", "Name": name, "FunctionVersion": "1" }),
            );
        }
        for name in ["pay:a", "pay", "pay:Z"] {
            lambda.call(
                "CreateFunctionUrlConfig",
                json!({ "FunctionName": name, "AuthType": "NONE" }),
            );
        }
        let all = list(json!({ "FunctionName": "pay" }))["FunctionUrlConfigs"].clone();
        let arns: Vec<&Value> = (0..3).map(|n| &all[n]["FunctionArn"]).collect();
        assert_eq!(
            arns,
            [
                &json!(ARN),
                &json!(format!("{ARN}:Z")),
                &json!(format!("{ARN}:a"))
            ]
        );
        let members: Vec<&String> = all[0].as_object().expect("members").keys().collect();
        assert_eq!(
            members,
            [
                "FunctionUrl",
                "FunctionArn",
                "CreationTime",
                "LastModifiedTime",
                "AuthType",
                "InvokeMode"
            ]
        );
        let first = list(json!({ "FunctionName": "pay", "MaxItems": 2 }));
        let rest = list(json!({ "FunctionName": "pay", "Marker": first["NextMarker"] }));
        assert_eq!(rest["FunctionUrlConfigs"][0], all[2]);
    }

    #[test]
    fn an_unknown_function_does_not_exist() {
        assert_eq!(
            Sandbox::new().error("ListFunctionUrlConfigs", json!({ "FunctionName": "pay" })),
            "(ResourceNotFoundException): Function does not exist"
        );
    }
}
