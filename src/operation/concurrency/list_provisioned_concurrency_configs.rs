//! `ListProvisionedConcurrencyConfigs`: returns every version and alias that has provisioned environments, in the byte
//! order of the qualifiers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, page},
        resolve::function_not_found,
    },
    state::name::FunctionName,
};

use super::provisioned::{ProvisionedConcurrencyConfig, of};

/// Request of ListProvisionedConcurrencyConfigs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListProvisionedConcurrencyConfigsRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of configurations to return.
    #[schemars(range(min = 1, max = 50))]
    max_items: Option<u64>,
}

/// Response of ListProvisionedConcurrencyConfigs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListProvisionedConcurrencyConfigsResponse {
    /// The configurations.
    provisioned_concurrency_configs: Vec<ProvisionedConcurrencyConfigListItem>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

/// The provisioned concurrency of one version or alias.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedConcurrencyConfigListItem {
    /// The ARN of the version or alias.
    function_arn: String,
    /// The provisioned concurrency.
    #[serde(flatten)]
    config: ProvisionedConcurrencyConfig,
}

impl Operation for ListProvisionedConcurrencyConfigsRequest {
    const NAME: &'static str = "ListProvisionedConcurrencyConfigs";
    const ROUTE: &'static str =
        "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL 200";
    const ABOUT: &'static str =
        "Returns the provisioned concurrency of all versions and aliases of a function.";
    const LISTS: &'static [&'static str] = &["ProvisionedConcurrencyConfigs"];
    type Response = ListProvisionedConcurrencyConfigsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListProvisionedConcurrencyConfigsResponse> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let head = &view.head;
                let keys = head.attached.keys();
                let keys = keys
                    .filter(|key| of(head, key).is_some())
                    .cloned()
                    .collect();
                let Page { items, next_marker } =
                    page(keys, self.marker.as_deref(), self.max_items)?;
                let configs = items.iter().filter_map(|key| {
                    Some(ProvisionedConcurrencyConfigListItem {
                        function_arn: target.arn.qualified(key).to_string(),
                        config: of(head, key)?.into(),
                    })
                });
                Ok(ListProvisionedConcurrencyConfigsResponse {
                    provisioned_concurrency_configs: configs.collect(),
                    next_marker,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::{find, sandbox::Sandbox, shape::Shape};

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    #[test]
    fn lists_versions_and_aliases_in_pages() {
        let lambda = Sandbox::with("pay");
        let of = json!({ "FunctionName": "pay" });
        let list = |request: Value| lambda.call("ListProvisionedConcurrencyConfigs", request);
        assert_eq!(
            list(of.clone()),
            json!({ "ProvisionedConcurrencyConfigs": [] })
        );
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "2" }),
        );
        for qualifier in ["live", "1"] {
            lambda.call(
                "PutProvisionedConcurrencyConfig",
                json!({ "FunctionName": "pay", "Qualifier": qualifier, "ProvisionedConcurrentExecutions": 1 }),
            );
        }
        let all = list(of);
        let arns: Vec<&Value> = all["ProvisionedConcurrencyConfigs"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| &item["FunctionArn"])
            .collect();
        assert_eq!(
            arns,
            [&json!(format!("{ARN}:1")), &json!(format!("{ARN}:live"))]
        );
        let first = list(json!({ "FunctionName": "pay", "MaxItems": 1 }));
        let rest = list(json!({ "FunctionName": "pay", "Marker": first["NextMarker"] }));
        assert_eq!(
            rest["ProvisionedConcurrencyConfigs"][0],
            all["ProvisionedConcurrencyConfigs"][1]
        );
    }

    #[test]
    fn an_item_is_described_with_its_arn_first() {
        let response = find("ListProvisionedConcurrencyConfigs")
            .expect("an operation")
            .response();
        let Some(Shape::List { member, .. }) = response
            .member("ProvisionedConcurrencyConfigs")
            .map(|member| member.shape.clone())
        else {
            panic!("a list");
        };
        let Shape::Structure(item) = *member else {
            panic!("a structure")
        };
        let names: Vec<&str> = item
            .members
            .iter()
            .map(|member| member.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "FunctionArn",
                "RequestedProvisionedConcurrentExecutions",
                "AvailableProvisionedConcurrentExecutions",
                "AllocatedProvisionedConcurrentExecutions",
                "Status",
                "StatusReason",
                "LastModified",
            ]
        );
    }

    #[test]
    fn an_unknown_function_is_named() {
        assert_eq!(
            Sandbox::new().error(
                "ListProvisionedConcurrencyConfigs",
                json!({ "FunctionName": "pay" })
            ),
            format!("(ResourceNotFoundException): Function not found: {ARN}")
        );
    }
}
