//! A lesson as data. It has the text and its proofs, the commands to type, the state at the beginning, and the
//! conditions at the end.
//!
//! A sentence about the behaviour of Lambda or lambdry is a [`Sentence::Claim`] and has commands that prove it;
//! `tests/lessons.rs` types them at the sentence's place.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{aliases, clean_up, guards, in_progress, mappings, release, versions, weights};
use crate::{
    state::{
        alias::Alias,
        function::{Configuration, Function},
        version::Version,
    },
    store::journal::Line,
};

/// The content of one.zip.
pub(super) const ONE: &str = "def handler(event, context):\n    return 'one'\n";

/// The content of two.zip.
pub(super) const TWO: &str = "def handler(event, context):\n    return 'two'\n";

/// All lessons, in the order in which people should do them.
pub const LESSONS: &[Lesson] = &[
    versions::LESSON,
    aliases::LESSON,
    weights::LESSON,
    guards::LESSON,
    in_progress::LESSON,
    clean_up::LESSON,
    mappings::LESSON,
    release::LESSON,
];

/// A lesson.
#[derive(Debug)]
pub struct Lesson {
    /// Its name on the command line.
    pub name: &'static str,
    /// The subject of the lesson, in one line.
    pub about: &'static str,
    /// The time that a change takes in this lesson.
    pub(super) settle: &'static str,
    /// Commands of lambdry that make the state at the lesson's beginning.
    pub(super) setup: &'static [&'static str],
    /// More files of the lesson's folder: path and text. They are written after `setup`.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// The text for the learner.
    pub parts: &'static [Part],
    /// The script that the checks rehearse, and its mends, which `tour mend` makes.
    pub(super) script: Option<&'static Script>,
    /// The conditions that hold at the end.
    pub checks: &'static [Check],
    /// Lines of bash that do the task after the commands of the text.
    pub solution: &'static [&'static str],
    /// The lesson in a few sentences.
    pub learnt: &'static [Sentence],
}

/// A piece of a lesson's text.
#[derive(Debug)]
pub enum Part {
    /// A paragraph.
    Say(&'static [Sentence]),
    /// A command of lambdry to type, its exit code, and texts that its output contains.
    Type(&'static str, u8, &'static [&'static str]),
    /// A command like `Type`, in which the learner replaces a word. The pair holds that word and a line of bash that
    /// prints the replacement.
    Fill(
        (&'static str, &'static str),
        &'static str,
        u8,
        &'static [&'static str],
    ),
    /// A file of the lesson, unchanged.
    Show(&'static str),
    /// A paragraph with a task but without the steps.
    Task(&'static [Sentence]),
}

/// A sentence. Names in the sentence are between backticks.
#[derive(Debug)]
pub enum Sentence {
    /// A reason, or an introduction of people. It makes no claim about a command.
    Aim(&'static str),
    /// Something that the learner does or looks at.
    Do(&'static str),
    /// A fact and its proofs.
    Claim(&'static str, &'static [Proof]),
}

/// A proof that a sentence is true.
#[derive(Debug)]
pub enum Proof {
    /// The output of the command above contains these texts.
    Above(&'static [&'static str]),
    /// Lines of bash that are run in a copy of the lesson's folder, their exit code, and texts that their output
    /// contains.
    Sh(&'static str, u8, &'static [&'static str]),
}

/// A condition.
pub struct Check {
    /// The condition, as a sentence.
    pub what: &'static str,
    /// Advice for a learner if the condition does not hold.
    pub help: &'static str,
    /// A mistake that this condition catches. After these lines of bash in a fresh lesson, this condition is the first
    /// that does not hold.
    pub wrong: &'static str,
    /// Returns true if the condition holds.
    pub(super) holds: fn(&Seen) -> bool,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)
    }
}

/// A deploy script with faults.
#[derive(Debug)]
pub(super) struct Script {
    /// The file in the lesson's folder.
    pub(super) file: &'static str,
    /// The mends of the script's faults, one after another.
    pub(super) mends: &'static [Mend],
}

/// The mend of one fault of a script.
#[derive(Debug)]
pub(super) struct Mend {
    /// The finding that disappears when the mend is made.
    pub(super) finding: &'static str,
    /// Lines of the script, each with its replacement.
    pub(super) edits: &'static [(&'static str, &'static str)],
}

impl Part {
    /// The sentences of a paragraph.
    pub fn sentences(&self) -> &'static [Sentence] {
        match self {
            Self::Say(sentences) | Self::Task(sentences) => sentences,
            Self::Type(..) | Self::Fill(..) | Self::Show(_) => &[],
        }
    }
}

impl Sentence {
    /// The sentence itself.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Aim(text) | Self::Do(text) | Self::Claim(text, _) => text,
        }
    }
}

/// Sentences as a paragraph.
pub(super) fn paragraph(sentences: &[Sentence]) -> String {
    let sentences: Vec<&str> = sentences.iter().map(Sentence::text).collect();
    sentences.join(" ")
}

/// The learner's work.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The function `hello`, if there is one.
    pub(super) head: Option<Function>,
    /// The versions of the function.
    pub(super) versions: BTreeMap<u64, Version>,
    /// The changes of the function.
    pub(super) journal: Vec<Line>,
    /// The event source mappings.
    pub(super) mappings: Vec<Feed>,
    /// The CodeSha256 of one.zip.
    pub(super) one: String,
    /// The CodeSha256 of two.zip.
    pub(super) two: String,
    /// The result of a rehearsal of the script, if the lesson has one.
    pub(super) rehearsed: Rehearsed,
}

/// An event source mapping.
#[derive(Debug, Default)]
pub(super) struct Feed {
    /// The UUID of the mapping.
    pub(super) uuid: String,
    /// The function that the mapping invokes, by the name that the request gave.
    pub(super) function_arn: String,
    /// The current state of the mapping.
    pub(super) state: String,
    /// The times at which the mapping was switched on (true) or off, oldest first.
    pub(super) switched: Vec<(Timestamp, bool)>,
}

/// The result of a rehearsal of a lesson's script.
#[derive(Debug, Default)]
pub(super) struct Rehearsed {
    /// The first word of the report's last line.
    pub(super) verdict: String,
    /// The names of the findings in the report.
    pub(super) findings: Vec<String>,
    /// True if a sweep found that the script can be run again from every point.
    pub(super) swept: bool,
}

impl Seen {
    /// `$LATEST`.
    pub(super) fn latest(&self) -> Option<&Configuration> {
        self.head.as_ref().map(|head| &head.latest.configuration)
    }

    /// Returns true if a change is in progress.
    pub(super) fn is_changing(&self) -> bool {
        self.head
            .as_ref()
            .is_some_and(|head| head.latest.change.is_some())
    }

    /// The configuration of a version.
    pub(super) fn version(&self, number: u64) -> Option<&Configuration> {
        self.versions
            .get(&number)
            .map(|version| &version.configuration)
    }

    /// An alias.
    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.head.as_ref()?.aliases.get(name)
    }

    /// Returns true if the alias points to the given version and sends no traffic to another one.
    pub(super) fn points(&self, alias: &str, version: &str) -> bool {
        self.alias(alias).is_some_and(|alias| {
            alias.function_version == version && alias.additional_version_weights.is_empty()
        })
    }

    /// Every state of the alias, oldest first: version and weights.
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

    /// Returns true if the alias was at these versions in this order. Between these versions, it may have been at
    /// others.
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

    /// Returns true if a mapping had been off for at least the given time when the alias last moved to the given
    /// version.
    pub(super) fn moved_while_paused(
        &self,
        alias: &str,
        version: &str,
        off: SignedDuration,
    ) -> bool {
        let moves = |line: &&Line| {
            let to = || {
                line.moved
                    .get("Aliases")?
                    .get(alias)?
                    .get("To")?
                    .get("FunctionVersion")?
                    .as_str()
            };
            to() == Some(version)
        };
        let Some(moved) = self.journal.iter().rfind(moves).map(|line| line.when) else {
            return false;
        };
        self.mappings.iter().any(|mapping| {
            let before = mapping.switched.iter().rfind(|(when, _)| *when <= moved);
            before.is_some_and(|(when, on)| !on && moved.duration_since(*when) >= off)
        })
    }

    /// Returns true if a rehearsal of the script has no finding of the given name.
    pub(super) fn is_free_of(&self, finding: &str) -> bool {
        !self.rehearsed.verdict.is_empty()
            && !self.rehearsed.findings.iter().any(|name| name == finding)
    }
}
