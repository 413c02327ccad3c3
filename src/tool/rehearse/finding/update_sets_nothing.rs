//! `update-sets-nothing`: an update names a thing, but gives no setting to change.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "update-sets-nothing",
    about: "An update call sets nothing.",
    aws: "AWS accepts update-alias without --function-version, --routing-config and --description, and \
        update-function-configuration with only a name. Such a call changes nothing but the RevisionId, and its exit \
        code is 0. The alias stays where it was.",
    severities: "An error for an alias. A warning for settings, if no publish follows that needs the update.",
    instead: "Write update-alias --function-version VERSION. Collect options in an array that cannot be empty.",
    seen: "recordings of UpdateAlias and UpdateFunctionConfiguration; found by mutating sound scripts.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    const NAMES: [&str; 4] = ["FunctionName", "Name", "Qualifier", "RevisionId"];
    let mut found: Vec<Finding> = Vec::new();
    let steps: Vec<Step<'_>> = evidence.steps().collect();
    for (at, step) in steps.iter().enumerate() {
        let severity = match step.operation() {
            "UpdateAlias" => Severity::Error,
            "UpdateFunctionConfiguration"
            | "UpdateFunctionUrlConfig"
            | "UpdateFunctionEventInvokeConfig" => Severity::Warning,
            _ => continue,
        };
        let (Some(key), Some(_), Some(request)) =
            (step.key(), step.answer(), step.exchange.request.as_object())
        else {
            continue;
        };
        let makes_way = severity == Severity::Warning
            && steps[at + 1..]
                .iter()
                .any(|later| later.key() == Some(key) && later.published().is_some());
        if makes_way || !request.keys().all(|name| NAMES.contains(&name.as_str())) {
            continue;
        }
        let what = match step.asked("Name") {
            Some(name) => format!("alias {name} of {key}"),
            None => key.to_string(),
        };
        let finding = Finding::at(evidence, step, severity)
            .titled(format!(
                "{} of {key} sets nothing",
                evidence.name(step.index)
            ))
            .explained(format!(
                "AWS accepted the call, but it did not change {what}."
            ))
            .fixed_by(match step.operation() {
                "UpdateAlias" => "--function-version with the version that was published",
                _ => "add the option that was meant, or remove the call",
            });
        if !found
            .iter()
            .any(|other| other.place.is_some() && other.place == finding.place)
        {
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(2).script(lines).found()
    }

    #[test]
    fn an_update_with_a_name_alone_is_told() {
        let alias = "update-alias --function-name pay --name live";
        assert_eq!(found(&[alias]), ["error update-sets-nothing 1"]);
        let settings = "update-function-configuration --function-name pay";
        assert_eq!(found(&[settings]), ["warning update-sets-nothing 1"]);
    }

    #[test]
    fn an_update_that_sets_something_or_makes_way_for_a_publish_is_sound() {
        for lines in [
            &["update-alias --function-name pay --name live --description x"][..],
            &[
                "update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={}",
            ],
        ] {
            assert_eq!(found(lines), [""; 0], "{lines:?}");
        }
        let told = found(&[
            "update-function-configuration --function-name pay",
            "wait function-updated-v2 --function-name pay",
            "publish-version --function-name pay",
        ]);
        assert!(
            !told.iter().any(|told| told.contains("sets-nothing")),
            "{told:?}"
        );
    }
}
