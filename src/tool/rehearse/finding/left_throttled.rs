//! `left-throttled`: after the run, a function has a reserved concurrency of 0, which it did not have before the run.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "left-throttled",
    about: "A deploy leaves reserved concurrency at 0: nobody can invoke the function.",
    aws: "put-function-concurrency --reserved-concurrent-executions 0 stops every invocation of all versions and \
        aliases with TooManyRequestsException. It lasts until delete-function-concurrency, or until a higher number \
        is set. It belongs to the function, not to a version, and deploys do not change it.",
    severities: "An error if the run also did something else to the function. A script that only sets the 0 does so \
        on purpose.",
    instead: "Write trap 'aws lambda delete-function-concurrency --function-name NAME' EXIT before you set 0.",
    seen: "AWS's page on reserved concurrency; github.com/ilsilfverskiold/ai-tech-news-bot/issues/1.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for key in evidence.functions.keys() {
        let before = evidence
            .before(key)
            .and_then(|head| head.reserved_concurrency);
        let after = evidence
            .after(key)
            .and_then(|head| head.reserved_concurrency);
        if after != Some(0) || before == Some(0) {
            continue;
        }
        let steps: Vec<Step<'_>> = evidence
            .steps()
            .filter(|step| step.key() == Some(key) && step.changes())
            .collect();
        let stops = |step: &&Step<'_>| step.operation() == "PutFunctionConcurrency";
        let is_alone = steps.iter().all(|step| stops(&step));
        let Some(step) = steps.iter().rev().find(stops).filter(|_| !is_alone) else {
            continue;
        };
        found.push(
            Finding::at(evidence, step, Severity::Error)
                .titled(format!("{key} is left with reserved concurrency 0"))
                .explained(match evidence.code {
                    Some(0) => {
                        "The run set it to 0, and no later call undid that. AWS refuses every invocation with \
                         TooManyRequestsException."
                    }
                    _ => {
                        "The run set it to 0, and the script ended before it could undo that. AWS refuses every \
                         invocation with TooManyRequestsException."
                    }
                })
                .fixed_by(format!(
                    "trap 'aws lambda delete-function-concurrency --function-name {key}' EXIT before the call{}",
                    match before {
                        Some(before) => format!(", or set it back to {before}"),
                        None => String::new(),
                    }
                )),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const STOP: &str =
        "put-function-concurrency --function-name pay --reserved-concurrent-executions 0";
    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const GO: &str = "delete-function-concurrency --function-name pay";

    #[test]
    fn a_deploy_that_ends_stopped_is_an_error() {
        let stage = Stage::with_versions(1).script(&[STOP, CODE]);
        assert_eq!(stage.found(), ["error left-throttled 1"]);
    }

    #[test]
    fn who_gives_it_back_or_only_stops_it_is_sound() {
        for lines in [&[STOP, CODE, GO][..], &[STOP]] {
            assert_eq!(
                Stage::with_versions(1).script(lines).found(),
                [""; 0],
                "{lines:?}"
            );
        }
        let stage = Stage::with_versions(1);
        stage.given(STOP);
        assert_eq!(
            stage.script(&[STOP, CODE]).found(),
            [""; 0],
            "it was so before"
        );
    }
}
