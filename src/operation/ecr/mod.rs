//! ECR: repositories, as far as scripts make them and look them up. No images.

pub mod repository;

pub mod create_repository;
pub mod describe_repositories;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_repository::CreateRepositoryRequest>(),
    Entry::of::<describe_repositories::DescribeRepositoriesRequest>(),
];
