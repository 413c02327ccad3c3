//! `UpdateFunctionCode`: new code for `$LATEST`, and with Publish a version of it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        blob::Blob,
        resolve::{function_not_found, invalid, settled, stale_revision},
        version::publish::publish,
    },
    state::{
        arn::Arn,
        function::{Change, ChangeKind, Function},
        name::{FunctionName, ResourceArn, S3Bucket, S3Key, S3ObjectVersion},
    },
    store::clock::last_modified,
};

use super::{
    code::Source,
    configuration::FunctionConfiguration,
    members::{Architecture, PublishTo, S3ObjectStorageMode, wire},
    settings::{check_unzipped, refuse},
};

/// What UpdateFunctionCode takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionCodeRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The contents of the deployment package.
    zip_file: Option<Blob>,
    /// The S3 bucket of the deployment package: a folder in s3/ of the state directory.
    s3_bucket: Option<S3Bucket>,
    /// The S3 key of the deployment package: a file in the bucket's folder.
    s3_key: Option<S3Key>,
    /// The version of the S3 object.
    s3_object_version: Option<S3ObjectVersion>,
    /// Whether the object is copied or referred to.
    s3_object_storage_mode: Option<S3ObjectStorageMode>,
    /// The URI of a container image in ECR. Functions of package type Image only.
    image_uri: Option<String>,
    /// The instruction set: x86_64 or arm64.
    #[schemars(length(min = 1, max = 1))]
    architectures: Option<Vec<Architecture>>,
    /// Publish a version of the function after updating the code.
    publish: Option<bool>,
    /// Where to publish to. Managed instances only.
    publish_to: Option<PublishTo>,
    /// Validate the request and the code without changing the function.
    dry_run: Option<bool>,
    /// Only update the function if the RevisionId matches the one of $LATEST. It guards against overwriting somebody
    /// else's update.
    revision_id: Option<String>,
    /// The ARN of the KMS key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<ResourceArn>,
}

impl Operation for UpdateFunctionCodeRequest {
    const NAME: &'static str = "UpdateFunctionCode";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/code 200";
    const ABOUT: &'static str = "Updates a Lambda function's code: $LATEST, and nothing else. The update is in progress until \
        LastUpdateStatus is Successful; wait for it before the next change or publish. A published version's code never \
        changes.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        refuse(&[("--publish-to", self.publish_to.is_some())])?;
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
        // Checked before a large object is copied, and again under the lock.
        let (package_type, before) = lambda.view(
            &target,
            || function_not_found(arn),
            |view| {
                may_update(&view.head, arn, revision_id, given)?;
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
            code.apply(configuration);
            if let Some(architectures) = &architectures {
                configuration.architectures.clone_from(architectures);
            }
            check_unzipped(lambda, configuration)
        };
        if self.dry_run.unwrap_or_default() {
            // The would-be code under the present RevisionId and LastModified; nothing is written.
            let mut head = before;
            changed(&mut head)?;
            return Ok(FunctionConfiguration::of_latest(&head, arn));
        }
        lambda.edit(&target, Self::NAME, |edit| {
            may_update(&edit.head, arn, revision_id, given)?;
            let old_size = edit.head.latest.configuration.code_size;
            changed(&mut edit.head)?;
            if let Some(package) = code.package() {
                edit.keep_package(package);
            }
            let head = &mut edit.head;
            head.code_size = head
                .code_size
                .saturating_sub(old_size)
                .saturating_add(head.latest.configuration.code_size);
            head.latest.configuration.last_modified = last_modified(edit.now);
            let completes = edit.after(lambda.settle);
            edit.head.latest.revision_id = edit.next_id();
            let version = self
                .publish
                .unwrap_or_default()
                .then(|| publish(edit, None, Some(completes)));
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

/// What speaks against an update: another one in progress, a stale RevisionId, code of the other kind.
fn may_update(
    head: &Function,
    arn: &Arn,
    revision_id: Option<&str>,
    given: Option<&str>,
) -> Result<()> {
    settled(head, arn)?;
    if revision_id.is_some_and(|given| given != head.latest.revision_id) {
        return Err(stale_revision().into());
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
        _ => Ok(()),
    }
}
