//! The size of a request's body: the JSON that the command line sends, with blobs as base64. AWS checks the limit on
//! this size before it reads anything else.
//!
//! A blob is a handle here, so the length of its base64 is computed, but the base64 is never made. The JSON has the
//! form that `aws` sends: blanks after `,` and `:`, and non-ASCII characters as `\uXXXX`.

use serde_json::Value;

use crate::{
    operation::blob::Blob,
    state::error::{Code, ServiceError},
};

/// Refuses a request whose body exceeds the operation's limit.
///
/// # Errors
/// RequestEntityTooLargeException, 413 (recorded from AWS 2025-11; public reports, 2024).
pub(super) fn check(
    operation: &str,
    route: &str,
    limit: u64,
    request: &Value,
) -> Result<(), ServiceError> {
    if size(route, request) <= limit {
        return Ok(());
    }
    Err(ServiceError::new(
        Code::RequestEntityTooLargeException,
        format!("Request must be smaller than {limit} bytes for the {operation} operation"),
    ))
}

/// The size of the body in bytes. The body holds all members that are not in the path.
fn size(route: &str, request: &Value) -> u64 {
    let members = request.as_object().into_iter().flatten();
    let body = members.filter(|(name, _)| !route.contains(&format!("{{{name}}}")));
    object(body.map(|(name, value)| text(name) + 2 + json(value)))
}

/// The size in bytes of `{…}` or `[…]`, computed from the sizes of its entries.
fn object(entries: impl Iterator<Item = u64>) -> u64 {
    let (mut count, mut bytes) = (0u64, 2u64);
    for entry in entries {
        count += 1;
        bytes = bytes.saturating_add(entry);
    }
    bytes.saturating_add(2 * count.saturating_sub(1))
}

fn json(value: &Value) -> u64 {
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => object(items.iter().map(json)),
        Value::Object(members) => match serde_json::from_value::<Blob>(value.clone()) {
            // Three bytes become four characters of base64. The two quotes are added.
            Ok(blob) => blob
                .0
                .code_size
                .div_ceil(3)
                .saturating_mul(4)
                .saturating_add(2),
            Err(_) => object(
                members
                    .iter()
                    .map(|(name, value)| text(name) + 2 + json(value)),
            ),
        },
        other => other.to_string().len() as u64,
    }
}

fn text(string: &str) -> u64 {
    let letters = string.chars().map(|letter| match letter {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        ' '..='~' | '\u{7f}' => 1,
        other => 6 * other.len_utf16() as u64,
    });
    2 + letters.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::size;
    use crate::operation::sandbox::Sandbox;

    #[test]
    fn the_body_is_counted_as_the_command_line_sends_it() {
        let route = "PUT /2015-03-31/functions/{FunctionName}/code 200";
        for (request, body) in [
            (json!({ "FunctionName": "not in the body" }), "{}"),
            (
                json!({ "FunctionName": "f", "Publish": true, "A": ["x", 1] }),
                r#"{"Publish": true, "A": ["x", 1]}"#,
            ),
            (
                json!({ "A": "é\n\"\u{1f600}\u{1}" }),
                r#"{"A": "\u00e9\n\"\ud83d\ude00\u0001"}"#,
            ),
            (
                json!({ "Z": { "Spool": "s", "CodeSha256": "h", "CodeSize": 4 } }),
                r#"{"Z": "AAAAAA=="}"#,
            ),
        ] {
            assert_eq!(size(route, &request), body.len() as u64, "{body}");
        }
    }

    /// A body over the limit gets this error before any other check. A smaller body with a zip over 50 MiB gets the
    /// error for zips (recorded from AWS 2025-11; public reports, 2024).
    #[test]
    fn a_body_over_the_operation_s_limit_is_refused_first() {
        let lambda = Sandbox::with("pay");
        let zip =
            |bytes: u64| json!({ "Spool": "spool-none", "CodeSha256": "h", "CodeSize": bytes });
        // 70167211 is the base64 of 52,625,408 bytes.
        for (operation, request) in [
            (
                "CreateFunction",
                json!({ "FunctionName": "new", "Role": "no role", "Code": { "ZipFile": zip(52_625_409) } }),
            ),
            (
                "UpdateFunctionCode",
                json!({ "FunctionName": "nope", "ZipFile": zip(52_625_409) }),
            ),
            (
                "PublishLayerVersion",
                json!({ "LayerName": "l", "Content": { "ZipFile": zip(52_625_409) } }),
            ),
        ] {
            let refused = lambda.refused(operation, request);
            assert_eq!(
                refused.to_string(),
                format!(
                    "(RequestEntityTooLargeException): Request must be smaller than 70167211 bytes for the {operation} operation"
                )
            );
            assert!(refused.details.is_empty() && refused.code.status() == 413);
        }
        assert_eq!(
            lambda.error(
                "UpdateFunctionCode",
                json!({ "FunctionName": "pay", "ZipFile": zip(52_500_000) })
            ),
            "(RequestEntityTooLargeException): Zipped size must be smaller than 52428800 bytes"
        );
        let variables = |bytes: usize| json!({ "FunctionName": "pay", "Environment": { "Variables": { "KEY": "x".repeat(bytes) } } });
        // The JSON around the value, `{"Environment": {"Variables": {"KEY": "…"}}}`, takes 43 bytes.
        assert_eq!(
            lambda.error("UpdateFunctionConfiguration", variables(5121 - 43)),
            "(RequestEntityTooLargeException): Request must be smaller than 5120 bytes for the UpdateFunctionConfiguration \
             operation"
        );
        let told = lambda.error("UpdateFunctionConfiguration", variables(5120 - 43));
        assert!(told.contains("exceeded the 4KB limit"), "{told}");
    }
}
