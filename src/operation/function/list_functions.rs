//! `ListFunctions`: returns every function, in the byte order of their names. With FunctionVersion=ALL, it returns
//! every version as well.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, behind, cut, size},
        resolve::invalid,
        version::list_versions_by_function::versions,
    },
    state::name::MasterRegion,
};

use super::configuration::FunctionConfiguration;

/// Request of ListFunctions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsRequest {
    /// For Lambda@Edge functions, the region of the main function, or ALL. Requires FunctionVersion=ALL.
    master_region: Option<MasterRegion>,
    /// ALL: also return every published version.
    function_version: Option<AllVersions>,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of functions to return. A page has at most 50.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// The versions to include in a list.
#[allow(missing_docs, reason = "the variant is AWS's own word")]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AllVersions {
    All,
}

/// Response of ListFunctions.
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
    const ABOUT: &'static str = "Returns a list of Lambda functions, each with the configuration of $LATEST. With \
        --function-version ALL, every version of each function is listed.";
    const LISTS: &'static [&'static str] = &["Functions"];
    type Response = ListFunctionsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListFunctionsResponse> {
        if let Some(region) = self.master_region {
            if self.function_version.is_none() {
                // The words are from public reports, 2017.
                return Err(invalid(format!(
                    "The combination MasterArn={region} and FunctionVersion=NULL is not supported. Please see our \
                     documentation for valid combinations of ListFunctions options."
                ))
                .into());
            }
            // Lambda@Edge replicas do not exist here, so the list is empty.
            return Ok(ListFunctionsResponse {
                next_marker: None,
                functions: Vec::new(),
            });
        }
        let page = match self.function_version {
            None => latest_of_each(lambda, self.marker.as_deref(), self.max_items)?,
            Some(AllVersions::All) => all_versions(lambda, self.marker.as_deref(), self.max_items)?,
        };
        Ok(ListFunctionsResponse {
            next_marker: page.next_marker,
            functions: page.items,
        })
    }
}

fn latest_of_each(
    lambda: &Lambda<'_>,
    marker: Option<&str>,
    max_items: Option<u64>,
) -> Result<Page<FunctionConfiguration>> {
    let functions = lambda.functions();
    let after: Option<String> = behind(marker)?;
    let shown = functions.names_behind(after.as_deref()).map(|name| {
        let name = name?;
        let arn = lambda.place.scope.function(&name);
        let shown = functions.view(&name, |view| {
            Ok(FunctionConfiguration::of_latest(&view.head, &arn).listed())
        })?;
        // The function can be missing, because another call may have deleted it in the meantime.
        Ok(shown.map(|shown| (name, shown)))
    });
    cut(shown.filter_map(Result::transpose), max_items)
}

/// Lists the functions and all their versions. MaxItems counts each version, so a page may end between two versions of
/// a function (recorded from AWS 2025-11).
fn all_versions(
    lambda: &Lambda<'_>,
    marker: Option<&str>,
    max_items: Option<u64>,
) -> Result<Page<FunctionConfiguration>> {
    let functions = lambda.functions();
    let after: Option<(String, u64)> = behind(marker)?;
    let others = functions.names_behind(after.as_ref().map(|(name, _)| name.as_str()));
    let others = others.map(|name| -> Result<_> { Ok((name?, None)) });
    let begun = after.clone().map(|(name, number)| Ok((name, Some(number))));
    let mut entries = Vec::new();
    for function in begun.into_iter().chain(others) {
        let (name, after) = function?;
        let arn = lambda.place.scope.function(&name);
        let room = size(max_items) + 1 - entries.len();
        let shown = functions.view(&name, |view| {
            let shown = versions(view, &arn, after).take(room);
            shown.collect::<Result<Vec<_>>>()
        })?;
        let shown = shown.into_iter().flatten();
        entries.extend(shown.map(|(number, shown)| Ok(((name.clone(), number), shown))));
        if entries.len() > size(max_items) {
            break;
        }
    }
    cut(entries, max_items)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function";

    fn arns(page: &Value) -> Vec<String> {
        let functions = page["Functions"].as_array().expect("functions");
        let arn = |function: &Value| {
            function["FunctionArn"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        functions.iter().map(arn).collect()
    }

    /// The items of all pages when each page has that size, and the number of pages.
    fn pages(lambda: &Sandbox, request: &Value) -> (Vec<String>, usize) {
        let (mut seen, mut count, mut request) = (Vec::new(), 0, request.clone());
        loop {
            let page = lambda.call("ListFunctions", request.clone());
            seen.extend(arns(&page));
            count += 1;
            match page.get("NextMarker") {
                Some(marker) => request["Marker"] = marker.clone(),
                None => return (seen, count),
            }
        }
    }

    #[test]
    fn an_empty_state_lists_nothing_and_stays_empty() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.call("ListFunctions", json!({})),
            json!({ "Functions": [] })
        );
        assert!(lambda.files().is_empty());
    }

    #[test]
    fn functions_stand_bytewise_by_name_without_states_and_build() {
        let lambda = Sandbox::new();
        for name in ["pay", "Zoo", "_a", "bill", "0"] {
            lambda.create(name);
        }
        let page = lambda.call("ListFunctions", json!({}));
        let expected = ["0", "Zoo", "_a", "bill", "pay"].map(|name| format!("{ARN}:{name}"));
        assert_eq!(arns(&page), expected);
        for function in page["Functions"].as_array().expect("functions") {
            assert_eq!(function["Version"], "$LATEST");
            for (member, _) in function.as_object().expect("members") {
                assert!(
                    !member.starts_with("State")
                        && !member.starts_with("LastUpdate")
                        && member != "RuntimeVersionConfig",
                    "{member}"
                );
            }
        }
        let mut read = lambda.latest("pay");
        for member in ["State", "LastUpdateStatus", "RuntimeVersionConfig"] {
            assert!(
                read.as_object_mut()
                    .and_then(|read| read.shift_remove(member))
                    .is_some()
            );
        }
        assert_eq!(page["Functions"][4], read, "and all the rest is the same");
    }

    #[test]
    fn all_lists_every_version_and_pages_may_split_a_function() {
        let lambda = Sandbox::new();
        for name in ["a", "b"] {
            lambda.create(name);
            lambda.publish(name);
        }
        let expected = ["a:$LATEST", "a:1", "b:$LATEST", "b:1"].map(|name| format!("{ARN}:{name}"));
        for (size, count) in [(1, 4), (2, 2), (3, 2), (10_000, 1)] {
            let request = json!({ "FunctionVersion": "ALL", "MaxItems": size });
            assert_eq!(
                pages(&lambda, &request),
                (expected.to_vec(), count),
                "{size}"
            );
        }
    }

    #[test]
    fn a_page_ends_at_fifty_whatever_is_asked_for() {
        let lambda = Sandbox::with("f");
        // Adds 51 more functions directly to the state directory.
        let head = fs::read_to_string(lambda.file_of("f", "function.json")).expect("a head");
        for n in 0..51 {
            let name = format!("f{n:02}");
            fs::create_dir(lambda.file_of(&name, "")).expect("a folder");
            let head = head.replace(
                r#""FunctionName": "f""#,
                &format!(r#""FunctionName": "{name}""#),
            );
            fs::write(lambda.file_of(&name, "function.json"), head).expect("a head");
        }
        for request in [json!({}), json!({ "MaxItems": 10_000 })] {
            assert_eq!(
                arns(&lambda.call("ListFunctions", request.clone())).len(),
                50
            );
            let (all, count) = pages(&lambda, &request);
            assert_eq!((all.len(), count), (52, 2));
        }
    }

    #[test]
    fn refuses_what_is_no_all_no_size_and_no_marker() {
        let lambda = Sandbox::new();
        for (request, told) in [
            (
                json!({ "FunctionVersion": "invalid" }),
                "(ValidationException): 1 validation error detected: Value 'invalid' at \
              'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
            ),
            (
                json!({ "MaxItems": 0 }),
                "(ValidationException): 1 validation error detected: Value '0' at 'maxItems' failed to \
              satisfy constraint: Member must have value greater than or equal to 1",
            ),
            (
                json!({ "MaxItems": 10_001 }),
                "(ValidationException): 1 validation error detected: Value '10001' at 'maxItems' \
              failed to satisfy constraint: Member must have value less than or equal to 10000",
            ),
            (
                json!({ "MasterRegion": "us-east-1" }),
                "(InvalidParameterValueException): The combination MasterArn=us-east-1 and FunctionVersion=NULL is not \
              supported. Please see our documentation for valid combinations of ListFunctions options.",
            ),
        ] {
            assert_eq!(lambda.error("ListFunctions", request), told);
        }
        assert_eq!(
            lambda
                .refused("ListFunctions", json!({ "Marker": "zzz" }))
                .code
                .name(),
            "InvalidParameterValueException"
        );
    }

    #[test]
    fn what_is_no_function_s_folder_is_not_listed() {
        let lambda = Sandbox::with("pay");
        fs::write(lambda.here().join("functions/.DS_Store"), "").expect("a file");
        fs::create_dir(lambda.here().join("functions/.git")).expect("a folder");
        assert_eq!(
            arns(&lambda.call("ListFunctions", json!({}))),
            [format!("{ARN}:pay")]
        );
        assert_eq!(
            lambda.call("GetAccountSettings", json!({}))["AccountUsage"]["FunctionCount"],
            1
        );
    }
}
