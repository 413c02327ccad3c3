//! A call as a report tells it: what it was, what came of it, and what the script did about a failure.

use std::path::PathBuf;

use serde::Serialize;

use super::{Maker, change, hint};
use crate::{
    operation::ready,
    store::Store,
    tool::{
        rehearse::{
            calls::{Answered, Place},
            evidence::Evidence,
            network::Network,
            outcome::Outcome,
            shell::Attention,
        },
        typed::Shell,
    },
};

/// A call that the script made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Made {
    /// Its name, with its number where it was made more than once: `2nd publish-version`.
    pub(crate) name: String,
    /// Where it stands, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
    /// The program.
    pub(crate) program: String,
    /// The words after it, secrets masked.
    pub(crate) words: Vec<String>,
    /// Who answered.
    pub(crate) answered: Answered,
    /// What came of it, in few words: `pay: version 8`.
    pub(crate) outcome: String,
    /// Whether it changed something.
    pub(crate) changes: bool,
    /// Its exit code.
    pub(crate) exit_code: u8,
    /// The error's code: `ResourceConflictException`, `NotSimulated`, `Usage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Of one that failed for want of something, and ended the script: how the rehearsal gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// Of a failed one: whether the script did anything after it, or ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) went_on: Option<bool>,
    /// Of one that changes something: what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) became: Option<Outcome>,
    /// Of a failed one: what the script did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attention: Option<Attention>,
    /// Whether it was refused and somebody lets that be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) suppressed: bool,
    /// Of an invocation that nothing answered, so that its answer is null: the file that would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unanswered: Option<PathBuf>,
    /// Of a call over HTTP: the program that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<Maker>,
    /// Whether it had a ready answer: in AWS's shape, and without what stands behind it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ready: bool,
}

impl Made {
    /// Returns true for a call of AWS: by `aws`, under our own name, or over HTTP.
    pub(super) fn is_aws(&self) -> bool {
        self.client.is_some() || self.program == "aws" || self.program == "lambdry"
    }

    /// Returns true if it is no command that is simulated.
    pub(crate) fn is_not_simulated(&self) -> bool {
        self.answered == Answered::Simulated && self.error.as_deref() == Some("NotSimulated")
    }

    /// Returns true if nobody uses its answer or its status: it changes something, and it was said beforehand that it
    /// does not matter whether it does.
    pub(super) fn is_dropped(&self) -> bool {
        self.became == Some(Outcome::NotPlayed)
            && matches!(self.attention, Some(Attention::LookedAtAndDropped(_)))
    }

    /// Whether it failed.
    pub(crate) fn failed(&self) -> bool {
        self.exit_code != 0
    }

    /// `aws` and its words, as they would be typed; what it is told by where it has no better name.
    pub(crate) fn line(&self) -> String {
        if let Some(client) = &self.client {
            return format!("{} by {}", self.name, client.line);
        }
        let words = std::iter::once(&self.program).chain(&self.words);
        let words: Vec<String> = words.map(|word| Shell::Sh.quoted(word)).collect();
        words.join(" ")
    }

    /// `, deploy.sh:14`, or nothing.
    pub(super) fn behind(&self) -> String {
        let place = self.place.as_ref();
        place.map_or_else(String::new, |place| format!(", {place}"))
    }

    /// `deploy.sh:14`, or nothing.
    pub(crate) fn at(&self) -> String {
        self.place
            .as_ref()
            .map_or_else(String::new, Place::to_string)
    }
}

/// The calls of a run, in order. `after` is what the script left.
pub(super) fn made(evidence: &Evidence<'_>, after: &Store, network: Network) -> Vec<Made> {
    let state = after.root();
    let calls = evidence.calls.iter().enumerate();
    calls
        .map(|(index, call)| {
            let steps: Vec<_> = evidence.steps_of(index).collect();
            let failed = call.code != 0;
            Made {
                name: evidence.name(index).to_owned(),
                place: evidence.place(index),
                program: call.program.clone(),
                words: call.words.clone(),
                answered: call.answered,
                outcome: change::outcome(call, steps.first(), network),
                changes: steps
                    .iter()
                    .any(|step| step.changes() && step.answer().is_some()),
                exit_code: call.code,
                error: call.failure().map(|stopped| stopped.kind.clone()),
                message: call.failure().map(|stopped| stopped.message.clone()),
                hint: hint::misspelt(call).or_else(|| {
                    // A value that nobody put is missed where it is used, long after.
                    if let Some(hint) = hint::not_put(call, after) {
                        return Some(hint);
                    }
                    let ended = failed && !evidence.went_on(index);
                    ended.then(|| hint::missing(evidence, index, after))?
                }),
                went_on: failed.then(|| evidence.went_on(index)),
                became: evidence.outcome(index),
                attention: call.attention,
                suppressed: false,
                unanswered: call
                    .exchanges
                    .iter()
                    .find_map(|exchange| exchange.unanswered.as_deref())
                    .map(|file| file.strip_prefix(state).unwrap_or(file).to_owned()),
                client: Maker::of(call, evidence.cwd),
                ready: call
                    .exchanges
                    .iter()
                    .any(|exchange| ready::answers(&exchange.service)),
            }
        })
        .collect()
}
