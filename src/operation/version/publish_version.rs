//! `PublishVersion`: makes a version with the next number from the current code and configuration of a function.
//!
//! A new version is made only if an UpdateFunctionCode or UpdateFunctionConfiguration succeeded after the last version
//! was made. Otherwise, the last version is returned again, with its old description (recorded from AWS 2025-11).

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::{configuration::FunctionConfiguration, members::PublishTo},
        resolve::{invalid, settled, stale_revision},
    },
    state::name::{Description, FunctionName},
};

use super::publish::{publish, unchanged};

/// Request of PublishVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PublishVersionRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// Only publish a version if the hash of the code in $LATEST is equal to this one. update-function-code prints the
    /// hash. This prevents publishing somebody else's code.
    code_sha256: Option<String>,
    /// A description for the version. The default is the function's description.
    description: Option<Description>,
    /// Only publish a version if the RevisionId of $LATEST is equal to this one. This prevents publishing a function
    /// that has changed since you last read it.
    revision_id: Option<String>,
    /// The target to which the version is published. Managed instances only.
    #[schemars(extend("x-refused" = true))]
    _publish_to: Option<PublishTo>,
}

impl Operation for PublishVersionRequest {
    const NAME: &'static str = "PublishVersion";
    const ROUTE: &'static str = "POST /2015-03-31/functions/{FunctionName}/versions 201";
    const ABOUT: &'static str = "Creates a version from the current code and configuration of a function. A version \
        is a snapshot of the function that never changes. If nothing was updated after the last version, no version \
        is made, and the answer is the last version. Clients invoke versions directly or through an alias.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.edit(&target, Self::NAME, |edit| {
            let arn = &target.arn;
            settled(&edit.head, arn)?;
            let latest = &edit.head.latest;
            let current = &latest.revision_id;
            if let Some(given) = self.revision_id.as_ref().filter(|given| *given != current) {
                return Err(stale_revision("$LATEST", given, current).into());
            }
            let current = &latest.configuration.code_sha256;
            if let Some(given) = self.code_sha256.as_ref().filter(|given| *given != current) {
                return Err(invalid(format!(
                    "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). \
                     Please try again with the CodeSHA256 in $LATEST."
                ))
                .with_explanation(format!(
                    "--code-sha256 refuses to publish code that was not tested: $LATEST has other code, last \
                     modified at {}. With {current}, or without the option, the call would have succeeded.",
                    latest.configuration.last_modified
                ))
                .into());
            }
            if let Some(version) = unchanged(lambda, edit)? {
                return Ok(FunctionConfiguration::of_version(&edit.head, &version, &arn.qualified(&version.version)));
            }
            // A snapshot takes time. A version without a snapshot is Active at once.
            let active_from = (edit.head.latest.configuration.snap_start == "PublishedVersions").then(|| edit.after(lambda.settle));
            let version = publish(lambda, edit, self.description.map(|text| text.0), active_from);
            if self.revision_id.is_none() && self.code_sha256.is_none() {
                lambda.explain(|| {
                    "Neither --revision-id nor --code-sha256 guarded the publish. If somebody has changed the \
                     function since you read it, the version contains that change, and you get no error."
                        .to_owned()
                });
            }
            Ok(FunctionConfiguration::of_version(&edit.head, &version, &arn.qualified(&version.version)))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use serde_json::{Value, json};

    use crate::{
        operation::{sandbox::Sandbox, version::publish::Publishing},
        state::function::PublishRule,
    };

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    #[test]
    fn the_first_version_is_one_and_active_at_once() {
        let lambda = Sandbox::with("pay");
        let version = lambda.call("PublishVersion", of("pay"));
        assert_eq!(version["Version"], "1");
        assert_eq!(version["FunctionArn"], format!("{ARN}:1"));
        assert_eq!(
            (&version["State"], &version["LastUpdateStatus"]),
            (&json!("Active"), &json!("Successful"))
        );
        assert_eq!(
            version["LastModified"],
            lambda.latest("pay")["LastModified"]
        );
    }

    #[test]
    fn nothing_changed_answers_the_last_version_and_ignores_the_description() {
        let lambda = Sandbox::with("pay");
        let first = lambda.call(
            "PublishVersion",
            json!({ "FunctionName": "pay", "Description": "one" }),
        );
        let before = lambda.latest("pay");
        let again = lambda.call(
            "PublishVersion",
            json!({ "FunctionName": "pay", "Description": "two" }),
        );
        assert_eq!(first, again);
        assert_eq!(again["Description"], "one");
        assert_eq!(
            before["RevisionId"],
            lambda.latest("pay")["RevisionId"],
            "no RevisionId moved"
        );
    }

    #[test]
    fn the_description_of_a_version_never_reaches_latest() {
        let lambda = Sandbox::with("pay");
        lambda.call(
            "PublishVersion",
            json!({ "FunctionName": "pay", "Description": "one" }),
        );
        assert_eq!(lambda.latest("pay")["Description"], "");
    }

    #[test]
    fn a_changed_description_alone_makes_a_version() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Description": "new" }),
        );
        assert_eq!(lambda.publish("pay"), "2");
    }

    /// A function whose version 1 is equal to `$LATEST`.
    fn published() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda
    }

    /// Public reports, 2024-03 and 2024-12.
    #[test]
    fn every_update_makes_a_version_whatever_it_changed() {
        let configure = |more: Value| {
            move |lambda: &Sandbox| drop(lambda.call("UpdateFunctionConfiguration", more.clone()))
        };
        let updates: [&dyn Fn(&Sandbox); 4] = [
            &|lambda| drop(lambda.update_code("pay", "pay", json!({}))),
            &configure(json!({ "FunctionName": "pay", "Timeout": 3 })),
            &configure(of("pay")),
            &|lambda| {
                lambda.update_code("pay", "other", json!({}));
                lambda.update_code("pay", "pay", json!({}));
            },
        ];
        for (at, update) in updates.iter().enumerate() {
            let lambda = published();
            update(&lambda);
            assert_eq!(lambda.publish("pay"), "2", "update {at}");
            assert_eq!(lambda.publish("pay"), "2", "and nothing was updated since");
        }
        let lambda = published();
        let anew = lambda.update_code("pay", "pay", json!({ "Publish": true }));
        assert_eq!(anew["Version"], "2");
    }

    #[test]
    fn what_is_no_update_makes_no_version() {
        let lambda = published();
        let zip = lambda.zip("other");
        let calls = [
            (
                "TagResource",
                json!({ "Resource": ARN, "Tags": { "a": "b" } }),
            ),
            (
                "UntagResource",
                json!({ "Resource": ARN, "TagKeys": ["a"] }),
            ),
            (
                "CreateAlias",
                json!({ "Name": "live", "FunctionVersion": "1" }),
            ),
            ("UpdateAlias", json!({ "Name": "live", "Description": "d" })),
            (
                "AddPermission",
                json!({ "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*" }),
            ),
            ("RemovePermission", json!({ "StatementId": "s" })),
            (
                "PutFunctionConcurrency",
                json!({ "ReservedConcurrentExecutions": 5 }),
            ),
            ("DeleteFunctionConcurrency", json!({})),
            (
                "PutFunctionEventInvokeConfig",
                json!({ "MaximumRetryAttempts": 1 }),
            ),
            ("CreateFunctionUrlConfig", json!({ "AuthType": "NONE" })),
            (
                "PutRuntimeManagementConfig",
                json!({ "UpdateRuntimeOn": "FunctionUpdate" }),
            ),
            (
                "PutFunctionRecursionConfig",
                json!({ "RecursiveLoop": "Allow" }),
            ),
            (
                "UpdateFunctionCode",
                json!({ "ZipFile": zip.handle(), "DryRun": true }),
            ),
        ];
        for (operation, mut request) in calls {
            if request.get("Resource").is_none() {
                request["FunctionName"] = json!("pay");
            }
            lambda.call(operation, request);
            assert_eq!(lambda.publish("pay"), "1", "{operation}");
        }
        lambda.refused(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "RevisionId": "stale" }),
        );
        assert_eq!(lambda.publish("pay"), "1", "a refused update is none");
    }

    #[test]
    fn an_update_whose_answer_was_lost_is_one() {
        let mut lambda = published();
        lambda.faults = Some("UpdateFunctionCode#1=ServiceException,after".to_owned());
        let zip = lambda.zip("pay");
        lambda.refused(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ZipFile": zip.handle() }),
        );
        lambda.faults = None;
        assert_eq!(lambda.publish("pay"), "2");
    }

    #[test]
    fn the_rule_of_aws_s_page_compares_content_alone() {
        let mut lambda = published();
        lambda.publishing = Publishing::by(PublishRule::Content);
        lambda.update_code("pay", "other", json!({}));
        lambda.update_code("pay", "pay", json!({}));
        assert_eq!(lambda.publish("pay"), "1", "code that came back");
        assert!(lambda.publishing.depended());
        let anew = lambda.update_code("pay", "pay", json!({ "Publish": true }));
        assert_eq!(anew["Version"], "1");
        lambda.update_code("pay", "other", json!({}));
        lambda.publishing.depended();
        assert_eq!(lambda.publish("pay"), "2");
        assert!(!lambda.publishing.depended(), "both rules say so");
    }

    #[test]
    fn state_of_format_1_compares_content_until_the_first_update() {
        let lambda = published();
        let head = lambda.file_of("pay", "function.json");
        let text = fs::read_to_string(&head).expect("a head");
        assert!(!text.contains("\"Updated\""), "as format 1 has it");
        fs::write(lambda.root().join("FORMAT"), "1\n").expect("a format");
        let before = lambda.files();
        assert_eq!(lambda.publish("pay"), "1");
        assert_eq!(lambda.files(), before, "reading rewrites nothing");
        lambda.update_code("pay", "pay", json!({}));
        let format = fs::read_to_string(lambda.root().join("FORMAT")).expect("a format");
        assert_eq!(format, "2\n", "the first write raises it");
        assert_eq!(lambda.publish("pay"), "2");
    }

    #[test]
    fn numbers_are_never_used_again() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "DeleteFunction",
            json!({ "FunctionName": "pay", "Qualifier": "1" }),
        );
        assert_eq!(
            lambda.publish("pay"),
            "2",
            "the last version was deleted, so there is something to publish"
        );
        lambda.call("DeleteFunction", of("pay"));
        lambda.create("pay");
        assert_eq!(lambda.publish("pay"), "3");
    }

    #[test]
    fn latest_gets_a_new_revision_and_the_version_its_own() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay")["RevisionId"].clone();
        let version = lambda.call("PublishVersion", of("pay"))["RevisionId"].clone();
        let after = lambda.latest("pay")["RevisionId"].clone();
        assert!(before != after && version != after && version != before);
        lambda.update_code("pay", "new", json!({}));
        let read = lambda.call(
            "GetFunctionConfiguration",
            json!({ "FunctionName": "pay", "Qualifier": "1" }),
        );
        assert_eq!(read["RevisionId"], version);
    }

    #[test]
    fn refuses_while_an_update_is_in_progress() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(2));
        lambda.update_code("pay", "new", json!({}));
        assert_eq!(
            lambda.error("PublishVersion", of("pay")),
            format!(
                "(ResourceConflictException): The operation cannot be performed at this time. \
                 An update is in progress for resource: {ARN}"
            )
        );
        lambda.pass(Duration::from_secs(2));
        assert_eq!(lambda.publish("pay"), "1");
    }

    #[test]
    fn refuses_while_the_function_is_pending() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        lambda.create("pay");
        assert_eq!(
            lambda.error("PublishVersion", of("pay")),
            format!(
                "(ResourceConflictException): The operation cannot be performed at this time. The resource {ARN} is \
                 currently in the following state: 'Pending'. StateReasonCode: 'Creating'"
            )
        );
    }

    #[test]
    fn refuses_a_stale_revision_first_and_a_wrong_hash_second() {
        let lambda = Sandbox::new();
        let created = lambda.create("pay")["RevisionId"].clone();
        let both = json!({ "FunctionName": "pay", "RevisionId": created, "CodeSha256": "wrong" });
        assert_eq!(
            lambda.error("PublishVersion", both),
            "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. \
             Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
        );
        let current = lambda.latest("pay")["CodeSha256"]
            .as_str()
            .expect("a hash")
            .to_owned();
        assert_eq!(
            lambda.error(
                "PublishVersion",
                json!({ "FunctionName": "pay", "CodeSha256": "" })
            ),
            format!(
                "(InvalidParameterValueException): CodeSHA256 () is different from current CodeSHA256 in $LATEST \
                 ({current}). Please try again with the CodeSHA256 in $LATEST."
            )
        );
        assert!(
            lambda
                .try_call(
                    "PublishVersion",
                    json!({ "FunctionName": "pay", "CodeSha256": current })
                )
                .is_ok()
        );
    }

    #[test]
    fn refuses_a_qualifier_and_an_unknown_function() {
        let lambda = Sandbox::with("pay");
        assert_eq!(
            lambda.error("PublishVersion", of("pay:1")),
            "(InvalidParameterValueException): Current operation does not support versions other than $LATEST"
        );
        assert!(lambda.try_call("PublishVersion", of("pay:$LATEST")).is_ok());
        assert_eq!(
            lambda.error("PublishVersion", of("nope")),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
        );
    }

    #[test]
    fn refuses_when_the_code_storage_is_full() {
        let mut lambda = Sandbox::with("pay");
        let size = lambda.latest("pay")["CodeSize"].as_u64().expect("bytes");
        lambda.total_code_size = Some(2 * size - 1);
        assert_eq!(
            lambda.error("PublishVersion", of("pay")),
            "(CodeStorageExceededException): Code storage limit exceeded."
        );
        lambda.total_code_size = Some(2 * size);
        assert_eq!(lambda.publish("pay"), "1");
    }

    #[test]
    fn a_fault_comes_before_or_after_the_effect() {
        let mut lambda = Sandbox::with("pay");
        lambda.faults = Some(
            "PublishVersion#1=TooManyRequestsException PublishVersion#2=ServiceException,after"
                .to_owned(),
        );
        let throttled = lambda.refused("PublishVersion", of("pay"));
        assert_eq!(
            (throttled.code.name(), throttled.code.status()),
            ("TooManyRequestsException", 429)
        );
        assert_eq!(
            lambda.call("ListVersionsByFunction", of("pay"))["Versions"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
        assert_eq!(
            lambda.refused("PublishVersion", of("pay")).code.name(),
            "ServiceException"
        );
        assert_eq!(
            lambda.call("ListVersionsByFunction", of("pay"))["Versions"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        assert_eq!(lambda.publish("pay"), "1");
    }

    #[test]
    fn a_snapshot_takes_its_time() {
        let lambda = Sandbox::new();
        lambda.create_with(
            "pay",
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }),
        );
        lambda.settle.set(Duration::from_secs(2));
        let version = lambda.call("PublishVersion", of("pay"));
        assert_eq!(
            (
                &version["State"],
                &version["SnapStart"]["OptimizationStatus"]
            ),
            (&json!("Pending"), &json!("On"))
        );
        lambda.pass(Duration::from_secs(2));
        let version = lambda.call("GetFunctionConfiguration", of("pay:1"));
        assert_eq!(version["State"], "Active");
    }
}
