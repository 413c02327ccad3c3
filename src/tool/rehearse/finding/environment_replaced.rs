//! `environment-replaced`: an update sets some variables and thereby removes all other variables.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Key, Step};

pub(super) const RULE: Rule = Rule {
    name: "environment-replaced",
    about: "A call removes environment variables: --environment replaces all of them.",
    aws: "update-function-configuration --environment sets the whole map. AWS drops every variable that the option \
        does not name, even one that another deploy or a person set. The function misses it at its next start.",
    severities: "A warning that names the dropped variables. No finding if the script read the environment and kept \
        a part of it, or cleared it on purpose (Variables={}).",
    instead: "Read Environment.Variables with get-function-configuration, merge your changes with jq, and send the \
        whole map.",
    seen: "github.com/bustle/shep/pull/279, github.com/duplocloud/duploctl/pull/119.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut names: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for key in evidence.functions.keys() {
        let variables = evidence
            .before(key)
            .map(|head| head.latest.configuration.environment.iter());
        let variables = variables
            .into_iter()
            .flatten()
            .flat_map(|map| map.keys().cloned());
        names.insert(key.clone(), variables.collect());
    }
    let mut read: BTreeSet<Key> = BTreeSet::new();
    for step in evidence.steps() {
        let (Some(key), Some(_)) = (step.key(), step.answer()) else {
            continue;
        };
        if step.call.query.is_some() && step.shows("Environment") {
            read.insert(key.clone());
        }
        let sets = matches!(
            step.operation(),
            "UpdateFunctionConfiguration" | "CreateFunction"
        );
        let Some(set) = given(&step).filter(|_| sets) else {
            continue;
        };
        let was = names.insert(key.clone(), set.clone()).unwrap_or_default();
        let left = evidence
            .after(key)
            .and_then(|head| head.latest.configuration.environment.as_ref());
        let gone: Vec<&str> = was
            .difference(&set)
            .filter(|name| !left.is_some_and(|left| left.contains_key(name.as_str())))
            .map(String::as_str)
            .collect();
        let merged = read.contains(key) && !was.is_disjoint(&set);
        if gone.is_empty() || merged || set.is_empty() {
            continue;
        }
        let (gone, verb) = (gone.join(", "), if gone.len() == 1 { "is" } else { "are" });
        found.push(
            Finding::at(evidence, &step, Severity::Warning)
                .titled(format!("{} of {key} drops {gone}", evidence.name(step.index)))
                .explained(format!(
                    "--environment replaces all variables. {gone} {verb} not among the {} that it names, and no \
                     later call sets them.",
                    set.len()
                ))
                .fixed_by(format!(
                    "read aws lambda get-function-configuration --function-name {key} --query Environment.Variables, \
                     and merge the new variables into that"
                )),
        );
    }
    found
}

/// The names of the variables that a call sets; `None` if the call does not change the variables.
fn given(step: &Step<'_>) -> Option<BTreeSet<String>> {
    let environment = step.exchange.request.get("Environment")?;
    let variables = environment.get("Variables").and_then(Value::as_object);
    Some(
        variables
            .into_iter()
            .flat_map(|map| map.keys().cloned())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const SET: &str = "update-function-configuration --function-name pay --environment Variables=";

    fn found(lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(1);
        stage.given(&format!("{SET}{{URL=x,KEY=y}}"));
        stage.script(lines).found()
    }

    #[test]
    fn variables_that_are_dropped_are_a_warning_with_their_names() {
        let some = format!("{SET}{{URL=z}}");
        assert_eq!(found(&[&some]), ["warning environment-replaced 1"]);
        let stage = Stage::with_versions(1);
        stage.given(&format!("{SET}{{URL=x,KEY=y}}"));
        let findings = stage.script(&[&some]).findings();
        assert_eq!(
            findings[0].title,
            "update-function-configuration of pay drops KEY"
        );
    }

    #[test]
    fn who_keeps_them_merges_them_or_clears_them_is_sound() {
        let (all, none, some) = (
            format!("{SET}{{URL=z,KEY=z,NEW=z}}"),
            format!("{SET}{{}}"),
            format!("{SET}{{URL=z}}"),
        );
        assert_eq!(found(&[&all]), [""; 0]);
        assert_eq!(found(&[&none]), [""; 0]);
        let read = "get-function-configuration --function-name pay --query Environment.Variables";
        assert_eq!(found(&[read, &some]), [""; 0]);
        let back = "wait function-updated --function-name pay";
        assert_eq!(found(&[&some, back, &all]), [""; 0], "set again");
        assert_eq!(
            found(&["update-function-configuration --function-name pay --timeout 9"]),
            [""; 0]
        );
    }
}
