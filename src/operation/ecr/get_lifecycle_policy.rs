//! `GetLifecyclePolicy`: returns the policy that decides when the images of a repository expire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::found;
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of GetLifecyclePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetLifecyclePolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
}

/// Response of GetLifecyclePolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetLifecyclePolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy, as JSON.
    lifecycle_policy_text: String,
}

/// ECR's error for a repository without a lifecycle policy.
pub(super) fn missing(name: &str, account: &str) -> ServiceError {
    ServiceError::new(
        Code::LifecyclePolicyNotFoundException,
        format!(
            "Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{account}'"
        ),
    )
}

impl Operation for GetLifecyclePolicyRequest {
    const NAME: &'static str = "GetLifecyclePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns the lifecycle policy of a repository. Such a policy expires images.";
    type Response = GetLifecyclePolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetLifecyclePolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let kept = found(place, self.registry_id.as_ref(), &name)?;
        let account = &place.scope.account;
        Ok(GetLifecyclePolicyResponse {
            lifecycle_policy_text: kept
                .lifecycle_policy_text
                .ok_or_else(|| missing(&name, account))?,
            registry_id: account.clone(),
            repository_name: name,
        })
    }
}
