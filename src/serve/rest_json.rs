//! The REST-JSON protocol: members in path, query, headers, status and a JSON body.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    head::Head,
    json,
    refusal::{Front, Refusal, Words},
    reply::Reply,
    services::{Body, Bound, Protocol, of_route, routed},
    stream, xml,
};
use crate::operation::{
    Entry, Service,
    route::Location,
    shape::{Shape, Structure},
};

/// The most bytes of a request's body (recorded from AWS, 2025-11).
const MOST: u64 = 70_167_211;

/// The protocol of a service.
#[derive(Debug)]
pub(super) struct RestJson {
    /// Finds the name that a member has on the wire. The arguments are the operation's `wire` text and the model's name
    /// of the member. `None` if all names are the model's.
    pub(super) names: Option<fn(&str, &str) -> String>,
    /// True if moments in a body are text; otherwise they are seconds since 1970.
    pub(super) iso_moments: bool,
}

/// Lambda's protocol.
pub(super) const LAMBDA: RestJson = RestJson {
    names: None,
    iso_moments: false,
};

impl Protocol for RestJson {
    fn speaks(&self, service: &'static Service, head: &Head) -> bool {
        routed(service.entries(), head).is_some() || of_route(service.name, head).is_some()
    }

    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        let (entry, route, labels, form) = match routed(service.entries(), head) {
            Some((entry, route, labels)) => (entry, route, labels, None),
            None => match stream::routed(service, head) {
                Some((entry, route, labels, form)) => (entry, route, labels, Some(form)),
                None => return Err(unknown(service, head).into()),
            },
        };
        let request = entry.request();
        let mut members = Map::new();
        let mut body = match route.has_body() {
            true => Body::Json(Box::new(json::Intake::of(entry))),
            false => Body::Ignored,
        };
        for member in &request.members {
            let value = match entry.place_in_request(&route, &member.name) {
                Location::Path => {
                    let mut labels = labels.iter();
                    let label = labels.find(|(name, _)| *name == member.name);
                    label.map(|(_, text)| of_text(&member.shape, text))
                }
                Location::Query(name) => {
                    let other = self.names.filter(|_| name == member.name);
                    let name =
                        &*other.map_or(name.into(), |names| Cow::Owned(names(entry.wire, name)));
                    let given = head.query.iter().filter(|(n, _)| n == name);
                    let mut given = given.map(|(_, value)| value.as_str()).peekable();
                    match &member.shape {
                        Shape::List { member, .. } if given.peek().is_some() => {
                            Some(given.map(|text| of_text(member, text)).collect())
                        }
                        shape => given.next().map(|text| of_text(shape, text)),
                    }
                }
                Location::Header(name) => head
                    .header(&name.to_ascii_lowercase())
                    .map(|text| of_text(&member.shape, text)),
                Location::Payload => {
                    body = Body::Payload(&member.name);
                    None
                }
                Location::Headers(_) | Location::Status | Location::Body => None,
            };
            if let Some(value) = value {
                members.insert(member.name.clone(), value);
            }
        }
        Ok(Bound {
            entry: Some(entry),
            members,
            body,
            form,
            most: MOST,
        })
    }

    fn named(&self, entry: &'static Entry, mut body: Map<String, Value>) -> Map<String, Value> {
        let Some(names) = self.names else {
            return body;
        };
        let route = entry.routed();
        let members = entry.request().members.iter();
        let members = members
            .filter(|member| entry.place_in_request(&route, &member.name) == Location::Body)
            .filter_map(|member| {
                let value = body.shift_remove(&names(entry.wire, &member.name))?;
                Some((
                    member.name.clone(),
                    self.read(entry.wire, &member.shape, value),
                ))
            });
        members.collect()
    }

    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written {
        let name = |name: &str| self.name(entry.wire, name.to_owned());
        super::walk::of_rest(entry, members, &name, &|own, shape, value, body| {
            let shape = shape.expect("a member");
            let value = self.wire(entry.wire, shape, value.clone());
            let mut all: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
            all.insert(name(own), value);
            *body = Value::Object(all).to_string().into_bytes();
        })
    }

    fn answer(&self, bound: &Bound, answer: Value, _: &Head, request_id: &str) -> Reply {
        let Some(entry) = bound.entry else {
            return Reply::new(500, "", "");
        };
        if let Some(form) = bound.form {
            return stream::answer(form, &answer).with("x-amzn-RequestId", request_id);
        }
        let response = entry.response();
        let mut status = entry.routed().status;
        let mut headers = Vec::new();
        let mut payload = None;
        let mut body = Map::new();
        let Value::Object(answer) = answer else {
            return Reply::new(status, "", "").with("x-amzn-RequestId", request_id);
        };
        for (name, value) in answer {
            match entry.place_in_response(&name) {
                Location::Status => status = value.as_u64().map_or(status, |code| code as u16),
                Location::Header(header) => headers.push((header.to_owned(), plain(&value))),
                Location::Payload => payload = Some(bytes(&value)),
                _ => {
                    let shape = response.member(&name).map(|member| &member.shape);
                    body.insert(
                        self.name(entry.wire, name),
                        shape.map_or(value.clone(), |shape| self.wire(entry.wire, shape, value)),
                    );
                }
            }
        }
        let mut reply = match payload {
            Some(bytes) => Reply::new(status, "application/json", bytes),
            None if status == 204 => Reply::new(status, "", ""),
            None => Reply::new(status, "application/json", Value::Object(body).to_string()),
        };
        reply.headers = headers;
        reply.with("x-amzn-RequestId", request_id)
    }

    fn refuse(&self, refusal: &Refusal, _: &Head, request_id: &str) -> Reply {
        let (status, code, mut body) = match refusal {
            Refusal::Service(error) => {
                let mut body = error.details.clone();
                body.insert(
                    key(error.code.name()).to_owned(),
                    error.message.clone().into(),
                );
                (error.code.status(), error.code.name(), body)
            }
            Refusal::Front(front) => {
                let (status, code, message) = words(front);
                let body = Map::from_iter([(key(code).to_owned(), json!(message))]);
                (status, code, body)
            }
        };
        // In AWS's errors, the member that names the side at fault comes first.
        if let Some(fault) = body.shift_remove("Type") {
            body.shift_insert(0, "Type".to_owned(), fault);
        }
        Reply::new(status, "application/json", Value::Object(body).to_string())
            .with("x-amzn-RequestId", request_id)
            .with("x-amzn-ErrorType", code)
    }
}

/// Returns the name of the member that holds the message. It depends on the error's code (recorded from AWS, 2025-11).
fn key(code: &str) -> &'static str {
    const CAPITAL: [&str; 6] = [
        "ResourceNotFoundException",
        "CodeSigningConfigNotFoundException",
        "ServiceException",
        "ResourceInUseException",
        "InvalidCodeSignatureException",
        "CodeVerificationFailedException",
    ];
    if CAPITAL.contains(&code) {
        "Message"
    } else {
        "message"
    }
}

/// The status, the code, the message and more members of a refusal.
pub(super) fn told(refusal: &Refusal) -> (u16, &'static str, String, Map<String, Value>) {
    match refusal {
        Refusal::Service(error) => (
            error.code.status(),
            error.code.name(),
            error.message.clone(),
            error.details.clone(),
        ),
        Refusal::Front(front) => {
            let (status, code, message) = words(front);
            (status, code, message, Map::new())
        }
    }
}

/// The refusal as a service that speaks JSON words it.
fn words(front: &Front) -> Words {
    let (status, code) = match front {
        Front::Unsigned => (403, "MissingAuthenticationTokenException"),
        Front::UnknownKey => (403, "UnrecognizedClientException"),
        Front::WrongSignature | Front::WrongScope(_) => (403, "InvalidSignatureException"),
        Front::WrongHost(_) => (403, "AccessDeniedException"),
        Front::Malformed(_) => (400, "SerializationException"),
        Front::WrongDigest(_) => (400, "InvalidSignatureException"),
        Front::TooLarge { .. } => (413, "RequestEntityTooLargeException"),
        Front::Precondition => (412, "PreconditionFailedException"),
        Front::BadRange => (416, "ValidationException"),
        Front::Unknown => (404, "UnknownOperationException"),
        Front::NotSimulated(_) => (501, "NotSimulated"),
        Front::Internal(_) => (500, "ServiceException"),
    };
    (status, code, front.message())
}

/// The refusal of a request whose route belongs to no operation that is answered here.
pub(super) fn unknown(service: &Service, head: &Head) -> Front {
    match of_route(service.name, head) {
        Some(name) => Front::NotSimulated(format!("{} {name}", service.name)),
        None => Front::Unknown,
    }
}

/// Reads a value of the given shape that was sent as text.
pub(super) fn of_text(shape: &Shape, text: &str) -> Value {
    let read = match shape {
        Shape::Integer { .. } => text.parse::<i64>().ok().map(Value::from),
        Shape::Float { .. } => text.parse::<f64>().ok().map(Value::from),
        Shape::Boolean => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    // A text that cannot be read as such a value stays text. The check of all members refuses it later.
    read.unwrap_or_else(|| text.into())
}

/// Writes a value as text, for a header.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Decodes the bytes that an operation returns in base64.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    BASE64_STANDARD.decode(text).unwrap_or_default()
}

impl RestJson {
    fn name(&self, wire: &str, name: String) -> String {
        self.names.map_or(name.clone(), |names| names(wire, &name))
    }

    /// Converts a value to the form that it has in JSON.
    pub(super) fn wire(&self, wire: &str, shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::String(text), Value::String(moment)) if text.timestamp => {
                match self.iso_moments {
                    true => xml::zulu(&moment).into(),
                    false => seconds(&moment),
                }
            }
            (Shape::List { member, .. }, Value::Array(items)) => {
                let items = items.into_iter();
                items.map(|item| self.wire(wire, member, item)).collect()
            }
            (Shape::Map { value: of, .. }, Value::Object(members)) => {
                let members = members.into_iter();
                let members = members.map(|(key, value)| (key, self.wire(wire, of, value)));
                Value::Object(members.collect())
            }
            (Shape::Structure(structure), Value::Object(members)) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| {
                        let member = structure.member(&name);
                        let value = member.map_or(value.clone(), |member| {
                            self.wire(wire, &member.shape, value)
                        });
                        (self.name(wire, name), value)
                    })
                    .collect(),
            ),
            (_, value) => value,
        }
    }

    /// Converts a value of a request's body. Its members get the names that the operation uses.
    fn read(&self, wire: &str, shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::List { member, .. }, Value::Array(items)) => {
                let items = items.into_iter();
                items.map(|item| self.read(wire, member, item)).collect()
            }
            (Shape::Map { value: of, .. }, Value::Object(members)) => {
                let members = members.into_iter();
                let members = members.map(|(key, value)| (key, self.read(wire, of, value)));
                Value::Object(members.collect())
            }
            (Shape::Structure(structure), Value::Object(mut members)) => {
                let known = structure.members.iter().filter_map(|member| {
                    let value = members.shift_remove(&self.name(wire, member.name.clone()))?;
                    Some((member.name.clone(), self.read(wire, &member.shape, value)))
                });
                Value::Object(known.collect())
            }
            (_, value) => value,
        }
    }
}

/// Seconds since 1970, with their fraction if there is one.
fn seconds(moment: &str) -> Value {
    match moment.parse::<Timestamp>() {
        Ok(moment) if moment.subsec_nanosecond() == 0 => moment.as_second().into(),
        Ok(moment) => (moment.as_millisecond() as f64 / 1000.0).into(),
        Err(_) => moment.into(),
    }
}

/// Checks that the values of a body have the right kinds. The service does this before any other check.
///
/// # Errors
/// When a value has another kind. The message is that of AWS's JSON reader (public reports, 2016–2024).
pub(super) fn typed(structure: &Structure, members: &Map<String, Value>) -> Result<(), Front> {
    for member in &structure.members {
        if let Some(value) = members.get(&member.name) {
            fits(&member.shape, value)?;
        }
    }
    Ok(())
}

fn fits(shape: &Shape, value: &Value) -> Result<(), Front> {
    let wanted = match (shape, value) {
        // A handle takes the place of bytes that were read before, so a member of bytes is not checked.
        (_, Value::Null) | (Shape::Blob, _) => return Ok(()),
        (Shape::Structure(structure), Value::Object(members)) => return typed(structure, members),
        (Shape::Map { value: shape, .. }, Value::Object(members)) => {
            return members.values().try_for_each(|value| fits(shape, value));
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            return items.iter().try_for_each(|item| fits(member, item));
        }
        // A moment is sent as seconds since 1970.
        (Shape::String(text), Value::Number(_)) if text.timestamp => return Ok(()),
        (Shape::String(_), Value::String(_))
        | (Shape::Integer { .. } | Shape::Float { .. }, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_)) => return Ok(()),
        (Shape::String(_), _) => "a String",
        (Shape::Integer { .. }, _) => "an Integer",
        (Shape::Float { .. }, _) => "a Double",
        (Shape::Boolean, _) => "a Boolean",
        (Shape::List { .. }, _) => "a List",
        (Shape::Map { .. } | Shape::Structure(_), _) => "a Map",
    };
    Err(Front::Malformed(match value {
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => "Start of list found where not expected".to_owned(),
        Value::Bool(true) => format!("TRUE_VALUE can not be converted to {wanted}"),
        Value::Bool(false) => format!("FALSE_VALUE can not be converted to {wanted}"),
        Value::Number(_) => format!("NUMBER_VALUE can not be converted to {wanted}"),
        _ => format!("STRING_VALUE can not be converted to {wanted}"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{FAMILIES, SERVICES, find};

    fn bound(method: &str, path: &str, query: &str) -> Result<Bound, Refusal> {
        let headers = vec![("x-amz-log-type".to_owned(), "Tail".to_owned())];
        let head = Head::of(method, path, query, headers).expect("a head");
        LAMBDA.open(&SERVICES[0], &head)
    }

    #[test]
    fn members_are_read_from_path_query_and_headers() {
        let bound = bound(
            "POST",
            "/2015-03-31/functions/pay%3A1/invocations",
            "Qualifier=2&x=y",
        )
        .expect("bound");
        assert_eq!(
            Value::Object(bound.members),
            json!({ "FunctionName": "pay:1", "LogType": "Tail", "Qualifier": "2" })
        );
        assert!(matches!(bound.body, Body::Payload("Payload")));
        let list =
            self::bound("GET", "/2015-03-31/functions/", "MaxItems=5&Marker=").expect("bound");
        assert_eq!(
            Value::Object(list.members),
            json!({ "MaxItems": 5, "Marker": "" })
        );
        let tags =
            self::bound("DELETE", "/2017-03-31/tags/a%2Fb", "tagKeys=a&tagKeys=b").expect("bound");
        assert_eq!(
            Value::Object(tags.members),
            json!({ "Resource": "a/b", "TagKeys": ["a", "b"] })
        );
    }

    /// Found with the SDKs for Go and JavaScript, which do not accept text as a moment, and with boto3.
    #[test]
    fn members_beside_the_body_and_moments_travel_as_the_model_says() {
        let path = "/2025-11-30/functions/pay/function-scaling-config";
        let scaling = bound("PUT", path, "Qualifier=1").expect("bound");
        assert_eq!(
            Value::Object(scaling.members),
            json!({ "FunctionName": "pay", "Qualifier": "1" })
        );
        let queued = bound("POST", "/2014-11-13/functions/pay/invoke-async", "").expect("bound");
        assert!(matches!(queued.body, Body::Payload("InvokeArgs")));
        let mapping = find("GetEventSourceMapping").expect("an operation");
        let shape = Shape::Structure(mapping.response().clone());
        let told = |moment: &str| json!({ "LastModified": moment, "StartingPositionTimestamp": moment, "State": moment });
        let sent = LAMBDA.wire("", &shape, told("1970-01-01T00:00:10+00:00"));
        assert!(sent["LastModified"].is_number() && sent["StartingPositionTimestamp"].is_number());
        assert!(sent["State"].is_string());
        let create = find("CreateEventSourceMapping").expect("an operation");
        let fits = |moment: Value| {
            let members = Map::from_iter([("StartingPositionTimestamp".to_owned(), moment)]);
            typed(create.request(), &members).is_ok()
        };
        assert!(fits(json!(1_767_323_045)) && fits(json!(1.5)) && !fits(json!(true)));
    }

    #[test]
    fn a_route_is_ours_or_aws_s_or_nobody_s() {
        let code = |method: &str, path: &str| match bound(method, path, "") {
            Err(Refusal::Front(front)) => words(&front),
            other => panic!("{other:?}"),
        };
        assert_eq!(code("POST", "/2025-11-30/capacity-providers").0, 501);
        assert!(
            code("POST", "/2025-11-30/capacity-providers")
                .2
                .starts_with("lambda CreateCapacityProvider is not")
        );
        assert_eq!(code("GET", "/nothing").0, 404);
        assert_eq!(code("PATCH", "/2015-03-31/functions").0, 404);
    }

    #[test]
    fn every_route_of_lambda_is_found_again() {
        for entry in FAMILIES.iter().flat_map(|family| family.iter()) {
            let mut words = entry.route.split(' ');
            let (method, target) = (
                words.next().expect("a method"),
                words.next().expect("a path"),
            );
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let found = bound(method, path, query).expect("bound").entry;
            assert_eq!(found.map(|found| found.name), Some(entry.name));
        }
    }

    #[test]
    fn moments_are_seconds() {
        assert_eq!(seconds("2024-05-01T12:00:00+00:00"), json!(1_714_564_800));
        assert_eq!(
            seconds("2024-05-01T12:00:00.123000+00:00"),
            json!(1_714_564_800.123)
        );
    }

    #[test]
    fn values_of_another_kind_are_named() {
        let request = crate::operation::find("UpdateAlias")
            .expect("an operation")
            .request();
        let told = |body: Value| typed(request, body.as_object().expect("an object")).err();
        assert_eq!(
            told(
                json!({ "Description": "x", "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } })
            ),
            None
        );
        assert_eq!(
            told(json!({ "Description": 5 })),
            Some(Front::Malformed(
                "NUMBER_VALUE can not be converted to a String".to_owned()
            ))
        );
        assert!(
            told(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "1": "x" } } }))
                .is_some()
        );
        assert!(told(json!({ "RoutingConfig": [] })).is_some());
    }
}
