//! The parts of a function's history: its head, its versions and its journal. They are read together, so that they
//! belong to one moment.
//!
//! [`History`] is the one model behind every form, and as JSON it is the output of `--output`. The names are AWS's
//! where AWS has one. The model never contains the value of an environment variable.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{changed::Changed, mappings::Mapping};
use crate::{
    operation::Result,
    state::{
        arn::Arn,
        function::{ChangeKind, Configuration, Function},
        version::Version as Frozen,
    },
    store::{collection::View, journal::Line},
};

/// A function over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::tool) struct History {
    pub(super) function_name: String,
    pub(super) function_arn: String,
    #[serde(rename = "$LATEST")]
    pub(super) latest: Latest,
    /// Newest first.
    pub(super) versions: Vec<Version>,
    /// Numbers that were used and have no version any more, newest first.
    pub(super) gaps: Vec<Gap>,
    /// Aliases by name, including deleted aliases.
    pub(super) aliases: Vec<Alias>,
    /// The event source mappings that invoke the function.
    pub(super) event_source_mappings: Vec<Mapping>,
    /// The changes of `$LATEST` that the journal remembers, newest first.
    pub(super) updates: Vec<Update>,
    /// The moment at which the journal begins; earlier changes are unknown. `None` if the journal is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) known_since: Option<Timestamp>,
    /// True if the journal begins with the function's creation.
    #[serde(skip)]
    pub(super) is_whole: bool,
    /// The moment at which the history was read.
    #[serde(skip)]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) now: Timestamp,
}

/// A change of `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Update {
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) when: Timestamp,
    /// The operation that made the update.
    pub(super) call: String,
    /// The members that the update changed, by AWS's names.
    pub(super) changed: Vec<String>,
    /// The code that the update uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code_sha256: Option<String>,
}

/// `$LATEST`, compared with the newest version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Latest {
    pub(super) status: Status,
    pub(super) last_modified: String,
    pub(super) description: String,
    pub(super) code_sha256: String,
    pub(super) code_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runtime: Option<String>,
    /// The version that `$LATEST` is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    /// The changes that are not published yet.
    pub(super) changed: Vec<Changed>,
}

/// The state of `$LATEST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum Status {
    /// `$LATEST` is being created.
    Pending,
    /// An update is in progress.
    InProgress,
    /// There is no version.
    Unpublished,
    /// A publish would create a version.
    Changed,
    /// The newest version has the same content, and an update has succeeded since. The rule in force decides if a
    /// publish would create a version.
    Updated,
    /// The newest version has the same content.
    Published,
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Version {
    pub(super) version: String,
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) published: Timestamp,
    pub(super) description: String,
    pub(super) code_sha256: String,
    pub(super) code_size: u64,
    /// The previous version. `changes` compares with that version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    pub(super) changed: Vec<Changed>,
}

/// A row of version numbers that were used and have no version any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Gap {
    pub(super) first_version: u64,
    pub(super) last_version: u64,
    pub(super) reason: Reason,
    /// The moment at which the first version of the gap was deleted, if the journal knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) first_deleted: Option<Timestamp>,
    /// The moment at which the last version of the gap was deleted, if the journal knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) last_deleted: Option<Timestamp>,
}

/// The reason why a number has no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum Reason {
    /// The version was deleted.
    Deleted,
    /// The number belonged to a deleted function of the same name.
    EarlierFunction,
}

/// An alias, and the versions that it pointed to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) description: String,
    /// The versions that the alias points to; absent if the alias is deleted.
    pub(super) points: Option<Point>,
    /// Newest first.
    pub(super) moves: Vec<Move>,
    /// The versions that the alias sends traffic to, and those that it no longer sends traffic to.
    #[serde(skip)]
    pub(super) stays: Vec<Stay>,
}

/// The versions that an alias points to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Point {
    pub(super) function_version: String,
    /// The share of the traffic of each additional version. `FunctionVersion` gets the remaining traffic.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub(super) additional_version_weights: IndexMap<String, f64>,
}

/// One change of an alias.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Move {
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) when: Timestamp,
    /// The operation that moved the alias.
    pub(super) call: String,
    pub(super) from: Option<Point>,
    pub(super) to: Option<Point>,
}

/// The time for which an alias sent traffic to one version.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stay {
    pub(super) version: String,
    /// The moment since which the version has its present share; `None` if the journal does not know.
    pub(super) since: Option<Timestamp>,
    /// The present traffic of the alias to the version.
    pub(super) now: Now,
}

/// The present traffic of an alias to a version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Now {
    /// The alias sends this share of its traffic to the version.
    Share(f64),
    /// The alias stopped sending traffic to the version at this moment.
    Until(Timestamp),
}

impl Point {
    /// Every version that the alias sends traffic to, with its share.
    pub(super) fn shares(&self) -> Vec<(&str, f64)> {
        let others = &self.additional_version_weights;
        let rest = 1.0 - others.values().sum::<f64>();
        let mut shares = vec![(self.function_version.as_str(), rest)];
        shares.extend(
            others
                .iter()
                .map(|(version, weight)| (version.as_str(), *weight)),
        );
        shares
    }
}

impl Version {
    /// A version, with its changes from the version before it.
    pub(super) fn of(frozen: &Frozen, before: Option<&Frozen>) -> Self {
        let configuration = &frozen.configuration;
        Self {
            version: frozen.version.clone(),
            published: frozen.published,
            description: configuration.description.clone(),
            code_sha256: configuration.code_sha256.clone(),
            code_size: configuration.code_size,
            since: before.map(|before| before.version.clone()),
            changed: before.map_or_else(Vec::new, |before| {
                Changed::between(&before.configuration, configuration)
            }),
        }
    }
}

impl Alias {
    /// The version that the alias left last.
    pub(super) fn before(&self) -> Option<&Stay> {
        let left = self.stays.iter().filter_map(|stay| match stay.now {
            Now::Share(_) => None,
            // If the alias left two versions at the same moment, the newer version counts.
            Now::Until(until) => Some((until, stay.version.parse::<u64>().ok(), stay)),
        });
        let last = left.max_by_key(|(until, number, _)| (*until, *number));
        last.map(|(_, _, stay)| stay)
    }
}

impl History {
    /// Reads a function's history without its mappings, which belong to other resources.
    ///
    /// # Errors
    /// When a version or the journal cannot be read.
    pub(super) fn read(view: &View<'_, Function>, arn: &Arn) -> Result<Self> {
        let head = &view.head;
        let journal = view.journal()?;
        let mut versions = Vec::new();
        let mut before: Option<Frozen> = None;
        let published = head.published.as_ref();
        let mut base = None;
        for number in view.numbers()? {
            // The version was just deleted; the read ran without a lock.
            let Some(frozen) = view.version(number)? else {
                continue;
            };
            versions.push(Version::of(&frozen, before.take().as_ref()));
            if published.is_some_and(|published| published.version == frozen.version) {
                base = Some(frozen.clone());
            }
            before = Some(frozen);
        }
        versions.reverse();
        let latest = latest(head, base.or(before), &journal);
        let mut history = Self {
            function_name: head.function_name.clone(),
            function_arn: arn.to_string(),
            latest,
            gaps: Vec::new(),
            aliases: aliases(head, &journal),
            event_source_mappings: Vec::new(),
            versions,
            updates: updates(&journal),
            known_since: journal.first().map(|line| line.when),
            is_whole: journal
                .first()
                .is_some_and(|line| line.call == "CreateFunction"),
            now: view.now,
        };
        history.gaps = history.gaps_of(head.last_version, &journal);
        Ok(history)
    }

    /// The numbers without a version, up to the highest number that was ever used.
    fn gaps_of(&self, last: u64, journal: &[Line]) -> Vec<Gap> {
        let text = |line: &Line, member: &str| -> Option<u64> {
            line.moved.get(member)?.as_str()?.parse().ok()
        };
        let deleted: BTreeMap<u64, Timestamp> = journal
            .iter()
            .filter_map(|line| Some((text(line, "Deleted")?, line.when)))
            .collect();
        // If the journal is complete, numbers below the first version of this function belong to a deleted function of
        // the same name.
        let whole = journal
            .first()
            .is_some_and(|line| line.call == "CreateFunction");
        let own = journal
            .iter()
            .filter_map(|line| text(line, "Published"))
            .min();
        let own = if whole {
            own.unwrap_or(last + 1).max(1)
        } else {
            1
        };
        let mut gaps = Vec::new();
        let mut gap = |first: u64, last: u64| {
            let mut add = |first: u64, last: u64, reason: Reason| {
                if first <= last {
                    let mut times: Vec<Timestamp> =
                        deleted.range(first..=last).map(|(_, when)| *when).collect();
                    times.sort_unstable();
                    gaps.push(Gap {
                        first_version: first,
                        last_version: last,
                        reason,
                        first_deleted: times.first().copied(),
                        last_deleted: times.last().copied(),
                    });
                }
            };
            add(first.max(own), last, Reason::Deleted);
            add(first, last.min(own - 1), Reason::EarlierFunction);
        };
        let mut above = last + 1;
        for number in self.numbers() {
            gap(number + 1, above - 1);
            above = number;
        }
        gap(1, above - 1);
        gaps
    }

    /// The numbers of the versions, newest first.
    fn numbers(&self) -> impl Iterator<Item = u64> {
        let number = |version: &Version| version.version.parse().ok();
        self.versions.iter().filter_map(number)
    }
}

pub(super) fn latest(head: &Function, base: Option<Frozen>, journal: &[Line]) -> Latest {
    let configuration: &Configuration = &head.latest.configuration;
    let same = head
        .published
        .as_ref()
        .is_some_and(|published| published.digest == configuration.digest());
    let status = match &head.latest.change {
        Some(change) if change.kind == ChangeKind::Pending => Status::Pending,
        Some(_) => Status::InProgress,
        None if same && head.published.as_ref().is_some_and(|last| last.updated) => Status::Updated,
        None if same => Status::Published,
        None if base.is_some() => Status::Changed,
        None => Status::Unpublished,
    };
    let mut changed = match &base {
        Some(base) if !same => Changed::between(&base.configuration, configuration),
        _ => Vec::new(),
    };
    // The description of a version comes from its publish. A different description of `$LATEST` is not a change.
    let since = journal
        .iter()
        .rev()
        .take_while(|line| line.moved.get("Published").is_none());
    let described = since
        .filter_map(|line| line.moved.get("$LATEST")?.as_array())
        .flatten()
        .any(|member| member == "Description");
    if !described && changed.len() > 1 {
        changed.retain(|changed| changed.member != "Description");
    }
    Latest {
        status,
        last_modified: configuration.last_modified.clone(),
        description: configuration.description.clone(),
        code_sha256: configuration.code_sha256.clone(),
        code_size: configuration.code_size,
        runtime: configuration.runtime.clone(),
        since: base.map(|base| base.version),
        changed,
    }
}

/// The changes of `$LATEST`, newest first. The creation counts as a change.
pub(super) fn updates(journal: &[Line]) -> Vec<Update> {
    let lines = journal.iter().rev().filter_map(|line| {
        const CALLS: [&str; 3] = [
            "CreateFunction",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ];
        let moved = line.moved.get("$LATEST").and_then(Value::as_array);
        if moved.is_none() && !CALLS.contains(&line.call.as_str()) {
            return None;
        }
        let members = moved.into_iter().flatten().filter_map(Value::as_str);
        Some(Update {
            when: line.when,
            call: line.call.clone(),
            changed: members.map(str::to_owned).collect(),
            code_sha256: line
                .moved
                .get("CodeSha256")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    });
    lines.collect()
}

/// The existing aliases, and the deleted aliases that the journal remembers.
pub(super) fn aliases(head: &Function, journal: &[Line]) -> Vec<Alias> {
    let mut moves: BTreeMap<String, Vec<Move>> = BTreeMap::new();
    for line in journal {
        let Some(moved) = line.moved.get("Aliases").and_then(Value::as_object) else {
            continue;
        };
        for (name, ends) in moved {
            // A journal edited by hand may contain an entry that does not describe versions. Such an entry is ignored.
            let point = |end: &str| Point::deserialize(ends.get(end)?).ok();
            let (from, to) = (point("From"), point("To"));
            if from != to {
                moves.entry(name.clone()).or_default().push(Move {
                    when: line.when,
                    call: line.call.clone(),
                    from,
                    to,
                });
            }
        }
    }
    let names: BTreeSet<String> = moves.keys().chain(head.aliases.keys()).cloned().collect();
    let aliases = names.into_iter().map(|name| {
        let alias = head.aliases.get(&name);
        let points = alias.map(|alias| Point {
            function_version: alias.function_version.clone(),
            additional_version_weights: alias.additional_version_weights.clone(),
        });
        let mut moves = moves.remove(&name).unwrap_or_default();
        let stays = stays(points.as_ref(), &moves);
        moves.reverse();
        Alias {
            name,
            description: alias.map_or_else(String::new, |alias| alias.description.clone()),
            points,
            moves,
            stays,
        }
    });
    aliases.collect()
}

/// The operation under which an import records the state before it.
pub(super) const IMPORT: &str = "Import";

/// The stays of an alias: the present stay at each version that it sends traffic to, and the last stay at every other
/// version.
fn stays(points: Option<&Point>, moves: &[Move]) -> Vec<Stay> {
    let mut here: BTreeMap<&str, (f64, Option<Timestamp>)> = BTreeMap::new();
    let mut left: BTreeMap<&str, (Option<Timestamp>, Timestamp)> = BTreeMap::new();
    for step in moves {
        let since = (step.call != IMPORT).then_some(step.when);
        let to = step.to.as_ref().map(Point::shares).unwrap_or_default();
        let gone: Vec<&str> = here
            .keys()
            .copied()
            .filter(|version| to.iter().all(|(other, _)| other != version))
            .collect();
        for version in gone {
            if let Some((_, since)) = here.remove(version) {
                left.insert(version, (since, step.when));
            }
        }
        for (version, share) in to {
            let stays = here.entry(version).or_insert((share, since));
            if stays.0 != share {
                *stays = (share, since);
            }
        }
    }
    let shares = points.map(Point::shares).unwrap_or_default();
    let mut stays: Vec<Stay> = shares
        .iter()
        .map(|(version, share)| Stay {
            version: (*version).to_owned(),
            since: here.get(version).and_then(|(_, since)| *since),
            now: Now::Share(*share),
        })
        .collect();
    let left = left
        .into_iter()
        .filter(|(version, _)| shares.iter().all(|(other, _)| other != version));
    stays.extend(left.map(|(version, (since, until))| Stay {
        version: version.to_owned(),
        since,
        now: Now::Until(until),
    }));
    stays
}
