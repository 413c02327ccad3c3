//! `ListRolePolicies`: returns the names of the inline policies of a role, sorted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{list::page, role::found};
use crate::operation::{Lambda, Operation, Result};

/// Request of ListRolePolicies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRolePoliciesRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListRolePolicies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRolePoliciesResponse {
    /// The names.
    policy_names: Vec<String>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListRolePoliciesRequest {
    const NAME: &'static str = "ListRolePolicies";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the names of the inline policies of a role.";
    const MEMBERS: &'static str = "RoleName Marker MaxItems";
    const LISTS: &'static [&'static str] = &["PolicyNames"];
    type Response = ListRolePoliciesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListRolePoliciesResponse> {
        let role = found(lambda, &self.role_name)?;
        let items = role.policies.into_keys().map(|name| (name.clone(), name));
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListRolePoliciesResponse {
            is_truncated: page.marker.is_some(),
            policy_names: page.items,
            marker: page.marker,
        })
    }
}
