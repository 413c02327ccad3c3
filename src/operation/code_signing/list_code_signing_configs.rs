//! `ListCodeSigningConfigs`: returns every code signing configuration, in the byte order of the ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{
    Lambda, Operation, Result,
    page::{Page, behind, cut},
};

use super::config::CodeSigningConfig;

/// Request of ListCodeSigningConfigs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListCodeSigningConfigsRequest {
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of configurations to return. A page has at most 50.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Response of ListCodeSigningConfigs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListCodeSigningConfigsResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The configurations.
    code_signing_configs: Vec<CodeSigningConfig>,
}

impl Operation for ListCodeSigningConfigsRequest {
    const NAME: &'static str = "ListCodeSigningConfigs";
    const ROUTE: &'static str = "GET /2020-04-22/code-signing-configs 200";
    const ABOUT: &'static str = "Returns a list of code signing configurations.";
    const LISTS: &'static [&'static str] = &["CodeSigningConfigs"];
    type Response = ListCodeSigningConfigsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListCodeSigningConfigsResponse> {
        let configs = lambda.code_signing_configs();
        let after: Option<String> = behind(self.marker.as_deref())?;
        let shown = configs.names_behind(after.as_deref()).map(|id| {
            let id = id?;
            let shown = configs.view(&id, |view| {
                Ok(CodeSigningConfig::of(&view.head, &lambda.place.scope))
            })?;
            Ok(shown.map(|shown| (id, shown)))
        });
        let Page { items, next_marker } = cut(shown.filter_map(Result::transpose), self.max_items)?;
        Ok(ListCodeSigningConfigsResponse {
            next_marker,
            code_signing_configs: items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn tells_each_as_it_is_and_in_pages() {
        let lambda = Sandbox::new();
        let none = lambda.call("ListCodeSigningConfigs", json!({}));
        assert_eq!(none, json!({ "CodeSigningConfigs": [] }));
        let mut arns = [(); 3].map(|()| lambda.code_signing_config("Warn"));
        arns.sort();
        let mut request = json!({ "MaxItems": 1 });
        for (number, arn) in arns.iter().enumerate() {
            let page = lambda.call("ListCodeSigningConfigs", request.clone());
            let read = lambda.call(
                "GetCodeSigningConfig",
                json!({ "CodeSigningConfigArn": arn }),
            );
            assert_eq!(
                page["CodeSigningConfigs"],
                json!([read["CodeSigningConfig"]])
            );
            assert_eq!(page.get("NextMarker").is_none(), number == 2);
            request["Marker"] = page["NextMarker"].clone();
        }
        assert_eq!(
            lambda.error("ListCodeSigningConfigs", json!({ "Marker": "x" })),
            "(InvalidParameterValueException): The pagination token is invalid."
        );
    }
}
