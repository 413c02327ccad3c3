//! The errors that the client finds before it calls: wrong types, missing and unknown members, values below a minimum.
//!
//! These are botocore's checks, in its order and words. Every violation is reported on a line of its own. Maximums,
//! patterns and enum values are checked by the service. Seen in aws-cli 2.36.7; order from the source of botocore
//! 1.43.11.

use std::collections::BTreeSet;

use serde_json::Value;

use super::blobs::Blobs;
use super::exit::Stop;
use super::python;
use crate::operation::shape::{Shape, Structure};
use crate::state::event_source::Date;

/// Checks a request. `ordered` holds the members that were given as JSON.
///
/// # Errors
/// `Parameter validation failed:` and its lines.
pub(crate) fn check(
    request: &Value,
    structure: &Structure,
    ordered: &BTreeSet<String>,
    blobs: &Blobs<'_>,
) -> Result<(), Stop> {
    let mut check = Check {
        lines: Vec::new(),
        outer: ordered,
        ordered: false,
        blobs,
    };
    check.structure(request, structure, "");
    if check.lines.is_empty() {
        return Ok(());
    }
    Err(Stop::Invalid(format!(
        "Parameter validation failed:\n{}",
        check.lines.join("\n")
    )))
}

/// The line about a value that does not have the member's type.
fn wrong_type(name: &str, value: &Value, valid: &str, ordered: bool) -> String {
    format!(
        "Invalid type for parameter {}, value: {}, type: {}, valid types: {valid}",
        shown(name),
        python::str(value, ordered),
        python::class(value, ordered)
    )
}

/// The line about a text that cannot be read as a moment.
pub(crate) fn no_moment(name: &str, value: &Value) -> String {
    wrong_type(
        name,
        value,
        "<class 'datetime.datetime'>, timestamp-string",
        false,
    )
}

struct Check<'a> {
    lines: Vec<String>,
    outer: &'a BTreeSet<String>,
    ordered: bool,
    blobs: &'a Blobs<'a>,
}

impl Check<'_> {
    fn wrong_type(&mut self, name: &str, value: &Value, valid: &str) {
        self.lines
            .push(wrong_type(name, value, valid, self.ordered));
    }

    fn too_short(&mut self, name: &str, length: usize, min: Option<u64>) {
        if let Some(min) = min.filter(|min| (length as u64) < *min) {
            let name = shown(name);
            self.lines.push(format!(
                "Invalid length for parameter {name}, value: {length}, valid min length: {min}"
            ));
        }
    }

    fn value(&mut self, value: &Value, shape: &Shape, name: &str) {
        match shape {
            Shape::Structure(structure) => self.structure(value, structure, name),
            Shape::Map {
                key, value: inner, ..
            } => match value.as_object() {
                Some(members) if python::Foreign::of(value).is_none() => {
                    for (member, value) in members {
                        self.too_short(
                            &format!("{name} (key: {member})"),
                            member.chars().count(),
                            key.client_min,
                        );
                        self.value(value, inner, &format!("{name}.{member}"));
                    }
                }
                _ => self.wrong_type(name, value, "<class 'dict'>"),
            },
            Shape::List { member, min, .. } => match value.as_array() {
                Some(items) => {
                    self.too_short(name, items.len(), *min);
                    for (index, item) in items.iter().enumerate() {
                        self.value(item, member, &format!("{name}[{index}]"));
                    }
                }
                None => self.wrong_type(name, value, "<class 'list'>, <class 'tuple'>"),
            },
            Shape::String(text) if text.timestamp => {
                if Date::read(value).is_none() {
                    self.lines.push(no_moment(name, value));
                }
            }
            Shape::String(text) => match value.as_str() {
                Some(string) => self.too_short(name, string.chars().count(), text.client_min),
                None if text.timestamp && python::class(value, false).contains("datetime.") => {}
                None => self.wrong_type(name, value, "<class 'str'>"),
            },
            Shape::Integer { min, .. } => match number(value) {
                Some(n) if python::class(value, false) != "<class 'float'>" => {
                    self.too_small(name, value, n, min.map(|m| (m as f64, m.to_string())));
                }
                _ => self.wrong_type(name, value, "<class 'int'>"),
            },
            Shape::Float { min, .. } => match number(value) {
                Some(n) => self.too_small(name, value, n, min.map(|m| (m, python::float_repr(m)))),
                None => {
                    self.wrong_type(
                        name,
                        value,
                        "<class 'float'>, <class 'decimal.Decimal'>, <class 'int'>",
                    );
                }
            },
            Shape::Boolean => {
                if !value.is_boolean() {
                    self.wrong_type(name, value, "<class 'bool'>");
                }
            }
            Shape::Blob => {
                if !self.blobs.made(value) {
                    self.wrong_type(
                        name,
                        value,
                        "<class 'bytes'>, <class 'bytearray'>, file-like object",
                    );
                }
            }
        }
    }

    fn too_small(&mut self, name: &str, value: &Value, number: f64, min: Option<(f64, String)>) {
        if let Some((_, min)) = min.filter(|(min, _)| number < *min) {
            self.lines.push(format!(
                "Invalid value for parameter {}, value: {}, valid min value: {min}",
                shown(name),
                python::str(value, false)
            ));
        }
    }

    fn structure(&mut self, value: &Value, structure: &Structure, name: &str) {
        let Some(members) = value
            .as_object()
            .filter(|_| python::Foreign::of(value).is_none())
        else {
            return self.wrong_type(name, value, "<class 'dict'>");
        };
        for member in &structure.members {
            if member.required && !members.contains_key(&member.name) {
                self.lines.push(format!(
                    "Missing required parameter in {}: \"{}\"",
                    shown(name),
                    member.name
                ));
            }
        }
        for unknown in members.keys().filter(|key| structure.member(key).is_none()) {
            let names: Vec<&str> = structure
                .members
                .iter()
                .map(|member| member.name.as_str())
                .collect();
            let (name, names) = (shown(name), names.join(", "));
            self.lines.push(format!(
                "Unknown parameter in {name}: \"{unknown}\", must be one of: {names}"
            ));
        }
        for (key, value) in members {
            if let Some(member) = structure.member(key) {
                if name.is_empty() {
                    self.ordered = self.outer.contains(key);
                }
                self.value(value, &member.shape, &format!("{name}.{key}"));
            }
        }
    }
}

/// Formats a path for messages: without the leading dot, and as `input` for the whole request.
fn shown(name: &str) -> &str {
    if name.is_empty() {
        "input"
    } else {
        name.strip_prefix('.').unwrap_or(name)
    }
}

/// The number that Python uses in comparisons: `True` counts as 1.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(set) => Some(f64::from(u8::from(*set))),
        other => other
            .as_f64()
            .or_else(|| python::Foreign::of(other)?.number()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::face::fixtures::{Shown, shapes};

    fn lines(operation: &str, request: Value, ordered: &[&str]) -> String {
        let blobs = Blobs::new(&Shown);
        let ordered = ordered.iter().map(|name| (*name).to_owned()).collect();
        match check(&request, shapes(operation).0, &ordered, &blobs) {
            Ok(()) => "ok".to_owned(),
            Err(Stop::Invalid(text)) => text
                .strip_prefix("Parameter validation failed:\n")
                .unwrap()
                .to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn reports_as_botocore_does() {
        let publish = |request: Value| lines("PublishVersion", request, &[]);
        assert_eq!(publish(json!({"FunctionName": "f"})), "ok");
        assert_eq!(
            publish(json!({"FunctionName": ""})),
            "Invalid length for parameter FunctionName, value: 0, valid min length: 1"
        );
        assert_eq!(
            publish(json!({"Zzz": 1})),
            "Missing required parameter in input: \"FunctionName\"\n\
             Unknown parameter in input: \"Zzz\", must be one of: FunctionName, CodeSha256, Description"
        );
        assert_eq!(
            publish(json!({"FunctionName": "f", "Description": python::bytes(b"from-file\n")})),
            "Invalid type for parameter Description, value: b'from-file\\n', type: <class 'bytes'>, valid types: <class 'str'>"
        );
        let base = |extra: Value| {
            let mut request = json!({"FunctionName": "f", "Role": "r", "Code": {}});
            request
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            lines("CreateFunction", request, &["Environment"])
        };
        for (extra, line) in [
            (
                json!({"Timeout": 0}),
                "Invalid value for parameter Timeout, value: 0, valid min value: 1",
            ),
            (
                json!({"MemorySize": 64}),
                "Invalid value for parameter MemorySize, value: 64, valid min value: 128",
            ),
            (
                json!({"Timeout": 3.5}),
                "Invalid type for parameter Timeout, value: 3.5, type: <class 'float'>, valid types: <class 'int'>",
            ),
            (json!({"Timeout": true}), "ok"),
            (
                json!({"Layers": [""]}),
                "Invalid length for parameter Layers[0], value: 0, valid min length: 1",
            ),
            (
                json!({"Layers": {}}),
                "Invalid type for parameter Layers, value: {}, type: <class 'dict'>, valid types: <class 'list'>, <class 'tuple'>",
            ),
            (
                json!({"Code": {"S3Bucket": "b"}}),
                "Invalid length for parameter Code.S3Bucket, value: 1, valid min length: 3",
            ),
            (
                json!({"Code": {"ZipFile": {"a": "b"}}}),
                "Invalid type for parameter Code.ZipFile, value: {'a': 'b'}, type: <class 'dict'>, valid types: <class 'bytes'>, <class 'bytearray'>, file-like object",
            ),
            (
                json!({"Environment": {"Variables": {"A": 1}}}),
                "Invalid type for parameter Environment.Variables.A, value: 1, type: <class 'int'>, valid types: <class 'str'>",
            ),
            (
                json!({"Environment": {"Variables": {"A": {"b": []}}}}),
                "Invalid type for parameter Environment.Variables.A, value: OrderedDict([('b', [])]), type: <class 'collections.OrderedDict'>, valid types: <class 'str'>",
            ),
            (
                json!({"Environment": "x"}),
                "Invalid type for parameter Environment, value: x, type: <class 'str'>, valid types: <class 'dict'>",
            ),
            (
                json!({"VpcConfig": {"Ipv6AllowedForDualStack": "yes"}}),
                "Invalid type for parameter VpcConfig.Ipv6AllowedForDualStack, value: yes, type: <class 'str'>, valid types: <class 'bool'>",
            ),
            (
                json!({"VpcConfig": {"foo": "x"}}),
                "Unknown parameter in VpcConfig: \"foo\", must be one of: SubnetIds, SecurityGroupIds, Ipv6AllowedForDualStack",
            ),
            (
                json!({"FileSystemConfigs": [{"Arn": null}]}),
                "Missing required parameter in FileSystemConfigs[0]: \"LocalMountPath\"\nInvalid type for parameter FileSystemConfigs[0].Arn, value: None, type: <class 'NoneType'>, valid types: <class 'str'>",
            ),
        ] {
            assert_eq!(base(extra.clone()), line, "{extra}");
        }
        let weights = |weights: Value| {
            lines(
                "UpdateAlias",
                json!({"FunctionName": "f", "Name": "a", "RoutingConfig": {"AdditionalVersionWeights": weights}}),
                &[],
            )
        };
        assert_eq!(
            weights(json!({"2": "0.1"})),
            "Invalid type for parameter RoutingConfig.AdditionalVersionWeights.2, value: 0.1, type: <class 'str'>, valid types: <class 'float'>, <class 'decimal.Decimal'>, <class 'int'>"
        );
        assert_eq!(
            weights(json!({"2": -0.5})),
            "Invalid value for parameter RoutingConfig.AdditionalVersionWeights.2, value: -0.5, valid min value: 0.0"
        );
        assert_eq!(weights(json!({"2": 1})), "ok");
    }
}
