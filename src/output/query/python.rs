//! Values as Python sees them: its types, numbers, equality, and the texts it makes of them.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::Value;

/// A number with Python's two kinds kept apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    /// Wider than any whole number of a document, so that sums do not overflow.
    Int(i128),
    /// Always finite in a document.
    Float(f64),
}

impl Number {
    /// The number a value is; a boolean is none.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let number = value.as_number()?;
        let whole = number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from));
        match whole {
            Some(whole) => Some(Self::Int(whole)),
            None => number.as_f64().map(Self::Float),
        }
    }

    /// As a float.
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// In JSON: a whole number beyond 64 bits is a float there, and what is not finite `null`.
    pub(super) fn json(self) -> Value {
        match self {
            Self::Int(whole) => match (i64::try_from(whole), u64::try_from(whole)) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(whole)) => whole.into(),
                _ => (whole as f64).into(),
            },
            Self::Float(float) => float.into(),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    /// Exact, also between a float and a whole number that no float can hold.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        fn mixed(whole: i128, float: f64) -> Option<Ordering> {
            // The cast saturates at either end, far beyond any whole number compared here.
            let order = whole.cmp(&(float.trunc() as i128));
            0.0_f64
                .partial_cmp(&float.fract())
                .map(|rest| order.then(rest))
        }
        match (*self, *other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => mixed(a, b),
            (Self::Float(a), Self::Int(b)) => mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// `type(value).__name__`.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(_) => match Number::of(value) {
            Some(Number::Int(_)) => "int",
            _ => "float",
        },
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// `a == b`, where `True == 1` and `1 == 1.0`, at any depth, and the order of keys does not count.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    fn numeric(value: &Value) -> Option<Number> {
        match value {
            Value::Bool(flag) => Some(Number::Int(i128::from(*flag))),
            _ => Number::of(value),
        }
    }
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => match (numeric(a), numeric(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

/// The order of two numbers or of two texts (by code point); between anything else there is none.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        // The order of UTF-8 bytes is the order of code points.
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => Number::of(a)?.partial_cmp(&Number::of(b)?),
    }
}

/// `str(value)`.
pub(super) fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        _ => {
            let mut out = String::new();
            repr(&mut out, value);
            out
        }
    }
}

/// `repr(list)` of texts.
pub(super) fn list(texts: &[&str]) -> String {
    str(&texts.iter().copied().map(Value::from).collect())
}

fn repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(_) => number_repr(out, value),
        Value::String(text) => quoted(out, text),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                repr(out, element);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                quoted(out, key);
                out.push_str(": ");
                repr(out, member);
            }
            out.push('}');
        }
    }
}

/// Ints in full; floats with the fewest digits that read back the same, with an exponent from 1e16 and below 1e-4.
fn number_repr(out: &mut String, value: &Value) {
    let float = match Number::of(value) {
        Some(Number::Float(float)) => float,
        _ => {
            out.push_str(&value.to_string());
            return;
        }
    };
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let text = match exponent.parse::<i32>().unwrap_or(0) {
        exponent @ -4..=15 => {
            let plain = format!("{float}");
            // Below ten to the 16 a float prints in full, only without the fraction that tells it from an int.
            if exponent >= 0 && !plain.contains('.') {
                plain + ".0"
            } else {
                plain
            }
        }
        exponent => format!(
            "{digits}e{}{:02}",
            if exponent < 0 { '-' } else { '+' },
            exponent.unsigned_abs()
        ),
    };
    out.push_str(&text);
}

/// A text in quotes: single ones, unless it holds some and no double ones.
fn quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if printable(c) => out.push(c),
            _ => {
                // Writing to a String does not fail.
                let _ = match code {
                    ..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

/// `str.isprintable`. Rust's `escape_debug` goes by the same Unicode categories, except that it also escapes a quote,
/// and a mark that would join with a character before the text: the `a` keeps it from that.
fn printable(c: char) -> bool {
    matches!(c, '"' | '\'') || String::from_iter(['a', c]).escape_debug().eq(['a', c])
}

/// `int(text)`, or else `float(text)`: white space around it, and `_` between digits. Digits of other scripts than ASCII's,
/// which Python takes too, are none here.
pub(super) fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let misplaced = |(at, &byte): (usize, &u8)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        byte == b'_' && !(digit(before) && digit(bytes.get(at + 1)))
    };
    if bytes.iter().enumerate().any(misplaced) {
        return None;
    }
    let text = text.replace('_', "");
    match text.parse() {
        Ok(whole) => Some(Number::Int(whole)),
        Err(_) => text.parse().ok().map(Number::Float),
    }
}

/// `str.isspace`.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `json.dumps(value, separators=(",", ":"))`: compact, and ASCII only.
pub(super) fn dumps(value: &Value) -> String {
    let mut out = String::new();
    dump(&mut out, value);
    out
}

fn dump(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(_) => number_repr(out, value),
        Value::String(text) => dump_text(out, text),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                dump(out, element);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                dump_text(out, key);
                out.push(':');
                dump(out, member);
            }
            out.push('}');
        }
    }
}

fn dump_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
