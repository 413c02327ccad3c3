//! The special cases of the `aws` command that its service models do not contain, all in one file.
//!
//! Everything else follows from the request and response types. Seen in aws-cli 2.36.7 and in the source of 1.45.11.
//! The hidden `--marker` needs no entry: it is a member that pagination hides.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::exit::Stop;
use crate::operation::shape::{Shape, Structure};

/// Operations with an option `--zip-file` that sets `ZipFile` in a structure: the operation and the structure.
const LIFTED: &[(&str, &str)] = &[
    ("CreateFunction", "Code"),
    ("PublishLayerVersion", "Content"),
];

/// Members whose option has a name of its own: the operation, the member and the option (aws-cli 1.45.11,
/// argrename.py). An option with the name of a global option would never be read.
const RENAMED: &[(&str, &str, &str)] = &[
    ("Subscribe", "Endpoint", "notification-endpoint"),
    ("CreateRestApi", "version", "api-version"),
    ("CreateApi", "Version", "api-version"),
    ("UpdateApi", "Version", "api-version"),
    ("SendTaskSuccess", "output", "task-output"),
];

/// The name of a member's option, without the leading hyphens, if it differs from the member's name.
pub(crate) fn renamed(operation: &str, member: &str) -> Option<&'static str> {
    let found = RENAMED
        .iter()
        .find(|(of, name, _)| (*of, *name) == (operation, member));
    found.map(|(_, _, option)| *option)
}

/// The structure whose `ZipFile` the option `--zip-file` of that operation sets.
pub(crate) fn zip_lifted_from(operation: &str) -> Option<&'static str> {
    LIFTED
        .iter()
        .find(|(name, _)| *name == operation)
        .map(|(_, structure)| *structure)
}

/// Returns true if a member's own option must name a zip file, as `--zip-file` does.
pub(crate) fn must_be_zip(operation: &str, member: &str) -> bool {
    (operation, member) == ("UpdateFunctionCode", "ZipFile")
}

/// The structure as its option accepts it: without `ZipFile` if the option `--zip-file` sets it.
pub(crate) fn shape_on_the_line(
    operation: &str,
    member: &str,
    shape: &'static Shape,
) -> Cow<'static, Shape> {
    match shape {
        Shape::Structure(Structure { members }) if zip_lifted_from(operation) == Some(member) => {
            let mut members = members.clone();
            members.retain(|member| member.name != "ZipFile");
            Cow::Owned(Shape::Structure(Structure { members }))
        }
        shape => Cow::Borrowed(shape),
    }
}

/// Refuses `ZipFile` inside a structure if `--zip-file` sets it.
///
/// # Errors
/// An error in aws-cli's words, with its two blanks.
pub(crate) fn refuse_zip_inside(option: &str, value: &Value) -> Result<(), Stop> {
    if value.get("ZipFile").is_none() {
        return Ok(());
    }
    Err(Stop::Invalid(format!(
        "ZipFile cannot be provided as part of the {option} argument.  Please use the '--zip-file' option instead to \
         specify a zip file."
    )))
}

/// Puts the file of `--zip-file` into its structure, and keeps the other members.
pub(crate) fn put_zip(request: &mut Map<String, Value>, structure: &str, zip: Value) {
    match request.get_mut(structure).and_then(Value::as_object_mut) {
        Some(members) => {
            members.insert("ZipFile".to_owned(), zip);
        }
        None => {
            let members = Map::from_iter([("ZipFile".to_owned(), zip)]);
            request.insert(structure.to_owned(), Value::Object(members));
        }
    }
}

/// Refuses a text that is neither the name of a bucket nor the ARN of an access point. This check comes before all
/// other checks of a request.
///
/// # Errors
/// An error in aws-cli's words; the patterns are botocore 1.43.11's.
pub(crate) fn refuse_bucket(request: &Value) -> Result<(), Stop> {
    let Some(Value::String(bucket)) = request.get("Bucket") else {
        return Ok(());
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let is_name = (1..=255).contains(&bucket.len()) && bucket.chars().all(is_plain);
    if is_name || bucket.starts_with("arn:aws") {
        return Ok(());
    }
    Err(Stop::Invalid(format!(
        "Parameter validation failed:\nInvalid bucket name \"{bucket}\": Bucket name must match the regex \
         \"^[a-zA-Z0-9.\\-_]{{1,255}}$\" or be an ARN matching the regex \
         \"^arn:(aws).*:(s3|s3-object-lambda):[a-z\\-0-9]*:[0-9]{{12}}:accesspoint[/:][a-zA-Z0-9\\-.]{{1,63}}$|\
         ^arn:(aws).*:s3-outposts:[a-z\\-0-9]+:[0-9]{{12}}:outpost[/:][a-zA-Z0-9\\-]{{1,63}}[/:]accesspoint[/:]\
         [a-zA-Z0-9\\-]{{1,63}}$\""
    )))
}

/// The error for a `--zip-file` that is not a zip file.
pub(crate) fn no_zip() -> Stop {
    Stop::Invalid(
        "--zip-file must be a zip file with the fileb:// prefix.\nExample usage:  --zip-file fileb://path/to/file.zip"
            .to_owned(),
    )
}

/// The member of the response that is written to the positional `outfile`. Such an operation has no
/// `--generate-cli-skeleton`.
pub(crate) fn written_to_outfile(operation: &str) -> Option<&'static str> {
    match operation {
        "Invoke" => Some("Payload"),
        "GetObject" => Some("Body"),
        _ => None,
    }
}

/// Returns true if a member's option takes a file's path without `fileb://`. The bytes of the file are sent as a
/// stream.
pub(crate) fn is_a_path(operation: &str, member: &str) -> bool {
    matches!(
        (operation, member),
        ("PutObject" | "UploadPart", "Body") | ("InvokeAsync", "InvokeArgs")
    )
}

/// Returns true for members that the model calls long rather than integer. Their options are checked while the line is
/// parsed, so that `--version-number abc` is a usage error (252) while `--timeout abc` is a conversion error (255).
pub(crate) fn is_long(member: &str) -> bool {
    member == "VersionNumber"
}

/// The hint for unknown words that start with an option in the spelling of AWS CLI version 1. Three of four public
/// scripts that guard a publish by its hash write `--code-sha-256`, which every version 2 refuses (seen in aws-cli
/// 2.36.7).
pub(crate) fn misspelt<'w>(unknown: impl IntoIterator<Item = &'w str>) -> Option<&'static str> {
    let is_it = |word: &str| word.split('=').next() == Some("--code-sha-256");
    unknown.into_iter().any(is_it).then_some(
        "version 2 of the AWS CLI has no --code-sha-256; version 1 had it. Write --code-sha256",
    )
}

/// The first label of a service's host name. `service` is the word for the service on the command line.
pub(crate) fn host(service: &str) -> &str {
    match service {
        "s3api" => "s3",
        "ecr" => "api.ecr",
        "cloudwatch" => "monitoring",
        "apigatewayv2" => "apigateway",
        "stepfunctions" => "states",
        other => other,
    }
}

/// Returns true if a service has one host for all regions.
pub(crate) fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "cloudfront")
}

/// Returns true for subcommands that work but appear on no help page.
pub(crate) fn is_hidden(subcommand: &str) -> bool {
    subcommand == "invoke-async"
}

/// The model's name of a list's elements, which `--generate-cli-skeleton output` shows.
pub(crate) fn element_name(member: &str) -> &str {
    match member {
        "EntryPoint" | "Command" => "String",
        "CompatibleRuntimes" => "Runtime",
        "CompatibleArchitectures" => "Architecture",
        "AllowHeaders" | "ExposeHeaders" => "Header",
        "AllowMethods" => "Method",
        "AllowOrigins" => "Origin",
        other => other.strip_suffix('s').unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn puts_a_zip_beside_what_is_there() {
        let mut request = Map::from_iter([("Code".to_owned(), json!({"S3Bucket": "b"}))]);
        put_zip(&mut request, "Code", json!("zip"));
        put_zip(&mut request, "Content", json!("zip"));
        assert_eq!(
            Value::Object(request),
            json!({"Code": {"S3Bucket": "b", "ZipFile": "zip"}, "Content": {"ZipFile": "zip"}})
        );
    }

    #[test]
    fn refuses_a_zip_inside_its_structure() {
        assert!(refuse_zip_inside("--code", &json!({"S3Bucket": "b"})).is_ok());
        let Err(Stop::Invalid(text)) = refuse_zip_inside("--code", &json!({"ZipFile": "x"})) else {
            panic!("accepted")
        };
        assert!(
            text.starts_with(
                "ZipFile cannot be provided as part of the --code argument.  Please use"
            )
        );
    }
}
