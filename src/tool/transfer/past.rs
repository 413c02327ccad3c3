//! The past of an imported function. CloudTrail's events become its journal, sorted by time and then by id. If the
//! events contradict the snapshot, a note reports it. The snapshot is then used, because it gives the current state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    documents::Key,
    trail::{Event, Trail},
};
use crate::{
    state::{arn::Scope, function::Function},
    store::{archive::Contents, import::Resource, journal::Line},
};

/// The operation under which an import records the state that it found.
const IMPORT: &str = "Import";

/// Members of an answer that are not settings.
const TOLD_ELSEWHERE: [&str; 14] = [
    "functionName",
    "functionArn",
    "fullyQualifiedArn",
    "lastModified",
    "revisionId",
    "version",
    "dryRun",
    "publish",
    "state",
    "stateReason",
    "stateReasonCode",
    "lastUpdateStatus",
    "lastUpdateStatusReason",
    "lastUpdateStatusReasonCode",
];

/// Adds the past to each function. Returns notes about the past.
pub(super) fn tell(
    mut trail: Trail,
    places: &mut [(Scope, Contents)],
    now: Timestamp,
) -> Vec<String> {
    let mut notes = Vec::new();
    trail
        .events
        .sort_by(|one, next| (one.time, &one.id).cmp(&(next.time, &next.id)));
    let mut by_function: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
    for event in trail.events {
        by_function
            .entry(event.function.clone())
            .or_default()
            .push(event);
    }
    for (scope, contents) in places {
        for function in contents.of_mut::<Function>() {
            let name = function.head.function_name.clone();
            let key = (scope.region.clone(), scope.account.clone(), name);
            if let Some(events) = by_function.remove(&key) {
                notes.extend(give(function, &events, now));
            }
        }
    }
    if !by_function.is_empty() {
        let count: usize = by_function.values().map(Vec::len).sum();
        let names: Vec<String> = by_function
            .keys()
            .map(|(region, account, name)| format!("{name} ({account}, {region})"))
            .collect();
        notes.push(format!(
            "{} skipped, because no other document has the function: {}",
            counted(count, "event is", "events are"),
            shortened(&names)
        ));
    }
    if !trail.others.is_empty() {
        let names: Vec<String> = trail
            .others
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        notes.push(format!(
            "events that change no function, and skipped: {}",
            shortened(&names)
        ));
    }
    if trail.pages > 0 {
        notes.push(
            "the events are one page of several, and the other pages are missing; aws cloudtrail lookup-events gets \
             all pages unless an option limits it"
                .to_owned(),
        );
    }
    notes
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// A list, shortened for a message.
fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    match names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}

/// The past of a function, up to and including one of its events.
#[derive(Default)]
struct Past<'a> {
    lines: Vec<Line>,
    /// The state of `$LATEST` in the last event that describes it.
    latest: Option<&'a Map<String, Value>>,
    /// The last event that changed `$LATEST`.
    updated: Option<&'a Event>,
    /// The target of each alias, and the event that set the target. The target is `None` for a deleted alias.
    aliases: BTreeMap<String, (Option<Value>, &'a Event)>,
    published: BTreeMap<u64, &'a Event>,
    deleted: BTreeMap<u64, &'a Event>,
    /// The event that deleted the function.
    gone: Option<&'a Event>,
}

/// Makes a function's journal from its events.
fn give(function: &mut Resource<Function>, events: &[Event], now: Timestamp) -> Vec<String> {
    let mut past = Past::default();
    for event in events {
        past.take(event);
    }
    let (notes, corrected) = past.compare(function);
    let Past {
        mut lines,
        published,
        updated,
        ..
    } = past;
    for (number, version) in &mut function.versions {
        if let Some(event) = published.get(number) {
            version.published = event.time;
        }
    }
    let there = |number: &Value| {
        let number = number.as_str().and_then(|text| text.parse::<u64>().ok());
        number.is_some_and(|number| function.versions.iter().any(|(have, _)| *have == number))
    };
    lines.retain(|line| !line.moved.get("Deleted").is_some_and(there));
    if !corrected.is_empty() {
        lines.push(Line {
            change: 0,
            when: lines.last().map_or(now, |last| now.max(last.when)),
            call: IMPORT.to_owned(),
            moved: json!({ "Aliases": corrected }),
        });
    }
    for (line, change) in lines.iter_mut().zip(1..) {
        line.change = change;
    }
    let head = &mut function.head;
    head.changes = head.changes.max(lines.len() as u64);
    let highest = published.last_key_value();
    head.last_version = head
        .last_version
        .max(highest.map_or(0, |(number, _)| *number));
    // Only the events show whether the function was updated after its last publish.
    if let (Some(last), Some(updated)) = (&mut head.published, updated)
        && let Some((number, event)) = highest
        && last.version == number.to_string()
    {
        last.updated = updated.time > event.time;
    }
    function.journal = lines;
    notes
}

impl<'a> Past<'a> {
    fn take(&mut self, event: &'a Event) {
        match event.call.as_str() {
            "CreateFunction" => {
                // Earlier events belong to a deleted function of the same name.
                *self = Self::default();
                let mut moved = Map::new();
                moved.extend(code(event));
                self.update(event, moved);
            }
            "UpdateFunctionCode" => {
                let mut moved = Map::new();
                moved.insert("$LATEST".to_owned(), json!(self.members(event)));
                moved.extend(code(event));
                self.update(event, moved);
            }
            "UpdateFunctionConfiguration" => {
                let members = json!(self.members(event));
                self.update(event, Map::from_iter([("$LATEST".to_owned(), members)]));
            }
            "PublishVersion" => {
                if let Some(number) = self.publishes(event) {
                    self.line(event, json!({ "Published": number.to_string() }));
                }
            }
            "DeleteFunction" => match event.qualifier.as_deref() {
                None | Some("$LATEST") => {
                    *self = Self::default();
                    self.gone = Some(event);
                }
                Some(version) => {
                    if let Ok(number) = version.parse() {
                        self.deleted.insert(number, event);
                        self.line(event, json!({ "Deleted": version }));
                    }
                }
            },
            _ => self.alias(event),
        }
    }

    /// A change of `$LATEST`. It may also publish a version.
    fn update(&mut self, event: &'a Event, mut moved: Map<String, Value>) {
        self.latest = Some(&event.response).filter(|response| !response.is_empty());
        self.updated = Some(event);
        if let Some(number) = self.publishes(event) {
            moved.insert("Published".to_owned(), json!(number.to_string()));
        }
        self.line(event, moved.into());
    }

    /// The version that a call made. For a publish that made no version, AWS returns the last version.
    fn publishes(&mut self, event: &'a Event) -> Option<u64> {
        let number = event.response.get("version")?.as_str()?.parse().ok()?;
        let highest = self.published.last_key_value();
        let is_new = highest.is_none_or(|(highest, _)| number > *highest);
        is_new.then(|| {
            self.published.insert(number, event);
            number
        })
    }

    /// The members of `$LATEST` that a call changed, by AWS's names. If the previous state is unknown, these are the
    /// members in the call's request.
    fn members(&self, event: &Event) -> Vec<String> {
        let named = event.request.keys().filter(|name| {
            // For an environment, only the member's name is recorded.
            self.latest.is_none() || *name == "environment"
        });
        let differs = event.response.iter().filter_map(|(name, value)| {
            let before = self.latest?.get(name);
            (before != Some(value)).then_some(name)
        });
        let mut members: Vec<String> = Vec::new();
        for name in named.chain(differs) {
            let is_elsewhere = TOLD_ELSEWHERE.contains(&name.as_str())
                || (event.call == "UpdateFunctionCode" && is_place_of_code(name));
            let member = kept(name);
            if !is_elsewhere && !members.contains(&member) {
                members.push(member);
            }
        }
        if event.call == "UpdateFunctionCode"
            && self.latest.is_none()
            && event.response.contains_key("codeSha256")
        {
            members.push("CodeSha256".to_owned());
        }
        members
    }

    fn alias(&mut self, event: &'a Event) {
        let text = |members: &'a Map<String, Value>| members.get("name").and_then(Value::as_str);
        let Some(name) = text(&event.request).or_else(|| text(&event.response)) else {
            return;
        };
        let before = self.aliases.get(name).and_then(|(point, _)| point.clone());
        let to = match event.call.as_str() {
            "DeleteAlias" => None,
            _ => point(event, before.as_ref()),
        };
        if event.call != "DeleteAlias" && to.is_none() {
            return;
        }
        self.aliases.insert(name.to_owned(), (to.clone(), event));
        self.line(
            event,
            json!({ "Aliases": { name: { "From": before, "To": to } } }),
        );
    }

    fn line(&mut self, event: &Event, moved: Value) {
        self.lines.push(Line {
            change: 0,
            when: event.time,
            call: event.call.clone(),
            moved,
        });
    }

    /// Compares the events with the snapshot. Returns the contradictions in words, and the moves of aliases that would
    /// resolve them.
    fn compare(&self, function: &Resource<Function>) -> (Vec<String>, Map<String, Value>) {
        let (head, mut notes) = (&function.head, Vec::new());
        let name = &head.function_name;
        let mut tell = |event: &Event, says: &str, snapshot: &str| {
            notes.push(format!(
                "{name}: event {} ({}, {}) {says}, but the snapshot {snapshot}",
                event.id, event.call, event.time
            ));
        };
        if let Some(gone) = self.gone {
            tell(gone, "deletes the function", "has it");
        }
        for (number, event) in &self.published {
            let version = function.versions.iter().find(|(have, _)| have == number);
            match version {
                Some((_, version)) => {
                    let code = &version.configuration.code_sha256;
                    let told = event.response.get("codeSha256").and_then(Value::as_str);
                    if let Some(told) = told.filter(|told| told != code) {
                        let says = format!("publishes version {number} with the code {told}");
                        tell(event, &says, &format!("says {code}"));
                    }
                }
                None if !self.deleted.contains_key(number) => tell(
                    event,
                    &format!("publishes version {number}"),
                    "does not have it",
                ),
                None => {}
            }
        }
        for (number, event) in &self.deleted {
            if function.versions.iter().any(|(have, _)| have == number) {
                tell(event, &format!("deletes version {number}"), "has it");
            }
        }
        let mut corrected = Map::new();
        for (alias, (told, event)) in &self.aliases {
            let there = head.aliases.get(alias).map(|alias| {
                let mut point = json!({ "FunctionVersion": alias.function_version });
                if !alias.additional_version_weights.is_empty() {
                    point["AdditionalVersionWeights"] = json!(alias.additional_version_weights);
                }
                point
            });
            if there == *told {
                continue;
            }
            let says = match told {
                Some(point) => format!("points {alias} at {}", shares(point)),
                None => format!("deletes the alias {alias}"),
            };
            let snapshot = match &there {
                Some(point) => format!("says {}", shares(point)),
                None => "does not have it".to_owned(),
            };
            tell(event, &says, &snapshot);
            corrected.insert(alias.clone(), json!({ "From": told, "To": there }));
        }
        let code = &head.latest.configuration.code_sha256;
        if let (Some(latest), Some(event)) = (self.latest, self.updated)
            && let Some(told) = latest.get("codeSha256").and_then(Value::as_str)
            && told != code
        {
            let says = format!("leaves $LATEST with the code {told}");
            tell(event, &says, &format!("says {code}"));
        }
        (notes, corrected)
    }
}

/// The code that a call uploaded.
fn code(event: &Event) -> Option<(String, Value)> {
    let code = event.response.get("codeSha256")?;
    Some(("CodeSha256".to_owned(), code.clone()))
}

/// Returns true for a member that says where code is, and not what it contains.
fn is_place_of_code(name: &str) -> bool {
    name.starts_with("s3") || matches!(name, "zipFile" | "imageUri" | "sourceKMSKeyArn")
}

/// The name that a journal uses for a member.
fn kept(name: &str) -> String {
    match name {
        "tracingConfig" => "TracingMode".to_owned(),
        "runtimeVersionConfig" => "RuntimeVersionArn".to_owned(),
        _ => {
            let mut letters = name.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

/// The target that an event gives an alias. It comes from the answer. If there is no answer, it comes from the request
/// and the previous target.
fn point(event: &Event, before: Option<&Value>) -> Option<Value> {
    let told = match event.response.contains_key("functionVersion") {
        true => &event.response,
        false => &event.request,
    };
    let known = |name: &str| before.and_then(|before| before.get(name)).cloned();
    let version = told.get("functionVersion").cloned();
    let version = version.or_else(|| known("FunctionVersion"))?;
    let is_answer = event.response.contains_key("functionVersion");
    let weights = match told.get("routingConfig") {
        Some(routing) => routing.get("additionalVersionWeights").cloned(),
        None if is_answer => None,
        None => known("AdditionalVersionWeights"),
    };
    let mut point = json!({ "FunctionVersion": version.as_str()? });
    let weights = weights.filter(|weights| weights.as_object().is_some_and(|all| !all.is_empty()));
    if let Some(weights) = weights {
        point["AdditionalVersionWeights"] = weights;
    }
    Some(point)
}

/// `7`, `7 and 10 % 8`
fn shares(point: &Value) -> String {
    let version = point["FunctionVersion"].as_str().unwrap_or_default();
    let weights = point["AdditionalVersionWeights"].as_object();
    let others = weights.into_iter().flatten().map(|(version, weight)| {
        let percent = (weight.as_f64().unwrap_or_default() * 10_000.0).round() / 100.0;
        format!(" and {percent} % {version}")
    });
    format!("{version}{}", others.collect::<String>())
}
