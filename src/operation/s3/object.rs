//! Code that the operations on objects share: S3's errors for missing buckets and objects, and the metadata of an
//! object.

use indexmap::IndexMap;

use crate::{
    operation::Lambda,
    state::error::{Code, ServiceError},
    store::{
        Failure, Result,
        s3::{Meta, Missing, Object},
    },
};

/// S3's error for a bucket or an object that does not exist.
pub(super) fn missing(what: Missing) -> Failure {
    let (code, message) = match what {
        Missing::Bucket => return no_such_bucket().into(),
        Missing::Key => (Code::NoSuchKey, "The specified key does not exist."),
        Missing::Version => (Code::NoSuchVersion, "The specified version does not exist."),
    };
    ServiceError::new(code, message).into()
}

/// The error for a missing bucket or object in an answer without a body. Such an answer has only a status.
pub(super) fn not_found() -> ServiceError {
    ServiceError::new(Code::NotFound, "Not Found")
}

pub(super) fn no_such_bucket() -> ServiceError {
    ServiceError::new(Code::NoSuchBucket, "The specified bucket does not exist")
        .with_hint("a bucket is a folder below s3/ in the state directory: aws s3 mb creates one")
}

/// S3's error for a document that does not fit its schema.
pub(super) fn malformed() -> ServiceError {
    ServiceError::new(
        Code::MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn no_such_upload() -> ServiceError {
    ServiceError::new(
        Code::NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed.",
    )
}

pub(super) fn precondition_failed() -> ServiceError {
    ServiceError::new(
        Code::PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold",
    )
}

/// An ETag in quotes, the form that answers have.
pub(super) fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// Returns true if the ETag in a request matches `tag`. `*` matches every ETag.
pub(super) fn names_tag(named: &str, tag: &str) -> bool {
    named == "*" || named.trim_matches('"') == tag
}

/// The metadata that a request sets for an object. The keys are the names of the request's members.
pub(super) fn meta(
    headers: impl IntoIterator<Item = (&'static str, Option<String>)>,
    metadata: Option<IndexMap<String, String>>,
) -> Meta {
    let mut meta = Meta::default();
    for (name, value) in headers {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            meta.headers.insert(name.to_owned(), value);
        }
    }
    // S3 stores the names of user-defined metadata in lower case.
    let metadata = metadata.unwrap_or_default().into_iter();
    meta.metadata = metadata
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    meta
}

/// Reads an object. If it does not exist, the inner error tells if the object or its bucket is missing.
pub(super) fn found(
    lambda: &Lambda<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<std::result::Result<Object, Missing>> {
    lambda
        .place
        .store
        .s3_object(bucket, key, version.filter(|version| !version.is_empty()))
}
