//! The target of a mapping, the mappings of this account, and the refusals that several operations use.

use crate::{
    operation::{
        Lambda, Result,
        iam::execution,
        ready::queue::queue,
        resolve::{has, invalid},
    },
    state::{
        arn::FunctionRef,
        error::{Code, ServiceError},
        event_source::Source,
        event_source_mapping::{EventSourceMapping, EventSourceMappingConfiguration},
        function::Configuration,
        name::MappingId,
    },
    store::collection::Collection,
};

impl Lambda<'_> {
    /// The event source mappings of this account and region.
    pub fn event_source_mappings(&self) -> Collection<'_, EventSourceMapping> {
        self.place.all()
    }

    /// Runs a closure on the target of a mapping: its ARN as answers show it, and its configuration. The function stays
    /// locked in the meantime, so that mappings of one function are created and moved one after the other, and no two of
    /// them get the same source.
    ///
    /// The ARN has the qualifier of the request, but a `:$LATEST` at the end of a full ARN is left out (recorded from
    /// AWS 2025).
    ///
    /// # Errors
    /// `Function does not exist` (recorded from AWS 2025), and the errors of the closure. It is an assumption that AWS
    /// returns the same error for unknown versions and aliases.
    pub fn with_mapping_target<T>(
        &self,
        name: &str,
        call: &str,
        act: impl FnOnce(String, Configuration) -> Result<T>,
    ) -> Result<T> {
        let missing = || {
            invalid("Function does not exist").with_explanation(format!(
                "A mapping needs an existing function, but there is no {name}. Nothing was changed."
            ))
        };
        let target = self.target(name, None)?;
        let is_full = FunctionRef::parse(name).is_some_and(|named| named.partition.is_some());
        self.edit_or(&target, missing, call, |edit| {
            let qualifier = target.key();
            if !has(&edit.head, qualifier, |number| edit.version(number))? {
                return Err(missing().into());
            }
            let arn = match target.qualifier.as_deref() {
                Some("$LATEST") if is_full => target.arn.to_string(),
                _ => target.asked().to_string(),
            };
            let number = edit.head.aliases.get(qualifier);
            let number = number.map_or(qualifier, |alias| &alias.function_version);
            let frozen = match number.parse() {
                Ok(number) => edit.version(number)?.map(|version| version.configuration),
                Err(_) => None,
            };
            let latest = || edit.head.latest.configuration.clone();
            act(arn, frozen.unwrap_or_else(latest))
        })
    }

    /// Refuses a second mapping of the same source and function.
    ///
    /// # Errors
    /// ResourceConflictException. Its words are from public reports about queues (2023), streams (2025) and Kafka
    /// (2025).
    pub fn check_mapping_is_new(&self, mapping: &EventSourceMappingConfiguration) -> Result<()> {
        let mappings = self.event_source_mappings();
        let own = mapping.uuid.as_ref().map(|uuid| uuid.0.as_str());
        for uuid in mappings.names()? {
            let Some(head) = mappings.head(&uuid)?.filter(|_| Some(uuid.as_str()) != own) else {
                continue;
            };
            let other = &head.configuration;
            if other.target() == mapping.target() && other.reads_the_same(mapping) {
                return Err(taken(mapping, &uuid).into());
            }
        }
        Ok(())
    }
}

/// Refuses a queue that hides a message for less time than the function may take, and a role that may not read the
/// source. A queue that nobody made here is unknown.
///
/// # Errors
/// InvalidParameterValueException in the words of public reports.
pub fn check_reader(
    lambda: &Lambda<'_>,
    source: Source,
    mapping: &EventSourceMappingConfiguration,
    reader: &Configuration,
) -> Result<()> {
    let arn = mapping.event_source_arn.as_deref().unwrap_or_default();
    let queue = queue(lambda, arn)?.unwrap_or_default();
    if let Some(hidden) = queue.hides_for.filter(|hides| *hides < reader.timeout) {
        let function = reader.timeout;
        return Err(invalid(format!(
            "Queue visibility timeout: {hidden} seconds is less than Function timeout: {function} seconds"
        ))
        .with_hint(format!(
            "aws sqs set-queue-attributes --attributes VisibilityTimeout={} on that queue: six times the function's, \
             as AWS advises",
            6 * function
        ))
        .into());
    }
    // A policy of the queue's own may let the role in.
    if queue.has_policy {
        return Ok(());
    }
    execution::check_source(lambda, source, arn, &reader.role)
}

/// The error for a mapping that exists already. Its words are from public reports: those for SQS and streams, and those
/// with topics for Kafka.
fn taken(mapping: &EventSourceMappingConfiguration, uuid: &str) -> ServiceError {
    let function = mapping.function_arn.as_deref().unwrap_or_default();
    let arn = mapping.event_source_arn.as_deref().unwrap_or_default();
    let endpoints = mapping.self_managed_event_source.as_ref();
    let endpoints = endpoints.and_then(|source| source.endpoints.as_ref());
    let servers: Vec<String> = endpoints
        .into_iter()
        .flat_map(|endpoints| endpoints.0.values().flatten().cloned())
        .collect();
    let source = match servers.is_empty() {
        true => arn.to_owned(),
        false => servers.join(","),
    };
    let topics: Vec<&str> = (mapping.topics.iter().flatten())
        .map(|topic| &**topic)
        .collect();
    let topics = match topics.is_empty() {
        true => String::new(),
        false => format!(", topics (\"{}\")", topics.join(",")),
    };
    let message = format!(
        "An event source mapping with event source (\"{source}\"), function (\"{function}\"){topics} already exists. Please \
         update or delete the existing mapping with UUID {uuid}"
    );
    ServiceError::new(Code::ResourceConflictException, message)
        .with_explanation(
            "A function can read a source through only one mapping; with two it would get each record twice. A \
             mapping that is Deleting counts until it is gone.",
        )
        .with_hint(format!(
            "to change it: aws lambda update-event-source-mapping --uuid {uuid}"
        ))
}

/// The error for a source that does not exist, or whose kind is unknown (recorded from AWS 2025).
pub fn unrecognized() -> ServiceError {
    invalid("Unrecognized event source.").with_explanation(
        "A mapping reads from an SQS queue, a DynamoDB or Kinesis stream, an MSK cluster, an MQ broker or a \
         DocumentDB cluster, named by its ARN. Or it reads from a Kafka cluster, named by its servers.",
    )
}

/// Refuses a change of a mapping while another change is in progress. Scripts must ask for the state until the change
/// is complete, because AWS has no waiter for mappings.
///
/// # Errors
/// ResourceInUseException, in the words of public reports.
pub fn settled(mapping: &EventSourceMapping, verb: &str) -> Result<()> {
    let Some(change) = &mapping.change else {
        return Ok(());
    };
    let state = mapping.configuration.state.as_deref().unwrap_or_default();
    Err(ServiceError::new(
        Code::ResourceInUseException,
        format!("Cannot {verb} the event source mapping because it is in use."),
    )
    .with_explanation(format!(
        "It is {state} until {}. Until then, Lambda refuses every other change of it.",
        change.completes
    ))
    .with_hint(format!(
        "the AWS CLI has no waiter for event source mappings: read the state until it is Enabled or Disabled, aws \
         lambda get-event-source-mapping --uuid {} --query State",
        mapping.uuid
    ))
    .into())
}

/// The id of a mapping in lower case, as in the mapping's ARN. Requests may use upper case.
pub fn id(uuid: &MappingId) -> String {
    uuid.to_ascii_lowercase()
}

/// Explains that a mapping is still changing, and what this means for the next call.
pub fn under_way(source: Option<Source>, state: &str) -> String {
    let from = match source {
        Some(source) if source.is_stream() => "the place in the stream",
        _ => "the unread records",
    };
    format!(
        "It is {state} for a while. Until that is done, Lambda refuses a second change, and no waiter waits for it: \
         look at State. A paused mapping keeps {from}."
    )
}
