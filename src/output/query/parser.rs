//! The parser of expressions: jmespath.py's operator precedence parser, with its leniency and its errors.
//!
//! It accepts more than the grammar: `f(a b)` and `f(a,)`, `{a: b c: d}`, `[1:2 3]` (the 3 is used), a function's name
//! in parentheses, and `&name` anywhere.

use super::ast::{Comparator, Node};
use super::error::SyntaxError;
use super::lexer::{Token, TokenKind, tokenize};

/// The deepest nesting of an expression, and of a literal in it.
pub(super) const MAX_DEPTH: usize = 128;

/// The power below which a token ends a projection.
const PROJECTION_STOP: u8 = 10;

type Result<T> = std::result::Result<T, SyntaxError>;

/// The tree of an expression.
pub(super) fn parse(expression: &str) -> Result<Node> {
    let tokens = tokenize(expression)?;
    let mut parser = Parser {
        expression,
        tokens,
        index: 0,
        depth: 0,
    };
    let root = parser.expression(0)?;
    if parser.kind() != TokenKind::Eof {
        let message = format!("Unexpected token: {}", parser.peek(0).text());
        return Err(parser.error(parser.peek(0), &message));
    }
    if root.depth() > MAX_DEPTH {
        return Err(SyntaxError::too_deep());
    }
    Ok(root)
}

struct Parser<'e> {
    expression: &'e str,
    /// The list is never empty: `Eof` is the last token and is never consumed.
    tokens: Vec<Token>,
    index: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Parses the longest expression whose operators bind more strongly than `power`.
    fn expression(&mut self, power: u8) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::too_deep());
        }
        let mut left = self.prefix()?;
        while power < self.kind().power() {
            left = self.infix(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Parses a token at the start of an expression.
    fn prefix(&mut self) -> Result<Node> {
        let token = self.peek(0).clone();
        if token.kind == TokenKind::Eof {
            return Err(SyntaxError::incomplete(self.expression));
        }
        self.index += 1;
        Ok(match token.kind {
            TokenKind::Literal => Node::Literal(token.value),
            TokenKind::UnquotedIdentifier => Node::Field(token.text()),
            TokenKind::QuotedIdentifier => {
                if self.kind() == TokenKind::LParen {
                    let message = "Quoted identifier not allowed for function names.";
                    return Err(SyntaxError::parse(
                        self.expression,
                        0,
                        self.peek(0),
                        message,
                    ));
                }
                Node::Field(token.text())
            }
            TokenKind::Star => Node::EachValue(self.projected(TokenKind::Star)?),
            TokenKind::Flatten => Node::Flatten(self.projected(TokenKind::Flatten)?),
            TokenKind::Filter => self.filter()?,
            TokenKind::LBrace => self.hash()?,
            TokenKind::LParen => {
                let inner = self.expression(0)?;
                self.expect(TokenKind::RParen)?;
                inner
            }
            TokenKind::LBracket => match self.kind() {
                TokenKind::Number | TokenKind::Colon => self.index(Node::CURRENT)?,
                TokenKind::Star if self.peek(1).kind == TokenKind::RBracket => {
                    self.index += 2;
                    Node::Each(self.projected(TokenKind::Star)?)
                }
                _ => self.list()?,
            },
            TokenKind::Not => Node::Not(self.expression(TokenKind::Not.power())?.into()),
            TokenKind::Current => Node::CURRENT,
            TokenKind::Expref => {
                Node::Reference(self.expression(TokenKind::Expref.power())?.into())
            }
            _ => return Err(self.error(&token, "invalid token")),
        })
    }

    /// Parses the current token as an operator on the expression to its left.
    fn infix(&mut self, left: Node) -> Result<Node> {
        let kind = self.kind();
        if let Some(comparator) = comparator(kind) {
            self.index += 1;
            let right = (comparator, self.expression(kind.power())?);
            return Ok(match left {
                Node::Compare(first, mut rest) => {
                    rest.push(right);
                    Node::Compare(first, rest)
                }
                left => Node::Compare(left.into(), vec![right]),
            });
        }
        if matches!(kind, TokenKind::Star | TokenKind::Not | TokenKind::LBrace) {
            return Err(self.error(self.peek(0), "invalid token"));
        }
        self.index += 1;
        Ok(match kind {
            TokenKind::Dot if self.kind() == TokenKind::Star => {
                self.index += 1;
                left.then(Node::EachValue(self.projected(TokenKind::Dot)?))
            }
            TokenKind::Dot => left.then(self.after_dot(TokenKind::Dot)?),
            TokenKind::Pipe => left.then(self.expression(kind.power())?),
            TokenKind::Or => {
                let right = self.expression(kind.power())?;
                Node::Or(match left {
                    Node::Or(mut operands) => {
                        operands.push(right);
                        operands
                    }
                    left => vec![left, right],
                })
            }
            TokenKind::And => {
                let right = self.expression(kind.power())?;
                Node::And(match left {
                    Node::And(mut operands) => {
                        operands.push(right);
                        operands
                    }
                    left => vec![left, right],
                })
            }
            TokenKind::LParen => self.call(left)?,
            TokenKind::Filter => left.then(self.filter()?),
            TokenKind::Flatten => left.then(Node::Flatten(self.projected(TokenKind::Flatten)?)),
            TokenKind::LBracket if matches!(self.kind(), TokenKind::Number | TokenKind::Colon) => {
                self.index(left)?
            }
            _ => {
                self.expect(TokenKind::Star)?;
                self.expect(TokenKind::RBracket)?;
                left.then(Node::Each(self.projected(TokenKind::Star)?))
            }
        })
    }

    /// Parses the steps for each element of a projection.
    fn projected(&mut self, by: TokenKind) -> Result<Box<Node>> {
        Ok(Box::new(match self.kind() {
            kind if kind.power() < PROJECTION_STOP => Node::CURRENT,
            TokenKind::LBracket | TokenKind::Filter => self.expression(by.power())?,
            TokenKind::Dot => {
                self.index += 1;
                self.after_dot(by)?
            }
            _ => return Err(self.error(self.peek(0), "syntax error")),
        }))
    }

    fn after_dot(&mut self, by: TokenKind) -> Result<Node> {
        match self.kind() {
            TokenKind::QuotedIdentifier | TokenKind::UnquotedIdentifier | TokenKind::Star => {
                self.expression(by.power())
            }
            TokenKind::LBracket => {
                self.index += 1;
                self.list()
            }
            TokenKind::LBrace => {
                self.index += 1;
                self.hash()
            }
            kind => {
                let message = format!(
                    "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: {}",
                    kind.name()
                );
                Err(self.error(self.peek(0), &message))
            }
        }
    }

    /// Parses the arguments of a call. `name(` was read already.
    fn call(&mut self, name: Node) -> Result<Node> {
        let Node::Field(name) = name else {
            let before = self
                .index
                .checked_sub(2)
                .and_then(|index| self.tokens.get(index));
            let token = before.unwrap_or(self.peek(0));
            let message = format!("Invalid function name '{}'", token.text());
            return Err(self.error(token, &message));
        };
        let mut arguments = Vec::new();
        while self.kind() != TokenKind::RParen {
            arguments.push(self.expression(0)?);
            if self.kind() == TokenKind::Comma {
                self.index += 1;
            }
        }
        self.index += 1;
        Ok(Node::Call(name, arguments))
    }

    /// Parses a filter. `[?` was read already.
    fn filter(&mut self) -> Result<Node> {
        let condition = self.expression(0)?.into();
        self.expect(TokenKind::RBracket)?;
        Ok(Node::Filter {
            condition,
            each: self.projected(TokenKind::Filter)?,
        })
    }

    /// Parses an index or a slice. The `[` was read already, and a number or a colon follows.
    fn index(&mut self, left: Node) -> Result<Node> {
        let step = if self.kind() == TokenKind::Colon || self.peek(1).kind == TokenKind::Colon {
            self.slice()?
        } else {
            let index = whole(self.peek(0));
            self.index += 1;
            self.expect(TokenKind::RBracket)?;
            Node::Index(index)
        };
        let after_index = matches!(left, Node::Chain { indexed: true, .. });
        if matches!(step, Node::Slice(..)) && !after_index {
            return Ok(left
                .then(step)
                .then(Node::Each(self.projected(TokenKind::Star)?)));
        }
        let mut chain = left.then(step);
        if let Node::Chain { indexed, .. } = &mut chain {
            *indexed = true;
        }
        Ok(chain)
    }

    fn slice(&mut self) -> Result<Node> {
        let mut parts = [None; 3];
        let mut part = 0;
        while self.kind() != TokenKind::RBracket {
            match self.kind() {
                TokenKind::Colon if part < 2 => part += 1,
                TokenKind::Number => parts[part] = Some(whole(self.peek(0))),
                _ => return Err(self.error(self.peek(0), "syntax error")),
            }
            self.index += 1;
        }
        self.index += 1;
        let [start, stop, step] = parts;
        Ok(Node::Slice(start, stop, step))
    }

    /// Parses a list. `[` was read already.
    fn list(&mut self) -> Result<Node> {
        let mut elements = vec![self.expression(0)?];
        while self.kind() != TokenKind::RBracket {
            self.expect(TokenKind::Comma)?;
            elements.push(self.expression(0)?);
        }
        self.index += 1;
        Ok(Node::List(elements))
    }

    /// Parses a hash. `{` was read already.
    fn hash(&mut self) -> Result<Node> {
        let mut pairs = Vec::new();
        loop {
            let key = self.peek(0).clone();
            if !matches!(
                key.kind,
                TokenKind::QuotedIdentifier | TokenKind::UnquotedIdentifier
            ) {
                return Err(self.unexpected("['quoted_identifier', 'unquoted_identifier']"));
            }
            self.index += 1;
            self.expect(TokenKind::Colon)?;
            pairs.push((key.text(), self.expression(0)?));
            match self.kind() {
                TokenKind::Comma => self.index += 1,
                TokenKind::RBrace => {
                    self.index += 1;
                    return Ok(Node::Hash(pairs));
                }
                _ => {}
            }
        }
    }

    fn kind(&self) -> TokenKind {
        self.peek(0).kind
    }

    /// The token at that distance from the current one, or the last token.
    fn peek(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[last.min(self.index + ahead)]
    }

    fn expect(&mut self, kind: TokenKind) -> Result<()> {
        if self.kind() != kind {
            return Err(self.unexpected(kind.name()));
        }
        self.index += 1;
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        match self.peek(0) {
            token if token.kind == TokenKind::Eof => SyntaxError::incomplete(self.expression),
            token => {
                let message = format!("Expecting: {expected}, got: {}", token.kind.name());
                self.error(token, &message)
            }
        }
    }

    fn error(&self, token: &Token, message: &str) -> SyntaxError {
        SyntaxError::parse(self.expression, token.start, token, message)
    }
}

fn comparator(kind: TokenKind) -> Option<Comparator> {
    Some(match kind {
        TokenKind::Eq => Comparator::Eq,
        TokenKind::Ne => Comparator::Ne,
        TokenKind::Lt => Comparator::Lt,
        TokenKind::Lte => Comparator::Lte,
        TokenKind::Gt => Comparator::Gt,
        TokenKind::Gte => Comparator::Gte,
        _ => return None,
    })
}

/// The number of a token. If the number does not fit 64 bits, returns the nearest number that fits. Both are outside
/// the bounds of every list.
fn whole(token: &Token) -> i64 {
    let digits = token.text();
    let limit = if digits.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    digits.parse().unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SyntaxError;
    use crate::output::query::Query;
    use crate::output::query::tests::assert_answers;

    #[test]
    #[rustfmt::skip]
    fn answers_as_jmespath_py_does() {
        let document = json!({
            "n": [3, 1, 2.5], "t": ["b", "é", "a", "Z"], "s": "né😀", "o": {"z": 1, "a": [1, 2]},
            "i": 4, "nul": null, "yes": true,
        });
        assert_answers(&document, &[
            ("A[", "Invalid jmespath expression: Incomplete expression:\n\"A[\"\n   ^"),
            ("", "Invalid JMESPath expression: cannot be empty."),
            ("  ", "Invalid jmespath expression: Incomplete expression:\n\"  \"\n   ^"),
            ("a.", "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: eof: Parse error at column 2, token \"\" (EOF), for expression:\n\"a.\"\n   ^"),
            ("a b", "Unexpected token: b: Parse error at column 2, token \"b\" (UNQUOTED_IDENTIFIER), for expression:\n\"a b\"\n   ^"),
            ("a[b]", "Expecting: star, got: unquoted_identifier: Parse error at column 2, token \"b\" (UNQUOTED_IDENTIFIER), for expression:\n\"a[b]\"\n   ^"),
            ("a[*", "Invalid jmespath expression: Incomplete expression:\n\"a[*\"\n    ^"),
            ("*a", "Unexpected token: a: Parse error at column 1, token \"a\" (UNQUOTED_IDENTIFIER), for expression:\n\"*a\"\n  ^"),
            ("a *", "invalid token: Parse error at column 2, token \"*\" (STAR), for expression:\n\"a *\"\n   ^"),
            ("[a,]", "invalid token: Parse error at column 3, token \"]\" (RBRACKET), for expression:\n\"[a,]\"\n    ^"),
            ("{a}", "Expecting: colon, got: rbrace: Parse error at column 2, token \"}\" (RBRACE), for expression:\n\"{a}\"\n   ^"),
            ("{a:b,}", "Expecting: ['quoted_identifier', 'unquoted_identifier'], got: rbrace: Parse error at column 5, token \"}\" (RBRACE), for expression:\n\"{a:b,}\"\n      ^"),
            ("[1:2:3:4]", "syntax error: Parse error at column 6, token \":\" (COLON), for expression:\n\"[1:2:3:4]\"\n       ^"),
            ("@(a)", "Invalid function name '@': Parse error at column 0, token \"@\" (CURRENT), for expression:\n\"@(a)\"\n ^"),
            (r#""length"(s)"#, "Quoted identifier not allowed for function names.: Parse error at column 0, token \"(\" (LPAREN), for expression:\n\"\"length\"(s)\"\n ^"),
            ("a.`1`", "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: literal: Parse error at column 2, token \"1\" (LITERAL), for expression:\n\"a.`1`\"\n   ^"),
            (")", "invalid token: Parse error at column 0, token \")\" (RPAREN), for expression:\n\")\"\n ^"),
            ("length(s", "Invalid jmespath expression: Incomplete expression:\n\"length(s\"\n         ^"),
            ("foo.length(", "Invalid jmespath expression: Incomplete expression:\n\"foo.length(\"\n            ^"),
            ("a[?b", "Invalid jmespath expression: Incomplete expression:\n\"a[?b\"\n     ^"),
            (r#""é"["#, "Invalid jmespath expression: Incomplete expression:\n\"\"é\"[\"\n     ^"),
            ("{a:i b:i}", r#"{"a":4,"b":4}"#),
            ("length(s,)", "3"),
            ("contains(s 'n')", "true"),
            ("(length)(s)", "3"),
            ("[1:2 3]", "null"),
        ]);
    }

    #[test]
    fn refuses_what_nests_too_deep() {
        let message = SyntaxError::too_deep().to_string();
        let patterns = [
            ("[", "a", "]"),
            ("(", "a", ")"),
            ("!", "a", ""),
            ("& ", "a", ""),
            ("{a:", "a", "}"),
            ("f(", "a", ")"),
            ("a[?", "a", "]"),
            ("a.[", "a", "]"),
            ("*.", "a", ""),
            ("[*]", "", ""),
            ("[]", "", ""),
            ("[@] | ", "@", ""),
            ("a[0].[a] | ", "a", ""),
        ];
        let literal = ["[", "1", "]", "`"];
        let patterns = patterns.map(|(open, middle, close)| [open, middle, close, ""]);
        for [open, middle, close, around] in patterns.into_iter().chain([literal]) {
            let nested = |times| {
                let (open, close) = (open.repeat(times), close.repeat(times));
                let query = Query::compile(&format!("{around}{open}{middle}{close}{around}"));
                query.map(|_| ()).map_err(|error| error.to_string())
            };
            assert_eq!(nested(100), Ok(()), "{open}");
            assert_eq!(nested(100_000), Err(message.clone()), "{open}");
        }
    }

    #[test]
    fn takes_any_length_where_nothing_nests() {
        for step in ["||a", "&&a", "==a", "<a", ".a", "[0]", "|a"] {
            let expression = "a".to_owned() + &step.repeat(100_000);
            let query = Query::compile(&expression).expect("neither operands nor names are levels");
            assert!(query.search(&json!({"a": 1})).is_ok());
        }
    }
}
