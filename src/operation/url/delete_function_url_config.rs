//! `DeleteFunctionUrlConfig`: deletes the HTTPS endpoint of a function or an alias.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::no_such_resource},
    state::name::{FunctionName, UrlQualifier},
};

use super::config;

/// Request of DeleteFunctionUrlConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionUrlConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The alias whose URL is deleted. Without this option, the function's own URL is deleted, and the URLs of aliases
    /// stay.
    qualifier: Option<UrlQualifier>,
}

impl Operation for DeleteFunctionUrlConfigRequest {
    const NAME: &'static str = "DeleteFunctionUrlConfig";
    const ROUTE: &'static str = "DELETE /2021-10-31/functions/{FunctionName}/url 204";
    const ABOUT: &'static str =
        "Deletes a Lambda function URL. A new URL of the same function gets another address.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = config::target(lambda, &self.function_name, self.qualifier.as_deref())?;
        lambda.edit_or(&target, no_such_resource, Self::NAME, |edit| {
            lambda.explain(|| {
                format!(
                    "The address of {} is lost: a new URL gets another one.",
                    target.named()
                )
            });
            edit.head
                .attach(target.key(), |attached| attached.url.take())
                .map(|_| ())
                .ok_or_else(|| no_such_resource().into())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn the_function_s_goes_and_an_alias_s_stays_until_the_alias_goes() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        lambda.call("CreateAlias", alias.clone());
        let make = |name: &str| {
            lambda.call(
                "CreateFunctionUrlConfig",
                json!({ "FunctionName": name, "AuthType": "NONE" }),
            )["FunctionUrl"]
                .clone()
        };
        let first = make("pay");
        make("pay:live");
        let of = |name: &str| json!({ "FunctionName": name });
        assert_eq!(
            lambda.call("DeleteFunctionUrlConfig", of("pay")),
            Value::Null
        );
        assert!(lambda.try_call("GetFunctionUrlConfig", of("pay")).is_err());
        lambda.call("GetFunctionUrlConfig", of("pay:live"));
        assert_ne!(make("pay"), first);
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "live" }),
        );
        lambda.call("CreateAlias", alias);
        assert!(
            lambda
                .try_call("GetFunctionUrlConfig", of("pay:live"))
                .is_err()
        );
    }
}
