//! The report of a rehearsal: what the script would have done, which calls failed, what was found, and what could not be
//! rehearsed. [`Report`] is the model, and its JSON is one of the [`FORMATS`]; each of those is a file.

mod change;
mod github;
mod json;
mod junit;
pub(crate) mod markdown;
mod plan;
mod resources;
mod shown;
mod text;

use std::{
    collections::BTreeSet,
    io::{self, Write},
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
    outcome::{self, Outcome},
    secrets,
    shell::{Attention, Unmade},
    suppression::{self, Suppression},
    touched::Touched,
};
use crate::{face::customize, operation::Result, store::Store, tool::typed::Shell};

#[cfg(unix)]
pub(crate) use plan::ReviewedPlan;

pub(crate) use change::{Effect, FunctionChange, LayerChange, Points};
use resources::ResourceChange;
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
    /// Whether it had no network.
    pub(crate) no_network: bool,
}

/// What was noticed beside the calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Notes {
    /// Who came by at the responder: what went past `aws` on PATH.
    pub(crate) bypassed: Vec<String>,
    /// What the script left running, and was ended.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that no rehearsal sees, and why.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// Whether the script deleted the rehearsal's own folder, with the fork and the log.
    pub(crate) lost: bool,
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
    /// What went past `aws` on PATH, and was refused.
    pub(crate) bypassed: Vec<String>,
    /// What the script left running.
    pub(crate) leftovers: Vec<String>,
    /// Calls in the script's text that a rehearsal does not see.
    pub(crate) unseen: Vec<Unseen>,
    /// Calls in the script's text that were not made.
    pub(crate) unmade: Vec<Unmade>,
    /// What no rehearsal can show.
    pub(crate) cannot_show: &'static str,
}

/// Something that was not played as on AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// What happened instead: `stubbed`.
    pub(crate) heading: &'static str,
    /// What it is about, and what helps.
    pub(crate) line: String,
    /// Whether somebody said so beforehand, it is a guard's, or nothing depends on it.
    pub(crate) declared: bool,
}

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
}

impl Made {
    /// Returns true if it is no command that is simulated.
    pub(crate) fn is_not_simulated(&self) -> bool {
        self.answered == Answered::Simulated && self.error.as_deref() == Some("NotSimulated")
    }

    /// Returns true if nobody uses its answer or its status: it changes something, and it was said beforehand that it
    /// does not matter whether it does.
    fn is_dropped(&self) -> bool {
        self.became == Some(Outcome::NotPlayed)
            && matches!(self.attention, Some(Attention::LookedAtAndDropped(_)))
    }

    /// Whether it failed.
    pub(crate) fn failed(&self) -> bool {
        self.exit_code != 0
    }

    /// `aws` and its words, as they would be typed; what it is told by where it has no better name.
    pub(crate) fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.words);
        let words: Vec<String> = words.map(|word| Shell::Sh.quoted(word)).collect();
        words.join(" ")
    }

    /// `, deploy.sh:14`, or nothing.
    fn behind(&self) -> String {
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
        let mut made = made(&evidence, after.root(), run.no_network);
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
            exit_code: run.code,
            signal: run.signal,
            began: run.began,
            seconds: run.took.as_secs_f64(),
            seconds_to_set_up: run.prepared.as_secs_f64(),
            lost: notes.lost,
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
            leftovers: notes.leftovers,
            unseen: notes.unseen,
            unmade: notes.unmade,
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

    /// Whether no call to AWS was made: then nothing was rehearsed.
    pub(crate) fn saw_nothing(&self) -> bool {
        let is_aws = |call: &Made| call.program == "aws" || call.program == "lambdry";
        !self.calls.iter().any(is_aws)
    }

    /// What the run was not as on AWS, or was not the whole of.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = LeftOut> {
        let calls = self.calls.iter().filter_map(|call| {
            let (heading, declared) = match call.answered {
                Answered::Stub => ("stubbed", true),
                Answered::Others => ("handed over", true),
                Answered::Guarded => ("guarded", true),
                Answered::Allowed => ("allowed", true),
                Answered::Replayed => ("replayed", true),
                Answered::Learned => ("taken for done", false),
                Answered::Slept | Answered::Ran => return None,
                Answered::Simulated if call.is_not_simulated() => {
                    ("not simulated", call.is_dropped())
                }
                Answered::Simulated => return None,
            };
            let line = format!("{}{}", call.line(), call.behind());
            let line = match call.answered {
                Answered::Others => format!("{line}: {}", call.outcome),
                _ => line,
            };
            Some(LeftOut {
                heading,
                line,
                declared,
            })
        });
        let unanswered = self.calls.iter().filter_map(|call| {
            let file = call.unanswered.as_ref()?;
            Some(LeftOut {
                heading: "not answered",
                line: format!(
                    "{}{}: null; {} in the state would say what it answers",
                    call.name,
                    call.behind(),
                    file.display()
                ),
                declared: false,
            })
        });
        let undeclared = |heading, line| LeftOut {
            heading,
            line,
            declared: false,
        };
        let told = move |heading, lines: &[String]| -> Vec<LeftOut> {
            let lines = lines.iter();
            lines
                .map(|line| undeclared(heading, line.clone()))
                .collect()
        };
        let unseen = self.unseen.iter().map(move |unseen| {
            undeclared("not seen", format!("{}: {}", unseen.place, unseen.reason))
        });
        calls
            .chain(unanswered)
            .chain(self.assumed.iter().map(|what| {
                let declared = !self.unasked.contains(what);
                let hint = match what.strip_prefix("function ") {
                    Some(name) if !declared => {
                        format!("; lambdry import brings the real one, --assume={name} takes it so")
                    }
                    Some(_) => "; lambdry import brings the real one".to_owned(),
                    None => String::new(),
                };
                LeftOut {
                    heading: "assumed",
                    line: format!("{what}{hint}"),
                    declared,
                }
            }))
            .chain(self.other_states.iter().map(move |state| {
                let state = state.display();
                undeclared(
                    "another state",
                    format!("{state}, used as it is: what was done there stays"),
                )
            }))
            .chain(told("went past", &self.bypassed))
            .chain(told("left running", &self.leftovers))
            .chain(unseen)
    }

    /// The suppressions: a heading and a line each.
    pub(crate) fn let_be(&self) -> impl Iterator<Item = [String; 2]> {
        self.suppressions.iter().map(|by| {
            let (heading, more) = match (by.is_void(), by.silenced.as_slice()) {
                (Some(why), _) => ("void", format!(": {why}")),
                (None, []) => ("unused", ": nothing of it was found".to_owned()),
                (None, titles) => ("used", format!(": {}", titles.join("; "))),
            };
            [heading.to_owned(), format!("{}{more}", by.told())]
        })
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

    /// `exit code 254`, `ended by signal 15`
    pub(crate) fn ending(&self) -> String {
        match (self.exit_code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        }
    }

    /// `9 calls in 1.2 s`
    pub(crate) fn extent(&self) -> String {
        let time = Duration::try_from_secs_f64(self.seconds).unwrap_or_default();
        format!("{} in {}", plural(self.calls.len(), "call"), seconds(time))
    }
}

/// `1 call`, `2 calls`
pub(crate) fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn made(evidence: &Evidence<'_>, state: &Path, no_network: bool) -> Vec<Made> {
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
                outcome: change::outcome(call, steps.first(), no_network),
                changes: steps
                    .iter()
                    .any(|step| step.changes() && step.answer().is_some()),
                exit_code: call.code,
                error: call.failure().map(|stopped| stopped.kind.clone()),
                message: call.failure().map(|stopped| stopped.message.clone()),
                hint: misspelt(call).or_else(|| {
                    (failed && !evidence.went_on(index))
                        .then(|| missing(call))
                        .flatten()
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
            }
        })
        .collect()
}

/// Takes out the findings that are let be, and marks the refused calls that are.
fn suppress(by: &mut [Suppression], findings: &mut Vec<Finding>, made: &mut [Made]) {
    findings.retain(|finding| {
        let place = finding.place.as_ref();
        let mut by = by.iter_mut();
        let Some(by) = by.find(|by| by.silences(finding.rule, place)) else {
            return true;
        };
        by.silenced.push(finding.title.clone());
        for index in finding.about() {
            if let Some(call) = made.get_mut(index) {
                call.suppressed = true;
            }
        }
        false
    });
    let ignored = made.iter_mut();
    for call in ignored.filter(|call| call.became == Some(Outcome::Ignored) && !call.suppressed) {
        let mut by = by.iter_mut();
        if let Some(by) = by.find(|by| by.silences(suppression::IGNORED, call.place.as_ref())) {
            by.silenced.push(format!("{} was refused", call.name));
            call.suppressed = true;
        }
    }
}

/// Advice for a call that no version 2 of the AWS CLI understands.
fn misspelt(call: &Call) -> Option<String> {
    let unknown = call
        .stopped
        .as_ref()?
        .message
        .strip_prefix("Unknown options: ")?;
    customize::misspelt(unknown.split(", ")).map(str::to_owned)
}

/// How a rehearsal gets what the state does not have and the script takes for granted.
fn missing(call: &Call) -> Option<String> {
    let exchange = call.exchanges.last()?;
    let asked = |member: &str| exchange.request.get(member)?.as_str();
    let made = match call.failure()?.kind.as_str() {
        "NoSuchBucket" => format!("lambdry s3 mb s3://{} makes it", asked("Bucket")?),
        "ResourceNotFoundException" if asked("FunctionName").is_some() => {
            "lambdry import brings the real one".to_owned()
        }
        _ => return None,
    };
    Some(format!("{made}; --assume takes it for granted"))
}

/// How a report is written out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Columns.
    pub(crate) width: usize,
    /// Whether a person looks at it on a terminal that has colours.
    pub(crate) color: bool,
}

/// A form of the report.
#[derive(Debug)]
pub(crate) struct Format {
    /// Its word: `markdown`.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
    /// Whether people read it: then what is not ours is shown, and not printed raw.
    for_people: bool,
    write: fn(&Report, &Look, &mut dyn Write) -> io::Result<()>,
}

/// All of them.
pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "text",
        about: "for people, as wide as the terminal",
        for_people: true,
        write: text::write,
    },
    Format {
        name: "json",
        about: "everything, by AWS's names",
        for_people: false,
        write: json::write,
    },
    Format {
        name: "markdown",
        about: "for a comment or a page",
        for_people: true,
        write: markdown::write,
    },
    Format {
        name: "junit",
        about: "XML for what shows test results: a test for each rule",
        for_people: true,
        write: junit::write,
    },
    Format {
        name: "github",
        about: "annotations at the script's lines; the Markdown goes to $GITHUB_STEP_SUMMARY",
        for_people: true,
        write: github::write,
    },
];

impl Format {
    /// The form of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Writes a report in this form.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(
        &self,
        report: &Report,
        look: &Look,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self.for_people {
            true => (self.write)(&report.shown(), look, out),
            false => (self.write)(report, look, out),
        }
    }

    /// Whether the Markdown is also wanted, in the file that `GITHUB_STEP_SUMMARY` names.
    pub(crate) fn summarizes(&self) -> bool {
        self.name == "github"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::rehearse::finding::stage::Stage;

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";

    /// A release with a race in it, and one change of each kind.
    fn racing() -> Report {
        let stage = Stage::with_versions(2).script(&[
            UPDATE,
            "publish-version --function-name pay",
            WAIT,
            "update-function-configuration --function-name pay --timeout 30 --environment Variables={KEY=s3cret}",
            WAIT,
            "publish-version --function-name pay --description 'release, 42%'",
            "update-alias --function-name pay --name live --function-version 3 \
             --routing-config AdditionalVersionWeights={2=0.25}",
            "delete-function --function-name pay --qualifier 1",
        ]);
        stage.report()
    }

    fn sound() -> Report {
        let stage = Stage::with_versions(1).script(&[
            UPDATE,
            WAIT,
            "publish-version --function-name pay",
            "update-alias --function-name pay --name live --function-version 2",
        ]);
        stage.report()
    }

    fn written(report: &Report, name: &str, color: bool) -> String {
        let mut text = Vec::new();
        let look = Look { width: 80, color };
        let format = Format::named(name).expect("a format");
        format.write(report, &look, &mut text).expect("written");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn text_ends_with_what_was_found_and_the_verdict() {
        assert_eq!(
            written(&racing(), "text", false),
            "
Rehearsal of ./deploy.sh prod
  deploy.sh:1  update-function-code           pay
  deploy.sh:2  1st publish-version            failed: the script went on
      ResourceConflictException: The operation cannot be performed at this time.
      An update is in progress for resource: pay
  deploy.sh:3  1st wait function-updated-v2   pay
  deploy.sh:4  update-function-configuration  pay
  deploy.sh:5  2nd wait function-updated-v2   pay
  deploy.sh:6  2nd publish-version            pay: version 3
  deploy.sh:7  update-alias                   pay: live → 3 + 25 % 2
  deploy.sh:8  delete-function                pay:1
Before and after
  pay  version                    3 published, \"release, 42%\"
  pay  version                    1 deleted
  pay  alias live                 2 → 3 + 25 % 2
  pay  Timeout                    3 → 30
  pay  CodeSha256                 +jU6F5Pv… → q939SBRr…
  pay  Environment.Variables.KEY  new: ****
  pay  files                      app.py changed
Findings
  error: deploy.sh:2: 1st publish-version of pay does not wait until the update
  is done
    update-function-code (deploy.sh:1) was not done 0.0 s later, so that this
    was refused with ResourceConflictException; the script went on.
    [race-after-update]
    instead: aws lambda wait function-updated-v2 --function-name pay

Broken: exit code 0, 1 error; 8 calls in 1.2 s. pay: version 3 published, 1
deleted, live 3 (75 %), 2 (25 %), Timeout, code, Environment.Variables.KEY
changed. A rehearsal cannot show permissions, quotas and networks.
"
        );
    }

    #[test]
    fn a_clean_run_says_so_in_one_line() {
        let text = written(&sound(), "text", false);
        let last = text.lines().rev().take(2).collect::<Vec<_>>();
        assert_eq!(
            last[1],
            "Clean: exit code 0; 4 calls in 1.2 s. pay: version 2 published, live 2, code"
        );
        assert!(!text.contains("Findings") && !text.contains("Not as on AWS"));
    }

    #[test]
    fn no_form_shows_a_value_of_the_environment() {
        let report = racing();
        for format in FORMATS {
            let text = written(&report, format.name, true);
            assert!(!text.contains("s3cret"), "{}: {text}", format.name);
            assert_eq!(
                text.contains('\x1b'),
                format.name == "text",
                "{}",
                format.name
            );
        }
    }

    #[test]
    fn json_has_everything_by_name() {
        let report: serde_json::Value =
            serde_json::from_str(&written(&racing(), "json", false)).expect("JSON");
        let at = |path: &str| report.pointer(path).cloned().unwrap_or_default();
        assert_eq!(at("/ExitCode"), 0);
        assert_eq!(at("/Calls/1/Error"), "ResourceConflictException");
        assert_eq!(at("/Calls/1/WentOn"), true);
        assert_eq!(at("/Functions/0/FunctionName"), "pay");
        assert_eq!(at("/Functions/0/PublishedVersions/0/Version"), "3");
        assert_eq!(at("/Functions/0/DeletedVersions/0"), "1");
        assert_eq!(at("/Functions/0/Aliases/0/Before/FunctionVersion"), "2");
        assert_eq!(
            at("/Functions/0/Aliases/0/After/AdditionalVersionWeights/2"),
            0.25
        );
        assert_eq!(at("/Findings/0/Rule"), "race-after-update");
        assert_eq!(at("/Findings/0/Severity"), "Error");
        assert_eq!(at("/Findings/0/Place/Line"), 2);
    }

    #[test]
    fn github_gets_an_annotation_a_finding_at_its_line() {
        let text = written(&racing(), "github", false);
        assert_eq!(
            text,
            "::error file=deploy.sh,line=2,title=1st publish-version of pay does not wait until the update is done\
             ::update-function-code (deploy.sh:1) was not done 0.0 s later, so that this was refused with \
             ResourceConflictException; the script went on.%0AInstead: aws lambda wait function-updated-v2 \
             --function-name pay\n\
             ::notice title=./deploy.sh prod%3A Broken::exit code 0, 1 error; 8 calls in 1.2 s. pay: version 3 \
             published, 1 deleted, live 3 (75 %25), 2 (25 %25), Timeout, code, Environment.Variables.KEY changed. \
             A rehearsal cannot show permissions, quotas and networks.\n"
        );
        assert!(
            written(&sound(), "github", false)
                .starts_with("::notice title=./deploy.sh prod%3A Clean::exit code 0; 4 calls")
        );
    }

    #[test]
    fn junit_has_a_test_a_rule_and_counts_them_right() {
        let text = written(&racing(), "junit", false);
        let cases = text.matches("<testcase ").count();
        assert!(
            text.contains(&format!("tests=\"{cases}\" failures=\"1\"")),
            "{text}"
        );
        assert_eq!(text.matches("<failure ").count(), 1);
        assert_eq!(text.matches("</testcase>").count(), cases);
        let text = written(&sound(), "junit", false);
        assert!(text.contains("failures=\"0\"") && !text.contains("<failure"));
    }

    #[test]
    fn markdown_begins_with_the_findings_and_takes_no_text_for_markup() {
        let mut report = racing();
        report.functions[0].published_versions[0].description = "a | *b* <c>".to_owned();
        let text = written(&report, "markdown", false);
        let at = |what: &str| text.find(what).expect("it is there");
        assert!(at("### Findings") < at("### Calls that failed"));
        assert!(at("### Calls that failed") < at("### Before and after"));
        assert!(text.contains(r#""a \| \*b\* \<c\>""#), "{text}");
    }

    #[test]
    fn no_form_for_people_prints_raw_what_is_not_ours() {
        const EVIL: &str = "x\n::error::y \x1b[31mz\u{202e}\r##[error]`|<b> \u{9b}2J ::warning::w";
        let mut report = racing();
        let evil = || EVIL.to_owned();
        report.command = vec![evil()];
        report.kept = Some(EVIL.into());
        for call in &mut report.calls {
            (call.name, call.program, call.outcome) = (evil(), evil(), evil());
            call.words = vec![evil()];
            call.answered = Answered::Guarded;
            call.hint = Some(evil());
        }
        let function = &mut report.functions[0];
        function.function.function_name = evil();
        function.published_versions[0].description = evil();
        for alias in &mut function.aliases {
            alias.name = evil();
        }
        for change in function.members.iter_mut().chain(&mut function.settings) {
            (change.name, change.after) = (evil(), Some(evil()));
        }
        function.files[0].name = evil();
        let finding = &mut report.findings[0];
        (finding.title, finding.explanation, finding.fix) = (evil(), evil(), evil());
        finding.place = Some(Place {
            file: EVIL.into(),
            line: 1,
        });
        for list in [
            &mut report.assumed,
            &mut report.bypassed,
            &mut report.leftovers,
        ] {
            list.push(evil());
        }
        report.services.push(Effect {
            service: evil(),
            operation: evil(),
            resource: evil(),
        });
        for format in FORMATS {
            let text = written(&report, format.name, false);
            let name = format.name;
            let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(name == "json" || !text.contains(raw), "{name}: {text:?}");
            assert!(name == "json" || !text.contains("##["), "{name}: {text}");
            assert!(
                !text.contains(['\x1b', '\r', '\u{9b}']) || name == "json",
                "{name}"
            );
            let commands = text
                .lines()
                .filter(|line| line.trim_start().starts_with("::"));
            let commands: Vec<&str> = commands.collect();
            assert_eq!(
                commands.len(),
                2 * usize::from(name == "github"),
                "{name}: {commands:?}"
            );
        }
        // A bar in a name ends no cell.
        let text = written(&report, "markdown", false);
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let bars = |row: &str| row.replace("\\|", "").matches('|').count();
        assert!(
            rows.clone().count() > 3 && rows.clone().all(|row| bars(row) == 4),
            "{text}"
        );
    }

    #[test]
    fn a_run_that_touched_nothing_has_nothing_before_and_after() {
        let stage = Stage::with_versions(1).script(&["get-function --function-name pay"]);
        let report = stage.report();
        assert_eq!((report.functions.len(), report.findings.len()), (0, 0));
        assert_eq!(report.calls.len(), 1);
    }

    #[test]
    fn created_and_deleted_functions_and_layers_are_told() {
        let stage = Stage::with_versions(1).script(&[
            "delete-function --function-name pay",
            "create-function --function-name new --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --tags a=b",
            "publish-layer-version --layer-name tools --zip-file fileb://one.zip",
        ]);
        let text = written(&stage.report(), "text", false);
        for line in [
            "  new    function       created\n",
            "  new    Tags.a         new: b\n",
            "  pay    function       deleted, with all its versions and aliases\n",
            "  tools  layer version  1 published\n",
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_there = text
                .lines()
                .any(|other| other.split_whitespace().collect::<Vec<_>>() == words);
            assert!(is_there, "{line}{text}");
        }
    }

    #[test]
    fn a_finding_that_somebody_lets_be_is_listed_and_counts_no_more() {
        let by = |finding: &str, line| Suppression {
            place: Some(Place {
                file: "deploy.sh".into(),
                line,
            }),
            lines: Some((line + 1, line + 1)),
            ..Suppression::of_project(finding.to_owned(), "the builder waits".to_owned())
        };
        let stage =
            Stage::with_versions(2).script(&[UPDATE, "publish-version --function-name pay"]);
        let broken = stage.report();
        assert!(broken.word() == "Broken" && broken.count(Severity::Error) == 1);
        let all = vec![by("race-after-update", 1), by("stale-revision-id", 1)];
        let report = stage.report_with(Notes {
            suppressions: all,
            ..Notes::default()
        });
        assert_eq!(
            (report.word(), report.findings.len()),
            ("Clean".to_owned(), 0)
        );
        for form in ["text", "markdown"] {
            let text = written(&report, form, false);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for line in [
                "deploy.sh:1: race-after-update, because the builder waits: publish-version of pay",
                "deploy.sh:1: stale-revision-id, because the builder waits: nothing of it was found",
            ] {
                assert!(text.contains(line), "{form}: {text}");
            }
        }
    }
}
