//! Tests of all ready answers. Each call is made twice: in a state that has everything that the call needs, and in one
//! that has nothing.

mod moto;
mod pages;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::{Map, Value, json};

use super::{
    Given, Ready, SERVICES,
    catalogue::{self, Verb},
    entries, file, find,
    form::Form,
    give, kinds, shape, template,
};
use crate::{
    operation::{
        Failure, Result,
        sandbox::Sandbox,
        shape::{Shape, Structure},
    },
    state::{arn::Scope, ready::Things},
};

/// Every call that has a ready answer.
fn calls() -> impl Iterator<Item = &'static Ready> {
    let services = SERVICES.iter();
    services
        .flat_map(|service| entries(service.name))
        .filter_map(|entry| entry.answer())
}

/// An example value of a shape.
fn sample(shape: &Shape) -> Value {
    match shape {
        Shape::String(text) if text.timestamp => json!("2026-11-22T12:00:00+00:00"),
        Shape::String(text) => text.known_values.first().map_or("x", String::as_str).into(),
        Shape::Integer { .. } => json!(1),
        Shape::Float { .. } => json!(0.5),
        Shape::Boolean => json!(true),
        Shape::Blob => json!("eA=="),
        Shape::List { member, .. } => json!([sample(member)]),
        Shape::Map { value, .. } => json!({ "k": sample(value) }),
        Shape::Structure(structure) => {
            let members = structure.members.iter().filter(|member| member.required);
            let members = members.map(|member| (member.name.clone(), sample(&member.shape)));
            Value::Object(members.collect())
        }
    }
}

/// A state directory that makes the things that a call needs, before the call.
struct Walk {
    lambda: Sandbox,
    service: &'static str,
    /// The own names of the things that were made, one for each kind.
    made: BTreeMap<String, String>,
    /// The kinds of things that are being made at the moment.
    making: BTreeSet<String>,
    /// The calls that were made, with their results; `None` after a project gave a thing.
    made_calls: RefCell<Option<Vec<Value>>>,
}

impl Walk {
    fn new(ready: &Ready) -> Self {
        Self {
            lambda: Sandbox::new(),
            service: ready.service,
            made: BTreeMap::new(),
            making: BTreeSet::new(),
            made_calls: RefCell::new(Some(Vec::new())),
        }
    }

    fn things(&self) -> Things {
        let scope = Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        };
        let store = self.lambda.store().expect("a state");
        store
            .document(&file(self.service, &scope))
            .expect("readable")
    }

    /// Changes the state's things by hand.
    fn edit(&self, edit: impl FnOnce(&mut Things)) {
        let scope = Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        };
        let store = self.lambda.store().expect("a state");
        let edited = store.edit_document(&file(self.service, &scope), |things: &mut Things| {
            edit(things);
            Ok::<_, Failure>(())
        });
        edited.expect("an edit");
        self.made_calls.replace(None);
    }

    fn call(&self, ready: &'static Ready, request: &Value) -> Result<Value> {
        let mut request = request.clone();
        if let Some(members) = request.as_object_mut() {
            formed(ready, members);
        }
        let request = &request;
        let answer = self.lambda.with_lambda(|lambda| ready.run(lambda, request));
        if let Some(calls) = &mut *self.made_calls.borrow_mut() {
            let error = match &answer {
                Err(Failure::Service(error)) => error.code.name().into(),
                _ => Value::Null,
            };
            calls.push(json!({
                "service": ready.service, "operation": ready.name, "request": request,
                "answer": answer.as_ref().ok(), "error": error,
            }));
        }
        answer
    }

    /// The own name of a thing of that kind. If no such thing exists, it is made.
    fn thing(&mut self, kind: &str) -> String {
        if let Some(own) = self.made.get(kind) {
            return own.clone();
        }
        // A thing can be made together with another thing. For example, a new API has a root resource.
        if let Some(own) = self.own_name(kind) {
            return own;
        }
        self.making.insert(kind.to_owned());
        let mut makers: Vec<_> = entries(self.service)
            .iter()
            .filter_map(|entry| entry.answer())
            .filter(|ready| {
                let deed = ready.call.deed();
                deed.is_some_and(|(verb, of)| {
                    of == kind && matches!(verb, Verb::Makes | Verb::Puts)
                })
            })
            .collect();
        match makers.pop() {
            Some(maker) => {
                let request = self.request(maker);
                let made = self.call(maker, &request);
                made.unwrap_or_else(|error| panic!("{} {request}: {error}", maker.name));
            }
            None => {
                let name = format!("{} {kind} thing", self.service);
                let mut members = kinds(self.service).expect("a service")[kind].given.clone();
                let resource = json!([{ "LogicalResourceId": "x", "PhysicalResourceId": "y" }]);
                members.insert("Resources".to_owned(), resource);
                let given = Given::from([(name, members)]);
                let gave = self.lambda.with_lambda(|lambda| give(lambda, &given));
                gave.expect("given");
                self.made_calls.replace(None);
            }
        }
        self.making.remove(kind);
        let own = self.own_name(kind);
        let own = own.unwrap_or_else(|| panic!("no {kind} was made"));
        self.made.insert(kind.to_owned(), own.clone());
        own
    }

    /// The own name of an existing thing of that kind.
    fn own_name(&self, kind: &str) -> Option<String> {
        let prefix = format!("{} {kind} ", self.service);
        let things = self.things();
        let mut names = things.things.keys();
        let own = names.find_map(|name| name.strip_prefix(&prefix));
        own.map(str::to_owned)
    }

    /// A request for a call. Everything that the call needs is made before.
    fn request(&mut self, ready: &'static Ready) -> Value {
        let mut request = self.plain_request(ready);
        // Only the call itself makes this thing, so it is not made before.
        if let Some((Verb::Makes | Verb::Puts, kind)) = ready.call.deed() {
            self.making.insert(kind.to_owned());
        }
        if let Some((_, kind)) = ready.call.deed()
            && let Some((parent, first)) = parent(ready, kind)
            && !self.making.contains(parent)
        {
            let own = self.thing(parent);
            name(&mut request, first, &own);
        }
        for needed in ready.call.needs.values() {
            let (kind, named) = match needed.split_once(' ') {
                Some((kind, named)) => (kind, Some(named)),
                None => (needed.as_str(), None),
            };
            let is_optional = kind.starts_with('?');
            let kind = kind.trim_start_matches('?');
            if is_optional && self.making.contains(kind) {
                continue;
            }
            let own = self.thing(kind);
            let named = named.unwrap_or(&ready.kind(kind).name);
            name(&mut request, named, &own);
        }
        for demand in &ready.call.demands {
            let kind = demand.split(' ').nth(1).expect("a kind");
            self.thing(kind);
            self.fill_in(kind, usize::MAX);
        }
        request.into()
    }

    /// A request for a call about an existing thing.
    fn request_about(&mut self, ready: &'static Ready, kind: &str) -> Value {
        let mut request = match self.request(ready) {
            Value::Object(request) => request,
            _ => Map::new(),
        };
        let own = self.thing(kind);
        let named = ready.call.named.as_ref().unwrap_or(&ready.kind(kind).name);
        name(&mut request, named, &own);
        if let Some(each) = &ready.call.each {
            request.insert(each.clone(), json!([own]));
        }
        let depth = depth(ready);
        let is_fresh = ready.call.fresh.is_some();
        self.fill_in(kind, if is_fresh { depth } else { depth + 1 });
        request.into()
    }

    /// Makes the values inside a thing, down to the depth before `depth_of_none`.
    fn fill_in(&mut self, kind: &str, depth_of_none: usize) {
        let mut inner: Vec<_> = entries(self.service)
            .iter()
            .filter_map(|entry| entry.answer())
            .filter(|ready| {
                ready.call.at.is_some() && ready.call.deed() == Some((Verb::Changes, kind))
            })
            .filter(|ready| depth(ready) < depth_of_none)
            .collect();
        inner.sort_by_key(|ready| depth(ready));
        for ready in inner {
            let mut request = self.plain_request(ready);
            let own = self.thing(kind);
            name(
                &mut request,
                ready.call.named.as_deref().expect("a name"),
                &own,
            );
            // A call that finds its value already there is refused. That does not matter here.
            drop(self.call(ready, &request.into()));
        }
    }

    /// A request with the members that are required, or that a new thing needs.
    fn plain_request(&self, ready: &'static Ready) -> Map<String, Value> {
        let members = ready.takes().members.iter().filter(|member| {
            let asks_first = ready.call.first.contains_key(&member.name);
            member.required || asks_first || member.name == "AttributeNames"
        });
        let mut request: Map<_, _> = members
            .map(|member| (member.name.clone(), sample(&member.shape)))
            .collect();
        if let Some(attributes) = request.get_mut("AttributeNames") {
            *attributes = json!(["All"]);
        }
        request
    }
}

/// The kind whose things contain the things of the given kind, and the part of the call's name template that names the
/// containing thing.
fn parent<'a>(ready: &'a Ready, kind: &str) -> Option<(&'static str, &'a str)> {
    let parent = ready.parent(kind)?;
    let named = ready.call.named.as_ref().unwrap_or(&ready.kind(kind).name);
    Some((parent, named.split_once('/').expect("a parent").0))
}

/// The number of path steps inside a thing that a call goes.
fn depth(ready: &Ready) -> usize {
    let paths = [&ready.call.under, &ready.call.at].into_iter().flatten();
    paths.map(|path| path.split('.').count()).sum()
}

/// Adds one of the members of which a request must have at least one, and the beginnings that texts must have.
fn formed(ready: &Ready, request: &mut Map<String, Value>) {
    let wants = ready.call.wants.iter();
    for wanted in wants.filter_map(|wants| wants.split(": ").next()) {
        if !wanted.split(' ').any(|member| request.contains_key(member)) {
            let last = wanted.split(' ').next_back().expect("a member");
            request.insert(last.to_owned(), "x".into());
        }
    }
    for (member, form) in &ready.call.forms {
        let form = form.split(' ').next().and_then(Form::named);
        let example = form.expect("a form").example;
        if let Some(text) = request.get_mut(member) {
            *text = example.into();
        }
    }
    for (member, begins) in &ready.call.begins {
        let begins = begins.split([' ', '|']).next().expect("a beginning");
        if let Some(Value::String(text)) = request.get_mut(member)
            && !text.starts_with(begins)
        {
            text.insert_str(0, begins);
        }
    }
}

/// Sets the members that name a thing.
fn name(request: &mut Map<String, Value>, template: &str, own: &str) {
    let places: Vec<&str> = template::places(template).collect();
    let parts = own.splitn(places.len(), '/');
    for (place, part) in places.iter().zip(parts) {
        request.insert((*place).to_owned(), part.into());
    }
}

/// Panics if a value does not have the given shape.
fn conforms(shape: &Shape, value: &Value, path: &str) {
    let fits = match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            for (name, value) in members {
                let member = structure.member(name);
                let member = member.unwrap_or_else(|| panic!("{path}.{name} is no member"));
                conforms(&member.shape, value, &format!("{path}.{name}"));
            }
            true
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            items.iter().for_each(|item| conforms(member, item, path));
            true
        }
        (Shape::Map { value: shape, .. }, Value::Object(members)) => {
            let values = members.values();
            values.for_each(|value| conforms(shape, value, path));
            true
        }
        (Shape::Integer { .. }, value) => value.is_i64() || value.is_u64(),
        (Shape::Float { .. }, value) => value.is_number(),
        (Shape::Boolean, value) => value.is_boolean(),
        (Shape::String(_) | Shape::Blob, value) => value.is_string(),
        _ => false,
    };
    assert!(fits, "{path} is {value}");
}

#[track_caller]
fn refused(answer: Result<Value>, told: &str) {
    let (status, code, _) = catalogue::told(told).expect("a refusal");
    match answer {
        Err(Failure::Service(error)) => {
            assert_eq!(
                (error.code.name(), error.code.status()),
                (code, status),
                "{error}"
            );
            assert!(!error.message.contains(['{', '}']), "{error}");
        }
        other => panic!("{told}: {other:?}"),
    }
}

/// A state in which a call succeeds, and a request for the call.
fn answered(ready: &'static Ready) -> (Walk, Value) {
    let mut walk = Walk::new(ready);
    let request = match ready.call.deed() {
        Some((Verb::Makes | Verb::Puts, _)) | None => walk.request(ready),
        Some((Verb::Lists, kind)) => {
            walk.thing(kind);
            walk.request(ready)
        }
        Some((_, kind)) => walk.request_about(ready, kind),
    };
    (walk, request)
}

#[test]
fn every_call_is_answered_in_its_shape_where_all_is_there() {
    for ready in calls() {
        let (mut walk, request) = answered(ready);
        let about = format!("{} {}", ready.service, ready.name);
        let answer = walk.call(ready, &request);
        let answer = answer.unwrap_or_else(|error| panic!("{about} {request}: {error}"));
        let gives = ready.gives();
        conforms(&Shape::Structure(gives.clone()), &answer, &about);
        // These lists show things that no call made, so they are empty.
        let may_be_empty = ["ListQueueTags", "ReceiveMessage"].contains(&ready.name);
        let is_empty = answer.as_object().is_some_and(Map::is_empty);
        assert!(
            is_empty == gives.members.is_empty() || may_be_empty,
            "{about} answers {answer}"
        );
        if let Some((Verb::Reads | Verb::Lists, kind)) = ready.call.deed() {
            let own = walk.thing(kind);
            let last = own.rsplit('/').next().expect("a name").to_owned();
            let told = answer.to_string();
            // An answer about a part of a thing does not name the thing again. A list can show only the contents of the
            // thing.
            let inside = depth(ready) > 0 || ready.call.finds.is_some();
            let other = [
                "GetQueueUrl",
                "ListTargetsByRule",
                "ListQueueTags",
                "GetDistributionConfig",
            ];
            let of_list = answer.as_object().is_some_and(|answer| {
                answer
                    .values()
                    .any(|value| value.as_array().is_some_and(|all| !all.is_empty()))
            });
            assert!(
                inside
                    || told.contains(&last)
                    || of_list
                    || other.contains(&ready.name)
                    || ready.call.shallow.is_some(),
                "{about} does not tell of {own}: {told}"
            );
        }
    }
}

#[test]
fn what_is_not_there_is_refused_in_aws_s_words_and_what_is_there_is_not_made_twice() {
    for ready in calls() {
        let call = ready.call;
        let Some((verb, kind)) = call.deed() else {
            continue;
        };
        let of = ready.kind(kind);
        let mut walk = Walk::new(ready);
        let mut request = walk.request(ready);
        match verb {
            Verb::Reads | Verb::Changes | Verb::Drops if !call.quiet && call.each.is_none() => {
                // The request changes only the last part of the name, because the call can need the thing that the
                // other parts name.
                if let Some(members) = request.as_object_mut() {
                    let named = call.named.as_ref().unwrap_or(&of.name);
                    let last = template::places(named).last().expect("a name");
                    members.insert(last.to_owned(), "nope".into());
                }
                refused(walk.call(ready, &request), &of.missing);
            }
            Verb::Makes | Verb::Puts => {
                walk.call(ready, &request).expect(ready.name);
                let again = walk.call(ready, &request);
                match &of.exists {
                    Some(exists)
                        if !call.again && (verb == Verb::Makes || call.unless.is_some()) =>
                    {
                        refused(again, exists)
                    }
                    _ => drop(again.unwrap_or_else(|error| panic!("{}: {error}", ready.name))),
                }
            }
            _ => {}
        }
    }
}

#[test]
fn what_lies_in_a_thing_that_is_not_there_is_refused_in_that_thing_s_words() {
    let mut seen = 0;
    for ready in calls() {
        let Some((parent, first)) = ready.call.deed().and_then(|(_, kind)| parent(ready, kind))
        else {
            continue;
        };
        seen += 1;
        let walk = Walk::new(ready);
        let mut request = walk.plain_request(ready);
        name(&mut request, first, "nope");
        let answer = walk.call(ready, &request.into());
        refused(answer, &ready.kind(parent).missing);
    }
    assert!(seen > 30, "{seen}");
    // The other things that a call needs.
    for ready in calls() {
        let needs = ready.call.needs.values();
        let needed: Vec<&str> = needs
            .filter(|needed| !needed.starts_with('?'))
            .filter_map(|needed| needed.split(' ').next())
            .collect();
        let mut walk = Walk::new(ready);
        if needed.is_empty() {
            continue;
        }
        let mut request = walk.plain_request(ready);
        if let Some((parent, first)) = ready.call.deed().and_then(|(_, kind)| parent(ready, kind)) {
            let own = walk.thing(parent);
            name(&mut request, first, &own);
        }
        let Err(Failure::Service(error)) = walk.call(ready, &request.into()) else {
            panic!("{} {} needs nothing", ready.service, ready.name);
        };
        let known = needed.iter().any(|kind| {
            let missing = catalogue::told(&ready.kind(kind).missing);
            missing.is_some_and(|(_, code, _)| code == error.code.name())
        });
        assert!(known, "{} {}: {error}", ready.service, ready.name);
    }
}

#[test]
fn every_member_that_names_a_thing_is_looked_up() {
    // AWS also ignores alarms that do not exist.
    const PASSED_OVER: [&str; 2] = ["EnableAlarmActions", "DisableAlarmActions"];
    let mut missed = Vec::new();
    for service in SERVICES {
        let of_service = || calls().filter(|ready| ready.service == service.name);
        let names = |ready: &'static Ready, lists_by: bool| -> BTreeSet<&'static str> {
            let call = ready.call;
            let kind = call.deed().map(|(_, kind)| ready.kind(kind));
            let own = call
                .named
                .as_deref()
                .or(kind.map(|kind| kind.name.as_str()));
            let needs = call.needs.values().map(|needed| {
                let (kind, named) = needed.split_once(' ').unwrap_or((needed.as_str(), ""));
                match named {
                    "" => ready.kind(kind.trim_start_matches('?')).name.as_str(),
                    named => named,
                }
            });
            let wanted = call.filter.values().filter_map(Value::as_str);
            let wanted = wanted.filter(|_| lists_by);
            let all = own.into_iter().chain(needs).chain(wanted);
            let places = all.flat_map(template::places);
            places.chain(call.each.as_deref()).collect()
        };
        let naming: BTreeSet<&str> = of_service().flat_map(|ready| names(ready, false)).collect();
        for ready in of_service() {
            let looked_up = names(ready, true);
            for member in ready
                .takes()
                .members
                .iter()
                .filter(|member| member.required)
            {
                let name = member.name.as_str();
                if naming.contains(name) && !looked_up.contains(name) {
                    missed.push(format!("{} {} {name}", ready.service, ready.name));
                }
            }
        }
    }
    missed.retain(|missed| !PASSED_OVER.iter().any(|call| missed.contains(call)));
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn an_encrypted_parameter_is_told_to_whom_asks_for_its_value_alone() {
    let lambda = Sandbox::new();
    let call = |name: &str, request: Value| {
        let ready = find("ssm", name).expect("a call");
        lambda
            .with_lambda(|lambda| ready.run(lambda, &request))
            .expect(name)
    };
    let put = |name: &str, kind: &str| {
        call(
            "PutParameter",
            json!({ "Name": name, "Type": kind, "Value": "s3cret" }),
        );
    };
    put("/p/plain", "String");
    put("/p/sealed", "SecureString");
    for open in [false, true] {
        let read = [
            call(
                "GetParameter",
                json!({ "Name": "/p/sealed", "WithDecryption": open }),
            ),
            call(
                "GetParameters",
                json!({ "Names": ["/p/sealed"], "WithDecryption": open }),
            ),
            call(
                "GetParametersByPath",
                json!({ "Path": "/p", "WithDecryption": open }),
            ),
        ];
        for (at, answer) in read.iter().enumerate() {
            let told = answer.to_string().matches("s3cret").count();
            let plain = usize::from(at == 2);
            assert_eq!(told, plain + usize::from(open), "{answer}");
        }
        let value = read[0]["Parameter"]["Value"].as_str().expect("text");
        assert_eq!(value.starts_with("AQICAH"), !open, "{value}");
    }
}

#[test]
fn what_is_deleted_is_gone_with_what_lies_in_it() {
    for ready in calls() {
        let Some((Verb::Drops, kind)) = ready.call.deed() else {
            continue;
        };
        if depth(ready) > 0 {
            continue;
        }
        let mut walk = Walk::new(ready);
        let mut request = walk.request_about(ready, kind);
        for inner in &ready.kind(kind).holds {
            walk.thing(inner);
        }
        if let Some(rests) = &ready.kind(kind).rests {
            request[&rests.unless] = true.into();
        }
        let before: BTreeSet<String> = walk.things().things.into_keys().collect();
        let inner: Vec<String> = (ready.kind(kind).holds.iter())
            .map(|inner| format!("{} {inner} {}", ready.service, walk.thing(inner)))
            .collect();
        let own = format!("{} {kind} {}", ready.service, walk.thing(kind));
        walk.call(ready, &request).expect(ready.name);
        let after: BTreeSet<String> = walk.things().things.into_keys().collect();
        assert!(before.contains(&own) && !after.contains(&own), "{own}");
        for inner in inner {
            assert!(!after.contains(&inner), "{inner} is left");
        }
    }
}

#[test]
fn a_change_in_progress_is_seen_until_it_is_waited_for() {
    let mut seen = 0;
    for ready in calls() {
        let Some((Verb::Reads, kind)) = ready.call.deed() else {
            continue;
        };
        let Some(settles) = &ready.kind(kind).settles else {
            continue;
        };
        // A distribution's configuration does not show its status.
        let mut gives = ready.call.gives.split(|c: char| !c.is_alphanumeric());
        if gives.all(|member| member != settles.member) {
            continue;
        }
        seen += 1;
        let mut walk = Walk::new(ready);
        walk.lambda.settle.set(std::time::Duration::from_secs(2));
        let request = walk.request_about(ready, kind);
        let has = |walk: &Walk, state: &Value| {
            let answer = walk.call(ready, &request).expect(ready.name);
            answer
                .to_string()
                .contains(&format!("\"{}\":{state}", settles.member))
        };
        assert!(has(&walk, &settles.from), "{kind} is on its way");
        let complete = || {
            walk.lambda
                .with_lambda(|lambda| ready.complete(lambda, &request))
        };
        assert!(complete().expect("completed"));
        assert!(!complete().expect("nothing to complete"));
        assert!(has(&walk, &settles.to), "{kind} is there");
    }
    assert!(seen > 1);
}

#[test]
fn every_file_says_what_it_means() {
    let refusal = |text: &str| {
        let told = catalogue::told(text);
        let (status, code, _) = told.unwrap_or_else(|| panic!("{text:?} is no refusal"));
        assert!((400..600).contains(&status) && !code.is_empty(), "{text}");
    };
    for service in SERVICES {
        let kinds = kinds(service.name).expect("a service");
        for (word, kind) in kinds {
            refusal(&kind.missing);
            kind.exists.iter().for_each(|text| refusal(text));
            for inner in &kind.holds {
                let inner_kind = kinds
                    .get(inner)
                    .unwrap_or_else(|| panic!("{word} holds {inner}"));
                assert!(inner_kind.name.contains('/'), "{inner}");
            }
        }
    }
    let mut names = BTreeSet::new();
    for ready in calls() {
        let about = format!("{} {}", ready.service, ready.name);
        let call = ready.call;
        assert!(names.insert(about.clone()), "{about}");
        assert!(call.about.ends_with('.'), "{about}");
        assert_eq!(call.does.is_some(), call.deed().is_some(), "{about}");
        if let Some((_, kind)) = call.deed() {
            ready.kind(kind);
        }
        for needed in call.needs.values() {
            let kind = needed.split(' ').next().expect("a kind");
            ready.kind(kind.trim_start_matches('?'));
        }
        for also in &call.also {
            ready.kind(&also.kind);
        }
        for text in call.first.values().chain(call.refuses.values()) {
            refusal(text);
        }
        for text in [&call.absent, &call.fresh, &call.unsettled]
            .into_iter()
            .flatten()
        {
            refusal(text);
        }
        if let Some(wants) = &call.wants {
            refusal(wants.split_once(": ").expect("a refusal").1);
        }
        for form in call.forms.values() {
            let (form, text) = form.split_once(' ').expect("a refusal");
            assert!(Form::named(form).is_some(), "{about}: {form}");
            refusal(text);
        }
        for begins in call.begins.values() {
            refusal(begins.split_once(' ').expect("a refusal").1);
        }
        for demand in &call.demands {
            refusal(demand.split_once(": ").expect("a refusal").1);
        }
        let takes = ready.takes();
        let wanted = call
            .wants
            .iter()
            .filter_map(|wants| wants.split(": ").next());
        for member in wanted
            .flat_map(|wanted| wanted.split(' '))
            .map(|word| word.split('=').next().unwrap_or_default())
            .chain(call.begins.keys().map(String::as_str))
            .chain(call.forms.keys().map(String::as_str))
        {
            assert!(takes.member(member).is_some(), "{about} takes no {member}");
        }
        for member in call.forgets.iter().chain(&call.each).chain(&call.optional) {
            assert!(takes.member(member).is_some(), "{about} takes no {member}");
        }
        ready.gives();
        if let Some(pages) = &call.pages {
            let words: Vec<&str> = pages.split(' ').collect();
            assert!(words.len() > 3, "{about}");
            let is_there = |word: &&str| *word == "-" || takes.member(word).is_some();
            assert!(words[..2].iter().all(is_there), "{about}");
            if call.deed().is_some() {
                let [usual, most] = call.page.unwrap_or_else(|| panic!("{about} has no length"));
                assert!(0 < usual && usual <= most, "{about}");
            }
            for path in &words[2..3] {
                let mut names = path.split('.');
                let first = ready.gives().member(names.next().expect("a name"));
                let last = names.fold(first, |member, name| match &member?.shape {
                    Shape::Structure(inner) => inner.member(name),
                    _ => None,
                });
                assert!(
                    call.deed().is_none() || last.is_some(),
                    "{about} gives no {path}"
                );
            }
        }
    }
}

#[test]
fn what_a_project_gives_is_there_once_and_what_is_not_given_is_not_made_up() {
    let lambda = Sandbox::new();
    let get = find("ssm", "GetParameter").expect("a call");
    let delete = find("ssm", "DeleteParameter").expect("a call");
    let asked = json!({ "Name": "/pay/host" });
    let call = |ready: &'static Ready| lambda.with_lambda(|lambda| ready.run(lambda, &asked));
    let Err(Failure::Service(error)) = call(get) else {
        panic!("made up")
    };
    assert_eq!(error.code.name(), "ParameterNotFound");
    assert_eq!(
        error.hint.as_deref(),
        Some(
            "no call has put it, and lambdry invents nothing; a line in lambdry.toml declares it for a rehearsal: \
             given.\"ssm parameter /pay/host\" = { Type = \"String\", Value = \"…\" }"
        )
    );
    let members = json!({ "Value": "db" })
        .as_object()
        .expect("members")
        .clone();
    let given = Given::from([("ssm parameter /pay/host".to_owned(), members)]);
    let gives = || {
        lambda
            .with_lambda(|lambda| give(lambda, &given))
            .expect("given")
    };
    gives();
    let answer = call(get).expect("it is given");
    assert_eq!(answer["Parameter"]["Value"], "db");
    assert_eq!(answer["Parameter"]["Version"], 1);
    call(delete).expect("it is there");
    gives();
    assert!(call(get).is_err(), "what is deleted stays away");
    assert_eq!(super::told("sqs queue orders"), "sqs queue orders");
    assert_eq!(
        super::told("apigateway stage 1abc/prod"),
        "apigateway stage"
    );
    for (name, told) in [
        ("ssm", "\"ssm\" has to be a service, a kind and a name"),
        ("ssm secret x", "ssm stores parameter, not \"secret\""),
    ] {
        let given = Given::from([(name.to_owned(), Map::new())]);
        assert_eq!(super::check_given(&given), Err(told.to_owned()));
    }
}

/// Compares a structure with the model's. Each member must be in the model and must have the same kind.
fn within(ours: &Structure, model: &Structure, path: &str) {
    for member in &ours.members {
        let path = format!("{path}.{}", member.name);
        let other = model.member(&member.name);
        let other = other.unwrap_or_else(|| panic!("the model has no {path}"));
        let (mut one, mut other) = (&member.shape, &other.shape);
        while let (
            Shape::List { member: a, .. } | Shape::Map { value: a, .. },
            Shape::List { member: b, .. } | Shape::Map { value: b, .. },
        ) = (one, other)
        {
            (one, other) = (a, b);
        }
        match (one, other) {
            (Shape::Structure(one), Shape::Structure(other)) => within(one, other, &path),
            _ => assert_eq!(
                std::mem::discriminant(one),
                std::mem::discriminant(other),
                "{path}"
            ),
        }
    }
}

#[test]
#[allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a check that is skipped says so"
)]
fn members_are_those_of_the_services_models() {
    if std::env::var_os("LAMBDRY_FIDELITY").is_none() {
        eprintln!("skipped: LAMBDRY_FIDELITY=1 compares ready answers with botocore's models");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fidelity/members.py");
    let mut python = Command::new("python3");
    python.arg(script);
    python.args(calls().map(|ready| format!("{} {}", ready.service, ready.name)));
    let output = python.output().expect("python3");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut lines = text.lines();
    for ready in calls() {
        let about = format!("{} {}", ready.service, ready.name);
        let (takes, gives) = (lines.next().expect("a line"), lines.next().expect("a line"));
        let pages = lines.next().expect("a line");
        let walked = ready.call.pages.as_deref().filter(|_| !ready.call.unwalked);
        assert_eq!(walked.unwrap_or_default(), pages, "{about}");
        let (takes, gives) = (
            shape::read(takes).expect("members"),
            shape::read(gives).expect("members"),
        );
        let mut ours = shape::read(&ready.call.takes).expect("members");
        for member in &mut ours.members {
            member.required |= ready.call.optional.contains(&member.name);
        }
        assert_eq!(shape::written(&ours), shape::written(&takes), "{about}");
        within(ready.gives(), &gives, &about);
        // The members of answers are in the model's order.
        let order = gives.members.iter().map(|member| &member.name);
        let order: Vec<_> = order
            .filter(|name| ready.gives().member(name).is_some())
            .collect();
        let ours: Vec<_> = ready
            .gives()
            .members
            .iter()
            .map(|member| &member.name)
            .collect();
        assert_eq!(ours, order, "{about}");
    }
}
