//! Lists the things of a kind, and checks conditions on them.

use serde_json::{Map, Value};

use super::{
    super::template::{self, fill_members},
    Run,
};
use crate::{operation::Result, state::ready::Things};

impl Run<'_> {
    /// The things of a kind that a list returns, each with its name, in the order of their names.
    pub(super) fn listed(&self, things: &Things, kind: &str) -> Vec<(String, Value)> {
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
        let things = things.filter_map(|(name, thing)| Some((name.strip_prefix(&prefix)?, thing)));
        let shown = things.map(|(name, thing)| {
            let is_settling = thing.settles.is_some_and(|settles| settles > self.now);
            (name.to_owned(), self.shown(of, thing, is_settling))
        });
        let mut listed: Vec<_> = shown.filter(|(_, shown)| fits(shown)).collect();
        if let Some((member, from)) = call.starts.as_ref().and_then(|it| it.split_once(" from ")) {
            let order = |item: &Value| labels(item.get(member).and_then(Value::as_str));
            let start = labels(self.request.get(from).and_then(Value::as_str));
            listed.retain(|(_, shown)| order(shown) >= start);
            listed.sort_by_cached_key(|(name, shown)| (order(shown), name.clone()));
        }
        listed
    }

    /// Refuses the call if a condition on things of a kind is not met: `some resource resourceMethods: 400 …`.
    pub(super) fn demand(&self, things: &Things, demand: &str) -> Result<()> {
        let (what, refusal) = demand
            .split_once(": ")
            .unwrap_or((demand, "400 BadRequestException:"));
        let words: Vec<&str> = what.split(' ').collect();
        let &[quantity, kind, path] = &words[..] else {
            return Ok(());
        };
        let listed = self.listed(things, kind);
        let mut things = listed.iter().map(|(_, thing)| thing);
        let holds = match quantity {
            "some" => things.any(|thing| template::at(thing, path).is_some()),
            _ => things.all(|thing| every(thing, path)),
        };
        match holds {
            true => Ok(()),
            false => Err(self.refusal(refusal).into()),
        }
    }
}

/// The labels of a domain's name, the last one first.
fn labels(name: Option<&str>) -> Vec<String> {
    let labels = name.unwrap_or_default().rsplit('.');
    let labels = labels.filter(|label| !label.is_empty());
    labels.map(str::to_owned).collect()
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
