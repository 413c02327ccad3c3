//! `invokes-other-version`: a smoke test's call is answered by a version that is not the released one.

use std::ops::Range;

use super::{Finding, Rule, Severity, moves_alias, number};
use crate::{
    state::alias::Alias,
    tool::rehearse::evidence::{Evidence, Key, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "invokes-other-version",
    about: "A smoke test of a release reaches another version.",
    aws: "invoke without a qualifier runs $LATEST; aliases do not matter. Through an alias with weights, chance \
        selects the version of each call: with a weight of 10 %, nine calls of ten reach the old version, so one \
        call does not test the new one. ExecutedVersion in the answer names the version that ran.",
    severities: "A warning. No finding if the run invoked the released version at any time: by its number, or by an \
        alias that sends all calls to it.",
    instead: "aws lambda invoke --function-name NAME --qualifier ALIAS. If the version gets only a share of the \
        traffic: --qualifier VERSION.",
    seen: "AWS's page on weighted aliases (ExecutedVersion); recordings of Invoke.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let keys = evidence.functions.keys();
    keys.filter_map(|key| of_function(evidence, key)).collect()
}

fn of_function(evidence: &Evidence<'_>, key: &Key) -> Option<Finding> {
    let steps: Vec<Step<'_>> = evidence
        .steps()
        .filter(|step| step.key() == Some(key) && step.answer().is_some())
        .collect();
    let moves: Vec<usize> = (0..steps.len())
        .filter(|at| moves_alias(&steps[*at]))
        .collect();
    moves.iter().enumerate().find_map(|(at, moved)| {
        let end = moves.get(at + 1).copied().unwrap_or(steps.len());
        of_move(evidence, key, &steps, *moved..end)
    })
}

/// Checks one move of an alias against the invocations before the next move.
fn of_move(
    evidence: &Evidence<'_>,
    key: &Key,
    steps: &[Step<'_>],
    range: Range<usize>,
) -> Option<Finding> {
    let step = &steps[range.start];
    let alias = step.asked("Name")?;
    let weights: Vec<(&str, f64)> = step
        .answer()?
        .pointer("/RoutingConfig/AdditionalVersionWeights")
        .and_then(|weights| weights.as_object())
        .into_iter()
        .flatten()
        .map(|(version, share)| (version.as_str(), share.as_f64().unwrap_or_default()))
        .collect();
    let points = step.answered("FunctionVersion")?;
    number(points)?;
    // If the alias has weights, the version on trial is the version that the alias did not use before the run.
    let was = evidence
        .before(key)
        .and_then(|head| head.aliases.get(alias));
    let was_used = |version: &str| was.is_some_and(|was: &Alias| was.uses(version));
    let on_trial = weights
        .iter()
        .copied()
        .find(|(version, _)| !was_used(version));
    let rest = 1.0 - weights.iter().map(|(_, share)| share).sum::<f64>();
    let (released, share) = on_trial.unwrap_or((points, rest));
    // An invocation counts at any time if it names the version by its number, or by an alias that points only to this
    // version.
    let is_met = steps.iter().filter(|step| is_smoke(step)).any(|invoke| {
        let drawn = qualifier(invoke) == Some(alias) && share < 1.0 && invoke.index > step.index;
        invoke.answered("ExecutedVersion") == Some(released)
            && !(drawn
                && steps[range.clone()]
                    .iter()
                    .any(|it| it.index == invoke.index))
    });
    if is_met {
        return None;
    }
    let after: Vec<&Step<'_>> = steps[range.clone()]
        .iter()
        .filter(|step| is_smoke(step))
        .collect();
    if after.is_empty() {
        let early = too_early(&steps[..range.start], alias, released)?;
        let ran = early.answered("ExecutedVersion")?;
        return Some(
            Finding::at(evidence, early, Severity::Warning)
                .titled(format!(
                    "{} of {key} runs {ran}, before {alias} moves to version {released}",
                    evidence.name(early.index)
                ))
                .explained(format!(
                    "The new version was published, but the alias still pointed at the old one. {} moved it later. \
                     No call of this run reached version {released}.",
                    evidence.named(step.index)
                ))
                .fixed_by(format!(
                    "aws lambda invoke --function-name {key} --qualifier {released}"
                )),
        );
    }
    let through = after
        .iter()
        .filter(|invoke| qualifier(invoke) == Some(alias));
    let drawn = i32::try_from(through.count()).unwrap_or(i32::MAX);
    // With so many invocations, it is very likely that one of them reaches the version.
    if drawn > 0 && (1.0 - share).powi(drawn) < 0.05 {
        return None;
    }
    let first = after.first()?;
    let ran = first.answered("ExecutedVersion")?;
    let is_drawn = share < 1.0 && drawn > 0;
    let title = match is_drawn {
        true => format!(
            "{} of {key} goes through {alias}, which sends {:.0} % to version {released}",
            evidence.name(first.index),
            share * 100.0
        ),
        false => format!(
            "{} of {key} runs {ran}, and {alias} was moved to version {released}",
            evidence.name(first.index)
        ),
    };
    Some(
        Finding::at(evidence, first, Severity::Warning)
            .titled(title)
            .explained(match is_drawn {
                true => format!("Chance selects the version that answers; here it was {ran}."),
                false => format!(
                    "{} moved {alias} to version {released}, and no call of this run reached that version.",
                    evidence.named(step.index)
                ),
            })
            .fixed_by(format!(
                "aws lambda invoke --function-name {key} --qualifier {}",
                if share < 1.0 { released } else { alias }
            )),
    )
}

/// The call of a smoke test that came too early: after a version was published, and before the alias moved to this
/// version.
fn too_early<'s, 'e>(before: &'s [Step<'e>], alias: &str, released: &str) -> Option<&'s Step<'e>> {
    let publishes = |step: &Step<'_>| {
        matches!(step.operation(), "PublishVersion" | "UpdateFunctionCode")
            && step.answered("Version") == Some(released)
    };
    let published = before.iter().position(publishes)?;
    let mut smoke = before[published..].iter().filter(|step| is_smoke(step));
    smoke.find(|step| qualifier(step) == Some(alias))
}

fn qualifier<'s>(step: &'s Step<'_>) -> Option<&'s str> {
    step.target.as_ref()?.qualifier.as_deref()
}

/// Returns true for an invocation whose answer the script saw.
fn is_smoke(step: &Step<'_>) -> bool {
    step.operation() == "Invoke"
        && !matches!(step.asked("InvocationType"), Some("Event" | "DryRun"))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const TO: &str = "update-alias --function-name pay --name live --function-version";
    const RULE: &str = "warning invokes-other-version";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(3).script(lines).found()
    }

    #[test]
    fn a_smoke_call_to_latest_after_a_move_is_a_warning() {
        let moves = format!("{TO} 2");
        assert_eq!(
            found(&[&moves, "invoke --function-name pay out"]),
            [format!("{RULE} 2")]
        );
        assert_eq!(
            found(&[&moves, "invoke --function-name pay:3 out"]),
            [format!("{RULE} 2")]
        );
    }

    #[test]
    fn a_smoke_call_through_a_share_is_a_warning_unless_the_version_is_named() {
        let canary = format!("{TO} 3 --routing-config AdditionalVersionWeights={{2=0.1}}");
        let smoke = "invoke --function-name pay --qualifier live out";
        assert_eq!(found(&[&canary, smoke]), [format!("{RULE} 2")]);
        let named = "invoke --function-name pay --qualifier 2 out";
        assert_eq!(found(&[&canary, smoke, named]), [""; 0]);
        let promote = format!("{TO} 2 --routing-config AdditionalVersionWeights={{}}");
        assert_eq!(
            found(&[&canary, smoke, &promote]),
            [format!("{RULE} 2")],
            "the canary is over, and nobody met it"
        );
        let mut many = vec![canary.as_str()];
        many.extend([smoke; 30]);
        assert_eq!(found(&many), [""; 0]);
    }

    #[test]
    fn a_smoke_call_through_the_alias_before_it_is_moved_is_a_warning() {
        let release = [
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "wait function-updated --function-name pay",
            "publish-version --function-name pay",
        ];
        let moves = format!("{TO} 4");
        let with = |lines: &[&str]| found(&[&release[..], lines].concat());
        let smoke = "invoke --function-name pay:live out";
        assert_eq!(with(&[smoke, &moves]), [format!("{RULE} 4")]);
        assert_eq!(with(&[smoke, &moves, smoke]), [""; 0]);
        let named = "invoke --function-name pay:4 out";
        assert_eq!(with(&[smoke, named, &moves]), [""; 0]);
    }

    #[test]
    fn who_invokes_the_alias_or_tries_before_the_move_is_sound() {
        let moves = format!("{TO} 2");
        for lines in [
            &[&*moves, "invoke --function-name pay:live out"][..],
            &["invoke --function-name pay:2 out", &moves],
            &[
                "invoke --function-name pay:2 out",
                &moves,
                "invoke --function-name pay out",
            ],
            &[
                &moves,
                "invoke --function-name pay --invocation-type Event out",
            ],
            &["invoke --function-name pay out"],
        ] {
            assert_eq!(found(lines), [""; 0], "{lines:?}");
        }
    }
}
