//! `GetFunctionEventInvokeConfig`: returns the settings for asynchronous events of a function, a version or an alias.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::{NamespacedFunctionName, Qualifier},
};

use super::config::{self, FunctionEventInvokeConfig, no_config};

/// Request of GetFunctionEventInvokeConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionEventInvokeConfigRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// A version or an alias.
    qualifier: Option<Qualifier>,
}

impl Operation for GetFunctionEventInvokeConfigRequest {
    const NAME: &'static str = "GetFunctionEventInvokeConfig";
    const ROUTE: &'static str = "GET /2019-09-25/functions/{FunctionName}/event-invoke-config 200";
    const ABOUT: &'static str = "Returns the configuration of asynchronous invocation of a function, a version or an alias.";
    type Response = FunctionEventInvokeConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionEventInvokeConfig> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || no_config(&target),
            |view| {
                let config = config::of(&view.head, target.key());
                let config = config.ok_or_else(|| no_config(&target))?;
                Ok(FunctionEventInvokeConfig::of(
                    &target.arn,
                    target.key(),
                    config,
                ))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn none_is_said_of_whatever_is_missing() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        for operation in [
            "GetFunctionEventInvokeConfig",
            "DeleteFunctionEventInvokeConfig",
        ] {
            for (name, arn) in [
                ("pay", "pay:$LATEST"),
                ("pay:1", "pay:1"),
                ("pay:nobody", "pay:nobody"),
                ("nope", "nope:$LATEST"),
                ("nope:live", "nope:live"),
            ] {
                assert_eq!(
                    lambda.error(operation, json!({ "FunctionName": name })),
                    format!(
                        "(ResourceNotFoundException): The function arn:aws:lambda:us-east-1:123456789012:function:{arn} \
                         doesn't have an EventInvokeConfig"
                    )
                );
            }
            assert_eq!(
                lambda.error(
                    operation,
                    json!({ "FunctionName": "pay:1", "Qualifier": "2" })
                ),
                "(InvalidParameterValueException): The derived qualifier from the function name does not match the \
                 specified qualifier."
            );
        }
    }
}
