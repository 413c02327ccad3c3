//! What the store asks of a resource it keeps: a head that is replaced whole, frozen versions, counters.

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The one file of a resource whose replacement commits a change.
pub trait Head: Clone + PartialEq + Debug + Serialize + DeserializeOwned {
    /// The folder that holds the resources, `functions`.
    const FOLDER: &'static str;
    /// The head's file in the resource's folder, `function.json`.
    const FILE: &'static str;
    /// Whether it counts in the account's FunctionCount.
    const IS_FUNCTION: bool;
    /// What one version's file holds.
    type Frozen: Clone + Debug + Serialize + DeserializeOwned;

    /// The name with its case.
    fn name(&self) -> &str;
    /// The change counter.
    fn changes(&self) -> u64;
    /// Counts one more change and answers its number.
    fn count_change(&mut self) -> u64;
    /// Sets the change counter, which a resource that comes from elsewhere may bring too low.
    fn set_changes(&mut self, changes: u64);
    /// The highest version number ever given; 0 when none was.
    fn last_version(&self) -> u64;
    /// The number that a version's file holds.
    fn number(version: &Self::Frozen) -> &str;
    /// The version on its way out.
    fn deleting(&self) -> Option<&str>;
    /// Says which version is on its way out.
    fn set_deleting(&mut self, number: Option<String>);
    /// Folds in what is complete at that moment.
    fn settle(&mut self, now: Timestamp);
    /// Bytes the account is charged for it.
    fn stored_size(&self) -> u64;
    /// What moved between two heads, for the journal: a JSON object.
    fn moved(before: Option<&Self>, after: &Self) -> Value;
}
