//! Ready answers, for calls of services that are not simulated. Each service has one readable file, which describes its
//! calls and answers in AWS's shape. A call reads the things that other calls put. The state keeps them as [`Thing`]s,
//! and nothing else is invented. The things have no effect. For example, no message is delivered, and no rule is
//! triggered.
//!
//! A file is parsed only when its service is called.

mod bytes;
pub mod catalogue;
mod engine;
mod form;
pub(in crate::operation) mod queue;
pub mod shape;
mod template;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::{Map, Value};

use super::{
    Entry, Lambda, Result, Service,
    shape::{Member, Shape, Structure},
};
use crate::{
    state::{
        arn::Scope,
        error::{Code, ServiceError},
        kind::Kind as _,
        logs::{self, Logged},
        ready::{self, Thing, Things},
    },
    store::{Place, Store, kind::file_of},
};
use catalogue::{Call, Catalogue, ThingKind, Verb, Wait};

/// The file in which a project gives things to its rehearsals.
const PROJECT: &str = "lambdry.toml";

macro_rules! services {
    ($($name:literal $regional:literal $waits:literal $about:literal $($families:expr)?;)*) => {
        /// The services with ready answers.
        pub const SERVICES: &[Service] = &[$(Service {
            name: $name,
            about: $about,
            regional: $regional,
            families: &[$($families)?],
            ready: Some(Text {
                file: include_str!(concat!($name, ".toml")),
                waits: $waits,
            }),
        },)*];
    };
}

// One line for each service: its name on the command line, true if it has regions, true if it has waiters, its
// description, and its operations that are simulated and therefore not ready answers.
services! {
    "acm" true true "Certificates, without validation. Only stored and shown.";
    "apigateway" true false "REST APIs: resources, methods, stages. Only stored and shown.";
    "apigatewayv2" true false "HTTP and WebSocket APIs: routes, integrations, stages. Only stored and shown.";
    "application-autoscaling" true false "Scalable targets and their policies, without any scaling. Only stored and shown.";
    "cloudformation" true true "Stacks that lambdry.toml declares, and their outputs. Only stored and shown.";
    "cloudfront" false true "Distributions and invalidations. Only stored and shown.";
    "cloudwatch" true true "Alarms and metrics. Only stored and shown.";
    "cognito-idp" true false "User pools and their clients, without sign-in. Only stored and shown.";
    "dynamodb" true true "Tables, without items. Only stored and shown.";
    "events" true false "Rules and their targets. Only stored and shown.";
    "kms" true false "Keys and their aliases, without encryption. Only stored and shown.";
    "logs" true false "Log groups and the logs of functions." super::logs::ENTRIES;
    "route53" false true "Hosted zones, without name resolution. Only stored and shown.";
    "secretsmanager" true false "Secrets that a call has put. Only stored and shown.";
    "sns" true false "Topics and subscriptions. Only stored and shown.";
    "sqs" true false "Queues, without messages. Only stored and shown.";
    "ssm" true false "Parameters that a call has put. Only stored and shown.";
    "stepfunctions" true false "State machines, without execution. Only stored and shown.";
}

/// The text of a service's file.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    file: &'static str,
    /// True if the service has waiters.
    pub waits: bool,
}

/// A call with a ready answer.
#[derive(Debug)]
pub struct Ready {
    /// The service's name on the command line.
    pub service: &'static str,
    /// AWS's name, for example `CreateQueue`.
    pub name: &'static str,
    /// The call's entry in the service's file.
    pub call: &'static Call,
    /// True if the service has regions.
    regional: bool,
    of: &'static Catalogue,
    takes: OnceLock<Structure>,
    gives: OnceLock<Structure>,
}

impl Ready {
    /// The members of a request.
    pub fn takes(&self) -> &Structure {
        self.takes.get_or_init(|| {
            let mut takes = members(&self.call.takes);
            takes.members.extend(members(&self.call.extra).members);
            takes
        })
    }

    /// The members of an answer.
    pub fn gives(&self) -> &Structure {
        self.gives.get_or_init(|| members(&self.call.gives))
    }

    /// Returns true if a report may show this value of a member. It may if the value is one of the words that the model
    /// lists, if the member names a thing, or if the service's file lists the member as harmless.
    pub fn is_harmless(&self, member: &Member, value: &str) -> bool {
        let name = member.name.as_str();
        let chooses = match &member.shape {
            Shape::String(text) => text.known_values.iter().any(|known| known == value),
            _ => false,
        };
        let own = self.of.kind.values().map(|kind| &kind.name);
        let calls = self.of.call.values();
        let mut named = own.chain(calls.filter_map(|call| call.named.as_ref()));
        chooses
            || self
                .of
                .harmless
                .split_whitespace()
                .any(|harmless| harmless == name)
            || self.call.each.as_deref() == Some(name)
            || named.any(|named| template::places(named).any(|place| place == name))
    }

    /// Makes the call.
    ///
    /// # Errors
    /// The refusals in the service's file, and errors of the disk.
    pub fn run(&'static self, lambda: &Lambda<'_>, request: &Value) -> Result<Value> {
        let kept = bytes::kept(lambda.place.store, self.takes(), request)?;
        engine::call(self, lambda, kept.as_ref().unwrap_or(request))
    }

    /// Completes the change in progress of the thing that the call reads. Returns true if a change was in progress.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn complete(&'static self, lambda: &Lambda<'_>, request: &Value) -> Result<bool> {
        engine::complete(self, lambda, request)
    }

    /// The effect of the call in a few words: `keeps queue`.
    pub fn told(&self) -> String {
        let Some((verb, kind)) = self.call.deed() else {
            return "keeps nothing".to_owned();
        };
        let verb = match verb {
            Verb::Makes | Verb::Puts => "keeps",
            Verb::Changes => "changes",
            Verb::Drops => "deletes",
            Verb::Reads => "reads",
            Verb::Lists => "lists",
        };
        format!("{verb} {kind}")
    }

    /// Members that are not in the usual place on the wire. The members of the call come before those of its service.
    pub(super) fn wire(&self) -> &'static str {
        match (&*self.call.wire, &*self.of.wire) {
            ("", of_all) => of_all,
            (own, "") => own,
            // Both texts are joined only once, when the service's file is read.
            (own, of_all) => format!("{own} {of_all}").leak(),
        }
    }

    fn kind(&self, word: &str) -> &'static ThingKind {
        let kind = self.of.kind.get(word);
        kind.expect("calls name kinds that their file has, which a test holds")
    }

    /// The kind whose things contain things of the given kind.
    fn parent(&self, kind: &str) -> Option<&'static str> {
        let mut kinds = self.of.kind.iter();
        let holds = |of: &ThingKind| of.holds.iter().any(|held| held == kind);
        kinds.find_map(|(word, of)| holds(of).then_some(word.as_str()))
    }

    /// The code as a static text.
    fn code(&self, code: &str) -> &'static str {
        static KEPT: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(code.to_owned())
            .or_insert_with(|| code.to_owned().leak())
    }
}

/// Parses the list of members that a file contains.
fn members(text: &str) -> Structure {
    shape::read(text).expect("the files are read by a test")
}

/// The parsed file of a service.
#[derive(Debug)]
struct Parsed {
    catalogue: &'static Catalogue,
    entries: Vec<Entry>,
}

/// The service with that name.
fn service(name: &str) -> Option<(&'static Service, Text)> {
    let service = SERVICES.iter().find(|service| service.name == name)?;
    Some((service, service.ready?))
}

fn parsed(service: &'static Service, text: Text) -> &'static Parsed {
    static KEPT: Mutex<BTreeMap<&str, &'static Parsed>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(service.name).or_insert_with(|| {
        // By way of plain data: the types are read from that elsewhere too, and a second reader of each is 60 KB.
        let plain: Value = toml::from_str(text.file).expect("the files are read by a test");
        let catalogue: Catalogue =
            serde_json::from_value(plain).expect("the files are read by a test");
        let catalogue: &'static Catalogue = Box::leak(Box::new(catalogue));
        let entries = catalogue.call.iter().map(|(name, call)| {
            let ready = Ready {
                service: service.name,
                name,
                call,
                regional: service.regional,
                of: catalogue,
                takes: OnceLock::new(),
                gives: OnceLock::new(),
            };
            Entry::ready(Box::leak(Box::new(ready)))
        });
        let entries = entries.collect();
        Box::leak(Box::new(Parsed { catalogue, entries }))
    })
}

/// The operations of a service that have ready answers.
pub fn entries(name: &str) -> &'static [Entry] {
    service(name).map_or(&[], |(service, text)| &parsed(service, text).entries)
}

/// The waiters of a service with ready answers. The key is the waiter's name on the command line.
pub fn waits(name: &str) -> Option<&'static BTreeMap<String, Wait>> {
    let (service, text) = service(name)?;
    Some(&parsed(service, text).catalogue.wait)
}

/// The kinds of things of a service with ready answers. The key is the kind's word.
fn kinds(name: &str) -> Option<&'static BTreeMap<String, ThingKind>> {
    let (service, text) = service(name)?;
    Some(&parsed(service, text).catalogue.kind)
}

/// The path in the state directory of the file that holds the things of a service.
pub fn file(service: &str, scope: &Scope) -> String {
    match service {
        logs::SERVICE => file_of::<Logged>(scope),
        _ => file_of::<Thing>(scope),
    }
}

/// Returns true if those words name a kind of things that ready answers keep.
pub fn keeps(kind: &str) -> bool {
    [Thing::WORDS.one, Logged::WORDS.one].contains(&kind)
}

/// Returns true if the service has ready answers.
pub fn answers(name: &str) -> bool {
    service(name).is_some()
}

/// The call with that name, in a service with ready answers.
pub fn find(service: &str, operation: &str) -> Option<&'static Ready> {
    let mut entries = entries(service).iter();
    let entry = entries.find(|entry| entry.name == operation)?;
    entry.answer()
}

/// The services that have a call with that name. Their files are searched as text. The fault plan is checked on every
/// call, and parsing the files each time would be too slow.
pub fn having(name: &str) -> impl Iterator<Item = &'static str> {
    let said = format!("[call.{name}]");
    let services = SERVICES.iter();
    services.filter_map(move |service| {
        let has = |text: Text| text.file.lines().any(|line| line == said);
        service.ready.is_some_and(has).then_some(service.name)
    })
}

/// Returns true if a state already has the effect that a call would have, no matter which call caused it. `None` if
/// that is unknown.
///
/// # Errors
/// The state cannot be read.
pub fn satisfied(
    store: &Store,
    scope: &Scope,
    service: &str,
    operation: &str,
    request: &Value,
) -> Result<Option<bool>> {
    let Some(ready) = find(service, operation) else {
        return Ok(None);
    };
    let place = store.place(engine::scope(ready.regional, scope));
    let Some((name, _)) = engine::name(ready, &place, request) else {
        return Ok(None);
    };
    let wish = request.as_object().cloned().unwrap_or_default();
    let kept = wish
        .into_iter()
        .filter(|(name, _)| !ready.call.forgets.contains(name));
    let mut wish: Map<String, Value> = kept.collect();
    wish.insert("Resource".to_owned(), name.into());
    let operation = match ready.call.deed() {
        Some((Verb::Drops, _)) if ready.call.at.is_none() => "Delete",
        Some((Verb::Makes | Verb::Puts, _)) => "Create",
        _ => return Ok(None),
    };
    let kept_by = match service {
        logs::SERVICE => logs::SERVICE,
        _ => ready::SERVICE,
    };
    crate::store::kind::satisfied(store, &place.scope, kept_by, operation, &wish.into())
}

/// Things that a project gives to its rehearsals. The key is a name such as `ssm parameter /pay/host`, the value has
/// the thing's members.
pub type Given = BTreeMap<String, Map<String, Value>>;

/// Splits the name of a given thing into the service, the kind, and the thing's own name.
///
/// # Errors
/// A sentence about the mistake, if the name has no meaning.
fn taken_apart(
    name: &str,
) -> std::result::Result<(&'static Service, &'static ThingKind, &str), String> {
    let mut words = name.splitn(3, ' ');
    let (Some(word), Some(kind), Some(own)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("{name:?} has to be a service, a kind and a name"));
    };
    let Some(((of, _), kinds)) = service(word).zip(kinds(word)) else {
        let names: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        return Err(format!(
            "{word:?} has no ready answers; these have: {}",
            names.join(", ")
        ));
    };
    let Some(of_kind) = kinds.get(kind) else {
        let kinds: Vec<&str> = kinds.keys().map(String::as_str).collect();
        return Err(format!("{word} stores {}, not {kind:?}", kinds.join(", ")));
    };
    Ok((of, of_kind, own))
}

/// The name of a thing in a plan: `sqs queue orders`. A plan contains no ids. So a thing whose name is an id is shown
/// only by its service and kind: `apigateway rest-api`.
pub fn told(name: &str) -> String {
    let is_id = |place: &str| place == "id" || place.ends_with("Id");
    match taken_apart(name) {
        Ok((service, kind, _)) if template::places(&kind.name).any(is_id) => {
            let word = name.split(' ').nth(1).unwrap_or_default();
            format!("{} {word}", service.name)
        }
        _ => name.to_owned(),
    }
}

/// Refuses things that no service keeps.
///
/// # Errors
/// A sentence about the first name that has no meaning.
pub fn check_given(given: &Given) -> std::result::Result<(), String> {
    given
        .keys()
        .try_for_each(|name| taken_apart(name).map(drop))
}

/// Puts the things that a project gives into the account and region of a call. This is done only once, so that later
/// changes by the script are not undone.
///
/// # Errors
/// Errors of the disk.
pub fn give(lambda: &Lambda<'_>, given: &Given) -> Result<()> {
    let store = lambda.place.store;
    let mut files: BTreeMap<String, (Scope, Vec<_>)> = BTreeMap::new();
    for (name, members) in given {
        let Ok(apart) = taken_apart(name) else {
            continue;
        };
        let (service, ..) = apart;
        let scope = engine::scope(service.regional, &lambda.place.scope);
        let of_file = files.entry(file(service.name, &scope));
        let (_, some) = of_file.or_insert_with(|| (scope, Vec::new()));
        some.push((name, apart, members));
    }
    for (file, (scope, some)) in files {
        let place = store.place(scope);
        let were_given = |things: &Things| {
            let mut some = some.iter();
            some.all(|(name, ..)| things.given.contains(*name))
        };
        if were_given(&store.document(&file)?) {
            continue;
        }
        store.edit_document(&file, |things: &mut Things| {
            for (name, (_, kind, own), members) in &some {
                if things.given.insert((*name).clone()) && !things.things.contains_key(*name) {
                    let thing = given_thing(&place, things, name, kind, own, members);
                    things.things.insert((*name).clone(), thing);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn given_thing(
    place: &Place<'_>,
    things: &mut Things,
    name: &str,
    kind: &ThingKind,
    own: &str,
    members: &Map<String, Value>,
) -> Thing {
    let mut thing = Thing::new(place.store.clock.now());
    // A given thing gets the members from which its name is made. If the name has several parts, the last part is the
    // whole remaining text.
    let places: Vec<&str> = template::places(&kind.name).collect();
    let parts = own.splitn(places.len(), '/');
    for (place, part) in places.iter().zip(parts) {
        thing.members.insert((*place).to_owned(), part.into());
    }
    let of: Vec<&str> = name.split(' ').take(2).collect();
    for (member, form) in &kind.ids {
        let id = engine::id(place, things, &of.join(" "), form);
        thing.members.entry(member.clone()).or_insert(id.into());
    }
    thing.members.extend(members.clone());
    thing
}

/// A hint for a call about a missing thing: how a project can give this thing. `None` if a project cannot give things
/// of this kind.
fn not_put_hint(name: &str, kind: &ThingKind) -> Option<String> {
    (!kind.given.is_empty() && !name.ends_with(' ')).then(|| {
        format!(
            "no call has put it, and lambdry invents nothing; a line in {PROJECT} declares it for a rehearsal: \
             given.{} = {}",
            Value::from(name),
            in_toml(&kind.given.clone().into())
        )
    })
}

/// Returns true if the error is about a missing thing that a project can give.
pub fn is_not_put(error: &ServiceError) -> bool {
    let hint = error.hint.as_ref();
    matches!(error.code, Code::Ready(..)) && hint.is_some_and(|hint| hint.contains(PROJECT))
}

/// A hint for a call that failed with that code because its thing does not exist.
pub fn not_put(
    store: &Store,
    scope: &Scope,
    service: &str,
    operation: &str,
    request: &Value,
    code: &str,
) -> Option<String> {
    let ready = find(service, operation)?;
    let place = store.place(engine::scope(ready.regional, scope));
    let (name, kind) = match engine::name(ready, &place, request) {
        Some((name, kind)) => (name, ready.kind(kind)),
        // A call that lists things does not name one thing.
        None => return None,
    };
    let (_, missing, _) = catalogue::told(&kind.missing)?;
    (missing == code)
        .then(|| not_put_hint(&name, kind))
        .flatten()
}

/// A value in TOML, on one line.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| format!("{name} = {}", in_toml(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_toml).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
