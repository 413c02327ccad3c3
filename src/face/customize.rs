//! Where the `aws` command departs from its service model: every special case of Lambda's in one file.
//!
//! What is not here follows from the request and response types. Seen in aws-cli 2.36.7 and in the source of
//! 1.45.11. The hidden `--marker` needs no entry, it is a member that pagination hides.

use serde_json::{Map, Value};

use super::exit::Stop;
use crate::operation::shape::{Shape, Structure};

/// Operations whose `ZipFile` is lifted out of a structure to an option of its own, `--zip-file`: the operation
/// and the structure.
const LIFTED: &[(&str, &str)] = &[
    ("CreateFunction", "Code"),
    ("PublishLayerVersion", "Content"),
];

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
pub(crate) fn shape_on_the_line(operation: &str, member: &str, shape: &Shape) -> Shape {
    let mut shape = shape.clone();
    if zip_lifted_from(operation) == Some(member)
        && let Shape::Structure(Structure { members }) = &mut shape
    {
        members.retain(|member| member.name != "ZipFile");
    }
    shape
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
    member == "Body" && matches!(operation, "PutObject" | "UploadPart")
}

/// Members the model calls long rather than integer. Their options are checked while the line is parsed, so
/// that `--version-number abc` is a usage error (252) where `--timeout abc` is a conversion error (255).
pub(crate) fn is_long(member: &str) -> bool {
    member == "VersionNumber"
}

/// An option's old spelling, taken whole and shown nowhere. Three of four public scripts that guard a publish by its
/// hash write it so.
pub(crate) fn hidden_alias(operation: &str, member: &str) -> Option<&'static str> {
    (operation == "PublishVersion" && member == "CodeSha256").then_some("--code-sha-256")
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
