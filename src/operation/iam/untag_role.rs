//! `UntagRole`: a role without those tags.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, edit};
use crate::operation::{Lambda, Operation, Result};

/// What UntagRole takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UntagRoleRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The tags' names.
    tag_keys: Vec<String>,
}

impl Operation for UntagRoleRequest {
    const NAME: &'static str = "UntagRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Takes tags from a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        edit(lambda, &self.role_name, |role| {
            role.tags.retain(|key, _| !self.tag_keys.contains(key));
            Ok(())
        })
    }
}
