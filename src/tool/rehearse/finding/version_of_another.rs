//! `version-of-another`: an alias gets the number of a version of another function.

use std::collections::BTreeMap;

use super::{Aliases, Finding, Rule, Severity, moves_alias};
use crate::tool::rehearse::evidence::{Evidence, Key};

pub(super) const RULE: Rule = Rule {
    name: "version-of-another",
    about: "An alias gets the number of a version that another function published.",
    aws: "Every function counts its own versions. A variable that a loop over functions sets keeps the number of the \
        last function. If another function has a version of that number, update-alias accepts it and the alias goes \
        to an old release.",
    severities: "An error if the run published a version of the function, but the alias ends on another one, and its number \
        is that of the last publish before, which was of another function. No finding for a version that an alias \
        of the function used before the run.",
    instead: "Publish and move the alias in the same turn of the loop, or keep the numbers by name: declare -A VERSION.",
    seen: "AWS's page on versions (numbers are per function and never used again).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let began = Aliases::before(evidence);
    let mut published: BTreeMap<&Key, &str> = BTreeMap::new();
    let mut last: Option<(Key, &str, usize)> = None;
    let steps: Vec<_> = evidence.steps().collect();
    for step in &steps {
        let Some(key) = step.key() else { continue };
        if let Some(version) = step.published() {
            published.insert(key, version);
            last = Some((key.clone(), version, step.index));
            continue;
        }
        let (Some(to), Some(name), true) = (
            step.answered("FunctionVersion"),
            step.asked("Name"),
            moves_alias(step),
        ) else {
            continue;
        };
        let own = published.get(key).filter(|own| **own != to);
        let (Some(own), Some((other, number, index))) = (own, &last) else {
            continue;
        };
        // `previous` gets the version that `live` had.
        let had = !began.using(key, to).is_empty();
        let ends_there = evidence
            .after(key)
            .and_then(|head| head.aliases.get(name))
            .is_some_and(|alias| alias.function_version == to);
        if other == key || *number != to || had || !ends_there {
            continue;
        }
        found.push(
            Finding::at(evidence, step, Severity::Error)
                .titled(format!(
                    "alias {name} of {key} moves to version {to}, the number of {other}"
                ))
                .explained(format!(
                    "{} answered this number for {other}. The script published version {own} of {key}, but {name} does not get it.",
                    evidence.named(*index)
                ))
                .fixed_by(format!(
                    "aws lambda update-alias --function-name {key} --name {name} --function-version {own}"
                )),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    /// Aliases of which one keeps the version that the other has now.
    const PREVIOUS: [&str; 2] = [
        "create-alias --function-name audit --name previous --function-version 1",
        "update-alias --function-name audit --name live --function-version 3",
    ];

    fn found(lines: &[&str]) -> Vec<String> {
        found_with(&[], lines)
    }

    fn found_with(given: &[&str], lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(2);
        stage.given(
            "create-function --function-name audit --runtime python3.13 --handler app.handler --role \
             arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --publish",
        );
        for seconds in 10..14 {
            stage.given(&format!(
                "update-function-configuration --function-name audit --timeout {seconds}"
            ));
            stage.given("publish-version --function-name audit");
        }
        stage.given("create-alias --function-name audit --name live --function-version 5");
        given.iter().for_each(|line| stage.given(line));
        stage.script(lines).found()
    }

    const AUDIT: [&str; 3] = [
        "update-function-code --function-name audit --zip-file fileb://two.zip",
        "wait function-updated-v2 --function-name audit",
        "publish-version --function-name audit",
    ];
    const PAY: [&str; 3] = [
        "update-function-code --function-name pay --zip-file fileb://two.zip",
        "wait function-updated-v2 --function-name pay",
        "publish-version --function-name pay",
    ];

    fn moved(name: &str, version: u64) -> String {
        format!("update-alias --function-name {name} --name live --function-version {version}")
    }

    #[test]
    fn the_number_of_the_last_functions_publish_is_an_error_for_the_first() {
        let (one, other) = (moved("audit", 3), moved("pay", 3));
        let lines = [&AUDIT[..], &PAY[..], &[&one, &other]].concat();
        assert_eq!(found(&lines), ["error version-of-another 7"]);
    }

    #[test]
    fn each_its_own_and_a_rollback_to_the_version_that_was_live_are_sound() {
        let (one, other) = (moved("audit", 6), moved("pay", 3));
        let lines = [&AUDIT[..], &PAY[..], &[&one, &other]].concat();
        assert_eq!(found(&lines), [""; 0]);
        let previous = "update-alias --function-name audit --name previous --function-version 3";
        let (one, pay) = (moved("audit", 6), moved("pay", 3));
        let lines = [&AUDIT[..], &PAY[..], &[&one, &pay, previous]].concat();
        assert_eq!(found_with(&PREVIOUS, &lines), [""; 0], "live had it");
        let (back, pay) = (moved("audit", 5), moved("pay", 3));
        let lines = [&AUDIT[..], &PAY[..], &[&pay, &back]].concat();
        assert_eq!(found(&lines), [""; 0]);
    }
}
