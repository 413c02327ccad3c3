//! Resource policies: the callers that a function allows, in the same form as in AWS.
//!
//! The keys have the service's order, the statements have the order in which they were added, and the text is compact
//! JSON (recorded from AWS 2025-11).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The greatest number of bytes that a policy's text may have (public reports, 2016–2024).
pub const LIMIT: usize = 20_480;

/// The policy of a function, a version or an alias. It has a RevisionId of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    /// Changes with every change of the statements.
    pub revision_id: String,
    /// The statements. The list is never empty: the policy is removed together with its last statement.
    pub statements: Vec<Statement>,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Statement {
    /// The statement's name in the policy.
    pub sid: String,
    /// The effect, which is always `Allow`.
    pub effect: String,
    /// The principal: `"*"`, `{"Service": …}` or `{"AWS": …}`.
    pub principal: Value,
    /// The action: `lambda:InvokeFunction`.
    pub action: String,
    /// The ARN of the function, version or alias.
    pub resource: String,
    /// The conditions under which the permission applies.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub condition: Map<String, Value>,
}

impl Policy {
    /// The text of the whole policy, as GetPolicy returns it.
    pub fn text(&self) -> String {
        text(&self.statements)
    }
}

/// A policy of those statements, as text.
pub fn text(statements: &[Statement]) -> String {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}

impl Statement {
    /// The statement as AddPermission returns it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data becomes JSON")
    }
}

/// The form of a principal in a policy. Returns `None` for a principal that the service does not know: the service
/// knows `*`, accounts, IAM and STS ARNs, and AWS services.
///
/// ```
/// use lambdry::state::policy::principal;
/// assert_eq!(principal("123456789012", "aws"), Some(serde_json::json!({ "AWS": "arn:aws:iam::123456789012:root" })));
/// assert_eq!(principal("invalid.example.com", "aws"), None);
/// ```
pub fn principal(text: &str, partition: &str) -> Option<Value> {
    const SERVICES: &[&str] = &[".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];
    if text == "*" {
        return Some(json!("*"));
    }
    if super::pattern::account(text) {
        return Some(json!({ "AWS": format!("arn:{partition}:iam::{text}:root") }));
    }
    if let Some(arn) = text.strip_prefix("arn:") {
        let parts: Vec<&str> = arn.splitn(5, ':').collect();
        return match parts[..] {
            [_, "iam" | "sts", "", account, name]
                if super::pattern::account(account) && !name.is_empty() =>
            {
                Some(json!({ "AWS": text }))
            }
            _ => None,
        };
    }
    SERVICES
        .iter()
        .any(|domain| {
            text.strip_suffix(domain)
                .is_some_and(|name| !name.is_empty())
        })
        .then(|| json!({ "Service": text }))
}
