//! `DeleteAlias`: takes a name away; the version stays.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::name::{AliasName, FunctionName},
};

/// What DeleteAlias takes.
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
    const ABOUT: &'static str = "Deletes a Lambda function alias. The version it points at stays.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.edit(&target, Self::NAME, |edit| {
            // An unknown alias is no error (recorded from AWS 2025-11).
            edit.head.aliases.remove(&*self.name);
            Ok(())
        })
    }
}
