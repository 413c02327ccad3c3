//! `GetLayerVersionByArn`: returns the layer version that has the given ARN.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{get_layer_version::read, members::LayerVersionResponse, target::not_found};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{arn::LayerRef, name::LayerVersionArn},
};

/// Request of GetLayerVersionByArn.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetLayerVersionByArnRequest {
    /// The ARN of the layer version.
    arn: LayerVersionArn,
}

impl Operation for GetLayerVersionByArnRequest {
    const NAME: &'static str = "GetLayerVersionByArn";
    const ROUTE: &'static str = "GET /2018-10-31/layers?find=LayerVersion 200";
    const ABOUT: &'static str =
        "Returns a version of a layer by its ARN, with a link to its zip archive.";
    type Response = LayerVersionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<LayerVersionResponse> {
        let Some((_, number)) = LayerRef::with_version(&self.arn) else {
            // The ARN names one of AWS's own layers, or its version number is too large.
            return Err(not_found().into());
        };
        let layer = self.arn.rsplit_once(':').map_or("", |(layer, _)| layer);
        read(
            lambda,
            &lambda.layer(layer, "GetLayerVersion", Some(number))?,
            number,
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn answers_what_get_answers() {
        let lambda = Sandbox::new();
        let published = lambda.publish_layer("lib", json!({}));
        let read = lambda.call(
            "GetLayerVersionByArn",
            json!({ "Arn": published["LayerVersionArn"] }),
        );
        assert_eq!(read, published);
    }

    #[test]
    fn refuses_what_is_not_there() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        for arn in [
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:2",
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:0",
            "arn:aws:lambda:us-east-1:123456789012:layer:nope:1",
            "arn:aws:lambda:us-east-1:123456789012:layer:lib:99999999999999999999999",
            "arn:aws:lambda:::awslayer:AmazonLinux1703",
        ] {
            assert_eq!(
                lambda.error("GetLayerVersionByArn", json!({ "Arn": arn })),
                "(ResourceNotFoundException): The resource you requested does not exist."
            );
        }
    }

    #[test]
    fn refuses_an_arn_without_a_version() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:layer:lib";
        assert_eq!(
            Sandbox::new().error("GetLayerVersionByArn", json!({ "Arn": arn })),
            format!(
                "(ValidationException): 1 validation error detected: Value '{arn}' at 'arn' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{{2}}((-gov)|(-iso\
                 ([a-z]?)))?-[a-z]+-\\d{{1}}:\\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:\
                 [a-zA-Z0-9-_]+)"
            )
        );
    }
}
