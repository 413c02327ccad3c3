//! Python's text forms of a value: `repr` of a float, `str` of anything.
//!
//! The `aws` command is a Python program, and its output has Python's forms: json prints floats as `1e-05`, text and
//! table print `None`, `True` and, for an object in a column, `{'3': 0.1, '2': 0.25}`. This module was compared with
//! CPython 3.11 on random values. The two may disagree on one point: whether a character that is newer than CPython's
//! Unicode tables is escaped.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value, json};

/// The key of a JSON object that stands for a value which Python has and JSON lacks.
const FOREIGN: &str = "\0python";

/// A value that Python has and JSON lacks: bytes, a float that is not finite, an integer beyond 64 bits, a date.
///
/// A request may contain such a value until the client-side check is complete. In an answer it is printed as Python
/// prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign<'v> {
    /// The name of the value's Python type: `bytes`, `float`, `int`, `datetime.date`, `datetime.datetime`.
    pub(crate) class: &'v str,
    /// The result of Python's `str(value)`.
    pub(crate) shown: &'v str,
    /// The result of Python's `repr(value)`.
    pub(crate) repr: &'v str,
    /// The bytes in base64, if the value is bytes.
    base64: &'v str,
}

impl<'v> Foreign<'v> {
    /// The foreign value that a JSON value stands for.
    pub(crate) fn of(value: &'v Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 1)?;
        let words = object.get(FOREIGN)?.as_array()?;
        let word = |at: usize| words.get(at)?.as_str();
        Some(Self {
            class: word(0)?,
            shown: word(1)?,
            repr: word(2)?,
            base64: word(3)?,
        })
    }

    /// The number as a float, or the nearest float to it.
    pub(crate) fn number(&self) -> Option<f64> {
        let is_number = matches!(self.class, "float" | "int");
        is_number.then(|| self.shown.parse().ok()).flatten()
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        let is_bytes = self.class == "bytes";
        is_bytes
            .then(|| STANDARD.decode(self.base64).ok())
            .flatten()
    }

    /// The text of a non-finite float as `json.dumps` writes it.
    fn dumped(&self) -> &str {
        match self.shown {
            "nan" => "NaN",
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            other => other,
        }
    }
}

fn foreign(class: &str, shown: &str, repr: &str, base64: &str) -> Value {
    let words = json!([class, shown, repr, base64]);
    Value::Object(Map::from_iter([(FOREIGN.to_owned(), words)]))
}

/// The JSON value that stands for bytes.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    let repr = repr_bytes(bytes);
    foreign("bytes", &repr, &repr, &STANDARD.encode(bytes))
}

/// The JSON value of a float, finite or not.
pub(crate) fn float(float: f64) -> Value {
    let shown = match Number::from_f64(float) {
        Some(finite) => return Value::Number(finite),
        None if float.is_nan() => "nan",
        None if float > 0.0 => "inf",
        None => "-inf",
    };
    foreign("float", shown, shown, "")
}

/// The JSON value of an integer in decimal digits, also beyond 64 bits.
pub(crate) fn whole(digits: &str) -> Value {
    match (digits.parse::<i64>(), digits.parse::<u64>()) {
        (Ok(whole), _) => whole.into(),
        (_, Ok(whole)) => whole.into(),
        _ => foreign("int", digits, digits, ""),
    }
}

/// The JSON value that stands for a date or a moment. `time` has hours, minutes, seconds and microseconds.
pub(crate) fn date(date: jiff::civil::Date, time: Option<jiff::civil::Time>) -> Value {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let Some(time) = time else {
        let repr = format!("datetime.date({year}, {month}, {day})");
        return foreign("datetime.date", &date.to_string(), &repr, "");
    };
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let micros = time.subsec_nanosecond() / 1000;
    let mut shown = format!("{date} {hour:02}:{minute:02}:{second:02}");
    let mut repr = format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}");
    if second != 0 || micros != 0 {
        repr.push_str(&format!(", {second}"));
    }
    if micros != 0 {
        shown.push_str(&format!(".{micros:06}"));
        repr.push_str(&format!(", {micros}"));
    }
    foreign("datetime.datetime", &shown, &(repr + ")"), "")
}

/// `repr` of bytes: `b'PK\x03\x04'`.
pub(crate) fn repr_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    let mut out = String::from("b");
    out.push(quote as char);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if byte == quote => {
                out.push('\\');
                out.push(byte as char);
            }
            0x20..0x7f => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote as char);
    out
}

/// Returns true if the value is a `dict` in Python.
pub(crate) fn is_dict(value: &Value) -> bool {
    value.is_object() && Foreign::of(value).is_none()
}

/// Returns true if the value is neither a `list` nor a `dict` in Python.
pub(crate) fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !is_dict(value)
}

/// The text that `json.dumps` writes for a value that JSON lacks.
pub(crate) fn dumped(value: &Value) -> Option<String> {
    Foreign::of(value).map(|foreign| foreign.dumped().to_owned())
}

/// Appends Python's `str(value)`: a string unchanged, any other value as `repr`.
pub(crate) fn push_str(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => out.push_str(text),
        other => match Foreign::of(other) {
            Some(foreign) => out.push_str(foreign.shown),
            None => push_repr(out, other),
        },
    }
}

/// Returns Python's `str(value)`.
pub(crate) fn str(value: &Value) -> String {
    let mut out = String::new();
    push_str(&mut out, value);
    out
}

/// Appends a number: integers exactly, floats in the shortest form that reads back the same.
///
/// Python writes an exponent below 1e-4 and from 1e16, with a sign and at least two digits.
pub(crate) fn push_number(out: &mut String, number: &Number) {
    // The digits come from `serde_json`. If two results are equally short and equally near, it takes the even one, as
    // Python does. The standard library takes the higher one.
    let text = number.to_string();
    if !number.is_f64() {
        out.push_str(&text);
        return;
    }
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(positive) => ("-", positive),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    // The value is 0.DIGITS times ten to this power.
    let power = exponent.parse().unwrap_or(0) + length(whole) - (length(&all) - length(digits));
    let digits = digits.trim_end_matches('0');
    out.push_str(sign);
    out.push_str(&match power {
        _ if digits.is_empty() => "0.0".to_owned(),
        -3..=0 => format!("0.{}{digits}", zeros(-power)),
        1..=16 if power >= length(digits) => {
            format!("{digits}{}.0", zeros(power - length(digits)))
        }
        1..=16 => {
            let (whole, fraction) = digits.split_at(power.unsigned_abs() as usize);
            format!("{whole}.{fraction}")
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let sign = if power > 0 { '+' } else { '-' };
            format!("{first}{point}{rest}e{sign}{:02}", (power - 1).abs())
        }
    });
}

fn length(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX)
}

fn zeros(count: i32) -> String {
    "0".repeat(count.unsigned_abs() as usize)
}

/// Returns true for a blank by Python's `str.isspace`.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The digit zero of every script that has digits of its own (Unicode 14). The other nine digits directly follow each
/// zero.
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The text with the digits of other scripts replaced by ASCII digits. Python reads numbers in this way.
pub(crate) fn with_plain_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| {
        let code = u32::from(c);
        let zero = ZEROS
            .iter()
            .find(|zero| (**zero..**zero + 10).contains(&code));
        zero.and_then(|zero| char::from_digit(code - zero, 10))
            .unwrap_or(c)
    };
    Cow::Owned(text.chars().map(plain).collect())
}

/// `repr` of a string.
pub(crate) fn repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// The name of the value's Python type, as Python's error messages show it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) if Foreign::of(value).is_some_and(|it| it.class == "float") => "float",
        Value::Object(_) => "dict",
    }
}

fn push_repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => push_number(out, number),
        Value::String(text) => push_quoted(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push_repr(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            if let Some(foreign) = Foreign::of(value) {
                return out.push_str(foreign.repr);
            }
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push_quoted(out, key);
                out.push_str(": ");
                push_repr(out, member);
            }
            out.push('}');
        }
    }
}

/// Appends a string in Python's quotes: single quotes, unless the string holds a single quote and no double quote.
fn push_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if is_printable(c) => out.push(c),
            c => match u32::from(c) {
                code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable` for one character.
///
/// The standard library escapes the same Unicode categories. In addition, it escapes a combining character at the start
/// of a text. The `a` before the character prevents that.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spells_floats_as_python_does() {
        for (float, expected) in [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e-5, "1e-05"),
            (1e20, "1e+20"),
            (1e-4, "0.0001"),
            (0.00012345, "0.00012345"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (5e-324, "5e-324"),
            (617405870565842.2, "617405870565842.2"),
            (-251185855478505.12, "-251185855478505.12"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(str(&json!(float)), expected);
        }
    }

    #[test]
    fn keeps_integers_exact() {
        assert_eq!(str(&json!(u64::MAX)), "18446744073709551615");
        assert_eq!(str(&json!(i64::MIN)), "-9223372036854775808");
    }

    #[test]
    fn spells_scalars_and_containers_as_python_does() {
        assert_eq!(str(&json!(null)), "None");
        assert_eq!(str(&json!(true)), "True");
        assert_eq!(str(&json!("it's")), "it's");
        assert_eq!(str(&json!({"3": 0.1, "2": 0.25})), "{'3': 0.1, '2': 0.25}");
        assert_eq!(str(&json!(["a", null, []])), "['a', None, []]");
    }

    #[test]
    fn quotes_strings_as_python_does() {
        for (text, expected) in [
            ("it's", r#"["it's"]"#),
            ("\"it's\"", r#"['"it\'s"']"#),
            ("a\\b\n\t\r\u{1}\u{7f}\u{a0}", r"['a\\b\n\t\r\x01\x7f\xa0']"),
            (
                "é✓\u{301}\u{200d}\u{1f600}",
                "['é✓\u{301}\\u200d\u{1f600}']",
            ),
            ("\u{2028}\u{3000}\u{e0001}", r"['\u2028\u3000\U000e0001']"),
        ] {
            assert_eq!(str(&json!([text])), expected);
        }
    }
}
