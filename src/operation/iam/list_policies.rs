//! `ListPolicies`: returns the managed policies of the account, in the byte order of path and name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    list::page,
    policy::{Policy, both},
};
use crate::operation::{Failure, Lambda, Operation, Result};

/// Request of ListPolicies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesRequest {
    /// Local returns the policies of the account. lambdry does not know the policies that AWS manages.
    #[schemars(extend("x-values" = ["All", "AWS", "Local"]))]
    scope: Option<String>,
    /// True to return only policies that are attached to a role.
    only_attached: Option<bool>,
    /// Only return policies whose path starts with this text.
    path_prefix: Option<String>,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListPolicies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesResponse {
    /// The policies.
    policies: Vec<Policy>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListPoliciesRequest {
    const NAME: &'static str = "ListPolicies";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a list of the managed policies of the account. lambdry does not know the \
        policies that AWS manages.";
    const MEMBERS: &'static str = "Scope:=All|AWS|Local OnlyAttached:bool PathPrefix PolicyUsageFilter:=PermissionsPolicy|PermissionsBoundary Marker MaxItems";
    const LISTS: &'static [&'static str] = &["Policies"];
    type Response = ListPoliciesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListPoliciesResponse> {
        if self.scope.as_deref() != Some("Local") {
            return Err(Failure::NotSimulated(
                "list-policies without --scope Local, which lists the policies that AWS manages,"
                    .to_owned(),
            ));
        }
        let (kept, roles) = both(lambda)?;
        let prefix = self.path_prefix.as_deref().unwrap_or_default();
        let only = self.only_attached == Some(true);
        let policies = kept.policies.iter();
        let shown = policies.map(|(key, policy)| (key, Policy::of(key, policy, &roles, lambda)));
        let shown = shown.filter(|(_, policy)| {
            policy.path.starts_with(prefix) && (!only || policy.attachment_count > 0)
        });
        let items = shown.map(|(key, policy)| (key.clone(), policy.bare()));
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListPoliciesResponse {
            is_truncated: page.marker.is_some(),
            policies: page.items,
            marker: page.marker,
        })
    }
}
