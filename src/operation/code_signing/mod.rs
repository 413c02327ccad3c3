//! Code signing: the publishers whose code a function accepts. No signature is made or verified here.

pub mod config;

pub mod create_code_signing_config;
pub mod delete_code_signing_config;
pub mod delete_function_code_signing_config;
pub mod get_code_signing_config;
pub mod get_function_code_signing_config;
pub mod list_code_signing_configs;
pub mod list_functions_by_code_signing_config;
pub mod put_function_code_signing_config;
pub mod update_code_signing_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_code_signing_config::CreateCodeSigningConfigRequest>(),
    Entry::of::<get_code_signing_config::GetCodeSigningConfigRequest>(),
    Entry::of::<update_code_signing_config::UpdateCodeSigningConfigRequest>(),
    Entry::of::<delete_code_signing_config::DeleteCodeSigningConfigRequest>(),
    Entry::of::<list_code_signing_configs::ListCodeSigningConfigsRequest>(),
    Entry::of::<list_functions_by_code_signing_config::ListFunctionsByCodeSigningConfigRequest>(),
    Entry::of::<put_function_code_signing_config::PutFunctionCodeSigningConfigRequest>(),
    Entry::of::<get_function_code_signing_config::GetFunctionCodeSigningConfigRequest>(),
    Entry::of::<delete_function_code_signing_config::DeleteFunctionCodeSigningConfigRequest>(),
];
