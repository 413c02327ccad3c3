//! Tests every call with a ready answer in the form of the wire. A request with all members is written in its
//! protocol's form, and it must be read back unchanged. Then its answer is written. `tests/clients` does this with the
//! real clients.

use serde_json::{Map, Value, json};

use super::{
    head::{Head, encoded},
    reply::Content,
    rest_json::{self, plain},
    services::{Body, KNOWN, Known, ROUTES},
    xml::{self, Style},
};
use crate::operation::{
    Entry, find_in,
    ready::{self, shape},
    route::{Location, named, said},
    sandbox::Sandbox,
    shape::{Shape, Structure},
};

/// A value of a shape, with all members.
fn sample(shape: &Shape) -> Value {
    match shape {
        Shape::String(text) if text.timestamp => json!("2026-11-22T12:00:00Z"),
        Shape::String(text) => text
            .known_values
            .first()
            .map_or("x<y", String::as_str)
            .into(),
        Shape::Integer { .. } => json!(7),
        Shape::Float { .. } => json!(0.5),
        Shape::Boolean => json!(true),
        Shape::Blob => json!("eA=="),
        Shape::List { member, .. } => json!([sample(member), sample(member)]),
        Shape::Map { value, .. } => json!({ "k": sample(value), "l": sample(value) }),
        Shape::Structure(structure) => Value::Object(samples(structure)),
    }
}

fn samples(structure: &Structure) -> Map<String, Value> {
    let members = structure.members.iter();
    let members = members.map(|member| (member.name.clone(), sample(&member.shape)));
    members.collect()
}

/// A request that is being sent: its head and its body.
pub(super) type Written = (Head, Vec<u8>);

fn head(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Head {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Head::of(method, path, query, headers.collect()).expect("a head")
}

/// A request in the form of JSON 1.0 and 1.1.
pub(super) fn of_json(target: &str, entry: &Entry, members: Map<String, Value>) -> Written {
    let target = format!("{target}.{}", entry.name);
    let head = head("POST", "/", "", &[("x-amz-target", &target)]);
    (head, Value::Object(members).to_string().into_bytes())
}

/// A request in the form of the query protocol.
pub(super) fn of_query(entry: &Entry, members: Map<String, Value>) -> Written {
    type Out = Vec<String>;
    fn value(out: &mut Out, wire: &str, name: &str, shape: Option<&Shape>, value: &Value) {
        match (shape, value) {
            (Some(Shape::Structure(of)), Value::Object(members)) => {
                structure(out, wire, &format!("{name}."), of, members);
            }
            (Some(Shape::List { member, .. }), Value::Array(items)) => {
                list(out, wire, &format!("{name}.member"), member, items);
            }
            (_, other) => out.push(format!("{name}={}", encoded(&plain(other), ""))),
        }
    }
    fn list(out: &mut Out, wire: &str, each: &str, shape: &Shape, items: &[Value]) {
        for (at, item) in items.iter().enumerate() {
            value(out, wire, &format!("{each}.{}", at + 1), Some(shape), item);
        }
    }
    fn structure(
        out: &mut Out,
        wire: &str,
        before: &str,
        of: &Structure,
        all: &Map<String, Value>,
    ) {
        for (own, it) in all {
            let shape = of.member(own).map(|member| &member.shape);
            let flat = said(wire, own, "flat");
            let name = format!(
                "{before}{}",
                flat.map_or_else(|| named(wire, own), str::to_owned)
            );
            match (shape, it) {
                (Some(Shape::List { member, .. }), Value::Array(items)) if flat.is_some() => {
                    list(out, wire, &name, member, items);
                }
                (Some(Shape::Map { value: of, .. }), Value::Object(members)) => {
                    let each = match flat {
                        Some(_) => name,
                        None => format!("{name}.entry"),
                    };
                    let (key, called) = xml::entry(said(wire, own, "entry"));
                    for (at, (own, it)) in members.iter().enumerate() {
                        out.push(format!("{each}.{}.{key}={own}", at + 1));
                        value(
                            out,
                            wire,
                            &format!("{each}.{}.{called}", at + 1),
                            Some(of),
                            it,
                        );
                    }
                }
                (shape, it) => value(out, wire, &name, shape, it),
            }
        }
    }
    let mut out = vec![format!("Action={}", entry.name), "Version=2".to_owned()];
    structure(&mut out, entry.wire, "", entry.request(), &members);
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let head = head("POST", "/", "", &[("content-type", kind)]);
    (head, out.join("&").into_bytes())
}

/// Writes a member into the body. The arguments are the member's name, shape and value, and the body written so far.
type WritesBody<'a> = &'a dyn Fn(&str, Option<&Shape>, &Value, &mut Vec<u8>);

/// A request in the form of the REST protocols; `body` writes the members that travel in the body.
pub(super) fn of_rest(
    entry: &'static Entry,
    members: Map<String, Value>,
    name: &dyn Fn(&str) -> String,
    body: WritesBody<'_>,
) -> Written {
    let route = entry.routed();
    let mut words = entry.route.split(' ').skip(1);
    let mut target = words.next().expect("a path").to_owned();
    let (mut query, mut headers, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for (own, value) in members {
        let shape = entry.request().member(&own).map(|member| &member.shape);
        match entry.place_in_request(&route, &own) {
            Location::Path => {
                target = target.replace(&format!("{{{own}}}"), &encoded(&plain(&value), ""));
            }
            Location::Query(said) => {
                let said = if said == own {
                    name(said)
                } else {
                    said.to_owned()
                };
                let items = match value {
                    Value::Array(items) => items,
                    one => vec![one],
                };
                let pairs = items.iter();
                query.extend(pairs.map(|it| format!("{said}={}", encoded(&plain(it), ""))));
            }
            Location::Header(said) => headers.push((said.to_ascii_lowercase(), plain(&value))),
            _ => body(&own, shape, &value, &mut bytes),
        }
    }
    let (path, own) = target.split_once('?').unwrap_or((&target, ""));
    query.extend((!own.is_empty()).then(|| own.to_owned()));
    let head = Head::of(route.method, path, &query.join("&"), headers).expect("a head");
    (head, bytes)
}

/// A body of XML.
pub(super) fn of_xml(style: Style<'_>, name: &str, shape: Option<&Shape>, value: &Value) -> String {
    let mut text = String::new();
    xml::content(&mut text, style.within(name), shape, value);
    format!("{}<{name} xmlns=\"n\">{text}</{name}>", xml::HEADER)
}

/// Reads a request as a server does.
fn read(known: &Known, (head, body): &Written) -> (Option<&'static Entry>, Map<String, Value>) {
    let service = known.service();
    let told = |refusal| panic!("{} {:?}: {refusal:?}", service.name, head);
    let mut bound = known.protocol.open(service, head).unwrap_or_else(told);
    let lambda = Sandbox::new();
    match std::mem::replace(&mut bound.body, Body::Ignored) {
        Body::Json(mut intake) => {
            let store = lambda.store().expect("a state");
            intake.feed(&store, body).expect("it reads");
            let (Value::Object(read), _) = intake.finish().expect("it reads") else {
                panic!("no object");
            };
            let entry = bound.entry.expect("an operation");
            let read = known.protocol.named(entry, read);
            rest_json::typed(entry.request(), &read).expect("it is of its kind");
            for (name, value) in read {
                bound.members.entry(name).or_insert(value);
            }
        }
        Body::Text => {
            bound = known
                .protocol
                .close(service, bound, body)
                .unwrap_or_else(|refusal| panic!("{}: {refusal:?}", String::from_utf8_lossy(body)));
        }
        Body::Ignored | Body::Payload(_) => {}
    }
    (bound.entry, bound.members)
}

#[test]
fn every_service_with_ready_answers_is_served() {
    for service in ready::SERVICES {
        let is_it = |known: &Known| known.service().name == service.name;
        assert!(KNOWN.iter().any(is_it), "{}", service.name);
    }
}

#[test]
fn a_request_for_each_call_is_read_as_what_it_was() {
    let mut count = 0;
    for known in KNOWN {
        for entry in known.service().entries() {
            let Some(ready) = entry.answer() else {
                continue;
            };
            count += 1;
            // Options that only the command line has are not sent.
            let takes = shape::read(&ready.call.takes).expect("members");
            let members = samples(&takes);
            let written = known.protocol.written(entry, members.clone());
            let found = Known::of_request(known, &written.0);
            let about = format!("{} {}", ready.service, entry.name);
            assert!(std::ptr::eq(found, known), "{about}: {:?}", written.0);
            let (of, read) = read(known, &written);
            assert_eq!(of.map(|of| of.name), Some(entry.name), "{about}");
            // One map has the order of the operation's members, the other the order of their locations. So each member
            // is found by its name.
            for (name, value) in &members {
                assert_eq!(
                    read.get(name),
                    Some(value),
                    "{about} {name}: {:?}",
                    written.0
                );
            }
            assert_eq!(read.len(), members.len(), "{about}: {read:?}");
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn an_answer_of_each_call_is_written_with_all_that_it_has() {
    for known in KNOWN {
        for entry in known.service().entries() {
            if entry.answer().is_none() {
                continue;
            }
            let request = shape::read(&entry.answer().expect("one").call.takes).expect("members");
            let written = known.protocol.written(entry, samples(&request));
            let service = known.service();
            let mut bound = known.protocol.open(service, &written.0).expect("bound");
            bound.entry = Some(entry);
            let answer = Value::Object(samples(entry.response()));
            let many = answer.to_string().matches("x<y").count();
            let reply = known.protocol.answer(&bound, answer, &written.0, "id");
            let about = format!("{} {}", service.name, entry.name);
            assert!((200..300).contains(&reply.status), "{about}");
            let headers = format!("{:?}", reply.headers);
            let Content::Bytes(body) = reply.body else {
                panic!("{about}: no bytes");
            };
            let text = String::from_utf8_lossy(&body).into_owned();
            let found = headers.matches("x<y").count()
                + text.matches("x<y").count()
                + text.matches("x&lt;y").count();
            assert_eq!(found, many, "{about}: {text}");
            assert!(!text.contains("x-amz"), "{about}");
        }
    }
}

#[test]
fn a_route_that_a_model_states_is_ours_or_of_what_is_not_simulated() {
    for line in ROUTES.lines() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let [service, name, stated] = words[..] else {
            panic!("{line}");
        };
        let Some(entry) = find_in(service, name) else {
            continue;
        };
        let (own, _) = entry.route.rsplit_once(' ').expect("a status");
        assert!(entry.answer().is_some() && own == stated, "{line}: {own}");
    }
}
