//! The sources of a function's events: the parameters that each source takes, those that it needs, their default
//! values, and the structures that requests and answers of event source mappings share.
//!
//! The tables are AWS's own lists of parameters by source (AWS documentation, "Event source mappings"). The defaults of
//! queues and streams were recorded from AWS 2025.

use std::borrow::Cow;

use indexmap::IndexMap;
use jiff::{Timestamp, civil, fmt::rfc2822, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use super::{
    name::{
        CollectionName, DatabaseName, DestinationArn, EventSourceArn, EventSourceMappingMetric,
        EventSourceMappingSystemLogLevel, FilterPattern, FullDocument, KafkaConsumptionMode,
        KafkaSchemaRegistryAuthType, KafkaSchemaValidationAttribute, PollerGroupName,
        SchemaRegistryEventRecordFormat, SchemaRegistryUri, SourceAccessType, SourceUri,
    },
    pattern,
};

/// A kind of event source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A standard queue of Amazon SQS.
    Sqs,
    /// A FIFO queue of Amazon SQS.
    SqsFifo,
    /// The stream of a DynamoDB table.
    DynamoDb,
    /// A stream of Kinesis, or one of its consumers.
    Kinesis,
    /// A cluster of Amazon MSK.
    Msk,
    /// A Kafka cluster of the caller's own.
    Kafka,
    /// A broker of Amazon MQ.
    Mq,
    /// A cluster of Amazon DocumentDB.
    DocumentDb,
}

/// The members that every source takes.
const ALWAYS: &[&str] = &[
    "EventSourceArn",
    "Enabled",
    "BatchSize",
    "FilterCriteria",
    "KMSKeyArn",
    "MaximumBatchingWindowInSeconds",
];
const SQS: &[&str] = &[
    "FunctionResponseTypes",
    "MetricsConfig",
    "ProvisionedPollerConfig",
    "ScalingConfig",
];
const STREAM: &[&str] = &[
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
];
const KAFKA: &[&str] = &[
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
    "LoggingConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ProvisionedPollerConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
];
const MQ: &[&str] = &["Queues", "SourceAccessConfigurations"];
const DOCUMENT_DB: &[&str] = &[
    "DocumentDBEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
];

impl Source {
    /// The kind of source that an ARN names; `None` for an ARN of anything else.
    pub fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next()?, parts.nth(2)?);
        match service {
            "sqs" if resource.ends_with(".fifo") => Some(Self::SqsFifo),
            "sqs" => Some(Self::Sqs),
            "dynamodb" if resource.contains("/stream/") => Some(Self::DynamoDb),
            "kinesis" if resource.starts_with("stream/") => Some(Self::Kinesis),
            "kafka"
                if resource.starts_with("cluster/") || resource.starts_with("vpc-connection/") =>
            {
                Some(Self::Msk)
            }
            "mq" if resource.starts_with("broker:") => Some(Self::Mq),
            "rds" if resource.starts_with("cluster:") => Some(Self::DocumentDb),
            _ => None,
        }
    }

    /// Returns true for an SQS queue.
    pub fn is_sqs(self) -> bool {
        matches!(self, Self::Sqs | Self::SqsFifo)
    }

    /// Returns true for a stream of DynamoDB or Kinesis.
    pub fn is_stream(self) -> bool {
        matches!(self, Self::DynamoDb | Self::Kinesis)
    }

    /// Returns true for any Kafka cluster, on Amazon MSK or self-managed.
    pub fn is_kafka(self) -> bool {
        matches!(self, Self::Msk | Self::Kafka)
    }

    /// Returns true if mappings of this source take that member of a request.
    pub fn takes(self, member: &str) -> bool {
        let (table, own): (&[&str], _) = match self {
            Self::Sqs | Self::SqsFifo => (SQS, ""),
            Self::DynamoDb | Self::Kinesis => (STREAM, ""),
            Self::Msk => (KAFKA, "AmazonManagedKafkaEventSourceConfig"),
            Self::Kafka if member == "SelfManagedEventSource" => return true,
            Self::Kafka => (KAFKA, "SelfManagedKafkaEventSourceConfig"),
            Self::Mq => (MQ, ""),
            Self::DocumentDb => (DOCUMENT_DB, ""),
        };
        ALWAYS.contains(&member) || table.contains(&member) || member == own
    }

    /// The members that a create request must have in addition to the source itself.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Sqs | Self::SqsFifo => &[],
            Self::DynamoDb | Self::Kinesis => &["StartingPosition"],
            Self::Msk => &["StartingPosition", "Topics"],
            Self::Kafka => &["SourceAccessConfigurations", "StartingPosition", "Topics"],
            Self::Mq => &["Queues", "SourceAccessConfigurations"],
            Self::DocumentDb => &[
                "DocumentDBEventSourceConfig",
                "SourceAccessConfigurations",
                "StartingPosition",
            ],
        }
    }

    /// The text of StateTransitionReason after a change by a caller. Streams have another text than all other sources.
    pub fn transition_reason(self) -> &'static str {
        match self.is_stream() {
            true => "User action",
            false => "USER_INITIATED",
        }
    }
}

/// A moment in a request: an ISO 8601 text, a date as mail or HTTP writes it, a day as people write it, or seconds
/// since 1970 as a number or as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub Timestamp);

impl Date {
    /// Reads a moment in the same way as the command line.
    pub fn read(value: &Value) -> Option<Self> {
        let text = match value {
            Value::Number(number) => return Self::seconds(number.as_f64()?),
            Value::String(text) => text.trim(),
            _ => return None,
        };
        if let Ok(number) = text.parse::<f64>() {
            return Self::seconds(number);
        }
        let plain = |text: &str| {
            let civil: civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let mail = || Some(rfc2822::parse(text).ok()?.timestamp());
        let day = || {
            let days = [
                "%b %d %Y",
                "%b %d, %Y",
                "%d %b %Y",
                "%B %d, %Y",
                "%d %B %Y",
                "%m/%d/%Y",
            ];
            let day = (days.iter()).find_map(|form| civil::Date::strptime(form, text).ok())?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let moment = text.parse().ok().or_else(|| plain(text));
        moment.or_else(mail).or_else(day).map(Self)
    }

    fn seconds(number: f64) -> Option<Self> {
        let millis = (number * 1000.0).round();
        (millis.abs() < 1e17)
            .then(|| Timestamp::from_millisecond(millis as i64).ok())?
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        Self::read(&value).ok_or_else(|| D::Error::custom("expected a moment"))
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-timestamp": true })
    }
}

/// The filters that select records for the function. A record passes if one filter matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FilterCriteria {
    /// The filters, 5 at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<Filter>>,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// The event pattern, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<FilterPattern>,
}

/// The reason why encrypted filter criteria cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FilterCriteriaError {
    /// The error of the key service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The message of the key service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Metrics that a mapping writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSourceMappingMetricsConfig {
    /// The groups of metrics.
    #[schemars(length(max = 3))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Vec<EventSourceMappingMetric>>,
}

/// The logs that a mapping writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSourceMappingLoggingConfig {
    /// The level of the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<EventSourceMappingSystemLogLevel>,
}

/// The limit on how far a queue's mapping scales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalingConfig {
    /// The most concurrent invocations.
    #[schemars(range(min = 2, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_concurrency: Option<u64>,
}

/// The destinations for records that could not be processed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MappingDestinationConfig {
    /// No event source mapping accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<MappingDestination>,
    /// The destination for records that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<MappingDestination>,
}

/// A queue, a topic or a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MappingDestination {
    /// The ARN of the destination, or kafka:// and a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<DestinationArn>,
}

/// One piece of access to a source: a credential, a network or a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SourceAccessConfiguration {
    /// The kind of secret, network or host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SourceAccessType>,
    /// The secret's ARN, the subnet, the security group or the host.
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    pub uri: Option<SourceUri>,
}

/// A Kafka cluster of the caller's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SelfManagedEventSource {
    /// The bootstrap servers, under KAFKA_BOOTSTRAP_SERVERS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Endpoints>,
}

/// Bootstrap servers by the kind of endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Endpoints(pub IndexMap<String, Vec<String>>);

impl JsonSchema for Endpoints {
    fn schema_name() -> Cow<'static, str> {
        "Endpoints".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "enum": ["KAFKA_BOOTSTRAP_SERVERS"] },
            "additionalProperties": {
                "type": "array",
                "minItems": 1,
                "maxItems": 10,
                "items": { "type": "string", "minLength": 1, "maxLength": 300, "pattern": pattern::KAFKA_ENDPOINT },
            },
        })
    }
}

/// Settings of a cluster of Amazon MSK.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AmazonManagedKafkaEventSourceConfig {
    /// The consumer group to join. It cannot be changed later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_group_id: Option<SourceUri>,
    /// The schema registry that records are checked against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_registry_config: Option<KafkaSchemaRegistryConfig>,
}

/// Settings of a Kafka cluster of the caller's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SelfManagedKafkaEventSourceConfig {
    /// The consumer group to join. It cannot be changed later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_group_id: Option<SourceUri>,
    /// The schema registry that records are checked against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_registry_config: Option<KafkaSchemaRegistryConfig>,
    /// The mode of consumption: Stream keeps the order of a partition, Queue does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumption_mode: Option<KafkaConsumptionMode>,
}

/// A schema registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KafkaSchemaRegistryConfig {
    /// The ARN or URL of the registry.
    #[serde(rename = "SchemaRegistryURI", skip_serializing_if = "Option::is_none")]
    pub schema_registry_uri: Option<SchemaRegistryUri>,
    /// The format in which records are delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_record_format: Option<SchemaRegistryEventRecordFormat>,
    /// The credentials for the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_configs: Option<Vec<KafkaSchemaRegistryAccessConfig>>,
    /// The parts of a record that are checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_validation_configs: Option<Vec<KafkaSchemaValidationConfig>>,
}

/// A credential for a schema registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KafkaSchemaRegistryAccessConfig {
    /// The kind of secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<KafkaSchemaRegistryAuthType>,
    /// The secret's ARN.
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    pub uri: Option<EventSourceArn>,
}

/// A part of a record that is checked against its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KafkaSchemaValidationConfig {
    /// The key or the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<KafkaSchemaValidationAttribute>,
}

/// Settings of a DocumentDB cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DocumentDbEventSourceConfig {
    /// The database whose changes are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_name: Option<DatabaseName>,
    /// The collection whose changes are read; all collections if it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection_name: Option<CollectionName>,
    /// With UpdateLookup, the whole document is delivered beside the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_document: Option<FullDocument>,
}

/// The numbers of pollers that are kept ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProvisionedPollerConfig {
    /// The fewest pollers.
    #[schemars(range(min = 1, max = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_pollers: Option<u64>,
    /// The most pollers.
    #[schemars(range(min = 1, max = 10000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_pollers: Option<u64>,
    /// The group of mappings that share these pollers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poller_group_name: Option<PollerGroupName>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Date, Source};

    #[test]
    fn an_arn_tells_the_source() {
        let of = |rest: &str| Source::of(&format!("arn:aws:{rest}"));
        for (rest, source) in [
            ("sqs:us-east-1:123456789012:orders", Source::Sqs),
            ("sqs:us-east-1:123456789012:orders.fifo", Source::SqsFifo),
            (
                "dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000",
                Source::DynamoDb,
            ),
            ("kinesis:us-east-1:123456789012:stream/s", Source::Kinesis),
            (
                "kinesis:us-east-1:123456789012:stream/s/consumer/c:1",
                Source::Kinesis,
            ),
            ("kafka:us-east-1:123456789012:cluster/c/1-2", Source::Msk),
            ("mq:us-east-1:123456789012:broker:b:b-1", Source::Mq),
            (
                "rds:us-east-1:123456789012:cluster:docs",
                Source::DocumentDb,
            ),
        ] {
            assert_eq!(of(rest), Some(source), "{rest}");
        }
        for rest in [
            "sns:us-east-1:123456789012:t",
            "dynamodb:us-east-1:123456789012:table/t",
        ] {
            assert_eq!(of(rest), None, "{rest}");
        }
    }

    #[test]
    fn what_a_source_needs_it_takes() {
        for source in [
            Source::Sqs,
            Source::SqsFifo,
            Source::DynamoDb,
            Source::Kinesis,
            Source::Msk,
            Source::Kafka,
            Source::Mq,
            Source::DocumentDb,
        ] {
            assert!(
                source.needs().iter().all(|member| source.takes(member)),
                "{source:?}"
            );
        }
    }

    #[test]
    fn a_moment_is_read_in_each_of_its_forms() {
        let moment = "2026-01-01T00:00:00Z".parse().expect("a moment");
        for form in [
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T01:00:00+01:00"),
            json!("2026-01-01T00:00:00"),
            json!("2026-01-01"),
            json!("1767225600"),
            json!(1_767_225_600),
            json!(1_767_225_600.0),
        ] {
            assert_eq!(Date::read(&form), Some(Date(moment)), "{form}");
        }
        for form in [
            json!("soon"),
            json!(""),
            json!(true),
            json!(1e300),
            json!(null),
        ] {
            assert_eq!(Date::read(&form), None, "{form}");
        }
    }
}
