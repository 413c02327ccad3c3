//! `weights-left-behind`: an alias gets a version, but a part of the traffic still goes to that of another release.

use super::{Aliases, Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Key, Step};

pub(super) const RULE: Rule = Rule {
    name: "weights-left-behind",
    about: "An alias gets a version and keeps old weights.",
    aws: "update-alias keeps each setting that the call does not name. With only --function-version, the alias still \
        sends a share of its traffic to the version of an earlier canary. A rollback to the version \
        that the alias already has changes nothing. Only --routing-config AdditionalVersionWeights={} ends that.",
    severities: "An error if the alias ends the run with weights from before the call.",
    instead: "Pass --routing-config AdditionalVersionWeights={} in every move that ends a canary.",
    seen: "recordings of UpdateAlias (omitted members are kept, an empty map clears); github.com/aws/aws-sdk-js-v3/issues/7254.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<(Key, String, Finding)> = Vec::new();
    let mut aliases = Aliases::before(evidence);
    for step in evidence.steps() {
        if let (Some(key), Some(name), Some(_)) = (step.key(), step.asked("Name"), step.answer()) {
            let sets = step.exchange.request.get("RoutingConfig").is_some();
            if sets || step.operation() == "DeleteAlias" {
                found.retain(|(of, alias, _)| (of, alias.as_str()) != (key, name));
            }
            let was = aliases
                .get(key, name)
                .filter(|was| !was.weighted.is_empty());
            let to = step.answered("FunctionVersion").unwrap_or_default();
            if step.operation() == "UpdateAlias"
                && !sets
                && let Some(was) = was.filter(|was| was.version != to || sets_nothing_else(&step))
            {
                let goes = match was.version == to {
                    true => "stays on",
                    false => "moves to",
                };
                let weighted = was.weighted.join(", ");
                let finding = Finding::at(evidence, &step, Severity::Error)
                    .titled(format!(
                        "alias {name} of {key} {goes} version {to} and keeps its weight on version {weighted}"
                    ))
                    .explained(format!(
                        "{name} already sent a share of its traffic to version {weighted}. update-alias without \
                         --routing-config keeps that share, so not all callers reach version {to}."
                    ))
                    .fixed_by("--routing-config AdditionalVersionWeights={}");
                found.push((key.clone(), name.to_owned(), finding));
            }
        }
        aliases.follow(&step);
    }
    // The weights must still exist at the end, because a later call may have removed them.
    found.retain(|(key, name, _)| {
        let alias = evidence
            .after(key)
            .and_then(|head| head.aliases.get(name.as_str()));
        alias.is_some_and(|alias| !alias.additional_version_weights.is_empty())
    });
    found.into_iter().map(|(_, _, finding)| finding).collect()
}

/// Returns true if a call names the version and nothing else: it was made for the sake of the version.
fn sets_nothing_else(step: &Step<'_>) -> bool {
    step.asked("FunctionVersion").is_some()
        && step.asked("Description").is_none()
        && step.asked("RevisionId").is_none()
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CLEAR: &str =
        "update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={}";

    fn found(lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(3);
        stage.given("update-alias --function-name pay --name live --function-version 1 --routing-config AdditionalVersionWeights={2=0.1}");
        stage.script(lines).found()
    }

    #[test]
    fn a_move_that_keeps_weights_is_an_error() {
        let to = "update-alias --function-name pay --name live --function-version 3";
        assert_eq!(found(&[to]), ["error weights-left-behind 1"]);
    }

    #[test]
    fn a_rollback_to_the_version_that_the_alias_has_is_one_too() {
        let back = "update-alias --function-name pay --name live --function-version 1";
        assert_eq!(found(&[back]), ["error weights-left-behind 1"]);
        assert_eq!(found(&[back, CLEAR]), [""; 0]);
        let described = format!("{back} --description x");
        assert_eq!(found(&[&described]), [""; 0]);
    }

    #[test]
    fn weights_that_are_set_again_are_sound() {
        let to = "update-alias --function-name pay --name live --function-version 3";
        assert_eq!(found(&[to, CLEAR]), [""; 0]);
        let at_once = format!("{to} --routing-config AdditionalVersionWeights={{2=0.5}}");
        assert_eq!(found(&[&at_once]), [""; 0]);
        let stays = "update-alias --function-name pay --name live --description x";
        assert_eq!(found(&[stays]), [""; 0], "it does not move");
    }
}
