//! The JSON protocol, versions 1.0 and 1.1: the operation in a header, members in a JSON body.

use serde_json::{Map, Value, json};

use super::{
    head::Head,
    json,
    refusal::{Front, Refusal},
    reply::Reply,
    rest_json::{self, LAMBDA},
    services::{Body, Bound, Protocol},
};
#[cfg(test)]
use crate::operation::Entry;
use crate::operation::{Service, shape::Shape};

/// The most bytes of a body.
const MOST: u64 = 8 << 20;

/// The protocol.
#[derive(Debug)]
pub(super) struct JsonRpc {
    /// `application/x-amz-json-1.1`
    pub(super) content_type: &'static str,
    /// The text before the operation's name in the header. It is empty for a service that this server does not answer.
    pub(super) target: &'static str,
    /// True if a request may have a path. The path has no meaning.
    pub(super) has_paths: bool,
    /// The service's errors. Each pair has the name in the query protocol, which the service spoke before, and the name
    /// in this protocol. Clients that know the query protocol receive its code in a header.
    pub(super) of_query: &'static [(&'static str, &'static str)],
}

impl JsonRpc {
    /// The operation that a request names.
    fn operation<'a>(&self, head: &'a Head) -> Option<&'a str> {
        let (target, name) = head.header("x-amz-target")?.rsplit_once('.')?;
        (target == self.target && !name.is_empty()).then_some(name)
    }
}

impl Protocol for JsonRpc {
    fn speaks(&self, _: &'static Service, head: &Head) -> bool {
        self.operation(head).is_some()
    }

    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        let Some(name) = self.operation(head) else {
            return Err(Front::Unknown.into());
        };
        if head.method != "POST" || !(head.path.is_empty() || self.has_paths) {
            return Err(Front::Unknown.into());
        }
        let mut entries = service.entries();
        let Some(entry) = entries.find(|entry| entry.name == name) else {
            return Err(Front::NotSimulated(format!("{} {name}", service.name)).into());
        };
        Ok(Bound {
            entry: Some(entry),
            members: Map::new(),
            body: Body::Json(Box::new(json::Intake::of(entry))),
            form: None,
            most: MOST,
        })
    }

    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written {
        super::walk::of_json(self.target, entry, members)
    }

    fn answer(&self, bound: &Bound, answer: Value, _: &Head, request_id: &str) -> Reply {
        let answer = match bound.entry {
            Some(entry) if answer.is_object() => {
                LAMBDA.wire("", &Shape::Structure(entry.response().clone()), answer)
            }
            _ => json!({}),
        };
        Reply::new(200, self.content_type, answer.to_string()).with("x-amzn-RequestId", request_id)
    }

    fn refuse(&self, refusal: &Refusal, _: &Head, request_id: &str) -> Reply {
        let (status, code, message, details) = rest_json::told(refusal);
        let mut known = self.of_query.iter();
        let known = known.find(|(of_query, _)| *of_query == code);
        let kind = known.map_or(code, |(_, own)| own);
        let mut body = Map::from_iter([
            ("__type".to_owned(), json!(kind)),
            ("message".to_owned(), json!(message)),
        ]);
        body.extend(details);
        let reply = Reply::new(status, self.content_type, Value::Object(body).to_string())
            .with("x-amzn-RequestId", request_id)
            .with("x-amzn-ErrorType", kind);
        if self.of_query.is_empty() {
            return reply;
        }
        let side = if status < 500 { "Sender" } else { "Receiver" };
        reply.with("x-amzn-query-error", format!("{code};{side}"))
    }
}
