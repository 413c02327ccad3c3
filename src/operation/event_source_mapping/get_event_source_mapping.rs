//! `GetEventSourceMapping`: returns an event source mapping and its current state.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::no_such_resource},
    state::{event_source_mapping::EventSourceMappingConfiguration, name::MappingId},
};

use super::target::id;

/// Request of GetEventSourceMapping.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetEventSourceMappingRequest {
    /// The mapping's id.
    #[serde(rename = "UUID")]
    uuid: MappingId,
}

impl Operation for GetEventSourceMappingRequest {
    const NAME: &'static str = "GetEventSourceMapping";
    const ROUTE: &'static str = "GET /2015-03-31/event-source-mappings/{UUID} 200";
    const ABOUT: &'static str =
        "Returns an event source mapping. Its State shows if a change is complete.";
    type Response = EventSourceMappingConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<EventSourceMappingConfiguration> {
        let mappings = lambda.event_source_mappings();
        let found = mappings.view(&id(&self.uuid), |view| Ok(view.head.configuration.clone()))?;
        Ok(found.ok_or_else(no_such_resource)?)
    }
}
