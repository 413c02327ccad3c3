//! `integration-not-post`: API Gateway calls a function with another method than POST.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Step, functions_in};

pub(super) const RULE: Rule = Rule {
    name: "integration-not-post",
    about: "A REST API calls a function with another method than POST.",
    aws: "put-integration accepts any --integration-http-method, but Lambda is invoked with POST only. With GET, every \
        request of that method ends in 500, Internal server error. --http-method is the method of the callers and \
        may be any.",
    severities: "An error if the integration leads to a function and no later call replaces, updates or deletes it.",
    instead: "--integration-http-method POST, for every --http-method.",
    seen: "AWS's page on Lambda proxy integrations (for Lambda integrations, you must use POST); \
        github.com/hashicorp/terraform/issues/10157.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let is_of_api = |step: &Step<'_>| step.service() == "apigateway" && step.answer().is_some();
    let puts = evidence
        .steps()
        .filter(|step| is_of_api(step) && step.operation() == "PutIntegration");
    let mut found = Vec::new();
    for step in puts {
        let method = step.asked("integrationHttpMethod");
        let Some(method) = method.filter(|method| !method.eq_ignore_ascii_case("POST")) else {
            continue;
        };
        let calls_a_function = step.asked("type").is_some_and(|it| it.starts_with("AWS"))
            && step
                .asked("uri")
                .is_some_and(|uri| uri.contains(":lambda:path/"));
        let replaced = evidence.steps().any(|later| {
            later.index > step.index
                && is_of_api(&later)
                && replaces(&later)
                && later.asked("restApiId") == step.asked("restApiId")
                && ["resourceId", "httpMethod"].iter().all(|member| {
                    let other = later.asked(member);
                    other.is_none() || other == step.asked(member)
                })
        });
        if !calls_a_function || replaced {
            continue;
        }
        let function = functions_in(&step.exchange.request).pop();
        let mut finding = Finding::at(evidence, &step, Severity::Error)
            .titled(format!(
                "the integration of {} calls its function with {method}",
                step.asked("httpMethod").unwrap_or_default()
            ))
            .explained(
                "Lambda is invoked with POST only: every request of that method ends in 500.",
            )
            .fixed_by("--integration-http-method POST");
        if let Some(function) = function {
            finding.function_name = function.name;
        }
        found.push(finding);
    }
    found
}

/// Returns true for a call after which the integration may have another method.
fn replaces(step: &Step<'_>) -> bool {
    let patches = step.exchange.request.get("patchOperations");
    let sets = |path: &str| patches.is_some_and(|patches| patches.to_string().contains(path));
    match step.operation() {
        "PutIntegration" | "DeleteIntegration" | "DeleteMethod" | "DeleteResource"
        | "DeleteRestApi" => true,
        "UpdateIntegration" => ["/httpMethod", "/uri", "/type"].into_iter().any(sets),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    /// The calls that make an API with a method, and its integration.
    fn found(integration: &str, more: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(1);
        let text = |line: &str| stage.aws(&format!("{line} --output text")).1;
        let api = text("apigateway create-rest-api --name pay --query id");
        let root = text(&format!(
            "apigateway get-resources --rest-api-id {api} --query items[0].id"
        ));
        let of = format!("--rest-api-id {api} --resource-id {root} --http-method GET");
        let uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:pay/invocations";
        stage.aws(&format!(
            "apigateway put-method {of} --authorization-type NONE"
        ));
        stage.aws(&format!(
            "apigateway put-integration {of} --uri {uri} {integration}"
        ));
        stage.aws(
            "add-permission --function-name pay --statement-id api --action lambda:InvokeFunction --principal apigateway.amazonaws.com",
        );
        for line in more {
            stage.aws(&line.replace("OF", &of).replace("URI", uri));
        }
        stage.found()
    }

    #[test]
    fn a_function_called_with_get_is_an_error() {
        for kind in ["AWS_PROXY", "AWS"] {
            assert_eq!(
                found(&format!("--type {kind} --integration-http-method GET"), &[]),
                ["error integration-not-post 4"]
            );
        }
    }

    #[test]
    fn a_call_about_something_else_does_not_mend_it() {
        let get = "--type AWS_PROXY --integration-http-method GET";
        let other = "apigateway update-integration OF --patch-operations op=replace,path=/timeoutInMillis,value=5000";
        assert_eq!(found(get, &[other]), ["error integration-not-post 4"]);
        let mends = "apigateway update-integration OF --patch-operations op=replace,path=/httpMethod,value=POST";
        assert_eq!(found(get, &[mends]), [""; 0]);
    }

    #[test]
    fn post_another_service_and_one_that_is_set_again_are_sound() {
        let get = "--type AWS_PROXY --integration-http-method GET";
        assert_eq!(
            found("--type AWS_PROXY --integration-http-method POST", &[]),
            [""; 0]
        );
        let again = "apigateway put-integration OF --uri URI --type AWS_PROXY --integration-http-method POST";
        assert_eq!(found(get, &[again]), [""; 0]);
        assert_eq!(
            found("--type HTTP_PROXY --integration-http-method GET", &[]),
            [""; 0]
        );
    }
}
