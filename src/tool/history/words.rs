//! The words that describe a history, the same in every picture.

use crate::output::shown::sentence;
use jiff::{Timestamp, tz::TimeZone};

use super::{
    changed::Changed,
    mappings::Mapping,
    model::{Alias, Gap, History, Latest, Now, Point, Reason, Status, Stay},
    picture::Fold,
};

/// The zone in which moments are shown.
#[derive(Debug, Clone)]
pub(in crate::tool) struct Clock(TimeZone);

impl Clock {
    /// UTC, or the zone of this machine.
    pub(in crate::tool) fn new(is_local: bool) -> Self {
        Self(if is_local {
            TimeZone::system()
        } else {
            TimeZone::UTC
        })
    }

    /// The zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// `UTC`, or the name of the zone.
    pub(super) fn name(&self) -> String {
        match self.0.iana_name() {
            Some("Etc/UTC") => "UTC".to_owned(),
            Some(name) => name.to_owned(),
            None => "local".to_owned(),
        }
    }

    /// A moment with its seconds.
    pub(super) fn moment(&self, moment: Timestamp) -> String {
        self.format(moment, "%Y-%m-%d %H:%M:%S")
    }

    /// Month, day, hour and minute.
    pub(super) fn short(&self, moment: Timestamp) -> String {
        self.format(moment, "%m-%d %H:%M")
    }

    /// Hour, minute and second.
    pub(super) fn time(&self, moment: Timestamp) -> String {
        self.format(moment, "%H:%M:%S")
    }

    /// Hour, minute, second and milliseconds.
    pub(super) fn instant(&self, moment: Timestamp) -> String {
        self.format(moment, "%H:%M:%S.%3f")
    }

    fn format(&self, moment: Timestamp, form: &str) -> String {
        let zoned = moment.to_zoned(self.0.clone());
        zoned.strftime(form).to_string()
    }
}

/// The first characters of a hash. They are enough to distinguish hashes.
pub(super) fn short(code_sha256: &str) -> String {
    code_sha256.chars().take(8).collect()
}

/// A share of the traffic, to a tenth of a per cent.
pub(super) fn per_cent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// The shares in words: `2 (90 %), 3 (10 %)`, or `2` if one version gets all traffic.
pub(super) fn shares(point: &Point) -> String {
    if point.additional_version_weights.is_empty() {
        return sentence(&point.function_version);
    }
    let shares = point.shares().into_iter();
    let shares: Vec<String> = shares
        .map(|(version, share)| format!("{} ({})", sentence(version), per_cent(share)))
        .collect();
    shares.join(", ")
}

/// A number and its noun, singular or plural.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `3 versions, 1 alias`
pub(super) fn counts(history: &History) -> String {
    let aliases = history
        .aliases
        .iter()
        .filter(|alias| alias.points.is_some());
    let versions = count(history.versions.len(), "version", "versions");
    format!("{versions}, {}", count(aliases.count(), "alias", "aliases"))
}

/// The state of `$LATEST`.
pub(super) fn status(latest: &Latest) -> String {
    let since = latest.since.as_deref().unwrap_or_default();
    match latest.status {
        Status::Pending => "being created".to_owned(),
        Status::InProgress if latest.changed.is_empty() => "update in progress".to_owned(),
        Status::InProgress => format!("update in progress, changed since {since}"),
        Status::Unpublished => "not published".to_owned(),
        Status::Changed => format!("changed since {since}"),
        Status::Updated => format!("same as {since}, updated after it"),
        Status::Published => format!("same as {since}"),
    }
}

/// The changes as separate pieces. A change of the code comes first.
pub(super) fn changes(changed: &[Changed], arrow: &str) -> Vec<String> {
    let (code, others): (Vec<&Changed>, Vec<&Changed>) =
        changed.iter().partition(|one| one.is_code());
    let in_order = code.into_iter().chain(others);
    let words = in_order.filter_map(|one| one.words(changed, arrow));
    words.map(|words| sentence(&words)).collect()
}

/// The numbers of a gap.
pub(super) fn numbers(gap: &Gap) -> String {
    match (gap.first_version, gap.last_version) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    }
}

/// The target of a mapping, its state, and the moment since which it has this state.
pub(super) fn mapping(mapping: &Mapping, clock: &Clock) -> Vec<String> {
    let mut words = vec![format!("to {}", mapping.qualifier()), mapping.state.clone()];
    let since = mapping.last_modified;
    words.extend(since.map(|since| format!("since {}", clock.moment(since))));
    words
}

/// The reason for a gap.
pub(super) fn reason(gap: &Gap, clock: &Clock) -> String {
    match (gap.reason, gap.first_deleted, gap.last_deleted) {
        (Reason::EarlierFunction, ..) => "of an earlier function of this name".to_owned(),
        (Reason::Deleted, Some(first), Some(last)) if first != last => {
            format!("deleted {} to {}", clock.moment(first), clock.moment(last))
        }
        (Reason::Deleted, Some(when), _) => format!("deleted {}", clock.moment(when)),
        (Reason::Deleted, ..) => "deleted".to_owned(),
    }
}

/// The content of a fold, as separate pieces.
pub(super) fn folded(fold: &Fold, clock: &Clock) -> Vec<String> {
    let mut words = vec![count(fold.versions, "version", "versions")];
    words.push(match fold.code {
        0 => "none with different code".to_owned(),
        n => format!("{n} with different code"),
    });
    if fold.deleted > 0 {
        words.push(format!("{} deleted between them", fold.deleted));
    }
    words.push(format!(
        "{} to {}",
        clock.moment(fold.from),
        clock.moment(fold.to)
    ));
    words
}

/// Returns true if an alias splits its traffic.
pub(super) fn is_split(alias: &Alias) -> bool {
    let points = alias.points.as_ref();
    points.is_some_and(|points| !points.additional_version_weights.is_empty())
}

/// The text about an alias at a version, without its name and its bar.
pub(super) fn stay(alias: &Alias, stay: &Stay, clock: &Clock) -> String {
    // The import found that the alias points there. So the alias pointed there before the journal begins.
    let since = match stay.since {
        Some(since) => format!("since {}", clock.moment(since)),
        None => "start not known".to_owned(),
    };
    match stay.now {
        Now::Share(share) if is_split(alias) => format!("{}  {since}", per_cent(share)),
        Now::Share(_) => since,
        Now::Until(until) => format!("until {}", clock.moment(until)),
    }
}
