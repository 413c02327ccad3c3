//! `DetachRolePolicy`: detaches a managed policy from a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    policy::missing,
    role::{check_name, edit},
};
use crate::operation::{Lambda, Operation, Result};

/// Request of DetachRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DetachRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
}

impl Operation for DetachRolePolicyRequest {
    const NAME: &'static str = "DetachRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Detaches a managed policy from a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        let arn = self.policy_arn;
        edit(lambda, &self.role_name, |role| {
            let at = role
                .attached_policies
                .iter()
                .position(|other| *other == arn);
            let at = at.ok_or_else(|| missing(&arn))?;
            role.attached_policies.remove(at);
            Ok(())
        })
    }
}
