//! `UpdateFunctionCode`: replaces the code of `$LATEST`. With Publish, it also publishes a version with the new code.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        CODE_BODY_LIMIT, Lambda, Operation, Result,
        blob::Blob,
        resolve::{
            against_published, done, function_not_found, invalid, settled, stale_revision,
            under_way,
        },
        version::publish::{makes_version, publish, unchanged},
    },
    state::{
        arn::Arn,
        function::{Change, ChangeKind, Function},
        name::{FunctionName, ResourceArn, S3Bucket, S3Key, S3ObjectVersion},
    },
    store::{clock::last_modified, collection::Outcome},
};

use super::{
    code::Source,
    configuration::FunctionConfiguration,
    members::{Architecture, PublishTo, S3ObjectStorageMode, wire},
    settings::check_unzipped,
};

/// Request of UpdateFunctionCode.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionCodeRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The contents of the deployment package.
    zip_file: Option<Blob>,
    /// The S3 bucket of the deployment package. It is a folder in s3/ of the state directory.
    s3_bucket: Option<S3Bucket>,
    /// The S3 key of the deployment package. It is a file in the folder of the bucket.
    s3_key: Option<S3Key>,
    /// The version of the S3 object.
    s3_object_version: Option<S3ObjectVersion>,
    /// COPY: Lambda copies the S3 object. REFERENCE: Lambda stores a reference to the object.
    s3_object_storage_mode: Option<S3ObjectStorageMode>,
    /// The URI of a container image in ECR. Functions of package type Image only.
    image_uri: Option<String>,
    /// The instruction set: x86_64 or arm64.
    #[schemars(length(min = 1, max = 1))]
    architectures: Option<Vec<Architecture>>,
    /// Publish a version of the function after updating the code.
    publish: Option<bool>,
    /// The target to which the version is published. Managed instances only.
    #[schemars(extend("x-refused" = true))]
    _publish_to: Option<PublishTo>,
    /// Validate the request and the code without changing the function.
    dry_run: Option<bool>,
    /// Only update the function if the RevisionId of $LATEST is equal to this one. This prevents overwriting somebody
    /// else's update.
    revision_id: Option<String>,
    /// The ARN of the KMS key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<ResourceArn>,
}

impl Operation for UpdateFunctionCodeRequest {
    const NAME: &'static str = "UpdateFunctionCode";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/code 200";
    const ABOUT: &'static str = "Updates the code of a Lambda function: only $LATEST. The update is in progress \
        until LastUpdateStatus is Successful; wait for that before the next change or publish. The code of a \
        published version never changes.";
    const BODY_LIMIT: Option<u64> = Some(CODE_BODY_LIMIT);
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = &target.arn;
        let source = Source {
            zip_file: self.zip_file,
            s3_bucket: self.s3_bucket,
            s3_key: self.s3_key,
            s3_object_version: self.s3_object_version,
            s3_object_storage_mode: self.s3_object_storage_mode,
            image_uri: self.image_uri,
            source_kms_key_arn: self.source_kms_key_arn,
        };
        let given = source.package_type();
        let revision_id = self.revision_id.as_deref();
        // Checks the update before a large object is copied, and a second time while the function is locked.
        let (package_type, before) = lambda.view(
            &target,
            || function_not_found(arn),
            |view| {
                may_update(lambda, &view.head, arn, revision_id, given)?;
                Ok((
                    view.head.latest.configuration.package_type.clone(),
                    view.head.clone(),
                ))
            },
        )?;
        let code = source.take(lambda, &package_type)?;
        let architectures = self
            .architectures
            .map(|list| list.into_iter().map(wire).collect());
        let changed = |head: &mut Function| {
            let configuration = &mut head.latest.configuration;
            let old_size = configuration.code_size;
            code.apply(configuration);
            if let Some(architectures) = &architectures {
                configuration.architectures.clone_from(architectures);
            }
            head.code_size = head
                .code_size
                .saturating_sub(old_size)
                .saturating_add(configuration.code_size);
            check_unzipped(lambda, configuration)
        };
        if self.dry_run.unwrap_or_default() {
            // A dry run writes nothing. The response shows the new code, but the current RevisionId and LastModified.
            let stored = before.code_size;
            let mut head = before;
            changed(&mut head)?;
            head.note_update();
            let published = match self.publish.unwrap_or_default() && makes_version(lambda, &head) {
                true => head.latest.configuration.code_size,
                false => 0,
            };
            let wanted = head.code_size.saturating_add(published);
            if !lambda.place.has_room(stored, wanted)? {
                return done(Outcome::OutOfStorage);
            }
            lambda.explain(|| {
                "A dry run makes every check of an update and changes nothing. The answer has the CodeSha256 of the \
                 new code and the present RevisionId of $LATEST."
                    .to_owned()
            });
            return Ok(FunctionConfiguration::of_latest(&head, arn));
        }
        lambda.edit(&target, Self::NAME, |edit| {
            may_update(lambda, &edit.head, arn, revision_id, given)?;
            let sha256 = edit.head.latest.configuration.code_sha256.clone();
            changed(&mut edit.head)?;
            if let Some(package) = code.package() {
                edit.keep_package(package);
            }
            edit.head.latest.configuration.last_modified = last_modified(edit.now);
            edit.head.note_update();
            let completes = edit.after(lambda.settle);
            edit.head.latest.revision_id = edit.next_id();
            lambda.explain(|| {
                let head = &edit.head;
                let code = if head.latest.configuration.code_sha256 == sha256 {
                    "The new code equals the code of $LATEST, byte for byte"
                } else {
                    "Only $LATEST has new code: versions are frozen, and aliases point at the same versions as before"
                };
                format!("{code}. {} {}", against_published(lambda, head), under_way(lambda, completes))
            });
            // With Publish, the effect is the same as that of a PublishVersion call after the update (AWS
            // documentation). The update counts as a change since the last publish.
            let version = match self.publish.unwrap_or_default() {
                true => Some(match unchanged(lambda, edit)? {
                    Some(last) => last,
                    None => publish(lambda, edit, None, Some(completes)),
                }),
                false => None,
            };
            let revision_id = edit.next_id();
            edit.head.latest.change = Some(Change {
                kind: ChangeKind::InProgress,
                completes,
                revision_id,
            });
            Ok(match version {
                Some(version) => FunctionConfiguration::of_version(
                    &edit.head,
                    &version,
                    &arn.qualified(&version.version),
                ),
                None => FunctionConfiguration::of_latest(&edit.head, arn),
            })
        })
    }
}

/// Checks that nothing prevents an update: another update in progress, an outdated RevisionId, code of the other
/// package type, or a function that accepts only signed code.
fn may_update(
    lambda: &Lambda<'_>,
    head: &Function,
    arn: &Arn,
    revision_id: Option<&str>,
    given: Option<&str>,
) -> Result<()> {
    settled(head, arn)?;
    let current = &head.latest.revision_id;
    if let Some(given) = revision_id.filter(|given| given != current) {
        return Err(stale_revision("$LATEST", given, current).into());
    }
    match (given, head.latest.configuration.package_type.as_str()) {
        (Some("Zip"), "Image") => Err(invalid(
            "Please provide ImageUri when updating a function with packageType Image.",
        )
        .into()),
        (Some("Image"), "Zip") => Err(invalid(
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        )
        .into()),
        _ => lambda.check_signature_for(head),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::{Sandbox, zip};

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const IMAGE: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app";

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    fn image(lambda: &Sandbox) {
        lambda.call(
            "CreateFunction",
            json!({
                "FunctionName": "pay",
                "Role": "arn:aws:iam::123456789012:role/r",
                "PackageType": "Image",
                "Code": { "ImageUri": format!("{IMAGE}:1") },
            }),
        );
    }

    #[test]
    fn new_code_is_in_progress_and_then_successful_with_a_new_revision_each() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(2));
        let before = lambda.latest("pay");
        lambda.pass(Duration::from_secs(60));
        let updated = lambda.update_code("pay", "new", json!({}));
        assert_eq!(
            (&updated["FunctionArn"], &updated["Version"]),
            (&json!(ARN), &json!("$LATEST"))
        );
        assert_eq!(
            (&updated["State"], &updated["LastUpdateStatus"]),
            (&json!("Active"), &json!("InProgress"))
        );
        assert_eq!(
            (
                &updated["LastUpdateStatusReason"],
                &updated["LastUpdateStatusReasonCode"]
            ),
            (&json!("The function is being created."), &json!("Creating"))
        );
        assert_eq!(updated["LastModified"], "2026-11-22T12:01:00.000+0000");
        assert_ne!(updated["CodeSha256"], before["CodeSha256"]);
        assert_eq!(updated["CodeSize"], zip(&[("index.py", b"new")]).len());
        assert_eq!(updated, lambda.latest("pay"));
        lambda.pass(Duration::from_secs(2));
        let done = lambda.latest("pay");
        assert_eq!(done["LastUpdateStatus"], "Successful");
        assert_eq!(done.get("LastUpdateStatusReason"), None);
        let ids = [
            &before["RevisionId"],
            &updated["RevisionId"],
            &done["RevisionId"],
        ];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    }

    #[test]
    fn the_same_bytes_bring_new_revisions_and_the_same_hash() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        let updated = lambda.update_code("pay", "pay", json!({}));
        assert_eq!(updated["CodeSha256"], before["CodeSha256"]);
        assert_ne!(updated["RevisionId"], before["RevisionId"]);
        assert_ne!(updated["RevisionId"], lambda.latest("pay")["RevisionId"]);
    }

    #[test]
    fn publish_answers_the_new_version_pending_while_latest_is_in_progress() {
        let lambda = Sandbox::new();
        lambda.create_with("pay", json!({ "Description": "of latest" }));
        lambda.settle.set(Duration::from_secs(2));
        let version = lambda.update_code("pay", "new", json!({ "Publish": true }));
        assert_eq!(
            (&version["Version"], &version["FunctionArn"]),
            (&json!("1"), &json!(format!("{ARN}:1")))
        );
        assert_eq!(version["Description"], "of latest");
        assert_eq!(
            (
                &version["State"],
                &version["StateReasonCode"],
                version.get("LastUpdateStatus")
            ),
            (&json!("Pending"), &json!("Creating"), None)
        );
        assert_eq!(
            version,
            lambda.call("GetFunctionConfiguration", of("pay:1"))
        );
        let latest = lambda.latest("pay");
        assert_eq!(
            (&latest["State"], &latest["LastUpdateStatus"]),
            (&json!("Active"), &json!("InProgress"))
        );
        assert_ne!(latest["RevisionId"], version["RevisionId"]);
        lambda.pass(Duration::from_secs(2));
        let ready = lambda.call("GetFunctionConfiguration", of("pay:1"));
        assert_eq!(
            (
                &ready["State"],
                &ready["LastUpdateStatus"],
                ready.get("StateReason")
            ),
            (&json!("Active"), &json!("Successful"), None)
        );
        assert_eq!(
            ready["RevisionId"], version["RevisionId"],
            "the version keeps its own"
        );
        assert_ne!(lambda.latest("pay")["RevisionId"], latest["RevisionId"]);
    }

    #[test]
    fn publish_of_what_is_published_makes_a_version_for_it_is_an_update() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        for (content, version) in [("pay", "2"), ("new", "3"), ("new", "4")] {
            let made = lambda.update_code("pay", content, json!({ "Publish": true }));
            assert_eq!(made["Version"], version, "P 2024-12");
        }
    }

    #[test]
    fn a_dry_run_answers_the_code_that_would_be_and_writes_no_byte() {
        let lambda = Sandbox::with("pay");
        lambda.put_object("code", "app.zip", &zip(&[("index.py", b"from s3")]));
        let latest = lambda.latest("pay");
        let spool = lambda.zip("newer code");
        let before = lambda.files();
        for source in [
            json!({ "ZipFile": spool.handle() }),
            json!({ "S3Bucket": "code", "S3Key": "app.zip" }),
        ] {
            let mut request = source;
            request["FunctionName"] = json!("pay");
            request["DryRun"] = json!(true);
            request["Publish"] = json!(true);
            request["Architectures"] = json!(["arm64"]);
            let dry = lambda.call("UpdateFunctionCode", request);
            assert_ne!(dry["CodeSha256"], latest["CodeSha256"]);
            assert_ne!(dry["CodeSize"], latest["CodeSize"]);
            assert_eq!(dry["Architectures"], json!(["arm64"]));
            for same in [
                "RevisionId",
                "LastModified",
                "Version",
                "FunctionArn",
                "State",
                "LastUpdateStatus",
            ] {
                assert_eq!(dry[same], latest[same], "{same}");
            }
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn a_dry_run_refuses_what_the_update_would() {
        let lambda = Sandbox::with("pay");
        let spool = lambda.spool(b"no zip");
        for (more, code) in [
            (
                json!({ "ZipFile": spool.handle() }),
                "InvalidParameterValueException",
            ),
            (
                json!({ "RevisionId": "wrong", "ZipFile": spool.handle() }),
                "PreconditionFailedException",
            ),
            (
                json!({ "FunctionName": "nope", "ZipFile": spool.handle() }),
                "ResourceNotFoundException",
            ),
            (json!({}), "InvalidParameterValueException"),
        ] {
            let mut request = json!({ "FunctionName": "pay", "DryRun": true });
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            assert_eq!(
                lambda.refused("UpdateFunctionCode", request).code.name(),
                code
            );
        }
    }

    #[test]
    fn a_dry_run_finds_the_code_storage_as_full_as_the_update_would() {
        let mut lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.create("bill");
        let spool = lambda.zip("longer than what is there");
        let now = lambda.call("GetAccountSettings", json!({}))["AccountUsage"]["TotalCodeSize"]
            .as_u64()
            .expect("bytes");
        let old = lambda.latest("pay")["CodeSize"].as_u64().expect("bytes");
        let new = spool.handle().code_size;
        let request = |publish| json!({ "FunctionName": "pay", "DryRun": true, "Publish": publish, "ZipFile": spool.handle() });
        for (publish, wanted) in [(false, now - old + new), (true, now - old + 2 * new)] {
            lambda.total_code_size = Some(wanted - 1);
            assert_eq!(
                lambda.error("UpdateFunctionCode", request(publish)),
                "(CodeStorageExceededException): Code storage limit exceeded."
            );
            lambda.total_code_size = Some(wanted);
            let before = lambda.files();
            lambda.call("UpdateFunctionCode", request(publish));
            assert_eq!(before, lambda.files());
        }
    }

    #[test]
    fn the_architecture_is_replaced_where_given_and_kept_where_not() {
        let lambda = Sandbox::with("pay");
        let arm = lambda.update_code("pay", "pay", json!({ "Architectures": ["arm64"] }));
        assert_eq!(arm["Architectures"], json!(["arm64"]));
        assert_eq!(
            lambda.update_code("pay", "new", json!({}))["Architectures"],
            json!(["arm64"])
        );
    }

    #[test]
    fn refuses_two_architectures_and_an_unknown_one() {
        let lambda = Sandbox::with("pay");
        for (given, constraint) in [
            (
                json!(["x86_64", "arm64"]),
                "[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have \
              length less than or equal to 1",
            ),
            (
                json!(["X86_64"]),
                "[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: \
              [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
            ),
        ] {
            assert_eq!(
                lambda.error(
                    "UpdateFunctionCode",
                    json!({ "FunctionName": "pay", "Architectures": given })
                ),
                format!("(ValidationException): 1 validation error detected: Value '{constraint}")
            );
        }
    }

    #[test]
    fn refuses_a_second_update_while_the_first_is_in_progress() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(2));
        lambda.update_code("pay", "new", json!({}));
        let spool = lambda.zip("newer");
        let request = json!({ "FunctionName": ARN, "ZipFile": spool.handle() });
        assert_eq!(
            lambda.error("UpdateFunctionCode", request.clone()),
            format!(
                "(ResourceConflictException): The operation cannot be performed at this time. An update is in progress for \
                 resource: {ARN}"
            )
        );
        lambda.pass(Duration::from_secs(2));
        lambda.call("UpdateFunctionCode", request);
    }

    #[test]
    fn a_stale_revision_changes_nothing_and_the_present_one_does() {
        let lambda = Sandbox::new();
        let stale = lambda.create("pay")["RevisionId"].clone();
        let before = lambda.latest("pay");
        let spool = lambda.zip("new");
        for given in [stale, json!("wrong"), json!("")] {
            let request =
                json!({ "FunctionName": "pay", "ZipFile": spool.handle(), "RevisionId": given });
            assert_eq!(
                lambda.error("UpdateFunctionCode", request),
                "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. Call the \
                 GetFunction/GetAlias API to retrieve the latest Revision Id"
            );
        }
        assert_eq!(lambda.latest("pay"), before);
        lambda.update_code("pay", "new", json!({ "RevisionId": before["RevisionId"] }));
    }

    #[test]
    fn refuses_a_version_and_takes_latest() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let spool = lambda.zip("new");
        for name in ["pay:1", "pay:live"] {
            assert_eq!(
                lambda.error(
                    "UpdateFunctionCode",
                    json!({ "FunctionName": name, "ZipFile": spool.handle() })
                ),
                "(InvalidParameterValueException): Current operation does not support versions other than $LATEST"
            );
        }
        assert_eq!(
            lambda.update_code("pay:$LATEST", "new", json!({}))["FunctionArn"],
            ARN
        );
    }

    #[test]
    fn code_of_the_other_package_type_is_refused_and_nothing_moves() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        assert_eq!(
            lambda.error(
                "UpdateFunctionCode",
                json!({ "FunctionName": "pay", "ImageUri": format!("{IMAGE}:2") })
            ),
            "(InvalidParameterValueException): Please don't provide ImageUri when updating a function with packageType Zip."
        );
        assert_eq!(lambda.latest("pay"), before);
        let lambda = Sandbox::new();
        image(&lambda);
        let spool = lambda.zip("new");
        for source in [
            json!({ "FunctionName": "pay", "ZipFile": spool.handle() }),
            json!({ "FunctionName": "pay", "S3Bucket": "code", "S3Key": "k" }),
            json!({ "FunctionName": "pay" }),
        ] {
            assert_eq!(
                lambda.error("UpdateFunctionCode", source),
                "(InvalidParameterValueException): Please provide ImageUri when updating a function with packageType Image."
            );
        }
    }

    #[test]
    fn an_image_moves_to_another_tag_or_digest() {
        let lambda = Sandbox::new();
        image(&lambda);
        let old = lambda.latest("pay")["CodeSha256"].clone();
        let tagged = lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ImageUri": format!("{IMAGE}:2") }),
        );
        assert_ne!(tagged["CodeSha256"], old);
        let digest = "0123456789abcdef".repeat(4);
        let uri = format!("{IMAGE}@sha256:{digest}");
        let pinned = lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ImageUri": uri }),
        );
        assert_eq!(pinned["CodeSha256"], digest);
        assert_eq!(
            lambda.call("GetFunction", of("pay"))["Code"]["ResolvedImageUri"],
            uri
        );
    }

    #[test]
    fn refuses_no_source_and_two_of_them() {
        let lambda = Sandbox::with("pay");
        let spool = lambda.zip("new");
        for request in [
            json!({ "FunctionName": "pay" }),
            json!({ "FunctionName": "pay", "ZipFile": spool.handle(), "S3Bucket": "code", "S3Key": "k" }),
            json!({ "FunctionName": "pay", "S3Bucket": "code" }),
            json!({ "FunctionName": "pay", "S3Key": "k" }),
        ] {
            assert_eq!(
                lambda.refused("UpdateFunctionCode", request).code.name(),
                "InvalidParameterValueException"
            );
        }
    }

    #[test]
    fn a_full_account_refuses_the_growth_and_nothing_else() {
        let mut lambda = Sandbox::with("pay");
        let small = zip(&[("index.py", b"pay")]).len() as u64;
        lambda.total_code_size = Some(small);
        let before = lambda.files();
        let spool = lambda.zip("longer");
        assert_eq!(
            lambda.error(
                "UpdateFunctionCode",
                json!({ "FunctionName": "pay", "ZipFile": spool.handle() })
            ),
            "(CodeStorageExceededException): Code storage limit exceeded."
        );
        drop(spool);
        assert_eq!(before, lambda.files());
        lambda.update_code("pay", "yap", json!({}));
    }

    #[test]
    fn unsigned_code_is_refused_where_that_is_enforced_in_a_dry_run_too() {
        let lambda = Sandbox::with("pay");
        let arn = lambda.code_signing_config("Enforce");
        lambda.call(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" }),
        );
        let spool = lambda.zip("new");
        let before = lambda.files();
        for dry_run in [false, true] {
            let refused = lambda.refused(
                "UpdateFunctionCode",
                json!({ "FunctionName": "pay", "ZipFile": spool.handle(), "DryRun": dry_run }),
            );
            assert_eq!(
                refused.to_string(),
                format!(
                    "(CodeVerificationFailedException): The code is not signed by an allowed publisher, which {arn} enforces."
                )
            );
            assert!(refused.hint.is_some_and(|hint| hint.contains("Warn")));
        }
        assert_eq!(before, lambda.files());
    }
}
