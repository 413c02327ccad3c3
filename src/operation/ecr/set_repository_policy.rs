//! `SetRepositoryPolicy`: sets the policy that decides who may use a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{check, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of SetRepositoryPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetRepositoryPolicyRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The policy, as JSON.
    policy_text: String,
}

/// Response of SetRepositoryPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetRepositoryPolicyResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The policy, as JSON.
    policy_text: String,
}

impl Operation for SetRepositoryPolicyRequest {
    const NAME: &'static str = "SetRepositoryPolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Sets the policy of a repository: it says who may use the repository. lambdry stores \
        it, but does not enforce it.";
    const MEMBERS: &'static str = "registryId repositoryName policyText force:bool";
    type Response = SetRepositoryPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<SetRepositoryPolicyResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let text = self.policy_text;
        check(&text)?;
        edit(place, self.registry_id.as_ref(), &name, |repository| {
            repository.policy_text = Some(text.clone());
            Ok(())
        })?;
        Ok(SetRepositoryPolicyResponse {
            registry_id: place.scope.account.clone(),
            repository_name: name,
            policy_text: text,
        })
    }
}
