//! Aliases: names that point at a version and can be moved.

pub mod configuration;
pub mod create_alias;
pub mod delete_alias;
pub mod get_alias;
pub mod list_aliases;
pub mod update_alias;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_alias::CreateAliasRequest>(),
    Entry::of::<get_alias::GetAliasRequest>(),
    Entry::of::<update_alias::UpdateAliasRequest>(),
    Entry::of::<delete_alias::DeleteAliasRequest>(),
    Entry::of::<list_aliases::ListAliasesRequest>(),
];
