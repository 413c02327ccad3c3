//! `failure-ignored`: a change was refused, the script went on, and no later call made the change.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::{evidence::Evidence, outcome::Outcome, shell::Attention};

pub(super) const RULE: Rule = Rule {
    name: "failure-ignored",
    about: "A change was refused, the script went on, and nothing made it good.",
    aws: "A refused call changes nothing, and the AWS CLI ends with 254 (252 for a line that it does not understand). A \
        shell goes on after that unless set -e, || or an if looks at it; local x=$(…), a pipe without pipefail and a command \
        inside $(…) of echo hide it even from set -e.",
    severities: "An error. A refusal is none where what it asked for holds in the end, where the same call passed later, \
        where another operation did it, or where the script looked at it.",
    instead: "set -euo pipefail, an assignment of its own for each $(…), and a condition on the one error that is expected.",
    seen: "two in five public deploy scripts have set -e; one in five throws errors away (2>/dev/null, || true).",
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
            .titled(format!("{name} was refused, and the script went on"))
            .explained(format!(
                "{}: {}. Nothing that came after it did what it asked for{}.",
                why.kind,
                message.trim_end_matches(['.', ':']),
                match evidence.code {
                    Some(0) => ", and the script ended as if it had",
                    _ => "",
                }
            ))
            .fixed_by(
                "set -euo pipefail at the top, or `|| exit 1` behind it; where it may fail, look at the error",
            );
        // A loop gets the same refusal several times.
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
