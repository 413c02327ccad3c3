//! What changed between two configurations, by the names AWS gives their members.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{state::function::Configuration, tool::bytes};

/// A member of a function's configuration that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Changed {
    /// `Timeout`
    pub(super) member: String,
    /// `null` where there was none. Environment variables: their names.
    pub(super) before: Value,
    /// `null` where there is none.
    pub(super) after: Value,
    /// The environment variables whose value changed, which is not told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) values_changed: Vec<String>,
}

/// A configuration's members as state files have them.
pub(super) fn members(configuration: &Configuration) -> Map<String, Value> {
    match serde_json::to_value(configuration) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// Members that are not told: they move with others, or with every update.
const UNTOLD: &[&str] = &["LastModified", "UnzippedSize"];

/// What AWS calls members that state files have flat.
const NAMES: &[(&str, &str)] = &[
    ("TracingMode", "TracingConfig"),
    ("RuntimeVersionArn", "RuntimeVersionConfig"),
    ("Image", "ImageUri"),
];

impl Changed {
    /// What is different, in the order of the members.
    pub(super) fn between(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Self> {
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        after
            .keys()
            .chain(gone)
            .filter(|name| before.get(*name) != after.get(*name))
            .filter(|name| !UNTOLD.contains(&name.as_str()))
            .map(|name| Self::of(name, before.get(name), after.get(name)))
            .collect()
    }

    fn of(name: &str, before: Option<&Value>, after: Option<&Value>) -> Self {
        let called = NAMES.iter().find(|(ours, _)| *ours == name);
        let value = |side: Option<&Value>| match (name, side) {
            // Values of environment variables are secrets; their names are not.
            ("Environment", Some(Value::Object(variables))) => {
                json!(variables.keys().collect::<Vec<_>>())
            }
            ("Image", Some(image)) => image["ImageUri"].clone(),
            ("Layers", Some(Value::Array(layers))) => {
                layers.iter().map(|layer| layer["Arn"].clone()).collect()
            }
            (_, Some(value)) => value.clone(),
            (_, None) => Value::Null,
        };
        let values_changed = match (name, before, after) {
            ("Environment", Some(Value::Object(before)), Some(Value::Object(after))) => after
                .iter()
                .filter(|(key, value)| before.get(*key).is_some_and(|before| before != *value))
                .map(|(key, _)| key.clone())
                .collect(),
            _ => Vec::new(),
        };
        Self {
            member: called.map_or(name, |(_, aws)| aws).to_owned(),
            before: value(before),
            after: value(after),
            values_changed,
        }
    }

    /// Whether this is the code itself.
    pub(super) fn is_code(&self) -> bool {
        self.member == "CodeSha256" || self.member == "ImageUri"
    }

    /// In a few words; `arrow` stands between before and after. `None` for what another one tells.
    pub(super) fn words(&self, all: &[Self], arrow: &str) -> Option<String> {
        let member = &self.member;
        let there = |name: &str| all.iter().find(|changed| changed.member == name);
        match member.as_str() {
            "CodeSha256" => {
                let size = |value: &Value| value.as_i64().unwrap_or_default();
                let grown = there("CodeSize").map(|code| size(&code.after) - size(&code.before));
                Some(match grown {
                    Some(grown) if grown < 0 => format!("code -{}", bytes(grown.unsigned_abs())),
                    Some(grown) => format!("code +{}", bytes(grown.unsigned_abs())),
                    None => "code".to_owned(),
                })
            }
            "CodeSize" if there("CodeSha256").is_some() => None,
            "RuntimeVersionConfig" if there("Runtime").is_some() => None,
            "Environment" | "Layers" => Some(format!("{member}{}", self.entries())),
            // The description stands beside the version.
            "Description" if self.after != json!("") => None,
            _ => Some(match (plain(&self.before), plain(&self.after)) {
                (Some(before), Some(after)) => format!("{member} {before} {arrow} {after}"),
                _ => member.clone(),
            }),
        }
    }

    /// ` +ADDED -REMOVED ~CHANGED`
    fn entries(&self) -> String {
        let list = |value: &Value| -> Vec<String> {
            let entries = value.as_array().into_iter().flatten();
            entries
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let (before, after) = (list(&self.before), list(&self.after));
        let short = |entry: &String| {
            let tail = entry
                .split_once(":layer:")
                .map_or(entry.as_str(), |(_, tail)| tail);
            tail.to_owned()
        };
        let mut words = String::new();
        for (mark, entries, others) in [('+', &after, &before), ('-', &before, &after)] {
            for entry in entries.iter().filter(|entry| !others.contains(entry)) {
                words += &format!(" {mark}{}", short(entry));
            }
        }
        for name in &self.values_changed {
            words += &format!(" ~{name}");
        }
        words
    }
}

/// A value that a line has room for.
fn plain(value: &Value) -> Option<String> {
    const ROOM: usize = 40;
    let text = match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            items?.join(", ")
        }
        Value::Object(_) => return None,
    };
    (text.chars().count() <= ROOM).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn tells_the_names_of_environment_variables_and_never_a_value() {
        let before =
            object(json!({ "Environment": { "KEEP": "1", "GONE": "s3cret", "KEY": "s3cret" } }));
        let after = object(
            json!({ "Environment": { "KEEP": "1", "NEW": "s3cret", "KEY": "other s3cret" } }),
        );
        let changed = Changed::between(&before, &after);
        assert_eq!(
            changed[0].words(&changed, "->").as_deref(),
            Some("Environment +NEW -GONE ~KEY")
        );
        assert!(
            !serde_json::to_string(&changed)
                .expect("JSON")
                .contains("s3cret")
        );
    }

    #[test]
    fn says_what_was_and_what_is() {
        let before = object(json!({
            "Runtime": "python3.12", "CodeSize": 100, "CodeSha256": "a", "Timeout": 3, "LastModified": "x",
            "Layers": [{ "Arn": "arn:aws:lambda:us-east-1:123456789012:layer:base:1", "CodeSize": 1 }],
            "RuntimeVersionArn": "old", "TracingMode": "PassThrough", "Description": "was",
        }));
        let after = object(json!({
            "Runtime": "python3.13", "CodeSize": 2148, "CodeSha256": "b", "Timeout": 30, "LastModified": "y",
            "Layers": [{ "Arn": "arn:aws:lambda:us-east-1:123456789012:layer:base:2", "CodeSize": 1 }],
            "RuntimeVersionArn": "new", "TracingMode": "Active", "Description": "", "KMSKeyArn": "k",
        }));
        let changed = Changed::between(&before, &after);
        let words: Vec<String> = changed
            .iter()
            .filter_map(|one| one.words(&changed, "->"))
            .collect();
        assert_eq!(
            words,
            [
                "Runtime python3.12 -> python3.13",
                "code +2.0 KiB",
                "Timeout 3 -> 30",
                "Layers +base:2 -base:1",
                "TracingConfig PassThrough -> Active",
                "Description was -> none",
                "KMSKeyArn none -> k",
            ]
        );
    }
}
