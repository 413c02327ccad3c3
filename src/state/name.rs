//! A type for each text that Lambda constrains. The type contains the length and the pattern. Requests that use the
//! type are validated by them, and help and completion show them; see [`crate::operation::shape`].

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::pattern;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $($key:literal: $value:expr),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" $(, $key: $value)* })
            }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// A function by name or ARN, for operations that work on functions alone. A bare name has at most 64 characters;
    /// that rule is separate and has an error of its own.
    FunctionName { "minLength": 1, "maxLength": 140, "pattern": pattern::FUNCTION_NAME }
    /// A function by name or ARN, for operations that accept qualifiers.
    NamespacedFunctionName { "minLength": 1, "maxLength": 256, "pattern": pattern::NAMESPACED_FUNCTION_NAME }
    /// The tenant of an event.
    TenantId { "minLength": 1, "maxLength": 256, "pattern": pattern::TENANT_ID }
    /// A version number, `$LATEST` or an alias.
    Qualifier { "minLength": 1, "maxLength": 128, "pattern": pattern::QUALIFIER }
    /// A function by name or ARN, for operations that take no qualifier.
    UnqualifiedFunctionName { "minLength": 1, "maxLength": 140, "pattern": pattern::UNQUALIFIED_FUNCTION_NAME }
    /// A version or an alias with provisioned concurrency.
    ProvisionedQualifier { "minLength": 1, "maxLength": 128, "pattern": pattern::PROVISIONED_QUALIFIER }
    /// A published version, by number.
    PublishedQualifier { "minLength": 1, "maxLength": 128, "pattern": pattern::PUBLISHED_QUALIFIER }
    /// An alias with a function URL.
    UrlQualifier { "minLength": 1, "maxLength": 128, "pattern": pattern::URL_QUALIFIER }
    /// A permission's name.
    StatementId { "minLength": 1, "maxLength": 100, "pattern": pattern::STATEMENT_ID }
    /// A permission's name, when it is removed.
    NamespacedStatementId { "minLength": 1, "maxLength": 100, "pattern": pattern::NAMESPACED_STATEMENT_ID }
    /// The action that a permission allows.
    Action { "pattern": pattern::ACTION }
    /// The principal that gets a permission.
    Principal { "pattern": pattern::PRINCIPAL }
    /// The ARN of an event's source.
    SourceArn { "pattern": pattern::SOURCE_ARN }
    /// The account an event comes from.
    SourceAccount { "minLength": 0, "maxLength": 12, "pattern": pattern::ACCOUNT }
    /// The token that Alexa sends along.
    EventSourceToken { "minLength": 0, "maxLength": 256, "pattern": pattern::EVENT_SOURCE_TOKEN }
    /// An organization.
    PrincipalOrgId { "minLength": 12, "maxLength": 34, "pattern": pattern::ORGANIZATION }
    /// The ARN of a resource that can be tagged.
    TaggableResource { "minLength": 1, "maxLength": 256, "pattern": pattern::TAGGABLE }
    /// The destination for the outcome of an asynchronous event.
    DestinationArn { "minLength": 0, "maxLength": 350, "pattern": pattern::DESTINATION }
    /// A build of a runtime.
    RuntimeVersionArn { "minLength": 26, "maxLength": 2048, "pattern": pattern::RUNTIME_VERSION_ARN }
    /// An alias's name.
    AliasName { "minLength": 1, "maxLength": 128, "pattern": pattern::ALIAS }
    /// The version an alias points at: a number or `$LATEST`.
    FunctionVersion { "minLength": 1, "maxLength": 1024, "pattern": pattern::VERSION }
    /// Free text about a function, version or alias.
    Description { "minLength": 0, "maxLength": 256 }
    /// The entry point of the code.
    Handler { "minLength": 0, "maxLength": 128, "pattern": pattern::HANDLER }
    /// The execution role.
    RoleArn { "pattern": pattern::ROLE }
    /// Any ARN, or nothing.
    ResourceArn { "pattern": pattern::RESOURCE_ARN }
    /// A layer version.
    LayerVersionArn { "minLength": 1, "maxLength": 2048, "pattern": pattern::LAYER_VERSION_ARN, "x-not-null": true }
    /// A layer by name or ARN.
    LayerName { "minLength": 1, "maxLength": 140, "pattern": pattern::LAYER_NAME }
    /// A license's id, URL or text.
    LicenseInfo { "minLength": 0, "maxLength": 512 }
    /// A runtime that a layer declares, supported or retired. The message for any other value lists only the supported
    /// ones.
    CompatibleRuntime {
        "enum": layer_runtimes(),
        "x-server-order": SUPPORTED_RUNTIMES.split(", ").collect::<Vec<_>>(),
        "x-values": RUNTIMES.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "x-bare": true,
    }
    /// A runtime by which lists of layers are filtered, supported or retired.
    RuntimeFilter {
        "enum": layer_runtimes(),
        "x-server-order": LAYER_RUNTIMES.split(", ").collect::<Vec<_>>(),
        "x-values": RUNTIMES.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
    }
    /// The action that a layer's policy allows: `lambda:GetLayerVersion`.
    LayerAction { "minLength": 0, "maxLength": 22, "pattern": pattern::LAYER_ACTION }
    /// The principal that a layer's policy allows: an account, `*`, or the ARN of an account's root.
    LayerPrincipal { "pattern": pattern::LAYER_PRINCIPAL }
    /// An organization.
    OrganizationId { "minLength": 0, "maxLength": 34, "pattern": pattern::ORGANIZATION }
    /// A VPC subnet.
    SubnetId { "minLength": 0, "maxLength": 1024, "pattern": pattern::SUBNET_ID }
    /// A VPC security group.
    SecurityGroupId { "minLength": 0, "maxLength": 1024, "pattern": pattern::SECURITY_GROUP_ID }
    /// A code signing configuration.
    CodeSigningConfigArn { "minLength": 0, "maxLength": 200, "pattern": pattern::CODE_SIGNING_CONFIG_ARN }
    /// A version of a signing profile: any ARN.
    SigningProfileVersionArn { "pattern": pattern::SOURCE_ARN }
    /// The path at which a file system is mounted.
    LocalMountPath { "minLength": 0, "maxLength": 160, "pattern": pattern::LOCAL_MOUNT_PATH }
    /// A CloudWatch log group.
    LogGroup { "minLength": 1, "maxLength": 512, "pattern": pattern::LOG_GROUP }
    /// An S3 bucket.
    S3Bucket { "minLength": 3, "maxLength": 63, "pattern": pattern::S3_BUCKET }
    /// An S3 key.
    S3Key { "minLength": 1, "maxLength": 1024 }
    /// An S3 object's version.
    S3ObjectVersion { "minLength": 1, "maxLength": 1024 }
    /// The region an edge function was replicated from, or `ALL`.
    MasterRegion { "pattern": pattern::MASTER_REGION, "x-client-min": 1 }
    /// The source of a function's events: a queue, a stream, a cluster or a broker.
    EventSourceArn { "minLength": 0, "maxLength": 10000, "pattern": pattern::EVENT_SOURCE_ARN }
    /// The id of an event source mapping: a UUID.
    MappingId { "minLength": 36, "maxLength": 36 }
    /// The position in a stream at which reading begins.
    EventSourcePosition {
        "enum": ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"],
        // Recorded from AWS 2025-02.
        "x-server-order": ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
    }
    /// An event pattern.
    FilterPattern { "minLength": 0, "maxLength": 4096, "pattern": pattern::ANYTHING }
    /// Metrics of an event source mapping.
    EventSourceMappingMetric { "enum": ["EventCount", "ErrorCount", "KafkaMetrics"] }
    /// The level of an event source mapping's logs.
    EventSourceMappingSystemLogLevel { "enum": ["DEBUG", "INFO", "WARN"] }
    /// A Kafka topic.
    Topic { "minLength": 1, "maxLength": 249, "pattern": pattern::TOPIC }
    /// A queue of a message broker.
    Queue { "minLength": 1, "maxLength": 1000, "pattern": pattern::ANYTHING }
    /// The kind of access to an event source: a credential, a network or a host.
    SourceAccessType {
        "enum": [
            "BASIC_AUTH", "VPC_SUBNET", "VPC_SECURITY_GROUP", "SASL_SCRAM_512_AUTH", "SASL_SCRAM_256_AUTH", "VIRTUAL_HOST",
            "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH", "OAUTHBEARER_SCOPE",
            "OAUTHBEARER_AUDIENCE", "OAUTHBEARER_LOGICAL_CLUSTER", "OAUTHBEARER_IDENTITY_POOL", "IAM_AUTH",
            "IAM_OAUTHBEARER_AUTH",
        ],
    }
    /// A secret, a subnet, a security group, or the name of a consumer group.
    SourceUri { "minLength": 1, "maxLength": 200, "pattern": pattern::SOURCE_URI }
    /// A response that a function may give beside success and failure.
    FunctionResponseType { "enum": ["ReportBatchItemFailures"] }
    /// A schema registry.
    SchemaRegistryUri { "minLength": 1, "maxLength": 10000, "pattern": pattern::SCHEMA_REGISTRY_URI }
    /// The format in which a record is delivered after the check against its schema.
    SchemaRegistryEventRecordFormat { "enum": ["JSON", "SOURCE"] }
    /// The kind of credential for a schema registry.
    KafkaSchemaRegistryAuthType {
        "enum": ["BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH"],
    }
    /// A part of a record that is checked against its schema.
    KafkaSchemaValidationAttribute { "enum": ["KEY", "VALUE"] }
    /// The mode in which records of a topic are consumed.
    KafkaConsumptionMode { "enum": ["Stream", "Queue"] }
    /// A database of a DocumentDB cluster.
    DatabaseName { "minLength": 1, "maxLength": 63, "pattern": pattern::DATABASE_NAME }
    /// A collection of a database.
    CollectionName { "minLength": 1, "maxLength": 57, "pattern": pattern::COLLECTION_NAME }
    /// The extent to which a changed document is delivered.
    FullDocument { "enum": ["UpdateLookup", "Default"] }
    /// A group of event pollers.
    PollerGroupName { "minLength": 0, "maxLength": 128, "pattern": pattern::POLLER_GROUP_NAME }
    /// The runtime of the code; the service has an error of its own for unknown and retired ones.
    Runtime { "x-values": RUNTIMES.iter().map(|(name, _)| *name).collect::<Vec<_>>() }
}

/// Every runtime of the model, in the model's order. The second value is true if functions may be created with the
/// runtime (recorded from AWS 2026-02).
pub const RUNTIMES: &[(&str, bool)] = &[
    ("nodejs", false),
    ("nodejs4.3", false),
    ("nodejs6.10", false),
    ("nodejs8.10", false),
    ("nodejs10.x", false),
    ("nodejs12.x", false),
    ("nodejs14.x", false),
    ("nodejs16.x", true),
    ("java8", false),
    ("java8.al2", true),
    ("java11", true),
    ("python2.7", false),
    ("python3.6", false),
    ("python3.7", false),
    ("python3.8", true),
    ("python3.9", true),
    ("dotnetcore1.0", false),
    ("dotnetcore2.0", false),
    ("dotnetcore2.1", false),
    ("dotnetcore3.1", false),
    ("dotnet6", true),
    ("dotnet8", true),
    ("nodejs4.3-edge", false),
    ("go1.x", false),
    ("ruby2.5", false),
    ("ruby2.7", false),
    ("provided", false),
    ("provided.al2", true),
    ("nodejs18.x", true),
    ("python3.10", true),
    ("java17", true),
    ("ruby3.2", true),
    ("ruby3.3", true),
    ("ruby3.4", true),
    ("python3.11", true),
    ("nodejs20.x", true),
    ("provided.al2023", true),
    ("python3.12", true),
    ("java21", true),
    ("python3.13", true),
    ("nodejs22.x", true),
    ("nodejs24.x", true),
    ("python3.14", true),
    ("java25", true),
    ("dotnet10", true),
    // The model has this runtime. The printed lists below do not, because they were recorded earlier.
    ("ruby4.0", true),
    ("java8.al2023", true),
    ("java11.al2023", true),
    ("java17.al2023", true),
];

/// The runtimes with which functions may be created, in the order in which the service prints them (recorded from AWS
/// 2026-02).
pub const SUPPORTED_RUNTIMES: &str = "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, \
     nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, \
     nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";

/// The runtimes that a layer may declare, in the order in which the service prints them (recorded from AWS 2025).
/// PublishLayerVersion accepts all of them, although some were never runtimes of functions.
pub const LAYER_RUNTIMES: &str = "ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, \
     python2.7-greengrass, dotnetcore2.0, python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, \
     provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, \
     byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, \
     python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, python3.14, nodejs16.x, python3.15, provided.al2, \
     nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, ruby2.5, python3.6, python2.7";

/// The runtimes that a layer may declare: the printed ones, and those of the model that are newer than the printed
/// list.
fn layer_runtimes() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = LAYER_RUNTIMES.split(", ").collect();
    for (name, _) in RUNTIMES {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_printed_list_names_exactly_the_supported_runtimes() {
        let printed: BTreeSet<&str> = SUPPORTED_RUNTIMES.split(", ").collect();
        let table: BTreeSet<&str> = RUNTIMES
            .iter()
            .filter(|(_, ok)| *ok)
            .map(|(name, _)| *name)
            .collect();
        let newer = ["java11.al2023", "java17.al2023", "java8.al2023", "ruby4.0"];
        assert!(table.difference(&printed).eq(newer.iter()));
        assert!(printed.is_subset(&table));
        assert_eq!(printed.len(), 25);
    }

    #[test]
    fn a_layer_may_be_for_every_runtime_of_the_model_and_for_those_that_only_layers_know() {
        let names = layer_runtimes();
        assert_eq!(names.len(), LAYER_RUNTIMES.split(", ").count() + 4);
        assert_eq!(names[..3], ["ruby3.5", "ruby2.6", "dotnetcore1.0"]);
        for name in RUNTIMES.iter().map(|(name, _)| *name).chain(["nasa"]) {
            assert!(names.contains(&name), "{name}");
        }
        assert_eq!(RUNTIMES.len(), 49);
    }
}
