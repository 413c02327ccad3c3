//! Small operations that look like Lambda's, and a world to run them in.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::blobs::Spooler;
use super::world::Process;
use crate::operation::shape::Structure;
use crate::operation::{self, Entry, Lambda, Operation};

macro_rules! operation {
    ($request:ident, $response:ty, $name:literal, $about:literal $(, $list:literal)?) => {
        impl Operation for $request {
            const NAME: &'static str = $name;
            const ROUTE: &'static str = "POST /x 200";
            const ABOUT: &'static str = $about;
            const LISTS: &'static [&'static str] = &[$($list)?];
            type Response = $response;

            fn call(self, _lambda: &Lambda) -> operation::Result<$response> {
                Err(operation::Failure::NotSimulated(
                    "the tests answer for themselves".to_owned(),
                ))
            }
        }
    };
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct CreateFunction {
    /// The name or ARN of the Lambda function.
    #[schemars(length(min = 1))]
    function_name: String,
    /// The role of the function.
    role: String,
    /// The code for the function.
    code: Code,
    /// A description of the function.
    description: Option<String>,
    /// Seconds a call may take.
    #[schemars(range(min = 1))]
    timeout: Option<i64>,
    /// Megabytes of memory.
    #[schemars(range(min = 128))]
    memory_size: Option<i64>,
    /// Publishes a version at once.
    publish: Option<bool>,
    /// Networks it may reach.
    vpc_config: Option<VpcConfig>,
    /// Environment variables.
    environment: Option<Environment>,
    /// Tags.
    tags: Option<BTreeMap<String, String>>,
    /// Layers.
    layers: Option<Vec<Layer>>,
    /// File systems.
    file_system_configs: Option<Vec<FileSystemConfig>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Layer(
    #[schemars(length(min = 1))]
    #[allow(dead_code)]
    String,
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct Code {
    /// The zip.
    #[schemars(extend("x-blob" = true))]
    zip_file: Option<Value>,
    #[schemars(length(min = 3))]
    s3_bucket: Option<String>,
    s3_key: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct VpcConfig {
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
    ipv6_allowed_for_dual_stack: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct Environment {
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct FileSystemConfig {
    arn: String,
    local_mount_path: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct UpdateFunctionCode {
    function_name: String,
    #[schemars(extend("x-blob" = true))]
    zip_file: Option<Value>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct PublishVersion {
    /// The name or ARN of the Lambda function.
    #[schemars(length(min = 1))]
    function_name: String,
    /// Only publish if the code has this digest.
    code_sha256: Option<String>,
    /// A description of the version.
    description: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct UpdateAlias {
    #[schemars(length(min = 1))]
    function_name: String,
    #[schemars(length(min = 1))]
    name: String,
    #[schemars(length(min = 1))]
    function_version: Option<String>,
    routing_config: Option<RoutingConfig>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, Weight>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Weight(
    #[schemars(range(min = 0.0))]
    #[allow(dead_code)]
    f64,
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct ListVersionsByFunction {
    #[schemars(length(min = 1))]
    function_name: String,
    marker: Option<String>,
    #[schemars(range(min = 1))]
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct GetFunction {
    #[schemars(length(min = 1))]
    function_name: String,
    #[schemars(length(min = 1))]
    qualifier: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct GetFunctionConfiguration {
    #[schemars(length(min = 1))]
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct Invoke {
    #[schemars(length(min = 1))]
    function_name: String,
    #[schemars(extend("x-blob" = true))]
    payload: Option<Value>,
    qualifier: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[allow(dead_code)]
struct GetLayerVersion {
    layer_name: String,
    version_number: i64,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct FunctionConfiguration {
    function_name: Option<String>,
    version: Option<String>,
    state: Option<String>,
    architectures: Option<Vec<String>>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Versions {
    next_marker: Option<String>,
    versions: Option<Vec<FunctionConfiguration>>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Function {
    configuration: Option<FunctionConfiguration>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Invocation {
    status_code: Option<i64>,
    payload: Option<String>,
}

operation!(
    CreateFunction,
    FunctionConfiguration,
    "CreateFunction",
    "Creates a function."
);
operation!(
    PublishVersion,
    FunctionConfiguration,
    "PublishVersion",
    "Creates a version from the current code and configuration of a function."
);
operation!(
    UpdateAlias,
    FunctionConfiguration,
    "UpdateAlias",
    "Updates an alias."
);
operation!(
    ListVersionsByFunction,
    Versions,
    "ListVersionsByFunction",
    "Lists versions.",
    "Versions"
);
operation!(GetFunction, Function, "GetFunction", "Returns a function.");
operation!(
    GetFunctionConfiguration,
    FunctionConfiguration,
    "GetFunctionConfiguration",
    "Returns settings."
);
operation!(Invoke, Invocation, "Invoke", "Invokes a function.");
operation!(
    GetLayerVersion,
    FunctionConfiguration,
    "GetLayerVersion",
    "Returns a layer's version."
);

operation!(
    UpdateFunctionCode,
    FunctionConfiguration,
    "UpdateFunctionCode",
    "Updates code."
);

/// All test operations.
pub(crate) static ENTRIES: [Entry; 9] = [
    Entry::of::<CreateFunction>(),
    Entry::of::<PublishVersion>(),
    Entry::of::<UpdateAlias>(),
    Entry::of::<ListVersionsByFunction>(),
    Entry::of::<GetFunction>(),
    Entry::of::<GetFunctionConfiguration>(),
    Entry::of::<Invoke>(),
    Entry::of::<GetLayerVersion>(),
    Entry::of::<UpdateFunctionCode>(),
];

/// The test operation with that name.
pub(crate) fn entry(name: &str) -> &'static Entry {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .expect("a fixture of that name")
}

/// Request and response of an operation.
pub(crate) fn shapes(name: &str) -> (&'static Structure, &'static Structure) {
    let entry = entry(name);
    (entry.request(), entry.response())
}

/// A process with those variables and that working directory.
pub(crate) fn process(env: &[(&str, &str)], cwd: &Path) -> Process {
    Process {
        program: "aws".to_owned(),
        args: Vec::new(),
        env: env
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        cwd: cwd.to_owned(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        width: 80,
    }
}

/// A spooler for tests. Its handles show the contents that were stored. Contents that start with `PK` count as a zip
/// file.
#[derive(Debug, Default)]
pub(crate) struct Shown;

impl Spooler for Shown {
    fn stream(&self, reader: &mut dyn io::Read) -> io::Result<Value> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        let mut handle = Map::new();
        handle.insert("blob".to_owned(), json!(String::from_utf8_lossy(&bytes)));
        Ok(Value::Object(handle))
    }

    fn file(&self, path: &Path) -> io::Result<Value> {
        self.stream(&mut std::fs::read(path)?.as_slice())
    }

    fn is_zip(&self, handle: &Value) -> bool {
        handle["blob"]
            .as_str()
            .is_some_and(|text| text.starts_with("PK"))
    }
}
