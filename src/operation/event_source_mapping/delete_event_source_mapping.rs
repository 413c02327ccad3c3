//! `DeleteEventSourceMapping`: ends the reading of records from a source for a function.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{done, no_such_resource},
    },
    state::{
        event_source_mapping::{Change, EventSourceMappingConfiguration},
        name::MappingId,
    },
    store::clock::iso8601,
};

use super::target::{id, settled};

/// Request of DeleteEventSourceMapping.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteEventSourceMappingRequest {
    /// The mapping's id.
    #[serde(rename = "UUID")]
    uuid: MappingId,
}

impl Operation for DeleteEventSourceMappingRequest {
    const NAME: &'static str = "DeleteEventSourceMapping";
    const ROUTE: &'static str = "DELETE /2015-03-31/event-source-mappings/{UUID} 202";
    const ABOUT: &'static str = "Deletes an event source mapping. It is Deleting for some seconds. Until then, no \
        other mapping of the same source and function can be created.";
    type Response = EventSourceMappingConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<EventSourceMappingConfiguration> {
        let uuid = id(&self.uuid);
        let mappings = lambda.event_source_mappings();
        let arn = lambda.place.scope.event_source_mapping(&uuid);
        let deleted = mappings.edit(&uuid, &arn, Self::NAME, |edit| {
            settled(&edit.head, "delete")?;
            edit.head.configuration.state = Some("Deleting".to_owned());
            edit.head.configuration.last_modified = Some(iso8601(edit.now));
            let completes = edit.after(lambda.settle);
            edit.head.change = Some(Change {
                state: None,
                completes,
                last_modified: iso8601(completes),
            });
            lambda.explain(|| {
                "It is Deleting for a while, and no waiter waits for that. Lambda refuses a new mapping of the same \
                 source and function until get-event-source-mapping answers that the old one does not exist."
                    .to_owned()
            });
            Ok(edit.head.configuration.clone())
        })?;
        // Removes all mappings whose deletion is complete: this one, older ones, and those that an interrupted call
        // left. If this clean-up fails, the call still succeeds, because the next call repeats the clean-up.
        let _ = mappings.clear_gone();
        done(deleted.ok_or_else(no_such_resource)?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const NONE: &str = "(ResourceNotFoundException): The resource you requested does not exist.";

    fn create(lambda: &Sandbox) -> Value {
        lambda.call(
            "CreateEventSourceMapping",
            json!({ "FunctionName": "pay", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:orders" }),
        )
    }

    fn folders(lambda: &Sandbox) -> usize {
        let files = lambda.files();
        let heads = files
            .keys()
            .filter(|path| path.ends_with("event-source-mapping.json"));
        heads.count()
    }

    #[test]
    fn it_is_deleting_for_a_while_and_then_gone_for_everybody() {
        let lambda = Sandbox::with("pay");
        let made = create(&lambda);
        let this = json!({ "UUID": made["UUID"] });
        lambda.settle.set(Duration::from_secs(2));
        let deleted = lambda.call("DeleteEventSourceMapping", this.clone());
        let mut wanted = made.clone();
        wanted["State"] = json!("Deleting");
        assert_eq!(deleted, wanted);
        assert_eq!(lambda.call("GetEventSourceMapping", this.clone()), wanted);
        assert!(
            lambda
                .error("DeleteEventSourceMapping", this.clone())
                .starts_with("(ResourceInUseException)")
        );
        // The deleted mapping still exists, so a second one is refused.
        let again = json!({ "FunctionName": "pay", "EventSourceArn": made["EventSourceArn"] });
        assert!(
            lambda
                .error("CreateEventSourceMapping", again)
                .starts_with("(ResourceConflictException)")
        );
        lambda.pass(Duration::from_secs(2));
        let before = lambda.files();
        for operation in ["GetEventSourceMapping", "UpdateEventSourceMapping"] {
            assert_eq!(lambda.error(operation, this.clone()), NONE);
        }
        let arn = &made["EventSourceMappingArn"];
        assert_eq!(
            lambda.error("ListTags", json!({ "Resource": arn })),
            format!(
                "(ResourceNotFoundException): Event source mapping not found: {}",
                arn.as_str().expect("an ARN")
            )
        );
        let listed = lambda.call("ListEventSourceMappings", json!({}));
        assert_eq!(listed, json!({ "EventSourceMappings": [] }));
        assert_eq!(before, lambda.files(), "reading changes nothing");
        assert_eq!(folders(&lambda), 1);
        assert_eq!(lambda.error("DeleteEventSourceMapping", this), NONE);
        assert_eq!(folders(&lambda), 0, "a delete removes what was gone");
        assert_ne!(create(&lambda)["UUID"], made["UUID"]);
        assert_eq!(folders(&lambda), 1, "the next create removed what was gone");
    }

    #[test]
    fn without_a_settling_time_nothing_of_it_stays() {
        let lambda = Sandbox::with("pay");
        let made = create(&lambda);
        lambda.call("DeleteEventSourceMapping", json!({ "UUID": made["UUID"] }));
        assert_eq!(folders(&lambda), 0);
        for uuid in [
            made["UUID"].clone(),
            json!("../../../../../../functions/pay/xxxxx"),
        ] {
            let this = json!({ "UUID": uuid });
            assert!(lambda.try_call("DeleteEventSourceMapping", this).is_err());
        }
    }

    #[test]
    fn its_tags_are_its_own() {
        let lambda = Sandbox::with("pay");
        let made = lambda.call(
            "CreateEventSourceMapping",
            json!({
                "FunctionName": "pay", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:orders",
                "Tags": { "z": "1", "a": "2" },
            }),
        );
        let arn = &made["EventSourceMappingArn"];
        let tags = || {
            lambda
                .call("ListTags", json!({ "Resource": arn }))
                .to_string()
        };
        assert_eq!(tags(), r#"{"Tags":{"z":"1","a":"2"}}"#);
        let revision = lambda.latest("pay")["RevisionId"].clone();
        lambda.call(
            "TagResource",
            json!({ "Resource": arn, "Tags": { "a": "3", "b": "4" } }),
        );
        lambda.call(
            "UntagResource",
            json!({ "Resource": arn, "TagKeys": ["z", "nope"] }),
        );
        assert_eq!(tags(), r#"{"Tags":{"a":"3","b":"4"}}"#);
        assert_eq!(lambda.latest("pay")["RevisionId"], revision);
        let read = lambda.call("GetEventSourceMapping", json!({ "UUID": made["UUID"] }));
        assert_eq!(read.get("Tags"), None);
        assert_eq!(
            lambda.error("TagResource", json!({ "Resource": arn, "Tags": {} })),
            "(InvalidParameterValueException): An error occurred and the request cannot be processed."
        );
    }
}
