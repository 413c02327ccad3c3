//! Turns a shell script's tokens into lists, pipelines and commands. A text that is not a shell script also gives a
//! tree; its commands match no call.

use super::{
    tokens::{Operator, Token},
    words::Word,
};

/// Commands that run one after the other.
pub(super) type List<'t> = Vec<AndOr<'t>>;

/// Pipelines with `&&` and `||` between them.
#[derive(Debug, Default)]
pub(super) struct AndOr<'t> {
    pub(super) pipelines: Vec<Pipeline<'t>>,
    /// The operators between them: [`Operator::And`] or [`Operator::Or`].
    pub(super) operators: Vec<Operator>,
    pub(super) is_in_background: bool,
}

/// Commands with `|` between them.
#[derive(Debug, Default)]
pub(super) struct Pipeline<'t> {
    /// `!`
    pub(super) is_negated: bool,
    /// `coproc`
    pub(super) is_coprocess: bool,
    pub(super) commands: Vec<Command<'t>>,
}

/// A command.
#[derive(Debug)]
pub(super) enum Command<'t> {
    /// The command's words, and the offset of the command's end.
    Simple(Vec<&'t Word>, usize),
    /// `if`, `while`, `for`, `case`, `{`, `(`
    Compound(Compound<'t>),
    /// A function's definition.
    Function(String, Box<Self>),
}

/// A command that contains commands.
#[derive(Debug, Default)]
pub(super) struct Compound<'t> {
    /// The first word of the construct, if the construct has words: `for`, `case`.
    pub(super) name: &'t str,
    /// The words of the construct, and the words of redirections.
    pub(super) words: Vec<&'t Word>,
    /// Lists whose status decides which branch runs: the conditions of `if`, `elif`, `while`, `until`.
    pub(super) conditions: Vec<List<'t>>,
    /// Lists that may run or not: branches, and the bodies of loops.
    pub(super) branches: Vec<List<'t>>,
    /// Lists that always run: `{`, `(`.
    pub(super) bodies: Vec<List<'t>>,
}

/// Turns tokens into a tree of lists.
pub(super) fn parse(tokens: &[Token], end: usize) -> List<'_> {
    let mut parser = Parser { tokens, at: 0, end };
    let mut whole = Vec::new();
    while parser.at < tokens.len() {
        let begin = parser.at;
        whole.extend(parser.list(&[]));
        // A closing word without an opening word is skipped.
        parser.at = parser.at.max(begin + usize::from(parser.at == begin));
    }
    whole
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    /// The offset of the text's end.
    end: usize,
}

impl<'t> Parser<'t> {
    fn operator(&self) -> Option<Operator> {
        match self.tokens.get(self.at)? {
            Token::Operator(operator, _) => Some(*operator),
            Token::Word(_) => None,
        }
    }

    fn word(&self) -> Option<&'t Word> {
        match self.tokens.get(self.at)? {
            Token::Word(word) => Some(word),
            Token::Operator(..) => None,
        }
    }

    fn keyword(&self) -> Option<&'t str> {
        self.word().filter(|word| !word.redirects)?.keyword()
    }

    fn eat(&mut self, operator: Operator) -> bool {
        let there = self.operator() == Some(operator);
        self.at += usize::from(there);
        there
    }

    fn eat_keyword(&mut self, keyword: &str) -> bool {
        let there = self.keyword() == Some(keyword);
        self.at += usize::from(there);
        there
    }

    /// The offset of the next token.
    fn offset(&self) -> usize {
        match self.tokens.get(self.at) {
            Some(Token::Operator(_, at)) => *at,
            Some(Token::Word(word)) => word.start,
            None => self.end,
        }
    }

    fn skip_ends(&mut self) {
        while self.eat(Operator::End) || self.eat(Operator::Background) {}
    }

    /// Reads commands up to one of the given keywords, a `)` or a `;;`. The end itself is not consumed.
    fn list(&mut self, until: &[&str]) -> List<'t> {
        let mut list = Vec::new();
        loop {
            self.skip_ends();
            let is_end = match self.operator() {
                Some(Operator::Close | Operator::EndOfCase) => true,
                Some(_) => false,
                None => self.at >= self.tokens.len(),
            };
            let stops = |word: &str| until.contains(&word) || ENDS.contains(&word);
            if is_end || self.keyword().is_some_and(stops) {
                return list;
            }
            let begin = self.at;
            list.push(self.and_or());
            if self.at == begin {
                self.at += 1;
            }
        }
    }

    fn and_or(&mut self) -> AndOr<'t> {
        let mut and_or = AndOr::default();
        loop {
            and_or.pipelines.push(self.pipeline());
            match self.operator() {
                Some(operator @ (Operator::And | Operator::Or)) => {
                    self.at += 1;
                    and_or.operators.push(operator);
                    while self.eat(Operator::End) {}
                }
                operator => {
                    and_or.is_in_background = operator == Some(Operator::Background);
                    return and_or;
                }
            }
        }
    }

    fn pipeline(&mut self) -> Pipeline<'t> {
        let mut pipeline = Pipeline::default();
        loop {
            match self.keyword() {
                Some("!") => {
                    self.at += 1;
                    pipeline.is_negated ^= true;
                    continue;
                }
                Some(word @ ("time" | "coproc")) => {
                    self.at += 1;
                    pipeline.is_coprocess |= word == "coproc";
                    while self.keyword() == Some("-p") {
                        self.at += 1;
                    }
                    continue;
                }
                _ => {}
            }
            pipeline.commands.push(self.command());
            if !self.eat(Operator::Pipe) {
                return pipeline;
            }
            while self.eat(Operator::End) {}
        }
    }

    fn command(&mut self) -> Command<'t> {
        if self.eat(Operator::Open) {
            let body = self.list(&[]);
            self.eat(Operator::Close);
            return self.closed(Compound {
                bodies: vec![body],
                ..Compound::default()
            });
        }
        let Some(word) = self.keyword() else {
            return self.simple();
        };
        let mut compound = Compound {
            name: word,
            ..Compound::default()
        };
        match word {
            "if" => {
                while self.eat_keyword("if") || self.eat_keyword("elif") {
                    compound.conditions.push(self.list(&["then"]));
                    self.eat_keyword("then");
                    compound.branches.push(self.list(&["elif", "else", "fi"]));
                    if self.eat_keyword("else") {
                        compound.branches.push(self.list(&["fi"]));
                    }
                }
                self.eat_keyword("fi");
            }
            "while" | "until" => {
                self.at += 1;
                compound.conditions.push(self.list(&["do"]));
                self.body(&mut compound);
            }
            "for" | "select" => {
                self.at += 1;
                self.head(&mut compound, &["do", "{"]);
                self.body(&mut compound);
            }
            "case" => {
                self.at += 1;
                self.head(&mut compound, &["in"]);
                self.eat_keyword("in");
                while self.at < self.tokens.len() && !self.eat_keyword("esac") {
                    // This reads the pattern of a `case` branch, up to its `)`.
                    while self.operator() == Some(Operator::End) {
                        self.at += 1;
                    }
                    if self.keyword() == Some("esac") {
                        continue;
                    }
                    while self.at < self.tokens.len() && !self.eat(Operator::Close) {
                        self.at += 1;
                    }
                    compound.branches.push(self.list(&["esac"]));
                    self.eat(Operator::EndOfCase);
                }
            }
            "{" => {
                self.at += 1;
                compound.bodies.push(self.list(&["}"]));
                self.eat_keyword("}");
            }
            "function" => {
                self.at += 1;
                let name = self.word().and_then(Word::literal).unwrap_or_default();
                self.at += 1;
                if self.eat(Operator::Open) {
                    self.eat(Operator::Close);
                }
                return self.function(name);
            }
            name if matches!(
                self.tokens.get(self.at + 1..self.at + 3),
                Some([
                    Token::Operator(Operator::Open, _),
                    Token::Operator(Operator::Close, _)
                ])
            ) =>
            {
                self.at += 3;
                return self.function(name);
            }
            _ => return self.simple(),
        }
        self.closed(compound)
    }

    fn function(&mut self, name: &str) -> Command<'t> {
        while self.eat(Operator::End) {}
        let body = self.command();
        Command::Function(name.to_owned(), Box::new(body))
    }

    /// The words of a `for` or `case`.
    fn head(&mut self, compound: &mut Compound<'t>, until: &[&str]) {
        while self.at < self.tokens.len() {
            match self.word() {
                Some(word) => {
                    // It is assumed that nobody writes `for do in …`.
                    if word.keyword().is_some_and(|word| until.contains(&word)) {
                        return;
                    }
                    compound.words.push(word);
                }
                None if self.operator() == Some(Operator::End) => {}
                None => return,
            }
            self.at += 1;
        }
    }

    /// `do … done`
    fn body(&mut self, compound: &mut Compound<'t>) {
        self.skip_ends();
        let (begin, end) = match self.keyword() {
            Some("{") => ("{", "}"),
            _ => ("do", "done"),
        };
        if self.eat_keyword(begin) {
            compound.branches.push(self.list(&[end]));
            self.eat_keyword(end);
        }
    }

    /// A compound command with its redirections.
    fn closed(&mut self, mut compound: Compound<'t>) -> Command<'t> {
        while let Some(word) = self.word().filter(|word| word.redirects) {
            compound.words.push(word);
            self.at += 1;
        }
        Command::Compound(compound)
    }

    fn simple(&mut self) -> Command<'t> {
        let mut words: Vec<&Word> = Vec::new();
        loop {
            let tests = words
                .first()
                .is_some_and(|word| word.keyword() == Some("[["))
                && words.last().is_none_or(|word| word.keyword() != Some("]]"));
            match self.tokens.get(self.at) {
                Some(Token::Word(word)) => words.push(word),
                // `[[ $a && ( $b || $c ) ]]`
                Some(Token::Operator(..)) if tests => {}
                _ => return Command::Simple(words, self.offset()),
            }
            self.at += 1;
        }
    }
}

/// The keywords that end a list of any kind.
const ENDS: [&str; 8] = ["then", "do", "done", "fi", "elif", "else", "esac", "}"];
