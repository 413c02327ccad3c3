//! The structures that CreateFunction and UpdateFunctionConfiguration share, in the form that requests have.

#![allow(missing_docs, reason = "the variants of an enum are AWS's own words")]

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::state::{
    name::{LocalMountPath, LogGroup, ResourceArn, SecurityGroupId, SubnetId},
    pattern,
};

/// The VPC that a function is connected to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct VpcConfig {
    /// Subnets of the VPC.
    #[schemars(length(max = 16))]
    pub subnet_ids: Option<Vec<SubnetId>>,
    /// Security groups of the VPC.
    #[schemars(length(max = 5))]
    pub security_group_ids: Option<Vec<SecurityGroupId>>,
    /// Allow outbound IPv6 traffic through dual-stack subnets.
    pub ipv6_allowed_for_dual_stack: Option<bool>,
}

/// The destination for failed asynchronous events.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    /// The ARN of an SQS queue or an SNS topic.
    pub target_arn: Option<ResourceArn>,
}

/// The environment of the code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// Names and values of environment variables.
    pub variables: Option<Variables>,
}

/// Environment variables, in the order of the request.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Variables(pub IndexMap<String, String>);

impl JsonSchema for Variables {
    fn schema_name() -> Cow<'static, str> {
        "Variables".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "pattern": pattern::VARIABLE_NAME },
            "additionalProperties": { "type": "string" },
            "x-sensitive": true,
        })
    }
}

/// The tracing of requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfig {
    /// The tracing mode.
    pub mode: Option<TracingMode>,
}

/// The tracing of requests.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub enum TracingMode {
    Active,
    PassThrough,
}

/// A file system to mount.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FileSystemConfig {
    /// The ARN of an access point.
    #[schemars(length(max = 256))]
    pub arn: String,
    /// The mount path, below /mnt/.
    pub local_mount_path: LocalMountPath,
}

/// Settings that replace those of the image.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImageConfig {
    /// The entry point to the application.
    #[schemars(length(max = 1500))]
    pub entry_point: Option<Vec<String>>,
    /// Arguments for the entry point.
    #[schemars(length(max = 1500))]
    pub command: Option<Vec<String>>,
    /// The working directory.
    #[schemars(length(max = 1000))]
    pub working_directory: Option<String>,
}

/// The size of `/tmp`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EphemeralStorage {
    /// The size in megabytes.
    #[schemars(range(min = 512, max = 10240))]
    pub size: u64,
}

/// SnapStart. With it, published versions start from a snapshot.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SnapStart {
    /// PublishedVersions: Lambda takes a snapshot when a version is published.
    pub apply_on: Option<SnapStartApplyOn>,
}

/// The versions that use SnapStart.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub enum SnapStartApplyOn {
    PublishedVersions,
    None,
}

/// The log group and the format of the logs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfig {
    /// Text or structured JSON.
    pub log_format: Option<LogFormat>,
    /// The lowest level of the log lines that are written for the function's own code. JSON only.
    pub application_log_level: Option<ApplicationLogLevel>,
    /// The lowest level of the log lines that are written for the Lambda service. JSON only.
    pub system_log_level: Option<SystemLogLevel>,
    /// The CloudWatch log group.
    pub log_group: Option<LogGroup>,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogFormat {
    #[serde(rename = "JSON")]
    Json,
    Text,
}

/// The lowest level of the log lines that are written for the function's own code.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ApplicationLogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// The lowest level of the log lines that are written for the Lambda service.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SystemLogLevel {
    Debug,
    Info,
    Warn,
}

/// The type of the deployment package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PackageType {
    Zip,
    Image,
}

/// The instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-not-null" = true))]
pub enum Architecture {
    #[serde(rename = "x86_64")]
    X86_64,
    #[serde(rename = "arm64")]
    Arm64,
}

/// COPY: Lambda copies the S3 object. REFERENCE: Lambda stores a reference to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum S3ObjectStorageMode {
    Copy,
    Reference,
}

/// The target to which the version is published. Managed instances only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PublishTo {
    LatestPublished,
}

/// Durable execution. Its options are parsed, but it is not simulated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(
    dead_code,
    reason = "the members describe the option; the structure is refused whole"
)]
pub struct DurableConfig {
    /// The key that encrypts the state of executions.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    /// The number of days for which finished executions are kept.
    #[schemars(range(min = 1, max = 90))]
    retention_period_in_days: Option<u64>,
    /// Maximum duration of an execution in seconds.
    #[schemars(range(min = 1, max = 31_622_400))]
    execution_timeout: Option<u64>,
}

/// Managed instances. Their options are parsed, but they are not simulated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(
    dead_code,
    reason = "the members describe the option; the structure is refused whole"
)]
pub struct CapacityProviderConfig {
    /// The capacity provider.
    lambda_managed_instances_capacity_provider_config: ManagedInstances,
}

/// Managed instances.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(
    dead_code,
    reason = "the members describe the option; the structure is refused whole"
)]
pub struct ManagedInstances {
    /// The capacity provider's ARN.
    #[schemars(length(min = 1, max = 140))]
    capacity_provider_arn: String,
    /// Maximum number of concurrent invocations in one environment.
    #[schemars(range(min = 1, max = 1600))]
    per_execution_environment_max_concurrency: Option<u64>,
    /// Memory for each vCPU, in GiB.
    #[serde(rename = "ExecutionEnvironmentMemoryGiBPerVCpu")]
    #[schemars(range(min = 2.0, max = 8.0))]
    execution_environment_memory_gib_per_vcpu: Option<f64>,
}

/// Tenant isolation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TenancyConfig {
    /// The isolation of tenants.
    pub(super) tenant_isolation_mode: TenantIsolationMode,
}

/// The isolation of tenants.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantIsolationMode {
    PerTenant,
}

/// The text of an enum value on the wire.
pub fn wire<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        other => unreachable!("a unit variant is text, not {other:?}"),
    }
}
