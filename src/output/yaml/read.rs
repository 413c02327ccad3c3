//! Reads one YAML document: makes a JSON value from the events of the parser.
//!
//! `granit-parser` knows the syntax and refuses a text that is not YAML. This module decides the meaning of nodes:
//! types by [`resolve`], tags, anchors, merge keys, and the limits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use granit_parser::{Event, Marker, Parser, ScalarStyle, StrInput, Tag};
use serde_json::{Map, Value};

use super::resolve;
use crate::output::python;

/// The deepest nesting of lists and mappings. Copies that aliases make count, too.
const MAX_DEPTH: usize = 64;
/// The greatest number of nodes of a value, including the copies that anchors and aliases make.
const MAX_NODES: usize = 250_000;
/// The most bytes of text that anchors and aliases may copy.
const MAX_COPIED_BYTES: usize = 64 << 20;

const MERGE: &str = "<<";

/// Reads one document; an empty text is null.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut composer = Composer {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        room: Room {
            nodes: MAX_NODES,
            bytes: MAX_COPIED_BYTES,
        },
    };
    let mut root = None;
    loop {
        let (event, place) = composer.next()?;
        match event {
            Event::StreamEnd => return Ok(root.unwrap_or_default()),
            Event::DocumentStart(..) if root.is_some() => {
                return Err(at(place, "more than one YAML document"));
            }
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            node => root = Some(composer.node(node, place, 0)?),
        }
    }
}

struct Composer<'text> {
    parser: Parser<'text, StrInput<'text>>,
    /// The nodes with an anchor that are complete. An alias inside the node with its own anchor therefore finds
    /// nothing.
    anchors: HashMap<usize, Anchored<'text>>,
    room: Room,
}

enum Anchored<'text> {
    /// The scalar as it was written. An alias may also be used as a key, and a key is always text.
    Scalar(Scalar<'text>),
    Collection(Value, Size),
}

impl<'text> Composer<'text> {
    fn next(&mut self) -> Result<(Event<'text>, Marker), String> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(error)) => Err(at(*error.marker(), error.info())),
            None => Err("unexpected end of YAML".to_owned()),
        }
    }

    /// Reads the node that starts with this event, at that depth.
    fn node(&mut self, event: Event<'text>, place: Marker, depth: usize) -> Result<Value, String> {
        let (anchor, value) = match event {
            Event::Alias(anchor) => return self.repeated(anchor, place, depth),
            Event::Scalar(..) => return self.scalar(event, place)?.value(place),
            Event::SequenceStart(_, anchor, tag) => {
                check_collection(tag.as_deref(), "seq", place)?;
                (anchor, self.sequence(place, depth + 1)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_collection(tag.as_deref(), "map", place)?;
                (anchor, self.mapping(place, depth + 1)?)
            }
            _ => return Err(at(place, "expected a YAML node")),
        };
        self.room.take(Size::NODE, place)?;
        if anchor != 0 {
            let size = Size::of(&value);
            self.room.take(size, place)?;
            let anchored = Anchored::Collection(value.clone(), size);
            self.anchors.insert(anchor, anchored);
        }
        Ok(value)
    }

    fn sequence(&mut self, place: Marker, depth: usize) -> Result<Value, String> {
        check_depth(depth, place)?;
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                (event, place) => items.push(self.node(event, place, depth)?),
            }
        }
    }

    fn mapping(&mut self, place: Marker, depth: usize) -> Result<Value, String> {
        check_depth(depth, place)?;
        let mut members = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, place) = match self.next()? {
                (Event::MappingEnd, _) => break,
                key => key,
            };
            let key = self.key(event, place)?;
            let name = (!key.is_merge()).then(|| key.name(place)).transpose()?;
            if let Some(name) = &name
                && members.contains_key(name)
            {
                let name = name.escape_debug();
                return Err(at(place, format_args!("duplicate mapping key: {name}")));
            }
            let (event, place) = self.next()?;
            let value = self.node(event, place, depth)?;
            match name {
                Some(name) => drop(members.insert(name, value)),
                None => merge(value, place, &mut merged)?,
            }
        }
        for (name, value) in merged {
            members.entry(name).or_insert(value);
        }
        Ok(Value::Object(members))
    }

    fn key(&mut self, event: Event<'text>, place: Marker) -> Result<Scalar<'text>, String> {
        match event {
            Event::Scalar(..) => self.scalar(event, place),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Anchored::Scalar(scalar)) => {
                    self.room.take(scalar.size(), place)?;
                    Ok(scalar.clone())
                }
                _ => Err(at(place, "a mapping key must be a string")),
            },
            _ => Err(at(place, "a mapping key must be a string")),
        }
    }

    fn scalar(&mut self, event: Event<'text>, place: Marker) -> Result<Scalar<'text>, String> {
        let Event::Scalar(text, style, anchor, tag) = event else {
            return Err(at(place, "expected a YAML scalar"));
        };
        self.room.take(Size::NODE, place)?;
        let scalar = Scalar {
            text,
            is_plain: style == ScalarStyle::Plain,
            tag: tag.as_deref().map(name_of),
        };
        if anchor != 0 {
            self.room.take(scalar.size(), place)?;
            self.anchors
                .insert(anchor, Anchored::Scalar(scalar.clone()));
        }
        Ok(scalar)
    }

    fn repeated(&mut self, anchor: usize, place: Marker, depth: usize) -> Result<Value, String> {
        match self.anchors.get(&anchor) {
            Some(Anchored::Scalar(scalar)) => {
                self.room.take(scalar.size(), place)?;
                scalar.value(place)
            }
            Some(Anchored::Collection(value, size)) => {
                check_depth(depth + size.height, place)?;
                self.room.take(*size, place)?;
                Ok(value.clone())
            }
            None => Err(at(place, "an alias inside its own node")),
        }
    }
}

#[derive(Clone)]
struct Scalar<'text> {
    text: Cow<'text, str>,
    is_plain: bool,
    tag: Option<String>,
}

impl Scalar<'_> {
    fn value(&self, place: Marker) -> Result<Value, String> {
        let text = &*self.text;
        let typed = text.trim_matches([' ', '\t', '\r', '\n']);
        let wrong = |what| at(place, format_args!("invalid {what}"));
        match self.tag.as_deref() {
            Some("null") => Ok(Value::Null),
            Some("bool") => resolve::word(typed)
                .filter(Value::is_boolean)
                .ok_or_else(|| wrong("boolean")),
            Some("int") => resolve::integer(typed).ok_or_else(|| wrong("integer")),
            Some("float") => match resolve::decimal(typed) {
                Some(float) => Ok(python::float(float)),
                None => Err(wrong("floating point")),
            },
            Some("binary") => Ok(python::bytes(&self.decoded(place)?)),
            Some("timestamp") => match resolve::timestamp(typed) {
                Some(Ok(moment)) => Ok(moment),
                _ => Err(wrong("timestamp")),
            },
            Some("seq" | "map") => Err(self.unexpected_tag(place)),
            Some("str" | "") => Ok(text.into()),
            _ if self.is_plain => plain(text, place),
            _ => Ok(text.into()),
        }
    }

    /// The scalar as the name of a member: its text as it was written, even if that is `3` or `true`.
    fn name(&self, place: Marker) -> Result<String, String> {
        match self.tag.as_deref() {
            Some("str" | "") => Ok(self.text.to_string()),
            Some("binary") => String::from_utf8(self.decoded(place)?)
                .map_err(|_| at(place, "!!binary is not valid UTF-8")),
            Some("null" | "bool" | "int" | "float" | "seq" | "map" | "timestamp") => {
                Err(self.unexpected_tag(place))
            }
            _ if self.is_plain && resolve::word(&self.text) == Some(Value::Null) => {
                Err(at(place, "a mapping key must be a string"))
            }
            _ => Ok(self.text.to_string()),
        }
    }

    fn is_merge(&self) -> bool {
        self.text == MERGE
            && match &self.tag {
                Some(tag) => tag == "merge",
                None => self.is_plain,
            }
    }

    fn decoded(&self, place: Marker) -> Result<Vec<u8>, String> {
        let is_space = |c: &char| !c.is_ascii_whitespace();
        let digits: String = self.text.chars().filter(is_space).collect();
        BASE64_STANDARD
            .decode(digits)
            .map_err(|_| at(place, "invalid !!binary base64"))
    }

    fn unexpected_tag(&self, place: Marker) -> String {
        let tag = self.tag.as_deref().unwrap_or_default().escape_debug();
        at(place, format_args!("unexpected tag !!{tag}"))
    }

    fn size(&self) -> Size {
        Size {
            bytes: self.text.len(),
            ..Size::NODE
        }
    }
}

fn plain(text: &str, place: Marker) -> Result<Value, String> {
    if let Some(value) = resolve::word(text).or_else(|| resolve::integer(text)) {
        return Ok(value);
    }
    if let Some(float) = resolve::float(text) {
        return Ok(python::float(float));
    }
    match resolve::timestamp(text) {
        Some(Ok(moment)) => Ok(moment),
        Some(Err(())) => Err(at(place, format_args!("no such date or time: {text}"))),
        None => Ok(text.into()),
    }
}

/// Adds the members from the value of `<<`, which is a mapping, a list of mappings, or null. Null adds no members. If
/// several members have the same name, the first one counts.
fn merge(value: Value, place: Marker, merged: &mut Vec<(String, Value)>) -> Result<(), String> {
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => {
            merged.extend(members);
            Ok(())
        }
        Value::Array(items) => items
            .into_iter()
            .try_for_each(|item| merge(item, place, merged)),
        _ => Err(at(
            place,
            "YAML merge value must be mapping or sequence of mappings",
        )),
    }
}

/// The tag's name: `str` for `!!str` and `!str`, an empty text for `!`, the whole tag otherwise.
fn name_of(tag: &Tag) -> String {
    let namespaces = ["tag:yaml.org,2002:", "!"];
    let name = namespaces.map(|namespace| tag.suffix_in_namespace(namespace));
    match name.into_iter().flatten().next() {
        Some(name) => name.into_owned(),
        None => format!("{}{}", tag.handle(), tag.suffix()),
    }
}

/// Refuses a tag that belongs to another kind of node. An unknown tag is ignored.
fn check_collection(tag: Option<&Tag>, kind: &str, place: Marker) -> Result<(), String> {
    let kinds = [
        "null",
        "bool",
        "int",
        "float",
        "str",
        "binary",
        "timestamp",
        "seq",
        "map",
    ];
    match tag.map(name_of) {
        Some(name) if name != kind && kinds.contains(&&*name) => {
            Err(at(place, format_args!("unexpected tag !!{name}")))
        }
        _ => Ok(()),
    }
}

fn check_depth(depth: usize, place: Marker) -> Result<(), String> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    let what = format_args!("YAML nested deeper than {MAX_DEPTH} levels");
    Err(at(place, what))
}

#[derive(Clone, Copy)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

impl Size {
    const NODE: Self = Self {
        nodes: 1,
        bytes: 0,
        height: 0,
    };

    fn of(value: &Value) -> Self {
        let mut size = Self::NODE;
        let mut add = |name: &str, value: &Value| {
            let inner = Self::of(value);
            size.nodes += inner.nodes;
            size.bytes += inner.bytes + name.len();
            size.height = size.height.max(inner.height);
        };
        match value {
            Value::String(text) => size.bytes = text.len(),
            Value::Array(items) => items.iter().for_each(|item| add("", item)),
            Value::Object(members) => members.iter().for_each(|(name, value)| add(name, value)),
            _ => {}
        }
        size.height += usize::from(value.is_array() || value.is_object());
        size
    }
}

/// The nodes and bytes that may still be read.
struct Room {
    nodes: usize,
    bytes: usize,
}

impl Room {
    fn take(&mut self, size: Size, place: Marker) -> Result<(), String> {
        let nodes = self.nodes.checked_sub(size.nodes);
        let bytes = self.bytes.checked_sub(size.bytes);
        let (Some(nodes), Some(bytes)) = (nodes, bytes) else {
            let what = format_args!(
                "YAML too large: more than {MAX_NODES} nodes, or {MAX_COPIED_BYTES} bytes copied by aliases"
            );
            return Err(at(place, what));
        };
        *self = Self { nodes, bytes };
        Ok(())
    }
}

fn at(place: Marker, what: impl Display) -> String {
    format!(
        "{what} at line {}, column {}",
        place.line(),
        place.col() + 1
    )
}
