//! Scaling: the minimum and maximum number of execution environments of a published version.

pub mod config;

pub mod get_function_scaling_config;
pub mod put_function_scaling_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<get_function_scaling_config::GetFunctionScalingConfigRequest>(),
    Entry::of::<put_function_scaling_config::PutFunctionScalingConfigRequest>(),
];
