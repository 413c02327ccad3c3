//! A tag in the form that services other than Lambda use: an object with a key and a value.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tag.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// The name of the tag.
    pub(super) key: String,
    /// The value of the tag.
    pub(super) value: String,
}

/// The tags in the form in which the state keeps them: name → value.
pub(super) fn by_name(tags: Option<Vec<Tag>>) -> IndexMap<String, String> {
    let tags = tags.into_iter().flatten();
    tags.map(|tag| (tag.key, tag.value)).collect()
}
