//! `deletes-version-in-use`: a clean-up deletes a version that an alias uses, or used a moment ago.

use std::collections::BTreeMap;

use super::{Aliases, Finding, Rule, Severity, number, was_looked_at};
use crate::tool::rehearse::evidence::{Evidence, Key};

pub(super) const RULE: Rule = Rule {
    name: "deletes-version-in-use",
    about: "A clean-up deletes a version that an alias uses, or used before the run.",
    aws: "AWS refuses delete-function --qualifier N with ResourceConflictException while an alias points at version \
        N or sends it a share of the traffic. If no alias uses the version, AWS deletes it without a question, even \
        if it was live a minute ago. Its number never comes back.",
    severities: "An error if AWS refused the call and the script stopped there. A warning if AWS refused the call \
        and the script went on without a check. A warning also if the deleted version is older than the run and an \
        alias used it before or during the run: a rollback to it is no longer possible.",
    instead: "Keep the versions that aliases use: aws lambda list-aliases --function-name NAME --query \
        'Aliases[].[FunctionVersion, keys(RoutingConfig.AdditionalVersionWeights || `{}`)][]' --output text. Keep \
        also the version that was live before.",
    seen: "recordings of the refusal, and public clean-up scripts: one in ten of them checks which versions aliases \
        use.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut aliases = Aliases::before(evidence);
    // For each version, the first alias that used it, before the run or at any time during the run.
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
            // If a script looks at the refusal and goes on, it leaves it to the service to check the version.
            if went_on && was_looked_at(&step) {
                continue;
            }
            let severity = match went_on {
                true => Severity::Warning,
                false => Severity::Error,
            };
            found.push(
                Finding::at(evidence, &step, severity)
                    .titled(format!(
                        "clean-up tries to delete version {version} of {key}, which alias {} uses",
                        using.join(" and ")
                    ))
                    .explained(match went_on {
                        true => "AWS refused the call with ResourceConflictException, and the script went on. Only \
                            the refusal kept the alias working.",
                        false => "AWS refused the call with ResourceConflictException, and the script stopped there: \
                            the rest of the clean-up did not run.",
                    })
                    .fixed_by(format!(
                        "keep every FunctionVersion and every version of AdditionalVersionWeights that aws lambda \
                         list-aliases --function-name {key} lists"
                    )),
            );
        } else if step.answer().is_some()
            && was_there(evidence, key, version)
            && let Some(alias) = used.get(&(key.clone(), version.to_owned()))
        {
            found.push(
                Finding::at(evidence, &step, Severity::Warning)
                    .titled(format!(
                        "clean-up deletes version {version} of {key}, which alias {alias} used until this run"
                    ))
                    .explained(format!(
                        "{alias} moved away from it in this run. After the deletion a rollback to version {version} \
                         is not possible, and its number never comes back."
                    ))
                    .fixed_by(format!("keep the version that {alias} pointed at before, for one or two more releases")),
            );
        }
    }
    found
}

/// Returns true if a version existed before the run. Nobody would roll back to a version that the run itself made.
fn was_there(evidence: &Evidence<'_>, key: &Key, version: &str) -> bool {
    let sides = evidence.functions.get(key);
    let before = sides.and_then(|sides| sides.before.as_ref());
    before.is_some_and(|before| number(version).is_some_and(|it| before.numbers.contains(&it)))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    #[test]
    fn a_refused_delete_is_an_error_where_the_script_stops() {
        let delete = "delete-function --function-name pay --qualifier 3";
        let stage = Stage::with_versions(3).script(&[delete]);
        stage.ends(254);
        assert_eq!(stage.found(), ["error deletes-version-in-use 1"]);
        assert!(stage.findings()[0].title.contains("which alias live uses"));
        let stage = Stage::with_versions(3)
            .script(&[delete, "delete-function --function-name pay --qualifier 1"]);
        assert_eq!(
            stage.found(),
            ["warning deletes-version-in-use 1"],
            "it went on"
        );
    }

    #[test]
    fn a_share_of_the_traffic_is_a_use() {
        let stage = Stage::with_versions(3);
        stage.given(
            "update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={2=0.1}",
        );
        let stage = stage.script(&["delete-function --function-name pay:2"]);
        stage.ends(254);
        assert_eq!(stage.found(), ["error deletes-version-in-use 1"]);
    }

    #[test]
    fn the_version_that_was_live_until_then_is_told() {
        let release = [
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "wait function-updated --function-name pay",
            "publish-version --function-name pay",
            "update-alias --function-name pay --name live --function-version 4",
        ];
        let all = |last: &'static str| [&release[..], &[last]].concat();
        let stage = Stage::with_versions(3)
            .script(&all("delete-function --function-name pay --qualifier 3"));
        assert_eq!(stage.found(), ["warning deletes-version-in-use 5"]);
        let stage = Stage::with_versions(3)
            .script(&all("delete-function --function-name pay --qualifier 1"));
        assert_eq!(stage.found(), [""; 0]);
    }

    #[test]
    fn a_version_that_the_run_made_and_takes_away_again_is_no_loss() {
        let stage = Stage::with_versions(3).script(&[
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "wait function-updated --function-name pay",
            "publish-version --function-name pay",
            "create-alias --function-name pay --name preview --function-version 4",
            "delete-alias --function-name pay --name preview",
            "delete-function --function-name pay --qualifier 4",
        ]);
        assert_eq!(stage.found(), [""; 0]);
    }

    #[test]
    fn a_delete_that_fails_for_another_reason_and_one_of_the_function_are_no_clean_up() {
        let stage = Stage::with_versions(3).script(&[
            "delete-function --function-name pay --qualifier 9",
            "delete-function --function-name pay",
        ]);
        assert_eq!(stage.found(), [""; 0]);
    }
}
