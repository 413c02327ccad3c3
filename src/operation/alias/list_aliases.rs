//! `ListAliases`: a function's aliases, bytewise by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, page},
        resolve::function_not_found,
    },
    state::name::{FunctionName, FunctionVersion},
};

use super::configuration::AliasConfiguration;

/// What ListAliases takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// Only answer aliases that point at this version.
    function_version: Option<FunctionVersion>,
    /// The token of the page to answer, from the page before.
    marker: Option<String>,
    /// The most aliases to answer. A page has 50 at the most.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// What ListAliases answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The aliases.
    aliases: Vec<AliasConfiguration>,
}

impl Operation for ListAliasesRequest {
    const NAME: &'static str = "ListAliases";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/aliases 200";
    const ABOUT: &'static str = "Answers a list of aliases of a Lambda function.";
    type Response = ListAliasesResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListAliasesResponse> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let wanted = |version: &str| {
                    self.function_version
                        .as_deref()
                        .is_none_or(|wanted| wanted == version)
                };
                let aliases = &view.head.aliases;
                let names = aliases
                    .iter()
                    .filter(|(_, alias)| wanted(&alias.function_version));
                let names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
                let Page { items, next_marker } =
                    page(names, self.marker.as_deref(), self.max_items)?;
                let aliases = items
                    .iter()
                    .filter_map(|name| {
                        Some(AliasConfiguration::of(
                            &target.arn,
                            name,
                            aliases.get(name)?,
                        ))
                    })
                    .collect();
                Ok(ListAliasesResponse {
                    next_marker,
                    aliases,
                })
            },
        )
    }
}
