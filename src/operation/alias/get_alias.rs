//! `GetAlias`: where an alias points.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::function_not_found},
    state::{
        error::{Code, ServiceError},
        name::{AliasName, FunctionName},
    },
};

use super::configuration::AliasConfiguration;

/// What GetAlias takes.
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
    const ABOUT: &'static str = "Answers details about a Lambda function alias.";
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
                Ok(AliasConfiguration::of(&target.arn, &self.name, alias))
            },
        )
    }
}
