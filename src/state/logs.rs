//! The data of CloudWatch Logs: log groups with their streams and events, and filters. They have the form of ready
//! answers. They are stored in a separate file, so that calls of other services do not read the logs of functions.
//!
//! The newest [`KEPT`] bytes of messages are kept in each account and region. For one invocation, the last
//! [`INVOCATION`] bytes are kept. Older events are dropped one by one. A stream is removed with its last event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::Scope,
    kind::{Entry, Kind, Named, Reference, Words},
    ready::{Thing, Things},
};

/// The greatest number of bytes of messages that are kept in one account and region.
pub const KEPT: usize = 131_072;

/// The greatest number of bytes that are kept of one invocation's log.
pub const INVOCATION: usize = 32_768;

/// The service's name in requests.
pub const SERVICE: &str = "logs";

/// A thing of CloudWatch Logs: a log group, or a filter of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Logged(pub Thing);

/// A log stream, as its group keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stream {
    /// The moment of creation, in milliseconds since 1970.
    pub creation_time: i64,
    /// The number of older events that were dropped.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped: u64,
    /// The stream's events, in the order in which they came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// A log event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// The moment of the event, in milliseconds since 1970.
    pub timestamp: i64,
    /// The event's text.
    pub message: String,
}

fn is_none(number: &u64) -> bool {
    *number == 0
}

/// The name of a log group in the state.
pub fn group(name: &str) -> String {
    format!("{SERVICE} log-group {name}")
}

/// The streams of a log group, by name.
///
/// # Errors
/// Members that do not have the expected form, for example because somebody edited them.
pub fn streams(group: &Thing) -> Result<BTreeMap<String, Stream>, serde_json::Error> {
    match group.members.get("streams") {
        Some(streams) => serde_json::from_value(streams.clone()),
        None => Ok(BTreeMap::new()),
    }
}

/// The log of an invocation that is not stored yet.
#[derive(Debug, Clone)]
pub struct Log {
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// The moment at which the invocation began. If the group or the stream is new, this is its time of creation.
    pub began: Timestamp,
    /// The events of the invocation.
    pub events: Vec<Event>,
}

/// The streams of all log groups, by the groups' names in the state.
type All = BTreeMap<String, BTreeMap<String, Stream>>;

/// Stores logs, and drops the oldest events beyond the limit.
///
/// # Errors
/// Members that do not have the expected form, for example because somebody edited them.
pub fn keep(things: &mut Things, logs: Vec<Log>) -> Result<(), serde_json::Error> {
    let mut all = All::new();
    for (name, thing) in &things.things {
        all.insert(name.clone(), streams(thing)?);
    }
    for log in logs {
        let name = group(&log.group);
        things.things.entry(name.clone()).or_insert_with(|| {
            let mut made = Thing::new(log.began);
            let name = log.group.into();
            made.members.insert("logGroupName".to_owned(), name);
            made.changes = 1;
            made
        });
        let streams = all.entry(name).or_default();
        let stream = streams.entry(log.stream).or_insert_with(|| Stream {
            creation_time: log.began.as_millisecond(),
            ..Stream::default()
        });
        stream.events.extend(log.events);
    }
    drop_old(&mut all);
    for (name, streams) in all {
        if let Some(thing) = things.things.get_mut(&name)
            && (!streams.is_empty() || thing.members.contains_key("streams"))
        {
            thing.members.insert("streams".to_owned(), json!(streams));
        }
    }
    Ok(())
}

/// Drops the oldest events until the remaining events are within the limit. Then drops every stream that lost all its
/// events.
fn drop_old(all: &mut All) {
    let size = |event: &Event| event.message.len();
    let every = all.values().flat_map(BTreeMap::values);
    let mut total: usize = every.flat_map(|stream| &stream.events).map(size).sum();
    while total > KEPT {
        let every = all.values_mut().flat_map(BTreeMap::values_mut);
        let first = |stream: &&mut Stream| stream.events.first().map(|event| event.timestamp);
        let with_events = every.filter(|stream| !stream.events.is_empty());
        let Some(oldest) = with_events.min_by_key(first) else {
            break;
        };
        // All surplus events of one moment are dropped together. If they were dropped one by one, the remaining events
        // would be moved each time.
        let mut gone = 0;
        let until = first(&oldest);
        while total > KEPT && oldest.events.get(gone).map(|event| event.timestamp) == until {
            total -= size(&oldest.events[gone]);
            gone += 1;
        }
        oldest.events.drain(..gone);
        oldest.dropped += gone as u64;
    }
    for streams in all.values_mut() {
        // A stream without events that a call created is not dropped.
        streams.retain(|_, stream| !stream.events.is_empty() || stream.dropped == 0);
    }
}

impl Kind for Logged {
    const WORDS: Words = Words {
        one: "thing of CloudWatch Logs",
        many: "things of CloudWatch Logs",
        before_name: "",
        service: SERVICE,
        members: &[],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(scope: &Scope, name: &str) -> String {
        Thing::called(scope, name)
    }

    fn named(text: &str) -> Option<String> {
        Thing::named(text)
    }

    fn refers(&self) -> Vec<Reference> {
        self.0.refers()
    }

    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        let found = found.map(|(logged, numbers)| (&logged.0, numbers));
        Thing::satisfied(found, operation, request)
    }
}

impl Entry for Logged {
    type Document = Things<Self>;
    const FILE: &'static str = "logs.json";
    const IS_GLOBAL: bool = false;

    fn entries(document: &Things<Self>) -> &BTreeMap<String, Self> {
        &document.things
    }

    /// Leaves out streams with events, because invocations create and remove them. A stream without events was created
    /// by a call, so it is included.
    fn seen(&self) -> Value {
        let mut members: Map<String, Value> = self.0.members.clone();
        if let Some(Value::Object(streams)) = members.get_mut("streams") {
            streams.retain(|_, stream| stream.get("events").is_none());
            if streams.is_empty() {
                members.shift_remove("streams");
            }
        }
        json!(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(at: i64, count: usize, size: usize) -> Vec<Event> {
        let event = |number: usize| Event {
            timestamp: at + i64::try_from(number).expect("small"),
            message: "x".repeat(size),
        };
        (0..count).map(event).collect()
    }

    fn log(group: &str, stream: &str, events: Vec<Event>) -> Log {
        Log {
            group: group.to_owned(),
            stream: stream.to_owned(),
            began: Timestamp::UNIX_EPOCH,
            events,
        }
    }

    fn kept(things: &Things, name: &str) -> BTreeMap<String, Stream> {
        let group = &things.things[&group(name)];
        streams(group).expect("streams")
    }

    #[test]
    fn the_newest_events_are_kept_and_the_oldest_dropped_with_their_stream() {
        let mut things = Things::default();
        let logs = vec![
            log("/a", "old", events(0, 2, 1000)),
            log("/b", "long", events(10, 100, 1000)),
            log("/a", "new", events(1000, 31, 1000)),
        ];
        keep(&mut things, logs).expect("kept");
        let (a, b) = (kept(&things, "/a"), kept(&things, "/b"));
        assert!(!a.contains_key("old"), "it was the oldest");
        assert_eq!(a["new"].events.len(), 31);
        assert_eq!((b["long"].dropped, b["long"].events.len()), (0, 100));
        keep(&mut things, vec![log("/a", "new", events(2000, 2, 1000))]).expect("kept");
        let b = kept(&things, "/b");
        assert_eq!((b["long"].dropped, b["long"].events.len()), (2, 98));
        assert_eq!(b["long"].events[0].timestamp, 12);
    }

    #[test]
    fn callers_see_the_group_and_the_streams_that_calls_made() {
        let mut things = Things::default();
        keep(&mut things, vec![log("/a", "run", events(0, 1, 10))]).expect("kept");
        let mut group = Logged(things.things[&group("/a")].clone());
        assert_eq!(group.seen(), json!({ "logGroupName": "/a" }));
        group.0.members["streams"]["own"] = json!({ "creationTime": 1 });
        assert_eq!(
            group.seen(),
            json!({ "logGroupName": "/a", "streams": { "own": { "creationTime": 1 } } })
        );
    }

    #[test]
    fn what_is_kept_is_read_as_what_ready_answers_keep() {
        let mut things = Things::default();
        keep(&mut things, vec![log("/a", "run", events(0, 1, 10))]).expect("kept");
        let text = serde_json::to_string(&things).expect("JSON");
        let logs: Things<Logged> = serde_json::from_str(&text).expect("the same");
        assert_eq!(serde_json::to_string(&logs).expect("JSON"), text);
    }
}
