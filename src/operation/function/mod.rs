//! Functions: their code and their configuration.

pub mod code;
pub mod configuration;
pub mod members;
pub mod settings;

pub mod create_function;
pub mod delete_function;
pub mod get_function;
pub mod get_function_configuration;
pub mod list_functions;
pub mod update_function_code;
pub mod update_function_configuration;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_function::CreateFunctionRequest>(),
    Entry::of::<get_function::GetFunctionRequest>(),
    Entry::of::<get_function_configuration::GetFunctionConfigurationRequest>(),
    Entry::of::<update_function_code::UpdateFunctionCodeRequest>(),
    Entry::of::<update_function_configuration::UpdateFunctionConfigurationRequest>(),
    Entry::of::<delete_function::DeleteFunctionRequest>(),
    Entry::of::<list_functions::ListFunctionsRequest>(),
];
