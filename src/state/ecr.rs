//! The data of ECR: repositories, by name.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    arn::Scope,
    kind::{Entry, Kind, Named, Reference, Words, holds},
};

/// `ecr.json` of an account and region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Registry {
    /// The repositories.
    pub repositories: BTreeMap<String, Repository>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Repository {
    /// The moment of creation.
    pub created_at: Timestamp,
    /// MUTABLE or IMMUTABLE.
    pub image_tag_mutability: String,
    /// True if images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// AES256 or KMS.
    pub encryption_type: String,
    /// The lifecycle policy as JSON. It defines when images are removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_policy_text: Option<String>,
    /// The policy for the users of the repository, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_text: Option<String>,
    /// Tags, in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

impl Kind for Repository {
    const WORDS: Words = Words {
        one: "repository",
        many: "repositories",
        before_name: "repository ",
        service: "ecr",
        members: &["repositoryName", "repositoryNames"],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(_: &Scope, name: &str) -> String {
        name.to_owned()
    }

    fn named(text: &str) -> Option<String> {
        Some(text.to_owned())
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
            ("CreateRepository", None) => Some(false),
            ("CreateRepository", Some((repository, _))) => {
                holds(request, Self::WORDS.members, |member| match member {
                    "imageTagMutability" => Some(json!(repository.image_tag_mutability)),
                    "imageScanningConfiguration" => {
                        Some(json!({ "scanOnPush": repository.scan_on_push }))
                    }
                    "encryptionConfiguration" => {
                        Some(json!({ "encryptionType": repository.encryption_type }))
                    }
                    _ => None,
                })
            }
            ("DeleteRepository", found) => Some(found.is_none()),
            ("PutLifecyclePolicy" | "SetRepositoryPolicy", None) => Some(false),
            ("PutLifecyclePolicy", Some((repository, _))) => {
                let asked = request.get("lifecyclePolicyText").and_then(Value::as_str);
                Some(repository.lifecycle_policy_text.as_deref() == asked)
            }
            ("SetRepositoryPolicy", Some((repository, _))) => {
                let asked = request.get("policyText").and_then(Value::as_str);
                Some(repository.policy_text.as_deref() == asked)
            }
            ("DeleteLifecyclePolicy", found) => {
                Some(found.is_none_or(|(repository, _)| repository.lifecycle_policy_text.is_none()))
            }
            ("DeleteRepositoryPolicy", found) => {
                Some(found.is_none_or(|(repository, _)| repository.policy_text.is_none()))
            }
            ("PutImageTagMutability", Some((repository, _))) => {
                let asked = request.get("imageTagMutability").and_then(Value::as_str);
                Some(Some(repository.image_tag_mutability.as_str()) == asked)
            }
            ("PutImageScanningConfiguration", Some((repository, _))) => {
                let asked = request.pointer("/imageScanningConfiguration/scanOnPush");
                Some(json!(repository.scan_on_push) == *asked.unwrap_or(&Value::Bool(false)))
            }
            _ => None,
        }
    }
}

impl Entry for Repository {
    type Document = Registry;
    const FILE: &'static str = "ecr.json";
    const IS_GLOBAL: bool = false;

    fn entries(document: &Registry) -> &BTreeMap<String, Self> {
        &document.repositories
    }

    fn seen(&self) -> Value {
        json!(Self {
            created_at: Timestamp::UNIX_EPOCH,
            ..self.clone()
        })
    }
}
