//! The interface of a resource that is a folder, as the store needs it. Such a resource has a head that is replaced as
//! a whole, frozen versions, and counters.

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::kind::Kind;

/// Code that a resource refers to: the `CodeSha256` of its package (`None` if it is stored elsewhere) and its size in
/// bytes.
pub type CodeRef = (Option<String>, u64);

/// The counters of a head. The macro `counted!` implements this trait for a type.
pub trait Counted {
    /// True if the resource has versions, each in a file of its own.
    const HAS_VERSIONS: bool;

    /// The change counter.
    fn changes(&self) -> u64;
    /// Increments the change counter and returns the new value.
    fn count_change(&mut self) -> u64;
    /// Sets the change counter. The counter of an imported resource may be too low.
    fn set_changes(&mut self, changes: u64);
    /// The highest version number ever assigned; 0 if none.
    fn last_version(&self) -> u64;
    /// The version that is being deleted.
    fn deleting(&self) -> Option<&str>;
    /// Records the version that is being deleted.
    fn set_deleting(&mut self, number: Option<String>);
}

/// Implements [`Counted`] from the member `changes` of a head, and from `last_version` and `deleting` of a head with
/// versions.
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

/// The file of a resource that commits a change when it is replaced.
pub trait Head: Kind + Counted {
    /// The name of the folder that holds all resources of this kind, such as `functions`.
    const FOLDER: &'static str;
    /// The name of the head's file in the resource's folder, such as `function.json`.
    const FILE: &'static str;
    /// True if a resource of this kind counts in the account's FunctionCount.
    const IS_FUNCTION: bool;
    /// True if a deletion takes time. The head of a deleted resource may then still exist, but is not visible to any
    /// reader.
    const GOES_IN_TIME: bool;
    /// The content of one version's file.
    type Frozen: Clone + Debug + Serialize + DeserializeOwned + 'static;

    /// The resource's name in its own case.
    fn name(&self) -> &str;
    /// The number of the version that a version's file holds.
    fn number(version: &Self::Frozen) -> &str;
    /// Applies the changes that are complete at the moment `now`.
    fn settle(&mut self, now: Timestamp);
    /// Returns true if the deletion of the resource is complete at the moment `now`. The resource then no longer
    /// exists.
    fn is_gone(&self, now: Timestamp) -> bool;
    /// The number of bytes that the account is charged for the resource.
    fn stored_size(&self) -> u64;
    /// The code that the head itself refers to.
    fn code(&self) -> Option<CodeRef>;
    /// The code that a version refers to.
    fn code_of(version: &Self::Frozen) -> CodeRef;
    /// The number of the newest version, if its file must exist.
    fn newest(&self) -> Option<&str>;
    /// The members that refer to a version by its number. Each entry has a description of the member, and the number.
    fn names_versions(&self) -> Vec<(String, String)>;
    /// The members of the resource and of its newest version that callers see, as a JSON object without ids, times and
    /// numbers. A member that must not be compared is null.
    fn seen(&self, newest: Option<&Self::Frozen>) -> Value;
    /// The names of the resource's parts other than versions, for people, such as `$LATEST` and `alias live`. The first
    /// list is shown before the versions, the second list after them.
    fn parts(&self) -> (Vec<String>, Vec<String>);
    /// The differences between two heads, for the journal: a JSON object.
    fn moved(before: Option<&Self>, after: &Self) -> Value;
}
