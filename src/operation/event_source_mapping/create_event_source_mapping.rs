//! `CreateEventSourceMapping`: makes Lambda read records from a queue, a stream, a cluster or a broker and pass them to
//! a function.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::done, tags},
    state::{
        event_source::{
            AmazonManagedKafkaEventSourceConfig, Date, DocumentDbEventSourceConfig,
            EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig, FilterCriteria,
            MappingDestinationConfig, ProvisionedPollerConfig, ScalingConfig,
            SelfManagedEventSource, SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration,
        },
        event_source_mapping::{Change, EventSourceMapping, EventSourceMappingConfiguration},
        name::{
            EventSourceArn, EventSourcePosition, FunctionResponseType, MappingId,
            NamespacedFunctionName, Queue, ResourceArn, Topic,
        },
    },
    store::clock::iso8601,
};

use super::{
    settings::{Settings, begin, check_given, check_needs, check_settings},
    target::{check_reader, under_way, unrecognized},
};

/// Request of CreateEventSourceMapping.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateEventSourceMappingRequest {
    /// The ARN of the queue, stream, stream consumer, cluster or broker.
    event_source_arn: Option<EventSourceArn>,
    /// The name or ARN of the function, version or alias to invoke.
    function_name: NamespacedFunctionName,
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
    /// The position in the stream from which records are read.
    starting_position: Option<EventSourcePosition>,
    /// For AT_TIMESTAMP: the time from which records of the stream are read.
    starting_position_timestamp: Option<Date>,
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
    /// Tags to apply to the mapping.
    tags: Option<IndexMap<String, String>>,
    /// The length of a processing window in seconds. 0 means: no window (streams).
    #[schemars(range(min = 0, max = 900))]
    tumbling_window_in_seconds: Option<u64>,
    /// The Kafka topic.
    #[schemars(length(min = 1, max = 1))]
    topics: Option<Vec<Topic>>,
    /// The queue of a message broker.
    #[schemars(length(min = 1, max = 1))]
    queues: Option<Vec<Queue>>,
    /// Secrets, subnets, security groups or virtual hosts that give access to the source.
    #[schemars(length(max = 23))]
    source_access_configurations: Option<Vec<SourceAccessConfiguration>>,
    /// Your own Kafka cluster. Give it instead of an ARN.
    self_managed_event_source: Option<SelfManagedEventSource>,
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

impl Operation for CreateEventSourceMappingRequest {
    const NAME: &'static str = "CreateEventSourceMapping";
    const ROUTE: &'static str = "POST /2015-03-31/event-source-mappings 202";
    const ABOUT: &'static str = "Creates a mapping between an event source and a function: Lambda reads the records \
        of the source and invokes the function with them. The mapping is Creating for some seconds, and no waiter \
        waits for that. lambdry never reads the source.";
    type Response = EventSourceMappingConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<EventSourceMappingConfiguration> {
        let from = self.starting_position_timestamp;
        let mut mapping = EventSourceMappingConfiguration {
            event_source_arn: self.event_source_arn,
            starting_position: self.starting_position,
            starting_position_timestamp: from.map(|from| iso8601(from.0)),
            topics: self.topics,
            queues: self.queues,
            self_managed_event_source: self.self_managed_event_source,
            ..EventSourceMappingConfiguration::default()
        };
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
        settings.apply(&mut mapping);
        let source = mapping.source().ok_or_else(unrecognized)?;
        check_given(source, &mapping)?;
        check_needs(source, &mapping, from, lambda.place.store.clock.now())?;
        check_settings(source, &mapping)?;
        let tags = self.tags.unwrap_or_default();
        tags::resource::check(&tags)?;
        let state = match self.enabled {
            Some(false) => "Disabled",
            _ => "Enabled",
        };
        let (scope, mappings) = (&lambda.place.scope, lambda.event_source_mappings());
        mappings.clear_gone()?;
        lambda.with_mapping_target(&self.function_name, Self::NAME, |target, reader| {
            mapping.function_arn = Some(target);
            lambda.check_mapping_is_new(&mapping)?;
            check_reader(lambda, source, &mapping, &reader)?;
            let mut number = 0;
            loop {
                // Seeded ids are numbered. A number whose id was ever used is skipped.
                number += 1;
                let ids = &lambda.place.store.ids;
                let uuid = ids.id(&scope.event_source_mapping(""), number);
                if mappings.ever_was(&uuid)? {
                    continue;
                }
                let arn = scope.event_source_mapping(&uuid);
                let mut configuration = mapping.clone();
                begin(source, &uuid, &mut configuration);
                configuration.uuid = Some(MappingId(uuid.clone()));
                configuration.event_source_mapping_arn = Some(arn.clone());
                configuration.state = Some("Creating".to_owned());
                let created = mappings.create(
                    &uuid,
                    &arn,
                    Self::NAME,
                    |counters, now| EventSourceMapping {
                        uuid: uuid.clone(),
                        changes: counters.changes,
                        change: None,
                        tags: tags.clone(),
                        configuration: EventSourceMappingConfiguration {
                            last_modified: Some(iso8601(now)),
                            ..configuration
                        },
                    },
                    |edit| {
                        let completes = edit.after(lambda.settle);
                        edit.head.change = Some(Change {
                            state: Some(state.to_owned()),
                            completes,
                            last_modified: iso8601(completes),
                        });
                        Ok(edit.head.configuration.clone())
                    },
                )?;
                if let Some(created) = created {
                    lambda.explain(|| under_way(Some(source), "Creating"));
                    return done(created);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";
    const TABLE: &str =
        "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000";
    const STREAM: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
    const CLUSTER: &str = "arn:aws:kafka:us-east-1:123456789012:cluster/c/1-2";
    const BROKER: &str = "arn:aws:mq:us-east-1:123456789012:broker:b:b-1";
    const DOCUMENTS: &str = "arn:aws:rds:us-east-1:123456789012:cluster:docs";
    const PAY: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const WRONG: &str = "(InvalidParameterValueException): ";

    /// A request for `pay`, with those members added.
    fn of(members: Value) -> Value {
        let mut request = json!({ "FunctionName": "pay" });
        for (name, value) in members.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    fn create(lambda: &Sandbox, members: Value) -> Value {
        lambda.call("CreateEventSourceMapping", of(members))
    }

    /// The error for a request that must be refused. Checks that nothing is written.
    fn refused(lambda: &Sandbox, members: Value) -> String {
        let before = lambda.files();
        let told = lambda.error("CreateEventSourceMapping", of(members));
        assert_eq!(before, lambda.files());
        told
    }

    #[test]
    fn a_queue_is_mapped_as_recorded_with_its_members_in_the_models_order() {
        let lambda = Sandbox::with("pay");
        let made = create(&lambda, json!({ "EventSourceArn": QUEUE }));
        let uuid = made["UUID"].as_str().expect("an id");
        assert_eq!(
            made.to_string(),
            json!({
                "UUID": uuid,
                "BatchSize": 10,
                "MaximumBatchingWindowInSeconds": 0,
                "EventSourceArn": QUEUE,
                "FunctionArn": PAY,
                "LastModified": "2026-11-22T12:00:00+00:00",
                "State": "Creating",
                "StateTransitionReason": "USER_INITIATED",
                "FunctionResponseTypes": [],
                "EventSourceMappingArn":
                    format!("arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{uuid}"),
            })
            .to_string()
        );
    }

    /// Public reports, 2019 to 2026.
    #[test]
    fn a_queue_hides_a_message_at_least_as_long_as_the_function_may_take() {
        let lambda = Sandbox::with("pay");
        let timeout = |seconds: u64| {
            let request = json!({ "FunctionName": "pay", "Timeout": seconds });
            lambda.call("UpdateFunctionConfiguration", request);
        };
        timeout(31);
        let made = create(&lambda, json!({ "EventSourceArn": QUEUE }));
        lambda.call("DeleteEventSourceMapping", json!({ "UUID": made["UUID"] }));
        let made = "2026-11-22T12:00:00Z";
        let queue = json!({ "Made": made, "Changed": made, "Changes": 1, "Members": { "QueueName": "orders" } });
        let things = json!({ "Things": { "sqs queue orders": queue } }).to_string();
        let file = lambda.root().join("123456789012/us-east-1/ready.json");
        std::fs::write(file, things).expect("a file");
        assert_eq!(
            refused(&lambda, json!({ "EventSourceArn": QUEUE })),
            format!(
                "{WRONG}Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
            )
        );
        lambda.publish("pay");
        timeout(30);
        let of_version = json!({ "EventSourceArn": QUEUE, "FunctionName": "pay:1" });
        assert!(refused(&lambda, of_version).contains("31 seconds"));
        create(&lambda, json!({ "EventSourceArn": QUEUE }));
    }

    #[test]
    fn streams_are_mapped_as_recorded() {
        let lambda = Sandbox::with("pay");
        for source in [TABLE, STREAM] {
            let made = create(
                &lambda,
                json!({
                    "EventSourceArn": source,
                    "StartingPosition": "LATEST",
                    "FilterCriteria": { "Filters": [] },
                }),
            );
            let uuid = made["UUID"].as_str().expect("an id");
            assert_eq!(
                made.to_string(),
                json!({
                    "UUID": uuid,
                    "StartingPosition": "LATEST",
                    "BatchSize": 100,
                    "MaximumBatchingWindowInSeconds": 0,
                    "ParallelizationFactor": 1,
                    "EventSourceArn": source,
                    "FunctionArn": PAY,
                    "LastModified": "2026-11-22T12:00:00+00:00",
                    "LastProcessingResult": "No records processed",
                    "State": "Creating",
                    "StateTransitionReason": "User action",
                    "DestinationConfig": { "OnFailure": {} },
                    "MaximumRecordAgeInSeconds": -1,
                    "BisectBatchOnFunctionError": false,
                    "MaximumRetryAttempts": -1,
                    "TumblingWindowInSeconds": 0,
                    "FunctionResponseTypes": [],
                    "EventSourceMappingArn":
                        format!("arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{uuid}"),
                })
                .to_string()
            );
        }
    }

    #[test]
    fn clusters_and_brokers_show_what_they_were_given_and_begin_with_their_defaults() {
        let lambda = Sandbox::with("pay");
        let secret = json!([{ "Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s" }]);
        let servers = json!({ "Endpoints": { "KAFKA_BOOTSTRAP_SERVERS": ["one.example:9092"] } });
        for (members, shown) in [
            (
                json!({ "EventSourceArn": CLUSTER, "Topics": ["t1"], "StartingPosition": "LATEST" }),
                json!({ "BatchSize": 100 }),
            ),
            (
                json!({
                    "SelfManagedEventSource": servers, "Topics": ["t1"], "StartingPosition": "LATEST",
                    "SourceAccessConfigurations": secret,
                    "SelfManagedKafkaEventSourceConfig": { "ConsumerGroupId": "mine" },
                }),
                json!({ "BatchSize": 100 }),
            ),
            (
                json!({ "EventSourceArn": BROKER, "Queues": ["q"], "SourceAccessConfigurations": secret }),
                json!({ "BatchSize": 100 }),
            ),
            (
                json!({
                    "EventSourceArn": DOCUMENTS, "SourceAccessConfigurations": secret, "StartingPosition": "LATEST",
                    "DocumentDBEventSourceConfig": { "DatabaseName": "d" },
                }),
                json!({ "DocumentDBEventSourceConfig": { "DatabaseName": "d", "FullDocument": "Default" } }),
            ),
        ] {
            let made = create(&lambda, members.clone());
            for of in [&members, &shown] {
                for (name, value) in of.as_object().expect("members") {
                    if shown.get(name).is_none_or(|shown| shown == value) {
                        assert_eq!(made[name], *value, "{name} of {made}");
                    }
                }
            }
            assert_eq!(made["LastProcessingResult"], "No records processed");
            assert_eq!(made.get("MaximumBatchingWindowInSeconds"), None);
            let group = &made["AmazonManagedKafkaEventSourceConfig"]["ConsumerGroupId"];
            assert!(
                members["EventSourceArn"] != CLUSTER || *group == made["UUID"],
                "{made}"
            );
        }
    }

    #[test]
    fn it_is_enabled_or_disabled_once_its_time_has_come() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(2));
        for (source, enabled, state) in [(QUEUE, true, "Enabled"), (STREAM, false, "Disabled")] {
            let position = (source == STREAM).then_some("LATEST");
            let made = create(
                &lambda,
                json!({ "EventSourceArn": source, "Enabled": enabled, "StartingPosition": position }),
            );
            let read = || lambda.call("GetEventSourceMapping", json!({ "UUID": made["UUID"] }));
            assert_eq!(read(), made);
            lambda.pass(Duration::from_secs(2));
            let mut wanted = made.clone();
            wanted["State"] = json!(state);
            wanted["LastModified"] = read()["LastModified"].clone();
            assert_ne!(wanted["LastModified"], made["LastModified"]);
            assert_eq!(read(), wanted);
            assert_eq!(
                read(),
                wanted,
                "reading is a pure function of state and time"
            );
        }
    }

    #[test]
    fn the_target_is_shown_as_it_was_named() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        for (name, shown) in [
            ("pay", ""),
            ("pay:live", ":live"),
            ("pay:1", ":1"),
            ("123456789012:function:pay:live", ":live"),
            (&*format!("{PAY}:live"), ":live"),
            (&*format!("{PAY}:1"), ":1"),
            ("pay:$LATEST", ":$LATEST"),
            (&*format!("{PAY}:$LATEST"), ""),
            (PAY, ""),
        ] {
            let made = create(
                &lambda,
                json!({ "EventSourceArn": QUEUE, "FunctionName": name }),
            );
            assert_eq!(made["FunctionArn"], format!("{PAY}{shown}"), "{name}");
            lambda.call("DeleteEventSourceMapping", json!({ "UUID": made["UUID"] }));
        }
        for name in ["nope", "pay:nope", "pay:9"] {
            assert_eq!(
                refused(
                    &lambda,
                    json!({ "EventSourceArn": QUEUE, "FunctionName": name })
                ),
                format!("{WRONG}Function does not exist")
            );
        }
    }

    #[test]
    fn the_same_source_and_function_again_is_a_conflict_that_names_the_first() {
        let lambda = Sandbox::with("pay");
        lambda.create("ship");
        lambda.publish("pay");
        let secret = json!([{ "Type": "BASIC_AUTH", "URI": "s" }]);
        let kafka = json!({
            "SelfManagedEventSource": { "Endpoints": { "KAFKA_BOOTSTRAP_SERVERS": ["a.example:1", "b.example:1"] } },
            "Topics": ["t1"], "StartingPosition": "LATEST", "SourceAccessConfigurations": secret,
        });
        for (members, told) in [
            (
                json!({ "EventSourceArn": QUEUE }),
                format!(
                    "An event source mapping with event source (\"{QUEUE}\"), function (\"{PAY}\") already exists."
                ),
            ),
            (
                json!({ "EventSourceArn": STREAM, "StartingPosition": "LATEST" }),
                format!(
                    "An event source mapping with event source (\"{STREAM}\"), function (\"{PAY}\") already exists."
                ),
            ),
            (
                kafka.clone(),
                format!(
                    "An event source mapping with event source (\"a.example:1,b.example:1\"), function (\"{PAY}\"), topics \
                     (\"t1\") already exists."
                ),
            ),
        ] {
            let uuid = create(&lambda, members.clone())["UUID"].clone();
            let uuid = uuid.as_str().expect("an id");
            let rest = format!("Please update or delete the existing mapping with UUID {uuid}");
            assert_eq!(
                refused(&lambda, members.clone()),
                format!("(ResourceConflictException): {told} {rest}")
            );
            for other in ["ship", "pay:1"] {
                let mut members = members.clone();
                members["FunctionName"] = json!(other);
                create(&lambda, members);
            }
        }
        let mut other = kafka;
        other["Topics"] = json!(["t2"]);
        create(&lambda, other);
    }

    #[test]
    fn what_is_no_source_or_lacks_what_its_source_needs_is_refused() {
        let lambda = Sandbox::with("pay");
        let null = |member: &str| {
            format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null."
            )
        };
        let servers = json!({ "Endpoints": { "KAFKA_BOOTSTRAP_SERVERS": ["a.example:1"] } });
        let access = json!([{ "Type": "BASIC_AUTH", "URI": "s" }]);
        for (members, told) in [
            (json!({}), "Unrecognized event source.".to_owned()),
            (
                json!({ "EventSourceArn": "arn:aws:sns:us-east-1:123456789012:t" }),
                "Unrecognized event source.".to_owned(),
            ),
            (
                json!({ "EventSourceArn": STREAM }),
                null("startingPosition"),
            ),
            (json!({ "EventSourceArn": TABLE }), null("startingPosition")),
            (
                json!({ "EventSourceArn": CLUSTER, "StartingPosition": "LATEST" }),
                null("topics"),
            ),
            (json!({ "EventSourceArn": BROKER }), null("queues")),
            (
                json!({ "SelfManagedEventSource": servers, "Topics": ["t1"] }),
                "Required 'sourceAccessConfigurations' parameter is missing.".to_owned(),
            ),
            (
                json!({
                    "EventSourceArn": DOCUMENTS, "StartingPosition": "LATEST", "SourceAccessConfigurations": access,
                    "DocumentDBEventSourceConfig": {},
                }),
                null("documentDBEventSourceConfig.databaseName"),
            ),
        ] {
            assert_eq!(refused(&lambda, members), format!("{WRONG}{told}"));
        }
    }

    #[test]
    fn what_a_source_does_not_take_is_refused() {
        let lambda = Sandbox::with("pay");
        let failed = json!({ "OnFailure": { "Destination": QUEUE } });
        for (source, members, told) in [
            (
                QUEUE,
                json!({ "DestinationConfig": failed }),
                "Unsupported DestinationConfig parameter for given event source mapping type.",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "LATEST", "DestinationConfig": { "OnSuccess": {} } }),
                "Unsupported DestinationConfig parameter for given event source mapping type.",
            ),
            (
                QUEUE,
                json!({ "StartingPosition": "LATEST" }),
                "StartingPosition is not valid for SQS event sources.",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "LATEST", "ScalingConfig": { "MaximumConcurrency": 5 } }),
                "Unsupported ScalingConfig parameter for given event source mapping type.",
            ),
            (
                QUEUE,
                json!({ "BatchSize": 11 }),
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ),
            (
                "arn:aws:sqs:us-east-1:123456789012:q.fifo",
                json!({ "BatchSize": 11, "MaximumBatchingWindowInSeconds": 1 }),
                "Batching window is not supported for FIFO queues",
            ),
            (
                "arn:aws:sqs:us-east-1:123456789012:q.fifo",
                json!({ "BatchSize": 11 }),
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "LATEST", "MaximumRecordAgeInSeconds": 59 }),
                "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.",
            ),
            (
                TABLE,
                json!({ "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1 }),
                "Unsupported starting position for arn type: arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "LATEST", "StartingPositionTimestamp": 1 }),
                "Timestamp only valid with StartingPosition AT_TIMESTAMP",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": -1 }),
                "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp",
            ),
            (
                STREAM,
                json!({ "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "2027-01-01" }),
                "StartingPositionTimestamp cannot be in the future.",
            ),
            (
                QUEUE,
                json!({ "FilterCriteria": { "Filters": [{ "Pattern": "{\"a\": \"b\"}" }] } }),
                "Invalid filter pattern definition.",
            ),
            (
                QUEUE,
                json!({ "FilterCriteria": { "Filters": [{}] } }),
                "Invalid filter pattern definition.",
            ),
            (
                QUEUE,
                json!({
                    "ScalingConfig": { "MaximumConcurrency": 5 }, "ProvisionedPollerConfig": { "MinimumPollers": 2 },
                }),
                "ScalingConfig and ProvisionedPollerConfig cannot be used together.",
            ),
        ] {
            let mut members = members;
            members["EventSourceArn"] = json!(source);
            assert_eq!(
                refused(&lambda, members.clone()),
                format!("{WRONG}{told}"),
                "{members}"
            );
        }
        let pattern = json!({ "Pattern": "{\"body\": {\"type\": [\"order\"]}}" });
        let filters = json!({ "Filters": vec![pattern.clone(); 5] });
        let made = create(
            &lambda,
            json!({ "EventSourceArn": QUEUE, "FilterCriteria": filters }),
        );
        assert_eq!(made["FilterCriteria"], filters);
        let six = json!({ "EventSourceArn": STREAM, "StartingPosition": "LATEST",
            "FilterCriteria": { "Filters": vec![pattern; 6] } });
        assert!(refused(&lambda, six).contains("6 filters, but only 5 are allowed"));
    }

    #[test]
    fn the_bounds_of_every_member_are_the_models() {
        let lambda = Sandbox::with("pay");
        for (members, path) in [
            (json!({ "BatchSize": 0 }), "batchSize"),
            (json!({ "BatchSize": 10001 }), "batchSize"),
            (
                json!({ "MaximumBatchingWindowInSeconds": 301 }),
                "maximumBatchingWindowInSeconds",
            ),
            (
                json!({ "MaximumRecordAgeInSeconds": -2 }),
                "maximumRecordAgeInSeconds",
            ),
            (
                json!({ "MaximumRecordAgeInSeconds": 604_801 }),
                "maximumRecordAgeInSeconds",
            ),
            (
                json!({ "MaximumRetryAttempts": 10001 }),
                "maximumRetryAttempts",
            ),
            (
                json!({ "ParallelizationFactor": 11 }),
                "parallelizationFactor",
            ),
            (
                json!({ "TumblingWindowInSeconds": 901 }),
                "tumblingWindowInSeconds",
            ),
            (
                json!({ "ScalingConfig": { "MaximumConcurrency": 1 } }),
                "scalingConfig.maximumConcurrency",
            ),
            (
                json!({ "ScalingConfig": { "MaximumConcurrency": 1001 } }),
                "scalingConfig.maximumConcurrency",
            ),
            (json!({ "EventSourceArn": "queue" }), "eventSourceArn"),
            (json!({ "FunctionName": "a b" }), "functionName"),
            (json!({ "Topics": [] }), "topics"),
            (json!({ "Topics": ["a", "b"] }), "topics"),
            (json!({ "Topics": [".a"] }), "topics"),
            (
                json!({ "FunctionResponseTypes": ["Other"] }),
                "functionResponseTypes",
            ),
            (
                json!({ "MetricsConfig": { "Metrics": ["Other"] } }),
                "metricsConfig.metrics",
            ),
            (
                json!({ "LoggingConfig": { "SystemLogLevel": "LOUD" } }),
                "loggingConfig.systemLogLevel",
            ),
            (
                json!({ "DestinationConfig": { "OnFailure": { "Destination": "queue" } } }),
                "destinationConfig.onFailure.destination",
            ),
            (
                json!({ "SourceAccessConfigurations": [{ "Type": "PASSWORD" }] }),
                "sourceAccessConfigurations.1.member.type",
            ),
            (
                json!({ "SelfManagedEventSource": { "Endpoints": { "SERVERS": [] } } }),
                "selfManagedEventSource.endpoints",
            ),
            (
                json!({ "SelfManagedEventSource": { "Endpoints": { "KAFKA_BOOTSTRAP_SERVERS": ["no port"] } } }),
                "selfManagedEventSource.endpoints.KAFKA_BOOTSTRAP_SERVERS.member",
            ),
            (
                json!({ "AmazonManagedKafkaEventSourceConfig": { "ConsumerGroupId": "" } }),
                "amazonManagedKafkaEventSourceConfig.consumerGroupId",
            ),
            (
                json!({ "DocumentDBEventSourceConfig": { "CollectionName": "system.x" } }),
                "documentDBEventSourceConfig.collectionName",
            ),
            (
                json!({ "ProvisionedPollerConfig": { "MinimumPollers": 201 } }),
                "provisionedPollerConfig.minimumPollers",
            ),
            (json!({ "KMSKeyArn": "key" }), "kMSKeyArn"),
        ] {
            let told = refused(&lambda, members.clone());
            assert!(
                told.starts_with("(ValidationException)") && told.contains(&format!("at '{path}'")),
                "{members}: {told}"
            );
        }
        assert_eq!(
            refused(
                &lambda,
                json!({ "EventSourceArn": STREAM, "StartingPosition": "0" })
            ),
            "(ValidationException): 1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: \
             Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
        );
    }

    #[test]
    fn a_mapping_outlives_its_function() {
        let lambda = Sandbox::with("pay");
        let made = create(&lambda, json!({ "EventSourceArn": QUEUE }));
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay" }));
        let read = lambda.call("GetEventSourceMapping", json!({ "UUID": made["UUID"] }));
        assert_eq!(read["State"], "Enabled");
        assert_eq!(read["FunctionArn"], PAY);
    }
}
