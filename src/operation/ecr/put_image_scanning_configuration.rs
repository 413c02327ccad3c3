//! `PutImageScanningConfiguration`: whether images are scanned when they are pushed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{ImageScanningConfiguration, edit};
use crate::operation::{Lambda, Operation, Result};

/// What PutImageScanningConfiguration takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageScanningConfigurationRequest {
    /// Another account's digits; here there is none.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// Whether they are.
    image_scanning_configuration: ImageScanningConfiguration,
}

/// What PutImageScanningConfiguration answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PutImageScanningConfigurationResponse {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// Whether they are.
    image_scanning_configuration: ImageScanningConfiguration,
}

impl Operation for PutImageScanningConfigurationRequest {
    const NAME: &'static str = "PutImageScanningConfiguration";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Says whether images of a repository are scanned when they are pushed. It is kept.";
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
