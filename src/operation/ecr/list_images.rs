//! `ListImages`: returns the tag and the digest of each image of a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    image::{Filter, Image, ImageIdentifier, images},
    repository::found,
};
use crate::operation::{Lambda, Operation, Result, page::page};

/// Request of ListImages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListImagesRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The token of the page to return, from the previous page.
    next_token: Option<String>,
    /// Maximum number of images to return.
    max_results: Option<u64>,
    /// Only return images that match the filter.
    filter: Option<Filter>,
}

/// Response of ListImages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListImagesResponse {
    /// The images. An image with several tags is listed once for each tag.
    image_ids: Vec<ImageIdentifier>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListImagesRequest {
    const NAME: &'static str = "ListImages";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the tags and digests of the images of a repository.";
    const LISTS: &'static [&'static str] = &["imageIds"];
    type Response = ListImagesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListImagesResponse> {
        let place = lambda.place;
        let name = &self.repository_name;
        found(place, self.registry_id.as_ref(), name)?;
        let lets = |image: &Image| self.filter.as_ref().is_none_or(|filter| filter.lets(image));
        let mut ids = Vec::new();
        for image in images(place, name)?.into_iter().filter(lets) {
            let tags: Vec<Option<String>> = match image.tags.is_empty() {
                true => vec![None],
                false => image.tags.into_iter().map(Some).collect(),
            };
            ids.extend(tags.into_iter().map(|tag| (image.digest.clone(), tag)));
        }
        let page = page(ids, self.next_token.as_deref(), self.max_results)?;
        let ids = page
            .items
            .into_iter()
            .map(|(digest, image_tag)| ImageIdentifier {
                image_digest: Some(digest),
                image_tag,
            });
        Ok(ListImagesResponse {
            image_ids: ids.collect(),
            next_token: page.next_marker,
        })
    }
}
