//! `ListFunctions`: every function here, bytewise by name, and with FunctionVersion=ALL every version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, page},
        resolve::invalid,
    },
    state::name::MasterRegion,
};

use super::configuration::FunctionConfiguration;

/// What ListFunctions takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsRequest {
    /// For Lambda@Edge functions, the region of the main function, or ALL. Requires FunctionVersion=ALL.
    master_region: Option<MasterRegion>,
    /// ALL includes every published version.
    function_version: Option<AllVersions>,
    /// The token of the page to answer, from the page before.
    marker: Option<String>,
    /// The most functions to answer. A page has 50 at the most.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Which versions to list.
#[allow(missing_docs, reason = "the variant is AWS's own word")]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AllVersions {
    All,
}

/// What ListFunctions answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The functions.
    functions: Vec<FunctionConfiguration>,
}

impl Operation for ListFunctionsRequest {
    const NAME: &'static str = "ListFunctions";
    const ROUTE: &'static str = "GET /2015-03-31/functions 200";
    const ABOUT: &'static str = "Answers a list of Lambda functions, with the configuration of $LATEST of each, or of every \
        version with --function-version ALL.";
    type Response = ListFunctionsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListFunctionsResponse> {
        if self.master_region.is_some() {
            if self.function_version.is_none() {
                return Err(invalid("MasterRegion requires FunctionVersion to be ALL.").into());
            }
            // No function here is a replica.
            return Ok(ListFunctionsResponse {
                next_marker: None,
                functions: Vec::new(),
            });
        }
        let collection = lambda.functions();
        let arn = |name: &str| lambda.place.scope.function(name);
        let mut functions = Vec::new();
        if self.function_version.is_none() {
            let Page { items, next_marker } =
                page(collection.names()?, self.marker.as_deref(), self.max_items)?;
            for name in items {
                let shown = collection.view(&name, |view| {
                    Ok(FunctionConfiguration::of_latest(&view.head, &arn(&name)).listed())
                })?;
                functions.extend(shown);
            }
            return Ok(ListFunctionsResponse {
                next_marker,
                functions,
            });
        }
        // MaxItems counts entries, so that a page may end within a function (recorded from AWS 2025-11). 0 is $LATEST.
        let mut entries: Vec<(String, u64)> = Vec::new();
        for name in collection.names()? {
            if let Some(numbers) = collection.view(&name, |view| view.numbers())? {
                entries.extend(
                    std::iter::once(0)
                        .chain(numbers)
                        .map(|number| (name.clone(), number)),
                );
            }
        }
        let Page { items, next_marker } = page(entries, self.marker.as_deref(), self.max_items)?;
        for (name, number) in items {
            let shown = collection.view(&name, |view| {
                let arn = arn(&name);
                Ok(match number {
                    0 => Some(FunctionConfiguration::of_latest(
                        &view.head,
                        &arn.qualified("$LATEST"),
                    )),
                    _ => view.version(number)?.map(|version| {
                        FunctionConfiguration::of_version(
                            &view.head,
                            &version,
                            &arn.qualified(&version.version),
                        )
                    }),
                })
            })?;
            functions.extend(shown.flatten().map(FunctionConfiguration::listed));
        }
        Ok(ListFunctionsResponse {
            next_marker,
            functions,
        })
    }
}
