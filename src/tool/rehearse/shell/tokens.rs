//! Splits a shell script's text into words and operators. Comments and here-documents are skipped. The text in `$(…)`
//! is read like all other text.

use super::words::{Piece, Word};

/// A word or an operator.
#[derive(Debug, Clone)]
pub(crate) enum Token {
    Word(Word),
    /// An operator and its offset.
    Operator(Operator, usize),
}

/// An operator between commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `;` or the end of a line.
    End,
    /// `;;`, `;&`, `;;&`
    EndOfCase,
    /// `&`
    Background,
    /// `|`, `|&`
    Pipe,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `(`
    Open,
    /// `)`
    Close,
}

/// The tokens of a text.
pub(super) fn read(text: &str) -> Vec<Token> {
    let mut reader = Reader {
        text,
        at: 0,
        here: Vec::new(),
    };
    reader.list(Until::End, 0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Paren,
    Backtick,
}

/// The deepest nesting that is read.
const DEEPEST: usize = 30;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Here-documents whose text begins on the next line.
    here: Vec<(String, bool)>,
}

/// The construct that is open in a list. It decides what a `)` means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Paren,
    /// `names=(`
    Array,
    /// `case`, up to its `in`.
    Case,
    /// The pattern of a branch, up to its `)`.
    Pattern,
    /// The commands of a branch, after the `)` of its pattern.
    Body,
}

/// A list that is being read.
struct List {
    tokens: Vec<Token>,
    word: Option<Word>,
    /// True if the next word belongs to a redirection.
    redirects: bool,
    /// True if a command begins here. Then keywords have their meaning.
    begins: bool,
    open: Vec<Open>,
}

impl List {
    fn word(&mut self, at: usize) -> &mut Word {
        self.word.get_or_insert_with(|| Word {
            start: at,
            ..Word::default()
        })
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else {
            return;
        };
        word.redirects = std::mem::take(&mut self.redirects);
        word.is_element = self.open.last() == Some(&Open::Array);
        if !word.redirects && !word.is_element {
            let begins = std::mem::take(&mut self.begins);
            let top = self.open.last_mut();
            match (word.keyword(), top) {
                (Some("case"), _) if begins => self.open.push(Open::Case),
                (Some("in"), Some(top @ Open::Case)) => *top = Open::Pattern,
                (Some("esac"), Some(Open::Pattern)) => drop(self.open.pop()),
                (Some("esac"), Some(Open::Body)) if begins => drop(self.open.pop()),
                (Some(word), _) if begins => self.begins = KEYWORDS.contains(&word),
                _ => self.begins = begins && word.assigns().is_some(),
            }
        }
        self.tokens.push(Token::Word(word));
    }

    fn operator(&mut self, operator: Operator, at: usize) {
        self.end_word();
        self.redirects = false;
        self.begins = true;
        self.tokens.push(Token::Operator(operator, at));
    }
}

/// The words after which a command begins.
const KEYWORDS: [&str; 11] = [
    "if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "coproc",
];

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.at += c.len_utf8();
        }
        there
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// The tokens up to the requested end.
    fn list(&mut self, until: Until, depth: usize) -> Vec<Token> {
        let mut list = List {
            tokens: Vec::new(),
            word: None,
            redirects: false,
            begins: true,
            open: Vec::new(),
        };
        if depth > DEEPEST {
            self.at = self.text.len();
        }
        loop {
            let at = self.at;
            let Some(c) = self.next() else { break };
            match c {
                ' ' | '\t' | '\r' => list.end_word(),
                '\n' => {
                    match list.open.last() {
                        Some(Open::Array) => list.end_word(),
                        _ => list.operator(Operator::End, at),
                    }
                    self.pass_here_documents();
                }
                ';' if self.eat(';') => {
                    self.eat('&');
                    self.end_case(&mut list, at);
                }
                ';' if self.eat('&') => self.end_case(&mut list, at),
                ';' => list.operator(Operator::End, at),
                '&' if self.eat('&') => list.operator(Operator::And, at),
                '&' if self.peek() == Some('>') => {
                    list.end_word();
                    self.at += 1;
                    self.eat('>');
                    list.redirects = true;
                }
                '&' => list.operator(Operator::Background, at),
                '|' if list.open.last() == Some(&Open::Pattern) => list.end_word(),
                '|' if self.eat('|') => list.operator(Operator::Or, at),
                '|' => {
                    self.eat('&');
                    list.operator(Operator::Pipe, at);
                }
                '#' if list.word.is_none() => self.skip_line(),
                '(' => self.open(&mut list, at),
                ')' => {
                    list.end_word();
                    match list.open.last_mut() {
                        Some(top @ Open::Pattern) => *top = Open::Body,
                        Some(Open::Paren) => drop(list.open.pop()),
                        Some(Open::Array) => {
                            list.open.pop();
                            continue;
                        }
                        _ if until == Until::Paren => {
                            list.operator(Operator::End, at);
                            return list.tokens;
                        }
                        _ => {}
                    }
                    list.operator(Operator::Close, at);
                }
                '`' if until == Until::Backtick => {
                    list.operator(Operator::End, at);
                    return list.tokens;
                }
                '<' | '>' => self.redirection(&mut list, c, depth),
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(c) => {
                        let word = list.word(at);
                        word.is_quoted = true;
                        word.push(c);
                    }
                },
                '\'' => {
                    let word = list.word(at);
                    word.is_quoted = true;
                    // An empty word '' is a word, too.
                    if word.pieces.is_empty() {
                        word.pieces.push(Piece::Text(String::new()));
                    }
                    while let Some(c) = self.next().filter(|c| *c != '\'') {
                        word.push(c);
                    }
                }
                '"' => self.double(list.word(at), depth),
                '$' | '`' => {
                    let word = list.word(at);
                    word.splits |= word.assigns().is_none();
                    self.expansion(word, c, depth);
                }
                '*' | '?' | '~' => {
                    let word = list.word(at);
                    word.pieces.push(Piece::Hole);
                    word.splits = true;
                }
                c => list.word(at).push(c),
            }
        }
        list.end_word();
        list.tokens
    }

    fn end_case(&mut self, list: &mut List, at: usize) {
        list.operator(Operator::EndOfCase, at);
        if let Some(top @ Open::Body) = list.open.last_mut() {
            *top = Open::Pattern;
        }
    }

    fn open(&mut self, list: &mut List, at: usize) {
        let behind_equals = |word: &Word| word.assigns().is_some() && word.head().ends_with('=');
        let is_first = list.word.is_none();
        if list.word.as_ref().is_some_and(behind_equals) {
            list.end_word();
            list.begins = false;
            list.open.push(Open::Array);
            return;
        }
        let follows_for =
            matches!(list.tokens.last(), Some(Token::Word(word)) if word.keyword() == Some("for"));
        if is_first && self.peek() == Some('(') && (list.begins || follows_for) {
            let rest = &self.text[self.at..];
            self.at += rest.find("))").map_or(rest.len(), |at| at + 2);
            list.word(at).pieces.push(Piece::Hole);
            list.end_word();
            return;
        }
        list.end_word();
        if list.open.last() == Some(&Open::Pattern) {
            return;
        }
        list.open.push(Open::Paren);
        list.operator(Operator::Open, at);
    }

    fn redirection(&mut self, list: &mut List, c: char, depth: usize) {
        // In `2>`, the number is a part of the redirection.
        let is_number = list.word.as_ref().is_some_and(|word| {
            let text = word.literal().unwrap_or("x");
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_number {
            list.word = None;
        }
        list.end_word();
        if self.eat('(') {
            let at = self.at;
            let inside = self.list(Until::Paren, depth + 1);
            let word = list.word(at);
            word.substitutions.push(inside);
            word.pieces.push(Piece::Hole);
            return;
        }
        if c == '<' && self.eat('<') {
            if self.eat('<') {
                list.redirects = true;
                return;
            }
            let strips = self.eat('-');
            while self.eat(' ') || self.eat('\t') {}
            let rest = &self.text[self.at..];
            let ends = |c: char| c.is_whitespace() || ";|&<>()".contains(c);
            let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
            self.at += word.len();
            let word = word.chars().filter(|c| !"'\"\\".contains(*c)).collect();
            self.here.push((word, strips));
            return;
        }
        while self.eat('>') || self.eat('&') || self.eat('|') {}
        list.redirects = true;
    }

    /// Skips here-documents, because their text is not a command.
    fn pass_here_documents(&mut self) {
        for (end, strips) in std::mem::take(&mut self.here) {
            while self.at < self.text.len() {
                let begin = self.at;
                self.skip_line();
                let line = &self.text[begin..self.at];
                self.eat('\n');
                let line = if strips {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if line == end {
                    break;
                }
            }
        }
    }

    fn double(&mut self, word: &mut Word, depth: usize) {
        word.is_quoted = true;
        // An empty word "" is a word, too.
        if word.pieces.is_empty() {
            word.pieces.push(Piece::Text(String::new()));
        }
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                    Some(c) => {
                        word.push('\\');
                        word.push(c);
                    }
                },
                '$' | '`' => self.expansion(word, c, depth),
                c => word.push(c),
            }
        }
    }

    /// Reads an expansion. Commands inside it are read like all others.
    fn expansion(&mut self, word: &mut Word, c: char, depth: usize) {
        if c == '`' {
            let inside = self.list(Until::Backtick, depth + 1);
            word.substitutions.push(inside);
            word.pieces.push(Piece::Hole);
            return;
        }
        match self.peek() {
            Some('(') if self.text[self.at..].starts_with("((") => {
                let rest = &self.text[self.at..];
                self.at += rest.find("))").map_or(rest.len(), |at| at + 2);
            }
            Some('(') => {
                self.at += 1;
                let inside = self.list(Until::Paren, depth + 1);
                word.substitutions.push(inside);
            }
            Some('{') => self.braces(word),
            Some('@' | '*') => {
                self.at += 1;
                word.splits = true;
                word.is_given = true;
            }
            Some('\'') => {
                word.is_quoted = true;
                self.at += 1;
                while let Some(c) = self.next().filter(|c| *c != '\'') {
                    if c == '\\' {
                        self.next();
                    }
                }
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let rest = &self.text[self.at..];
                let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
                word.variables.push(name.to_owned());
                self.at += name.len();
            }
            Some(c) if c.is_ascii_digit() || "#?$!-".contains(c) => {
                if c.is_ascii_digit() {
                    word.variables.push(c.to_string());
                }
                word.reads_status |= c == '?';
                self.at += 1;
            }
            _ => {
                word.push('$');
                return;
            }
        }
        word.pieces.push(Piece::Hole);
    }

    /// `${…}`
    fn braces(&mut self, word: &mut Word) {
        let begin = self.at + 1;
        let mut open = 0;
        while let Some(c) = self.next() {
            match c {
                '\\' => drop(self.next()),
                // `${x%'}'}`
                '\'' if self.text[self.at..].starts_with("}'") => self.at += 2,
                '{' => open += 1,
                '}' => open -= 1,
                '@' | '*' => word.splits = true,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        let inside = self.text.get(begin..self.at).unwrap_or_default();
        word.reads_status |= inside.starts_with('?') || inside.starts_with("PIPESTATUS");
        let name = inside.trim_start_matches(['#', '!']);
        let name = &name[..name.find(|c| !is_part(c)).unwrap_or(name.len())];
        word.variables.push(name.to_owned());
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
