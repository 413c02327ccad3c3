//! `GetRole`: a role that was made here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::role::{Role, check_name, kept, missing};
use crate::{
    operation::{Lambda, Operation, Result},
    state::iam::Roles,
};

/// What GetRole takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleRequest {
    /// The name.
    #[schemars(length(min = 1))]
    role_name: String,
}

/// What GetRole answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleResponse {
    /// The role.
    role: Role,
}

impl Operation for GetRoleRequest {
    const NAME: &'static str = "GetRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Answers a role.";
    type Response = GetRoleResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetRoleResponse> {
        let name = &self.role_name;
        check_name("roleName", name)?;
        let kept: Roles = lambda.place.store.document(&kept(lambda))?;
        let role = kept.roles.get(name).ok_or_else(|| missing(name))?;
        Ok(GetRoleResponse {
            role: Role::of(name, role, lambda, true),
        })
    }
}
