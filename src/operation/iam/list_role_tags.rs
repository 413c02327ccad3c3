//! `ListRoleTags`: returns the tags of a role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{list::page, role::found};
use crate::operation::{Lambda, Operation, Result, tag::Tag};

/// Request of ListRoleTags.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRoleTagsRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListRoleTags.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRoleTagsResponse {
    /// The tags.
    tags: Vec<Tag>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListRoleTagsRequest {
    const NAME: &'static str = "ListRoleTags";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the tags of a role.";
    const MEMBERS: &'static str = "RoleName Marker MaxItems";
    const LISTS: &'static [&'static str] = &["Tags"];
    type Response = ListRoleTagsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListRoleTagsResponse> {
        let role = found(lambda, &self.role_name)?;
        let items = role.tags.into_iter();
        let items = items.map(|(key, value)| (key.clone(), Tag { key, value }));
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListRoleTagsResponse {
            is_truncated: page.marker.is_some(),
            tags: page.items,
            marker: page.marker,
        })
    }
}
