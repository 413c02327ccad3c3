//! `ListAliases`: returns a function's aliases, in the byte order of their names.

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

/// Request of ListAliases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// Return only aliases that point at this version.
    function_version: Option<FunctionVersion>,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of aliases to return. A page has at most 50.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Response of ListAliases.
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
    const ABOUT: &'static str = "Returns a list of aliases of a Lambda function.";
    const LISTS: &'static [&'static str] = &["Aliases"];
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    /// A function with versions 1 and 2. Aliases `a` and `Z` point at version 1, `m` at version 2. `split` points at
    /// version 2 and sends part of the traffic to version 1.
    fn aliased() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        for (name, version, weights) in [
            ("m", "2", json!({})),
            ("a", "1", json!({})),
            ("Z", "1", json!({})),
            ("split", "2", json!({ "1": 0.1 })),
        ] {
            lambda.call(
                "CreateAlias",
                json!({
                    "FunctionName": "pay",
                    "Name": name,
                    "FunctionVersion": version,
                    "RoutingConfig": { "AdditionalVersionWeights": weights },
                }),
            );
        }
        lambda
    }

    fn names(page: &Value) -> Vec<Value> {
        let aliases = page["Aliases"].as_array().expect("aliases");
        aliases.iter().map(|alias| alias["Name"].clone()).collect()
    }

    #[test]
    fn aliases_stand_bytewise_by_name_as_get_alias_shows_them() {
        let lambda = aliased();
        let page = lambda.call("ListAliases", json!({ "FunctionName": "pay" }));
        assert_eq!(names(&page), ["Z", "a", "m", "split"]);
        assert_eq!(page.get("NextMarker"), None);
        assert_eq!(
            page["Aliases"][3],
            lambda.call(
                "GetAlias",
                json!({ "FunctionName": "pay", "Name": "split" })
            )
        );
    }

    #[test]
    fn a_version_filters_by_where_aliases_point() {
        let lambda = aliased();
        for (version, expected) in [
            ("1", vec!["Z", "a"]),
            ("2", vec!["m", "split"]),
            ("7", vec![]),
        ] {
            let page = lambda.call(
                "ListAliases",
                json!({ "FunctionName": "pay", "FunctionVersion": version }),
            );
            assert_eq!(names(&page), expected);
        }
    }

    #[test]
    fn pages_of_one_walk_all_of_them() {
        let lambda = aliased();
        let mut request = json!({ "FunctionName": "pay", "MaxItems": 1 });
        let mut seen = Vec::new();
        loop {
            let page = lambda.call("ListAliases", request.clone());
            assert_eq!(names(&page).len(), 1);
            seen.extend(names(&page));
            match page.get("NextMarker") {
                Some(marker) => request["Marker"] = marker.clone(),
                None => break,
            }
        }
        assert_eq!(seen, ["Z", "a", "m", "split"]);
    }

    #[test]
    fn refuses_an_unknown_function_and_a_foreign_marker() {
        let lambda = aliased();
        assert_eq!(
            lambda.error("ListAliases", json!({ "FunctionName": "nope" })),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
        );
        let request = json!({ "FunctionName": "pay", "Marker": "MQ==" });
        assert_eq!(
            lambda.refused("ListAliases", request).code.name(),
            "InvalidParameterValueException"
        );
    }
}
