//! The shells that complete lambdry's lines: their scripts, the words that they hand over, and the form of their
//! candidates.
//!
//! A script only knows how to ask: `lambdry generate candidates SHELL -- WORD…`, where the last word is the one at the
//! cursor. The scripts are the files of `completions/`; the binary contains them. Each shell gets lines that it can use
//! directly:
//!
//! * bash hands over its line up to the cursor and `COMP_WORDBREAKS`, because it splits words at `=` and `:` and does
//!   not remove their quotes. bash gets the end of the word after the last break. This text is quoted like the word,
//!   and a blank follows it.
//! * zsh gets `word:about` as `_describe` reads it. A TAB in front means that the word can continue.
//! * fish gets `word TAB about`.
//! * PowerShell gets `quoted TAB word TAB about`. It hands over the last word followed by a dot, because an empty word
//!   would be lost on the way.
//! * Elvish gets `word TAB suffix TAB about`.

use super::complete::Candidate;

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// Into ~/.bashrc, or a file named lambdry among bash-completion's.
    Bash,
    /// A file named _lambdry in a folder of $fpath, or into ~/.zshrc after compinit.
    Zsh,
    /// A file named lambdry.fish in ~/.config/fish/completions.
    Fish,
    /// Into the file $PROFILE.
    Powershell,
    /// Into ~/.config/elvish/rc.elv.
    Elvish,
}

/// A request of a shell for candidates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// The words after the program's name, the last of them at the cursor.
    pub(crate) words: Vec<String>,
    /// The number of bytes of the last word that stay on the line unchanged.
    kept: usize,
    /// The quote that is open at the cursor.
    quote: Option<char>,
}

impl Shell {
    /// All shells.
    pub(crate) const ALL: [Self; 5] = [
        Self::Bash,
        Self::Zsh,
        Self::Fish,
        Self::Powershell,
        Self::Elvish,
    ];

    /// The file name of the shell's script, as the shell expects it.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Bash => "lambdry.bash",
            Self::Zsh => "_lambdry",
            Self::Fish => "lambdry.fish",
            Self::Powershell => "lambdry.ps1",
            Self::Elvish => "lambdry.elv",
        }
    }

    /// The completion script of the shell.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../completions/lambdry.bash"),
            Self::Zsh => include_str!("../../completions/_lambdry"),
            Self::Fish => include_str!("../../completions/lambdry.fish"),
            Self::Powershell => include_str!("../../completions/lambdry.ps1"),
            Self::Elvish => include_str!("../../completions/lambdry.elv"),
        }
    }

    /// Reads the words that the shell's script hands over.
    pub(crate) fn question(self, words: &[String]) -> Question {
        if self == Self::Bash {
            let text = |at: usize| words.get(at).map_or("", String::as_str);
            return split(text(0), text(1));
        }
        let mut words = words.to_vec();
        match words.last_mut() {
            Some(last) if self == Self::Powershell && last.ends_with('.') => {
                last.pop();
            }
            Some(last) if self == Self::Fish => *last = unquoted(last),
            Some(_) => {}
            None => words.push(String::new()),
        }
        Question {
            words,
            kept: 0,
            quote: None,
        }
    }

    /// Writes candidates in the form that the shell's script reads.
    pub(crate) fn answer(self, question: &Question, candidates: &[Candidate]) -> String {
        let mut text = String::new();
        for candidate in candidates {
            if let Some(line) = self.line(question, candidate) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text
    }

    fn line(self, question: &Question, candidate: &Candidate) -> Option<String> {
        let Candidate { word, about, open } = candidate;
        Some(match self {
            Self::Bash => {
                let tail = quoted(word.get(question.kept..)?, question.quote)?;
                // bash closes an open quote itself, so the blank would be inside the quotes.
                let blank = if *open || question.quote.is_some() {
                    ""
                } else {
                    " "
                };
                format!("{tail}{blank}")
            }
            Self::Zsh => {
                let mark = if *open { "\t" } else { "" };
                let word = word.replace('\\', "\\\\").replace(':', "\\:");
                format!(
                    "{mark}{word}{}{about}",
                    if about.is_empty() { "" } else { ":" }
                )
            }
            Self::Fish => format!("{word}\t{about}"),
            Self::Powershell => {
                let plain = |c: char| c.is_alphanumeric() || "-_./\\:=+,".contains(c);
                let quoted = if word.chars().all(plain) && !word.contains(',') {
                    word.clone()
                } else {
                    format!("'{}'", word.replace('\'', "''"))
                };
                format!(
                    "{quoted}\t{word}\t{}",
                    if about.is_empty() { word } else { about }
                )
            }
            Self::Elvish => format!("{word}\t{}\t{about}", if *open { "" } else { " " }),
        })
    }
}

/// The word at fish's cursor, which fish hands over as it was typed.
fn unquoted(word: &str) -> String {
    let quote = word.chars().next().filter(|c| "\"'".contains(*c));
    let mut out = String::with_capacity(word.len());
    let mut chars = word.chars().skip(usize::from(quote.is_some())).peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let escapes = match (quote, next) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some('"'), Some(next)) => "\"$\\".contains(next),
            (Some(_), Some(next)) => "'\\".contains(next),
        };
        match c {
            '\\' if escapes => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// Splits a bash line, up to the cursor, into words without their quotes.
fn split(line: &str, breaks: &str) -> Question {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut kept = 0;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                kept = word.get_or_insert_default().len();
            }
            (Some('"'), '\\') => match chars.next() {
                Some(c @ ('$' | '`' | '"' | '\\')) => word.get_or_insert_default().push(c),
                Some(c) => word.get_or_insert_default().extend(['\\', c]),
                None => {}
            },
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, ' ' | '\t' | '\n') => {
                words.extend(word.take());
                kept = 0;
            }
            (_, c) => {
                let word = word.get_or_insert_default();
                word.push(c);
                if quote.is_none() && breaks.contains(c) {
                    kept = word.len();
                }
            }
        }
    }
    words.push(word.unwrap_or_default());
    // The first word is the program.
    words.remove(0);
    if words.is_empty() {
        words.push(String::new());
    }
    Question { words, kept, quote }
}

/// Writes a text for bash inside the given quote; `None` if it cannot be written there.
fn quoted(text: &str, quote: Option<char>) -> Option<String> {
    let special = |c: char| match quote {
        Some('"') => "$`\"\\".contains(c),
        Some(_) => false,
        None => c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_./:=+,@%".contains(c),
    };
    if quote == Some('\'') && text.contains('\'') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // The shell expands a `~` at the beginning of a word.
        if special(c) && !(at == 0 && c == '~') {
            out.push('\\');
        }
        out.push(c);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(word: &str, about: &str, open: bool) -> Candidate {
        Candidate {
            word: word.to_owned(),
            about: about.to_owned(),
            open,
        }
    }

    /// Completes a bash line. Returns the words that were found in it, and the text that is inserted for the given
    /// candidate.
    fn bash(line: &str, word: &str) -> (Vec<String>, String) {
        let asked = [line.to_owned(), " \t\n\"'><=;|&(:".to_owned()];
        let question = Shell::Bash.question(&asked);
        let answer = Shell::Bash.answer(&question, &[candidate(word, "", false)]);
        (question.words, answer)
    }

    #[test]
    fn splits_a_bash_line_and_answers_what_follows_the_last_break() {
        for (line, words, word, inserted) in [
            (
                "lambdry pub",
                &["pub"][..],
                "publish-version",
                "publish-version \n",
            ),
            ("lambdry ", &[""], "wait", "wait \n"),
            ("lambdry", &[""], "wait", "wait \n"),
            (
                "lambdry --output=js",
                &["--output=js"],
                "--output=json",
                "json \n",
            ),
            (
                "lambdry x fileb://a\\ b",
                &["x", "fileb://a b"],
                "fileb://a b.zip",
                "//a\\ b.zip \n",
            ),
            (
                "lambdry x \"fileb://a b",
                &["x", "fileb://a b"],
                "fileb://a b.zip",
                "fileb://a b.zip\n",
            ),
            (
                "lambdry --q 'a \"b' $L",
                &["--q", "a \"b", "$L"],
                "$LATEST",
                "\\$LATEST \n",
            ),
            ("lambdry \"$L", &["$L"], "$LATEST", "\\$LATEST\n"),
            ("lambdry '$L", &["$L"], "$LATEST", "$LATEST\n"),
            ("lambdry 'a", &["a"], "a'b", ""),
            ("lambdry '' \"\" ", &["", "", ""], "x", "x \n"),
            (
                "lambdry \"a\\\"b\\c",
                &["a\"b\\c"],
                "a\"b\\cd",
                "a\\\"b\\\\cd\n",
            ),
            ("lambdry é=", &["é="], "é=ü", "ü \n"),
            ("lambdry ~/w", &["~/w"], "~/work", "~/work \n"),
        ] {
            let got = bash(line, word);
            assert_eq!(
                got,
                (
                    words.iter().map(|w| (*w).to_owned()).collect(),
                    inserted.to_owned()
                ),
                "{line}"
            );
        }
    }

    #[test]
    fn leaves_a_folder_open() {
        let question = Shell::Bash.question(&["lambdry x f".to_owned(), String::new()]);
        let answer = Shell::Bash.answer(&question, &[candidate("folder/", "", true)]);
        assert_eq!(answer, "folder/\n");
    }

    #[test]
    fn writes_lines_each_shell_reads() {
        let candidates = [
            candidate("$LATEST", "not published", false),
            candidate("file://", "", true),
        ];
        let words = [String::new()];
        for (shell, answer) in [
            (Shell::Zsh, "$LATEST:not published\n\tfile\\://\n"),
            (Shell::Fish, "$LATEST\tnot published\nfile://\t\n"),
            (Shell::Elvish, "$LATEST\t \tnot published\nfile://\t\t\n"),
            (
                Shell::Powershell,
                "'$LATEST'\t$LATEST\tnot published\nfile://\tfile://\tfile://\n",
            ),
        ] {
            assert_eq!(
                shell.answer(&shell.question(&words), &candidates),
                answer,
                "{shell:?}"
            );
        }
    }

    #[test]
    fn keeps_an_empty_last_word() {
        let words = |shell: Shell, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            shell.question(&words).words
        };
        assert_eq!(words(Shell::Powershell, &["wait", "."]), ["wait", ""]);
        assert_eq!(words(Shell::Powershell, &["a."]), ["a"]);
        for (typed, meant) in [
            ("", ""),
            ("'f", "f"),
            ("\\$L", "$L"),
            ("'$L\\x", "$L\\x"),
            ("\"\\$L", "$L"),
            ("a\\", "a\\"),
        ] {
            assert_eq!(
                words(Shell::Fish, &["wait", typed]),
                ["wait", meant],
                "{typed}"
            );
        }
        assert_eq!(words(Shell::Elvish, &[]), [""]);
    }

    #[test]
    fn binds_no_script_to_aws() {
        for shell in Shell::ALL {
            let script = shell.script();
            assert!(
                script.contains("lambdry") && script.lines().count() < 40,
                "{shell:?}"
            );
            assert!(!script.contains("aws"), "{shell:?}");
        }
    }
}
