//! A published version: a copy of `$LATEST` at one moment. Its number is never used again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::function::Configuration;

/// `versions/<n>.json`. It is written once, by the publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Version {
    /// The number, as text.
    pub version: String,
    /// The version's own RevisionId at publish.
    pub revision_id: String,
    /// The moment of the publish. (`LastModified` is that of `$LATEST`, as on AWS.)
    pub published: Timestamp,
    /// Code and configuration, frozen.
    pub configuration: Configuration,
}
