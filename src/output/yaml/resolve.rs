//! The implicit types of plain YAML scalars: those of YAML 1.2 as ruamel.yaml has them, including its leniency (`_`
//! within numbers, `0b1`, `017`) and its timestamps.
//!
//! A string that would otherwise be read as another type must be quoted.

use jiff::{ToSpan as _, civil};
use serde_json::Value;

use crate::output::python;

/// Returns true if a text without quotes is read back as a string.
pub(super) fn is_plain_string(text: &str) -> bool {
    let is_word = word(text).is_some() || matches!(text, "<<" | "=");
    !is_word && !is_integer(text) && !is_float(text) && !is_timestamp(text)
}

/// Reads null, true or false.
pub(super) fn word(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// Reads an integer; beyond 64 bits only in decimal digits.
pub(super) fn integer(text: &str) -> Option<Value> {
    if !is_integer(text) {
        return None;
    }
    let text = text.replace('_', "");
    if text.chars().all(|c| c == '-' || is_decimal(c)) && text.ends_with(is_decimal) {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", &*text),
        };
        let digits = match digits.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        return Some(python::whole(&format!("{sign}{digits}")));
    }
    let digits = text.strip_prefix(is_sign).unwrap_or(&text);
    let (radix, digits) = match digits.split_at_checked(2) {
        Some(("0b", digits)) => (2, digits),
        Some(("0o", digits)) => (8, digits),
        Some(("0x", digits)) => (16, digits),
        _ => (10, digits),
    };
    let size = u64::from_str_radix(digits, radix).ok()?;
    if text.starts_with('-') {
        0_i64.checked_sub_unsigned(size).map(Value::from)
    } else {
        Some(size.into())
    }
}

/// Reads a float, finite or not. An integer that does not fit 64 bits is a float, too.
pub(super) fn float(text: &str) -> Option<f64> {
    if is_float(text) || is_integer(text) {
        decimal(text)
    } else {
        None
    }
}

/// Reads a number in decimal digits, or a word that stands for an infinite number or NaN.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => (-1.0, number),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    match number {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" => Some(sign * f64::INFINITY),
        _ if number.starts_with(|c: char| c == '.' || is_decimal(c)) => {
            number.replace('_', "").parse().ok().map(|n: f64| sign * n)
        }
        _ => None,
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, is_digit: fn(char) -> bool| {
        !digits.is_empty() && digits.chars().all(|c| c == '_' || is_digit(c))
    };
    if !text.starts_with(|c: char| is_sign(c) || is_decimal(c)) {
        return false;
    }
    let digits = text.strip_prefix(is_sign).unwrap_or(text);
    let after = |prefix| digits.strip_prefix(prefix);
    all(digits, is_decimal)
        || after("0b").is_some_and(|digits| all(digits, |c| matches!(c, '0' | '1')))
        || after("0o").is_some_and(|digits| all(digits, |c| c.is_digit(8)))
        || after("0x").is_some_and(|digits| all(digits, |c| c.is_ascii_hexdigit()))
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let number = text.strip_prefix(is_sign).unwrap_or(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let digits = |text: &str| -> usize {
        let end = text.find(|c| c != '_' && !is_decimal(c));
        end.unwrap_or(text.len())
    };
    let (whole, rest) = number.split_at(digits(number));
    if whole.starts_with('_') {
        return false;
    }
    match rest.strip_prefix('.') {
        // If there are no digits before the point, the exponent must have a sign.
        Some(rest) if whole.is_empty() => {
            let (fraction, rest) = rest.split_at(digits(rest));
            !fraction.is_empty() && (rest.is_empty() || is_exponent(rest, true))
        }
        Some(rest) => {
            let rest = &rest[digits(rest)..];
            rest.is_empty() || is_exponent(rest, false)
        }
        None => !whole.is_empty() && is_exponent(rest, false),
    }
}

fn is_exponent(text: &str, needs_sign: bool) -> bool {
    let Some(exponent) = text.strip_prefix(['e', 'E']) else {
        return false;
    };
    let (digits, is_signed) = match exponent.strip_prefix(is_sign) {
        Some(digits) => (digits, true),
        None => (exponent, false),
    };
    is_signed >= needs_sign && !digits.is_empty() && digits.chars().all(is_decimal)
}

/// Returns true for `2024-05-01`, and for a date with a time: `2024-5-1 1:02:03.5 +1:00`.
fn is_timestamp(text: &str) -> bool {
    let is_date_only = text.len() == 10
        && text.char_indices().all(|(index, c)| match index {
            4 | 7 => c == '-',
            _ => is_decimal(c),
        });
    is_date_only || after_date_and_time(text).is_some_and(is_fraction_and_zone)
}

/// Reads a date or a moment; a moment with an offset is converted to UTC. Returns `None` for any other text, and an
/// error for a date that does not exist.
pub(super) fn timestamp(text: &str) -> Option<Result<Value, ()>> {
    is_timestamp(text).then(|| moment(text).ok_or(()))
}

fn moment(text: &str) -> Option<Value> {
    let mut numbers = text
        .split(|c| !is_decimal(c))
        .filter(|digits| !digits.is_empty());
    let year = numbers.next()?.parse().ok()?;
    let mut small = || numbers.next()?.parse().ok();
    let date = civil::Date::new(year, small()?, small()?).ok()?;
    if text.len() == 10 && !text.contains(':') {
        return Some(python::date(date, None));
    }
    let time = civil::Time::new(small()?, small()?, small()?, 0).ok()?;
    let rest = after_date_and_time(text)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c| !is_decimal(c)).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let micros: i32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let zone = zone.trim_start_matches([' ', '\t']);
    let mut moment = date.to_datetime(time.with().subsec_nanosecond(micros * 1000).build().ok()?);
    if let Some(offset) = zone.strip_prefix(is_sign) {
        let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
        let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
        let east = !zone.starts_with('-');
        moment = moment
            .checked_sub(if east { minutes } else { -minutes }.minutes())
            .ok()?;
    }
    Some(python::date(moment.date(), Some(moment.time())))
}

fn after_date_and_time(text: &str) -> Option<&str> {
    let rest = number(text, 4, 4)?.strip_prefix('-')?;
    let rest = number(rest, 1, 2)?.strip_prefix('-')?;
    let rest = number(rest, 1, 2)?;
    let time = match rest.strip_prefix(['T', 't']) {
        Some(time) => time,
        None => after_blanks(rest)?,
    };
    let rest = number(time, 1, 2)?.strip_prefix(':')?;
    let rest = number(rest, 2, 2)?.strip_prefix(':')?;
    number(rest, 2, 2)
}

fn is_fraction_and_zone(text: &str) -> bool {
    let rest = match text.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(is_decimal),
        None => text,
    };
    if rest.is_empty() {
        return true;
    }
    let zone = after_blanks(rest).unwrap_or(rest);
    let minutes = zone
        .strip_prefix(is_sign)
        .and_then(|zone| number(zone, 1, 2));
    let is_minutes = |rest: &str| number(rest, 2, 2) == Some("");
    zone == "Z"
        || minutes
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_minutes))
}

/// Reads a number of at least `least` and at most `most` digits. Returns the text after it.
fn number(text: &str, least: usize, most: usize) -> Option<&str> {
    let rest = text.trim_start_matches(is_decimal);
    let digits = text.len() - rest.len();
    (least..=most).contains(&digits).then_some(rest)
}

fn after_blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches([' ', '\t']);
    (rest.len() < text.len()).then_some(rest)
}

fn is_sign(c: char) -> bool {
    matches!(c, '+' | '-')
}

fn is_decimal(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_words_and_arns_plain() {
        for text in [
            "Off",
            "yes",
            "no",
            "on",
            "y",
            "None",
            "$LATEST",
            "nULL",
            "x1",
            "_1",
            "-",
            "+",
            ".",
            "1.2.3",
            "1e",
            "0xg",
            "0o8",
            "2024-05-01T12:00:00.000+0000",
            "2024-5-1",
            "1:20",
            ".5e5",
            "-.nan",
            "arn:aws:lambda:us-east-1:123456789012:function:fA",
            "https://a.b/c",
            "4é",
        ] {
            assert!(is_plain_string(text), "{text}");
        }
    }

    #[test]
    fn knows_what_reads_as_something_else() {
        for text in [
            "",
            "~",
            "null",
            "True",
            "FALSE",
            "<<",
            "=",
            "4",
            "-1",
            "+1",
            "1_000",
            "-_",
            "017",
            "0o17",
            "0b1",
            "0x1F",
            "1.0",
            "1.",
            "1e5",
            "1.5E-5",
            ".5",
            "-.5e+5",
            ".inf",
            "+.INF",
            ".nan",
            "2024-05-01",
            "2024-05-01T12:00:00Z",
            "2024-5-1 1:02:03.5 +1:00",
            "2024-05-01 12:00:00",
            "2024-05-01t1:00:00.-05",
        ] {
            assert!(!is_plain_string(text), "{text}");
        }
    }
}
