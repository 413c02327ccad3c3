//! `PutFunctionScalingConfig`: sets the minimum and maximum number of environments of a published version.
//!
//! AWS's page says that this operation is for functions on managed instances. AWS's answer for other functions was not
//! recorded. Here, the setting is stored and in effect at once, and nothing else changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::{FunctionScalingConfig, check_there};
use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{function_not_found, invalid, settled},
    },
    state::{
        attached::Scaling,
        name::{PublishedQualifier, UnqualifiedFunctionName},
    },
};

/// Request of PutFunctionScalingConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionScalingConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: UnqualifiedFunctionName,
    /// The published version.
    qualifier: PublishedQualifier,
    /// The minimum and maximum number of environments. Without this option, an earlier setting is removed.
    function_scaling_config: Option<FunctionScalingConfig>,
}

/// Response of PutFunctionScalingConfig.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionScalingConfigResponse {
    /// The state of the version.
    function_state: &'static str,
}

impl Operation for PutFunctionScalingConfigRequest {
    const NAME: &'static str = "PutFunctionScalingConfig";
    const ROUTE: &'static str =
        "PUT /2025-11-30/functions/{FunctionName}/function-scaling-config 202";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Sets the minimum and maximum number of execution environments of a published \
        version. This is not an update: a publish after it makes no version.";
    type Response = PutFunctionScalingConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutFunctionScalingConfigResponse> {
        let target = lambda.scaled(&self.function_name, &self.qualifier)?;
        let scaling = self.function_scaling_config.map(|config| Scaling {
            min_execution_environments: config.min_execution_environments,
            max_execution_environments: config.max_execution_environments,
        });
        if let Some(Scaling {
            min_execution_environments: Some(min),
            max_execution_environments: Some(max),
        }) = scaling
            && min > max
        {
            // AWS's error was not recorded; these words are ours.
            return Err(invalid(format!(
                "MinExecutionEnvironments ({min}) cannot be greater than MaxExecutionEnvironments ({max})."
            ))
            .into());
        }
        let missing = || function_not_found(&target.asked());
        lambda.edit_or(&target, missing, Self::NAME, |edit| {
            check_there(&edit.head, &target, |number| edit.version(number))?;
            settled(&edit.head, &target.arn)?;
            lambda.explain(|| {
                format!(
                    "The number of environments of {} is not part of the version, just as concurrency is not: the \
                     version stays frozen, and no RevisionId changes.",
                    target.named()
                )
            });
            edit.head.attach(target.key(), |attached| attached.scaling = scaling);
            Ok(PutFunctionScalingConfigResponse {
                function_state: "Active",
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn put(config: Value) -> Value {
        json!({ "FunctionName": "pay", "Qualifier": "1", "FunctionScalingConfig": config })
    }

    fn get(lambda: &Sandbox) -> String {
        let of = json!({ "FunctionName": "pay", "Qualifier": "1" });
        lambda.call("GetFunctionScalingConfig", of).to_string()
    }

    #[test]
    fn it_is_the_version_s_and_moves_no_revision() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let nothing = format!(r#"{{"FunctionArn":"{ARN}:1"}}"#);
        assert_eq!(get(&lambda), nothing);
        let before = lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }));
        assert_eq!(
            lambda.call(
                "PutFunctionScalingConfig",
                put(json!({ "MinExecutionEnvironments": 2, "MaxExecutionEnvironments": 9 }))
            ),
            json!({ "FunctionState": "Active" })
        );
        let config = r#"{"MinExecutionEnvironments":2,"MaxExecutionEnvironments":9}"#;
        assert_eq!(
            get(&lambda),
            format!(
                r#"{{"FunctionArn":"{ARN}:1","AppliedFunctionScalingConfig":{config},"RequestedFunctionScalingConfig":{config}}}"#
            )
        );
        assert_eq!(
            before,
            lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }))
        );
        assert_eq!(lambda.publish("pay"), "1", "it is no update");
        lambda.call("PutFunctionScalingConfig", put(Value::Null));
        assert_eq!(get(&lambda), nothing);
    }

    #[test]
    fn refuses_bounds_that_cross_and_what_is_not_there() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let before = lambda.files();
        for (config, told) in [
            (
                json!({ "MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 2 }),
                "(InvalidParameterValueException): MinExecutionEnvironments (3) cannot be greater than \
                 MaxExecutionEnvironments (2).",
            ),
            (
                json!({ "MinExecutionEnvironments": 15_001 }),
                "(ValidationException): 1 validation error detected: Value '15001' at \
                 'functionScalingConfig.minExecutionEnvironments' failed to satisfy constraint: Member must have value less \
                 than or equal to 15000",
            ),
        ] {
            assert_eq!(lambda.error("PutFunctionScalingConfig", put(config)), told);
        }
        for operation in ["PutFunctionScalingConfig", "GetFunctionScalingConfig"] {
            for (name, qualifier) in [("pay", "7"), ("pay", "$LATEST.PUBLISHED"), ("nope", "1")] {
                let arn = ARN.replace("pay", name);
                assert_eq!(
                    lambda.error(
                        operation,
                        json!({ "FunctionName": name, "Qualifier": qualifier })
                    ),
                    format!("(ResourceNotFoundException): Function not found: {arn}:{qualifier}")
                );
            }
            let told = lambda.error(
                operation,
                json!({ "FunctionName": "pay", "Qualifier": "live" }),
            );
            assert!(
                told.contains(r"pattern: (\$LATEST\.PUBLISHED|[0-9]+)"),
                "{told}"
            );
        }
        assert_eq!(before, lambda.files());
    }
}
