//! The data of IAM: roles and policies, and their unique ids such as `AROARZPUZDIKJW6Z7MHCT`.

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

/// The unique id that IAM gives a resource: a prefix for its kind, and seventeen characters. Equal names give equal
/// ids.
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
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Roles {
    /// The roles, by name.
    pub roles: BTreeMap<String, Role>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// The role's path, such as `/`.
    pub path: String,
    /// The role's unique id.
    pub role_id: String,
    /// The moment of creation.
    pub create_date: Timestamp,
    /// The trust policy: the principals that may assume the role.
    pub assume_role_policy_document: Value,
    /// The role's purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session_duration: i64,
    /// Tags, in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// The ARNs of the managed policies that are attached to the role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached_policies: Vec<String>,
    /// The role's inline policies, by name.
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
            "UpdateAssumeRolePolicy" => Some(role.is_some_and(|role| {
                is_document("PolicyDocument", &role.assume_role_policy_document)
            })),
            "DetachRolePolicy" => Some(role.is_none_or(|role| {
                let mut attached = role.attached_policies.iter();
                attached.all(|arn| text("PolicyArn") != Some(arn))
            })),
            "DeleteRolePolicy" => {
                let name = text("PolicyName")?;
                Some(role.is_none_or(|role| !role.policies.contains_key(name)))
            }
            "DeleteRole" => Some(role.is_none()),
            "TagRole" | "UntagRole" => {
                Some(role.is_some_and(|role| tags_hold(request, &role.tags)))
            }
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

/// Returns true if all tags that a request sets are present, and all tags that it removes are absent.
fn tags_hold(request: &Value, tags: &IndexMap<String, String>) -> bool {
    let list = |member: &str| {
        request
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let has = |tag: &Value| {
        let key = tag.get("Key").and_then(Value::as_str).unwrap_or_default();
        tags.get(key).map(String::as_str) == tag.get("Value").and_then(Value::as_str)
    };
    let is_gone = |key: &Value| key.as_str().is_some_and(|key| !tags.contains_key(key));
    list("Tags").all(has) && list("TagKeys").all(is_gone)
}

/// `iam-policies.json` of an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Policies {
    /// The policies. The key is the part of the policy's ARN after `policy/`: path and name.
    pub policies: BTreeMap<String, Policy>,
}

/// A managed policy that belongs to the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// The policy's unique id.
    pub policy_id: String,
    /// The moment of creation.
    pub create_date: Timestamp,
    /// The moment at which the policy's newest version was created.
    pub update_date: Timestamp,
    /// The policy's purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Tags, in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// The number of the default version.
    pub default_version: u64,
    /// The highest version number ever assigned. No number is used twice.
    pub last_version: u64,
    /// The policy's versions, by number.
    pub versions: BTreeMap<u64, PolicyVersion>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersion {
    /// The moment of creation.
    pub create_date: Timestamp,
    /// The policy document.
    pub document: Value,
}

/// The part after `policy/` in the ARN of a policy that belongs to an account.
pub fn policy_key(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let is_iam = parts.next() == Some("arn") && parts.nth(1) == Some("iam");
    let account = parts.nth(1)?;
    let key = parts.next()?.strip_prefix("policy/")?;
    (is_iam && account != "aws" && !key.is_empty()).then_some(key)
}

impl Kind for Policy {
    const WORDS: Words = Words {
        one: "policy",
        many: "policies",
        before_name: "policy ",
        service: "iam",
        members: &["PolicyArn", "PolicyName"],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(scope: &Scope, name: &str) -> String {
        scope.global("iam", &format!("policy/{name}"))
    }

    fn named(text: &str) -> Option<String> {
        match text.starts_with("arn:") {
            true => policy_key(text).map(str::to_owned),
            false => Some(text.to_owned()),
        }
    }

    fn refers(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        let policy = found.map(|(policy, _)| policy);
        let number = |text: &Value| text.as_str()?.strip_prefix('v')?.parse::<u64>().ok();
        let version = request.get("VersionId").and_then(number);
        let document = request.get("PolicyDocument").and_then(Value::as_str);
        let document = document.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let in_force = |policy: &Self| {
            let kept = policy.versions.get(&policy.default_version);
            kept.map(|version| version.document.clone()) == document
        };
        match operation {
            // A policy with a path has a different key.
            "CreatePolicy" if request.get("Path").is_some_and(|path| path != "/") => None,
            "CreatePolicy" => Some(policy.is_some_and(in_force)),
            "CreatePolicyVersion" if request.get("SetAsDefault") == Some(&Value::Bool(true)) => {
                Some(policy.is_some_and(in_force))
            }
            "SetDefaultPolicyVersion" => {
                let version = version?;
                Some(policy.is_some_and(|policy| policy.default_version == version))
            }
            "DeletePolicyVersion" => {
                let version = version?;
                Some(policy.is_none_or(|policy| !policy.versions.contains_key(&version)))
            }
            "DeletePolicy" => Some(policy.is_none()),
            _ => None,
        }
    }
}

impl Entry for Policy {
    type Document = Policies;
    const FILE: &'static str = "iam-policies.json";
    const IS_GLOBAL: bool = true;

    fn entries(document: &Policies) -> &BTreeMap<String, Self> {
        &document.policies
    }

    fn seen(&self) -> Value {
        let in_force = self.versions.get(&self.default_version);
        json!({
            "Description": self.description,
            "Tags": self.tags,
            "PolicyDocument": in_force.map(|version| &version.document),
        })
    }
}
