//! A code signing configuration: the publishers that a function trusts, and the policy for other code.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::Scope,
    head::{CodeRef, Head, counted},
    kind::{Kind, Named, Reference, Words, holds, tagged},
    name::SigningProfileVersionArn,
};

/// `code-signing-config.json`, the only file of a configuration: it has no versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CodeSigningConfig {
    /// The id: `csc-` and 17 digits. It is also the name of the configuration's folder.
    pub code_signing_config_id: String,
    /// The change counter. It gives the journal lines their numbers, and never decreases.
    pub changes: u64,
    /// The description. An empty text is stored, too, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The signing profiles that are trusted.
    pub signing_profile_version_arns: Vec<SigningProfileVersionArn>,
    /// The policy for code that no trusted publisher has signed.
    pub untrusted_artifact_on_deployment: CodeSigningPolicy,
    /// The moment of the last change, such as `2020-04-10T19:06:32.563+0000`.
    pub last_modified: String,
    /// Tags in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

/// The policy for code without a trusted signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum CodeSigningPolicy {
    /// The code is deployed, and a warning is logged.
    #[default]
    Warn,
    /// The code is refused.
    Enforce,
}

counted!(CodeSigningConfig);

impl Kind for CodeSigningConfig {
    const WORDS: Words = Words {
        one: "code signing configuration",
        many: "code signing configurations",
        before_name: "code signing configuration ",
        service: "lambda",
        members: &["CodeSigningConfigArn"],
    };
    const NAMED: Named = Named::ByService;

    fn called(scope: &Scope, name: &str) -> String {
        scope.code_signing_config(name)
    }

    fn named(text: &str) -> Option<String> {
        let (_, id) = text.rsplit_once(":code-signing-config:")?;
        Some(id.to_owned())
    }

    fn refers(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        match (operation, found) {
            ("DeleteCodeSigningConfig", found) => Some(found.is_none()),
            ("UpdateCodeSigningConfig", Some((config, _))) => {
                holds(request, Self::WORDS.members, |member| {
                    let seen = config.seen(None);
                    match member {
                        "AllowedPublishers" => Some(json!({
                            "SigningProfileVersionArns": seen["SigningProfileVersionArns"],
                        })),
                        "CodeSigningPolicies" => Some(json!({
                            "UntrustedArtifactOnDeployment": seen["UntrustedArtifactOnDeployment"],
                        })),
                        "Description" => Some(seen[member].clone()),
                        _ => None,
                    }
                })
            }
            ("UpdateCodeSigningConfig", None) => Some(false),
            (operation, found) => tagged(&found?.0.tags, operation, request),
        }
    }
}

impl Head for CodeSigningConfig {
    const FOLDER: &'static str = "code-signing-configs";
    const FILE: &'static str = "code-signing-config.json";
    const IS_FUNCTION: bool = false;
    const GOES_IN_TIME: bool = false;
    type Frozen = ();

    fn name(&self) -> &str {
        &self.code_signing_config_id
    }

    fn number((): &()) -> &str {
        ""
    }

    /// No change of a configuration takes time.
    fn settle(&mut self, _: Timestamp) {}

    fn is_gone(&self, _: Timestamp) -> bool {
        false
    }

    fn stored_size(&self) -> u64 {
        0
    }

    fn code(&self) -> Option<CodeRef> {
        None
    }

    fn code_of((): &()) -> CodeRef {
        (None, 0)
    }

    fn newest(&self) -> Option<&str> {
        None
    }

    fn names_versions(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn seen(&self, _: Option<&()>) -> Value {
        json!({
            "Description": self.description,
            "SigningProfileVersionArns": self.signing_profile_version_arns,
            "UntrustedArtifactOnDeployment": self.untrusted_artifact_on_deployment,
            "Tags": self.tags,
        })
    }

    fn parts(&self) -> (Vec<String>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    /// The policy and the publishers, if a change gave them new values.
    fn moved(before: Option<&Self>, after: &Self) -> Value {
        let mut moved = Map::new();
        let policy = after.untrusted_artifact_on_deployment;
        if before.map(|head| head.untrusted_artifact_on_deployment) != Some(policy) {
            moved.insert("UntrustedArtifactOnDeployment".to_owned(), json!(policy));
        }
        let publishers = &after.signing_profile_version_arns;
        if before.map(|head| &head.signing_profile_version_arns) != Some(publishers) {
            moved.insert("SigningProfileVersionArns".to_owned(), json!(publishers));
        }
        moved.into()
    }
}
