//! `ListLayers`: returns the layers that have versions, in the byte order of their names. Each layer is shown with its
//! newest version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::members::{Filter, LayerVersionsListItem};
use crate::{
    operation::{
        Lambda, Operation, Result,
        function::members::{Architecture, wire},
        page::{Page, behind, cut},
    },
    state::name::RuntimeFilter,
};

/// Request of ListLayers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayersRequest {
    /// Only return layers that have a version for this instruction set.
    #[schemars(extend("x-last" = true))]
    compatible_architecture: Option<Architecture>,
    /// Only return layers that have a version for this runtime.
    compatible_runtime: Option<RuntimeFilter>,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of layers to return. A page has at most 50.
    #[schemars(range(min = 1, max = 50))]
    max_items: Option<u64>,
}

/// Response of ListLayers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayersResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The layers.
    layers: Vec<LayersListItem>,
}

/// A layer and its newest version that matches the filters.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LayersListItem {
    /// The layer's name.
    layer_name: String,
    /// The layer's ARN.
    layer_arn: String,
    /// The newest version that matches the filters.
    latest_matching_version: LayerVersionsListItem,
}

impl Operation for ListLayersRequest {
    const NAME: &'static str = "ListLayers";
    const ROUTE: &'static str = "GET /2018-10-31/layers 200";
    const ABOUT: &'static str = "Returns a list of layers, each with its newest version. With a runtime or an \
        instruction set, only layers with a version for it are listed, each with the newest such version.";
    const LISTS: &'static [&'static str] = &["Layers"];
    type Response = ListLayersResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListLayersResponse> {
        let filter = Filter {
            runtime: self.compatible_runtime.map(|name| name.0),
            architecture: self.compatible_architecture.map(wire),
        };
        let layers = lambda.layers();
        let after: Option<String> = behind(self.marker.as_deref())?;
        let shown = layers.names_behind(after.as_deref()).map(|name| {
            let name = name?;
            let target = lambda.layer(&name, Self::NAME, None)?;
            let newest = layers.view(&name, |view| {
                let matching = view.before(u64::MAX).find(|found| {
                    let passes = |(_, version): &(u64, _)| filter.passes(version);
                    found.as_ref().map_or(true, passes)
                });
                matching.transpose()
            })?;
            Ok(newest.flatten().map(|(number, version)| {
                let item = LayersListItem {
                    layer_name: target.name.clone(),
                    layer_arn: target.arn.clone(),
                    latest_matching_version: LayerVersionsListItem::of(&target, number, version),
                };
                (name, item)
            }))
        });
        let Page { items, next_marker } = cut(shown.filter_map(Result::transpose), self.max_items)?;
        Ok(ListLayersResponse {
            next_marker,
            layers: items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn listed(lambda: &Sandbox, request: Value) -> Vec<String> {
        let page = lambda.call("ListLayers", request);
        let layers = page["Layers"].as_array().expect("layers");
        let shown = |layer: &Value| {
            let version = &layer["LatestMatchingVersion"]["Version"];
            format!(
                "{} {version}",
                layer["LayerName"].as_str().unwrap_or_default()
            )
        };
        layers.iter().map(shown).collect()
    }

    #[test]
    fn tells_each_layer_with_its_newest_version() {
        let lambda = Sandbox::new();
        lambda.publish_layer("b", json!({}));
        lambda.publish_layer("a", json!({}));
        lambda.publish_layer("a", json!({}));
        lambda.publish_layer("C", json!({}));
        assert_eq!(listed(&lambda, json!({})), ["C 1", "a 2", "b 1"]);
        let page = lambda.call("ListLayers", json!({}));
        let versions = lambda.call("ListLayerVersions", json!({ "LayerName": "a" }));
        assert_eq!(
            page["Layers"][1],
            json!({
                "LayerName": "a",
                "LayerArn": "arn:aws:lambda:us-east-1:123456789012:layer:a",
                "LatestMatchingVersion": versions["LayerVersions"][0],
            })
        );
    }

    #[test]
    fn a_layer_without_versions_is_not_listed() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.call("ListLayers", json!({})),
            json!({ "Layers": [] })
        );
        for name in ["a", "b", "c"] {
            lambda.publish_layer(name, json!({}));
        }
        lambda.publish_layer("a", json!({}));
        for (name, number) in [("a", 2), ("b", 1)] {
            lambda.call(
                "DeleteLayerVersion",
                json!({ "LayerName": name, "VersionNumber": number }),
            );
        }
        assert_eq!(listed(&lambda, json!({})), ["a 1", "c 1"]);
        let page = lambda.call("ListLayers", json!({ "MaxItems": 1 }));
        let rest = json!({ "MaxItems": 1, "Marker": page["NextMarker"] });
        assert_eq!(listed(&lambda, rest.clone()), ["c 1"]);
        assert_eq!(lambda.call("ListLayers", rest).get("NextMarker"), None);
    }

    #[test]
    fn filters_tell_the_newest_version_that_passes() {
        let lambda = Sandbox::new();
        lambda.publish_layer("a", json!({ "CompatibleRuntimes": ["python3.12"] }));
        lambda.publish_layer("a", json!({ "CompatibleArchitectures": ["arm64"] }));
        lambda.publish_layer("b", json!({}));
        assert_eq!(
            listed(&lambda, json!({ "CompatibleRuntime": "python3.12" })),
            ["a 1"]
        );
        assert_eq!(
            listed(&lambda, json!({ "CompatibleArchitecture": "arm64" })),
            ["a 2"]
        );
        assert!(listed(&lambda, json!({ "CompatibleRuntime": "java21" })).is_empty());
    }

    #[test]
    fn refuses_filters_and_markers_that_are_none() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.error("ListLayers", json!({ "CompatibleArchitecture": "X86_64" })),
            "(ValidationException): 1 validation error detected: Value 'X86_64' at 'compatibleArchitecture' failed to satisfy \
             constraint: Member must satisfy enum value set: [x86_64, arm64]"
        );
        assert_eq!(
            lambda.error("ListLayers", json!({ "Marker": "x" })),
            "(InvalidParameterValueException): The pagination token is invalid."
        );
    }
}
