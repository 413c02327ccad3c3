//! `TagRole`: adds tags to a role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, edit};
use crate::operation::{
    Lambda, Operation, Result,
    tag::{Tag, by_name},
};

/// Request of TagRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TagRoleRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The tags.
    tags: Vec<Tag>,
}

impl Operation for TagRoleRequest {
    const NAME: &'static str = "TagRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Adds tags to a role. Its other tags stay.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        edit(lambda, &self.role_name, |role| {
            role.tags.extend(by_name(Some(self.tags)));
            Ok(())
        })
    }
}
