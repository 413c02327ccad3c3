//! `CreateFunction`: creates a function. With Publish, it also publishes version 1.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        CODE_BODY_LIMIT, Lambda, Operation, Result,
        blob::Blob,
        code_signing::config::{check_signature, zip_only},
        resolve::{done, invalid, under_way},
        tags,
        version::publish::publish,
    },
    state::{
        error::{Code as ErrorCode, ServiceError},
        function::{Change, ChangeKind, Function},
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
    settings::{Settings, check_unzipped, defaults},
};

/// Request of CreateFunction.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateFunctionRequest {
    /// The name or ARN of the Lambda function. A name has at most 64 characters.
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
    /// The number of seconds after which Lambda stops an invocation. The default is 3, the maximum 900.
    #[schemars(range(min = 1, max = 900))]
    timeout: Option<u64>,
    /// The memory available to the function, in megabytes. The default is 128.
    #[schemars(range(min = 128, max = 32768))]
    memory_size: Option<u64>,
    /// Publish the first version of the function in the same call.
    publish: Option<bool>,
    /// The target to which the version is published. Managed instances only.
    #[schemars(extend("x-refused" = true))]
    _publish_to: Option<PublishTo>,
    /// The VPC to connect the function to.
    vpc_config: Option<VpcConfig>,
    /// The type of the deployment package: Zip or Image. The default is Zip.
    package_type: Option<PackageType>,
    /// The destination for asynchronous events that could not be processed.
    dead_letter_config: Option<DeadLetterConfig>,
    /// Environment variables that are accessible from the code.
    environment: Option<Environment>,
    /// The ARN of the KMS key that encrypts the environment variables.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<ResourceArn>,
    /// The tracing of some of the requests with X-Ray.
    tracing_config: Option<TracingConfig>,
    /// Tags to apply to the function.
    tags: Option<tags::resource::Tags>,
    /// Layer versions to add to the function, at most five.
    layers: Option<Vec<LayerVersionArn>>,
    /// A file system to mount.
    #[schemars(length(max = 1))]
    file_system_configs: Option<Vec<FileSystemConfig>>,
    /// The ARN of a code signing configuration.
    code_signing_config_arn: Option<CodeSigningConfigArn>,
    /// Settings that replace those of the container image.
    image_config: Option<ImageConfig>,
    /// The instruction set: x86_64 or arm64. The default is x86_64.
    #[schemars(length(min = 1, max = 1))]
    architectures: Option<Vec<Architecture>>,
    /// The size of the function's /tmp directory.
    ephemeral_storage: Option<EphemeralStorage>,
    /// SnapStart. With it, published versions start from a snapshot.
    snap_start: Option<SnapStart>,
    /// The log group and the format of the logs.
    logging_config: Option<LoggingConfig>,
    /// The isolation of tenants. It cannot be changed later.
    tenancy_config: Option<TenancyConfig>,
    /// The managed instances to run on.
    #[schemars(extend("x-refused" = true))]
    _capacity_provider_config: Option<CapacityProviderConfig>,
    /// Durable execution.
    #[schemars(extend("x-refused" = true))]
    _durable_config: Option<DurableConfig>,
}

/// The code for the function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionCode {
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
    /// The URI of a container image in ECR.
    image_uri: Option<String>,
    /// The ARN of the KMS key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<ResourceArn>,
}

impl Operation for CreateFunctionRequest {
    const NAME: &'static str = "CreateFunction";
    const ROUTE: &'static str = "POST /2015-03-31/functions 201";
    const ABOUT: &'static str = "Creates a Lambda function from a deployment package (a zip archive or a container \
        image) and an execution role. The function is Pending until it is ready; wait for it before you change or \
        publish it. --publish also publishes its first version.";
    const BODY_LIMIT: Option<u64> = Some(CODE_BODY_LIMIT);
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        // Other operations report that a function with such a name does not exist (recorded from AWS 2025-11).
        if target.name().chars().count() > 64 {
            return Err(invalid(format!(
                "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must have \
                 length less than or equal to 64",
                target.name()
            ))
            .into());
        }
        let taken = || {
            ServiceError::new(
                ErrorCode::ResourceConflictException,
                format!("Function already exist: {}", target.name()),
            )
            .with_explanation(
                "CreateFunction never replaces a function. update-function-code and update-function-configuration \
                 change an existing one.",
            )
        };
        let package_type = self.package_type.map_or_else(|| "Zip".to_owned(), wire);
        if package_type == "Zip" && (self.runtime.is_none() || self.handler.is_none()) {
            return Err(invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.").into());
        }
        let layers = self
            .layers
            .as_ref()
            .is_some_and(|layers| !layers.is_empty());
        if package_type == "Image" && (self.runtime.is_some() || self.handler.is_some() || layers) {
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
        match (source.package_type(), package_type.as_str()) {
            // If the request gives no package type, it is Zip. Then an image is not a valid source (public reports,
            // 2020).
            (Some("Image"), "Zip") if self.package_type.is_none() => {
                return Err(invalid("Please provide a source for function code.").into());
            }
            (Some("Image"), "Zip") => {
                return Err(invalid(
                    "Please don't provide ImageUri when creating a function with packageType Zip.",
                )
                .into());
            }
            (None | Some("Zip"), "Image") => {
                return Err(invalid(
                    "Please provide ImageUri when creating a function with packageType Image.",
                )
                .into());
            }
            _ => {}
        }
        let signing = self.code_signing_config_arn;
        if signing.is_some() {
            zip_only(&package_type)?;
        }
        let mut configuration = defaults(target.name(), &package_type);
        configuration.tenant_isolation_mode =
            (self.tenancy_config).map(|tenancy| wire(tenancy.tenant_isolation_mode));
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
        let tags = self.tags.unwrap_or_default().0;
        tags::resource::check(&tags)?;
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
        let create = || {
            let created = lambda.functions().create(
                target.name(),
                &arn.to_string(),
                Self::NAME,
                |counters, now| {
                    configuration.last_modified = last_modified(now);
                    Function {
                        tags,
                        code_signing_config_arn: signing.as_ref().map(ToString::to_string),
                        ..Function::new(
                            target.name(),
                            counters.changes,
                            counters.last_version,
                            configuration,
                        )
                    }
                },
                |edit| {
                    if let Some(package) = code.package() {
                        edit.keep_package(package);
                    }
                    let completes = edit.after(lambda.settle);
                    let created = edit.next_id();
                    edit.head.latest.revision_id.clone_from(&created);
                    lambda.explain(|| {
                        format!(
                            "{} starts as $LATEST, the only version that can change. {}",
                            target.name(),
                            under_way(lambda, completes)
                        )
                    });
                    let version = self
                        .publish
                        .unwrap_or_default()
                        .then(|| publish(lambda, edit, None, Some(completes)));
                    let revision_id = edit.next_id();
                    edit.head.latest.change = Some(Change {
                        kind: ChangeKind::Pending,
                        completes,
                        revision_id,
                    });
                    Ok(match version {
                        // The response shows version 1 with the ARN of the function itself, and with a RevisionId that
                        // neither the version nor $LATEST has (recorded from AWS 2025-11, also for images).
                        Some(version) => FunctionConfiguration {
                            revision_id: created,
                            ..FunctionConfiguration::of_version(&edit.head, &version, arn)
                        },
                        None => FunctionConfiguration::of_latest(&edit.head, arn),
                    })
                },
            )?;
            done(created.ok_or_else(taken)?)
        };
        match &signing {
            Some(signing) => lambda.with_code_signing_config(signing, Self::NAME, |config| {
                check_signature(config, &lambda.place.scope)?;
                create()
            }),
            None => create(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::{Sandbox, zip};

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A request that is complete except for the code. `more` adds members to it; `null` removes a member.
    fn request(more: Value) -> Value {
        let mut request = json!({
            "FunctionName": "pay",
            "Runtime": "python3.12",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Handler": "index.handler",
            "Code": {},
        });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    const IMAGE: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1";

    #[test]
    fn a_new_function_is_pending_and_has_the_defaults() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        let made = lambda.create("pay");
        assert_eq!(made["FunctionName"], "pay");
        assert_eq!(made["FunctionArn"], ARN);
        assert_eq!(made["Version"], "$LATEST");
        assert_eq!(
            (&made["Timeout"], &made["MemorySize"], &made["Description"]),
            (&json!(3), &json!(128), &json!(""))
        );
        assert_eq!(made["LastModified"], "2026-11-22T12:00:00.000+0000");
        assert_eq!(made["PackageType"], "Zip");
        assert_eq!(made["Architectures"], json!(["x86_64"]));
        assert_eq!(made["EphemeralStorage"], json!({ "Size": 512 }));
        assert_eq!(made["TracingConfig"], json!({ "Mode": "PassThrough" }));
        assert_eq!(
            made["SnapStart"],
            json!({ "ApplyOn": "None", "OptimizationStatus": "Off" })
        );
        assert_eq!(
            made["LoggingConfig"],
            json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/pay" })
        );
        assert_eq!(made["State"], "Pending");
        assert_eq!(made["StateReason"], "The function is being created.");
        assert_eq!(made["StateReasonCode"], "Creating");
        for absent in [
            "LastUpdateStatus",
            "LastUpdateStatusReason",
            "LastUpdateStatusReasonCode",
            "Environment",
            "VpcConfig",
            "DeadLetterConfig",
            "KMSKeyArn",
            "Layers",
            "FileSystemConfigs",
            "ImageConfigResponse",
            "MasterArn",
        ] {
            assert_eq!(made.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn it_becomes_active_with_a_new_revision_once_its_time_has_come() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        let made = lambda.create("pay");
        lambda.pass(Duration::from_millis(1999));
        let early = lambda.latest("pay");
        assert_eq!(
            (&early["State"], &early["RevisionId"]),
            (&made["State"], &made["RevisionId"])
        );
        lambda.pass(Duration::from_millis(1));
        let ready = lambda.latest("pay");
        assert_eq!(
            (&ready["State"], &ready["LastUpdateStatus"]),
            (&json!("Active"), &json!("Successful"))
        );
        for absent in [
            "StateReason",
            "StateReasonCode",
            "LastUpdateStatusReason",
            "LastUpdateStatusReasonCode",
        ] {
            assert_eq!(ready.get(absent), None, "{absent}");
        }
        assert_ne!(ready["RevisionId"], made["RevisionId"]);
        assert_eq!(
            ready["RevisionId"],
            lambda.latest("pay")["RevisionId"],
            "reading moves nothing"
        );
    }

    #[test]
    fn publish_answers_version_one_under_the_function_s_own_arn() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        let made = lambda.create_with("pay", json!({ "Publish": true, "Description": "d" }));
        assert_eq!(
            (&made["Version"], &made["FunctionArn"], &made["State"]),
            (&json!("1"), &json!(ARN), &json!("Pending"))
        );
        assert_eq!(made["Description"], "d");
        lambda.pass(Duration::from_secs(2));
        let version = lambda.call(
            "GetFunctionConfiguration",
            json!({ "FunctionName": "pay:1" }),
        );
        assert_eq!(
            (&version["State"], &version["FunctionArn"]),
            (&json!("Active"), &json!(format!("{ARN}:1")))
        );
    }

    /// Recorded from AWS 2025-11, for zips and images.
    #[test]
    fn the_answer_version_one_and_latest_have_revisions_of_their_own() {
        let image = json!({
            "PackageType": "Image", "Runtime": null, "Handler": null, "Code": { "ImageUri": IMAGE },
        });
        for more in [json!({}), image] {
            let lambda = Sandbox::new();
            let spool = lambda.zip("pay");
            let mut request = request(more);
            request["Publish"] = json!(true);
            if request["Code"] == json!({}) {
                request["Code"] = json!({ "ZipFile": spool.handle() });
            }
            let made = lambda.call("CreateFunction", request)["RevisionId"].clone();
            let shown = |name: &str| {
                lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }))["RevisionId"]
                    .clone()
            };
            let (version, latest) = (shown("pay:1"), shown("pay"));
            assert!(made != version && made != latest && version != latest);
            let again = lambda.call("PublishVersion", json!({ "FunctionName": "pay" }));
            assert_eq!(
                (&again["Version"], &again["RevisionId"]),
                (&json!("1"), &version)
            );
        }
    }

    #[test]
    fn every_form_of_the_name_makes_the_bare_one() {
        for name in ["pay", "function:pay", "123456789012:function:pay", ARN] {
            let made = Sandbox::new().create(name);
            assert_eq!(
                (&made["FunctionName"], &made["FunctionArn"]),
                (&json!("pay"), &json!(ARN)),
                "{name}"
            );
        }
    }

    #[test]
    fn refuses_a_name_already_taken_in_any_form() {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        for name in ["pay", ARN] {
            assert_eq!(
                lambda.error("CreateFunction", request(json!({ "FunctionName": name }))),
                "(ResourceConflictException): Function already exist: pay"
            );
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn a_bare_name_ends_at_64_characters_and_an_arn_at_140() {
        let lambda = Sandbox::new();
        let long = "a".repeat(65);
        assert_eq!(
            lambda.error("CreateFunction", request(json!({ "FunctionName": long }))),
            format!(
                "(InvalidParameterValueException): 1 validation error detected: Value '{long}' at 'functionName' failed \
                 to satisfy constraint: Member must have length less than or equal to 64"
            )
        );
        let arn = format!(
            "arn:aws:lambda:us-east-1:123456789012:function:{}",
            "a".repeat(94)
        );
        assert_eq!(arn.len(), 141);
        assert_eq!(
            lambda.error("CreateFunction", request(json!({ "FunctionName": arn }))),
            format!(
                "(ValidationException): 1 validation error detected: Value '{arn}' at 'functionName' failed to satisfy \
                 constraint: Member must have length less than or equal to 140"
            )
        );
        assert_eq!(
            lambda.create(&"a".repeat(64))["FunctionName"],
            json!("a".repeat(64))
        );
    }

    #[test]
    fn refuses_what_the_pattern_refuses_and_prints_it() {
        let lambda = Sandbox::new();
        for name in [
            "invalid:function:name",
            ".",
            "..",
            "../../x",
            "a/b",
            "a\0b",
            "a.b",
            "é",
            "a b",
        ] {
            assert_eq!(
                lambda.error("CreateFunction", request(json!({ "FunctionName": name }))),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{name}' at 'functionName' failed to \
                     satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?\
                     ((eusc-)?[a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{{1}}:)?(\\d{{12}}:)?(function:)?\
                     ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
                )
            );
        }
        assert!(lambda.files().is_empty(), "nothing was written");
    }

    #[test]
    fn names_every_violation_in_the_model_s_order() {
        assert_eq!(
            Sandbox::new().error(
                "CreateFunction",
                json!({ "Timeout": 901, "Code": {}, "Role": "r1", "MemorySize": 64, "FunctionName": "" })
            ),
            "(ValidationException): 5 validation errors detected: Value '' at 'functionName' failed to satisfy constraint: \
             Member must have length greater than or equal to 1; Value '' at 'functionName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|\
             (-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?; \
             Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+; \
             Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900; \
             Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"
        );
    }

    #[test]
    fn a_zip_needs_runtime_and_handler_and_an_image_has_neither() {
        let lambda = Sandbox::new();
        for absent in ["Runtime", "Handler"] {
            assert_eq!(
                lambda.error("CreateFunction", request(json!({ absent: null }))),
                "(InvalidParameterValueException): Runtime and Handler are mandatory parameters for functions created \
                 with deployment packages."
            );
        }
        let layer = "arn:aws:lambda:us-east-1:210987654321:layer:l:1";
        for more in [
            json!({ "Handler": null }),
            json!({ "Runtime": null }),
            json!({ "Runtime": null, "Handler": null, "Layers": [layer] }),
        ] {
            let mut request = request(more);
            request["PackageType"] = json!("Image");
            request["Code"] = json!({ "ImageUri": IMAGE });
            assert_eq!(
                lambda.error("CreateFunction", request),
                "(InvalidParameterValueException): Please don't provide Handler or Runtime or Layer when the intended \
                 function PackageType is Image."
            );
        }
    }

    #[test]
    fn the_code_has_to_be_of_the_package_type() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.error(
                "CreateFunction",
                request(json!({ "Code": { "ImageUri": IMAGE } }))
            ),
            "(InvalidParameterValueException): Please provide a source for function code.",
            "P 2020"
        );
        assert_eq!(
            lambda.error(
                "CreateFunction",
                request(json!({ "PackageType": "Zip", "Code": { "ImageUri": IMAGE } }))
            ),
            "(InvalidParameterValueException): Please don't provide ImageUri when creating a function with packageType Zip."
        );
        for code in [json!({}), json!({ "S3Bucket": "code", "S3Key": "k" })] {
            let image =
                json!({ "PackageType": "Image", "Runtime": null, "Handler": null, "Code": code });
            assert_eq!(
                lambda.error("CreateFunction", request(image)),
                "(InvalidParameterValueException): Please provide ImageUri when creating a function with packageType Image."
            );
        }
    }

    #[test]
    fn an_image_has_its_digest_for_a_hash_and_no_runtime_members() {
        let lambda = Sandbox::new();
        let made = lambda.call(
            "CreateFunction",
            request(json!({ "PackageType": "Image", "Runtime": null, "Handler": null, "Code": { "ImageUri": IMAGE } })),
        );
        for absent in [
            "Runtime",
            "Handler",
            "RuntimeVersionConfig",
            "ImageConfigResponse",
        ] {
            assert_eq!(made.get(absent), None, "{absent}");
        }
        assert_eq!(made["CodeSize"], 0);
        let hash = made["CodeSha256"].as_str().expect("a hash");
        assert!(
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
            "{hash}"
        );
        let code = lambda.call("GetFunction", json!({ "FunctionName": "pay" }))["Code"].clone();
        assert_eq!(
            code,
            json!({
                "RepositoryType": "ECR",
                "ImageUri": IMAGE,
                "ResolvedImageUri": format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{hash}"),
            })
        );
        assert_eq!(
            lambda.call("GetAccountSettings", json!({}))["AccountUsage"],
            json!({ "TotalCodeSize": 0, "FunctionCount": 1 }),
            "images lie elsewhere"
        );
    }

    #[test]
    fn refuses_another_region_s_and_another_account_s_arn_before_anything_else() {
        let lambda = Sandbox::with("pay");
        let name = "arn:aws:lambda:eu-west-1:123456789012:function:pay";
        assert_eq!(
            lambda.error("CreateFunction", request(json!({ "FunctionName": name }))),
            "(ResourceNotFoundException): Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
        );
        let name = "arn:aws:lambda:us-east-1:210987654321:function:pay";
        let denied = lambda.refused("CreateFunction", request(json!({ "FunctionName": name })));
        assert_eq!(
            (denied.code.name(), denied.code.status()),
            ("AccessDeniedException", 403)
        );
        assert!(denied.details.is_empty(), "no Type");
    }

    #[test]
    fn a_full_account_keeps_no_trace_of_a_function_it_refused() {
        let mut lambda = Sandbox::new();
        let size = zip(&[("index.py", b"pay")]).len() as u64;
        lambda.total_code_size = Some(size - 1);
        let spool = lambda.zip("pay");
        let create = || request(json!({ "Code": { "ZipFile": spool.handle() } }));
        assert_eq!(
            lambda.error("CreateFunction", create()),
            "(CodeStorageExceededException): Code storage limit exceeded."
        );
        assert!(!lambda.here().join("functions/pay").exists());
        lambda.total_code_size = Some(size);
        let made = lambda.call("CreateFunction", create());
        assert_eq!(made["CodeSize"], size);
    }

    #[test]
    fn a_namesake_of_a_deleted_function_has_ids_of_its_own() {
        let lambda = Sandbox::new();
        let mut ids = vec![lambda.create("pay")["RevisionId"].clone()];
        ids.push(lambda.latest("pay")["RevisionId"].clone());
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay" }));
        for id in [
            lambda.create("pay")["RevisionId"].clone(),
            lambda.latest("pay")["RevisionId"].clone(),
        ] {
            assert!(!ids.contains(&id));
            ids.push(id);
        }
    }

    #[test]
    fn members_that_are_not_simulated_are_refused_by_name() {
        let lambda = Sandbox::new();
        for (more, name) in [
            (json!({ "PublishTo": "LATEST_PUBLISHED" }), "--publish-to"),
            (json!({ "DurableConfig": {} }), "--durable-config"),
        ] {
            let failure = lambda
                .try_call("CreateFunction", request(more))
                .expect_err("refused");
            assert_eq!(
                failure.to_string(),
                format!("the option {name} is not simulated")
            );
        }
    }

    #[test]
    fn tenants_kept_apart_are_shown_and_frozen_and_rule_out_what_aws_s_page_says() {
        let lambda = Sandbox::new();
        let apart = json!({ "TenantIsolationMode": "PER_TENANT" });
        lambda.create_with("pay", json!({ "TenancyConfig": apart }));
        lambda.publish("pay");
        for name in ["pay", "pay:1"] {
            let seen = lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }));
            assert_eq!(seen["TenancyConfig"], apart, "{name}");
        }
        let before = lambda.files();
        let refused = |what: &str| {
            format!(
                "(InvalidParameterValueException): {what} is not supported for functions with tenant isolation."
            )
        };
        let snap = json!({ "ApplyOn": "PublishedVersions" });
        for (operation, more, what) in [
            (
                "UpdateFunctionConfiguration",
                json!({ "SnapStart": snap }),
                "SnapStart",
            ),
            (
                "PutProvisionedConcurrencyConfig",
                json!({ "Qualifier": "1", "ProvisionedConcurrentExecutions": 1 }),
                "Provisioned Concurrency",
            ),
            (
                "CreateFunctionUrlConfig",
                json!({ "AuthType": "NONE" }),
                "A function URL",
            ),
        ] {
            let mut request = more;
            request["FunctionName"] = json!("pay");
            assert_eq!(lambda.error(operation, request), refused(what));
        }
        assert_eq!(before, lambda.files());
        let other =
            request(json!({ "FunctionName": "b", "TenancyConfig": apart, "SnapStart": snap }));
        assert_eq!(lambda.error("CreateFunction", other), refused("SnapStart"));
    }

    #[test]
    fn a_code_signing_configuration_is_used_from_the_start_and_refuses_what_it_would_refuse() {
        let lambda = Sandbox::new();
        let warn = lambda.code_signing_config("Warn");
        lambda.create_with("pay", json!({ "CodeSigningConfigArn": warn }));
        assert_eq!(
            lambda.call(
                "GetFunctionCodeSigningConfig",
                json!({ "FunctionName": "pay" })
            ),
            json!({ "CodeSigningConfigArn": warn, "FunctionName": "pay" })
        );
        let enforce = lambda.code_signing_config("Enforce");
        let spool = lambda.zip("code");
        let unknown =
            "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefg";
        let before = lambda.files();
        for (arn, told) in [
            (
                enforce.as_str(),
                format!(
                    "(CodeVerificationFailedException): The code is not signed by an allowed publisher, which {enforce} \
                     enforces."
                ),
            ),
            (
                unknown,
                format!(
                    "(CodeSigningConfigNotFoundException): The code signing configuration cannot be found. Check that the \
                     provided configuration is not deleted: {unknown}."
                ),
            ),
        ] {
            let more = json!({
                "FunctionName": "new",
                "Code": { "ZipFile": spool.handle() },
                "CodeSigningConfigArn": arn,
            });
            assert_eq!(lambda.error("CreateFunction", request(more)), told);
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn tags_show_in_get_function() {
        let lambda = Sandbox::new();
        lambda.create_with("pay", json!({ "Tags": { "team": "b", "app": "a" } }));
        let tags = lambda.call("GetFunction", json!({ "FunctionName": "pay" }))["Tags"].clone();
        assert_eq!(
            serde_json::to_string(&tags).expect("text"),
            r#"{"team":"b","app":"a"}"#
        );
    }
}
