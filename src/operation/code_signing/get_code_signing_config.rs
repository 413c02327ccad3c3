//! `GetCodeSigningConfig`: returns one code signing configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::CodeSigningConfigArn,
};

use super::config::{CodeSigningConfig, CodeSigningConfigResponse, not_found};

/// Request of GetCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetCodeSigningConfigRequest {
    /// The ARN of the code signing configuration.
    code_signing_config_arn: CodeSigningConfigArn,
}

impl Operation for GetCodeSigningConfigRequest {
    const NAME: &'static str = "GetCodeSigningConfig";
    const ROUTE: &'static str = "GET /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 200";
    const ABOUT: &'static str = "Returns details about a code signing configuration.";
    type Response = CodeSigningConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CodeSigningConfigResponse> {
        let missing = || not_found(&self.code_signing_config_arn);
        let id = lambda.code_signing_id(&self.code_signing_config_arn);
        let read = lambda
            .code_signing_configs()
            .view(id.ok_or_else(missing)?, |view| {
                Ok(CodeSigningConfig::of(&view.head, &lambda.place.scope))
            })?;
        Ok(CodeSigningConfigResponse {
            code_signing_config: read.ok_or_else(missing)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn answers_what_was_created() {
        let lambda = Sandbox::new();
        let made = lambda.call(
            "CreateCodeSigningConfig",
            json!({
                "Description": "",
                "AllowedPublishers": { "SigningProfileVersionArns": ["arn:aws:signer:::p", "arn:aws:signer:::q"] },
            }),
        );
        let arn = &made["CodeSigningConfig"]["CodeSigningConfigArn"];
        let read = lambda.call(
            "GetCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn }),
        );
        assert_eq!(made, read);
    }

    #[test]
    fn one_that_is_not_there_is_told_without_type_by_every_operation_on_it() {
        let lambda = Sandbox::new();
        let made = lambda.code_signing_config("Warn");
        let before = lambda.files();
        for arn in [
            "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefg"
                .to_owned(),
            made.replace("us-east-1", "us-west-2"),
            made.replace("123456789012", "210987654321"),
        ] {
            for operation in [
                "GetCodeSigningConfig",
                "UpdateCodeSigningConfig",
                "DeleteCodeSigningConfig",
                "ListFunctionsByCodeSigningConfig",
            ] {
                let refused = lambda.refused(operation, json!({ "CodeSigningConfigArn": arn }));
                assert_eq!(
                    refused.to_string(),
                    format!(
                        "(ResourceNotFoundException): The Lambda code signing configuration {arn} can not be found."
                    )
                );
                assert_eq!(refused.details.get("Type"), None::<&Value>);
            }
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_what_is_no_arn_of_one() {
        for operation in [
            "GetCodeSigningConfig",
            "UpdateCodeSigningConfig",
            "DeleteCodeSigningConfig",
            "ListFunctionsByCodeSigningConfig",
        ] {
            let refused =
                Sandbox::new().error(operation, json!({ "CodeSigningConfigArn": "csc-1" }));
            assert!(
                refused.starts_with(
                    "(ValidationException): 1 validation error detected: Value 'csc-1' at 'codeSigningConfigArn' failed to \
                     satisfy constraint: Member must satisfy regular expression pattern: arn:"
                ),
                "{refused}"
            );
        }
    }
}
