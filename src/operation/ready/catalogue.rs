//! A service's file: the kinds of things that are kept, the calls, the waiters. CONTRIBUTING.md describes how to write
//! one; `engine` acts on it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Members that are not in the usual place on the wire, for every call that has them.
    #[serde(default)]
    pub wire: String,
    /// Members of requests whose values a report may show beside the names of things: their names, separated by blanks.
    #[serde(default)]
    pub harmless: String,
    /// The kinds of things, by word: `queue`.
    #[serde(default)]
    pub kind: BTreeMap<String, Kind>,
    /// The calls, by AWS's name.
    pub call: BTreeMap<String, Call>,
    /// The waiters, by their word on the line.
    #[serde(default)]
    pub wait: BTreeMap<String, Wait>,
}

/// A kind of things.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Kind {
    /// The name of a thing, filled in from the members of the call: `{QueueName}`.
    pub name: String,
    /// Ids that AWS gives a new thing: the member, and its form, `lower10`, `upper14`, `hex8`, `uuid`.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// Members that answers show in addition to the given ones. Their values are templates.
    #[serde(default)]
    pub shows: Map<String, Value>,
    /// Members that stay when the thing is put again.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Members whose value is different in every thing.
    #[serde(default)]
    pub unique: Vec<String>,
    /// The member that shows a change in progress.
    pub settles: Option<Settles>,
    /// The kinds of things that a thing of this kind contains. Their names begin with its name and a slash, and they
    /// are deleted with it. A call about one of them is refused if the containing thing is missing.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The period after a deletion in which the thing still exists but cannot be used.
    pub rests: Option<Rests>,
    /// The member that answers show encrypted, unless the call asks for the plain value.
    pub sealed: Option<Sealed>,
    /// Other names that lead to a thing.
    pub aliased: Option<Aliased>,
    /// The start of a name that stands for a function's thing, such as `/aws/lambda/`. Calls that read find such a
    /// thing for every function.
    pub of_functions: Option<String>,
    /// The refusal of a call for a thing that is missing.
    pub missing: String,
    /// The refusal of a call that makes a thing that exists.
    pub exists: Option<String>,
    /// Members of an example of a thing that a project gives to its rehearsals.
    #[serde(default)]
    pub given: Map<String, Value>,
}

/// The member that shows a change in progress: `TableStatus`, `CREATING`, `ACTIVE`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settles {
    /// Its name.
    pub member: String,
    /// Its value while the change is under way.
    pub from: Value,
    /// Its value after the change.
    pub to: Value,
}

/// A member that answers show encrypted: `Value` of a thing whose `Type` is `SecureString`, if the call lacks
/// `WithDecryption`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Its name.
    pub member: String,
    /// The member that marks an encrypted thing.
    pub of: String,
    /// The value of that member.
    pub is: Value,
    /// The switch of a call that asks for the plain value.
    pub unless: String,
}

/// Names that lead to a thing through an alias: `alias/pay` is a thing of the kind `alias`, whose `TargetKeyId` names
/// the key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aliased {
    /// The beginning of such a name.
    pub begins: String,
    /// The kind of the alias.
    pub by: String,
    /// The member that names the thing.
    pub to: String,
}

/// The period after a deletion in which the thing still exists but cannot be used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rests {
    /// The member that holds the moment of its deletion.
    pub since: String,
    /// The switch of a call that deletes it at once.
    pub unless: String,
    /// The refusal of a call that makes a thing of the same name.
    pub exists: String,
    /// The refusal of a call that uses the deleted thing.
    pub missing: String,
}

/// A call.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// A description of the call, for people.
    pub about: String,
    /// Method, path and status on the wire.
    #[serde(default = "post")]
    pub route: String,
    /// Members that are not in the usual place on the wire.
    #[serde(default)]
    pub wire: String,
    /// The members of a request (see [`super::shape`]).
    #[serde(default)]
    pub takes: String,
    /// The members of an answer, in AWS's order. Only members that are answered are listed.
    #[serde(default)]
    pub gives: String,
    /// Its verb and kind: `makes table`, `puts`, `changes`, `drops`, `reads`, `lists`. Without it, nothing is kept.
    pub does: Option<String>,
    /// The name of the thing, if it differs from the kind's.
    pub named: Option<String>,
    /// Options of the command line that are not members of the model: `Paths[]`.
    #[serde(default)]
    pub extra: String,
    /// Members that the model requires and the command line does not.
    #[serde(default)]
    pub optional: Vec<String>,
    /// True if a call that makes an existing thing returns that thing instead of an error.
    #[serde(default)]
    pub again: bool,
    /// A member, or a map, that must have the same value in the existing thing and in the request.
    pub same: Option<String>,
    /// True if deleting a missing thing succeeds.
    #[serde(default)]
    pub quiet: bool,
    /// The switch that a request needs to replace an existing thing.
    pub unless: Option<String>,
    /// Members of which one is required: `EventPattern ScheduleExpression: 400 …`.
    pub wants: Option<String>,
    /// The required beginnings of texts, by member: `alias/ 400 …`, `cron(|rate( 400 …`.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
    /// Members that a new thing needs, each with the refusal if it is missing.
    #[serde(default)]
    pub first: BTreeMap<String, String>,
    /// Members of the thing that must be empty, each with the refusal if it is not.
    #[serde(default)]
    pub refuses: BTreeMap<String, String>,
    /// Conditions on the things of a kind that `where` selects, on at least one of them or on every one:
    /// `some resource resourceMethods: 400 …`.
    #[serde(default)]
    pub demands: Vec<String>,
    /// Other things that must exist. The key is the name of such a thing in templates. The value is its kind, followed
    /// by its name if that differs from the kind's. With `?` in front, the thing is needed only if the request names
    /// one.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    /// Members that are kept in addition to those of the request. Their values are templates.
    #[serde(default)]
    pub keeps: Map<String, Value>,
    /// Members of the request that are not kept.
    #[serde(default)]
    pub forgets: Vec<String>,
    /// A path inside the thing. Its value must exist.
    pub under: Option<String>,
    /// The path that continues `under` and leads to the subject of the call.
    pub at: Option<String>,
    /// The refusal if there is nothing at a path.
    pub absent: Option<String>,
    /// The refusal if a path already has a value.
    pub fresh: Option<String>,
    /// The item of a list inside the thing that the request names: `Resources by LogicalResourceId`.
    pub finds: Option<String>,
    /// The member inside the thing that the call sets: `Attributes.{AttributeName} = {AttributeValue}`.
    pub sets: Option<String>,
    /// Conditions on the things of a list, as templates. A text that ends in `*` matches every text with this
    /// beginning.
    #[serde(default, rename = "where")]
    pub filter: Map<String, Value>,
    /// The switch for a list of names with a given beginning. Without it, only the things of that level are listed.
    pub shallow: Option<String>,
    /// The member that names several things: `Names`.
    pub each: Option<String>,
    /// The list inside the thing to which the request adds items: `Targets by Id`.
    pub joins: Option<String>,
    /// The list inside the thing from which the request removes items: `Targets by Id from Ids`.
    pub parts: Option<String>,
    /// The map of the answer from which the request selects entries: `Attributes by AttributeNames`.
    pub picks: Option<String>,
    /// True if `patchOperations` describe the change.
    #[serde(default)]
    pub patches: bool,
    /// The refusal while a change is in progress.
    pub unsettled: Option<String>,
    /// Other things that are made together with the thing.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The template of the answer; if it is empty, the thing itself is the answer. `{thing}` stands for the thing,
    /// `{things}` for the things of a list.
    #[serde(default)]
    pub answers: Map<String, Value>,
    /// The paging members: `NextToken MaxResults NextToken Parameters`, for the page's beginning, its length, the next
    /// page's beginning, and the list.
    pub pages: Option<String>,
}

fn post() -> String {
    "POST / 200".to_owned()
}

/// A thing that is made together with another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Its kind.
    pub kind: String,
    /// The member of the request that this thing needs. Without the member, the thing is not made.
    pub with: Option<String>,
    /// Its members. Their values are templates.
    pub keeps: Map<String, Value>,
}

/// A waiter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// The operation it polls.
    pub polls: String,
    /// Seconds between polls, on AWS.
    pub every: u32,
    /// The number of polls.
    pub times: u32,
    /// The conditions, in order: `success Table.TableStatus = ACTIVE`, `retry error ResourceNotFoundException`.
    pub until: Vec<String>,
}

/// The verb of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Makes a thing that must not exist.
    Makes,
    /// Makes a thing, or replaces it.
    Puts,
    /// Changes a thing that must exist.
    Changes,
    /// Deletes a thing.
    Drops,
    /// Returns a thing.
    Reads,
    /// Returns several things.
    Lists,
}

impl Verb {
    /// All of them, with their words.
    const ALL: [(&'static str, Self); 6] = [
        ("makes", Self::Makes),
        ("puts", Self::Puts),
        ("changes", Self::Changes),
        ("drops", Self::Drops),
        ("reads", Self::Reads),
        ("lists", Self::Lists),
    ];
}

impl Call {
    /// Its verb and its kind.
    pub fn deed(&self) -> Option<(Verb, &str)> {
        let (verb, kind) = self.does.as_deref()?.split_once(' ')?;
        let (_, verb) = Verb::ALL.into_iter().find(|(word, _)| *word == verb)?;
        Some((verb, kind))
    }

    /// Returns true if it writes.
    pub fn writes(&self) -> bool {
        let deed = self.deed();
        deed.is_some_and(|(verb, _)| !matches!(verb, Verb::Reads | Verb::Lists))
    }
}

/// Splits a refusal into its parts: `400 ParameterNotFound: words`.
pub fn told(text: &str) -> Option<(u16, &str, &str)> {
    let (status, rest) = text.split_once(' ')?;
    let (code, words) = match rest.split_once(": ") {
        Some((code, words)) => (code, words),
        None => (rest.trim_end_matches(':'), ""),
    };
    Some((status.parse().ok()?, code, words))
}

/// Splits `Targets by Id from Ids` into its three parts. A missing last part is the same as the first one.
pub fn keyed(text: &str) -> (&str, &str, &str) {
    let (list, rest) = text.split_once(" by ").unwrap_or((text, ""));
    let (key, from) = rest.split_once(" from ").unwrap_or((rest, list));
    (list, key, from)
}
