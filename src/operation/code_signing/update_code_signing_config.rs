//! `UpdateCodeSigningConfig`: changes the publishers, the policy or the description of a configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::done},
    state::name::{CodeSigningConfigArn, Description},
    store::clock::last_modified,
};

use super::config::{
    AllowedPublishers, CodeSigningConfig, CodeSigningConfigResponse, CodeSigningPolicies, not_found,
};

/// Request of UpdateCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateCodeSigningConfigRequest {
    /// The ARN of the code signing configuration.
    code_signing_config_arn: CodeSigningConfigArn,
    /// A description of the configuration.
    description: Option<Description>,
    /// The signing profiles of the publishers whose code is trusted. They replace all earlier ones.
    allowed_publishers: Option<AllowedPublishers>,
    /// The action for code that is not trusted.
    code_signing_policies: Option<CodeSigningPolicies>,
}

impl Operation for UpdateCodeSigningConfigRequest {
    const NAME: &'static str = "UpdateCodeSigningConfig";
    const ROUTE: &'static str = "PUT /2020-04-22/code-signing-configs/{CodeSigningConfigArn} 200";
    const ABOUT: &'static str = "Changes a code signing configuration. Settings that the call does not name are \
        kept. The change applies to the next deployment of every function that uses it.";
    type Response = CodeSigningConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CodeSigningConfigResponse> {
        let arn = &self.code_signing_config_arn;
        let missing = || not_found(arn);
        let id = lambda.code_signing_id(arn).ok_or_else(missing)?;
        let policies = self.code_signing_policies;
        let updated = lambda
            .code_signing_configs()
            .edit(id, arn, Self::NAME, |edit| {
                lambda.explain(|| {
                    "Settings that the call did not name are kept. The change applies to the next deployment of \
                     every function that uses it; the present code stays."
                        .to_owned()
                });
                let head = &mut edit.head;
                if let Some(description) = self.description {
                    head.description = Some(description.0);
                }
                if let Some(publishers) = self.allowed_publishers {
                    head.signing_profile_version_arns = publishers.signing_profile_version_arns;
                }
                if let Some(policy) =
                    policies.and_then(|policies| policies.untrusted_artifact_on_deployment)
                {
                    head.untrusted_artifact_on_deployment = policy;
                }
                head.last_modified = last_modified(edit.now);
                Ok(CodeSigningConfig::of(head, &lambda.place.scope))
            })?;
        Ok(CodeSigningConfigResponse {
            code_signing_config: done(updated.ok_or_else(missing)?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn what_is_given_is_replaced_and_the_rest_is_kept() {
        let lambda = Sandbox::new();
        let arn = lambda.code_signing_config("Warn");
        let read = || {
            lambda.call(
                "GetCodeSigningConfig",
                json!({ "CodeSigningConfigArn": arn }),
            )
        };
        let mut wanted = read();
        let mut seconds = 0;
        for (member, value) in [
            ("Description", json!("new")),
            (
                "AllowedPublishers",
                json!({ "SigningProfileVersionArns": ["arn:aws:signer:::q", "arn:aws:signer:::r"] }),
            ),
            (
                "CodeSigningPolicies",
                json!({ "UntrustedArtifactOnDeployment": "Enforce" }),
            ),
            ("Description", json!("")),
        ] {
            lambda.pass(Duration::from_secs(1));
            seconds += 1;
            let mut request = json!({ "CodeSigningConfigArn": arn });
            request[member] = value.clone();
            let updated = lambda.call("UpdateCodeSigningConfig", request);
            let config: &mut Value = &mut wanted["CodeSigningConfig"];
            config[member] = value;
            config["LastModified"] = json!(format!("2026-11-22T12:00:0{seconds}.000+0000"));
            assert_eq!(updated, wanted);
            assert_eq!(read(), wanted);
        }
        let empty = json!({ "CodeSigningConfigArn": arn, "CodeSigningPolicies": {} });
        assert_eq!(lambda.call("UpdateCodeSigningConfig", empty), wanted);
    }

    #[test]
    fn a_policy_counts_from_the_next_deployment_on() {
        let lambda = Sandbox::with("pay");
        let arn = lambda.code_signing_config("Warn");
        lambda.call(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" }),
        );
        lambda.update_code("pay", "two", json!({}));
        let before = lambda.latest("pay");
        lambda.call(
            "UpdateCodeSigningConfig",
            json!({
                "CodeSigningConfigArn": arn,
                "CodeSigningPolicies": { "UntrustedArtifactOnDeployment": "Enforce" },
            }),
        );
        assert_eq!(lambda.latest("pay"), before);
        lambda.publish("pay");
        let spool = lambda.zip("three");
        let code = json!({ "FunctionName": "pay", "ZipFile": spool.handle() });
        assert_eq!(
            lambda.error("UpdateFunctionCode", code),
            format!(
                "(CodeVerificationFailedException): The code is not signed by an allowed publisher, which {arn} enforces."
            )
        );
    }
}
