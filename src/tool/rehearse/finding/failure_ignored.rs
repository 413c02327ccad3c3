//! `failure-ignored`: a change was refused, the script went on, and no later call made the change.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::{evidence::Evidence, outcome::Outcome, shell::Attention};

pub(super) const RULE: Rule = Rule {
    name: "failure-ignored",
    about: "AWS refused a change, the script went on, and no later call repaired it.",
    aws: "A refused call changes nothing, and the AWS CLI ends with exit code 254 (252 for a line that it does not \
        understand). The shell goes on after that, unless the script has set -e, || or an if. Even with set -e, \
        three forms hide the failure: local x=$(…), a pipe without pipefail, and a command inside $(…) of echo.",
    severities: "An error. No finding if the requested state holds at the end, if the same call succeeded later, if \
        another operation did the same, or if the script checked for the failure.",
    instead: "Write set -euo pipefail. Give each $(…) an assignment of its own. Test for the one error that you \
        expect.",
    seen: "two in five public deploy scripts have set -e; one in five discards errors (2>/dev/null, || true).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (index, call) in evidence.calls.iter().enumerate() {
        let is_looked_at = matches!(call.attention, Some(Attention::LookedAt(_)));
        let is_ignored = evidence.outcome(index) == Some(Outcome::Ignored) && !is_looked_at;
        let Some(why) = call.failure().filter(|_| is_ignored) else {
            continue;
        };
        let step = evidence
            .steps_of(index)
            .find(|step| step.exchange.error.is_some());
        let about = step.as_ref().and_then(|step| step.key());
        let name = match about {
            Some(key) => format!("{} of {key}", evidence.name(index)),
            None => evidence.name(index).to_owned(),
        };
        let message = why.message.lines().next().unwrap_or_default();
        let finding = Finding::of_call(evidence, index, Severity::Error)
            .on(about)
            .titled(format!("AWS refused {name}, and the script went on"))
            .explained(format!(
                "{}: {}. No later call made this change{}.",
                why.kind,
                message.trim_end_matches(['.', ':']),
                match evidence.code {
                    Some(0) => ", but the script ended with 0",
                    _ => "",
                }
            ))
            .fixed_by(
                "write set -euo pipefail at the top, or `|| exit 1` after the call; if the call may fail, test for \
                 that one error",
            );
        // In a loop, the same call may be refused several times. It is reported once.
        let is_told = found.iter().any(|other| {
            other.place.is_some()
                && (&other.place, &other.explanation) == (&finding.place, &finding.explanation)
        });
        if !is_told {
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(2).script(lines).found()
    }

    #[test]
    fn a_refused_change_that_nothing_makes_good_is_an_error() {
        let gone = "update-alias --function-name pay --name gone --function-version 2";
        assert_eq!(found(&[gone]), ["error failure-ignored 1"]);
        assert_eq!(
            found(&["publish-version --function-name pay --publish"]),
            ["error failure-ignored 1"],
            "a line that is no call"
        );
    }

    #[test]
    fn what_is_made_good_or_harmless_or_told_elsewhere_is_none() {
        let live = "update-alias --function-name pay --name gone --function-version 2";
        let create = "create-alias --function-name pay --name gone --function-version 2";
        assert_eq!(found(&[live, create]), [""; 0]);
        assert_eq!(found(&["delete-function --function-name gone"]), [""; 0]);
        let code = "update-function-code --function-name pay --zip-file fileb://two.zip";
        assert_eq!(
            found(&[code, "publish-version --function-name pay"]),
            ["error race-after-update 2"]
        );
    }
}
