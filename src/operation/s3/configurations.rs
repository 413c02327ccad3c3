//! The configurations of a bucket: their members (from botocore's model), S3's errors for a bucket without one, and the
//! rules that scripts can notice.

use serde_json::{Value, json};

use super::configuration::{Asked, Configuration, Delete, Get, Put};
use crate::{
    operation::{Entry, Failure, Lambda, Result},
    state::{
        arn::FunctionRef,
        bucket::VERSIONING,
        error::{Code, ServiceError},
        function::Function,
    },
    store::s3::Bucket,
};

/// The operations on the configurations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<Delete<Cors>>(),
    Entry::of::<Get<Cors>>(),
    Entry::of::<Put<Cors>>(),
    Entry::of::<Delete<Encryption>>(),
    Entry::of::<Get<Encryption>>(),
    Entry::of::<Put<Encryption>>(),
    Entry::of::<Delete<Lifecycle>>(),
    Entry::of::<Get<Lifecycle>>(),
    Entry::of::<Put<Lifecycle>>(),
    Entry::of::<Get<Notification>>(),
    Entry::of::<Put<Notification>>(),
    Entry::of::<Delete<Ownership>>(),
    Entry::of::<Get<Ownership>>(),
    Entry::of::<Put<Ownership>>(),
    Entry::of::<Delete<Policy>>(),
    Entry::of::<Get<Policy>>(),
    Entry::of::<Put<Policy>>(),
    Entry::of::<Delete<PublicAccess>>(),
    Entry::of::<Get<PublicAccess>>(),
    Entry::of::<Put<PublicAccess>>(),
    Entry::of::<Delete<Tagging>>(),
    Entry::of::<Get<Tagging>>(),
    Entry::of::<Put<Tagging>>(),
    Entry::of::<Get<Versioning>>(),
    Entry::of::<Put<Versioning>>(),
    Entry::of::<Delete<Website>>(),
    Entry::of::<Get<Website>>(),
    Entry::of::<Put<Website>>(),
];

/// The members of a request that are not part of the configuration.
const TAKEN: &str = "Bucket ExpectedBucketOwner";

/// The parts of a delete operation for a configuration that cannot be deleted. No entry is made from them.
const NOT_TAKEN_AWAY: [&str; 5] = ["", "", "", "", ""];

/// The members of a notification: its events, and the filter for its objects.
macro_rules! notification {
    ($list:literal, $arn:literal) => {
        concat!(
            $list, "[{Id ", $arn, "! Events[=",
            "s3:ReducedRedundancyLostObject|s3:ObjectCreated:*|s3:ObjectCreated:Put|",
            "s3:ObjectCreated:Post|s3:ObjectCreated:Copy|s3:ObjectCreated:CompleteMultipartUpload|",
            "s3:ObjectRemoved:*|s3:ObjectRemoved:Delete|s3:ObjectRemoved:DeleteMarkerCreated|",
            "s3:ObjectRestore:*|s3:ObjectRestore:Post|s3:ObjectRestore:Completed|",
            "s3:Replication:*|s3:Replication:OperationFailedReplication|s3:Replication:OperationNotTracked|",
            "s3:Replication:OperationMissedThreshold|s3:Replication:OperationReplicatedAfterThreshold|s3:ObjectRestore:Delete|",
            "s3:LifecycleTransition|s3:IntelligentTiering|s3:ObjectAcl:Put|",
            "s3:LifecycleExpiration:*|s3:LifecycleExpiration:Delete|s3:LifecycleExpiration:DeleteMarkerCreated|",
            "s3:ObjectTagging:*|s3:ObjectTagging:Put|s3:ObjectTagging:Delete",
            "]! Filter{Key{FilterRules[{Name=prefix|suffix Value}]}}}] "
        )
    };
}

/// The CORS rules: the other sites whose pages may read the bucket.
#[derive(Debug)]
pub struct Cors;

impl Configuration for Cors {
    const NAME: &'static str = "BucketCors";
    const MEMBER: &'static str = "CORSConfiguration";
    const SHAPE: &'static str = "CORSRules[{ID AllowedHeaders[] AllowedMethods[]! AllowedOrigins[]! ExposeHeaders[] MaxAgeSeconds:int}]!";
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketCors",
        "PUT /{Bucket}?cors 200",
        "CORSConfiguration@payload CORSRules@name=CORSRule AllowedHeaders@name=AllowedHeader AllowedMethods@name=AllowedMethod AllowedOrigins@name=AllowedOrigin ExposeHeaders@name=ExposeHeader",
        "Sets the CORS rules of a bucket: the pages of other origins that may read it.",
        "Bucket CORSConfiguration ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketCors",
        "GET /{Bucket}?cors 200",
        "@root=CORSConfiguration CORSRules@name=CORSRule AllowedHeaders@name=AllowedHeader AllowedMethods@name=AllowedMethod AllowedOrigins@name=AllowedOrigin ExposeHeaders@name=ExposeHeader",
        "Returns the CORS rules of a bucket: the pages of other origins that may read it.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketCors",
        "DELETE /{Bucket}?cors 204",
        "",
        "Deletes the CORS rules of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = Some((
        Code::NoSuchCORSConfiguration,
        "The CORS configuration does not exist",
    ));
}

/// The encryption of the bucket's objects.
#[derive(Debug)]
pub struct Encryption;

impl Configuration for Encryption {
    const NAME: &'static str = "BucketEncryption";
    const MEMBER: &'static str = "ServerSideEncryptionConfiguration";
    const SHAPE: &'static str = "Rules[{ApplyServerSideEncryptionByDefault{SSEAlgorithm=AES256|aws:fsx|aws:kms|aws:kms:dsse! KMSMasterKeyID} BucketKeyEnabled:bool BlockedEncryptionTypes{EncryptionType[=NONE|SSE-C]}}]!";
    const WHOLE: bool = true;
    const PUT: [&'static str; 5] = [
        "PutBucketEncryption",
        "PUT /{Bucket}?encryption 200",
        "ServerSideEncryptionConfiguration@payload Rules@name=Rule",
        "Sets the encryption of the objects of a bucket.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 ServerSideEncryptionConfiguration ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketEncryption",
        "GET /{Bucket}?encryption 200",
        "ServerSideEncryptionConfiguration@payload Rules@name=Rule",
        "Answers the encryption of the objects of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketEncryption",
        "DELETE /{Bucket}?encryption 204",
        "",
        "Resets the encryption of the objects of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = None;

    /// Every bucket encrypts its objects, with or without a configuration (AWS documentation, 2023).
    fn from_the_start(_: &Bucket) -> Option<Value> {
        Some(json!({
            "Rules": [{
                "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" },
                "BucketKeyEnabled": false,
            }],
        }))
    }
}

/// The lifecycle rules: they decide when objects expire.
#[derive(Debug)]
pub struct Lifecycle;

impl Configuration for Lifecycle {
    const NAME: &'static str = "BucketLifecycleConfiguration";
    const MEMBER: &'static str = "LifecycleConfiguration";
    const SHAPE: &'static str = "Rules[{Expiration{Date:time Days:int ExpiredObjectDeleteMarker:bool} ID Prefix Filter{Prefix Tag{Key! Value!} ObjectSizeGreaterThan:int ObjectSizeLessThan:int And{Prefix Tags[{Key! Value!}] ObjectSizeGreaterThan:int ObjectSizeLessThan:int}} Status=Enabled|Disabled! Transitions[{Date:time Days:int StorageClass=GLACIER|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|DEEP_ARCHIVE|GLACIER_IR}] NoncurrentVersionTransitions[{NoncurrentDays:int StorageClass=GLACIER|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|DEEP_ARCHIVE|GLACIER_IR NewerNoncurrentVersions:int}] NoncurrentVersionExpiration{NoncurrentDays:int NewerNoncurrentVersions:int} AbortIncompleteMultipartUpload{DaysAfterInitiation:int}}]!";
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketLifecycleConfiguration",
        "PUT /{Bucket}?lifecycle 200",
        "LifecycleConfiguration@payload Rules@name=Rule Transitions@name=Transition NoncurrentVersionTransitions@name=NoncurrentVersionTransition Tags@name=Tag",
        "Sets the expiry rules of the objects of a bucket.",
        "Bucket ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 LifecycleConfiguration ExpectedBucketOwner TransitionDefaultMinimumObjectSize:=varies_by_storage_class|all_storage_classes_128K",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketLifecycleConfiguration",
        "GET /{Bucket}?lifecycle 200",
        "@root=LifecycleConfiguration Rules@name=Rule Transitions@name=Transition NoncurrentVersionTransitions@name=NoncurrentVersionTransition Tags@name=Tag",
        "Answers the expiry rules of the objects of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketLifecycle",
        "DELETE /{Bucket}?lifecycle 204",
        "",
        "Deletes the expiry rules of the objects of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = Some((
        Code::NoSuchLifecycleConfiguration,
        "The lifecycle configuration does not exist",
    ));

    /// Gives an id to each rule that has none.
    fn kept(
        lambda: &Lambda<'_>,
        bucket: &Bucket,
        _: &Asked,
        value: Value,
    ) -> Result<Option<Value>> {
        Ok(Some(with_ids(lambda, bucket, value, "Rules", "ID")))
    }
}

/// The functions, queues and topics that receive the bucket's events.
#[derive(Debug)]
pub struct Notification;

impl Configuration for Notification {
    const NAME: &'static str = "BucketNotificationConfiguration";
    const MEMBER: &'static str = "NotificationConfiguration";
    const SHAPE: &'static str = concat!(
        notification!("TopicConfigurations", "TopicArn"),
        notification!("QueueConfigurations", "QueueArn"),
        notification!("LambdaFunctionConfigurations", "LambdaFunctionArn"),
        "EventBridgeConfiguration{}"
    );
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketNotificationConfiguration",
        "PUT /{Bucket}?notification 200",
        "NotificationConfiguration@payload TopicConfigurations@name=TopicConfiguration TopicArn@name=Topic QueueConfigurations@name=QueueConfiguration QueueArn@name=Queue LambdaFunctionConfigurations@name=CloudFunctionConfiguration LambdaFunctionArn@name=CloudFunction Events@name=Event Key@name=S3Key FilterRules@name=FilterRule SkipDestinationValidation@header=x-amz-skip-destination-validation",
        "Sets the receivers of the events of a bucket.",
        "Bucket NotificationConfiguration ExpectedBucketOwner SkipDestinationValidation:bool",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketNotificationConfiguration",
        "GET /{Bucket}?notification 200",
        "@root=NotificationConfiguration TopicConfigurations@name=TopicConfiguration TopicArn@name=Topic QueueConfigurations@name=QueueConfiguration QueueArn@name=Queue LambdaFunctionConfigurations@name=CloudFunctionConfiguration LambdaFunctionArn@name=CloudFunction Events@name=Event Key@name=S3Key FilterRules@name=FilterRule",
        "Answers the receivers of the events of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = NOT_TAKEN_AWAY;
    const MISSING: Option<(Code, &'static str)> = None;

    /// Checks each function before anything is stored, as S3 does. Refuses a function that does not exist, or that S3
    /// may not invoke.
    fn kept(
        lambda: &Lambda<'_>,
        bucket: &Bucket,
        asked: &Asked,
        value: Value,
    ) -> Result<Option<Value>> {
        if asked.get("SkipDestinationValidation") != Some(&json!(true)) {
            let functions = value
                .get("LambdaFunctionConfigurations")
                .and_then(Value::as_array);
            for function in functions.into_iter().flatten() {
                let arn = function.get("LambdaFunctionArn").and_then(Value::as_str);
                may_invoke(lambda, bucket, arn.unwrap_or_default())?;
            }
        }
        let mut value = value;
        for list in [
            "TopicConfigurations",
            "QueueConfigurations",
            "LambdaFunctionConfigurations",
        ] {
            value = with_ids(lambda, bucket, value, list, "Id");
        }
        // An empty configuration names no receiver.
        let tells = value.as_object().is_some_and(|members| {
            let mut members = members.values();
            members.any(|member| member.as_array().is_none_or(|list| !list.is_empty()))
        });
        Ok(Some(value).filter(|_| tells))
    }
}

/// The ownership of the objects of a bucket.
#[derive(Debug)]
pub struct Ownership;

impl Configuration for Ownership {
    const NAME: &'static str = "BucketOwnershipControls";
    const MEMBER: &'static str = "OwnershipControls";
    const SHAPE: &'static str =
        "Rules[{ObjectOwnership=BucketOwnerPreferred|ObjectWriter|BucketOwnerEnforced!}]!";
    const WHOLE: bool = true;
    const PUT: [&'static str; 5] = [
        "PutBucketOwnershipControls",
        "PUT /{Bucket}?ownershipControls 200",
        "OwnershipControls@payload Rules@name=Rule",
        "Sets the ownership of the objects of a bucket.",
        "Bucket ContentMD5 ExpectedBucketOwner OwnershipControls ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketOwnershipControls",
        "GET /{Bucket}?ownershipControls 200",
        "OwnershipControls@payload Rules@name=Rule",
        "Answers the ownership of the objects of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketOwnershipControls",
        "DELETE /{Bucket}?ownershipControls 204",
        "",
        "Deletes the ownership controls of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = Some((
        Code::OwnershipControlsNotFoundError,
        "The bucket ownership controls were not found",
    ));

    /// New buckets have no ACLs (AWS documentation, 2023).
    fn from_the_start(_: &Bucket) -> Option<Value> {
        Some(json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }))
    }
}

/// The policy of a bucket.
#[derive(Debug)]
pub struct Policy;

impl Configuration for Policy {
    const NAME: &'static str = "BucketPolicy";
    const MEMBER: &'static str = "Policy";
    const SHAPE: &'static str = "";
    const WHOLE: bool = true;
    const PUT: [&'static str; 5] = [
        "PutBucketPolicy",
        "PUT /{Bucket}?policy 200",
        "Policy@payload=raw",
        "Sets the policy of a bucket: the rights of others in the bucket.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 ConfirmRemoveSelfBucketAccess:bool Policy ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketPolicy",
        "GET /{Bucket}?policy 200",
        "Policy@payload=raw",
        "Answers the policy of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketPolicy",
        "DELETE /{Bucket}?policy 204",
        "",
        "Deletes the policy of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> =
        Some((Code::NoSuchBucketPolicy, "The bucket policy does not exist"));

    /// Refuses a public policy if the bucket blocks public policies. New buckets block them.
    fn kept(_: &Lambda<'_>, bucket: &Bucket, _: &Asked, value: Value) -> Result<Option<Value>> {
        let malformed = |message: &str| ServiceError::new(Code::MalformedPolicy, message);
        let text = value.as_str().unwrap_or_default();
        let policy: Value = serde_json::from_str(text)
            .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
        let statements = match policy.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
            _ => return Err(malformed("Missing required field Statement").into()),
        };
        let blocks = block(bucket).get("BlockPublicPolicy") == Some(&json!(true));
        if blocks && statements.iter().any(is_public) {
            let hint = "a new bucket blocks public policies: first call put-public-access-block with \
                BlockPublicPolicy=false";
            return Err(ServiceError::new(Code::AccessDenied, "Access Denied")
                .with_hint(hint)
                .into());
        }
        Ok(Some(value))
    }
}

/// The kinds of public access that are blocked.
#[derive(Debug)]
pub struct PublicAccess;

impl Configuration for PublicAccess {
    const NAME: &'static str = "PublicAccessBlock";
    const MEMBER: &'static str = "PublicAccessBlockConfiguration";
    const SHAPE: &'static str = "BlockPublicAcls:bool IgnorePublicAcls:bool BlockPublicPolicy:bool RestrictPublicBuckets:bool";
    const WHOLE: bool = true;
    const PUT: [&'static str; 5] = [
        "PutPublicAccessBlock",
        "PUT /{Bucket}?publicAccessBlock 200",
        "PublicAccessBlockConfiguration@payload",
        "Blocks public access to a bucket.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 PublicAccessBlockConfiguration ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetPublicAccessBlock",
        "GET /{Bucket}?publicAccessBlock 200",
        "PublicAccessBlockConfiguration@payload",
        "Returns the kinds of public access to a bucket that are blocked.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeletePublicAccessBlock",
        "DELETE /{Bucket}?publicAccessBlock 204",
        "",
        "Allows public access to a bucket again.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = Some((
        Code::NoSuchPublicAccessBlockConfiguration,
        "The public access block configuration was not found",
    ));

    /// New buckets block all public access (AWS documentation, 2023).
    fn from_the_start(_: &Bucket) -> Option<Value> {
        Some(json!({
            "BlockPublicAcls": true,
            "IgnorePublicAcls": true,
            "BlockPublicPolicy": true,
            "RestrictPublicBuckets": true,
        }))
    }

    /// A member that is left out is false.
    fn kept(_: &Lambda<'_>, _: &Bucket, _: &Asked, mut value: Value) -> Result<Option<Value>> {
        for member in [
            "BlockPublicAcls",
            "IgnorePublicAcls",
            "BlockPublicPolicy",
            "RestrictPublicBuckets",
        ] {
            if value.get(member).is_none() {
                value[member] = false.into();
            }
        }
        Ok(Some(value))
    }
}

/// The tags of a bucket.
#[derive(Debug)]
pub struct Tagging;

impl Configuration for Tagging {
    const NAME: &'static str = "BucketTagging";
    const MEMBER: &'static str = "Tagging";
    const SHAPE: &'static str = "TagSet[{Key! Value!}]!";
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketTagging",
        "PUT /{Bucket}?tagging 200",
        "Tagging@payload TagSet@item=Tag",
        "Sets the tags of a bucket.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 Tagging ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketTagging",
        "GET /{Bucket}?tagging 200",
        "@root=Tagging TagSet@item=Tag",
        "Answers the tags of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketTagging",
        "DELETE /{Bucket}?tagging 204",
        "",
        "Deletes the tags of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> =
        Some((Code::NoSuchTagSet, "The TagSet does not exist"));
}

/// The versioning of a bucket.
#[derive(Debug)]
pub struct Versioning;

impl Configuration for Versioning {
    const NAME: &'static str = "BucketVersioning";
    const MEMBER: &'static str = "VersioningConfiguration";
    const SHAPE: &'static str = "Status=Enabled|Suspended MFADelete=Enabled|Disabled";
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketVersioning",
        "PUT /{Bucket}?versioning 200",
        "VersioningConfiguration@payload MFADelete@name=MfaDelete",
        "Turns the versioning of a bucket on, or suspends it.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 MFA VersioningConfiguration ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketVersioning",
        "GET /{Bucket}?versioning 200",
        "@root=VersioningConfiguration MFADelete@name=MfaDelete",
        "Answers the versioning of a bucket.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = NOT_TAKEN_AWAY;
    const MISSING: Option<(Code, &'static str)> = None;

    /// If somebody made a folder of versions by hand, versioning is on.
    fn from_the_start(bucket: &Bucket) -> Option<Value> {
        let versioned = bucket.versioned && !bucket.configuration.contains_key(VERSIONING);
        versioned.then(|| json!({ "Status": "Enabled" }))
    }

    fn kept(_: &Lambda<'_>, _: &Bucket, _: &Asked, value: Value) -> Result<Option<Value>> {
        if value.get("MFADelete") == Some(&json!("Enabled")) {
            return Err(Failure::NotSimulated(
                "a bucket that needs MFA for the deletion of versions".to_owned(),
            ));
        }
        match value.get("Status").and_then(Value::as_str) {
            Some(status @ ("Enabled" | "Suspended")) => Ok(Some(json!({ "Status": status }))),
            _ => Err(ServiceError::new(
                Code::IllegalVersioningConfigurationException,
                "The Versioning element must be specified",
            )
            .into()),
        }
    }
}

/// The website that the bucket serves.
#[derive(Debug)]
pub struct Website;

impl Configuration for Website {
    const NAME: &'static str = "BucketWebsite";
    const MEMBER: &'static str = "WebsiteConfiguration";
    const SHAPE: &'static str = "ErrorDocument{Key!} IndexDocument{Suffix!} RedirectAllRequestsTo{HostName! Protocol=http|https} RoutingRules[{Condition{HttpErrorCodeReturnedEquals KeyPrefixEquals} Redirect{HostName HttpRedirectCode Protocol=http|https ReplaceKeyPrefixWith ReplaceKeyWith}!}]";
    const WHOLE: bool = false;
    const PUT: [&'static str; 5] = [
        "PutBucketWebsite",
        "PUT /{Bucket}?website 200",
        "WebsiteConfiguration@payload RoutingRules@item=RoutingRule",
        "Sets the website that a bucket serves.",
        "Bucket ContentMD5 ChecksumAlgorithm:=CRC32|CRC32C|SHA1|SHA256|CRC64NVME|SHA512|MD5|XXHASH64|XXHASH3|XXHASH128 WebsiteConfiguration ExpectedBucketOwner",
    ];
    const GET: [&'static str; 5] = [
        "GetBucketWebsite",
        "GET /{Bucket}?website 200",
        "@root=WebsiteConfiguration RoutingRules@item=RoutingRule",
        "Answers the website that a bucket serves.",
        TAKEN,
    ];
    const DELETE: [&'static str; 5] = [
        "DeleteBucketWebsite",
        "DELETE /{Bucket}?website 204",
        "",
        "Deletes the website configuration of a bucket.",
        TAKEN,
    ];
    const MISSING: Option<(Code, &'static str)> = Some((
        Code::NoSuchWebsiteConfiguration,
        "The specified bucket does not have a website configuration",
    ));
}

/// The kinds of public access that the bucket blocks.
fn block(bucket: &Bucket) -> Value {
    let kept = bucket.configuration.get(PublicAccess::NAME).cloned();
    kept.or_else(|| PublicAccess::from_the_start(bucket))
        .unwrap_or_default()
}

/// Returns true if a statement gives everybody access. A statement with a condition does not count, because the
/// condition can limit the access.
fn is_public(statement: &Value) -> bool {
    let anybody = |principal: &Value| match principal {
        Value::Array(list) => list.contains(&json!("*")),
        one => *one == json!("*"),
    };
    let principal = statement.get("Principal").unwrap_or(&Value::Null);
    let named = principal.get("AWS").unwrap_or(principal);
    statement.get("Effect") == Some(&json!("Allow"))
        && anybody(named)
        && statement.get("Condition").is_none()
}

/// Adds the missing ids, as S3 does.
fn with_ids(lambda: &Lambda<'_>, bucket: &Bucket, mut value: Value, list: &str, id: &str) -> Value {
    let items = value.get_mut(list).and_then(Value::as_array_mut);
    for (nth, item) in items.into_iter().flatten().enumerate() {
        if item.get(id).is_none() {
            let of = format!("s3://{} {list}", bucket.name);
            item[id] = lambda.place.store.ids.id(&of, nth as u64).into();
        }
    }
    value
}

/// Refuses a function that S3 may not invoke for this bucket.
fn may_invoke(lambda: &Lambda<'_>, bucket: &Bucket, arn: &str) -> Result<()> {
    let refused = |hint: String| {
        let message = "Unable to validate the following destination configurations";
        ServiceError::new(Code::InvalidArgument, message).with_hint(hint)
    };
    let named = FunctionRef::parse(arn).filter(|_| arn.starts_with("arn:"));
    let Some(named) = named else {
        return Err(refused(format!("{arn} is not the ARN of a function")).into());
    };
    let region = bucket
        .region
        .clone()
        .unwrap_or_else(|| lambda.place.scope.region.clone());
    let scope = crate::state::arn::Scope {
        region,
        account: lambda.place.scope.account.clone(),
    };
    let place = lambda.place.store.place(scope);
    let qualifier = named.qualifier.as_deref().unwrap_or("$LATEST");
    let policy = place.all::<Function>().view(&named.name, |view| {
        let attached = view.head.attached.get(qualifier);
        Ok(attached.and_then(|attached| attached.policy.clone()))
    })?;
    let Some(policy) = policy else {
        return Err(refused(format!(
            "there is no function {} in the bucket's region",
            named.name
        ))
        .into());
    };
    let of_bucket = format!("arn:{}:s3:::{}", place.scope.partition(), bucket.name);
    let lets = policy
        .iter()
        .flat_map(|policy| &policy.statements)
        .any(|statement| {
            let principal = &statement.principal;
            let is_s3 = principal == "*" || principal["Service"] == "s3.amazonaws.com";
            let invokes =
                ["lambda:InvokeFunction", "lambda:*", "*"].contains(&statement.action.as_str());
            let condition = json!(statement.condition).to_string();
            let is_of_another =
                condition.contains(":s3:::") && !condition.contains(&format!("{of_bucket}\""));
            is_s3 && invokes && !is_of_another
        });
    if lets {
        return Ok(());
    }
    Err(refused(format!(
        "S3 may not invoke {arn}: first call lambda add-permission --principal s3.amazonaws.com --source-arn \
         {of_bucket}"
    ))
    .into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{operation::sandbox::Sandbox, state::bucket::CONFIGURED};

    /// An example of each configuration, and the answer for a bucket that does not have it.
    fn samples() -> Vec<(&'static str, Value, &'static str)> {
        vec![
            (
                "BucketCors",
                json!({ "CORSRules": [{ "ID": "a", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 5 }] }),
                "(NoSuchCORSConfiguration): The CORS configuration does not exist",
            ),
            (
                "BucketEncryption",
                json!({ "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k" } }] }),
                "",
            ),
            (
                "BucketLifecycleConfiguration",
                json!({ "Rules": [{ "Expiration": { "Days": 3 }, "ID": "old", "Filter": { "And": { "Prefix": "a", "Tags": [{ "Key": "b", "Value": "c" }] } }, "Status": "Enabled" }] }),
                "(NoSuchLifecycleConfiguration): The lifecycle configuration does not exist",
            ),
            (
                "BucketNotificationConfiguration",
                json!({ "QueueConfigurations": [{ "Id": "q", "QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"] }] }),
                "",
            ),
            (
                "BucketOwnershipControls",
                json!({ "Rules": [{ "ObjectOwnership": "ObjectWriter" }] }),
                "",
            ),
            (
                "BucketPolicy",
                json!("{\"Statement\": []}"),
                "(NoSuchBucketPolicy): The bucket policy does not exist",
            ),
            (
                "BucketTagging",
                json!({ "TagSet": [{ "Key": "team", "Value": "pay" }] }),
                "(NoSuchTagSet): The TagSet does not exist",
            ),
            (VERSIONING, json!({ "Status": "Enabled" }), ""),
            (
                "BucketWebsite",
                json!({ "IndexDocument": { "Suffix": "index.html" } }),
                "(NoSuchWebsiteConfiguration): The specified bucket does not have a website configuration",
            ),
            (
                "PublicAccessBlock",
                json!({ "BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false }),
                "",
            ),
        ]
    }

    #[test]
    fn what_is_put_is_read_back_and_goes_by_the_operation_that_the_table_names() {
        for one in CONFIGURED {
            let s3 = Sandbox::new();
            let bucket = json!({ "Bucket": "code" });
            s3.call("CreateBucket", bucket.clone());
            let (get, put) = (format!("Get{}", one.name), format!("Put{}", one.name));
            let samples = samples();
            let sample = samples.iter().find(|(name, ..)| *name == one.name);
            let (_, sample, none) =
                sample.unwrap_or_else(|| panic!("say here how {} is put", one.name));
            let at_first = match none.is_empty() {
                true => Some(s3.call(&get, bucket.clone())),
                false => {
                    assert_eq!(s3.error(&get, bucket.clone()), *none);
                    None
                }
            };
            let request = json!({ "Bucket": "code", one.member: sample });
            s3.call(&put, request.clone());
            let told = s3.call(&get, bucket.clone());
            assert_eq!(told.get(one.member).unwrap_or(&told), sample, "{get}");
            let missing = json!({ "Bucket": "none", one.member: sample });
            assert!(
                s3.error(&put, missing).starts_with("(NoSuchBucket)"),
                "{put}"
            );
            let store = s3.store().expect("a state directory");
            let kept = store
                .s3_bucket("code")
                .expect("read")
                .expect("a bucket")
                .configuration;
            assert_eq!(
                crate::state::bucket::satisfied(&kept, &put, &request),
                Some(true),
                "{put}"
            );
            if let Some(delete) = one.deletes {
                s3.call(delete, bucket.clone());
                s3.call(delete, bucket.clone());
                match s3.try_call(&get, bucket.clone()) {
                    Ok(told) => assert_eq!(Some(told), at_first, "{get}"),
                    Err(error) => assert!(none.is_empty() || error.to_string() == *none, "{error}"),
                }
            }
        }
    }

    #[test]
    fn a_public_policy_waits_for_the_block_to_go() {
        let s3 = Sandbox::new();
        s3.call("CreateBucket", json!({ "Bucket": "site" }));
        let statement = |principal: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*" });
        let policy = |statement: Value| json!({ "Bucket": "site", "Policy": json!({ "Statement": statement }).to_string() });
        for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["*"] })] {
            let told = s3.error("PutBucketPolicy", policy(json!([statement(principal)])));
            assert_eq!(told, "(AccessDenied): Access Denied");
        }
        let service = statement(json!({ "Service": "cloudfront.amazonaws.com" }));
        s3.call("PutBucketPolicy", policy(service));
        let open = json!({ "Bucket": "site", "PublicAccessBlockConfiguration": { "BlockPublicPolicy": false } });
        s3.call("PutPublicAccessBlock", open);
        s3.call("PutBucketPolicy", policy(statement(json!("*"))));
        for text in ["{", "{}", "[]"] {
            let told = s3.error(
                "PutBucketPolicy",
                json!({ "Bucket": "site", "Policy": text }),
            );
            assert!(told.starts_with("(MalformedPolicy)"), "{told}");
        }
        s3.call("DeletePublicAccessBlock", json!({ "Bucket": "site" }));
        let told = s3.error("GetPublicAccessBlock", json!({ "Bucket": "site" }));
        assert!(
            told.starts_with("(NoSuchPublicAccessBlockConfiguration)"),
            "{told}"
        );
    }

    #[test]
    fn a_notification_waits_for_the_permission_to_invoke() {
        let s3 = Sandbox::with("thumbs");
        s3.call("CreateBucket", json!({ "Bucket": "photos" }));
        let put = |function: &str, more: Value| {
            let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
            let mut request = json!({ "Bucket": "photos", "NotificationConfiguration": { "LambdaFunctionConfigurations": [
                { "LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"] }] } });
            for (key, value) in more.as_object().expect("members") {
                request[key] = value.clone();
            }
            request
        };
        let refused =
            "(InvalidArgument): Unable to validate the following destination configurations";
        let operation = "PutBucketNotificationConfiguration";
        assert_eq!(s3.error(operation, put("none", json!({}))), refused);
        assert_eq!(s3.error(operation, put("thumbs", json!({}))), refused);
        s3.call(
            operation,
            put("thumbs", json!({ "SkipDestinationValidation": true })),
        );
        let permit = |id: &str, bucket: &str| {
            let request = json!({ "FunctionName": "thumbs", "StatementId": id, "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com", "SourceArn": format!("arn:aws:s3:::{bucket}") });
            s3.call("AddPermission", request);
        };
        permit("other", "photos-of-others");
        assert_eq!(s3.error(operation, put("thumbs", json!({}))), refused);
        permit("own", "photos");
        s3.call(operation, put("thumbs", json!({})));
        let bucket = json!({ "Bucket": "photos" });
        let told = s3.call("GetBucketNotificationConfiguration", bucket.clone());
        let one = &told["LambdaFunctionConfigurations"][0];
        assert!(
            one["Id"].is_string() && one["Events"] == json!(["s3:ObjectCreated:*"]),
            "{told}"
        );
        // A put replaces the whole configuration.
        s3.call(
            operation,
            json!({ "Bucket": "photos", "NotificationConfiguration": {} }),
        );
        assert_eq!(
            s3.call("GetBucketNotificationConfiguration", bucket),
            json!({})
        );
    }
}
