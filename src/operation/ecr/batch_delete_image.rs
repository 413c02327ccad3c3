//! `BatchDeleteImage`: deletes images, or only some of their tags. Reports the result for each image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    image::{ImageIdentifier, images},
    repository::found,
};
use crate::operation::{Lambda, Operation, Result};

/// Request of BatchDeleteImage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchDeleteImageRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The images.
    #[schemars(length(min = 1))]
    image_ids: Vec<ImageIdentifier>,
}

/// Response of BatchDeleteImage.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchDeleteImageResponse {
    /// The images that were deleted.
    image_ids: Vec<ImageIdentifier>,
    /// The images that could not be deleted.
    failures: Vec<ImageFailure>,
}

/// An image that could not be deleted.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageFailure {
    /// The identifier from the request.
    image_id: ImageIdentifier,
    /// The reason, as a code.
    failure_code: &'static str,
    /// The reason, as a sentence.
    failure_reason: &'static str,
}

impl Operation for BatchDeleteImageRequest {
    const NAME: &'static str = "BatchDeleteImage";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Deletes images by digest, or removes tags of images. An image is deleted with its last tag.";
    type Response = BatchDeleteImageResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<BatchDeleteImageResponse> {
        let place = lambda.place;
        let name = &self.repository_name;
        found(place, self.registry_id.as_ref(), name)?;
        let mut all = images(place, name)?;
        let mut gone = Vec::new();
        let mut answer = BatchDeleteImageResponse {
            image_ids: Vec::new(),
            failures: Vec::new(),
        };
        for id in self.image_ids {
            let mut refuse = |failure_code, failure_reason| {
                answer.failures.push(ImageFailure {
                    image_id: id.clone(),
                    failure_code,
                    failure_reason,
                });
            };
            if id.image_digest.is_none() && id.image_tag.is_none() {
                refuse(
                    "MissingDigestAndTag",
                    "Invalid request parameters: both tag and digest cannot be null",
                );
                continue;
            }
            let Some(at) = all.iter().position(|image| id.names(image)) else {
                refuse("ImageNotFound", "Requested image not found");
                continue;
            };
            let image = &mut all[at];
            let digest = Some(image.digest.clone());
            let by_tag = id.image_tag.filter(|_| id.image_digest.is_none());
            let tags = match by_tag {
                Some(tag) if image.tags.len() > 1 => {
                    image.tags.retain(|other| *other != tag);
                    let end = format!(":{tag}");
                    gone.extend(image.references.extract_if(.., |name| name.ends_with(&end)));
                    vec![Some(tag)]
                }
                _ => {
                    let image = all.remove(at);
                    gone.extend(image.references);
                    match image.tags.is_empty() {
                        true => vec![None],
                        false => image.tags.into_iter().map(Some).collect(),
                    }
                }
            };
            let deleted = tags.into_iter().map(|image_tag| ImageIdentifier {
                image_digest: digest.clone(),
                image_tag,
            });
            answer.image_ids.extend(deleted);
        }
        if !gone.is_empty() {
            place.store.forget_images(&gone)?;
        }
        Ok(answer)
    }
}
