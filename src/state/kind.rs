//! The interface of every kind of resource. A new kind implements this interface in its own file, and then every tool
//! knows the kind. The interface has no default methods, so that a kind with a missing method does not compile.
//!
//! A kind is kept in one of two forms: as folders, each with a head, frozen versions and a journal
//! ([`Head`](super::head::Head)), or as entries of one JSON document ([`Entry`]). The list of all kinds is
//! [`KINDS`](crate::store::kind::KINDS).

use std::{collections::BTreeMap, collections::BTreeSet, fmt::Debug};

use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::arn::Scope;

/// The words that texts for people use for a kind, and the words that calls use for it.
#[derive(Debug)]
pub struct Words {
    /// The singular: `layer`.
    pub one: &'static str,
    /// The plural: `layers`.
    pub many: &'static str,
    /// The text that is printed before a name: `layer `, or nothing if the name alone is clear.
    pub before_name: &'static str,
    /// The service whose calls change resources of the kind: `lambda`.
    pub service: &'static str,
    /// The request members that name a resource of this kind, by name or by ARN: `LayerName`.
    pub members: &'static [&'static str],
}

/// The origin of a resource's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The caller chooses the name. A second create call with the same name therefore finds the first resource.
    ByCaller,
    /// The service assigns the name, so each create call makes another resource. Two resources are the same if their
    /// contents are equal.
    ByService,
}

/// A reference from a resource to another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The member that holds the reference: `CodeSigningConfigArn`.
    pub from: String,
    /// The folder that holds resources of the other resource's kind.
    pub folder: &'static str,
    /// The name of the other resource.
    pub to: String,
}

/// The interface of a kind, in either form.
pub trait Kind: Clone + PartialEq + Debug + Serialize + DeserializeOwned + 'static {
    /// The words for the kind.
    const WORDS: Words;
    /// The origin of a resource's name.
    const NAMED: Named;

    /// The text by which calls name a resource: its name, or its ARN if calls accept only the ARN.
    fn called(scope: &Scope, name: &str) -> String;

    /// The name of the resource that a text in a call refers to. The text may be an ARN. Returns `None` for a text that
    /// does not name a resource of this kind.
    fn named(text: &str) -> Option<String>;

    /// The resources in the same account and region that this resource refers to.
    fn refers(&self) -> Vec<Reference>;

    /// Returns true if the state is already as a call requested. `found` is the resource that the call names, if it
    /// exists, with the numbers of its versions. Returns `None` for a call about another kind, and whenever the answer
    /// is uncertain: a wrong `true` would make a failed deployment look like a success.
    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool>;
}

/// A kind that is kept as entries of one JSON document, by name.
pub trait Entry: Kind {
    /// The document that holds all entries.
    type Document: Serialize + DeserializeOwned + Default;
    /// The document's file: `ecr.json`.
    const FILE: &'static str;
    /// True if an account has one document for all regions, false if it has a document for each region.
    const IS_GLOBAL: bool;

    /// The entries of a document.
    fn entries(document: &Self::Document) -> &BTreeMap<String, Self>;

    /// The members that callers see, without ids and times.
    fn seen(&self) -> Value;
}

/// Returns true if a resource has the members of a request. `of` returns the value that a member has in the resource,
/// or `None` if the value is not known. The members in `but`, such as those that name the resource, are not compared.
pub fn holds(request: &Value, but: &[&str], of: impl Fn(&str) -> Option<Value>) -> Option<bool> {
    let mut known = true;
    for (member, wanted) in request.as_object()? {
        if but.contains(&member.as_str()) || wanted.is_null() {
            continue;
        }
        match of(member) {
            Some(has) if has == *wanted => {}
            Some(_) => return Some(false),
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Returns true if the tags are as a call of the tag operations requested; `None` for any other call.
pub fn tagged(tags: &IndexMap<String, String>, operation: &str, request: &Value) -> Option<bool> {
    match operation {
        "TagResource" => {
            let wanted = request.get("Tags")?.as_object()?;
            let has = |(name, value): (&String, &Value)| {
                tags.get(name).map(String::as_str) == value.as_str()
            };
            Some(wanted.iter().all(has))
        }
        "UntagResource" => {
            let keys = request.get("TagKeys")?.as_array()?;
            let is_gone = |key: &Value| key.as_str().is_some_and(|key| !tags.contains_key(key));
            Some(keys.iter().all(is_gone))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::holds;

    #[test]
    fn a_wish_holds_when_every_member_is_known_and_equal() {
        let of = |member: &str| (member == "Timeout").then(|| json!(3));
        let asked = |request| holds(&request, &["Name"], of);
        assert_eq!(asked(json!({ "Name": "pay", "Timeout": 3 })), Some(true));
        assert_eq!(asked(json!({ "Timeout": 9 })), Some(false));
        assert_eq!(asked(json!({ "Timeout": 3, "Other": 1 })), None);
        assert_eq!(asked(json!({ "Other": 1, "Timeout": 9 })), Some(false));
        assert_eq!(asked(json!([])), None);
    }
}
