//! Where the `aws` command departs from its service model: every special case of Lambda's in one file.
//!
//! What is not here follows from the request and response types. Seen in aws-cli 2.36.7 and in the source of
//! 1.45.11. The hidden `--marker` needs no entry, it is a member that pagination hides.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::exit::Stop;
use crate::operation::shape::{Shape, Structure};

/// Operations whose `ZipFile` is lifted out of a structure to an option of its own, `--zip-file`: the operation
/// and the structure.
const LIFTED: &[(&str, &str)] = &[
    ("CreateFunction", "Code"),
    ("PublishLayerVersion", "Content"),
];

/// Members whose option has another name than theirs, by the operation (aws-cli 1.45.11, argrename.py): one that
/// is called as a global option is would never be read.
const RENAMED: &[(&str, &str, &str)] = &[
    ("Subscribe", "Endpoint", "notification-endpoint"),
    ("CreateRestApi", "version", "api-version"),
    ("CreateApi", "Version", "api-version"),
    ("UpdateApi", "Version", "api-version"),
    ("SendTaskSuccess", "output", "task-output"),
];

/// The name of a member's option, without its hyphens, where it is not the member's own.
pub(crate) fn renamed(operation: &str, member: &str) -> Option<&'static str> {
    let found = RENAMED
        .iter()
        .find(|(of, name, _)| (*of, *name) == (operation, member));
    found.map(|(_, _, option)| *option)
}

/// The structure from which `--zip-file` is lifted for that operation.
pub(crate) fn zip_lifted_from(operation: &str) -> Option<&'static str> {
    LIFTED
        .iter()
        .find(|(name, _)| *name == operation)
        .map(|(_, structure)| *structure)
}

/// Whether a member's own option must name a zip file, as the lifted `--zip-file` does.
pub(crate) fn must_be_zip(operation: &str, member: &str) -> bool {
    (operation, member) == ("UpdateFunctionCode", "ZipFile")
}

/// The structure as its option takes it: without `ZipFile` where that is lifted out.
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

/// Refuses `ZipFile` inside the structure it is lifted from.
///
/// # Errors
/// In aws-cli's words, with its two blanks.
pub(crate) fn refuse_zip_inside(option: &str, value: &Value) -> Result<(), Stop> {
    if value.get("ZipFile").is_none() {
        return Ok(());
    }
    Err(Stop::Invalid(format!(
        "ZipFile cannot be provided as part of the {option} argument.  Please use the '--zip-file' option instead to \
         specify a zip file."
    )))
}

/// Puts what `--zip-file` names into the structure it belongs to, beside what is there.
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

/// Refuses what is no name of a bucket and no ARN of an access point, before anything else of a request is checked.
///
/// # Errors
/// In aws-cli's words; the patterns are botocore 1.43.11's.
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

/// The error for a `--zip-file` that does not open as one.
pub(crate) fn no_zip() -> Stop {
    Stop::Invalid(
        "--zip-file must be a zip file with the fileb:// prefix.\nExample usage:  --zip-file fileb://path/to/file.zip"
            .to_owned(),
    )
}

/// The member of the response that is written to the positional `outfile`; such an operation has no
/// `--generate-cli-skeleton`.
pub(crate) fn written_to_outfile(operation: &str) -> Option<&'static str> {
    match operation {
        "Invoke" => Some("Payload"),
        "GetObject" => Some("Body"),
        _ => None,
    }
}

/// Whether a member's option takes the path of a file, without `fileb://`: bytes that are sent as a stream.
pub(crate) fn is_a_path(operation: &str, member: &str) -> bool {
    matches!(
        (operation, member),
        ("PutObject" | "UploadPart", "Body") | ("InvokeAsync", "InvokeArgs")
    )
}

/// Members the model calls long rather than integer. Their options are checked while the line is parsed, so
/// that `--version-number abc` is a usage error (252) where `--timeout abc` is a conversion error (255).
pub(crate) fn is_long(member: &str) -> bool {
    member == "VersionNumber"
}

/// Advice for unknown words that begin with an option as version 1 of the AWS CLI spells it. Three of four public scripts
/// that guard a publish by its hash write `--code-sha-256`, which every version 2 refuses (seen in aws-cli 2.36.7).
pub(crate) fn misspelt<'w>(unknown: impl IntoIterator<Item = &'w str>) -> Option<&'static str> {
    let is_it = |word: &str| word.split('=').next() == Some("--code-sha-256");
    unknown.into_iter().any(is_it).then_some(
        "version 2 of the AWS CLI has no --code-sha-256, which is version 1's spelling: write --code-sha256",
    )
}

/// The first word of the host that a service's calls go to, by its word on the line.
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

/// Whether a service has one host for the whole world, whatever the region.
pub(crate) fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "cloudfront")
}

/// Subcommands that work and that no help page names.
pub(crate) fn is_hidden(subcommand: &str) -> bool {
    subcommand == "invoke-async"
}

/// The model's name for the elements of a list, which `--generate-cli-skeleton output` shows.
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
