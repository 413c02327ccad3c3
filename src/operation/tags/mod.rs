//! Tags of functions, event source mappings and code signing configurations.

pub mod resource;

pub mod list_tags;
pub mod tag_resource;
pub mod untag_resource;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<tag_resource::TagResourceRequest>(),
    Entry::of::<untag_resource::UntagResourceRequest>(),
    Entry::of::<list_tags::ListTagsRequest>(),
];
