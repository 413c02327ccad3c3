//! The structures in the responses of the layer operations.

use schemars::JsonSchema;
use serde::Serialize;

use super::target::Target;
use crate::{
    operation::{Lambda, Result},
    state::layer::LayerVersion,
    store::clock::last_modified,
};

/// A layer version with its content.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionResponse {
    /// The layer version's content.
    content: LayerVersionContent,
    /// The layer's ARN.
    layer_arn: String,
    /// The layer version's ARN.
    layer_version_arn: String,
    /// The description of the version.
    description: String,
    /// The time at which the version was created, in ISO 8601.
    created_date: String,
    /// The version's number.
    version: u64,
    /// The instruction sets that it supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible_architectures: Option<Vec<String>>,
    /// The runtimes that it supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible_runtimes: Option<Vec<String>>,
    /// The license of the layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    license_info: Option<String>,
}

/// The content of a layer version and its location.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionContent {
    /// A URL for downloading the uploaded zip.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// The SHA-256 of the zip, in base64.
    code_sha256: String,
    /// The size of the zip in bytes.
    code_size: u64,
    /// The ARN of the signing profile version. Layers are never signed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_profile_version_arn: Option<String>,
    /// The ARN of the signing job.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_job_arn: Option<String>,
}

/// A layer version in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionsListItem {
    /// The layer version's ARN.
    layer_version_arn: String,
    /// The version's number.
    version: u64,
    /// The description of the version.
    description: String,
    /// The time at which the version was created, in ISO 8601.
    created_date: String,
    /// The instruction sets that it supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible_architectures: Option<Vec<String>>,
    /// The runtimes that it supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible_runtimes: Option<Vec<String>>,
    /// The license of the layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    license_info: Option<String>,
}

impl LayerVersionResponse {
    /// The response for a version of a layer.
    ///
    /// # Errors
    /// The URL of the content cannot be made. A fork first copies the content, and this copy can fail.
    pub fn of(
        lambda: &Lambda<'_>,
        target: &Target,
        number: u64,
        version: LayerVersion,
    ) -> Result<Self> {
        Ok(Self {
            content: LayerVersionContent {
                location: lambda.place.store.package_url(&version.code_sha256)?,
                code_sha256: version.code_sha256,
                code_size: version.code_size,
                signing_profile_version_arn: None,
                signing_job_arn: None,
            },
            layer_arn: target.arn.clone(),
            layer_version_arn: target.version(number),
            description: version.description,
            created_date: last_modified(version.published),
            version: number,
            compatible_architectures: version.compatible_architectures,
            compatible_runtimes: version.compatible_runtimes,
            license_info: version.license_info,
        })
    }
}

impl LayerVersionsListItem {
    /// The entry in a list for a version of a layer.
    pub fn of(target: &Target, number: u64, version: LayerVersion) -> Self {
        Self {
            layer_version_arn: target.version(number),
            version: number,
            description: version.description,
            created_date: last_modified(version.published),
            compatible_architectures: version.compatible_architectures,
            compatible_runtimes: version.compatible_runtimes,
            license_info: version.license_info,
        }
    }
}

/// The filters of lists of layers. If a version does not state what it supports, it matches no filter.
#[derive(Debug)]
pub struct Filter {
    /// A runtime that the version must support.
    pub runtime: Option<String>,
    /// An instruction set that the version must support.
    pub architecture: Option<String>,
}

impl Filter {
    /// Returns true if the version matches all filters.
    pub fn passes(&self, version: &LayerVersion) -> bool {
        let names = |list: &Option<Vec<String>>, wanted: &Option<String>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| list.as_ref().is_some_and(|list| list.contains(wanted)))
        };
        names(&version.compatible_runtimes, &self.runtime)
            && names(&version.compatible_architectures, &self.architecture)
    }
}
