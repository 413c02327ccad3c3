//! The end of a run: the functions and other resources that the run reached in a state directory, as the run left them.
//! Two ends can be compared.
//!
//! Two ends are the same if a caller of the functions cannot tell them apart. Ids, times, RevisionIds and version
//! numbers do not count. Packages with the same files are the same, even if their bytes differ.

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
};

use super::things::{self, Things};
use crate::{
    operation::Result,
    state::function::{Configuration, Function},
    store::{
        Store,
        kind::{KINDS, Key, Kind},
    },
    tool::{diff::model, rehearse::report::Points},
};

/// A resource's kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of(pub(super) &'static dyn Kind);

impl Of {
    fn order(self) -> usize {
        let same = |kind: &&dyn Kind| kind.holds() == self.0.holds();
        KINDS.iter().position(same).unwrap_or_default()
    }

    /// Returns true for the kind of functions. They are described in detail, with the targets of aliases and the
    /// progress of a release.
    fn is_function(self) -> bool {
        self.0.holds() == TypeId::of::<Function>()
    }
}

impl PartialEq for Of {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Of {}

impl PartialOrd for Of {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Of {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// The parts of a state that a run read or changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reached(BTreeSet<(Of, Key)>);

impl Reached {
    /// Finds the parts in which two states differ.
    ///
    /// # Errors
    /// When a state cannot be read.
    pub(super) fn between(before: &Store, after: &Store) -> Result<Self> {
        let mut reached = Self::default();
        for kind in KINDS {
            let keys = kind.differing(before, after)?.into_iter();
            reached.0.extend(keys.map(|key| (Of(*kind), key)));
        }
        Ok(reached)
    }

    /// The parts that at least one of two runs reached.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    fn functions(&self) -> impl Iterator<Item = &Key> {
        let functions = self.0.iter().filter(|(of, _)| of.is_function());
        functions.map(|(_, key)| key)
    }
}

/// The parts that a run reached, in their final state.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    /// The functions that exist at the end.
    pub(super) functions: BTreeMap<Key, FunctionEnd>,
    /// The other resources that exist at the end.
    pub(super) things: Things,
}

/// A function.
#[derive(Debug, Clone)]
pub(super) struct FunctionEnd {
    /// The function's head.
    pub(super) head: Function,
    /// The configuration of `$LATEST`.
    pub(super) latest: Configuration,
    /// The numbers of the function's versions.
    pub(super) numbers: BTreeSet<u64>,
    /// The configurations of those versions that are new or that an alias uses.
    pub(super) versions: BTreeMap<String, Configuration>,
}

impl End {
    /// Reads the parts that were reached.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub(super) fn read(store: &Store, reached: &Reached) -> Result<Self> {
        let mut end = Self::default();
        for (of, key) in &reached.0 {
            if of.is_function() {
                if let Some(function) = FunctionEnd::read(store, key)? {
                    end.functions.insert(key.clone(), function);
                }
            } else if let Some(seen) = of.0.seen(&store.place(key.scope()), &key.name)? {
                // If a resource had versions and has none left, it no longer exists.
                if !of.0.has_versions() || !seen.numbers.is_empty() {
                    end.things.insert((*of, key.clone()), seen);
                }
            }
        }
        Ok(end)
    }

    /// Adds to this end the parts that `more` has and `known` does not have. This run did not reach them, so they are
    /// as they were before the run.
    pub(super) fn filled(mut self, before: &Self, known: &Reached, more: &Reached) -> Self {
        for (of, key) in more.0.difference(&known.0) {
            if let Some(function) = before.functions.get(key).filter(|_| of.is_function()) {
                self.functions.insert(key.clone(), function.clone());
            }
            let thing = (*of, key.clone());
            if let Some(seen) = before.things.get(&thing) {
                self.things.insert(thing, seen.clone());
            }
        }
        self
    }
}

/// The packages of the functions that were reached, byte for byte.
///
/// # Errors
/// When a package cannot be read.
pub(super) fn packages(store: &Store, reached: &Reached) -> Result<Vec<String>> {
    let mut packages = Vec::new();
    for key in reached.functions() {
        let place = store.place(key.scope());
        let head = place.all::<Function>().head(&key.name)?;
        packages.extend(head.map(|head| head.latest.configuration.code_sha256));
    }
    Ok(packages)
}

impl FunctionEnd {
    fn read(store: &Store, key: &Key) -> Result<Option<Self>> {
        let place = store.place(key.scope());
        let functions = place.all::<Function>();
        functions.view(&key.name, |view| {
            let head = view.head.clone();
            let numbers: BTreeSet<u64> = view.numbers()?.into_iter().collect();
            let mut versions = BTreeMap::new();
            let used = |number: &str| head.aliases.values().any(|alias| alias.uses(number));
            let newest = numbers.iter().rev().take(NEWEST);
            let named: BTreeSet<u64> = numbers
                .iter()
                .filter(|number| used(&number.to_string()))
                .chain(newest)
                .copied()
                .collect();
            for number in named {
                if let Some(version) = view.version(number)? {
                    let content = content(store, &version.configuration);
                    versions.insert(number.to_string(), content);
                }
            }
            Ok(Self {
                latest: content(store, &head.latest.configuration),
                head,
                numbers,
                versions,
            })
        })
    }

    /// The configuration of `$LATEST`, byte for byte.
    pub(super) fn raw(&self) -> String {
        self.head.latest.configuration.digest()
    }

    /// Returns true if a version that is not in `since` has the given content.
    pub(super) fn has_published(&self, content: &Configuration, since: &BTreeSet<u64>) -> bool {
        let new = self.numbers.difference(since).map(u64::to_string);
        // A publish may give the version another description than `$LATEST` has.
        let bare = |configuration: &Configuration| Configuration {
            description: String::new(),
            ..configuration.clone()
        };
        let published: Vec<String> = new.collect();
        published
            .iter()
            .filter_map(|number| self.versions.get(number))
            .any(|version| bare(version).digest() == bare(content).digest())
    }

    /// The versions that are not in `since` and that no alias uses.
    pub(super) fn unused(&self, since: &BTreeSet<u64>) -> Vec<u64> {
        let new = self.numbers.difference(since).copied();
        new.filter(|number| {
            let number = number.to_string();
            !self.head.aliases.values().any(|alias| alias.uses(&number))
        })
        .collect()
    }
}

/// The number of a function's newest versions that are read. No known script makes more versions in one run.
const NEWEST: usize = 50;

/// A configuration in which the files of the package identify the code. The hash of the zip cannot be used, because
/// zips of the same files may contain different times.
fn content(store: &Store, configuration: &Configuration) -> Configuration {
    Configuration {
        last_modified: String::new(),
        code_sha256: if configuration.package_type == "Image" {
            configuration.code_sha256.clone()
        } else {
            store.fingerprint(&configuration.code_sha256)
        },
        code_size: 0,
        unzipped_size: 0,
        ..configuration.clone()
    }
}

/// A difference between two ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// The subject of the difference. If two clean runs differ at random, the differences are recognized by their
    /// subjects.
    pub(super) about: String,
    /// The description, which says how the second end differs from the first end.
    pub(super) told: String,
}

/// The differences between `is` and `wanted`. Both runs began at `before`.
pub(super) fn differences(before: &End, wanted: &End, is: &End) -> Vec<Difference> {
    let mut all = Differences {
        // If only one function was reached, its name would add nothing.
        names: before
            .functions
            .keys()
            .chain(wanted.functions.keys())
            .chain(is.functions.keys())
            .collect::<BTreeSet<_>>()
            .len()
            > 1,
        found: Vec::new(),
    };
    let keys: BTreeSet<&Key> = wanted.functions.keys().chain(is.functions.keys()).collect();
    for key in keys {
        let base = before.functions.get(key);
        match (wanted.functions.get(key), is.functions.get(key)) {
            (Some(_), None) => all.add(key, "", format!("{} does not exist", key.name)),
            (None, Some(_)) => all.add(key, "", format!("{} exists", key.name)),
            (Some(wanted), Some(is)) => all.function(key, base, wanted, is),
            (None, None) => {}
        }
    }
    things::differences(&mut all.found, before, wanted, is);
    all.found
}

struct Differences {
    names: bool,
    found: Vec<Difference>,
}

impl Differences {
    fn add(&mut self, key: &Key, about: &str, told: String) {
        let about = match about {
            "" => key.name.clone(),
            about => format!("{} {about}", key.name),
        };
        let about = format!("{about} ({}, {})", key.account, key.region);
        self.found.push(Difference { about, told });
    }

    fn of(&self, key: &Key, what: &str) -> String {
        match self.names {
            true => format!("{}'s {what}", key.name),
            false => what.to_owned(),
        }
    }

    fn function(
        &mut self,
        key: &Key,
        before: Option<&FunctionEnd>,
        wanted: &FunctionEnd,
        is: &FunctionEnd,
    ) {
        for change in model::members(&wanted.latest, &is.latest, false) {
            let what = self.of(key, "$LATEST");
            let told = format!("{what} has {}", other(&change));
            self.add(key, &format!("$LATEST {}", change.name), told);
        }
        for change in model::settings(Some(&settings(wanted)), Some(&settings(is))) {
            let told = match self.names {
                true => format!("{} has {}", key.name, other(&change)),
                false => other(&change),
            };
            self.add(key, &change.name, told);
        }
        let names: BTreeSet<&String> = wanted
            .head
            .aliases
            .keys()
            .chain(is.head.aliases.keys())
            .collect();
        for name in names {
            let what = self.of(key, name);
            match (wanted.head.aliases.get(name), is.head.aliases.get(name)) {
                (Some(_), None) => self.add(key, name, format!("alias {what} does not exist")),
                (None, Some(_)) => self.add(key, name, format!("alias {what} should not exist")),
                _ => {
                    for (about, told) in alias(&what, name, wanted, is) {
                        self.add(key, &about, told);
                    }
                }
            }
        }
        let none = BTreeSet::new();
        let since = before.map_or(&none, |function| &function.numbers);
        let name = self.names.then_some(&*key.name);
        for (about, told) in numbers(name, since, &wanted.numbers, &is.numbers) {
            self.add(key, &about, told);
        }
    }
}

/// The wrongly removed or kept versions, each with a subject and a description. `of` is the name of the function or
/// resource, if the text needs the name. An additional version is not a difference but an [`extra`](extras).
pub(super) fn numbers(
    of: Option<&str>,
    before: &BTreeSet<u64>,
    wanted: &BTreeSet<u64>,
    is: &BTreeSet<u64>,
) -> Vec<(String, String)> {
    let of = of.map_or_else(String::new, |of| format!("{of}'s "));
    let mut found = Vec::new();
    for number in before {
        let told = match (wanted.contains(number), is.contains(number)) {
            (true, false) => "is gone",
            (false, true) => "is still there",
            _ => continue,
        };
        let what = format!("version {number}");
        found.push((what.clone(), format!("{of}{what} {told}")));
    }
    let made = |numbers: &BTreeSet<u64>| numbers.difference(before).count();
    let (wanted, is) = (made(wanted), made(is));
    if is < wanted {
        let told = format!("{is} new {of}versions instead of {wanted}");
        found.push(("versions".to_owned(), told));
    }
    found
}

/// `other Timeout`
fn other(change: &model::Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.len() + after.len() < 40 && before != after => {
            format!("{} {after} instead of {before}", change.name)
        }
        (Some(_), None) => format!("no {}", change.name),
        (None, Some(_)) => format!("an unexpected {}", change.name),
        _ => format!("other {}", change.name),
    }
}

/// The settings of a function without its aliases. For the newest version, the settings have the name NEWEST instead of
/// the version's number.
pub(super) fn settings(end: &FunctionEnd) -> Function {
    let mut head = end.head.clone();
    head.aliases.clear();
    if let Some(newest) = end.numbers.last()
        && let Some(attached) = head.attached.remove(&newest.to_string())
    {
        head.attached.insert("NEWEST".to_owned(), attached);
    }
    head
}

/// The differences between two targets of an alias, each with a subject and a description.
fn alias(what: &str, name: &str, wanted: &FunctionEnd, is: &FunctionEnd) -> Vec<(String, String)> {
    let (Some(want), Some(have)) = (wanted.head.aliases.get(name), is.head.aliases.get(name))
    else {
        return Vec::new();
    };
    let (there, here) = (points(is, name), points(wanted, name));
    let moved = format!("{what} is on {there} instead of {here}");
    // If the numbers are the same, the versions with these numbers have different contents.
    let told = |change: Option<&model::Change>| match change {
        Some(change) if there == here => {
            format!(
                "version {there}, which {what} points at, has {}",
                other(change)
            )
        }
        _ => moved.clone(),
    };
    let compare = |about: String, one: &str, other: &str| -> Vec<(String, String)> {
        match (wanted.content(one), is.content(other)) {
            (Some(one), Some(other)) => model::members(one, other, false)
                .into_iter()
                .map(|change| (format!("{about}'s {}", change.name), told(Some(&change))))
                .collect(),
            (None, None) => Vec::new(),
            _ => vec![(about, told(None))],
        }
    };
    let mut found = compare(
        name.to_owned(),
        &want.function_version,
        &have.function_version,
    );
    let (one, other) = (
        &want.additional_version_weights,
        &have.additional_version_weights,
    );
    for ((one, share), (other, other_share)) in one.iter().zip(other) {
        found.extend(compare(format!("{name}'s weight"), one, other));
        if (share - other_share).abs() > f64::EPSILON {
            found.push((format!("{name}'s weights"), told(None)));
        }
    }
    if one.len() != other.len() {
        found.push((format!("{name}'s weights"), told(None)));
    }
    if want.description != have.description {
        let told = format!("{what} has another description");
        found.push((format!("{name}'s description"), told));
    }
    found
}

impl FunctionEnd {
    fn content(&self, version: &str) -> Option<&Configuration> {
        match version {
            "$LATEST" => Some(&self.latest),
            number => self.versions.get(number),
        }
    }
}

/// The target of an alias: `4`, `4 + 10 % 5`.
pub(super) fn points(function: &FunctionEnd, alias: &str) -> String {
    let Some(alias) = function.head.aliases.get(alias) else {
        return "nothing".to_owned();
    };
    Points::of(alias).told()
}

/// The things that `is` has, `wanted` does not have, and nothing uses.
pub(super) fn extras(before: &End, wanted: &End, is: &End) -> Vec<String> {
    let mut extras = Vec::new();
    let none = BTreeSet::new();
    for (key, end) in &is.functions {
        let since = before
            .functions
            .get(key)
            .map_or(&none, |function| &function.numbers);
        let Some(wanted) = wanted.functions.get(key) else {
            continue;
        };
        let made = |numbers: &BTreeSet<u64>| numbers.difference(since).count();
        let more = made(&end.numbers).saturating_sub(made(&wanted.numbers));
        let unused = end.unused(since).into_iter().take(more);
        extras.extend(unused.map(|number| format!("version {number}")));
    }
    extras.extend(things::extras(before, wanted, is));
    extras
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tool::rehearse::finding::stage::Stage;

    /// New code for `pay`, published as the next version.
    pub(in super::super) const RELEASE: [&str; 3] = [
        "update-function-code --function-name pay --zip-file fileb://two.zip",
        "wait function-updated-v2 --function-name pay",
        "publish-version --function-name pay",
    ];

    /// The ends before and after the given calls. The alias `live` of the function is on version 1.
    pub(in super::super) fn ends(lines: &[&str]) -> (End, End) {
        let stage = Stage::with_versions(1).script(&[&["list-functions"], lines].concat());
        let (before, after) = (stage.store("state"), stage.store("fork"));
        let pay = Key {
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            name: "pay".to_owned(),
        };
        let reached = Reached(BTreeSet::from([(Of(KINDS[0]), pay)]));
        let reached = reached.and(&Reached::between(&before, &after).expect("states"));
        let read = |store| End::read(store, &reached).expect("a state");
        (read(&before), read(&after))
    }

    /// The end of a release that ends with the given calls.
    pub(in super::super) fn released(lines: &[&str]) -> End {
        ends(&[&RELEASE, lines].concat()).1
    }

    const MOVE: &str = "update-alias --function-name pay --name live --function-version 2";

    fn told(wanted: &End, is: &End) -> Vec<String> {
        let (before, _) = ends(&[]);
        let mut told: Vec<String> = differences(&before, wanted, is)
            .into_iter()
            .map(|difference| difference.told)
            .collect();
        told.dedup();
        told
    }

    #[test]
    fn ends_are_the_same_whatever_the_numbers_of_versions_and_the_ids() {
        let wanted = released(&[MOVE]);
        assert_eq!(told(&wanted, &released(&[MOVE])), [""; 0]);
        let (before, twice) = ends(
            &[
                &[
                    "update-function-code --function-name pay --zip-file fileb://three.zip",
                    "wait function-updated-v2 --function-name pay",
                    "publish-version --function-name pay",
                ],
                &RELEASE[..],
                &["update-alias --function-name pay --name live --function-version 3"],
            ]
            .concat(),
        );
        assert_eq!(told(&wanted, &twice), [""; 0]);
        assert_eq!(extras(&before, &wanted, &twice), ["version 2"]);
        assert_eq!(extras(&before, &wanted, &wanted), [""; 0]);
    }

    #[test]
    fn what_differs_is_told_in_words() {
        let wanted = released(&[MOVE]);
        let weights = format!("{MOVE} --routing-config AdditionalVersionWeights={{1=0.1}}");
        for (lines, differences) in [
            (&[][..], "live is on 1 instead of 2"),
            (&[&*weights], "live is on 2 + 10 % 1 instead of 2"),
            (
                &[
                    MOVE,
                    "create-alias --function-name pay --name next --function-version 2",
                ],
                "alias next should not exist",
            ),
            (
                &["delete-alias --function-name pay --name live"],
                "alias live does not exist",
            ),
            (
                &[MOVE, "delete-function --function-name pay --qualifier 1"],
                "version 1 is gone",
            ),
            (
                &[
                    MOVE,
                    "update-function-configuration --function-name pay --timeout 9",
                ],
                "$LATEST has Timeout 9 instead of 3",
            ),
            (
                &[
                    MOVE,
                    "update-alias --function-name pay --name live --description new",
                ],
                "live has another description",
            ),
            (
                &["delete-function --function-name pay"],
                "pay does not exist",
            ),
        ] {
            assert_eq!(told(&wanted, &released(lines)), [differences], "{lines:?}");
        }
        let (_, nothing) = ends(&[]);
        assert_eq!(
            told(&wanted, &nothing).last().map(String::as_str),
            Some("0 new versions instead of 1")
        );
    }

    #[test]
    fn what_hangs_on_the_newest_version_goes_by_that_name() {
        let permit = |version: &str| {
            format!(
                "add-permission --function-name pay --qualifier {version} --statement-id s3 \
                 --action lambda:InvokeFunction --principal s3.amazonaws.com"
            )
        };
        let wanted = released(&[&permit("2"), MOVE]);
        assert_eq!(
            told(&wanted, &released(&[MOVE])),
            ["no NEWEST.Policy.Statements.s3"]
        );
    }
}
