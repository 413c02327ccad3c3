//! Where in a script a call stands: found at the time of the call from the shell that made it.
//!
//! A shell keeps its script open (bash as 255, the others from 10 on), and the descriptor's position tells how far it
//! has read: bash exactly as far as the line it runs, the others in blocks; all of them past the end of a function or
//! a loop that they are in. So the position is a bound, and the script's text settles it: the one command above the
//! bound that can have made these words. Where there are several, the one that ends at the bound; in doubt, none.
//! A command substitution or a subshell has closed the script, and its parent has not.
//!
//! Linux alone tells. Calls from make, npm or Python have no place.

use super::calls::Place;
use crate::face::world::Process;

/// Where the call of this process stands.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_: &Process) -> Option<Place> {
    None
}

/// Where the call of this process stands.
#[cfg(target_os = "linux")]
pub(crate) fn of(process: &Process) -> Option<Place> {
    let words: Vec<&str> = process
        .args
        .iter()
        .map(|word| word.to_str())
        .collect::<Option<_>>()?;
    let mut pid = rustix::process::getppid()?
        .as_raw_nonzero()
        .get()
        .unsigned_abs();
    for _ in 0..MOST_PARENTS {
        if let Some(script) = proc::script_of(pid)
            && let Some(place) = script.find(&process.program, &words)
        {
            return Some(place);
        }
        pid = super::processes::parent_of(pid).filter(|pid| *pid > 1)?;
    }
    None
}

/// How many processes may stand between a call and its script: `xargs`, `timeout`, subshells.
#[cfg(target_os = "linux")]
const MOST_PARENTS: usize = 8;

/// A script that a shell runs.
#[derive(Debug)]
struct Script {
    file: std::path::PathBuf,
    text: String,
    /// How far it has been read.
    read: usize,
    /// Whether that is as far as the line that runs.
    exact: bool,
}

impl Script {
    /// The place of a call in it, or in a file that it takes in.
    fn find(&self, program: &str, words: &[&str]) -> Option<Place> {
        let (sites, taken_in) = text::sites(&self.text, program);
        let mut found: Vec<Place> = Vec::new();
        for site in sites.iter().filter(|site| site.start < self.read) {
            if !site.matches(program, words) {
                continue;
            }
            let place = Place {
                file: self.file.clone(),
                line: line_of(&self.text, site.start),
            };
            if self.exact && site.line_end == self.read {
                return Some(place);
            }
            found.push(place);
        }
        for name in taken_in {
            let Some((file, text)) = self.taken_in(&name) else {
                continue;
            };
            let (sites, _) = text::sites(&text, program);
            found.extend(
                sites
                    .iter()
                    .filter(|site| site.matches(program, words))
                    .map(|site| Place {
                        file: file.clone(),
                        line: line_of(&text, site.start),
                    }),
            );
        }
        match found.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// A file that is taken in by that name: it lies beside the script, or where the name says from there.
    fn taken_in(&self, name: &str) -> Option<(std::path::PathBuf, String)> {
        let folder = self.file.parent()?;
        let name = name.trim_start_matches(['/', '.']);
        let file = [folder.join(name), folder.join("..").join(name)]
            .into_iter()
            .find(|file| file.is_file())?;
        let text = super::bypass::text_of(&file)?;
        Some((file, text))
    }
}

/// The line of an offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// What `/proc` tells of a shell.
#[cfg(target_os = "linux")]
mod proc {
    use std::fs;

    use super::Script;

    /// bash's descriptor, then where the others begin.
    const DESCRIPTORS: [u32; 4] = [255, 10, 11, 12];

    /// The largest script that is looked at.
    const LARGEST: u64 = 256 << 10;

    pub(super) fn script_of(pid: u32) -> Option<Script> {
        DESCRIPTORS.iter().find_map(|number| {
            let link = format!("/proc/{pid}/fd/{number}");
            let file = fs::read_link(&link).ok()?;
            let metadata = fs::metadata(&link).ok()?;
            if !metadata.is_file() || metadata.len() > LARGEST {
                return None;
            }
            let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).ok()?;
            let position = info.lines().find_map(|line| line.strip_prefix("pos:"))?;
            Some(Script {
                // Through the descriptor, so that a script that was deleted is read as well.
                text: String::from_utf8(fs::read(&link).ok()?).ok()?,
                // What the kernel adds to the name of a file that is gone.
                file: match file.to_string_lossy().strip_suffix(" (deleted)") {
                    Some(name) if !file.exists() => name.into(),
                    _ => file,
                },
                read: position.trim().parse().ok()?,
                exact: *number == 255,
            })
        })
    }
}

/// As much of a shell's grammar as finds the simple commands of a script and tells their words from one another. What
/// it gets wrong matches no call.
mod text {
    /// A command that may call a program.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Site {
        /// Where the program's name stands.
        pub(super) start: usize,
        /// Where the line that the command ends in has its end.
        pub(super) line_end: usize,
        /// The words from the program's name on.
        words: Vec<Word>,
    }

    /// A word: text and what the shell puts in.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    struct Word {
        start: usize,
        pieces: Vec<Piece>,
        /// Whether it may become no word or several.
        splits: bool,
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
                    [Piece::Hole, more @ ..] => (0..=text.len())
                        .any(|at| text.is_char_boundary(at) && rest(more, &text[at..])),
                    [Piece::Text(start), more @ ..] => text
                        .strip_prefix(start.as_str())
                        .is_some_and(|text| rest(more, text)),
                }
            }
            rest(&self.pieces, text)
        }
    }

    impl Site {
        /// Whether this command can have called the program with those words. Two plain words must agree: a wrapper's
        /// `aws "$@"` tells nothing.
        pub(super) fn matches(&self, program: &str, words: &[&str]) -> bool {
            let plain = |word: &&Word| word.literal().is_some_and(|text| !text.is_empty());
            let called = [&[program], words].concat();
            self.words
                .iter()
                .filter(plain)
                .filter(|word| word.literal() != Some(program))
                .count()
                >= 2
                && agree(&self.words, &called)
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
    pub(super) fn sites(text: &str, program: &str) -> (Vec<Site>, Vec<String>) {
        let mut reader = Reader {
            text,
            at: 0,
            program,
            sites: Vec::new(),
            taken_in: Vec::new(),
            here: Vec::new(),
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
                    });
                }
                self.sites.push(Site {
                    start: words.first().map_or(at, |word| word.start),
                    line_end: at,
                    words,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a call in a script that has been read to the end of the given line.
    fn found(text: &str, read_lines: usize, words: &str) -> Option<usize> {
        let script = Script {
            file: "/x/deploy.sh".into(),
            text: text.to_owned(),
            read: text
                .split_inclusive('\n')
                .take(read_lines)
                .map(str::len)
                .sum(),
            exact: true,
        };
        let words: Vec<&str> = words.split(' ').collect();
        script.find("aws", &words).map(|place| place.line)
    }

    #[test]
    fn finds_a_call_by_its_words() {
        let script = "\
set -e  # aws lambda publish-version --function-name pay
echo 'aws lambda publish-version --function-name pay'
cat <<'END'
aws lambda publish-version --function-name pay
it's no command
END
version=$(aws lambda publish-version \\
  --function-name \"$1\" --query Version --output text 2>/dev/null) || exit 1
aws lambda update-alias --function-name \"$1\" --name live --function-version $version >/dev/null
if ! aws lambda get-alias --function-name \"${1:-x}\" --name prod; then
  $AWS lambda create-alias --function-name $1 --name prod --function-version \"$(cat v)\"
fi
aws lambda delete-function --function-name pay:`cat old`; aws lambda list-functions \"${more[@]}\"
";
        for (words, line) in [
            (
                "lambda publish-version --function-name pay --query Version --output text",
                Some(7),
            ),
            (
                "lambda update-alias --function-name pay --name live --function-version 3",
                Some(9),
            ),
            (
                "lambda update-alias --function-name pay --name live --function-version",
                Some(9),
            ),
            ("lambda get-alias --function-name pay --name prod", Some(10)),
            (
                "lambda create-alias --function-name pay --name prod --function-version 3",
                Some(11),
            ),
            ("lambda delete-function --function-name pay:3", Some(13)),
            ("lambda list-functions --max-items 3", Some(13)),
            ("lambda list-functions", Some(13)),
            ("lambda publish-version --function-name pay", None),
            (
                "lambda update-alias --function-name pay --name prod --function-version 3",
                None,
            ),
        ] {
            assert_eq!(found(script, 13, words), line, "{words}");
        }
    }

    #[test]
    fn of_equal_calls_it_is_the_one_that_runs_or_none() {
        let script = "\
aws lambda publish-version --function-name pay
f() {
  aws lambda get-function --function-name $1
}
aws lambda publish-version --function-name pay
f pay
aws lambda get-function --function-name pay
";
        let publish = "lambda publish-version --function-name pay";
        let get = "lambda get-function --function-name pay";
        assert_eq!(found(script, 1, publish), Some(1));
        assert_eq!(found(script, 5, publish), Some(5));
        assert_eq!(
            found(script, 6, get),
            Some(3),
            "what is not read yet does not count"
        );
        assert_eq!(found(script, 7, get), Some(7));
        assert_eq!(found(script, 6, publish), None);
    }

    #[test]
    fn what_xargs_adds_is_no_hindrance() {
        let script = "list | xargs -n1 aws lambda delete-function --function-name pay --qualifier\n\
                      list | xargs -I{} aws lambda get-alias --name {} --function-name pay\n";
        let delete = "lambda delete-function --function-name pay --qualifier 3";
        assert_eq!(found(script, 2, delete), Some(1));
        assert_eq!(
            found(
                script,
                2,
                "lambda get-alias --name live --function-name pay"
            ),
            Some(2)
        );
    }

    #[test]
    fn a_wrapper_tells_nothing() {
        assert_eq!(
            found(
                "retry() { \"$@\"; aws \"$@\"; }\nretry aws lambda list-functions\n",
                2,
                "lambda list-functions"
            ),
            Some(2)
        );
        assert_eq!(
            found(
                "call() { aws \"$@\"; }\ncall lambda list-functions\n",
                2,
                "lambda list-functions"
            ),
            None
        );
    }

    #[test]
    fn a_call_in_a_file_that_is_taken_in_is_found_there() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("lib.sh"),
            "release() {\n  aws lambda publish-version --function-name $1\n}\n",
        )
        .unwrap();
        let text = ". \"$(dirname \"$0\")/lib.sh\"\nrelease pay\n".to_owned();
        let script = Script {
            file: folder.path().join("deploy.sh"),
            read: text.len(),
            text,
            exact: true,
        };
        let place = script
            .find(
                "aws",
                &["lambda", "publish-version", "--function-name", "pay"],
            )
            .unwrap();
        assert_eq!((place.file, place.line), (folder.path().join("lib.sh"), 2));
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in [
            "$(", "${", "`", "\"", "'", "<<", "<<<", "$((", "((((", "\\", "$", "a <<E\n", "é$é",
        ] {
            assert_eq!(
                found(&text.repeat(40), 100, "lambda list-functions"),
                None,
                "{text}"
            );
        }
    }
}
