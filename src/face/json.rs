//! JSON as the command reads it: strict, with errors in Python's words.
//!
//! serde_json reads the text. If serde_json refuses it, [`complaint`] reads the text again as Python's `json` does, to
//! report `Expecting ',' delimiter: line 1 column 5 (char 4)`. Python accepts numbers that serde_json refuses: they
//! become [`python::Foreign`]. Python also accepts half of a surrogate pair and a hundred levels of nesting; these are
//! refused here.

use std::borrow::Cow;

use serde_json::Value;

use super::python;

/// The deepest nesting that [`complaint`] follows; serde_json stops at 128.
const DEEPEST: usize = 150;

/// Parses a JSON text.
///
/// # Errors
/// Python's complaint: `Expecting value: line 1 column 1 (char 0)`.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let plain = with_numbers_of_python(text);
    serde_json::from_str(&plain).map_err(|_| complaint(text))
}

/// Replaces the numbers that Python can read and serde_json cannot. An object takes the place of each.
fn with_numbers_of_python(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            byte if is_of_word(&&byte) => {
                let end = at + bytes[at..].iter().take_while(is_of_word).count();
                if let Some(number) = number_of_python(&text[at..end]) {
                    out.push_str(&text[kept..at]);
                    out.push_str(&number.to_string());
                    kept = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    match kept {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(out + &text[kept..]),
    }
}

/// A number that serde_json cannot hold, or can hold only inexactly.
fn number_of_python(word: &str) -> Option<Value> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let float = match word {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if !digits.starts_with(|c: char| c.is_ascii_digit()) => return None,
        _ if digits.starts_with('0') && !digits.starts_with("0.") => return None,
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Some(python::whole(word)).filter(Value::is_object);
        }
        _ => word.parse().ok()?,
    };
    Some(python::float_value(float)).filter(Value::is_object)
}

/// The error of Python's `json.loads` for a text that serde_json refused.
fn complaint(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.first() == Some(&'\u{feff}') {
        return located("Unexpected UTF-8 BOM (decode using utf-8-sig)", &chars, 0);
    }
    let scan = Scan { chars: &chars };
    let found = scan.value(scan.blanks(0), 0).and_then(|end| {
        let end = scan.blanks(end);
        if end < chars.len() {
            Err(Found::At("Extra data", end))
        } else {
            Ok(end)
        }
    });
    match found {
        Err(Found::At(what, at)) => located(what, &chars, at),
        Err(Found::TooDeep) => "nested too deeply".to_owned(),
        Ok(_) => "lone surrogates cannot be sent".to_owned(),
    }
}

fn located(what: &str, chars: &[char], at: usize) -> String {
    let before = &chars[..at.min(chars.len())];
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    format!("{what}: line {line} column {column} (char {at})")
}

/// The first fault in a text.
enum Found {
    At(&'static str, usize),
    TooDeep,
}

struct Scan<'a> {
    chars: &'a [char],
}

impl Scan<'_> {
    fn at(&self, index: usize) -> Option<char> {
        self.chars.get(index).copied()
    }

    fn blanks(&self, mut index: usize) -> usize {
        while matches!(self.at(index), Some(' ' | '\t' | '\n' | '\r')) {
            index += 1;
        }
        index
    }

    /// Returns the end of the value that starts at `index`.
    fn value(&self, index: usize, depth: usize) -> Result<usize, Found> {
        if depth > DEEPEST {
            return Err(Found::TooDeep);
        }
        match self.at(index) {
            Some('"') => self.string(index + 1),
            Some('{') => self.object(index + 1, depth),
            Some('[') => self.array(index + 1, depth),
            _ => {
                for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
                    if word
                        .chars()
                        .enumerate()
                        .all(|(i, c)| self.at(index + i) == Some(c))
                    {
                        return Ok(index + word.len());
                    }
                }
                self.number(index)
                    .ok_or(Found::At("Expecting value", index))
            }
        }
    }

    fn object(&self, start: usize, depth: usize) -> Result<usize, Found> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        let mut index = self.blanks(start);
        if self.at(index) == Some('}') {
            return Ok(index + 1);
        }
        loop {
            if self.at(index) != Some('"') {
                return Err(Found::At(NAME, index));
            }
            index = self.blanks(self.string(index + 1)?);
            if self.at(index) != Some(':') {
                return Err(Found::At("Expecting ':' delimiter", index));
            }
            index = self.value(self.blanks(index + 1), depth + 1)?;
            index = self.blanks(index);
            match self.at(index) {
                Some('}') => return Ok(index + 1),
                Some(',') => index = self.blanks(index + 1),
                _ => return Err(Found::At("Expecting ',' delimiter", index)),
            }
        }
    }

    fn array(&self, start: usize, depth: usize) -> Result<usize, Found> {
        let mut index = self.blanks(start);
        if self.at(index) == Some(']') {
            return Ok(index + 1);
        }
        loop {
            index = self.blanks(self.value(index, depth + 1)?);
            match self.at(index) {
                Some(']') => return Ok(index + 1),
                Some(',') => index = self.blanks(index + 1),
                _ => return Err(Found::At("Expecting ',' delimiter", index)),
            }
        }
    }

    /// Returns the end of the text whose first character is at `start`, after its closing quote.
    fn string(&self, start: usize) -> Result<usize, Found> {
        let mut index = start;
        loop {
            match self.at(index) {
                None => return Err(Found::At("Unterminated string starting at", start - 1)),
                Some('"') => return Ok(index + 1),
                Some(c) if (c as u32) < 0x20 => {
                    return Err(Found::At("Invalid control character at", index));
                }
                Some('\\') => match self.at(index + 1) {
                    None => return Err(Found::At("Unterminated string starting at", start - 1)),
                    Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => index += 2,
                    Some('u') => {
                        let hex = (2..6)
                            .all(|i| self.at(index + i).is_some_and(|c| c.is_ascii_hexdigit()));
                        // Python requires a character after the escape, too, at least the closing quote.
                        if !hex || self.at(index + 6).is_none() {
                            return Err(Found::At("Invalid \\uXXXX escape", index + 1));
                        }
                        index += 6;
                    }
                    Some(_) => return Err(Found::At("Invalid \\escape", index)),
                },
                Some(_) => index += 1,
            }
        }
    }

    fn number(&self, start: usize) -> Option<usize> {
        let digits = |mut index: usize| {
            while self.at(index).is_some_and(|c| c.is_ascii_digit()) {
                index += 1;
            }
            index
        };
        let whole = if self.at(start) == Some('-') {
            start + 1
        } else {
            start
        };
        let mut end = match self.at(whole)? {
            '0' => whole + 1,
            '1'..='9' => digits(whole),
            _ => return None,
        };
        if self.at(end) == Some('.') && self.at(end + 1).is_some_and(|c| c.is_ascii_digit()) {
            end = digits(end + 1);
        }
        if matches!(self.at(end), Some('e' | 'E')) {
            let exponent = if matches!(self.at(end + 1), Some('+' | '-')) {
                end + 2
            } else {
                end + 1
            };
            if digits(exponent) > exponent {
                end = digits(exponent);
            }
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn complains_as_python_does() {
        // Each pair holds a text and the error that Python 3.11's json.loads gives for it.
        for (text, complaint) in [
            (
                "{bad",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            (
                "[\"x\"",
                "Expecting ',' delimiter: line 1 column 5 (char 4)",
            ),
            ("", "Expecting value: line 1 column 1 (char 0)"),
            (
                "{\"a\":1,}",
                "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)",
            ),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            (
                "{\"a\" 1}",
                "Expecting ':' delimiter: line 1 column 6 (char 5)",
            ),
            (
                "{\"a\":\n tru}",
                "Expecting value: line 2 column 2 (char 7)",
            ),
            (
                "{\"a\":1 \"b\":2}",
                "Expecting ',' delimiter: line 1 column 8 (char 7)",
            ),
            ("[1] x", "Extra data: line 1 column 5 (char 4)"),
            (
                "[\"a",
                "Unterminated string starting at: line 1 column 2 (char 1)",
            ),
            (
                "[\"a\nb\"]",
                "Invalid control character at: line 1 column 4 (char 3)",
            ),
            ("[\"\\x\"]", "Invalid \\escape: line 1 column 3 (char 2)"),
            (
                "[\"\\u12\"]",
                "Invalid \\uXXXX escape: line 1 column 4 (char 3)",
            ),
            ("01", "Extra data: line 1 column 2 (char 1)"),
        ] {
            assert_eq!(parse(text), Err(complaint.to_owned()), "{text}");
        }
    }

    #[test]
    fn keeps_the_last_of_two_equal_keys() {
        assert_eq!(
            parse("{\"a\":1,\"b\":2,\"a\":3}").map(|v| v.to_string()),
            Ok("{\"a\":3,\"b\":2}".to_owned())
        );
    }

    #[test]
    fn reads_the_numbers_of_python() {
        let text = "{\"NaN \\\" Infinity\": [NaN, -Infinity, 1e999, -99999999999999999999, 18446744073709551615, 1.5]}";
        let value = parse(text).unwrap();
        assert_eq!(
            python::str(&value, false),
            "{'NaN \" Infinity': [nan, -inf, inf, -99999999999999999999, 18446744073709551615, 1.5]}"
        );
        assert!(parse("{NaN: 1}").is_err() && parse("[099999999999999999999]").is_err());
    }

    #[test]
    fn refuses_what_python_takes_and_no_service_does() {
        assert_eq!(
            parse("[\"\\ud800\"]"),
            Err("lone surrogates cannot be sent".to_owned())
        );
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\",:0-9a-z\\\\ .eE+-]{0,40}") {
            let _ = complaint(&text);
        }
    }
}
