//! A call with a ready answer. It finds its things in the state, changes them as the catalogue says, and fills in its
//! answer. This file has the order of these steps, and each step has its own file.

mod answer;
mod change;
mod find;
mod id;
mod list;
mod make;
mod page;
mod places;
mod refuse;

use std::cell::Cell;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Ready, catalogue::Verb, template};
use crate::{
    operation::{Lambda, Result},
    state::{
        arn::Scope,
        ready::{Thing, Things},
    },
    store::Place,
};

pub(super) use id::id;

/// The scope in which a service's things are stored. A service without regions always uses us-east-1.
pub(super) fn scope(regional: bool, scope: &Scope) -> Scope {
    Scope {
        region: match regional {
            true => scope.region.clone(),
            false => "us-east-1".to_owned(),
        },
        account: scope.account.clone(),
    }
}

/// Makes the call.
///
/// # Errors
/// The refusals of the catalogue, and errors of the disk.
pub(super) fn call(ready: &'static Ready, lambda: &Lambda<'_>, request: &Value) -> Result<Value> {
    let store = lambda.place.store;
    let place = store.place(scope(ready.regional, &lambda.place.scope));
    let none = Map::new();
    let run = Run {
        ready,
        place: &place,
        now: store.clock.now(),
        settle: lambda.settle,
        request: request.as_object().unwrap_or(&none),
        ids: Cell::new(0),
    };
    let file = super::file(ready.service, &place.scope);
    let answer = match ready.call.writes() {
        true => store.edit_document(&file, |things: &mut Things| run.call(things)),
        false => run.call(&mut store.document(&file)?),
    }?;
    Ok(answer::project(&answer, ready.gives()))
}

/// Completes the change in progress of the thing that the call reads. Returns true if a change was in progress.
///
/// # Errors
/// Errors of the disk.
pub(super) fn complete(
    ready: &'static Ready,
    lambda: &Lambda<'_>,
    request: &Value,
) -> Result<bool> {
    let store = lambda.place.store;
    let place = store.place(scope(ready.regional, &lambda.place.scope));
    let Some((name, _)) = name(ready, &place, request) else {
        return Ok(false);
    };
    let file = super::file(ready.service, &place.scope);
    let now = store.clock.now();
    let under_way = |thing: &Thing| thing.settles.is_some_and(|settles| settles > now);
    let things: Things = store.document(&file)?;
    if !things.things.get(&name).is_some_and(under_way) {
        return Ok(false);
    }
    store.edit_document(&file, |things: &mut Things| {
        let thing = things.things.get_mut(&name);
        let thing = thing.filter(|thing| under_way(thing));
        Ok(thing.map(|thing| thing.settles = Some(now)).is_some())
    })
}

/// The kind of the call's thing and the thing's name in the state. `None` if the name is not known before the thing is
/// made.
pub(super) fn name(
    ready: &'static Ready,
    place: &Place<'_>,
    request: &Value,
) -> Option<(String, &'static str)> {
    let (_, kind) = ready.call.deed()?;
    let none = Map::new();
    let run = Run {
        ready,
        place,
        now: Timestamp::UNIX_EPOCH,
        settle: Default::default(),
        request: request.as_object().unwrap_or(&none),
        ids: Cell::new(0),
    };
    let template = ready.call.named.as_ref();
    let template = template.unwrap_or(&ready.kind(kind).name);
    let known = |place: &str| run.of(place, &Map::new(), &Value::Null).is_some();
    let all = template::places(template).all(known);
    let named = run.named(kind, Some(template), run.request);
    all.then_some((named, kind))
}

/// A call in progress.
struct Run<'a> {
    ready: &'static Ready,
    place: &'a Place<'a>,
    now: Timestamp,
    settle: std::time::Duration,
    request: &'a Map<String, Value>,
    /// The number of ids that this call has assigned without counting them in the state.
    ids: Cell<u64>,
}

impl Run<'_> {
    fn call(&self, things: &mut Things) -> Result<Value> {
        let call = &self.ready.call;
        self.check_request()?;
        if let Some((_, kind)) = call.deed() {
            self.demand_parent(things, kind)?;
        }
        let mut known = Map::new();
        for (alias, needed) in &call.needs {
            let (kind, template) = match needed.split_once(' ') {
                Some((kind, template)) => (kind, Some(template)),
                None => (needed.as_str(), None),
            };
            let (kind, is_optional) = match kind.strip_prefix('?') {
                Some(kind) => (kind, true),
                None => (kind, false),
            };
            let named = template.unwrap_or(&self.ready.kind(kind).name);
            let of = |place: &str| self.of(place, &Map::new(), &Value::Null).is_some();
            if is_optional && !template::places(named).all(of) {
                continue;
            }
            let name = self.leads_to(things, kind, template)?;
            let shown = self.found(things, kind, &name)?;
            known.insert(alias.clone(), shown);
        }
        for demand in &call.demands {
            self.demand(things, demand)?;
        }
        let Some((verb, kind)) = call.deed() else {
            return Ok(self.answer(&known, &Value::Null));
        };
        if verb == Verb::Lists {
            let mut page = self.page(self.listed(things, kind))?;
            known.extend(page.known());
            return Ok(self.continued(self.answer(&known, &Value::Null), page));
        }
        if let Some(member) = &call.each {
            return self.each(things, verb, kind, member, known);
        }
        let of = self.ready.kind(kind);
        let is_made = |place: &str| of.ids.contains_key(place) || call.keeps.contains_key(place);
        let name = match verb {
            // If the name contains ids or stored members, it is not known yet.
            Verb::Makes if template::places(&of.name).any(is_made) => String::new(),
            _ => self.leads_to(things, kind, call.named.as_deref())?,
        };
        if matches!(verb, Verb::Changes | Verb::Drops) {
            self.keep_of_function(things, kind, &name)?;
        }
        let thing = match verb {
            Verb::Makes | Verb::Puts => self.make(things, verb, kind, name, &known)?,
            Verb::Changes => self.change(things, kind, &name, &known)?,
            Verb::Drops => self.drop_one(things, kind, &name)?,
            Verb::Reads | Verb::Lists => {
                self.one_of(self.within(self.found(things, kind, &name)?)?)?
            }
        };
        self.cut(self.answer(&known, &thing))
    }

    fn is_on(&self, switch: &str) -> bool {
        self.request.get(switch) == Some(&Value::Bool(true))
    }
}
