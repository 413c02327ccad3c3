//! `GetFunctionRecursionConfig`: returns what Lambda does if a function calls itself in a loop.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::UnqualifiedFunctionName,
};

use super::put_function_recursion_config::FunctionRecursionConfig;

/// Request of GetFunctionRecursionConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionRecursionConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: UnqualifiedFunctionName,
}

impl Operation for GetFunctionRecursionConfigRequest {
    const NAME: &'static str = "GetFunctionRecursionConfig";
    const ROUTE: &'static str = "GET /2024-08-31/functions/{FunctionName}/recursion-config 200";
    const ABOUT: &'static str =
        "Returns what Lambda does if it finds that a function is part of a recursive loop.";
    type Response = FunctionRecursionConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionRecursionConfig> {
        let target = lambda.target(&self.function_name, None)?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let said = view.head.recursive_loop.clone();
                Ok(FunctionRecursionConfig {
                    recursive_loop: said.unwrap_or_else(|| "Terminate".to_owned()),
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
    fn loops_are_stopped_unless_said_otherwise() {
        assert_eq!(
            Sandbox::with("pay").call(
                "GetFunctionRecursionConfig",
                json!({ "FunctionName": "pay" })
            ),
            json!({ "RecursiveLoop": "Terminate" })
        );
    }
}
