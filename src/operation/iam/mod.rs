//! IAM: roles, as far as scripts make them for their functions. Nobody is refused anything for what they say.

pub mod role;

pub mod attach_role_policy;
pub mod create_role;
pub mod get_role;
pub mod put_role_policy;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<attach_role_policy::AttachRolePolicyRequest>(),
    Entry::of::<create_role::CreateRoleRequest>(),
    Entry::of::<get_role::GetRoleRequest>(),
    Entry::of::<put_role_policy::PutRolePolicyRequest>(),
];
