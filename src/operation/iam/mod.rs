//! IAM. Only the operations with which scripts create and change roles and policies for their functions are simulated.
//! Policies are stored, but not enforced.

pub mod execution;
mod list;
pub mod policy;
pub mod role;

pub mod attach_role_policy;
pub mod create_policy;
pub mod create_policy_version;
pub mod create_role;
pub mod delete_policy;
pub mod delete_policy_version;
pub mod delete_role;
pub mod delete_role_policy;
pub mod detach_role_policy;
pub mod get_policy;
pub mod get_policy_version;
pub mod get_role;
pub mod get_role_policy;
pub mod list_attached_role_policies;
pub mod list_policies;
pub mod list_policy_versions;
pub mod list_role_policies;
pub mod list_role_tags;
pub mod list_roles;
pub mod put_role_policy;
pub mod set_default_policy_version;
pub mod tag_role;
pub mod untag_role;
pub mod update_assume_role_policy;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<attach_role_policy::AttachRolePolicyRequest>(),
    Entry::of::<create_policy::CreatePolicyRequest>(),
    Entry::of::<create_policy_version::CreatePolicyVersionRequest>(),
    Entry::of::<create_role::CreateRoleRequest>(),
    Entry::of::<delete_policy::DeletePolicyRequest>(),
    Entry::of::<delete_policy_version::DeletePolicyVersionRequest>(),
    Entry::of::<delete_role::DeleteRoleRequest>(),
    Entry::of::<delete_role_policy::DeleteRolePolicyRequest>(),
    Entry::of::<detach_role_policy::DetachRolePolicyRequest>(),
    Entry::of::<get_policy::GetPolicyRequest>(),
    Entry::of::<get_policy_version::GetPolicyVersionRequest>(),
    Entry::of::<get_role::GetRoleRequest>(),
    Entry::of::<get_role_policy::GetRolePolicyRequest>(),
    Entry::of::<list_attached_role_policies::ListAttachedRolePoliciesRequest>(),
    Entry::of::<list_policies::ListPoliciesRequest>(),
    Entry::of::<list_policy_versions::ListPolicyVersionsRequest>(),
    Entry::of::<list_role_policies::ListRolePoliciesRequest>(),
    Entry::of::<list_role_tags::ListRoleTagsRequest>(),
    Entry::of::<list_roles::ListRolesRequest>(),
    Entry::of::<put_role_policy::PutRolePolicyRequest>(),
    Entry::of::<set_default_policy_version::SetDefaultPolicyVersionRequest>(),
    Entry::of::<tag_role::TagRoleRequest>(),
    Entry::of::<untag_role::UntagRoleRequest>(),
    Entry::of::<update_assume_role_policy::UpdateAssumeRolePolicyRequest>(),
];
