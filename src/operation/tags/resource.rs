//! What can be tagged, and with what.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::{
    operation::{
        Failure, Lambda, Result, code_signing,
        resolve::{Target, invalid},
    },
    state::{
        error::{Code, ServiceError},
        pattern,
    },
};

/// The function that an ARN of a tag operation means.
///
/// # Errors
/// In the words recorded from AWS 2025-11: versions and aliases have no tags, and there are no event source mappings
/// and capacity providers here. The words for a code signing configuration are those of its own operations.
pub fn function(lambda: &Lambda<'_>, arn: &str) -> Result<Target> {
    let not_found = |message: String| ServiceError::new(Code::ResourceNotFoundException, message);
    match arn.split(':').nth(5) {
        Some("event-source-mapping") => {
            return Err(not_found(format!("Event source mapping not found: {arn}")).into());
        }
        Some("capacity-provider") => {
            return Err(not_found(format!("Capacity provider not found: {arn}")).into());
        }
        Some("code-signing-config") => {
            let id = lambda.code_signing_id(arn);
            let there = match id {
                Some(id) => lambda.code_signing_configs().head(id)?.is_some(),
                None => false,
            };
            return Err(if there {
                Failure::NotSimulated("tagging code signing configurations".to_owned())
            } else {
                code_signing::config::not_found(arn).into()
            });
        }
        Some("layer") => return Err(Failure::NotSimulated("tagging layers".to_owned())),
        _ => {}
    }
    let target = lambda.target(arn, None)?;
    if target.qualifier.is_some() {
        return Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )
        .into());
    }
    Ok(target)
}

/// Tags, in the order they were given. The service holds keys and values to a pattern that the model does not have
/// (P 2018); the lengths are documented.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub IndexMap<String, String>);

impl JsonSchema for Tags {
    fn schema_name() -> Cow<'static, str> {
        "Tags".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "minLength": 1, "x-client-min": 0, "maxLength": 128, "pattern": pattern::TAG },
            "additionalProperties": { "type": "string", "minLength": 0, "maxLength": 256, "pattern": pattern::TAG },
        })
    }
}

/// Refuses more than 50 tags (R25), and keys that begin with `aws:`, which AWS's documentation rules out in words that
/// were not recorded.
///
/// # Errors
/// InvalidParameterValueException.
pub fn check(tags: &IndexMap<String, String>) -> Result<()> {
    if tags.len() > 50 {
        return Err(invalid("Number of tags exceeds resource tag limit.").into());
    }
    match tags
        .keys()
        .find(|key| key.to_ascii_lowercase().starts_with("aws:"))
    {
        Some(key) => Err(invalid(format!(
            "Tag keys that begin with aws: are reserved for AWS: '{key}'."
        ))
        .into()),
        None => Ok(()),
    }
}
