//! `ListEventSourceMappings`: returns all event source mappings, or only those of a function or a source, in the byte
//! order of their ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        page::{Page, behind, cut_at},
    },
    state::{
        event_source_mapping::EventSourceMappingConfiguration,
        name::{EventSourceArn, NamespacedFunctionName},
    },
};

/// Maximum number of mappings on a page, even if MaxItems is larger (AWS's model).
const PAGE: u64 = 100;

/// Request of ListEventSourceMappings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEventSourceMappingsRequest {
    /// The ARN of a source. Only mappings of this source are returned.
    event_source_arn: Option<EventSourceArn>,
    /// The name or ARN of a function, version or alias. Only mappings that invoke it are returned.
    function_name: Option<NamespacedFunctionName>,
    /// The token of the page to return, from the previous page.
    marker: Option<String>,
    /// Maximum number of mappings to return. A page has at most 100.
    #[schemars(range(min = 1, max = 10000))]
    max_items: Option<u64>,
}

/// Response of ListEventSourceMappings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEventSourceMappingsResponse {
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    /// The mappings.
    event_source_mappings: Vec<EventSourceMappingConfiguration>,
}

impl Operation for ListEventSourceMappingsRequest {
    const NAME: &'static str = "ListEventSourceMappings";
    const ROUTE: &'static str = "GET /2015-03-31/event-source-mappings 200";
    const ABOUT: &'static str = "Returns a list of event source mappings: all of them, or those of one source, one \
        function, one version or one alias.";
    const LISTS: &'static [&'static str] = &["EventSourceMappings"];
    type Response = ListEventSourceMappingsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<ListEventSourceMappingsResponse> {
        let target = match &self.function_name {
            None => None,
            Some(name) => {
                let asked = lambda.target(name, None)?.asked().to_string();
                Some(asked.trim_end_matches(":$LATEST").to_owned())
            }
        };
        let is_wanted = |mapping: &EventSourceMappingConfiguration| {
            let is_of_target = target
                .as_ref()
                .is_none_or(|target| mapping.target() == target);
            let source = self.event_source_arn.as_ref();
            is_of_target && source.is_none_or(|arn| mapping.event_source_arn.as_ref() == Some(arn))
        };
        let mappings = lambda.event_source_mappings();
        let after: Option<String> = behind(self.marker.as_deref())?;
        let shown = mappings.names_behind(after.as_deref()).map(|uuid| {
            let uuid = uuid?;
            let shown = mappings.view(&uuid, |view| {
                let mut mapping = view.head.configuration.clone();
                if mapping.kms_key_arn.is_some() {
                    // A list does not show filters that are encrypted with a customer key (AWS's model).
                    mapping.filter_criteria = None;
                }
                Ok(is_wanted(&mapping).then_some(mapping))
            })?;
            Ok(shown.flatten().map(|shown| (uuid, shown)))
        });
        let size = self.max_items.unwrap_or(PAGE).clamp(1, PAGE);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Page { items, next_marker } = cut_at(shown.filter_map(Result::transpose), size)?;
        Ok(ListEventSourceMappingsResponse {
            next_marker,
            event_source_mappings: items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn queue(name: &str) -> String {
        format!("arn:aws:sqs:us-east-1:123456789012:{name}")
    }

    fn map(lambda: &Sandbox, function: &str, name: &str) -> Value {
        let request = json!({ "FunctionName": function, "EventSourceArn": queue(name) });
        let made = lambda.call("CreateEventSourceMapping", request);
        lambda.call("GetEventSourceMapping", json!({ "UUID": made["UUID"] }))
    }

    #[test]
    fn by_function_by_qualifier_and_by_source() {
        let lambda = Sandbox::with("pay");
        lambda.create("pay2");
        lambda.publish("pay");
        let made = [
            map(&lambda, "pay", "a"),
            map(&lambda, "pay:1", "a"),
            map(&lambda, "pay2", "a"),
            map(&lambda, "pay:$LATEST", "b"),
        ];
        let listed = |request: Value| {
            let listed = lambda.call("ListEventSourceMappings", request);
            let listed = listed["EventSourceMappings"]
                .as_array()
                .expect("a list")
                .clone();
            let places = made.iter().enumerate();
            let places = places.filter(|(_, one)| listed.contains(one));
            let places: Vec<usize> = places.map(|(place, _)| place).collect();
            assert_eq!(listed.len(), places.len());
            places
        };
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:pay";
        for (request, wanted) in [
            (json!({}), &[0, 1, 2, 3][..]),
            (json!({ "FunctionName": "pay" }), &[0, 3]),
            (json!({ "FunctionName": arn }), &[0, 3]),
            (json!({ "FunctionName": "pay:1" }), &[1]),
            (json!({ "EventSourceArn": queue("a") }), &[0, 1, 2]),
            (
                json!({ "EventSourceArn": queue("a"), "FunctionName": "pay2" }),
                &[2],
            ),
            (json!({ "FunctionName": "nope" }), &[]),
            (json!({ "EventSourceArn": queue("nope") }), &[]),
        ] {
            assert_eq!(listed(request.clone()), wanted, "{request}");
        }
    }

    #[test]
    fn in_pages_of_100_and_without_encrypted_filters() {
        let lambda = Sandbox::with("pay");
        for number in 0..101 {
            map(&lambda, "pay", &format!("q{number}"));
        }
        let all = json!({ "MaxItems": 10000 });
        let first = lambda.call("ListEventSourceMappings", all);
        assert_eq!(
            first["EventSourceMappings"].as_array().map(Vec::len),
            Some(100)
        );
        let rest = lambda.call(
            "ListEventSourceMappings",
            json!({ "Marker": first["NextMarker"] }),
        );
        let rest = rest["EventSourceMappings"]
            .as_array()
            .expect("a list")
            .clone();
        assert_eq!(rest.len(), 1);
        let filters = json!({ "Filters": [{ "Pattern": "{\"body\": [\"x\"]}" }] });
        let uuid = &rest[0]["UUID"];
        let key = "arn:aws:kms:us-east-1:123456789012:key/k";
        let updated = lambda.call(
            "UpdateEventSourceMapping",
            json!({ "UUID": uuid, "FilterCriteria": filters, "KMSKeyArn": key }),
        );
        assert_eq!(updated["FilterCriteria"], filters);
        let request = json!({ "EventSourceArn": updated["EventSourceArn"] });
        let listed = lambda.call("ListEventSourceMappings", request);
        assert_eq!(listed["EventSourceMappings"][0].get("FilterCriteria"), None);
        assert_eq!(listed["EventSourceMappings"][0]["KMSKeyArn"], key);
        assert_eq!(
            lambda.error("ListEventSourceMappings", json!({ "Marker": "x" })),
            "(InvalidParameterValueException): The pagination token is invalid."
        );
    }
}
