//! Function URLs: an HTTPS endpoint of a function or of an alias.

pub mod config;

pub mod create_function_url_config;
pub mod delete_function_url_config;
pub mod get_function_url_config;
pub mod list_function_url_configs;
pub mod update_function_url_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_function_url_config::CreateFunctionUrlConfigRequest>(),
    Entry::of::<get_function_url_config::GetFunctionUrlConfigRequest>(),
    Entry::of::<update_function_url_config::UpdateFunctionUrlConfigRequest>(),
    Entry::of::<delete_function_url_config::DeleteFunctionUrlConfigRequest>(),
    Entry::of::<list_function_url_configs::ListFunctionUrlConfigsRequest>(),
];
