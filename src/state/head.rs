//! What the store asks of a resource that is a folder: a head that is replaced whole, frozen versions, counters.

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::kind::Kind;

/// Code that is referred to: the `CodeSha256` of its package, `None` where it lies elsewhere, and its bytes.
pub type Code = (Option<String>, u64);

/// The counters of a head. `counted!` says which of its members they are.
pub trait Counted {
    /// Whether it has versions, each a file of its own.
    const HAS_VERSIONS: bool;

    /// The change counter.
    fn changes(&self) -> u64;
    /// Counts one more change and answers its number.
    fn count_change(&mut self) -> u64;
    /// Sets the change counter, which a resource that comes from elsewhere may bring too low.
    fn set_changes(&mut self, changes: u64);
    /// The highest version number ever given; 0 when none was.
    fn last_version(&self) -> u64;
    /// The version on its way out.
    fn deleting(&self) -> Option<&str>;
    /// Says which version is on its way out.
    fn set_deleting(&mut self, number: Option<String>);
}

/// Makes the members `changes` of a head, and of one with versions `last_version` and `deleting`, its counters.
macro_rules! counted {
    ($head:ty) => {
        $crate::state::head::counted!($head, false, |_| 0, |_| None, |_, _| ());
    };
    ($head:ty, versions) => {
        $crate::state::head::counted!(
            $head,
            true,
            |head| head.last_version,
            |head| head.deleting.as_deref(),
            |head, number| head.deleting = number
        );
    };
    ($head:ty, $versions:literal, $last:expr, $deleting:expr, $set:expr) => {
        impl $crate::state::head::Counted for $head {
            const HAS_VERSIONS: bool = $versions;

            fn changes(&self) -> u64 {
                self.changes
            }

            fn count_change(&mut self) -> u64 {
                self.changes = self.changes.saturating_add(1);
                self.changes
            }

            fn set_changes(&mut self, changes: u64) {
                self.changes = changes;
            }

            fn last_version(&self) -> u64 {
                let last: fn(&Self) -> u64 = $last;
                last(self)
            }

            fn deleting(&self) -> Option<&str> {
                let deleting: fn(&Self) -> Option<&str> = $deleting;
                deleting(self)
            }

            fn set_deleting(&mut self, number: Option<String>) {
                let set: fn(&mut Self, Option<String>) = $set;
                set(self, number);
            }
        }
    };
}
pub(crate) use counted;

/// The one file of a resource whose replacement commits a change.
pub trait Head: Kind + Counted {
    /// The folder that holds the resources, `functions`.
    const FOLDER: &'static str;
    /// The head's file in the resource's folder, `function.json`.
    const FILE: &'static str;
    /// Whether it counts in the account's FunctionCount.
    const IS_FUNCTION: bool;
    /// Whether deleting one takes time, so that a head may lie there that no reader sees any more.
    const GOES_IN_TIME: bool;
    /// What one version's file holds.
    type Frozen: Clone + Debug + Serialize + DeserializeOwned + 'static;

    /// The name with its case.
    fn name(&self) -> &str;
    /// The number that a version's file holds.
    fn number(version: &Self::Frozen) -> &str;
    /// Folds in what is complete at that moment.
    fn settle(&mut self, now: Timestamp);
    /// Returns true if its deletion is complete at that moment: then there is none.
    fn is_gone(&self, now: Timestamp) -> bool;
    /// Bytes the account is charged for it.
    fn stored_size(&self) -> u64;
    /// The code that the head itself refers to.
    fn code(&self) -> Option<Code>;
    /// The code that a version refers to.
    fn code_of(version: &Self::Frozen) -> Code;
    /// The version whose file must be there.
    fn newest(&self) -> Option<&str>;
    /// What names a version by its number: what it is, and the number.
    fn names_versions(&self) -> Vec<(String, String)>;
    /// What callers can see of it and its newest version, without ids, times and numbers: a JSON object. What is not
    /// to be compared at all is null.
    fn seen(&self, newest: Option<&Self::Frozen>) -> Value;
    /// What it holds beside versions, for people: `$LATEST`, `alias live`. What stands before the versions, and after.
    fn parts(&self) -> (Vec<String>, Vec<String>);
    /// What moved between two heads, for the journal: a JSON object.
    fn moved(before: Option<&Self>, after: &Self) -> Value;
}
