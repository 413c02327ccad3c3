//! `layers-replaced`: an update sets some layers and thereby removes all other layers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Key};

pub(super) const RULE: Rule = Rule {
    name: "layers-replaced",
    about: "A call removes layers of a function: --layers replaces the whole list.",
    aws: "update-function-configuration --layers sets the whole list. A deploy that names only its own new layer \
        version removes every other layer, for example an extension or a certificate bundle.",
    severities: "A warning that names the removed layers. No finding for a new version of the same layer, or for an \
        empty list, which is on purpose.",
    instead: "Read Layers[].Arn with get-function-configuration, replace the old layer version by the new one, and \
        send the whole list.",
    seen: "AWS's page of UpdateFunctionConfiguration (a list of function layers to add to the execution environment).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut layers: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for key in evidence.functions.keys() {
        let of = evidence
            .before(key)
            .map(|head| &head.latest.configuration.layers);
        let of = of.into_iter().flatten().map(|layer| bare(&layer.arn));
        layers.insert(key.clone(), of.collect());
    }
    for step in evidence.steps() {
        let (Some(key), Some(_)) = (step.key(), step.answer()) else {
            continue;
        };
        let Some(given) = step
            .exchange
            .request
            .get("Layers")
            .and_then(Value::as_array)
        else {
            continue;
        };
        let set: BTreeSet<String> = given.iter().filter_map(Value::as_str).map(bare).collect();
        let was = layers.insert(key.clone(), set.clone()).unwrap_or_default();
        let left: BTreeSet<String> = evidence
            .after(key)
            .into_iter()
            .flat_map(|head| head.latest.configuration.layers.iter())
            .map(|layer| bare(&layer.arn))
            .collect();
        let gone: Vec<&str> = was
            .difference(&set)
            .filter(|name| !left.contains(*name))
            .map(|name| name.rsplit(':').next().unwrap_or(name))
            .collect();
        if gone.is_empty() || set.is_empty() {
            continue;
        }
        let gone = gone.join(", ");
        found.push(
            Finding::at(evidence, &step, Severity::Warning)
                .titled(format!("{} of {key} removes layer {gone}", evidence.name(step.index)))
                .explained(format!("--layers replaces the whole list, and {gone} is not on the new list."))
                .fixed_by(format!(
                    "read aws lambda get-function-configuration --function-name {key} --query 'Layers[].Arn', and \
                     add the new layer version to that list"
                )),
        );
    }
    found
}

/// A layer's ARN without the version.
fn bare(arn: &str) -> String {
    match arn.rsplit_once(':') {
        Some((layer, version)) if version.parse::<u64>().is_ok() => layer.to_owned(),
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:layer:";

    fn found(layers: &str) -> Vec<String> {
        let stage = Stage::with_versions(1);
        for name in ["deps", "certs", "deps"] {
            stage.given(&format!(
                "publish-layer-version --layer-name {name} --zip-file fileb://one.zip"
            ));
        }
        stage.given(&format!(
            "update-function-configuration --function-name pay --layers {ARN}deps:1 {ARN}certs:1"
        ));
        let line = format!("update-function-configuration --function-name pay --layers {layers}");
        stage.script(&[&line]).found()
    }

    #[test]
    fn a_layer_that_is_dropped_is_a_warning() {
        assert_eq!(
            found(&format!("{ARN}deps:2")),
            ["warning layers-replaced 1"]
        );
    }

    #[test]
    fn a_new_version_of_it_and_an_empty_list_are_sound() {
        assert_eq!(found(&format!("{ARN}certs:1 {ARN}deps:2")), [""; 0]);
        assert_eq!(found("[]"), [""; 0]);
    }
}
