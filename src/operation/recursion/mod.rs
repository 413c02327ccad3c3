//! Recursion: the setting for functions that call themselves in a loop.

pub mod get_function_recursion_config;
pub mod put_function_recursion_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<put_function_recursion_config::PutFunctionRecursionConfigRequest>(),
    Entry::of::<get_function_recursion_config::GetFunctionRecursionConfigRequest>(),
];
