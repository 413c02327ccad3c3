//! `CreateAlias`: gives a published version a name that can move.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        alias::Alias,
        error::{Code, ServiceError},
        name::{AliasName, Description, FunctionName, FunctionVersion},
    },
};

use super::configuration::{AliasConfiguration, AliasRoutingConfiguration, check_target};

/// What CreateAlias takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias. It may not be a number.
    name: AliasName,
    /// The function version that the alias invokes.
    function_version: FunctionVersion,
    /// A description of the alias.
    description: Option<Description>,
    /// A second version that gets part of the traffic, as AdditionalVersionWeights={2=0.1}.
    routing_config: Option<AliasRoutingConfiguration>,
}

impl Operation for CreateAliasRequest {
    const NAME: &'static str = "CreateAlias";
    const ROUTE: &'static str = "POST /2015-03-31/functions/{FunctionName}/aliases 201";
    const ABOUT: &'static str = "Creates an alias for a Lambda function version. Use aliases to give clients a name that you \
        can move to another version. An alias can split its traffic between two versions.";
    type Response = AliasConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<AliasConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = &target.arn;
        lambda.edit(&target, Self::NAME, |edit| {
            if edit.head.aliases.contains_key(&*self.name) {
                return Err(ServiceError::new(
                    Code::ResourceConflictException,
                    format!("Alias already exists: {}", arn.qualified(&self.name)),
                )
                .into());
            }
            let alias = Alias {
                function_version: self.function_version.0,
                description: self.description.map(|text| text.0).unwrap_or_default(),
                additional_version_weights: self
                    .routing_config
                    .and_then(|routing| routing.additional_version_weights)
                    .map(|weights| weights.0)
                    .unwrap_or_default(),
                revision_id: edit.next_id(),
            };
            check_target(edit, arn, &alias)?;
            let answer = AliasConfiguration::of(arn, &self.name, &alias);
            edit.head.aliases.insert(self.name.0, alias);
            Ok(answer)
        })
    }
}
