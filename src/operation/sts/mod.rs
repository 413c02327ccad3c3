//! STS: who is calling.

pub mod get_caller_identity;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[Entry::of::<get_caller_identity::GetCallerIdentityRequest>()];
