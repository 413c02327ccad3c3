//! `GetFunctionConcurrency`: returns the reserved concurrency of a function.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::FunctionName,
};

use super::{pool::function_only, put_function_concurrency::Concurrency};

/// Request of GetFunctionConcurrency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionConcurrencyRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
}

impl Operation for GetFunctionConcurrencyRequest {
    const NAME: &'static str = "GetFunctionConcurrency";
    const ROUTE: &'static str = "GET /2019-09-30/functions/{FunctionName}/concurrency 200";
    const ABOUT: &'static str = "Returns the number of concurrent invocations that are reserved for a function. The \
        answer is empty without a reservation.";
    type Response = Concurrency;

    fn call(self, lambda: &Lambda<'_>) -> Result<Concurrency> {
        let target = function_only(lambda.target(&self.function_name, None)?)?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                Ok(Concurrency {
                    reserved_concurrent_executions: view.head.reserved_concurrency,
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
    fn nothing_is_reserved_until_something_is() {
        let lambda = Sandbox::with("pay");
        let of = json!({ "FunctionName": "pay" });
        assert_eq!(lambda.call("GetFunctionConcurrency", of.clone()), json!({}));
        assert!(
            lambda
                .call("GetFunction", of.clone())
                .get("Concurrency")
                .is_none()
        );
        lambda.call(
            "PutFunctionConcurrency",
            json!({ "FunctionName": "pay", "ReservedConcurrentExecutions": 0 }),
        );
        assert_eq!(
            lambda.call("GetFunctionConcurrency", of),
            json!({ "ReservedConcurrentExecutions": 0 })
        );
    }

    #[test]
    fn an_unknown_function_is_named() {
        assert_eq!(
            Sandbox::new().error("GetFunctionConcurrency", json!({ "FunctionName": "pay" })),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay"
        );
    }
}
