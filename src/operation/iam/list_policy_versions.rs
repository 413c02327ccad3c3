//! `ListPolicyVersions`: returns the versions of a managed policy, the newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    list::page,
    policy::{PolicyVersion, found},
};
use crate::operation::{Lambda, Operation, Result};

/// Request of ListPolicyVersions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPolicyVersionsRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
    /// The marker of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of items to return.
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

/// Response of ListPolicyVersions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPolicyVersionsResponse {
    /// The versions.
    versions: Vec<PolicyVersion>,
    /// True if there are more items.
    is_truncated: bool,
    /// The marker of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListPolicyVersionsRequest {
    const NAME: &'static str = "ListPolicyVersions";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the versions of a managed policy, the newest first.";
    const MEMBERS: &'static str = "PolicyArn Marker MaxItems";
    const LISTS: &'static [&'static str] = &["Versions"];
    type Response = ListPolicyVersionsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListPolicyVersionsResponse> {
        let policy = found(lambda, &self.policy_arn)?;
        let versions = policy.versions.iter().rev();
        let items = versions.map(|(number, version)| {
            let shown = PolicyVersion::of(*number, version, &policy, false);
            (number.to_string(), shown)
        });
        let page = page(items, self.marker.as_deref(), self.max_items)?;
        Ok(ListPolicyVersionsResponse {
            is_truncated: page.marker.is_some(),
            versions: page.items,
            marker: page.marker,
        })
    }
}
