//! The settings of CreateEventSourceMapping and UpdateEventSourceMapping: how they change a mapping, and which of them
//! are refused for each kind of source.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    operation::{Result, resolve::invalid},
    state::{
        error::{Code, ServiceError},
        event_pattern,
        event_source::{
            AmazonManagedKafkaEventSourceConfig, Date, DocumentDbEventSourceConfig,
            EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig, FilterCriteria,
            MappingDestination, MappingDestinationConfig, ProvisionedPollerConfig, ScalingConfig,
            SelfManagedKafkaEventSourceConfig, Source, SourceAccessConfiguration,
        },
        event_source_mapping::EventSourceMappingConfiguration,
        name::{FullDocument, FunctionResponseType, ResourceArn, SourceUri},
    },
};

/// Maximum number of filters of a mapping. AWS can raise this quota for an account (AWS documentation).
const FILTERS: usize = 5;

/// The settings, in the form that requests have.
#[derive(Debug, Clone, Default)]
#[allow(
    missing_docs,
    reason = "the members of the requests, where they are explained"
)]
pub struct Settings {
    pub batch_size: Option<u64>,
    pub filter_criteria: Option<FilterCriteria>,
    pub kms_key_arn: Option<ResourceArn>,
    pub metrics_config: Option<EventSourceMappingMetricsConfig>,
    pub logging_config: Option<EventSourceMappingLoggingConfig>,
    pub scaling_config: Option<ScalingConfig>,
    pub maximum_batching_window_in_seconds: Option<u64>,
    pub parallelization_factor: Option<u64>,
    pub destination_config: Option<MappingDestinationConfig>,
    pub maximum_record_age_in_seconds: Option<i64>,
    pub bisect_batch_on_function_error: Option<bool>,
    pub maximum_retry_attempts: Option<i64>,
    pub tumbling_window_in_seconds: Option<u64>,
    pub source_access_configurations: Option<Vec<SourceAccessConfiguration>>,
    pub function_response_types: Option<Vec<FunctionResponseType>>,
    pub amazon_managed_kafka_event_source_config: Option<AmazonManagedKafkaEventSourceConfig>,
    pub self_managed_kafka_event_source_config: Option<SelfManagedKafkaEventSourceConfig>,
    pub document_db_event_source_config: Option<DocumentDbEventSourceConfig>,
    pub provisioned_poller_config: Option<ProvisionedPollerConfig>,
}

/// Sets a value, if the request gives one.
fn set<T>(to: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *to = given;
    }
}

impl Settings {
    /// A mapping that has only the settings of the request.
    pub fn given(&self) -> EventSourceMappingConfiguration {
        let mut given = EventSourceMappingConfiguration::default();
        self.clone().apply(&mut given);
        given
    }

    /// Applies the settings. Settings that are not given are kept. An empty structure removes filters, scaling or
    /// pollers (AWS documentation).
    pub fn apply(self, to: &mut EventSourceMappingConfiguration) {
        set(&mut to.batch_size, self.batch_size);
        if let Some(criteria) = self.filter_criteria {
            let has_some = criteria.filters.as_ref().is_some_and(|all| !all.is_empty());
            to.filter_criteria = has_some.then_some(criteria);
        }
        if let Some(key) = self.kms_key_arn {
            to.kms_key_arn = (!key.is_empty()).then_some(key);
        }
        set(&mut to.metrics_config, self.metrics_config);
        set(&mut to.logging_config, self.logging_config);
        if let Some(scaling) = self.scaling_config {
            to.scaling_config = scaling.maximum_concurrency.is_some().then_some(scaling);
        }
        set(
            &mut to.maximum_batching_window_in_seconds,
            self.maximum_batching_window_in_seconds,
        );
        set(&mut to.parallelization_factor, self.parallelization_factor);
        if let Some(mut config) = self.destination_config {
            let mut failed = config.on_failure.take().unwrap_or_default();
            failed.destination = failed.destination.filter(|arn| !arn.is_empty());
            config.on_failure = Some(failed);
            to.destination_config = Some(config);
        }
        set(
            &mut to.maximum_record_age_in_seconds,
            self.maximum_record_age_in_seconds,
        );
        set(
            &mut to.bisect_batch_on_function_error,
            self.bisect_batch_on_function_error,
        );
        set(&mut to.maximum_retry_attempts, self.maximum_retry_attempts);
        set(
            &mut to.tumbling_window_in_seconds,
            self.tumbling_window_in_seconds,
        );
        set(
            &mut to.source_access_configurations,
            self.source_access_configurations,
        );
        set(
            &mut to.function_response_types,
            self.function_response_types,
        );
        // A new configuration replaces the old one. If it names no consumer group, the old consumer group is kept.
        if let Some(mut config) = self.amazon_managed_kafka_event_source_config {
            let joined = to.amazon_managed_kafka_event_source_config.take();
            let joined = joined.and_then(|config| config.consumer_group_id);
            config.consumer_group_id = config.consumer_group_id.or(joined);
            to.amazon_managed_kafka_event_source_config = Some(config);
        }
        if let Some(mut config) = self.self_managed_kafka_event_source_config {
            let joined = to.self_managed_kafka_event_source_config.take();
            let joined = joined.and_then(|config| config.consumer_group_id);
            config.consumer_group_id = config.consumer_group_id.or(joined);
            to.self_managed_kafka_event_source_config = Some(config);
        }
        set(
            &mut to.document_db_event_source_config,
            self.document_db_event_source_config,
        );
        if let Some(pollers) = self.provisioned_poller_config {
            let has_some = pollers.minimum_pollers.is_some()
                || pollers.maximum_pollers.is_some()
                || pollers.poller_group_name.is_some();
            to.provisioned_poller_config = has_some.then_some(pollers);
        }
    }
}

/// Refuses members that mappings of this kind of source cannot have. `given` holds only the members of the request.
///
/// # Errors
/// InvalidParameterValueException. The errors for DestinationConfig and StartingPosition of queues were recorded from
/// AWS 2025. The errors for other members use the words of the error for DestinationConfig.
pub fn check_given(source: Source, given: &EventSourceMappingConfiguration) -> Result<()> {
    let unsupported = |member: &str| {
        Err(invalid(format!(
            "Unsupported {member} parameter for given event source mapping type."
        ))
        .with_explanation(format!(
            "Each kind of source has its own parameters. {member} is not a parameter of this kind."
        ))
        .into())
    };
    let destinations = given.destination_config.as_ref();
    if destinations.is_some_and(|config| config.on_success.is_some()) {
        return unsupported("DestinationConfig");
    }
    let members = serde_json::to_value(given).unwrap_or_default();
    for (member, _) in members.as_object().into_iter().flatten() {
        if source.takes(member) || member == "FunctionArn" {
            continue;
        }
        if source.is_sqs() && member.starts_with("StartingPosition") {
            return Err(invalid("StartingPosition is not valid for SQS event sources.").into());
        }
        return unsupported(member);
    }
    Ok(())
}

/// Refuses a new mapping if it lacks a member that its source needs, or if its starting position is invalid.
///
/// # Errors
/// InvalidParameterValueException. The errors for StartingPosition and its timestamp were recorded from AWS 2025. The
/// errors for other missing members use the words of the error for StartingPosition.
pub fn check_needs(
    source: Source,
    mapping: &EventSourceMappingConfiguration,
    from: Option<Date>,
    now: Timestamp,
) -> Result<()> {
    let members = serde_json::to_value(mapping).unwrap_or_default();
    for member in source.needs() {
        let is_missing = members.get(member).is_none_or(Value::is_null);
        if !is_missing {
            continue;
        }
        if source == Source::Kafka && *member == "SourceAccessConfigurations" {
            return Err(
                invalid("Required 'sourceAccessConfigurations' parameter is missing.").into(),
            );
        }
        let (first, rest) = member.split_at(1);
        return Err(missing(&format!("{}{rest}", first.to_lowercase())).into());
    }
    if let Some(config) = &mapping.document_db_event_source_config
        && config.database_name.is_none()
    {
        return Err(missing("documentDBEventSourceConfig.databaseName").into());
    }
    let position = mapping.starting_position.as_deref();
    match (position, from) {
        (Some("AT_TIMESTAMP"), _) if source == Source::DynamoDb => {
            let arn = mapping.event_source_arn.as_deref().unwrap_or_default();
            Err(invalid(format!("Unsupported starting position for arn type: {arn}")).into())
        }
        (Some("AT_TIMESTAMP"), None) => Err(missing("startingPositionTimestamp").into()),
        (Some("AT_TIMESTAMP"), Some(Date(from))) if from < Timestamp::UNIX_EPOCH => Err(invalid(
            "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp",
        )
        .into()),
        (Some("AT_TIMESTAMP"), Some(Date(from))) if from > now => {
            Err(invalid("StartingPositionTimestamp cannot be in the future.").into())
        }
        (Some("AT_TIMESTAMP"), Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => {
            Err(invalid("Timestamp only valid with StartingPosition AT_TIMESTAMP").into())
        }
    }
}

fn missing(member: &str) -> ServiceError {
    invalid(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null."
    ))
}

/// Refuses settings that contradict each other.
///
/// # Errors
/// InvalidParameterValueException. The words of the errors for batches are from public reports and recordings,
/// 2023–2025. The words for filters were recorded from AWS 2025. The other words are ours.
pub fn check_settings(source: Source, mapping: &EventSourceMappingConfiguration) -> Result<()> {
    let window = mapping.maximum_batching_window_in_seconds.unwrap_or(0);
    if source == Source::SqsFifo && window > 0 {
        return Err(invalid("Batching window is not supported for FIFO queues").into());
    }
    if source.is_sqs() && mapping.batch_size.unwrap_or(0) > 10 && window == 0 {
        return Err(invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        )
        .into());
    }
    if mapping
        .maximum_record_age_in_seconds
        .is_some_and(|age| (0..60).contains(&age))
    {
        return Err(
            invalid("MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.").into(),
        );
    }
    if let Some(endpoints) = mapping
        .self_managed_event_source
        .as_ref()
        .and_then(|source| source.endpoints.as_ref())
        && endpoints.0.is_empty()
    {
        return Err(ServiceError::new(
            Code::ValidationException,
            "1 validation error detected: Value '{}' at 'selfManagedEventSource.endpoints' failed to satisfy constraint: Member \
             must have length greater than or equal to 1",
        )
        .into());
    }
    if let Some(pollers) = &mapping.provisioned_poller_config {
        if mapping.scaling_config.is_some() {
            return Err(invalid(
                "ScalingConfig and ProvisionedPollerConfig cannot be used together.",
            )
            .into());
        }
        let least = if source.is_sqs() { 2 } else { 1 };
        let minimum = pollers.minimum_pollers.unwrap_or(least);
        if minimum < least {
            return Err(invalid("MinimumPollers must be at least 2 for SQS event sources.").into());
        }
        if pollers
            .maximum_pollers
            .is_some_and(|maximum| maximum < minimum)
        {
            return Err(invalid("MaximumPollers must not be less than MinimumPollers.").into());
        }
    }
    check_filters(mapping.filter_criteria.as_ref())
}

fn check_filters(criteria: Option<&FilterCriteria>) -> Result<()> {
    let filters: Vec<_> = criteria
        .and_then(|all| all.filters.as_ref())
        .into_iter()
        .flatten()
        .collect();
    if filters.len() > FILTERS {
        return Err(invalid(format!(
            "FilterCriteria has {} filters, but only {FILTERS} are allowed.",
            filters.len()
        ))
        .with_hint("AWS allows 10 on request")
        .into());
    }
    for filter in filters {
        let pattern = filter.pattern.as_deref().unwrap_or_default();
        event_pattern::check(pattern).map_err(|fault| {
            invalid("Invalid filter pattern definition.")
                .with_hint(fault.clone())
                .with_explanation(format!(
                    "Every field of an event pattern is an object, or a list of values and matchers. Here, {fault}."
                ))
        })?;
    }
    Ok(())
}

/// Sets the id of a new mapping, and the source's defaults for settings that were not given.
pub fn begin(source: Source, uuid: &str, mapping: &mut EventSourceMappingConfiguration) {
    mapping
        .batch_size
        .get_or_insert(if source.is_sqs() { 10 } else { 100 });
    if source.is_sqs() || source.is_stream() {
        mapping.maximum_batching_window_in_seconds.get_or_insert(0);
        mapping.function_response_types.get_or_insert_default();
    } else {
        mapping.last_processing_result = Some("No records processed".to_owned());
    }
    if source.is_stream() {
        mapping.parallelization_factor.get_or_insert(1);
        mapping.bisect_batch_on_function_error.get_or_insert(false);
        mapping.maximum_record_age_in_seconds.get_or_insert(-1);
        mapping.maximum_retry_attempts.get_or_insert(-1);
        mapping.tumbling_window_in_seconds.get_or_insert(0);
        mapping
            .destination_config
            .get_or_insert_with(|| MappingDestinationConfig {
                on_success: None,
                on_failure: Some(MappingDestination::default()),
            });
        mapping.last_processing_result = Some("No records processed".to_owned());
    }
    let group = || Some(SourceUri(uuid.to_owned()));
    match source {
        Source::Msk => {
            let config = mapping
                .amazon_managed_kafka_event_source_config
                .get_or_insert_default();
            config.consumer_group_id = config.consumer_group_id.take().or_else(group);
        }
        Source::Kafka => {
            let config = mapping
                .self_managed_kafka_event_source_config
                .get_or_insert_default();
            config.consumer_group_id = config.consumer_group_id.take().or_else(group);
        }
        Source::DocumentDb => {
            let config = mapping
                .document_db_event_source_config
                .get_or_insert_default();
            config
                .full_document
                .get_or_insert_with(|| FullDocument("Default".to_owned()));
        }
        _ => {}
    }
    mapping.state_transition_reason = Some(source.transition_reason().to_owned());
}
