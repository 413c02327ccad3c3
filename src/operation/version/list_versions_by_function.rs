//! `ListVersionsByFunction`: returns `$LATEST`, and then every published version in the order of its number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::configuration::FunctionConfiguration,
        page::{behind, cut},
        resolve::{against_published, function_not_found},
    },
    state::{arn::Arn, function::Function, name::NamespacedFunctionName},
    store::collection::View,
};

/// Request of ListVersionsByFunction.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListVersionsByFunctionRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of versions to return. A page has at most 50.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Response of ListVersionsByFunction.
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
        "Returns a list of versions, $LATEST first, with the configuration of each.";
    const LISTS: &'static [&'static str] = &["Versions"];
    type Response = ListVersionsByFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListVersionsByFunctionResponse> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        lambda.view(
            &target,
            || function_not_found(&target.arn),
            |view| {
                let numbers = match lambda.explained {
                    Some(_) => view.numbers()?,
                    None => Vec::new(),
                };
                lambda.explain(|| {
                    let count = numbers.len() as u64;
                    let gone = match view.head.last_version.saturating_sub(count) {
                        0 => String::new(),
                        gone => format!(
                            " Of the numbers up to {}, {gone} belong to deleted versions and are never used again.",
                            view.head.last_version
                        ),
                    };
                    format!(
                        "$LATEST comes first, and updates change it; {count} published, which never change. {}{gone}",
                        against_published(lambda, &view.head)
                    )
                });
                let after = behind(self.marker.as_deref())?;
                let page = cut(versions(view, &target.arn, after), self.max_items)?;
                Ok(ListVersionsByFunctionResponse {
                    next_marker: page.next_marker,
                    versions: page.items,
                })
            },
        )
    }
}

/// `$LATEST` and the published versions of a function, in the form that lists have, with their numbers. `$LATEST` has
/// the number 0, so that it comes first. With `after`, returns only versions with a larger number.
pub fn versions(
    view: &View<'_, Function>,
    arn: &Arn,
    after: Option<u64>,
) -> impl Iterator<Item = Result<(u64, FunctionConfiguration)>> {
    let latest = || FunctionConfiguration::of_latest(&view.head, &arn.qualified("$LATEST"));
    let latest = after.is_none().then(|| Ok((0, latest().listed())));
    let published = view.behind(after.unwrap_or(0)).map(|found| {
        let (number, version) = found?;
        let arn = arn.qualified(&version.version);
        let shown = FunctionConfiguration::of_version(&view.head, &version, &arn);
        Ok((number, shown.listed()))
    });
    latest.into_iter().chain(published)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn published(count: u64) -> Sandbox {
        let lambda = Sandbox::new();
        lambda.create_with("pay", json!({ "Publish": true }));
        for n in 1..count {
            lambda.update_code("pay", &n.to_string(), json!({ "Publish": true }));
        }
        lambda
    }

    fn arns(page: &Value) -> Vec<String> {
        let versions = page["Versions"].as_array().expect("versions");
        let arn = |version: &Value| {
            version["FunctionArn"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        versions.iter().map(arn).collect()
    }

    #[test]
    fn latest_comes_first_and_ten_after_nine() {
        let lambda = published(11);
        let page = lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }));
        let expected: Vec<String> = std::iter::once(format!("{ARN}:$LATEST"))
            .chain((1..=11).map(|n| format!("{ARN}:{n}")))
            .collect();
        assert_eq!(arns(&page), expected);
        let members: Vec<&String> = page.as_object().expect("members").keys().collect();
        assert_eq!(members, ["Versions"]);
    }

    #[test]
    fn an_entry_is_what_get_shows_without_states_and_build() {
        let lambda = published(1);
        let page = lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }));
        for (entry, name) in [(0, "pay:$LATEST"), (1, "pay:1")] {
            let mut read = lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }));
            for member in ["State", "LastUpdateStatus", "RuntimeVersionConfig"] {
                assert!(
                    read.as_object_mut()
                        .and_then(|read| read.shift_remove(member))
                        .is_some()
                );
            }
            assert_eq!(page["Versions"][entry], read);
        }
    }

    #[test]
    fn pages_walk_all_versions() {
        let lambda = published(3);
        let first = lambda.call(
            "ListVersionsByFunction",
            json!({ "FunctionName": "pay", "MaxItems": 3 }),
        );
        assert_eq!(
            first.as_object().and_then(|page| page.keys().next()),
            Some(&"NextMarker".to_owned())
        );
        let rest = lambda.call(
            "ListVersionsByFunction",
            json!({ "FunctionName": "pay", "MaxItems": 3, "Marker": first["NextMarker"] }),
        );
        assert_eq!(
            (arns(&first).len(), arns(&rest)),
            (3, vec![format!("{ARN}:3")])
        );
        assert_eq!(rest.get("NextMarker"), None);
    }

    #[test]
    fn a_file_that_names_no_version_is_none() {
        let lambda = published(1);
        let one = lambda.file_of("pay", "versions/1.json");
        for name in [
            "01.json",
            "+1.json",
            "0.json",
            "2.json",
            "x.json",
            "1.json.new",
            "1",
        ] {
            fs::copy(&one, lambda.file_of("pay", "versions").join(name)).expect("a copy");
        }
        let page = lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }));
        assert_eq!(arns(&page), [format!("{ARN}:$LATEST"), format!("{ARN}:1")]);
    }

    #[test]
    fn refuses_an_unknown_function_and_a_foreign_marker() {
        let lambda = published(1);
        assert_eq!(
            lambda.error("ListVersionsByFunction", json!({ "FunctionName": "nope" })),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
        );
        let request = json!({ "FunctionName": "pay", "Marker": "x" });
        assert_eq!(
            lambda
                .refused("ListVersionsByFunction", request)
                .code
                .name(),
            "InvalidParameterValueException"
        );
    }
}
