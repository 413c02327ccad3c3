//! `PutImageScanningConfiguration`: decides if images are scanned when they are pushed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{ImageScanningConfiguration, edit};
use crate::operation::{Lambda, Operation, Result};

/// Request of PutImageScanningConfiguration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageScanningConfigurationRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The settings for image scans.
    image_scanning_configuration: ImageScanningConfiguration,
}

/// Response of PutImageScanningConfiguration.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageScanningConfigurationResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The settings for image scans.
    image_scanning_configuration: ImageScanningConfiguration,
}

impl Operation for PutImageScanningConfigurationRequest {
    const NAME: &'static str = "PutImageScanningConfiguration";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Turns the scan of pushed images of a repository on or off. lambdry stores the \
        setting and scans nothing.";
    type Response = PutImageScanningConfigurationResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutImageScanningConfigurationResponse> {
        let place = lambda.place;
        let name = self.repository_name;
        let given = self.image_scanning_configuration;
        edit(place, self.registry_id.as_ref(), &name, |repository| {
            repository.scan_on_push = given.scan_on_push.unwrap_or(false);
            Ok(())
        })?;
        Ok(PutImageScanningConfigurationResponse {
            registry_id: place.scope.account.clone(),
            repository_name: name,
            image_scanning_configuration: given,
        })
    }
}
