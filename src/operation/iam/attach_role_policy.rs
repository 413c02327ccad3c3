//! `AttachRolePolicy`: a managed policy for a role. Any ARN will do; what it allows is not looked at.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, edit};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// What AttachRolePolicy takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
}

impl Operation for AttachRolePolicyRequest {
    const NAME: &'static str = "AttachRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Gives a role a managed policy.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        let arn = self.policy_arn;
        if !(arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":policy/")) {
            return Err(
                ServiceError::new(Code::InvalidInput, format!("ARN {arn} is not valid.")).into(),
            );
        }
        edit(lambda, &self.role_name, |role| {
            if !role.attached_policies.contains(&arn) {
                role.attached_policies.push(arn);
            }
        })
    }
}
