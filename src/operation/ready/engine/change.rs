//! Changes or deletes an existing thing, or a part of it.

use serde_json::{Map, Value, json};

use super::{
    super::{
        catalogue::keyed,
        template::{self, fill, text_of},
    },
    Run,
};
use crate::{
    operation::{Result, shape::Shape},
    state::ready::{Thing, Things},
    store::clock::iso8601,
};

impl Run<'_> {
    pub(super) fn change(
        &self,
        things: &mut Things,
        kind: &str,
        name: &str,
        known: &Map<String, Value>,
    ) -> Result<Value> {
        let call = &self.ready.call;
        let shown = self.found(things, kind, name)?;
        // This refuses the call if there is nothing to change.
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

    /// Applies `patchOperations`, the form in which API Gateway describes changes.
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

    pub(super) fn drop_one(&self, things: &mut Things, kind: &str, name: &str) -> Result<Value> {
        let call = &self.ready.call;
        // A call about a part of a thing is refused if the thing does not exist.
        if call.quiet && call.at.is_none() && !things.things.contains_key(name) {
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
            // If the containing thing is `/a`, its contents begin with `/a/`. But the contents of `/a/b` begin with
            // `/a/`, too, so the remaining name must be exactly the content's own name.
            let (_, template) = self
                .ready
                .kind(kind)
                .name
                .split_once('/')
                .unwrap_or_default();
            let lies_in = |name: &str, thing: &Thing| {
                let rest = name.strip_prefix(&within);
                let of = |place: &str| thing.members.get(place).cloned();
                rest.is_some_and(|rest| rest == text_of(template, &of))
            };
            things.things.retain(|name, thing| !lies_in(name, thing));
        }
        Ok(shown)
    }
}

/// The value at a path. The value can be changed.
fn reach<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter()
        .try_fold(value, |value, name| value.get_mut(name))
}

/// The members at a path. Missing parts of the path are made.
fn made<'m>(members: &'m mut Map<String, Value>, path: &[String]) -> &'m mut Map<String, Value> {
    path.iter().fold(members, |members, name| {
        let inner = members.entry(name.clone()).or_insert_with(|| json!({}));
        if !inner.is_object() {
            *inner = json!({});
        }
        inner.as_object_mut().expect("it is one now")
    })
}
