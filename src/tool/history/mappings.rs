//! The event source mappings that invoke a function: their sources, their aliases, and their changes.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    operation::{Lambda, Result},
    state::{arn::FunctionRef, event_source_mapping::EventSourceMapping},
    store::{collection::View, journal::Line},
};

/// A mapping, and the changes that led to its current state.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Mapping {
    #[serde(rename = "UUID")]
    pub(super) uuid: String,
    /// The ARN of the source. It is missing for a Kafka cluster that the caller runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event_source_arn: Option<String>,
    /// The Kafka topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topics: Option<String>,
    /// The function, version or alias that the mapping invokes, as the request named it.
    pub(super) function_arn: String,
    pub(super) state: String,
    /// The time at which the mapping or its state last changed.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) last_modified: Option<Timestamp>,
    /// Newest first.
    pub(super) changes: Vec<Step>,
}

/// One call that changed the mapping.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Step {
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) when: Timestamp,
    /// The operation.
    pub(super) call: String,
    /// The function, version or alias that the call set as the mapping's target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_arn: Option<String>,
    /// True if the call switched the mapping on, false if it switched the mapping off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enabled: Option<bool>,
}

/// The mappings of a function, of its versions and of its aliases, sorted by the bytes of the id.
///
/// # Errors
/// When a mapping cannot be read.
pub(super) fn of(lambda: &Lambda<'_>, function: &str) -> Result<Vec<Mapping>> {
    let mappings = lambda.event_source_mappings();
    let mut found = Vec::new();
    for uuid in mappings.names()? {
        let read = mappings.view(&uuid, |view| {
            let arn = view.head.configuration.function_arn.as_deref();
            let named = arn.and_then(FunctionRef::parse);
            let is_of = named.is_some_and(|named| named.name == function);
            is_of.then(|| Mapping::read(view)).transpose()
        })?;
        found.extend(read.flatten());
    }
    Ok(found)
}

impl Mapping {
    fn read(view: &View<'_, EventSourceMapping>) -> Result<Self> {
        let shown = &view.head.configuration;
        let step = |line: Line| Step {
            when: line.when,
            call: line.call,
            function_arn: (line.moved.get("FunctionArn"))
                .and_then(|arn| arn.as_str())
                .map(str::to_owned),
            enabled: line.moved.get("Enabled").and_then(|is| is.as_bool()),
        };
        Ok(Self {
            uuid: view.head.uuid.clone(),
            event_source_arn: shown.event_source_arn.as_ref().map(ToString::to_string),
            topics: (shown.topics.as_ref())
                .and_then(|topics| topics.first())
                .map(ToString::to_string),
            function_arn: shown.function_arn.clone().unwrap_or_default(),
            state: shown.state.clone().unwrap_or_default(),
            last_modified: (shown.last_modified.as_ref()).and_then(|text| text.parse().ok()),
            changes: view.journal()?.into_iter().rev().map(step).collect(),
        })
    }

    /// The source in words: `sqs jobs`, `kafka orders`.
    pub(super) fn source(&self) -> String {
        let Some(arn) = &self.event_source_arn else {
            return format!("kafka {}", self.topics.as_deref().unwrap_or_default());
        };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts[..] {
            [_, _, service, _, _, name] => format!("{service} {name}"),
            _ => arn.clone(),
        }
    }

    /// The alias or version that the mapping invokes; `$LATEST` if the mapping's target has no qualifier.
    pub(super) fn qualifier(&self) -> &str {
        let named = self.function_arn.splitn(8, ':').nth(7);
        named.unwrap_or("$LATEST")
    }
}
