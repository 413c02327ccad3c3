//! `DeleteRepository`: deletes a repository. A repository with images is deleted only with `--force`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    image::images,
    repository::{Repository, found, registry},
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        ecr::Registry,
        error::{Code, ServiceError},
    },
};

/// Request of DeleteRepository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// True to delete the repository even if it has images.
    force: Option<bool>,
}

/// Response of DeleteRepository.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryResponse {
    /// The repository that was deleted.
    repository: Repository,
}

impl Operation for DeleteRepositoryRequest {
    const NAME: &'static str = "DeleteRepository";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Deletes a repository; with --force also its images.";
    type Response = DeleteRepositoryResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteRepositoryResponse> {
        let place = lambda.place;
        let name = &self.repository_name;
        let kept = found(place, self.registry_id.as_ref(), name)?;
        let images = images(place, name)?;
        if !images.is_empty() && self.force != Some(true) {
            let account = &place.scope.account;
            return Err(ServiceError::new(
                Code::RepositoryNotEmptyException,
                format!(
                    "The repository with name '{name}' in registry with id '{account}' cannot be deleted because it still \
                     contains images"
                ),
            )
            .into());
        }
        let references: Vec<String> = images
            .into_iter()
            .flat_map(|image| image.references)
            .collect();
        if !references.is_empty() {
            place.store.forget_images(&references)?;
        }
        place
            .store
            .edit_document(&registry(place), |registry: &mut Registry| {
                registry.repositories.remove(name);
                Ok(())
            })?;
        Ok(DeleteRepositoryResponse {
            repository: Repository::of(name, &kept, place),
        })
    }
}
