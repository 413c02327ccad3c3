//! `rollback-to-latest`: the script keeps `$LATEST` as "the version before", or moves an alias to `$LATEST` instead of
//! a version.

use serde_json::Value;

use super::{Aliases, Finding, Rule, Severity, moves_alias, number};
use crate::tool::rehearse::evidence::{Evidence, Key, Step};

pub(super) const RULE: Rule = Rule {
    name: "rollback-to-latest",
    about: "A script uses $LATEST as the version that was live.",
    aws: "Without a qualifier, Version is always $LATEST in the answers of get-function, get-function-configuration, \
        update-function-code and update-function-configuration. An alias that moves \"back\" to it points at the \
        code that was uploaded last: the code that the rollback was meant to leave.",
    severities: "An error if an alias moves from a number to $LATEST after the script read $LATEST as a Version. A \
        warning if a query asks for a Version that can only be $LATEST.",
    instead: "The live version is the answer of aws lambda get-alias --function-name NAME --name ALIAS --query \
        FunctionVersion --output text.",
    seen: "github.com/bustle/shep/pull/94; public scripts that keep Configuration.Version as the version before.",
    check,
};

/// The read that gave the script `$LATEST`.
struct Read {
    key: Key,
    index: usize,
    /// True if the read asked only for the version.
    alone: bool,
}

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut reads: Vec<Read> = Vec::new();
    let mut aliases = Aliases::before(evidence);
    for step in evidence.steps() {
        if let Some(read) = reads_latest(&step) {
            if read.alone {
                found.push(warning(evidence, &step));
            }
            reads.push(read);
        }
        if let Some(finding) = rolls_back(evidence, &step, &reads, &aliases) {
            // The fault is reported once, at the call where it does harm.
            found.retain(|other| {
                other.function_name != finding.function_name || other.severity == Severity::Error
            });
            found.push(finding);
        }
        aliases.follow(&step);
    }
    // A loop may make the same read again and again.
    found.dedup_by(|a, b| (a.severity, &a.place, &a.title) == (b.severity, &b.place, &b.title));
    found
}

/// The read, if the API call reads the Version of the function itself.
fn reads_latest(step: &Step<'_>) -> Option<Read> {
    let target = step.target.as_ref()?;
    let is_read = match step.exchange.operation.as_str() {
        "GetFunction" | "GetFunctionConfiguration" => {
            target.qualifier.is_none() && super::super::evidence::waiter(step.call).is_none()
        }
        "UpdateFunctionCode" => !step.is_set("Publish"),
        "UpdateFunctionConfiguration" => true,
        _ => false,
    };
    if !is_read {
        return None;
    }
    let seen = step.seen()?;
    let alone = step.call.query.is_some() && seen == "$LATEST";
    holds_latest(&seen).then(|| Read {
        key: target.key.clone(),
        index: step.index,
        alone,
    })
}

/// Returns true if a value is `$LATEST` or contains it.
fn holds_latest(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "$LATEST",
        Value::Array(items) => items.iter().any(holds_latest),
        Value::Object(members) => members.values().any(holds_latest),
        _ => false,
    }
}

fn warning(evidence: &Evidence<'_>, step: &Step<'_>) -> Finding {
    let query = step.call.query.as_deref().unwrap_or_default();
    Finding::at(evidence, step, Severity::Warning)
        .titled(format!("--query {query} is always $LATEST here"))
        .explained(
            "Without a qualifier or --publish, the answer is about $LATEST, not about the live version. It is of no \
             use as a rollback target or as the number of a release.",
        )
        .fixed_by(format!(
            "aws lambda get-alias --function-name {} --name ALIAS --query FunctionVersion --output text",
            function(step)
        ))
}

fn rolls_back(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    reads: &[Read],
    aliases: &Aliases,
) -> Option<Finding> {
    let target = step.target.as_ref()?;
    if !moves_alias(step) || step.answered("FunctionVersion") != Some("$LATEST") {
        return None;
    }
    let mut of_function = reads.iter().rev().filter(|read| read.key == target.key);
    // If a read asked only for the version, it is more likely the source of the value.
    let read = of_function
        .clone()
        .find(|read| read.alone)
        .or_else(|| of_function.next())?;
    let name = step.asked("Name").unwrap_or_default();
    let was = aliases
        .get(&target.key, name)
        .map(|points| points.version.as_str());
    // If an alias is meant to follow $LATEST, it has pointed to $LATEST since its creation.
    let moved = was.is_some_and(|was| number(was).is_some());
    let begins = read.alone && was.is_none();
    if !(moved || begins) {
        return None;
    }
    let from = match was {
        Some(was) => format!(" from version {was}"),
        None => String::new(),
    };
    Some(
        Finding::at(evidence, step, Severity::Error)
            .titled(format!("alias {name} of {} moves{from} to $LATEST", target.key))
            .explained(format!(
                "{} answered $LATEST, as it always does without a qualifier. That is not the version that was live. \
                 {name} points at the code that was uploaded last.",
                evidence.named(read.index)
            ))
            .fixed_by(format!(
                "aws lambda get-alias --function-name {} --name {name} --query FunctionVersion --output text",
                target.key
            )),
    )
}

fn function<'s>(step: &'s Step<'_>) -> &'s str {
    step.target
        .as_ref()
        .map_or("NAME", |target| target.key.function_name.as_str())
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const ASK: &str =
        "get-function --function-name pay --query Configuration.Version --output text";
    const BACK: &str = "update-alias --function-name pay --name live --function-version $LATEST";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_version_that_can_only_be_latest_is_told_before_it_is_needed() {
        assert_eq!(found(&[ASK]), ["warning rollback-to-latest 1"]);
        for line in [
            "get-function-configuration --function-name pay --query Version --output text",
            "update-function-code --function-name pay --zip-file fileb://two.zip --query Version --output text",
            "update-function-configuration --function-name pay --timeout 9 --query Version --output text",
        ] {
            assert_eq!(found(&[line]), ["warning rollback-to-latest 1"], "{line}");
        }
    }

    #[test]
    fn a_rollback_to_it_is_one_error() {
        assert_eq!(found(&[ASK, BACK]), ["error rollback-to-latest 2"]);
        let by_jq = ["get-function --function-name pay", BACK];
        assert_eq!(found(&by_jq), ["error rollback-to-latest 2"]);
        let stage = Stage::with_versions(1).script(&[ASK, BACK]);
        assert_eq!(
            stage.findings()[0].title,
            "alias live of pay moves from version 1 to $LATEST"
        );
    }

    #[test]
    fn who_reads_the_alias_is_sound() {
        for lines in [
            &[
                "get-alias --function-name pay --name live --query FunctionVersion --output text",
                "update-alias --function-name pay --name live --function-version 1",
            ][..],
            &["get-function --function-name pay --qualifier live --query Configuration.Version"],
            &["get-function --function-name pay:live --query Configuration.Version"],
            &["get-function --function-name pay --query Configuration.[State,LastUpdateStatus]"],
            &[
                "update-function-code --function-name pay --zip-file fileb://two.zip --publish --query Version",
            ],
        ] {
            assert_eq!(found(lines), [""; 0], "{lines:?}");
        }
    }

    #[test]
    fn an_alias_that_follows_latest_may_go_on_to() {
        let stage = Stage::with_versions(1);
        stage.given("create-alias --function-name pay --name dev --function-version $LATEST");
        let stage = stage.script(&[
            "get-function --function-name pay",
            "update-alias --function-name pay --name dev --function-version $LATEST",
        ]);
        assert_eq!(stage.found(), [""; 0]);
    }
}
