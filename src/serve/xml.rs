//! Reads and writes XML in the form of AWS's protocols. It has elements and text, and no attributes except a namespace.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::operation::{
    route::said,
    shape::{Member, Shape, Structure},
};

/// The beginning of every document.
pub(super) const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The way in which a protocol writes lists and names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style<'a> {
    /// The name of a list item's element; `None` if each item has the name of the list.
    pub(super) item: Option<&'static str>,
    /// The name of a member's element.
    pub(super) name: fn(&str, &str) -> String,
    /// The names on the wire that `name` does not give. They come from the operation's
    /// [`wire`](crate::operation::Entry::wire).
    pub(super) wire: &'static str,
    /// The member that holds the written value; empty at the top.
    pub(super) within: &'a str,
}

impl<'a> Style<'a> {
    /// Returns the style for values inside a member.
    pub(super) fn within(self, name: &'a str) -> Self {
        Self {
            within: name,
            ..self
        }
    }

    /// Finds the entry of the `wire` text for a member. An entry for the member inside its outer member comes before an
    /// entry for the member in any place.
    fn said(&self, name: &str, what: &str) -> Option<&'static str> {
        let exactly = match self.within {
            "" => None,
            within => said(self.wire, &format!("{within}.{name}"), what),
        };
        exactly.or_else(|| said(self.wire, name, what))
    }
}

/// Writes a member's value as its element.
pub(super) fn element(
    out: &mut String,
    style: Style<'_>,
    name: &str,
    shape: Option<&Shape>,
    value: &Value,
) {
    let flat = style.said(name, "flat");
    let tag = match flat {
        Some(flat) => flat.to_owned(),
        None => (style.name)(style.wire, name),
    };
    let each = match flat {
        Some(_) => None,
        None => style.said(name, "item").or(style.item),
    };
    match (shape, value) {
        (_, Value::Null) => {}
        (Some(Shape::List { member, .. }), Value::Array(items)) => match each {
            None => {
                for item in items {
                    element(out, style, name, Some(member), item);
                }
            }
            Some(each) => {
                let _ = write!(out, "<{tag}>");
                for item in items {
                    let _ = write!(out, "<{each}>");
                    content(out, style.within(name), Some(member), item);
                    let _ = write!(out, "</{each}>");
                }
                let _ = write!(out, "</{tag}>");
            }
        },
        (Some(Shape::Map { value: of, .. }), Value::Object(members)) => {
            let (key, each) = entry(style.said(name, "entry"));
            let (before, after) = match flat {
                Some(_) => (format!("<{tag}>"), format!("</{tag}>")),
                None => {
                    let _ = write!(out, "<{tag}>");
                    ("<entry>".to_owned(), "</entry>".to_owned())
                }
            };
            for (own, value) in members {
                let _ = write!(out, "{before}<{key}>{}</{key}><{each}>", escaped(own));
                content(out, style.within(name), Some(of), value);
                let _ = write!(out, "</{each}>{after}");
            }
            if flat.is_none() {
                let _ = write!(out, "</{tag}>");
            }
        }
        _ => {
            let _ = write!(out, "<{tag}>");
            content(out, style.within(name), shape, value);
            let _ = write!(out, "</{tag}>");
        }
    }
}

/// The names of the elements for a map's keys and values.
pub(super) fn entry(said: Option<&str>) -> (&str, &str) {
    said.and_then(|said| said.split_once(','))
        .unwrap_or(("key", "value"))
}

/// Writes the content of an element.
pub(super) fn content(out: &mut String, style: Style<'_>, shape: Option<&Shape>, value: &Value) {
    match (shape, value) {
        (Some(Shape::Structure(structure)), Value::Object(members)) => {
            for (name, value) in members {
                let member = structure.member(name).map(|member| &member.shape);
                element(out, style, name, member, value);
            }
        }
        (Some(Shape::String(text)), Value::String(moment)) if text.timestamp => {
            out.push_str(&zulu(moment));
        }
        (_, Value::String(text)) => escape(out, text),
        // A document inside a document is percent-encoded JSON (IAM's policies).
        (_, Value::Object(_)) => out.push_str(&super::head::encoded(&value.to_string(), "")),
        (_, other) => out.push_str(&other.to_string()),
    }
}

/// A moment in the command's form as `2026-11-22T12:00:00Z`, with milliseconds if there are any.
pub(super) fn zulu(moment: &str) -> String {
    match moment.parse::<Timestamp>() {
        Ok(moment) if moment.subsec_nanosecond() == 0 => {
            moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        Err(_) => moment.to_owned(),
    }
}

/// Writes a text. Characters that XML cannot hold become U+FFFD.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || c == '\u{FFFE}' || c == '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
}

/// A text, escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text);
    out
}

/// Reads a short document by its shape; its root may have any name. Document types are refused. Entities are refused
/// too, except numbers and XML's own five.
pub(super) fn read(structure: &Structure, style: Style<'_>, text: &str) -> Option<Value> {
    let mut reader = Reader {
        rest: text.trim_start_matches('\u{FEFF}'),
        style,
    };
    loop {
        let rest = reader.rest.trim_start();
        let Some(after) = rest.strip_prefix("<?") else {
            reader.rest = rest;
            break;
        };
        reader.rest = after.split_once("?>")?.1;
    }
    let (_, closed) = reader.open()?;
    let value = reader.structure(structure, "", closed, 0)?;
    reader.rest.trim().is_empty().then_some(value)
}

/// The greatest depth of a document.
const DEEPEST: usize = 16;

struct Reader<'a> {
    rest: &'a str,
    style: Style<'a>,
}

impl<'a> Reader<'a> {
    /// Takes a start tag. Returns its name, and true if the element has no end tag.
    fn open(&mut self) -> Option<(&'a str, bool)> {
        let rest = self.rest.trim_start().strip_prefix('<')?;
        let (tag, after) = rest.split_once('>')?;
        if tag.starts_with(['!', '?', '/']) {
            return None;
        }
        self.rest = after;
        let closed = tag.ends_with('/');
        let name = tag.trim_end_matches('/').split_whitespace().next()?;
        Some((name, closed))
    }

    /// Takes an end tag.
    fn close(&mut self) -> Option<()> {
        let rest = self.rest.trim_start().strip_prefix("</")?;
        self.rest = rest.split_once('>')?.1;
        Some(())
    }

    /// Reads the members of a structure. `within` is the member that holds it.
    fn structure(
        &mut self,
        structure: &Structure,
        within: &str,
        closed: bool,
        depth: usize,
    ) -> Option<Value> {
        let mut members = serde_json::Map::new();
        if closed {
            return Some(Value::Object(members));
        }
        if depth > DEEPEST {
            return None;
        }
        while !self.rest.trim_start().starts_with("</") {
            let (name, closed) = self.open()?;
            let mut known = structure.members.iter();
            let style = self.style;
            let is_it = |member: &&Member| (style.name)(style.wire, &member.name) == name;
            let Some(member) = known.find(is_it) else {
                self.value(None, "", closed, depth + 1)?;
                continue;
            };
            let own = member.name.as_str();
            let of_list =
                style.item.is_some() || Style { within, ..style }.said(own, "item").is_some();
            let entry = members.entry(member.name.clone());
            match &member.shape {
                Shape::List { member: item, .. } if of_list => {
                    *entry.or_insert(Value::Null) = self.items(item, own, closed, depth + 1)?;
                }
                // The items of a list come one by one, each in an element with the list's own name.
                Shape::List { member, .. } => {
                    let item = self.value(Some(member), own, closed, depth + 1)?;
                    let list = entry.or_insert_with(|| Value::Array(Vec::new()));
                    list.as_array_mut()?.push(item);
                }
                shape => {
                    let value = self.value(Some(shape), own, closed, depth + 1)?;
                    *entry.or_insert(Value::Null) = value;
                }
            }
        }
        self.close()?;
        Some(Value::Object(members))
    }

    /// Reads the items of a list that has an element around them.
    fn items(&mut self, shape: &Shape, within: &str, closed: bool, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        if closed {
            return Some(items.into());
        }
        while !self.rest.trim_start().starts_with("</") {
            let (_, closed) = self.open()?;
            items.push(self.value(Some(shape), within, closed, depth + 1)?);
        }
        self.close()?;
        Some(items.into())
    }

    fn value(
        &mut self,
        shape: Option<&Shape>,
        within: &str,
        closed: bool,
        depth: usize,
    ) -> Option<Value> {
        if let Some(Shape::Structure(structure)) = shape {
            return self.structure(structure, within, closed, depth);
        }
        if closed {
            return Some("".into());
        }
        let (text, _) = self.rest.split_once('<')?;
        self.rest = &self.rest[text.len()..];
        if shape.is_none() && !self.rest.starts_with("</") {
            // An unknown element is ignored as a whole.
            return self.structure(&Structure::default(), "", false, depth);
        }
        self.close()?;
        let text = unescaped(text)?;
        Some(shape.map_or(Value::Null, |shape| super::rest_json::of_text(shape, &text)))
    }
}

/// Replaces the entities of a text.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        out.push_str(before);
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => match number.strip_prefix('#')?.strip_prefix('x') {
                Some(hex) => char::from_u32(u32::from_str_radix(hex, 16).ok()?)?,
                None => char::from_u32(number[1..].parse().ok()?)?,
            },
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_element() {
        assert_eq!(escaped("a<b>&\"\u{1}é"), "a&lt;b&gt;&amp;&quot;\u{FFFD}é");
    }

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(zulu("2026-11-22T12:00:00+00:00"), "2026-11-22T12:00:00Z");
        assert_eq!(
            zulu("2026-11-22T12:00:00.250000+00:00"),
            "2026-11-22T12:00:00.250Z"
        );
    }
}
