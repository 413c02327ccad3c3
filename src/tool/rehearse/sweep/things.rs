//! The resources that are not functions: their differences between two ends, and surplus resources.
//!
//! If the service chooses a resource's name, the name differs in each run. Two such resources count as the same if
//! callers see the same in both. A further resource of this kind is surplus.

use std::collections::{BTreeMap, BTreeSet};

use super::end::{Difference, End, Of, numbers};
use crate::{
    state::kind::Named,
    store::kind::{Key, Seen},
};

/// The resources. Each is stored as callers see it.
pub(super) type Things = BTreeMap<(Of, Key), Seen>;

/// Resources by the key with which they are compared. This key is the name; or the content, with a number if several
/// resources have the same content.
type Same<'a> = BTreeMap<(Of, Key), (&'a str, &'a Seen)>;

fn compared<'a>(before: &End, end: &'a End) -> Same<'a> {
    let mut all = Same::new();
    for ((of, key), seen) in &end.things {
        let mut same = (*of, key.clone());
        // If a resource existed before, its name identifies it.
        if of.0.named() == Named::ByService && !before.things.contains_key(&same) {
            let what = format!("{:?}", seen.members);
            let free = |number: &usize| !all.contains_key(&(*of, numbered(key, &what, *number)));
            let number = (1..).find(free).unwrap_or_default();
            same.1 = numbered(key, &what, number);
        }
        all.insert(same, (&key.name, seen));
    }
    all
}

fn numbered(key: &Key, what: &str, number: usize) -> Key {
    Key {
        name: format!("{what} {number}"),
        ..key.clone()
    }
}

/// The differences between `is` and `wanted`. A surplus resource is not a difference, unless it has versions. A
/// resource that should have been deleted is a difference.
pub(super) fn differences(found: &mut Vec<Difference>, before: &End, wanted: &End, is: &End) {
    let (was, wanted, is) = (
        compared(before, before),
        compared(before, wanted),
        compared(before, is),
    );
    let keys: BTreeSet<_> = wanted.keys().chain(is.keys()).collect();
    for same in keys {
        let (of, key) = same;
        let mut add = |about: &str, told: String| {
            let about = format!(
                "{} {about} ({}, {})",
                of.0.told(&key.name),
                key.account,
                key.region
            );
            found.push(Difference { about, told });
        };
        let since = was.get(same).map(|(_, seen)| &seen.numbers);
        match (wanted.get(same), is.get(same)) {
            (Some((name, _)), None) => add("", format!("{} does not exist", of.0.told(name))),
            (None, Some((name, _))) if of.0.has_versions() => {
                add("", format!("{} exists", of.0.told(name)));
            }
            (None, Some((name, _))) if was.contains_key(same) => {
                add("", format!("{} is still there", of.0.told(name)));
            }
            (Some((_, wanted)), Some((name, is))) if of.0.has_versions() => {
                let told = of.0.told(name);
                let members: BTreeSet<_> = wanted.members.keys().chain(is.members.keys()).collect();
                for member in members {
                    if wanted.members.get(member) != is.members.get(member) {
                        add(
                            member,
                            format!("the newest version of {told} has another {member}"),
                        );
                    }
                }
                let none = BTreeSet::new();
                let since = since.unwrap_or(&none);
                for (about, told) in numbers(Some(&told), since, &wanted.numbers, &is.numbers) {
                    add(&about, told);
                }
            }
            (Some((_, wanted)), Some((name, is))) if wanted != is => {
                add("", format!("{} differs", of.0.told(name)));
            }
            _ => {}
        }
    }
}

/// The resources that `is` has and `wanted` does not have.
pub(super) fn extras(before: &End, wanted: &End, is: &End) -> Vec<String> {
    let (was, wanted, is) = (
        compared(before, before),
        compared(before, wanted),
        compared(before, is),
    );
    let mut extras = Vec::new();
    let none = BTreeSet::new();
    for (same, (name, seen)) in is {
        let (of, words) = (same.0.0, same.0.0.words());
        let since = was.get(&same).map_or(&none, |(_, seen)| &seen.numbers);
        match wanted.get(&same) {
            Some((_, wanted)) => {
                let made: Vec<&u64> = seen.numbers.difference(since).collect();
                let wanted = wanted.numbers.difference(since).count();
                let more = made.len().saturating_sub(wanted);
                let versions = made.into_iter().take(more);
                extras.extend(
                    versions.map(|number| format!("{} version {name}:{number}", words.one)),
                );
            }
            None if of.has_versions() || was.contains_key(&same) => {}
            None => extras.push(of.told(name)),
        }
    }
    extras
}

/// The texts for the published versions, and for the other new resources.
pub(super) fn left(before: &End, left: &End) -> (Vec<String>, Vec<String>) {
    let (mut published, mut put) = (Vec::new(), Vec::new());
    for (thing, seen) in &left.things {
        let (of, key) = thing;
        let was = before.things.get(thing);
        let told = of.0.told(&key.name);
        if of.0.has_versions() {
            let had = was.map_or(0, |was| was.numbers.len());
            if let Some(newest) = seen.numbers.last().filter(|_| seen.numbers.len() > had) {
                published.push(format!("{told}: version {newest} is published"));
            }
        } else if was != Some(seen) {
            put.push(format!("{told} exists"));
        }
    }
    (published, put)
}
