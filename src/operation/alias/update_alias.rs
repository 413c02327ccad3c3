//! `UpdateAlias`: moves an alias, or changes its description or weights. What is not given is kept.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, resolve::stale_revision},
    state::{
        error::{Code, ServiceError},
        name::{AliasName, Description, FunctionName, FunctionVersion},
    },
};

use super::configuration::{AliasConfiguration, AliasRoutingConfiguration, check_target};

/// What UpdateAlias takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias.
    name: AliasName,
    /// The function version that the alias invokes.
    function_version: Option<FunctionVersion>,
    /// A description of the alias.
    description: Option<Description>,
    /// A second version that gets part of the traffic, as AdditionalVersionWeights={2=0.1}. AdditionalVersionWeights={}
    /// ends the split.
    routing_config: Option<AliasRoutingConfiguration>,
    /// Only update the alias if the RevisionId matches its own. It guards against overwriting somebody else's update.
    revision_id: Option<String>,
}

impl Operation for UpdateAliasRequest {
    const NAME: &'static str = "UpdateAlias";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/aliases/{Name} 200";
    const ABOUT: &'static str = "Updates the configuration of a Lambda function alias: moves it to another version, or splits \
        its traffic between two. What is not given is kept.";
    type Response = AliasConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<AliasConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = &target.arn;
        lambda.edit(&target, Self::NAME, |edit| {
            let Some(mut alias) = edit.head.aliases.get(&*self.name).cloned() else {
                // GetAlias says it in other words (recorded from AWS 2025-11).
                return Err(ServiceError::new(
                    Code::ResourceNotFoundException,
                    format!("Alias not found: {}", arn.qualified(&self.name)),
                )
                .into());
            };
            if self
                .revision_id
                .is_some_and(|given| given != alias.revision_id)
            {
                return Err(stale_revision().into());
            }
            if let Some(version) = self.function_version {
                alias.function_version = version.0;
            }
            if let Some(description) = self.description {
                alias.description = description.0;
            }
            if let Some(routing) = self.routing_config {
                // Replaced whole: `{}` ends the split, too (AWS Compute Blog, alias traffic shifting).
                alias.additional_version_weights = routing
                    .additional_version_weights
                    .map(|weights| weights.0)
                    .unwrap_or_default();
            }
            check_target(edit, arn, &alias)?;
            // Even an update that changes nothing brings a new RevisionId (recorded from AWS 2025-11).
            alias.revision_id = edit.next_id();
            let answer = AliasConfiguration::of(arn, &self.name, &alias);
            edit.head.aliases.insert(self.name.0, alias);
            Ok(answer)
        })
    }
}
