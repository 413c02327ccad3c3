//! A role in the form that answers have, and IAM's error for a role that does not exist.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    operation::{Lambda, Result, tag::Tag},
    state::{
        error::{Code, ServiceError},
        iam,
    },
    store::{clock::iso8601, kind::file_of},
};

/// A role.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// The role's path.
    path: String,
    /// The role's name.
    role_name: String,
    /// The role's unique id.
    role_id: String,
    /// The role's ARN.
    arn: String,
    /// The time at which the role was created.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
    /// The trust policy. It names the principals that may assume the role.
    assume_role_policy_document: Value,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The maximum duration of a session with the role, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_session_duration: Option<i64>,
    /// The role's tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    /// The time and region of the role's last use. It is always empty, because no role is used here.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_last_used: Option<Never>,
}

/// An empty structure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Never {}

impl Role {
    /// The role with that name, in the form that answers have. With `whole`, it includes the members that GetRole shows
    /// and CreateRole does not.
    pub(super) fn of(name: &str, role: &iam::Role, lambda: &Lambda<'_>, whole: bool) -> Self {
        let resource = format!("role{}{name}", role.path);
        Self {
            path: role.path.clone(),
            role_name: name.to_owned(),
            role_id: role.role_id.clone(),
            arn: lambda.place.scope.global("iam", &resource),
            create_date: iso8601(role.create_date),
            assume_role_policy_document: role.assume_role_policy_document.clone(),
            description: role.description.clone().filter(|_| whole),
            max_session_duration: whole.then_some(role.max_session_duration),
            tags: role
                .tags
                .iter()
                .map(|(key, value)| Tag {
                    key: key.clone(),
                    value: value.clone(),
                })
                .collect(),
            role_last_used: whole.then_some(Never {}),
        }
    }

    /// The role in the form that lists have: without tags and last use.
    pub(super) fn listed(name: &str, role: &iam::Role, lambda: &Lambda<'_>) -> Self {
        Self {
            tags: Vec::new(),
            role_last_used: None,
            ..Self::of(name, role, lambda, true)
        }
    }
}

/// The name of the file that holds an account's roles.
pub(super) fn kept(lambda: &Lambda<'_>) -> String {
    file_of::<iam::Role>(&lambda.place.scope)
}

/// Reads a role, and refuses a request for one that does not exist.
pub(super) fn found(lambda: &Lambda<'_>, name: &str) -> Result<iam::Role> {
    check_name("roleName", name)?;
    let mut kept: iam::Roles = lambda.place.store.document(&kept(lambda))?;
    kept.roles.remove(name).ok_or_else(|| missing(name).into())
}

/// The time of a change. IAM stores it in whole seconds.
pub(super) fn now(lambda: &Lambda<'_>) -> Timestamp {
    let now = lambda.place.store.clock.now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Changes a role, and refuses a request for one that does not exist.
pub(super) fn edit(
    lambda: &Lambda<'_>,
    name: &str,
    change: impl FnOnce(&mut iam::Role) -> Result<()>,
) -> Result<()> {
    lambda
        .place
        .store
        .edit_document(&kept(lambda), |kept: &mut iam::Roles| {
            let role = kept.roles.get_mut(name).ok_or_else(|| missing(name))?;
            change(role)
        })
}

pub(super) fn missing(name: &str) -> ServiceError {
    ServiceError::new(
        Code::NoSuchEntity,
        format!("The role with name {name} cannot be found."),
    )
    .with_hint(
        "create the role with aws iam create-role; a function accepts the ARN of any role, even of a missing one",
    )
}

/// Refuses a name that IAM does not allow.
pub(super) fn check_name(member: &str, name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if (1..=128).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(ServiceError::new(
        Code::ValidationError,
        format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        ),
    )
    .into())
}

/// Checks a path. The default is /.
pub(super) fn check_path(path: Option<String>) -> Result<String> {
    let path = path.unwrap_or_else(|| "/".to_owned());
    if path.starts_with('/') && path.ends_with('/') {
        return Ok(path);
    }
    Err(ServiceError::new(
        Code::ValidationError,
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters \
         and/or / characters.",
    )
    .into())
}

/// Parses a policy document.
pub(super) fn document(text: &str) -> Result<Value> {
    let read: Option<Value> = serde_json::from_str(text).ok();
    let document = read.filter(Value::is_object).ok_or_else(|| {
        ServiceError::new(
            Code::MalformedPolicyDocument,
            "This policy contains invalid Json",
        )
    })?;
    if document.get("Statement").is_none() {
        return Err(
            ServiceError::new(Code::MalformedPolicyDocument, "Syntax errors in policy.").into(),
        );
    }
    Ok(document)
}
