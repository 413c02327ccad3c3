//! A managed policy and its versions as answers show them, and IAM's errors for missing ones.

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

/// A managed policy.
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
    /// The default version, which is in force.
    default_version_id: String,
    /// The number of roles it is attached to.
    pub(super) attachment_count: usize,
    /// The number of roles that have it as permissions boundary; always 0.
    permissions_boundary_usage_count: u64,
    /// True if it can be attached to roles.
    is_attachable: bool,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The time of its creation.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
    /// The creation time of its newest version.
    #[schemars(extend("x-timestamp" = true))]
    update_date: String,
    /// Its tags; a list of policies leaves them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl Policy {
    /// The policy with that key.
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

    /// Shows the tags of the policy, if it has any, as CreatePolicy does.
    pub(super) fn show_tags(&mut self, policy: &iam::Policy) {
        let tags = policy.tags.iter().map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        });
        self.tags = Some(tags.collect()).filter(|tags: &Vec<Tag>| !tags.is_empty());
    }

    /// The same policy as lists and CreatePolicy show it, without the members that only GetPolicy shows.
    pub(super) fn bare(mut self) -> Self {
        self.description = None;
        self.tags = None;
        self
    }
}

/// A version of a managed policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersion {
    /// The document of the policy; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Value>,
    /// The letter v and the number of the version.
    version_id: String,
    /// True if it is the default version, which is in force.
    is_default_version: bool,
    /// The time of its creation.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
}

impl PolicyVersion {
    /// The version with that number. `whole` includes its document.
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

/// IAM's error for a policy that does not exist.
pub(super) fn missing(arn: &str) -> ServiceError {
    ServiceError::new(Code::NoSuchEntity, format!("Policy {arn} was not found."))
}

/// IAM's error for a version that does not exist.
pub(super) fn no_version(arn: &str, version: &str) -> ServiceError {
    ServiceError::new(
        Code::NoSuchEntity,
        format!("Policy {arn} version {version} does not exist or is not attachable."),
    )
}

/// Parses the number of a version that a request names.
pub(super) fn number(arn: &str, version: &str) -> Result<u64> {
    let number = version
        .strip_prefix('v')
        .and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| no_version(arn, version).into())
}

/// The key of a policy of this account, from its ARN.
pub(super) fn key<'a>(lambda: &Lambda<'_>, arn: &'a str) -> Result<&'a str> {
    if !(arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":policy/")) {
        return Err(
            ServiceError::new(Code::InvalidInput, format!("ARN {arn} is not valid.")).into(),
        );
    }
    if arn.contains(":iam::aws:") {
        return Err(Failure::NotSimulated(format!(
            "the document of AWS's own policy {arn}"
        )));
    }
    let key = policy_key(arn).ok_or_else(|| missing(arn))?;
    let own = lambda.place.scope.global("iam", &format!("policy/{key}"));
    match own == arn {
        true => Ok(key),
        false => Err(missing(arn).into()),
    }
}

/// The name of the file with an account's policies.
pub(super) fn kept(lambda: &Lambda<'_>) -> String {
    file_of::<iam::Policy>(&lambda.place.scope)
}

/// Reads the account's policies and roles.
pub(super) fn both(lambda: &Lambda<'_>) -> Result<(Policies, Roles)> {
    let store = lambda.place.store;
    let roles = store.document(&super::role::kept(lambda))?;
    Ok((store.document(&kept(lambda))?, roles))
}

/// Reads a policy that must exist.
pub(super) fn found(lambda: &Lambda<'_>, arn: &str) -> Result<iam::Policy> {
    let key = key(lambda, arn)?;
    let mut kept: Policies = lambda.place.store.document(&kept(lambda))?;
    kept.policies.remove(key).ok_or_else(|| missing(arn).into())
}

/// Changes a policy that must exist.
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
