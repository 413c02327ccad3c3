//! `other-region`: a loop over regions makes all its calls in one region.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, Severity};
use crate::{
    operation::ec2::describe_regions::is_region,
    tool::rehearse::evidence::{Evidence, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "other-region",
    about: "A loop over regions made all its calls in one region.",
    aws: "The region comes from --region, then from AWS_REGION, then from AWS_DEFAULT_REGION, then from the profile. \
        A loop may forget --region on one line, or export AWS_DEFAULT_REGION while the CI job has set AWS_REGION. It \
        then deploys to the same region again and again, and the other regions stay as they were.",
    severities: "An error if calls that change something were meant for several regions and all went to one. The \
        meaning comes from the words of the calls, from the calls beside them, from AWS_DEFAULT_REGION or from the \
        list of the loop.",
    instead: "Write --region \"$REGION\" on every line, or export AWS_REGION.",
    seen: "AWS's page on the region of SDKs and tools; github.com/aws/aws-cli/pull/3800, github.com/aws/aws-cli/issues/735.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut groups: BTreeMap<Vec<String>, Vec<Step<'_>>> = BTreeMap::new();
    let steps: Vec<Step<'_>> = evidence
        .steps()
        .filter(|step| {
            step.exchange.service == "lambda" && step.changes() && step.answer().is_some()
        })
        .collect();
    for step in &steps {
        if !names_region(step) {
            groups
                .entry(without_regions(step))
                .or_default()
                .push(step.clone());
        }
    }
    for group in groups.values() {
        let [first, .., last] = group.as_slice() else {
            continue;
        };
        let used: BTreeSet<&str> = group
            .iter()
            .map(|step| step.exchange.region.as_str())
            .collect();
        if used.len() != 1 || first.call.place != last.call.place {
            continue;
        }
        let Some(why) = meant(evidence, group, &steps) else {
            continue;
        };
        let region = &first.exchange.region;
        // The first call that went to the wrong region.
        let astray = &group[1];
        found.push(
            Finding::at(evidence, astray, Severity::Error)
                .titled(format!(
                    "{} went to {region} each time",
                    plain(evidence, astray)
                ))
                .explained(format!(
                    "The script made this call {} times, and {why}.",
                    group.len()
                ))
                .fixed_by("--region \"$REGION\" on this line, or export AWS_REGION in the loop"),
        );
    }
    // All these calls are one fault. It is reported at the first line.
    found.sort_by_key(|finding| finding.index);
    found.dedup_by(|later, first| later.function_name == first.function_name);
    found
}

/// The evidence that the script was meant for several regions.
fn meant(evidence: &Evidence<'_>, group: &[Step<'_>], all: &[Step<'_>]) -> Option<String> {
    let region = &group.first()?.exchange.region;
    let words = group.iter().flat_map(|step| &step.call.words);
    let named: BTreeSet<String> = words.flat_map(|word| regions(word)).collect();
    if named.len() > 1 {
        return Some(format!("the words of the calls name {}", listed(&named)));
    }
    let shadowed: BTreeSet<Option<&str>> = group
        .iter()
        .map(|step| step.call.default_region.as_deref())
        .collect();
    if shadowed.len() > 1 {
        let names: BTreeSet<String> = shadowed.into_iter().flatten().map(str::to_owned).collect();
        return Some(format!(
            "AWS_DEFAULT_REGION was {}, which AWS_REGION={region} overrides",
            listed(&names)
        ));
    }
    // Other calls about the same function or layer went to several regions.
    let thing = |step: &Step<'_>| {
        let layer = step.asked("LayerName").map(str::to_owned);
        step.key().map(|key| key.function_name.clone()).or(layer)
    };
    let of = group.first().and_then(thing);
    let beside: BTreeSet<String> = all
        .iter()
        .filter(|step| thing(step) == of && names_region(step))
        .map(|step| step.exchange.region.clone())
        .collect();
    if beside.len() > 1 && beside.len() == group.len() {
        return Some(format!("the calls beside it went to {}", listed(&beside)));
    }
    // The text of the loop lists the regions.
    let is_loop = group
        .windows(2)
        .all(|pair| pair[0].call.words == pair[1].call.words);
    let regions_in = |index: usize| -> BTreeSet<String> {
        let text = evidence.script(index).unwrap_or_default();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        code.map(|line| regions(line).collect::<BTreeSet<_>>())
            .find(|regions| regions.len() == group.len())
            .unwrap_or_default()
    };
    let listed_ones = regions_in(group.first()?.index);
    if is_loop && listed_ones.len() > 1 {
        return Some(format!("the script goes through {}", listed(&listed_ones)));
    }
    let asked = evidence.steps().find(|step| {
        let of_answer = || {
            let list = step.answer()?.get("Regions")?.as_array()?;
            Some(list.len())
        };
        step.operation() == "DescribeRegions" && of_answer() == Some(group.len())
    })?;
    is_loop.then(|| {
        format!(
            "{} had listed the same number of regions",
            evidence.named(asked.index)
        )
    })
}

fn listed(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        [first, second, third, .., last] if names.len() > 4 => {
            format!("{first}, {second}, {third} … {last}")
        }
        _ => names.join(", "),
    }
}

fn names_region(step: &Step<'_>) -> bool {
    let mut words = step.call.words.iter();
    words.any(|word| word.split('=').next() == Some("--region"))
}

/// The names of regions in a text.
fn regions(text: &str) -> impl Iterator<Item = String> + '_ {
    // A region may be part of a longer name: `code-eu-west-1`, `eu-west-1/app.zip`.
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    parts.flat_map(|part| {
        let pieces: Vec<&str> = part.split('-').collect();
        let names: Vec<String> = (0..pieces.len())
            .flat_map(|from| {
                [3, 4].map(|many| pieces.get(from..from + many).map(|name| name.join("-")))
            })
            .flatten()
            .filter(|name| is_region(name))
            .collect();
        names
    })
}

/// A call's words without the names of regions.
fn without_regions(step: &Step<'_>) -> Vec<String> {
    let words = step.call.words.iter().map(|word| {
        regions(word).fold(word.clone(), |word, region| {
            word.replace(&region, "{region}")
        })
    });
    std::iter::once(step.exchange.operation.clone())
        .chain(words)
        .collect()
}

fn plain(evidence: &Evidence<'_>, step: &Step<'_>) -> String {
    let name = evidence.name(step.index);
    match step.key() {
        Some(key) => format!("{name} of {key}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const LAYER: &str =
        "publish-layer-version --layer-name deps --zip-file fileb://one.zip --description";

    #[test]
    fn words_that_name_regions_and_go_to_one_are_an_error() {
        // The test stage puts each call on its own line. In a loop, all calls have the same line.
        let lines = [format!("{LAYER} eu-west-1"), format!("{LAYER} us-east-1")];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let stage = Stage::with_versions(0).script(&lines);
        assert_eq!(stage.found(), [""; 0], "two lines are no loop");
    }

    #[test]
    fn names_of_regions_are_found_in_names() {
        let of = |text: &str| super::regions(text).collect::<Vec<_>>();
        assert_eq!(
            of("s3://code-eu-west-1/us-east-1.zip"),
            ["eu-west-1", "us-east-1"]
        );
        assert_eq!(of("us-gov-west-1"), ["us-gov-west-1"]);
        assert_eq!(of("not-a-region-1"), [""; 0]);
    }
}
