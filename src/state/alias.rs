//! An alias: a name that points at a version and may send part of the traffic to a second one.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// An alias as it is stored in the function's head. The alias's name is its key there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Alias {
    /// A version number or `$LATEST`.
    pub function_version: String,
    /// Free text; `""` if none was given.
    pub description: String,
    /// The share of the traffic that each other version gets, 0.0 to 1.0. The remaining traffic goes to
    /// `function_version`. The map is empty for an alias without weights.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub additional_version_weights: IndexMap<String, f64>,
    /// An id that changes with every update of the alias.
    pub revision_id: String,
}

impl Alias {
    /// The versions that get traffic, with their shares in per cent, rounded to a tenth. The version that the alias
    /// points at comes first.
    pub fn shares(&self) -> Vec<(&str, f64)> {
        // Rounded to tenths of a per cent, so that 1 - 0.1 does not become 90.00000000000001.
        let share = |weight: f64| (weight * 1000.0).round() / 10.0;
        let weights = &self.additional_version_weights;
        let rest = 1.0 - weights.values().sum::<f64>();
        let mut shares = vec![(self.function_version.as_str(), share(rest))];
        shares.extend(
            weights
                .iter()
                .map(|(version, weight)| (version.as_str(), share(*weight))),
        );
        shares
    }

    /// Returns true if the alias sends traffic to that version, by pointing at it or by a weight.
    pub fn uses(&self, version: &str) -> bool {
        self.function_version == version || self.additional_version_weights.contains_key(version)
    }
}
