//! `ListLayerVersions`: returns the versions of a layer, the newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::members::{Filter, LayerVersionsListItem};
use crate::{
    operation::{
        Lambda, Operation, Result,
        function::members::{Architecture, wire},
        page::{Page, behind, cut},
    },
    state::name::{LayerName, RuntimeFilter},
};

/// Request of ListLayerVersions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayerVersionsRequest {
    /// Only return versions for this instruction set.
    #[schemars(extend("x-last" = true))]
    compatible_architecture: Option<Architecture>,
    /// Only return versions for this runtime.
    compatible_runtime: Option<RuntimeFilter>,
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of versions to return. A page has at most 50.
    #[schemars(range(min = 1, max = 50))]
    max_items: Option<u64>,
}

/// Response of ListLayerVersions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayerVersionsResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The versions.
    layer_versions: Vec<LayerVersionsListItem>,
}

impl Operation for ListLayerVersionsRequest {
    const NAME: &'static str = "ListLayerVersions";
    const ROUTE: &'static str = "GET /2018-10-31/layers/{LayerName}/versions 200";
    const ABOUT: &'static str = "Returns a list of the versions of a layer, the newest first, without deleted ones. \
        With a runtime or an instruction set, only versions for it are listed.";
    const LISTS: &'static [&'static str] = &["LayerVersions"];
    type Response = ListLayerVersionsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListLayerVersionsResponse> {
        let target = lambda.layer(&self.layer_name, Self::NAME, None)?;
        let filter = Filter {
            runtime: self.compatible_runtime.map(|name| name.0),
            architecture: self.compatible_architecture.map(wire),
        };
        let page = lambda.layers().view(&target.name, |view| {
            let after: Option<u64> = behind(self.marker.as_deref())?;
            let shown = view.before(after.unwrap_or(u64::MAX)).filter(|found| {
                let passes = |(_, version): &(u64, _)| filter.passes(version);
                found.as_ref().map_or(true, passes)
            });
            let shown = shown.map(|found| {
                let (number, version) = found?;
                Ok((number, LayerVersionsListItem::of(&target, number, version)))
            });
            cut(shown, self.max_items)
        })?;
        // An unknown layer has no versions (recorded from AWS 2025-11).
        let Page { items, next_marker } = page.unwrap_or(Page {
            items: Vec::new(),
            next_marker: None,
        });
        Ok(ListLayerVersionsResponse {
            next_marker,
            layer_versions: items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn numbers(page: &Value) -> Vec<u64> {
        let versions = page["LayerVersions"].as_array().expect("versions");
        versions
            .iter()
            .filter_map(|version| version["Version"].as_u64())
            .collect()
    }

    fn listed(lambda: &Sandbox, more: Value) -> Vec<u64> {
        let mut request = more;
        request["LayerName"] = json!("lib");
        numbers(&lambda.call("ListLayerVersions", request))
    }

    #[test]
    fn the_newest_comes_first_and_ten_before_nine() {
        let lambda = Sandbox::new();
        for _ in 0..11 {
            lambda.publish_layer("lib", json!({}));
        }
        lambda.call(
            "DeleteLayerVersion",
            json!({ "LayerName": "lib", "VersionNumber": 7 }),
        );
        assert_eq!(listed(&lambda, json!({})), [11, 10, 9, 8, 6, 5, 4, 3, 2, 1]);
        let (mut seen, mut request) = (Vec::new(), json!({ "LayerName": "lib", "MaxItems": 4 }));
        loop {
            let page = lambda.call("ListLayerVersions", request.clone());
            assert!(numbers(&page).len() <= 4);
            seen.extend(numbers(&page));
            match page.get("NextMarker") {
                Some(marker) => request["Marker"] = marker.clone(),
                None => break,
            }
        }
        assert_eq!(seen, [11, 10, 9, 8, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn an_entry_has_no_content() {
        let lambda = Sandbox::new();
        let mut published = lambda.publish_layer(
            "lib",
            json!({ "CompatibleRuntimes": ["python3.12"], "LicenseInfo": "MIT" }),
        );
        let members = published.as_object_mut().expect("members");
        members.shift_remove("Content");
        members.shift_remove("LayerArn");
        let page = lambda.call("ListLayerVersions", json!({ "LayerName": "lib" }));
        assert_eq!(page, json!({ "LayerVersions": [published] }));
    }

    #[test]
    fn an_unknown_layer_has_no_versions() {
        let lambda = Sandbox::new();
        let empty = json!({ "LayerVersions": [] });
        let request = json!({ "LayerName": "lib" });
        assert_eq!(lambda.call("ListLayerVersions", request.clone()), empty);
        lambda.publish_layer("lib", json!({}));
        lambda.call(
            "DeleteLayerVersion",
            json!({ "LayerName": "lib", "VersionNumber": 1 }),
        );
        assert_eq!(lambda.call("ListLayerVersions", request), empty);
    }

    #[test]
    fn filters_by_runtime_and_architecture() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        lambda.publish_layer(
            "lib",
            json!({ "CompatibleRuntimes": ["python3.12", "python3.13"] }),
        );
        lambda.publish_layer("lib", json!({ "CompatibleArchitectures": ["arm64"] }));
        lambda.publish_layer(
            "lib",
            json!({ "CompatibleRuntimes": ["python3.12"], "CompatibleArchitectures": ["x86_64", "arm64"] }),
        );
        for (filter, numbers) in [
            (json!({ "CompatibleRuntime": "python3.12" }), vec![4, 2]),
            (
                json!({ "CompatibleRuntime": "python3.12", "MaxItems": 1 }),
                vec![4],
            ),
            (json!({ "CompatibleRuntime": "python2.7" }), vec![]),
            (json!({ "CompatibleArchitecture": "arm64" }), vec![4, 3]),
            (
                json!({ "CompatibleRuntime": "python3.12", "CompatibleArchitecture": "x86_64" }),
                vec![4],
            ),
        ] {
            assert_eq!(listed(&lambda, filter.clone()), numbers, "{filter}");
        }
    }

    #[test]
    fn refuses_filters_that_are_none() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.error(
                "ListLayerVersions",
                json!({ "LayerName": "lib", "CompatibleArchitecture": "arm" })
            ),
            "(ValidationException): 1 validation error detected: Value 'arm' at 'compatibleArchitecture' failed to satisfy \
             constraint: Member must satisfy enum value set: [x86_64, arm64]"
        );
        let told = lambda.error(
            "ListLayerVersions",
            json!({ "LayerName": "lib", "CompatibleRuntime": "python9", "CompatibleArchitecture": "arm" }),
        );
        assert!(
            told.starts_with(
                "(ValidationException): 2 validation errors detected: Value 'python9' at 'compatibleRuntime' failed to \
                 satisfy constraint: Member must satisfy enum value set: [ruby3.5, "
            ),
            "{told}"
        );
        assert_eq!(
            lambda.error(
                "ListLayerVersions",
                json!({ "LayerName": "lib", "MaxItems": 51 })
            ),
            "(ValidationException): 1 validation error detected: Value '51' at 'maxItems' failed to satisfy constraint: \
             Member must have value less than or equal to 50"
        );
    }

    #[test]
    fn refuses_a_foreign_marker() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        assert_eq!(
            lambda.error(
                "ListLayerVersions",
                json!({ "LayerName": "lib", "Marker": "x" })
            ),
            "(InvalidParameterValueException): The pagination token is invalid."
        );
    }
}
