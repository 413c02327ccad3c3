//! `GetFunctionCodeSigningConfig`: returns the code signing configuration that a function uses.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::NamespacedFunctionName,
};

use super::config::FunctionCodeSigningConfig;

/// Request of GetFunctionCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionCodeSigningConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
}

impl Operation for GetFunctionCodeSigningConfigRequest {
    const NAME: &'static str = "GetFunctionCodeSigningConfig";
    const ROUTE: &'static str = "GET /2020-06-30/functions/{FunctionName}/code-signing-config 200";
    const ABOUT: &'static str = "Returns the code signing configuration of a function. The answer is empty if the function has none.";
    type Response = FunctionCodeSigningConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionCodeSigningConfig> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let arn = view.head.code_signing_config_arn.clone();
                // If there is no configuration, the answer does not even contain the name (recorded from AWS 2025-11).
                Ok(FunctionCodeSigningConfig {
                    function_name: arn.is_some().then(|| target.name().to_owned()),
                    code_signing_config_arn: arn,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn nothing_is_told_where_there_is_none() {
        let lambda = Sandbox::with("pay");
        let of = json!({ "FunctionName": "pay" });
        let read = || lambda.call("GetFunctionCodeSigningConfig", of.clone());
        assert_eq!(read(), json!({}));
        let arn = lambda.code_signing_config("Warn");
        lambda.call(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" }),
        );
        assert_eq!(
            read(),
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" })
        );
        lambda.call("DeleteFunctionCodeSigningConfig", of.clone());
        assert_eq!(read(), json!({}));
    }
}
