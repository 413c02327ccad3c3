//! CloudTrail's events, in the form of its log files and of `aws cloudtrail lookup-events`: the calls that changed
//! functions, with their times. They are read one after the other, and only the facts that journals need stay in
//! memory.
//!
//! In CloudTrail, the name of a call contains the date of its API: `UpdateFunctionCode20150331v2` is
//! UpdateFunctionCode. In the events, the names of members begin with a small letter, and an environment is left out.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{
    Deserialize,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::documents::Key;
use crate::state::{arn::FunctionRef, plain::plain};

/// The name of Lambda as an event's source.
const LAMBDA: &str = "lambda.amazonaws.com";

/// The calls that become a function's journal.
const CALLS: [&str; 8] = [
    "CreateFunction",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "PublishVersion",
    "CreateAlias",
    "UpdateAlias",
    "DeleteAlias",
    "DeleteFunction",
];

/// The first words of the names of calls that change nothing.
const READS: [&str; 3] = ["Get", "List", "Invoke"];

/// A call that changed a function.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// CloudTrail's id of the call.
    pub(super) id: String,
    /// The moment, to the second.
    pub(super) time: Timestamp,
    /// The operation. The date of the API is removed from its name.
    pub(super) call: String,
    /// The function.
    pub(super) function: Key,
    /// The version or alias in the function's name or ARN.
    pub(super) qualifier: Option<String>,
    pub(super) request: Map<String, Value>,
    pub(super) response: Map<String, Value>,
}

/// The content of all events.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The events, in any order.
    pub(super) events: Vec<Event>,
    /// Other calls to Lambda that change something, each with the number of its events.
    pub(super) others: BTreeMap<String, usize>,
    /// The number of documents that hold only one of several pages.
    pub(super) pages: usize,
    seen: BTreeSet<String>,
}

/// An event as it is written. lookup-events prints an outer object that holds the event as a text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    event_time: Option<String>,
    event_source: Option<String>,
    event_name: Option<String>,
    aws_region: Option<String>,
    recipient_account_id: Option<String>,
    error_code: Option<String>,
    request_parameters: Option<Value>,
    response_elements: Option<Value>,
    #[serde(rename = "CloudTrailEvent")]
    inner: Option<String>,
    #[serde(rename = "EventSource")]
    inner_source: Option<String>,
}

/// `UpdateFunctionCode20150331v2` → `UpdateFunctionCode`
fn without_date(name: &str) -> &str {
    let bare = match name.rsplit_once('v') {
        Some((bare, version))
            if !version.is_empty() && version.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            bare
        }
        _ => name,
    };
    let digits = bare.bytes().rev().take_while(u8::is_ascii_digit).count();
    match digits {
        8 => &bare[..bare.len() - digits],
        _ => name,
    }
}

impl Trail {
    /// Returns true if no event describes a change.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.others.is_empty()
    }

    /// Adds all events of another trail.
    pub(super) fn append(&mut self, other: Self) {
        for event in other.events {
            if self.seen.insert(event.id.clone()) {
                self.events.push(event);
            }
        }
        for (name, count) in other.others {
            *self.others.entry(name).or_default() += count;
        }
        self.pages += other.pages;
    }

    /// Adds an event. Events of other services, failed events and events of reads are left out.
    ///
    /// # Errors
    /// When an event of Lambda does not name the changed function or the time.
    fn take(&mut self, raw: Raw) -> Result<(), String> {
        let is_lambda = |source: &Option<String>| source.as_deref() == Some(LAMBDA);
        if let Some(text) = raw.inner {
            if raw.inner_source.is_some() && !is_lambda(&raw.inner_source) {
                return Ok(());
            }
            let inner: Raw = serde_json::from_str(&text)
                .map_err(|error| format!("a CloudTrailEvent is not an event: {}", plain(&error)))?;
            return match inner.inner {
                Some(_) => Err("a CloudTrailEvent contains another one".to_owned()),
                None => self.take(inner),
            };
        }
        if !is_lambda(&raw.event_source) || raw.error_code.is_some() {
            return Ok(());
        }
        let id = raw.event_id.ok_or("a Lambda event has no eventID")?;
        let missing = |what: &str| format!("event {id} has no {what}");
        let name = raw.event_name.ok_or_else(|| missing("eventName"))?;
        let call = without_date(&name);
        if READS.iter().any(|read| call.starts_with(read)) {
            return Ok(());
        }
        if !CALLS.contains(&call) {
            if self.seen.insert(id) {
                *self.others.entry(name).or_default() += 1;
            }
            return Ok(());
        }
        let object = |value: Option<Value>| match value {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let (request, response) = (
            object(raw.request_parameters),
            object(raw.response_elements),
        );
        // A dry run changes nothing.
        if request.get("dryRun") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        let time = raw.event_time.ok_or_else(|| missing("eventTime"))?;
        let time: Timestamp = time
            .parse()
            .map_err(|_| format!("event {id}: its eventTime is not a time: {time:?}"))?;
        let text = |members: &Map<String, Value>, name: &str| {
            members.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let named = text(&request, "functionName").or_else(|| text(&response, "functionArn"));
        let named = named.ok_or_else(|| missing("functionName"))?;
        let named = FunctionRef::parse(&named)
            .ok_or_else(|| format!("event {id}: {named:?} does not name a function"))?;
        let region = named.region.or(raw.aws_region);
        let account = named.account.or(raw.recipient_account_id);
        let (Some(region), Some(account)) = (region, account) else {
            return Err(missing("awsRegion or recipientAccountId"));
        };
        let event = Event {
            time,
            call: call.to_owned(),
            function: (region, account, named.name),
            qualifier: text(&request, "qualifier").or(named.qualifier),
            request,
            response,
            id,
        };
        if self.seen.insert(event.id.clone()) {
            self.events.push(event);
        }
        Ok(())
    }
}

/// Reads a JSON document. Events are added to the trail, and any other document is returned.
pub(super) struct Documents<'a> {
    /// The trail that collects the events.
    pub(super) trail: &'a mut Trail,
    /// The number of bytes read since the last event. Each event resets it.
    pub(super) since: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for Documents<'_> {
    type Value = Option<Value>;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Documents<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        let mut is_trail = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "Records" | "Events" => {
                    is_trail = true;
                    map.next_value_seed(Events {
                        trail: self.trail,
                        since: self.since,
                    })?;
                }
                _ => drop(members.insert(name, map.next_value()?)),
            }
        }
        if is_trail {
            let more = members
                .get("NextToken")
                .is_some_and(|token| !token.is_null());
            self.trail.pages += usize::from(more);
            return Ok(None);
        }
        let members = Value::Object(members);
        match is_event(&members) {
            true => event(self.trail, members).map(|()| None),
            false => Ok(Some(members)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut is_trail = false;
        while let Some(item) = list.next_element::<Value>()? {
            if is_event(&item) {
                is_trail = true;
                event(self.trail, item)?;
                self.since.set(0);
            }
        }
        Ok((!is_trail).then(|| Value::Array(Vec::new())))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Some(Value::Null))
    }
}

fn is_event(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some_and(Value::is_string);
    has("CloudTrailEvent") || (has("eventSource") && has("eventName"))
}

fn event<E: de::Error>(trail: &mut Trail, value: Value) -> Result<(), E> {
    let raw: Raw = serde_json::from_value(value).map_err(E::custom)?;
    trail.take(raw).map_err(E::custom)
}

/// Reads the events of a list, one after the other.
struct Events<'a> {
    trail: &'a mut Trail,
    since: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for Events<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Events<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(raw) = list.next_element::<Raw>()? {
            self.trail.take(raw).map_err(de::Error::custom)?;
            self.since.set(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<(Trail, Option<Value>), String> {
        let mut trail = Trail::default();
        let since = Cell::new(0);
        let mut from = serde_json::Deserializer::from_str(text);
        let documents = Documents {
            trail: &mut trail,
            since: &since,
        };
        let read = documents.deserialize(&mut from);
        let read = read.map_err(|error| error.to_string())?;
        Ok((trail, read))
    }

    fn raw(id: &str, name: &str, more: Value) -> Value {
        let mut raw = json!({
            "eventVersion": "1.08", "eventID": id, "eventTime": "2026-09-01T10:00:00Z", "eventSource": LAMBDA,
            "eventName": name, "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "userIdentity": { "type": "IAMUser" }, "requestParameters": { "functionName": "pay" }, "responseElements": null,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            raw[name.as_str()] = value.clone();
        }
        raw
    }

    #[test]
    fn calls_are_known_without_the_date_of_their_api() {
        for (name, call) in [
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("PublishVersion20150331", "PublishVersion"),
            ("DeleteFunction", "DeleteFunction"),
            ("TagResource20170331v2", "TagResource"),
            ("PutFunctionUrlv2", "PutFunctionUrlv2"),
            ("20150331", ""),
            ("v2", "v2"),
            ("", ""),
        ] {
            assert_eq!(without_date(name), call);
        }
    }

    #[test]
    fn log_files_lookups_lists_and_single_events_are_read_and_each_event_once() {
        let one = raw("a", "PublishVersion20150331", json!({}));
        let looked =
            json!({ "EventId": "a", "EventSource": LAMBDA, "CloudTrailEvent": one.to_string() });
        for document in [
            json!({ "Records": [one, one] }),
            json!({ "Events": [looked], "NextToken": null }),
            json!([one]),
            one,
        ] {
            let (trail, rest) = read(&document.to_string()).expect("read");
            assert!(rest.is_none() && trail.pages == 0);
            let [event] = trail.events.as_slice() else {
                panic!("{trail:?}")
            };
            assert_eq!(event.call, "PublishVersion");
            assert_eq!(event.function.2, "pay");
        }
        let (trail, _) = read(r#"{"Events": [], "NextToken": "x"}"#).expect("read");
        assert_eq!(trail.pages, 1);
        for other in [
            json!({ "Functions": [] }),
            json!([]),
            json!("x"),
            json!(1),
            json!(null),
        ] {
            let (trail, rest) = read(&other.to_string()).expect("read");
            assert!(trail.is_empty() && rest == Some(other));
        }
    }

    #[test]
    fn what_failed_what_reads_and_what_is_of_others_is_left_aside_and_unknown_calls_are_counted() {
        let events = json!({ "Records": [
            raw("1", "UpdateAlias20150331", json!({ "errorCode": "ResourceNotFoundException" })),
            raw("2", "GetFunction20150331v2", json!({ "requestParameters": null })),
            raw("3", "PutObject", json!({ "eventSource": "s3.amazonaws.com", "eventTime": null })),
            raw("4", "UpdateFunctionCode20150331v2", json!({ "requestParameters": { "functionName": "pay", "dryRun": true } })),
            raw("5", "AddPermission20150331v2", json!({})),
            raw("5", "AddPermission20150331v2", json!({})),
            raw("6", "AddPermission20150331v2", json!({})),
        ] });
        let (trail, _) = read(&events.to_string()).expect("read");
        assert!(trail.events.is_empty());
        let others: Vec<_> = trail.others.into_iter().collect();
        assert_eq!(others, [("AddPermission20150331v2".to_owned(), 2)]);
    }

    #[test]
    fn an_event_that_does_not_say_what_it_changed_is_refused_by_its_id() {
        for (more, wrong) in [
            (
                json!({ "eventTime": "soon" }),
                "event e: its eventTime is not a time: \"soon\"",
            ),
            (json!({ "eventTime": null }), "event e has no eventTime"),
            (
                json!({ "requestParameters": null }),
                "event e has no functionName",
            ),
            (
                json!({ "requestParameters": { "functionName": "a b" } }),
                "event e: \"a b\" does not name a function",
            ),
            (
                json!({ "awsRegion": null }),
                "event e has no awsRegion or recipientAccountId",
            ),
            (json!({ "eventID": null }), "has no eventID"),
            (json!({ "eventID": 7 }), "invalid type"),
        ] {
            let text = json!({ "Records": [raw("e", "PublishVersion20150331", more)] }).to_string();
            let error = read(&text).expect_err("refused");
            assert!(error.contains(wrong), "{error}");
        }
        for text in [
            "{\"Records\": 1}",
            "{\"Records\": [",
            "{\"Events\": [{\"CloudTrailEvent\": \"{\"}]}",
            "{\"Events\": [{\"CloudTrailEvent\": \"{\\\"CloudTrailEvent\\\": \\\"\\\"}\"}]}",
        ] {
            read(text).expect_err(text);
        }
    }
}
