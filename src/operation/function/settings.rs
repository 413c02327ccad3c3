//! The settings of a function that CreateFunction and UpdateFunctionConfiguration can change. The same rules apply to
//! both operations.

use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use crate::{
    operation::{Failure, Lambda, Result, iam::execution, resolve::invalid},
    state::{
        arn::{LayerRef, Scope},
        error::{Code, ServiceError},
        function::{self, Configuration, hex},
        layer::LayerVersion,
        name::{
            Description, Handler, LayerVersionArn, RUNTIMES, ResourceArn, RoleArn, Runtime,
            SUPPORTED_RUNTIMES,
        },
    },
};

use super::members::{
    DeadLetterConfig, Environment, EphemeralStorage, FileSystemConfig, ImageConfig, LogFormat,
    LoggingConfig, SnapStart, TracingConfig, VpcConfig, wire,
};

/// The maximum size of the environment, in bytes of its compact JSON.
const ENVIRONMENT_LIMIT: usize = 4096;

/// Names of environment variables that are reserved for the service (AWS documentation, "Defined runtime environment
/// variables").
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The members that both requests have. Members that are not given are kept.
#[derive(Debug, Default)]
pub struct Settings {
    pub(super) role: Option<RoleArn>,
    pub(super) handler: Option<Handler>,
    pub(super) description: Option<Description>,
    pub(super) timeout: Option<u64>,
    pub(super) memory_size: Option<u64>,
    pub(super) vpc_config: Option<VpcConfig>,
    pub(super) environment: Option<Environment>,
    pub(super) runtime: Option<Runtime>,
    pub(super) dead_letter_config: Option<DeadLetterConfig>,
    pub(super) kms_key_arn: Option<ResourceArn>,
    pub(super) tracing_config: Option<TracingConfig>,
    pub(super) layers: Option<Vec<LayerVersionArn>>,
    pub(super) file_system_configs: Option<Vec<FileSystemConfig>>,
    pub(super) image_config: Option<ImageConfig>,
    pub(super) ephemeral_storage: Option<EphemeralStorage>,
    pub(super) snap_start: Option<SnapStart>,
    pub(super) logging_config: Option<LoggingConfig>,
}

/// Refuses members that AWS has and lambdry does not simulate.
///
/// # Errors
/// NotSimulated, with the name of the first such member in the request.
pub fn refuse(unsimulated: &[(&str, bool)]) -> Result<()> {
    match unsimulated.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::NotSimulated(format!("the option {option}"))),
        None => Ok(()),
    }
}

impl Settings {
    /// Applies the settings to a configuration.
    ///
    /// # Errors
    /// InvalidParameterValueException. The message depends on the member.
    pub fn apply(self, lambda: &Lambda<'_>, to: &mut Configuration) -> Result<()> {
        let scope = &lambda.place.scope;
        let needs_more =
            self.role.is_some() || self.vpc_config.is_some() || self.dead_letter_config.is_some();
        if let Some(role) = &self.role {
            execution::check_trust(lambda, &role.0)?;
        }
        if let Some(runtime) = self.runtime {
            check_runtime(&runtime)?;
            // A function keeps the build of its runtime until the runtime changes. So an imported function keeps a
            // build of AWS's.
            if to.runtime.as_ref() != Some(&runtime.0) {
                to.runtime_version_arn = Some(runtime_version_arn(scope, &runtime));
                to.runtime = Some(runtime.0);
            }
        }
        if let Some(megabytes) = self.memory_size {
            let cap = lambda.place.limits()?.memory_size;
            if megabytes > cap {
                // This error has no Type, unlike the errors for other invalid values (public reports).
                return Err(ServiceError::new(Code::ValidationException, format!(
                    "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to {cap}"
                ))
                .into());
            }
            to.memory_size = megabytes;
        }
        if let Some(environment) = self.environment {
            let variables = environment.variables.map(|v| v.0).unwrap_or_default();
            check_environment(&variables)?;
            to.environment = Some(variables);
        }
        if let Some(vpc) = self.vpc_config {
            to.vpc_config = Some(attach(vpc)?);
        }
        if let Some(layers) = self.layers {
            to.layers = check_layers(lambda, layers, &to.layers)?;
            check_unzipped(lambda, to)?;
        }
        if let Some(target) = self.dead_letter_config.and_then(|config| config.target_arn) {
            // `{}` keeps the old target (recorded from AWS 2025-11); an empty ARN removes it.
            let target_arn = Some(target.0).filter(|arn| !arn.is_empty());
            to.dead_letter_config = target_arn
                .is_some()
                .then_some(function::DeadLetterConfig { target_arn });
        }
        if let Some(key) = self.kms_key_arn {
            to.kms_key_arn = Some(key.0).filter(|arn| !arn.is_empty());
        }
        if let Some(mounts) = self.file_system_configs {
            to.file_system_configs = mounts
                .into_iter()
                .map(|mount| function::FileSystemConfig {
                    arn: mount.arn,
                    local_mount_path: mount.local_mount_path.0,
                })
                .collect();
        }
        check_mounts(to)?;
        if let Some(image) = self.image_config {
            let image = function::ImageConfig {
                entry_point: image.entry_point,
                command: image.command,
                working_directory: image.working_directory,
            };
            to.image_config =
                Some(image).filter(|image| *image != function::ImageConfig::default());
        }
        if let Some(config) = self.logging_config {
            merge(config, &mut to.logging_config)?;
        }
        if let Some(mode) = self.tracing_config.and_then(|config| config.mode) {
            to.tracing_mode = wire(mode);
        }
        if let Some(apply_on) = self.snap_start.and_then(|config| config.apply_on) {
            to.snap_start = wire(apply_on);
        }
        if to.snap_start == "PublishedVersions" {
            refuse_with_tenants(to, "SnapStart")?;
        }
        if let Some(storage) = self.ephemeral_storage {
            to.ephemeral_storage = storage.size;
        }
        if let Some(role) = self.role {
            to.role = role.0;
        }
        if let Some(handler) = self.handler {
            to.handler = Some(handler.0);
        }
        if let Some(description) = self.description {
            to.description = description.0;
        }
        if let Some(seconds) = self.timeout {
            to.timeout = seconds;
        }
        if needs_more {
            execution::check_needs(lambda, to)?;
        }
        Ok(())
    }
}

fn check_runtime(runtime: &str) -> Result<(), ServiceError> {
    match RUNTIMES.iter().find(|(name, _)| *name == runtime) {
        Some((_, true)) => Ok(()),
        Some((_, false)) => Err(invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. \
             We recommend you use a supported runtime while creating or updating functions."
        ))),
        None => Err(invalid(format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \
             [{SUPPORTED_RUNTIMES}] or be a valid ARN"
        ))),
    }
}

/// The ARN of a runtime's build. On AWS, the hash identifies a build. Here it is the hash of the runtime's name.
fn runtime_version_arn(scope: &Scope, runtime: &str) -> String {
    format!(
        "arn:{}:lambda:{}::runtime:{}",
        scope.partition(),
        scope.region,
        hex(&Sha256::digest(runtime))
    )
}

fn check_environment(variables: &IndexMap<String, String>) -> Result<(), ServiceError> {
    let reserved: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let json = serde_json::to_string(variables).expect("text becomes JSON");
    if json.len() > ENVIRONMENT_LIMIT {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {json}"
        )));
    }
    Ok(())
}

/// The VPC configuration for those subnets. Subnets cannot be looked up here. So every well-formed id is accepted, and
/// the id of the VPC is made from the id of the first subnet. A list without subnets detaches the function from its VPC
/// and leaves an empty VpcConfig (recorded from AWS 2025-11).
///
/// # Errors
/// Subnets without security groups, or security groups without subnets (public reports).
fn attach(vpc: VpcConfig) -> Result<function::VpcConfig, ServiceError> {
    let subnet_ids: Vec<String> = vpc
        .subnet_ids
        .into_iter()
        .flatten()
        .map(|id| id.0)
        .collect();
    let vpc_id = subnet_ids
        .first()
        .map(|first| format!("vpc-{}", &hex(&Sha256::digest(first))[..17]));
    let security_group_ids: Vec<String> = vpc
        .security_group_ids
        .into_iter()
        .flatten()
        .map(|id| id.0)
        .collect();
    if subnet_ids.is_empty() != security_group_ids.is_empty() {
        return Err(invalid(
            "SubnetIds and SecurityIds must coexist or be both empty list.",
        ));
    }
    Ok(function::VpcConfig {
        subnet_ids,
        security_group_ids,
        vpc_id: vpc_id.unwrap_or_default(),
        ipv6_allowed_for_dual_stack: vpc.ipv6_allowed_for_dual_stack.unwrap_or_default(),
    })
}

/// Refuses a mount for a function that has no VPC. A file system can be reached only through a VPC (public reports). So
/// the VPC cannot be removed while a mount exists.
fn check_mounts(configuration: &Configuration) -> Result<(), ServiceError> {
    let vpc = configuration.vpc_config.as_ref();
    let attached = vpc.is_some_and(|vpc| !vpc.subnet_ids.is_empty());
    match configuration.file_system_configs.first() {
        Some(mount) if !attached => Err(invalid(format!(
            "Function must be configured to execute in a VPC to reference access point {}",
            mount.arn
        ))),
        _ => Ok(()),
    }
}

/// Checks the layers of a request, with AWS's words for errors (recorded 2025-11).
fn check_layers(
    lambda: &Lambda<'_>,
    layers: Vec<LayerVersionArn>,
    before: &[function::Layer],
) -> Result<Vec<function::Layer>> {
    let scope = &lambda.place.scope;
    if layers.len() > 5 {
        return Err(invalid("Cannot reference more than 5 layers.").into());
    }
    let layer_of = |arn: &str| arn.rsplit_once(':').map(|(layer, _)| layer.to_owned());
    for (n, one) in layers.iter().enumerate() {
        if let Some(other) = layers[n + 1..]
            .iter()
            .find(|other| layer_of(other) == layer_of(one))
        {
            return Err(invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. \
                 {one} and {other} are versions of the same layer."
            ))
            .into());
        }
    }
    let mut used = Vec::new();
    for arn in layers {
        let parts: Vec<&str> = arn.split(':').collect();
        if parts
            .get(3)
            .is_some_and(|region| !region.is_empty() && *region != scope.region)
        {
            return Err(invalid(format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {}.",
                scope.region
            ))
            .into());
        }
        // A layer of another account, for example a vendor's, cannot be looked up. It is accepted without a check. Its
        // sizes are known only if an import brought them.
        let (mut code_size, mut unzipped_size) = before
            .iter()
            .find(|layer| layer.arn == arn.0)
            .map_or((0, 0), |layer| (layer.code_size, layer.unzipped_size));
        if parts
            .get(4)
            .is_some_and(|account| *account == scope.account)
        {
            let version = own_layer(lambda, &arn)?
                .ok_or_else(|| invalid(format!("Layer version {arn} does not exist.")))?;
            (code_size, unzipped_size) = (version.code_size, version.unzipped_size);
        }
        used.push(function::Layer {
            arn: arn.0,
            code_size,
            unzipped_size,
        });
    }
    Ok(used)
}

/// Reads a layer version of this account by its ARN.
fn own_layer(lambda: &Lambda<'_>, arn: &str) -> Result<Option<LayerVersion>> {
    let Some((layer, number)) = LayerRef::with_version(arn) else {
        return Ok(None);
    };
    let version = lambda
        .layers()
        .view(layer.name, |view| view.version(number))?;
    Ok(version.flatten())
}

/// Checks the unzipped size of code and layers together (public reports, 2019). If the layers alone exceed the limit,
/// the error has other words (public reports).
///
/// # Errors
/// InvalidParameterValueException.
pub fn check_unzipped(lambda: &Lambda<'_>, configuration: &Configuration) -> Result<()> {
    if configuration.layers.is_empty() {
        return Ok(());
    }
    let limit = lambda.place.limits()?.code_size_unzipped;
    let layers = configuration.layers.iter().map(|layer| layer.unzipped_size);
    let layers = layers.fold(0, u64::saturating_add);
    if layers > limit {
        return Err(invalid(format!(
            "Layers consume more than the available size of {limit} bytes"
        ))
        .into());
    }
    let actual = configuration.unzipped_size.saturating_add(layers);
    if actual > limit {
        return Err(invalid(format!(
            "Function code combined with layers exceeds the maximum allowed size of {limit} bytes. \
             The actual size is {actual} bytes."
        ))
        .into());
    }
    Ok(())
}

/// Replaces the members that the request gives. Then adds or removes the log levels: with the format JSON, both levels
/// are set; with Text, none is set (recorded from AWS 2025-11).
///
/// # Errors
/// The request sets a level and the format is Text (public reports).
fn merge(config: LoggingConfig, to: &mut function::LoggingConfig) -> Result<(), ServiceError> {
    let levels = config.application_log_level.is_some() || config.system_log_level.is_some();
    if let Some(format) = config.log_format {
        to.log_format = wire(format);
    }
    if let Some(group) = config.log_group {
        to.log_group = group.0;
    }
    if let Some(level) = config.application_log_level {
        to.application_log_level = Some(wire(level));
    }
    if let Some(level) = config.system_log_level {
        to.system_log_level = Some(wire(level));
    }
    if to.log_format == wire(LogFormat::Json) {
        to.application_log_level
            .get_or_insert_with(|| "INFO".to_owned());
        to.system_log_level.get_or_insert_with(|| "INFO".to_owned());
    } else if levels {
        return Err(invalid(
            "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the \
             LogFormat to \"Json\" and try again.",
        ));
    } else {
        to.application_log_level = None;
        to.system_log_level = None;
    }
    Ok(())
}

/// Refuses a feature that a function with tenant isolation cannot have. According to AWS's page, these are SnapStart,
/// provisioned concurrency and function URLs. The words are ours.
///
/// # Errors
/// InvalidParameterValueException.
pub fn refuse_with_tenants(configuration: &Configuration, what: &str) -> Result<()> {
    match configuration.tenant_isolation_mode {
        Some(_) => Err(invalid(format!(
            "{what} is not supported for functions with tenant isolation."
        ))
        .into()),
        None => Ok(()),
    }
}

/// The configuration of a new function before its settings are applied. It holds AWS's defaults.
pub fn defaults(name: &str, package_type: &str) -> Configuration {
    Configuration {
        runtime: None,
        role: String::new(),
        handler: None,
        code_size: 0,
        unzipped_size: 0,
        description: String::new(),
        timeout: 3,
        memory_size: 128,
        last_modified: String::new(),
        code_sha256: String::new(),
        vpc_config: None,
        dead_letter_config: None,
        environment: None,
        kms_key_arn: None,
        tracing_mode: "PassThrough".to_owned(),
        layers: Vec::new(),
        file_system_configs: Vec::new(),
        package_type: package_type.to_owned(),
        image_config: None,
        architectures: vec!["x86_64".to_owned()],
        ephemeral_storage: 512,
        snap_start: "None".to_owned(),
        runtime_version_arn: None,
        logging_config: function::LoggingConfig {
            log_format: "Text".to_owned(),
            application_log_level: None,
            system_log_level: None,
            log_group: format!("/aws/lambda/{name}"),
        },
        tenant_isolation_mode: None,
        image: None,
        source_kms_key_arn: None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::SUPPORTED_RUNTIMES;
    use crate::operation::sandbox::Sandbox;

    /// The service's error for members that UpdateFunctionConfiguration must refuse. Checks that nothing is written.
    fn refused(members: Value) -> String {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        let mut request = members;
        request["FunctionName"] = json!("pay");
        let told = lambda.error("UpdateFunctionConfiguration", request);
        assert_eq!(before, lambda.files());
        told
    }

    #[test]
    fn an_unknown_runtime_is_answered_with_the_known_ones() {
        for runtime in ["python9", "Python3.12", "", "python3.12 "] {
            assert_eq!(
                refused(json!({ "Runtime": runtime })),
                format!(
                    "(InvalidParameterValueException): Value {runtime} at 'runtime' failed to satisfy constraint: Member \
                     must satisfy enum value set: [{SUPPORTED_RUNTIMES}] or be a valid ARN"
                )
            );
        }
    }

    #[test]
    fn a_retired_runtime_is_no_longer_supported() {
        for runtime in [
            "java8",
            "go1.x",
            "provided",
            "ruby2.7",
            "nodejs14.x",
            "python3.7",
            "dotnetcore3.1",
            "nodejs12.x",
        ] {
            assert_eq!(
                refused(json!({ "Runtime": runtime })),
                format!(
                    "(InvalidParameterValueException): The runtime parameter of {runtime} is no longer supported for \
                     creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or \
                     updating functions."
                )
            );
        }
    }

    #[test]
    fn an_environment_may_have_4096_bytes_of_compact_json() {
        // The JSON around the value, `{"KEY":"…"}`, takes ten bytes.
        let lambda = Sandbox::with("pay");
        let request = |value: &str| json!({ "FunctionName": "pay", "Environment": { "Variables": { "KEY": value } } });
        lambda.call("UpdateFunctionConfiguration", request(&"x".repeat(4086)));
        let value = "x".repeat(4087);
        assert_eq!(
            lambda.error("UpdateFunctionConfiguration", request(&value)),
            format!(
                "(InvalidParameterValueException): Lambda was unable to configure your environment variables because the \
                 environment variables you have provided exceeded the 4KB limit. String measured: {{\"KEY\":\"{value}\"}}"
            )
        );
        // The limit counts bytes, not characters. In a request, each of these characters takes six bytes. The body of
        // an update would be too large, so the test uses CreateFunction.
        let create = |name: &str, value: &str| {
            let zip = lambda.zip(name);
            let request = json!({
                "FunctionName": name, "Runtime": "python3.12", "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/r", "Code": { "ZipFile": zip.handle() },
                "Environment": { "Variables": { "KEY": value } },
            });
            lambda.try_call("CreateFunction", request)
        };
        assert!(create("fits", &"é".repeat(2043)).is_ok());
        assert!(create("large", &"é".repeat(2044)).is_err());
    }

    #[test]
    fn reserved_names_are_all_named_in_the_order_given() {
        assert_eq!(
            refused(
                json!({ "Environment": { "Variables": { "AWS_SESSION_TOKEN": "x", "OK": "", "AWS_REGION": "y" } } })
            ),
            "(InvalidParameterValueException): Lambda was unable to configure your environment variables because the \
             environment variables you have provided contains reserved keys that are currently not supported for \
             modification. Reserved keys used in this request: AWS_SESSION_TOKEN, AWS_REGION"
        );
    }

    #[test]
    fn a_variable_s_name_has_a_pattern_and_its_value_is_kept_out_of_the_message() {
        for name in ["1A", "A-B", "A", "é1", ""] {
            assert_eq!(
                refused(
                    json!({ "Environment": { "Variables": { "OK": "secret", name: "secret" } } })
                ),
                "(ValidationException): 1 validation error detected: Value at 'environment.variables' failed to satisfy \
                 constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
                 [a-zA-Z]([a-zA-Z0-9_])+]"
            );
        }
    }

    #[test]
    fn subnets_and_security_groups_list_every_constraint_of_an_element() {
        let constraints = "Member must have length less than or equal to 1024, Member must have length greater than or equal \
            to 0, Member must satisfy regular expression pattern";
        assert_eq!(
            refused(json!({ "VpcConfig": { "SubnetIds": ["bad-subnet"] } })),
            format!(
                "(ValidationException): 1 validation error detected: Value '[bad-subnet]' at 'vpcConfig.subnetIds' failed to \
                 satisfy constraint: Member must satisfy constraint: [{constraints}: subnet-[0-9a-z]*]"
            )
        );
        assert_eq!(
            refused(
                json!({ "VpcConfig": { "SubnetIds": ["x"], "SecurityGroupIds": ["sg-1", "bad"] } })
            ),
            format!(
                "(ValidationException): 2 validation errors detected: Value '[x]' at 'vpcConfig.subnetIds' failed to satisfy \
                 constraint: Member must satisfy constraint: [{constraints}: subnet-[0-9a-z]*]; Value '[sg-1, bad]' at \
                 'vpcConfig.securityGroupIds' failed to satisfy constraint: Member must satisfy constraint: [{constraints}: \
                 sg-[0-9a-zA-Z]*]"
            )
        );
    }

    #[test]
    fn memory_is_bounded_by_the_model_and_by_the_account() {
        assert_eq!(
            refused(json!({ "MemorySize": 32769 })),
            "(ValidationException): 1 validation error detected: Value '32769' at 'memorySize' failed to satisfy constraint: \
             Member must have value less than or equal to 32768"
        );
        // This error has no Type either (public reports).
        assert_eq!(
            refused(json!({ "MemorySize": 10241 })),
            "(ValidationException): 'MemorySize' value failed to satisfy constraint: Member must have value less \
             than or equal to 10240"
        );
        let lambda = Sandbox::with("pay");
        fs::write(
            lambda.here().join("account.json"),
            r#"{ "MemorySize": 3008 }"#,
        )
        .expect("limits");
        let request = |megabytes: u64| json!({ "FunctionName": "pay", "MemorySize": megabytes });
        assert!(
            lambda
                .error("UpdateFunctionConfiguration", request(3009))
                .ends_with("less than or equal to 3008")
        );
        assert_eq!(
            lambda.call("UpdateFunctionConfiguration", request(3008))["MemorySize"],
            3008
        );
    }

    /// Public reports.
    #[test]
    fn subnets_and_security_groups_come_together() {
        for half in [
            json!({ "SubnetIds": ["subnet-1"] }),
            json!({ "SubnetIds": [], "SecurityGroupIds": ["sg-1"] }),
        ] {
            assert_eq!(
                refused(json!({ "VpcConfig": half })),
                "(InvalidParameterValueException): SubnetIds and SecurityIds must coexist or be both empty list."
            );
        }
    }

    /// Public reports.
    #[test]
    fn a_level_needs_json() {
        for config in [
            json!({ "LogFormat": "Text", "ApplicationLogLevel": "DEBUG" }),
            json!({ "LogFormat": "Text", "SystemLogLevel": "WARN" }),
            json!({ "SystemLogLevel": "WARN" }),
        ] {
            assert_eq!(
                refused(json!({ "LoggingConfig": config })),
                "(InvalidParameterValueException): LogLevel is not supported when LogFormat is set to \"Text\". Remove \
                 LogLevel from your request or change the LogFormat to \"Json\" and try again."
            );
        }
    }

    /// Public reports.
    #[test]
    fn a_file_system_needs_a_vpc() {
        let arn = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0";
        let mount = json!([{ "Arn": arn, "LocalMountPath": "/mnt/data" }]);
        let told = format!(
            "(InvalidParameterValueException): Function must be configured to execute in a VPC to reference access point {arn}"
        );
        assert_eq!(refused(json!({ "FileSystemConfigs": mount })), told);
        let lambda = Sandbox::with("pay");
        let request = |vpc: Value| json!({ "FunctionName": "pay", "VpcConfig": vpc });
        let mut both = request(json!({ "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] }));
        both["FileSystemConfigs"] = mount;
        lambda.call("UpdateFunctionConfiguration", both);
        let detach = request(json!({ "SubnetIds": [], "SecurityGroupIds": [] }));
        assert_eq!(
            lambda.error("UpdateFunctionConfiguration", detach.clone()),
            told
        );
        let mut both = detach;
        both["FileSystemConfigs"] = json!([]);
        lambda.call("UpdateFunctionConfiguration", both);
    }

    /// Public reports.
    #[test]
    fn layers_alone_may_be_too_large() {
        let lambda = Sandbox::with("pay");
        lambda.publish_layer("lib", json!({}));
        fs::write(
            lambda.here().join("account.json"),
            r#"{ "CodeSizeUnzipped": 1 }"#,
        )
        .expect("limits");
        assert_eq!(
            lambda.error(
                "UpdateFunctionConfiguration",
                json!({ "FunctionName": "pay", "Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:lib:1"] })
            ),
            "(InvalidParameterValueException): Layers consume more than the available size of 1 bytes"
        );
    }

    #[test]
    fn layers_keep_aws_s_rules() {
        let layer = |name: &str, version: u64| {
            format!("arn:aws:lambda:us-east-1:210987654321:layer:{name}:{version}")
        };
        let six: Vec<String> = (0..6).map(|n| layer(&format!("l{n}"), 1)).collect();
        assert_eq!(
            refused(json!({ "Layers": six })),
            "(InvalidParameterValueException): Cannot reference more than 5 layers."
        );
        for second in [2, 1] {
            let (a, b) = (layer("l", 1), layer("l", second));
            assert_eq!(
                refused(json!({ "Layers": [a, layer("m", 1), b] })),
                format!(
                    "(InvalidParameterValueException): Two different versions of the same layer are not allowed to be \
                     referenced in the same function. {a} and {b} are versions of the same layer."
                )
            );
        }
        assert_eq!(
            refused(json!({ "Layers": ["arn:aws:lambda:eu-west-1:210987654321:layer:l:1"] })),
            "(InvalidParameterValueException): Layers are not in the same region as the function. Layers are expected to be \
             in region us-east-1."
        );
        let own = "arn:aws:lambda:us-east-1:123456789012:layer:l:1";
        assert_eq!(
            refused(json!({ "Layers": [own] })),
            format!("(InvalidParameterValueException): Layer version {own} does not exist.")
        );
        let unversioned = "arn:aws:lambda:us-east-1:210987654321:layer:l";
        assert_eq!(
            refused(json!({ "Layers": [unversioned] })),
            format!(
                "(ValidationException): 1 validation error detected: Value '[{unversioned}]' at 'layers' failed to satisfy \
                 constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must \
                 have length greater than or equal to 1, Member must satisfy regular expression pattern: \
                 (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{{1}}:\\d{{12}}:layer:\
                 [a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]"
            )
        );
    }

    #[test]
    fn a_layer_of_ours_brings_its_size_and_counts_unzipped() {
        let lambda = Sandbox::with("pay");
        let layer = lambda.publish_layer("lib", json!({}));
        let arn = layer["LayerVersionArn"].as_str().expect("an ARN");
        let request = json!({ "FunctionName": "pay", "Layers": [arn] });
        let limit = |bytes: u64| {
            fs::write(
                lambda.here().join("account.json"),
                format!(r#"{{ "CodeSizeUnzipped": {bytes} }}"#),
            )
            .expect("limits");
        };
        // One zip holds "pay", the other one "layer".
        limit(7);
        assert_eq!(
            lambda.error("UpdateFunctionConfiguration", request.clone()),
            "(InvalidParameterValueException): Function code combined with layers exceeds the maximum allowed size of 7 \
             bytes. The actual size is 8 bytes."
        );
        limit(8);
        let updated = lambda.call("UpdateFunctionConfiguration", request);
        assert_eq!(
            updated["Layers"],
            json!([{ "Arn": arn, "CodeSize": layer["Content"]["CodeSize"] }])
        );
        let spool = lambda.zip("pay!");
        assert_eq!(
            lambda.error(
                "UpdateFunctionCode",
                json!({ "FunctionName": "pay", "ZipFile": spool.handle() })
            ),
            "(InvalidParameterValueException): Function code combined with layers exceeds the maximum allowed size of 8 \
             bytes. The actual size is 9 bytes."
        );
        for missing in [
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:2",
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:0",
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:99999999999999999999",
        ] {
            assert_eq!(
                lambda.error(
                    "UpdateFunctionConfiguration",
                    json!({ "FunctionName": "pay", "Layers": [missing] })
                ),
                format!(
                    "(InvalidParameterValueException): Layer version {missing} does not exist."
                )
            );
        }
    }

    #[test]
    fn bounds_and_enums_are_told_by_their_path() {
        for (members, told) in [
            (
                json!({ "SnapStart": { "ApplyOn": "invalidOption" } }),
                "'invalidOption' at 'snapStart.applyOn' failed to satisfy \
              constraint: Member must satisfy enum value set: [PublishedVersions, None]",
            ),
            (
                json!({ "Timeout": 0 }),
                "'0' at 'timeout' failed to satisfy constraint: Member must have value greater than or \
              equal to 1",
            ),
            (
                json!({ "EphemeralStorage": { "Size": 511 } }),
                "'511' at 'ephemeralStorage.size' failed to satisfy constraint: \
              Member must have value greater than or equal to 512",
            ),
            (
                json!({ "EphemeralStorage": {} }),
                "null at 'ephemeralStorage.size' failed to satisfy constraint: Member must \
              not be null",
            ),
            (
                json!({ "LoggingConfig": { "LogGroup": "a b" } }),
                "'a b' at 'loggingConfig.logGroup' failed to satisfy \
              constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
            ),
            (
                json!({ "DeadLetterConfig": { "TargetArn": "x" } }),
                "'x' at 'deadLetterConfig.targetArn' failed to satisfy \
              constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
            ),
            (
                json!({ "KMSKeyArn": "x" }),
                "'x' at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular \
              expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
            ),
            (
                json!({ "Handler": "a b" }),
                "'a b' at 'handler' failed to satisfy constraint: Member must satisfy regular \
              expression pattern: [^\\s]+",
            ),
        ] {
            assert_eq!(
                refused(members),
                format!("(ValidationException): 1 validation error detected: Value {told}")
            );
        }
        let long = "d".repeat(257);
        assert_eq!(
            refused(json!({ "Description": long })),
            format!(
                "(ValidationException): 1 validation error detected: Value '{long}' at 'description' failed to satisfy \
                 constraint: Member must have length less than or equal to 256"
            )
        );
        let subnets: Vec<String> = (0..17).map(|n| format!("subnet-{n}")).collect();
        assert!(refused(json!({ "VpcConfig": { "SubnetIds": subnets } })).ends_with(
            "at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must have length less than or equal to 16"
        ));
    }
}
