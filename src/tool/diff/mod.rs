//! `lambdry diff`: the differences between two moments of a function, between two functions, or between two state
//! directories.
//!
//! [`model`] compares configurations and packages, [`lines`] compares text, [`report`] prints. This file finds the two
//! sides.

mod lines;
pub(crate) mod model;
mod report;
mod things;

use std::collections::BTreeSet;

use clap::{CommandFactory as _, Parser};
use indexmap::IndexMap;

use jiff::Timestamp;

use super::{
    backend::{Opened, stop},
    history::{self, Clock},
};
use crate::{
    face::{self, Globals, Own, State as _, exit::Stop, world::World},
    operation::{
        Failure, Lambda, Result as Answer,
        function::get_function_configuration::resolve,
        resolve::{Target, function_not_found},
    },
    state::{
        arn::Scope,
        function::{Configuration, Function},
    },
    store::{Store, collection::View, listing::Listing},
};
use model::{Change, FileChange};

/// The command's summary.
pub(crate) const ABOUT: &str =
    "Shows what differs between two versions, aliases, functions or state directories.";

#[derive(Debug, Parser)]
#[command(
    name = "diff",
    bin_name = "lambdry diff",
    about = ABOUT,
    long_about = "Shows what differs between two versions, aliases, functions or state directories. It compares the \
        members of the configuration, and the names and sizes of the files in the code packages.\n\n\
        lambdry diff pay                  the newest version and $LATEST: what a publish would freeze\n\
        lambdry diff pay:live             the version of alias live and $LATEST\n\
        lambdry diff pay:live :staging    the versions of the aliases live and staging\n\
        lambdry diff pay 2 3              two versions: the same as pay:2 :3\n\
        lambdry diff pay:3 ship:live      two functions\n\
        lambdry diff pay:live@14:00 :live the version of live at 14:00 and its version now\n\
        lambdry diff pay --with DIR       the whole function here and in another state directory\n\
        lambdry diff --with DIR           all functions and everything else in both directories\n\n\
        A single function is compared with its $LATEST. With two functions, a missing version means $LATEST. With \
        --with and no version, diff also compares aliases, tags, policies, the existing versions and the event \
        source mappings that invoke the function. Quote $LATEST, or the shell takes it for a variable: \
        'pay:$LATEST'.\n\n\
        Two files with the same size and checksum count as the same. LastModified, RevisionIds and states are not \
        compared.",
    after_help = "Exit codes: 0 both are the same, 1 they differ, 252 the command line is wrong, 254 a function, \
        version or alias does not exist, 255 any other error."
)]
struct Diff {
    /// The left side: a function's name or ARN, with or without :VERSION or :ALIAS. With @TIME: as it was at that
    /// time.
    #[arg(required_unless_present = "with")]
    function: Option<String>,
    /// The right side. :VERSION or :ALIAS alone means the same function.
    other: Option<String>,
    /// The right side, if the first two words name a function and a version: diff pay 2 3.
    #[arg(hide = true)]
    third: Option<String>,
    /// The state directory of the right side, for example one that lambdry rehearse --keep wrote. The left side is
    /// the usual state directory.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    with: Option<String>,
    /// Show the lines of text files that differ, as diff -u does.
    #[arg(long)]
    lines: bool,
    /// Read times without a zone in the time zone of this machine. The default is UTC.
    #[arg(long)]
    local: bool,
    /// Show the values of environment variables, which may be secret. The default is to show only
    /// their names.
    #[arg(long)]
    show_values: bool,
}

/// The clap command of `lambdry diff`.
pub(crate) fn options() -> clap::Command {
    Diff::command()
}

/// A function, version or alias as one side of the comparison.
#[derive(Debug)]
struct Side<'a> {
    store: &'a Store,
    /// The name of the side in the report: `pay:live`.
    name: String,
    /// The version of the side: a number or `$LATEST`.
    version: String,
    configuration: Configuration,
    /// The versions besides `version` that get a part of the alias's traffic; `None` if the side is not an alias.
    weights: Option<IndexMap<String, f64>>,
}

/// The packages of both sides, if they differ and are not images.
type Packages = (Option<Listing>, Option<Listing>);

/// The differences that one comparison found.
#[derive(Debug, Default)]
struct Found {
    members: Vec<Change>,
    files: Vec<FileChange>,
    packages: Packages,
    /// Versions that exist on one side only, or whose content differs. Filled only when whole functions are compared.
    versions: Vec<Change>,
    /// Aliases, tags and attached settings. Filled only when whole functions are compared.
    settings: Vec<Change>,
}

impl Found {
    fn is_nothing(&self) -> bool {
        self.members.is_empty()
            && self.files.is_empty()
            && self.versions.is_empty()
            && self.settings.is_empty()
    }
}

/// Runs the command.
///
/// # Errors
/// When a side does not exist or cannot be read, or stdout is gone.
pub(crate) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let mut diff: Diff = match super::parse(words, world)? {
        Ok(diff) => diff,
        Err(code) => {
            if code != 0 {
                super::offer_functions(words, globals, world)?;
            }
            return Ok(code);
        }
    };
    let here = Opened::new(&world.process, &globals.own)?;
    let region = face::region(&world.process, globals, here.config())?;
    as_words(&mut diff, &here, &region);
    if let Some(third) = &diff.third {
        return Err(Stop::Invalid(format!(
            "diff compares two sides, and {third} would be a third"
        )));
    }
    let there = match &diff.with {
        Some(folder) => Some(other(folder, globals, world)?),
        None => None,
    };
    let right = there.as_ref().unwrap_or(&here);
    let mut report = report::Report::new(&diff, globals, world)?;
    let whole = |word: &Option<String>| {
        word.as_deref()
            .is_none_or(|word| !qualified(word) && !word.starts_with(':') && !word.ends_with(':'))
    };
    if there.is_some() && diff.other.is_none() && whole(&diff.function) {
        let named = match &diff.function {
            Some(word) => Some(name_of(&here, &region, word)?),
            None => None,
        };
        compare_states(&here, right, &region, named, &diff, &mut report)?;
    } else {
        let (left, right_word) = sides(&diff)?;
        let clock = Clock::new(diff.local);
        let before = side(&here, &region, &left, &clock)?;
        let after = side(right, &region, &right_word, &clock)?;
        report.compared(&before, &after, compare(&before, &after, &diff)?)?;
    }
    report.end()
}

/// Reads `pay live` as `pay:live`, and `pay 2 3` as `pay:2 :3`. It does so only if no function has the second word as
/// its name.
fn as_words(diff: &mut Diff, here: &Opened, region: &str) {
    let (Some(function), Some(second)) = (&diff.function, &diff.other) else {
        return;
    };
    let plain = |word: &str| !word.contains(':') && !word.is_empty();
    if !plain(function) || !plain(second) {
        return;
    }
    let names = here.with(region, |lambda| lambda.functions().names());
    let names = names.unwrap_or_default();
    if !names.contains(function) || names.contains(second) {
        return;
    }
    let left = format!("{function}:{second}");
    let third = diff.third.take();
    diff.other = third.map(|third| match plain(&third) {
        true => format!(":{third}"),
        false => third,
    });
    diff.function = Some(left);
}

/// Opens the other state directory, which must exist.
fn other(folder: &str, globals: &Globals, world: &World<'_>) -> Result<Opened, Stop> {
    let own = Own {
        state_dir: Some(folder.to_owned()),
        ..globals.own.clone()
    };
    let opened = Opened::new(&world.process, &own)?;
    if !opened.store.exists() {
        return Err(Stop::Store(
            format!(
                "{} is not a state directory: it has no file FORMAT",
                opened.store.root().display()
            ),
            Some("--with needs the state directory of the right side".to_owned()),
        ));
    }
    Ok(opened)
}

/// Returns true if a word ends in a version or an alias.
fn qualified(word: &str) -> bool {
    let (word, at) = split(word);
    at.is_some()
        || crate::state::arn::FunctionRef::parse(word)
            .is_some_and(|named| named.qualifier.is_some())
}

/// The function that a word names.
fn name_of(opened: &Opened, region: &str, word: &str) -> Result<String, Stop> {
    let target = opened.with(region, |lambda| lambda.target(word, None));
    Ok(target.map_err(failed)?.name().to_owned())
}

/// A request for a version of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// `pay:live`, or `pay` for `$LATEST`.
    Named(String),
    /// The newest version of the named function.
    Newest(String),
}

/// The two sides that the words ask for.
fn sides(diff: &Diff) -> Result<(Asked, Asked), Stop> {
    let left = diff.function.clone().unwrap_or_default();
    for word in diff.function.iter().chain(&diff.other) {
        if word.ends_with(':') || word.is_empty() {
            return Err(Stop::Invalid(format!(
                "{word:?} does not name a version; quote $LATEST, or the shell takes it for a variable: \
                 'pay:$LATEST'"
            )));
        }
    }
    if left.starts_with(':') {
        return Err(Stop::Invalid(format!(
            "{left:?} does not name a function; the left side needs one, for example: lambdry diff pay:live :staging"
        )));
    }
    let function = || {
        let (word, _) = split(&left);
        match qualified(word) {
            true => word.rsplit_once(':').map_or("", |(function, _)| function),
            false => word,
        }
    };
    Ok(match &diff.other {
        Some(other) if other.starts_with(':') => {
            let right = format!("{}{other}", function());
            (Asked::Named(left), Asked::Named(right))
        }
        Some(other) => (Asked::Named(left), Asked::Named(other.clone())),
        // Both sides are the same version or alias, each in its own state.
        None if diff.with.is_some() => (Asked::Named(left.clone()), Asked::Named(left)),
        None if qualified(&left) => {
            let latest = format!("{}:$LATEST", function());
            (Asked::Named(left), Asked::Named(latest))
        }
        None => {
            let latest = format!("{left}:$LATEST");
            (Asked::Newest(left), Asked::Named(latest))
        }
    })
}

/// Splits a word into the name and the moment after `@`.
fn split(word: &str) -> (&str, Option<&str>) {
    // No name, version or ARN contains this sign.
    word.split_once('@')
        .map_or((word, None), |(word, at)| (word, Some(at)))
}

/// Reads one side of the comparison.
fn side<'a>(
    opened: &'a Opened,
    region: &str,
    asked: &Asked,
    clock: &Clock,
) -> Result<Side<'a>, Stop> {
    let (Asked::Named(whole) | Asked::Newest(whole)) = asked;
    let (word, at) = split(whole);
    let now = opened.store.clock.now();
    let at = history::past(at, now, clock)?;
    let read = opened.with(region, |lambda| {
        let target = lambda.target(word, None)?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                if let Some(at) = at {
                    return then(&opened.store, view, &target, at, whole);
                }
                if matches!(asked, Asked::Named(_)) {
                    return seen(&opened.store, view, &target).map(Ok);
                }
                let Some(newest) = view.numbers()?.last().copied() else {
                    return Ok(Err(Stop::Store(
                        format!("{word} has no published version to compare with $LATEST"),
                        Some(format!(
                            "lambdry publish-version --function-name {word} makes the first version"
                        )),
                    )));
                };
                seen(
                    &opened.store,
                    view,
                    &at_version(&target, newest.to_string()),
                )
                .map(Ok)
            },
        )
    });
    read.map_err(failed)?
}

/// The same target with another version.
fn at_version(target: &Target, version: String) -> Target {
    Target {
        qualifier: Some(version),
        ..target.clone()
    }
}

/// One side as it was at a moment.
fn then<'a>(
    store: &'a Store,
    view: &View<'_, Function>,
    target: &Target,
    at: Timestamp,
    word: &str,
) -> Answer<Result<Side<'a>, Stop>> {
    let meant = match history::meant(view, target, at)? {
        Ok(meant) => meant,
        Err(unknown) => {
            let hint = format!("lambdry history {} shows the known versions", target.name());
            return Ok(Err(Stop::Store(format!("{word}: {unknown}"), Some(hint))));
        }
    };
    let version = meant.version.parse().ok();
    if let Some(number) = version
        && view.version(number)?.is_none()
    {
        let gone = format!("{word} was version {number}, which has since been deleted");
        return Ok(Err(Stop::Store(gone, None)));
    }
    let side = seen(store, view, &at_version(target, meant.version))?;
    Ok(Ok(Side {
        name: word.to_owned(),
        weights: meant.weights,
        ..side
    }))
}

fn seen<'a>(store: &'a Store, view: &View<'_, Function>, target: &Target) -> Answer<Side<'a>> {
    let (shown, configuration) = resolve(view, target)?;
    let alias = view.head.aliases.get(target.key());
    Ok(Side {
        store,
        name: format!("{}:{}", target.name(), target.key()),
        version: shown.version,
        configuration,
        weights: alias.map(|alias| alias.additional_version_weights.clone()),
    })
}

/// Compares two sides. The content of packages is read only if the packages differ.
fn compare(before: &Side<'_>, after: &Side<'_>, diff: &Diff) -> Result<Found, Stop> {
    let (old, new) = (&before.configuration, &after.configuration);
    let mut found = Found {
        members: model::members(old, new, diff.show_values),
        settings: match (&before.weights, &after.weights) {
            (Some(old), Some(new)) => model::weights(old, new),
            _ => Vec::new(),
        },
        ..Found::default()
    };
    if old.code_sha256 != new.code_sha256 {
        found.packages = (
            model::package(before.store, old).map_err(stop)?,
            model::package(after.store, new).map_err(stop)?,
        );
        found.files = model::files(found.packages.0.as_ref(), found.packages.1.as_ref());
    }
    Ok(found)
}

/// A whole function in one state.
struct Whole<'a> {
    head: Function,
    latest: Side<'a>,
    /// The digest of the content of each version. The key is the version's number.
    versions: IndexMap<String, String>,
}

fn whole<'a>(store: &'a Store, lambda: &Lambda<'_>, name: &str) -> Answer<Option<Whole<'a>>> {
    let target = lambda.target(name, None)?;
    lambda.functions().view(name, |view| {
        let mut versions = IndexMap::new();
        for number in view.numbers()? {
            if let Some(version) = view.version(number)? {
                versions.insert(version.version, version.configuration.digest());
            }
        }
        Ok(Whole {
            head: view.head.clone(),
            latest: seen(store, view, &target)?,
            versions,
        })
    })
}

/// Compares one function in two states, or all functions of both.
fn compare_states(
    left: &Opened,
    right: &Opened,
    region: &str,
    named: Option<String>,
    diff: &Diff,
    report: &mut report::Report<'_, '_>,
) -> Result<(), Stop> {
    let names = match &named {
        Some(name) => BTreeSet::from([name.clone()]),
        None => {
            let mut names = BTreeSet::new();
            for opened in [left, right] {
                let more = opened.with(region, |lambda| lambda.functions().names());
                names.extend(more.map_err(stop)?);
            }
            names
        }
    };
    for name in names {
        let of = |opened| -> Result<_, Stop> {
            let opened: &Opened = opened;
            opened
                .with(region, |lambda| whole(&opened.store, lambda, &name))
                .map_err(failed)
        };
        match (of(left)?, of(right)?) {
            (Some(before), Some(after)) => {
                let mut found = compare(&before.latest, &after.latest, diff)?;
                found.settings = model::settings(Some(&before.head), Some(&after.head));
                found.versions = versions(&before.versions, &after.versions);
                report.compared(&before.latest, &after.latest, found)?;
            }
            (Some(only), None) => report.only(&only.latest, true)?,
            (None, Some(only)) => report.only(&only.latest, false)?,
            (None, None) if named.is_some() => {
                let arn = left
                    .with(region, |lambda| lambda.target(&name, None))
                    .map_err(failed)?
                    .arn;
                return Err(failed(function_not_found(&arn).into()));
            }
            // The function was deleted after the names were listed.
            (None, None) => {}
        }
    }
    let scope = Scope {
        region: region.to_owned(),
        account: left.account.clone(),
    };
    let found = things::differing(&left.store, &right.store, &scope, named.as_deref());
    for thing in found.map_err(stop)? {
        report.thing(&thing, left, right)?;
    }
    Ok(())
}

/// Versions that exist on one side only, or whose content differs.
fn versions(before: &IndexMap<String, String>, after: &IndexMap<String, String>) -> Vec<Change> {
    let numbers: BTreeSet<(usize, &String)> = before
        .keys()
        .chain(after.keys())
        .map(|number| (number.len(), number))
        .collect();
    numbers
        .into_iter()
        .map(|(_, number)| number)
        .filter(|number| before.get(*number) != after.get(*number))
        .map(|number| {
            // Twelve characters of a digest are enough to distinguish two digests.
            let short = |digest: &String| digest.chars().take(12).collect();
            Change {
                name: number.clone(),
                before: before.get(number).map(short),
                after: after.get(number).map(short),
            }
        })
        .collect()
}

/// The error for a missing function, version or alias. It has the words of the operation that reads such a thing.
fn failed(failure: Failure) -> Stop {
    match failure {
        Failure::Service(error) => Stop::Service("GetFunctionConfiguration", Box::new(error)),
        other => stop(other),
    }
}
