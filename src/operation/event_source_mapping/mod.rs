//! Event source mappings: the queues, streams, clusters and brokers that invoke functions. Sources are not looked up,
//! and nothing is ever read from them.

pub mod settings;
pub mod target;

pub mod create_event_source_mapping;
pub mod delete_event_source_mapping;
pub mod get_event_source_mapping;
pub mod list_event_source_mappings;
pub mod update_event_source_mapping;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<create_event_source_mapping::CreateEventSourceMappingRequest>(),
    Entry::of::<get_event_source_mapping::GetEventSourceMappingRequest>(),
    Entry::of::<update_event_source_mapping::UpdateEventSourceMappingRequest>(),
    Entry::of::<delete_event_source_mapping::DeleteEventSourceMappingRequest>(),
    Entry::of::<list_event_source_mappings::ListEventSourceMappingsRequest>(),
];
