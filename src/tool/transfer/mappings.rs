//! Turns the facts about an event source mapping into a mapping as the store keeps it.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::documents::{self, Key};
use crate::state::plain::plain;
use crate::{
    operation::shape::{Shape, Structure},
    state::{
        arn::Scope,
        event_source::Date,
        event_source_mapping::{EventSourceMapping, EventSourceMappingConfiguration},
    },
    store::{clock::iso8601, import::Resource},
};

/// Makes a mapping in the stored form. A pending change of the mapping counts as complete. Returns `None` for a mapping
/// that is being deleted.
pub(super) fn mapping(
    (region, account, uuid): &Key,
    told: &documents::Mapping,
    notes: &mut Vec<String>,
) -> Result<Option<Resource<EventSourceMapping>>, String> {
    let what = format!("the event source mapping {uuid}");
    let known = Structure::of::<EventSourceMappingConfiguration>();
    let mut members = Map::new();
    for (name, value) in &told.seen.members {
        match known.member(name) {
            _ if value.is_null() => {}
            Some(member) => {
                let is_moment = matches!(&member.shape, Shape::String(text) if text.timestamp)
                    || name == "LastModified";
                let moment = Date::read(value).filter(|_| is_moment);
                let kept = moment.map_or_else(|| value.clone(), |Date(at)| iso8601(at).into());
                members.insert(name.clone(), kept);
            }
            None => notes.push(format!("{name} of {what} was not imported")),
        }
    }
    let state = members.get("State").and_then(Value::as_str);
    let settled = match state.unwrap_or("Enabled") {
        "Deleting" => {
            notes.push(format!("{what} is being deleted and was skipped"));
            return Ok(None);
        }
        "Disabled" | "Disabling" => "Disabled",
        _ => "Enabled",
    };
    members.insert("State".to_owned(), settled.into());
    let scope = Scope {
        region: region.clone(),
        account: account.clone(),
    };
    members
        .entry("EventSourceMappingArn")
        .or_insert_with(|| scope.event_source_mapping(uuid).into());
    let configuration = serde_json::from_value(Value::Object(members))
        .map_err(|error| format!("{what}: {}", plain(&error)))?;
    let tags = match &told.tags {
        Some(tags) => serde_json::from_value(Value::Object(tags.members.clone()))
            .map_err(|error| format!("the tags of {what}: {}", plain(&error)))?,
        None => IndexMap::new(),
    };
    Ok(Some(Resource {
        head: EventSourceMapping {
            uuid: uuid.clone(),
            changes: 0,
            change: None,
            tags,
            configuration,
        },
        versions: Vec::new(),
        journal: Vec::new(),
    }))
}
