//! `role-too-new`: a function gets a role that was made a moment ago.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Rule, Severity, again::is_tried_again};
use crate::tool::rehearse::evidence::{Evidence, Step, between};

pub(super) const RULE: Rule = Rule {
    name: "role-too-new",
    about: "A function gets a role only seconds after the role was created.",
    aws: "Lambda knows a new role only some seconds after IAM created it. Until then AWS refuses create-function and \
        update-function-configuration with InvalidParameterValueException: The role defined for the function cannot \
        be assumed by Lambda. The first deploy to a new account fails, and the second one succeeds.",
    severities: "A warning if less than 5 seconds passed, the script did not wait for the role, and it does not \
        repeat a refused call.",
    instead: "Repeat the call until it succeeds, with a limit, or run sleep 10 after create-role. aws iam wait \
        role-exists asks only IAM and may end too early.",
    seen: "github.com/aws/chalice/pull/172, github.com/aws/aws-sdk-js/issues/4408, github.com/saltstack/salt/pull/30610.",
    check,
};

/// The age at which a role begins to count as known to all services.
const KNOWN_AFTER: SignedDuration = SignedDuration::from_secs(5);

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    // Maps the ARN of each role to the call that made the role, and to the moment of that call.
    let mut made: BTreeMap<&str, (usize, Timestamp)> = BTreeMap::new();
    for step in evidence.steps() {
        match (step.service(), step.operation()) {
            ("iam", "CreateRole") => {
                let arn = step.answer().and_then(|answer| answer.pointer("/Role/Arn"));
                if let Some(arn) = arn.and_then(|arn| arn.as_str()) {
                    made.insert(arn, (step.index, step.exchange.moment));
                }
            }
            ("lambda", "CreateFunction" | "UpdateFunctionConfiguration") => {
                // Each role yields at most one finding.
                if let Some((index, moment)) = step.asked("Role").and_then(|role| made.remove(role))
                {
                    found.extend(judge(evidence, &step, index, moment));
                }
            }
            _ => {}
        }
    }
    found
}

fn judge(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    made: usize,
    moment: Timestamp,
) -> Option<Finding> {
    let went_by = step.exchange.moment.duration_since(moment);
    let waits = evidence.calls[made..step.index].iter().any(|call| {
        call.words.iter().any(|word| word == "role-exists")
            || call.http.as_ref().is_some_and(|http| http.waits)
    });
    // If the program is not a shell script, its text is not read. The program may try again.
    let is_read = step.call.http.is_none();
    let passed = step.answer().is_some() && went_by < KNOWN_AFTER;
    if !passed || waits || !is_read || is_tried_again(evidence, step.index) {
        return None;
    }
    let key = step.key()?;
    Some(
        Finding::at(evidence, step, Severity::Warning)
            .titled(format!(
                "{} of {key} may come before Lambda knows the role",
                evidence.name(step.index)
            ))
            .explained(format!(
                "{} created the role {} earlier. For some seconds Lambda may refuse a new role: it cannot assume the \
                 role yet.",
                evidence.named(made),
                between(moment, step.exchange.moment)
            ))
            .fixed_by("sleep 10".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const ROLE: &str = "iam create-role --role-name new --assume-role-policy-document \
        '{\"Version\":\"2012-10-17\",\"Statement\":[]}'";
    const CREATE: &str = "create-function --function-name fresh --runtime python3.13 --handler app.handler \
        --role arn:aws:iam::123456789012:role/new --zip-file fileb://one.zip";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_function_right_behind_its_role_passes_by_luck() {
        let attach = "iam attach-role-policy --role-name new --policy-arn \
            arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(found(&[ROLE, attach, CREATE]), ["warning role-too-new 3"]);
        let change = "update-function-configuration --function-name pay --role arn:aws:iam::123456789012:role/new";
        assert_eq!(found(&[ROLE, change]), ["warning role-too-new 2"]);
    }

    #[test]
    fn a_sleep_a_waiter_and_a_role_from_before_are_sound() {
        assert_eq!(found(&[ROLE, "sleep 5", CREATE]), [""; 0]);
        assert_eq!(
            found(&[ROLE, "iam wait role-exists --role-name new", CREATE]),
            [""; 0]
        );
        assert_eq!(
            found(&[ROLE, &CREATE.replace("role/new", "role/old")]),
            [""; 0]
        );
    }
}
