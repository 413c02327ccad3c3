//! The format of a service's file. The file lists the kinds of things that are kept, the calls and the waiters.
//! CONTRIBUTING.md describes how to write one, and `engine` executes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The file of a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Members that are not in the usual place on the wire. This applies to every call that has these members.
    #[serde(default)]
    pub wire: String,
    /// Members of requests whose values a report may show, in addition to the names of things. The members are
    /// separated by blanks.
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
    pub kind: BTreeMap<String, ThingKind>,
    /// The calls. The key is AWS's name.
    pub call: BTreeMap<String, Call>,
    /// The waiters. The key is the waiter's name on the command line.
    #[serde(default)]
    pub wait: BTreeMap<String, Wait>,
}

/// A kind of things.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ThingKind {
    /// The template for the name of a thing. It is filled in with members of the call: `{QueueName}`.
    pub name: String,
    /// The ids that a new thing gets. The key is the member, the value is the form of the id: `lower10`, `upper14`,
    /// `hex8` or `uuid`.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// Members that answers show in addition to the stored members. Their values are templates.
    #[serde(default)]
    pub shows: Map<String, Value>,
    /// Members that a thing keeps when a call replaces it.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Members that identify a thing. Two things cannot have the same values in all of them.
    #[serde(default)]
    pub unique: Vec<String>,
    /// The member that shows if a change is in progress.
    pub settles: Option<Settles>,
    /// The kinds of things that a thing of this kind contains. The name of a contained thing begins with the name of
    /// the containing thing and a slash. It is deleted with the containing thing, and a call about it is refused if the
    /// containing thing does not exist.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The period after a deletion. A thing in this period still exists but cannot be used.
    pub rests: Option<Rests>,
    /// The member whose value is encrypted in answers, unless the call asks for the plain value.
    pub sealed: Option<Sealed>,
    /// Other names that lead to a thing.
    pub aliased: Option<Aliased>,
    /// The start of a name that stands for a function's thing, such as `/aws/lambda/`. Calls find such a thing for every
    /// function from before the rehearsal.
    pub of_functions: Option<String>,
    /// The refusal of a call for a thing that does not exist.
    pub missing: String,
    /// The refusal of a call that makes a thing that already exists.
    pub exists: Option<String>,
    /// Example members for a thing that a project gives to its rehearsals.
    #[serde(default)]
    pub given: Map<String, Value>,
}

/// The member that shows if a change is in progress: `TableStatus`, `CREATING`, `ACTIVE`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settles {
    /// The member's name.
    pub member: String,
    /// The member's value during the change.
    pub from: Value,
    /// The member's value after the change.
    pub to: Value,
}

/// A member whose value is encrypted in answers. Example: `Value` is encrypted if the thing's `Type` is `SecureString`
/// and the call lacks `WithDecryption`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The name of the encrypted member.
    pub member: String,
    /// The member that marks a thing as encrypted.
    pub of: String,
    /// The value that the marking member has in an encrypted thing.
    pub is: Value,
    /// The member of a call that asks for the plain value.
    pub unless: String,
}

/// Names that lead to a thing through an alias. Example: `alias/pay` is a thing of the kind `alias`. The alias has a
/// member `TargetKeyId`, which names the key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aliased {
    /// The beginning of the name of an alias.
    pub begins: String,
    /// The kind of the alias.
    pub by: String,
    /// The member of the alias that names the thing.
    pub to: String,
}

/// The period after a deletion. A thing in this period still exists but cannot be used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rests {
    /// The member that holds the time of the deletion.
    pub since: String,
    /// The member of a call that deletes the thing at once.
    pub unless: String,
    /// The refusal of a call that makes a thing with the same name.
    pub exists: String,
    /// The refusal of a call that uses the deleted thing.
    pub missing: String,
}

/// A call.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// A description of the call, for users.
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
    /// The members of an answer, in AWS's order. Only members that answers really have are listed.
    #[serde(default)]
    pub gives: String,
    /// The verb and the kind of the call: `makes table`, `puts`, `changes`, `drops`, `reads`, `lists`. A call without
    /// it keeps nothing.
    pub does: Option<String>,
    /// The template for the name of the thing, if it differs from the kind's template.
    pub named: Option<String>,
    /// Options of the command line that are not members of the model: `Paths[]`.
    #[serde(default)]
    pub extra: String,
    /// Members that the model requires but the command line does not.
    #[serde(default)]
    pub optional: Vec<String>,
    /// True if a call that makes a thing returns the existing thing instead of an error.
    #[serde(default)]
    pub again: bool,
    /// A member that must have the same value in the request and in the existing thing. If the member is a map, its
    /// entries are compared.
    pub same: Option<String>,
    /// True if it is not an error to delete a thing that does not exist.
    #[serde(default)]
    pub quiet: bool,
    /// The member of a request that allows the call to replace an existing thing.
    pub unless: Option<String>,
    /// Members of which a request must have at least one, and the refusal: `EventPattern ScheduleExpression: 400 …`. A
    /// word `type=MOCK` stands for a member with that value.
    pub wants: Option<String>,
    /// The required beginnings of texts, by member: `alias/ 400 …`.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
    /// The required forms of texts, by member, each by its name in `form.rs`: `schedule 400 …`.
    #[serde(default)]
    pub forms: BTreeMap<String, String>,
    /// Members that a new thing needs, each with the refusal if it is missing.
    #[serde(default)]
    pub first: BTreeMap<String, String>,
    /// Members of the thing that must be empty. The value is the refusal if the member is not empty.
    #[serde(default)]
    pub refuses: BTreeMap<String, String>,
    /// Conditions on the things that `where` selects. Each condition has `some` or `every`, the kind, the path at which
    /// such a thing must have a value, and the refusal: `some resource resourceMethods: 400 …`.
    #[serde(default)]
    pub demands: Vec<String>,
    /// Other things that must exist. The key is the name that templates use for such a thing. The value is the kind,
    /// followed by the template for the name if it differs from the kind's. If the value begins with `?`, the thing is
    /// needed only if the request names one.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    /// Members that are stored in addition to the members of the request. Their values are templates.
    #[serde(default)]
    pub keeps: Map<String, Value>,
    /// Members of the request that are not stored.
    #[serde(default)]
    pub forgets: Vec<String>,
    /// A path inside the thing. There must be a value at this path.
    pub under: Option<String>,
    /// A path that continues `under`. Together they lead to the value that the call is about.
    pub at: Option<String>,
    /// The refusal if there is no value at a path.
    pub absent: Option<String>,
    /// The refusal if there is already a value at the path.
    pub fresh: Option<String>,
    /// The list inside the thing, and the member by which the request selects one item: `Resources by
    /// LogicalResourceId`.
    pub finds: Option<String>,
    /// The member inside the thing that the call sets: `Attributes.{AttributeName} = {AttributeValue}`.
    pub sets: Option<String>,
    /// Conditions that the listed things must meet. The key is a member, the value is a template. A text that ends in
    /// `*` matches every text with this beginning.
    #[serde(default, rename = "where")]
    pub filter: Map<String, Value>,
    /// The member of a request that includes names with further slashes after the given beginning. Without it, only
    /// names without further slashes are listed.
    pub shallow: Option<String>,
    /// The member of a request that names several things: `Names`.
    pub each: Option<String>,
    /// The list inside the thing to which the request adds items, and the member that identifies an item: `Targets by
    /// Id`.
    pub joins: Option<String>,
    /// The list inside the thing from which the request removes items, the member that identifies an item, and the
    /// member of the request that names the items: `Targets by Id from Ids`.
    pub parts: Option<String>,
    /// The map in the answer from which the request selects entries, and the member of the request that names them:
    /// `Attributes by AttributeNames`.
    pub picks: Option<String>,
    /// True if the request describes its change in `patchOperations`.
    #[serde(default)]
    pub patches: bool,
    /// The refusal while a change is in progress.
    pub unsettled: Option<String>,
    /// Other things that the call makes together with its thing.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The template of the answer. If it is empty, the answer is the thing itself. `{thing}` is the thing, `{things}`
    /// are the things of a list.
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

/// A thing that a call makes together with another thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// The kind of the thing.
    pub kind: String,
    /// A member of the request. If the request lacks it, this thing is not made.
    pub with: Option<String>,
    /// The members of the thing. Their values are templates.
    pub keeps: Map<String, Value>,
}

/// A waiter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// The operation that the waiter calls again and again.
    pub polls: String,
    /// The number of seconds between two calls on AWS.
    pub every: u32,
    /// Maximum number of calls.
    pub times: u32,
    /// The conditions, in the order in which they are checked: `success Table.TableStatus = ACTIVE`, `retry error
    /// ResourceNotFoundException`.
    pub until: Vec<String>,
}

/// The verb of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Makes a thing, which must not exist yet.
    Makes,
    /// Makes a thing or replaces it.
    Puts,
    /// Changes an existing thing.
    Changes,
    /// Deletes a thing.
    Drops,
    /// Returns a thing.
    Reads,
    /// Returns several things.
    Lists,
}

impl Verb {
    /// All verbs, with their words.
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
    /// The verb and the kind of the call.
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

/// Splits a refusal such as `400 ParameterNotFound: words` into its status, its code and its words.
pub fn told(text: &str) -> Option<(u16, &str, &str)> {
    let (status, rest) = text.split_once(' ')?;
    let (code, words) = match rest.split_once(": ") {
        Some((code, words)) => (code, words),
        None => (rest.trim_end_matches(':'), ""),
    };
    Some((status.parse().ok()?, code, words))
}

/// Splits a text such as `Targets by Id from Ids` into its three parts. If the last part is missing, the first part is
/// used for it.
pub fn keyed(text: &str) -> (&str, &str, &str) {
    let (list, rest) = text.split_once(" by ").unwrap_or((text, ""));
    let (key, from) = rest.split_once(" from ").unwrap_or((rest, list));
    (list, key, from)
}
