//! The YAML writer: the part of libyaml's emitter that JSON values in block style need.
//!
//! It keeps the same state as libyaml: the column, and whether the line so far is only indentation or ends in a blank.
//! This state decides where the next token is written.

use serde_json::{Map, Value};

use super::resolve::is_plain_string;
use crate::output::python;

/// Text is folded at the first single blank after this column.
const BEST_WIDTH: usize = 80;
/// The greatest length of a key in bytes. A longer key is written as `? key`, with its value below it.
const LONGEST_SIMPLE_KEY: usize = 128;

pub(super) struct Writer {
    out: String,
    /// The number of characters on the line.
    column: usize,
    /// True if the last token was a blank, or a token that needs no blank after it.
    after_blank: bool,
    /// True if the line holds only indentation, `- ` and `? ` so far.
    is_indentation: bool,
}

/// The quotes that a string is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl Writer {
    /// Writes an object or a list, with the newline at its end.
    pub(super) fn write(value: &Value) -> String {
        let mut writer = Self::new();
        writer.value(value, 0, false);
        writer.finish()
    }

    /// Writes a list with this one item, with the newline at its end.
    pub(super) fn write_item(value: &Value) -> String {
        let mut writer = Self::new();
        writer.item(value, 0);
        writer.finish()
    }

    fn new() -> Self {
        Self {
            out: String::new(),
            column: 0,
            after_blank: true,
            is_indentation: true,
        }
    }

    fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    /// Writes a value. `indent` is the indent of a collection's keys or dashes. A list that is a member of an object
    /// (`is_member`) keeps the object's indent.
    fn value(&mut self, value: &Value, indent: usize, is_member: bool) {
        match value {
            Value::Null => self.token("null"),
            Value::Bool(true) => self.token("true"),
            Value::Bool(false) => self.token("false"),
            Value::Number(_) => self.token(&python::str(value)),
            Value::String(text) => self.string(text, quotes(text), indent, true),
            Value::Array(items) if items.is_empty() => self.token("[]"),
            Value::Object(members) if members.is_empty() => self.token("{}"),
            Value::Array(items) => {
                let indent = if is_member && !self.is_indentation {
                    indent.saturating_sub(2)
                } else {
                    indent
                };
                for item in items {
                    self.item(item, indent);
                }
            }
            Value::Object(members) => match python::dumped(value).as_deref() {
                Some("NaN") => self.token(".nan"),
                Some("Infinity") => self.token(".inf"),
                Some("-Infinity") => self.token("-.inf"),
                Some(other) => self.token(other),
                None => self.object(members, indent),
            },
        }
    }

    fn item(&mut self, item: &Value, indent: usize) {
        self.new_line(indent);
        self.indicator("-");
        self.value(item, indent + 2, false);
    }

    fn object(&mut self, members: &Map<String, Value>, indent: usize) {
        let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, member) in sorted {
            self.new_line(indent);
            if key.len() <= LONGEST_SIMPLE_KEY && !key.contains(is_break) {
                let quotes = match quotes(key) {
                    Quotes::None if key.is_empty() => Quotes::Single,
                    quotes => quotes,
                };
                self.string(key, quotes, indent + 2, false);
                self.push(':');
                self.after_blank = false;
                self.is_indentation = false;
            } else {
                self.indicator("?");
                self.string(key, quotes(key), indent + 2, true);
                self.new_line(indent);
                self.indicator(":");
            }
            self.value(member, indent + 2, true);
        }
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    /// Moves to this indent. The line stays the same if it holds only indentation so far and is not longer than the
    /// indent.
    fn new_line(&mut self, indent: usize) {
        let is_past = self.column > indent || (self.column == indent && !self.after_blank);
        if !self.is_indentation || is_past {
            self.out.push('\n');
            self.column = 0;
        }
        while self.column < indent {
            self.push(' ');
        }
        self.after_blank = true;
        self.is_indentation = true;
    }

    /// Writes `-`, `?` or `:` at the start of a line.
    fn indicator(&mut self, indicator: &str) {
        let is_indentation = self.is_indentation;
        self.token(indicator);
        self.is_indentation = is_indentation;
    }

    /// Writes a short text that is never folded, after a blank.
    fn token(&mut self, token: &str) {
        if !self.after_blank {
            self.push(' ');
        }
        token.chars().for_each(|c| self.push(c));
        self.after_blank = false;
        self.is_indentation = false;
    }

    fn string(&mut self, text: &str, quotes: Quotes, indent: usize, may_fold: bool) {
        if quotes == Quotes::None {
            if !self.after_blank {
                self.push(' ');
            }
            self.plain(text, indent, may_fold);
        } else {
            let quote = if quotes == Quotes::Single { "'" } else { "\"" };
            self.token(quote);
            match quotes {
                Quotes::Double => self.double_quoted(text, indent, may_fold),
                _ => self.single_quoted(text, indent, may_fold),
            }
            self.out.push_str(quote);
            self.column += 1;
        }
        self.after_blank = false;
        self.is_indentation = false;
    }

    fn plain(&mut self, text: &str, indent: usize, may_fold: bool) {
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let is_single = !after_space && chars.peek() != Some(&' ');
            if c == ' ' && may_fold && is_single && self.column > BEST_WIDTH {
                self.new_line(indent);
            } else {
                self.push(c);
                if c != ' ' {
                    self.is_indentation = false;
                }
            }
            after_space = c == ' ';
        }
    }

    fn single_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        let mut after_space = false;
        let mut after_break = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((index, c)) = chars.next() {
            if c == ' ' {
                let is_inner = index > 0 && chars.peek().is_some_and(|(_, next)| *next != ' ');
                if may_fold && !after_space && is_inner && self.column > BEST_WIDTH {
                    self.new_line(indent);
                } else {
                    self.push(c);
                }
                after_space = true;
            } else if is_break(c) {
                // One line break is read as a blank. Two of them are read as a line break.
                if !after_break && c == '\n' {
                    self.out.push('\n');
                }
                self.out.push(c);
                self.column = 0;
                self.is_indentation = true;
                after_break = true;
            } else {
                if after_break {
                    self.new_line(indent);
                }
                if c == '\'' {
                    self.push(c);
                }
                self.push(c);
                self.is_indentation = false;
                after_space = false;
                after_break = false;
            }
        }
        if after_break {
            self.new_line(indent);
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        let mut after_space = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((index, c)) = chars.next() {
            if c == ' ' {
                let next = chars.peek().map(|(_, next)| *next);
                let is_inner = index > 0 && next.is_some();
                if may_fold && !after_space && is_inner && self.column > BEST_WIDTH {
                    self.new_line(indent);
                    if next == Some(' ') {
                        self.push('\\');
                    }
                } else {
                    self.push(c);
                }
                after_space = true;
            } else {
                if !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                    escaped(c).chars().for_each(|c| self.push(c));
                } else {
                    self.push(c);
                }
                self.is_indentation = false;
                after_space = false;
            }
        }
    }
}

/// The simplest kind of quotes in which the string can be read back unchanged.
fn quotes(text: &str) -> Quotes {
    let is_broken = text.contains(is_break);
    let mut pairs = text.chars().zip(text.chars().skip(1));
    let has_blank_at_break =
        pairs.any(|(a, b)| (a == ' ' && is_break(b)) || (is_break(a) && b == ' '));
    if has_blank_at_break || text.contains(|c| !is_printable(c)) {
        return Quotes::Double;
    }
    let is_trimmed = !text.starts_with(' ') && !text.ends_with(' ');
    if is_broken || !is_trimmed || has_indicators(text) || !is_plain_string(text) {
        return Quotes::Single;
    }
    Quotes::None
}

/// Returns true if the text contains a character that has a meaning of its own in YAML.
fn has_indicators(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let is_blank = |c: Option<char>| c.is_none_or(|c| c == ' ' || c == '\t');
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_one = match c {
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`' => before.is_none(),
            '?' | '-' => before.is_none() && is_blank(chars.peek().copied()),
            ':' => is_blank(chars.peek().copied()),
            '#' => is_blank(before),
            _ => false,
        };
        if is_one {
            return true;
        }
        before = Some(c);
    }
    false
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns true for characters that libyaml writes unescaped: all characters up to U+FFFD, except control characters
/// other than the line feed.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

fn escaped(c: char) -> String {
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        '"' | '\\' => c,
        _ => {
            return match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{letter}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaves_what_reads_back_as_it_is_plain() {
        let texts = [
            "Off",
            "yes",
            "None",
            "$LATEST",
            "https://a.b/c",
            "arn:aws:x:1",
            "é✓",
            "a#b",
            "it's",
            "x:y",
        ];
        let expected: String = texts.iter().map(|text| format!("- {text}\n")).collect();
        assert_eq!(Writer::write(&json!(texts)), expected);
    }

    #[test]
    fn quotes_what_would_read_as_something_else() {
        for text in [
            "",
            "4",
            "1.0",
            "1e5",
            "0x1F",
            "null",
            "true",
            "~",
            "2024-05-01",
            "a: b",
            "# x",
            "*x",
            "{x}",
            "-",
            "%p",
            "@x",
            " x",
            "x ",
            "---",
            "a #b",
            "? x",
            "x:",
            "[a",
        ] {
            assert_eq!(Writer::write(&json!([text])), format!("- '{text}'\n"));
        }
        assert_eq!(Writer::write(&json!(["'it'"])), "- '''it'''\n");
    }

    #[test]
    fn escapes_control_characters_in_double_quotes() {
        assert_eq!(Writer::write(&json!(["tab\there"])), "- \"tab\\there\"\n");
        assert_eq!(
            Writer::write(&json!(["\u{1}\u{1b}\r\"\\\u{85}\u{feff}😀"])),
            "- \"\\x01\\e\\r\\\"\\\\\\N\\uFEFF\\U0001F600\"\n"
        );
        assert_eq!(Writer::write(&json!(["a \nb"])), "- \"a \\nb\"\n");
    }

    #[test]
    fn doubles_line_breaks_in_single_quotes() {
        assert_eq!(Writer::write(&json!({"a": "b\nc"})), "a: 'b\n\n  c'\n");
        assert_eq!(Writer::write(&json!({"a": "b\n"})), "a: 'b\n\n  '\n");
    }

    #[test]
    fn folds_at_a_blank_after_column_80() {
        let text = "word ".repeat(20) + "end";
        let line = "word ".repeat(16);
        assert_eq!(
            Writer::write(&json!({"a": text})),
            format!("a: {}\n  word word word word end\n", line.trim_end())
        );
        let long = "x".repeat(200);
        assert_eq!(Writer::write(&json!([long])), format!("- {long}\n"));
    }

    #[test]
    fn sorts_keys_and_keeps_lists_at_the_indent_of_their_parent() {
        let value = json!({"b": [1, [2, [3]], {"d": 1, "c": []}], "a": {"x": {}}});
        let expected = "a:\n  x: {}\nb:\n- 1\n- - 2\n  - - 3\n- c: []\n  d: 1\n";
        assert_eq!(Writer::write(&value), expected);
    }

    #[test]
    fn writes_long_keys_and_keys_of_many_lines_apart() {
        let long = "k".repeat(129);
        assert_eq!(
            Writer::write(&json!({&long: 1})),
            format!("? {long}\n: 1\n")
        );
        assert_eq!(
            Writer::write(&json!({"a\nb": [1]})),
            "? 'a\n\n  b'\n: - 1\n"
        );
    }

    #[test]
    fn writes_numbers_as_python_does() {
        assert_eq!(
            Writer::write(&json!([1e-5, 1.0, null, true])),
            "- 1e-05\n- 1.0\n- null\n- true\n"
        );
    }
}
