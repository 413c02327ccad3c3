//! `alias-to-pending-version`: an alias sends traffic to a version that is not known to be Active.

use super::{Finding, Rule, Severity, moves_alias, progress::Progress};
use crate::tool::rehearse::evidence::{Evidence, between};

pub(super) const RULE: Rule = Rule {
    name: "alias-to-pending-version",
    about: "An alias is moved to a version that is not Active yet.",
    aws: "A version published by update-function-code --publish or create-function --publish begins as Pending. With \
        SnapStart, every new version is Pending for minutes. AWS lets you move an alias to such a version. Until the \
        version is Active, AWS refuses its invocations with ResourceConflictException.",
    severities: "An error if the version was Pending when the alias moved. A warning if the version was Active only \
        because enough time had passed.",
    instead: "Run aws lambda wait published-version-active --qualifier N before you move the alias. Without \
        SnapStart, wait function-updated-v2 is enough.",
    seen: "AWS's page on function states; public scripts wait with published-version-active.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut progress = Progress::default();
    for step in evidence.steps() {
        if moves_alias(&step)
            && let (Some(target), Some(answer)) = (&step.target, step.answer())
        {
            let weighted = answer.pointer("/RoutingConfig/AdditionalVersionWeights");
            let weighted = weighted.and_then(|weights| weights.as_object());
            let versions = step.answered("FunctionVersion").into_iter();
            for version in versions.chain(weighted.into_iter().flatten().map(|(v, _)| v.as_str())) {
                // An alias that points to $LATEST still points to it after an update. During an update, $LATEST still
                // answers.
                if version == "$LATEST" {
                    continue;
                }
                let Some(unfinished) = progress.of(&target.key, version) else {
                    continue;
                };
                let since = step.exchange.moment.duration_since(unfinished.moment);
                let time = between(unfinished.moment, step.exchange.moment);
                let begun = evidence.named(unfinished.index);
                let alias = step.asked("Name").unwrap_or_default();
                let is_pending = since.unsigned_abs() < evidence.settle;
                let (severity, explanation) = if is_pending {
                    let text = format!(
                        "Version {version} was Pending: {begun} made it {time} before. Until the version is Active, \
                         AWS refuses invocations of {alias} with ResourceConflictException."
                    );
                    (Severity::Error, text)
                } else {
                    let text = format!(
                        "Version {version} was Active only because {time} had passed since {begun}. If AWS is \
                         slower, it refuses invocations of {alias} with ResourceConflictException."
                    );
                    (Severity::Warning, text)
                };
                found.push(
                    Finding::at(evidence, &step, severity)
                        .titled(format!(
                            "alias {alias} of {} moves to version {version} before the version is Active",
                            target.key
                        ))
                        .explained(explanation)
                        .fixed_by(unfinished.wait(&target.key, version)),
                );
            }
        }
        progress.follow(&step);
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const PUBLISH: &str =
        "update-function-code --function-name pay --zip-file fileb://two.zip --publish";
    const MOVE: &str = "update-alias --function-name pay --name live --function-version 2";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn an_alias_that_moves_at_once_is_an_error_and_later_a_warning() {
        assert_eq!(
            found(&[PUBLISH, MOVE]),
            ["error alias-to-pending-version 2"]
        );
        assert_eq!(
            found(&[PUBLISH, "sleep 4", MOVE]),
            ["warning alias-to-pending-version 2"]
        );
        let stage = Stage::with_versions(1).script(&[PUBLISH, MOVE]);
        assert_eq!(
            stage.findings()[0].fix,
            "aws lambda wait published-version-active --function-name pay --qualifier 2"
        );
        let weight = "update-alias --function-name pay --name live \
                      --routing-config AdditionalVersionWeights={2=0.1}";
        assert_eq!(
            found(&[PUBLISH, weight]),
            ["error alias-to-pending-version 2"]
        );
    }

    #[test]
    fn a_wait_for_the_version_or_for_its_update_is_sound() {
        for wait in [
            "wait published-version-active --function-name pay --qualifier 2",
            "wait published-version-active --function-name pay:2",
            "wait function-active --function-name pay --qualifier 2",
            "wait function-updated --function-name pay",
        ] {
            assert_eq!(found(&[PUBLISH, wait, MOVE]), [""; 0], "{wait}");
        }
        let plain = [
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "wait function-updated --function-name pay",
            "publish-version --function-name pay",
            MOVE,
        ];
        assert_eq!(found(&plain), [""; 0], "a plain publish is Active at once");
    }
}
