//! `UpdateFunctionConfiguration`: new settings for `$LATEST`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{invalid, settled, stale_revision},
    },
    state::{
        function::{Change, ChangeKind},
        name::{
            Description, FunctionName, Handler, LayerVersionArn, ResourceArn, RoleArn, Runtime,
        },
    },
    store::clock::last_modified,
};

use super::{
    configuration::FunctionConfiguration,
    members::{
        CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment, EphemeralStorage,
        FileSystemConfig, ImageConfig, LoggingConfig, SnapStart, TracingConfig, VpcConfig,
    },
    settings::{Settings, refuse},
};

/// What UpdateFunctionConfiguration takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionConfigurationRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The ARN of the function's execution role.
    role: Option<RoleArn>,
    /// The name of the method within your code that Lambda calls.
    handler: Option<Handler>,
    /// A description of the function.
    description: Option<Description>,
    /// The seconds that Lambda lets a function run before stopping it, at most 900.
    #[schemars(range(min = 1, max = 900))]
    timeout: Option<u64>,
    /// The memory available to the function, in megabytes.
    #[schemars(range(min = 128, max = 32768))]
    memory_size: Option<u64>,
    /// The VPC to connect the function to. Empty lists detach it.
    vpc_config: Option<VpcConfig>,
    /// Environment variables that are accessible from the code. They replace all that were set.
    environment: Option<Environment>,
    /// The identifier of the function's runtime.
    runtime: Option<Runtime>,
    /// Where events go that could not be processed.
    dead_letter_config: Option<DeadLetterConfig>,
    /// The ARN of the KMS key that encrypts the environment variables.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<ResourceArn>,
    /// How a subset of requests is traced.
    tracing_config: Option<TracingConfig>,
    /// Only update the function if the RevisionId matches the one of $LATEST. It guards against overwriting somebody
    /// else's update.
    revision_id: Option<String>,
    /// Layer versions for the function, at most five. They replace all that were set; an empty list removes them.
    layers: Option<Vec<LayerVersionArn>>,
    /// A file system to mount.
    #[schemars(length(max = 1))]
    file_system_configs: Option<Vec<FileSystemConfig>>,
    /// What overrides the settings in the container image. It replaces all that was set.
    image_config: Option<ImageConfig>,
    /// The size of the function's /tmp directory.
    ephemeral_storage: Option<EphemeralStorage>,
    /// Whether published versions start from a snapshot.
    snap_start: Option<SnapStart>,
    /// Where and how logs are written. What is not given is kept.
    logging_config: Option<LoggingConfig>,
    /// The managed instances to run on.
    capacity_provider_config: Option<CapacityProviderConfig>,
    /// Durable execution.
    durable_config: Option<DurableConfig>,
}

impl Operation for UpdateFunctionConfigurationRequest {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/configuration 200";
    const ABOUT: &'static str = "Modifies the settings of a Lambda function: $LATEST, and nothing else. The update is in \
        progress until LastUpdateStatus is Successful; wait for it before the next change or publish. What is not given is \
        kept.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        refuse(&[
            (
                "--capacity-provider-config",
                self.capacity_provider_config.is_some(),
            ),
            ("--durable-config", self.durable_config.is_some()),
        ])?;
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let settings = Settings {
            role: self.role,
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
        };
        lambda.edit(&target, Self::NAME, |edit| {
            settled(&edit.head, &target.arn)?;
            if self.revision_id.is_some_and(|given| given != edit.head.latest.revision_id) {
                return Err(stale_revision().into());
            }
            let configuration = &mut edit.head.latest.configuration;
            if configuration.package_type == "Image"
                && (settings.runtime.is_some() || settings.handler.is_some() || settings.layers.as_ref().is_some_and(|l| !l.is_empty()))
            {
                return Err(invalid(
                    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
                )
                .into());
            }
            settings.apply(lambda, configuration)?;
            configuration.last_modified = last_modified(edit.now);
            let completes = edit.after(lambda.settle);
            edit.head.latest.revision_id = edit.next_id();
            let revision_id = edit.next_id();
            edit.head.latest.change = Some(Change { kind: ChangeKind::InProgress, completes, revision_id });
            Ok(FunctionConfiguration::of_latest(&edit.head, &target.arn))
        })
    }
}
