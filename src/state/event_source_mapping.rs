//! An event source mapping: it invokes a function with the records of a queue, stream, cluster or broker.
//!
//! Creating, changing and deleting a mapping takes time. The head holds the state that callers see during the change,
//! and the moment at which the change is complete. The result of a read therefore depends only on the head and the
//! time. A mapping whose deletion is complete is not visible to any reader.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::Scope,
    event_source::{
        AmazonManagedKafkaEventSourceConfig, DocumentDbEventSourceConfig,
        EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig, FilterCriteria,
        FilterCriteriaError, MappingDestinationConfig, ProvisionedPollerConfig, ScalingConfig,
        SelfManagedEventSource, SelfManagedKafkaEventSourceConfig, Source,
        SourceAccessConfiguration,
    },
    head::{CodeRef, Head, counted},
    kind::{Kind, Named, Reference, Words, holds, tagged},
    name::{
        EventSourceArn, EventSourcePosition, FunctionResponseType, MappingId, Queue, ResourceArn,
        Topic,
    },
};

/// `event-source-mapping.json`, the only file of a mapping: it has no versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSourceMapping {
    /// The id, a UUID. It is also the name of the mapping's folder.
    #[serde(rename = "UUID")]
    pub uuid: String,
    /// The change counter. It gives the journal lines their numbers, and never decreases.
    pub changes: u64,
    /// A change in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Tags in the order they were given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// The members of the mapping that the service returns.
    pub configuration: EventSourceMappingConfiguration,
}

/// A change in progress, with the moment of its completion and the state after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Change {
    /// `Enabled` or `Disabled` after the change; `None` if the change is a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The moment from which the change is complete.
    pub completes: Timestamp,
    /// `LastModified` after the change.
    pub last_modified: String,
}

/// An event source mapping as the service answers it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSourceMappingConfiguration {
    /// The mapping's id.
    #[serde(rename = "UUID", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<MappingId>,
    /// The position in a stream at which reading begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<EventSourcePosition>,
    /// The moment from which a stream is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-timestamp" = true))]
    pub starting_position_timestamp: Option<String>,
    /// The most records of one invocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u64>,
    /// The most seconds for which records are gathered into a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_batching_window_in_seconds: Option<u64>,
    /// Batches of one shard that are processed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelization_factor: Option<u64>,
    /// The source's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_source_arn: Option<EventSourceArn>,
    /// The filters that select records for the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_criteria: Option<FilterCriteria>,
    /// The reason why encrypted filter criteria cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_criteria_error: Option<FilterCriteriaError>,
    /// The key that encrypts the filter criteria.
    #[serde(rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<ResourceArn>,
    /// Metrics that the mapping writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_config: Option<EventSourceMappingMetricsConfig>,
    /// The logs that the mapping writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_config: Option<EventSourceMappingLoggingConfig>,
    /// The limit on how far a queue's mapping scales.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_config: Option<ScalingConfig>,
    /// The ARN of the function, version or alias, as the request named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_arn: Option<String>,
    /// The moment of the last change of the mapping or of its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-timestamp" = true))]
    pub last_modified: Option<String>,
    /// The result of the last batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_processing_result: Option<String>,
    /// Creating, Enabling, Enabled, Disabling, Disabled, Updating or Deleting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The originator of the last change of state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_transition_reason: Option<String>,
    /// The destinations for records that could not be processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<MappingDestinationConfig>,
    /// The Kafka topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<Topic>>,
    /// The queue of a message broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<Queue>>,
    /// The credentials, networks or hosts through which the source is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_access_configurations: Option<Vec<SourceAccessConfiguration>>,
    /// A Kafka cluster of the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_managed_event_source: Option<SelfManagedEventSource>,
    /// The age in seconds from which a record is discarded; -1 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_record_age_in_seconds: Option<i64>,
    /// True if a batch that failed is split in two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect_batch_on_function_error: Option<bool>,
    /// The most retries of a batch; -1 to retry until its records expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_retry_attempts: Option<i64>,
    /// The seconds of a processing window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tumbling_window_in_seconds: Option<u64>,
    /// The responses that the function may give beside success and failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_response_types: Option<Vec<FunctionResponseType>>,
    /// Settings of a cluster of Amazon MSK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amazon_managed_kafka_event_source_config: Option<AmazonManagedKafkaEventSourceConfig>,
    /// Settings of a Kafka cluster of the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_managed_kafka_event_source_config: Option<SelfManagedKafkaEventSourceConfig>,
    /// Settings of a DocumentDB cluster.
    #[serde(
        rename = "DocumentDBEventSourceConfig",
        skip_serializing_if = "Option::is_none"
    )]
    pub document_db_event_source_config: Option<DocumentDbEventSourceConfig>,
    /// The mapping's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_source_mapping_arn: Option<String>,
    /// The numbers of pollers that are kept ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_poller_config: Option<ProvisionedPollerConfig>,
}

impl EventSourceMappingConfiguration {
    /// The kind of the mapping's source.
    pub fn source(&self) -> Option<Source> {
        match &self.event_source_arn {
            Some(arn) => Source::of(arn),
            None => self
                .self_managed_event_source
                .as_ref()
                .map(|_| Source::Kafka),
        }
    }

    /// Returns true if another mapping reads the same records: the source is the same, and for Kafka the topic too.
    pub fn reads_the_same(&self, other: &Self) -> bool {
        let servers = |of: &Self| -> Vec<String> {
            let endpoints = of.self_managed_event_source.as_ref();
            let endpoints = endpoints.and_then(|source| source.endpoints.as_ref());
            let servers = endpoints
                .into_iter()
                .flat_map(|endpoints| endpoints.0.values());
            servers.flatten().cloned().collect()
        };
        let is_same_source = match (&self.event_source_arn, &other.event_source_arn) {
            (Some(one), Some(other)) => one == other,
            (None, None) => servers(self).iter().any(|one| servers(other).contains(one)),
            _ => false,
        };
        is_same_source && self.topics == other.topics
    }

    /// The ARN of the target without a redundant `:$LATEST`.
    pub fn target(&self) -> &str {
        let arn = self.function_arn.as_deref().unwrap_or_default();
        arn.strip_suffix(":$LATEST").unwrap_or(arn)
    }
}

impl EventSourceMapping {
    /// Returns true if the mapping is enabled, or will be once its change is complete; `None` if it is being deleted.
    pub fn is_enabled(&self) -> Option<bool> {
        let state = match &self.change {
            Some(change) => change.state.as_deref()?,
            None => self.configuration.state.as_deref()?,
        };
        Some(state == "Enabled")
    }

    /// The members that callers see, without ids and times, and without the states that exist only during a change.
    fn plain(&self) -> Map<String, Value> {
        let mut plain = self.configuration.clone();
        let uuid = plain.uuid.take();
        let is_own = |group: &Option<super::name::SourceUri>| {
            group.as_ref().map(|group| &group.0) == uuid.as_ref().map(|uuid| &uuid.0)
        };
        // If the caller did not name a consumer group, the service chose its name.
        if let Some(config) = &mut plain.amazon_managed_kafka_event_source_config
            && is_own(&config.consumer_group_id)
        {
            config.consumer_group_id = None;
        }
        if let Some(config) = &mut plain.self_managed_kafka_event_source_config
            && is_own(&config.consumer_group_id)
        {
            config.consumer_group_id = None;
        }
        plain.event_source_mapping_arn = None;
        plain.last_modified = None;
        plain.state = None;
        let mut members = match serde_json::to_value(plain) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        members.insert("Enabled".to_owned(), json!(self.is_enabled()));
        members.insert("Tags".to_owned(), json!(self.tags));
        members
    }
}

counted!(EventSourceMapping);

impl Kind for EventSourceMapping {
    const WORDS: Words = Words {
        one: "event source mapping",
        many: "event source mappings",
        before_name: "event source mapping ",
        service: "lambda",
        members: &["UUID"],
    };
    const NAMED: Named = Named::ByService;

    fn called(_: &Scope, name: &str) -> String {
        name.to_owned()
    }

    fn named(text: &str) -> Option<String> {
        match text.rsplit_once(":event-source-mapping:") {
            Some((_, uuid)) => Some(uuid.to_owned()),
            None => (!text.contains(':')).then(|| text.to_owned()),
        }
    }

    /// The function may no longer exist: a mapping outlives it (recorded from AWS 2025).
    fn refers(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        let head = found.map(|(head, _)| head);
        match operation {
            "DeleteEventSourceMapping" => Some(head.is_none_or(|head| head.is_enabled().is_none())),
            "UpdateEventSourceMapping" => match head {
                Some(head) if head.is_enabled().is_some() => {
                    let plain = head.plain();
                    holds(request, Self::WORDS.members, |member| match member {
                        // A request may name the function in several forms, so the value cannot be compared.
                        "FunctionName" => None,
                        member => Some(plain.get(member).cloned().unwrap_or_default()),
                    })
                }
                // The mapping does not exist, or it is being deleted.
                _ => Some(false),
            },
            _ => tagged(&head?.tags, operation, request),
        }
    }
}

impl Head for EventSourceMapping {
    const FOLDER: &'static str = "event-source-mappings";
    const FILE: &'static str = "event-source-mapping.json";
    const IS_FUNCTION: bool = false;
    const GOES_IN_TIME: bool = true;
    type Frozen = ();

    fn name(&self) -> &str {
        &self.uuid
    }

    fn number((): &()) -> &str {
        ""
    }

    fn settle(&mut self, now: Timestamp) {
        let is_due = |change: &mut Change| change.state.is_some() && now >= change.completes;
        if let Some(change) = self.change.take_if(is_due) {
            self.configuration.state = change.state;
            self.configuration.last_modified = Some(change.last_modified);
        }
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        let change = self.change.as_ref();
        change.is_some_and(|change| change.state.is_none() && now >= change.completes)
    }

    fn stored_size(&self) -> u64 {
        0
    }

    fn code(&self) -> Option<CodeRef> {
        None
    }

    fn code_of((): &()) -> CodeRef {
        (None, 0)
    }

    fn newest(&self) -> Option<&str> {
        None
    }

    fn names_versions(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// All members, including the version's number in FunctionArn. The number matters, because a consumer that still
    /// uses an old version is a real difference.
    fn seen(&self, _: Option<&()>) -> Value {
        self.plain().into()
    }

    fn parts(&self) -> (Vec<String>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    /// Records a deletion, the new values of target, source and enabled state, and the names of all other changed
    /// members.
    fn moved(before: Option<&Self>, after: &Self) -> Value {
        let (was, is) = (before.map(Self::plain).unwrap_or_default(), after.plain());
        let mut moved = Map::new();
        let mut others = Vec::new();
        for name in is
            .keys()
            .chain(was.keys().filter(|name| !is.contains_key(*name)))
        {
            if was.get(name) == is.get(name) || (before.is_none() && name == "Tags") {
                continue;
            }
            match name.as_str() {
                "FunctionArn" | "EventSourceArn" | "Enabled" => {
                    moved.insert(name.clone(), is.get(name).cloned().unwrap_or_default());
                }
                _ => others.push(name.clone()),
            }
        }
        if before.is_some() && !others.is_empty() {
            moved.insert("Changed".to_owned(), json!(others));
        }
        moved.into()
    }
}
