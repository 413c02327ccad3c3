//! `ListVersionsByFunction`: `$LATEST` first, then every published version by number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::configuration::FunctionConfiguration,
        page::{Page, page},
        resolve::function_not_found,
    },
    state::name::NamespacedFunctionName,
};

/// What ListVersionsByFunction takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListVersionsByFunctionRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// The token of the page to answer, from the page before.
    marker: Option<String>,
    /// The most versions to answer. A page has 50 at the most.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// What ListVersionsByFunction answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListVersionsByFunctionResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The versions.
    versions: Vec<FunctionConfiguration>,
}

impl Operation for ListVersionsByFunctionRequest {
    const NAME: &'static str = "ListVersionsByFunction";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/versions 200";
    const ABOUT: &'static str =
        "Answers a list of versions, $LATEST first, with the configuration of each.";
    type Response = ListVersionsByFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListVersionsByFunctionResponse> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                // $LATEST is 0 here, so that it comes first.
                let numbers = std::iter::once(0).chain(view.numbers()?).collect();
                let Page { items, next_marker } =
                    page(numbers, self.marker.as_deref(), self.max_items)?;
                let mut versions = Vec::with_capacity(items.len());
                for number in items {
                    let shown = match number {
                        0 => Some(FunctionConfiguration::of_latest(
                            &view.head,
                            &target.arn.qualified("$LATEST"),
                        )),
                        _ => view.version(number)?.map(|version| {
                            FunctionConfiguration::of_version(
                                &view.head,
                                &version,
                                &target.arn.qualified(&version.version),
                            )
                        }),
                    };
                    versions.extend(shown.map(FunctionConfiguration::listed));
                }
                Ok(ListVersionsByFunctionResponse {
                    next_marker,
                    versions,
                })
            },
        )
    }
}
