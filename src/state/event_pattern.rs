//! The check of event patterns, which the filters of an event source mapping contain. This module does not compare
//! events with patterns.
//!
//! ```json
//! { "body": { "type": ["order", { "prefix": "refund-" }], "total": [{ "numeric": [">", 0, "<=", 100] }] } }
//! ```
//!
//! The rules are those that AWS documents for event patterns: a pattern is an object of fields, and a field holds
//! another object or a list of the values that match.

use std::net::IpAddr;

use crate::state::plain::plain;
use serde_json::{Map, Value};

/// Checks an event pattern.
///
/// # Errors
/// The fault and its position in the pattern, in our words. Lambda's own message is only that the definition is
/// invalid.
pub fn check(text: &str) -> Result<(), String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => object(&fields, "the pattern"),
        Ok(_) => Err("a pattern is a JSON object".to_owned()),
        Err(error) => Err(format!("it is not JSON: {}", plain(&error))),
    }
}

fn object(fields: &Map<String, Value>, at: &str) -> Result<(), String> {
    if fields.is_empty() {
        return Err(format!("{at} is an empty object"));
    }
    for (name, value) in fields {
        match value {
            Value::Object(inner) => object(inner, name)?,
            Value::Array(items) => match alternatives(name, items) {
                Some(patterns) => {
                    for pattern in patterns {
                        object(pattern, name)?;
                    }
                }
                None => values(items, name)?,
            },
            _ => return Err(format!("{name} has to hold an object or a list")),
        }
    }
    Ok(())
}

/// Returns the patterns under `$or`. Returns `None` if `$or` is the name of a field; such a field holds a list of
/// values, as any other field does.
fn alternatives<'v>(name: &str, items: &'v [Value]) -> Option<Vec<&'v Map<String, Value>>> {
    if name != "$or" || items.is_empty() {
        return None;
    }
    items.iter().map(Value::as_object).collect()
}

fn values(items: &[Value], at: &str) -> Result<(), String> {
    if items.is_empty() {
        return Err(format!("{at} is an empty list"));
    }
    for item in items {
        match item {
            Value::Object(matcher) => one_matcher(matcher, at)?,
            Value::Array(_) => return Err(format!("{at} holds a list in a list")),
            Value::Number(_) => number(item, at)?,
            Value::String(_) | Value::Bool(_) | Value::Null => {}
        }
    }
    Ok(())
}

fn one_matcher(matcher: &Map<String, Value>, at: &str) -> Result<(), String> {
    let mut members = matcher.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(format!(
            "a matcher of {at} needs exactly one name, not {}",
            matcher.len()
        ));
    };
    let wrong = |what: &str| Err(format!("{name} of {at} takes {what}"));
    match name.as_str() {
        "exists" if value.is_boolean() => Ok(()),
        "exists" => wrong("true or false"),
        "prefix" | "suffix" if is_affix(value) => Ok(()),
        "prefix" | "suffix" => wrong("text"),
        "equals-ignore-case" if value.is_string() => Ok(()),
        "equals-ignore-case" => wrong("text"),
        "wildcard" if value.as_str().is_some_and(is_wildcard) => Ok(()),
        "wildcard" => wrong("text without two asterisks in a row"),
        "cidr" if value.as_str().is_some_and(is_cidr) => Ok(()),
        "cidr" => wrong("an address range, for example 10.0.0.0/24"),
        "numeric" => numeric(value, at),
        "anything-but" if is_anything_but(value) => Ok(()),
        "anything-but" => wrong("text, a number, a list of one of them, or one matcher of text"),
        _ => Err(format!("{at} has no matcher {name:?}")),
    }
}

/// Returns true for text, and for an object that means text compared without regard to case.
fn is_affix(value: &Value) -> bool {
    value.is_string()
        || value.as_object().is_some_and(|of| {
            of.len() == 1 && of.get("equals-ignore-case").is_some_and(Value::is_string)
        })
}

fn is_wildcard(text: &str) -> bool {
    !text.contains("**")
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_anything_but(value: &Value) -> bool {
    let texts = |value: &Value| match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_string),
        other => other.is_string(),
    };
    match value {
        Value::String(_) | Value::Number(_) => true,
        Value::Array(items) => {
            !items.is_empty()
                && (items.iter().all(Value::is_string) || items.iter().all(Value::is_number))
        }
        Value::Object(of) => {
            let inner = ["prefix", "suffix", "equals-ignore-case", "wildcard"];
            let mut members = of.iter();
            match (members.next(), members.next()) {
                (Some((name, value)), None) => inner.contains(&name.as_str()) && texts(value),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Checks `["=", 5]`, `[">", 0]` and ranges such as `[">", 0, "<=", 5]`.
fn numeric(value: &Value, at: &str) -> Result<(), String> {
    let wrong = || {
        Err(format!(
            "numeric of {at} takes an operator and a number, or two of them: the lower and the upper bound of a \
             range"
        ))
    };
    let Some(items) = value.as_array() else {
        return wrong();
    };
    let operator = |at: usize| items.get(at).and_then(Value::as_str).unwrap_or_default();
    for bound in items.iter().skip(1).step_by(2) {
        number(bound, at)?;
    }
    let bound = |at: usize| items.get(at).and_then(Value::as_f64);
    match items.len() {
        2 if ["=", "<", "<=", ">", ">="].contains(&operator(0)) => Ok(()),
        4 if [">", ">="].contains(&operator(0))
            && ["<", "<="].contains(&operator(2))
            && bound(1) < bound(3) =>
        {
            Ok(())
        }
        _ => wrong(),
    }
}

/// Checks a number. The service can distinguish numbers only between -5,000,000,000 and 5,000,000,000 (AWS
/// documentation).
fn number(value: &Value, at: &str) -> Result<(), String> {
    match value.as_f64() {
        Some(number) if number.abs() <= 5e9 => Ok(()),
        Some(_) => Err(format!(
            "{at} holds a number beyond 5,000,000,000 or -5,000,000,000"
        )),
        None => Err(format!("{at} takes a number here")),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn every_matcher_that_is_documented_is_taken() {
        for field in [
            r#"["order"]"#,
            r#"["order", 7, true, null, ""]"#,
            r#"[{"exists": false}]"#,
            r#"[{"prefix": "a"}, {"suffix": {"equals-ignore-case": ".png"}}]"#,
            r#"[{"equals-ignore-case": "a"}]"#,
            r#"[{"anything-but": "a"}]"#,
            r#"[{"anything-but": [1, 2]}]"#,
            r#"[{"anything-but": {"prefix": "a"}}]"#,
            r#"[{"anything-but": {"wildcard": ["*a", "b*"]}}]"#,
            r#"[{"numeric": ["=", 3.1e2]}]"#,
            r#"[{"numeric": [">", 0, "<=", 5]}]"#,
            r#"[{"wildcard": "a*b*"}]"#,
            r#"[{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}]"#,
            r#"{"inner": {"deep": ["x"]}}"#,
        ] {
            let text = format!(r#"{{"body": {field}}}"#);
            assert_eq!(check(&text), Ok(()), "{text}");
        }
        for text in [
            r#"{"$or": [{"a": ["x"]}, {"b": {"c": [{"exists": true}]}}]}"#,
            r#"{"$or": ["a value of a field of that name"]}"#,
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_and_the_fault_is_named() {
        for (text, fault) in [
            ("", "it is not JSON"),
            ("null", "a pattern is a JSON object"),
            (
                r#"[{"eventName": ["INSERT"]}]"#,
                "a pattern is a JSON object",
            ),
            (r#"{"eventName": ["INSERT"=123}"#, "it is not JSON"),
            ("{}", "the pattern is an empty object"),
            (r#"{"a": {}}"#, "a is an empty object"),
            (r#"{"a": []}"#, "a is an empty list"),
            (r#"{"a": "x"}"#, "a has to hold an object or a list"),
            (r#"{"a": [["x"]]}"#, "a holds a list in a list"),
            (r#"{"a": [6e9]}"#, "a holds a number beyond"),
            (r#"{"a": [{}]}"#, "needs exactly one name, not 0"),
            (
                r#"{"a": [{"prefix": "a", "suffix": "b"}]}"#,
                "needs exactly one name, not 2",
            ),
            (r#"{"a": [{"Prefix": "a"}]}"#, "a has no matcher \"Prefix\""),
            (r#"{"a": [{"prefix": 1}]}"#, "prefix of a takes text"),
            (
                r#"{"a": [{"exists": "true"}]}"#,
                "exists of a takes true or false",
            ),
            (r#"{"a": [{"wildcard": "a**"}]}"#, "two asterisks"),
            (r#"{"a": [{"cidr": "10.0.0.0/33"}]}"#, "an address range"),
            (
                r#"{"a": [{"anything-but": []}]}"#,
                "anything-but of a takes",
            ),
            (
                r#"{"a": [{"anything-but": [1, "a"]}]}"#,
                "anything-but of a takes",
            ),
            (
                r#"{"a": [{"anything-but": {"exists": true}}]}"#,
                "anything-but of a takes",
            ),
            (
                r#"{"a": [{"numeric": [">"]}]}"#,
                "numeric of a takes an operator",
            ),
            (
                r#"{"a": [{"numeric": ["!=", 1]}]}"#,
                "numeric of a takes an operator",
            ),
            (
                r#"{"a": [{"numeric": ["<", 5, ">", 0]}]}"#,
                "the lower and the upper bound",
            ),
            (
                r#"{"a": [{"numeric": [">", 5, "<", 0]}]}"#,
                "the lower and the upper bound",
            ),
            (r#"{"a": [{"numeric": [">", "5"]}]}"#, "takes a number"),
            (r#"{"$or": [{"a": ["x"]}, {}]}"#, "$or is an empty object"),
        ] {
            let told = check(text).expect_err(text);
            assert!(told.contains(fault), "{text}: {told}");
        }
    }
}
