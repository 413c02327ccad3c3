//! `FunctionConfiguration`, the response of most operations. Its members are in the model's order.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::state::{
    arn::Arn,
    function::{self, ChangeKind, Configuration, Function},
    version::Version,
};

/// Details about a function's configuration.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionConfiguration {
    /// The name of the function.
    pub function_name: String,
    /// The function's Amazon Resource Name (ARN), with a qualifier if the request named a version or an alias.
    pub function_arn: String,
    /// The runtime environment. Zip functions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The execution role's ARN.
    pub role: String,
    /// The entry point of the code. Zip functions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The size of the deployment package in bytes.
    pub code_size: u64,
    /// The function's or the version's description.
    pub description: String,
    /// The number of seconds after which Lambda stops an invocation.
    pub timeout: u64,
    /// The memory available to the function, in megabytes.
    pub memory_size: u64,
    /// The time of the last update of code or configuration.
    pub last_modified: String,
    /// The SHA-256 of the deployment package, in base64.
    pub code_sha256: String,
    /// The version: a number, or $LATEST.
    pub version: String,
    /// The VPC that the function is connected to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfigResponse>,
    /// The destination for failed asynchronous events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// The function's environment variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentResponse>,
    /// The key that encrypts the environment variables.
    #[serde(rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// The tracing mode.
    pub tracing_config: TracingConfigResponse,
    /// For Lambda@Edge functions, the ARN of the main function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_arn: Option<String>,
    /// The id of this state of the function, version or alias. Every change assigns a new id.
    pub revision_id: String,
    /// The layers in use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// The state: Pending, Active, Inactive or Failed. It decides if the function can be invoked and changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The reason for the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// The reason for the state, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason_code: Option<String>,
    /// The result of the last update: Successful, Failed or InProgress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_status: Option<String>,
    /// The reason for the result of the last update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason: Option<String>,
    /// The reason for the result of the last update, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason_code: Option<String>,
    /// The mounted file systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_system_configs: Vec<FileSystemConfigResponse>,
    /// The ARN of the signing profile version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_profile_version_arn: Option<String>,
    /// The ARN of the signing job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_job_arn: Option<String>,
    /// The type of the deployment package: Zip or Image.
    pub package_type: String,
    /// Settings that replace those of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_config_response: Option<ImageConfigResponse>,
    /// The instruction set: x86_64 or arm64.
    pub architectures: Vec<String>,
    /// The size of `/tmp`.
    pub ephemeral_storage: EphemeralStorageResponse,
    /// SnapStart. With it, published versions start from a snapshot.
    pub snap_start: SnapStartResponse,
    /// The exact build of the runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_version_config: Option<RuntimeVersionConfig>,
    /// The log group and the format of the logs.
    pub logging_config: LoggingConfigResponse,
    /// The isolation of tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenancy_config: Option<TenancyConfigResponse>,
}

/// The isolation of tenants.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TenancyConfigResponse {
    /// PER_TENANT: each execution environment is used for one tenant only.
    pub tenant_isolation_mode: String,
}

/// A function's VPC.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct VpcConfigResponse {
    /// The subnets.
    pub subnet_ids: Vec<String>,
    /// The security groups.
    pub security_group_ids: Vec<String>,
    /// The VPC.
    pub vpc_id: String,
    /// True if outbound IPv6 traffic is allowed.
    pub ipv6_allowed_for_dual_stack: bool,
}

/// The destination for failed asynchronous events.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    /// The ARN of a queue or a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_arn: Option<String>,
}

/// A function's environment.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EnvironmentResponse {
    /// The names and values of the variables.
    pub variables: IndexMap<String, String>,
}

/// The tracing of requests.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfigResponse {
    /// Active or PassThrough.
    pub mode: String,
}

/// A layer in use.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Layer {
    /// The layer version's ARN.
    pub arn: String,
    /// The size of the layer in bytes.
    pub code_size: u64,
}

/// A mounted file system.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FileSystemConfigResponse {
    /// The access point's ARN.
    pub arn: String,
    /// The mount path.
    pub local_mount_path: String,
}

/// Settings that replace those of the image.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImageConfigResponse {
    /// The settings.
    pub image_config: ImageConfigMembers,
}

/// Settings that replace those of the image.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImageConfigMembers {
    /// The entry point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<Vec<String>>,
    /// The entry point's arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
}

/// The size of `/tmp`.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EphemeralStorageResponse {
    /// The size in megabytes.
    pub size: u64,
}

/// SnapStart. With it, published versions start from a snapshot.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SnapStartResponse {
    /// PublishedVersions or None.
    pub apply_on: String,
    /// On for a version that has a snapshot.
    pub optimization_status: String,
}

/// The exact build of the runtime.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RuntimeVersionConfig {
    /// The ARN of the build.
    pub runtime_version_arn: String,
}

/// The log group and the format of the logs.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfigResponse {
    /// Text or JSON.
    pub log_format: String,
    /// The lowest level of the log lines that are written for the function's own code. JSON only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_log_level: Option<String>,
    /// The lowest level of the log lines that are written for the Lambda service. JSON only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<String>,
    /// The log group.
    pub log_group: String,
}

/// AWS's state reason and its code while a function is created, updated or published (recorded 2025-11).
const CREATING: (&str, &str) = ("The function is being created.", "Creating");

impl FunctionConfiguration {
    /// The configuration of `$LATEST`. It shows the requested ARN.
    pub fn of_latest(head: &Function, arn: &Arn) -> Self {
        let latest = &head.latest;
        let shown = Self::of(&latest.configuration, arn, "$LATEST", &latest.revision_id);
        match latest.change.as_ref().map(|change| change.kind) {
            Some(ChangeKind::Pending) => shown.pending(),
            Some(ChangeKind::InProgress) => Self {
                state: Some("Active".to_owned()),
                last_update_status: Some("InProgress".to_owned()),
                last_update_status_reason: Some(CREATING.0.to_owned()),
                last_update_status_reason_code: Some(CREATING.1.to_owned()),
                ..shown
            },
            None => shown.active(),
        }
    }

    /// The configuration of a published version. It shows the requested ARN, which names the version by its number or
    /// by an alias.
    pub fn of_version(head: &Function, version: &Version, arn: &Arn) -> Self {
        let moved = head.versions.get(&version.version);
        let revision = moved
            .and_then(|moved| moved.revision_id.as_ref())
            .unwrap_or(&version.revision_id);
        let mut shown = Self::of(&version.configuration, arn, &version.version, revision);
        if shown.snap_start.apply_on == "PublishedVersions" {
            shown.snap_start.optimization_status = "On".to_owned();
        }
        if moved.is_some_and(|moved| moved.active_from.is_some()) {
            shown.pending()
        } else {
            shown.active()
        }
    }

    /// The configuration in the form that lists have: without the states and the build of the runtime (recorded from
    /// AWS 2025-11).
    #[must_use]
    pub fn listed(self) -> Self {
        Self {
            state: None,
            state_reason: None,
            state_reason_code: None,
            last_update_status: None,
            last_update_status_reason: None,
            last_update_status_reason_code: None,
            runtime_version_config: None,
            ..self
        }
    }

    fn pending(self) -> Self {
        Self {
            state: Some("Pending".to_owned()),
            state_reason: Some(CREATING.0.to_owned()),
            state_reason_code: Some(CREATING.1.to_owned()),
            ..self
        }
    }

    fn active(self) -> Self {
        Self {
            state: Some("Active".to_owned()),
            last_update_status: Some("Successful".to_owned()),
            ..self
        }
    }

    fn of(configuration: &Configuration, arn: &Arn, version: &str, revision_id: &str) -> Self {
        let c = configuration.clone();
        Self {
            function_name: arn.name.clone(),
            function_arn: arn.to_string(),
            runtime: c.runtime,
            role: c.role,
            handler: c.handler,
            code_size: c.code_size,
            description: c.description,
            timeout: c.timeout,
            memory_size: c.memory_size,
            last_modified: c.last_modified,
            code_sha256: c.code_sha256,
            version: version.to_owned(),
            vpc_config: c.vpc_config.map(|vpc| VpcConfigResponse {
                subnet_ids: vpc.subnet_ids,
                security_group_ids: vpc.security_group_ids,
                vpc_id: vpc.vpc_id,
                ipv6_allowed_for_dual_stack: vpc.ipv6_allowed_for_dual_stack,
            }),
            dead_letter_config: c
                .dead_letter_config
                .map(|function::DeadLetterConfig { target_arn }| DeadLetterConfig { target_arn }),
            environment: c
                .environment
                .map(|variables| EnvironmentResponse { variables }),
            kms_key_arn: c.kms_key_arn,
            tracing_config: TracingConfigResponse {
                mode: c.tracing_mode,
            },
            master_arn: None,
            revision_id: revision_id.to_owned(),
            layers: c
                .layers
                .into_iter()
                .map(|layer| Layer {
                    arn: layer.arn,
                    code_size: layer.code_size,
                })
                .collect(),
            file_system_configs: c
                .file_system_configs
                .into_iter()
                .map(|mount| FileSystemConfigResponse {
                    arn: mount.arn,
                    local_mount_path: mount.local_mount_path,
                })
                .collect(),
            package_type: c.package_type,
            image_config_response: c.image_config.map(|image| ImageConfigResponse {
                image_config: ImageConfigMembers {
                    entry_point: image.entry_point,
                    command: image.command,
                    working_directory: image.working_directory,
                },
            }),
            architectures: c.architectures,
            ephemeral_storage: EphemeralStorageResponse {
                size: c.ephemeral_storage,
            },
            snap_start: SnapStartResponse {
                apply_on: c.snap_start,
                optimization_status: "Off".to_owned(),
            },
            runtime_version_config: c.runtime_version_arn.map(|runtime_version_arn| {
                RuntimeVersionConfig {
                    runtime_version_arn,
                }
            }),
            logging_config: LoggingConfigResponse {
                log_format: c.logging_config.log_format,
                application_log_level: c.logging_config.application_log_level,
                system_log_level: c.logging_config.system_log_level,
                log_group: c.logging_config.log_group,
            },
            tenancy_config: c.tenant_isolation_mode.map(|tenant_isolation_mode| {
                TenancyConfigResponse {
                    tenant_isolation_mode,
                }
            }),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn members(value: &Value) -> Vec<&str> {
        value
            .as_object()
            .map(|members| members.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_published_plain_function_has_these_22_members_in_this_order() {
        let lambda = Sandbox::with("pay");
        let version = lambda.call("PublishVersion", json!({ "FunctionName": "pay" }));
        assert_eq!(
            members(&version),
            [
                "FunctionName",
                "FunctionArn",
                "Runtime",
                "Role",
                "Handler",
                "CodeSize",
                "Description",
                "Timeout",
                "MemorySize",
                "LastModified",
                "CodeSha256",
                "Version",
                "TracingConfig",
                "RevisionId",
                "State",
                "LastUpdateStatus",
                "PackageType",
                "Architectures",
                "EphemeralStorage",
                "SnapStart",
                "RuntimeVersionConfig",
                "LoggingConfig",
            ]
        );
        assert_eq!(
            members(&version["LoggingConfig"]),
            ["LogFormat", "LogGroup"]
        );
    }

    #[test]
    fn everything_set_stands_in_the_model_s_order() {
        let lambda = Sandbox::with("pay");
        let updated = lambda.call(
            "UpdateFunctionConfiguration",
            json!({
                "FunctionName": "pay",
                "LoggingConfig": { "LogGroup": "g", "SystemLogLevel": "WARN", "LogFormat": "JSON" },
                "FileSystemConfigs": [{
                    "LocalMountPath": "/mnt/data",
                    "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0",
                }],
                "Layers": ["arn:aws:lambda:us-east-1:210987654321:layer:one:1"],
                "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
                "Environment": { "Variables": { "AA": "1" } },
                "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead" },
                "VpcConfig": { "SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1"] },
            }),
        );
        assert_eq!(
            members(&updated),
            [
                "FunctionName",
                "FunctionArn",
                "Runtime",
                "Role",
                "Handler",
                "CodeSize",
                "Description",
                "Timeout",
                "MemorySize",
                "LastModified",
                "CodeSha256",
                "Version",
                "VpcConfig",
                "DeadLetterConfig",
                "Environment",
                "KMSKeyArn",
                "TracingConfig",
                "RevisionId",
                "Layers",
                "State",
                "LastUpdateStatus",
                "LastUpdateStatusReason",
                "LastUpdateStatusReasonCode",
                "FileSystemConfigs",
                "PackageType",
                "Architectures",
                "EphemeralStorage",
                "SnapStart",
                "RuntimeVersionConfig",
                "LoggingConfig",
            ]
        );
        assert_eq!(
            members(&updated["LoggingConfig"]),
            [
                "LogFormat",
                "ApplicationLogLevel",
                "SystemLogLevel",
                "LogGroup"
            ]
        );
        assert_eq!(
            members(&updated["VpcConfig"]),
            [
                "SubnetIds",
                "SecurityGroupIds",
                "VpcId",
                "Ipv6AllowedForDualStack"
            ]
        );
        assert_eq!(members(&updated["Layers"][0]), ["Arn", "CodeSize"]);
        assert_eq!(
            members(&updated["FileSystemConfigs"][0]),
            ["Arn", "LocalMountPath"]
        );
    }

    #[test]
    fn a_pending_function_has_its_reasons_after_its_state() {
        let made = Sandbox::new().create("pay");
        let members = members(&made);
        let at = members
            .iter()
            .position(|member| *member == "State")
            .expect("a state");
        assert_eq!(
            members[at..at + 4],
            ["State", "StateReason", "StateReasonCode", "PackageType"]
        );
    }
}
