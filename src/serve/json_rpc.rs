//! The JSON protocol, which ECR speaks: the operation in a header, members in a JSON body.

use serde_json::{Map, Value, json};

use super::{
    head::Head,
    json,
    refusal::{Front, Refusal},
    reply::Reply,
    rest_json::{self, wire},
    services::{Body, Bound, Protocol},
};
use crate::operation::{Service, shape::Shape};

/// The most bytes of a body.
const MOST: u64 = 8 << 20;

/// The protocol.
#[derive(Debug)]
pub(super) struct JsonRpc {
    /// `application/x-amz-json-1.1`
    pub(super) content_type: &'static str,
}

impl Protocol for JsonRpc {
    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        let target = head.header("x-amz-target").unwrap_or_default();
        let (_, name) = target.rsplit_once('.').unwrap_or(("", target));
        if head.method != "POST" || !head.path.is_empty() || name.is_empty() {
            return Err(Front::Unknown.into());
        }
        let mut entries = service.entries();
        let Some(entry) = entries.find(|entry| entry.name == name) else {
            return Err(Front::NotSimulated(format!("{} {name}", service.name)).into());
        };
        Ok(Bound {
            entry: Some(entry),
            members: Map::new(),
            body: Body::Json(Box::new(json::Intake::new(entry.request()))),
            form: None,
            most: MOST,
        })
    }

    fn answer(&self, bound: &Bound, answer: Value, _: &Head, request_id: &str) -> Reply {
        let answer = match bound.entry {
            Some(entry) if answer.is_object() => {
                wire(&Shape::Structure(entry.response().clone()), answer)
            }
            _ => json!({}),
        };
        Reply::new(200, self.content_type, answer.to_string()).with("x-amzn-RequestId", request_id)
    }

    fn refuse(&self, refusal: &Refusal, _: &Head, request_id: &str) -> Reply {
        let (status, code, message, details) = match refusal {
            Refusal::Service(error) => (
                error.code.status(),
                error.code.name(),
                error.message.clone(),
                error.details.clone(),
            ),
            Refusal::Front(front) => {
                let (status, code, message) = rest_json::words(front);
                (status, code, message, Map::new())
            }
        };
        let mut body = Map::from_iter([
            ("__type".to_owned(), json!(code)),
            ("message".to_owned(), json!(message)),
        ]);
        body.extend(details);
        Reply::new(status, self.content_type, Value::Object(body).to_string())
            .with("x-amzn-RequestId", request_id)
            .with("x-amzn-ErrorType", code)
    }
}
