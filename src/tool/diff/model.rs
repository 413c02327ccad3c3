//! Finds the differences between two moments of a function, as plain data. The differences are in members of its
//! configuration and in files of its package.
//!
//! Every command that compares two states uses this module. [`members`] compares two configurations as text and
//! [`values`] as JSON, [`files`] compares two packages, and [`settings`] the other parts of two states of a function.
//! Nothing is printed here and no package is unpacked.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::{
    operation::Result,
    state::function::{Configuration, Function},
    store::{
        Store,
        listing::{Entry, Listing},
    },
    tool::MASK,
};

/// A member that differs. A member that is missing on one side was added or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Change {
    /// Its name in AWS's words, with dots between the levels: `Environment.Variables.STAGE`.
    pub(crate) name: String,
    /// Its value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// Its value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// A file that differs. A file that is missing on one side was added or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// The name of the file in the zip.
    pub(crate) name: String,
    /// The file's entry in the old package.
    pub(crate) before: Option<Entry>,
    /// The file's entry in the new package.
    pub(crate) after: Option<Entry>,
}

/// A member of a configuration that differs, as JSON values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Values {
    /// The member's name in AWS's words: `Timeout`, `TracingConfig.Mode`. A dot in the name means that AWS puts the
    /// value into a structure.
    pub(crate) name: &'static str,
    /// The value before; `null` if there was none.
    pub(crate) before: Value,
    /// The value after; `null` if there is none.
    pub(crate) after: Value,
}

/// Compares two configurations member by member. If [`Configuration`] gets a new member, the program does not compile
/// until this macro handles it.
macro_rules! compare {
    ($before:ident, $after:ident: $($field:ident $name:literal)*) => {{
        let Configuration {
            // `last_modified` is left out because a publish ignores it, and `unzipped_size` because it belongs to the
            // code.
            last_modified: _,
            unzipped_size: _,
            $($field: _,)*
        } = $before;
        let mut found = Vec::new();
        $(if $before.$field != $after.$field {
            found.push(Values {
                name: $name,
                before: value(&$before.$field),
                after: value(&$after.$field),
            });
        })*
        found
    }};
}

/// The members of a configuration that differ, in AWS's order; for layers only their ARNs.
pub(crate) fn values(before: &Configuration, after: &Configuration) -> Vec<Values> {
    let mut found = compare!(before, after:
        runtime "Runtime"
        role "Role"
        handler "Handler"
        code_size "CodeSize"
        description "Description"
        timeout "Timeout"
        memory_size "MemorySize"
        code_sha256 "CodeSha256"
        vpc_config "VpcConfig"
        dead_letter_config "DeadLetterConfig"
        environment "Environment.Variables"
        kms_key_arn "KMSKeyArn"
        tracing_mode "TracingConfig.Mode"
        layers "Layers"
        file_system_configs "FileSystemConfigs"
        package_type "PackageType"
        image_config "ImageConfigResponse.ImageConfig"
        architectures "Architectures"
        ephemeral_storage "EphemeralStorage.Size"
        snap_start "SnapStart.ApplyOn"
        runtime_version_arn "RuntimeVersionConfig.RuntimeVersionArn"
        logging_config "LoggingConfig"
        tenant_isolation_mode "TenancyConfig.TenantIsolationMode"
        image "Code"
        source_kms_key_arn "SourceKMSKeyArn"
    );
    for layers in found.iter_mut().filter(|values| values.name == "Layers") {
        for side in [&mut layers.before, &mut layers.after] {
            let layers = side.as_array().into_iter().flatten();
            *side = layers.map(|layer| layer["Arn"].clone()).collect();
        }
    }
    // Only the ARNs of layers are compared, because an ARN also determines the size of the layer.
    found.retain(|values| values.before != values.after);
    found
}

/// The members of a configuration that differ, down to the last level. The result is empty if a publish would see no
/// difference, and only then. `LastModified` is left out, because a publish ignores it. The values of environment
/// variables are masked unless `show_values` is true, but a difference between them is always listed.
pub(crate) fn members(
    before: &Configuration,
    after: &Configuration,
    show_values: bool,
) -> Vec<Change> {
    let flat = |name: &str, value: &Value| {
        let mut members = IndexMap::new();
        // An empty list of layers or file systems counts as missing.
        if value.as_array().is_none_or(|items| !items.is_empty()) {
            spread(name, value, &mut members);
        }
        members
    };
    let mut changes = Vec::new();
    for Values {
        name,
        before,
        after,
    } in values(before, after)
    {
        changes.extend(differing(&flat(name, &before), &flat(name, &after)));
    }
    let order = |configuration: &Configuration| {
        let variables = configuration.environment.iter().flatten();
        let names: Vec<&str> = variables.map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    // For a publish, the same variables in another order are a change.
    if changes.is_empty() && order(before) != order(after) {
        changes.push(Change {
            name: "Environment.Variables (their order)".to_owned(),
            before: Some(order(before)),
            after: Some(order(after)),
        });
    }
    if !show_values {
        for change in &mut changes {
            if change.name.starts_with(VARIABLES) {
                for value in [&mut change.before, &mut change.after] {
                    *value = value.take().map(|_| MASK.to_owned());
                }
            }
        }
    }
    changes
}

/// The files that differ between two packages, sorted by name. If a side has no package, because it is an image for
/// example, it has no files. Only the directories of the zips are read. Files of the same size and checksum count as
/// equal.
pub(crate) fn files(before: Option<&Listing>, after: Option<&Listing>) -> Vec<FileChange> {
    let of = |listing: Option<&Listing>, name: &str| {
        listing.and_then(|listing| listing.files.get(name).copied())
    };
    let names = |listing: Option<&Listing>| -> Vec<String> {
        listing.map_or_else(Vec::new, |listing| listing.files.keys().cloned().collect())
    };
    let mut all = names(before);
    all.extend(names(after));
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .map(|name| FileChange {
            before: of(before, &name),
            after: of(after, &name),
            name,
        })
        .filter(|change| match (&change.before, &change.after) {
            (Some(before), Some(after)) => !before.is_same(after),
            _ => true,
        })
        .collect()
}

/// The package of a configuration; `None` for an image.
///
/// # Errors
/// When the package should exist and cannot be read.
pub(crate) fn package(store: &Store, configuration: &Configuration) -> Result<Option<Listing>> {
    if configuration.package_type == "Image" {
        return Ok(None);
    }
    store.listing(&configuration.code_sha256).map(Some)
}

/// The differences between two states of a function in the targets and weights of aliases, in tags, and in settings
/// attached to a qualifier, such as a policy. Code, configuration and versions are not compared here, and RevisionIds
/// and times are left out.
pub(crate) fn settings(before: Option<&Function>, after: Option<&Function>) -> Vec<Change> {
    let flat = |head: Option<&Function>| {
        let mut members = IndexMap::new();
        let Some(head) = head else { return members };
        for (name, alias) in &head.aliases {
            let mut alias = value(alias);
            forget(&mut alias);
            if alias["Description"] == "" {
                alias["Description"] = Value::Null;
            }
            spread(&format!("Aliases.{name}"), &alias, &mut members);
        }
        for (tag, value) in &head.tags {
            members.insert(format!("Tags.{tag}"), value.clone());
        }
        for (qualifier, attached) in &head.attached {
            for (setting, mut value) in value(attached).as_object().cloned().unwrap_or_default() {
                forget(&mut value);
                spread(&format!("{qualifier}.{setting}"), &value, &mut members);
            }
        }
        for (name, setting) in [
            ("ReservedConcurrency", value(&head.reserved_concurrency)),
            ("RecursiveLoop", value(&head.recursive_loop)),
            ("CodeSigningConfigArn", value(&head.code_signing_config_arn)),
        ] {
            spread(name, &setting, &mut members);
        }
        members
    };
    differing(&flat(before), &flat(after))
}

/// The members of a resource of any kind that differ, down to the last level.
pub(crate) fn members_of(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Vec<Change> {
    let flat = |members: &BTreeMap<String, Value>| {
        let mut flat = IndexMap::new();
        for (name, value) in members {
            spread(name, value, &mut flat);
        }
        flat
    };
    differing(&flat(before), &flat(after))
}

/// Compares the weights of an alias before and after, and returns those that differ.
pub(crate) fn weights(
    before: &IndexMap<String, f64>,
    after: &IndexMap<String, f64>,
) -> Vec<Change> {
    let flat = |weights: &IndexMap<String, f64>| {
        let mut members = IndexMap::new();
        spread("AdditionalVersionWeights", &value(weights), &mut members);
        members.shift_remove("AdditionalVersionWeights");
        members
    };
    differing(&flat(before), &flat(after))
}

const VARIABLES: &str = "Environment.Variables.";

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("plain data becomes JSON")
}

/// Removes members that change with every call and do not belong to the setting.
fn forget(setting: &mut Value) {
    if let Value::Object(members) = setting {
        for name in ["RevisionId", "LastModified", "Created", "Change"] {
            members.shift_remove(name);
        }
    }
}

/// Adds a value's members under the given name. The name of a statement in a list is its Sid. An empty object is kept,
/// because a publish distinguishes it from a missing one.
fn spread(name: &str, value: &Value, members: &mut IndexMap<String, String>) {
    let text = match value {
        Value::Null => return,
        Value::Object(inner) if !inner.is_empty() => {
            for (member, value) in inner {
                spread(&format!("{name}.{member}"), value, members);
            }
            return;
        }
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) if items.iter().all(|item| item.get("Sid").is_some()) => {
            for item in items {
                let sid = item["Sid"].as_str().unwrap_or_default();
                members.insert(format!("{name}.{sid}"), item.to_string());
            }
            return;
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(", ")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    members.insert(name.to_owned(), text);
}

/// The entries that differ, in the order of both sides. An entry that exists only on the first side keeps its position
/// there.
fn differing(before: &IndexMap<String, String>, after: &IndexMap<String, String>) -> Vec<Change> {
    let mut names = Vec::new();
    let mut left = before.keys().enumerate().peekable();
    for name in after.keys() {
        let at = before.get_index_of(name).unwrap_or_default();
        while let Some((_, gone)) = left.next_if(|(index, _)| *index < at) {
            names.extend((!after.contains_key(gone)).then_some(gone));
        }
        names.push(name);
    }
    names.extend(
        left.map(|(_, name)| name)
            .filter(|name| !after.contains_key(*name)),
    );
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Change {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn configuration(more: Value) -> Configuration {
        let mut value = json!({
            "Runtime": "python3.13", "Role": "r", "Handler": "a.b", "CodeSize": 1, "UnzippedSize": 1,
            "Description": "", "Timeout": 3, "MemorySize": 128, "LastModified": "then", "CodeSha256": "x",
            "TracingMode": "PassThrough", "PackageType": "Zip", "Architectures": ["x86_64"],
            "EphemeralStorage": 512, "SnapStart": "None",
            "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/pay" },
        });
        for (name, member) in more.as_object().expect("members") {
            value[name] = member.clone();
        }
        serde_json::from_value(value).expect("a configuration")
    }

    fn told(before: Value, after: Value, show_values: bool) -> Vec<String> {
        members(&configuration(before), &configuration(after), show_values)
            .into_iter()
            .map(|change| {
                let side = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{}: {} to {}",
                    change.name,
                    side(change.before),
                    side(change.after)
                )
            })
            .collect()
    }

    #[test]
    fn members_go_by_aws_names_in_its_order() {
        let before = json!({ "SnapStart": "PublishedVersions", "KMSKeyArn": "k" });
        let after = json!({
            "Timeout": 30, "EphemeralStorage": 1024, "TracingMode": "Active",
            "Layers": [{ "Arn": "l:1", "CodeSize": 1, "UnzippedSize": 1 }],
        });
        assert_eq!(
            told(before, after, false),
            [
                "Timeout: 3 to 30",
                "KMSKeyArn: k to -",
                "TracingConfig.Mode: PassThrough to Active",
                "Layers: - to l:1",
                "EphemeralStorage.Size: 512 to 1024",
                "SnapStart.ApplyOn: PublishedVersions to None",
            ]
        );
    }

    #[test]
    fn values_of_the_environment_are_masked_and_their_names_told() {
        let before =
            json!({ "Environment": { "GONE": "secret-1", "KEY": "secret-2", "SAME": "s" } });
        let after = json!({ "Environment": { "KEY": "secret-3", "SAME": "s", "NEW": "secret-4" } });
        assert_eq!(
            told(before.clone(), after.clone(), false),
            [
                "Environment.Variables.GONE: **** to -",
                "Environment.Variables.KEY: **** to ****",
                "Environment.Variables.NEW: - to ****",
            ]
        );
        assert_eq!(
            told(before, after, true)[1],
            "Environment.Variables.KEY: secret-2 to secret-3"
        );
    }

    #[test]
    fn nothing_differs_exactly_where_a_publish_sees_no_difference() {
        let all = [
            json!({}),
            json!({ "LastModified": "later" }),
            json!({ "Environment": {} }),
            json!({ "Environment": { "A": "1", "B": "2" } }),
            json!({ "Environment": { "B": "2", "A": "1" } }),
            json!({ "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": false } }),
            json!({ "DeadLetterConfig": {} }),
            json!({ "ImageConfig": { "EntryPoint": [] } }),
            json!({ "ImageConfig": { "EntryPoint": ["a"], "Command": ["b"] } }),
            json!({ "Description": "x" }),
            json!({ "CodeSha256": "y" }),
        ];
        for before in &all {
            for after in &all {
                let digest = |members: &Value| configuration(members.clone()).digest();
                assert_eq!(
                    told(before.clone(), after.clone(), false).is_empty(),
                    digest(before) == digest(after),
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn files_are_told_apart_by_size_checksum_and_kind_and_not_by_their_place_or_time() {
        use std::{fs, io::Write as _};

        let folder = tempfile::tempdir().expect("a folder");
        let package = |name: &str, files: &[(&str, &str, u32)]| {
            let path = folder.path().join(name);
            let file = fs::File::create(&path).expect("a file");
            let mut writer = zip::ZipWriter::new(file);
            for (name, content, mode) in files {
                let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
                writer.start_file(*name, options).expect("a name");
                writer.write_all(content.as_bytes()).expect("bytes");
            }
            writer.finish().expect("a zip");
            Listing::open(&path).expect("a zip")
        };
        let before = package(
            "before.zip",
            &[
                ("same", "s", 0o644),
                ("run", "r", 0o755),
                ("gone", "g", 0o644),
                ("size", "x", 0o644),
                ("text", "ab", 0o644),
            ],
        );
        let after = package(
            "after.zip",
            &[
                ("text", "ba", 0o644),
                ("size", "xx", 0o644),
                ("run", "r", 0o644),
                ("new", "n", 0o644),
                ("same", "s", 0o600),
            ],
        );
        let told: Vec<String> = files(Some(&before), Some(&after))
            .into_iter()
            .map(|change| {
                let side = |entry: Option<Entry>| {
                    entry.map_or("-".to_owned(), |entry| entry.size.to_string())
                };
                format!(
                    "{} {} {}",
                    change.name,
                    side(change.before),
                    side(change.after)
                )
            })
            .collect();
        assert_eq!(
            told,
            ["gone 1 -", "new - 1", "run 1 1", "size 1 2", "text 2 2"]
        );
        assert_eq!(files(None, Some(&after)).len(), 5);
        assert!(files(Some(&before), Some(&before)).is_empty());
    }

    #[test]
    fn settings_are_aliases_tags_and_what_hangs_on_a_qualifier() {
        let head = |more: Value| -> Function {
            let mut head = Function::new("pay", 0, 0, configuration(json!({})));
            let more: Value = more;
            let mut value = value(&head);
            for (name, member) in more.as_object().expect("members") {
                value[name] = member.clone();
            }
            head = serde_json::from_value(value).expect("a head");
            head
        };
        let before = head(json!({
            "Tags": { "RevisionId": "a tag may be named so" },
            "Aliases": { "live": { "FunctionVersion": "1", "Description": "", "RevisionId": "x" } },
        }));
        let after = head(json!({
            "Aliases": { "live": {
                "FunctionVersion": "1", "Description": "", "AdditionalVersionWeights": { "2": 0.1 }, "RevisionId": "y",
            } },
            "Attached": { "live": { "Policy": { "RevisionId": "p", "Statements": [
                { "Sid": "s3", "Effect": "Allow", "Principal": "*", "Action": "a", "Resource": "r" },
            ] } } },
            "ReservedConcurrency": 5,
        }));
        let changes = settings(Some(&before), Some(&after));
        let names: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Aliases.live.AdditionalVersionWeights.2",
                "live.Policy.Statements.s3",
                "ReservedConcurrency",
                "Tags.RevisionId",
            ]
        );
        assert!(settings(Some(&after), Some(&after)).is_empty());
    }
}
