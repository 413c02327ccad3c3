//! Event-invoke configurations: the settings for asynchronous events of a function, a version or an alias.

pub mod config;

pub mod delete_function_event_invoke_config;
pub mod get_function_event_invoke_config;
pub mod list_function_event_invoke_configs;
pub mod put_function_event_invoke_config;
pub mod update_function_event_invoke_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<put_function_event_invoke_config::PutFunctionEventInvokeConfigRequest>(),
    Entry::of::<update_function_event_invoke_config::UpdateFunctionEventInvokeConfigRequest>(),
    Entry::of::<get_function_event_invoke_config::GetFunctionEventInvokeConfigRequest>(),
    Entry::of::<delete_function_event_invoke_config::DeleteFunctionEventInvokeConfigRequest>(),
    Entry::of::<list_function_event_invoke_configs::ListFunctionEventInvokeConfigsRequest>(),
];
