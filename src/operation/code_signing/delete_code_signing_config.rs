//! `DeleteCodeSigningConfig`: deletes a code signing configuration that no function uses.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        name::CodeSigningConfigArn,
    },
};

use super::config::not_found;

/// Request of DeleteCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteCodeSigningConfigRequest {
    /// The ARN of the code signing configuration.
    code_signing_config_arn: CodeSigningConfigArn,
}

impl Operation for DeleteCodeSigningConfigRequest {
    const NAME: &'static str = "DeleteCodeSigningConfig";
    const ROUTE: &'static str =
        "DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 204";
    const ABOUT: &'static str = "Deletes a code signing configuration. No function may use it.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let arn = &self.code_signing_config_arn;
        let id = lambda.code_signing_id(arn).ok_or_else(|| not_found(arn))?;
        let deleted = lambda.code_signing_configs().delete(id, |_| {
            for name in lambda.functions().names()? {
                if lambda.uses_code_signing_config(&name, arn)? {
                    // AWS's page says that this is refused. AWS's words were not recorded; these words are ours.
                    return Err(ServiceError::new(
                        Code::ResourceConflictException,
                        format!("The code signing configuration {arn} is in use by functions."),
                    )
                    .with_explanation(format!(
                        "A configuration that a function uses cannot be deleted: {name} uses it, and would lose the \
                         check without notice."
                    ))
                    .with_hint(format!(
                        "to list those functions: aws lambda list-functions-by-code-signing-config \
                         --code-signing-config-arn {arn}"
                    ))
                    .into());
                }
            }
            lambda.explain(|| "It was deleted, because no function uses it.".to_owned());
            Ok(())
        })?;
        Ok(deleted.ok_or_else(|| not_found(arn))?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn one_in_use_is_refused_until_the_last_function_lets_go() {
        let lambda = Sandbox::with("pay");
        lambda.create("ship");
        let arn = lambda.code_signing_config("Warn");
        let this = json!({ "CodeSigningConfigArn": arn });
        for name in ["pay", "ship"] {
            lambda.call(
                "PutFunctionCodeSigningConfig",
                json!({ "CodeSigningConfigArn": arn, "FunctionName": name }),
            );
        }
        let before = lambda.files();
        let in_use = |told: String| {
            assert_eq!(
                told,
                format!(
                    "(ResourceConflictException): The code signing configuration {arn} is in use by functions."
                )
            );
        };
        in_use(lambda.error("DeleteCodeSigningConfig", this.clone()));
        assert_eq!(before, lambda.files());
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay" }));
        in_use(lambda.error("DeleteCodeSigningConfig", this.clone()));
        lambda.call(
            "DeleteFunctionCodeSigningConfig",
            json!({ "FunctionName": "ship" }),
        );
        assert_eq!(
            lambda.call("DeleteCodeSigningConfig", this.clone()),
            Value::Null
        );
        assert!(
            lambda
                .error("DeleteCodeSigningConfig", this)
                .starts_with("(ResourceNotFoundException)")
        );
        assert_eq!(
            lambda.call("ListCodeSigningConfigs", json!({})),
            json!({ "CodeSigningConfigs": [] })
        );
    }
}
