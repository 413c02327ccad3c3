//! Writes answers as a stream of events, for `InvokeWithResponseStream`. This operation is Invoke with the answer in
//! another form. The AWS CLI does not have it, so it is not an operation here.

use serde_json::{Map, Value, json};

use super::{
    head::Head,
    reply::Reply,
    rest_json::{bytes, plain},
};
use crate::operation::{
    Entry, Service, find,
    route::{Labels, Route},
};

/// The most bytes of a chunk.
const CHUNK: usize = 64 << 10;

/// Another form of an operation.
#[derive(Debug)]
pub(super) struct Form {
    /// AWS's name for the form.
    pub(super) name: &'static str,
    /// The route of the form.
    route: &'static str,
    /// The operation that is called.
    operation: &'static str,
}

const FORMS: &[Form] = &[Form {
    name: "InvokeWithResponseStream",
    route: "POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations 200",
    operation: "Invoke",
}];

/// The form that a request asks for, with its operation.
pub(super) fn routed(
    service: &Service,
    head: &Head,
) -> Option<(&'static Entry, Route, Labels, &'static Form)> {
    FORMS.iter().find_map(|form| {
        let route = Route::parse(form.route);
        let labels = route.labels(&head.method, &head.path, &head.query)?;
        let entry = find(form.operation)?;
        let mut entries = service.entries();
        entries
            .any(|of_service| of_service.name == entry.name)
            .then_some((entry, route, labels, form))
    })
}

/// Writes an answer as events: the payload in chunks, then an event that ends the stream and names the error, if there
/// is one.
pub(super) fn answer(_: &Form, answer: &Value) -> Reply {
    let payload = answer.get("Payload").map(bytes).unwrap_or_default();
    let error = answer.get("FunctionError").map(plain);
    let mut events = Vec::new();
    if error.is_none() {
        for chunk in payload.chunks(CHUNK) {
            event(
                &mut events,
                "PayloadChunk",
                "application/octet-stream",
                chunk,
            );
        }
    }
    let mut end = Map::new();
    if let Some(error) = error {
        end.insert("ErrorCode".to_owned(), error.into());
        let details = String::from_utf8_lossy(&payload).into_owned();
        end.insert("ErrorDetails".to_owned(), details.into());
    }
    if let Some(log) = answer.get("LogResult") {
        end.insert("LogResult".to_owned(), log.clone());
    }
    event(
        &mut events,
        "InvokeComplete",
        "application/json",
        json!(end).to_string().as_bytes(),
    );
    let reply = Reply::new(200, "application/vnd.amazon.eventstream", events);
    match answer.get("ExecutedVersion") {
        Some(version) => reply.with("X-Amz-Executed-Version", plain(version)),
        None => reply,
    }
}

/// Writes one event: lengths and their checksum, headers, payload, and the checksum of everything.
fn event(out: &mut Vec<u8>, kind: &str, content_type: &str, payload: &[u8]) {
    let mut headers = Vec::new();
    for (name, value) in [
        (":message-type", "event"),
        (":event-type", kind),
        (":content-type", content_type),
    ] {
        headers.push(name.len() as u8);
        headers.extend(name.as_bytes());
        // Type 7 is text.
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let start = out.len();
    let whole = 16 + headers.len() + payload.len();
    out.extend((whole as u32).to_be_bytes());
    out.extend((headers.len() as u32).to_be_bytes());
    out.extend(crc32fast::hash(&out[start..]).to_be_bytes());
    out.extend(headers);
    out.extend(payload);
    out.extend(crc32fast::hash(&out[start..]).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_framed_as_the_protocol_has_it() {
        let mut out = Vec::new();
        event(&mut out, "End", "t", b"{}");
        let number =
            |at: usize| u32::from_be_bytes(out[at..at + 4].try_into().expect("four bytes"));
        assert_eq!(number(0) as usize, out.len());
        assert_eq!(number(8), crc32fast::hash(&out[..8]));
        assert_eq!(
            number(out.len() - 4),
            crc32fast::hash(&out[..out.len() - 4])
        );
        let payload = 12 + number(4) as usize;
        assert_eq!(&out[payload..out.len() - 4], b"{}");
        assert!(out[12..payload].starts_with(b"\x0d:message-type\x07\x00\x05event"));
    }

    #[test]
    fn every_form_is_of_an_operation() {
        for form in FORMS {
            let entry = find(form.operation).expect("an operation");
            assert!(find(form.name).is_none());
            assert!(entry.wire.contains("@payload"), "{}", form.name);
        }
    }
}
