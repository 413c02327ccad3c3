//! `PutImageTagMutability`: decides if a tag of a repository can move to another image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::edit;
use crate::operation::{Lambda, Operation, Result};

/// Request of PutImageTagMutability.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageTagMutabilityRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// MUTABLE or IMMUTABLE.
    image_tag_mutability: String,
}

/// Response of PutImageTagMutability.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageTagMutabilityResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// MUTABLE or IMMUTABLE.
    image_tag_mutability: String,
}

impl Operation for PutImageTagMutabilityRequest {
    const NAME: &'static str = "PutImageTagMutability";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Sets if tags of a repository may move to other images. lambdry stores the setting.";
    const MEMBERS: &'static str = "registryId repositoryName imageTagMutability:=MUTABLE|IMMUTABLE|IMMUTABLE_WITH_EXCLUSION|MUTABLE_WITH_EXCLUSION imageTagMutabilityExclusionFilters:list";
    type Response = PutImageTagMutabilityResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutImageTagMutabilityResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let given = self.image_tag_mutability;
        edit(place, self.registry_id.as_ref(), &name, |repository| {
            repository.image_tag_mutability.clone_from(&given);
            Ok(())
        })?;
        Ok(PutImageTagMutabilityResponse {
            registry_id: place.scope.account.clone(),
            repository_name: name,
            image_tag_mutability: given,
        })
    }
}
