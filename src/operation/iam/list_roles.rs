//! `ListRoles`: returns the roles, in the byte order of their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    list::page,
    role::{Role, kept},
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::iam::Roles,
};

/// Request of ListRoles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRolesRequest {
    /// Only return roles whose path starts with this text.
    path_prefix: Option<String>,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListRoles.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRolesResponse {
    /// The roles.
    roles: Vec<Role>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListRolesRequest {
    const NAME: &'static str = "ListRoles";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a list of the roles.";
    const MEMBERS: &'static str = "PathPrefix Marker MaxItems";
    const LISTS: &'static [&'static str] = &["Roles"];
    type Response = ListRolesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListRolesResponse> {
        let kept: Roles = lambda.place.store.document(&kept(lambda))?;
        let prefix = self.path_prefix.as_deref().unwrap_or_default();
        let roles = kept
            .roles
            .iter()
            .filter(|(_, role)| role.path.starts_with(prefix));
        let items = roles.map(|(name, role)| (name.clone(), Role::listed(name, role, lambda)));
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListRolesResponse {
            is_truncated: page.marker.is_some(),
            roles: page.items,
            marker: page.marker,
        })
    }
}
