//! `CreateCodeSigningConfig`: creates a list of trusted publishers. A function that uses it accepts only their code.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::done,
        tags::resource::{self, Tags},
    },
    state::{code_signing::CodeSigningConfig as Head, name::Description},
    store::clock::last_modified,
};

use super::config::{
    AllowedPublishers, CodeSigningConfig, CodeSigningConfigResponse, CodeSigningPolicies,
};

/// Request of CreateCodeSigningConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateCodeSigningConfigRequest {
    /// A description of the configuration.
    description: Option<Description>,
    /// The signing profiles of the publishers whose code is trusted.
    allowed_publishers: AllowedPublishers,
    /// The action for code that is not trusted.
    code_signing_policies: Option<CodeSigningPolicies>,
    /// Tags to apply to the configuration.
    tags: Option<Tags>,
}

impl Operation for CreateCodeSigningConfigRequest {
    const NAME: &'static str = "CreateCodeSigningConfig";
    const ROUTE: &'static str = "POST /2020-04-22/code-signing-configs 201";
    const ABOUT: &'static str = "Creates a code signing configuration: a list of trusted signing profiles, and a \
        rule for code that none of them has signed. put-function-code-signing-config makes a function use it.";
    type Response = CodeSigningConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CodeSigningConfigResponse> {
        let policies = self.code_signing_policies;
        let tags = self.tags.map(|tags| tags.0).unwrap_or_default();
        resource::check(&tags)?;
        let head = Head {
            code_signing_config_id: String::new(),
            changes: 0,
            description: self.description.map(|description| description.0),
            signing_profile_version_arns: self.allowed_publishers.signing_profile_version_arns,
            untrusted_artifact_on_deployment: policies
                .and_then(|policies| policies.untrusted_artifact_on_deployment)
                .unwrap_or_default(),
            last_modified: String::new(),
            tags,
        };
        let scope = &lambda.place.scope;
        let configs = lambda.code_signing_configs();
        let mut number = 0;
        loop {
            // Seeded ids are numbered. A number whose id was ever used is skipped.
            number += 1;
            let id = id(&lambda
                .place
                .store
                .ids
                .id(&scope.code_signing_config(""), number));
            if configs.ever_was(&id)? {
                continue;
            }
            let arn = scope.code_signing_config(&id);
            let created = configs.create(
                &id,
                &arn,
                Self::NAME,
                |counters, now| Head {
                    code_signing_config_id: id.clone(),
                    changes: counters.changes,
                    last_modified: last_modified(now),
                    ..head.clone()
                },
                |edit| Ok(CodeSigningConfig::of(&edit.head, scope)),
            )?;
            if let Some(created) = created {
                lambda.explain(|| {
                    "A configuration has no effect until put-function-code-signing-config makes a function use it. It \
                     then applies to the next deployment and later ones."
                        .to_owned()
                });
                return Ok(CodeSigningConfigResponse {
                    code_signing_config: done(created)?,
                });
            }
        }
    }
}

/// Makes an id from the last 17 digits of a UUID.
fn id(uuid: &str) -> String {
    let digits: Vec<char> = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    let last = digits.iter().skip(digits.len().saturating_sub(17));
    "csc-".chars().chain(last.copied()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const PROFILE: &str = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v1";

    fn publishers() -> Value {
        json!({ "SigningProfileVersionArns": [PROFILE] })
    }

    #[test]
    fn it_warns_unless_told_to_enforce_and_shows_what_it_was_given() {
        let lambda = Sandbox::new();
        let made = lambda.call(
            "CreateCodeSigningConfig",
            json!({ "AllowedPublishers": publishers() }),
        );
        let config = &made["CodeSigningConfig"];
        let id = config["CodeSigningConfigId"].as_str().expect("an id");
        assert_eq!(
            made,
            json!({ "CodeSigningConfig": {
                "CodeSigningConfigId": id,
                "CodeSigningConfigArn": format!("arn:aws:lambda:us-east-1:123456789012:code-signing-config:{id}"),
                "AllowedPublishers": publishers(),
                "CodeSigningPolicies": { "UntrustedArtifactOnDeployment": "Warn" },
                "LastModified": "2026-11-22T12:00:00.000+0000",
            }})
        );
        let digits = id.strip_prefix("csc-").expect("a prefix");
        assert!(
            digits.len() == 17
                && digits
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        );
        let strict = lambda.call(
            "CreateCodeSigningConfig",
            json!({
                "Description": "strict",
                "AllowedPublishers": publishers(),
                "CodeSigningPolicies": { "UntrustedArtifactOnDeployment": "Enforce" },
            }),
        );
        let strict = &strict["CodeSigningConfig"];
        assert_eq!(strict["Description"], "strict");
        assert_eq!(
            strict["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"],
            "Enforce"
        );
        assert_ne!(strict["CodeSigningConfigId"], id);
    }

    #[test]
    fn ids_come_from_the_seed_and_none_is_given_again() {
        let make = |lambda: &Sandbox| lambda.code_signing_config("Warn");
        let (one, other) = (Sandbox::new(), Sandbox::new());
        let first = make(&one);
        assert_eq!(first, make(&other));
        let second = make(&one);
        one.call(
            "DeleteCodeSigningConfig",
            json!({ "CodeSigningConfigArn": first }),
        );
        let third = make(&one);
        assert!(third != first && third != second);
    }

    #[test]
    fn refuses_no_publisher_too_many_and_what_is_no_arn() {
        let lambda = Sandbox::new();
        for (arns, told) in [
            (
                json!([]),
                "Member must have length greater than or equal to 1",
            ),
            (
                json!(vec![PROFILE; 21]),
                "Member must have length less than or equal to 20",
            ),
            (
                json!(["profile"]),
                "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):",
            ),
        ] {
            let refused = lambda.error(
                "CreateCodeSigningConfig",
                json!({ "AllowedPublishers": { "SigningProfileVersionArns": arns } }),
            );
            assert!(
                refused.starts_with("(ValidationException)") && refused.contains(told),
                "{refused}"
            );
        }
        let refused = lambda.error(
            "CreateCodeSigningConfig",
            json!({
                "AllowedPublishers": publishers(),
                "CodeSigningPolicies": { "UntrustedArtifactOnDeployment": "Ignore" },
            }),
        );
        assert!(
            refused.ends_with("Member must satisfy enum value set: [Warn, Enforce]"),
            "{refused}"
        );
        assert!(lambda.files().is_empty());
    }

    #[test]
    fn tags_are_kept_and_shown_by_list_tags_alone() {
        let lambda = Sandbox::new();
        let make = |tags: Value| json!({ "AllowedPublishers": publishers(), "Tags": tags });
        let made = lambda.call(
            "CreateCodeSigningConfig",
            make(json!({ "z": "1", "a": "" })),
        );
        let config = &made["CodeSigningConfig"];
        assert!(config.get("Tags").is_none());
        let told = lambda.call(
            "ListTags",
            json!({ "Resource": config["CodeSigningConfigArn"] }),
        );
        assert_eq!(told.to_string(), r#"{"Tags":{"z":"1","a":""}}"#);
        let many: serde_json::Map<String, Value> =
            (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
        assert_eq!(
            lambda.error("CreateCodeSigningConfig", make(many.into())),
            "(InvalidParameterValueException): Number of tags exceeds resource tag limit."
        );
    }
}
