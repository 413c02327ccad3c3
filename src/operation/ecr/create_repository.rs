//! `CreateRepository`: creates a repository for images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{
    EncryptionConfiguration, ImageScanningConfiguration, Repository, registry,
};
use crate::{
    operation::{
        Lambda, Operation, Result,
        tag::{Tag, by_name},
    },
    state::{
        ecr::{self, Registry},
        error::{Code, ServiceError},
    },
};

/// Request of CreateRepository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRepositoryRequest {
    /// The name. It may contain slashes.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The tags, stored with the repository.
    tags: Option<Vec<Tag>>,
    /// MUTABLE (the default) or IMMUTABLE. lambdry stores it.
    image_tag_mutability: Option<String>,
    /// The settings for image scans, stored with the repository.
    image_scanning_configuration: Option<ImageScanningConfiguration>,
    /// The encryption of the images, stored with the repository.
    encryption_configuration: Option<EncryptionConfiguration>,
}

/// Response of CreateRepository.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRepositoryResponse {
    /// The repository.
    repository: Repository,
}

/// Returns true if the name consists of lower-case words with a single `.`, `_`, `-` or `/` between them.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (2..=256).contains(&name.len())
        && name
            .split(['.', '_', '-', '/'])
            .all(|word| !word.is_empty() && word.chars().all(plain))
}

impl Operation for CreateRepositoryRequest {
    const NAME: &'static str = "CreateRepository";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Creates a repository for container images.";
    const MEMBERS: &'static str = "registryId repositoryName tags \
        imageTagMutability:=MUTABLE|IMMUTABLE|IMMUTABLE_WITH_EXCLUSION|MUTABLE_WITH_EXCLUSION \
        imageTagMutabilityExclusionFilters:list imageScanningConfiguration encryptionConfiguration";
    type Response = CreateRepositoryResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreateRepositoryResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        if !is_name(&name) {
            return Err(ServiceError::new(
                Code::InvalidParameterException,
                "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression \
                 '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''",
            )
            .into());
        }
        let repository = ecr::Repository {
            created_at: place.store.clock.now(),
            image_tag_mutability: self
                .image_tag_mutability
                .unwrap_or_else(|| "MUTABLE".to_owned()),
            scan_on_push: self
                .image_scanning_configuration
                .and_then(|configuration| configuration.scan_on_push)
                .unwrap_or(false),
            encryption_type: self
                .encryption_configuration
                .map_or_else(|| "AES256".to_owned(), |given| given.encryption_type),
            lifecycle_policy_text: None,
            policy_text: None,
            tags: by_name(self.tags),
        };
        place
            .store
            .edit_document(&registry(place), |kept: &mut Registry| {
                if kept.repositories.contains_key(&name) {
                    return Err(ServiceError::new(
                        Code::RepositoryAlreadyExistsException,
                        format!(
                            "The repository with name '{name}' already exists in the registry with id '{}'",
                            place.scope.account
                        ),
                    )
                    .into());
                }
                let answer = Repository::of(&name, &repository, place);
                kept.repositories.insert(name, repository);
                Ok(CreateRepositoryResponse { repository: answer })
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn a_repository_is_made_once_and_found_again() {
        let ecr = Sandbox::new();
        let made = ecr.call("CreateRepository", json!({ "repositoryName": "team/pay" }));
        assert_eq!(
            made["repository"]["repositoryUri"],
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/pay"
        );
        let found = ecr.call("DescribeRepositories", json!({}));
        assert_eq!(found["repositories"][0], made["repository"]);
        assert_eq!(
            ecr.error("CreateRepository", json!({ "repositoryName": "team/pay" })),
            "(RepositoryAlreadyExistsException): The repository with name 'team/pay' already exists in the registry with \
             id '123456789012'"
        );
        assert_eq!(
            ecr.error(
                "DescribeRepositories",
                json!({ "repositoryNames": ["team/pay", "nope"] })
            ),
            "(RepositoryNotFoundException): The repository with name 'nope' does not exist in the registry with id \
             '123456789012'"
        );
    }

    #[test]
    fn a_name_is_lower_case_words() {
        for name in ["Pay", "a//b", "a..b", "/a", "a-"] {
            let told = Sandbox::new().error("CreateRepository", json!({ "repositoryName": name }));
            assert!(told.starts_with("(InvalidParameterException)"), "{told}");
        }
    }
}
