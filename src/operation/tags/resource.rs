//! The resources that can have tags, and the rules for tags.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::{
    operation::{
        Failure, Lambda, Result, code_signing,
        resolve::{Target, done, function_not_found, invalid},
    },
    state::{
        error::{Code, ServiceError},
        pattern,
    },
};

/// The resource whose ARN the request of a tag operation gives.
#[derive(Debug)]
pub enum Tagged {
    /// A function.
    Function(Target),
    /// The id of an event source mapping.
    Mapping(String),
    /// The id of a code signing configuration.
    CodeSigningConfig(String),
}

impl Tagged {
    /// Finds the resource with that ARN.
    ///
    /// # Errors
    /// ResourceNotFoundException or InvalidParameterValueException, because versions and aliases have no tags, and
    /// capacity providers do not exist here (words recorded from AWS 2025-11). A code signing configuration has the
    /// same errors as in its own operations.
    pub fn of(lambda: &Lambda<'_>, arn: &str) -> Result<Self> {
        let not_found =
            |message: String| ServiceError::new(Code::ResourceNotFoundException, message);
        match arn.split(':').nth(5) {
            Some("event-source-mapping") => return mapping(lambda, arn).map(Self::Mapping),
            Some("code-signing-config") => {
                let id = lambda.code_signing_id(arn);
                let id = id.ok_or_else(|| code_signing::config::not_found(arn))?;
                let head = lambda.code_signing_configs().head(id)?;
                head.ok_or_else(|| code_signing::config::not_found(arn))?;
                return Ok(Self::CodeSigningConfig(id.to_owned()));
            }
            Some("capacity-provider") => {
                return Err(not_found(format!("Capacity provider not found: {arn}")).into());
            }
            // The service's pattern allows the ARN of a layer (recorded from AWS 2025-11). But the model and AWS's page
            // do not name layers, and no report shows AWS's answer.
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
        Ok(Self::Function(target))
    }

    /// The tags of the resource.
    ///
    /// # Errors
    /// ResourceNotFoundException.
    pub fn tags(&self, lambda: &Lambda<'_>) -> Result<IndexMap<String, String>> {
        Ok(match self {
            Self::Function(target) => lambda.view(
                target,
                || function_not_found(&target.arn),
                |view| Ok(view.head.tags.clone()),
            )?,
            Self::Mapping(uuid) => {
                let head = lambda.event_source_mappings().head(uuid)?;
                head.map(|head| head.tags).unwrap_or_default()
            }
            Self::CodeSigningConfig(id) => {
                let head = lambda.code_signing_configs().head(id)?;
                head.map(|head| head.tags).unwrap_or_default()
            }
        })
    }

    /// Changes the tags of the resource; `why` explains the effect on a function. For a function, each call gives
    /// `$LATEST` a new RevisionId (recorded from AWS 2025-11). A change in progress still sets its own RevisionId when
    /// it completes. For other resources, only the tags change.
    ///
    /// # Errors
    /// ResourceNotFoundException, and the errors of the closure.
    pub fn edit(
        &self,
        lambda: &Lambda<'_>,
        call: &str,
        why: &str,
        change: impl FnOnce(&mut IndexMap<String, String>) -> Result<()>,
    ) -> Result<()> {
        let told = |what: &str| {
            lambda.explain(|| format!("Tags do not change how {what} works."));
        };
        match self {
            Self::Function(target) => lambda.edit(target, call, |edit| {
                change(&mut edit.head.tags)?;
                lambda.explain(|| why.to_owned());
                edit.head.latest.revision_id = edit.next_id();
                Ok(())
            }),
            Self::Mapping(uuid) => {
                let arn = lambda.place.scope.event_source_mapping(uuid);
                let mappings = lambda.event_source_mappings();
                let edited = mappings.edit(uuid, &arn, call, |edit| {
                    told("a mapping");
                    change(&mut edit.head.tags)
                })?;
                done(edited.ok_or_else(|| no_mapping(&arn))?)
            }
            Self::CodeSigningConfig(id) => {
                let arn = lambda.place.scope.code_signing_config(id);
                let configs = lambda.code_signing_configs();
                let edited = configs.edit(id, &arn, call, |edit| {
                    told("a code signing configuration");
                    change(&mut edit.head.tags)
                })?;
                done(edited.ok_or_else(|| code_signing::config::not_found(&arn))?)
            }
        }
    }
}

/// The id in the ARN of an event source mapping.
///
/// # Errors
/// ResourceNotFoundException (words recorded from AWS 2025-11).
fn mapping(lambda: &Lambda<'_>, arn: &str) -> Result<String> {
    let (_, uuid) = arn.rsplit_once(':').ok_or_else(|| no_mapping(arn))?;
    let uuid = uuid.to_ascii_lowercase();
    let is_here = lambda.place.scope.event_source_mapping(&uuid) == arn.to_ascii_lowercase();
    match is_here && lambda.event_source_mappings().head(&uuid)?.is_some() {
        true => Ok(uuid),
        false => Err(no_mapping(arn).into()),
    }
}

fn no_mapping(arn: &str) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!("Event source mapping not found: {arn}"),
    )
}

/// Tags, in the order in which they were added. The service checks keys and values with a pattern that is not in the
/// model (public reports, 2018). The maximum lengths are documented.
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

/// Refuses more than 50 tags (recorded from AWS 2025-11), and keys that begin with `aws:`. AWS's documentation forbids
/// those keys, but AWS's error was not recorded.
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
