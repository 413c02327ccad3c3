//! Compares two states: all their resources that are not functions, such as layers, event source mappings and objects.

use std::{any::TypeId, collections::BTreeMap};

use serde_json::json;

use super::model::{self, Change};
use crate::{
    operation::Result,
    state::{
        arn::{FunctionRef, Scope},
        function::Function,
        kind::Named,
    },
    store::{
        Store,
        kind::{KINDS, Kind, Seen},
    },
};

/// A resource that differs between two states.
#[derive(Debug)]
pub(super) struct Thing {
    /// Its kind.
    pub(super) kind: &'static dyn Kind,
    /// Its name.
    pub(super) name: String,
    /// The resource in the left state; `None` if only the right state has it.
    pub(super) before: Option<Seen>,
    /// The resource in the right state.
    pub(super) after: Option<Seen>,
}

impl Thing {
    /// The members that differ, and the version numbers if those differ.
    pub(super) fn changes(&self) -> Vec<Change> {
        let members = |seen: &Option<Seen>| {
            let mut members = BTreeMap::new();
            if let Some(seen) = seen {
                members.clone_from(&seen.members);
                if self.kind.has_versions() {
                    members.insert("Versions".to_owned(), json!(seen.numbers));
                }
            }
            members
        };
        model::members_of(&members(&self.before), &members(&self.after))
    }
}

/// The resources that differ, both in a region and without a region. If one function is compared, only the resources
/// that belong to it.
///
/// # Errors
/// When a state cannot be read.
pub(super) fn differing(
    before: &Store,
    after: &Store,
    scope: &Scope,
    function: Option<&str>,
) -> Result<Vec<Thing>> {
    let mut found = Vec::new();
    for kind in KINDS {
        if kind.holds() == TypeId::of::<Function>() {
            continue;
        }
        let at = kind.lies().scope(scope);
        let (old, new) = (before.place(at.clone()), after.place(at));
        let mut things = Vec::new();
        for name in kind.changed(&old, &new)? {
            let thing = Thing {
                kind: *kind,
                before: kind.seen(&old, &name)?,
                after: kind.seen(&new, &name)?,
                name,
            };
            let is_wanted = function.is_none_or(|function| {
                let sides = [&thing.before, &thing.after].into_iter().flatten();
                sides.into_iter().any(|seen| is_of(seen, function))
            });
            if is_wanted && thing.before != thing.after {
                things.push(thing);
            }
        }
        if kind.named() == Named::ByService {
            pair(&mut things);
        }
        found.append(&mut things);
    }
    Ok(found)
}

/// Returns true if a resource belongs to the given function.
fn is_of(seen: &Seen, function: &str) -> bool {
    let arn = seen.members.get("FunctionArn");
    let named = arn.and_then(|arn| FunctionRef::parse(arn.as_str()?));
    named.is_some_and(|named| named.name == function)
}

/// Removes pairs of equal resources. If the service chose the names, equal resources have different names on the two
/// sides.
fn pair(things: &mut Vec<Thing>) {
    let mut at = 0;
    while at < things.len() {
        let one = &things[at];
        let like = |other: &Thing| {
            one.after.is_none() && other.before.is_none() && one.before == other.after
        };
        match things.iter().position(like) {
            Some(other) => {
                things.remove(at.max(other));
                things.remove(at.min(other));
                at = 0;
            }
            None => at += 1,
        }
    }
}
