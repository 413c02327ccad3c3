//! `GetFunction`: settings, tags, and where the code can be fetched.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::{
        function::Configuration,
        name::{NamespacedFunctionName, Qualifier},
    },
};

use super::{configuration::FunctionConfiguration, get_function_configuration::resolve};

/// What GetFunction takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// A version or an alias to get details about.
    qualifier: Option<Qualifier>,
}

/// What GetFunction answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionResponse {
    /// The settings of the function or version.
    configuration: FunctionConfiguration,
    /// The deployment package, and where to fetch it.
    code: FunctionCodeLocation,
    /// The function's tags.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    tags: IndexMap<String, String>,
}

/// The deployment package, and where to fetch it.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionCodeLocation {
    /// Where it is kept: S3 for a zip, ECR for an image.
    repository_type: String,
    /// A URL that serves the bytes that were uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// The URI of the container image.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_uri: Option<String>,
    /// The image by its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_image_uri: Option<String>,
    /// The key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn", skip_serializing_if = "Option::is_none")]
    source_kms_key_arn: Option<String>,
}

impl Operation for GetFunctionRequest {
    const NAME: &'static str = "GetFunction";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName} 200";
    const ABOUT: &'static str = "Answers the settings, the tags and the code's location of a Lambda function: of $LATEST, or \
        of a version or alias when one is named.";
    type Response = GetFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetFunctionResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                let (configuration, kept) = resolve(view, &target)?;
                Ok(GetFunctionResponse {
                    configuration,
                    code: location(lambda, &kept),
                    tags: view.head.tags.clone(),
                })
            },
        )
    }
}

fn location(lambda: &Lambda<'_>, kept: &Configuration) -> FunctionCodeLocation {
    if let Some(image) = &kept.image {
        return FunctionCodeLocation {
            repository_type: "ECR".to_owned(),
            image_uri: Some(image.image_uri.clone()),
            resolved_image_uri: Some(image.resolved_image_uri.clone()),
            ..FunctionCodeLocation::default()
        };
    }
    FunctionCodeLocation {
        repository_type: "S3".to_owned(),
        location: lambda.place.store.package_url(&kept.code_sha256),
        source_kms_key_arn: kept.source_kms_key_arn.clone(),
        ..FunctionCodeLocation::default()
    }
}
