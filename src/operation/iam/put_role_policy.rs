//! `PutRolePolicy`: adds an inline policy to a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, document, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of PutRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The policy's name. If the role has a policy with this name, it is replaced.
    #[schemars(length(min = 1))]
    policy_name: String,
    /// The policy, as JSON.
    #[schemars(length(min = 1))]
    policy_document: String,
}

impl Operation for PutRolePolicyRequest {
    const NAME: &'static str = "PutRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Adds an inline policy to a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        check_name("policyName", &self.policy_name)?;
        let document = document(&self.policy_document)?;
        edit(lambda, &self.role_name, |role| {
            role.policies.insert(self.policy_name, document);
            Ok(())
        })
    }
}
