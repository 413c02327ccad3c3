//! What a service's file says: the kinds of things that are kept, the calls, the waiters. CONTRIBUTING.md tells how one is
//! written; `engine` does what it says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Members that travel elsewhere than their kind does, in each of the calls that have them.
    #[serde(default)]
    pub wire: String,
    /// Members of requests whose values a report may show beside those that name things: names with blanks between.
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
    /// How one is named, filled in from the members of the call: `{QueueName}`.
    pub name: String,
    /// Ids that AWS gives one that is made: the member, and its form, `lower10`, `upper14`, `hex8`, `uuid`.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// What answers show of it beside the members that were given, filled in.
    #[serde(default)]
    pub shows: Map<String, Value>,
    /// Members that stay when it is put anew.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Members that no two of them share.
    #[serde(default)]
    pub unique: Vec<String>,
    /// The member that tells of a change in progress.
    pub settles: Option<Settles>,
    /// Kinds whose things lie in it, named behind its name and a slash, and go with it. A call about one of them is refused
    /// where this is not there.
    #[serde(default)]
    pub holds: Vec<String>,
    /// One that is deleted rests for a while.
    pub rests: Option<Rests>,
    /// The member that comes encrypted unless the call asks for the value.
    pub sealed: Option<Sealed>,
    /// Other names that lead to one.
    pub aliased: Option<Aliased>,
    /// The beginning of the names of those that every function has, for calls that read: `/aws/lambda/`.
    pub of_functions: Option<String>,
    /// The refusal of a call for one that is not there.
    pub missing: String,
    /// The refusal of a call that makes one that is there.
    pub exists: Option<String>,
    /// Members of one that a project gives to its rehearsals, as an example.
    #[serde(default)]
    pub given: Map<String, Value>,
}

/// The member that tells of a change in progress: `TableStatus`, `CREATING`, `ACTIVE`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settles {
    /// Its name.
    pub member: String,
    /// What it says while the change is under way.
    pub from: Value,
    /// What it says then.
    pub to: Value,
}

/// A member that comes encrypted: `Value` of one whose `Type` is `SecureString`, without `WithDecryption`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Its name.
    pub member: String,
    /// The member that says that it is.
    pub of: String,
    /// What that says then.
    pub is: Value,
    /// The switch of a call that asks for the value.
    pub unless: String,
}

/// Names that lead to a thing by way of another: `alias/pay`, of the kind `alias`, whose `TargetKeyId` names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aliased {
    /// The beginning of such a name.
    pub begins: String,
    /// The kind of what is named.
    pub by: String,
    /// The member that names the thing.
    pub to: String,
}

/// The rest of one that is deleted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rests {
    /// The member that says since when.
    pub since: String,
    /// The switch of a call that deletes it at once.
    pub unless: String,
    /// The refusal of a call that makes one of that name.
    pub exists: String,
    /// The refusal of a call that uses it.
    pub missing: String,
}

/// A call.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// What it does, for people.
    pub about: String,
    /// Method, path and status on the wire.
    #[serde(default = "post")]
    pub route: String,
    /// Members that travel elsewhere than their kind does.
    #[serde(default)]
    pub wire: String,
    /// The members of a request (see [`super::shape`]).
    #[serde(default)]
    pub takes: String,
    /// The members of an answer, in AWS's order: as many of them as are answered.
    #[serde(default)]
    pub gives: String,
    /// What it does to which kind: `makes table`, `puts`, `changes`, `drops`, `reads`, `lists`. Without it, nothing is kept.
    pub does: Option<String>,
    /// How the thing is named, where not as its kind says.
    pub named: Option<String>,
    /// Options of the command line that are no members of the model: `Paths[]`.
    #[serde(default)]
    pub extra: String,
    /// Members that the model requires and the command line does not.
    #[serde(default)]
    pub optional: Vec<String>,
    /// True where making one that is there answers that one.
    #[serde(default)]
    pub again: bool,
    /// A member, or a map, of which the one that is there has to have what the request says.
    pub same: Option<String>,
    /// True where deleting one that is not there succeeds.
    #[serde(default)]
    pub quiet: bool,
    /// The switch without which one that is there is not put anew.
    pub unless: Option<String>,
    /// Members of which one has to be there: `EventPattern ScheduleExpression: 400 …`.
    pub wants: Option<String>,
    /// How texts have to begin, by member: `alias/ 400 …`, `cron(|rate( 400 …`.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
    /// Members that are needed of a thing that is new, each with the refusal.
    #[serde(default)]
    pub first: BTreeMap<String, String>,
    /// Members of the thing that have to be empty, each with the refusal.
    #[serde(default)]
    pub refuses: BTreeMap<String, String>,
    /// What holds of some, or of every thing of a kind that `where` means: `some resource resourceMethods: 400 …`.
    #[serde(default)]
    pub demands: Vec<String>,
    /// Other things that have to be there: a name for templates, and the kind, with how it is named where that differs.
    /// `?` in front: only where the request names one.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    /// Members that are kept beside those of the request, filled in.
    #[serde(default)]
    pub keeps: Map<String, Value>,
    /// Members of the request that are not kept.
    #[serde(default)]
    pub forgets: Vec<String>,
    /// A path inside the thing that has to be there.
    pub under: Option<String>,
    /// A path behind that, of what the call is about.
    pub at: Option<String>,
    /// The refusal where there is nothing at a path.
    pub absent: Option<String>,
    /// The refusal where there is something at the path already.
    pub fresh: Option<String>,
    /// The one of a list inside the thing that the request names: `Resources by LogicalResourceId`.
    pub finds: Option<String>,
    /// A member inside the thing that is set: `Attributes.{AttributeName} = {AttributeValue}`.
    pub sets: Option<String>,
    /// Of a list: what those have that are told, filled in; `*` at the end for the beginning of a text.
    #[serde(default, rename = "where")]
    pub filter: Map<String, Value>,
    /// Of a list by a beginning: the switch without which what is told lies no deeper.
    pub shallow: Option<String>,
    /// The member that names several: `Names`.
    pub each: Option<String>,
    /// A list inside the thing that the request adds to: `Targets by Id`.
    pub joins: Option<String>,
    /// A list inside the thing that the request takes from: `Targets by Id from Ids`.
    pub parts: Option<String>,
    /// A map of the answer of which the request picks: `Attributes by AttributeNames`.
    pub picks: Option<String>,
    /// True where `patchOperations` say what is changed.
    #[serde(default)]
    pub patches: bool,
    /// The refusal while a change is in progress.
    pub unsettled: Option<String>,
    /// Other things that are made with it.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The answer, filled in; the thing itself where there is none. `{thing}` is that, `{things}` are those of a list.
    #[serde(default)]
    pub answers: Map<String, Value>,
    /// How it pages: `NextToken MaxResults NextToken Parameters`, the members that say where a page begins, how long it is
    /// and where the next begins, and the list.
    pub pages: Option<String>,
}

fn post() -> String {
    "POST / 200".to_owned()
}

/// A thing that is made with another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Its kind.
    pub kind: String,
    /// The member of the request without which it is not made.
    pub with: Option<String>,
    /// Its members, filled in.
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
    /// How many polls.
    pub times: u32,
    /// What it looks at, in order: `success Table.TableStatus = ACTIVE`, `retry error ResourceNotFoundException`.
    pub until: Vec<String>,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Makes a thing that must not be there.
    Makes,
    /// Makes a thing, or replaces it.
    Puts,
    /// Changes a thing that must be there.
    Changes,
    /// Deletes a thing.
    Drops,
    /// Answers a thing.
    Reads,
    /// Answers several.
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
    /// What it does to which kind.
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

/// A refusal, taken apart: `400 ParameterNotFound: words`.
pub fn told(text: &str) -> Option<(u16, &str, &str)> {
    let (status, rest) = text.split_once(' ')?;
    let (code, words) = match rest.split_once(": ") {
        Some((code, words)) => (code, words),
        None => (rest.trim_end_matches(':'), ""),
    };
    Some((status.parse().ok()?, code, words))
}

/// `Targets by Id from Ids`, taken apart; the last is the first where nothing else is said.
pub fn keyed(text: &str) -> (&str, &str, &str) {
    let (list, rest) = text.split_once(" by ").unwrap_or((text, ""));
    let (key, from) = rest.split_once(" from ").unwrap_or((rest, list));
    (list, key, from)
}
