//! `UpdateFunctionConfiguration`: changes the settings of `$LATEST`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{against_published, invalid, settled, stale_revision, under_way},
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
    settings::Settings,
};

/// Request of UpdateFunctionConfiguration.
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
    /// The number of seconds after which Lambda stops an invocation. The maximum is 900.
    #[schemars(range(min = 1, max = 900))]
    timeout: Option<u64>,
    /// The memory available to the function, in megabytes.
    #[schemars(range(min = 128, max = 32768))]
    memory_size: Option<u64>,
    /// The VPC to connect the function to. Empty lists disconnect the function from its VPC.
    vpc_config: Option<VpcConfig>,
    /// Environment variables that are accessible from the code. They replace all earlier ones.
    environment: Option<Environment>,
    /// The identifier of the function's runtime.
    runtime: Option<Runtime>,
    /// The destination for asynchronous events that could not be processed.
    dead_letter_config: Option<DeadLetterConfig>,
    /// The ARN of the KMS key that encrypts the environment variables.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<ResourceArn>,
    /// The tracing of some of the requests with X-Ray.
    tracing_config: Option<TracingConfig>,
    /// Only update the function if the RevisionId of $LATEST is equal to this one. This prevents overwriting somebody
    /// else's update.
    revision_id: Option<String>,
    /// Layer versions for the function, at most five. They replace all earlier ones; an empty list removes them.
    layers: Option<Vec<LayerVersionArn>>,
    /// A file system to mount.
    #[schemars(length(max = 1))]
    file_system_configs: Option<Vec<FileSystemConfig>>,
    /// Settings that replace those of the container image. They also replace all earlier settings of this kind.
    image_config: Option<ImageConfig>,
    /// The size of the function's /tmp directory.
    ephemeral_storage: Option<EphemeralStorage>,
    /// SnapStart. With it, published versions start from a snapshot.
    snap_start: Option<SnapStart>,
    /// The log group and the format of the logs. Members that are not given are kept.
    logging_config: Option<LoggingConfig>,
    /// The managed instances to run on.
    #[schemars(extend("x-refused" = true))]
    _capacity_provider_config: Option<CapacityProviderConfig>,
    /// Durable execution.
    #[schemars(extend("x-refused" = true))]
    _durable_config: Option<DurableConfig>,
}

impl Operation for UpdateFunctionConfigurationRequest {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/configuration 200";
    const ABOUT: &'static str = "Changes the settings of a Lambda function: only $LATEST. The update is in progress \
        until LastUpdateStatus is Successful; wait for that before the next change or publish. Settings that the \
        call does not name are kept.";
    const BODY_LIMIT: Option<u64> = Some(5120);
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
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
            let current = &edit.head.latest.revision_id;
            if let Some(given) = self.revision_id.as_ref().filter(|given| *given != current) {
                return Err(stale_revision("$LATEST", given, current).into());
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
            let layered = settings.layers.as_ref().is_some_and(|layers| !layers.is_empty());
            settings.apply(lambda, configuration)?;
            if layered {
                lambda.check_signature_for(&edit.head)?;
            }
            let configuration = &mut edit.head.latest.configuration;
            configuration.last_modified = last_modified(edit.now);
            edit.head.note_update();
            let completes = edit.after(lambda.settle);
            lambda.explain(|| {
                format!(
                    "$LATEST has the given settings and keeps its others; versions are frozen. {} {}",
                    against_published(lambda, &edit.head),
                    under_way(lambda, completes)
                )
            });
            edit.head.latest.revision_id = edit.next_id();
            let revision_id = edit.next_id();
            edit.head.latest.change = Some(Change { kind: ChangeKind::InProgress, completes, revision_id });
            Ok(FunctionConfiguration::of_latest(&edit.head, &target.arn))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:dead";
    const LAYER: &str = "arn:aws:lambda:us-east-1:210987654321:layer:one:1";
    const OTHER_LAYER: &str = "arn:aws:lambda:us-east-1:210987654321:layer:two:7";

    fn update(lambda: &Sandbox, members: Value) -> Value {
        let mut request = members;
        request["FunctionName"] = json!("pay");
        lambda.call("UpdateFunctionConfiguration", request)
    }

    fn refused(lambda: &Sandbox, members: Value) -> String {
        let mut request = members;
        request["FunctionName"] = json!("pay");
        lambda.error("UpdateFunctionConfiguration", request)
    }

    #[test]
    fn an_update_is_in_progress_and_then_successful_with_a_new_revision_each() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        lambda.settle.set(Duration::from_secs(2));
        lambda.pass(Duration::from_secs(60));
        let updated = update(&lambda, json!({ "Timeout": 9 }));
        assert_eq!(
            (
                &updated["FunctionArn"],
                &updated["Version"],
                &updated["Timeout"]
            ),
            (&json!(ARN), &json!("$LATEST"), &json!(9))
        );
        assert_eq!(
            (
                &updated["State"],
                &updated["LastUpdateStatus"],
                &updated["LastUpdateStatusReasonCode"]
            ),
            (&json!("Active"), &json!("InProgress"), &json!("Creating"))
        );
        assert_eq!(updated["LastModified"], "2026-11-22T12:01:00.000+0000");
        lambda.pass(Duration::from_secs(2));
        let done = lambda.latest("pay");
        assert_eq!(done["LastUpdateStatus"], "Successful");
        assert_ne!(before["RevisionId"], updated["RevisionId"]);
        assert_ne!(updated["RevisionId"], done["RevisionId"]);
    }

    #[test]
    fn scalars_are_replaced_where_given_and_kept_where_not() {
        let lambda = Sandbox::with("pay");
        let given = json!({
            "Role": "arn:aws:iam::123456789012:role/other",
            "Handler": "other.main",
            "Description": "d",
            "Timeout": 900,
            "MemorySize": 10240,
        });
        update(&lambda, given.clone());
        let after = update(&lambda, json!({}));
        for (name, value) in given.as_object().expect("members") {
            assert_eq!(&after[name], value, "{name}");
        }
        assert_eq!(
            update(&lambda, json!({ "Description": "" }))["Description"],
            ""
        );
    }

    #[test]
    fn the_runtime_brings_its_own_build() {
        let lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        let kept = update(&lambda, json!({ "Timeout": 4 }));
        assert_eq!(kept["RuntimeVersionConfig"], before["RuntimeVersionConfig"]);
        let after = update(&lambda, json!({ "Runtime": "python3.13" }));
        assert_eq!(after["Runtime"], "python3.13");
        assert_ne!(
            after["RuntimeVersionConfig"],
            before["RuntimeVersionConfig"]
        );
        let arn = after["RuntimeVersionConfig"]["RuntimeVersionArn"]
            .as_str()
            .expect("an ARN");
        assert!(
            arn.starts_with("arn:aws:lambda:us-east-1::runtime:"),
            "{arn}"
        );
    }

    #[test]
    fn the_environment_is_replaced_whole_and_stays_when_it_is_empty() {
        let lambda = Sandbox::with("pay");
        assert_eq!(lambda.latest("pay").get("Environment"), None);
        update(
            &lambda,
            json!({ "Environment": { "Variables": { "BB": "2", "AA": "1" } } }),
        );
        let kept = update(&lambda, json!({ "Timeout": 4 }));
        assert_eq!(
            serde_json::to_string(&kept["Environment"]).expect("text"),
            r#"{"Variables":{"BB":"2","AA":"1"}}"#,
            "in the order given"
        );
        let replaced = update(
            &lambda,
            json!({ "Environment": { "Variables": { "CC": "3" } } }),
        );
        assert_eq!(
            replaced["Environment"],
            json!({ "Variables": { "CC": "3" } })
        );
        for empty in [json!({ "Variables": {} }), json!({})] {
            assert_eq!(
                update(&lambda, json!({ "Environment": empty }))["Environment"],
                json!({ "Variables": {} })
            );
        }
    }

    #[test]
    fn detaching_the_vpc_leaves_an_empty_block() {
        let lambda = Sandbox::with("pay");
        assert_eq!(lambda.latest("pay").get("VpcConfig"), None);
        update(
            &lambda,
            json!({ "VpcConfig": { "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"] } }),
        );
        let kept = update(&lambda, json!({ "Timeout": 4 }))["VpcConfig"].clone();
        assert_eq!(kept["SubnetIds"], json!(["subnet-1", "subnet-2"]));
        assert_eq!(kept["SecurityGroupIds"], json!(["sg-1"]));
        assert_eq!(kept["Ipv6AllowedForDualStack"], false);
        assert!(
            kept["VpcId"]
                .as_str()
                .is_some_and(|id| id.starts_with("vpc-")),
            "{kept}"
        );
        let detached = update(
            &lambda,
            json!({ "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] } }),
        );
        assert_eq!(
            serde_json::to_string(&detached["VpcConfig"]).expect("text"),
            r#"{"SubnetIds":[],"SecurityGroupIds":[],"VpcId":"","Ipv6AllowedForDualStack":false}"#
        );
    }

    #[test]
    fn layers_are_replaced_whole_and_an_empty_list_removes_them() {
        let lambda = Sandbox::with("pay");
        let arns = |shown: &Value| {
            let layers = shown["Layers"].as_array().cloned().unwrap_or_default();
            layers
                .iter()
                .map(|layer| layer["Arn"].clone())
                .collect::<Vec<_>>()
        };
        update(&lambda, json!({ "Layers": [OTHER_LAYER, LAYER] }));
        assert_eq!(
            arns(&update(&lambda, json!({ "Timeout": 4 }))),
            [OTHER_LAYER, LAYER]
        );
        assert_eq!(
            arns(&update(&lambda, json!({ "Layers": [LAYER] }))),
            [LAYER]
        );
        assert_eq!(update(&lambda, json!({ "Layers": [] })).get("Layers"), None);
    }

    #[test]
    fn an_empty_dead_letter_config_keeps_the_target_and_an_empty_arn_clears_it() {
        let lambda = Sandbox::with("pay");
        assert_eq!(
            update(&lambda, json!({ "DeadLetterConfig": {} })).get("DeadLetterConfig"),
            None
        );
        update(
            &lambda,
            json!({ "DeadLetterConfig": { "TargetArn": QUEUE } }),
        );
        for keeps in [json!({}), json!({ "DeadLetterConfig": {} })] {
            assert_eq!(
                update(&lambda, keeps)["DeadLetterConfig"],
                json!({ "TargetArn": QUEUE })
            );
        }
        let cleared = update(&lambda, json!({ "DeadLetterConfig": { "TargetArn": "" } }));
        assert_eq!(cleared.get("DeadLetterConfig"), None);
    }

    #[test]
    fn the_image_config_is_replaced_whole() {
        let lambda = Sandbox::new();
        lambda.call(
            "CreateFunction",
            json!({
                "FunctionName": "pay",
                "Role": "arn:aws:iam::123456789012:role/r",
                "PackageType": "Image",
                "Code": { "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1" },
                "ImageConfig": { "EntryPoint": ["sh"], "Command": ["-c"], "WorkingDirectory": "/" },
            }),
        );
        let kept = update(&lambda, json!({ "Timeout": 4 }));
        assert_eq!(
            kept["ImageConfigResponse"],
            json!({ "ImageConfig": { "EntryPoint": ["sh"], "Command": ["-c"], "WorkingDirectory": "/" } })
        );
        let replaced = update(&lambda, json!({ "ImageConfig": { "Command": ["x"] } }));
        assert_eq!(
            replaced["ImageConfigResponse"],
            json!({ "ImageConfig": { "Command": ["x"] } })
        );
        assert_eq!(
            update(&lambda, json!({ "ImageConfig": {} })).get("ImageConfigResponse"),
            None
        );
        for members in [
            json!({ "Runtime": "python3.12" }),
            json!({ "Handler": "h" }),
            json!({ "Layers": [LAYER] }),
        ] {
            assert_eq!(
                refused(&lambda, members),
                "(InvalidParameterValueException): Please don't provide Handler or Runtime or Layer when the intended \
                 function PackageType is Image."
            );
        }
    }

    #[test]
    fn key_tracing_storage_snapshots_and_file_systems_are_replaced_and_kept() {
        let lambda = Sandbox::with("pay");
        let key = "arn:aws:kms:us-east-1:123456789012:key/k";
        let mount = json!({
            "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0",
            "LocalMountPath": "/mnt/data",
        });
        update(
            &lambda,
            json!({
                "KMSKeyArn": key,
                "TracingConfig": { "Mode": "Active" },
                "EphemeralStorage": { "Size": 1024 },
                "SnapStart": { "ApplyOn": "PublishedVersions" },
                "FileSystemConfigs": [mount],
                "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] },
            }),
        );
        let kept = update(&lambda, json!({ "TracingConfig": {}, "SnapStart": {} }));
        assert_eq!(kept["KMSKeyArn"], key);
        assert_eq!(kept["TracingConfig"], json!({ "Mode": "Active" }));
        assert_eq!(kept["EphemeralStorage"], json!({ "Size": 1024 }));
        assert_eq!(
            kept["SnapStart"],
            json!({ "ApplyOn": "PublishedVersions", "OptimizationStatus": "Off" })
        );
        assert_eq!(kept["FileSystemConfigs"], json!([mount]));
        let cleared = update(&lambda, json!({ "KMSKeyArn": "", "FileSystemConfigs": [] }));
        assert_eq!(
            (cleared.get("KMSKeyArn"), cleared.get("FileSystemConfigs")),
            (None, None)
        );
    }

    /// The `LoggingConfig` after each of several requests, as JSON text.
    fn logging(requests: &[Value]) -> String {
        let lambda = Sandbox::with("pay");
        let mut after = Value::Null;
        for request in requests {
            after = update(&lambda, json!({ "LoggingConfig": request }));
        }
        after["LoggingConfig"].to_string()
    }

    #[test]
    fn logging_is_merged_and_then_normalised() {
        let json_format = json!({ "LogFormat": "JSON" });
        for (requests, after) in [
            (
                vec![json_format.clone()],
                r#"{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/pay"}"#,
            ),
            (
                vec![json!({ "LogFormat": "JSON", "ApplicationLogLevel": "DEBUG" })],
                r#"{"LogFormat":"JSON","ApplicationLogLevel":"DEBUG","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/pay"}"#,
            ),
            (
                vec![json!({ "LogFormat": "JSON", "SystemLogLevel": "DEBUG" })],
                r#"{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"DEBUG","LogGroup":"/aws/lambda/pay"}"#,
            ),
            (
                vec![json!({ "LogGroup": "cool_lambda" })],
                r#"{"LogFormat":"Text","LogGroup":"cool_lambda"}"#,
            ),
            (
                vec![
                    json_format.clone(),
                    json!({ "LogGroup": "g" }),
                    json!({ "LogFormat": "Text" }),
                ],
                r#"{"LogFormat":"Text","LogGroup":"g"}"#,
            ),
            (
                vec![
                    json_format.clone(),
                    json!({ "SystemLogLevel": "WARN" }),
                    json!({}),
                ],
                r#"{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"WARN","LogGroup":"/aws/lambda/pay"}"#,
            ),
        ] {
            assert_eq!(logging(&requests), after, "{requests:?}");
        }
        let made = Sandbox::new().create_with("pay", json!({ "LoggingConfig": json_format }));
        assert_eq!(
            made["LoggingConfig"].to_string(),
            r#"{"LogFormat":"JSON","ApplicationLogLevel":"INFO","SystemLogLevel":"INFO","LogGroup":"/aws/lambda/pay"}"#
        );
    }

    #[test]
    fn published_versions_stay_as_they_were() {
        let lambda = Sandbox::with("pay");
        let version = lambda.call("PublishVersion", json!({ "FunctionName": "pay" }));
        update(
            &lambda,
            json!({ "Timeout": 9, "Environment": { "Variables": { "AA": "1" } } }),
        );
        assert_eq!(
            lambda.call(
                "GetFunctionConfiguration",
                json!({ "FunctionName": "pay:1" })
            ),
            version
        );
    }

    #[test]
    fn refuses_while_a_change_is_on_its_way() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        lambda.create("pay");
        assert_eq!(
            refused(&lambda, json!({})),
            format!(
                "(ResourceConflictException): The operation cannot be performed at this time. The resource {ARN} is \
                 currently in the following state: 'Pending'. StateReasonCode: 'Creating'"
            )
        );
        lambda.pass(Duration::from_secs(2));
        update(&lambda, json!({}));
        assert_eq!(
            refused(&lambda, json!({})),
            format!(
                "(ResourceConflictException): The operation cannot be performed at this time. An update is in progress for \
                 resource: {ARN}"
            )
        );
    }

    #[test]
    fn refuses_a_stale_revision_a_version_and_an_unknown_function() {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        assert_eq!(
            refused(&lambda, json!({ "RevisionId": "wrong" })),
            "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. Call the \
             GetFunction/GetAlias API to retrieve the latest Revision Id"
        );
        for (name, error) in [
            (
                "pay:1",
                "(InvalidParameterValueException): Current operation does not support versions other than $LATEST",
            ),
            (
                "nope",
                "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope",
            ),
        ] {
            assert_eq!(
                lambda.error(
                    "UpdateFunctionConfiguration",
                    json!({ "FunctionName": name })
                ),
                error
            );
        }
        assert_eq!(before, lambda.files());
        let present = lambda.latest("pay")["RevisionId"].clone();
        update(&lambda, json!({ "RevisionId": present }));
    }

    #[test]
    fn layers_would_have_to_be_signed_where_that_is_enforced() {
        let lambda = Sandbox::with("pay");
        let arn = lambda.code_signing_config("Enforce");
        lambda.call(
            "PutFunctionCodeSigningConfig",
            json!({ "CodeSigningConfigArn": arn, "FunctionName": "pay" }),
        );
        let before = lambda.files();
        assert_eq!(
            refused(&lambda, json!({ "Layers": [LAYER] })),
            format!(
                "(CodeVerificationFailedException): The code is not signed by an allowed publisher, which {arn} enforces."
            )
        );
        assert_eq!(before, lambda.files());
        update(&lambda, json!({ "Layers": [] }));
        update(&lambda, json!({ "Timeout": 9 }));
    }
}
