//! `deletes-version-in-use`: a clean-up goes for a version that an alias uses, or used a moment ago.

use std::collections::BTreeMap;

use super::{Aliases, Finding, Rule, Severity, number};
use crate::tool::rehearse::evidence::{Evidence, Key};

pub(super) const RULE: Rule = Rule {
    name: "deletes-version-in-use",
    about: "A clean-up goes for a version that an alias uses, or used before the run.",
    aws: "delete-function --qualifier N is refused with ResourceConflictException while an alias points at version N or \
        sends it a share of the traffic. A version that no alias uses any more is deleted without a question, the one that \
        was live a minute ago among them, and its number never comes back.",
    severities: "An error where the delete was refused and the script stopped there; a warning where it was refused and \
        the script went on, and where a version was deleted that an alias used before or during the run: nothing is left \
        to roll back to.",
    instead: "Leave out what aliases use: aws lambda list-aliases --function-name NAME --query \
        'Aliases[].[FunctionVersion, keys(RoutingConfig.AdditionalVersionWeights || `{}`)][]' --output text, and the \
        version that was live before.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut aliases = Aliases::before(evidence);
    // Which alias a version was used by, at any time since before the run.
    let mut used: BTreeMap<(Key, String), String> = BTreeMap::new();
    let note = |aliases: &Aliases, used: &mut BTreeMap<(Key, String), String>| {
        for ((key, name), points) in &aliases.0 {
            for version in std::iter::once(&points.version).chain(&points.weighted) {
                let entry = used.entry((key.clone(), version.clone()));
                entry.or_insert_with(|| name.clone());
            }
        }
    };
    note(&aliases, &mut used);
    for step in evidence.steps() {
        aliases.follow(&step);
        note(&aliases, &mut used);
        let Some(target) = &step.target else { continue };
        let Some(version) = target.qualifier.as_deref().filter(|v| number(v).is_some()) else {
            continue;
        };
        if step.exchange.operation != "DeleteFunction" {
            continue;
        }
        let key = &target.key;
        if step.failed_with("ResourceConflictException") {
            let using = aliases.using(key, version);
            if using.is_empty() {
                continue;
            }
            let went_on = evidence.went_on(step.index);
            let severity = match went_on {
                true => Severity::Warning,
                false => Severity::Error,
            };
            found.push(
                Finding::at(evidence, &step, severity)
                    .titled(format!(
                        "clean-up goes for version {version} of {key}, which alias {} uses",
                        using.join(" and ")
                    ))
                    .explained(match went_on {
                        true => "AWS refused it with ResourceConflictException, and the script went on: only the refusal \
                            kept the alias alive.",
                        false => "AWS refused it with ResourceConflictException, and the script stopped there: what comes \
                            after it was not cleaned up.",
                    })
                    .fixed_by(format!(
                        "leave out the FunctionVersion and the AdditionalVersionWeights of aws lambda list-aliases \
                         --function-name {key}"
                    )),
            );
        } else if step.answer().is_some()
            && let Some(alias) = used.get(&(key.clone(), version.to_owned()))
        {
            found.push(
                Finding::at(evidence, &step, Severity::Warning)
                    .titled(format!(
                        "clean-up deletes version {version} of {key}, which alias {alias} used until this run"
                    ))
                    .explained(format!(
                        "{alias} moved away from it in this run. With version {version} gone there is nothing to roll \
                         back to, and its number never comes back."
                    ))
                    .fixed_by(format!("keep the version that {alias} pointed at before, for a release or two")),
            );
        }
    }
    found
}
