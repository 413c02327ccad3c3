//! `GetRole`: returns a role that was created here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::role::{Role, found};
use crate::operation::{Lambda, Operation, Result};

/// Request of GetRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
}

/// Response of GetRole.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleResponse {
    /// The role.
    role: Role,
}

impl Operation for GetRoleRequest {
    const NAME: &'static str = "GetRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a role.";
    type Response = GetRoleResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetRoleResponse> {
        let name = &self.role_name;
        let role = found(lambda, name)?;
        Ok(GetRoleResponse {
            role: Role::of(name, &role, lambda, true),
        })
    }
}
