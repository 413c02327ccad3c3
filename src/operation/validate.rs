//! The service's own validation of a request, in the service's words. One message lists every violation.
//!
//! `{N} validation error[s] detected: Value {v} at '{path}' failed to satisfy constraint: {constraint}[; …]`, in model
//! order, paths in lowerCamelCase (recorded from AWS, 2025-11 and 2026-01).

use serde_json::{Map, Value};

use super::shape::{Shape, Structure, Text};
use crate::state::{
    error::{Code, ServiceError},
    pattern,
};

/// Checks a request against its shape.
///
/// # Errors
/// ValidationException with every violation.
pub fn validate(shape: &Structure, request: &Value) -> Result<(), ServiceError> {
    let mut found = Vec::new();
    structure(shape, request, "", &mut found);
    if found.is_empty() {
        return Ok(());
    }
    let plural = if found.len() == 1 { "" } else { "s" };
    Err(ServiceError::new(
        Code::ValidationException,
        format!(
            "{} validation error{plural} detected: {}",
            found.len(),
            found.join("; ")
        ),
    ))
}

fn structure(shape: &Structure, value: &Value, path: &str, found: &mut Vec<String>) {
    if !value.is_object() {
        // serde would also accept a list, and read its elements as the members in their order.
        violation(value, path, "Member must be a structure", found);
        return;
    }
    let (last, first): (Vec<_>, Vec<_>) = shape.members.iter().partition(|member| member.last);
    for member in first.into_iter().chain(last) {
        let path = join(path, &lower_camel(&member.name));
        match value.get(&member.name) {
            None | Some(Value::Null) if member.required => {
                violation(&Value::Null, &path, "Member must not be null", found)
            }
            None | Some(Value::Null) => {}
            Some(value) => one(&member.shape, value, &path, found),
        }
    }
}

fn one(shape: &Shape, value: &Value, path: &str, found: &mut Vec<String>) {
    match shape {
        Shape::Structure(shape) => structure(shape, value, path, found),
        Shape::List {
            member,
            min,
            max,
            not_null,
        } => {
            let Some(items) = value.as_array() else {
                return;
            };
            for constraint in length(items.len(), *min, *max) {
                violation(value, path, &constraint, found);
            }
            match &**member {
                Shape::Structure(shape) => {
                    for (n, item) in items.iter().enumerate() {
                        structure(shape, item, &format!("{path}.{}.member", n + 1), found);
                    }
                }
                Shape::String(text)
                    if items
                        .iter()
                        .any(|item| item.as_str().is_some_and(|s| !broken(text, s).is_empty())) =>
                {
                    let constraints = element(text, *not_null);
                    let constraint = if text.bare {
                        constraints
                    } else {
                        format!("Member must satisfy constraint: [{constraints}]")
                    };
                    violation(value, path, &constraint, found);
                }
                _ => {}
            }
        }
        Shape::Map {
            key,
            value: values,
            sensitive,
        } => {
            let Some(map) = value.as_object() else { return };
            let shown = if *sensitive {
                "Value".to_owned()
            } else {
                format!("Value '{}'", java_map(map, values))
            };
            if map.keys().any(|k| !broken(key, k).is_empty()) {
                found.push(format!(
                    "{shown} at '{path}' failed to satisfy constraint: Map keys must satisfy constraint: [{}]",
                    element(key, false)
                ));
            }
            let outside = |value: &Value| match &**values {
                Shape::String(text) => value.as_str().is_some_and(|s| !broken(text, s).is_empty()),
                Shape::Float { min, max } => value.as_f64().is_some_and(|v| {
                    min.is_some_and(|min| v < min) || max.is_some_and(|max| v > max)
                }),
                _ => false,
            };
            if map.values().any(outside) {
                let constraints = match &**values {
                    Shape::Float { min, max } => [("less", max), ("greater", min)]
                        .iter()
                        .filter_map(|(side, bound)| {
                            bound.map(|b| {
                                format!("Member must have value {side} than or equal to {b:?}")
                            })
                        })
                        .chain(["Member must not be null".to_owned()])
                        .collect::<Vec<_>>()
                        .join(", "),
                    Shape::String(text) => element(text, true),
                    _ => String::new(),
                };
                found.push(format!(
                    "{shown} at '{path}' failed to satisfy constraint: Map value must satisfy constraint: [{constraints}]"
                ));
            }
            if matches!(&**values, Shape::List { .. } | Shape::Structure(_)) {
                for (key, value) in map {
                    one(values, value, &format!("{path}.{key}.member"), found);
                }
            }
        }
        Shape::String(text) => {
            for constraint in value.as_str().map(|s| broken(text, s)).unwrap_or_default() {
                violation(value, path, &constraint, found);
            }
        }
        Shape::Integer { min, max } => {
            let Some(number) = value
                .as_i64()
                .or_else(|| value.is_u64().then_some(i64::MAX))
            else {
                return;
            };
            if let Some(min) = min.filter(|min| number < *min) {
                violation(
                    value,
                    path,
                    &format!("Member must have value greater than or equal to {min}"),
                    found,
                );
            }
            if let Some(max) = max.filter(|max| number > *max) {
                violation(
                    value,
                    path,
                    &format!("Member must have value less than or equal to {max}"),
                    found,
                );
            }
        }
        Shape::Float { .. } | Shape::Boolean | Shape::Blob => {}
    }
}

/// The constraints that a text does not satisfy.
fn broken(text: &Text, value: &str) -> Vec<String> {
    let mut broken = length(value.chars().count(), text.min, text.max);
    if let Some(p) = text
        .pattern
        .as_deref()
        .filter(|p| !pattern::matches(p, value))
    {
        broken.push(format!(
            "Member must satisfy regular expression pattern: {p}"
        ));
    }
    if !text.values.is_empty() && !text.values.iter().any(|known| known == value) {
        broken.push(enumeration(text));
    }
    broken
}

fn length(length: usize, min: Option<u64>, max: Option<u64>) -> Vec<String> {
    let length = length as u64;
    let mut broken = Vec::new();
    if let Some(max) = max.filter(|max| length > *max) {
        broken.push(format!(
            "Member must have length less than or equal to {max}"
        ));
    }
    if let Some(min) = min.filter(|min| length < *min) {
        broken.push(format!(
            "Member must have length greater than or equal to {min}"
        ));
    }
    broken
}

/// All constraints of a list's element, a map's key or a map's value. If one of them is broken, the service lists them
/// all. The list for values ends with `Member must not be null`; the list for keys does not have it (recorded from AWS
/// 2025-11; public reports, 2024).
fn element(text: &Text, not_null: bool) -> String {
    let mut all = Vec::new();
    all.extend(
        text.max
            .map(|n| format!("Member must have length less than or equal to {n}")),
    );
    all.extend(
        text.min
            .map(|n| format!("Member must have length greater than or equal to {n}")),
    );
    all.extend(
        text.pattern
            .as_ref()
            .map(|p| format!("Member must satisfy regular expression pattern: {p}")),
    );
    if !text.values.is_empty() {
        all.push(enumeration(text));
    }
    if not_null {
        all.push("Member must not be null".to_owned());
    }
    all.join(", ")
}

fn enumeration(text: &Text) -> String {
    format!(
        "Member must satisfy enum value set: [{}]",
        text.server_order.join(", ")
    )
}

fn violation(value: &Value, path: &str, constraint: &str, found: &mut Vec<String>) {
    let shown = if value.is_null() {
        "null".to_owned()
    } else {
        format!("'{}'", java(value))
    };
    found.push(format!(
        "Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
    ));
}

/// A map as the service prints it: `{2=2.0}`. Its numbers always have a decimal point (recorded from AWS 2025-11).
fn java_map(map: &Map<String, Value>, values: &Shape) -> String {
    let shown = |value: &Value| match (values, value.as_f64()) {
        (Shape::Float { .. }, Some(number)) => double(number),
        _ => java(value),
    };
    let entries: Vec<String> = map
        .iter()
        .map(|(k, v)| format!("{k}={}", shown(v)))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

/// A number with a fraction as Java prints it: `2.0`, `1.0E-4`, `1.0E7`.
fn double(number: f64) -> String {
    if number == 0.0 || (1e-3..1e7).contains(&number.abs()) {
        return format!("{number:?}");
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// A value as the service prints it: text without quotes, `[a, b]`, `{k=v}`.
fn java(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(java).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(map) => {
            format!(
                "{{{}}}",
                map.iter()
                    .map(|(k, v)| format!("{k}={}", java(v)))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        other => other.to_string(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        operation::function::members::{Architecture, Variables},
        state::name::{AliasName, RoleArn, SubnetId},
    };

    /// A structure with one member of every kind that the service validates.
    #[derive(JsonSchema)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code, reason = "only its shape is used")]
    struct Request {
        name: AliasName,
        role_arn: Option<RoleArn>,
        #[schemars(range(min = 1, max = 9))]
        count: Option<u64>,
        #[schemars(length(min = 1, max = 2))]
        architectures: Option<Vec<Architecture>>,
        nested: Option<Nested>,
        #[schemars(length(max = 1))]
        many: Option<Vec<Nested>>,
        variables: Option<Variables>,
        weights: Option<crate::operation::alias::configuration::Weights>,
        tags: Option<crate::operation::tags::resource::Tags>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code, reason = "only its shape is used")]
    struct Nested {
        ids: Option<Vec<SubnetId>>,
        size: u64,
    }

    /// The part of the error message that is specific to a request with that member.
    fn told(member: &str, value: Value) -> String {
        let mut request = json!({ "Name": "a" });
        request[member] = value;
        match validate(&Structure::of::<Request>(), &request) {
            Ok(()) => String::new(),
            Err(error) => {
                let one = "1 validation error detected: ";
                error
                    .message
                    .strip_prefix(one)
                    .unwrap_or(&error.message)
                    .to_owned()
            }
        }
    }

    #[test]
    fn what_breaks_nothing_passes() {
        for (member, value) in [
            ("Count", json!(9)),
            ("Architectures", json!(["arm64", "x86_64"])),
            ("Nested", json!({ "Size": 0, "Ids": [] })),
            ("Many", json!([])),
            ("Weights", json!({ "1": 0.0, "2": 1.0 })),
            ("Tags", json!({ "a": "" })),
            ("RoleArn", Value::Null),
            (
                "Unknown",
                json!("what the shape does not name is not its business"),
            ),
        ] {
            assert_eq!(told(member, value), "", "{member}");
        }
    }

    #[test]
    fn one_violation_is_an_error_and_two_are_errors_in_the_model_s_order() {
        let error = validate(
            &Structure::of::<Request>(),
            &json!({ "Count": 0, "RoleArn": "r1" }),
        )
        .expect_err("refused");
        assert_eq!(error.code, Code::ValidationException);
        assert!(
            error.details.is_empty(),
            "codes of the front door have no Type"
        );
        assert_eq!(
            error.message,
            "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; \
             Value 'r1' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+; \
             Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"
        );
    }

    #[test]
    fn a_list_is_shown_whole_and_its_elements_constraints_together() {
        for (value, expected) in [
            (
                json!([]),
                "Value '[]' at 'architectures' failed to satisfy constraint: Member must have length greater than or \
              equal to 1",
            ),
            (
                json!(["arm64", "arm64", "arm64"]),
                "Value '[arm64, arm64, arm64]' at 'architectures' failed to satisfy \
              constraint: Member must have length less than or equal to 2",
            ),
            (
                json!(["arm64", "x"]),
                "Value '[arm64, x]' at 'architectures' failed to satisfy constraint: Member must satisfy \
              constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
            ),
        ] {
            assert_eq!(told("Architectures", value), expected);
        }
    }

    #[test]
    fn nested_members_have_paths() {
        assert_eq!(
            told("Nested", json!({})),
            "Value null at 'nested.size' failed to satisfy constraint: Member must not be null"
        );
        assert!(
            told("Nested", json!({ "Size": 1, "Ids": ["x"] }))
                .starts_with("Value '[x]' at 'nested.ids' failed")
        );
        assert_eq!(
            told("Many", json!([{ "Size": 1 }, {}])),
            "2 validation errors detected: Value '[{Size=1}, {}]' at 'many' failed to satisfy constraint: Member must have \
             length less than or equal to 1; Value null at 'many.2.member.size' failed to satisfy constraint: Member must \
             not be null"
        );
    }

    #[test]
    fn a_list_is_no_structure() {
        assert_eq!(
            told("Nested", json!([["subnet-1"], 1])),
            "Value '[[subnet-1], 1]' at 'nested' failed to satisfy constraint: Member must be a structure"
        );
        assert!(validate(&Structure::of::<Request>(), &json!(["a"])).is_err());
    }

    #[test]
    fn maps_judge_keys_and_values_and_keep_secrets() {
        assert_eq!(
            told("Variables", json!({ "OK": "secret", "-": "secret" })),
            "Value at 'variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular \
             expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
        );
        assert_eq!(
            told("Weights", json!({ "x": 0.5 })),
            "Value '{x=0.5}' at 'weights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have \
             length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy \
             regular expression pattern: [0-9]+]"
        );
        for (weight, shown) in [
            (json!(2), "2.0"),
            (json!(-1e-5), "-1.0E-5"),
            (json!(12_345_678), "1.2345678E7"),
        ] {
            let told = told("Weights", json!({ "2": weight }));
            assert!(
                told.starts_with(&format!("Value '{{2={shown}}}' at")),
                "{told}"
            );
        }
        assert_eq!(
            told("Weights", json!({ "2": 1.5 })),
            "Value '{2=1.5}' at 'weights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have \
             value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"
        );
    }

    #[test]
    fn numbers_too_large_for_any_type_are_too_large() {
        for number in [json!(10), json!(u64::MAX)] {
            assert_eq!(
                told("Count", number.clone()),
                format!(
                    "Value '{number}' at 'count' failed to satisfy constraint: Member must have value less than or equal to 9"
                )
            );
        }
    }
}
