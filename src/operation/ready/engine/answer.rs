//! Fills in an answer and removes the members that its shape does not have.

use serde_json::{Map, Value};

use super::{
    super::{catalogue::keyed, template::fill_members},
    Run,
};
use crate::operation::shape::{Member, Shape, Structure};

impl Run<'_> {
    /// The answer of a call, from the template in the catalogue. If there is no template, it is the thing of the call.
    pub(super) fn answer(&self, known: &Map<String, Value>, thing: &Value) -> Value {
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
}

/// Returns the members of an answer that its shape has, in the shape's order.
pub(super) fn project(value: &Value, shape: &Structure) -> Value {
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
