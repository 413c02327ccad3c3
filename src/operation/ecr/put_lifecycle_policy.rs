//! `PutLifecyclePolicy`: sets the policy that decides when the images of a repository expire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{check, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of PutLifecyclePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutLifecyclePolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The policy, as JSON.
    #[schemars(length(min = 100))]
    lifecycle_policy_text: String,
}

/// Response of PutLifecyclePolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutLifecyclePolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy, as JSON.
    lifecycle_policy_text: String,
}

impl Operation for PutLifecyclePolicyRequest {
    const NAME: &'static str = "PutLifecyclePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Sets the lifecycle policy of a repository. lambdry stores it, but no image expires.";
    type Response = PutLifecyclePolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutLifecyclePolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let text = self.lifecycle_policy_text;
        check(&text)?;
        edit(place, self.registry_id.as_ref(), &name, |repository| {
            repository.lifecycle_policy_text = Some(text.clone());
            Ok(())
        })?;
        Ok(PutLifecyclePolicyResponse {
            registry_id: place.scope.account.clone(),
            repository_name: name,
            lifecycle_policy_text: text,
        })
    }
}
