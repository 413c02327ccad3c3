//! `GetRuntimeManagementConfig`: returns when Lambda updates the runtime of `$LATEST` or of a version.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::{NamespacedFunctionName, Qualifier},
};

use super::put_runtime_management_config::{RuntimeManagementConfig, check_there};

/// Request of GetRuntimeManagementConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRuntimeManagementConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// $LATEST or a version. The default is $LATEST.
    qualifier: Option<Qualifier>,
}

impl Operation for GetRuntimeManagementConfigRequest {
    const NAME: &'static str = "GetRuntimeManagementConfig";
    const ROUTE: &'static str =
        "GET /2021-07-20/functions/{FunctionName}/runtime-management-config 200";
    const ABOUT: &'static str =
        "Returns the update policy for the runtime of $LATEST or of a version.";
    type Response = RuntimeManagementConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<RuntimeManagementConfig> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                check_there(&view.head, &target, |number| view.version(number))?;
                Ok(RuntimeManagementConfig::of(&view.head, &target))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn updates_come_by_themselves_unless_said_otherwise() {
        assert_eq!(
            Sandbox::with("pay")
                .call(
                    "GetRuntimeManagementConfig",
                    json!({ "FunctionName": "pay" })
                )
                .to_string(),
            r#"{"UpdateRuntimeOn":"Auto","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST"}"#
        );
    }
}
