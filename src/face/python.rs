//! The parts of Python that are visible through the `aws` command: `repr`, `int()`, `float()`, type names, and the
//! rules for blanks.
//!
//! The command is a Python program, and its messages quote Python's view of a value: `<class 'int'>`, `'true'`, `None`.
//! All modules of the face use this module for such texts.

use serde_json::Value;

use super::exit::Stop;
use crate::output::python::{self, with_plain_digits};
pub(crate) use crate::output::python::{
    Foreign, bytes, float as float_value, is_space, repr, repr_bytes, whole,
};

/// Python's `str.strip()`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `str(type(value))`. `ordered` is true for JSON on an option, whose objects are OrderedDicts.
pub(crate) fn class(value: &Value, ordered: bool) -> &'static str {
    match value {
        Value::Null => "<class 'NoneType'>",
        Value::Bool(_) => "<class 'bool'>",
        Value::Number(n) if n.is_f64() => "<class 'float'>",
        Value::Number(_) => "<class 'int'>",
        Value::String(_) => "<class 'str'>",
        Value::Array(_) => "<class 'list'>",
        Value::Object(_) => match Foreign::of(value).map(|foreign| foreign.class) {
            Some("bytes") => "<class 'bytes'>",
            Some("int") => "<class 'int'>",
            Some("float") => "<class 'float'>",
            Some("datetime.date") => "<class 'datetime.date'>",
            Some(_) => "<class 'datetime.datetime'>",
            None if ordered => "<class 'collections.OrderedDict'>",
            None => "<class 'dict'>",
        },
    }
}

/// `str(value)`: text without quotes at the top, `repr` within lists and dicts.
pub(crate) fn str(value: &Value, ordered: bool) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => match Foreign::of(other) {
            Some(foreign) => foreign.shown.to_owned(),
            None => repr_value(other, ordered),
        },
    }
}

fn repr_value(value: &Value, ordered: bool) -> String {
    if let Some(foreign) = Foreign::of(value) {
        return foreign.repr.to_owned();
    }
    match value {
        Value::String(text) => repr(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => python::str(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| repr_value(item, ordered)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if ordered => {
            let members: Vec<String> = members
                .iter()
                .map(|(k, v)| format!("({}, {})", repr(k), repr_value(v, ordered)))
                .collect();
            if members.is_empty() {
                "OrderedDict()".to_owned()
            } else {
                format!("OrderedDict([{}])", members.join(", "))
            }
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(k, v)| format!("{}: {}", repr(k), repr_value(v, ordered)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// `repr` of a float, also of `nan` and `inf`.
pub(crate) fn float_repr(f: f64) -> String {
    match serde_json::Number::from_f64(f) {
        Some(finite) => python::str(&Value::Number(finite)),
        None if f.is_nan() => "nan".to_owned(),
        None if f > 0.0 => "inf".to_owned(),
        None => "-inf".to_owned(),
    }
}

/// `int(text)`: reads a sign, and digits with single underscores between them. Blanks around them are allowed, but not
/// U+001C to U+001F, which [`strip`] also removes. A number beyond 64 bits becomes the nearest one that fits.
pub(crate) fn int(text: &str) -> Result<i64, String> {
    let refused = || format!("invalid literal for int() with base 10: {}", repr(text));
    let plain = with_plain_digits(text.trim());
    let trimmed = plain.as_ref();
    let (negative, digits) = match trimmed.strip_prefix(['+', '-']) {
        Some(rest) => (trimmed.starts_with('-'), rest),
        None => (false, trimmed),
    };
    if !grouped_digits(digits) {
        return Err(refused());
    }
    let mut value: i64 = 0;
    for digit in digits.chars().filter_map(|c| c.to_digit(10)) {
        let digit = i64::from(digit);
        value = value.saturating_mul(10);
        value = if negative {
            value.saturating_sub(digit)
        } else {
            value.saturating_add(digit)
        };
    }
    Ok(value)
}

/// Returns true for digits with single underscores between them.
fn grouped_digits(text: &str) -> bool {
    !text.is_empty()
        && text
            .split('_')
            .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()))
}

/// `float(text)`, also for `inf` and `nan`.
pub(crate) fn float(text: &str) -> Result<f64, String> {
    let refused = || format!("could not convert string to float: {}", repr(text));
    let plain = with_plain_digits(text.trim());
    let trimmed = plain.as_ref();
    let underscores_between_digits = trimmed.match_indices('_').all(|(at, _)| {
        let bytes = trimmed.as_bytes();
        let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    });
    if !underscores_between_digits {
        return Err(refused());
    }
    trimmed.replace('_', "").parse().map_err(|_| refused())
}

/// Makes a checked request ready to send. An integer beyond 64 bits becomes the nearest integer that fits. A moment
/// becomes its text.
///
/// # Errors
/// A number that is not finite, which no service accepts.
pub(crate) fn sendable(value: &mut Value) -> Result<(), Stop> {
    if let Some(foreign) = Foreign::of(value) {
        let sent = match foreign.class {
            "float" => number(foreign.number().unwrap_or(f64::NAN)).map_err(Stop::Other)?,
            "int" => int(foreign.shown).map_err(Stop::Other)?.into(),
            _ => foreign.shown.into(),
        };
        *value = sent;
        return Ok(());
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(sendable),
        Value::Object(members) => members.values_mut().try_for_each(sendable),
        _ => Ok(()),
    }
}

/// A finite float as JSON. For other floats, Python would write `NaN` or `Infinity`, and no service accepts these.
pub(crate) fn number(f: f64) -> Result<Value, String> {
    serde_json::Number::from_f64(f)
        .map(Value::Number)
        .ok_or_else(|| {
            format!(
                "Out of range float values are not JSON compliant: {}",
                float_repr(f)
            )
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quotes_as_python_does() {
        assert_eq!(repr("true"), "'true'");
        assert_eq!(repr("don't"), "\"don't\"");
        assert_eq!(repr("a'b\"c\n\u{1}\\"), "'a\\'b\"c\\n\\x01\\\\'");
        assert_eq!(
            str(&bytes(b"from-file\n\xff"), false),
            "b'from-file\\n\\xff'"
        );
    }

    #[test]
    fn reads_whole_numbers_as_int_does() {
        for (text, value) in [
            ("010", 10),
            ("+256", 256),
            (" 5 ", 5),
            ("1_000", 1000),
            ("-3", -3),
            ("-0", 0),
        ] {
            assert_eq!(int(text), Ok(value), "{text}");
        }
        assert_eq!(int("99999999999999999999"), Ok(i64::MAX));
        assert_eq!(int("-99999999999999999999"), Ok(i64::MIN));
        for text in ["", "abc", "3.5", "1__0", "_1", "1_", "+-1", "0x10", "+ 1"] {
            assert_eq!(
                int(text),
                Err(format!(
                    "invalid literal for int() with base 10: {}",
                    repr(text)
                ))
            );
        }
    }

    #[test]
    fn reads_and_writes_floats() {
        assert_eq!(float(" 0.1 "), Ok(0.1));
        assert_eq!(float("1_0.5"), Ok(10.5));
        assert!(float("abc").is_err() && float("_1").is_err() && float("1e").is_err());
        assert!(float("nan").is_ok_and(f64::is_nan) && number(f64::NAN).is_err());
        for (f, text) in [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (1e-5, "1e-05"),
            (1e20, "1e+20"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
        ] {
            assert_eq!(float_repr(f), text);
        }
    }

    #[test]
    fn spells_values() {
        let value = json!({"a": [1, 1.0, null, true, "x"], "b": {}});
        assert_eq!(
            str(&value, false),
            "{'a': [1, 1.0, None, True, 'x'], 'b': {}}"
        );
        assert_eq!(
            str(&value, true),
            "OrderedDict([('a', [1, 1.0, None, True, 'x']), ('b', OrderedDict())])"
        );
        assert_eq!(str(&json!("bare"), false), "bare");
        assert_eq!(str(&bytes(b"x"), false), "b'x'");
        assert_eq!(class(&bytes(b"x"), false), "<class 'bytes'>");
        assert_eq!(class(&json!(1), false), "<class 'int'>");
    }
}
