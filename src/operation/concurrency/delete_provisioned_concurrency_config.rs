//! `DeleteProvisionedConcurrencyConfig`: ends the provisioned concurrency of a version or an alias.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::has},
    state::name::{FunctionName, ProvisionedQualifier},
};

use super::provisioned::published;

/// Request of DeleteProvisionedConcurrencyConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteProvisionedConcurrencyConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The version or the alias.
    qualifier: ProvisionedQualifier,
}

impl Operation for DeleteProvisionedConcurrencyConfigRequest {
    const NAME: &'static str = "DeleteProvisionedConcurrencyConfig";
    const ROUTE: &'static str =
        "DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency 204";
    const ABOUT: &'static str = "Deletes the provisioned concurrency of a version or an alias.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = lambda.target(&self.function_name, Some(&self.qualifier))?;
        published(&target)?;
        lambda.edit_or(
            &target,
            || target.missing(),
            Self::NAME,
            |edit| {
                if !has(&edit.head, target.key(), |number| edit.version(number))? {
                    return Err(target.missing().into());
                }
                // It is not an error if there is no configuration (recorded from AWS 2025-11).
                lambda.explain(|| {
                    format!(
                        "Lambda keeps no environments ready for {}, so its invocations start cold. It is not an \
                         error if there were none.",
                        target.named()
                    )
                });
                edit.head.attach(target.key(), |attached| {
                    attached.provisioned_concurrency = None;
                });
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn it_goes_and_none_is_no_error() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let of = json!({ "FunctionName": "pay", "Qualifier": "1" });
        lambda.call(
            "PutProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1 }),
        );
        assert_eq!(
            lambda.call("DeleteProvisionedConcurrencyConfig", of.clone()),
            Value::Null
        );
        lambda.refused("GetProvisionedConcurrencyConfig", of.clone());
        let before = lambda.files();
        lambda.call("DeleteProvisionedConcurrencyConfig", of);
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn it_goes_with_its_version() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "PutProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1 }),
        );
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay:1" }));
        assert_eq!(
            lambda.call(
                "ListProvisionedConcurrencyConfigs",
                json!({ "FunctionName": "pay" })
            ),
            json!({ "ProvisionedConcurrencyConfigs": [] })
        );
    }
}
