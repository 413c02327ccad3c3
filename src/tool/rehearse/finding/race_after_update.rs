//! `race-after-update`: a call needs a finished update, but the script did not wait for the update, and no read showed
//! that the update is done.

use super::{
    Aliases, Finding, Rule, Severity,
    again::is_tried_again,
    progress::{Progress, SlowChange, Unfinished},
};
use crate::tool::rehearse::evidence::{Evidence, Step, between};

pub(super) const RULE: Rule = Rule {
    name: "race-after-update",
    about: "A call needs a finished create or update, and the script did not wait for it.",
    aws: "Creating or updating a function takes seconds after the answer. Until then, State is Pending or \
        LastUpdateStatus is InProgress. During that time AWS refuses publish-version, update-function-code and \
        update-function-configuration with ResourceConflictException. It refuses invoke while State is Pending, and \
        invoke runs the old code while LastUpdateStatus is InProgress. State stays Active during an update, so wait \
        function-active and a check of State do not wait for the update.",
    severities: "An error if AWS refused the call, or if invoke ran the old code. A warning if the call passed only \
        because enough time had passed.",
    instead: "After an update, aws lambda wait function-updated-v2. After a create, wait function-active-v2. Or read \
        LastUpdateStatus until it is Successful. Or try again on ResourceConflictException.",
    seen: "github.com/aws/aws-cli/issues/6718, github.com/claudiajs/claudia/issues/226, and AWS's page on function states.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    // Pairs of a change and an operation for which a finding was already made or excluded. So each pair yields at most
    // one finding, and a script that tries again yields none.
    let mut settled: Vec<(usize, &str)> = Vec::new();
    let mut progress = Progress::default();
    let mut aliases = Aliases::before(evidence);
    for step in evidence.steps() {
        if let Some((version, unfinished)) = needed(&step, &progress, &aliases) {
            let fault = (unfinished.index, step.exchange.operation.as_str());
            if !settled.contains(&fault) {
                let finding = judge(evidence, &step, &version, unfinished);
                if finding.is_some() || step.failed_with("ResourceConflictException") {
                    settled.push(fault);
                }
                found.extend(finding);
            }
        }
        progress.follow(&step);
        aliases.follow(&step);
    }
    found
}

/// The version that must be finished before a call can succeed, and the change of this version that is in progress.
fn needed<'p>(
    step: &Step<'_>,
    progress: &'p Progress,
    aliases: &Aliases,
) -> Option<(String, &'p Unfinished)> {
    let target = step.target.as_ref()?;
    let version = match step.exchange.operation.as_str() {
        "UpdateFunctionCode" | "UpdateFunctionConfiguration" | "PublishVersion" => "$LATEST",
        "Invoke" => match target.qualifier.as_deref() {
            None => "$LATEST",
            Some(name) => step
                .answered("ExecutedVersion")
                .or_else(|| {
                    aliases
                        .get(&target.key, name)
                        .map(|points| points.version.as_str())
                })
                .unwrap_or(name),
        },
        _ => return None,
    };
    let unfinished = progress.of(&target.key, version)?;
    Some((version.to_owned(), unfinished))
}

fn judge(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    version: &str,
    unfinished: &Unfinished,
) -> Option<Finding> {
    let key = &step.target.as_ref()?.key;
    let time = between(unfinished.moment, step.exchange.moment);
    let begun = evidence.named(unfinished.index);
    let refused = step.failed_with("ResourceConflictException");
    if step.exchange.error.is_some() && (!refused || evidence.was_retried(step)) {
        // The call failed for another reason, or the script handles the failure.
        return None;
    }
    let early = step.exchange.moment.duration_since(unfinished.moment)
        < jiff::SignedDuration::try_from(evidence.settle).unwrap_or(jiff::SignedDuration::MAX);
    let severity = match refused || early {
        true => Severity::Error,
        false => Severity::Warning,
    };
    if severity == Severity::Warning && is_tried_again(evidence, step.index) {
        return None;
    }
    let invokes = step.exchange.operation == "Invoke" && unfinished.kind == SlowChange::Updated;
    let mut explanation = match (refused, early) {
        (true, _) => format!(
            "{begun} was not finished {time} later, so AWS refused this call with ResourceConflictException{}.",
            match evidence.went_on(step.index) {
                true => ", and the script went on",
                false => "",
            }
        ),
        (false, true) => {
            format!("{begun} was not finished {time} later, so this call ran the old code.")
        }
        (false, false) if invokes => format!(
            "The call ran the new code only because {time} had passed since {begun}. If AWS is slower, it runs the \
             old code."
        ),
        (false, false) => format!(
            "The call passed only because {time} had passed since {begun}. If AWS is slower, it refuses this call \
             with ResourceConflictException."
        ),
    };
    if let Some(index) = unfinished.other_wait {
        let name = evidence.name(index);
        explanation.push_str(&match unfinished.kind {
            SlowChange::Updated => {
                format!(" {name} does not wait for it: State stays Active during an update.")
            }
            _ => format!(" {name} does not wait for it."),
        });
    }
    let what = match unfinished.kind {
        SlowChange::Created => "the function is active",
        SlowChange::Updated => "the update is done",
        SlowChange::Published => "the version is active",
    };
    Some(
        Finding::at(evidence, step, severity)
            .titled(format!(
                "{} does not wait until {what}",
                plain(evidence, step)
            ))
            .explained(explanation)
            .fixed_by(unfinished.wait(key, version)),
    )
}

/// The call's name with the function's name.
fn plain(evidence: &Evidence<'_>, step: &Step<'_>) -> String {
    let name = evidence.name(step.index);
    match &step.target {
        Some(target) => format!("{name} of {}", target.key),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const PUBLISH: &str = "publish-version --function-name pay";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_publish_right_after_an_update_is_an_error_with_the_missing_wait() {
        let stage = Stage::with_versions(1).script(&[UPDATE, PUBLISH]);
        let findings = stage.findings();
        assert_eq!(stage.found(), ["error race-after-update 2"]);
        let finding = &findings[0];
        assert_eq!(
            finding.title,
            "publish-version of pay does not wait until the update is done"
        );
        assert!(
            finding
                .explanation
                .contains("update-function-code (deploy.sh:1)")
        );
        assert!(finding.explanation.contains("ResourceConflictException"));
        assert_eq!(
            finding.fix,
            "aws lambda wait function-updated-v2 --function-name pay"
        );
    }

    #[test]
    fn a_publish_that_passed_because_time_went_by_is_a_warning() {
        let stage = Stage::with_versions(1).script(&[UPDATE, "sleep 6.1", PUBLISH]);
        assert_eq!(stage.found(), ["warning race-after-update 2"]);
        let text = &stage.findings()[0].explanation;
        assert!(
            text.contains("passed only because 6.1 s had passed"),
            "{text}"
        );
    }

    #[test]
    fn every_way_to_wait_is_sound() {
        for between in [
            &["wait function-updated-v2 --function-name pay"][..],
            &["wait function-updated --function-name pay"],
            &[
                "sleep 3",
                "get-function --function-name pay --query Configuration.LastUpdateStatus --output text",
            ],
            &[
                "get-function-configuration --function-name pay --query [State,LastUpdateStatus] --output text",
                "sleep 3",
                "get-function-configuration --function-name pay --query [State,LastUpdateStatus] --output text",
            ],
            // The text shows that jq reads the status.
            &[
                "sleep 3",
                "get-function --function-name arn:aws:lambda:eu-west-1:123456789012:function:pay",
            ],
        ] {
            let mut lines = vec![UPDATE];
            lines.extend(between);
            lines.push(PUBLISH);
            assert_eq!(found(&lines), [""; 0], "{between:?}");
        }
    }

    #[test]
    fn what_looks_at_something_else_does_not_wait() {
        for between in [
            "wait function-active-v2 --function-name pay",
            "wait function-exists --function-name pay",
            "get-function --function-name pay --query Configuration.State --output text",
            "get-function --function-name pay --query Configuration.CodeSha256 --output text",
            "get-function-configuration --function-name pay:1",
            "get-alias --function-name pay --name live",
        ] {
            let lines = [UPDATE, "sleep 3", between, PUBLISH];
            assert_eq!(found(&lines), ["warning race-after-update 3"], "{between}");
            let lines = [UPDATE, between, PUBLISH];
            assert_eq!(found(&lines), ["error race-after-update 3"], "{between}");
        }
        let stage = Stage::with_versions(1).script(&[
            UPDATE,
            "wait function-active-v2 --function-name pay",
            PUBLISH,
        ]);
        assert!(
            stage.findings()[0]
                .explanation
                .contains("State stays Active during an update")
        );
    }

    #[test]
    fn a_look_while_it_was_in_progress_is_no_completion() {
        let lines = [
            UPDATE,
            "get-function --function-name pay",
            "sleep 3",
            PUBLISH,
        ];
        assert_eq!(found(&lines), ["warning race-after-update 3"]);
    }

    #[test]
    fn a_loop_that_tries_again_until_it_passes_is_sound() {
        let lines = [UPDATE, PUBLISH, "sleep 1", PUBLISH, "sleep 1", PUBLISH];
        assert_eq!(found(&lines), [""; 0]);
        let lines = [UPDATE, PUBLISH, "sleep 1", PUBLISH];
        assert_eq!(found(&lines), ["error race-after-update 2"], "it gave up");
    }

    #[test]
    fn one_update_after_another_races_too() {
        let configure = "update-function-configuration --function-name pay --timeout 9";
        let wait = "wait function-updated --function-name pay";
        assert_eq!(found(&[UPDATE, configure]), ["error race-after-update 2"]);
        assert_eq!(found(&[UPDATE, wait, configure, wait, PUBLISH]), [""; 0]);
        assert_eq!(
            found(&[UPDATE, wait, configure, PUBLISH]),
            ["error race-after-update 4"]
        );
        assert_eq!(
            found(&[
                UPDATE,
                wait,
                "wait function-updated --function-name other",
                configure,
                "sleep 3",
                PUBLISH
            ]),
            ["warning race-after-update 5"],
            "another function's wait is no wait for this one"
        );
    }

    #[test]
    fn a_create_wants_function_active() {
        let create = "create-function --function-name new --runtime python3.13 --handler app.handler \
                      --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip";
        let stage = Stage::new().script(&[create, "publish-version --function-name new"]);
        assert_eq!(stage.found(), ["error race-after-update 2"]);
        assert_eq!(
            stage.findings()[0].fix,
            "aws lambda wait function-active-v2 --function-name new"
        );
        let wait = "wait function-active --function-name new";
        let stage = Stage::new().script(&[create, wait, "publish-version --function-name new"]);
        assert_eq!(stage.found(), [""; 0]);
        let stage = Stage::new().script(&[create, "invoke --function-name new out.json"]);
        assert_eq!(stage.found(), ["error race-after-update 2"]);
    }

    #[test]
    fn a_smoke_test_of_the_old_code_is_told() {
        let invoke = "invoke --function-name pay out.json";
        assert_eq!(found(&[UPDATE, invoke]), ["error race-after-update 2"]);
        let text = Stage::with_versions(1).script(&[UPDATE, invoke]).findings();
        assert!(text[0].explanation.contains("ran the old code"));
        // The live version does not depend on the update.
        let invoke = "invoke --function-name pay --qualifier live out.json";
        assert_eq!(found(&[UPDATE, invoke]), [""; 0]);
    }

    #[test]
    fn a_call_that_fails_for_another_reason_is_no_race() {
        let wrong = "publish-version --function-name pay --code-sha256 x";
        let ignored = |line: usize| [format!("error failure-ignored {line}")];
        assert_eq!(found(&[UPDATE, "sleep 3", wrong]), ignored(2));
        assert_eq!(found(&["publish-version --function-name gone"]), ignored(1));
        assert_eq!(
            found(&[
                "update-function-code --function-name pay --zip-file fileb://two.zip --dry-run",
                PUBLISH
            ])
            .iter()
            .filter(|found| found.contains("race"))
            .count(),
            0,
            "a dry run updates nothing"
        );
    }
}
