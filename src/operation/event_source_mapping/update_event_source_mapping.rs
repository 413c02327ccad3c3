//! `UpdateEventSourceMapping`: pauses or resumes a mapping, lets it invoke another function, version or alias, or
//! changes its settings.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{done, invalid, no_such_resource},
    },
    state::{
        event_source::{
            AmazonManagedKafkaEventSourceConfig, DocumentDbEventSourceConfig,
            EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig, FilterCriteria,
            MappingDestinationConfig, ProvisionedPollerConfig, ScalingConfig,
            SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration,
        },
        event_source_mapping::{Change, EventSourceMapping, EventSourceMappingConfiguration},
        name::{FunctionResponseType, MappingId, NamespacedFunctionName, ResourceArn},
    },
    store::clock::iso8601,
};

use super::{
    settings::{Settings, check_given, check_settings},
    target::{id, settled, under_way, unrecognized},
};

/// Request of UpdateEventSourceMapping.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateEventSourceMappingRequest {
    /// The mapping's id.
    #[serde(rename = "UUID")]
    uuid: MappingId,
    /// The name or ARN of the function, version or alias to invoke from now on.
    function_name: Option<NamespacedFunctionName>,
    /// True to read records, false to pause. A paused mapping continues later where it stopped.
    enabled: Option<bool>,
    /// Maximum number of records in one invocation. The default is 10 for a queue, and 100 for other sources.
    #[schemars(range(min = 1, max = 10000))]
    batch_size: Option<u64>,
    /// Filters. The function gets only the records that match them.
    filter_criteria: Option<FilterCriteria>,
    /// The key that encrypts the filter criteria. Lists do not show encrypted criteria.
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<ResourceArn>,
    /// The metrics that the mapping writes.
    metrics_config: Option<EventSourceMappingMetricsConfig>,
    /// The settings for the mapping's logs (Kafka).
    logging_config: Option<EventSourceMappingLoggingConfig>,
    /// The settings for the mapping's scaling (SQS).
    scaling_config: Option<ScalingConfig>,
    /// Maximum time in seconds to collect records before Lambda invokes the function.
    #[schemars(range(min = 0, max = 300))]
    maximum_batching_window_in_seconds: Option<u64>,
    /// The number of batches that are processed at the same time for each shard (streams).
    #[schemars(range(min = 1, max = 10))]
    parallelization_factor: Option<u64>,
    /// The destination for records that could not be processed (streams, Kafka).
    destination_config: Option<MappingDestinationConfig>,
    /// Maximum age of a record in seconds: 60 to 604800, or -1 for no limit (streams, Kafka).
    #[schemars(range(min = -1, max = 604_800))]
    maximum_record_age_in_seconds: Option<i64>,
    /// Split a failed batch into two batches (streams, Kafka).
    bisect_batch_on_function_error: Option<bool>,
    /// Maximum number of retries of a batch. -1 means: retry until the records expire (streams, Kafka).
    #[schemars(range(min = -1, max = 10000))]
    maximum_retry_attempts: Option<i64>,
    /// The length of a processing window in seconds. 0 means: no window (streams).
    #[schemars(range(min = 0, max = 900))]
    tumbling_window_in_seconds: Option<u64>,
    /// Secrets, subnets, security groups or virtual hosts that give access to the source.
    #[schemars(length(max = 23))]
    source_access_configurations: Option<Vec<SourceAccessConfiguration>>,
    /// ReportBatchItemFailures: the function's response can name the records that failed.
    #[schemars(length(max = 1))]
    function_response_types: Option<Vec<FunctionResponseType>>,
    /// Settings of a cluster of Amazon MSK.
    amazon_managed_kafka_event_source_config: Option<AmazonManagedKafkaEventSourceConfig>,
    /// Settings for your own Kafka cluster.
    self_managed_kafka_event_source_config: Option<SelfManagedKafkaEventSourceConfig>,
    /// Settings of a DocumentDB cluster.
    #[serde(rename = "DocumentDBEventSourceConfig")]
    document_db_event_source_config: Option<DocumentDbEventSourceConfig>,
    /// The number of event pollers that always stay ready (SQS, Kafka).
    provisioned_poller_config: Option<ProvisionedPollerConfig>,
}

impl Operation for UpdateEventSourceMappingRequest {
    const NAME: &'static str = "UpdateEventSourceMapping";
    const ROUTE: &'static str = "PUT /2015-03-31/event-source-mappings/{UUID} 202";
    const ABOUT: &'static str = "Changes an event source mapping: pauses it, resumes it, or moves it to another \
        function, version or alias. Settings that the call does not name are kept. A change takes some seconds, and \
        no waiter waits for it. Until it is done, Lambda refuses every other change.";
    type Response = EventSourceMappingConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<EventSourceMappingConfiguration> {
        let uuid = id(&self.uuid);
        let mappings = lambda.event_source_mappings();
        if mappings.head(&uuid)?.is_none() {
            return Err(no_such_resource().into());
        }
        let enabled = self.enabled;
        let settings = Settings {
            batch_size: self.batch_size,
            filter_criteria: self.filter_criteria,
            kms_key_arn: self.kms_key_arn,
            metrics_config: self.metrics_config,
            logging_config: self.logging_config,
            scaling_config: self.scaling_config,
            maximum_batching_window_in_seconds: self.maximum_batching_window_in_seconds,
            parallelization_factor: self.parallelization_factor,
            destination_config: self.destination_config,
            maximum_record_age_in_seconds: self.maximum_record_age_in_seconds,
            bisect_batch_on_function_error: self.bisect_batch_on_function_error,
            maximum_retry_attempts: self.maximum_retry_attempts,
            tumbling_window_in_seconds: self.tumbling_window_in_seconds,
            source_access_configurations: self.source_access_configurations,
            function_response_types: self.function_response_types,
            amazon_managed_kafka_event_source_config: self.amazon_managed_kafka_event_source_config,
            self_managed_kafka_event_source_config: self.self_managed_kafka_event_source_config,
            document_db_event_source_config: self.document_db_event_source_config,
            provisioned_poller_config: self.provisioned_poller_config,
        };
        let change = |target: Option<String>| {
            let arn = lambda.place.scope.event_source_mapping(&uuid);
            let updated = mappings.edit(&uuid, &arn, Self::NAME, |edit| {
                settled(&edit.head, "update")?;
                let moves = target.is_some();
                apply(&mut edit.head, settings, target)?;
                let head = &mut edit.head;
                if moves {
                    lambda.check_mapping_is_new(&head.configuration)?;
                }
                let was = head.is_enabled().unwrap_or_default();
                let will_be = enabled.unwrap_or(was);
                let (state, then) = match (was, will_be) {
                    (false, true) => ("Enabling", "Enabled"),
                    (true, false) => ("Disabling", "Disabled"),
                    (_, true) => ("Updating", "Enabled"),
                    (_, false) => ("Updating", "Disabled"),
                };
                head.configuration.state = Some(state.to_owned());
                head.configuration.last_modified = Some(iso8601(edit.now));
                let completes = edit.after(lambda.settle);
                edit.head.change = Some(Change {
                    state: Some(then.to_owned()),
                    completes,
                    last_modified: iso8601(completes),
                });
                lambda.explain(|| under_way(edit.head.configuration.source(), state));
                Ok(edit.head.configuration.clone())
            })?;
            done(updated.ok_or_else(no_such_resource)?)
        };
        match self.function_name {
            None => change(None),
            Some(name) => {
                lambda.with_mapping_target(&name, Self::NAME, |target, _| change(Some(target)))
            }
        }
    }
}

/// Applies the settings and the new target to a mapping.
fn apply(head: &mut EventSourceMapping, settings: Settings, target: Option<String>) -> Result<()> {
    let source = head.configuration.source().ok_or_else(unrecognized)?;
    let group = |of: &EventSourceMappingConfiguration| {
        let msk = of.amazon_managed_kafka_event_source_config.as_ref();
        let own = of.self_managed_kafka_event_source_config.as_ref();
        let msk = msk.and_then(|config| config.consumer_group_id.clone());
        msk.or_else(|| own.and_then(|config| config.consumer_group_id.clone()))
    };
    let joined = group(&head.configuration);
    let given = settings.given();
    check_given(source, &given)?;
    if group(&given).is_some_and(|group| Some(group) != joined) {
        return Err(invalid("ConsumerGroupId cannot be updated.").into());
    }
    settings.apply(&mut head.configuration);
    if let Some(target) = target {
        head.configuration.function_arn = Some(target);
    }
    check_settings(source, &head.configuration)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";
    const STREAM: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
    const PAY: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function with a version, an alias, and a mapping that reads from a queue.
    fn mapped() -> (Sandbox, String) {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        let uuid = map(&lambda, QUEUE, json!({}));
        (lambda, uuid)
    }

    fn map(lambda: &Sandbox, source: &str, more: Value) -> String {
        let mut request = json!({ "FunctionName": "pay", "EventSourceArn": source });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        let made = lambda.call("CreateEventSourceMapping", request);
        made["UUID"].as_str().expect("an id").to_owned()
    }

    fn request(uuid: &str, members: Value) -> Value {
        let mut request = json!({ "UUID": uuid });
        for (name, value) in members.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    fn update(lambda: &Sandbox, uuid: &str, members: Value) -> Value {
        lambda.call("UpdateEventSourceMapping", request(uuid, members))
    }

    fn read(lambda: &Sandbox, uuid: &str) -> Value {
        lambda.call("GetEventSourceMapping", json!({ "UUID": uuid }))
    }

    #[test]
    fn pausing_and_resuming_go_by_way_of_disabling_and_enabling() {
        let (lambda, uuid) = mapped();
        lambda.settle.set(Duration::from_secs(2));
        for (members, meanwhile, then) in [
            (json!({ "Enabled": false }), "Disabling", "Disabled"),
            (json!({ "BatchSize": 5 }), "Updating", "Disabled"),
            (json!({ "Enabled": false }), "Updating", "Disabled"),
            (json!({ "Enabled": true }), "Enabling", "Enabled"),
            (json!({}), "Updating", "Enabled"),
        ] {
            let updated = update(&lambda, &uuid, members);
            assert_eq!(updated["State"], meanwhile);
            assert_eq!(read(&lambda, &uuid), updated);
            lambda.pass(Duration::from_secs(2));
            assert_eq!(read(&lambda, &uuid)["State"], then);
            assert_eq!(
                read(&lambda, &uuid)["StateTransitionReason"],
                "USER_INITIATED"
            );
        }
        assert_eq!(read(&lambda, &uuid)["BatchSize"], 5);
    }

    #[test]
    fn a_change_while_one_is_in_progress_is_refused() {
        let (lambda, uuid) = mapped();
        lambda.settle.set(Duration::from_secs(2));
        update(&lambda, &uuid, json!({ "Enabled": false }));
        let before = lambda.files();
        for (operation, verb) in [
            ("UpdateEventSourceMapping", "update"),
            ("DeleteEventSourceMapping", "delete"),
        ] {
            let refused = lambda.refused(operation, json!({ "UUID": uuid }));
            assert_eq!(
                refused.to_string(),
                format!(
                    "(ResourceInUseException): Cannot {verb} the event source mapping because it is in use."
                )
            );
            assert_eq!(refused.code.status(), 400);
            assert!(refused.hint.expect("advice").contains("--query State"));
        }
        assert_eq!(before, lambda.files());
        lambda.call(
            "TagResource",
            json!({ "Resource": read(&lambda, &uuid)["EventSourceMappingArn"], "Tags": { "a": "b" } }),
        );
        lambda.pass(Duration::from_secs(2));
        update(&lambda, &uuid, json!({}));
    }

    #[test]
    fn it_moves_to_an_alias_a_version_and_another_function() {
        let (lambda, uuid) = mapped();
        lambda.create("ship");
        for (name, shown) in [("pay:live", ":live"), ("pay:1", ":1"), ("pay", "")] {
            let updated = update(&lambda, &uuid, json!({ "FunctionName": name }));
            assert_eq!(updated["FunctionArn"], format!("{PAY}{shown}"));
        }
        let other = map(&lambda, QUEUE, json!({ "FunctionName": "ship" }));
        let refused = |uuid: &str, name: &str| {
            lambda.error(
                "UpdateEventSourceMapping",
                request(uuid, json!({ "FunctionName": name })),
            )
        };
        assert!(refused(&uuid, "ship").ends_with(&format!("with UUID {other}")));
        assert!(refused(&other, "pay").ends_with(&format!("with UUID {uuid}")));
        for name in ["nope", "pay:nope"] {
            assert_eq!(
                refused(&uuid, name),
                "(InvalidParameterValueException): Function does not exist"
            );
        }
        let unknown = "00000000-0000-0000-0000-000000000000";
        for name in ["pay", "nope"] {
            assert_eq!(
                refused(unknown, name),
                "(ResourceNotFoundException): The resource you requested does not exist."
            );
        }
    }

    #[test]
    fn what_is_given_is_replaced_taken_away_where_it_is_empty_and_checked_with_what_is_kept() {
        let (lambda, uuid) = mapped();
        let filters = json!({ "Filters": [{ "Pattern": "{\"body\": [\"x\"]}" }] });
        let kept = update(
            &lambda,
            &uuid,
            json!({
                "BatchSize": 100, "MaximumBatchingWindowInSeconds": 5, "FilterCriteria": filters,
                "ScalingConfig": { "MaximumConcurrency": 5 }, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            }),
        );
        assert_eq!(kept["FilterCriteria"], filters);
        assert_eq!(kept["ScalingConfig"], json!({ "MaximumConcurrency": 5 }));
        let bare = update(
            &lambda,
            &uuid,
            json!({ "FilterCriteria": {}, "ScalingConfig": {} }),
        );
        assert_eq!(
            (bare.get("FilterCriteria"), bare.get("ScalingConfig")),
            (None, None)
        );
        assert_eq!(
            bare["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"])
        );
        let before = lambda.files();
        for (members, told) in [
            (
                json!({ "MaximumBatchingWindowInSeconds": 0 }),
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ),
            (
                json!({ "ParallelizationFactor": 2 }),
                "Unsupported ParallelizationFactor parameter for given event source mapping type.",
            ),
            (
                json!({ "FilterCriteria": { "Filters": [{ "Pattern": "[]" }] } }),
                "Invalid filter pattern definition.",
            ),
        ] {
            assert_eq!(
                lambda.error("UpdateEventSourceMapping", request(&uuid, members)),
                format!("(InvalidParameterValueException): {told}")
            );
        }
        assert_eq!(before, lambda.files());
        let stream = map(&lambda, STREAM, json!({ "StartingPosition": "LATEST" }));
        let to = json!({ "OnFailure": { "Destination": QUEUE } });
        let updated = update(&lambda, &stream, json!({ "DestinationConfig": to }));
        assert_eq!(updated["DestinationConfig"], to);
        let none = json!({ "OnFailure": { "Destination": "" } });
        let updated = update(&lambda, &stream, json!({ "DestinationConfig": none }));
        assert_eq!(updated["DestinationConfig"], json!({ "OnFailure": {} }));
        assert_eq!(updated["StateTransitionReason"], "User action");
    }
}
