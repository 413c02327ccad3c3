//! Concurrency: the invocations reserved for a function, and the environments provisioned for a version or an alias.

pub mod pool;
pub mod provisioned;

pub mod delete_function_concurrency;
pub mod delete_provisioned_concurrency_config;
pub mod get_function_concurrency;
pub mod get_provisioned_concurrency_config;
pub mod list_provisioned_concurrency_configs;
pub mod put_function_concurrency;
pub mod put_provisioned_concurrency_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<put_function_concurrency::PutFunctionConcurrencyRequest>(),
    Entry::of::<get_function_concurrency::GetFunctionConcurrencyRequest>(),
    Entry::of::<delete_function_concurrency::DeleteFunctionConcurrencyRequest>(),
    Entry::of::<put_provisioned_concurrency_config::PutProvisionedConcurrencyConfigRequest>(),
    Entry::of::<get_provisioned_concurrency_config::GetProvisionedConcurrencyConfigRequest>(),
    Entry::of::<list_provisioned_concurrency_configs::ListProvisionedConcurrencyConfigsRequest>(),
    Entry::of::<delete_provisioned_concurrency_config::DeleteProvisionedConcurrencyConfigRequest>(),
];
