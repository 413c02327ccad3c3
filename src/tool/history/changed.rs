//! The changes between two configurations. The members have AWS's names.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    state::function::Configuration,
    tool::{
        bytes,
        diff::model::{self, Values},
    },
};

/// A member of a function's configuration that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Changed {
    /// `Timeout`
    pub(super) member: String,
    /// The value before; `null` if there was none. For environment variables, the names of the variables.
    pub(super) before: Value,
    /// The value after; `null` if there is none. For environment variables, the names of the variables.
    pub(super) after: Value,
    /// The environment variables whose value changed. The value itself is not shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) values_changed: Vec<String>,
}

impl Changed {
    /// The differences, in AWS's order of the members.
    pub(super) fn between(before: &Configuration, after: &Configuration) -> Vec<Self> {
        let values = model::values(before, after);
        values.iter().map(Self::of).collect()
    }

    fn of(values: &Values) -> Self {
        let (before, after) = (&values.before, &values.after);
        let member = match values.name.split_once('.') {
            Some((member, _)) => member,
            None if values.name == "Code" => "ImageUri",
            None => values.name,
        };
        let value = |side: &Value| match (member, side) {
            // Values of environment variables are secrets; their names are not.
            ("Environment", Value::Object(variables)) => {
                json!(variables.keys().collect::<Vec<_>>())
            }
            ("ImageUri", image) => image["ImageUri"].clone(),
            (_, other) => other.clone(),
        };
        let values_changed = match (member, before, after) {
            ("Environment", Value::Object(before), Value::Object(after)) => after
                .iter()
                .filter(|(key, value)| before.get(*key).is_some_and(|before| before != *value))
                .map(|(key, _)| key.clone())
                .collect(),
            _ => Vec::new(),
        };
        Self {
            member: member.to_owned(),
            before: value(before),
            after: value(after),
            values_changed,
        }
    }

    /// Returns true if the changed member is the code itself.
    pub(super) fn is_code(&self) -> bool {
        self.member == "CodeSha256" || self.member == "ImageUri"
    }

    /// Describes the change in a few words. `arrow` is written between the old and the new value. Returns `None` if the
    /// words for another change already include this one.
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
            // The description is shown beside the version.
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

/// A value that fits on a line.
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

    fn configuration(members: Value) -> Configuration {
        let mut all = json!({
            "Role": "r", "CodeSize": 100, "UnzippedSize": 1, "Description": "", "Timeout": 3, "MemorySize": 128,
            "LastModified": "x", "CodeSha256": "a", "TracingMode": "PassThrough", "PackageType": "Zip",
            "Architectures": ["x86_64"], "EphemeralStorage": 512, "SnapStart": "None",
            "LoggingConfig": { "LogFormat": "Text", "LogGroup": "g" },
        });
        for (name, value) in members.as_object().expect("members") {
            all[name] = value.clone();
        }
        serde_json::from_value(all).expect("a configuration")
    }

    #[test]
    fn tells_the_names_of_environment_variables_and_never_a_value() {
        let before = configuration(
            json!({ "Environment": { "KEEP": "1", "GONE": "s3cret", "KEY": "s3cret" } }),
        );
        let after = configuration(
            json!({ "Environment": { "KEEP": "1", "NEW": "s3cret", "KEY": "other s3cret" } }),
        );
        let changed = Changed::between(&before, &after);
        assert_eq!(
            changed[0].words(&changed, "->").as_deref(),
            Some("Environment +NEW -GONE ~KEY")
        );
        let first = Changed::between(&configuration(json!({})), &after);
        assert_eq!(
            first[0].words(&first, "->").as_deref(),
            Some("Environment +KEEP +NEW +KEY")
        );
        let all = serde_json::to_string(&(changed, first)).expect("JSON");
        assert!(!all.contains("s3cret"), "{all}");
    }

    #[test]
    fn says_what_was_and_what_is() {
        let layer = |version: u64| json!({ "Arn": format!("arn:aws:lambda:us-east-1:123456789012:layer:base:{version}"), "CodeSize": 1, "UnzippedSize": 1 });
        let before = configuration(json!({
            "Runtime": "python3.12", "Layers": [layer(1)], "RuntimeVersionArn": "old", "Description": "was",
        }));
        let after = configuration(json!({
            "Runtime": "python3.13", "CodeSize": 2148, "CodeSha256": "b", "Timeout": 30, "LastModified": "y",
            "Layers": [layer(2)], "RuntimeVersionArn": "new", "TracingMode": "Active", "KMSKeyArn": "k",
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
                "Description was -> none",
                "Timeout 3 -> 30",
                "code +2.0 KiB",
                "KMSKeyArn none -> k",
                "TracingConfig PassThrough -> Active",
                "Layers +base:2 -base:1",
            ]
        );
        assert_eq!(Changed::between(&after, &after), []);
    }
}
