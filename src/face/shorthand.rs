//! The shorthand syntax of structures, maps and lists: `Variables={A=1,B=2}`, `SubnetIds=s1,s2`.
//!
//! This module is a transcription of the grammar that aws-cli implements, with its peculiarities: `{A=}` is an error
//! because `}` may start a word; `{A=1 B=2}` is one variable; a duplicate key is an error at the top but not within
//! braces; after `a=b,` the parser first tries to read another list item; if that fails, it goes back to the comma and
//! reads a new key. It was compared with the parser of aws-cli 1.45.11 on random inputs, including the messages.
//!
//! The parser knows no types. Afterwards, [`apply`] converts the texts to the types of the shape.

use serde_json::{Map, Value};

use super::python;
use crate::operation::shape::Shape;

/// The deepest nesting of lists and braces.
const DEEPEST: usize = 100;

/// The reason why a word cannot be read as a value.
#[derive(Debug, PartialEq)]
pub(crate) enum Error<E> {
    /// A text that does not follow the grammar. The message shows the position of the error.
    Syntax(String),
    /// A file that is named after `@=` and could not be read.
    Load(E),
}

/// Reads one word. If a value after `@=` names a file, `load` returns the contents of the file.
///
/// # Errors
/// The grammar's error, with the input and a caret, or an error of `load`.
pub(crate) fn parse<E>(
    input: &str,
    load: &mut dyn FnMut(&str) -> Result<Option<Value>, E>,
) -> Result<Map<String, Value>, Error<E>> {
    let mut parser = Parser {
        input: input.chars().collect(),
        index: 0,
        at_sign: false,
        depth: 0,
        load,
    };
    parser.parameter()
}

struct Parser<'a, E> {
    input: Vec<char>,
    index: usize,
    /// True if `@` follows the key. The key's values may then name files.
    at_sign: bool,
    depth: usize,
    load: &'a mut dyn FnMut(&str) -> Result<Option<Value>, E>,
}

type Parsed<T, E> = Result<T, Error<E>>;

impl<E> Parser<'_, E> {
    fn parameter(&mut self) -> Parsed<Map<String, Value>, E> {
        let mut params = Map::new();
        let (key, value) = self.keyval()?;
        params.insert(key, value);
        let mut last = self.index;
        while !self.at_end() {
            self.expect_between_blanks(',')?;
            let (key, value) = self.keyval()?;
            if params.contains_key(&key) {
                return Err(Error::Syntax(format!(
                    "Second instance of key \"{key}\" encountered for input:\n{}\nThis is often because there is \
                     a preceding \",\" instead of a space.",
                    self.location(last + 1)
                )));
            }
            params.insert(key, value);
            last = self.index;
        }
        Ok(params)
    }

    fn keyval(&mut self) -> Parsed<(String, Value), E> {
        let key = self.key();
        self.at_sign_then_equals()?;
        let value = match self.current() {
            None => Value::String(String::new()),
            Some('[') => self.list()?,
            Some('{') => self.hash()?,
            Some(_) => self.csv()?,
        };
        Ok((key, value))
    }

    fn key(&mut self) -> String {
        let start = self.index;
        while self
            .current()
            .is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c))
        {
            self.index += 1;
        }
        self.input[start..self.index].iter().collect()
    }

    fn at_sign_then_equals(&mut self) -> Parsed<(), E> {
        self.blanks();
        self.at_sign = self.current() == Some('@');
        if self.at_sign {
            self.index += 1;
        }
        self.expect_between_blanks('=')
    }

    /// Parses `b` or `b,c`. If the text after a comma is a key, goes back to the comma.
    fn csv(&mut self) -> Parsed<Value, E> {
        let first = self.first()?;
        self.blanks();
        if self.current() != Some(',') {
            return Ok(first);
        }
        self.expect_between_blanks(',')?;
        let mut list = vec![first];
        loop {
            match self.another() {
                Ok((item, ended)) => {
                    list.push(item);
                    if ended {
                        break;
                    }
                }
                Err(Error::Syntax(_)) if !self.at_end() => {
                    while self.current() != Some(',') && self.index > 0 {
                        self.index -= 1;
                    }
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        match list.len() {
            1 => Ok(list.swap_remove(0)),
            _ => Ok(Value::Array(list)),
        }
    }

    /// Parses one more item of a list. Also returns true if the input ends after the item.
    fn another(&mut self) -> Parsed<(Value, bool), E> {
        let item = match self.current() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote)?,
            _ => match self.word(follows_in_second) {
                Some(word) => self.loaded(word)?,
                None => return Err(self.syntax("<second>", "<none>")),
            },
        };
        self.blanks();
        if self.at_end() {
            return Ok((item, true));
        }
        self.expect_between_blanks(',')?;
        Ok((item, false))
    }

    fn list(&mut self) -> Parsed<Value, E> {
        self.deeper()?;
        self.expect_between_blanks('[')?;
        let mut items = Vec::new();
        while self.current() != Some(']') {
            items.push(self.explicit()?);
            self.comma_unless(']')?;
        }
        self.index += 1;
        self.depth -= 1;
        Ok(Value::Array(items))
    }

    fn hash(&mut self) -> Parsed<Value, E> {
        self.deeper()?;
        self.expect_between_blanks('{')?;
        let mut members = Map::new();
        while self.current() != Some('}') {
            let key = self.key();
            self.at_sign_then_equals()?;
            let value = self.explicit()?;
            self.comma_unless('}')?;
            members.insert(key, value);
        }
        self.index += 1;
        self.depth -= 1;
        Ok(Value::Object(members))
    }

    fn explicit(&mut self) -> Parsed<Value, E> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.hash(),
            _ => self.first(),
        }
    }

    fn comma_unless(&mut self, close: char) -> Parsed<(), E> {
        self.blanks();
        if self.current() != Some(close) {
            self.expect(',')?;
            self.blanks();
        }
        Ok(())
    }

    fn first(&mut self) -> Parsed<Value, E> {
        match self.current() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            _ => match self.word(follows_in_first) {
                Some(word) => self.loaded(word),
                None => Ok(Value::String(String::new())),
            },
        }
    }

    /// Reads a word, unescapes the commas in it, and removes the blanks at its end; `None` if no word starts here.
    fn word(&mut self, follows: fn(char) -> bool) -> Option<String> {
        let start = self.index;
        let mut allowed: fn(char) -> bool = starts_a_word;
        while let Some(c) = self.current() {
            if c == '\\' && self.input.get(self.index + 1) == Some(&',') {
                self.index += 2;
            } else if allowed(c) {
                self.index += 1;
            } else {
                break;
            }
            allowed = follows;
        }
        if self.index == start {
            return None;
        }
        let word: String = self.input[start..self.index].iter().collect();
        Some(
            word.replace("\\,", ",")
                .trim_end_matches(python::is_space)
                .to_owned(),
        )
    }

    /// Reads a quoted text. If no other quote closes the text, the last quote of the input closes it, even after a
    /// backslash.
    fn quoted(&mut self, quote: char) -> Parsed<Value, E> {
        let mut index = self.index + 1;
        let mut escaped = None;
        let close = loop {
            match self.input.get(index) {
                None => break escaped,
                Some(c) if *c == quote => break Some(index),
                Some('\\') if self.input.get(index + 1) == Some(&quote) => {
                    escaped = Some(index + 1);
                    index += 2;
                }
                Some(_) => index += 1,
            }
        };
        let Some(close) = close else {
            let name = if quote == '\'' {
                "<singled quoted>"
            } else {
                "<double quoted>"
            };
            return Err(self.syntax(name, "<none>"));
        };
        let text: String = self.input[self.index + 1..close].iter().collect();
        self.index = close + 1;
        self.loaded(
            text.replace(&format!("\\{quote}"), &quote.to_string())
                .replace("\\\\", "\\"),
        )
    }

    fn loaded(&mut self, text: String) -> Parsed<Value, E> {
        if self.at_sign
            && let Some(value) = (self.load)(&text).map_err(Error::Load)?
        {
            return Ok(value);
        }
        Ok(Value::String(text))
    }

    fn deeper(&mut self) -> Parsed<(), E> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Error::Syntax("Nested too deeply".to_owned()));
        }
        Ok(())
    }

    fn current(&self) -> Option<char> {
        self.input.get(self.index).copied()
    }

    fn at_end(&self) -> bool {
        self.index >= self.input.len()
    }

    /// Skips the characters of Python's `string.whitespace`, which are ASCII only.
    fn blanks(&mut self) {
        while self
            .current()
            .is_some_and(|c| " \t\n\r\x0b\x0c".contains(c))
        {
            self.index += 1;
        }
    }

    fn expect_between_blanks(&mut self, wanted: char) -> Parsed<(), E> {
        self.blanks();
        self.expect(wanted)?;
        self.blanks();
        Ok(())
    }

    fn expect(&mut self, wanted: char) -> Parsed<(), E> {
        match self.current() {
            Some(c) if c == wanted => {
                self.index += 1;
                Ok(())
            }
            Some(c) => Err(self.syntax(&wanted.to_string(), &c.to_string())),
            None => Err(self.syntax(&wanted.to_string(), "EOF")),
        }
    }

    // The blank before the input is aws-cli's own; because of it, the caret is one column too far to the left.
    fn syntax(&self, expected: &str, received: &str) -> Error<E> {
        let location = self.location(self.index);
        Error::Syntax(format!(
            "Expected: '{expected}', received: '{received}' for input:\n {location}"
        ))
    }

    /// The input, with a caret below the position of the error.
    fn location(&self, index: usize) -> String {
        let index = index.min(self.input.len());
        let (before, after) = self.input.split_at(index);
        let column = before.iter().rev().take_while(|c| **c != '\n').count();
        let line_end = after.iter().position(|c| *c == '\n').unwrap_or(after.len());
        let (line, rest) = self.input.split_at(index + line_end);
        let text = |chars: &[char]| chars.iter().collect::<String>();
        format!("{}\n{}^{}", text(line), " ".repeat(column), text(rest))
    }
}

fn starts_a_word(c: char) -> bool {
    ('\x21'..='\u{ffff}').contains(&c) && !"\"',=[{".contains(c)
}

fn follows_in_first(c: char) -> bool {
    python::is_space(c) || (('\x21'..='\u{ffff}').contains(&c) && !"\"',]}".contains(c))
}

fn follows_in_second(c: char) -> bool {
    python::is_space(c) || (('\x21'..='\u{ffff}').contains(&c) && !"\"',=".contains(c))
}

/// Converts texts to the types of the shape. A text becomes a number or a boolean, and a single value becomes a list
/// with one element.
///
/// # Errors
/// Python's error for a text that is not a number: exit code 255, not a validation error.
pub(crate) fn apply(shape: &Shape, value: &mut Value) -> Result<(), String> {
    match (shape, &mut *value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            for member in &structure.members {
                if let Some(value) = members.get_mut(&member.name) {
                    apply(&member.shape, value)?;
                }
            }
        }
        (Shape::Map { value: inner, .. }, Value::Object(members)) => {
            for value in members.values_mut() {
                apply(inner, value)?;
            }
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            for item in items {
                apply(member, item)?;
            }
        }
        (Shape::List { .. }, _) => *value = Value::Array(vec![value.take()]),
        (Shape::Integer { .. }, Value::String(text)) => *value = python::int(text)?.into(),
        (Shape::Float { .. }, Value::String(text)) => {
            *value = python::number(python::float(text)?)?
        }
        (Shape::Integer { .. }, other) => {
            return Err(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                bare_class(other)
            ));
        }
        (Shape::Float { .. }, other) => {
            return Err(format!(
                "float() argument must be a string or a real number, not '{}'",
                bare_class(other)
            ));
        }
        (Shape::Boolean, Value::String(text)) => match text.to_lowercase().as_str() {
            "true" => *value = true.into(),
            "false" => *value = false.into(),
            _ => {}
        },
        (Shape::Boolean, other) => {
            return Err(format!(
                "'{}' object has no attribute 'lower'",
                bare_class(other)
            ));
        }
        _ => {}
    }
    Ok(())
}

fn bare_class(value: &Value) -> &'static str {
    if value.is_array() { "list" } else { "dict" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::operation::shape::{Member, Structure, Text};

    fn read(input: &str) -> Result<Value, String> {
        match parse::<String>(input, &mut |_| Ok(None)) {
            Ok(members) => Ok(Value::Object(members)),
            Err(Error::Syntax(message) | Error::Load(message)) => Err(message),
        }
    }

    #[test]
    fn reads_the_forms_people_use() {
        for (input, value) in [
            (
                "Variables={A=1,B=2}",
                json!({"Variables": {"A": "1", "B": "2"}}),
            ),
            ("Variables={A=x=y}", json!({"Variables": {"A": "x=y"}})),
            (
                "Variables={A=https://h/p?q=1&r=2:80}",
                json!({"Variables": {"A": "https://h/p?q=1&r=2:80"}}),
            ),
            (
                "Variables={A=\"x,y\",B='p=q'}",
                json!({"Variables": {"A": "x,y", "B": "p=q"}}),
            ),
            (
                "Variables={A=a\\,b,B=c}",
                json!({"Variables": {"A": "a,b", "B": "c"}}),
            ),
            (
                "Variables={A=a b,B=c}",
                json!({"Variables": {"A": "a b", "B": "c"}}),
            ),
            ("Variables={A=1 B=2}", json!({"Variables": {"A": "1 B=2"}})),
            (
                "Variables={A=x, B=y , C = z}",
                json!({"Variables": {"A": "x", "B": "y", "C": "z"}}),
            ),
            ("Variables={ A=1 }", json!({"Variables": {"A": "1"}})),
            (
                "Variables={A=,B=2}",
                json!({"Variables": {"A": "", "B": "2"}}),
            ),
            ("Variables={}", json!({"Variables": {}})),
            ("Variables={A=1,A=2}", json!({"Variables": {"A": "2"}})),
            (
                "SubnetIds=s1,s2,SecurityGroupIds=g1",
                json!({"SubnetIds": ["s1", "s2"], "SecurityGroupIds": "g1"}),
            ),
            (
                "SubnetIds=[],SecurityGroupIds=[]",
                json!({"SubnetIds": [], "SecurityGroupIds": []}),
            ),
            ("SubnetIds=", json!({"SubnetIds": ""})),
            ("a=b,c,d=e", json!({"a": ["b", "c"], "d": "e"})),
            ("a=\"q\\\"r\\\\s\\n\"", json!({"a": "q\"r\\s\\n"})),
            ("=x", json!({"": "x"})),
        ] {
            assert_eq!(read(input), Ok(value), "{input}");
        }
    }

    #[test]
    fn shows_where_it_stops_understanding() {
        for (input, message) in [
            (
                "Variables",
                "Expected: '=', received: 'EOF' for input:\n Variables\n         ^",
            ),
            (
                "Variables={A=1",
                "Expected: ',', received: 'EOF' for input:\n Variables={A=1\n              ^",
            ),
            ("", "Expected: '=', received: 'EOF' for input:\n \n^"),
            (
                "Variables={A=}",
                "Expected: ',', received: 'EOF' for input:\n Variables={A=}\n              ^",
            ),
            (
                "Variables={A==x}",
                "Expected: ',', received: '=' for input:\n Variables={A==x}\n             ^",
            ),
            (
                "Variables={\"A\"=x}",
                "Expected: '=', received: '\"' for input:\n Variables={\"A\"=x}\n           ^",
            ),
            (
                "V={É=1}",
                "Expected: '=', received: 'É' for input:\n V={É=1}\n   ^",
            ),
            (
                "a=b\nc",
                "Expected: ',', received: 'c' for input:\n a=b\nc\n^",
            ),
            (
                "a={b=c\n,}x\ny",
                "Expected: ',', received: 'x' for input:\n a={b=c\n,}x\n  ^\ny",
            ),
            (
                "A=1,A=2",
                "Second instance of key \"A\" encountered for input:\nA=1,A=2\n    ^\nThis is often because there \
                 is a preceding \",\" instead of a space.",
            ),
        ] {
            // A blank may follow a word, and a newline is a blank: `a=b\nc`.
            if input == "a=b\nc" {
                assert_eq!(read(input), Ok(json!({"a": "b\nc"})));
            } else {
                assert_eq!(read(input), Err(message.to_owned()), "{input}");
            }
        }
        for input in [
            "Variables={A=a}b}",
            "Variables={A=a]b}",
            "Variables={A=say \"hi\"}",
            "A=don't",
            "A='x'y",
            "a=\u{1f600}",
        ] {
            assert!(read(input).is_err(), "{input}");
        }
        assert_eq!(
            read(&format!("a={}", "[".repeat(5000))),
            Err("Nested too deeply".to_owned())
        );
    }

    #[test]
    fn loads_files_only_after_an_at_sign() {
        let mut load = |text: &str| match text.strip_prefix("file://") {
            Some("missing") => Err("no such file"),
            Some(name) => Ok(Some(Value::from(format!("<{name}>")))),
            None => Ok(None),
        };
        let read = parse("A@=file://x,B=file://y,C@=z", &mut load);
        assert_eq!(
            read.map(Value::Object),
            Ok(json!({"A": "<x>", "B": "file://y", "C": "z"}))
        );
        assert_eq!(
            parse("V={A@=file://missing}", &mut load),
            Err(Error::Load("no such file"))
        );
    }

    #[test]
    fn bends_texts_to_their_shape() {
        let member = |name: &str, shape: Shape| Member {
            last: false,
            refused: false,
            ignored: false,
            name: name.to_owned(),
            about: String::new(),
            required: false,
            shape,
        };
        let texts = Shape::List {
            member: Box::new(Shape::String(Text::default())),
            min: None,
            max: None,
            not_null: false,
        };
        let shape = Shape::Structure(Structure {
            members: vec![
                member("L", texts),
                member("B", Shape::Boolean),
                member(
                    "I",
                    Shape::Integer {
                        min: None,
                        max: None,
                    },
                ),
                member(
                    "W",
                    Shape::Map {
                        key: Text::default(),
                        value: Box::new(Shape::Float {
                            min: None,
                            max: None,
                        }),
                        sensitive: false,
                    },
                ),
            ],
        });
        let bent = |input: &str| {
            let mut value = read(input)?;
            apply(&shape, &mut value).map(|()| value)
        };
        assert_eq!(
            bent("L=*,B=True,I= 010,W={2=0.1}"),
            Ok(json!({"L": ["*"], "B": true, "I": 10, "W": {"2": 0.1}}))
        );
        assert_eq!(bent("B=yes,Z=1"), Ok(json!({"B": "yes", "Z": "1"})));
        assert_eq!(
            bent("I=abc"),
            Err("invalid literal for int() with base 10: 'abc'".to_owned())
        );
        assert_eq!(
            bent("B=[a]"),
            Err("'list' object has no attribute 'lower'".to_owned())
        );
        assert!(bent("W={2=nan}").is_err());
    }

    /// Writes a value in its safest form.
    fn print(value: &Value) -> String {
        match value {
            Value::Array(items) => format!(
                "[{}]",
                items.iter().map(print).collect::<Vec<_>>().join(",")
            ),
            Value::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(k, v)| format!("{k}={}", print(v)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            other => format!("'{}'", python::str(other, false).replace('\'', "\\'")),
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        // The text has no backslashes, because the parser drops a backslash before a quote or another backslash.
        let leaf = "[^\\\\]{0,6}".prop_map(Value::String);
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
                proptest::collection::vec(("[a-zA-Z0-9_.#/:-]{0,3}", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back_what_it_would_write(value in value()) {
            let input = format!("k={}", print(&value));
            prop_assert_eq!(read(&input), Ok(json!({"k": value})), "{}", input);
        }

        #[test]
        fn ends_on_any_input(input in "[ab=,\\[\\]{}'\"\\\\@ \n]{0,40}") {
            let _ = read(&input);
        }

        #[test]
        fn ends_on_any_text(input in ".{0,60}") {
            let _ = read(&input);
        }
    }
}
