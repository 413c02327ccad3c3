//! `probe-inverted`: a script asked if a thing exists, and then did the opposite of what the answer requires.

use std::collections::BTreeMap;

use super::{Finding, Rule, Severity, was_looked_at};
use crate::{
    state::error::Code,
    tool::rehearse::{
        evidence::{Evidence, Key, Step, waiter},
        outcome::Outcome,
    },
};

pub(super) const RULE: Rule = Rule {
    name: "probe-inverted",
    about: "A script checked if a thing exists, and then took the wrong branch.",
    aws: "get-function and get-alias end with exit code 254 and ResourceNotFoundException if the thing does not \
        exist. Under set -o pipefail, `aws … 2>&1 | grep -q 'Function not found'` ends with that 254 even if grep \
        found the words, so the script takes the wrong branch. The same happens if `grep -q` closes the pipe early.",
    severities: "An error in two cases, after a call had told the script the truth. The script creates a thing that \
        exists, and AWS refuses. Or the script updates a thing that does not exist, and AWS refuses. No finding if a \
        later call repaired it.",
    instead: "if aws lambda get-function --function-name NAME >/dev/null 2>&1; then update; else create; fi",
    seen: "github.com/ibm-mas/cli/pull/1129, github.com/tektoncd/pipelines-as-code/pull/2993.",
    check,
};

/// A function, or an alias of a function.
type Thing = (Key, Option<String>);

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    // For each thing, the last answer to the question if it exists, and the call that got this answer.
    let mut known: BTreeMap<Thing, (bool, usize)> = BTreeMap::new();
    for step in evidence.steps() {
        let Some(key) = step.key() else { continue };
        if let Some(thing) = probed(&step) {
            let code = step
                .exchange
                .error
                .as_ref()
                .map(|error| Code::named(&error.kind));
            match code {
                None => known.insert(thing, (true, step.index)),
                Some(Some(code)) if code.status() == 404 => {
                    known.insert(thing, (false, step.index))
                }
                Some(_) => known.remove(&thing),
            };
            continue;
        }
        if step.operation() == "ListAliases" && step.answer().is_some() {
            let all = step
                .answer()
                .and_then(|answer| answer.get("Aliases")?.as_array());
            for alias in all.into_iter().flatten() {
                if let Some(name) = alias["Name"].as_str() {
                    known.insert((key.clone(), Some(name.to_owned())), (true, step.index));
                }
            }
        }
        let name = step.asked("Name").map(str::to_owned);
        let thing = (key.clone(), name.clone());
        let creates = matches!(step.operation(), "CreateFunction" | "CreateAlias");
        let updates = matches!(
            step.operation(),
            "UpdateFunctionCode" | "UpdateFunctionConfiguration" | "UpdateAlias" | "PublishVersion"
        );
        if !(creates || updates) {
            continue;
        }
        let Some(error) = &step.exchange.error else {
            known.remove(&thing);
            continue;
        };
        let is_made_good = matches!(
            evidence.outcome(step.index),
            Some(Outcome::MadeGood | Outcome::Retried | Outcome::Harmless | Outcome::TookEffect)
        );
        let status = Code::named(&error.kind).map(Code::status);
        let contradicts = match known.get(&thing) {
            Some((true, probe)) if creates && status == Some(409) => Some(*probe),
            Some((false, probe)) if updates && status == Some(404) => Some(*probe),
            _ => None,
        };
        let Some(probe) = contradicts.filter(|_| !is_made_good && !was_looked_at(&step)) else {
            continue;
        };
        let what = match &name {
            Some(name) => format!("alias {name} of {key}"),
            None => format!("function {key}"),
        };
        let (said, did) = match creates {
            true => ("exists", "is created again"),
            false => ("does not exist", "is updated"),
        };
        found.push(
            Finding::of_call(evidence, probe, Severity::Error)
                .on(Some(key))
                .titled(format!("{what} {said}, and {did}"))
                .explained(format!(
                    "{} said that it {said}. {} did not fit that, and AWS refused it with {}.",
                    evidence.name(probe),
                    evidence.named(step.index),
                    error.kind
                ))
                .fixed_by(match &name {
                    Some(name) => format!(
                        "if aws lambda get-alias --function-name {key} --name {name} >/dev/null 2>&1; then update-alias; else \
                         create-alias; fi"
                    ),
                    None => format!(
                        "if aws lambda get-function --function-name {key} >/dev/null 2>&1; then update; else create; fi"
                    ),
                })
                .explaining(Some(step.index)),
        );
    }
    found
}

/// The thing whose existence a call asks about.
fn probed(step: &Step<'_>) -> Option<Thing> {
    let target = step.target.as_ref()?;
    let thing = match step.operation() {
        "GetFunction" | "GetFunctionConfiguration" if target.qualifier.is_none() => None,
        "GetAlias" => Some(step.asked("Name")?.to_owned()),
        _ => return None,
    };
    waiter(step.call)
        .is_none()
        .then(|| (target.key.clone(), thing))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CREATE: &str = "create-function --function-name pay --runtime python3.13 --handler app.handler \
                          --role arn:aws:iam::123456789012:role/r --zip-file fileb://two.zip";
    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_create_of_what_is_there_and_an_update_of_what_is_not_are_errors() {
        assert_eq!(
            found(&["get-function --function-name pay", CREATE]),
            ["error probe-inverted 1"]
        );
        assert_eq!(
            found(&[
                "get-alias --function-name pay --name new",
                "update-alias --function-name pay --name new --function-version 1"
            ]),
            ["error probe-inverted 1"]
        );
        let empty = Stage::new().script(&["get-function --function-name pay", CODE]);
        assert_eq!(empty.found(), ["error probe-inverted 1"]);
    }

    #[test]
    fn who_does_what_was_said_or_falls_back_is_sound() {
        assert_eq!(found(&["get-function --function-name pay", CODE]), [""; 0]);
        let wait = "wait function-active-v2 --function-name pay";
        let empty = Stage::new().script(&["get-function --function-name pay", CREATE, wait]);
        assert_eq!(empty.found(), [""; 0]);
        assert_eq!(
            found(&[
                "get-alias --function-name pay --name new",
                "update-alias --function-name pay --name new --function-version 1",
                "create-alias --function-name pay --name new --function-version 1"
            ]),
            [""; 0]
        );
    }
}
