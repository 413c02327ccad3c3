//! What a state directory came to: the functions and layers that a run touched, so that two ends can be compared.
//!
//! Two ends are the same when somebody who calls the functions cannot tell them apart: ids, times and RevisionIds do
//! not count, nor do the numbers of versions, nor the bytes of a package whose files are the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::things::{self, Things};
use crate::{
    operation::Result,
    state::{
        arn::Scope,
        function::{Configuration, Function, hex},
        layer::Layer,
    },
    store::{Store, listing::Listing},
    tool::{
        diff::model,
        rehearse::{evidence, report::Points},
    },
};

/// A function or a layer, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    account: String,
    region: String,
    /// Its name.
    pub(super) name: String,
}

impl Key {
    fn scope(&self) -> Scope {
        Scope {
            region: self.region.clone(),
            account: self.account.clone(),
        }
    }
}

/// What of a state a run touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Touched {
    functions: BTreeSet<Key>,
    layers: BTreeSet<Key>,
}

impl Touched {
    /// What differs between two states.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn between(before: &Store, after: &Store) -> Result<Self> {
        let mut touched = Self::default();
        for scope in evidence::scopes(before, after)? {
            let (account, region) = (scope.account.clone(), scope.region.clone());
            let (old, new) = (before.place(scope.clone()), after.place(scope));
            let key = |name: String| Key {
                account: account.clone(),
                region: region.clone(),
                name,
            };
            let (was, is) = (old.all::<Function>(), new.all::<Function>());
            for name in all(was.names()?, is.names()?) {
                if was.head(&name)? != is.head(&name)? {
                    touched.functions.insert(key(name));
                }
            }
            let (was, is) = (old.all::<Layer>(), new.all::<Layer>());
            for name in all(was.names()?, is.names()?) {
                if was.head(&name)? != is.head(&name)? {
                    touched.layers.insert(key(name));
                }
            }
        }
        Ok(touched)
    }

    /// What either touched.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            functions: self.functions.union(&other.functions).cloned().collect(),
            layers: self.layers.union(&other.layers).cloned().collect(),
        }
    }
}

fn all(one: Vec<String>, other: Vec<String>) -> BTreeSet<String> {
    one.into_iter().chain(other).collect()
}

/// What became of what was touched.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    /// Those that exist.
    pub(super) functions: BTreeMap<Key, FunctionEnd>,
    /// Those that exist.
    pub(super) layers: BTreeMap<Key, LayerEnd>,
    /// What else there is.
    pub(super) things: Things,
}

/// A function.
#[derive(Debug, Clone)]
pub(super) struct FunctionEnd {
    /// The head.
    pub(super) head: Function,
    /// What `$LATEST` is.
    pub(super) latest: Configuration,
    /// The numbers of its versions.
    pub(super) numbers: BTreeSet<u64>,
    /// What the versions are that are new or that an alias uses.
    pub(super) versions: BTreeMap<String, Configuration>,
}

/// A layer.
#[derive(Debug, Clone)]
pub(super) struct LayerEnd {
    /// The numbers of its versions.
    pub(super) numbers: BTreeSet<u64>,
    /// What the newest version is, member by member.
    pub(super) newest: BTreeMap<String, Value>,
}

impl End {
    /// Reads what was touched.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(store: &Store, touched: &Touched) -> Result<Self> {
        let mut end = Self {
            things: things::read(store)?,
            ..Self::default()
        };
        for key in &touched.functions {
            if let Some(function) = FunctionEnd::read(store, key)? {
                end.functions.insert(key.clone(), function);
            }
        }
        for key in &touched.layers {
            if let Some(layer) = LayerEnd::read(store, key)? {
                end.layers.insert(key.clone(), layer);
            }
        }
        Ok(end)
    }
}

/// The packages of the functions that were touched, byte for byte.
///
/// # Errors
/// When one cannot be read.
pub(super) fn packages(store: &Store, touched: &Touched) -> Result<Vec<String>> {
    let mut packages = Vec::new();
    for key in &touched.functions {
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

    /// What `$LATEST` is, byte for byte.
    pub(super) fn raw(&self) -> String {
        self.head.latest.configuration.digest()
    }

    /// Whether a version is what `$LATEST` is.
    pub(super) fn has_published(&self, content: &Configuration, since: &BTreeSet<u64>) -> bool {
        let new = self.numbers.difference(since).map(u64::to_string);
        // A publish may describe the version otherwise than `$LATEST` is.
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

/// How many of a function's newest versions are looked into: a script that makes more in one run is none we met.
const NEWEST: usize = 50;

impl LayerEnd {
    fn read(store: &Store, key: &Key) -> Result<Option<Self>> {
        let place = store.place(key.scope());
        let layers = place.all::<Layer>();
        let layer = layers.view(&key.name, |view| {
            let numbers: BTreeSet<u64> = view.numbers()?.into_iter().collect();
            let mut newest = BTreeMap::new();
            if let Some(number) = numbers.last()
                && let Some(version) = view.version(*number)?
            {
                let files = files(store, &version.code_sha256);
                let Value::Object(mut members) =
                    serde_json::to_value(&version).expect("plain data becomes JSON")
                else {
                    return Ok(None);
                };
                for name in ["Version", "Published", "CodeSize", "UnzippedSize"] {
                    members.shift_remove(name);
                }
                members.insert("CodeSha256".to_owned(), files.into());
                let statements = view.head.policies.get(&number.to_string());
                let statements = statements.map(|policy| &policy.statements);
                let statements = serde_json::to_value(statements).expect("plain data becomes JSON");
                members.insert("Permissions".to_owned(), statements);
                newest.extend(members);
            }
            Ok(Some(Self { numbers, newest }))
        })?;
        Ok(layer.flatten().filter(|layer| !layer.numbers.is_empty()))
    }
}

/// A configuration with its code told by the files of the package: zips of the same files differ in times.
fn content(store: &Store, configuration: &Configuration) -> Configuration {
    Configuration {
        last_modified: String::new(),
        code_sha256: if configuration.package_type == "Image" {
            configuration.code_sha256.clone()
        } else {
            files(store, &configuration.code_sha256)
        },
        code_size: 0,
        unzipped_size: 0,
        ..configuration.clone()
    }
}

/// A package's files as a fingerprint; its own where it cannot be listed.
fn files(store: &Store, code_sha256: &str) -> String {
    let listing = store.listing(code_sha256);
    listing.map_or_else(|_| code_sha256.to_owned(), |listing| fingerprint(&listing))
}

/// What tells a zip's files from another's, whatever their times.
pub(super) fn fingerprint(listing: &Listing) -> String {
    let mut hasher = Sha256::new();
    for (name, entry) in &listing.files {
        hasher.update(format!(
            "{:?}",
            (name, entry.size, entry.crc32, entry.runs, entry.is_link)
        ));
    }
    hex(&hasher.finalize())
}

/// Something in which two ends differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// What it is about, so that what differs between any two runs can be told.
    pub(super) about: String,
    /// In words: how the second is other than the first.
    pub(super) told: String,
}

/// How `is` differs from `wanted`; both began at `before`.
pub(super) fn differences(before: &End, wanted: &End, is: &End) -> Vec<Difference> {
    let mut all = Differences {
        // Where one function is touched, its name says nothing.
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
    let keys: BTreeSet<&Key> = wanted.layers.keys().chain(is.layers.keys()).collect();
    for key in keys {
        let name = &key.name;
        match (wanted.layers.get(key), is.layers.get(key)) {
            (Some(_), None) => all.add(key, "layer", format!("layer {name} does not exist")),
            (None, Some(_)) => all.add(key, "layer", format!("layer {name} exists")),
            (Some(wanted), Some(is)) => {
                let members: BTreeSet<&String> =
                    wanted.newest.keys().chain(is.newest.keys()).collect();
                for member in members {
                    if wanted.newest.get(member) != is.newest.get(member) {
                        let told = format!("layer {name}'s newest version has other {member}");
                        all.add(key, &format!("layer {member}"), told);
                    }
                }
                all.numbers(
                    key,
                    "layer ",
                    before.layers.get(key).map(|layer| &layer.numbers),
                    &wanted.numbers,
                    &is.numbers,
                );
            }
            (None, None) => {}
        }
    }
    for (name, content) in &wanted.things {
        let told = match is.things.get(name) {
            None => format!("{name} does not exist"),
            Some(other) if other != content => format!("{name} is another one"),
            _ => continue,
        };
        all.found.push(Difference {
            about: name.clone(),
            told,
        });
    }
    // What is too much there is left over; what should have gone is not.
    for name in before.things.keys() {
        if is.things.contains_key(name) && !wanted.things.contains_key(name) {
            all.found.push(Difference {
                about: name.clone(),
                told: format!("{name} is still there"),
            });
        }
    }
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
        self.numbers(
            key,
            "",
            before.map(|function| &function.numbers),
            &wanted.numbers,
            &is.numbers,
        );
    }

    /// Versions that went or stayed; what was made beyond what was wanted is no difference but an [`extra`](extras).
    fn numbers(
        &mut self,
        key: &Key,
        kind: &str,
        before: Option<&BTreeSet<u64>>,
        wanted: &BTreeSet<u64>,
        is: &BTreeSet<u64>,
    ) {
        let none = BTreeSet::new();
        let before = before.unwrap_or(&none);
        for number in before {
            let told = match (wanted.contains(number), is.contains(number)) {
                (true, false) => "is gone",
                (false, true) => "is still there",
                _ => continue,
            };
            let what = self.of(key, &format!("{kind}version {number}"));
            self.add(
                key,
                &format!("{kind}version {number}"),
                format!("{what} {told}"),
            );
        }
        let made = |numbers: &BTreeSet<u64>| numbers.difference(before).count();
        let (wanted, is) = (made(wanted), made(is));
        if is < wanted {
            let what = self.of(key, &format!("{kind}versions"));
            self.add(
                key,
                &format!("{kind}versions"),
                format!("{is} new {what} instead of {wanted}"),
            );
        }
    }
}

/// `other Timeout`
fn other(change: &model::Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.len() + after.len() < 40 && before != after => {
            format!("{} {after} instead of {before}", change.name)
        }
        (Some(_), None) => format!("no {}", change.name),
        (None, Some(_)) => format!("a {} that should not be", change.name),
        _ => format!("other {}", change.name),
    }
}

/// What hangs on a function beside its aliases. What hangs on the newest version goes by the name NEWEST, whatever its number.
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

/// How an alias leads elsewhere: what it is about, and in words.
fn alias(what: &str, name: &str, wanted: &FunctionEnd, is: &FunctionEnd) -> Vec<(String, String)> {
    let (Some(want), Some(have)) = (wanted.head.aliases.get(name), is.head.aliases.get(name))
    else {
        return Vec::new();
    };
    let (there, here) = (points(is, name), points(wanted, name));
    let moved = format!("{what} is on {there} instead of {here}");
    // Where the numbers are the same, what is behind them is not.
    let told = |change: Option<&model::Change>| match change {
        Some(change) if there == here => {
            format!("version {there}, which {what} is on, has {}", other(change))
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

/// Where an alias leads: `4`, `4 + 10 % 5`.
pub(super) fn points(function: &FunctionEnd, alias: &str) -> String {
    let Some(alias) = function.head.aliases.get(alias) else {
        return "nothing".to_owned();
    };
    Points::of(alias).told()
}

/// What there is in `is` beyond what was wanted, and nothing leads to.
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
    for (key, end) in &is.layers {
        let since = before.layers.get(key).map_or(&none, |layer| &layer.numbers);
        let Some(wanted) = wanted.layers.get(key) else {
            continue;
        };
        let made: Vec<&u64> = end.numbers.difference(since).collect();
        let more = made
            .len()
            .saturating_sub(wanted.numbers.difference(since).count());
        extras.extend(
            made.into_iter()
                .take(more)
                .map(|number| format!("layer version {}:{number}", key.name)),
        );
    }
    let more = is
        .things
        .keys()
        .filter(|name| !wanted.things.contains_key(*name) && !before.things.contains_key(*name));
    extras.extend(more.cloned());
    extras
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tool::rehearse::finding::stage::Stage;

    /// New code for `pay`, frozen as the next version.
    pub(in super::super) const RELEASE: [&str; 3] = [
        "update-function-code --function-name pay --zip-file fileb://two.zip",
        "wait function-updated-v2 --function-name pay",
        "publish-version --function-name pay",
    ];

    /// What those calls leave of a function whose alias `live` is on version 1: before, and after.
    pub(in super::super) fn ends(lines: &[&str]) -> (End, End) {
        let stage = Stage::with_versions(1).script(&[&["list-functions"], lines].concat());
        let (before, after) = (stage.store("state"), stage.store("fork"));
        let touched = Touched {
            functions: BTreeSet::from([Key {
                account: "123456789012".to_owned(),
                region: "eu-west-1".to_owned(),
                name: "pay".to_owned(),
            }]),
            ..Touched::default()
        };
        let touched = touched.and(&Touched::between(&before, &after).expect("states"));
        let read = |store| End::read(store, &touched).expect("a state");
        (read(&before), read(&after))
    }

    /// A release that ends with those calls.
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
