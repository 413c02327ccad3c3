//! `UntagRole`: removes tags from a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of UntagRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UntagRoleRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The keys of the tags.
    tag_keys: Vec<String>,
}

impl Operation for UntagRoleRequest {
    const NAME: &'static str = "UntagRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Removes tags from a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        edit(lambda, &self.role_name, |role| {
            role.tags.retain(|key, _| !self.tag_keys.contains(key));
            Ok(())
        })
    }
}
