//! What a lesson is: words, commands to type, what was there before, and what has to hold afterwards.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{aliases, clean_up, guards, in_progress, versions, weights};
use crate::{
    state::{
        alias::Alias,
        function::{Configuration, Function},
        version::Version,
    },
    store::journal::Line,
};

/// What one.zip holds.
pub(super) const ONE: &str = "def handler(event, context):\n    return 'one'\n";

/// What two.zip holds.
pub(super) const TWO: &str = "def handler(event, context):\n    return 'two'\n";

/// All lessons, in the order they are meant to be done.
pub(super) const LESSONS: &[Lesson] = &[
    versions::LESSON,
    aliases::LESSON,
    weights::LESSON,
    guards::LESSON,
    in_progress::LESSON,
    clean_up::LESSON,
];

/// A lesson.
#[derive(Debug)]
pub(super) struct Lesson {
    /// Its word on the line.
    pub(super) name: &'static str,
    /// What it is about, in a line.
    pub(super) about: &'static str,
    /// How long a change takes in it.
    pub(super) settle: &'static str,
    /// Commands of ours that make what is there when it begins.
    pub(super) setup: &'static [&'static str],
    /// What the learner reads.
    pub(super) parts: &'static [Part],
    /// What has to hold in the end.
    pub(super) checks: &'static [Check],
    /// What was learnt.
    pub(super) learnt: &'static str,
}

/// A piece of a lesson's text.
#[derive(Debug)]
pub(super) enum Part {
    /// A paragraph.
    Say(&'static str),
    /// A command to type.
    Type(&'static str),
    /// What to do without being told how.
    Task(&'static str),
}

/// Something that has to hold.
pub(super) struct Check {
    /// What holds, as a sentence.
    pub(super) what: &'static str,
    /// What helps where it does not.
    pub(super) help: &'static str,
    /// Whether it does.
    pub(super) holds: fn(&Seen) -> bool,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)
    }
}

/// The function `hello` as the learner left it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The function, where there is one.
    pub(super) head: Option<Function>,
    /// Its versions.
    pub(super) versions: BTreeMap<u64, Version>,
    /// What was done to it.
    pub(super) journal: Vec<Line>,
    /// The CodeSha256 of one.zip.
    pub(super) one: String,
    /// The CodeSha256 of two.zip.
    pub(super) two: String,
}

impl Seen {
    /// `$LATEST`.
    pub(super) fn latest(&self) -> Option<&Configuration> {
        self.head.as_ref().map(|head| &head.latest.configuration)
    }

    /// Whether a change is on its way.
    pub(super) fn is_changing(&self) -> bool {
        self.head
            .as_ref()
            .is_some_and(|head| head.latest.change.is_some())
    }

    /// What a version froze.
    pub(super) fn version(&self, number: u64) -> Option<&Configuration> {
        self.versions
            .get(&number)
            .map(|version| &version.configuration)
    }

    /// An alias.
    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.head.as_ref()?.aliases.get(name)
    }

    /// Whether the alias points at that version, and sends nothing anywhere else.
    pub(super) fn points(&self, alias: &str, version: &str) -> bool {
        self.alias(alias).is_some_and(|alias| {
            alias.function_version == version && alias.additional_version_weights.is_empty()
        })
    }

    /// Every place the alias was set to, oldest first: version and weights.
    pub(super) fn path(&self, alias: &str) -> Vec<(String, Value)> {
        let moves = self.journal.iter().filter_map(|line| {
            let to = line.moved.get("Aliases")?.get(alias)?.get("To")?;
            let version = to.get("FunctionVersion")?.as_str()?;
            Some((
                version.to_owned(),
                to.get("AdditionalVersionWeights")
                    .cloned()
                    .unwrap_or_default(),
            ))
        });
        moves.collect()
    }

    /// Whether the alias was at these versions, one after another, with anything between.
    pub(super) fn went(&self, alias: &str, versions: &[&str]) -> bool {
        let mut wanted = versions.iter();
        let mut next = wanted.next();
        for (version, _) in self.path(alias) {
            if next == Some(&version.as_str()) {
                next = wanted.next();
            }
        }
        next.is_none()
    }
}
