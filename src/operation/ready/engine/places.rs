//! Finds the values for the places in a catalogue's templates, and gives things the form that answers have.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    super::{
        catalogue::ThingKind,
        template::{self, fill_members, text_of},
    },
    Run,
};
use crate::{
    state::{arn::Scope, ready::Thing},
    store::clock::iso8601,
};

impl Run<'_> {
    /// The value of a place. It is taken from the things that the call needs; if they do not have it, from the request;
    /// and otherwise from the call's thing.
    pub(super) fn of(
        &self,
        place: &str,
        known: &Map<String, Value>,
        thing: &Value,
    ) -> Option<Value> {
        let Scope { account, region } = &self.place.scope;
        let partition = self.place.scope.partition();
        Some(match place {
            "account" => account.as_str().into(),
            "region" => region.as_str().into(),
            "partition" => partition.into(),
            "suffix" if partition == "aws-cn" => "amazonaws.com.cn".into(),
            "suffix" => "amazonaws.com".into(),
            "now" => iso8601(self.now).into(),
            "now.ms" => self.now.as_millisecond().into(),
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

    /// The name in the state of a thing with that kind and those members.
    pub(super) fn named(
        &self,
        kind: &str,
        template: Option<&str>,
        members: &Map<String, Value>,
    ) -> String {
        let template = template.unwrap_or(&self.ready.kind(kind).name);
        let of = |place: &str| {
            let own = members.get(place).filter(|value| !value.is_null());
            own.cloned()
                .or_else(|| self.of(place, &Map::new(), &Value::Null))
        };
        format!("{} {kind} {}", self.ready.service, text_of(template, &of))
    }

    /// A thing in the form that answers have.
    pub(super) fn shown(&self, kind: &ThingKind, thing: &Thing, is_settling: bool) -> Value {
        let members = &thing.members;
        let of = |place: &str| match place {
            "made" => Some(iso8601(thing.made).into()),
            "made.epoch" => Some(thing.made.as_second().to_string().into()),
            "made.ms" => Some(thing.made.as_millisecond().into()),
            "changed" => Some(iso8601(thing.changed).into()),
            "changed.epoch" => Some(thing.changed.as_second().to_string().into()),
            // A thing that a project gave has version 1.
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
        if let Some(sealed) = &kind.sealed
            && shown.get(&sealed.of) == Some(&sealed.is)
            && !self.is_on(&sealed.unless)
        {
            shown[&sealed.member] = cipher(&shown).into();
        }
        shown
    }
}

/// A text that looks like a value that KMS encrypted. It is made from the thing's name and version, not from the value.
/// So nobody can read the value from it.
fn cipher(shown: &Value) -> String {
    let seed = format!("{} {}", shown["ARN"], shown["Version"]);
    let digests = (0..5_u8).map(|number| {
        Sha256::new()
            .chain_update([number])
            .chain_update(&seed)
            .finalize()
    });
    // Real encrypted texts begin with a version and the id of a key that belongs to AWS.
    let mut bytes = vec![0x01, 0x02, 0x02, 0x00, 0x78];
    digests.for_each(|digest| bytes.extend_from_slice(&digest));
    BASE64_STANDARD.encode(bytes)
}

/// Copies members into a shown value. They replace members with the same name, also inside structures.
fn overlay(shown: &mut Value, members: &Map<String, Value>) {
    for (name, value) in members {
        match (shown.get_mut(name), value) {
            (Some(inner @ Value::Object(_)), Value::Object(members)) => overlay(inner, members),
            _ => shown[name] = value.clone(),
        }
    }
}
