//! Makes or replaces a thing, and makes the things that belong to it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    super::{
        catalogue::{Also, Verb},
        template::{self, fill_members},
    },
    Run,
};
use crate::{
    operation::Result,
    state::ready::{Thing, Things},
};

impl Run<'_> {
    pub(super) fn make(
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
        // The answer of this call shows the thing while the change is still in progress.
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

    fn make_also(&self, things: &mut Things, also: &Also, with: &Value) {
        let mut thing = Thing::new(self.now);
        thing.changes = 1;
        for (member, form) in &self.ready.kind(&also.kind).ids {
            let id = self.id(things, &also.kind, form);
            thing.members.insert(member.clone(), id.into());
        }
        // The templates can use the things that this call has made.
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

    /// Stores the members of the request, and the members that the catalogue adds.
    pub(super) fn keep(&self, thing: &mut Thing, known: &Map<String, Value>) {
        let call = &self.ready.call;
        // A member that only names the thing is not stored in it.
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

    /// Another thing with the same values in the members that must be unique.
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

    /// The member that has one value in the request and another in the existing thing. `None` if the catalogue does not
    /// compare it, or if the values are equal.
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

    /// The time at which a change that begins now is complete.
    fn settled(&self) -> Option<Timestamp> {
        let settle = SignedDuration::try_from(self.settle).ok()?;
        self.now.checked_add(settle).ok()
    }
}
