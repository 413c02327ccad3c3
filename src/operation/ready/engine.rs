//! What a call with a ready answer does: it looks its things up in `ready.json`, changes them as its catalogue says, and
//! fills its answer in.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    Ready,
    catalogue::{self, Kind, Verb, keyed},
    template::{self, fill, fill_members, text_of},
};
use crate::{
    operation::{
        Lambda, Result,
        shape::{Member, Shape, Structure},
    },
    state::{
        arn::Scope,
        error::{Code, ServiceError},
        function::Function,
        ready::{Thing, Things},
    },
    store::{
        Place,
        clock::{Ids, iso8601},
        kind::file_of,
    },
};

/// The scope that a service's things are kept in: those without regions in one.
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
/// The refusals of the catalogue, and the disk's.
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
    let file = file_of::<Thing>(&place.scope);
    let answer = match ready.call.writes() {
        true => store.edit_document(&file, |things: &mut Things| run.call(things)),
        false => run.call(&mut store.document(&file)?),
    }?;
    Ok(project(&answer, ready.gives()))
}

/// Completes the change in progress of the thing that the call reads; answers whether there was one.
///
/// # Errors
/// The disk's.
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
    let file = file_of::<Thing>(&place.scope);
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

/// The name in the state of the thing that a call is about, and the kind; `None` where its catalogue cannot tell before it is
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

/// A call on its way.
struct Run<'a> {
    ready: &'static Ready,
    place: &'a Place<'a>,
    now: Timestamp,
    settle: std::time::Duration,
    request: &'a Map<String, Value>,
    /// How many ids were given out that are not counted in the state.
    ids: Cell<u64>,
}

impl Run<'_> {
    fn call(&self, things: &mut Things) -> Result<Value> {
        let call = &self.ready.call;
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
            let name = self.named(kind, template, self.request);
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
            let listed = self.listed(things, kind);
            known.insert("things".to_owned(), listed);
            return Ok(self.answer(&known, &Value::Null));
        }
        if let Some(member) = &call.each {
            return self.each(things, verb, kind, member, known);
        }
        let of = self.ready.kind(kind);
        let is_named_by_id = template::places(&of.name).any(|place| of.ids.contains_key(place));
        let name = match verb {
            Verb::Makes if is_named_by_id => String::new(),
            _ => self.named(kind, call.named.as_deref(), self.request),
        };
        let thing = match verb {
            Verb::Makes | Verb::Puts => self.make(things, verb, kind, name, &known)?,
            Verb::Changes => self.change(things, kind, &name, &known)?,
            Verb::Drops => self.drop_one(things, kind, &name)?,
            Verb::Reads | Verb::Lists => {
                self.one_of(self.within(self.found(things, kind, &name)?)?)?
            }
        };
        Ok(self.answer(&known, &thing))
    }

    /// Refuses where what has to hold of things of a kind does not: `some resource resourceMethods: 400 …`.
    fn demand(&self, things: &Things, demand: &str) -> Result<()> {
        let (what, refusal) = demand
            .split_once(": ")
            .unwrap_or((demand, "400 BadRequestException:"));
        let words: Vec<&str> = what.split(' ').collect();
        let &[quantity, kind, path] = &words[..] else {
            return Ok(());
        };
        let listed = self.listed(things, kind);
        let things = listed.as_array().map(Vec::as_slice).unwrap_or_default();
        let holds = match quantity {
            "some" => things
                .iter()
                .any(|thing| template::at(thing, path).is_some()),
            _ => things.iter().all(|thing| every(thing, path)),
        };
        match holds {
            true => Ok(()),
            false => Err(self.refusal(refusal).into()),
        }
    }

    /// The one of a list inside the thing that the request names, where the catalogue says so.
    fn one_of(&self, shown: Value) -> Result<Value> {
        let Some(find) = &self.ready.call.finds else {
            return Ok(shown);
        };
        let (list, key, _) = keyed(find);
        let wanted = self.request.get(key);
        let all = shown.get(list).and_then(Value::as_array);
        let found = all.and_then(|all| all.iter().find(|one| one.get(key) == wanted));
        match found {
            Some(one) => Ok(one.clone()),
            None => Err(self.absent().into()),
        }
    }

    fn absent(&self) -> ServiceError {
        let refusal = self.ready.call.absent.as_deref();
        self.refusal(refusal.unwrap_or("404 NotFoundException:"))
    }

    /// What a place stands for: the call's own things first, then its request, then the thing it is about.
    fn of(&self, place: &str, known: &Map<String, Value>, thing: &Value) -> Option<Value> {
        let Scope { account, region } = &self.place.scope;
        let partition = self.place.scope.partition();
        Some(match place {
            "account" => account.as_str().into(),
            "region" => region.as_str().into(),
            "partition" => partition.into(),
            "suffix" if partition == "aws-cn" => "amazonaws.com.cn".into(),
            "suffix" => "amazonaws.com".into(),
            "now" => iso8601(self.now).into(),
            "now.epoch" => self.now.as_second().to_string().into(),
            "uuid" => self.uuid().into(),
            "thing" => thing.clone(),
            _ => {
                if let Some(inner) = place.strip_prefix("thing.") {
                    return template::at(thing, inner).cloned();
                }
                let first = place.split('.').next().unwrap_or(place);
                match (known.get(first), place.strip_prefix(first)) {
                    (Some(known), Some("")) => known.clone(),
                    (Some(Value::Array(several)), Some(inner)) => {
                        let one = |thing| template::at(thing, &inner[1..]).cloned();
                        several.iter().filter_map(one).collect()
                    }
                    (Some(known), Some(inner)) => return template::at(known, &inner[1..]).cloned(),
                    _ => {
                        let request = self.request.get(first);
                        let request = request.and_then(|value| match &place[first.len()..] {
                            "" => Some(value),
                            inner => template::at(value, &inner[1..]),
                        });
                        return request.or_else(|| template::at(thing, place)).cloned();
                    }
                }
            }
        })
    }

    /// The name in the state of a thing of that kind with those members.
    fn named(&self, kind: &str, template: Option<&str>, members: &Map<String, Value>) -> String {
        let template = template.unwrap_or(&self.ready.kind(kind).name);
        let of = |place: &str| {
            let own = members.get(place).filter(|value| !value.is_null());
            own.cloned()
                .or_else(|| self.of(place, &Map::new(), &Value::Null))
        };
        format!("{} {kind} {}", self.ready.service, text_of(template, &of))
    }

    /// A thing that has to be there, as answers show it.
    fn found(&self, things: &Things, kind: &str, name: &str) -> Result<Value> {
        let of = self.ready.kind(kind);
        let Some(thing) = things.things.get(name) else {
            if self.stands_for_function(of, name)? {
                return Ok(self.shown(of, &Thing::new(self.now), false));
            }
            return Err(self.missing(of, name).into());
        };
        if let Some(rests) = &of.rests
            && thing.members.contains_key(&rests.since)
        {
            return Err(self.refusal(&rests.missing).into());
        }
        let is_settling = thing.settles.is_some_and(|settles| settles > self.now);
        if let Some(refusal) = self.ready.call.unsettled.as_ref().filter(|_| is_settling) {
            let error = self.refusal(refusal);
            return Err(error
                .with_hint("the change before is still under way: wait for it first")
                .into());
        }
        Ok(self.shown(of, thing, is_settling))
    }

    /// Returns true if a thing is there for those that read it because a function of that name is: its log group.
    fn stands_for_function(&self, kind: &Kind, name: &str) -> Result<bool> {
        let reads = !self.ready.call.writes();
        let own = name.splitn(3, ' ').nth(2).unwrap_or_default();
        let prefix = kind.of_functions.as_ref().filter(|_| reads);
        let Some(function) = prefix.and_then(|prefix| own.strip_prefix(prefix.as_str())) else {
            return Ok(false);
        };
        Ok(self.place.all::<Function>().head(function)?.is_some())
    }

    /// A thing as answers show it.
    fn shown(&self, kind: &Kind, thing: &Thing, is_settling: bool) -> Value {
        let members = &thing.members;
        let of = |place: &str| match place {
            "made" => Some(iso8601(thing.made).into()),
            "made.epoch" => Some(thing.made.as_second().to_string().into()),
            "made.ms" => Some(thing.made.as_millisecond().into()),
            "changed" => Some(iso8601(thing.changed).into()),
            "changed.epoch" => Some(thing.changed.as_second().to_string().into()),
            // One that was given is in its first version.
            "changes" => Some(thing.changes.max(1).into()),
            _ => {
                let own = members.get(place).cloned();
                let own = own.or_else(|| {
                    let (first, inner) = place.split_once('.')?;
                    template::at(members.get(first)?, inner).cloned()
                });
                own.or_else(|| match place {
                    "account" | "region" | "partition" | "suffix" => {
                        self.of(place, &Map::new(), &Value::Null)
                    }
                    _ => None,
                })
            }
        };
        let mut shown = Value::Object(fill_members(&kind.shows, &of));
        overlay(&mut shown, members);
        if let Some(settles) = &kind.settles {
            let state = if is_settling {
                &settles.from
            } else {
                &settles.to
            };
            shown[&settles.member] = state.clone();
        }
        shown
    }

    fn make(
        &self,
        things: &mut Things,
        verb: Verb,
        kind: &str,
        name: String,
        known: &Map<String, Value>,
    ) -> Result<Value> {
        let call = &self.ready.call;
        let of = self.ready.kind(kind);
        let old = things.things.get(&name).cloned();
        let refused = old.is_some()
            && match verb {
                Verb::Makes => !call.again,
                _ => call
                    .unless
                    .as_ref()
                    .is_some_and(|switch| !self.is_on(switch)),
            };
        if let (Some(old), Some(rests)) = (&old, &of.rests)
            && old.members.contains_key(&rests.since)
        {
            return Err(self.refusal(&rests.exists).into());
        }
        if refused {
            return Err(self.exists(of, "").into());
        }
        if let Some(old) = old.as_ref().filter(|_| verb == Verb::Makes) {
            let shown = self.shown(of, old, false);
            return match self.differs(&shown) {
                Some(member) => Err(self.exists(of, &member).into()),
                None => Ok(shown),
            };
        }
        if old.is_none() {
            for (member, refusal) in &call.first {
                if !self.request.contains_key(member) {
                    return Err(self.refusal(refusal).into());
                }
            }
        }
        let mut thing = Thing::new(self.now);
        for (member, form) in &of.ids {
            let id = match old.as_ref().and_then(|old| old.members.get(member)) {
                Some(id) => id.clone(),
                None => self.id(things, kind, form).into(),
            };
            thing.members.insert(member.clone(), id);
        }
        self.keep(&mut thing, known);
        let name = match name.is_empty() {
            true => self.named(kind, call.named.as_deref(), &thing.members),
            false => name,
        };
        if let Some(old) = old {
            thing.made = old.made;
            thing.changes = old.changes;
            let parts = of.parts.iter();
            let parts =
                parts.filter_map(|part| Some((part.clone(), old.members.get(part)?.clone())));
            thing.members.extend(parts);
        } else if let Some(twin) = self.twin(things, kind, &thing) {
            return match call.again {
                true => Ok(self.shown(of, twin, false)),
                false => Err(self.exists(of, "").into()),
            };
        }
        thing.changes += 1;
        if of.settles.is_some() {
            thing.settles = self.settled();
        }
        // The answer of the call itself shows the change on its way.
        let shown = self.shown(of, &thing, of.settles.is_some());
        things.things.insert(name, thing);
        for also in &call.also {
            let is_asked = also.with.as_ref();
            if is_asked.is_none_or(|member| self.request.contains_key(member)) {
                self.make_also(things, also, &shown);
            }
        }
        Ok(shown)
    }

    fn make_also(&self, things: &mut Things, also: &catalogue::Also, with: &Value) {
        let mut thing = Thing::new(self.now);
        thing.changes = 1;
        for (member, form) in &self.ready.kind(&also.kind).ids {
            let id = self.id(things, &also.kind, form);
            thing.members.insert(member.clone(), id.into());
        }
        // What was made with it just now may be named.
        let mut known = Map::new();
        for name in things.things.keys().rev() {
            let kind = name.split(' ').nth(1).unwrap_or_default();
            let made = &things.things[name];
            if made.made == self.now && !known.contains_key(kind) {
                known.insert(kind.to_owned(), json!(made.members));
            }
        }
        let members = fill_members(&also.keeps, &|place| {
            let own = thing.members.get(place).cloned();
            own.or_else(|| self.of(place, &known, with))
        });
        thing.members.extend(members);
        let name = self.named(&also.kind, None, &thing.members);
        match things.things.get_mut(&name) {
            Some(old) => {
                old.members.extend(thing.members);
                (old.changed, old.changes) = (self.now, old.changes + 1);
            }
            None => drop(things.things.insert(name, thing)),
        }
    }

    /// Keeps what the request says, and what the catalogue says besides.
    fn keep(&self, thing: &mut Thing, known: &Map<String, Value>) {
        let call = &self.ready.call;
        // What only names the thing is no member of it.
        let named = call.named.as_deref().unwrap_or_default();
        let names: Vec<&str> = template::places(named).collect();
        let request = self.request.iter().filter(|(name, value)| {
            !value.is_null() && !call.forgets.contains(name) && !names.contains(&name.as_str())
        });
        let of_request: Map<String, Value> = request
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let given = json!(thing.members);
        thing.members.extend(of_request);
        let kept = fill_members(&call.keeps, &|place| self.of(place, known, &given));
        thing.members.extend(kept);
    }

    /// Another thing with the members that no two share.
    fn twin<'t>(&self, things: &'t Things, kind: &str, thing: &Thing) -> Option<&'t Thing> {
        let unique = &self.ready.kind(kind).unique;
        let prefix = format!("{} {kind} ", self.ready.service);
        let others = things.things.iter();
        let mut others = others.filter(|(name, _)| !unique.is_empty() && name.starts_with(&prefix));
        let same = |other: &Thing| {
            let mut members = unique.iter();
            members.all(|member| other.members.get(member) == thing.members.get(member))
        };
        others.find_map(|(_, other)| same(other).then_some(other))
    }

    fn change(
        &self,
        things: &mut Things,
        kind: &str,
        name: &str,
        known: &Map<String, Value>,
    ) -> Result<Value> {
        let call = &self.ready.call;
        let shown = self.found(things, kind, name)?;
        // Refuses where there is nothing to be changed.
        let path = self.path(&shown, false)?;
        let of = self.ready.kind(kind);
        let thing = things.things.get_mut(name).expect("it was found just now");
        thing.changed = self.now;
        thing.changes += 1;
        let of_place = |place: &str| self.of(place, known, &shown);
        if let Some((path, value)) = call.sets.as_ref().and_then(|sets| sets.split_once(" = ")) {
            let path: Vec<String> = path
                .split('.')
                .map(|word| text_of(word, &of_place))
                .collect();
            if let Some((last, before)) = path.split_last() {
                let value = fill(&value.into(), &of_place).unwrap_or_default();
                made(&mut thing.members, before).insert(last.clone(), value);
            }
        } else if call.patches {
            let mut members = Value::Object(std::mem::take(&mut thing.members));
            if let Some(inner) = reach(&mut members, &path) {
                self.patch(inner);
            }
            thing.members = members.as_object().cloned().unwrap_or_default();
        } else if let Some(join) = &call.joins {
            let (list, key, from) = keyed(join);
            let kept = thing.members.entry(list).or_insert_with(|| json!([]));
            let more = self.request.get(from).and_then(Value::as_array);
            if let Value::Array(kept) = kept {
                for item in more.into_iter().flatten() {
                    kept.retain(|old| old.get(key) != item.get(key));
                    kept.push(item.clone());
                }
            }
        } else if let Some(part) = &call.parts {
            let (list, key, from) = keyed(part);
            let gone = self.request.get(from).and_then(Value::as_array);
            if let (Some(Value::Array(kept)), Some(gone)) = (thing.members.get_mut(list), gone) {
                kept.retain(|old| !gone.iter().any(|gone| Some(gone) == old.get(key)));
            }
        } else {
            let mut more = Thing::new(self.now);
            self.keep(&mut more, known);
            let target = match path.is_empty() {
                true => &mut thing.members,
                false => made(&mut thing.members, &path),
            };
            for (member, value) in more.members {
                let is_map = self.ready.takes().member(&member);
                let is_map = is_map.is_some_and(|member| matches!(member.shape, Shape::Map { .. }));
                match (target.get_mut(&member), value) {
                    (Some(Value::Object(old)), Value::Object(new)) if is_map => old.extend(new),
                    (_, value) => drop(target.insert(member, value)),
                }
            }
        }
        let shown = self.shown(of, thing, false);
        Ok(path
            .iter()
            .fold(shown, |mut value, name| value[name.as_str()].take()))
    }

    /// Applies `patchOperations`, as API Gateway takes them.
    fn patch(&self, members: &mut Value) {
        let operations = self
            .request
            .get("patchOperations")
            .and_then(Value::as_array);
        for operation in operations.into_iter().flatten() {
            let text = |name: &str| operation.get(name).and_then(Value::as_str);
            let path = text("path").unwrap_or_default().trim_start_matches('/');
            let path: Vec<String> = path
                .split('/')
                .map(|word| word.replace("~1", "/").replace("~0", "~"))
                .collect();
            let Some((last, before)) = path.split_last() else {
                continue;
            };
            let Some(members) = members.as_object_mut() else {
                return;
            };
            let target = match before.is_empty() {
                true => members,
                false => made(members, before),
            };
            match (text("op"), text("value")) {
                (Some("remove"), _) => drop(target.shift_remove(last)),
                (_, Some(value)) => drop(target.insert(last.clone(), value.into())),
                _ => {}
            }
        }
    }

    fn drop_one(&self, things: &mut Things, kind: &str, name: &str) -> Result<Value> {
        let call = &self.ready.call;
        if call.quiet && !things.things.contains_key(name) {
            return Ok(Value::Null);
        }
        let of = self.ready.kind(kind);
        let shown = self.found(things, kind, name)?;
        for (member, refusal) in &call.refuses {
            let is_empty = match template::at(&shown, member) {
                None | Some(Value::Null) => true,
                Some(Value::Array(items)) => items.is_empty(),
                Some(Value::Object(members)) => members.is_empty(),
                Some(_) => false,
            };
            if !is_empty {
                return Err(self.refusal(refusal).into());
            }
        }
        let path = self.path(&shown, true)?;
        if let Some((last, before)) = path.split_last() {
            let thing = things.things.get_mut(name).expect("it was found just now");
            let mut members = Value::Object(std::mem::take(&mut thing.members));
            if let Some(Value::Object(inner)) = reach(&mut members, before) {
                inner.shift_remove(last);
            }
            thing.members = members.as_object().cloned().unwrap_or_default();
            thing.changes += 1;
            return Ok(shown);
        }
        if let Some(rests) = of.rests.as_ref().filter(|rests| !self.is_on(&rests.unless)) {
            let thing = things.things.get_mut(name).expect("it was found just now");
            let since = iso8601(self.now).into();
            thing.members.insert(rests.since.clone(), since);
            thing.changes += 1;
            return Ok(self.shown(of, thing, false));
        }
        things.things.remove(name);
        let own = name.splitn(3, ' ').nth(2).unwrap_or_default();
        for kind in &of.holds {
            let within = format!("{} {kind} {own}/", self.ready.service);
            things.things.retain(|name, _| !name.starts_with(&within));
        }
        Ok(shown)
    }

    /// Answers or deletes each that the request names; those that are not there are told apart.
    fn each(
        &self,
        things: &mut Things,
        verb: Verb,
        kind: &str,
        member: &str,
        mut known: Map<String, Value>,
    ) -> Result<Value> {
        let of = self.ready.kind(kind);
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        let asked = self.request.get(member).and_then(Value::as_array);
        for one in asked.into_iter().flatten() {
            let members = Map::from_iter([("each".to_owned(), one.clone())]);
            let name = self.named(kind, self.ready.call.named.as_deref(), &members);
            match things.things.get(&name) {
                Some(thing) => found.push(self.shown(of, thing, false)),
                None => missing.push(one.clone()),
            }
            if verb == Verb::Drops {
                things.things.remove(&name);
            }
        }
        known.insert("things".to_owned(), found.into());
        known.insert("missing".to_owned(), missing.into());
        Ok(self.answer(&known, &Value::Null))
    }

    /// The things of a kind that a list tells, in the order of their names.
    fn listed(&self, things: &Things, kind: &str) -> Value {
        let call = &self.ready.call;
        let of = self.ready.kind(kind);
        let prefix = format!("{} {kind} ", self.ready.service);
        let is_deep = call
            .shallow
            .as_ref()
            .is_none_or(|switch| self.is_on(switch));
        let wanted = fill_members(&call.filter, &|place| {
            self.of(place, &Map::new(), &Value::Null)
        });
        let fits = |shown: &Value| {
            wanted.iter().all(|(member, wanted)| {
                let has = template::at(shown, member).unwrap_or(&Value::Null);
                match wanted {
                    Value::String(text) => match text.strip_suffix('*') {
                        Some(start) => {
                            let rest = has.as_str().and_then(|text| text.strip_prefix(start));
                            rest.is_some_and(|rest| is_deep || !rest.contains('/'))
                        }
                        None => has == wanted,
                    },
                    Value::Array(several) => several.contains(has),
                    other => has == other,
                }
            })
        };
        let things = things.things.iter();
        let things = things.filter(|(name, _)| name.starts_with(&prefix));
        let shown = things.map(|(_, thing)| {
            let is_settling = thing.settles.is_some_and(|settles| settles > self.now);
            self.shown(of, thing, is_settling)
        });
        shown.filter(fits).collect()
    }

    /// What a call is about inside a thing, where its catalogue names a path.
    fn within(&self, shown: Value) -> Result<Value> {
        let path = self.path(&shown, true)?;
        Ok(path
            .iter()
            .fold(shown, |mut value, name| value[name.as_str()].take()))
    }

    /// The path of what a call is about. What has to be there is refused where it is not, and so is all of it where the
    /// call wants it to be there (`whole`).
    fn path(&self, shown: &Value, whole: bool) -> Result<Vec<String>> {
        let call = &self.ready.call;
        let of = |place: &str| self.of(place, &Map::new(), &Value::Null);
        let read = |path: &Option<String>| -> Vec<String> {
            let path = path.iter().flat_map(|path| path.split('.'));
            path.map(|word| text_of(word, &of)).collect()
        };
        let (mut path, at) = (read(&call.under), read(&call.at));
        let is_there = |path: &[String]| {
            let mut path = path.iter();
            path.try_fold(shown, |value, name| value.get(name.as_str()))
                .is_some()
        };
        let there = is_there(&path);
        path.extend(at);
        let all_there = is_there(&path);
        if !there || (whole && !all_there && !call.quiet) {
            return Err(self.absent().into());
        }
        if let Some(refusal) = call.fresh.as_ref().filter(|_| all_there && !whole) {
            return Err(self.refusal(refusal).into());
        }
        Ok(path)
    }

    /// The answer: what the catalogue says, else what the call is about.
    fn answer(&self, known: &Map<String, Value>, thing: &Value) -> Value {
        let call = &self.ready.call;
        let mut answer = match call.answers.is_empty() {
            true => thing.clone(),
            false => Value::Object(fill_members(&call.answers, &|place| {
                self.of(place, known, thing)
            })),
        };
        if let Some(pick) = &call.picks {
            let (member, by, _) = keyed(pick);
            let wanted = self.request.get(by).and_then(Value::as_array);
            let is_wanted = |name: &str| {
                let mut wanted = wanted.into_iter().flatten();
                wanted.any(|wanted| wanted == name || wanted == "All")
            };
            if let Some(Value::Object(all)) = answer.get_mut(member) {
                all.retain(|name, _| is_wanted(name));
                if all.is_empty() {
                    answer
                        .as_object_mut()
                        .map(|answer| answer.shift_remove(member));
                }
            }
        }
        answer
    }

    fn is_on(&self, switch: &str) -> bool {
        self.request.get(switch) == Some(&Value::Bool(true))
    }

    /// The moment at which a change that begins now completes.
    fn settled(&self) -> Option<Timestamp> {
        let settle = SignedDuration::try_from(self.settle).ok()?;
        self.now.checked_add(settle).ok()
    }

    fn refusal(&self, text: &str) -> ServiceError {
        let (status, code, words) =
            catalogue::told(text).unwrap_or((400, "ValidationException", text));
        let words = fill(&words.into(), &|place| {
            self.of(place, &Map::new(), &Value::Null)
        });
        let words = words.as_ref().and_then(Value::as_str).unwrap_or_default();
        ServiceError::new(Code::Ready(self.ready.code(code), status), words)
    }

    fn exists(&self, kind: &Kind, differs: &str) -> ServiceError {
        let refusal = kind.exists.as_deref().unwrap_or("409 ConflictException:");
        self.refusal(&refusal.replace("{differs}", differs))
    }

    /// The member of which one that is there has another value than the request says, where that matters.
    fn differs(&self, shown: &Value) -> Option<String> {
        let member = self.ready.call.same.as_ref()?;
        match (self.request.get(member)?, shown.get(member)) {
            (Value::Object(asked), has) => {
                let mut asked = asked.iter();
                let differs = asked.find(|(name, value)| {
                    has.and_then(|has| has.get(name.as_str())) != Some(*value)
                });
                differs.map(|(name, _)| name.clone())
            }
            (asked, has) => (has != Some(asked)).then(|| member.clone()),
        }
    }

    fn missing(&self, kind: &Kind, name: &str) -> ServiceError {
        let error = self.refusal(&kind.missing);
        match super::not_put_hint(name, kind) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    fn id(&self, things: &mut Things, kind: &str, form: &str) -> String {
        id(
            self.place,
            things,
            &format!("{} {kind}", self.ready.service),
            form,
        )
    }

    /// An id of something that is not kept.
    fn uuid(&self) -> String {
        self.ids.set(self.ids.get() + 1);
        let ids = &self.place.store.ids;
        ids.id(
            &format!("{} {}", self.ready.service, self.ready.name),
            self.ids.get(),
        )
    }
}

/// An id that no other thing of the kind has, `apigateway rest-api`: a pure function of how many there were.
pub(super) fn id(place: &Place<'_>, things: &mut Things, kind: &str, form: &str) -> String {
    let count = things.ids.entry(kind.to_owned()).or_default();
    *count += 1;
    let Scope { account, region } = &place.scope;
    let ids = match &place.store.ids {
        Ids::Seeded(seed) => Ids::Seeded(seed.clone()),
        // Two runs of one script make the same, so that they can be compared.
        Ids::Random => Ids::Seeded(String::new()),
    };
    formed(form, &ids.id(&format!("{account}/{region}/{kind}"), *count))
}

/// A UUID in another form: `lower10` of small letters and digits, `upper14` of capitals and digits, `hex8`.
fn formed(form: &str, uuid: &str) -> String {
    if let Some((before, form)) = form.split_once('+') {
        return format!("{before}{}", formed(form, uuid));
    }
    let letters = form.trim_end_matches(|c: char| c.is_ascii_digit());
    let length: usize = form[letters.len()..].parse().unwrap_or_default();
    let alphabet: &[u8] = match letters {
        "lower" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "mixed" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "hex" => b"0123456789abcdef",
        _ => return uuid.to_owned(),
    };
    let hex = uuid.replace('-', "");
    let mut number = u128::from_str_radix(&hex, 16).unwrap_or_default();
    let base = alphabet.len() as u128;
    let mut out = String::new();
    for _ in 0..length {
        out.push(char::from(
            alphabet[usize::try_from(number % base).unwrap_or_default()],
        ));
        number /= base;
    }
    out
}

/// Puts members over what is shown, inside structures as well.
fn overlay(shown: &mut Value, members: &Map<String, Value>) {
    for (name, value) in members {
        match (shown.get_mut(name), value) {
            (Some(inner @ Value::Object(_)), Value::Object(members)) => overlay(inner, members),
            _ => shown[name] = value.clone(),
        }
    }
}

/// Returns true if there is a value at each of the paths that `*` stands for.
fn every(value: &Value, path: &str) -> bool {
    let Some((before, after)) = path.split_once(".*.") else {
        return template::at(value, path).is_some();
    };
    match template::at(value, before).and_then(Value::as_object) {
        Some(members) => members.values().all(|value| every(value, after)),
        None => true,
    }
}

/// The value at a path.
fn reach<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter()
        .try_fold(value, |value, name| value.get_mut(name))
}

/// The members at a path, made where they are not there.
fn made<'m>(members: &'m mut Map<String, Value>, path: &[String]) -> &'m mut Map<String, Value> {
    path.iter().fold(members, |members, name| {
        let inner = members.entry(name.clone()).or_insert_with(|| json!({}));
        if !inner.is_object() {
            *inner = json!({});
        }
        inner.as_object_mut().expect("it is one now")
    })
}

/// The members of an answer that its shape has, in the shape's order.
fn project(value: &Value, shape: &Structure) -> Value {
    let members = shape.members.iter();
    let members = members.filter_map(|Member { name, shape, .. }| {
        let value = value.get(name).filter(|value| !value.is_null())?;
        Some((name.clone(), shaped(value, shape)))
    });
    Value::Object(members.collect())
}

fn shaped(value: &Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(_)) => project(value, structure),
        (Shape::List { member, .. }, Value::Array(items)) => {
            items.iter().map(|item| shaped(item, member)).collect()
        }
        (Shape::Map { value: shape, .. }, Value::Object(members)) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), shaped(value, shape)));
            Value::Object(members.collect())
        }
        (Shape::Integer { .. }, Value::String(text)) => text
            .parse::<i64>()
            .map_or_else(|_| value.clone(), Value::from),
        (Shape::Boolean, Value::String(text)) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}
