//! Aliases: `~/.aws/cli/alias`, in the form of a config file.
//!
//! The section `[toplevel]` holds aliases of commands, and `[command lambda]` holds aliases of the operations of a
//! service. The value of an alias is a list of words that replace it. These may include global options. A value that
//! starts with `!` is a line for the shell instead. An alias may have the same name as its target. The shell gets the
//! environment of this process, so a rehearsal stays separate from the real AWS. Aliases exist only under the name
//! `aws`. Seen in aws-cli 2.9.19.

use std::process::Command;

use super::arguments::{self, Action};
use super::config::Config;
use super::exit::Stop;
use super::globals;
use super::python;
use super::world::{Process, World};

/// The meaning of an alias.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Words that replace the alias and all words before it.
    Words(Vec<String>),
    /// A command line that the shell runs.
    Shell(String),
}

/// Global options that an alias must not contain.
const UNSUPPORTED: [&str; 2] = ["--debug", "--profile"];

/// Reads the user's aliases.
///
/// # Errors
/// A file that cannot be parsed.
pub(crate) fn load(process: &Process) -> Result<Config, Stop> {
    let home = process.path("HOME");
    let path = home.map(|home| process.cwd.join(home).join(".aws/cli/alias"));
    match path {
        Some(path) => Config::read(&path, &path.to_string_lossy()),
        None => Ok(Config::default()),
    }
}

/// Expands an alias. The line starts with the words that may be an alias, and contains no global options. An alias in
/// `used` is not expanded again. Every alias that this function expands is added to `used`. `is_subcommand` returns
/// true if the words, at least two, name a real subcommand. An alias with the name of a subcommand passes its words on
/// to that subcommand; the start of the alias's value makes no difference.
///
/// # Errors
/// A value with an unclosed quote, or a global option that an alias must not contain.
pub(crate) fn expand(
    aliases: &Config,
    words: &[String],
    used: &mut Vec<Vec<String>>,
    is_subcommand: &dyn Fn(&[String]) -> bool,
) -> Result<Option<Meaning>, Stop> {
    for (at, word) in words.iter().enumerate() {
        if word.starts_with('-') {
            break;
        }
        let before: Vec<&str> = words[..at].iter().map(String::as_str).collect();
        let header: Vec<&str> = match before.as_slice() {
            [] => vec!["toplevel"],
            before => std::iter::once("command")
                .chain(before.iter().copied())
                .collect(),
        };
        let value = aliases
            .section(&header)
            .and_then(|section| section.get(word));
        let (Some(value), false) = (value, used.iter().any(|used| used == &words[..=at])) else {
            continue;
        };
        used.push(words[..=at].to_vec());
        let (value, rest) = (python::strip(value), &words[at + 1..]);
        if let Some(line) = value.strip_prefix('!') {
            let words =
                std::iter::once(line.to_owned()).chain(rest.iter().map(|word| quoted(word)));
            return Ok(Some(Meaning::Shell(words.collect::<Vec<_>>().join(" "))));
        }
        let mut stands_for = split(value).map_err(|cause| {
            Stop::Other(format!(
                "Value of alias \"{word}\" could not be parsed. Received error: {cause} when parsing:\n{value}"
            ))
        })?;
        refuse_unsupported(word, &stands_for)?;
        if at > 0
            && is_subcommand(&words[..=at])
            && let Some(first) = stands_for.first_mut()
        {
            first.clone_from(word);
        }
        let mut line = words[..at].to_vec();
        line.extend(stands_for);
        line.extend_from_slice(rest);
        return Ok(Some(Meaning::Words(line)));
    }
    Ok(None)
}

fn refuse_unsupported(alias: &str, words: &[String]) -> Result<(), Stop> {
    let actions: Vec<Action> = (globals::table(true).iter())
        .map(|opt| opt.action.clone())
        .collect();
    let taken = arguments::parse(&actions, words)?;
    let mut given = taken
        .actions
        .iter()
        .map(|(at, _)| actions[*at].name.as_ref());
    match given.find(|name| UNSUPPORTED.contains(name)) {
        Some(name) => Err(Stop::Other(format!(
            "Global parameter \"{name}\" detected in alias \"{alias}\" which is not support in subcommand aliases."
        ))),
        None => Ok(()),
    }
}

/// Runs a line in the shell, in the environment of this process. Returns its exit code.
///
/// # Errors
/// A shell that does not start.
pub(crate) fn shell(world: &mut World<'_>, line: &str) -> Result<u8, Stop> {
    // The shell writes to the same place, so earlier output must be written first.
    world.stdout.flush()?;
    let mut command = match cfg!(windows) {
        true => Command::new("cmd"),
        false => Command::new("/bin/sh"),
    };
    let status = command
        .args([if cfg!(windows) { "/C" } else { "-c" }, line])
        .env_clear()
        .envs(&world.process.env)
        .current_dir(&world.process.cwd)
        .status()?;
    // A process ended by a signal has no exit code. Python uses the negative number of the signal.
    Ok(status
        .code()
        .map_or(255, |code| u8::try_from(code & 0xff).unwrap_or(255)))
}

/// Python's `shlex.quote`.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\"'\"'")),
    }
}

/// `shlex.split`: blanks separate words; quotes and backslashes keep a word together.
fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => {
                let next = chars.next().ok_or("No escaped character")?;
                word.get_or_insert_default().push(next);
            }
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    let inner = chars.next().ok_or("No closing quotation")?;
                    if inner == c {
                        break;
                    }
                    // Within double quotes, a backslash escapes only a double quote and itself.
                    let escaped = (chars.peek().copied())
                        .filter(|next| c == '"' && inner == '\\' && matches!(next, '"' | '\\'));
                    word.push(escaped.unwrap_or(inner));
                    if escaped.is_some() {
                        chars.next();
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[toplevel]\nwho = sts get-caller-identity\nrec = who x\nlambda = lambda\nsh =\n  !f() { echo \"$1\"\n  }; f\n\
                        open = a \"b\nkeys = sts get-caller-identity --prof x\nnone =\n\
                        [command  lambda]\ncfg = get-function-configuration --function-name 'a b' --output text\n\
                        [command lambda wait]\nfa = function-active\n";

    fn expanded(line: &str) -> Result<Option<Meaning>, Stop> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        expand(
            &Config::parse(FILE).unwrap(),
            &words,
            &mut Vec::new(),
            &|_| false,
        )
    }

    fn words(line: &str) -> Vec<String> {
        match expanded(line).unwrap() {
            Some(Meaning::Words(words)) => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn puts_words_in_the_place_of_an_alias() {
        assert_eq!(
            words("who --debug"),
            ["sts", "get-caller-identity", "--debug"]
        );
        assert_eq!(words("rec"), ["who", "x"]);
        assert_eq!(words("lambda x"), ["lambda", "x"]);
        let section = "get-function-configuration --function-name|a b|--output text --qualifier 1";
        let mut used = vec![vec!["lambda".to_owned()]];
        let line: Vec<String> = ["lambda", "cfg", "--qualifier", "1"]
            .map(str::to_owned)
            .to_vec();
        let Ok(Some(Meaning::Words(found))) =
            expand(&Config::parse(FILE).unwrap(), &line, &mut used, &|_| false)
        else {
            panic!("not expanded")
        };
        assert_eq!(
            found.join(" "),
            format!("lambda {}", section.replace('|', " "))
        );
        assert_eq!(found.len(), 8);
        // An alias inside its own expansion is not expanded again.
        assert_eq!(
            expand(&Config::parse(FILE).unwrap(), &line, &mut used, &|_| false),
            Ok(None)
        );
        assert_eq!(expanded("none").unwrap(), Some(Meaning::Words(Vec::new())));
        assert_eq!(expanded("s3 who"), Ok(None));
        assert_eq!(expanded("--query who"), Ok(None));
    }

    #[test]
    fn hands_its_words_to_a_subcommand_of_its_name() {
        let line: Vec<String> = ["lambda", "cfg", "x"].map(str::to_owned).to_vec();
        let aliases = Config::parse(FILE).unwrap();
        let mut used = vec![vec!["lambda".to_owned()]];
        let found = expand(&aliases, &line, &mut used, &|words| words == &line[..2]);
        let words = [
            "lambda",
            "cfg",
            "--function-name",
            "a b",
            "--output",
            "text",
            "x",
        ];
        assert_eq!(
            found,
            Ok(Some(Meaning::Words(words.map(str::to_owned).to_vec())))
        );
    }

    #[test]
    fn hands_a_line_to_the_shell() {
        let line: Vec<String> = ["sh", "a", "it's", ""].map(str::to_owned).to_vec();
        let found = expand(
            &Config::parse(FILE).unwrap(),
            &line,
            &mut Vec::new(),
            &|_| false,
        );
        let expected = "f() { echo \"$1\"\n}; f a 'it'\"'\"'s' ''".to_owned();
        assert_eq!(found, Ok(Some(Meaning::Shell(expected))));
    }

    #[test]
    fn says_what_is_wrong_with_an_alias() {
        let refused = |text: &str| Err(Stop::Other(text.to_owned()));
        assert_eq!(
            expanded("open"),
            refused(
                "Value of alias \"open\" could not be parsed. Received error: No closing quotation when parsing:\na \"b"
            )
        );
        assert_eq!(
            expanded("keys"),
            refused(
                "Global parameter \"--profile\" detected in alias \"keys\" which is not support in subcommand aliases."
            )
        );
    }

    #[test]
    fn splits_as_shlex_does() {
        for (text, words) in [
            ("a  b\tc\nd", Ok(vec!["a", "b", "c", "d"])),
            ("'a b'c \"\" ''", Ok(vec!["a bc", "", ""])),
            (
                r#""a\"b\\c\d" \' 'x\y'"#,
                Ok(vec![r#"a"b\c\d"#, "'", r"x\y"]),
            ),
            ("# a", Ok(vec!["#", "a"])),
            ("a\\", Err("No escaped character")),
            ("'a", Err("No closing quotation")),
        ] {
            let words = words.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(split(text), words, "{text}");
        }
    }
}
