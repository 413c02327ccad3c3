//! `PutFunctionCodeSigningConfig`: sets the code signing configuration that checks a function's new code.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::{CodeSigningConfigArn, NamespacedFunctionName},
};

use super::config::{FunctionCodeSigningConfig, zip_only};

/// Request of PutFunctionCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutFunctionCodeSigningConfigRequest {
    /// The ARN of the code signing configuration.
    code_signing_config_arn: CodeSigningConfigArn,
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
}

impl Operation for PutFunctionCodeSigningConfigRequest {
    const NAME: &'static str = "PutFunctionCodeSigningConfig";
    const ROUTE: &'static str = "PUT /2020-06-30/functions/{FunctionName}/code-signing-config 200";
    const ABOUT: &'static str = "Makes a function use a code signing configuration. It applies to the next deployment \
        and later ones; the present code stays.";
    type Response = FunctionCodeSigningConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionCodeSigningConfig> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = self.code_signing_config_arn;
        // AWS looks up the configuration before the function (recorded from AWS 2025-11).
        lambda.with_code_signing_config(&arn, Self::NAME, |_| {
            lambda.edit(&target, Self::NAME, |edit| {
                zip_only(&edit.head.latest.configuration.package_type)?;
                lambda.explain(|| {
                    format!(
                        "Lambda checks new code of {} from the next deployment on; the present code stays.",
                        target.name()
                    )
                });
                edit.head.code_signing_config_arn = Some(arn.to_string());
                Ok(FunctionCodeSigningConfig {
                    code_signing_config_arn: Some(arn.to_string()),
                    function_name: Some(target.name().to_owned()),
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn put(arn: &str, name: &str) -> Value {
        json!({ "CodeSigningConfigArn": arn, "FunctionName": name })
    }

    #[test]
    fn it_is_the_function_s_and_moves_no_revision() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        for _ in 0..2 {
            let arn = lambda.code_signing_config("Enforce");
            let told = lambda.call("PutFunctionCodeSigningConfig", put(&arn, "function:pay"));
            assert_eq!(told, put(&arn, "pay"));
            assert_eq!(
                lambda.call(
                    "GetFunctionCodeSigningConfig",
                    json!({ "FunctionName": "pay" })
                ),
                told
            );
        }
        assert_eq!(lambda.latest("pay"), before);
    }

    #[test]
    fn an_unknown_configuration_is_missed_before_the_function() {
        let lambda = Sandbox::with("pay");
        let arn = lambda.code_signing_config("Warn");
        lambda.call(
            "DeleteCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn }),
        );
        let before = lambda.files();
        for (arn, name) in [
            (arn.as_str(), "pay"),
            (&arn, "nope"),
            (&arn.replace("us-east-1", "us-west-2"), "pay"),
        ] {
            let refused = lambda.refused("PutFunctionCodeSigningConfig", put(arn, name));
            assert_eq!(
                refused.to_string(),
                format!(
                    "(CodeSigningConfigNotFoundException): The code signing configuration cannot be found. Check that the \
                     provided configuration is not deleted: {arn}."
                )
            );
            assert_eq!(refused.details["Type"], "User");
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn an_unknown_function_and_a_version_are_refused_by_all_three() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let arn = lambda.code_signing_config("Warn");
        for operation in [
            "PutFunctionCodeSigningConfig",
            "GetFunctionCodeSigningConfig",
            "DeleteFunctionCodeSigningConfig",
        ] {
            assert_eq!(
                lambda.error(operation, put(&arn, "nope")),
                "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
            );
            assert_eq!(
                lambda.error(operation, put(&arn, "pay:1")),
                "(InvalidParameterValueException): Current operation does not support versions other than $LATEST"
            );
        }
    }

    #[test]
    fn an_image_cannot_be_signed() {
        let lambda = Sandbox::new();
        let arn = lambda.code_signing_config("Warn");
        let mut image = json!({
            "FunctionName": "app",
            "Role": "arn:aws:iam::123456789012:role/r",
            "PackageType": "Image",
            "Code": { "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1" },
        });
        lambda.call("CreateFunction", image.clone());
        image["FunctionName"] = json!("other");
        image["CodeSigningConfigArn"] = json!(arn);
        for (operation, request) in [
            ("PutFunctionCodeSigningConfig", put(&arn, "app")),
            ("CreateFunction", image),
        ] {
            assert_eq!(
                lambda.error(operation, request),
                "(InvalidParameterValueException): Code signing is not supported for functions with packageType Image."
            );
        }
    }
}
