//! What IAM keeps: roles. And the ids it gives, which look like `AROARZPUZDIKJW6Z7MHCT`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// IAM's unique id of something: a prefix that tells its kind, and seventeen characters. Equal names have equal ids.
pub fn unique_id(prefix: &str, of: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha256::digest(of.as_bytes());
    let letters = digest
        .iter()
        .take(17)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    prefix.chars().chain(letters).collect()
}

/// `iam.json` of an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Roles {
    /// The roles, by name.
    pub roles: BTreeMap<String, Role>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// Its path, `/`.
    pub path: String,
    /// Its unique id.
    pub role_id: String,
    /// When it was made.
    pub create_date: Timestamp,
    /// Who may take it.
    pub assume_role_policy_document: Value,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Seconds it may be taken for.
    pub max_session_duration: i64,
    /// Tags, in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// The ARNs of the policies it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached_policies: Vec<String>,
    /// Its own policies, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<String, Value>,
}
