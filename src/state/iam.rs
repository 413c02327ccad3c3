//! What IAM keeps: roles. And the ids it gives, which look like `AROARZPUZDIKJW6Z7MHCT`.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    arn::Scope,
    kind::{Entry, Kind, Named, Reference, Words, holds},
};

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

impl Kind for Role {
    const WORDS: Words = Words {
        one: "role",
        many: "roles",
        before_name: "role ",
        service: "iam",
        members: &["RoleName"],
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
        let text = |member: &str| request.get(member).and_then(Value::as_str);
        let is_document = |member: &str, kept: &Value| {
            let asked = text(member).and_then(|text| serde_json::from_str(text).ok());
            asked.as_ref() == Some(kept)
        };
        let role = found.map(|(role, _)| role);
        match operation {
            "CreateRole" => role.map_or(Some(false), |role| {
                holds(request, Self::WORDS.members, |member| match member {
                    "Path" => Some(json!(role.path)),
                    "Description" => Some(json!(role.description)),
                    "MaxSessionDuration" => Some(json!(role.max_session_duration)),
                    "AssumeRolePolicyDocument" => {
                        let is = is_document(member, &role.assume_role_policy_document);
                        Some(if is {
                            request[member].clone()
                        } else {
                            Value::Null
                        })
                    }
                    _ => None,
                })
            }),
            "AttachRolePolicy" => Some(role.is_some_and(|role| {
                let mut attached = role.attached_policies.iter();
                attached.any(|arn| text("PolicyArn") == Some(arn))
            })),
            "PutRolePolicy" => Some(role.is_some_and(|role| {
                let kept = text("PolicyName").and_then(|name| role.policies.get(name));
                kept.is_some_and(|kept| is_document("PolicyDocument", kept))
            })),
            _ => None,
        }
    }
}

impl Entry for Role {
    type Document = Roles;
    const FILE: &'static str = "iam.json";
    const IS_GLOBAL: bool = true;

    fn entries(document: &Roles) -> &BTreeMap<String, Self> {
        &document.roles
    }

    fn seen(&self) -> Value {
        json!(Self {
            create_date: Timestamp::UNIX_EPOCH,
            ..self.clone()
        })
    }
}
