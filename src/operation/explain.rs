//! `--explain`: explains the effect of a call and the reason for it, in one to three sentences.
//!
//! A rule gives its sentence next to its answer, with [`Lambda::explain`]. A refusal carries its own sentence in
//! [`ServiceError::explanation`]. Sentences are made only if somebody asked for them. They do not change stdout.

use std::cell::RefCell;

use super::{Failure, Lambda, Result};
use crate::state::error::ServiceError;

/// The sentences that explain a call.
#[derive(Debug, Default)]
pub struct Explained(RefCell<Vec<String>>);

impl Explained {
    /// Adds a sentence. A repeated sentence is dropped, because a rule may run twice in a call.
    fn say(&self, sentence: String) {
        let mut said = self.0.borrow_mut();
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }

    /// Removes all sentences and returns them.
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }

    /// Completes the explanation when a call ends. If the call was refused, the reason for the refusal replaces all
    /// other sentences.
    pub(super) fn end<T>(&self, ended: &Result<T>) {
        if let Err(failure) = ended {
            self.take();
            if let Failure::Service(error) = failure {
                self.say(refusal(error));
            }
        }
    }
}

/// The words for a version in a sentence: `version 3`, or `$LATEST`, which has no number.
pub fn called(version: &str) -> String {
    match version {
        "$LATEST" => version.to_owned(),
        number => format!("version {number}"),
    }
}

/// The reason for a refusal.
fn refusal(error: &ServiceError) -> String {
    error
        .explanation
        .clone()
        .unwrap_or_else(|| error.code.meaning().to_owned())
}

impl Lambda<'_> {
    /// Adds a sentence about the effect and the reason of a call, if an explanation was requested. Otherwise `say` does
    /// not run.
    pub fn explain(&self, say: impl FnOnce() -> String) {
        if let Some(explained) = self.explained {
            explained.say(say());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::BTreeSet, time::Duration};

    use serde_json::{Value, json};

    use crate::{
        operation::{FAMILIES, explain::Explained, sandbox::Sandbox},
        state::error::Code,
    };

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn explaining() -> Sandbox {
        let mut lambda = Sandbox::new();
        lambda.explained = Some(Explained::default());
        lambda
    }

    /// Calls every operation that changes something, so that every call succeeds. Passes each name and answer to `see`.
    fn every_change(lambda: &Sandbox, mut see: impl FnMut(&str, &Value)) {
        let mut call = |operation: &str, request: Value| -> Value {
            let answer = lambda.call(operation, request);
            see(operation, &answer);
            answer
        };
        let zip = lambda.zip("one");
        let other = lambda.zip("two");
        let layer = lambda.zip("layer");
        let signing = call(
            "CreateCodeSigningConfig",
            json!({ "AllowedPublishers": { "SigningProfileVersionArns": ["arn:aws:signer:::p"] } }),
        );
        let signing = signing["CodeSigningConfig"]["CodeSigningConfigArn"].clone();
        call(
            "UpdateCodeSigningConfig",
            json!({ "CodeSigningConfigArn": signing, "Description": "d" }),
        );
        call(
            "PublishLayerVersion",
            json!({ "LayerName": "l", "Content": { "ZipFile": layer.handle() } }),
        );
        call(
            "AddLayerVersionPermission",
            json!({
                "LayerName": "l", "VersionNumber": 1, "StatementId": "s", "Principal": "*",
                "Action": "lambda:GetLayerVersion",
            }),
        );
        call(
            "RemoveLayerVersionPermission",
            json!({ "LayerName": "l", "VersionNumber": 1, "StatementId": "s" }),
        );
        call(
            "DeleteLayerVersion",
            json!({ "LayerName": "l", "VersionNumber": 1 }),
        );
        call(
            "CreateFunction",
            json!({
                "FunctionName": "pay", "Runtime": "python3.12", "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/r", "Code": { "ZipFile": zip.handle() },
            }),
        );
        let mut on = |operation: &str, more: Value| {
            let mut request = json!({ "FunctionName": "pay" });
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            call(operation, request)
        };
        on("PublishVersion", json!({}));
        on("UpdateFunctionCode", json!({ "ZipFile": other.handle() }));
        on("UpdateFunctionConfiguration", json!({ "Timeout": 10 }));
        on("PublishVersion", json!({}));
        on(
            "CreateAlias",
            json!({ "Name": "live", "FunctionVersion": "1" }),
        );
        on(
            "UpdateAlias",
            json!({ "Name": "live", "FunctionVersion": "2" }),
        );
        on("Invoke", json!({ "Qualifier": "live" }));
        let event = lambda.spool(b"{}");
        on("InvokeAsync", json!({ "InvokeArgs": event.handle() }));
        on(
            "PutFunctionScalingConfig",
            json!({ "Qualifier": "2", "FunctionScalingConfig": { "MinExecutionEnvironments": 1 } }),
        );
        on(
            "AddPermission",
            json!({ "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*" }),
        );
        on("RemovePermission", json!({ "StatementId": "s" }));
        on(
            "PutFunctionConcurrency",
            json!({ "ReservedConcurrentExecutions": 5 }),
        );
        on(
            "PutProvisionedConcurrencyConfig",
            json!({ "Qualifier": "live", "ProvisionedConcurrentExecutions": 1 }),
        );
        on(
            "DeleteProvisionedConcurrencyConfig",
            json!({ "Qualifier": "live" }),
        );
        on("DeleteFunctionConcurrency", json!({}));
        on("CreateFunctionUrlConfig", json!({ "AuthType": "NONE" }));
        on("UpdateFunctionUrlConfig", json!({ "AuthType": "AWS_IAM" }));
        on("DeleteFunctionUrlConfig", json!({}));
        on(
            "PutFunctionEventInvokeConfig",
            json!({ "MaximumRetryAttempts": 1 }),
        );
        on(
            "UpdateFunctionEventInvokeConfig",
            json!({ "MaximumRetryAttempts": 0 }),
        );
        on("DeleteFunctionEventInvokeConfig", json!({}));
        on(
            "PutFunctionRecursionConfig",
            json!({ "RecursiveLoop": "Allow" }),
        );
        on(
            "PutRuntimeManagementConfig",
            json!({ "UpdateRuntimeOn": "FunctionUpdate" }),
        );
        on(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": signing }),
        );
        on("DeleteFunctionCodeSigningConfig", json!({}));
        on("DeleteAlias", json!({ "Name": "live" }));
        on("DeleteFunction", json!({ "Qualifier": "1" }));
        let mapping = call(
            "CreateEventSourceMapping",
            json!({ "FunctionName": "pay", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q" }),
        );
        let uuid = json!({ "UUID": mapping["UUID"] });
        lambda.pass(lambda.settle.get());
        call("UpdateEventSourceMapping", uuid.clone());
        lambda.pass(lambda.settle.get());
        call("DeleteEventSourceMapping", uuid);
        call(
            "TagResource",
            json!({ "Resource": ARN, "Tags": { "a": "b" } }),
        );
        call(
            "UntagResource",
            json!({ "Resource": ARN, "TagKeys": ["a"] }),
        );
        call("DeleteFunction", json!({ "FunctionName": "pay" }));
        call(
            "DeleteCodeSigningConfig",
            json!({ "CodeSigningConfigArn": signing }),
        );
    }

    #[test]
    fn every_operation_that_changes_something_says_why_in_whole_sentences() {
        for settle in [Duration::ZERO, Duration::from_secs(3600)] {
            let lambda = explaining();
            let mut explained = BTreeSet::new();
            lambda.settle.set(settle);
            // If changes take time, the test waits for them; otherwise the next call would be refused.
            let waits = Cell::new(!settle.is_zero());
            every_change(&lambda, |operation, _| {
                let said = lambda.explanation();
                let sentences = said.matches(". ").count() + 1;
                assert!(
                    said.len() > 30 && said.ends_with('.') && sentences <= 4,
                    "{operation}: {said:?}"
                );
                assert!(!said.contains("  ") && !said.contains('\n'), "{said:?}");
                explained.insert(operation.to_owned());
                let takes_time = [
                    "CreateFunction",
                    "UpdateFunctionCode",
                    "UpdateFunctionConfiguration",
                ];
                if waits.get() && takes_time.contains(&operation) {
                    lambda.complete("pay", None);
                    assert!(lambda.explanation().contains("The wait completed it"));
                }
            });
            let changing: BTreeSet<String> = FAMILIES
                .iter()
                .flat_map(|family| family.iter())
                .filter(|entry| !entry.route.starts_with("GET "))
                .map(|entry| entry.name.to_owned())
                .collect();
            assert_eq!(explained, changing);
        }
    }

    #[test]
    fn answers_are_the_same_whether_somebody_asks_why_or_not() {
        let answers = |lambda: Sandbox| {
            let mut answers = Vec::new();
            every_change(&lambda, |operation, answer| {
                answers.push(format!("{operation} {answer}"));
            });
            // The answers of two sandboxes differ only in the locations of the packages.
            answers
                .into_iter()
                .map(|answer| answer.replace(&*lambda.root().to_string_lossy(), ""))
                .collect::<Vec<_>>()
        };
        assert_eq!(answers(explaining()), answers(Sandbox::new()));
    }

    #[test]
    fn nothing_is_put_into_words_unless_somebody_asked() {
        Sandbox::new()
            .with_lambda(|lambda| {
                lambda.explain(|| panic!("nobody asked"));
                Ok(())
            })
            .expect("a state directory");
    }

    #[test]
    fn a_refusal_says_its_reason_and_nothing_of_what_was_on_its_way() {
        let lambda = explaining();
        lambda.create("pay");
        lambda.publish("pay");
        lambda.explanation();
        lambda.refused("GetFunction", json!({ "FunctionName": "nope" }));
        let said = lambda.explanation();
        assert!(said.contains("there is no function nope;"), "{said}");
        for code in Code::ALL {
            assert!(code.meaning().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn no_version_was_made_because_nothing_changed_since_then() {
        let lambda = explaining();
        lambda.create("pay");
        lambda.publish("pay");
        lambda.explanation();
        lambda.pass(Duration::from_secs(60));
        lambda.publish("pay");
        let said = lambda.explanation();
        assert!(
            said.starts_with("No version was made: $LATEST was not updated since version 1 froze it at 2026-11-22T12:00:00Z"),
            "{said}"
        );
        lambda.update_code("pay", "pay", json!({}));
        lambda.explanation();
        lambda.publish("pay");
        let said = lambda.explanation();
        assert!(said.contains("depends on AWS: its page says"), "{said}");
    }

    #[test]
    fn a_guard_that_failed_names_what_would_have_passed() {
        let lambda = explaining();
        lambda.create("pay");
        let latest = lambda.latest("pay");
        let (revision, sha256) = (&latest["RevisionId"], &latest["CodeSha256"]);
        for (member, current) in [("RevisionId", revision), ("CodeSha256", sha256)] {
            let mut request = json!({ "FunctionName": "pay" });
            request[member] = json!("stale");
            lambda.refused("PublishVersion", request.clone());
            let said = lambda.explanation();
            let current = current.as_str().expect("a text");
            assert!(said.contains(current), "{said}");
            request[member] = json!(current);
            lambda.call("PublishVersion", request);
        }
    }

    #[test]
    fn what_publish_update_alias_and_delete_refuse_has_a_reason_of_its_own() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        lambda.call("CreateAlias", alias.clone());
        let weights = |second: &str, own: &str| {
            json!({
                "FunctionName": "pay", "Name": "live", "FunctionVersion": own,
                "RoutingConfig": { "AdditionalVersionWeights": { second: 0.1 } },
            })
        };
        let of = |more: Value| {
            let mut request = json!({ "FunctionName": "pay" });
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            request
        };
        let mut refused = vec![
            ("CreateAlias", alias),
            (
                "CreateAlias",
                of(json!({ "Name": "x", "FunctionVersion": "9" })),
            ),
            ("UpdateAlias", of(json!({ "Name": "nope" }))),
            (
                "UpdateAlias",
                of(json!({ "Name": "live", "RevisionId": "stale" })),
            ),
            ("UpdateAlias", weights("1", "1")),
            ("UpdateAlias", weights("2", "$LATEST")),
            ("DeleteFunction", of(json!({ "Qualifier": "1" }))),
            ("DeleteFunction", of(json!({ "Qualifier": "live" }))),
            ("DeleteFunction", of(json!({ "Qualifier": "$LATEST" }))),
            ("DeleteFunction", json!({ "FunctionName": "nope" })),
            ("PublishVersion", json!({ "FunctionName": "pay:1" })),
            ("PublishVersion", of(json!({ "RevisionId": "stale" }))),
            ("PublishVersion", of(json!({ "CodeSha256": "stale" }))),
            (
                "UpdateFunctionConfiguration",
                of(json!({ "RevisionId": "stale" })),
            ),
        ];
        for (operation, request) in &refused {
            let error = lambda.refused(operation, request.clone());
            assert!(
                error.explanation.is_some(),
                "{operation} {request}: {error}"
            );
        }
        lambda.settle.set(Duration::from_secs(60));
        lambda.update_code("pay", "three", json!({}));
        refused = ["PublishVersion", "UpdateFunctionConfiguration"]
            .map(|operation| (operation, of(json!({}))))
            .to_vec();
        for (operation, request) in refused {
            let error = lambda.refused(operation, request);
            assert!(
                error
                    .explanation
                    .is_some_and(|said| said.contains("takes until 2026-11-22T12:01:00Z"))
            );
        }
    }
}
