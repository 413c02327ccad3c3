//! The tokens of an expression. A position is a number of characters, because the carets in the errors are placed by
//! characters.

use serde_json::Value;

use super::error::SyntaxError;
use super::json;
use super::python;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// The kind of token.
    pub(super) kind: TokenKind,
    /// The position of the token's first character.
    pub(super) start: usize,
    /// The token's value: any value for a literal, text for all others (the digits of a number).
    pub(super) value: Value,
}

impl Token {
    /// The token's value, as error messages show it.
    pub(super) fn text(&self) -> String {
        python::str(&self.value)
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $power:literal)*) => {
        /// The kinds of tokens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum TokenKind { $($kind,)* }

        impl TokenKind {
            /// The kind's name in jmespath.py, which error messages show.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The binding power of a token as an operator on the expression to its left. A token with power 0 ends an
            /// expression; a token with a power below 10 ends a projection.
            pub(super) fn power(self) -> u8 {
                match self { $(Self::$kind => $power,)* }
            }
        }
    };
}

kinds! {
    Eof "eof" 0
    UnquotedIdentifier "unquoted_identifier" 0
    QuotedIdentifier "quoted_identifier" 0
    Literal "literal" 0
    RBracket "rbracket" 0
    RParen "rparen" 0
    Comma "comma" 0
    RBrace "rbrace" 0
    Number "number" 0
    Current "current" 0
    Expref "expref" 0
    Colon "colon" 0
    Pipe "pipe" 1
    Or "or" 2
    And "and" 3
    Eq "eq" 5
    Gt "gt" 5
    Lt "lt" 5
    Gte "gte" 5
    Lte "lte" 5
    Ne "ne" 5
    Flatten "flatten" 9
    Star "star" 20
    Filter "filter" 21
    Dot "dot" 40
    Not "not" 45
    LBrace "lbrace" 50
    LBracket "lbracket" 55
    LParen "lparen" 60
}

/// The tokens of an expression. The last one is `Eof`.
pub(super) fn tokenize(expression: &str) -> Result<Vec<Token>, SyntaxError> {
    if expression.is_empty() {
        return Err(SyntaxError::empty());
    }
    let mut lexer = Lexer {
        expression,
        chars: expression.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'e> {
    expression: &'e str,
    chars: Vec<char>,
    /// The position of the next character.
    at: usize,
}

impl Lexer<'_> {
    /// The next token; `None` after `Eof`.
    fn next(&mut self) -> Result<Option<Token>, SyntaxError> {
        self.skip_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let start = self.at;
        self.at += 1;
        let Some(&first) = self.chars.get(start) else {
            let eof = Token {
                kind: TokenKind::Eof,
                start,
                value: "".into(),
            };
            return Ok((start == self.chars.len()).then_some(eof));
        };
        let kind = match first {
            '.' => TokenKind::Dot,
            '*' => TokenKind::Star,
            ']' => TokenKind::RBracket,
            ',' => TokenKind::Comma,
            ':' => TokenKind::Colon,
            '@' => TokenKind::Current,
            '(' => TokenKind::LParen,
            ')' => TokenKind::RParen,
            '{' => TokenKind::LBrace,
            '}' => TokenKind::RBrace,
            '[' if self.eat(']') => TokenKind::Flatten,
            '[' if self.eat('?') => TokenKind::Filter,
            '[' => TokenKind::LBracket,
            '|' if self.eat('|') => TokenKind::Or,
            '|' => TokenKind::Pipe,
            '&' if self.eat('&') => TokenKind::And,
            '&' => TokenKind::Expref,
            '<' if self.eat('=') => TokenKind::Lte,
            '<' => TokenKind::Lt,
            '>' if self.eat('=') => TokenKind::Gte,
            '>' => TokenKind::Gt,
            '!' if self.eat('=') => TokenKind::Ne,
            '!' => TokenKind::Not,
            '=' if self.eat('=') => TokenKind::Eq,
            'A'..='Z' | 'a'..='z' | '_' => {
                self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
                TokenKind::UnquotedIdentifier
            }
            '-' | '0'..='9' => {
                self.skip_while(|c| c.is_ascii_digit());
                if first == '-' && self.at == start + 1 {
                    return Err(self.error(start, "Unknown token '-'"));
                }
                TokenKind::Number
            }
            '\'' | '"' | '`' => {
                let (kind, value) = self.delimited(start, first)?;
                return Ok(Some(Token { kind, start, value }));
            }
            '=' => return Err(self.error(start, "Unknown token '='")),
            _ => return Err(self.error(start, &format!("Unknown token {first}"))),
        };
        let source: String = self
            .chars
            .get(start..self.at)
            .unwrap_or_default()
            .iter()
            .collect();
        let value = if kind == TokenKind::Number {
            whole(&source)
        } else {
            source
        };
        Ok(Some(Token {
            kind,
            start,
            value: value.into(),
        }))
    }

    /// Reads a text between two delimiters. It starts after the first delimiter and ends at the next one that has no
    /// backslash before it.
    fn delimited(
        &mut self,
        start: usize,
        delimiter: char,
    ) -> Result<(TokenKind, Value), SyntaxError> {
        let mut lexeme = String::new();
        let mut escaped = false;
        loop {
            let Some(&c) = self.chars.get(self.at) else {
                return Err(self.error(start, &format!("Unclosed {delimiter} delimiter")));
            };
            self.at += 1;
            if c == delimiter && !escaped {
                break;
            }
            escaped = c == '\\' && !escaped;
            lexeme.push(c);
        }
        match delimiter {
            '\'' => Ok((TokenKind::Literal, lexeme.replace("\\'", "'").into())),
            '"' => match json::loads(&format!("\"{lexeme}\"")) {
                Ok(value) => Ok((TokenKind::QuotedIdentifier, value)),
                Err(json::Error::Invalid(message)) => Err(self.error(start, message)),
                Err(json::Error::TooDeep) => Err(SyntaxError::too_deep()),
            },
            _ => {
                let lexeme = lexeme.replace("\\`", "`");
                let value = match json::loads(&lexeme) {
                    // A literal that is not JSON is read as a string whose quotes are missing. This form is deprecated
                    // but widely used.
                    Err(json::Error::Invalid(_)) => {
                        let text = lexeme.trim_start_matches(python::is_space);
                        json::loads(&format!("\"{text}\""))
                    }
                    read => read,
                };
                match value {
                    Ok(value) => Ok((TokenKind::Literal, value)),
                    Err(json::Error::Invalid(_)) => {
                        Err(self.error(start, &format!("Bad token {lexeme}")))
                    }
                    Err(json::Error::TooDeep) => Err(SyntaxError::too_deep()),
                }
            }
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.chars.get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.chars.get(self.at).is_some_and(|&c| wanted(c)) {
            self.at += 1;
        }
    }

    fn error(&self, position: usize, message: &str) -> SyntaxError {
        SyntaxError::lexer(self.expression, position, message)
    }
}

/// Formats digits as Python prints their number: without leading zeros, and `0` for `-0`.
fn whole(digits: &str) -> String {
    let sign = if digits.starts_with('-') { "-" } else { "" };
    match digits.trim_start_matches(['-', '0']) {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::output::query::tests::assert_answers;

    #[test]
    #[rustfmt::skip]
    fn answers_about_tokens_as_jmespath_py_does() {
        let document = json!(null);
        assert_answers(&document, &[
            ("#", "Bad jmespath expression: Unknown token #:\n#\n^"),
            ("a.é", "Bad jmespath expression: Unknown token é:\na.é\n  ^"),
            ("a=b", "Bad jmespath expression: Unknown token '=':\na=b\n ^"),
            ("- 1", "Bad jmespath expression: Unknown token '-':\n- 1\n^"),
            (r#""a"#, "Bad jmespath expression: Unclosed \" delimiter:\n\"a\n^"),
            ("a `b", "Bad jmespath expression: Unclosed ` delimiter:\na `b\n  ^"),
            (r#""\x""#, "Bad jmespath expression: Invalid \\escape:\n\"\\x\"\n^"),
            (r#""\u12g4""#, "Bad jmespath expression: Invalid \\uXXXX escape:\n\"\\u12g4\"\n^"),
            ("\"a\nb\"", "Bad jmespath expression: Invalid control character at:\n\"a\nb\"\n^"),
            (r#"`a"b`"#, "Bad jmespath expression: Bad token a\"b:\n`a\"b`\n^"),
            ("`$LATEST`", r#""$LATEST""#),
            ("` x`", r#""x""#),
            ("``", r#""""#),
            ("`01`", r#""01""#),
            (r#"`"\u00e9"`"#, r#""é""#),
            (r#"'it\'s \n'"#, r#""it's \\n""#),
            (r#""\u00e9\n""#, "null"),
            (r#"`\``"#, r#""`""#),
            ("a 007", "Unexpected token: 7: Parse error at column 2, token \"7\" (NUMBER), for expression:\n\"a 007\"\n   ^"),
            (r#"a `[1, "it's", null, true, 1.0]`"#, "Unexpected token: [1, \"it's\", None, True, 1.0]: Parse error at column 2, token \"[1, \"it's\", None, True, 1.0]\" (LITERAL), for expression:\n\"a `[1, \"it's\", null, true, 1.0]`\"\n   ^"),
        ]);
    }
}
