//! A managed policy and its versions in the form that answers have, and IAM's errors for policies and versions that do
//! not exist.

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
    /// The policy's name.
    policy_name: String,
    /// The policy's unique id.
    policy_id: String,
    /// The policy's ARN.
    arn: String,
    /// The policy's path.
    pub(super) path: String,
    /// The id of the default version. Only this version applies.
    default_version_id: String,
    /// The number of roles to which the policy is attached.
    pub(super) attachment_count: usize,
    /// The number of roles that use the policy as a permissions boundary; always 0.
    permissions_boundary_usage_count: u64,
    /// True if the policy can be attached to roles.
    is_attachable: bool,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The time at which the policy was created.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
    /// The time at which the newest version was created.
    #[schemars(extend("x-timestamp" = true))]
    update_date: String,
    /// The policy's tags. A list of policies does not show them.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl Policy {
    /// The policy with that key, in the form that answers have.
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

    /// Adds the tags of the policy to the answer, if it has any. CreatePolicy does this.
    pub(super) fn show_tags(&mut self, policy: &iam::Policy) {
        let tags = policy.tags.iter().map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        });
        self.tags = Some(tags.collect()).filter(|tags: &Vec<Tag>| !tags.is_empty());
    }

    /// The policy without the members that only GetPolicy shows. Lists and CreatePolicy show it so.
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
    /// The document of the policy. Lists do not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Value>,
    /// The letter v and the number of the version.
    version_id: String,
    /// True if this is the default version. Only the default version applies.
    is_default_version: bool,
    /// The time at which the version was created.
    #[schemars(extend("x-timestamp" = true))]
    create_date: String,
}

impl PolicyVersion {
    /// The version with that number, in the form that answers have. With `whole`, it includes the document.
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

/// The key of a policy of this account, taken from the policy's ARN.
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

/// The name of the file that holds an account's policies.
pub(super) fn kept(lambda: &Lambda<'_>) -> String {
    file_of::<iam::Policy>(&lambda.place.scope)
}

/// Reads the account's policies and roles.
pub(super) fn both(lambda: &Lambda<'_>) -> Result<(Policies, Roles)> {
    let store = lambda.place.store;
    let roles = store.document(&super::role::kept(lambda))?;
    Ok((store.document(&kept(lambda))?, roles))
}

/// Reads a policy, and refuses a request for one that does not exist.
pub(super) fn found(lambda: &Lambda<'_>, arn: &str) -> Result<iam::Policy> {
    let key = key(lambda, arn)?;
    let mut kept: Policies = lambda.place.store.document(&kept(lambda))?;
    kept.policies.remove(key).ok_or_else(|| missing(arn).into())
}

/// Changes a policy, and refuses a request for one that does not exist.
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
