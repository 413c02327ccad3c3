//! How Python spells a value: `repr` of a float, `str` of anything.
//!
//! The `aws` command is a Python program, and its spellings reach the user: json prints floats as
//! `1e-05`, text and table print `None`, `True` and, where an object lands in a column,
//! `{'3': 0.1, '2': 0.25}`. Compared with CPython 3.11 on random values; characters newer than its
//! Unicode tables may be escaped by one side and not by the other.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// Appends what Python's `str(value)` gives: a string as it is, anything else as `repr`.
pub(crate) fn push_str(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => out.push_str(text),
        other => push_repr(out, other),
    }
}

/// What Python's `str(value)` gives.
pub(crate) fn str(value: &Value) -> String {
    let mut out = String::new();
    push_str(&mut out, value);
    out
}

/// Appends a number: integers exact, floats the shortest way that reads back the same.
///
/// Python writes an exponent below 1e-4 and from 1e16 on, with a sign and at least two digits.
pub(crate) fn push_number(out: &mut String, number: &Number) {
    // The digits are `serde_json`'s: of two equally short and near, it takes the even one, as
    // Python does; the standard library takes the higher.
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

/// What `str.isspace` calls a blank.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The zeros of the scripts that have digits of their own, nine more behind each; Unicode 14.
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The text with the digits of other scripts as ASCII's, which is how Python reads a number.
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

/// The name of the value's Python type, as its error messages show it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
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

/// A string in Python's quotes: single ones, unless it holds a single quote and no double one.
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
/// The standard library escapes by the same Unicode categories, but also every character that
/// extends the one before it, unless there is one: hence the `a`.
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
