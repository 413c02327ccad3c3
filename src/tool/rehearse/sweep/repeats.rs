//! The script's other commands, which really run in every run.
//!
//! lambdry does not see every program that a script starts, so it reads the script's text: it looks for commands whose
//! first word is a program on PATH that does more than handle files. If the script is in another language, or if the
//! command is `make` or a similar program, the list contains the command of the rehearsal itself.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fmt,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::runs::{Clean, Runs};
use crate::tool::rehearse::{bypass, calls::Answered, secrets};

/// A command that really runs in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repeated {
    /// The command, secrets masked.
    words: String,
    /// The command's place.
    place: Option<(PathBuf, usize)>,
    /// A further remark about the command.
    remark: &'static str,
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)?;
        if let Some((file, line)) = &self.place {
            write!(f, "  ({}:{line})", file.display())?;
        }
        f.write_str(self.remark)
    }
}

/// Programs that handle files and text inside the copy, and programs that only print.
const HARMLESS: &str = "[ awk base64 basename bc cat chmod cmp column comm command cp cut date dd diff dirname du echo \
    egrep env expr false fgrep file find fold gawk getopt git grep gunzip gzip head hexdump hostname id install join jq \
    kill ln ls md5sum mkdir mktemp mv nl nproc numfmt od openssl paste pgrep printf ps pwd readlink realpath rev rm \
    rmdir sed seq sha1sum sha256sum shasum shuf sleep sort split stat stty sync tac tail tar tee test time timeout touch \
    tput tr true tty uname uniq unlink unzip uuidgen wc which who whoami xargs xxd xz yes yq zcat zip zipinfo aws awslocal \
    lambdry bash sh dash zsh ksh";

/// Words of the shell after which a command follows.
const LEADING: [&str; 19] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec", "command",
    "env", "nohup", "sudo", "xargs", "builtin", "eval", "trap",
];

/// Finds the commands. A command that `--once` names runs only once. A command that lambdry answers or refuses does not
/// run at all.
pub(super) fn found(runs: &Runs, clean: &Clean, once: &[String]) -> Vec<Repeated> {
    let plan = runs.plan();
    let calls = &clean.ran.calls;
    let path = plan
        .process
        .path("PATH")
        .map_or(OsStr::new(""), Path::as_os_str);
    let is_program = |word: &str| {
        let is_file = |path: &Path| {
            std::fs::metadata(path)
                .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
        };
        match word.contains('/') {
            true => is_file(&plan.cwd.join(word)),
            false => std::env::split_paths(path).any(|folder| is_file(&folder.join(word))),
        }
    };
    let mut found = BTreeSet::new();
    let texts = runs.texts();
    let scripts: Vec<PathBuf> = texts.iter().map(|(file, _)| plan.cwd.join(file)).collect();
    for (file, text) in &texts {
        if !is_shell(file, text) {
            continue;
        }
        for (line, words) in commands(text) {
            let Some(program) = words.first() else {
                continue;
            };
            let name = program.rsplit('/').next().unwrap_or(program);
            let is_script = scripts
                .iter()
                .any(|script| *script == plan.cwd.join(program) || script.ends_with(program));
            if is_harmless(name) || is_script || !is_program(program) {
                continue;
            }
            let is_ours =
                |answered: Answered| !matches!(answered, Answered::Ran | Answered::Allowed);
            let is_same = |words: &[String], call: &str, told: &[String]| {
                call == name
                    && words
                        .get(1)
                        .is_none_or(|word| word.starts_with(['$', '"']) || told.contains(word))
            };
            if calls
                .iter()
                .any(|call| is_ours(call.answered) && is_same(&words, &call.program, &call.words))
            {
                continue;
            }
            found.insert(Repeated {
                words: secrets::of_line(words).join(" "),
                place: Some((file.clone(), line)),
                remark: "",
            });
        }
    }
    let command = plan
        .command
        .first()
        .map_or("", |program| program.rsplit('/').next().unwrap_or(program));
    let is_shell_s = is_harmless(command)
        || texts
            .first()
            .is_some_and(|(file, text)| file.ends_with(command) && is_shell(file, text));
    if !is_shell_s {
        found.insert(Repeated {
            words: secrets::of_line(plan.command.iter().cloned()).join(" "),
            place: None,
            remark: ", with every program that it starts",
        });
    }
    for call in calls
        .iter()
        .filter(|call| matches!(call.answered, Answered::Allowed | Answered::Others))
    {
        found.insert(Repeated {
            words: format!("{} {}", call.program, call.words.join(" ")),
            place: call
                .place
                .clone()
                .map(|place| (super::seen(&place.file, &call.cwd), place.line)),
            remark: match call.answered {
                Answered::Others => {
                    ", which --others passes on to the emulator, where its effects stay"
                }
                _ => ", which --allow lets change things outside",
            },
        });
    }
    let means = |repeated: &Repeated| {
        let words: Vec<String> = repeated.words.split(' ').map(str::to_owned).collect();
        once.iter()
            .any(|pattern| crate::store::stubs::means(pattern, &words).unwrap_or_default())
    };
    found
        .into_iter()
        .filter(|repeated| !means(repeated))
        .collect()
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.split_whitespace().any(|harmless| harmless == name)
}

/// Returns true for a shell script and for a makefile. The recipes of a makefile are shell commands.
fn is_shell(file: &Path, text: &str) -> bool {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let is_makefile = name.ends_with(".mk") || name.ends_with("makefile");
    bypass::is_shell(file, text) || (is_makefile && !text.starts_with("#!"))
}

/// Returns true if a line names a folder that all runs share, such as the full path of a temporary file.
pub(super) fn names_a_common_folder(line: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with('#')
        && ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| {
            line.match_indices(folder).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|c| {
                    c.is_whitespace()
                        || "\"'=<>:(".contains(c)
                        || line[..at].ends_with("fileb://")
                        || line[..at].ends_with("file://")
                })
            })
        })
}

/// The commands of a shell script. Each command comes with the number of the line on which it begins, from 1, and with
/// its unchanged words.
fn commands(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut commands = Vec::new();
    let mut until: Option<String> = None;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(end) = &until {
            if line.trim() == end {
                until = None;
            }
            continue;
        }
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            match lines.next() {
                Some((_, next)) => whole.push_str(next.trim_start()),
                None => break,
            }
        }
        until = here_document(&whole);
        for piece in pieces(whole.trim_start_matches(['\t', '@', '-', ' '])) {
            let mut words: Vec<String> = piece.split_whitespace().map(str::to_owned).collect();
            while words
                .first()
                .is_some_and(|word| LEADING.contains(&word.as_str()) || is_assignment(word))
            {
                words.remove(0);
            }
            if words
                .first()
                .is_some_and(|word| !word.contains(['$', '=', '*', '"', '\'']))
            {
                commands.push((at + 1, words));
            }
        }
    }
    commands
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The word that ends the here-document after this line, if there is one.
fn here_document(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<")?;
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    if rest.starts_with('<') {
        return None;
    }
    let word = rest
        .split(|c: char| c.is_whitespace() || ";|&)".contains(c))
        .next()?;
    let word = word.trim_matches(['"', '\'', '\\']);
    (!word.is_empty()).then(|| word.to_owned())
}

/// Splits a line where commands begin and end. Quoted text is not split, except at substitutions in the text.
fn pieces(line: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for letter in line.chars() {
        let is_cut = match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => {
                quote = None;
                false
            }
            (Some('\''), _) => false,
            (None, '\'' | '"') => {
                quote = Some(letter);
                false
            }
            (None, '#') if before.is_whitespace() => break,
            (Some(_), '(') if before == '$' => true,
            (Some(_), '`') => true,
            (None, ';' | '|' | '&' | '(' | ')' | '`') => true,
            _ => false,
        };
        if is_cut {
            // If a substitution begins inside quotes, its end is treated as outside of the quotes. That is enough to
            // find the names of commands.
            if quote == Some('"') {
                quote = None;
            }
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        before = letter;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_where_commands_stand() {
        let text = "#!/bin/bash\n\
            # npm in a comment\n\
            npm ci && npm run build # and so on\n\
            V=$(aws lambda publish-version) || make clean\n\
            STAGE=prod docker build \\\n  -t app .\n\
            if ! curl -fsS x; then echo \"npm test\"; fi\n\
            cat <<EOF\nnpm install\nEOF\n\
            echo \"$(cargo --version)\"\n";
        let told: Vec<String> = commands(text)
            .into_iter()
            .map(|(line, words)| format!("{line} {}", words[..words.len().min(2)].join(" ")))
            .collect();
        assert_eq!(
            told,
            [
                "3 npm ci",
                "3 npm run",
                "4 aws lambda",
                "4 make clean",
                "5 docker build",
                "7 curl -fsS",
                "7 echo \"npm",
                "7 fi",
                "8 cat <<EOF",
                "11 echo \"$",
                "11 cargo --version",
            ]
        );
    }

    #[test]
    fn a_script_in_another_language_is_no_shell_s() {
        assert!(is_shell(Path::new("deploy"), "#!/usr/bin/env bash\n"));
        assert!(is_shell(Path::new("ci/deploy.sh"), "aws"));
        assert!(is_shell(Path::new("Makefile"), "deploy:\n"));
        assert!(!is_shell(
            Path::new("deploy.sh"),
            "#!/usr/bin/env python3\n"
        ));
        assert!(!is_shell(Path::new("package.json"), "{}"));
    }

    #[test]
    fn folders_that_runs_share_are_told_from_others() {
        for (line, common) in [
            ("aws lambda invoke out /tmp/out.json", true),
            ("zip -q \"/tmp/app.zip\" x", true),
            ("--zip-file fileb:///tmp/app.zip", true),
            ("T=$(mktemp -d)", false),
            ("cp x build/tmp/y", false),
            ("# /tmp/x", false),
        ] {
            assert_eq!(names_a_common_folder(line), common, "{line}");
        }
    }
}
