//! `GetAlias`: returns an alias and the versions that it points at.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::{
        error::{Code, ServiceError},
        name::{AliasName, FunctionName},
    },
};

use super::configuration::{AliasConfiguration, traffic};

/// Request of GetAlias.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias.
    name: AliasName,
}

impl Operation for GetAliasRequest {
    const NAME: &'static str = "GetAlias";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/aliases/{Name} 200";
    const ABOUT: &'static str = "Returns details about a Lambda function alias.";
    type Response = AliasConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<AliasConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let alias = view.head.aliases.get(&*self.name).ok_or_else(|| {
                    ServiceError::new(
                        Code::ResourceNotFoundException,
                        format!(
                            "Cannot find alias arn: {}",
                            target.arn.qualified(&self.name)
                        ),
                    )
                })?;
                lambda.explain(|| {
                    format!(
                        "{} Its RevisionId guards the next update-alias: pass it with --revision-id.",
                        traffic(&target.arn, &self.name, alias)
                    )
                });
                Ok(AliasConfiguration::of(&target.arn, &self.name, alias))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn an_unknown_alias_or_function_is_named() {
        let lambda = Sandbox::with("pay");
        let arn = "arn:aws:lambda:us-east-1:123456789012:function";
        for (name, told) in [
            ("pay", format!("Cannot find alias arn: {arn}:pay:live")),
            ("nope", format!("Function not found: {arn}:nope")),
        ] {
            assert_eq!(
                lambda.error("GetAlias", json!({ "FunctionName": name, "Name": "live" })),
                format!("(ResourceNotFoundException): {told}")
            );
        }
    }

    #[test]
    fn both_members_are_required() {
        assert_eq!(
            Sandbox::new().error("GetAlias", json!({})),
            "(ValidationException): 2 validation errors detected: Value null at 'functionName' failed to satisfy constraint: \
             Member must not be null; Value null at 'name' failed to satisfy constraint: Member must not be null"
        );
    }
}
