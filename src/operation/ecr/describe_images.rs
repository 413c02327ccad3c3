//! `DescribeImages`: describes the images of a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    image::{Filter, Image, ImageIdentifier, images},
    repository::found,
};
use crate::operation::{Lambda, Operation, Result, page::page};

/// Request of DescribeImages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeImagesRequest {
    /// The account ID of the registry. lambdry has only one account.
    registry_id: Option<String>,
    /// The repository.
    #[schemars(length(min = 2))]
    repository_name: String,
    /// The images. The default is all images.
    image_ids: Option<Vec<ImageIdentifier>>,
    /// The token of the page to return, from the previous page.
    next_token: Option<String>,
    /// Maximum number of images to return.
    max_results: Option<u64>,
    /// Only return images that match the filter.
    filter: Option<Filter>,
}

/// Response of DescribeImages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeImagesResponse {
    /// The images.
    image_details: Vec<ImageDetail>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A description of an image, without a size, because only the container engine knows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageDetail {
    /// The account's twelve digits.
    registry_id: String,
    /// The repository.
    repository_name: String,
    /// The image's digest.
    image_digest: String,
    /// The image's tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_tags: Vec<String>,
    /// The time at which the image was pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-timestamp" = true))]
    image_pushed_at: Option<String>,
    /// The status of the image.
    image_status: &'static str,
}

impl Operation for DescribeImagesRequest {
    const NAME: &'static str = "DescribeImages";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Describes the images of a repository: those that a rehearsed docker push added.";
    const LISTS: &'static [&'static str] = &["imageDetails"];
    type Response = DescribeImagesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DescribeImagesResponse> {
        let place = lambda.place;
        let name = &self.repository_name;
        found(place, self.registry_id.as_ref(), name)?;
        let all = images(place, name)?;
        let account = &place.scope.account;
        let (shown, next_token) = match self.image_ids {
            Some(ids) => {
                let mut named = Vec::new();
                for id in ids {
                    let image = all.iter().find(|image| id.names(image));
                    let image = image.ok_or_else(|| id.missing(name, account))?;
                    if named
                        .iter()
                        .all(|other: &&Image| other.digest != image.digest)
                    {
                        named.push(image);
                    }
                }
                (named, None)
            }
            None => {
                let lets =
                    |image: &&Image| self.filter.as_ref().is_none_or(|filter| filter.lets(image));
                let meant: Vec<&Image> = all.iter().filter(lets).collect();
                let keys = meant.iter().map(|image| image.digest.clone()).collect();
                let page = page(keys, self.next_token.as_deref(), self.max_results)?;
                let on_page = |image: &&Image| page.items.contains(&image.digest);
                (
                    meant.into_iter().filter(on_page).collect(),
                    page.next_marker,
                )
            }
        };
        let details = shown.into_iter().map(|image| ImageDetail {
            registry_id: account.clone(),
            repository_name: name.clone(),
            image_digest: image.digest.clone(),
            image_tags: image.tags.clone(),
            image_pushed_at: image.pushed_at.clone(),
            image_status: "ACTIVE",
        });
        Ok(DescribeImagesResponse {
            image_details: details.collect(),
            next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{operation::sandbox::Sandbox, store::images::Known};

    const REPOSITORY: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com/pay";

    /// A repository with two images: one with two tags and one without tags.
    fn pushed() -> Sandbox {
        let ecr = Sandbox::new();
        ecr.call("CreateRepository", json!({ "repositoryName": "pay" }));
        for (name, digit) in [(":1", "a"), (":latest", "a"), ("@sha256:x", "b")] {
            let known = Known {
                digest: digit.repeat(64),
                pushed: true,
                pushed_at: None,
            };
            let store = ecr.store().expect("a state directory");
            store
                .keep_image(&format!("{REPOSITORY}{name}"), &known)
                .expect("kept");
        }
        ecr
    }

    fn of(more: Value) -> Value {
        let mut request = json!({ "repositoryName": "pay" });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        request
    }

    #[test]
    fn images_that_were_pushed_are_told_by_digest_and_by_tag() {
        let ecr = pushed();
        let all = ecr.call("DescribeImages", of(json!({})))["imageDetails"].clone();
        assert_eq!(
            (
                &all[0]["imageTags"],
                &all[0]["imagePushedAt"],
                all[1].get("imageTags")
            ),
            (
                &json!(["1", "latest"]),
                &json!("2026-11-22T12:00:00+00:00"),
                None
            )
        );
        let one = ecr.call(
            "DescribeImages",
            of(json!({ "imageIds": [{ "imageTag": "latest" }] })),
        );
        assert_eq!(one["imageDetails"], json!([all[0]]));
        assert_eq!(
            ecr.error(
                "DescribeImages",
                of(json!({ "imageIds": [{ "imageTag": "2" }] }))
            ),
            "(ImageNotFoundException): The image with imageId {imageDigest:'null', imageTag:'2'} does not exist within the \
             repository with name 'pay' in the registry with id '123456789012'"
        );
        let tagged = ecr.call(
            "ListImages",
            of(json!({ "filter": { "tagStatus": "TAGGED" } })),
        );
        assert_eq!(tagged["imageIds"].as_array().map(Vec::len), Some(2));
        let first = ecr.call("ListImages", of(json!({ "maxResults": 2 })));
        let rest = ecr.call("ListImages", of(json!({ "nextToken": first["nextToken"] })));
        assert_eq!(
            rest["imageIds"],
            json!([{ "imageDigest": all[1]["imageDigest"] }])
        );
    }

    #[test]
    fn images_are_deleted_by_tag_until_the_last_or_by_digest_at_once() {
        let ecr = pushed();
        let digest = format!("sha256:{}", "a".repeat(64));
        let told = ecr.call(
            "BatchDeleteImage",
            of(json!({ "imageIds": [{ "imageTag": "1" }, { "imageTag": "none" }, {}] })),
        );
        assert_eq!(
            told["imageIds"],
            json!([{ "imageDigest": digest, "imageTag": "1" }])
        );
        let codes: Vec<&Value> = told["failures"]
            .as_array()
            .expect("failures")
            .iter()
            .map(|one| &one["failureCode"])
            .collect();
        assert_eq!(codes, ["ImageNotFound", "MissingDigestAndTag"]);
        let left = ecr.call("DescribeImages", of(json!({})));
        assert_eq!(left["imageDetails"][0]["imageTags"], json!(["latest"]));
        let told = ecr.error("DeleteRepository", of(json!({})));
        assert_eq!(
            told,
            "(RepositoryNotEmptyException): The repository with name 'pay' in registry with id '123456789012' cannot be \
             deleted because it still contains images"
        );
        ecr.call(
            "BatchDeleteImage",
            of(json!({ "imageIds": [{ "imageDigest": digest }] })),
        );
        ecr.call("DeleteRepository", of(json!({ "force": true })));
        assert!(
            ecr.error("DescribeImages", of(json!({})))
                .starts_with("(RepositoryNotFoundException)")
        );
        // A repository that is deleted and created again is empty.
        ecr.call("CreateRepository", json!({ "repositoryName": "pay" }));
        assert_eq!(ecr.call("ListImages", of(json!({})))["imageIds"], json!([]));
    }

    #[test]
    fn policies_are_kept_and_taken_away() {
        let ecr = pushed();
        let text = json!({ "rules": [{ "rulePriority": 1, "selection": { "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3 }, "action": { "type": "expire" } }] }).to_string();
        let missing = |operation: &str, code: &str| {
            let told = ecr.error(operation, of(json!({})));
            assert!(told.starts_with(&format!("({code}): ")), "{told}");
        };
        missing("GetLifecyclePolicy", "LifecyclePolicyNotFoundException");
        missing("GetRepositoryPolicy", "RepositoryPolicyNotFoundException");
        ecr.call(
            "PutLifecyclePolicy",
            of(json!({ "lifecyclePolicyText": text })),
        );
        assert_eq!(
            ecr.call("GetLifecyclePolicy", of(json!({})))["lifecyclePolicyText"],
            text
        );
        ecr.call(
            "SetRepositoryPolicy",
            of(json!({ "policyText": "{\"Statement\": []}" })),
        );
        assert_eq!(
            ecr.call("GetRepositoryPolicy", of(json!({})))["policyText"],
            "{\"Statement\": []}"
        );
        let broken = of(json!({ "policyText": "{" }));
        assert!(
            ecr.error("SetRepositoryPolicy", broken)
                .starts_with("(InvalidParameterException)")
        );
        ecr.call("DeleteLifecyclePolicy", of(json!({})));
        ecr.call("DeleteRepositoryPolicy", of(json!({})));
        missing("DeleteLifecyclePolicy", "LifecyclePolicyNotFoundException");
        missing(
            "DeleteRepositoryPolicy",
            "RepositoryPolicyNotFoundException",
        );
        ecr.call(
            "PutImageTagMutability",
            of(json!({ "imageTagMutability": "IMMUTABLE" })),
        );
        ecr.call(
            "PutImageScanningConfiguration",
            of(json!({ "imageScanningConfiguration": { "scanOnPush": true } })),
        );
        let repository = ecr.call("DescribeRepositories", json!({}))["repositories"][0].clone();
        assert_eq!(repository["imageTagMutability"], "IMMUTABLE");
        assert_eq!(repository["imageScanningConfiguration"]["scanOnPush"], true);
    }

    #[test]
    fn a_token_is_made_up_and_says_whom_docker_is() {
        let data =
            Sandbox::new().call("GetAuthorizationToken", json!({}))["authorizationData"][0].clone();
        assert_eq!(
            data["proxyEndpoint"],
            "https://123456789012.dkr.ecr.us-east-1.amazonaws.com"
        );
        assert_eq!(data["expiresAt"], "2026-11-23T00:00:00+00:00");
        assert!(
            data["authorizationToken"]
                .as_str()
                .expect("a token")
                .starts_with("QVdTO"),
            "AWS: in base64"
        );
    }
}
