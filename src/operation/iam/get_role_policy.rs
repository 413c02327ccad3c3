//! `GetRolePolicy`: returns an inline policy of a role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::role::found;
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of GetRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The policy's name.
    #[schemars(length(min = 1))]
    policy_name: String,
}

/// Response of GetRolePolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRolePolicyResponse {
    /// The role.
    role_name: String,
    /// The policy's name.
    policy_name: String,
    /// The policy.
    policy_document: Value,
}

impl Operation for GetRolePolicyRequest {
    const NAME: &'static str = "GetRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns an inline policy of a role.";
    type Response = GetRolePolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetRolePolicyResponse> {
        let mut role = found(lambda, &self.role_name)?;
        let policy = role.policies.remove(&self.policy_name);
        Ok(GetRolePolicyResponse {
            policy_document: policy.ok_or_else(|| missing(&self.policy_name))?,
            role_name: self.role_name,
            policy_name: self.policy_name,
        })
    }
}

/// IAM's error for a policy that a role does not have.
pub(super) fn missing(name: &str) -> ServiceError {
    ServiceError::new(
        Code::NoSuchEntity,
        format!("The role policy with name {name} cannot be found."),
    )
}
