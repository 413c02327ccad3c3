//! Python's numbers, equality and order. The text forms of Python's values are in `output::python`.

use std::cmp::Ordering;

use serde_json::Value;

use crate::output::python::{self, Foreign, with_plain_digits};
pub(super) use crate::output::python::{is_space, str, type_name};

/// A number that is either int or float, as in Python.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    /// The type is wider than any integer of a document, so that sums do not overflow.
    Int(i128),
    /// The value is finite in a document. It is not finite after `to_number('inf')`.
    Float(f64),
}

impl Number {
    /// The number of a value; a boolean is not a number.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let Some(number) = value.as_number() else {
            return Foreign::of(value)?.number().map(Self::Float);
        };
        let whole = number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from));
        match whole {
            Some(whole) => Some(Self::Int(whole)),
            None => number.as_f64().map(Self::Float),
        }
    }

    /// The number as a float.
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Int(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// The number in JSON, or the value that stands for a number that JSON lacks.
    pub(super) fn json(self) -> Value {
        match self {
            Self::Int(whole) => match (i64::try_from(whole), u64::try_from(whole)) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(whole)) => whole.into(),
                _ => python::whole(&whole.to_string()),
            },
            Self::Float(float) => python::float(float),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    /// The comparison is exact, even between a float and an integer that no float can hold.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        fn mixed(whole: i128, float: f64) -> Option<Ordering> {
            // The cast saturates at both ends, far beyond any integer compared here.
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

/// Python's `a == b`: `True == 1` and `1 == 1.0` at any depth, regardless of the order of keys.
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

/// The order of two numbers or of two texts (by code point); `None` for any other pair.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        // The order of UTF-8 bytes is the order of code points.
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => Number::of(a)?.partial_cmp(&Number::of(b)?),
    }
}

/// Python's `repr` of a list of texts.
pub(super) fn list(texts: &[&str]) -> String {
    str(&texts.iter().copied().map(Value::from).collect())
}

/// Python's `int(text)`, or else `float(text)`: accepts white space around it, `_` between digits, digits of any
/// script.
pub(super) fn number(text: &str) -> Option<Number> {
    let text = with_plain_digits(text.trim());
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
