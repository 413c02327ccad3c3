//! `latest-behind-alias`: an alias points to `$LATEST` at the end, so every upload is live at once.

use std::collections::BTreeMap;

use super::{Aliases, Finding, Rule, Severity, moves_alias, number};
use crate::tool::rehearse::evidence::{Evidence, Key};

pub(super) const RULE: Rule = Rule {
    name: "latest-behind-alias",
    about: "An alias points at $LATEST although the script published a version.",
    aws: "An alias on $LATEST is not pinned. The next update-function-code is live even while it is in progress, and \
        old settings meet new code. There is no version to roll back to. Weights and provisioned concurrency do not \
        work on such an alias.",
    severities: "An error if the run published a version that no alias uses and moved the alias to $LATEST. A \
        warning if an alias moved from a version to $LATEST, or stays on $LATEST after a publish. No finding for an \
        alias that was created on $LATEST.",
    instead: "Pass the Version from the answer of publish-version to --function-version.",
    seen: "github.com/bustle/shep/pull/94; AWS's page on aliases (weights need published versions).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut aliases = Aliases::before(evidence);
    let mut published: BTreeMap<Key, (String, usize)> = BTreeMap::new();
    for step in evidence.steps() {
        let Some(key) = step.key() else { continue };
        if let Some(version) = step.published() {
            published.insert(key.clone(), (version.to_owned(), step.index));
        }
        let name = step.asked("Name").unwrap_or_default();
        let head = evidence.after(key);
        let ends = head
            .and_then(|head| head.aliases.get(name))
            .is_some_and(|alias| alias.function_version == "$LATEST");
        if moves_alias(&step) && step.answered("FunctionVersion") == Some("$LATEST") && ends {
            let was = aliases.get(key, name).map(|points| points.version.clone());
            let unused = published.get(key).filter(|(version, _)| {
                head.is_some_and(|head| !head.aliases.values().any(|alias| alias.uses(version)))
            });
            let moved = was.filter(|was| number(was).is_some());
            if let Some((version, index)) = unused {
                found.push(
                    Finding::at(evidence, &step, Severity::Error)
                        .titled(format!("alias {name} of {key} goes to $LATEST, not to version {version}"))
                        .explained(format!(
                            "{} made version {version}, and no alias uses it. From this call on, every upload is \
                             live at once.",
                            evidence.named(*index)
                        ))
                        .fixed_by(format!("--function-version {version}")),
                );
            } else if let Some(was) = moved {
                found.push(
                    Finding::at(evidence, &step, Severity::Warning)
                        .titled(format!("alias {name} of {key} moves from version {was} to $LATEST"))
                        .explained("From this call on, every upload is live at once, even while it is in progress.")
                        .fixed_by(format!(
                            "run aws lambda publish-version --function-name {key}, and move the alias to the Version \
                             in its answer"
                        )),
                );
            }
        }
        aliases.follow(&step);
    }
    found.extend(stays(evidence, &published));
    found
}

/// Finds published versions that no alias uses, because an alias stays on `$LATEST`.
fn stays(evidence: &Evidence<'_>, published: &BTreeMap<Key, (String, usize)>) -> Vec<Finding> {
    let of = published.iter().filter_map(|(key, (version, index))| {
        let (before, after) = (evidence.before(key)?, evidence.after(key)?);
        let on_latest = |name: &String, head: &crate::state::function::Function| {
            head.aliases
                .get(name)
                .is_some_and(|alias| alias.function_version == "$LATEST")
        };
        let others = after.aliases.values().any(|alias| number(&alias.function_version).is_some());
        let name = after.aliases.keys().find(|name| on_latest(name, before) && on_latest(name, after))?;
        (!others).then(|| {
            Finding::of_call(evidence, *index, Severity::Warning)
                .on(Some(key))
                .titled(format!("version {version} of {key} is published, and alias {name} stays on $LATEST"))
                .explained(format!("No alias uses version {version}: {name} answers with the last uploaded code."))
                .fixed_by(format!(
                    "aws lambda update-alias --function-name {key} --name {name} --function-version {version}"
                ))
        })
    });
    of.collect()
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";
    const PUBLISH: &str = "publish-version --function-name pay";
    const LATEST: &str = "update-alias --function-name pay --name live --function-version $LATEST";

    #[test]
    fn an_alias_on_latest_beside_a_new_version_is_an_error() {
        let prod = "create-alias --function-name pay --name prod --function-version $LATEST";
        let stage = Stage::with_versions(1).script(&[CODE, WAIT, PUBLISH, prod]);
        assert_eq!(stage.found(), ["error latest-behind-alias 4"]);
        let stage = Stage::with_versions(1).script(&[LATEST]);
        assert_eq!(stage.found(), ["warning latest-behind-alias 1"]);
    }

    #[test]
    fn an_alias_that_is_made_for_latest_is_sound() {
        let dev = "create-alias --function-name pay --name dev --function-version $LATEST";
        let stage = Stage::with_versions(1).script(&[CODE, WAIT, dev]);
        assert_eq!(stage.found(), [""; 0]);
        let live = "update-alias --function-name pay --name live --function-version 2";
        let stage = Stage::with_versions(1);
        stage.given(dev);
        assert_eq!(stage.script(&[CODE, WAIT, PUBLISH, live]).found(), [""; 0]);
    }

    #[test]
    fn a_version_that_is_published_for_nobody_is_a_warning() {
        let stage = Stage::with_versions(0);
        stage.given("create-alias --function-name pay --name live --function-version $LATEST");
        let stage = stage.script(&[CODE, WAIT, PUBLISH]);
        assert_eq!(stage.found(), ["warning latest-behind-alias 3"]);
    }
}
