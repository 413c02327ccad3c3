//! A call in a report: the command, its result, and the script's reaction to a failure.

use std::path::PathBuf;

use serde::Serialize;

use super::{Maker, change, hint};
use crate::{
    operation::ready,
    store::Store,
    tool::{
        rehearse::{
            calls::{Answered, ScriptLine},
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
    /// The call's name. If the script made several calls of that name, the number comes first: `2nd publish-version`.
    pub(crate) name: String,
    /// The call's place, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<ScriptLine>,
    /// The program.
    pub(crate) program: String,
    /// The words after the program's name, secrets masked.
    pub(crate) words: Vec<String>,
    /// The part of a rehearsal that answered.
    pub(crate) answered: Answered,
    /// The result of the call, in few words: `pay: version 8`.
    pub(crate) outcome: String,
    /// True if the call changed something.
    pub(crate) changes: bool,
    /// The call's exit code.
    pub(crate) exit_code: u8,
    /// The error's code: `ResourceConflictException`, `NotSimulated`, `Usage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// A way to give the rehearsal a thing that is missing. Given for a call that failed because of this thing and that
    /// ended the script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// For a failed call: true if the script went on after the call, or ended with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) went_on: Option<bool>,
    /// For a call that changes something: its outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) became: Option<Outcome>,
    /// For a failed call: the script's reaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attention: Option<Attention>,
    /// True if the call was refused and the refusal is suppressed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) suppressed: bool,
    /// For an invocation that no file answers: the file that would answer it. The answer of such an invocation is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unanswered: Option<PathBuf>,
    /// For a call over HTTP: the program that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<Maker>,
    /// True if the call got a ready answer. Such an answer has AWS's shape, but lambdry does not simulate AWS's
    /// behaviour.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ready: bool,
}

impl Made {
    /// Returns true for a call of AWS. Such a call is made by `aws`, by `lambdry`, or over HTTP.
    pub(super) fn is_aws(&self) -> bool {
        self.client.is_some() || self.program == "aws" || self.program == "lambdry"
    }

    /// Returns true if the command is not simulated.
    pub(crate) fn is_not_simulated(&self) -> bool {
        self.answered == Answered::Simulated && self.error.as_deref() == Some("NotSimulated")
    }

    /// Returns true if nothing uses the call's answer or status. The call is a change, and the script's text discards
    /// the status.
    pub(super) fn is_dropped(&self) -> bool {
        self.became == Some(Outcome::NotPlayed)
            && matches!(self.attention, Some(Attention::LookedAtAndDropped(_)))
    }

    /// Returns true if the call failed.
    pub(crate) fn failed(&self) -> bool {
        self.exit_code != 0
    }

    /// The call as a line: the program and its words, as one would type them. For a call over HTTP, the call's name and
    /// the program that made it.
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
            .map_or_else(String::new, ScriptLine::to_string)
    }
}

/// The calls of a run, in order. `after` is the state that the script left.
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
                    // A script notices a missing value only when it uses the value, much later.
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
