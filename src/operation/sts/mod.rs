//! STS: the identity of the caller, and credentials for roles. The credentials give access to nothing.

pub mod caller;

pub mod assume_role;
pub mod assume_role_with_web_identity;
pub mod get_caller_identity;
pub mod get_session_token;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<assume_role::AssumeRoleRequest>(),
    Entry::of::<assume_role_with_web_identity::AssumeRoleWithWebIdentityRequest>(),
    Entry::of::<get_caller_identity::GetCallerIdentityRequest>(),
    Entry::of::<get_session_token::GetSessionTokenRequest>(),
];
