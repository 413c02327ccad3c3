//! What ECR keeps: repositories, by name.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
