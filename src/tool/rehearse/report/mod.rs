//! The report of a rehearsal: the changes that the script would have made, the failed calls, the findings, and the
//! parts that could not be rehearsed. [`Report`] is the model, and its JSON is one of the [`FORMATS`].

mod change;
mod format;
pub(crate) mod github;
mod hint;
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
    calls::{Answered, Call, ScriptLine},
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

/// The facts that a rehearsal can never show.
const CANNOT_SHOW: &str = "permissions, quotas and networks";

/// The run of the script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// The command's words, beginning with the program.
    pub(crate) command: Vec<String>,
    /// The folder in which the command was called.
    pub(crate) cwd: PathBuf,
    /// The exit code of the script; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended the script.
    pub(crate) signal: Option<i32>,
    /// The moment at which the run began, by the machine's clock.
    pub(crate) began: Timestamp,
    /// The duration of the run.
    pub(crate) took: Duration,
    /// The time that it took to make the stage with its fork.
    pub(crate) prepared: Duration,
    /// The time that a change takes in this run.
    pub(crate) settle: Duration,
    /// The network of the run.
    pub(crate) network: Network,
    /// True if an option or the project chose the network.
    pub(crate) network_is_meant: bool,
}

/// Observations that do not come from the calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Notes {
    /// Refused requests, which were not signed with a key of the rehearsal.
    pub(crate) bypassed: Vec<String>,
    /// The reason why a session's endpoint ended early; empty if it did not.
    pub(crate) unanswered: Vec<String>,
    /// The hosts that the script tried to reach and could not reach.
    pub(crate) refused: Vec<Refused>,
    /// The processes that the script left running, and that lambdry ended.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that a rehearsal cannot see. Each comes with the reason.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// True if the script deleted the rehearsal's own folder, which holds the fork and the log.
    pub(crate) lost: bool,
    /// The faults of the call log.
    pub(crate) losses: Losses,
    /// The directory in which the fork was kept.
    pub(crate) kept: Option<PathBuf>,
    /// Other state directories that the script named and used.
    pub(crate) others: Vec<PathBuf>,
    /// The changes of the rehearsed state during the run.
    pub(crate) touched: Vec<Touched>,
    /// `--assume`: name patterns of functions. lambdry assumes these functions because the user asked for them.
    pub(crate) expected: Vec<String>,
    /// Suppressed findings.
    pub(crate) suppressions: Vec<Suppression>,
    /// The texts of the scripts.
    pub(crate) scripts: Vec<ScriptText>,
}

/// A call in a script's text that no rehearsal sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unseen {
    /// Its place.
    pub(crate) place: ScriptLine,
    /// The reason, and advice.
    pub(crate) reason: String,
}

/// The report of a rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    /// The changes of the rehearsed state during the run. There should be none.
    pub(crate) touched: Vec<Touched>,
    /// The command's words, beginning with the program.
    pub(crate) command: Vec<String>,
    /// The script's network.
    pub(crate) network: Network,
    /// The commands that could reach the network, and the way to limit them to package registries. Absent if an option
    /// or the project chose the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_hint: Option<String>,
    /// The script's exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended the script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signal: Option<i32>,
    /// The moment at which the run began.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) began: Timestamp,
    /// The duration of the run, in seconds.
    pub(crate) seconds: f64,
    /// The time in seconds that it took to set up the stage, with the fork.
    pub(crate) seconds_to_set_up: f64,
    /// The directory in which the fork was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<PathBuf>,
    /// True if the script deleted the rehearsal's own folder; then the report covers only what is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lost: bool,
    /// The faults of the call log. If there are any, the report covers only the calls in the log.
    #[serde(skip_serializing_if = "Losses::is_none")]
    pub(crate) losses: Losses,
    /// The calls of the script, in order.
    pub(crate) calls: Vec<Made>,
    /// The changes of functions.
    pub(crate) functions: Vec<FunctionChange>,
    /// The changes of layers.
    pub(crate) layers: Vec<LayerChange>,
    /// The changes of other Lambda resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<ResourceChange>,
    /// The changes that calls made in other services, in order.
    pub(crate) services: Vec<Effect>,
    /// The findings of the rules, the worst first.
    pub(crate) findings: Vec<Finding>,
    /// The suppressions. Each comes with the findings that it silenced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) suppressions: Vec<Suppression>,
    /// The things that were made when the script first used them, because the state did not have them: `function pay`,
    /// `alias pay:live`.
    pub(crate) assumed: Vec<String>,
    /// The things in `assumed` that no option asked for.
    pub(crate) unasked: Vec<String>,
    /// Other state directories that the script named. lambdry did not fork them, so the script's changes in them stay.
    pub(crate) other_states: Vec<PathBuf>,
    /// Refused requests. They were not signed with a key of the rehearsal, or they cannot be read.
    pub(crate) bypassed: Vec<String>,
    /// The reason why a session's endpoint ended early; empty if it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unanswered: Vec<String>,
    /// The hosts that the script tried to reach and could not reach. Empty if the script used this machine's own
    /// network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<Refused>,
    /// The processes that the script left running.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that a rehearsal does not see.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// The scripts that the command ran, and the scripts that contain its calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scripts: Vec<ScriptText>,
    /// The facts that a rehearsal can never show.
    pub(crate) cannot_show: &'static str,
}

impl Report {
    /// Makes a report. `before` is the state before the script, and `after` is the state after the script.
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
        evidence.misplaced = evidence::misplaced(after, calls);
        evidence.rules = evidence::rules(before, calls)?;
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

    /// The number of findings of the given severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let of = self.findings.iter().map(|finding| finding.severity);
        let of = of.chain(self.touched.iter().map(|touched| touched.severity));
        of.filter(|found| *found == severity).count()
    }

    /// The refused changes after which the script went on, and which no later call made. A change is left out if a
    /// finding reports it as an error.
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

    /// Returns true if no call to AWS was made. Then nothing was rehearsed. Returns false if lines of the log are
    /// missing, because it is then not known if there were calls.
    pub(crate) fn saw_nothing(&self) -> bool {
        self.losses.missing == 0 && !self.calls.iter().any(Made::is_aws)
    }

    /// The same report, but its places are relative to a folder above the report's own folder.
    pub(crate) fn seen_from_above(&self, folders: &Path) -> Self {
        let mut seen = self.clone();
        let calls = seen.calls.iter_mut().filter_map(|call| call.place.as_mut());
        let findings = seen.findings.iter_mut();
        let findings = findings.filter_map(|finding| finding.place.as_mut());
        let unmade = seen.unmade.iter_mut().map(|unmade| &mut unmade.place);
        for place in calls.chain(findings).chain(unmade) {
            // The whole path is shown for a place outside of the folder.
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

    /// The network as the first line of each form shows it: `(network: open)`.
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

    /// `9 calls in 1.2 s`. If no call is a call of `aws`, the calls are counted as other commands.
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

/// The advice to choose a network. It is given if programs could reach the network of this machine and nobody chose a
/// network.
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
            "{} could reach every host: --network=registries allows only package registries; to choose, write \
             network = \"registries\" or \"open\" in lambdry.toml",
            programs.join(", ")
        )
    })
}
