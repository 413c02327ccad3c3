//! `DeleteRepositoryPolicy`: deletes the policy of a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{get_repository_policy::missing, repository::edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of DeleteRepositoryPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryPolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
}

/// Response of DeleteRepositoryPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryPolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy that was deleted, as JSON.
    policy_text: String,
}

impl Operation for DeleteRepositoryPolicyRequest {
    const NAME: &'static str = "DeleteRepositoryPolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Deletes the policy of a repository. Such a policy says who may use it.";
    type Response = DeleteRepositoryPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteRepositoryPolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let account = &place.scope.account;
        let taken = edit(place, self.registry_id.as_ref(), &name, |repository| {
            let taken = repository.policy_text.take();
            taken.ok_or_else(|| missing(&name, account).into())
        })?;
        Ok(DeleteRepositoryPolicyResponse {
            policy_text: taken,
            registry_id: account.clone(),
            repository_name: name,
        })
    }
}
