//! `configured-after-publish`: a version was published and goes live, but settings or code were updated after the
//! publish.

use super::{Finding, Rule, Severity, moves_alias};
use crate::{
    face::options::kebab,
    tool::rehearse::evidence::{Evidence, Key, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "configured-after-publish",
    about: "A setting changed after publish-version, so only $LATEST has it.",
    aws: "publish-version freezes code and settings. After that, update-function-configuration and \
        update-function-code change $LATEST only, never a version. An alias on the version answers with the frozen \
        settings: the new timeout, memory or environment is never used.",
    severities: "An error if an alias moves to the version that was published before the change. No finding if no \
        alias uses that version, if a later version has the change, or if $LATEST ends with the same settings as the \
        version.",
    instead: "First update-function-configuration, then wait function-updated-v2, then publish-version.",
    seen: "AWS's page on versions (settings are locked when a version is published); github.com/KensioSoftware/yulin/pull/837.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let functions = evidence.functions.keys();
    functions
        .flat_map(|key| of_function(evidence, key).unwrap_or_default())
        .collect()
}

fn of_function(evidence: &Evidence<'_>, key: &Key) -> Option<Vec<Finding>> {
    let head = evidence.after(key)?;
    let steps: Vec<Step<'_>> = evidence
        .steps()
        .filter(|step| step.key() == Some(key) && step.answer().is_some())
        .collect();
    let cuts = steps.iter().enumerate().rev();
    let (cut, version) = cuts
        .filter_map(|(at, step)| Some((at, step.published()?)))
        .next()?;
    let published = head.published.as_ref()?;
    if published.version != version || published.digest == head.latest.configuration.digest() {
        return None;
    }
    let mut moves = steps.iter().enumerate().filter(|(_, step)| {
        moves_alias(step)
            && step
                .asked("Name")
                .and_then(|name| head.aliases.get(name))
                .is_some_and(|alias| alias.uses(version))
    });
    let (moved, goes) = moves.next_back()?;
    let alias = goes.asked("Name")?;
    let after = steps.iter().enumerate().skip(cut + 1);
    let found = after.filter_map(|(at, step)| {
        let what = match step.operation() {
            "UpdateFunctionConfiguration" => settings(step)?,
            // If code is updated after the release, it may belong to the next release.
            "UpdateFunctionCode" if !step.is_set("DryRun") && at < moved => "the code".to_owned(),
            _ => return None,
        };
        let finding = Finding::at(evidence, step, Severity::Error)
            .titled(format!(
                "{} of {key} comes after the publish of version {version}, which {alias} uses",
                evidence.name(step.index)
            ))
            .explained(format!(
                "{} froze version {version}; {what} changed only in $LATEST after that, so {alias} answers without \
                 the change.",
                evidence.named(steps[cut].index)
            ))
            .fixed_by(format!(
                "move it before the publish, with aws lambda wait function-updated-v2 --function-name {key} between \
                 the two"
            ));
        Some(finding)
    });
    Some(found.collect())
}

/// Describes the settings that an update changes. A change of the description alone does not count.
fn settings(step: &Step<'_>) -> Option<String> {
    const BESIDE: [&str; 3] = ["FunctionName", "Description", "RevisionId"];
    let members = step.exchange.request.as_object()?.keys();
    let members: Vec<String> = members
        .filter(|name| !BESIDE.contains(&name.as_str()))
        .map(|name| format!("--{}", kebab(name)))
        .collect();
    (!members.is_empty()).then(|| members.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";
    const PUBLISH: &str = "publish-version --function-name pay";
    const MOVE: &str = "update-alias --function-name pay --name live --function-version 2";
    const SET: &str = "update-function-configuration --function-name pay --timeout 30";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn settings_after_the_cut_are_an_error_on_either_side_of_the_move() {
        let rule = "error configured-after-publish";
        assert_eq!(
            found(&[CODE, WAIT, PUBLISH, SET, WAIT, MOVE]),
            [format!("{rule} 4")]
        );
        assert_eq!(
            found(&[CODE, WAIT, PUBLISH, MOVE, SET]),
            [format!("{rule} 5")]
        );
        assert_eq!(
            found(&[SET, WAIT, PUBLISH, CODE, WAIT, MOVE]),
            [format!("{rule} 4")]
        );
    }

    #[test]
    fn settings_that_a_version_has_or_that_nobody_waits_for_are_sound() {
        for lines in [
            &[CODE, WAIT, SET, WAIT, PUBLISH, MOVE][..],
            &[CODE, WAIT, PUBLISH, SET],
            &[
                CODE,
                WAIT,
                PUBLISH,
                MOVE,
                "update-function-configuration --function-name pay --description next",
            ],
            &[SET, WAIT, PUBLISH, MOVE, CODE],
        ] {
            assert_eq!(found(lines), [""; 0], "{lines:?}");
        }
    }
}
