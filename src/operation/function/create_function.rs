//! `CreateFunction`: a new function, and with Publish its first version.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        blob::Blob,
        resolve::{done, invalid},
        version::publish::publish,
    },
    state::{
        error::{Code as ErrorCode, ServiceError},
        function::{Change, ChangeKind, Function, Latest},
        name::{
            CodeSigningConfigArn, Description, FunctionName, Handler, LayerVersionArn, ResourceArn,
            RoleArn, Runtime, S3Bucket, S3Key, S3ObjectVersion,
        },
    },
    store::clock::last_modified,
};

use super::{
    code::Source,
    configuration::FunctionConfiguration,
    members::{
        Architecture, CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment,
        EphemeralStorage, FileSystemConfig, ImageConfig, LoggingConfig, PackageType, PublishTo,
        S3ObjectStorageMode, SnapStart, TenancyConfig, TracingConfig, VpcConfig, wire,
    },
    settings::{Settings, check_unzipped, defaults, refuse},
};

/// What CreateFunction takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateFunctionRequest {
    /// The name or ARN of the Lambda function. A name has 64 characters at the most.
    function_name: FunctionName,
    /// The identifier of the function's runtime. Required for a zip archive.
    runtime: Option<Runtime>,
    /// The ARN of the function's execution role.
    role: RoleArn,
    /// The name of the method within your code that Lambda calls. Required for a zip archive.
    handler: Option<Handler>,
    /// The code for the function.
    code: FunctionCode,
    /// A description of the function.
    description: Option<Description>,
    /// The seconds that Lambda lets a function run before stopping it. The default is 3, the most 900.
    #[schemars(range(min = 1, max = 900))]
    timeout: Option<u64>,
    /// The memory available to the function, in megabytes. The default is 128.
    #[schemars(range(min = 128, max = 32768))]
    memory_size: Option<u64>,
    /// Publish the first version of the function at once.
    publish: Option<bool>,
    /// Where to publish to. Managed instances only.
    publish_to: Option<PublishTo>,
    /// The VPC to connect the function to.
    vpc_config: Option<VpcConfig>,
    /// The type of the deployment package: Zip or Image.
    package_type: Option<PackageType>,
    /// Where events go that could not be processed.
    dead_letter_config: Option<DeadLetterConfig>,
    /// Environment variables that are accessible from the code.
    environment: Option<Environment>,
    /// The ARN of the KMS key that encrypts the environment variables.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<ResourceArn>,
    /// How a subset of requests is traced.
    tracing_config: Option<TracingConfig>,
    /// Tags to apply to the function.
    tags: Option<IndexMap<String, String>>,
    /// Layer versions to add to the function, at most five.
    layers: Option<Vec<LayerVersionArn>>,
    /// A file system to mount.
    #[schemars(length(max = 1))]
    file_system_configs: Option<Vec<FileSystemConfig>>,
    /// The ARN of a code signing configuration.
    code_signing_config_arn: Option<CodeSigningConfigArn>,
    /// What overrides the settings in the container image.
    image_config: Option<ImageConfig>,
    /// The instruction set: x86_64 or arm64. The default is x86_64.
    #[schemars(length(min = 1, max = 1))]
    architectures: Option<Vec<Architecture>>,
    /// The size of the function's /tmp directory.
    ephemeral_storage: Option<EphemeralStorage>,
    /// Whether published versions start from a snapshot.
    snap_start: Option<SnapStart>,
    /// Where and how logs are written.
    logging_config: Option<LoggingConfig>,
    /// How tenants are kept apart.
    tenancy_config: Option<TenancyConfig>,
    /// The managed instances to run on.
    capacity_provider_config: Option<CapacityProviderConfig>,
    /// Durable execution.
    durable_config: Option<DurableConfig>,
}

/// The code for the function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionCode {
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
    /// The URI of a container image in ECR.
    image_uri: Option<String>,
    /// The ARN of the KMS key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<ResourceArn>,
}

impl Operation for CreateFunctionRequest {
    const NAME: &'static str = "CreateFunction";
    const ROUTE: &'static str = "POST /2015-03-31/functions 201";
    const ABOUT: &'static str = "Creates a Lambda function from a deployment package, a zip archive or a container image, and \
        an execution role. The function is Pending until it is ready; wait for it before you change or publish it. With \
        --publish its first version is published, too.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        refuse(&[
            ("--publish-to", self.publish_to.is_some()),
            (
                "--code-signing-config-arn",
                self.code_signing_config_arn.is_some(),
            ),
            ("--tenancy-config", self.tenancy_config.is_some()),
            (
                "--capacity-provider-config",
                self.capacity_provider_config.is_some(),
            ),
            ("--durable-config", self.durable_config.is_some()),
        ])?;
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let taken = || {
            ServiceError::new(
                ErrorCode::ResourceConflictException,
                format!("Function already exist: {}", target.name()),
            )
        };
        let package_type = self.package_type.map_or_else(|| "Zip".to_owned(), wire);
        if package_type == "Zip" && (self.runtime.is_none() || self.handler.is_none()) {
            return Err(invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.").into());
        }
        if package_type == "Image" && (self.runtime.is_some() || self.handler.is_some()) {
            return Err(invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.").into());
        }
        let source = Source {
            zip_file: self.code.zip_file,
            s3_bucket: self.code.s3_bucket,
            s3_key: self.code.s3_key,
            s3_object_version: self.code.s3_object_version,
            s3_object_storage_mode: self.code.s3_object_storage_mode,
            image_uri: self.code.image_uri,
            source_kms_key_arn: self.code.source_kms_key_arn,
        };
        if let Some(given) = source.package_type().filter(|given| *given != package_type) {
            return Err(invalid(match given {
                "Image" => {
                    "Please don't provide ImageUri when creating a function with packageType Zip."
                }
                _ => "Please provide ImageUri when creating a function with packageType Image.",
            })
            .into());
        }
        let mut configuration = defaults(target.name(), &package_type);
        Settings {
            role: Some(self.role),
            handler: self.handler,
            description: self.description,
            timeout: self.timeout,
            memory_size: self.memory_size,
            vpc_config: self.vpc_config,
            environment: self.environment,
            runtime: self.runtime,
            dead_letter_config: self.dead_letter_config,
            kms_key_arn: self.kms_key_arn,
            tracing_config: self.tracing_config,
            layers: self.layers,
            file_system_configs: self.file_system_configs,
            image_config: self.image_config,
            ephemeral_storage: self.ephemeral_storage,
            snap_start: self.snap_start,
            logging_config: self.logging_config,
        }
        .apply(lambda, &mut configuration)?;
        if let Some(architectures) = self.architectures {
            configuration.architectures = architectures.into_iter().map(wire).collect();
        }
        if lambda
            .functions()
            .view(target.name(), |_| Ok(()))?
            .is_some()
        {
            return Err(taken().into());
        }
        let code = source.take(lambda, &package_type)?;
        code.apply(&mut configuration);
        check_unzipped(lambda, &configuration)?;
        let arn = &target.arn;
        let created = lambda.functions().create(
            target.name(),
            &arn.to_string(),
            Self::NAME,
            |counters, now| {
                configuration.last_modified = last_modified(now);
                Function {
                    function_name: target.name().to_owned(),
                    changes: counters.changes,
                    last_version: counters.last_version,
                    published: None,
                    code_size: configuration.code_size,
                    deleting: None,
                    latest: Latest {
                        revision_id: String::new(),
                        change: None,
                        configuration,
                    },
                    aliases: Default::default(),
                    tags: self.tags.unwrap_or_default(),
                    versions: Default::default(),
                }
            },
            |edit| {
                if let Some(package) = code.package() {
                    edit.keep_package(package);
                }
                let completes = edit.after(lambda.settle);
                edit.head.latest.revision_id = edit.next_id();
                let version = self
                    .publish
                    .unwrap_or_default()
                    .then(|| publish(edit, None, Some(completes)));
                let revision_id = edit.next_id();
                edit.head.latest.change = Some(Change {
                    kind: ChangeKind::Pending,
                    completes,
                    revision_id,
                });
                Ok(match version {
                    // The body is version 1 under the function's own ARN (recorded from AWS 2025-11).
                    Some(version) => FunctionConfiguration::of_version(&edit.head, &version, arn),
                    None => FunctionConfiguration::of_latest(&edit.head, arn),
                })
            },
        )?;
        done(created.ok_or_else(taken)?)
    }
}
