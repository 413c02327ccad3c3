//! `PublishLayerVersion`: makes a layer version from a zip. It makes a new version even if the content did not change
//! (recorded from AWS 2025-11).

use schemars::JsonSchema;
use serde::Deserialize;

use super::members::LayerVersionResponse;
use crate::{
    operation::{
        CODE_BODY_LIMIT, Lambda, Operation, Result,
        blob::Blob,
        function::{
            code::{Package, Source},
            members::{Architecture, S3ObjectStorageMode, wire},
        },
        resolve::done,
    },
    state::{
        layer::{Layer, LayerVersion},
        name::{
            CompatibleRuntime, Description, LayerName, LicenseInfo, S3Bucket, S3Key,
            S3ObjectVersion,
        },
    },
    store::collection::Edit,
};

/// Request of PublishLayerVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PublishLayerVersionRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The description of the version.
    description: Option<Description>,
    /// The layer's content: a zip archive.
    content: LayerVersionContentInput,
    /// The instruction sets that the layer supports.
    #[schemars(length(max = 2), extend("x-last" = true))]
    compatible_architectures: Option<Vec<Architecture>>,
    /// The runtimes that the layer supports. list-layers can filter by them.
    #[schemars(length(max = 15))]
    compatible_runtimes: Option<Vec<CompatibleRuntime>>,
    /// The license of the layer: an SPDX id, a URL or the text.
    license_info: Option<LicenseInfo>,
}

/// A zip archive, in the request or in S3.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionContentInput {
    /// The S3 bucket of the layer archive. It is a folder in s3/ of the state directory.
    s3_bucket: Option<S3Bucket>,
    /// The S3 key of the layer archive. It is a file in the folder of the bucket.
    s3_key: Option<S3Key>,
    /// The version of the S3 object.
    s3_object_version: Option<S3ObjectVersion>,
    /// COPY: Lambda copies the S3 object. REFERENCE: Lambda stores a reference to the object.
    s3_object_storage_mode: Option<S3ObjectStorageMode>,
    /// The contents of the layer archive.
    zip_file: Option<Blob>,
}

impl Operation for PublishLayerVersionRequest {
    const NAME: &'static str = "PublishLayerVersion";
    const ROUTE: &'static str = "POST /2018-10-31/layers/{LayerName}/versions 201";
    const ABOUT: &'static str = "Creates a version of a layer from a zip archive. Each call makes a new version, \
        even with the same content. A function uses the version when its layers name it.";
    const BODY_LIMIT: Option<u64> = Some(CODE_BODY_LIMIT);
    type Response = LayerVersionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<LayerVersionResponse> {
        let target = lambda.layer(&self.layer_name, Self::NAME, None)?;
        let content = self.content;
        let package = Source {
            zip_file: content.zip_file,
            s3_bucket: content.s3_bucket,
            s3_key: content.s3_key,
            s3_object_version: content.s3_object_version,
            s3_object_storage_mode: content.s3_object_storage_mode,
            ..Source::default()
        }
        .zip(lambda)?;
        let architectures = self.compatible_architectures;
        let runtimes = self.compatible_runtimes;
        let draft = Draft {
            description: self.description.map(|text| text.0).unwrap_or_default(),
            compatible_architectures: architectures
                .map(|names| names.into_iter().map(wire).collect()),
            compatible_runtimes: runtimes
                .map(|names| names.into_iter().map(|name| name.0).collect()),
            license_info: self.license_info.map(|text| text.0),
            package,
        };
        let layers = lambda.layers();
        // The first version also creates the layer. Another call can create the layer between the two steps, so the
        // loop tries again.
        let version = loop {
            if let Some(version) =
                lambda.edit_layer(&target, Self::NAME, |edit| Ok(draft.publish(edit)))?
            {
                break version;
            }
            let made = layers.create(
                &target.name,
                &target.arn,
                Self::NAME,
                |counters, _| Layer::new(&target.name, counters.changes, counters.last_version),
                |edit| Ok(draft.publish(edit)),
            )?;
            if let Some(made) = made {
                break done(made)?;
            }
        };
        let (number, version) = version;
        lambda.explain(|| {
            format!(
                "Version {number} of {} was made. Every publish of a layer makes a version, even of the same zip, \
                 unlike a publish of a function. No function uses it until update-function-configuration --layers \
                 names it.",
                target.name
            )
        });
        LayerVersionResponse::of(lambda, &target, number, version)
    }
}

/// A version that has no number yet.
struct Draft {
    description: String,
    compatible_architectures: Option<Vec<String>>,
    compatible_runtimes: Option<Vec<String>>,
    license_info: Option<String>,
    package: Package,
}

impl Draft {
    /// Stores the version with the layer's next number.
    fn publish(&self, edit: &mut Edit<'_, Layer>) -> (u64, LayerVersion) {
        let number = edit.head.last_version.saturating_add(1);
        let handle = &self.package.handle;
        let version = LayerVersion {
            version: number.to_string(),
            published: edit.now,
            description: self.description.clone(),
            code_sha256: handle.code_sha256.clone(),
            code_size: handle.code_size,
            unzipped_size: self.package.unzipped_size,
            compatible_architectures: self.compatible_architectures.clone(),
            compatible_runtimes: self.compatible_runtimes.clone(),
            license_info: self.license_info.clone(),
        };
        edit.head.last_version = number;
        edit.head.code_size = edit.head.code_size.saturating_add(version.code_size);
        edit.keep_package(handle.clone());
        edit.publish(number, version.clone());
        (number, version)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::{
        operation::sandbox::{Sandbox, zip},
        state::name::{LAYER_RUNTIMES, SUPPORTED_RUNTIMES},
    };

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:layer:lib";

    /// The service's error for a request that must be refused. Checks that nothing is written.
    fn refused(members: Value) -> String {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        let spool = lambda.zip("x");
        let mut request = json!({ "LayerName": "lib", "Content": { "ZipFile": spool.handle() } });
        for (name, value) in members.as_object().expect("members") {
            request[name] = value.clone();
        }
        let before = lambda.files();
        let told = lambda.error("PublishLayerVersion", request);
        assert_eq!(before, lambda.files());
        told
    }

    #[test]
    fn tells_everything_and_what_was_not_given_not_at_all() {
        let lambda = Sandbox::new();
        let bytes = zip(&[("python/lib.py", b"x")]);
        let spool = lambda.spool(&bytes);
        let version = lambda.call(
            "PublishLayerVersion",
            json!({ "LayerName": "lib", "Content": { "ZipFile": spool.handle() } }),
        );
        let members: Vec<&String> = version.as_object().expect("members").keys().collect();
        assert_eq!(
            members,
            [
                "Content",
                "LayerArn",
                "LayerVersionArn",
                "Description",
                "CreatedDate",
                "Version"
            ]
        );
        assert_eq!(
            (
                &version["LayerArn"],
                &version["LayerVersionArn"],
                &version["Version"]
            ),
            (&json!(ARN), &json!(format!("{ARN}:1")), &json!(1))
        );
        assert_eq!(
            (&version["Description"], &version["CreatedDate"]),
            (&json!(""), &json!("2026-11-22T12:00:00.000+0000"))
        );
        let content = &version["Content"];
        assert_eq!(
            (&content["CodeSize"], &content["CodeSha256"]),
            (&json!(bytes.len()), &json!(spool.handle().code_sha256))
        );
        let location = content["Location"].as_str().expect("a URL");
        let path = location.strip_prefix("file://").expect("a file's");
        assert_eq!(fs::read(path).expect("the zip"), bytes);
    }

    #[test]
    fn what_was_given_is_echoed_even_empty() {
        let lambda = Sandbox::new();
        let version = lambda.publish_layer(
            "lib",
            json!({
                "Description": "shared", "LicenseInfo": "MIT",
                "CompatibleRuntimes": ["python3.12", "ruby4.0"], "CompatibleArchitectures": ["arm64", "x86_64"],
            }),
        );
        let members: Vec<&String> = version
            .as_object()
            .expect("members")
            .keys()
            .skip(6)
            .collect();
        assert_eq!(
            members,
            [
                "CompatibleArchitectures",
                "CompatibleRuntimes",
                "LicenseInfo"
            ]
        );
        assert_eq!(version["Description"], "shared");
        assert_eq!(
            version["CompatibleRuntimes"],
            json!(["python3.12", "ruby4.0"])
        );
        assert_eq!(
            version["CompatibleArchitectures"],
            json!(["arm64", "x86_64"])
        );
        let version = lambda.publish_layer(
            "lib",
            json!({ "CompatibleRuntimes": [], "CompatibleArchitectures": [], "LicenseInfo": "" }),
        );
        assert_eq!(
            (
                &version["CompatibleRuntimes"],
                &version["CompatibleArchitectures"],
                &version["LicenseInfo"]
            ),
            (&json!([]), &json!([]), &json!(""))
        );
    }

    #[test]
    fn equal_content_makes_another_version() {
        let lambda = Sandbox::new();
        let first = lambda.publish_layer("lib", json!({}));
        let second = lambda.publish_layer("lib", json!({}));
        assert_eq!(
            (&first["Version"], &second["Version"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(first["Content"], second["Content"]);
    }

    #[test]
    fn numbers_go_on_after_every_version_is_deleted() {
        let lambda = Sandbox::new();
        for number in [1, 2] {
            lambda.publish_layer("lib", json!({}));
            lambda.call(
                "DeleteLayerVersion",
                json!({ "LayerName": "lib", "VersionNumber": number }),
            );
        }
        assert_eq!(lambda.publish_layer("lib", json!({}))["Version"], 3);
    }

    #[test]
    fn a_layer_and_a_function_of_one_name_know_nothing_of_each_other() {
        let lambda = Sandbox::with("lib");
        lambda.publish("lib");
        lambda.call("DeleteFunction", json!({ "FunctionName": "lib" }));
        assert_eq!(lambda.publish_layer("lib", json!({}))["Version"], 1);
        lambda.create("lib");
        assert_eq!(lambda.publish("lib"), "2");
    }

    #[test]
    fn content_comes_from_s3_too() {
        let lambda = Sandbox::new();
        let bytes = zip(&[("lib.py", b"s3")]);
        lambda.put_object("code", "lib.zip", &bytes);
        let version = lambda.call(
            "PublishLayerVersion",
            json!({ "LayerName": "lib", "Content": { "S3Bucket": "code", "S3Key": "lib.zip" } }),
        );
        assert_eq!(version["Content"]["CodeSize"], bytes.len());
        assert!(
            refused(json!({ "Content": { "S3Bucket": "nope", "S3Key": "lib.zip" } }))
                .contains("S3 Error Code: NoSuchBucket")
        );
    }

    #[test]
    fn refuses_content_that_is_none() {
        for (content, told) in [
            (json!({}), "Please provide a source for function code."),
            (
                json!({ "S3Bucket": "code" }),
                "Please provide both S3Bucket and S3Key.",
            ),
        ] {
            assert_eq!(
                refused(json!({ "Content": content })),
                format!("(InvalidParameterValueException): {told}")
            );
        }
        let lambda = Sandbox::new();
        let spool = lambda.spool(b"no zip");
        let request = json!({ "LayerName": "lib", "Content": { "ZipFile": spool.handle() } });
        assert_eq!(
            lambda.error("PublishLayerVersion", request.clone()),
            "(InvalidParameterValueException): Could not unzip uploaded file. Please check your file, then try to upload \
             again."
        );
        assert!(!lambda.here().join("layers/lib").exists());
        fs::create_dir_all(lambda.here()).expect("a folder");
        fs::write(
            lambda.here().join("account.json"),
            r#"{ "CodeSizeZipped": 5 }"#,
        )
        .expect("limits");
        assert_eq!(
            lambda.error("PublishLayerVersion", request),
            "(RequestEntityTooLargeException): Zipped size must be smaller than 5 bytes"
        );
    }

    #[test]
    fn an_object_that_is_referred_to_is_refused_by_name() {
        let lambda = Sandbox::new();
        let request = json!({
            "LayerName": "lib",
            "Content": { "S3Bucket": "code", "S3Key": "k", "S3ObjectStorageMode": "REFERENCE" },
        });
        let told = lambda
            .try_call("PublishLayerVersion", request)
            .expect_err("refused");
        assert_eq!(
            told.to_string(),
            "the option S3ObjectStorageMode=REFERENCE is not simulated"
        );
    }

    #[test]
    fn runtimes_come_before_architectures_and_each_has_its_own_form() {
        assert_eq!(
            refused(
                json!({ "CompatibleRuntimes": ["invalidruntime"], "CompatibleArchitectures": ["invalidarch"] })
            ),
            format!(
                "(ValidationException): 2 validation errors detected: Value '[invalidruntime]' at 'compatibleRuntimes' failed \
                 to satisfy constraint: Member must satisfy enum value set: [{SUPPORTED_RUNTIMES}]; Value '[invalidarch]' at \
                 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy \
                 enum value set: [x86_64, arm64], Member must not be null]"
            )
        );
    }

    #[test]
    fn every_runtime_that_a_list_is_filtered_by_is_accepted_retired_or_not() {
        let lambda = Sandbox::new();
        let names: Vec<&str> = LAYER_RUNTIMES.split(", ").collect();
        for names in names.chunks(15) {
            let spool = lambda.zip("x");
            let answer = lambda.call(
                "PublishLayerVersion",
                json!({
                    "LayerName": "lib",
                    "Content": { "ZipFile": spool.handle() },
                    "CompatibleRuntimes": names,
                }),
            );
            assert_eq!(answer["CompatibleRuntimes"], json!(names));
        }
        for name in ["nodejs", "nasa", "java17.al2023"] {
            lambda.call("ListLayers", json!({ "CompatibleRuntime": name }));
        }
        for operation in ["ListLayers", "ListLayerVersions"] {
            let mut request = json!({ "CompatibleRuntime": "cobol" });
            if operation == "ListLayerVersions" {
                request["LayerName"] = "lib".into();
            }
            let told = lambda.error(operation, request);
            let list = format!("enum value set: [{LAYER_RUNTIMES}]");
            assert!(told.ends_with(&list), "{told}");
        }
    }

    #[test]
    fn refuses_more_than_the_model_allows() {
        let long = "l".repeat(513);
        for (members, told) in [
            (
                json!({ "CompatibleRuntimes": vec!["python3.12"; 16] }),
                format!(
                    "'[{}]' at 'compatibleRuntimes' failed to satisfy constraint: Member must have length less than or \
                     equal to 15",
                    vec!["python3.12"; 16].join(", ")
                ),
            ),
            (
                json!({ "LicenseInfo": long }),
                format!(
                    "'{long}' at 'licenseInfo' failed to satisfy constraint: Member must have length less than or equal to \
                     512"
                ),
            ),
        ] {
            assert_eq!(
                refused(members),
                format!("(ValidationException): 1 validation error detected: Value {told}")
            );
        }
    }

    #[test]
    fn every_version_counts_in_the_account_s_storage_and_none_as_a_function() {
        let mut lambda = Sandbox::with("pay");
        let usage =
            |lambda: &Sandbox| lambda.call("GetAccountSettings", json!({}))["AccountUsage"].clone();
        let before = usage(&lambda);
        let size = lambda.publish_layer("lib", json!({}))["Content"]["CodeSize"]
            .as_u64()
            .expect("bytes");
        lambda.publish_layer("lib", json!({}));
        let total = before["TotalCodeSize"].as_u64().expect("bytes") + 2 * size;
        assert_eq!(
            usage(&lambda),
            json!({ "TotalCodeSize": total, "FunctionCount": 1 })
        );
        let cache: Value =
            serde_json::from_slice(&fs::read(lambda.here().join("usage.json")).expect("a cache"))
                .expect("JSON");
        assert_eq!(cache, usage(&lambda));
        lambda.total_code_size = Some(total + size - 1);
        let spool = lambda.zip("layer");
        for name in ["lib", "new"] {
            assert_eq!(
                lambda.error(
                    "PublishLayerVersion",
                    json!({ "LayerName": name, "Content": { "ZipFile": spool.handle() } })
                ),
                "(CodeStorageExceededException): Code storage limit exceeded."
            );
        }
        assert_eq!(usage(&lambda)["TotalCodeSize"], total);
        lambda.call(
            "DeleteLayerVersion",
            json!({ "LayerName": "lib", "VersionNumber": 1 }),
        );
        assert_eq!(lambda.publish_layer("lib", json!({}))["Version"], 3);
    }

    #[test]
    fn the_journal_tells_what_moved() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        let permission = json!({
            "LayerName": "lib", "VersionNumber": 1, "StatementId": "all", "Action": "lambda:GetLayerVersion",
            "Principal": "*",
        });
        lambda.call("AddLayerVersionPermission", permission);
        lambda.call(
            "DeleteLayerVersion",
            json!({ "LayerName": "lib", "VersionNumber": 1 }),
        );
        let journal =
            fs::read_to_string(lambda.here().join("layers/lib/journal.jsonl")).expect("a journal");
        let moved: Vec<String> = journal
            .lines()
            .map(|line| {
                let line: Value = serde_json::from_str(line).expect("a line");
                format!("{} {}", line["Call"], line["Moved"])
            })
            .collect();
        assert_eq!(
            moved,
            [
                r#""PublishLayerVersion" {"Published":"1"}"#,
                r#""AddLayerVersionPermission" {"Policies":["1"]}"#,
                r#""DeleteLayerVersion" {"Deleted":"1","Policies":["1"]}"#,
            ]
        );
    }

    #[test]
    fn a_head_that_is_none_is_named_and_left_alone() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        let path = lambda.here().join("layers/lib/layer.json");
        fs::write(&path, "{").expect("spoilt");
        let before = lambda.files();
        let spool = lambda.zip("x");
        for (operation, request) in [
            (
                "PublishLayerVersion",
                json!({ "LayerName": "lib", "Content": { "ZipFile": spool.handle() } }),
            ),
            (
                "GetLayerVersion",
                json!({ "LayerName": "lib", "VersionNumber": 1 }),
            ),
            (
                "DeleteLayerVersion",
                json!({ "LayerName": "lib", "VersionNumber": 1 }),
            ),
            ("ListLayers", json!({})),
            ("ListLayerVersions", json!({ "LayerName": "lib" })),
            (
                "GetLayerVersionPolicy",
                json!({ "LayerName": "lib", "VersionNumber": 1 }),
            ),
        ] {
            let told = lambda.broken(operation, request);
            assert!(
                told.starts_with(&format!("cannot read {}: ", path.display())),
                "{operation}: {told}"
            );
        }
        drop(spool);
        let after: Vec<String> = lambda.files().into_keys().collect();
        assert_eq!(after, before.into_keys().collect::<Vec<_>>());
    }
}
