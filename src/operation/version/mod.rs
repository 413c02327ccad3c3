//! Versions: copies of `$LATEST` at one moment, each with a number.

pub mod publish;

pub mod list_versions_by_function;
pub mod publish_version;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<publish_version::PublishVersionRequest>(),
    Entry::of::<list_versions_by_function::ListVersionsByFunctionRequest>(),
];
