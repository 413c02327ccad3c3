//! `PutFunctionConcurrency`: reserves concurrent invocations for a function. The number is also the function's maximum.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{function_not_found, invalid},
    },
    state::name::FunctionName,
};

use super::pool::{Pool, below_minimum, function_only};

/// Request of PutFunctionConcurrency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionConcurrencyRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The number of concurrent invocations to reserve for the function. 0 throttles every invocation.
    reserved_concurrent_executions: u64,
}

/// The reserved concurrency of a function.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Concurrency {
    /// The number of concurrent invocations that are reserved for the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_concurrent_executions: Option<u64>,
}

impl Operation for PutFunctionConcurrencyRequest {
    const NAME: &'static str = "PutFunctionConcurrency";
    const ROUTE: &'static str = "PUT /2017-10-31/functions/{FunctionName}/concurrency 200";
    const ABOUT: &'static str = "Sets the maximum number of concurrent invocations of a function and reserves them for \
        it. All its versions share them. The account keeps 100 invocations that no function can reserve.";
    type Response = Concurrency;

    fn call(self, lambda: &Lambda<'_>) -> Result<Concurrency> {
        let target = function_only(lambda.target(&self.function_name, None)?)?;
        let missing = || function_not_found(&target.arn.qualified("$LATEST"));
        let pool = Pool::new(lambda, &target);
        let reserved = self.reserved_concurrent_executions;
        lambda.edit_or(&target, missing, Self::NAME, |edit| {
            let level = pool.level()?;
            if reserved.saturating_add(level.minimum) > level.left {
                return Err(below_minimum("ReservedConcurrentExecutions", level.minimum).into());
            }
            let provisioned = edit.head.provisioned_concurrency(None);
            if reserved < provisioned {
                // AWS's text has two blanks here (recorded 2025-11).
                return Err(invalid(format!(
                    " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned \
                     concurrency [{provisioned}]."
                ))
                .without_type()
                .with_explanation(format!(
                    "The reserved concurrency includes the {provisioned} environments that are provisioned for \
                     versions and aliases: reserve at least as many, or provision fewer first."
                ))
                .into());
            }
            lambda.explain(|| match reserved {
                0 => format!(
                    "{} may have no concurrent invocation, so Lambda refuses every one until \
                     delete-function-concurrency. This is the emergency stop.",
                    target.name()
                ),
                _ => format!(
                    "{reserved} concurrent invocations are reserved for {} and are its maximum over all its versions. \
                     No other function can use them.",
                    target.name()
                ),
            });
            edit.head.reserved_concurrency = Some(reserved);
            Ok(Concurrency {
                reserved_concurrent_executions: Some(reserved),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn reserve(name: &str, number: u64) -> Value {
        json!({ "FunctionName": name, "ReservedConcurrentExecutions": number })
    }

    fn unreserved(lambda: &Sandbox) -> Value {
        lambda.call("GetAccountSettings", json!({}))["AccountLimit"]["UnreservedConcurrentExecutions"].clone()
    }

    #[test]
    fn what_is_reserved_is_shown_and_taken_from_the_account() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let before = lambda.latest("pay");
        for number in [0, 900, 7] {
            assert_eq!(
                lambda.call("PutFunctionConcurrency", reserve("pay", number)),
                json!({ "ReservedConcurrentExecutions": number })
            );
            assert_eq!(unreserved(&lambda), 1000 - number);
            for name in ["pay", "pay:1"] {
                assert_eq!(
                    lambda.call("GetFunction", json!({ "FunctionName": name }))["Concurrency"],
                    json!({ "ReservedConcurrentExecutions": number })
                );
            }
        }
        assert_eq!(before, lambda.latest("pay"), "no RevisionId moves");
        assert_eq!(
            lambda.publish("pay"),
            "1",
            "and there is nothing to publish"
        );
        lambda.create("other");
        lambda.call("PutFunctionConcurrency", reserve("other", 893));
        assert_eq!(unreserved(&lambda), 100);
        lambda.call("DeleteFunction", json!({ "FunctionName": "other" }));
        assert_eq!(unreserved(&lambda), 993);
    }

    #[test]
    fn the_account_keeps_a_hundred_and_a_function_s_own_are_credited() {
        let lambda = Sandbox::with("pay");
        lambda.create("other");
        lambda.call("PutFunctionConcurrency", reserve("other", 400));
        lambda.call("PutFunctionConcurrency", reserve("pay", 500));
        lambda.call("PutFunctionConcurrency", reserve("pay", 500));
        let before = lambda.files();
        for number in [501, 1001, u64::MAX] {
            let refused = lambda.refused("PutFunctionConcurrency", reserve("pay", number));
            assert_eq!(
                refused.to_string(),
                "(InvalidParameterValueException): Specified ReservedConcurrentExecutions for function decreases \
                 account's UnreservedConcurrentExecution below its minimum value of [100]."
            );
            assert!(refused.details.is_empty(), "it has no Type");
        }
        assert_eq!(before, lambda.files());
        fs::write(
            lambda.here().join("account.json"),
            r#"{ "ConcurrentExecutions": 10 }"#,
        )
        .expect("limits");
        lambda.call("DeleteFunction", json!({ "FunctionName": "other" }));
        assert!(
            lambda
                .error("PutFunctionConcurrency", reserve("pay", 1))
                .ends_with("below its minimum value of [10].")
        );
        lambda.call("PutFunctionConcurrency", reserve("pay", 0));
    }

    #[test]
    fn refuses_less_than_is_provisioned() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "PutProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1", "ProvisionedConcurrentExecutions": 5 }),
        );
        let refused = lambda.refused("PutFunctionConcurrency", reserve("pay", 4));
        assert_eq!(
            refused.message,
            " ReservedConcurrentExecutions  4 should not be lower than function's total provisioned concurrency [5]."
        );
        assert!(refused.details.is_empty(), "it has no Type");
        assert_eq!(unreserved(&lambda), 995);
        lambda.call("PutFunctionConcurrency", reserve("pay", 5));
        assert_eq!(
            unreserved(&lambda),
            995,
            "what is provisioned comes out of what is reserved"
        );
    }

    #[test]
    fn refuses_versions_aliases_and_latest_by_name() {
        let lambda = Sandbox::with("pay");
        for qualifier in ["1", "live", "$LATEST"] {
            for operation in [
                "PutFunctionConcurrency",
                "GetFunctionConcurrency",
                "DeleteFunctionConcurrency",
            ] {
                let mut request = json!({ "FunctionName": format!("pay:{qualifier}") });
                if operation == "PutFunctionConcurrency" {
                    request["ReservedConcurrentExecutions"] = json!(1);
                }
                assert_eq!(
                    lambda.error(operation, request),
                    "(InvalidParameterValueException): This operation is permitted on Lambda functions only. Aliases and \
                     versions do not support this operation. Please specify either a function name or an unqualified \
                     function ARN."
                );
            }
        }
    }

    #[test]
    fn an_unknown_function_is_named_with_latest() {
        assert_eq!(
            Sandbox::new().error("PutFunctionConcurrency", reserve("pay", 1)),
            format!("(ResourceNotFoundException): Function not found: {ARN}:$LATEST")
        );
    }

    #[test]
    fn refuses_a_negative_number() {
        let lambda = Sandbox::with("pay");
        assert_eq!(
            lambda.error(
                "PutFunctionConcurrency",
                json!({ "FunctionName": "pay", "ReservedConcurrentExecutions": -1 })
            ),
            "(ValidationException): 1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to \
             satisfy constraint: Member must have value greater than or equal to 0"
        );
    }
}
