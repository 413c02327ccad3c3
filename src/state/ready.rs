//! The data of ready answers: things of services that are not simulated. Each thing has the key `SERVICE KIND NAME`.
//! All things are of one kind, so that a new service needs only data and no code (see `operation::ready`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::Scope,
    kind::{Entry, Kind, Named, Reference, Words, holds},
};

/// `ready.json` of an account and region. The things of services without regions are stored in us-east-1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Things<T = Thing> {
    /// The things by their keys, such as `sqs queue orders`.
    #[serde(default = "BTreeMap::new")]
    pub things: BTreeMap<String, T>,
    /// The number of ids that were assigned, by service and kind, such as `apigateway rest-api`. No id is used twice.
    #[serde(default)]
    pub ids: BTreeMap<String, u64>,
    /// The names of the things that a project provided. Each thing is provided only once, so that a thing that was
    /// deleted does not appear again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub given: BTreeSet<String>,
}

impl<T> Default for Things<T> {
    fn default() -> Self {
        Self {
            things: BTreeMap::new(),
            ids: BTreeMap::new(),
            given: BTreeSet::new(),
        }
    }
}

/// A thing of another service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Thing {
    /// The moment of creation.
    pub made: Timestamp,
    /// The moment of the last change.
    pub changed: Timestamp,
    /// The number of changes, including the creation. If the kind has versions, this is the number of the version.
    pub changes: u64,
    /// The moment at which the change in progress completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Timestamp>,
    /// AWS's members as they were given, and the ids that AWS assigns.
    pub members: Map<String, Value>,
}

impl Thing {
    /// A thing that was created at the moment `now` and has no members.
    pub fn new(now: Timestamp) -> Self {
        Self {
            made: now,
            changed: now,
            changes: 0,
            settles: None,
            members: Map::new(),
        }
    }
}

/// The service name of wishes about things, because the things of all services are of one kind.
pub const SERVICE: &str = "ready";

impl Kind for Thing {
    const WORDS: Words = Words {
        one: "thing of another service",
        many: "things of other services",
        before_name: "",
        service: SERVICE,
        members: &[],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(_: &Scope, name: &str) -> String {
        name.to_owned()
    }

    fn named(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn refers(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// A wish names the thing as `Resource`, such as `sqs queue orders`, and holds the members that were requested.
    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        if operation.starts_with("Delete") {
            return Some(found.is_none());
        }
        let makes = ["Create", "Put"]
            .iter()
            .any(|verb| operation.starts_with(verb));
        match found {
            None => makes.then_some(false),
            Some((thing, _)) if makes => holds(request, &["Resource"], |member| {
                thing.members.get(member).cloned()
            }),
            Some(_) => None,
        }
    }
}

impl Entry for Thing {
    type Document = Things;
    const FILE: &'static str = "ready.json";
    const IS_GLOBAL: bool = false;

    fn entries(document: &Things) -> &BTreeMap<String, Self> {
        &document.things
    }

    fn seen(&self) -> Value {
        json!(self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_holds_where_the_thing_has_what_was_asked_for() {
        let mut thing = Thing::new(Timestamp::UNIX_EPOCH);
        thing.members.insert("Value".to_owned(), json!("x"));
        let none = BTreeSet::new();
        let asked = |found: bool, operation: &str, request: Value| {
            Thing::satisfied(found.then_some((&thing, &none)), operation, &request)
        };
        let named = json!({ "Resource": "ssm parameter /a", "Value": "x" });
        assert_eq!(asked(true, "PutParameter", named.clone()), Some(true));
        assert_eq!(asked(false, "PutParameter", named.clone()), Some(false));
        assert_eq!(
            asked(
                true,
                "PutParameter",
                json!({ "Resource": "ssm parameter /a", "Value": "y" })
            ),
            Some(false)
        );
        assert_eq!(
            asked(
                true,
                "PutParameter",
                json!({ "Value": "x", "Tier": "Standard" })
            ),
            None,
            "what is not kept is not known to hold"
        );
        assert_eq!(asked(false, "DeleteParameter", named.clone()), Some(true));
        assert_eq!(asked(true, "DeleteParameter", named.clone()), Some(false));
        assert_eq!(asked(true, "TagResource", named), None);
    }
}
