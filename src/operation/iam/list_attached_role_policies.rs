//! `ListAttachedRolePolicies`: returns the managed policies of a role, in the order in which they were attached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{list::page, role::found};
use crate::operation::{Lambda, Operation, Result};

/// A managed policy that is attached to a role.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicy {
    /// The policy's name.
    policy_name: String,
    /// The policy's ARN.
    policy_arn: String,
}

/// Request of ListAttachedRolePolicies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAttachedRolePoliciesRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// Only return policies whose path starts with this text.
    path_prefix: Option<String>,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListAttachedRolePolicies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAttachedRolePoliciesResponse {
    /// The policies.
    attached_policies: Vec<AttachedPolicy>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListAttachedRolePoliciesRequest {
    const NAME: &'static str = "ListAttachedRolePolicies";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the managed policies of a role.";
    const MEMBERS: &'static str = "RoleName PathPrefix Marker MaxItems";
    const LISTS: &'static [&'static str] = &["AttachedPolicies"];
    type Response = ListAttachedRolePoliciesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListAttachedRolePoliciesResponse> {
        let role = found(lambda, &self.role_name)?;
        let prefix = self.path_prefix.unwrap_or_default();
        let attached = role.attached_policies.into_iter();
        let items = attached.filter_map(|policy_arn| {
            let (_, resource) = policy_arn.split_once(":policy")?;
            let (path, name) = resource.rsplit_once('/')?;
            let policy_name = name.to_owned();
            let is_below = format!("{path}/").starts_with(&prefix);
            is_below.then(|| {
                (
                    policy_arn.clone(),
                    AttachedPolicy {
                        policy_name,
                        policy_arn,
                    },
                )
            })
        });
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListAttachedRolePoliciesResponse {
            is_truncated: page.marker.is_some(),
            attached_policies: page.items,
            marker: page.marker,
        })
    }
}
