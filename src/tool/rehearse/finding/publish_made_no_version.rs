//! `publish-made-no-version`: a publish returned an existing version, and the script goes on as if the version were
//! new.

use super::{Aliases, Finding, Rule, Severity, moves_alias, number};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "publish-made-no-version",
    about: "A publish made no version, and the script goes on as if it had made one.",
    aws: "publish-version makes a version only if update-function-code or update-function-configuration succeeded \
        after the last publish. Otherwise it answers the last version with its old number and its old description, \
        with exit code 0. AWS ignores the new --description.",
    severities: "An error if the update before the publish failed or was a --dry-run. A warning if AWS ignored a \
        description and no other alias moved to that version. A warning also if an alias then moved to the version \
        that it was already on.",
    instead: "End the script if update-function-code fails. Compare the number with the live version before you \
        announce a release.",
    seen: "AWS's page of PublishVersion, and measurements of what counts as a change.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut aliases = Aliases::before(evidence);
    let steps: Vec<Step<'_>> = evidence.steps().collect();
    for (at, step) in steps.iter().enumerate() {
        if let Some(finding) = judge(evidence, &steps, at, &aliases) {
            found.push(finding);
        }
        aliases.follow(step);
    }
    found
}

fn judge(
    evidence: &Evidence<'_>,
    steps: &[Step<'_>],
    at: usize,
    aliases: &Aliases,
) -> Option<Finding> {
    let step = &steps[at];
    if step.exchange.operation != "PublishVersion" {
        return None;
    }
    let key = &step.target.as_ref()?.key;
    let version = step.answered("Version")?;
    let before = evidence.functions.get(key)?.before.as_ref()?;
    // The returned version may come from this run. It does no harm to publish such a version a second time.
    if number(version)? > before.head.last_version {
        return None;
    }
    let of_function = |other: &&Step<'_>| other.target.as_ref().is_some_and(|t| t.key == *key);
    let finding = |severity: Severity, explanation: String| {
        Finding::at(evidence, step, severity)
            .titled(format!(
                "{} of {key} made no version: {version} existed before the run",
                evidence.name(step.index)
            ))
            .explained(explanation)
    };
    let updates: Vec<&Step<'_>> = steps[..at]
        .iter()
        .filter(of_function)
        .filter(|other| other.exchange.operation.starts_with("UpdateFunction"))
        .collect();
    // Only the last update of each kind counts. If an update failed first and succeeded later, it counts as a success.
    for update in updates.iter().rev() {
        let same = |other: &&&Step<'_>| other.exchange.operation == update.exchange.operation;
        let is_last = updates
            .iter()
            .rfind(same)
            .is_some_and(|last| last.index == update.index);
        let named = evidence.named(update.index);
        if is_last && let Some(error) = &update.exchange.error {
            return Some(
                finding(
                    Severity::Error,
                    format!(
                        "{named} failed with {}, and the script went on. It publishes and releases the code of \
                         version {version}.",
                        error.kind
                    ),
                )
                .fixed_by("end the script if an update fails: set -e, or `|| exit 1`")
                .explaining(Some(update.index)),
            );
        }
        if is_last && update.is_set("DryRun") {
            return Some(
                finding(
                    Severity::Error,
                    format!("{named} was a --dry-run: it changed nothing."),
                )
                .fixed_by("update-function-code without --dry-run, before the publish"),
            );
        }
    }
    // If the script points another alias to the version, it only gives a name to an existing version. It releases
    // nothing.
    let is_pinned = steps[at..].iter().filter(of_function).any(|other| {
        let name = other.asked("Name").unwrap_or_default();
        moves_alias(other)
            && other.answered("FunctionVersion") == Some(version)
            && aliases
                .get(key, name)
                .is_none_or(|points| points.version != version)
    });
    if let Some(description) = step.asked("Description")
        && step.answered("Description") != Some(description)
        && !is_pinned
    {
        return Some(
            finding(
                Severity::Warning,
                format!(
                    "Nothing changed after version {version}, so AWS answers that version again. It ignores the \
                     description {description:?}; the old one stays: {:?}.",
                    step.answered("Description").unwrap_or_default()
                ),
            )
            .fixed_by("compare the number with the one before, and announce no release if they are equal"),
        );
    }
    let moved = steps[at..].iter().filter(of_function).find(|other| {
        let name = other.asked("Name").unwrap_or_default();
        moves_alias(other)
            && other.answered("FunctionVersion") == Some(version)
            && aliases
                .get(key, name)
                .is_some_and(|points| points.version == version)
    })?;
    let alias = moved.asked("Name").unwrap_or_default();
    Some(
        finding(
            Severity::Warning,
            format!(
                "Nothing changed after version {version}, so AWS answers that version again. {} moves {alias} to the \
                 version that it was on: this release changes nothing.",
                evidence.named(moved.index)
            ),
        )
        .fixed_by("compare the number with the one before, and announce no release if they are equal"),
    )
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const PUBLISH: &str = "publish-version --function-name pay";
    const MOVE: &str = "update-alias --function-name pay --name live --function-version 1";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_release_that_releases_nothing_is_a_warning() {
        assert_eq!(
            found(&[PUBLISH, MOVE]),
            ["warning publish-made-no-version 1"]
        );
        let described = "publish-version --function-name pay --description 'release 42'";
        assert_eq!(found(&[described]), ["warning publish-made-no-version 1"]);
        let stage = Stage::with_versions(1).script(&[described]);
        assert!(
            stage.findings()[0]
                .explanation
                .contains("ignores the description \"release 42\"")
        );
    }

    #[test]
    fn a_publish_after_an_update_that_did_not_happen_is_an_error() {
        for update in [
            "update-function-code --function-name pay --zip-file fileb://two.zip --revision-id old",
            "update-function-code --function-name pay --zip-file fileb://two.zip --dry-run",
            "update-function-configuration --function-name pay --runtime python1",
        ] {
            let mut found = found(&[update, PUBLISH]);
            // The refused update has a finding of its own.
            found.retain(|found| !found.contains("failure-ignored"));
            assert_eq!(found, ["error publish-made-no-version 2"], "{update}");
        }
    }

    #[test]
    fn a_publish_that_makes_a_version_or_is_made_twice_is_sound() {
        let update = "update-function-code --function-name pay --zip-file fileb://two.zip";
        let wait = "wait function-updated --function-name pay";
        let forward = "update-alias --function-name pay --name live --function-version 2";
        assert_eq!(found(&[update, wait, PUBLISH, forward]), [""; 0]);
        assert_eq!(found(&[update, wait, PUBLISH, PUBLISH, forward]), [""; 0]);
        assert_eq!(found(&[PUBLISH]), [""; 0], "nobody goes on as if");
        let wrong =
            "update-function-code --function-name pay --zip-file fileb://two.zip --revision-id old";
        assert_eq!(
            found(&[wrong, update, wait, PUBLISH, forward]),
            [""; 0],
            "it was made up for"
        );
    }
}
