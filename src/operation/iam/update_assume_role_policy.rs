//! `UpdateAssumeRolePolicy`: replaces the trust policy of a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, document, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of UpdateAssumeRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAssumeRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The trust policy, as JSON. It names the principals that may assume the role.
    #[schemars(length(min = 1))]
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicyRequest {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Replaces the trust policy of a role: the principals that may assume it.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        let document = document(&self.policy_document)?;
        edit(lambda, &self.role_name, |role| {
            role.assume_role_policy_document = document;
            Ok(())
        })
    }
}
