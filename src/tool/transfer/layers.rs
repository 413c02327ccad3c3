//! Turns the facts about a layer into a layer as the store keeps it.

use serde_json::Value;

use super::{
    assemble::{Around, moment},
    documents::{self, Key},
    policies::layer_policy,
};
use crate::state::plain::plain;
use crate::{
    state::layer::{Layer, LayerVersion},
    store::import::Resource,
};

/// Makes a layer with its versions, and adds notes about facts that are missing.
///
/// # Errors
/// When facts are missing or contradict each other. The error is a message.
pub(super) fn layer(
    key: &Key,
    told: &documents::Layer,
    around: &Around<'_>,
    notes: &mut Vec<String>,
) -> Result<Resource<Layer>, String> {
    let name = &key.2;
    let last = told.versions.keys().max().copied().unwrap_or_default();
    let mut head = Layer::new(name, 0, last);
    let mut versions = Vec::new();
    for (number, seen) in &told.versions {
        let what = format!("layer {name}:{number}");
        let text = |member: &str| {
            seen.members
                .get(member)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let names = |member: &str| -> Result<Option<Vec<String>>, String> {
            let value = seen.members.get(member).cloned().unwrap_or_default();
            serde_json::from_value(value)
                .map_err(|error| format!("{member} of {what}: {}", plain(&error)))
        };
        // Only get-layer-version gives the hash. The code is also known by the name that snapshot and export give to a
        // zip.
        let named = around.zips.iter().find(|zip| {
            let folder = zip.path.parent().and_then(|folder| folder.file_name());
            zip.path
                .file_stem()
                .is_some_and(|stem| *stem == *number.to_string())
                && folder.is_some_and(|folder| *folder == **name)
        });
        let (code_sha256, code_size) = match (text("CodeSha256"), named) {
            (told, _) if !told.is_empty() => (
                told,
                seen.members
                    .get("CodeSize")
                    .and_then(Value::as_u64)
                    .unwrap_or_default(),
            ),
            (_, Some(zip)) => (zip.code_sha256.clone(), zip.size),
            _ => {
                notes.push(format!(
                    "{what}: list-layer-versions does not print CodeSha256 and CodeSize, so they are empty here; \
                     'aws lambda get-layer-version' prints them"
                ));
                (String::new(), 0)
            }
        };
        let given = around
            .zips
            .iter()
            .find(|zip| zip.code_sha256 == code_sha256);
        let unzipped = given
            .map(|zip| zip.unzipped_size)
            .or_else(|| (around.unzipped)(&code_sha256));
        versions.push((
            *number,
            LayerVersion {
                version: number.to_string(),
                published: moment(&text("CreatedDate")),
                description: text("Description"),
                code_sha256,
                code_size,
                unzipped_size: unzipped.unwrap_or_default(),
                compatible_architectures: names("CompatibleArchitectures")?,
                compatible_runtimes: names("CompatibleRuntimes")?,
                license_info: seen
                    .members
                    .get("LicenseInfo")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            },
        ));
        head.code_size = head.code_size.saturating_add(code_size);
    }
    let gaps = last - versions.len() as u64;
    if gaps > 0 && !told.listed {
        notes.push(format!(
            "layer {name}: no document has {gaps} of the versions up to {last}, so they count as \
            deleted"
        ));
    }
    for (number, seen) in &told.policies {
        if !told.versions.contains_key(number) {
            return Err(format!(
                "there is a policy for layer {name}:{number}, but no document has that version"
            ));
        }
        let policy = layer_policy(seen)
            .map_err(|cause| format!("the policy of layer {name}:{number}: {cause}"))?;
        head.policies.insert(number.to_string(), policy);
    }
    Ok(Resource {
        head,
        versions,
        journal: Vec::new(),
    })
}
