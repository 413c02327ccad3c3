//! Finds the thing that a call is about, and the part of it.

use serde_json::{Map, Value};

use super::{
    super::{
        catalogue::{ThingKind, Verb, keyed},
        template::{self, text_of},
    },
    Run,
};
use crate::{
    operation::{Result, logs::event::has_group},
    state::ready::{Thing, Things},
};

impl Run<'_> {
    /// The name, in the state, of the thing that the request names. The request can use the thing's own name or an
    /// alias.
    pub(super) fn leads_to(
        &self,
        things: &Things,
        kind: &str,
        template: Option<&str>,
    ) -> Result<String> {
        let name = self.named(kind, template, self.request);
        let of = self.ready.kind(kind);
        let Some(aliased) = &of.aliased else {
            return Ok(name);
        };
        let place = template::places(template.unwrap_or(&of.name)).next();
        let said = place.and_then(|place| self.of(place, &Map::new(), &Value::Null));
        let said = said.as_ref().and_then(Value::as_str).unwrap_or_default();
        // An alias can also be given as an ARN, which ends with it.
        let said = said.rsplit(':').next().unwrap_or(said);
        if !said.starts_with(&aliased.begins) {
            return Ok(name);
        }
        let by = format!("{} {} {said}", self.ready.service, aliased.by);
        let leads = self.found(things, &aliased.by, &by)?;
        let to = leads.get(&aliased.to).and_then(Value::as_str);
        let to = to.and_then(|to| to.rsplit('/').next()).unwrap_or_default();
        Ok(format!("{} {kind} {to}", self.ready.service))
    }

    /// A thing that must exist, in the form that answers have.
    pub(super) fn found(&self, things: &Things, kind: &str, name: &str) -> Result<Value> {
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

    /// Refuses the call if the containing thing does not exist. For example, a route is contained in an API.
    pub(super) fn demand_parent(&self, things: &Things, kind: &str) -> Result<()> {
        let Some(parent) = self.ready.parent(kind) else {
            return Ok(());
        };
        let named = self.ready.call.named.as_ref();
        let named = named.unwrap_or(&self.ready.kind(kind).name);
        let (parent_named, _) = named.split_once('/').unwrap_or_default();
        let known = |place: &str| self.of(place, &Map::new(), &Value::Null).is_some();
        // A list that names no parent lists the things of all parents.
        if !template::places(parent_named).all(known) {
            return Ok(());
        }
        let name = self.named(parent, Some(parent_named), self.request);
        self.found(things, parent, &name).map(drop)
    }

    /// Returns true if a call finds a thing only because a function of that name exists, such as its log group.
    fn stands_for_function(&self, kind: &ThingKind, name: &str) -> Result<bool> {
        let own = name.splitn(3, ' ').nth(2).unwrap_or_default();
        let prefix = kind.of_functions.as_deref();
        match prefix.and_then(|prefix| own.strip_prefix(prefix)) {
            Some(function) => has_group(self.place, function),
            None => Ok(false),
        }
    }

    /// Keeps a thing that is there because a function was, so that a call can change it.
    pub(super) fn keep_of_function(
        &self,
        things: &mut Things,
        kind: &str,
        name: &str,
    ) -> Result<()> {
        let of = self.ready.kind(kind);
        if things.things.contains_key(name) || !self.stands_for_function(of, name)? {
            return Ok(());
        }
        let mut thing = Thing::new(self.now);
        let own = name.splitn(3, ' ').nth(2).unwrap_or_default();
        let members = template::places(&of.name);
        (thing.members).extend(members.map(|member| (member.to_owned(), own.into())));
        things.things.insert(name.to_owned(), thing);
        Ok(())
    }

    /// Returns the item that the request names in a list of the thing. If the catalogue names no list, returns the
    /// thing.
    pub(super) fn one_of(&self, shown: Value) -> Result<Value> {
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

    /// Returns the value inside the thing that the call is about. If the catalogue names no path, returns the thing.
    pub(super) fn within(&self, shown: Value) -> Result<Value> {
        let path = self.path(&shown, true)?;
        Ok(path
            .iter()
            .fold(shown, |mut value, name| value[name.as_str()].take()))
    }

    /// The path of the value that the call is about. Refuses if there is no value at `under`. With `whole`, it also
    /// refuses if there is no value at the full path.
    pub(super) fn path(&self, shown: &Value, whole: bool) -> Result<Vec<String>> {
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

    /// Returns or deletes each thing that the request names. Names of missing things are listed separately.
    pub(super) fn each(
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
}
