//! `DeleteFunctionEventInvokeConfig`: deletes the settings for asynchronous events.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::{NamespacedFunctionName, Qualifier},
};

use super::config::no_config;

/// Request of DeleteFunctionEventInvokeConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionEventInvokeConfigRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// A version or an alias.
    qualifier: Option<Qualifier>,
}

impl Operation for DeleteFunctionEventInvokeConfigRequest {
    const NAME: &'static str = "DeleteFunctionEventInvokeConfig";
    const ROUTE: &'static str =
        "DELETE /2019-09-25/functions/{FunctionName}/event-invoke-config 204";
    const ABOUT: &'static str = "Deletes the configuration of asynchronous invocation of a function, a version or an alias.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.edit_or(
            &target,
            || no_config(&target),
            Self::NAME,
            |edit| {
                lambda.explain(|| {
                    format!(
                        "{} has no settings for asynchronous events any more, so Lambda's defaults apply: two more \
                         attempts within six hours, and no destination.",
                        target.named()
                    )
                });
                edit.head
                    .attach(target.key(), |attached| attached.event_invoke.take())
                    .map(|_| ())
                    .ok_or_else(|| no_config(&target).into())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn one_goes_and_the_others_stay() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        for name in ["pay", "pay:1"] {
            lambda.call(
                "PutFunctionEventInvokeConfig",
                json!({ "FunctionName": name, "MaximumRetryAttempts": 1 }),
            );
        }
        let of = |name: &str| json!({ "FunctionName": name });
        assert_eq!(
            lambda.call("DeleteFunctionEventInvokeConfig", of("pay")),
            Value::Null
        );
        assert!(
            lambda
                .try_call("GetFunctionEventInvokeConfig", of("pay"))
                .is_err()
        );
        lambda.call("GetFunctionEventInvokeConfig", of("pay:1"));
        lambda.call("DeleteFunction", of("pay:1"));
        assert_eq!(
            lambda.call("ListFunctionEventInvokeConfigs", of("pay")),
            json!({ "FunctionEventInvokeConfigs": [] }),
            "it goes with its version"
        );
    }
}
