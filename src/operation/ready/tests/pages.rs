//! Reads all pages of every list. Copies of the listed things make each list longer than a page.

use serde_json::{Map, Value, json};

use super::{super::template::at, Walk, answered, calls};
use crate::{
    operation::{Failure, ready::Ready},
    state::ready::Things,
};

/// A list of that many items, and a request for it.
struct List {
    ready: &'static Ready,
    walk: Walk,
    request: Map<String, Value>,
    /// The list's things, by their names; empty for a list in one thing.
    names: Vec<String>,
}

impl List {
    fn of(ready: &'static Ready, many: usize) -> Option<Self> {
        let (_, kind) = ready.call.deed()?;
        let (walk, request) = answered(ready);
        let Value::Object(mut request) = request else {
            return None;
        };
        if let Some((_, Some(limit), _)) = ready.call.paging() {
            request.shift_remove(limit);
        }
        let mut list = Self {
            ready,
            walk,
            request,
            names: Vec::new(),
        };
        if ready.call.shallow.is_some() {
            // A parameter lies in a path.
            list.request.insert("Path".to_owned(), "/".into());
            list.edit(|things| {
                let things = things.things.values_mut();
                things.for_each(|thing| drop(thing.members.insert("Name".to_owned(), "/x".into())));
            });
        }
        let path = list.path();
        let answer = list.call(&Map::new()).expect("an answer");
        let few = at(&answer, list_of(ready)).and_then(Value::as_array);
        let few = few.map_or(0, Vec::len);
        list.edit(|things| {
            let prefix = format!("{} {kind} ", ready.service);
            let own = things.things.keys().find(|name| name.starts_with(&prefix));
            let own = own.expect("a thing").clone();
            let mut thing = things.things[&own].clone();
            match path {
                // The list is a member of the thing.
                Some(member) => {
                    let items = thing.members.get(&member).and_then(Value::as_array);
                    let first = items.and_then(|items| items.first()).cloned();
                    let item = first.unwrap_or_else(|| json!({ "Id": "x", "Arn": "y" }));
                    let items = std::iter::repeat_n(item, many);
                    thing.members.insert(member, items.collect());
                    things.things.insert(own, thing);
                }
                None => {
                    let copies = (few..many).map(|at| (format!("{own}-{at:05}"), thing.clone()));
                    things.things.extend(copies);
                }
            }
        });
        if list.path().is_none() {
            let prefix = format!("{} {kind} ", ready.service);
            let things = list.walk.things();
            let names = things.things.into_keys();
            list.names = names.filter(|name| name.starts_with(&prefix)).collect();
        }
        Some(list)
    }

    /// The member of a thing that is the list.
    fn path(&self) -> Option<String> {
        let told = self.ready.call.answers.get(list_of(self.ready))?.as_str()?;
        let member = told.strip_prefix("{thing.")?.strip_suffix('}')?;
        Some(member.to_owned())
    }

    fn edit(&self, edit: impl FnOnce(&mut Things)) {
        self.walk.edit(edit);
    }

    fn call(&self, more: &Map<String, Value>) -> Result<Value, Failure> {
        let mut request = self.request.clone();
        request.extend(more.clone());
        self.walk.call(self.ready, &request.into())
    }

    /// The lengths of all pages.
    fn walked(&self, limit: Option<usize>, mut between: impl FnMut(usize)) -> Vec<usize> {
        let (from, of_limit, next) = self.ready.call.paging().expect("pages");
        let mut more = Map::new();
        if let Some(limit) = limit {
            let (name, limit) = self.length(of_limit.expect("a limit"), limit);
            more.insert(name, limit);
        }
        let mut lengths = Vec::new();
        loop {
            let about = format!("{} {}", self.ready.service, self.ready.name);
            let answer = self.call(&more);
            let answer = answer.unwrap_or_else(|error| panic!("{about}: {error}"));
            let items = at(&answer, list_of(self.ready)).and_then(Value::as_array);
            let many = items.map_or(0, Vec::len);
            lengths.push(many);
            assert!(lengths.len() < 20, "{about}: {lengths:?}");
            let token = at(&answer, next).cloned();
            let is_cut = ["IsTruncated", "Truncated"].iter().find_map(|name| {
                let outer = list_of(self.ready).split_once('.').map(|(outer, _)| outer);
                let within = outer.map_or(Some(&answer), |outer| answer.get(outer))?;
                within.get(*name)?.as_bool()
            });
            assert_eq!(
                is_cut.unwrap_or(token.is_some()),
                token.is_some(),
                "{about}"
            );
            let Some(token) = token else {
                return lengths;
            };
            more.insert(from.to_owned(), token);
            if let Some(name) = answer.get("NextDNSName") {
                more.insert("DNSName".to_owned(), name.clone());
            }
            between(many);
        }
    }

    /// A member that asks for pages of a length, as its shape has it.
    fn length(&self, limit: &str, length: usize) -> (String, Value) {
        use crate::operation::shape::Shape;
        let member = self.ready.takes().member(limit).expect("a member");
        let value = match member.shape {
            Shape::String(_) => length.to_string().into(),
            _ => length.into(),
        };
        (limit.to_owned(), value)
    }
}

fn list_of(ready: &'static Ready) -> &'static str {
    ready.call.lists().next().expect("a list")
}

/// The calls that page what they keep.
fn paged() -> impl Iterator<Item = (&'static Ready, usize, usize)> {
    calls().filter_map(|ready| {
        ready.call.deed()?;
        ready.call.paging()?;
        let [usual, most] = ready.call.page?;
        Some((ready, usual, most))
    })
}

#[test]
fn a_list_comes_in_pages_of_the_usual_length_and_of_the_one_that_was_asked_for() {
    let mut count = 0;
    for (ready, usual, most) in paged() {
        count += 1;
        let all = 2 * usual + 1;
        let list = List::of(ready, all).expect("a list");
        let about = format!("{} {}", ready.service, ready.name);
        assert_eq!(list.walked(None, |_| ()), [usual, usual, 1], "{about}");
        let (_, Some(limit), _) = ready.call.paging().expect("pages") else {
            continue;
        };
        let half = usual / 2;
        let told: usize = list.walked(Some(half), |_| ()).iter().sum();
        assert_eq!(told, all, "{about}");
        assert_eq!(
            list.walked(Some(all.min(most)), |_| ())[0],
            all.min(most),
            "{about}"
        );
        let (name, over) = list.length(limit, most + 1);
        match (list.call(&Map::from_iter([(name, over)])), &ready.of.length) {
            (Err(Failure::Service(error)), Some(_)) => {
                let told = format!("Member must have value less than or equal to {most}");
                assert!(error.message.ends_with(&told), "{about}: {error}");
            }
            (Ok(answer), None) => {
                let items = at(&answer, list_of(ready)).and_then(Value::as_array);
                assert_eq!(items.map(Vec::len), Some(all.min(most)), "{about}");
            }
            (other, _) => panic!("{about}: {other:?}"),
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn things_that_are_deleted_between_pages_do_not_hide_others() {
    for (ready, ..) in paged() {
        let (_, Some(_), _) = ready.call.paging().expect("pages") else {
            continue;
        };
        let list = List::of(ready, 7).expect("a list");
        if list.names.is_empty() {
            continue;
        }
        let mut gone = list.names.iter();
        let lengths = list.walked(Some(3), |many| {
            let gone: Vec<&String> = gone.by_ref().take(many).collect();
            list.edit(|things| things.things.retain(|name, _| !gone.contains(&name)));
        });
        assert_eq!(lengths, [3, 3, 1], "{} {}", ready.service, ready.name);
    }
}

#[test]
fn a_token_that_no_page_has_is_refused_where_tokens_are_opaque() {
    for (ready, ..) in paged() {
        let (from, ..) = ready.call.paging().expect("pages");
        let list = List::of(ready, 1).expect("a list");
        let answer = list.call(&Map::from_iter([(from.to_owned(), json!("no token"))]));
        let about = format!("{} {}", ready.service, ready.name);
        match answer {
            Ok(_) => assert_ne!(ready.call.token, super::catalogue::Token::Opaque, "{about}"),
            Err(_) => super::refused(answer, &ready.of.stray),
        }
    }
}

#[test]
fn hosted_zones_by_name_start_at_a_name_and_go_on_behind_their_last_labels() {
    let create = super::find("route53", "CreateHostedZone").expect("a call");
    let list = super::find("route53", "ListHostedZonesByName").expect("a call");
    let lambda = crate::operation::sandbox::Sandbox::new();
    let call = |ready: &'static Ready, request: Value| {
        let answer = lambda.with_lambda(|lambda| ready.run(lambda, &request));
        answer.expect("an answer")
    };
    for name in ["example.org", "a.example.com", "example.com", "z.com"] {
        call(create, json!({ "Name": name, "CallerReference": name }));
    }
    let names = |answer: &Value| {
        let zones = answer["HostedZones"].as_array().expect("zones");
        let names = zones
            .iter()
            .map(|zone| zone["Name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    let all = call(list, json!({}));
    assert_eq!(
        names(&all),
        ["example.com.", "a.example.com.", "z.com.", "example.org."]
    );
    let some = call(list, json!({ "DNSName": "a.example.com", "MaxItems": "1" }));
    assert_eq!(names(&some), ["a.example.com."]);
    assert_eq!(some["NextDNSName"], "z.com.");
    let last = json!({ "DNSName": "z.com.", "HostedZoneId": some["NextHostedZoneId"] });
    let last = call(list, last);
    assert_eq!(names(&last), ["z.com.", "example.org."]);
    assert_eq!(last["IsTruncated"], false);
}
