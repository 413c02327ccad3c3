//! As much of a shell's grammar as finds the simple commands of a script and tells their words from one another. What it
//! gets wrong matches no call.

/// A command that may call a program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Where the program's name stands.
    pub(crate) start: usize,
    /// Where the line that the command ends in has its end.
    pub(crate) line_end: usize,
    /// The words from the program's name on.
    words: Vec<Word>,
    /// The function that was begun last before it.
    function: Option<String>,
}

/// A word: text and what the shell puts in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Word {
    start: usize,
    pieces: Vec<Piece>,
    /// Whether it may become no word or several.
    splits: bool,
    /// Whether it is `$@`: what a function was given.
    is_given: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole,
}

impl Word {
    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.to_string())),
        }
    }

    fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }

    fn is_hole(&self) -> bool {
        let empty = Piece::Text(String::new());
        self.pieces.contains(&Piece::Hole)
            && self
                .pieces
                .iter()
                .all(|piece| *piece == Piece::Hole || *piece == empty)
    }

    fn matches(&self, text: &str) -> bool {
        fn rest(pieces: &[Piece], text: &str) -> bool {
            match pieces {
                [] => text.is_empty(),
                [Piece::Hole] => true,
                [Piece::Hole, more @ ..] => {
                    (0..=text.len()).any(|at| text.is_char_boundary(at) && rest(more, &text[at..]))
                }
                [Piece::Text(start), more @ ..] => text
                    .strip_prefix(start.as_str())
                    .is_some_and(|text| rest(more, text)),
            }
        }
        rest(&self.pieces, text)
    }
}

impl Site {
    /// Whether this command can have called the program with those words. So many plain words must agree: a
    /// wrapper's `aws "$@"` tells nothing.
    pub(crate) fn matches(&self, program: &str, words: &[&str], plain: usize) -> bool {
        let told = self.words.iter().filter_map(Word::literal);
        told.filter(|text| !text.is_empty() && *text != program)
            .count()
            >= plain
            && agree(&self.words, &[&[program], words].concat())
    }

    /// Where this passes on what its function was given: that function, and the words it was given if this made the
    /// call.
    pub(crate) fn passed_on<'w>(
        &self,
        program: &'w str,
        words: &[&'w str],
    ) -> Option<(&str, Vec<&'w str>)> {
        let function = self.function.as_deref()?;
        let at = self.words.iter().position(|word| word.is_given)?;
        let called = [&[program], words].concat();
        let (before, behind) = (&self.words[..at], &self.words[at + 1..]);
        let from = (0..=called.len()).find(|from| agree(before, &called[..*from]))?;
        let to = (from..=called.len())
            .rev()
            .find(|to| agree(behind, &called[*to..]))?;
        Some((function, called[from..to].to_vec()))
    }
}

fn agree(wanted: &[Word], words: &[&str]) -> bool {
    let Some((first, more)) = wanted.split_first() else {
        return words.is_empty();
    };
    if !first.splits {
        return words
            .split_first()
            .is_some_and(|(word, rest)| first.matches(word) && agree(more, rest));
    }
    let bare = first.is_hole();
    (0..=words.len()).any(|many| {
        let (these, rest) = words.split_at(many);
        (bare || (many > 0 && first.matches(&these.join(" ")))) && agree(more, rest)
    })
}

/// The commands of a script that may call the program, and the files it takes in.
pub(crate) fn sites(text: &str, program: &str) -> (Vec<Site>, Vec<String>) {
    let mut reader = Reader {
        text,
        at: 0,
        program,
        sites: Vec::new(),
        taken_in: Vec::new(),
        here: Vec::new(),
        function: None,
    };
    reader.list(Until::End, 0);
    let Reader {
        mut sites,
        taken_in,
        ..
    } = reader;
    for site in &mut sites {
        let rest = text.get(site.line_end..).unwrap_or_default();
        site.line_end += rest.find('\n').map_or(rest.len(), |at| at + 1);
    }
    (sites, taken_in)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Paren,
    Backtick,
}

/// The deepest nesting that is followed.
const DEEPEST: usize = 30;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    program: &'t str,
    sites: Vec<Site>,
    taken_in: Vec<String>,
    /// Here-documents whose text begins at the next line.
    here: Vec<(String, bool)>,
    /// The function that was begun last.
    function: Option<String>,
}

/// A command being read.
#[derive(Default)]
struct Command {
    words: Vec<Word>,
    word: Option<Word>,
    /// The next word is a redirection's.
    redirects: bool,
}

impl Command {
    fn word(&mut self, at: usize) -> &mut Word {
        self.word.get_or_insert_with(|| Word {
            start: at,
            ..Word::default()
        })
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.redirects)
        {
            self.words.push(word);
        }
    }
}

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

    /// Commands up to the end asked for.
    fn list(&mut self, until: Until, depth: usize) {
        let mut command = Command::default();
        if depth > DEEPEST {
            self.at = self.text.len();
        }
        loop {
            let at = self.at;
            let Some(c) = self.next() else { break };
            match c {
                ' ' | '\t' | '\r' => command.end_word(),
                '\n' => {
                    self.end(&mut command, at);
                    self.pass_here_documents();
                }
                ';' | '&' | '|' => self.end(&mut command, at),
                '#' if command.word.is_none() => self.skip_line(),
                '(' => {
                    command.end_word();
                    if self.peek() == Some(')')
                        && let [name] | [_, name] = command.words.as_slice()
                    {
                        self.function = name.literal().map(str::to_owned);
                    }
                    self.end(&mut command, at);
                    self.list(Until::Paren, depth + 1);
                }
                ')' => {
                    self.end(&mut command, at);
                    if until == Until::Paren {
                        return;
                    }
                }
                '`' if until == Until::Backtick => {
                    self.end(&mut command, at);
                    return;
                }
                '<' | '>' => self.redirection(&mut command, c, depth),
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(c) => command.word(at).push(c),
                },
                '\'' => {
                    let word = command.word(at);
                    while let Some(c) = self.next().filter(|c| *c != '\'') {
                        word.push(c);
                    }
                }
                '"' => self.double(command.word(at), depth),
                '$' | '`' => {
                    let word = command.word(at);
                    word.splits = true;
                    self.expansion(word, c, depth);
                }
                '*' | '?' | '[' | '~' => {
                    let word = command.word(at);
                    // `[` is a command, and a `[0]` in a query is in quotes.
                    if c == '[' {
                        word.push(c);
                    } else {
                        word.pieces.push(Piece::Hole);
                        word.splits = true;
                    }
                }
                c => command.word(at).push(c),
            }
        }
        let at = self.at;
        self.end(&mut command, at);
    }

    fn redirection(&mut self, command: &mut Command, c: char, depth: usize) {
        // `2>`: the number is the redirection's.
        let is_number = command.word.as_ref().is_some_and(|word| {
            let text = word.literal().unwrap_or("x");
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_number {
            command.word = None;
        }
        command.end_word();
        if self.eat('(') {
            let at = self.at;
            self.list(Until::Paren, depth + 1);
            let word = command.word(at);
            word.pieces.push(Piece::Hole);
            return;
        }
        if c == '<' && self.eat('<') {
            if self.eat('<') {
                command.redirects = true;
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
        command.redirects = true;
    }

    /// Passes over here-documents: their text is no command.
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
        // So that "" is a word.
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

    /// What the shell puts in; commands in it are read like all others.
    fn expansion(&mut self, word: &mut Word, c: char, depth: usize) {
        if c == '`' {
            self.list(Until::Backtick, depth + 1);
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
                self.list(Until::Paren, depth + 1);
            }
            Some('{') => {
                let mut open = 0;
                while let Some(c) = self.next() {
                    match c {
                        '{' => open += 1,
                        '}' => open -= 1,
                        '@' | '*' => word.splits = true,
                        _ => {}
                    }
                    if open == 0 {
                        break;
                    }
                }
            }
            Some('@' | '*') => {
                self.at += 1;
                word.splits = true;
                word.is_given = true;
            }
            Some('\'') => {
                self.at += 1;
                while let Some(c) = self.next().filter(|c| *c != '\'') {
                    if c == '\\' {
                        self.next();
                    }
                }
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let rest = &self.text[self.at..];
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                self.at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            }
            Some(c) if c.is_ascii_digit() || "#?$!-".contains(c) => self.at += 1,
            _ => {
                word.push('$');
                return;
            }
        }
        word.pieces.push(Piece::Hole);
    }

    /// The end of a command: what of it may call the program is kept.
    fn end(&mut self, command: &mut Command, at: usize) {
        command.end_word();
        command.redirects = false;
        let mut words = std::mem::take(&mut command.words);
        if let [first, second, ..] = words.as_slice()
            && matches!(first.literal(), Some("." | "source"))
            && let Some(Piece::Text(name)) = second.pieces.last()
        {
            self.taken_in.push(name.clone());
        }
        let of = |word: &Word| word.literal() == Some(self.program);
        // `$AWS lambda …`
        let from = words.iter().position(of).or_else(|| {
            let first = words.first()?;
            (first.is_hole() && first.splits).then_some(0)
        });
        if let Some(from) = from {
            let by_xargs = words[..from]
                .iter()
                .any(|word| word.literal() == Some("xargs"));
            let mut words = words.split_off(from);
            if by_xargs {
                for word in &mut words {
                    // `-I{}`
                    if word.literal() == Some("{}") {
                        word.pieces = vec![Piece::Hole];
                    }
                }
                words.push(Word {
                    start: at,
                    pieces: vec![Piece::Hole],
                    splits: true,
                    is_given: false,
                });
            }
            self.sites.push(Site {
                function: self.function.clone(),
                start: words.first().map_or(at, |word| word.start),
                line_end: at,
                words,
            });
        }
    }
}
