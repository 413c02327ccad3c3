//! ECR. Only the operations with which scripts create, look up and change repositories are simulated, and the images
//! that a rehearsed docker pushed.

pub mod image;
pub mod repository;

pub mod batch_delete_image;
pub mod create_repository;
pub mod delete_lifecycle_policy;
pub mod delete_repository;
pub mod delete_repository_policy;
pub mod describe_images;
pub mod describe_repositories;
pub mod get_authorization_token;
pub mod get_lifecycle_policy;
pub mod get_repository_policy;
pub mod list_images;
pub mod put_image_scanning_configuration;
pub mod put_image_tag_mutability;
pub mod put_lifecycle_policy;
pub mod set_repository_policy;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<batch_delete_image::BatchDeleteImageRequest>(),
    Entry::of::<create_repository::CreateRepositoryRequest>(),
    Entry::of::<delete_lifecycle_policy::DeleteLifecyclePolicyRequest>(),
    Entry::of::<delete_repository::DeleteRepositoryRequest>(),
    Entry::of::<delete_repository_policy::DeleteRepositoryPolicyRequest>(),
    Entry::of::<describe_images::DescribeImagesRequest>(),
    Entry::of::<describe_repositories::DescribeRepositoriesRequest>(),
    Entry::of::<get_authorization_token::GetAuthorizationTokenRequest>(),
    Entry::of::<get_lifecycle_policy::GetLifecyclePolicyRequest>(),
    Entry::of::<get_repository_policy::GetRepositoryPolicyRequest>(),
    Entry::of::<list_images::ListImagesRequest>(),
    Entry::of::<put_image_scanning_configuration::PutImageScanningConfigurationRequest>(),
    Entry::of::<put_image_tag_mutability::PutImageTagMutabilityRequest>(),
    Entry::of::<put_lifecycle_policy::PutLifecyclePolicyRequest>(),
    Entry::of::<set_repository_policy::SetRepositoryPolicyRequest>(),
];
