//! `handler-not-in-package`: a function's package lacks the file that its Handler names.

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::{evidence::Evidence, handler::Lack};

pub(super) const RULE: Rule = Rule {
    name: "handler-not-in-package",
    about: "The package of a function does not contain the file that its handler names.",
    aws: "create-function and update-function-code accept any zip: Lambda does not look for the handler's file. \
        Every invocation then fails with Runtime.ImportModuleError, Cannot find module or Runtime.InvalidEntrypoint. \
        The usual cause is a zip that was made from outside the folder: it holds build/index.js, not index.js.",
    severities: "An error if the run changed code, handler or runtime and the file is missing at the end, or if \
        bootstrap is not executable. Not checked: functions with layers or file systems, images, Java and .NET.",
    instead: "Make the zip from inside the folder: (cd build && zip -r ../code.zip .)",
    seen: "github.com/aws-quickstart/quickstart-git2s3/issues/13, github.com/aws-samples/aws-health-aware/issues/112, \
        github.com/TylerPachal/lambda-node-phantom/issues/1.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, sides) in evidence.functions {
        let (Some(after), Some(lack)) = (&sides.after, &sides.lacks) else {
            continue;
        };
        // For an assumed function, the handler is assumed too.
        let assumed = format!("function {key}");
        if evidence
            .steps()
            .any(|step| step.exchange.assumed.contains(&assumed))
        {
            continue;
        }
        let changes = |operation: &str| {
            matches!(
                operation,
                "CreateFunction" | "UpdateFunctionCode" | "UpdateFunctionConfiguration"
            )
        };
        let steps = evidence.steps().filter(|step| step.key() == Some(key));
        let Some(step) = steps
            .filter(|step| changes(step.operation()) && step.answer().is_some())
            .last()
        else {
            continue;
        };
        let handler = after
            .head
            .latest
            .configuration
            .handler
            .as_deref()
            .unwrap_or_default();
        let finding = Finding::at(evidence, &step, Severity::Error);
        found.push(match lack {
            Lack::File(file, below) => finding
                .titled(format!("the package of {key} does not contain {file}"))
                .explained(match below {
                    Some(below) => format!(
                        "The handler is {handler}, but the package has that file as {below}. Every invocation fails."
                    ),
                    None => format!("The handler is {handler}, and Lambda cannot load it. Every invocation fails."),
                })
                .fixed_by(match below {
                    Some(_) => "make the zip from inside the folder: (cd build && zip -r ../code.zip .)".to_owned(),
                    None => format!("put {file} into the package, or set --handler to a file that the package has"),
                }),
            Lack::Right(file) => finding
                .titled(format!("{file} in the package of {key} is not executable"))
                .explained("The runtime starts this file as a program. Every invocation fails with permission \
                    denied.".to_owned())
                .fixed_by(format!("chmod +x {file}")),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CREATE: &str = "create-function --function-name fresh --runtime python3.13 --handler app.handler \
        --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_handler_whose_file_is_not_there_is_an_error() {
        assert_eq!(found(&[CREATE]), [""; 0]);
        let other = CREATE.replace("app.handler", "main.handler");
        assert_eq!(found(&[&other]), ["error handler-not-in-package 1"]);
        let go = CREATE.replace("python3.13", "provided.al2023");
        assert_eq!(found(&[&go]), ["error handler-not-in-package 1"]);
        let java = CREATE.replace("python3.13", "java21");
        assert_eq!(found(&[&java]), [""; 0]);
    }

    #[test]
    fn a_change_of_the_handler_is_judged_by_what_is_there_in_the_end() {
        let wrong = "update-function-configuration --function-name pay --handler main.handler";
        let right = "update-function-configuration --function-name pay --handler app.other";
        let wait = "wait function-updated-v2 --function-name pay";
        assert_eq!(found(&[wrong]), ["error handler-not-in-package 1"]);
        assert_eq!(found(&[wrong, wait, right]), [""; 0]);
    }

    #[test]
    fn what_was_lacking_before_is_not_the_scripts_doing() {
        let stage = Stage::with_versions(1);
        stage.given("update-function-configuration --function-name pay --handler main.handler");
        let described = "update-function-configuration --function-name pay --description new";
        assert_eq!(stage.script(&[described]).found(), [""; 0]);
    }
}
