//! XML as AWS's protocols write it: elements and text, no attributes but a namespace.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::operation::shape::Shape;

/// What begins every document.
pub(super) const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// How lists and names are written, which the protocols do differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// The element of a list's item; none where each item is an element with the list's own name.
    pub(super) item: Option<&'static str>,
    /// The name of a member's element.
    pub(super) name: fn(&str, &str) -> String,
    /// Where members are named otherwise, for `name`: the operation's [`wire`](crate::operation::Entry::wire).
    pub(super) wire: &'static str,
}

/// Writes a member's value as its element.
pub(super) fn element(
    out: &mut String,
    style: Style,
    name: &str,
    shape: Option<&Shape>,
    value: &Value,
) {
    let tag = (style.name)(style.wire, name);
    match (shape, value) {
        (_, Value::Null) => {}
        (Some(Shape::List { member, .. }), Value::Array(items)) => match style.item {
            None => {
                for item in items {
                    element(out, style, name, Some(member), item);
                }
            }
            Some(each) => {
                let _ = write!(out, "<{tag}>");
                for item in items {
                    let _ = write!(out, "<{each}>");
                    content(out, style, Some(member), item);
                    let _ = write!(out, "</{each}>");
                }
                let _ = write!(out, "</{tag}>");
            }
        },
        _ => {
            let _ = write!(out, "<{tag}>");
            content(out, style, shape, value);
            let _ = write!(out, "</{tag}>");
        }
    }
}

/// Writes what stands inside an element.
pub(super) fn content(out: &mut String, style: Style, shape: Option<&Shape>, value: &Value) {
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
        // A document in a document is JSON, percent-encoded (IAM's policies).
        (_, Value::Object(_)) => out.push_str(&super::head::encoded(&value.to_string(), "")),
        (_, other) => out.push_str(&other.to_string()),
    }
}

/// A moment of the command's form as `2026-11-22T12:00:00Z`, its milliseconds where there are any.
fn zulu(moment: &str) -> String {
    match moment.parse::<Timestamp>() {
        Ok(moment) if moment.subsec_nanosecond() == 0 => {
            moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        Err(_) => moment.to_owned(),
    }
}

/// Writes a text. What XML cannot hold at all becomes U+FFFD.
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
