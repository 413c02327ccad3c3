//! The RPC protocol over CBOR, which newer SDKs speak with CloudWatch: the operation in the path, members in a body of CBOR.

use serde_json::{Map, Value, json};

use super::{
    cbor,
    head::Head,
    refusal::{Front, Refusal},
    reply::Reply,
    rest_json,
    services::{Body, Bound, Protocol},
};
#[cfg(test)]
use crate::operation::Entry;
use crate::operation::{
    Service,
    shape::{Shape, Structure},
};

/// The most bytes of a body.
const MOST: u64 = 4 << 20;

/// The value that marks a request of this protocol.
const NAME: &str = "rpc-v2-cbor";

/// The protocol of a service.
#[derive(Debug)]
pub(super) struct RpcCbor {
    /// The service's name in paths.
    pub(super) service: &'static str,
}

impl Protocol for RpcCbor {
    fn speaks(&self, _: &'static Service, head: &Head) -> bool {
        head.header("smithy-protocol") == Some(NAME)
    }

    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        let path: Vec<&str> = head.path.iter().map(String::as_str).collect();
        let name = match (head.method.as_str(), &path[..]) {
            ("POST", ["service", of, "operation", name]) if *of == self.service => *name,
            _ => return Err(Front::Unknown.into()),
        };
        let Some(entry) = service.entries().find(|entry| entry.name == name) else {
            return Err(Front::NotSimulated(format!("{} {name}", service.name)).into());
        };
        Ok(Bound {
            entry: Some(entry),
            members: Map::new(),
            body: Body::Text,
            form: None,
            most: MOST,
        })
    }

    fn close(&self, _: &'static Service, mut bound: Bound, body: &[u8]) -> Result<Bound, Refusal> {
        let Some(entry) = bound.entry.filter(|_| !body.is_empty()) else {
            return Ok(bound);
        };
        let malformed = || Front::Malformed("the body is not CBOR".to_owned());
        let Some(Value::Object(members)) = cbor::read(body) else {
            return Err(malformed().into());
        };
        rest_json::typed(entry.request(), &members)?;
        bound.members = moments(entry.request(), members);
        Ok(bound)
    }

    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written {
        let path = format!("/service/{}/operation/{}", self.service, entry.name);
        let headers = vec![("smithy-protocol".to_owned(), NAME.to_owned())];
        let head = Head::of("POST", &path, "", headers).expect("a head");
        (head, body(entry.request(), &members.into()))
    }

    fn answer(&self, bound: &Bound, answer: Value, _: &Head, request_id: &str) -> Reply {
        let body = match bound.entry {
            Some(entry) if answer.is_object() => body(entry.response(), &answer),
            _ => body(&Structure::default(), &json!({})),
        };
        reply(200, body, request_id)
    }

    fn refuse(&self, refusal: &Refusal, _: &Head, request_id: &str) -> Reply {
        let (status, code, message, details) = rest_json::told(refusal);
        let mut members = Map::from_iter([
            ("__type".to_owned(), json!(code)),
            ("message".to_owned(), json!(message)),
        ]);
        members.extend(details);
        let body = body(&Structure::default(), &members.into());
        let side = if status < 500 { "Sender" } else { "Receiver" };
        // The service spoke the query protocol before, and clients still know the codes of that protocol.
        reply(status, body, request_id).with("x-amzn-query-error", format!("{code};{side}"))
    }
}

fn reply(status: u16, body: Vec<u8>, request_id: &str) -> Reply {
    Reply::new(status, "application/cbor", body)
        .with("smithy-protocol", NAME)
        .with("x-amzn-RequestId", request_id)
}

fn body(shape: &Structure, value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    cbor::write(&mut out, Some(&Shape::Structure(shape.clone())), value);
    out
}

/// Converts the members of a request: moments get the form that commands have.
fn moments(structure: &Structure, members: Map<String, Value>) -> Map<String, Value> {
    fn of(shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::String(text), Value::Number(seconds)) if text.timestamp => {
                let millis = seconds.as_f64().unwrap_or_default() * 1000.0;
                match jiff::Timestamp::from_millisecond(millis as i64) {
                    Ok(moment) => moment.to_string().into(),
                    Err(_) => seconds.into(),
                }
            }
            (Shape::List { member, .. }, Value::Array(items)) => {
                items.into_iter().map(|item| of(member, item)).collect()
            }
            (Shape::Structure(structure), Value::Object(members)) => {
                moments(structure, members).into()
            }
            (_, value) => value,
        }
    }
    let members = members.into_iter().map(|(name, value)| {
        let value = match structure.member(&name) {
            Some(member) => of(&member.shape, value),
            None => value,
        };
        (name, value)
    });
    members.collect()
}
