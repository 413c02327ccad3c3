//! `DeleteAlias`: deletes an alias and keeps the version.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, explain::called},
    state::name::{AliasName, FunctionName},
};

/// Request of DeleteAlias.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias.
    name: AliasName,
}

impl Operation for DeleteAliasRequest {
    const NAME: &'static str = "DeleteAlias";
    const ROUTE: &'static str = "DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name} 204";
    const ABOUT: &'static str =
        "Deletes a Lambda function alias. The version that it points at stays.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.edit(&target, Self::NAME, |edit| {
            // It is not an error if the alias does not exist (recorded from AWS 2025-11).
            let gone = edit.head.aliases.remove(&*self.name);
            lambda.explain(|| match gone {
                Some(alias) => format!(
                    "The alias {} is deleted with its policy and settings; {} stays. Calls of {}:{} fail.",
                    &*self.name,
                    called(&alias.function_version),
                    target.name(),
                    &*self.name
                ),
                None => format!(
                    "There is no alias {}. It is not an error to delete a missing alias, so a clean-up can run \
                     twice.",
                    &*self.name
                ),
            });
            edit.head.attached.remove(&*self.name);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn the_name_goes_and_the_version_stays() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        let first = lambda.call("CreateAlias", alias.clone());
        assert_eq!(
            lambda.call(
                "DeleteAlias",
                json!({ "FunctionName": "pay", "Name": "live" })
            ),
            Value::Null
        );
        assert_eq!(
            lambda
                .refused("GetFunction", json!({ "FunctionName": "pay:live" }))
                .code
                .status(),
            404
        );
        lambda.call("GetFunction", json!({ "FunctionName": "pay:1" }));
        let second = lambda.call("CreateAlias", alias);
        assert_ne!(first["RevisionId"], second["RevisionId"]);
    }

    #[test]
    fn an_unknown_alias_is_no_error_and_writes_nothing_but_an_unknown_function_is() {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "nope" }),
        );
        assert_eq!(before, lambda.files());
        assert_eq!(
            lambda.error(
                "DeleteAlias",
                json!({ "FunctionName": "nope", "Name": "live" })
            ),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
        );
    }
}
