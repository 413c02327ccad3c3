//! The form of typed lines in different shells: quotes, variables, continued lines.

use std::{ffi::OsStr, path::Path};

use unicode_width::UnicodeWidthStr as _;

use crate::{face::world::Process, store::stubs::words_and_quote};

/// A shell that lines are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shell {
    /// bash, zsh and every other shell of that kind.
    Sh,
    /// fish.
    Fish,
    /// PowerShell, on Windows and elsewhere.
    Powershell,
    /// Elvish.
    Elvish,
}

impl Shell {
    /// The shell that probably called a process. `SHELL` names the login shell; `PSModulePath` is set by PowerShell. On
    /// Windows it is always set.
    pub(super) fn of(process: &Process, windows: bool) -> Self {
        let login = process.env.get(OsStr::new("SHELL")).map(Path::new);
        let powershell = process.env.contains_key(OsStr::new("PSModulePath"));
        if powershell && (login.is_none() || !windows) {
            return Self::Powershell;
        }
        match login.and_then(Path::file_stem).and_then(OsStr::to_str) {
            Some("fish") => Self::Fish,
            Some("elvish") => Self::Elvish,
            Some("pwsh" | "powershell") => Self::Powershell,
            _ => Self::Sh,
        }
    }

    /// The name of the shell.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sh => "bash, zsh or another sh",
            Self::Fish => "fish",
            Self::Powershell => "PowerShell",
            Self::Elvish => "Elvish",
        }
    }

    /// A word, quoted for this shell so that nothing in it has a special meaning.
    pub(super) fn quoted(self, word: &str) -> String {
        let more = match self {
            Self::Sh => "=,@%+",
            Self::Fish => "=,@+",
            // A comma makes a list, and a percent sign or a plus may be an operator. An option contains none of these
            // characters.
            Self::Powershell | Self::Elvish => "",
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c) || more.contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            return word.to_owned();
        }
        match self {
            Self::Sh => format!("'{}'", word.replace('\'', r"'\''")),
            Self::Fish => format!("'{}'", word.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Powershell | Self::Elvish => format!("'{}'", word.replace('\'', "''")),
        }
    }

    /// The mark at the end of a line that continues.
    fn goes_on(self) -> &'static str {
        match self {
            Self::Sh | Self::Fish => "\\",
            Self::Powershell => "`",
            Self::Elvish => "^",
        }
    }

    /// A command in the form in which a person would type it. A line that is too long is broken before options.
    pub(super) fn command(self, begin: &str, line: &str, width: usize) -> String {
        let indent = " ".repeat(begin.len() - begin.trim_start().len());
        let mut text = begin.to_owned();
        let mut column = text.width();
        let words = words_and_quote(line).0;
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let mut part = self.quoted(word);
            if word.starts_with("--")
                && let Some(value) = words.next_if(|value| !value.starts_with("--"))
            {
                part = format!("{part} {}", self.quoted(value));
            }
            // There must be room for the part, its blank and the mark that may follow.
            if column + part.width() + 3 > width {
                text.push_str(&format!(" {}\n{indent}   ", self.goes_on()));
                column = indent.len() + 3;
            }
            text.push(' ');
            text.push_str(&part);
            column += 1 + part.width();
        }
        text
    }

    /// A line that sets variables of the environment.
    pub(super) fn set(self, variables: &[(&str, String)]) -> String {
        let each = variables.iter().map(|(name, value)| {
            let value = self.quoted(value);
            match self {
                Self::Sh => format!("{name}={value}"),
                Self::Fish => format!("set -gx {name} {value}"),
                // In PowerShell, the right side of an assignment is an expression, not a word.
                Self::Powershell => format!("$env:{name} = '{}'", value.trim_matches('\'')),
                Self::Elvish => format!("set-env {name} {value}"),
            }
        });
        let each: Vec<String> = each.collect();
        match self {
            Self::Sh => format!("export {}", each.join(" ")),
            _ => each.join("; "),
        }
    }

    /// A line that unsets variables of the environment.
    pub(super) fn forget(self, names: &[&str]) -> String {
        match self {
            Self::Sh => format!("unset {}", names.join(" ")),
            Self::Fish => format!("set -e {}", names.join(" ")),
            Self::Powershell => {
                let names: Vec<String> = names.iter().map(|name| format!("Env:{name}")).collect();
                format!("Remove-Item {}", names.join(", "))
            }
            Self::Elvish => {
                let each: Vec<String> = names
                    .iter()
                    .map(|name| format!("unset-env {name}"))
                    .collect();
                each.join("; ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_shell_would_take_apart() {
        for (word, sh, fish, powershell) in [
            (
                "fileb://one.zip",
                "fileb://one.zip",
                "fileb://one.zip",
                "fileb://one.zip",
            ),
            ("it's", r"'it'\''s'", r"'it\'s'", "'it''s'"),
            ("{a: b}", "'{a: b}'", "'{a: b}'", "'{a: b}'"),
            ("$LATEST", "'$LATEST'", "'$LATEST'", "'$LATEST'"),
            ("a=b,c", "a=b,c", "a=b,c", "'a=b,c'"),
            (r"a\b", r"'a\b'", r"'a\\b'", r"'a\b'"),
            ("", "''", "''", "''"),
        ] {
            assert_eq!(Shell::Sh.quoted(word), sh);
            assert_eq!(Shell::Fish.quoted(word), fish);
            assert_eq!(Shell::Powershell.quoted(word), powershell);
        }
    }

    #[test]
    fn a_long_command_goes_on_as_the_shell_has_it() {
        let line = "publish-version --function-name hello --description 'the second'";
        for (shell, mark) in [
            (Shell::Sh, "\\"),
            (Shell::Fish, "\\"),
            (Shell::Powershell, "`"),
            (Shell::Elvish, "^"),
        ] {
            assert_eq!(
                shell.command("  lambdry", line, 60),
                format!(
                    "  lambdry publish-version --function-name hello {mark}\n      --description 'the second'"
                )
            );
        }
    }

    #[test]
    fn variables_are_set_and_forgotten_as_the_shell_has_it() {
        let set = [("A", "x y".to_owned()), ("B", "1".to_owned())];
        for (shell, line, forget) in [
            (Shell::Sh, "export A='x y' B=1", "unset A B"),
            (Shell::Fish, "set -gx A 'x y'; set -gx B 1", "set -e A B"),
            (
                Shell::Powershell,
                "$env:A = 'x y'; $env:B = '1'",
                "Remove-Item Env:A, Env:B",
            ),
            (
                Shell::Elvish,
                "set-env A 'x y'; set-env B 1",
                "unset-env A; unset-env B",
            ),
        ] {
            assert_eq!(
                (shell.set(&set).as_str(), shell.forget(&["A", "B"]).as_str()),
                (line, forget)
            );
        }
    }

    #[test]
    fn the_shell_is_told_by_what_it_leaves_in_the_environment() {
        let of = |set: &[(&str, &str)], windows: bool| {
            let env = set
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect();
            Shell::of(
                &Process {
                    env,
                    ..Process::default()
                },
                windows,
            )
        };
        assert_eq!(of(&[], false), Shell::Sh);
        assert_eq!(of(&[("SHELL", "/usr/bin/fish")], false), Shell::Fish);
        assert_eq!(of(&[("SHELL", "/bin/zsh")], false), Shell::Sh);
        assert_eq!(
            of(&[("SHELL", "/bin/zsh"), ("PSModulePath", "x")], false),
            Shell::Powershell
        );
        assert_eq!(
            of(&[("SHELL", "/usr/bin/bash"), ("PSModulePath", "x")], true),
            Shell::Sh
        );
        assert_eq!(of(&[("PSModulePath", "x")], true), Shell::Powershell);
    }
}
