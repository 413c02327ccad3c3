//! `stale-revision-id`: a call gives a RevisionId as a guard, but the id certainly changed before this call.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step, waiter};

pub(super) const RULE: Rule = Rule {
    name: "stale-revision-id",
    about: "A call uses a RevisionId that was already out of date in its answer.",
    aws: "The answers of create-function, update-function-code and update-function-configuration have a RevisionId \
        that changes again when the change completes, so it never matches later. publish-version answers the \
        RevisionId of the version, not of the function, and gives the function a new one; tag-resource does that \
        too. An alias has its own RevisionId.",
    severities: "An error if the call failed because of it. A warning if the script then succeeded with another \
        RevisionId.",
    instead: "Wait for the update, then read the RevisionId: aws lambda get-function-configuration --function-name \
        NAME --query RevisionId --output text.",
    seen: "recordings of RevisionIds before and after an update completes.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let steps: Vec<Step<'_>> = evidence.steps().collect();
    let judged = steps
        .iter()
        .enumerate()
        .filter_map(|(at, step)| judge(evidence, &steps[..at], step));
    judged.collect()
}

fn judge(evidence: &Evidence<'_>, earlier: &[Step<'_>], step: &Step<'_>) -> Option<Finding> {
    let refused = step.failed_with("PreconditionFailedException")
        || step.failed_with("ResourceConflictException");
    let given = step.asked("RevisionId").filter(|_| refused)?;
    let key = &step.target.as_ref()?.key;
    let of_function = |other: &Step<'_>| other.target.as_ref().is_some_and(|t| t.key == *key);
    let holds = |other: &Step<'_>| {
        let configuration = other.configuration().or_else(|| other.answer());
        configuration.and_then(|answer| answer.get("RevisionId")?.as_str()) == Some(given)
    };
    let at = earlier
        .iter()
        .position(|other| of_function(other) && holds(other) && waiter(other.call).is_none())?;
    let source = &earlier[at];
    let named = evidence.named(source.index);
    let is_alias_call = step.exchange.operation == "UpdateAlias";
    let reason = match source.exchange.operation.as_str() {
        "CreateFunction" | "UpdateFunctionCode" | "UpdateFunctionConfiguration"
            if !is_alias_call =>
        {
            format!(
                "It comes from the answer of {named}. The RevisionId changes again when that change completes."
            )
        }
        "PublishVersion" if !is_alias_call => {
            format!(
                "It comes from the answer of {named}: it is the RevisionId of the version, not of the function."
            )
        }
        "GetAlias" | "CreateAlias" | "UpdateAlias" if !is_alias_call => {
            format!(
                "It comes from the answer of {named}: it is the RevisionId of the alias, not of the function."
            )
        }
        operation if is_alias_call && !operation.ends_with("Alias") => {
            format!(
                "It comes from the answer of {named}: it is the RevisionId of the function, not of the alias."
            )
        }
        // The id was read at the right place. The script is at fault only if one of its own calls has changed the id
        // since.
        _ => {
            let changed = earlier[at + 1..].iter().find(|other| {
                of_function(other)
                    && other.answer().is_some()
                    && match is_alias_call {
                        true => {
                            other.exchange.operation == "UpdateAlias"
                                && other.asked("Name") == step.asked("Name")
                        }
                        false => matches!(
                            other.exchange.operation.as_str(),
                            "UpdateFunctionCode"
                                | "UpdateFunctionConfiguration"
                                | "PublishVersion"
                                | "TagResource"
                                | "UntagResource"
                        ),
                    }
            })?;
            format!(
                "It comes from the answer of {named}, and {} changed it after that.",
                evidence.named(changed.index)
            )
        }
    };
    let severity = match succeeded_later(evidence, step) {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let fix = match is_alias_call {
        true => format!(
            "aws lambda get-alias --function-name {key} --name {} --query RevisionId --output text",
            step.asked("Name").unwrap_or("ALIAS")
        ),
        false => format!(
            "aws lambda wait function-updated-v2 --function-name {key}; then aws lambda get-function-configuration \
             --function-name {key} --query RevisionId --output text"
        ),
    };
    Some(
        Finding::at(evidence, step, severity)
            .titled(format!(
                "{} of {key} gets a RevisionId that cannot match",
                evidence.name(step.index)
            ))
            .explained(reason)
            .fixed_by(fix),
    )
}

/// Returns true if the same operation succeeded later, because the script read the id again.
fn succeeded_later(evidence: &Evidence<'_>, step: &Step<'_>) -> bool {
    evidence.steps().any(|other| {
        other.index > step.index
            && other.exchange.operation == step.exchange.operation
            && other.target.as_ref().map(|t| &t.key) == step.target.as_ref().map(|t| &t.key)
            && other.answer().is_some()
    })
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const WAIT: &str = "wait function-updated --function-name pay";
    const READ: &str =
        "get-function-configuration --function-name pay --query RevisionId --output text";

    fn update(stage: &Stage) -> String {
        let (_, id) = stage.aws(
            "update-function-code --function-name pay --zip-file fileb://two.zip --query RevisionId --output text",
        );
        id
    }

    #[test]
    fn the_id_of_an_update_never_matches_afterwards() {
        let stage = Stage::with_versions(1);
        let id = update(&stage);
        stage.aws(WAIT);
        let (code, _) = stage.aws(&format!(
            "publish-version --function-name pay --revision-id {id}"
        ));
        assert_eq!(code, 254);
        assert_eq!(stage.found(), ["error stale-revision-id 3"]);
        assert!(
            stage.findings()[0]
                .explanation
                .contains("again when that change completes")
        );
        // The script reads the id again.
        let (_, id) = stage.aws(READ);
        stage.aws(&format!(
            "publish-version --function-name pay --revision-id {id}"
        ));
        assert_eq!(stage.found(), ["warning stale-revision-id 3"]);
    }

    #[test]
    fn the_id_of_a_version_is_not_the_functions() {
        let stage = Stage::with_versions(1);
        update(&stage);
        stage.aws(WAIT);
        let (_, id) =
            stage.aws("publish-version --function-name pay --query RevisionId --output text");
        stage.aws(&format!(
            "update-function-code --function-name pay --zip-file fileb://one.zip --revision-id {id}"
        ));
        assert_eq!(stage.found(), ["error stale-revision-id 4"]);
    }

    #[test]
    fn an_id_that_the_script_itself_made_old_is_told() {
        let stage = Stage::with_versions(1);
        let (_, id) = stage.aws(READ);
        stage.aws(
            "tag-resource --resource arn:aws:lambda:eu-west-1:123456789012:function:pay --tags a=b",
        );
        stage.aws(&format!(
            "publish-version --function-name pay --revision-id {id}"
        ));
        assert_eq!(stage.found(), ["error stale-revision-id 3"]);
        assert!(stage.findings()[0].explanation.contains("tag-resource"));
    }

    #[test]
    fn an_id_read_after_the_wait_and_a_guard_that_works_are_sound() {
        let stage = Stage::with_versions(1);
        update(&stage);
        stage.aws(WAIT);
        let (_, id) = stage.aws(READ);
        let (code, _) = stage.aws(&format!(
            "publish-version --function-name pay --revision-id {id}"
        ));
        assert_eq!((code, stage.found()), (0, vec![]));
        stage.aws("update-alias --function-name pay --name live --function-version 2 --revision-id somebody-elses");
        assert_eq!(stage.found(), ["error failure-ignored 5"]);
    }
}
