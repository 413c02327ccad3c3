//! A service's file: the kinds of things that are kept, the calls, the waiters. CONTRIBUTING.md describes how to write
//! one; `engine` acts on it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Members with another location than their kind's, in each of the calls that have them.
    #[serde(default)]
    pub wire: String,
    /// Members of requests whose values a report may show beside the names of things: names with blanks between.
    #[serde(default)]
    pub harmless: String,
    /// The refusal of a token that no page has. Its words are not recorded.
    #[serde(default = "stray")]
    pub stray: String,
    /// Status and code of the refusal of a page that is too long or too short; without it, such a page has the nearest
    /// length.
    pub length: Option<String>,
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
    /// The members that answers show beside the given ones, filled in.
    #[serde(default)]
    pub shows: Map<String, Value>,
    /// Members that stay when the thing is put again.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Members that no two things share.
    #[serde(default)]
    pub unique: Vec<String>,
    /// The member that shows a change in progress.
    pub settles: Option<Settles>,
    /// Kinds whose things lie in it, named behind its name and a slash, and deleted with it. A call about one of them
    /// is refused if this thing is missing.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The time for which a deleted thing rests.
    pub rests: Option<Rests>,
    /// The member that comes encrypted unless the call asks for the value.
    pub sealed: Option<Sealed>,
    /// Other names that lead to a thing.
    pub aliased: Option<Aliased>,
    /// The beginning of names that every function's thing has, for calls that read: `/aws/lambda/`.
    pub of_functions: Option<String>,
    /// The refusal of a call for a thing that is missing.
    pub missing: String,
    /// The refusal of a call that makes a thing that exists.
    pub exists: Option<String>,
    /// Members of a thing that a project gives to its rehearsals, as an example.
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

/// A member that comes encrypted: `Value` of a thing whose `Type` is `SecureString`, without `WithDecryption`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Its name.
    pub member: String,
    /// The member that marks an encrypted thing.
    pub of: String,
    /// The value of that member.
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
    /// The kind of the alias.
    pub by: String,
    /// The member that names the thing.
    pub to: String,
}

/// The rest of a deleted thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rests {
    /// The member that holds the moment of its deletion.
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
    /// A description of the call, for people.
    pub about: String,
    /// Method, path and status on the wire.
    #[serde(default = "post")]
    pub route: String,
    /// Members with another location than their kind's.
    #[serde(default)]
    pub wire: String,
    /// The members of a request (see [`super::shape`]).
    #[serde(default)]
    pub takes: String,
    /// The members of an answer, in AWS's order: only those that are answered.
    #[serde(default)]
    pub gives: String,
    /// Its verb and kind: `makes table`, `puts`, `changes`, `drops`, `reads`, `lists`. Without it, nothing is kept.
    pub does: Option<String>,
    /// The name of the thing, if it differs from the kind's.
    pub named: Option<String>,
    /// Options of the command line that are no members of the model: `Paths[]`.
    #[serde(default)]
    pub extra: String,
    /// Members that the model requires and the command line does not.
    #[serde(default)]
    pub optional: Vec<String>,
    /// True if making a thing that exists answers that thing.
    #[serde(default)]
    pub again: bool,
    /// A member, or a map, whose value in the existing thing must be the request's.
    pub same: Option<String>,
    /// True if deleting a missing thing succeeds.
    #[serde(default)]
    pub quiet: bool,
    /// The switch without which an existing thing is not put again.
    pub unless: Option<String>,
    /// Members of which one is required: `EventPattern ScheduleExpression: 400 …`.
    pub wants: Option<String>,
    /// The required beginnings of texts, by member: `alias/ 400 …`, `cron(|rate( 400 …`.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
    /// Members that a new thing needs, each with the refusal.
    #[serde(default)]
    pub first: BTreeMap<String, String>,
    /// Members of the thing that have to be empty, each with the refusal.
    #[serde(default)]
    pub refuses: BTreeMap<String, String>,
    /// A condition on some, or on every thing of a kind that `where` selects: `some resource resourceMethods: 400 …`.
    #[serde(default)]
    pub demands: Vec<String>,
    /// Other things that have to exist: a name for templates, and the kind, with its name if that differs. `?` in
    /// front: only if the request names one.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    /// Members that are kept beside those of the request, filled in.
    #[serde(default)]
    pub keeps: Map<String, Value>,
    /// Members of the request that are not kept.
    #[serde(default)]
    pub forgets: Vec<String>,
    /// A path inside the thing that has to exist.
    pub under: Option<String>,
    /// The path behind that, of the call's subject.
    pub at: Option<String>,
    /// The refusal if there is nothing at a path.
    pub absent: Option<String>,
    /// The refusal if a path already has a value.
    pub fresh: Option<String>,
    /// The item of a list inside the thing that the request names: `Resources by LogicalResourceId`.
    pub finds: Option<String>,
    /// A member inside the thing that is set: `Attributes.{AttributeName} = {AttributeValue}`.
    pub sets: Option<String>,
    /// Conditions on the things of a list, filled in; `*` at the end for the beginning of a text.
    #[serde(default, rename = "where")]
    pub filter: Map<String, Value>,
    /// Of a list by a beginning: the switch without which only things of that level are listed.
    pub shallow: Option<String>,
    /// The member that names several: `Names`.
    pub each: Option<String>,
    /// A list inside the thing that the request adds to: `Targets by Id`.
    pub joins: Option<String>,
    /// A list inside the thing that the request takes from: `Targets by Id from Ids`.
    pub parts: Option<String>,
    /// A map of the answer from which the request picks: `Attributes by AttributeNames`.
    pub picks: Option<String>,
    /// True if `patchOperations` describe the change.
    #[serde(default)]
    pub patches: bool,
    /// The refusal while a change is in progress.
    pub unsettled: Option<String>,
    /// Other things that are made with it.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The answer, filled in; the thing itself if this is empty. `{thing}` is that thing, `{things}` are those of a
    /// list.
    #[serde(default)]
    pub answers: Map<String, Value>,
    /// The paging members: `NextToken MaxResults NextToken Parameters`, for the page's beginning, its length (`-` if it has
    /// none), the next page's beginning, and the lists.
    pub pages: Option<String>,
    /// The number of items on a page: usually, and at most.
    pub page: Option<[usize; 2]>,
    /// The content of a token.
    #[serde(default)]
    pub token: Token,
    /// True if the `aws` command does not walk the pages.
    #[serde(default)]
    pub unwalked: bool,
    /// The member that holds a domain's name, and the member of the request with the name at which the list starts: `Name from
    /// DNSName`. Such a list is in the order of the names, read from their last label.
    pub starts: Option<String>,
}

/// The content of a page's token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Token {
    /// A text that clients hand on as it is.
    #[default]
    Opaque,
    /// The name of the page's last thing.
    Last,
    /// The name of the next page's first thing.
    First,
}

fn stray() -> String {
    "400 ValidationException: The pagination token is invalid.".to_owned()
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
    /// Its verb and its kind.
    pub fn deed(&self) -> Option<(Verb, &str)> {
        let (verb, kind) = self.does.as_deref()?.split_once(' ')?;
        let (_, verb) = Verb::ALL.into_iter().find(|(word, _)| *word == verb)?;
        Some((verb, kind))
    }

    /// The paging members: of the page's beginning, of its length if it has one, of the next page's beginning.
    pub fn paging(&self) -> Option<(&str, Option<&str>, &str)> {
        let mut words = self.pages.as_deref()?.split(' ');
        let (from, limit) = (words.next()?, words.next()?);
        Some((from, (limit != "-").then_some(limit), words.next()?))
    }

    /// The lists that come in pages, by their paths in the answer.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        let words = self.pages.as_deref().unwrap_or_default().split(' ');
        words.skip(3)
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

/// Takes `Targets by Id from Ids` apart; the last part is the first one if it is not given.
pub fn keyed(text: &str) -> (&str, &str, &str) {
    let (list, rest) = text.split_once(" by ").unwrap_or((text, ""));
    let (key, from) = rest.split_once(" from ").unwrap_or((rest, list));
    (list, key, from)
}
