//! `api-not-deployed`: a REST API changes after the script deployed it, or no stage serves its deployment.

use std::collections::BTreeMap;

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "api-not-deployed",
    about: "A REST API changes after its deployment, or no stage serves the deployment.",
    aws: "A stage of a REST API serves a snapshot. put-method, put-integration and similar calls change the API, and \
        the stage shows the change only after the next create-deployment. For a method that it does not have, it \
        answers 403, Missing Authentication Token. create-deployment without --stage-name creates no stage.",
    severities: "An error if the same run created a deployment of the API before the change, and none after it; and if the \
        run creates the API and a deployment, but no stage. No finding if the run creates no deployment, because \
        another step may do that.",
    instead: "aws apigateway create-deployment --rest-api-id ID --stage-name STAGE after the last change.",
    seen: "AWS's page on deploying REST APIs (every time you update an API, you must redeploy it).",
    check,
};

/// Changes that a stage shows after the next deployment.
const CHANGES: [&str; 9] = [
    "PutMethod",
    "PutIntegration",
    "PutIntegrationResponse",
    "UpdateMethod",
    "UpdateIntegration",
    "DeleteMethod",
    "DeleteIntegration",
    "DeleteResource",
    "CreateAuthorizer",
];

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut deployed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waits: BTreeMap<&str, Vec<Step<'_>>> = BTreeMap::new();
    let mut done: Vec<Step<'_>> = Vec::new();
    // The APIs of this run that have no stage so far, with their last deployment.
    let mut unserved: BTreeMap<&str, Option<Step<'_>>> = BTreeMap::new();
    let steps = evidence.steps();
    for step in steps.filter(|step| step.service() == "apigateway" && step.answer().is_some()) {
        if step.operation() == "CreateRestApi"
            && let Some(api) = step.answered("id")
        {
            unserved.insert(api, None);
        }
        let Some(api) = step.asked("restApiId") else {
            continue;
        };
        match step.operation() {
            "CreateDeployment" if step.asked("stageName").is_none() => {
                // A stage that exists goes on with the deployment that it has.
                if let Some(last) = unserved.get_mut(api) {
                    *last = Some(step);
                }
            }
            "CreateDeployment" => {
                deployed.insert(api, step.index);
                waits.remove(api);
                unserved.remove(api);
            }
            "CreateStage" => {
                deployed.insert(api, step.index);
                waits.remove(api);
                unserved.remove(api);
            }
            "UpdateStage" if step.exchange.request.to_string().contains("/deploymentId") => {
                waits.remove(api);
            }
            "DeleteRestApi" => {
                waits.remove(api);
                unserved.remove(api);
            }
            name if CHANGES.contains(&name) => {
                let takes_back = name.starts_with("Delete")
                    && waits.get_mut(api).is_some_and(|waits| {
                        let all = waits.len();
                        waits.retain(|wait| !is_about(wait, &step));
                        waits.len() < all
                    });
                // The same call again changes nothing.
                let last = done.iter().rev().find(|other| is_about(other, &step));
                let is_again = name.starts_with("Put")
                    && last.is_some_and(|last| {
                        last.operation() == name && last.exchange.request == step.exchange.request
                    });
                if deployed.contains_key(api) && !takes_back && !is_again {
                    waits.entry(api).or_default().push(step.clone());
                }
                done.push(step);
            }
            _ => {}
        }
    }
    let unserved = unserved.into_iter().filter_map(|(api, step)| {
        let found = Finding::at(evidence, &step?, Severity::Error)
            .titled(format!("no stage serves the deployment of API {api}"))
            .explained(
                "create-deployment without --stage-name creates no stage, and a new API has none. Nobody can call the \
                 API.",
            )
            .fixed_by("--stage-name STAGE in the call, or aws apigateway create-stage after it");
        Some(found)
    });
    let last = waits
        .into_iter()
        .filter_map(|(api, mut waits)| Some((api, waits.pop()?)));
    let changed = last.map(|(api, step)| {
        Finding::at(evidence, &step, Severity::Error)
            .titled(format!("API {api} is changed after its last deployment"))
            .explained(format!(
                "{} created the snapshot that the stage serves. The stage does not show later changes.",
                evidence.named(deployed[api])
            ))
            .fixed_by(format!(
                "aws apigateway create-deployment --rest-api-id {api} --stage-name STAGE"
            ))
    });
    changed.chain(unserved).collect()
}

/// Returns true if two changes are about one method of one API, or if the second is about the whole resource.
fn is_about(one: &Step<'_>, other: &Step<'_>) -> bool {
    ["restApiId", "resourceId", "httpMethod"]
        .into_iter()
        .all(|member| {
            let asked = other.asked(member);
            asked.is_none() || asked == one.asked(member)
        })
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(1);
        let text = |line: &str| stage.aws(&format!("{line} --output text")).1;
        let api = text("apigateway create-rest-api --name pay --query id");
        let root = text(&format!(
            "apigateway get-resources --rest-api-id {api} --query items[0].id"
        ));
        for line in lines {
            stage.aws(
                &format!("apigateway {line}")
                    .replace("API", &api)
                    .replace("ROOT", &root),
            );
        }
        stage.found()
    }

    const METHOD: &str = "put-method --rest-api-id API --resource-id ROOT --http-method GET --authorization-type NONE";
    const MOCK: &str =
        "put-integration --rest-api-id API --resource-id ROOT --http-method GET --type MOCK";
    const OTHER: &str = "put-method --rest-api-id API --resource-id ROOT --http-method PUT --authorization-type NONE";
    const DEPLOY: &str = "create-deployment --rest-api-id API --stage-name prod";

    #[test]
    fn a_change_behind_the_deployment_is_an_error() {
        assert_eq!(
            found(&[METHOD, MOCK, DEPLOY, OTHER]),
            ["error api-not-deployed 6"]
        );
    }

    #[test]
    fn a_deployment_of_a_new_api_that_no_stage_serves_is_an_error() {
        let bare = "create-deployment --rest-api-id API --query id";
        assert_eq!(found(&[METHOD, MOCK, bare]), ["error api-not-deployed 5"]);
        assert_eq!(found(&[METHOD, MOCK, bare, DEPLOY]), [""; 0]);
    }

    #[test]
    fn a_deployment_that_no_stage_takes_shows_no_change() {
        let bare = "create-deployment --rest-api-id API --query id";
        let change = "update-integration --rest-api-id API --resource-id ROOT --http-method GET --patch-operations \
            op=replace,path=/timeoutInMillis,value=5000";
        assert_eq!(
            found(&[METHOD, MOCK, DEPLOY, change, bare]),
            ["error api-not-deployed 6"]
        );
        assert_eq!(found(&[METHOD, MOCK, DEPLOY, change, DEPLOY]), [""; 0]);
    }

    #[test]
    fn the_same_call_again_and_one_that_is_taken_back_are_sound() {
        assert_eq!(found(&[METHOD, MOCK, DEPLOY, MOCK]), [""; 0]);
        let back = "delete-method --rest-api-id API --resource-id ROOT --http-method PUT";
        assert_eq!(found(&[METHOD, MOCK, DEPLOY, OTHER, back]), [""; 0]);
    }

    #[test]
    fn a_change_before_it_and_a_run_without_one_are_sound() {
        assert_eq!(found(&[METHOD, MOCK, DEPLOY]), [""; 0]);
        assert_eq!(found(&[METHOD, MOCK]), [""; 0]);
    }
}
