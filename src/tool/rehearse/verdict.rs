//! The verdict of a rehearsal: one word, and the statements that it rests on. Both are computed from the [`Report`]
//! alone.
//!
//! Everything that the last line of a report can contain is a [`Statement`]. The worst statement that is true for a
//! report decides the [`Verdict`]. If a statement is added, the code does not compile until the statement's meaning is
//! defined. The test below fails until it has a report for which the statement is true and a report for which it is
//! false.

use serde::Serialize;

use super::{
    calls::Answered,
    finding::Severity,
    outcome::Outcome,
    report::{Made, Report, plural},
    shell::{Attention, Because, Unmade},
};

/// A rehearsal's verdict in one word. The variants go from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Verdict {
    /// The script ended with success, every change took effect, there was no finding, and every call in the text was
    /// made and played.
    Clean,
    /// Like `Clean`, but the text contains calls that were not made.
    CallsNeverRan,
    /// Something that the script used was not played, or its effect cannot be known.
    NotFullyPlayed,
    /// The script ended with success here, but may fail on AWS.
    PassedByLuck,
    /// The script failed, or a change that the script asked for did not take effect.
    Broken,
}

/// A statement that the last line of a report can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Statement {
    /// The script deleted the rehearsal's own folder.
    Lost,
    /// Calls were made that are not in the log. Either the log could not be written, or somebody changed the log.
    Unrecorded,
    /// The log has lines that are cut off, or that another program wrote.
    ForeignLines,
    /// No call of `aws` was seen.
    SawNothing,
    /// Findings that are errors, or changes of the rehearsed state.
    Errors,
    /// Findings that are warnings.
    Warnings,
    /// Changes that were refused. The script ignored the refusals, and no later call made the changes.
    Ignored,
    /// The script failed in the end.
    Failed,
    /// The script failed at a call that was not played.
    FailedUnplayed,
    /// A script of the session, or a script that the script started, ended at a call that failed.
    EndedInside,
    /// Steps that were not played and that nobody declared. The script used the answers or the statuses of these steps.
    Unplayed,
    /// Refused changes for which the script's reaction cannot be known.
    CannotTell,
    /// Refused changes that no later call made. The script looked at the refusals, or the calls were in a clean-up
    /// trap.
    LookedAt,
    /// Calls in the script's text that were not made.
    NeverRan,
}

impl Statement {
    /// All statements, in the order in which they are shown.
    pub(crate) const ALL: [Self; 14] = [
        Self::Lost,
        Self::Unrecorded,
        Self::ForeignLines,
        Self::SawNothing,
        Self::Failed,
        Self::FailedUnplayed,
        Self::EndedInside,
        Self::Errors,
        Self::Warnings,
        Self::Ignored,
        Self::LookedAt,
        Self::CannotTell,
        Self::Unplayed,
        Self::NeverRan,
    ];

    /// The best verdict that is possible when the statement is true.
    pub(crate) fn means(self) -> Verdict {
        match self {
            Self::Errors | Self::Ignored | Self::Failed | Self::EndedInside | Self::Unrecorded => {
                Verdict::Broken
            }
            Self::Warnings | Self::LookedAt => Verdict::PassedByLuck,
            Self::Lost
            | Self::ForeignLines
            | Self::SawNothing
            | Self::FailedUnplayed
            | Self::Unplayed
            | Self::CannotTell => Verdict::NotFullyPlayed,
            Self::NeverRan => Verdict::CallsNeverRan,
        }
    }

    /// Returns true if `--strict` fails because of this statement. `branches` is true if every call in the text must be
    /// made.
    fn fails(self, branches: bool) -> bool {
        match self {
            Self::Warnings | Self::LookedAt => false,
            Self::NeverRan => branches,
            _ => true,
        }
    }

    /// The words of the statement; `None` if the statement is false for the report.
    pub(crate) fn told(self, report: &Report) -> Option<String> {
        let some = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let of_calls = |is: &dyn Fn(&Made) -> bool| {
            let calls = report.calls.iter();
            calls.filter(|call| call.failed() && is(call)).count()
        };
        let became = |outcome| of_calls(&|call| call.became == Some(outcome));
        let failed = report.exit_code != Some(0);
        match self {
            Self::Lost => report.lost.then(|| {
                "the script deleted the rehearsal's own folder, with the state and the log of calls"
                    .to_owned()
            }),
            Self::Unrecorded => some(
                report.losses.missing,
                "call is missing from the log: the log could not be written, or something changed it",
                "calls are missing from the log: the log could not be written, or something changed it",
            ),
            Self::ForeignLines => some(
                report.losses.torn + report.losses.foreign,
                "line of the call log is incomplete or not from lambdry",
                "lines of the call log are incomplete or not from lambdry",
            ),
            Self::SawNothing => report
                .saw_nothing()
                .then(|| "nothing was rehearsed: the script made no aws call".to_owned()),
            Self::Errors => some(report.count(Severity::Error), "error", "errors"),
            Self::Warnings => some(report.count(Severity::Warning), "warning", "warnings"),
            Self::Ignored => some(
                report.ignored().count(),
                "refused change that the script did not repair",
                "refused changes that the script did not repair",
            ),
            Self::Failed => (failed && stopped_at(report).is_none()).then(|| report.ending()),
            Self::FailedUnplayed => {
                let call = stopped_at(report).filter(|_| failed)?;
                Some(format!(
                    "{} at {}, which was not played",
                    report.ending(),
                    call.name
                ))
            }
            Self::EndedInside => {
                let ended = of_calls(&|call| {
                    call.attention == Some(Attention::EndedTheScript)
                        && call.became.is_none_or(|became| became == Outcome::Ended)
                        && !is_unplayed(call)
                });
                let ended = ended.saturating_sub(usize::from(failed));
                some(
                    ended,
                    "script ended at a failed call",
                    "scripts ended at a failed call",
                )
            }
            Self::Unplayed => some(
                report.left_out().filter(|left| !left.declared).count(),
                "step not played as on AWS",
                "steps not played as on AWS",
            ),
            Self::CannotTell => some(
                became(Outcome::CannotTell),
                "refused change that the script may not have checked",
                "refused changes that the script may not have checked",
            ),
            Self::LookedAt => some(
                became(Outcome::LookedAt) + became(Outcome::InCleanUpTrap),
                "refused change that the script checked but did not repair",
                "refused changes that the script checked but did not repair",
            )
            .filter(|_| !failed),
            Self::NeverRan => {
                let never = never_ran(report).count();
                (never > 0).then(|| format!("{} never ran", plural(never, "call")))
            }
        }
    }
}

/// The calls that were not made. If a script failed, calls after the point of the failure are left out.
pub(crate) fn never_ran(report: &Report) -> impl Iterator<Item = &Unmade> {
    let failed = report.exit_code != Some(0);
    let unmade = report.unmade.iter();
    unmade.filter(move |unmade| !(failed && unmade.because == Because::TheScriptEnded))
}

/// Returns true if no part of lambdry answered the call.
fn is_unplayed(call: &Made) -> bool {
    call.answered == Answered::Guarded || call.is_not_simulated()
}

/// The call at which a failed script ended, if the call was not played.
fn stopped_at(report: &Report) -> Option<&Made> {
    let last = report.calls.last()?;
    (last.failed() && is_unplayed(last)).then_some(last)
}

impl Report {
    /// The statements that are true for the report, with their words.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (Statement, String)> {
        let all = Statement::ALL.into_iter();
        all.filter_map(|statement| Some((statement, statement.told(self)?)))
    }

    /// The verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        let means = self.statements().map(|(statement, _)| statement.means());
        means.max().unwrap_or(Verdict::Clean)
    }

    /// The verdict's words: `Clean`, `Clean, 2 calls never ran`, `Broken`.
    pub(crate) fn word(&self) -> String {
        match self.verdict() {
            Verdict::Clean => "Clean".to_owned(),
            Verdict::CallsNeverRan => {
                let never = Statement::NeverRan.told(self).unwrap_or_default();
                format!("Clean, {never}")
            }
            Verdict::NotFullyPlayed => "Not fully played".to_owned(),
            Verdict::PassedByLuck => "Passed by luck".to_owned(),
            Verdict::Broken => "Broken".to_owned(),
        }
    }

    /// The script's end, and the other facts that the verdict rests on: `exit code 0, 1 error, 2 warnings`.
    pub(crate) fn reasons(&self) -> String {
        let told = self.statements().filter(|(statement, _)| match statement {
            // The end of the script is always shown. The verdict's words already mention the calls that were not made.
            Statement::Failed => false,
            Statement::NeverRan => self.verdict() != Verdict::CallsNeverRan,
            _ => true,
        });
        let mut reasons: Vec<String> = told.map(|(_, words)| words).collect();
        if Statement::FailedUnplayed.told(self).is_none() {
            reasons.insert(0, self.ending());
        }
        reasons.join(", ")
    }

    /// Returns true if `--strict` accepts the report. `branches` is true if every call in the text must be made.
    pub(crate) fn passes(&self, branches: bool) -> bool {
        let mut statements = self.statements();
        !statements.any(|(statement, _)| statement.fails(branches))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::tool::rehearse::{
        calls::ScriptLine, finding::stage::Stage, report::Unseen, shell::By,
    };

    const MOVE: &str = "update-alias --function-name pay --name live --function-version 1";
    const REFUSED: &str = "update-alias --function-name pay --name gone --function-version 1";

    fn report(lines: &[&str]) -> Report {
        Stage::with_versions(2).script(lines).report()
    }

    /// A report whose only refusal has the given outcome.
    fn refused(became: Outcome, attention: Attention) -> Report {
        let mut report = report(&[REFUSED]);
        report.findings.clear();
        report.calls[0].became = Some(became);
        report.calls[0].attention = Some(attention);
        report
    }

    fn with(change: impl FnOnce(&mut Report)) -> Report {
        let mut report = report(&[MOVE]);
        change(&mut report);
        report
    }

    fn unmade(because: Because) -> Unmade {
        Unmade {
            place: ScriptLine {
                file: "deploy.sh".into(),
                line: 9,
            },
            operation: "lambda update-alias".to_owned(),
            because,
        }
    }

    /// Reports. Each comes with all the statements that are true for it.
    fn table() -> Vec<(&'static str, Report, Vec<Statement>, Verdict)> {
        use Statement::*;
        let race = [
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "publish-version --function-name pay",
        ];
        let prune = "delete-function --function-name pay --qualifier 2";
        vec![
            ("clean", report(&[MOVE]), vec![], Verdict::Clean),
            (
                "a refusal that is harmless",
                report(&["delete-function --function-name gone"]),
                vec![],
                Verdict::Clean,
            ),
            (
                "a branch",
                with(|it| it.unmade.push(unmade(Because::OfABranch))),
                vec![NeverRan],
                Verdict::CallsNeverRan,
            ),
            (
                "the end of a script that failed",
                with(|it| {
                    it.unmade.push(unmade(Because::TheScriptEnded));
                    it.exit_code = Some(1);
                }),
                vec![Failed],
                Verdict::Broken,
            ),
            ("an error", report(&race), vec![Errors], Verdict::Broken),
            (
                "a warning",
                {
                    let mut report = report(&[prune]);
                    report.calls[0].became = Some(Outcome::Harmless);
                    report
                        .findings
                        .retain(|it| it.severity == Severity::Warning);
                    report
                },
                vec![Warnings],
                Verdict::PassedByLuck,
            ),
            (
                "nobody looked",
                refused(Outcome::Ignored, Attention::NobodyLooked),
                vec![Ignored],
                Verdict::Broken,
            ),
            (
                "somebody looked",
                refused(Outcome::LookedAt, Attention::LookedAt(By::Condition)),
                vec![LookedAt],
                Verdict::PassedByLuck,
            ),
            (
                "a trap",
                refused(Outcome::InCleanUpTrap, Attention::InCleanUpTrap),
                vec![LookedAt],
                Verdict::PassedByLuck,
            ),
            (
                "nobody can tell",
                refused(Outcome::CannotTell, Attention::CannotTell),
                vec![CannotTell],
                Verdict::NotFullyPlayed,
            ),
            (
                "a session in which a script ended",
                refused(Outcome::Ended, Attention::EndedTheScript),
                vec![EndedInside],
                Verdict::Broken,
            ),
            (
                "a script that ended there itself",
                {
                    let mut report = refused(Outcome::Ended, Attention::EndedTheScript);
                    report.exit_code = Some(254);
                    report
                },
                vec![Failed],
                Verdict::Broken,
            ),
            (
                "ended by a signal",
                with(|it| (it.exit_code, it.signal) = (None, Some(15))),
                vec![Failed],
                Verdict::Broken,
            ),
            (
                "ended at what is not simulated",
                {
                    let mut report = refused(Outcome::NotPlayed, Attention::EndedTheScript);
                    report.exit_code = Some(255);
                    report.calls[0].error = Some("NotSimulated".to_owned());
                    report
                },
                vec![FailedUnplayed, Unplayed],
                Verdict::NotFullyPlayed,
            ),
            (
                "what is not simulated and was read",
                {
                    let mut report = refused(Outcome::NotPlayed, Attention::NobodyLooked);
                    report.calls[0].error = Some("NotSimulated".to_owned());
                    report
                },
                vec![Unplayed],
                Verdict::NotFullyPlayed,
            ),
            (
                "what is not simulated and does not matter",
                {
                    let dropped = Attention::LookedAtAndDropped(By::Or);
                    let mut report = refused(Outcome::NotPlayed, dropped);
                    report.calls[0].error = Some("NotSimulated".to_owned());
                    report
                },
                vec![],
                Verdict::Clean,
            ),
            (
                "a stub",
                with(|it| it.calls[0].answered = Answered::Stub),
                vec![],
                Verdict::Clean,
            ),
            (
                "assumed as it was asked",
                with(|it| it.assumed.push("function pay".to_owned())),
                vec![],
                Verdict::Clean,
            ),
            (
                "assumed unasked",
                with(|it| {
                    it.assumed.push("function pay".to_owned());
                    it.unasked.push("function pay".to_owned());
                }),
                vec![Unplayed],
                Verdict::NotFullyPlayed,
            ),
            (
                "an invocation that nothing answered",
                with(|it| it.calls[0].unanswered = Some("responses/pay.json".into())),
                vec![Unplayed],
                Verdict::NotFullyPlayed,
            ),
            (
                "what went around",
                with(|it| {
                    it.unseen.push(Unseen {
                        place: unmade(Because::OfABranch).place,
                        reason: "an absolute path".to_owned(),
                    });
                }),
                vec![Unplayed],
                Verdict::NotFullyPlayed,
            ),
            (
                "lost",
                with(|it| it.lost = true),
                vec![Lost],
                Verdict::NotFullyPlayed,
            ),
            (
                "nothing",
                with(|it| it.calls.clear()),
                vec![SawNothing],
                Verdict::NotFullyPlayed,
            ),
            (
                "a log that could not be written",
                with(|it| {
                    it.calls.clear();
                    it.losses.missing = 1;
                }),
                vec![Unrecorded],
                Verdict::Broken,
            ),
            (
                "a log with a line that is cut off",
                with(|it| it.losses.torn = 1),
                vec![ForeignLines],
                Verdict::NotFullyPlayed,
            ),
        ]
    }

    #[test]
    fn the_verdict_is_decided_by_the_statements_that_hold() {
        for (name, report, statements, verdict) in table() {
            let told: Vec<Statement> = report.statements().map(|(it, _)| it).collect();
            let mut wanted = statements;
            wanted.sort_by_key(|it| Statement::ALL.iter().position(|other| other == it));
            assert_eq!((told, report.verdict()), (wanted, verdict), "{name}");
        }
    }

    #[test]
    fn every_statement_is_told() {
        // The schema has every variant, even if the list lacks one.
        let schema = schemars::schema_for!(Statement);
        let variants = schema.get("oneOf").and_then(|all| all.as_array());
        assert_eq!(
            variants.map(Vec::len),
            Some(Statement::ALL.len()),
            "{schema:?}"
        );
    }

    #[test]
    fn every_statement_holds_in_some_run_and_not_in_another() {
        let table = table();
        let mut seen: BTreeMap<Statement, [usize; 2]> = BTreeMap::new();
        for (_, report, ..) in &table {
            for statement in Statement::ALL {
                let holds = statement.told(report).is_some();
                seen.entry(statement).or_default()[usize::from(holds)] += 1;
            }
        }
        for (statement, [not, holds]) in seen {
            assert!(
                not > 0 && holds > 0,
                "{statement:?}: {holds} runs, not in {not}"
            );
        }
    }

    #[test]
    fn clean_stands_beside_nothing_else_and_strict_is_as_it_says() {
        for (name, report, _, verdict) in table() {
            let word = report.word();
            assert_eq!(
                word.starts_with("Clean"),
                verdict <= Verdict::CallsNeverRan,
                "{name}"
            );
            let passes = verdict <= Verdict::CallsNeverRan || verdict == Verdict::PassedByLuck;
            assert_eq!(report.passes(false), passes, "{name}");
            let ran = never_ran(&report).next().is_none();
            assert_eq!(report.passes(true), passes && ran, "{name}");
        }
    }
}
