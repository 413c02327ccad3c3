//! A policy and its versions as answers show them, and what is said of one that is not there.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    operation::{Failure, Lambda, Result, tag::Tag},
    state::{
        error::{Code, ServiceError},
        iam::{self, Policies, Roles, policy_key},
    },
    store::{clock::iso8601, kind::file_of},
};

/// A policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// Its name.
    policy_name: String,
    /// Its unique id.
    policy_id: String,
    /// Its ARN.
    arn: String,
    /// Its path.
    pub(super) path: String,
    /// The version that is in force.
    default_version_id: String,
    /// How many roles have it.
    pub(super) attachment_count: usize,
    /// How many bounds it is; none.
    permissions_boundary_usage_count: u64,
    /// Whether roles can be given it.
    is_attachable: bool,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// When it was made.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
    /// When its newest version was made.
    #[schemars(extend("x-timestamp" = true))]
    update_date: String,
    /// Its tags; a list of policies leaves them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl Policy {
    /// The policy of that key.
    pub(super) fn of(key: &str, policy: &iam::Policy, roles: &Roles, lambda: &Lambda<'_>) -> Self {
        let arn = lambda.place.scope.global("iam", &format!("policy/{key}"));
        let has_it = |role: &&iam::Role| role.attached_policies.contains(&arn);
        let (path, name) = key.rsplit_once('/').unwrap_or(("", key));
        Self {
            policy_name: name.to_owned(),
            policy_id: policy.policy_id.clone(),
            path: match path {
                "" => "/".to_owned(),
                path => format!("/{path}/"),
            },
            default_version_id: format!("v{}", policy.default_version),
            attachment_count: roles.roles.values().filter(has_it).count(),
            permissions_boundary_usage_count: 0,
            is_attachable: true,
            description: policy.description.clone(),
            create_date: iso8601(policy.create_date),
            update_date: iso8601(policy.update_date),
            tags: Some(
                (policy.tags.iter())
                    .map(|(key, value)| Tag {
                        key: key.clone(),
                        value: value.clone(),
                    })
                    .collect(),
            ),
            arn,
        }
    }

    /// Shows its tags, if there are any: CreatePolicy does.
    pub(super) fn show_tags(&mut self, policy: &iam::Policy) {
        let tags = policy.tags.iter().map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        });
        self.tags = Some(tags.collect()).filter(|tags: &Vec<Tag>| !tags.is_empty());
    }

    /// The same as lists and CreatePolicy show it: without what only GetPolicy tells.
    pub(super) fn bare(mut self) -> Self {
        self.description = None;
        self.tags = None;
        self
    }
}

/// A version of a policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersion {
    /// What it says; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Value>,
    /// Its number behind a v.
    version_id: String,
    /// Whether it is in force.
    is_default_version: bool,
    /// When it was made.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
}

impl PolicyVersion {
    /// The version of that number. `whole`: with what it says.
    pub(super) fn of(
        number: u64,
        version: &iam::PolicyVersion,
        policy: &iam::Policy,
        whole: bool,
    ) -> Self {
        Self {
            document: whole.then(|| version.document.clone()),
            version_id: format!("v{number}"),
            is_default_version: policy.default_version == number,
            create_date: iso8601(version.create_date),
        }
    }
}

/// What IAM says of a policy that is not there.
pub(super) fn missing(arn: &str) -> ServiceError {
    ServiceError::new(Code::NoSuchEntity, format!("Policy {arn} was not found."))
}

/// What IAM says of a version that is not there.
pub(super) fn no_version(arn: &str, version: &str) -> ServiceError {
    ServiceError::new(
        Code::NoSuchEntity,
        format!("Policy {arn} version {version} does not exist or is not attachable."),
    )
}

/// The number of a version that a request names.
pub(super) fn number(arn: &str, version: &str) -> Result<u64> {
    let number = version
        .strip_prefix('v')
        .and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| no_version(arn, version).into())
}

/// The key of a policy of this account.
pub(super) fn key<'a>(lambda: &Lambda<'_>, arn: &'a str) -> Result<&'a str> {
    if !(arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":policy/")) {
        return Err(
            ServiceError::new(Code::InvalidInput, format!("ARN {arn} is not valid.")).into(),
        );
    }
    if arn.contains(":iam::aws:") {
        return Err(Failure::NotSimulated(format!(
            "what AWS's own policy {arn} says"
        )));
    }
    let key = policy_key(arn).ok_or_else(|| missing(arn))?;
    let own = lambda.place.scope.global("iam", &format!("policy/{key}"));
    match own == arn {
        true => Ok(key),
        false => Err(missing(arn).into()),
    }
}

/// Where an account's policies are kept.
pub(super) fn kept(lambda: &Lambda<'_>) -> String {
    file_of::<iam::Policy>(&lambda.place.scope)
}

/// The account's policies and roles.
pub(super) fn both(lambda: &Lambda<'_>) -> Result<(Policies, Roles)> {
    let store = lambda.place.store;
    let roles = store.document(&super::role::kept(lambda))?;
    Ok((store.document(&kept(lambda))?, roles))
}

/// A policy that is there.
pub(super) fn found(lambda: &Lambda<'_>, arn: &str) -> Result<iam::Policy> {
    let key = key(lambda, arn)?;
    let mut kept: Policies = lambda.place.store.document(&kept(lambda))?;
    kept.policies.remove(key).ok_or_else(|| missing(arn).into())
}

/// Changes a policy that is there.
pub(super) fn edit<T>(
    lambda: &Lambda<'_>,
    arn: &str,
    change: impl FnOnce(&mut iam::Policy) -> Result<T>,
) -> Result<T> {
    let key = key(lambda, arn)?;
    let store = lambda.place.store;
    store.edit_document(&kept(lambda), |kept: &mut Policies| {
        change(kept.policies.get_mut(key).ok_or_else(|| missing(arn))?)
    })
}
