//! A tag as services other than Lambda write it: an object with its name and its value.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tag.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Its name.
    pub(super) key: String,
    /// Its value.
    pub(super) value: String,
}

/// The tags as the state keeps them, by name.
pub(super) fn by_name(tags: Option<Vec<Tag>>) -> IndexMap<String, String> {
    let tags = tags.into_iter().flatten();
    tags.map(|tag| (tag.key, tag.value)).collect()
}
