//! Texts and values with places that are filled in: `arn:{partition}:sqs:{region}:{account}:{QueueName}`.
//!
//! ```text
//! {Name}         a member of the request, or of the thing of the call; {a.b} is a member inside another one
//! {Name|none}    the same, or this text if there is no value; {Name|@Rule} or the value of another place
//! {Url~/}        the text after the last slash; {Arn~:} after the last colon
//! {path~-/}      without a slash at its end; {Name~+/} with a slash in front; {Name~+.} with a full stop at the end
//! {Id~secret}    the name in a secret's ARN; {Name~stack} in a stack's ARN
//! {Body~md5}     its digest; {Items~count} the number of items; {Items~any} left out if there are none
//! {?Paths}text   the text, if there is such a member and it is not false
//! ```
//!
//! If a text consists of exactly one place, the result is the value itself, of any type. Without a value, the text is
//! left out. Inside a longer text, a place without a value becomes an empty text.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// Returns the value of a place: `table.TableArn`.
pub(super) type LookUp<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// Fills in a value. `None` if the template is a single place that has no value.
pub(super) fn fill(template: &Value, of: &LookUp<'_>) -> Option<Value> {
    Some(match template {
        Value::String(text) => match (text.strip_prefix("{?"), whole(text)) {
            (Some(rest), _) => {
                let (condition, rest) = rest.split_once('}')?;
                let holds = of(condition)
                    .filter(|value| !matches!(value, Value::Null | Value::Bool(false)));
                return holds.and_then(|_| fill(&rest.into(), of));
            }
            (None, Some(place)) => return one(place, of),
            (None, None) => Value::String(text_of(text, of)),
        },
        Value::Array(items) => {
            let filled: Vec<Value> = items.iter().filter_map(|item| fill(item, of)).collect();
            if filled.is_empty() && !items.is_empty() {
                return None;
            }
            Value::Array(filled)
        }
        Value::Object(members) => {
            let filled = fill_members(members, of);
            // If no part of a structure or list has a value, the structure or list has none either.
            if filled.is_empty() && !members.is_empty() {
                return None;
            }
            Value::Object(filled)
        }
        other => other.clone(),
    })
}

/// Fills in members. Members without a value are left out.
pub(super) fn fill_members(members: &Map<String, Value>, of: &LookUp<'_>) -> Map<String, Value> {
    let members = members.iter();
    members
        .filter_map(|(name, value)| Some((name.clone(), fill(value, of)?)))
        .collect()
}

/// Fills in a text.
pub(super) fn text_of(template: &str, of: &LookUp<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, behind)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&one(place, of).map(plain).unwrap_or_default());
        rest = behind;
    }
    out + rest
}

/// The places in a text, without their braces.
pub(super) fn places(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| {
        let (place, _) = part.split_once('}')?;
        let place = place.split(['~', '|']).next()?;
        Some(place)
    })
}

/// The place, if the whole text is one place.
fn whole(text: &str) -> Option<&str> {
    let place = text.strip_prefix('{')?.strip_suffix('}')?;
    (!place.contains(['{', '}'])).then_some(place)
}

fn one(place: &str, of: &LookUp<'_>) -> Option<Value> {
    let (place, otherwise) = match place.split_once('|') {
        Some((place, otherwise)) => (place, Some(otherwise)),
        None => (place, None),
    };
    let (name, filter) = match place.split_once('~') {
        Some((name, filter)) => (name, Some(filter)),
        None => (place, None),
    };
    let found = of(name).filter(|value| !value.is_null());
    let found = match (found, filter) {
        (Some(Value::String(text)), Some(filter)) => Some(filtered(&text, filter).into()),
        (Some(Value::Array(items)), Some("count")) => Some(items.len().into()),
        (Some(Value::Array(items)), Some("any")) if items.is_empty() => None,
        (found, _) => found,
    };
    found.or_else(|| match otherwise?.split_once('@') {
        Some(("", place)) => of(place),
        _ => otherwise.map(Value::from),
    })
}

fn filtered(text: &str, filter: &str) -> String {
    match filter {
        "-/" => text.strip_suffix('/').unwrap_or(text).to_owned(),
        "+." => format!("{}.", text.trim_end_matches('.')),
        "+/" => format!("/{}", text.trim_start_matches('/')),
        "md5" => {
            let digest = Md5::digest(text);
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        }
        // arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db-AbCdEf
        "secret" => match text.split_once(":secret:") {
            Some((_, name)) => match name.rsplit_once('-') {
                Some((name, suffix)) if suffix.len() == 6 => name.to_owned(),
                _ => name.to_owned(),
            },
            None => text.to_owned(),
        },
        // arn:aws:cloudformation:us-east-1:123456789012:stack/pay/1234
        "stack" => match text.split_once(":stack/") {
            Some((_, rest)) => rest.split('/').next().unwrap_or(rest).to_owned(),
            None => text.to_owned(),
        },
        mark => text
            .rsplit_once(mark)
            .map_or(text, |(_, last)| last)
            .to_owned(),
    }
}

/// The text of a value inside a longer text.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The value at a path of member names.
pub(super) fn at<'v>(mut value: &'v Value, path: &str) -> Option<&'v Value> {
    for name in path.split('.') {
        value = value.get(name)?;
    }
    Some(value)
}

/// The place of a value at a path of members, whose structure has to be there.
pub(super) fn place_mut<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    match path.split_once('.') {
        Some((name, inner)) => place_mut(value.get_mut(name)?, inner),
        None => Some(value.as_object_mut()?.entry(path).or_insert(Value::Null)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_in() {
        let known = json!({ "Url": "https://x/1/orders", "path": "/", "n": 3, "a": { "b": [1] }, "none": null });
        let of = |place: &str| at(&known, place).cloned();
        let fill = |template: Value| fill(&template, &of);
        assert_eq!(fill(json!("q {Url~/}!")), Some(json!("q orders!")));
        assert_eq!(fill(json!("{path~-/}/x")), Some(json!("/x")));
        assert_eq!(fill(json!("{n}")), Some(json!(3)));
        assert_eq!(fill(json!("{n}{n}")), Some(json!("33")));
        assert_eq!(fill(json!("{a.b}")), Some(json!([1])));
        assert_eq!(fill(json!("{none|some}")), Some(json!("some")));
        assert_eq!(fill(json!("{nothing}")), None);
        assert_eq!(fill(json!("<{nothing}>")), Some(json!("<>")));
        assert_eq!(fill(json!("{nothing|@n}")), Some(json!(3)));
        assert_eq!(fill(json!("{?n}yes")), Some(json!("yes")));
        assert_eq!(fill(json!("{?nothing}yes")), None);
        assert_eq!(fill(json!("{a.b~count}")), Some(json!(1)));
        assert_eq!(fill(json!("{path~+/}")), Some(json!("/")));
        assert_eq!(fill(json!({ "A": "{nothing}" })), None);
        assert_eq!(fill(json!(["{nothing}", { "A": "{nothing}" }])), None);
        assert_eq!(fill(json!({})), Some(json!({})));
        for (arn, filter, name) in [
            (
                "arn:aws:secretsmanager:r:1:secret:team/db-AbCdEf",
                "secret",
                "team/db",
            ),
            ("team/db", "secret", "team/db"),
            ("arn:aws:cloudformation:r:1:stack/pay/1234", "stack", "pay"),
            ("hello", "md5", "5d41402abc4b2a76b9719d911017c592"),
            ("example.com", "+.", "example.com."),
            ("example.com.", "+.", "example.com."),
        ] {
            assert_eq!(filtered(arn, filter), name);
        }
        assert_eq!(
            fill(json!({ "A": "{nothing}", "B": ["{n}", "{nothing}"], "C": true })),
            Some(json!({ "B": [3], "C": true }))
        );
    }
}
