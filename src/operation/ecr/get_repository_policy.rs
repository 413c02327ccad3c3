//! `GetRepositoryPolicy`: returns the policy that decides who may use a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::found;
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of GetRepositoryPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryPolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
}

/// Response of GetRepositoryPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryPolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy, as JSON.
    policy_text: String,
}

/// ECR's error for a repository that has no policy.
pub(super) fn missing(name: &str, account: &str) -> ServiceError {
    ServiceError::new(
        Code::RepositoryPolicyNotFoundException,
        format!(
            "Repository policy does not exist for the repository with name '{name}' in the registry with id '{account}'"
        ),
    )
}

impl Operation for GetRepositoryPolicyRequest {
    const NAME: &'static str = "GetRepositoryPolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns the policy of a repository. Such a policy says who may use it.";
    type Response = GetRepositoryPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetRepositoryPolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let kept = found(place, self.registry_id.as_ref(), &name)?;
        let account = &place.scope.account;
        Ok(GetRepositoryPolicyResponse {
            policy_text: kept.policy_text.ok_or_else(|| missing(&name, account))?,
            registry_id: account.clone(),
            repository_name: name,
        })
    }
}
