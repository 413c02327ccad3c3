//! The account: its limits and its usage.

pub mod get_account_settings;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[Entry::of::<get_account_settings::GetAccountSettingsRequest>()];
