//! `GetProvisionedConcurrencyConfig`: returns the provisioned concurrency of a version or an alias, and if its
//! environments are ready.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::has},
    state::{
        error::{Code, ServiceError},
        name::{FunctionName, ProvisionedQualifier},
    },
};

use super::provisioned::{ProvisionedConcurrencyConfig, of, published};

/// Request of GetProvisionedConcurrencyConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetProvisionedConcurrencyConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The version or the alias.
    qualifier: ProvisionedQualifier,
}

impl Operation for GetProvisionedConcurrencyConfigRequest {
    const NAME: &'static str = "GetProvisionedConcurrencyConfig";
    const ROUTE: &'static str =
        "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency 200";
    const ABOUT: &'static str =
        "Returns the provisioned concurrency of a version or an alias, with its status.";
    type Response = ProvisionedConcurrencyConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<ProvisionedConcurrencyConfig> {
        let target = lambda.target(&self.function_name, Some(&self.qualifier))?;
        published(&target)?;
        lambda.view(
            &target,
            || target.missing(),
            |view| {
                if !has(&view.head, target.key(), |number| view.version(number))? {
                    return Err(target.missing().into());
                }
                let provisioned = of(&view.head, target.key()).ok_or_else(|| {
                    ServiceError::new(
                        Code::ProvisionedConcurrencyConfigNotFoundException,
                        "No Provisioned Concurrency Config found for this function",
                    )
                })?;
                Ok(provisioned.into())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn none_is_an_error_of_its_own() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let refused = lambda.refused(
            "GetProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1" }),
        );
        assert_eq!(
            refused.to_string(),
            "(ProvisionedConcurrencyConfigNotFoundException): No Provisioned Concurrency Config found for this function"
        );
        assert_eq!(refused.code.status(), 404);
    }

    #[test]
    fn latest_has_none() {
        let lambda = Sandbox::with("pay");
        for operation in [
            "GetProvisionedConcurrencyConfig",
            "DeleteProvisionedConcurrencyConfig",
        ] {
            assert_eq!(
                lambda.error(
                    operation,
                    json!({ "FunctionName": "pay", "Qualifier": "$LATEST" })
                ),
                "(InvalidParameterValueException): The function resource provided must be an alias or a published version."
            );
        }
    }
}
