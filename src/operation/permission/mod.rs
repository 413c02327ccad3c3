//! Permissions. A function, each version and each alias can have a policy, and each policy has its own RevisionId.

pub mod policy;

pub mod add_permission;
pub mod get_policy;
pub mod remove_permission;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<add_permission::AddPermissionRequest>(),
    Entry::of::<get_policy::GetPolicyRequest>(),
    Entry::of::<remove_permission::RemovePermissionRequest>(),
];
