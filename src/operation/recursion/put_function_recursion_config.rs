//! `PutFunctionRecursionConfig`: sets what Lambda does if a function calls itself in a loop.

#![allow(missing_docs, reason = "the variants of an enum are AWS's own words")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result, function::members::wire},
    state::name::UnqualifiedFunctionName,
};

/// Request of PutFunctionRecursionConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionRecursionConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: UnqualifiedFunctionName,
    /// Allow: a loop that Lambda detects continues. Terminate: Lambda stops the loop.
    recursive_loop: RecursiveLoop,
}

/// The action for a loop that Lambda detects.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-server-order" = ["Terminate", "Allow"]))]
pub enum RecursiveLoop {
    Allow,
    Terminate,
}

/// Response of both operations: the action for a function that calls itself in a loop.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionRecursionConfig {
    /// Allow or Terminate.
    pub recursive_loop: String,
}

impl Operation for PutFunctionRecursionConfigRequest {
    const NAME: &'static str = "PutFunctionRecursionConfig";
    const ROUTE: &'static str = "PUT /2024-08-31/functions/{FunctionName}/recursion-config 200";
    const ABOUT: &'static str =
        "Sets what Lambda does if it finds that a function is part of a recursive loop.";
    type Response = FunctionRecursionConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionRecursionConfig> {
        let target = lambda.target(&self.function_name, None)?;
        let recursive_loop = wire(self.recursive_loop);
        lambda.edit(&target, Self::NAME, |edit| {
            lambda.explain(|| match recursive_loop.as_str() {
                "Allow" => "If the function is in a loop through a queue or a topic, the loop continues and costs \
                    money until somebody stops it.".to_owned(),
                _ => "If the function is in a loop through a queue or a topic, Lambda stops it after about 16 \
                    rounds. This is also the default."
                    .to_owned(),
            });
            edit.head.recursive_loop = Some(recursive_loop.clone());
            Ok(FunctionRecursionConfig { recursive_loop })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn it_is_the_function_s_and_moves_no_revision() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        for value in ["Allow", "Terminate", "Allow"] {
            let request = json!({ "FunctionName": "pay", "RecursiveLoop": value });
            let told = json!({ "RecursiveLoop": value });
            assert_eq!(lambda.call("PutFunctionRecursionConfig", request), told);
            assert_eq!(
                lambda.call(
                    "GetFunctionRecursionConfig",
                    json!({ "FunctionName": "pay" })
                ),
                told
            );
        }
        assert_eq!(before, lambda.latest("pay"));
    }

    #[test]
    fn refuses_another_value_a_qualifier_and_an_unknown_function() {
        let lambda = Sandbox::with("pay");
        assert_eq!(
            lambda.error(
                "PutFunctionRecursionConfig",
                json!({ "FunctionName": "pay", "RecursiveLoop": "InvalidValue" })
            ),
            "(ValidationException): 1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy \
             constraint: Member must satisfy enum value set: [Terminate, Allow]"
        );
        for operation in ["PutFunctionRecursionConfig", "GetFunctionRecursionConfig"] {
            let of = |name: &str| json!({ "FunctionName": name, "RecursiveLoop": "Allow" });
            assert_eq!(
                lambda.error(operation, of("nope")),
                "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
            );
            assert!(
                lambda.error(operation, of("pay:1")).starts_with(
                    "(ValidationException): 1 validation error detected: Value 'pay:1' at 'functionName' failed to satisfy"
                )
            );
        }
    }
}
