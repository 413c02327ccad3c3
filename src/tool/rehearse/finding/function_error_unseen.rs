//! `function-error-unseen`: a smoke test's call returned an error of the function, and the deploy went on.

use super::{Finding, Rule, Severity, moves_alias};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "function-error-unseen",
    about: "An invoked function failed, and the script did not notice.",
    aws: "aws lambda invoke ends with exit code 0 and StatusCode 200 even if the function raises an error, runs out \
        of time or cannot be loaded. Only two places show the failure: FunctionError in the answer and errorMessage \
        in the output file.",
    severities: "An error if the script moved an alias after the failure. A warning if the script ended with 0 and \
        moved no alias back.",
    instead: "test \"$(aws lambda invoke … --query FunctionError --output text out.json)\" = None",
    seen: "github.com/aws/aws-cli/issues/3470.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for step in evidence.steps() {
        let failed = step
            .answer()
            .and_then(|answer| answer.get("FunctionError"))
            .is_some_and(|error| error.is_string());
        let (Some(key), true, Some(0)) = (step.key(), failed, evidence.code) else {
            continue;
        };
        let later: Vec<Step<'_>> = evidence
            .steps()
            .filter(|other| {
                other.index > step.index && other.key() == Some(key) && other.answer().is_some()
            })
            .collect();
        // The same call was made again later and succeeded.
        let recovered = later.iter().any(|other| {
            other.operation() == "Invoke" && other.answered("FunctionError").is_none()
        });
        let before = evidence.before(key);
        let goes_back = |other: &Step<'_>| {
            let name = other.asked("Name").unwrap_or_default();
            let was = before.and_then(|head| head.aliases.get(name));
            moves_alias(other)
                && was.is_some_and(|was| {
                    Some(&*was.function_version) == other.answered("FunctionVersion")
                })
        };
        let takes_back = later.iter().any(|other| {
            goes_back(other)
                || other.operation().starts_with("Delete")
                || other.operation() == "UpdateFunctionCode"
        });
        if recovered || takes_back {
            continue;
        }
        let moved = later.iter().find(|other| moves_alias(other));
        let severity = match moved {
            Some(_) => Severity::Error,
            None => Severity::Warning,
        };
        let finding = Finding::at(evidence, &step, severity)
            .titled(format!("{} of {key} got an error from the function, and the script ended with 0", evidence.name(step.index)))
            .explained(match moved {
                Some(moved) => format!(
                    "The answer had FunctionError, but the exit code of invoke was 0. After that, {} moved the \
                     alias.",
                    evidence.named(moved.index)
                ),
                None => "The answer had FunctionError, but the exit code of invoke was 0. The script undid nothing.".to_owned(),
            })
            .fixed_by("read --query FunctionError --output text, and go on only if it prints None");
        if !found
            .iter()
            .any(|other| other.place.is_some() && other.place == finding.place)
        {
            found.push(finding);
        }
    }
    found
}
