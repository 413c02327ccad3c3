//! `not-understood`: `aws` does not understand the line, but the script takes the exit status for an answer of the
//! service.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::{
    calls::Answered, evidence::Evidence, outcome::Outcome, shell::Attention,
};

pub(super) const RULE: Rule = Rule {
    name: "not-understood",
    about: "A script treats a usage error of aws as an answer.",
    aws: "The AWS CLI ends with exit code 252 if it does not understand an option, a command or a value. It then \
        calls no service. if, while, && and || take that for a \"no\", and they get the same \"no\" on every run.",
    severities: "A warning: such a line never succeeds. If the line was to change something and the script did not \
        check it, the finding is failure-ignored.",
    instead: "Spell the line as `aws lambda COMMAND help` shows it. Treat exit code 254 (the service said no) and \
        252 (the line is wrong) differently.",
    seen: "public scripts with a misspelt option behind `if !` and 2>/dev/null: the script takes the wrong branch on \
        every run.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (index, call) in evidence.calls.iter().enumerate() {
        let is_aws = matches!(call.program.as_str(), "aws" | "lambdry");
        let was_played = is_aws && call.answered == Answered::Simulated && call.code == 252;
        let Some(why) = call
            .failure()
            .filter(|why| was_played && why.kind == "Usage")
        else {
            continue;
        };
        let is_told = call.attention == Some(Attention::EndedTheScript)
            || matches!(
                evidence.outcome(index),
                Some(Outcome::Ended | Outcome::Ignored | Outcome::Retried)
            );
        if is_told {
            continue;
        }
        let message = why.message.lines().next().unwrap_or_default();
        let finding = Finding::of_call(evidence, index, Severity::Warning)
            .titled(format!("aws does not understand {}", evidence.name(index)))
            .explained(format!(
                "{}. The line called no service, and the script went on as if AWS had said no. This happens on every \
                 run.",
                message.trim_end_matches(['.', ':'])
            ))
            .fixed_by("correct the line, and check the exit code: 252 is not an answer of the service");
        let is_same = |other: &Finding| {
            other.place.is_some()
                && (&other.place, &other.title) == (&finding.place, &finding.title)
        };
        if !found.iter().any(is_same) {
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    #[test]
    fn a_line_that_is_taken_for_an_answer_is_told_and_one_that_ends_the_script_is_not() {
        let probe = "get-function --function-nam pay --nonsense";
        let stage = Stage::with_versions(1).script(&[probe, "list-functions"]);
        assert_eq!(stage.found(), ["warning not-understood 1"]);
        let refused = "get-function --function-name gone";
        let stage = Stage::with_versions(1).script(&[refused, "list-functions"]);
        assert_eq!(stage.found(), [""; 0], "that is an answer");
        let change = "publish-version --function-name pay --nonsense";
        let stage = Stage::with_versions(1).script(&[change, "list-functions"]);
        assert_eq!(stage.found(), ["error failure-ignored 1"]);
    }
}
