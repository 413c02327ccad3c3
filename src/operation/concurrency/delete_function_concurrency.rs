//! `DeleteFunctionConcurrency`: gives a function's reserved concurrency back to the account.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::FunctionName,
};

use super::pool::function_only;

/// Request of DeleteFunctionConcurrency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionConcurrencyRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
}

impl Operation for DeleteFunctionConcurrencyRequest {
    const NAME: &'static str = "DeleteFunctionConcurrency";
    const ROUTE: &'static str = "DELETE /2017-10-31/functions/{FunctionName}/concurrency 204";
    const ABOUT: &'static str = "Removes the limit of concurrent invocations from a function.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = function_only(lambda.target(&self.function_name, None)?)?;
        lambda.edit(&target, Self::NAME, |edit| {
            lambda.explain(|| match edit.head.reserved_concurrency {
                Some(reserved) => format!(
                    "Every function may use the {reserved} invocations that were reserved for {}. This function may \
                     use as many as are free.",
                    target.name()
                ),
                None => "Nothing was reserved. It is not an error to remove a missing reservation.".to_owned(),
            });
            edit.head.reserved_concurrency = None;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn what_was_reserved_is_given_back() {
        let lambda = Sandbox::with("pay");
        let of = json!({ "FunctionName": "pay" });
        lambda.call(
            "PutFunctionConcurrency",
            json!({ "FunctionName": "pay", "ReservedConcurrentExecutions": 9 }),
        );
        assert_eq!(
            lambda.call("DeleteFunctionConcurrency", of.clone()),
            Value::Null
        );
        assert_eq!(lambda.call("GetFunctionConcurrency", of.clone()), json!({}));
        assert_eq!(
            lambda.call("GetAccountSettings", json!({}))["AccountLimit"]["UnreservedConcurrentExecutions"],
            1000
        );
        let before = lambda.files();
        lambda.call("DeleteFunctionConcurrency", of);
        assert_eq!(
            before,
            lambda.files(),
            "nothing to give back is no error and writes nothing"
        );
    }

    #[test]
    fn an_unknown_function_is_named() {
        assert_eq!(
            Sandbox::new().error(
                "DeleteFunctionConcurrency",
                json!({ "FunctionName": "pay" })
            ),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay"
        );
    }
}
