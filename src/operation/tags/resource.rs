//! What can be tagged, and with what.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::{
    operation::{
        Failure, Lambda, Result, code_signing,
        resolve::{Target, done, invalid},
    },
    state::{
        error::{Code, ServiceError},
        pattern,
    },
};

/// What an ARN of a tag operation means.
#[derive(Debug)]
pub enum Tagged {
    /// A function.
    Function(Target),
    /// An event source mapping, by its id.
    Mapping(String),
}

impl Tagged {
    /// What that ARN means.
    ///
    /// # Errors
    /// As `mapping` and `function`.
    pub fn of(lambda: &Lambda<'_>, arn: &str) -> Result<Self> {
        match mapping(lambda, arn)? {
            Some(uuid) => Ok(Self::Mapping(uuid)),
            None => function(lambda, arn).map(Self::Function),
        }
    }
}

/// The id of the event source mapping that an ARN of a tag operation means; `None` for an ARN of something else.
///
/// # Errors
/// ResourceNotFoundException in the words recorded from AWS 2025-11.
fn mapping(lambda: &Lambda<'_>, arn: &str) -> Result<Option<String>> {
    let Some((_, uuid)) = arn.rsplit_once(":event-source-mapping:") else {
        return Ok(None);
    };
    let uuid = uuid.to_ascii_lowercase();
    let is_here = lambda.place.scope.event_source_mapping(&uuid) == arn.to_ascii_lowercase();
    match is_here && lambda.event_source_mappings().head(&uuid)?.is_some() {
        true => Ok(Some(uuid)),
        false => Err(no_mapping(arn).into()),
    }
}

fn no_mapping(arn: &str) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!("Event source mapping not found: {arn}"),
    )
}

/// Changes the tags of an event source mapping. A change on its way is no hindrance.
///
/// # Errors
/// ResourceNotFoundException, the closure's.
pub fn edit_mapping(
    lambda: &Lambda<'_>,
    uuid: &str,
    call: &str,
    change: impl FnOnce(&mut IndexMap<String, String>) -> Result<()>,
) -> Result<()> {
    let arn = lambda.place.scope.event_source_mapping(uuid);
    let edited = lambda
        .event_source_mappings()
        .edit(uuid, &arn, call, |edit| {
            lambda.explain(|| {
                "Tags of a mapping change nothing about what it reads and invokes.".to_owned()
            });
            change(&mut edit.head.tags)
        })?;
    done(edited.ok_or_else(|| no_mapping(&arn))?)
}

/// The function that an ARN of a tag operation means.
///
/// # Errors
/// In the words recorded from AWS 2025-11: versions and aliases have no tags, and there are no capacity providers here.
/// The words for a code signing configuration are those of its own operations.
fn function(lambda: &Lambda<'_>, arn: &str) -> Result<Target> {
    let not_found = |message: String| ServiceError::new(Code::ResourceNotFoundException, message);
    match arn.split(':').nth(5) {
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
