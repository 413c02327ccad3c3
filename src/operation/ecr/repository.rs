//! A repository as answers show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    state::ecr,
    store::{Place, clock::iso8601, kind::file_of},
};

/// Where the repositories of an account and region are kept.
pub(super) fn registry(place: &Place<'_>) -> String {
    file_of::<ecr::Repository>(&place.scope)
}

/// Whether images are scanned.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageScanningConfiguration {
    /// Whether images are scanned when they are pushed.
    pub(super) scan_on_push: Option<bool>,
}

/// How images are encrypted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionConfiguration {
    /// AES256 or KMS.
    pub(super) encryption_type: String,
}

/// A repository.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    /// Its ARN.
    repository_arn: String,
    /// The account's twelve digits.
    registry_id: String,
    /// Its name.
    repository_name: String,
    /// What images are named with.
    repository_uri: String,
    /// When it was made.
    #[schemars(extend("x-timestamp" = true))]
    created_at: String,
    /// Whether a tag can move to another image.
    image_tag_mutability: String,
    /// Whether images are scanned.
    image_scanning_configuration: ImageScanningConfiguration,
    /// How images are encrypted.
    encryption_configuration: EncryptionConfiguration,
}

impl Repository {
    /// The repository of that name.
    pub(super) fn of(name: &str, kept: &ecr::Repository, place: &Place<'_>) -> Self {
        let (account, region) = (&place.scope.account, &place.scope.region);
        let partition = place.scope.partition();
        let suffix = if partition == "aws-cn" { ".cn" } else { "" };
        Self {
            repository_arn: format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"),
            registry_id: account.clone(),
            repository_name: name.to_owned(),
            repository_uri: format!("{account}.dkr.ecr.{region}.amazonaws.com{suffix}/{name}"),
            created_at: iso8601(kept.created_at),
            image_tag_mutability: kept.image_tag_mutability.clone(),
            image_scanning_configuration: ImageScanningConfiguration {
                scan_on_push: Some(kept.scan_on_push),
            },
            encryption_configuration: EncryptionConfiguration {
                encryption_type: kept.encryption_type.clone(),
            },
        }
    }
}
