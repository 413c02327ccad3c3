//! The report of a rehearsal: what the script would have done, which calls failed, what was found, and what could not be
//! rehearsed. [`Report`] is the model, and its JSON is one of the [`FORMATS`].

mod change;
mod format;
pub(crate) mod github;
mod hint;
#[cfg_attr(not(unix), allow(dead_code, reason = "sweeps need Unix"))]
pub(crate) mod html;
mod json;
pub(crate) mod junit;
mod left_out;
mod let_be;
mod made;
mod maker;
pub(crate) mod markdown;
mod plan;
mod resources;
#[cfg_attr(not(unix), allow(dead_code, reason = "rehearsals need Unix"))]
mod scripts;
mod shown;
mod text;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    assume,
    calls::{Answered, Call, Place},
    evidence::{self, Evidence, Key, seconds},
    finding::{self, Finding, Severity},
    network::{Network, Refused},
    outcome::{self, Outcome},
    secrets,
    shell::Unmade,
    suppression::Suppression,
    tally::Losses,
    touched::Touched,
};
use crate::{operation::Result, store::Store, tool::typed::Shell};

#[cfg(unix)]
pub(crate) use plan::ReviewedPlan;

pub(crate) use change::{Effect, FunctionChange, LayerChange, Points};
pub(crate) use format::{FORMATS, Format, Look};
use let_be::suppress;
pub(crate) use made::Made;
pub(crate) use maker::Maker;
use resources::ResourceChange;
pub(crate) use scripts::ScriptText;
pub(crate) use text::folded;

/// What no rehearsal can show.
const CANNOT_SHOW: &str = "permissions, quotas and networks";

/// How the script ran.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// The command and its words.
    pub(crate) command: Vec<String>,
    /// Where it was called.
    pub(crate) cwd: PathBuf,
    /// Its exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// When it began, by the machine's clock.
    pub(crate) began: Timestamp,
    /// How long it ran.
    pub(crate) took: Duration,
    /// How long it took to make the fork and the rest of the stage.
    pub(crate) prepared: Duration,
    /// How long a change took in it.
    pub(crate) settle: Duration,
    /// Which network it had.
    pub(crate) network: Network,
    /// Whether somebody said which one.
    pub(crate) network_is_meant: bool,
}

/// What was noticed beside the calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Notes {
    /// Requests that were refused: what went past the rehearsal's keys.
    pub(crate) bypassed: Vec<String>,
    /// What answered SDKs in a session, where it was not there to the last.
    pub(crate) unanswered: Vec<String>,
    /// The hosts that it asked for and did not reach.
    pub(crate) refused: Vec<Refused>,
    /// What the script left running, and was ended.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that no rehearsal sees, and why.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// Whether the script deleted the rehearsal's own folder, with the fork and the log.
    pub(crate) lost: bool,
    /// What is wrong with the call log.
    pub(crate) losses: Losses,
    /// Where the fork was left.
    pub(crate) kept: Option<PathBuf>,
    /// Other state directories that were used as they are.
    pub(crate) others: Vec<PathBuf>,
    /// What moved in the state that was rehearsed against.
    pub(crate) touched: Vec<Touched>,
    /// `--assume`: patterns of what is assumed because it was asked for.
    pub(crate) expected: Vec<String>,
    /// Findings that are let be.
    pub(crate) suppressions: Vec<Suppression>,
    /// The texts of the scripts.
    pub(crate) scripts: Vec<ScriptText>,
}

/// A call in a script's text that no rehearsal sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unseen {
    /// Where.
    pub(crate) place: Place,
    /// Why, and what to do.
    pub(crate) reason: String,
}

/// The report of a rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    /// What moved in the state that was rehearsed against, which should be nothing.
    pub(crate) touched: Vec<Touched>,
    /// The command and its words.
    pub(crate) command: Vec<String>,
    /// Which network the script had.
    pub(crate) network: Network,
    /// What could reach the network, and how to let it reach package registries alone, where nobody said which network
    /// is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_hint: Option<String>,
    /// The script's exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signal: Option<i32>,
    /// When it began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) began: Timestamp,
    /// How long it ran, in seconds.
    pub(crate) seconds: f64,
    /// How long it took to set up before that, fork and all, in seconds.
    pub(crate) seconds_to_set_up: f64,
    /// Where the fork was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<PathBuf>,
    /// Whether the script deleted the rehearsal's own folder: what is told is what is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lost: bool,
    /// What is wrong with the log of its calls: what is told of them is what is left.
    #[serde(skip_serializing_if = "Losses::is_none")]
    pub(crate) losses: Losses,
    /// What it called, in order.
    pub(crate) calls: Vec<Made>,
    /// What became of which functions.
    pub(crate) functions: Vec<FunctionChange>,
    /// What became of which layers.
    pub(crate) layers: Vec<LayerChange>,
    /// What became of other resources of Lambda's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<ResourceChange>,
    /// What was done to other services, in order.
    pub(crate) services: Vec<Effect>,
    /// What rules found, the worst first.
    pub(crate) findings: Vec<Finding>,
    /// Findings that somebody lets be, and what that silenced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) suppressions: Vec<Suppression>,
    /// What was made on first touch because the state had none: `function pay`, `alias pay:live`.
    pub(crate) assumed: Vec<String>,
    /// Those of them that nobody asked to assume.
    pub(crate) unasked: Vec<String>,
    /// Other state directories that the script named: nobody forked them, and what was done there stays.
    pub(crate) other_states: Vec<PathBuf>,
    /// Requests that no key of the rehearsal signed, or that do not read: they were refused.
    pub(crate) bypassed: Vec<String>,
    /// What answered SDKs in a session, where it was not there to the last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unanswered: Vec<String>,
    /// The hosts that the script asked for and did not reach, with another network than this machine's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<Refused>,
    /// What the script left running.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that a rehearsal does not see.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// The scripts that it ran or calls stand in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scripts: Vec<ScriptText>,
    /// What no rehearsal can show.
    pub(crate) cannot_show: &'static str,
}

impl Report {
    /// Puts a report together. `before` is the state as it was, `after` what the script made of it.
    ///
    /// # Errors
    /// When one of the states cannot be read.
    pub(crate) fn new(
        run: Run,
        before: &Store,
        after: &Store,
        calls: &[Call],
        notes: Notes,
        show_values: bool,
    ) -> Result<Self> {
        let functions = evidence::functions(before, after, calls)?;
        let mut evidence = Evidence::new(calls, &functions, run.settle, run.code, &run.cwd);
        evidence.outcomes = outcome::outcomes(&evidence, after);
        let mut made = made::made(&evidence, after, run.network);
        let network_hint = network_hint(&run, &made);
        let assumed: BTreeSet<String> = calls
            .iter()
            .flat_map(|call| &call.exchanges)
            .flat_map(|exchange| exchange.assumed.iter().cloned())
            .collect();
        let mut findings = finding::findings(&evidence);
        let mut suppressions = notes.suppressions;
        suppress(&mut suppressions, &mut findings, &mut made);
        let is_assumed = |key: &Key| assumed.contains(&format!("function {key}"));
        let changed = change::functions(before, after, &functions, &is_assumed, show_values)?;
        Ok(Self {
            touched: notes.touched,
            other_states: notes.others,
            network: run.network,
            network_hint,
            exit_code: run.code,
            signal: run.signal,
            began: run.began,
            seconds: run.took.as_secs_f64(),
            seconds_to_set_up: run.prepared.as_secs_f64(),
            lost: notes.lost,
            losses: notes.losses,
            kept: notes.kept,
            calls: made,
            functions: changed,
            layers: change::layers(before, after)?,
            resources: resources::changed(before, after)?,
            services: change::effects(&evidence),
            findings,
            suppressions,
            unasked: assumed
                .iter()
                .filter(|what| !assume::is_expected(&notes.expected, what))
                .cloned()
                .collect(),
            assumed: assumed.into_iter().collect(),
            bypassed: notes.bypassed,
            unanswered: notes.unanswered,
            refused: notes.refused,
            leftovers: notes.leftovers,
            unseen: notes.unseen,
            unmade: notes.unmade,
            scripts: notes.scripts,
            cannot_show: CANNOT_SHOW,
            command: match show_values {
                true => run.command,
                false => secrets::of_line(run.command),
            },
        })
    }

    /// How many findings are that bad.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let of = self.findings.iter().map(|finding| finding.severity);
        let of = of.chain(self.touched.iter().map(|touched| touched.severity));
        of.filter(|found| *found == severity).count()
    }

    /// The changes that were refused while the script went on, and that nothing made good. Those that a finding calls an
    /// error stand there.
    pub(crate) fn ignored(&self) -> impl Iterator<Item = &Made> {
        let errors = self.findings.iter();
        let errors = errors.filter(|finding| finding.severity == Severity::Error);
        let told: BTreeSet<usize> = errors.flat_map(Finding::about).collect();
        let calls = self.calls.iter().enumerate();
        calls
            .filter(move |(at, call)| {
                call.became == Some(Outcome::Ignored) && !call.suppressed && !told.contains(at)
            })
            .map(|(_, call)| call)
    }

    /// Whether no call to AWS was made: then nothing was rehearsed. Of a log with gaps nobody can say so.
    pub(crate) fn saw_nothing(&self) -> bool {
        self.losses.missing == 0 && !self.calls.iter().any(Made::is_aws)
    }

    /// The same report with its places seen from a folder above the one it was made in.
    pub(crate) fn seen_from_above(&self, folders: &Path) -> Self {
        let mut seen = self.clone();
        let calls = seen.calls.iter_mut().filter_map(|call| call.place.as_mut());
        let findings = seen.findings.iter_mut();
        let findings = findings.filter_map(|finding| finding.place.as_mut());
        let unmade = seen.unmade.iter_mut().map(|unmade| &mut unmade.place);
        for place in calls.chain(findings).chain(unmade) {
            // What is outside the folder is told by its whole path.
            place.file = folders.join(&place.file);
        }
        seen
    }

    /// `./deploy.sh prod`
    pub(crate) fn command_line(&self) -> String {
        if self.command.is_empty() {
            return "a session".to_owned();
        }
        let words = self.command.iter();
        let words: Vec<String> = words.map(|word| Shell::Sh.quoted(word)).collect();
        words.join(" ")
    }

    /// `Rehearsal of ./deploy.sh prod (network: open)`, but for its first words: how each form begins.
    pub(crate) fn network_held(&self) -> String {
        format!("(network: {})", self.network.word())
    }

    /// `exit code 254`, `ended by signal 15`
    pub(crate) fn ending(&self) -> String {
        match (self.exit_code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        }
    }

    /// `9 calls in 1.2 s`. Where none of them was one of `aws`, they are no calls.
    pub(crate) fn extent(&self) -> String {
        let time = Duration::try_from_secs_f64(self.seconds).unwrap_or_default();
        let what = match self.saw_nothing() {
            true => "other command",
            false => "call",
        };
        format!("{} in {}", plural(self.calls.len(), what), seconds(time))
    }
}

/// `1 call`, `2 calls`
pub(crate) fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// The advice to say which network is meant, where programs could reach this machine's own and nobody said so.
fn network_hint(run: &Run, made: &[Made]) -> Option<String> {
    let is_open = cfg!(target_os = "linux") && run.network == Network::Open;
    if !is_open || run.network_is_meant || run.command.is_empty() {
        return None;
    }
    let ran = made.iter().filter(|call| {
        matches!(call.answered, Answered::Ran | Answered::Allowed) && call.program != "sleep"
    });
    let mut programs: Vec<&str> = ran.map(|call| call.program.as_str()).collect();
    programs.sort_unstable();
    programs.dedup();
    (!programs.is_empty()).then(|| {
        format!(
            "{} could reach everything: --network=registries lets package registries alone through; network = \
             \"registries\" or \"open\" in lambdry.toml says which one is meant",
            programs.join(", ")
        )
    })
}
