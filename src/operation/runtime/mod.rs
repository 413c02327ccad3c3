//! Runtime management: the setting that decides when Lambda updates the runtime of `$LATEST` or of a version.

pub mod get_runtime_management_config;
pub mod put_runtime_management_config;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<put_runtime_management_config::PutRuntimeManagementConfigRequest>(),
    Entry::of::<get_runtime_management_config::GetRuntimeManagementConfigRequest>(),
];
