//! What ready answers keep: things of services that are not simulated, each under `SERVICE KIND NAME`. One kind for all of
//! them, so that a new service is data alone (see `operation::ready`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::Scope,
    kind::{Entry, Kind, Named, Reference, Words, holds},
};

/// `ready.json` of an account and region. Services without regions are kept in us-east-1.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Things {
    /// The things, by `sqs queue orders`.
    pub things: BTreeMap<String, Thing>,
    /// How many ids were given out, by `apigateway rest-api`: no id comes twice.
    pub ids: BTreeMap<String, u64>,
    /// The names of what a project gave: it is given once, so that what is deleted stays away.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub given: BTreeSet<String>,
}

/// A thing of another service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Thing {
    /// When it was made.
    pub made: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
    /// How often it was made or changed: its version, where it has one.
    pub changes: u64,
    /// When the change in progress completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Timestamp>,
    /// AWS's members, as they were given, and its ids.
    pub members: Map<String, Value>,
}

impl Thing {
    /// A thing that is made at that moment, with nothing in it.
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

/// The service that a wish about a thing is asked of: things of all services are one kind.
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

    /// A wish names the thing as `Resource`, `sqs queue orders`, and holds the members that were asked for.
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
