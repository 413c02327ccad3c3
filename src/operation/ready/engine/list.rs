//! Lists the things of a kind, and checks conditions on them.

use serde_json::{Map, Value};

use super::{
    super::template::{self, fill_members},
    Run,
};
use crate::{operation::Result, state::ready::Things};

impl Run<'_> {
    /// The things of a kind that match the call's conditions, in the order of their names.
    pub(super) fn listed(&self, things: &Things, kind: &str) -> Value {
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
}

/// Returns true if there is a value at every path that results when `*` is replaced by the name of each member.
fn every(value: &Value, path: &str) -> bool {
    let Some((before, after)) = path.split_once(".*.") else {
        return template::at(value, path).is_some();
    };
    match template::at(value, before).and_then(Value::as_object) {
        Some(members) => members.values().all(|value| every(value, after)),
        None => true,
    }
}
