//! Repositories: their form in answers, and how operations find and change them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Result,
    state::{
        ecr::{self, Registry},
        error::{Code, ServiceError},
    },
    store::{Place, clock::iso8601, kind::file_of},
};

/// ECR's error for a repository that does not exist.
pub(super) fn missing(name: &str, account: &str) -> ServiceError {
    ServiceError::new(
        Code::RepositoryNotFoundException,
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{account}'"
        ),
    )
}

/// The account of the registry: the account that the request names, or else the caller's own account. Other accounts
/// have no repositories here.
fn registry_of<'a>(place: &'a Place<'_>, given: Option<&'a String>) -> &'a str {
    given.unwrap_or(&place.scope.account)
}

/// Reads a repository, and refuses a request for one that does not exist.
pub(super) fn found(
    place: &Place<'_>,
    registry_id: Option<&String>,
    name: &str,
) -> Result<ecr::Repository> {
    let account = registry_of(place, registry_id);
    let mut kept: Registry = place.store.document(&registry(place))?;
    let found = kept
        .repositories
        .remove(name)
        .filter(|_| account == place.scope.account);
    found.ok_or_else(|| missing(name, account).into())
}

/// Refuses a policy that is not JSON.
pub(super) fn check(text: &str) -> Result<()> {
    let read: Option<serde_json::Value> = serde_json::from_str(text).ok();
    match read.filter(serde_json::Value::is_object) {
        Some(_) => Ok(()),
        None => Err(ServiceError::new(
            Code::InvalidParameterException,
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid JSON'",
        )
        .into()),
    }
}

/// Changes a repository, and refuses a request for one that does not exist.
pub(super) fn edit<T>(
    place: &Place<'_>,
    registry_id: Option<&String>,
    name: &str,
    change: impl FnOnce(&mut ecr::Repository) -> Result<T>,
) -> Result<T> {
    let account = registry_of(place, registry_id);
    place
        .store
        .edit_document(&registry(place), |kept: &mut Registry| {
            let found = kept
                .repositories
                .get_mut(name)
                .filter(|_| account == place.scope.account);
            change(found.ok_or_else(|| missing(name, account))?)
        })
}

/// The URI of a repository's images, without a tag.
pub(super) fn uri(place: &Place<'_>, name: &str) -> String {
    let (account, region) = (&place.scope.account, &place.scope.region);
    let suffix = if place.scope.partition() == "aws-cn" {
        ".cn"
    } else {
        ""
    };
    format!("{account}.dkr.ecr.{region}.amazonaws.com{suffix}/{name}")
}

/// The name of the file that holds the repositories of an account and region.
pub(super) fn registry(place: &Place<'_>) -> String {
    file_of::<ecr::Repository>(&place.scope)
}

/// The settings for image scans.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageScanningConfiguration {
    /// True to scan images when they are pushed.
    pub(super) scan_on_push: Option<bool>,
}

/// The encryption of images.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionConfiguration {
    /// AES256 or KMS.
    #[schemars(extend("x-values" = ["AES256", "KMS", "KMS_DSSE"]))]
    pub(super) encryption_type: String,
    /// The key for the encryption. Accepted, but not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kms_key: Option<String>,
}

/// A repository.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    /// The repository's ARN.
    repository_arn: String,
    /// The account's twelve digits.
    registry_id: String,
    /// The repository's name.
    repository_name: String,
    /// The URI of the images, without a tag.
    repository_uri: String,
    /// The time at which the repository was created.
    #[schemars(extend("x-timestamp" = true))]
    created_at: String,
    /// MUTABLE if a tag can move to another image, or IMMUTABLE.
    image_tag_mutability: String,
    /// The settings for image scans.
    image_scanning_configuration: ImageScanningConfiguration,
    /// The encryption of the images.
    encryption_configuration: EncryptionConfiguration,
}

impl Repository {
    /// The repository in the form that answers have.
    pub(super) fn of(name: &str, kept: &ecr::Repository, place: &Place<'_>) -> Self {
        let (account, region) = (&place.scope.account, &place.scope.region);
        let partition = place.scope.partition();
        Self {
            repository_arn: format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"),
            registry_id: account.clone(),
            repository_name: name.to_owned(),
            repository_uri: uri(place, name),
            created_at: iso8601(kept.created_at),
            image_tag_mutability: kept.image_tag_mutability.clone(),
            image_scanning_configuration: ImageScanningConfiguration {
                scan_on_push: Some(kept.scan_on_push),
            },
            encryption_configuration: EncryptionConfiguration {
                encryption_type: kept.encryption_type.clone(),
                kms_key: None,
            },
        }
    }
}
