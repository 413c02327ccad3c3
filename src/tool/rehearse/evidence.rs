//! The evidence of a rehearsal: the calls in order, and each function before and after the run. The findings and the
//! report use no other source.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    bypass,
    calls::{Call, Exchange, ScriptLine},
    handler::{Lack, lacks},
    layer,
    outcome::{Outcome, asks_the_same},
};
use crate::{
    face::{
        arguments::{self, Action, Takes},
        globals, is_service,
        options::kebab,
        waiters::{WAITERS, Waiter},
    },
    operation::{self, Result, ready},
    output::query::Query,
    state::{
        arn::{FunctionRef, Scope},
        function::{Configuration, Function},
        ready::Things,
    },
    store::Store,
};

/// A function's full address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Key {
    /// The function's name, without the account and the region.
    pub(crate) function_name: String,
    /// Twelve digits.
    pub(crate) account: String,
    /// `eu-west-1`
    pub(crate) region: String,
}

impl Key {
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            region: self.region.clone(),
            account: self.account.clone(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function_name)
    }
}

/// A function at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Side {
    /// `$LATEST`, aliases, settings.
    pub(crate) head: Function,
    /// The numbers of the function's versions, ascending.
    pub(crate) numbers: Vec<u64>,
}

/// A function before the run and after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sides {
    /// The function before the run; `None` if it did not exist.
    pub(crate) before: Option<Side>,
    /// The function after the run; `None` if it does not exist any more.
    pub(crate) after: Option<Side>,
    /// The file or permission that the package of `$LATEST` lacks after the run, if the package did not lack it before
    /// the run.
    pub(crate) lacks: Option<Lack>,
}

/// The functions that a run changed or that a call named.
pub(crate) type Functions = BTreeMap<Key, Sides>;

/// The accounts and regions that occur in one of the two states.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn scopes(before: &Store, after: &Store) -> Result<Vec<Scope>> {
    let mut scopes = before.scopes()?;
    scopes.extend(after.scopes()?);
    scopes.sort_unstable_by(|one, other| {
        (&one.account, &one.region).cmp(&(&other.account, &other.region))
    });
    scopes.dedup();
    Ok(scopes)
}

/// Reads the functions that differ between two states or that a call names.
///
/// # Errors
/// When a function cannot be read.
pub(crate) fn functions(before: &Store, after: &Store, calls: &[Call]) -> Result<Functions> {
    let exchanges = || calls.iter().flat_map(|call| &call.exchanges);
    let mut keys: BTreeSet<Key> = exchanges()
        .filter_map(|exchange| Target::of(exchange).map(|target| target.key))
        .collect();
    // A rule, a subscription or an integration may name the function that will be called.
    for exchange in exchanges().filter(|exchange| exchange.service != "lambda") {
        keys.extend(
            functions_in(&exchange.request)
                .into_iter()
                .filter_map(|named| {
                    Some(Key {
                        function_name: named.name,
                        account: named.account?,
                        region: named.region?,
                    })
                }),
        );
    }
    for scope in scopes(before, after)? {
        let (old, new) = (before.place(scope.clone()), after.place(scope.clone()));
        let (old, new) = (old.all::<Function>(), new.all::<Function>());
        for name in old.apart(&new)? {
            if old.head(&name)? != new.head(&name)? {
                keys.insert(Key {
                    function_name: name,
                    account: scope.account.clone(),
                    region: scope.region.clone(),
                });
            }
        }
    }
    let side = |store: &Store, key: &Key| {
        let place = store.place(key.scope());
        place.all::<Function>().view(&key.function_name, |view| {
            Ok(Side {
                head: view.head.clone(),
                numbers: view.numbers()?,
            })
        })
    };
    let lacking = |store: &Store, latest: &Configuration| {
        // The files of an image cannot be listed.
        let package = store.listing(&latest.code_sha256).ok()?;
        lacks(latest, &package)
    };
    keys.into_iter()
        .map(|key| {
            let (old, new) = (side(before, &key)?, side(after, &key)?);
            let latest = |side: &Option<Side>| {
                let side = side.as_ref()?;
                Some(side.head.latest.configuration.clone())
            };
            // A package is read only if something about the package may have changed.
            let found = match (latest(&old), latest(&new)) {
                (old, Some(new)) if old.as_ref() != Some(&new) => lacking(after, &new)
                    .filter(|_| old.is_none_or(|old| lacking(before, &old).is_none())),
                _ => None,
            };
            let sides = Sides {
                before: old,
                after: new,
                lacks: found,
            };
            Ok((key, sides))
        })
        .collect()
}

/// The layer versions that the calls published with modules out of place.
pub(crate) fn misplaced(after: &Store, calls: &[Call]) -> BTreeMap<String, (String, &'static str)> {
    let exchanges = calls.iter().flat_map(|call| &call.exchanges);
    let published = exchanges.filter(|exchange| exchange.operation == "PublishLayerVersion");
    let of = |exchange: &Exchange| {
        let answer = exchange.response.as_ref()?;
        let arn = answer.get("LayerVersionArn")?.as_str()?;
        let runtimes = answer.get("CompatibleRuntimes").and_then(Value::as_array);
        let runtimes: Vec<&str> = runtimes
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        // A package that cannot be read is told elsewhere.
        let package = after
            .listing(answer.pointer("/Content/CodeSha256")?.as_str()?)
            .ok()?;
        let file = layer::misplaced(&runtimes, &package)?;
        Some((arn.to_owned(), file))
    };
    published.filter_map(of).collect()
}

/// The rules of EventBridge in a state, in the regions in which a call disables one, by bus and name.
///
/// # Errors
/// When the things of a region cannot be read.
pub(crate) fn rules(before: &Store, calls: &[Call]) -> Result<BTreeMap<String, Value>> {
    let exchanges = calls.iter().flat_map(|call| &call.exchanges);
    let disables: BTreeSet<&str> = exchanges
        .filter(|exchange| exchange.operation == "DisableRule")
        .map(|exchange| exchange.region.as_str())
        .collect();
    let mut found = BTreeMap::new();
    if disables.is_empty() {
        return Ok(found);
    }
    for scope in before.scopes()? {
        if disables.contains(scope.region.as_str()) {
            let things: Things = before.document(&ready::file("events", &scope))?;
            for (name, thing) in things.things {
                if let Some(name) = name.strip_prefix("events rule ") {
                    found.insert(name.to_owned(), Value::Object(thing.members));
                }
            }
        }
    }
    Ok(found)
}

/// The function of an API call, and the qualifier that the call names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The function.
    pub(crate) key: Key,
    /// The qualifier, which is a number, an alias or `$LATEST`; `None` if the call names no qualifier.
    pub(crate) qualifier: Option<String>,
}

impl Target {
    fn of(exchange: &Exchange) -> Option<Self> {
        if exchange.service != "lambda" {
            return None;
        }
        let text = |name: &str| exchange.request.get(name).and_then(Value::as_str);
        let named = text("FunctionName").or_else(|| text("Resource"))?;
        let named = FunctionRef::of_resource(named)?;
        Some(Self {
            key: Key {
                function_name: named.name,
                account: named.account.unwrap_or_else(|| exchange.account.clone()),
                region: named.region.unwrap_or_else(|| exchange.region.clone()),
            },
            qualifier: named
                .qualifier
                .or_else(|| text("Qualifier").map(str::to_owned)),
        })
    }
}

/// The functions whose ARNs occur in a request, alone or inside a longer text.
pub(crate) fn functions_in(request: &Value) -> Vec<FunctionRef> {
    match request {
        Value::String(text) => {
            let arns = text.match_indices("arn:").filter_map(|(at, _)| {
                let end = |c: char| !(c.is_ascii_alphanumeric() || ":-_$".contains(c));
                let arn = text[at..].split(end).next()?;
                FunctionRef::of_resource(arn).filter(|named| named.partition.is_some())
            });
            arns.collect()
        }
        Value::Array(values) => values.iter().flat_map(functions_in).collect(),
        Value::Object(members) => members.values().flat_map(functions_in).collect(),
        _ => Vec::new(),
    }
}

/// One API call, and the call of the script that made it.
#[derive(Debug, Clone)]
pub(crate) struct Step<'a> {
    /// The number of the script's call, from 0.
    pub(crate) index: usize,
    /// The script's call.
    pub(crate) call: &'a Call,
    /// The request and the answer.
    pub(crate) exchange: &'a Exchange,
    /// The function of the API call; `None` if the API call does not name a function.
    pub(crate) target: Option<Target>,
}

impl<'a> Step<'a> {
    /// The answer, if the call succeeded. It is null if the service answers a success with nothing.
    pub(crate) fn answer(&self) -> Option<&'a Value> {
        if self.exchange.error.is_some() {
            return None;
        }
        Some(self.exchange.response.as_ref().unwrap_or(&Value::Null))
    }

    /// The function of the API call.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.target.as_ref().map(|target| &target.key)
    }

    /// The operation's name.
    pub(crate) fn operation(&self) -> &'a str {
        &self.exchange.operation
    }

    /// The word that names the service on the command line.
    pub(crate) fn service(&self) -> &'a str {
        &self.exchange.service
    }

    /// The version that the API call published. A publish, an update and a create can publish one.
    pub(crate) fn published(&self) -> Option<&'a str> {
        let publishes = match self.operation() {
            "PublishVersion" => true,
            "UpdateFunctionCode" | "CreateFunction" => self.is_set("Publish"),
            _ => false,
        };
        let version = self.answered("Version").filter(|_| publishes)?;
        version.parse::<u64>().is_ok().then_some(version)
    }

    /// The member of the answer with the given name, if it is a text.
    pub(crate) fn answered(&self, name: &str) -> Option<&'a str> {
        self.answer()?.get(name)?.as_str()
    }

    /// The member of the request with the given name, if it is a text.
    pub(crate) fn asked(&self, name: &str) -> Option<&'a str> {
        self.exchange.request.get(name)?.as_str()
    }

    /// Returns true if the boolean member of the request is true.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.exchange.request.get(name) == Some(&Value::Bool(true))
    }

    /// Returns true if the API call failed with the given code.
    pub(crate) fn failed_with(&self, code: &str) -> bool {
        self.exchange
            .error
            .as_ref()
            .is_some_and(|error| error.kind == code)
    }

    /// Returns true if the API call changes something when it succeeds.
    pub(crate) fn changes(&self) -> bool {
        self.exchange.changes()
    }

    /// The function's configuration, if the API call is a get that returned one.
    pub(crate) fn configuration(&self) -> Option<&'a Value> {
        match self.exchange.operation.as_str() {
            "GetFunction" => self.answer()?.get("Configuration"),
            "GetFunctionConfiguration" => self.answer(),
            _ => None,
        }
    }

    /// Returns true if the script looked at the given member of the configuration in a get's answer. Without a query
    /// the script sees all members. A waiter sees only the member that it reads.
    pub(crate) fn shows(&self, member: &str) -> bool {
        if let Some(http) = &self.call.http {
            // An SDK returns the whole answer. Only the program's text can show which members the program reads.
            let tells_of_changes = member == "State" || member == "LastUpdateStatus";
            return match &http.looks_at {
                Some(members) if tells_of_changes => members.iter().any(|it| it == member),
                Some(_) => true,
                None => http.waits || !tells_of_changes,
            };
        }
        if let Some(waiter) = waiter(self.call) {
            return waiter.looks_at() == Some(member);
        }
        if self.call.output.as_deref() == Some("off") {
            return false;
        }
        let Some(answer) = self.answer() else {
            return false;
        };
        let Some(query) = &self.call.query else {
            return true;
        };
        let Ok(query) = Query::compile(query) else {
            return false;
        };
        let mut other = answer.clone();
        let configuration = match other.get_mut("Configuration") {
            Some(configuration) => configuration,
            None => &mut other,
        };
        configuration[member] = "something else".into();
        query.search(answer).ok() != query.search(&other).ok()
    }

    /// The part of the answer that the script saw. This is the result of the query, or without a query the whole
    /// answer.
    pub(crate) fn seen(&self) -> Option<Value> {
        let answer = self.answer()?;
        match &self.call.query {
            None => Some(answer.clone()),
            Some(query) => Query::compile(query).ok()?.search(answer).ok(),
        }
    }
}

/// Everything that a rule may use.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    /// The calls, in the order in which they began.
    pub(crate) calls: &'a [Call],
    /// The functions that the calls changed or named.
    pub(crate) functions: &'a Functions,
    /// The time that a change takes in the rehearsal.
    pub(crate) settle: Duration,
    /// The script's exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// The folder in which the script was called; places are shown relative to it.
    pub(crate) cwd: &'a Path,
    /// Of each layer version that the run published with modules out of place: one such file, and the folder that it
    /// belongs into. Empty until packages are read.
    pub(crate) misplaced: BTreeMap<String, (String, &'static str)>,
    /// The rules of EventBridge before the run, by bus and name; empty if no call disables one.
    pub(crate) rules: BTreeMap<String, Value>,
    /// The outcome of each call that changes something; empty until outcomes are judged.
    pub(crate) outcomes: Vec<Option<Outcome>>,
    names: Vec<String>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        calls: &'a [Call],
        functions: &'a Functions,
        settle: Duration,
        code: Option<i32>,
        cwd: &'a Path,
    ) -> Self {
        let plain: Vec<String> = calls.iter().map(name).collect();
        let mut all: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &plain {
            *all.entry(name).or_default() += 1;
        }
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        let names = plain
            .iter()
            .map(|name| {
                let ordinal = count.entry(name).or_default();
                *ordinal += 1;
                match all[name.as_str()] {
                    1 => name.clone(),
                    _ => format!("{} {name}", nth(*ordinal)),
                }
            })
            .collect();
        Self {
            calls,
            functions,
            settle,
            code,
            cwd,
            misplaced: BTreeMap::new(),
            rules: BTreeMap::new(),
            outcomes: Vec::new(),
            names,
        }
    }

    /// A call's name. If the script made several calls of that name, the number comes first: `2nd publish-version`.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The place of a call, relative to the folder in which the script was called.
    pub(crate) fn place(&self, index: usize) -> Option<ScriptLine> {
        let place = self.calls.get(index)?.place.as_ref()?;
        let file = place.file.strip_prefix(self.cwd).unwrap_or(&place.file);
        Some(ScriptLine {
            file: file.to_owned(),
            line: place.line,
        })
    }

    /// A call's name and place, inside a sentence: `2nd publish-version (deploy.sh:14)`.
    pub(crate) fn named(&self, index: usize) -> String {
        match self.place(index) {
            Some(place) => format!("{} ({place})", self.name(index)),
            None => self.name(index).to_owned(),
        }
    }

    /// The outcome of a call.
    pub(crate) fn outcome(&self, index: usize) -> Option<Outcome> {
        self.outcomes.get(index).copied().flatten()
    }

    /// The function after the run.
    pub(crate) fn after(&self, key: &Key) -> Option<&'a Function> {
        let side = self.functions.get(key)?.after.as_ref()?;
        Some(&side.head)
    }

    /// The function before the run.
    pub(crate) fn before(&self, key: &Key) -> Option<&'a Function> {
        let side = self.functions.get(key)?.before.as_ref()?;
        Some(&side.head)
    }

    /// The text of the script that makes a call.
    pub(crate) fn script(&self, index: usize) -> Option<String> {
        bypass::text_of(&self.calls.get(index)?.place.as_ref()?.file)
    }

    /// The text of a call in its script. This is the call's line, with the lines that a backslash joins to it.
    pub(crate) fn line(&self, index: usize) -> Option<String> {
        let place = self.calls.get(index)?.place.as_ref()?;
        let text = self.script(index)?;
        let mut lines = text.lines().skip(place.line - 1);
        let mut whole = lines.next()?.to_owned();
        while let Some(rest) = whole.strip_suffix('\\') {
            whole = rest.to_owned() + lines.next().unwrap_or_default();
        }
        Some(whole)
    }

    /// The API calls in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let calls = self.calls.iter().enumerate();
        calls.flat_map(|(index, call)| steps_of(index, call))
    }

    /// The API calls of one call of the script.
    pub(crate) fn steps_of(&self, index: usize) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let call = self.calls.get(index).into_iter();
        call.flat_map(move |call| steps_of(index, call))
    }

    /// Returns true if the script went on after a failed call, or ended with success in spite of the failure.
    pub(crate) fn went_on(&self, index: usize) -> bool {
        self.code == Some(0) || index + 1 < self.calls.len()
    }

    /// Returns true if a failed API call was repeated until it succeeded, and if nothing else changed the function in
    /// between.
    pub(crate) fn was_retried(&self, failed: &Step<'_>) -> bool {
        let key = |step: &Step<'_>| step.target.as_ref().map(|target| target.key.clone());
        let later = self
            .steps()
            .skip_while(|step| step.index <= failed.index)
            .filter(|step| key(step) == key(failed) && step.changes());
        for step in later {
            if !asks_the_same(failed, &step) {
                return false;
            }
            match &step.exchange.error {
                None => return true,
                Some(error) => {
                    let was = failed.exchange.error.as_ref().map(|error| &error.kind);
                    if was != Some(&error.kind) {
                        return false;
                    }
                }
            }
        }
        false
    }
}

fn steps_of(index: usize, call: &Call) -> impl Iterator<Item = Step<'_>> {
    call.exchanges.iter().map(move |exchange| Step {
        index,
        call,
        exchange,
        target: Target::of(exchange),
    })
}

impl fmt::Display for ScriptLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// The waiter that a call names.
pub(crate) fn waiter(call: &Call) -> Option<&'static Waiter> {
    if let Some(http) = &call.http {
        let mut waiters = WAITERS
            .iter()
            .filter(|waiter| http.waits && waiter.service == http.service);
        return waiters.find(|waiter| waiter.operation == http.operation);
    }
    let words = plain_words(call);
    let at = words.iter().position(|word| word == "wait")?;
    let command = words.get(at + 1)?;
    WAITERS.iter().find(|waiter| waiter.command == command)
}

/// The service and the operation of a call: `lambda`, `publish-version`. `None` if only lambdry has the command, or if
/// there is no operation.
pub(crate) fn command_of(call: &Call) -> Option<[String; 2]> {
    if let Some(http) = &call.http {
        return Some([http.service.clone(), kebab(&http.operation)]);
    }
    let mut words = plain_words(call).into_iter();
    let first = words.next()?;
    let is_ours = call.program == "lambdry" && !is_service(&first);
    if !is_ours {
        return Some([first, words.next()?]);
    }
    let mut entries = operation::FAMILIES.iter().flat_map(|family| family.iter());
    entries
        .any(|entry| kebab(entry.name) == first)
        .then(|| ["lambda".to_owned(), first])
}

/// The name of a call: `publish-version`, `wait function-updated`, `s3 cp`, `docker push`.
fn name(call: &Call) -> String {
    if let Some(http) = &call.http {
        let named = match http.operation.contains(' ') {
            true => http.operation.clone(),
            false => kebab(&http.operation),
        };
        let service = match http.service.as_str() {
            "lambda" => String::new(),
            service => format!("{service} "),
        };
        let waiter = if waiter(call).is_some() {
            "waiter's "
        } else {
            ""
        };
        return format!("{waiter}{service}{named}");
    }
    let mut words = plain_words(call);
    if call.program != "aws" && call.program != "lambdry" {
        words.insert(0, call.program.clone());
        words.truncate(2);
        return words.join(" ");
    }
    let is_ours = |word: &str| {
        let mut entries = operation::FAMILIES.iter().flat_map(|family| family.iter());
        word == "wait" || entries.any(|entry| kebab(entry.name) == word)
    };
    let has_service = words
        .first()
        .is_some_and(|word| word == "lambda" || (call.program == "lambdry" && is_ours(word)));
    if words.first().is_some_and(|word| word == "lambda") {
        words.remove(0);
    }
    let waits = words.first().is_some_and(|word| word == "wait");
    words.truncate(if has_service && !waits { 1 } else { 2 });
    if words.is_empty() {
        return call.program.clone();
    }
    words.join(" ")
}

/// The service, the operation and the words after the operation, without options. For another program, all of its words
/// without options.
fn plain_words(call: &Call) -> Vec<String> {
    let plain = |words: &[String]| -> Vec<String> {
        let plain = words.iter().take_while(|word| !word.starts_with('-'));
        plain.cloned().collect()
    };
    if call.program != "aws" && call.program != "lambdry" {
        return plain(&call.words);
    }
    let table = globals::table(call.program == "aws");
    let mut actions: Vec<Action> = table.into_iter().map(|option| option.action).collect();
    actions.push(Action::new("command", Takes::One).required());
    match arguments::parse(&actions, &call.words) {
        Ok(taken) => {
            let command = taken.words(actions.len() - 1).unwrap_or_default();
            [command, &plain(&taken.rest)].concat()
        }
        // If a line does not parse, its first words are its name.
        Err(_) => plain(&call.words),
    }
}

/// `1st`, `2nd`, `11th`.
pub(crate) fn nth(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// The time between two moments, as text: `6.1 s`.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> String {
    seconds(to.duration_since(from).unsigned_abs())
}

/// A duration as text: `0.4 s`, `2 min 5 s`.
pub(crate) fn seconds(time: Duration) -> String {
    if time.as_secs() < 100 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
}
