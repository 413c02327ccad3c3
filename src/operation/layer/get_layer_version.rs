//! `GetLayerVersion`: returns a layer version, with a URL for its content.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    members::LayerVersionResponse,
    target::{Target, not_found, number, version},
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::name::LayerName,
};

/// Request of GetLayerVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetLayerVersionRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The number of the version.
    version_number: i64,
}

impl Operation for GetLayerVersionRequest {
    const NAME: &'static str = "GetLayerVersion";
    const ROUTE: &'static str = "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber} 200";
    const ABOUT: &'static str = "Returns a version of a layer, with a link to its zip archive.";
    type Response = LayerVersionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<LayerVersionResponse> {
        let number = number(self.version_number)?;
        read(
            lambda,
            &lambda.layer(&self.layer_name, Self::NAME, Some(number))?,
            number,
        )
    }
}

/// Reads a version of a layer.
///
/// # Errors
/// `The resource you requested does not exist.`
pub fn read(lambda: &Lambda<'_>, target: &Target, number: u64) -> Result<LayerVersionResponse> {
    lambda
        .layers()
        .view(&target.name, |view| {
            let version = version(view, number)?;
            LayerVersionResponse::of(lambda, target, number, version)
        })?
        .ok_or_else(|| not_found().into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn of(name: &str, number: i64) -> Value {
        json!({ "LayerName": name, "VersionNumber": number })
    }

    #[test]
    fn answers_what_publish_answered() {
        let lambda = Sandbox::new();
        let published = lambda.publish_layer("lib", json!({ "LicenseInfo": "MIT" }));
        lambda.publish_layer("lib", json!({}));
        let arn = "arn:aws:lambda:us-east-1:123456789012:layer:lib";
        for name in ["lib", arn] {
            assert_eq!(lambda.call("GetLayerVersion", of(name, 1)), published);
        }
        assert_eq!(
            lambda.call("GetLayerVersion", of("lib", 2))["LayerVersionArn"],
            format!("{arn}:2")
        );
    }

    #[test]
    fn refuses_what_is_not_there() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        for (name, number) in [("lib", 2), ("nope", 1), ("lib", i64::MAX)] {
            assert_eq!(
                lambda.error("GetLayerVersion", of(name, number)),
                "(ResourceNotFoundException): The resource you requested does not exist."
            );
        }
    }

    #[test]
    fn refuses_a_number_below_one_before_it_looks() {
        let lambda = Sandbox::new();
        for number in [0, -1, i64::MIN] {
            assert_eq!(
                lambda.error("GetLayerVersion", of("nope", number)),
                "(InvalidParameterValueException): Layer Version Cannot be less than 1"
            );
        }
    }

    const OTHERS: &str = "arn:aws:lambda:us-east-1:210987654321:layer:lib";

    #[test]
    fn refuses_another_region_s_and_another_account_s_layer() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.error(
                "GetLayerVersion",
                of("arn:aws:lambda:eu-west-1:123456789012:layer:lib", 1)
            ),
            "(ResourceNotFoundException): Layers from 'eu-west-1' are not reachable in this region ('us-east-1')"
        );
        assert_eq!(
            lambda.error(
                "GetLayerVersion",
                of("arn:aws:lambda:us-east-1:210987654321:layer:lib", 1)
            ),
            "(AccessDeniedException): User: arn:aws:iam::123456789012:user/lambdry is not authorized to perform: \
             lambda:GetLayerVersion on resource: arn:aws:lambda:us-east-1:210987654321:layer:lib:1 because no resource-based \
             policy allows the lambda:GetLayerVersion action"
        );
        for (operation, mut request, action, version) in [
            (
                "GetLayerVersionByArn",
                json!({ "Arn": format!("{OTHERS}:7") }),
                "GetLayerVersion",
                ":7",
            ),
            ("ListLayerVersions", json!({}), "ListLayerVersions", ""),
            (
                "GetLayerVersionPolicy",
                json!({ "VersionNumber": 2 }),
                "GetLayerVersionPolicy",
                ":2",
            ),
            (
                "DeleteLayerVersion",
                json!({ "VersionNumber": 2 }),
                "DeleteLayerVersion",
                ":2",
            ),
        ] {
            if request.get("Arn").is_none() {
                request["LayerName"] = json!(OTHERS);
            }
            let told = lambda.error(operation, request);
            let start =
                format!("to perform: lambda:{action} on resource: {OTHERS}{version} because no");
            assert!(told.contains(&start), "{told}");
        }
    }

    #[test]
    fn refuses_a_name_that_is_none() {
        let lambda = Sandbox::new();
        for name in [
            "a.b",
            "..",
            "lib:1",
            "a/b",
            "arn:aws:lambda:us-east-1:1:layer:lib",
        ] {
            assert_eq!(
                lambda.error("GetLayerVersion", of(name, 1)),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{name}' at 'layerName' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: \
                     (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{{12}}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"
                )
            );
        }
    }
}
