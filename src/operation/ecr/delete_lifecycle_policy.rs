//! `DeleteLifecyclePolicy`: deletes the lifecycle policy of a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{get_lifecycle_policy::missing, repository::edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of DeleteLifecyclePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteLifecyclePolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
}

/// Response of DeleteLifecyclePolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteLifecyclePolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy that was deleted, as JSON.
    lifecycle_policy_text: String,
}

impl Operation for DeleteLifecyclePolicyRequest {
    const NAME: &'static str = "DeleteLifecyclePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Deletes the lifecycle policy of a repository. Such a policy expires images.";
    type Response = DeleteLifecyclePolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteLifecyclePolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let account = &place.scope.account;
        let taken = edit(place, self.registry_id.as_ref(), &name, |repository| {
            let taken = repository.lifecycle_policy_text.take();
            taken.ok_or_else(|| missing(&name, account).into())
        })?;
        Ok(DeleteLifecyclePolicyResponse {
            lifecycle_policy_text: taken,
            registry_id: account.clone(),
            repository_name: name,
        })
    }
}
