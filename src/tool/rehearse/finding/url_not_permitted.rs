//! `url-not-permitted`: a public function URL answers every request with 403.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::Evidence;

pub(super) const RULE: Rule = Rule {
    name: "url-not-permitted",
    about: "A public function URL exists, but no permission lets anybody call it.",
    aws: "AuthType NONE alone does not open a URL. The policy of the same qualifier has to allow \
        lambda:InvokeFunctionUrl, and since October 2025 also lambda:InvokeFunction. The AWS console and SAM add \
        both permissions, the command line adds neither. A permission without --qualifier is for the function \
        itself, not for an alias.",
    severities: "An error if no statement in the policy of the URL's qualifier allows lambda:InvokeFunctionUrl. A \
        warning if a new URL lacks lambda:InvokeFunction.",
    instead: "aws lambda add-permission --function-name NAME --qualifier ALIAS --statement-id url --action \
        lambda:InvokeFunctionUrl --principal '*' --function-url-auth-type NONE, and one more with --action \
        lambda:InvokeFunction --invoked-via-function-url",
    seen: "github.com/serverless/serverless/issues/13147, github.com/brikis98/devops-book/pull/12.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in evidence.steps() {
        let makes = matches!(
            step.operation(),
            "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig"
        );
        let (Some(target), Some(_)) = (&step.target, step.answer()) else {
            continue;
        };
        let Some(head) = evidence.after(&target.key).filter(|_| makes) else {
            continue;
        };
        let qualifier = target.qualifier.as_deref().unwrap_or("$LATEST");
        let Some(attached) = head.attached.get(qualifier) else {
            continue;
        };
        let allows = |name: &str, action: &str| {
            let attached = head.attached.get(name);
            let policy = attached.and_then(|attached| attached.policy.as_ref());
            let mut statements = policy.iter().flat_map(|policy| &policy.statements);
            statements.any(|statement| statement.action == action || statement.action == "lambda:*")
        };
        let missing = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
            .into_iter()
            .find(|action| !allows(qualifier, action));
        let is_public = attached
            .url
            .as_ref()
            .is_some_and(|url| url.auth_type == "NONE");
        let Some(action) = missing.filter(|_| is_public) else {
            continue;
        };
        // A URL from before October 2025 does not need the second permission.
        let severity = match action {
            "lambda:InvokeFunctionUrl" => Severity::Error,
            _ if step.operation() == "CreateFunctionUrlConfig" => Severity::Warning,
            _ => continue,
        };
        let key = &target.key;
        let elsewhere = head.attached.keys().find(|name| allows(name, action));
        let option = match qualifier {
            "$LATEST" => String::new(),
            name => format!(" --qualifier {name}"),
        };
        found.push(
            Finding::at(evidence, &step, severity)
                .titled(format!("the URL of {key}{option} answers 403 to everybody"))
                .explained(match elsewhere {
                    Some(name) => format!(
                        "The policy of {name} allows {action}. But this URL belongs to {qualifier}, whose policy \
                         does not allow it."
                    ),
                    None => format!("No statement in the policy of {qualifier} allows {action}."),
                })
                .fixed_by(format!(
                    "aws lambda add-permission --function-name {key}{option} --statement-id {} --action {action} \
                     --principal '*'{}",
                    if severity == Severity::Error { "url" } else { "call" },
                    if severity == Severity::Error {
                        " --function-url-auth-type NONE"
                    } else {
                        " --invoked-via-function-url"
                    }
                )),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const URL: &str =
        "create-function-url-config --function-name pay --auth-type NONE --qualifier live";
    const ALLOW: &str = "add-permission --function-name pay --statement-id url --principal * --action \
                         lambda:InvokeFunctionUrl --function-url-auth-type NONE";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_url_that_nobody_may_call_is_an_error() {
        assert_eq!(found(&[URL]), ["error url-not-permitted 1"]);
        assert_eq!(
            found(&[URL, ALLOW]),
            ["error url-not-permitted 1"],
            "that of the function"
        );
    }

    #[test]
    fn a_url_with_its_permission_and_one_for_signed_calls_are_sound() {
        let allow = format!("{ALLOW} --qualifier live");
        let call = "add-permission --function-name pay --statement-id call --principal * --action \
                    lambda:InvokeFunction --qualifier live";
        assert_eq!(found(&[URL, &allow, call]), [""; 0]);
        assert_eq!(
            found(&[URL, &allow]),
            ["warning url-not-permitted 1"],
            "of old, one was enough"
        );
        assert_eq!(found(&[&URL.replace("NONE", "AWS_IAM")]), [""; 0]);
    }
}
