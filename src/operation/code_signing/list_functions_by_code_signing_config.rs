//! `ListFunctionsByCodeSigningConfig`: returns the ARNs of the functions that use a code signing configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, behind, cut},
    },
    state::name::CodeSigningConfigArn,
};

use super::config::not_found;

/// Request of ListFunctionsByCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsByCodeSigningConfigRequest {
    /// The ARN of the code signing configuration.
    code_signing_config_arn: CodeSigningConfigArn,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of functions to return. A page has at most 50.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Response of ListFunctionsByCodeSigningConfig.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsByCodeSigningConfigResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The functions' ARNs, without a qualifier.
    function_arns: Vec<String>,
}

impl Operation for ListFunctionsByCodeSigningConfigRequest {
    const NAME: &'static str = "ListFunctionsByCodeSigningConfig";
    const ROUTE: &'static str =
        "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions 200";
    const ABOUT: &'static str = "Returns a list of the functions that use a code signing configuration. Use it before \
        you delete a configuration.";
    const LISTS: &'static [&'static str] = &["FunctionArns"];
    type Response = ListFunctionsByCodeSigningConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListFunctionsByCodeSigningConfigResponse> {
        let arn = &self.code_signing_config_arn;
        let missing = || not_found(arn);
        let id = lambda.code_signing_id(arn).ok_or_else(missing)?;
        lambda
            .code_signing_configs()
            .head(id)?
            .ok_or_else(missing)?;
        let functions = lambda.functions();
        let after: Option<String> = behind(self.marker.as_deref())?;
        let using = functions.names_behind(after.as_deref()).map(|name| {
            let name = name?;
            let used = lambda.uses_code_signing_config(&name, arn)?;
            Ok(used.then(|| {
                let arn = lambda.place.scope.function(&name).to_string();
                (name, arn)
            }))
        });
        let Page { items, next_marker } = cut(using.filter_map(Result::transpose), self.max_items)?;
        Ok(ListFunctionsByCodeSigningConfigResponse {
            next_marker,
            function_arns: items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn names_the_functions_that_use_it_and_no_others() {
        let lambda = Sandbox::new();
        let (one, other) = (
            lambda.code_signing_config("Warn"),
            lambda.code_signing_config("Warn"),
        );
        for (name, arn) in [("a", &one), ("b", &other), ("c", &one)] {
            lambda.create_with(name, json!({ "CodeSigningConfigArn": arn }));
        }
        lambda.create("d");
        let arn = |name: &str| format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
        let listed = |request| lambda.call("ListFunctionsByCodeSigningConfig", request);
        assert_eq!(
            listed(json!({ "CodeSigningConfigArn": one })),
            json!({ "FunctionArns": [arn("a"), arn("c")] })
        );
        let page = listed(json!({ "CodeSigningConfigArn": one, "MaxItems": 1 }));
        assert_eq!(page["FunctionArns"], json!([arn("a")]));
        assert_eq!(
            listed(json!({ "CodeSigningConfigArn": one, "Marker": page["NextMarker"] })),
            json!({ "FunctionArns": [arn("c")] })
        );
        lambda.call("DeleteFunction", json!({ "FunctionName": "b" }));
        assert_eq!(
            listed(json!({ "CodeSigningConfigArn": other })),
            json!({ "FunctionArns": [] })
        );
    }
}
