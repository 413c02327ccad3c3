//! One moment of a function's past: the code, the settings and the traffic of each alias.
//!
//! Versions never change, so a version had the same content at that moment as it has at present. For `$LATEST`, the
//! journal keeps the names of the changed members, but not their values. The values are known if `$LATEST` has not
//! changed since, or if a version was published before the next change.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    model::{History, IMPORT, Point, Reason},
    words::{self, Clock},
};
use crate::{output::shown::sentence, tool::bytes};

/// A function at a moment.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Then {
    pub(super) function_name: String,
    pub(super) at: Timestamp,
    /// The reason why a part of the past is unknown; absent if everything is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unknown: Option<String>,
    #[serde(rename = "$LATEST")]
    pub(super) latest: Latest,
    /// Newest first.
    pub(super) versions: Vec<Version>,
    pub(super) aliases: Vec<Alias>,
    /// Versions that existed at that moment and were deleted later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) deleted: Vec<String>,
}

/// `$LATEST` at that moment.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Latest {
    /// The time of the last change of `$LATEST` before that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed: Option<Timestamp>,
    /// The call that made the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code_sha256: Option<String>,
    /// A version with the same content, or `$LATEST` if nothing has changed since. Absent if no version is known to
    /// have this content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) same_as: Option<String>,
}

/// A version that existed at that moment.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Version {
    pub(super) version: String,
    pub(super) published: Timestamp,
    pub(super) description: String,
    pub(super) code_sha256: String,
    pub(super) code_size: u64,
}

/// An alias at that moment.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) points: Point,
    /// The moment since which the alias pointed to this version; absent if the journal does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// The moment until which the alias pointed to this version; absent if it still points to this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
}

impl History {
    /// Finds the versions that an alias pointed to at a moment, and the times when it began and stopped to point to
    /// them. Returns `None` if the alias did not exist.
    pub(super) fn pointed(
        alias: &super::model::Alias,
        at: Timestamp,
    ) -> Option<(&Point, Option<Timestamp>, Option<Timestamp>)> {
        // The moves are sorted newest first, so the first move that is not later than the moment was in force then.
        let step = alias.moves.iter().position(|step| step.when <= at);
        let before = step.unwrap_or(alias.moves.len());
        let until = before
            .checked_sub(1)
            .and_then(|next| alias.moves.get(next))
            .map(|next| next.when);
        if let Some(step) = step.and_then(|step| alias.moves.get(step)) {
            // The alias was in this state before the import, so the time of the import is not the beginning.
            let since = Some(step.when).filter(|_| step.call != IMPORT);
            return Some((step.to.as_ref()?, since, until));
        }
        let (point, until) = match alias.moves.as_slice() {
            [.., second, first] if first.call == IMPORT => (first.to.as_ref()?, Some(second.when)),
            [first] if first.call == IMPORT => (first.to.as_ref()?, None),
            [.., first] => (first.from.as_ref()?, until),
            [] => (alias.points.as_ref()?, until),
        };
        Some((point, None, until))
    }

    /// Returns the function at a moment.
    ///
    /// # Errors
    /// When the function was created after that moment. The error is the moment of its creation.
    pub(super) fn at(&self, at: Timestamp) -> Result<Then, Timestamp> {
        if let Some(since) = self
            .known_since
            .filter(|since| at < *since && self.is_whole)
        {
            return Err(since);
        }
        let unknown = match self.known_since {
            Some(since) if at >= since => None,
            Some(_) => Some(
                "the journal begins later: the function was imported, or its journal was shortened",
            ),
            None => Some("there is no journal: nothing has changed since the import"),
        };
        let update = self.updates.iter().find(|update| update.when <= at);
        let next = self.updates.iter().rev().find(|update| update.when > at);
        // A version that was published after the moment and before the next change has the content of the moment.
        let cut = self.versions.iter().rev().find(|version| {
            let after = update.map_or(Timestamp::MIN, |update| update.when);
            version.published >= after && next.is_none_or(|next| version.published < next.when)
        });
        let same_as = match (next, cut) {
            (None, _) => Some("$LATEST".to_owned()),
            (Some(_), Some(cut)) if update.is_some() => Some(cut.version.clone()),
            _ => None,
        };
        let known = self.updates.iter().filter(|update| update.when <= at);
        let code = known.filter_map(|update| update.code_sha256.clone()).next();
        let code = code.or_else(|| next.is_none().then(|| self.latest.code_sha256.clone()));
        let versions = self
            .versions
            .iter()
            .filter(|version| version.published <= at);
        let aliases = self.aliases.iter().filter_map(|alias| {
            let (point, since, until) = Self::pointed(alias, at)?;
            Some(Alias {
                name: alias.name.clone(),
                points: point.clone(),
                since,
                until,
            })
        });
        let aliases: Vec<Alias> = aliases.collect();
        let served: BTreeSet<&str> = aliases
            .iter()
            .flat_map(|alias| alias.points.shares())
            .filter(|(version, share)| *share > 0.0 && *version != "$LATEST")
            .map(|(version, _)| version)
            .collect();
        let deleted = served.into_iter().filter(|served| {
            let is_it = |version: &super::model::Version| version.version == *served;
            !self.versions.iter().any(is_it)
        });
        Ok(Then {
            deleted: deleted.map(str::to_owned).collect(),
            function_name: self.function_name.clone(),
            at,
            unknown: unknown.map(str::to_owned),
            latest: Latest {
                changed: update.map(|update| update.when),
                call: update.map(|update| update.call.clone()),
                code_sha256: code,
                same_as,
            },
            versions: versions
                .map(|version| Version {
                    version: version.version.clone(),
                    published: version.published,
                    description: version.description.clone(),
                    code_sha256: version.code_sha256.clone(),
                    code_size: version.code_size,
                })
                .collect(),
            aliases,
        })
    }

    /// Keeps only what happened between two moments: moves, updates, deletions, and the versions that were published or
    /// received traffic in that time.
    pub(super) fn between(&mut self, since: Timestamp, until: Timestamp) {
        let within = |when: Timestamp| since <= when && when <= until;
        let mut served: Vec<String> = Vec::new();
        for alias in &mut self.aliases {
            let points = |point: &Option<Point>| -> Vec<String> {
                let shares = point.iter().flat_map(Point::shares);
                shares.map(|(version, _)| version.to_owned()).collect()
            };
            if let Some((point, ..)) = Self::pointed(alias, since) {
                served.extend(points(&Some(point.clone())));
            }
            alias.moves.retain(|step| within(step.when));
            served.extend(alias.moves.iter().flat_map(|step| points(&step.to)));
        }
        self.versions
            .retain(|version| within(version.published) || served.contains(&version.version));
        self.updates.retain(|update| within(update.when));
        self.gaps.retain(|gap| {
            gap.reason == Reason::Deleted
                && (gap.first_deleted.is_some_and(within) || gap.last_deleted.is_some_and(within))
        });
    }
}

/// Describes the moment in words; every line ends in a newline.
pub(super) fn draw(then: &Then, clock: &Clock) -> String {
    let mut text = format!(
        "{} at {} ({})\n\n",
        then.function_name,
        clock.moment(then.at),
        clock.name()
    );
    if let Some(unknown) = &then.unknown {
        text += &format!("parts are not known: {unknown}\n\n");
    }
    let width = then.aliases.iter().map(|alias| alias.name.len()).max();
    let width = width.unwrap_or_default().max("$LATEST".len());
    let latest = &then.latest;
    let mut words: Vec<String> = Vec::new();
    match latest.same_as.as_deref() {
        Some("$LATEST") => words.push("as it is now".to_owned()),
        Some(version) => words.push(format!("the content of version {version}")),
        None => words.push("its settings at that time are not kept".to_owned()),
    }
    words.extend(
        latest
            .code_sha256
            .iter()
            .map(|code| format!("code {}", words::short(code))),
    );
    if let (Some(changed), Some(call)) = (latest.changed, &latest.call) {
        words.push(format!("{} {}", sentence(call), clock.moment(changed)));
    }
    text += &format!("{:<width$}  {}\n", "$LATEST", words.join(", "));
    for alias in &then.aliases {
        let since = match alias.since {
            Some(since) => format!("since {}", clock.moment(since)),
            None => "start not known".to_owned(),
        };
        let until = alias.until.map_or_else(String::new, |until| {
            format!(", until {}", clock.moment(until))
        });
        text += &format!(
            "{:<width$}  {}, {since}{until}\n",
            sentence(&alias.name),
            words::shares(&alias.points)
        );
    }
    if !(then.versions.is_empty() && then.aliases.is_empty()) {
        text += "\n";
    }
    let served = |version: &str| {
        let shares = then.aliases.iter().flat_map(|alias| alias.points.shares());
        shares
            .into_iter()
            .any(|(served, share)| served == version && share > 0.0)
    };
    // The newest version at the moment, and the versions that were live.
    let newest = then.versions.first();
    let (shown, others): (Vec<&Version>, Vec<&Version>) = then
        .versions
        .iter()
        .partition(|version| Some(*version) == newest || served(&version.version));
    let digits = then
        .versions
        .first()
        .map_or(1, |version| version.version.len());
    for version in shown {
        text += &format!(
            "{:<digits$}  {}  {}  {}  {}\n",
            version.version,
            clock.moment(version.published),
            words::short(&version.code_sha256),
            bytes(version.code_size),
            sentence(&version.description)
        );
    }
    for version in &then.deleted {
        text += &format!(
            "{:<digits$}  deleted since; its content is not kept\n",
            sentence(version)
        );
    }
    if !others.is_empty() {
        text += &format!(
            "and {}\n",
            words::count(others.len(), "other version", "other versions")
        );
    }
    let lines = text.lines().map(str::trim_end);
    let mut text: String = lines.collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::tool::history::model::{self, Move, Status, Update};

    fn when(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn to(version: &str) -> Option<Point> {
        Some(Point {
            function_version: version.to_owned(),
            additional_version_weights: IndexMap::new(),
        })
    }

    fn alias(moves: &[(i64, Option<Point>, Option<Point>)]) -> model::Alias {
        let moves = moves.iter().rev().map(|(second, from, to)| Move {
            when: when(*second),
            call: "UpdateAlias".to_owned(),
            from: from.clone(),
            to: to.clone(),
        });
        let moves: Vec<Move> = moves.collect();
        model::Alias {
            name: "live".to_owned(),
            description: String::new(),
            points: moves
                .first()
                .map_or_else(|| to("7"), |step| step.to.clone()),
            moves,
            stays: Vec::new(),
        }
    }

    /// The version that an alias pointed to at a moment, and the times when it began and stopped to point to it. All
    /// times are in seconds.
    fn pointed(alias: &model::Alias, at: i64) -> Option<(String, Option<i64>, Option<i64>)> {
        let (point, since, until) = History::pointed(alias, when(at))?;
        let second = |moment: Option<Timestamp>| moment.map(Timestamp::as_second);
        Some((point.function_version.clone(), second(since), second(until)))
    }

    #[test]
    fn an_alias_pointed_where_its_last_move_before_that_moment_brought_it() {
        let made = alias(&[
            (10, None, to("1")),
            (20, to("1"), to("2")),
            (30, to("2"), None),
        ]);
        assert_eq!(pointed(&made, 9), None);
        assert_eq!(
            pointed(&made, 10),
            Some(("1".to_owned(), Some(10), Some(20)))
        );
        assert_eq!(
            pointed(&made, 29),
            Some(("2".to_owned(), Some(20), Some(30)))
        );
        assert_eq!(pointed(&made, 30), None, "it was deleted");
        let mut brought = alias(&[(10, None, to("1")), (20, to("1"), to("2"))]);
        brought.moves[1].call = IMPORT.to_owned();
        for at in [5, 15] {
            assert_eq!(
                pointed(&brought, at),
                Some(("1".to_owned(), None, Some(20))),
                "an import finds what was there before"
            );
        }
        let imported = alias(&[(20, to("1"), to("2"))]);
        assert_eq!(
            pointed(&imported, 5),
            Some(("1".to_owned(), None, Some(20)))
        );
        assert_eq!(pointed(&alias(&[]), 5), Some(("7".to_owned(), None, None)));
    }

    #[test]
    fn latest_is_known_where_nothing_changed_since_or_a_version_was_cut_before_the_next_change() {
        let update = |second: i64, code: Option<&str>| Update {
            when: when(second),
            call: "UpdateFunctionCode".to_owned(),
            changed: Vec::new(),
            code_sha256: code.map(str::to_owned),
        };
        let version = |number: &str, second: i64| model::Version {
            version: number.to_owned(),
            published: when(second),
            description: String::new(),
            code_sha256: String::new(),
            code_size: 1,
            since: None,
            changed: Vec::new(),
        };
        let history = History {
            function_name: "pay".to_owned(),
            function_arn: String::new(),
            latest: model::Latest {
                status: Status::Changed,
                last_modified: String::new(),
                description: String::new(),
                code_sha256: "c".to_owned(),
                code_size: 1,
                runtime: None,
                since: None,
                changed: Vec::new(),
            },
            versions: vec![version("2", 35), version("1", 15)],
            gaps: Vec::new(),
            aliases: Vec::new(),
            event_source_mappings: Vec::new(),
            updates: vec![
                update(40, Some("c")),
                update(30, None),
                update(20, Some("b")),
                update(10, Some("a")),
            ],
            known_since: Some(when(10)),
            is_whole: true,
            now: when(50),
        };
        let latest = |at: i64| {
            let then = history.at(when(at)).expect("it was there");
            (then.latest.same_as, then.latest.code_sha256)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(history.at(when(9)), Err(when(10)));
        assert_eq!(latest(12), (some("1"), some("a")));
        assert_eq!(latest(17), (some("1"), some("a")));
        assert_eq!(
            latest(25),
            (None, some("b")),
            "changed again before a version was cut"
        );
        assert_eq!(latest(32), (some("2"), some("b")));
        assert_eq!(latest(45), (some("$LATEST"), some("c")));
        let imported = History {
            is_whole: false,
            ..history
        };
        let then = imported.at(when(5)).expect("it may have been there");
        assert!(then.unknown.is_some() && then.latest.same_as.is_none());
    }
}
