//! `PutFunctionEventInvokeConfig`: replaces the settings for asynchronous events.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        attached::EventInvoke,
        name::{NamespacedFunctionName, Qualifier},
    },
};

use super::config::{
    DestinationConfig, FunctionEventInvokeConfig, Given, check_there, no_function,
};

/// Request of PutFunctionEventInvokeConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionEventInvokeConfigRequest {
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
    /// The destinations for records of processed events.
    destination_config: Option<DestinationConfig>,
}

impl Operation for PutFunctionEventInvokeConfigRequest {
    const NAME: &'static str = "PutFunctionEventInvokeConfig";
    const ROUTE: &'static str = "PUT /2019-09-25/functions/{FunctionName}/event-invoke-config 200";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Configures asynchronous invocation of a function, a version or an alias. It \
        replaces all earlier settings; update-function-event-invoke-config keeps those that the call does not name.";
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
            let mut config = EventInvoke {
                last_modified: edit.now,
                maximum_retry_attempts: None,
                maximum_event_age_in_seconds: None,
                on_success: None,
                on_failure: None,
            };
            given.apply(&mut config);
            lambda.explain(|| {
                format!(
                    "{} has only the given settings for asynchronous events: put replaces all settings, update keeps \
                     those that the call does not name. Each version and alias has its own settings.",
                    target.named()
                )
            });
            let shown = FunctionEventInvokeConfig::of(&target.arn, target.key(), &config);
            edit.head.attach(target.key(), |attached| {
                attached.event_invoke = Some(config)
            });
            Ok(shown)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:queue";

    fn config(more: Value) -> Value {
        let mut request = json!({ "FunctionName": "pay" });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    /// A function with version 1 and an alias `live`, which points at version 1.
    fn aliased() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        lambda
    }

    #[test]
    fn it_replaces_everything_and_shows_both_destinations() {
        let lambda = aliased();
        let before = lambda.latest("pay");
        let all = json!({
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": { "OnSuccess": { "Destination": QUEUE } },
        });
        assert_eq!(
            lambda
                .call("PutFunctionEventInvokeConfig", config(all))
                .to_string(),
            format!(
                r#"{{"LastModified":"2026-11-22T12:00:00+00:00","FunctionArn":"{ARN}:$LATEST","MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60,"DestinationConfig":{{"OnSuccess":{{"Destination":"{QUEUE}"}},"OnFailure":{{}}}}}}"#
            )
        );
        lambda.pass(Duration::from_micros(1_234_567));
        assert_eq!(
            lambda
                .call(
                    "PutFunctionEventInvokeConfig",
                    config(json!({ "MaximumRetryAttempts": 2 }))
                )
                .to_string(),
            format!(
                r#"{{"LastModified":"2026-11-22T12:00:01.234000+00:00","FunctionArn":"{ARN}:$LATEST","MaximumRetryAttempts":2,"DestinationConfig":{{"OnSuccess":{{}},"OnFailure":{{}}}}}}"#
            )
        );
        assert_eq!(before, lambda.latest("pay"), "no RevisionId moves");
    }

    #[test]
    fn each_qualifier_has_its_own() {
        let lambda = aliased();
        for (name, retries) in [("pay", 0), ("pay:1", 1), ("pay:live", 2)] {
            let request = json!({ "FunctionName": name, "MaximumRetryAttempts": retries });
            lambda.call("PutFunctionEventInvokeConfig", request);
        }
        for (qualifier, retries) in [("$LATEST", 0), ("1", 1), ("live", 2)] {
            let read = lambda.call(
                "GetFunctionEventInvokeConfig",
                json!({ "FunctionName": "pay", "Qualifier": qualifier }),
            );
            assert_eq!(read["MaximumRetryAttempts"], retries);
            assert_eq!(read["FunctionArn"], format!("{ARN}:{qualifier}"));
        }
    }

    #[test]
    fn refuses_nothing_at_all_before_it_looks_for_the_function() {
        for operation in [
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
        ] {
            assert_eq!(
                Sandbox::new().error(operation, config(json!({}))),
                "(InvalidParameterValueException): You must specify at least one of error handling or destination setting."
            );
        }
    }

    #[test]
    fn a_function_version_or_alias_has_to_exist() {
        let lambda = aliased();
        for operation in [
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
        ] {
            for name in ["nope", "pay:7", "pay:nobody", "nope:1"] {
                for setting in [
                    json!({ "FunctionName": name, "MaximumRetryAttempts": 1 }),
                    json!({ "FunctionName": name, "DestinationConfig": { "OnSuccess": { "Destination": "arn:aws:x:::y" } } }),
                ] {
                    assert_eq!(
                        lambda.error(operation, setting),
                        "(ResourceNotFoundException): The function doesn't exist."
                    );
                }
            }
        }
    }

    #[test]
    fn destinations_are_checked() {
        let lambda = aliased();
        lambda.create("other");
        let to = |side: &str, arn: &str| {
            config(json!({ "DestinationConfig": { side: { "Destination": arn } } }))
        };
        let function = |name: &str| ARN.replace("pay", name);
        for operation in [
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
        ] {
            assert_eq!(
                lambda.error(operation, to("OnFailure", &function("nope"))),
                format!(
                    "(InvalidParameterValueException): The destination ARN {} is invalid.",
                    function("nope")
                )
            );
            for own in [function("pay"), function("pay:live")] {
                assert_eq!(
                    lambda.error(operation, to("OnSuccess", &own)),
                    "(InvalidParameterValueException): You can't specify the function as a destination for itself."
                );
            }
            for (side, arn, shown) in [
                (
                    "OnSuccess",
                    "arn:aws:iam::123456789012:role/r",
                    "onSuccess=OnSuccess(destination={}), onFailure=null",
                ),
                (
                    "OnFailure",
                    "kafka://topic",
                    "onSuccess=null, onFailure=OnFailure(destination={})",
                ),
                (
                    "OnSuccess",
                    "arn:aws:s3:::bucket",
                    "onSuccess=OnSuccess(destination={}), onFailure=null",
                ),
            ] {
                assert_eq!(
                    lambda.error(operation, to(side, arn)),
                    format!(
                        "(InvalidParameterValueException): The provided destination config DestinationConfig({}) is \
                         invalid.",
                        shown.replace("{}", arn)
                    )
                );
            }
            assert_eq!(
                lambda.error(operation, to("OnFailure", "queue")),
                "(ValidationException): 1 validation error detected: Value 'queue' at \
                 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular \
                 expression pattern: $|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:\
                 ((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)"
            );
        }
        for (side, arn) in [
            ("OnSuccess", function("other")),
            ("OnSuccess", function("other:live")),
            ("OnSuccess", ARN.replace("us-east-1", "eu-west-1")),
            ("OnFailure", "arn:aws:s3:::bucket".to_owned()),
            (
                "OnSuccess",
                "arn:aws:sns:us-east-1:123456789012:topic".to_owned(),
            ),
            (
                "OnSuccess",
                "arn:aws:events:us-east-1:123456789012:event-bus/bus".to_owned(),
            ),
        ] {
            let shown = lambda.call("PutFunctionEventInvokeConfig", to(side, &arn));
            assert_eq!(shown["DestinationConfig"][side]["Destination"], arn);
        }
        let none = lambda.call("PutFunctionEventInvokeConfig", to("OnSuccess", ""));
        assert_eq!(
            none["DestinationConfig"],
            json!({ "OnSuccess": {}, "OnFailure": {} })
        );
    }

    #[test]
    fn numbers_have_bounds() {
        let lambda = aliased();
        for (member, value, path, side) in [
            (
                "MaximumRetryAttempts",
                3,
                "maximumRetryAttempts",
                "less than or equal to 2",
            ),
            (
                "MaximumRetryAttempts",
                -1,
                "maximumRetryAttempts",
                "greater than or equal to 0",
            ),
            (
                "MaximumEventAgeInSeconds",
                59,
                "maximumEventAgeInSeconds",
                "greater than or equal to 60",
            ),
            (
                "MaximumEventAgeInSeconds",
                21_601,
                "maximumEventAgeInSeconds",
                "less than or equal to 21600",
            ),
        ] {
            assert_eq!(
                lambda.error(
                    "PutFunctionEventInvokeConfig",
                    config(json!({ member: value }))
                ),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{value}' at '{path}' failed to satisfy \
                     constraint: Member must have value {side}"
                )
            );
        }
    }
}
