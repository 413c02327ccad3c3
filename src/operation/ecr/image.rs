//! Images in answers. They are the images that a rehearsed `docker push` put into the registry. Each has a digest and
//! tags.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::uri;
use crate::{
    operation::Result,
    state::error::{Code, ServiceError},
    store::{Place, clock::iso8601},
};

/// The identifier of an image: its digest, one of its tags, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageIdentifier {
    /// The digest: sha256: and 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image_digest: Option<String>,
    /// A tag of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image_tag: Option<String>,
}

/// A filter for images.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// TAGGED, UNTAGGED or ANY.
    #[schemars(extend("x-values" = ["TAGGED", "UNTAGGED", "ANY"]))]
    tag_status: Option<String>,
}

impl Filter {
    /// Returns true if the image matches the filter.
    pub(super) fn lets(&self, image: &Image) -> bool {
        match self.tag_status.as_deref() {
            Some("TAGGED") => !image.tags.is_empty(),
            Some("UNTAGGED") => image.tags.is_empty(),
            _ => true,
        }
    }
}

/// An image of a repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    pub(super) digest: String,
    pub(super) tags: Vec<String>,
    pub(super) pushed_at: Option<String>,
    /// The references for which the store keeps the image.
    pub(super) references: Vec<String>,
}

/// The images of a repository, in the byte order of their digests.
pub(super) fn images(place: &Place<'_>, name: &str) -> Result<Vec<Image>> {
    let uri = uri(place, name);
    let mut images: Vec<Image> = Vec::new();
    for (named, known) in place.store.images_of(&uri)? {
        let digest = format!("sha256:{}", known.digest);
        let at = images.iter().position(|image| image.digest == digest);
        let at = at.unwrap_or_else(|| {
            images.push(Image {
                digest,
                ..Image::default()
            });
            images.len() - 1
        });
        let image = &mut images[at];
        let between = if named.starts_with('@') { "" } else { ":" };
        image.references.push(format!("{uri}{between}{named}"));
        image.pushed_at = image.pushed_at.take().max(known.pushed_at.map(iso8601));
        if !named.starts_with('@') {
            image.tags.push(named);
        }
    }
    images.sort_by(|one, other| one.digest.cmp(&other.digest));
    Ok(images)
}

impl ImageIdentifier {
    /// Returns true if the image has the given digest and the given tag. If the identifier lacks one of them, it is not
    /// compared.
    pub(super) fn names(&self, image: &Image) -> bool {
        let digest = self
            .image_digest
            .as_ref()
            .is_none_or(|digest| *digest == image.digest);
        digest
            && self
                .image_tag
                .as_ref()
                .is_none_or(|tag| image.tags.contains(tag))
    }

    /// ECR's error for an image that does not exist.
    pub(super) fn missing(&self, name: &str, account: &str) -> ServiceError {
        let (digest, tag) = (self.image_digest.as_deref(), self.image_tag.as_deref());
        let (digest, tag) = (digest.unwrap_or("null"), tag.unwrap_or("null"));
        ServiceError::new(
            Code::ImageNotFoundException,
            format!(
                "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository \
                 with name '{name}' in the registry with id '{account}'"
            ),
        )
        .with_hint("only a rehearsed docker push adds images to this registry")
    }
}
