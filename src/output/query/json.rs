//! JSON as Python's `json.loads` reads it, for text between backticks or double quotes.
//!
//! serde_json is not enough: the error for an invalid quoted identifier must be in Python's words, and Python accepts
//! `NaN`, `Infinity`, numbers of any size and half of a surrogate pair.

use serde_json::{Map, Value};

use super::parser::MAX_DEPTH;
use super::python::Number;

/// The reason why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    /// The text is not JSON. Holds Python's message without the position.
    Invalid(&'static str),
    /// More than [`MAX_DEPTH`] nested lists and objects.
    TooDeep,
}

/// Reads one JSON value, with white space around it.
pub(super) fn loads(text: &str) -> Result<Value, Error> {
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    reader.skip_space();
    let value = reader.value()?;
    reader.skip_space();
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(Error::Invalid("Extra data"))
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, Error> {
        const WORDS: [(&str, Value); 6] = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Null),
            ("Infinity", Value::Null),
            ("-Infinity", Value::Null),
        ];
        if self.eat("\"") {
            return self.string().map(Value::String);
        }
        if self.eat("[") {
            return self.nested(Self::array);
        }
        if self.eat("{") {
            return self.nested(Self::object);
        }
        for (word, value) in WORDS {
            if self.eat(word) {
                return Ok(value);
            }
        }
        self.number().ok_or(Error::Invalid("Expecting value"))
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.skip_space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut elements = Vec::new();
        if self.eat("]") {
            return Ok(elements.into());
        }
        loop {
            elements.push(self.value()?);
            self.skip_space();
            if self.eat("]") {
                return Ok(elements.into());
            }
            self.expect(",", "Expecting ',' delimiter")?;
            self.skip_space();
        }
    }

    fn object(&mut self) -> Result<Value, Error> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        let mut members = Map::new();
        if self.eat("}") {
            return Ok(members.into());
        }
        loop {
            self.expect("\"", NAME)?;
            let key = self.string()?;
            self.skip_space();
            self.expect(":", "Expecting ':' delimiter")?;
            self.skip_space();
            let value = self.value()?;
            members.insert(key, value);
            self.skip_space();
            if self.eat("}") {
                return Ok(members.into());
            }
            self.expect(",", "Expecting ',' delimiter")?;
            self.skip_space();
        }
    }

    /// Reads a string from the first character after its opening quote.
    fn string(&mut self) -> Result<String, Error> {
        let mut out = String::new();
        // The first half of a surrogate pair, if the second half has not been read yet.
        let mut high = None;
        loop {
            let Some(c) = self.next() else {
                return Err(Error::Invalid("Unterminated string starting at"));
            };
            let unit = match c {
                '\\' => self.escape()?,
                '"' => {
                    out.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
                    return Ok(out);
                }
                '\0'..='\u{1f}' => return Err(Error::Invalid("Invalid control character at")),
                _ => u32::from(c),
            };
            if let Some(first) = high.take() {
                if let 0xdc00..=0xdfff = unit {
                    let code = 0x10000_u32 + ((first - 0xd800) << 10) + (unit - 0xdc00);
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    continue;
                }
                out.push(char::REPLACEMENT_CHARACTER);
            }
            match unit {
                0xd800..=0xdbff => high = Some(unit),
                _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
            }
        }
    }

    /// Reads an escape from the character after the backslash. Returns a code point or half of a surrogate pair.
    fn escape(&mut self) -> Result<u32, Error> {
        let plain = match self.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let mut unit = 0;
                for _ in 0..4 {
                    let digit = self.next().and_then(|c| c.to_digit(16));
                    unit = unit * 16 + digit.ok_or(Error::Invalid("Invalid \\uXXXX escape"))?;
                }
                return Ok(unit);
            }
            _ => return Err(Error::Invalid("Invalid \\escape")),
        };
        Ok(u32::from(plain))
    }

    /// Reads the longest match of `-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?`.
    fn number(&mut self) -> Option<Value> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let text = self.rest;
        let after = |length: usize| text.get(length..).unwrap_or_default();
        let sign = usize::from(text.starts_with('-'));
        let mut length = sign
            + match digits(after(sign)) {
                0 => return None,
                _ if after(sign).starts_with('0') => 1,
                count => count,
            };
        let whole = length;
        if after(length).starts_with('.') {
            match digits(after(length + 1)) {
                0 => {}
                count => length += 1 + count,
            }
        }
        if after(length).starts_with(['e', 'E']) {
            let sign = usize::from(after(length + 1).starts_with(['-', '+']));
            match digits(after(length + 1 + sign)) {
                0 => {}
                count => length += 1 + sign + count,
            }
        }
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let number = match text.parse::<i128>() {
            Ok(number) if length == whole => Number::Int(number),
            _ => Number::Float(text.parse().ok()?),
        };
        Some(number.json())
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn eat(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, word: &str, message: &'static str) -> Result<(), Error> {
        if self.eat(word) {
            Ok(())
        } else {
            Err(Error::Invalid(message))
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}
