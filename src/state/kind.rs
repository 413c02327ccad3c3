//! What every kind of resource answers about itself. A new kind answers it in its own file, and every tool knows it:
//! nothing here has a default, so that what is left unanswered does not compile.
//!
//! A kind is kept in one of two forms: as folders, each with a head, frozen versions and a journal
//! ([`Head`](super::head::Head)), or as entries of one JSON document ([`Entry`]). The list of all kinds is
//! [`KINDS`](crate::store::kind::KINDS).

use std::{collections::BTreeMap, collections::BTreeSet, fmt::Debug};

use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::arn::Scope;

/// The words for a kind, for people and in calls.
#[derive(Debug)]
pub struct Words {
    /// One of them: `layer`.
    pub one: &'static str,
    /// Several: `layers`.
    pub many: &'static str,
    /// What stands before a name: `layer `, or nothing where the name alone says enough.
    pub before_name: &'static str,
    /// The service whose calls change it: `lambda`.
    pub service: &'static str,
    /// The members of requests that name one, by name or by ARN: `LayerName`.
    pub members: &'static [&'static str],
}

/// Who gives a resource its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Whoever makes it: the second call for one name meets the first's.
    ByCaller,
    /// The service: each call makes another, and two are the same when they hold the same.
    ByService,
}

/// What a resource names beside its own versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The member that names it: `CodeSigningConfigArn`.
    pub from: String,
    /// The folder that holds resources of its kind.
    pub folder: &'static str,
    /// Its name.
    pub to: String,
}

/// What a kind answers in whichever form it is kept.
pub trait Kind: Clone + PartialEq + Debug + Serialize + DeserializeOwned + 'static {
    /// The words for it.
    const WORDS: Words;
    /// Who names it.
    const NAMED: Named;

    /// How calls name it: its name, or its ARN where calls take nothing else.
    fn called(scope: &Scope, name: &str) -> String;

    /// The name that a text in a call means, which may be an ARN; `None` for what is none of this kind.
    fn named(text: &str) -> Option<String>;

    /// What it names in the same account and region.
    fn refers(&self) -> Vec<Reference>;

    /// Whether what a call asked for holds: `found` is the resource that the call names and the numbers of its versions,
    /// if there is one. `None` where that cannot be told, or the call is about another kind. A `true` that is none makes
    /// a failed deployment look like a good one: what is not known for certain is `None`.
    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool>;
}

/// A kind that is kept as entries of one JSON document, by name.
pub trait Entry: Kind {
    /// The whole document.
    type Document: Serialize + DeserializeOwned + Default;
    /// Its file: `ecr.json`.
    const FILE: &'static str;
    /// Whether an account has one document for all regions, or one for each.
    const IS_GLOBAL: bool;

    /// The entries of a document.
    fn entries(document: &Self::Document) -> &BTreeMap<String, Self>;

    /// What callers can see of it, without ids and times.
    fn seen(&self) -> Value;
}

/// Whether the members of a request are what a resource has. `of` answers what it has for a member, `None` where that
/// is not known; members in `but` are passed over, as those are that name the resource.
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

/// Whether what a call of the tag operations asked for holds of something with those tags; `None` for another call.
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
