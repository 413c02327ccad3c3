//! `DeleteFunctionCodeSigningConfig`: stops checking the signatures of a function's new code.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::NamespacedFunctionName,
};

/// Request of DeleteFunctionCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionCodeSigningConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
}

impl Operation for DeleteFunctionCodeSigningConfigRequest {
    const NAME: &'static str = "DeleteFunctionCodeSigningConfig";
    const ROUTE: &'static str =
        "DELETE /2020-06-30/functions/{FunctionName}/code-signing-config 204";
    const ABOUT: &'static str = "Removes the code signing configuration from a function.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.edit(&target, Self::NAME, |edit| {
            // It is not an error if the function has no configuration (recorded from AWS 2025-11).
            lambda.explain(|| {
                format!(
                    "Lambda no longer checks new code of {}. It is not an error if the function had no \
                     configuration.",
                    target.name()
                )
            });
            edit.head.code_signing_config_arn = None;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn unsigned_code_is_taken_again_and_nothing_set_is_no_error() {
        let lambda = Sandbox::with("pay");
        let arn = lambda.code_signing_config("Enforce");
        lambda.call(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" }),
        );
        let spool = lambda.zip("two");
        let code = json!({ "FunctionName": "pay", "ZipFile": spool.handle() });
        assert!(
            lambda
                .error("UpdateFunctionCode", code.clone())
                .starts_with("(CodeVerificationFailedException)")
        );
        let of = json!({ "FunctionName": "pay" });
        assert_eq!(
            lambda.call("DeleteFunctionCodeSigningConfig", of.clone()),
            Value::Null
        );
        lambda.call("UpdateFunctionCode", code);
        let before = lambda.files();
        assert_eq!(
            lambda.call("DeleteFunctionCodeSigningConfig", of),
            Value::Null
        );
        assert_eq!(before, lambda.files());
    }
}
