//! What ECR keeps: repositories, by name.

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
#[serde(rename_all = "PascalCase", default)]
pub struct Registry {
    /// The repositories.
    pub repositories: BTreeMap<String, Repository>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Repository {
    /// When it was made.
    pub created_at: Timestamp,
    /// MUTABLE or IMMUTABLE.
    pub image_tag_mutability: String,
    /// Whether images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// AES256 or KMS.
    pub encryption_type: String,
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
