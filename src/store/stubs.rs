//! Stubs: answers to commands that the user defines, either because a command is not simulated or because its answer
//! should be different.
//!
//! ```text
//! # A command, and below it, indented, what it prints.
//! cloudformation describe-stacks * --stack-name prod*
//!     {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}
//!
//! # Alone: it succeeds and prints nothing.
//! cloudfront create-invalidation
//!
//! # It fails; lines behind "!" go to stderr.
//! docker push => 1
//!     ! denied: requested access to the resource is denied
//!
//! # It prints a file, which is looked for beside this one.
//! ssm get-parameter < answers/parameter.json
//! ```
//!
//! A pattern is the first words of a command; the command may have more words. A `*` within a word stands for any
//! characters. A `*` that is a word stands for any number of words, or for none. Quotes keep blanks in one word.
//! `--name=value` counts as two words. If several stubs match, the first one gives the answer.

use std::path::{Path, PathBuf};

use super::{Result, Store, StoreError, atomic};

/// The answer of a stub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// The exit code.
    pub code: u8,
    /// The bytes for stdout.
    pub stdout: Vec<u8>,
    /// The text for stderr.
    pub stderr: String,
}

/// A stub as its file defines it.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    pattern: Vec<String>,
    code: u8,
    stdout: String,
    stderr: String,
    file: Option<PathBuf>,
}

/// All stubs, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct Stubs {
    rules: Vec<Rule>,
}

impl Stubs {
    /// Reads a file. Errors contain `path`. The files that stubs print are looked for in `folder`.
    ///
    /// # Errors
    /// A line that cannot be parsed; the error contains its number.
    fn parse(text: &str, path: &Path, folder: &Path) -> Result<Self> {
        let mut rules: Vec<Rule> = Vec::new();
        // Blank lines and indentation belong to an answer if more lines of the answer follow.
        let (mut blanks, mut indent) = (0, None);
        for (number, line) in (1..).zip(text.lines()) {
            let refused = |cause: &str| {
                StoreError::content(path, format!("line {number}: {cause}"))
                    .with_hint("a stub is the words of a command, then \"=> 1\" for its exit code, \"< FILE\" for a \
                        file to print, or the indented output below it")
            };
            if line.trim().is_empty() {
                blanks += 1;
                continue;
            }
            let depth = line.len() - line.trim_start().len();
            if depth > 0 {
                let Some(rule) = rules.last_mut() else {
                    return Err(refused("an indented line needs a command above it").into());
                };
                let content = &line[depth.min(*indent.get_or_insert(depth))..];
                if let Some(error) = content.trim_start().strip_prefix('!') {
                    rule.stderr
                        .push_str(error.strip_prefix(' ').unwrap_or(error));
                    rule.stderr.push('\n');
                } else if rule.file.is_some() {
                    return Err(refused("the command already prints a file").into());
                } else {
                    rule.stdout.push_str(&"\n".repeat(blanks));
                    rule.stdout.push_str(content);
                    rule.stdout.push('\n');
                }
                blanks = 0;
                continue;
            }
            (blanks, indent) = (0, None);
            if !line.starts_with('#') {
                rules.push(rule(line, folder).map_err(|cause| refused(&cause))?);
            }
        }
        Ok(Self { rules })
    }

    /// The answer to a command, if a stub matches. For a command of `aws`, `words` start with the word after `aws`; for
    /// any other command, they start with the name of the command.
    ///
    /// # Errors
    /// A file of a stub that cannot be read.
    pub fn find(&self, words: &[String]) -> Result<Option<Stub>> {
        let words: Vec<&str> = words.iter().flat_map(|word| split(word)).collect();
        let Some(rule) = self.rules.iter().find(|rule| {
            let pattern: Vec<&str> = rule.pattern.iter().flat_map(|word| split(word)).collect();
            matches(&pattern, &words)
        }) else {
            return Ok(None);
        };
        let stdout = match &rule.file {
            Some(path) => atomic::read(path)?.ok_or_else(|| {
                StoreError::content(path, "the file does not exist")
                    .with_hint("a stub prints this file: look in the file of stubs")
            })?,
            None => rule.stdout.clone().into_bytes(),
        };
        Ok(Some(Stub {
            code: rule.code,
            stdout,
            stderr: rule.stderr.clone(),
        }))
    }

    /// The first words of the commands that stubs answer.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules
            .iter()
            .filter_map(|rule| rule.pattern.first())
            .map(String::as_str)
    }

    /// Returns true if there are no stubs.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Returns true if a command matches a pattern written as in a stub.
///
/// # Errors
/// An unclosed quote.
pub fn means(pattern: &str, command: &[String]) -> std::result::Result<bool, String> {
    let pattern = words(pattern)?;
    let pattern: Vec<&str> = pattern.iter().flat_map(|word| split(word)).collect();
    let command: Vec<&str> = command.iter().flat_map(|word| split(word)).collect();
    Ok(matches(&pattern, &command))
}

/// Parses a line with a command.
fn rule(line: &str, folder: &Path) -> std::result::Result<Rule, String> {
    let mut pattern = words(line)?;
    let mut rule = Rule {
        pattern: Vec::new(),
        code: 0,
        stdout: String::new(),
        stderr: String::new(),
        file: None,
    };
    if let Some(at) = pattern.iter().position(|word| word == "<" || word == "=>") {
        let mut rest = pattern.split_off(at).into_iter();
        while let Some(sign) = rest.next() {
            let value = rest
                .next()
                .ok_or_else(|| format!("something has to follow {sign:?}"))?;
            match sign.as_str() {
                "=>" => {
                    rule.code = value
                        .parse()
                        .map_err(|_| format!("{value:?} is not an exit code"))?;
                }
                "<" => rule.file = Some(folder.join(value)),
                other => return Err(format!("unexpected {other:?} after the command")),
            }
        }
    }
    if pattern.first().is_some_and(|word| word == "aws") {
        pattern.remove(0);
    }
    if pattern.first().is_none_or(|word| word.starts_with('*')) {
        return Err("a stub must start with the name of a service or a command".to_owned());
    }
    rule.pattern = pattern;
    Ok(rule)
}

/// The words of a line. Quotes keep blanks in one word.
///
/// # Errors
/// An unclosed quote.
pub fn words(line: &str) -> std::result::Result<Vec<String>, String> {
    match words_and_quote(line) {
        (_, Some(open)) => Err(format!("{open} is not closed")),
        (words, None) => Ok(words),
    }
}

/// The words of a line, and the quote that is not closed, if there is one.
pub fn words_and_quote(line: &str) -> (Vec<String>, Option<char>) {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (words, quote)
}

/// Splits `--name=value` into two words.
fn split(word: &str) -> impl Iterator<Item = &str> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => (name, Some(value)),
        _ => (word, None),
    };
    std::iter::once(name).chain(value)
}

/// Returns true if the first words match the pattern. A `*` that is a word stands for any number of words. After a
/// mismatch, the search goes back only to the last such `*`, so that no pattern takes a long time.
fn matches(pattern: &[&str], words: &[&str]) -> bool {
    let (mut at, mut word) = (0, 0);
    let mut star = None;
    loop {
        match pattern.get(at) {
            None => return true,
            Some(&"*") => {
                star = Some((at + 1, word));
                at += 1;
            }
            Some(wanted) if words.get(word).is_some_and(|word| glob(wanted, word)) => {
                at += 1;
                word += 1;
            }
            Some(_) => match star {
                Some((after, from)) if from < words.len() => {
                    star = Some((after, from + 1));
                    (at, word) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}

/// Returns true if a word matches a pattern that may contain `*`.
pub fn glob(pattern: &str, word: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == word;
    };
    let Some(mut left) = word.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    true
}

impl Store {
    /// All stubs: those of the named files, then those of `stubs` in the state directory.
    ///
    /// # Errors
    /// A named file that does not exist, and a line that is not a stub; the error contains its number.
    pub fn stubs(&self, named: &[PathBuf]) -> Result<Stubs> {
        let mut stubs = Stubs::default();
        let kept = self.root().join("stubs");
        // A fork has its own copy of `stubs`, but the files that stubs print are beside the original.
        let home = self.parents.last().map_or(self.root(), PathBuf::as_path);
        let named = named
            .iter()
            .map(|path| (path, path.parent().unwrap_or(Path::new(""))));
        for (path, folder) in named.chain([(&kept, home)]) {
            match atomic::read(path)? {
                Some(bytes) => {
                    let text = String::from_utf8(bytes)
                        .map_err(|_| StoreError::content(path, "it is not UTF-8 text"))?;
                    stubs.rules.extend(Stubs::parse(&text, path, folder)?.rules);
                }
                None if *path != kept => {
                    return Err(StoreError::content(path, "the file does not exist")
                        .with_hint("LAMBDRY_STUBS and --stub need the names of files of stubs")
                        .into());
                }
                None => {}
            }
        }
        Ok(stubs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, line: &str) -> Option<(u8, String, String)> {
        let stubs = Stubs::parse(text, Path::new("stubs"), Path::new("")).expect("stubs");
        let stub = stubs.find(&words(line).expect("words")).expect("no file");
        stub.map(|stub| {
            let stdout = String::from_utf8(stub.stdout).expect("text");
            (stub.code, stdout, stub.stderr)
        })
    }

    #[test]
    fn a_pattern_of_many_stars_is_told_at_once() {
        let pattern = ["x", "*", "*", "*", "*", "*", "*", "*", "*", "end"];
        let mut words = vec!["x"; 4000];
        assert!(!matches(&pattern, &words));
        words.push("end");
        assert!(matches(&pattern, &words));
        assert!(matches(
            &["a", "*", "b", "*", "c"],
            &["a", "b", "b", "x", "c", "more"]
        ));
        assert!(!matches(&["a", "*", "b"], &["a"]));
        assert!(matches(&["*"], &[]));
    }

    #[test]
    fn the_first_stub_that_matches_answers() {
        let text = "# stacks\ncloudformation describe-stacks * --stack-name prod*\n    {\"Stacks\": [\n        1\n    ]}\n\n\
                    aws cloudformation describe-*\n  none\n\ndocker push => 1 \n\t! denied\n\t!\n\tx\n";
        let line = "cloudformation describe-stacks --no-paginate --stack-name=prod-eu --debug";
        let told = Some((0, "{\"Stacks\": [\n    1\n]}\n".to_owned(), String::new()));
        assert_eq!(found(text, line), told);
        assert_eq!(
            found(text, "cloudformation describe-stacks --stack-name dev"),
            Some((0, "none\n".to_owned(), String::new()))
        );
        assert_eq!(
            found(text, "docker push host/x:1"),
            Some((1, "x\n".to_owned(), "denied\n\n".to_owned()))
        );
        assert_eq!(found(text, "docker pull x"), None);
        assert_eq!(found(text, "cloudformation"), None);
    }

    #[test]
    fn a_blank_line_within_an_answer_belongs_to_it() {
        let text = "a b\n  1\n\n  2\n\nc d\n";
        assert_eq!(
            found(text, "a b"),
            Some((0, "1\n\n2\n".to_owned(), String::new()))
        );
        assert_eq!(
            found(text, "c d e"),
            Some((0, String::new(), String::new()))
        );
    }

    #[test]
    fn a_star_stands_for_characters_or_for_words() {
        for (pattern, word, fits) in [
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "ab", false),
            ("*b*", "abc", true),
            ("a*a", "a", false),
            ("a**c", "ac", true),
        ] {
            assert_eq!(glob(pattern, word), fits, "{pattern} {word}");
        }
        assert!(matches(&["a", "*", "c"], &["a", "c"]));
        assert!(matches(&["a", "*", "c"], &["a", "b", "b", "c", "d"]));
        assert!(!matches(&["a", "*", "c"], &["a", "b"]));
    }

    #[test]
    fn what_is_no_stub_is_named_by_its_line() {
        for (text, cause) in [
            ("  x\n", "line 1: an indented line needs a command above it"),
            ("\na b => x\n", "line 2: \"x\" is not an exit code"),
            ("a b => 256\n", "line 1: \"256\" is not an exit code"),
            ("a b <\n", "line 1: something has to follow \"<\""),
            ("a < f\n  x\n", "line 2: the command already prints a file"),
            ("a 'b\n", "line 1: ' is not closed"),
            (
                "* x\n",
                "line 1: a stub must start with the name of a service or a command",
            ),
            (
                "aws => 1\n",
                "line 1: a stub must start with the name of a service or a command",
            ),
            ("a => 1 x y\n", "line 1: unexpected \"x\" after the command"),
        ] {
            let told = Stubs::parse(text, Path::new("stubs"), Path::new(""))
                .expect_err(text)
                .to_string();
            assert_eq!(told, format!("cannot read stubs: {cause}"));
        }
    }
}
