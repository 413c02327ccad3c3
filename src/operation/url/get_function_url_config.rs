//! `GetFunctionUrlConfig`: returns the HTTPS endpoint of a function or an alias.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::no_such_resource},
    state::name::{FunctionName, UrlQualifier},
};

use super::config::{self, FunctionUrlConfig};

/// Request of GetFunctionUrlConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionUrlConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The alias whose URL is returned.
    qualifier: Option<UrlQualifier>,
}

impl Operation for GetFunctionUrlConfigRequest {
    const NAME: &'static str = "GetFunctionUrlConfig";
    const ROUTE: &'static str = "GET /2021-10-31/functions/{FunctionName}/url 200";
    const ABOUT: &'static str = "Returns details about a Lambda function URL.";
    type Response = FunctionUrlConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionUrlConfig> {
        let target = config::target(lambda, &self.function_name, self.qualifier.as_deref())?;
        lambda.view(&target, no_such_resource, |view| {
            let url = config::of(&view.head, target.key()).ok_or_else(no_such_resource)?;
            Ok(FunctionUrlConfig::of(&target.asked(), url))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn the_mode_is_always_told() {
        let lambda = Sandbox::with("pay");
        let made = lambda.call(
            "CreateFunctionUrlConfig",
            json!({ "FunctionName": "pay", "AuthType": "NONE" }),
        );
        let read = lambda.call("GetFunctionUrlConfig", json!({ "FunctionName": "pay" }));
        let members: Vec<&String> = read.as_object().expect("members").keys().collect();
        assert_eq!(
            members,
            [
                "FunctionUrl",
                "FunctionArn",
                "AuthType",
                "CreationTime",
                "LastModifiedTime",
                "InvokeMode"
            ]
        );
        assert_eq!(read["InvokeMode"], "BUFFERED");
        assert_eq!(read["FunctionUrl"], made["FunctionUrl"]);
    }
}
