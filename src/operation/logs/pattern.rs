//! Filter patterns. A pattern consists of terms, or of conditions on messages that are JSON.
//!
//! ```text
//! ERROR timeout              both          ?ERROR ?WARN    either       ERROR -retry   the one without the other
//! "Task timed out"           a phrase      %ERR(OR)?%      an expression
//! { $.level = "ERROR" }      a member; also != < <= > >=, a * in a text, && between conditions, || between those
//! ```
//!
//! Patterns of columns (`[ip, user, ...]`) are refused with an error that names them.

use regex_lite::Regex;
use serde_json::Value;

use super::event::invalid;
use crate::{operation::Result, store::Failure};

/// A parsed pattern.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Terms. A message must contain all terms of the first list, at least one of the second, and none of the third.
    Terms {
        all: Vec<Term>,
        any: Vec<Term>,
        none: Vec<Term>,
    },
    /// Groups of conditions on members. All conditions of at least one group must hold.
    Members(Vec<Vec<Condition>>),
}

/// A term.
#[derive(Debug)]
pub(super) enum Term {
    Text(String),
    Expression(Regex),
}

/// A condition on a member.
#[derive(Debug)]
pub(super) struct Condition {
    path: Vec<String>,
    operator: &'static str,
    value: String,
}

/// Longer operators come before shorter ones, because `<=` begins with `<`.
const OPERATORS: [&str; 6] = ["!=", "<=", ">=", "=", "<", ">"];

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// InvalidParameterException, and NotSimulated for patterns that are not simulated.
    pub(super) fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with('[') {
            return Err(Failure::NotSimulated(format!("the filter pattern {text}")));
        }
        if let Some(inner) = text.strip_prefix('{') {
            let inner = inner.strip_suffix('}');
            let inner = inner.ok_or_else(|| invalid("Invalid filter pattern"))?;
            let groups = inner.split("||");
            let groups = groups.map(|group| group.split("&&").map(Condition::read).collect());
            return Ok(Self::Members(groups.collect::<Result<_>>()?));
        }
        let (mut all, mut any, mut none) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = text;
        while !rest.is_empty() {
            let (kind, begun) = match rest.strip_prefix(['?', '-']) {
                Some(begun) => (rest.as_bytes()[0], begun),
                None => (b' ', rest),
            };
            let (term, left) = Term::read(begun)?;
            match kind {
                b'?' => any.push(term),
                b'-' => none.push(term),
                _ => all.push(term),
            }
            rest = left.trim_start();
        }
        Ok(Self::Terms { all, any, none })
    }

    /// Returns true if a message matches.
    pub(super) fn fits(&self, message: &str) -> bool {
        match self {
            Self::Terms { all, any, none } => {
                // If a term is required, the optional terms have no effect (AWS documentation).
                let some = any.is_empty() || !all.is_empty();
                all.iter().all(|term| term.is_in(message))
                    && (some || any.iter().any(|term| term.is_in(message)))
                    && !none.iter().any(|term| term.is_in(message))
            }
            Self::Members(groups) => serde_json::from_str::<Value>(message).is_ok_and(|message| {
                groups
                    .iter()
                    .any(|group| group.iter().all(|condition| condition.holds(&message)))
            }),
        }
    }
}

impl Term {
    /// Reads a term. Returns the term and the text after it.
    fn read(text: &str) -> Result<(Self, &str)> {
        if let Some(quoted) = text.strip_prefix('"') {
            let end = quoted
                .find('"')
                .ok_or_else(|| invalid("Invalid filter pattern"))?;
            return Ok((Self::Text(quoted[..end].to_owned()), &quoted[end + 1..]));
        }
        if let Some(begun) = text.strip_prefix('%') {
            let end = begun
                .find('%')
                .ok_or_else(|| invalid("Invalid filter pattern"))?;
            let expression =
                Regex::new(&begun[..end]).map_err(|_| invalid("Invalid filter pattern"))?;
            return Ok((Self::Expression(expression), &begun[end + 1..]));
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let term = &text[..end];
        let may = |c: char| c.is_alphanumeric() || c == '_';
        if term.is_empty() || !term.chars().all(may) {
            return Err(invalid(&format!("Invalid character(s) in term '{term}'")).into());
        }
        Ok((Self::Text(term.to_owned()), &text[end..]))
    }

    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Expression(expression) => expression.is_match(message),
        }
    }
}

impl Condition {
    fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        let refused = || Failure::NotSimulated(format!("the condition {text} of a filter pattern"));
        let path = text.strip_prefix("$.").ok_or_else(refused)?;
        let found = OPERATORS
            .iter()
            .filter_map(|operator| Some((path.find(operator)?, *operator)));
        // If several operators are found, the one that begins first is used: `!=` begins before the `=` inside it.
        let (at, operator) = found.min_by_key(|(at, _)| *at).ok_or_else(refused)?;
        let value = path[at + operator.len()..].trim();
        let path = path[..at].trim();
        if path.contains(|c: char| !(c.is_alphanumeric() || "_.-".contains(c)))
            || value.starts_with('%')
        {
            return Err(refused());
        }
        let quoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        Ok(Self {
            path: path.split('.').map(str::to_owned).collect(),
            operator,
            value: quoted.unwrap_or(value).to_owned(),
        })
    }

    fn holds(&self, message: &Value) -> bool {
        let mut path = self.path.iter();
        let Some(found) = path.try_fold(message, |value, name| value.get(name.as_str())) else {
            return false;
        };
        let number = self.value.parse::<f64>().ok().zip(found.as_f64());
        let text = match found {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let is_same = match number {
            Some((wanted, found)) => wanted == found,
            None => fits(&self.value, &text),
        };
        match (self.operator, number) {
            ("=", _) => is_same,
            ("!=", _) => !is_same,
            ("<", Some((wanted, found))) => found < wanted,
            ("<=", Some((wanted, found))) => found <= wanted,
            (">", Some((wanted, found))) => found > wanted,
            (">=", Some((wanted, found))) => found >= wanted,
            _ => false,
        }
    }
}

/// Returns true if a text matches a pattern. A `*` in the pattern matches any characters.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_the_documentation_says() {
        let json = r#"{"level": "ERROR", "user": {"id": 7}, "path": "/a/b"}"#;
        for (pattern, message, fits) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR time", "time ERROR", true),
            ("ERROR time", "ERROR", false),
            ("?ERROR ?WARN", "a WARN", true),
            ("?ERROR ?WARN", "an INFO", false),
            ("ERROR -retry", "ERROR, retry", false),
            ("ERROR -retry", "ERROR", true),
            ("\"timed out\"", "Task timed out after", true),
            ("\"timed out\"", "out timed", false),
            ("%ERR(OR)?%", "ERR", true),
            ("%^ERR%", "an ERR", false),
            ("{ $.level = \"ERROR\" }", json, true),
            ("{ $.level = \"ERR*\" }", json, true),
            ("{ $.level != \"ERROR\" }", json, false),
            ("{ $.user.id = 7 }", json, true),
            ("{ $.user.id > 7 || $.path = \"/a/*\" }", json, true),
            ("{ $.user.id >= 7 && $.level = INFO }", json, false),
            ("{ $.level = \"ERROR\" }", "ERROR", false),
            ("{ $.nothing = 1 }", json, false),
        ] {
            let read = Pattern::read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(read.fits(message), fits, "{pattern} over {message}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_what_is_not_simulated_by_name() {
        for (pattern, told) in [
            ("[ERROR]", "the filter pattern [ERROR] is not simulated"),
            (
                "a.b",
                "(InvalidParameterException): Invalid character(s) in term 'a.b'",
            ),
            (
                "\"open",
                "(InvalidParameterException): Invalid filter pattern",
            ),
            (
                "{ $.a IS NULL }",
                "the condition $.a IS NULL of a filter pattern is not simulated",
            ),
        ] {
            let error = Pattern::read(pattern).expect_err(pattern).to_string();
            assert!(error.ends_with(told), "{pattern}: {error}");
        }
    }
}
