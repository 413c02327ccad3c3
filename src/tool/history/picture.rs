//! Chooses the parts of a history that are drawn, and their order. Every picture has the same rows.
//!
//! A function with 300 versions has to stay readable. The newest versions, the oldest, and every version that an alias
//! points at or pointed at last are drawn; three or more others in a row become one line.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    model::{Alias, Gap, History, Now, Stay, Version},
    words::Clock,
};

/// The fewest versions that are folded into one line.
const FOLDED: usize = 3;

/// A picture's rows below `$LATEST`, newest first.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub(super) history: &'a History,
    pub(super) rows: Vec<Row<'a>>,
    /// The time zone in which the picture shows moments.
    pub(super) clock: &'a Clock,
    stays: BTreeMap<&'a str, Vec<Label<'a>>>,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Row<'a> {
    /// A version.
    Version(&'a Version),
    /// Numbers without a version.
    Gap(&'a Gap),
    /// Versions that are not drawn one by one.
    Fold(Fold),
}

/// A group of versions that are not drawn one by one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fold {
    /// The lowest version number in the group.
    pub(super) first: u64,
    /// The highest version number in the group.
    pub(super) last: u64,
    /// The number of versions in the group.
    pub(super) versions: usize,
    /// The number of version numbers in the group that have no version.
    pub(super) deleted: u64,
    /// The number of versions whose code differs from the version before.
    pub(super) code: usize,
    /// The time at which the first of them was published.
    pub(super) from: Timestamp,
    /// The time at which the last of them was published.
    pub(super) to: Timestamp,
}

/// An alias at a version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    /// The index of the alias, for its colour.
    pub(super) at: usize,
    pub(super) alias: &'a Alias,
    pub(super) stay: &'a Stay,
}

impl<'a> Picture<'a> {
    /// Chooses the rows: at least `limit` newest versions are drawn, or all without a limit.
    pub(super) fn of(history: &'a History, limit: Option<usize>, clock: &'a Clock) -> Self {
        let mut stays: BTreeMap<&str, Vec<Label<'_>>> = BTreeMap::new();
        for (at, alias) in history.aliases.iter().enumerate() {
            for stay in &alias.stays {
                let label = Label { at, alias, stay };
                stays.entry(&stay.version).or_default().push(label);
            }
        }
        for labels in stays.values_mut() {
            labels.sort_by_key(|label| matches!(label.stay.now, Now::Until(_)));
        }
        let kept = kept(history);
        let last = history.versions.len().saturating_sub(1);
        let is_plain = |at: usize, version: &Version| {
            limit.is_some_and(|limit| at >= limit.max(1))
                && at != last
                && !kept.contains(version.version.as_str())
        };
        let mut rows = Vec::new();
        let mut run: Vec<Row<'_>> = Vec::new();
        let mut gaps = history.gaps.iter().peekable();
        for (at, version) in history.versions.iter().enumerate() {
            let number = version.version.parse().unwrap_or(u64::MAX);
            let plain = is_plain(at, version);
            while let Some(gap) = gaps.next_if(|gap| gap.first_version > number) {
                // A gap is drawn if the versions on both of its sides are drawn.
                if run.is_empty() { &mut rows } else { &mut run }.push(Row::Gap(gap));
            }
            if plain {
                run.push(Row::Version(version));
            } else {
                close(&mut run, &mut rows);
                rows.push(Row::Version(version));
            }
        }
        close(&mut run, &mut rows);
        rows.extend(gaps.map(Row::Gap));
        Self {
            history,
            rows,
            clock,
            stays,
        }
    }

    /// The aliases at a version. Those that point to it come first.
    pub(super) fn labels(&self, version: &str) -> &[Label<'a>] {
        self.stays.get(version).map_or(&[], Vec::as_slice)
    }
}

/// The versions that are always drawn: the versions that an alias points to or pointed to before.
fn kept(history: &History) -> BTreeSet<&str> {
    let mut kept = BTreeSet::new();
    for alias in &history.aliases {
        let here = alias
            .stays
            .iter()
            .filter(|stay| matches!(stay.now, Now::Share(_)));
        let stays = here.chain(alias.before());
        kept.extend(stays.map(|stay| stay.version.as_str()));
    }
    kept
}

/// Adds a run of rows that are not always drawn. If the run has enough versions, one folded row replaces it.
fn close<'a>(run: &mut Vec<Row<'a>>, rows: &mut Vec<Row<'a>>) {
    let run = std::mem::take(run);
    // Gaps at the end of a run are not folded.
    let end = run
        .iter()
        .rposition(|row| matches!(row, Row::Version(_)))
        .map_or(0, |at| at + 1);
    let versions: Vec<&Version> = run
        .iter()
        .filter_map(|row| match row {
            Row::Version(version) => Some(*version),
            _ => None,
        })
        .collect();
    let (Some(newest), Some(oldest)) = (versions.first(), versions.last()) else {
        rows.extend(run);
        return;
    };
    if versions.len() < FOLDED {
        rows.extend(run);
        return;
    }
    let deleted = run[..end].iter().map(|row| match row {
        Row::Gap(gap) => gap.last_version - gap.first_version + 1,
        _ => 0,
    });
    let number = |version: &Version| version.version.parse().unwrap_or_default();
    let code = |version: &&&Version| version.changed.iter().any(super::changed::Changed::is_code);
    rows.push(Row::Fold(Fold {
        first: number(oldest),
        last: number(newest),
        versions: versions.len(),
        deleted: deleted.sum(),
        code: versions.iter().filter(code).count(),
        from: oldest.published,
        to: newest.published,
    }));
    rows.extend(&run[end..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::history::model::{Latest, Point, Reason, Status};

    static UTC: std::sync::LazyLock<Clock> = std::sync::LazyLock::new(|| Clock::new(false));

    fn version(number: u64) -> Version {
        Version {
            version: number.to_string(),
            published: Timestamp::UNIX_EPOCH,
            description: String::new(),
            code_sha256: String::new(),
            code_size: 1,
            since: None,
            changed: Vec::new(),
        }
    }

    fn gap(first: u64, last: u64) -> Gap {
        Gap {
            first_version: first,
            last_version: last,
            reason: Reason::Deleted,
            first_deleted: None,
            last_deleted: None,
        }
    }

    fn stay(version: &str, now: Now) -> Stay {
        Stay {
            version: version.to_owned(),
            since: None,
            now,
        }
    }

    /// Makes a history of the given versions, newest first. It has an alias that points to 100. Before that, the alias
    /// pointed to 50, and first to 20.
    fn history(numbers: impl Iterator<Item = u64>, gaps: Vec<Gap>) -> History {
        let at = |second| Now::Until(Timestamp::from_second(second).expect("a moment"));
        History {
            event_source_mappings: Vec::new(),
            function_name: "pay".to_owned(),
            function_arn: String::new(),
            latest: Latest {
                status: Status::Published,
                last_modified: String::new(),
                description: String::new(),
                code_sha256: String::new(),
                code_size: 1,
                runtime: None,
                since: None,
                changed: Vec::new(),
            },
            versions: numbers.map(version).collect(),
            gaps,
            updates: Vec::new(),
            known_since: None,
            is_whole: false,
            now: Timestamp::UNIX_EPOCH,
            aliases: vec![Alias {
                name: "live".to_owned(),
                description: String::new(),
                points: Some(Point {
                    function_version: "100".to_owned(),
                    additional_version_weights: Default::default(),
                }),
                moves: Vec::new(),
                stays: vec![
                    stay("100", Now::Share(1.0)),
                    stay("20", at(1)),
                    stay("50", at(2)),
                ],
            }],
        }
    }

    fn drawn(history: &History, limit: Option<usize>) -> Vec<String> {
        let rows = Picture::of(history, limit, &UTC).rows;
        rows.iter()
            .map(|row| match row {
                Row::Version(version) => version.version.clone(),
                Row::Gap(gap) => format!("gap {}-{}", gap.first_version, gap.last_version),
                Row::Fold(fold) => format!(
                    "{}-{}: {} and {} deleted",
                    fold.first, fold.last, fold.versions, fold.deleted
                ),
            })
            .collect()
    }

    #[test]
    fn draws_the_newest_the_oldest_and_where_aliases_are_and_were_last() {
        let history = history((1..=300).rev(), Vec::new());
        assert_eq!(
            drawn(&history, Some(2)),
            [
                "300",
                "299",
                "101-298: 198 and 0 deleted",
                "100",
                "51-99: 49 and 0 deleted",
                "50",
                "2-49: 48 and 0 deleted",
                "1"
            ]
        );
        assert_eq!(drawn(&history, None).len(), 300);
    }

    #[test]
    fn folds_gaps_between_versions_and_leaves_those_at_the_ends_in_the_open() {
        let numbers = (1..=12).rev().filter(|n| ![2, 3, 7, 12].contains(n));
        let gaps = vec![gap(12, 12), gap(7, 7), gap(2, 3)];
        assert_eq!(
            drawn(&history(numbers, gaps), Some(1)),
            ["gap 12-12", "11", "4-10: 6 and 1 deleted", "gap 2-3", "1"]
        );
    }

    #[test]
    fn two_versions_are_no_run() {
        assert_eq!(
            drawn(&history((1..=4).rev(), Vec::new()), Some(1)),
            ["4", "3", "2", "1"]
        );
    }
}
