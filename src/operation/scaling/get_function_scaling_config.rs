//! `GetFunctionScalingConfig`: returns the minimum and maximum number of environments of a published version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::{FunctionScalingConfig, check_there};
use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::name::{PublishedQualifier, UnqualifiedFunctionName},
};

/// Request of GetFunctionScalingConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionScalingConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: UnqualifiedFunctionName,
    /// The published version.
    qualifier: PublishedQualifier,
}

/// Response of GetFunctionScalingConfig.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionScalingConfigResponse {
    /// The ARN of the version.
    function_arn: String,
    /// The configuration that is in effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_function_scaling_config: Option<FunctionScalingConfig>,
    /// The configuration that was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_function_scaling_config: Option<FunctionScalingConfig>,
}

impl Operation for GetFunctionScalingConfigRequest {
    const NAME: &'static str = "GetFunctionScalingConfig";
    const ROUTE: &'static str =
        "GET /2025-11-30/functions/{FunctionName}/function-scaling-config 200";
    const ABOUT: &'static str =
        "Returns the minimum and maximum number of execution environments of a published version.";
    type Response = GetFunctionScalingConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetFunctionScalingConfigResponse> {
        let target = lambda.scaled(&self.function_name, &self.qualifier)?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                check_there(&view.head, &target, |number| view.version(number))?;
                let attached = view.head.attached.get(target.key());
                let scaling = attached.and_then(|attached| attached.scaling.as_ref());
                let config = scaling.map(FunctionScalingConfig::from);
                Ok(GetFunctionScalingConfigResponse {
                    function_arn: target.asked().to_string(),
                    applied_function_scaling_config: config.clone(),
                    requested_function_scaling_config: config,
                })
            },
        )
    }
}
