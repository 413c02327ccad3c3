//! `UpdateFunctionEventInvokeConfig`: changes some settings for asynchronous events. Settings that are not given are
//! kept.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::{NamespacedFunctionName, Qualifier},
};

use super::config::{
    self, DestinationConfig, FunctionEventInvokeConfig, Given, check_there, no_config, no_function,
};

/// Request of UpdateFunctionEventInvokeConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionEventInvokeConfigRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// A version or an alias.
    qualifier: Option<Qualifier>,
    /// Maximum number of retries of an event when the function returns an error.
    #[schemars(range(min = 0, max = 2))]
    maximum_retry_attempts: Option<u64>,
    /// Maximum age of an event in seconds while it waits for processing.
    #[schemars(range(min = 60, max = 21_600))]
    maximum_event_age_in_seconds: Option<u64>,
    /// The destinations for records of processed events. They replace all earlier ones.
    destination_config: Option<DestinationConfig>,
}

impl Operation for UpdateFunctionEventInvokeConfigRequest {
    const NAME: &'static str = "UpdateFunctionEventInvokeConfig";
    const ROUTE: &'static str = "POST /2019-09-25/functions/{FunctionName}/event-invoke-config 200";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Updates the configuration of asynchronous invocation of a function, a version or an \
        alias. Settings that the call does not name are kept.";
    type Response = FunctionEventInvokeConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionEventInvokeConfig> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        let given = Given {
            maximum_retry_attempts: self.maximum_retry_attempts,
            maximum_event_age_in_seconds: self.maximum_event_age_in_seconds,
            destination_config: self.destination_config,
        };
        given.check(lambda, &target)?;
        lambda.edit_or(&target, no_function, Self::NAME, |edit| {
            check_there(&edit.head, &target, |number| edit.version(number))?;
            let key = target.key();
            let mut config = config::of(&edit.head, key)
                .cloned()
                .ok_or_else(|| no_config(&target))?;
            given.apply(&mut config);
            config.last_modified = edit.now;
            lambda.explain(|| {
                format!(
                    "The given settings for asynchronous events of {} are changed, and the others are kept. Put \
                     would replace all of them.",
                    target.named()
                )
            });
            let shown = FunctionEventInvokeConfig::of(&target.arn, key, &config);
            edit.head
                .attach(key, |attached| attached.event_invoke = Some(config));
            Ok(shown)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn what_is_not_given_is_kept_and_destinations_are_one_setting() {
        let lambda = Sandbox::with("pay");
        let queue = |name: &str| json!({ "Destination": format!("arn:aws:sqs:us-east-1:123456789012:{name}") });
        let call = |operation: &str, more: Value| {
            let mut request = more;
            request["FunctionName"] = json!("pay");
            lambda.call(operation, request)
        };
        call(
            "PutFunctionEventInvokeConfig",
            json!({ "MaximumRetryAttempts": 1, "DestinationConfig": { "OnSuccess": queue("a") } }),
        );
        let aged = call(
            "UpdateFunctionEventInvokeConfig",
            json!({ "MaximumEventAgeInSeconds": 90 }),
        );
        assert_eq!(
            (
                &aged["MaximumRetryAttempts"],
                &aged["MaximumEventAgeInSeconds"]
            ),
            (&json!(1), &json!(90))
        );
        assert_eq!(aged["DestinationConfig"]["OnSuccess"], queue("a"));
        let sent = call(
            "UpdateFunctionEventInvokeConfig",
            json!({ "DestinationConfig": { "OnFailure": queue("b") } }),
        );
        assert_eq!(
            sent["DestinationConfig"],
            json!({ "OnSuccess": {}, "OnFailure": queue("b") })
        );
        assert_eq!(sent["MaximumRetryAttempts"], 1);
    }

    #[test]
    fn there_has_to_be_one() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        for (name, arn) in [("pay", "pay:$LATEST"), ("pay:1", "pay:1")] {
            assert_eq!(
                lambda.error(
                    "UpdateFunctionEventInvokeConfig",
                    json!({ "FunctionName": name, "MaximumRetryAttempts": 1 })
                ),
                format!(
                    "(ResourceNotFoundException): The function arn:aws:lambda:us-east-1:123456789012:function:{arn} \
                     doesn't have an EventInvokeConfig"
                )
            );
        }
    }
}
