//! `DeleteRolePolicy`: deletes an inline policy of a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    get_role_policy::missing,
    role::{check_name, edit},
};
use crate::operation::{Lambda, Operation, Result};

/// Request of DeleteRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The policy's name.
    #[schemars(length(min = 1))]
    policy_name: String,
}

impl Operation for DeleteRolePolicyRequest {
    const NAME: &'static str = "DeleteRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Deletes an inline policy of a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        edit(lambda, &self.role_name, |role| {
            let removed = role.policies.remove(&self.policy_name);
            removed
                .map(drop)
                .ok_or_else(|| missing(&self.policy_name).into())
        })
    }
}
