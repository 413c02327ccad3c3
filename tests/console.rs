//! Runs the console blocks of the README, of `docs/*.md` and of `tests/cases/*.md`: what a user types, and what appears.
//!
//! A fenced block marked `console` holds commands (`$ `, going on after a line that ends in `\` and on lines that
//! begin with `> `), each followed by what it prints on both streams, and by `[exit status: N]` when that is not 0.
//! The commands of a file run in order, each in a bash of its own that begins where the one before ended: folder and
//! variables are kept. A command that the system does not have fails the test.
//!
//! `LAMBDRY_CASES=overwrite cargo test --test console` writes what is printed into the files.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{fs, path::Path, thread};

use common::{Sandbox, crate_folder};

/// One command of a console block.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    /// As typed, `$ ` and `> ` included.
    typed: Vec<String>,
    /// What it should print.
    printed: Vec<String>,
}

impl Command {
    fn script(&self) -> String {
        let line = |line: &String| match line.strip_prefix("$ ").or(line.strip_prefix("> ")) {
            Some(rest) => format!("{rest}\n"),
            // A bare `>` is an empty line of a here-document.
            None if line == ">" => "\n".to_owned(),
            None => format!("{line}\n"),
        };
        self.typed.iter().map(line).collect()
    }
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A line that is not ours.
    Prose(String),
    /// A command in a console block.
    Command(Command),
}

/// Takes a file apart.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut inside = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && line.starts_with("$ ") {
            let mut typed = vec![line.to_owned()];
            while typed.last().is_some_and(|line| line.ends_with('\\')) {
                typed.extend(lines.next().map(str::to_owned));
            }
            let mut ahead = lines.clone();
            while let Some(line) = ahead
                .next()
                .filter(|line| *line == ">" || line.starts_with("> "))
            {
                typed.push(line.to_owned());
                lines = ahead.clone();
            }
            let printed = Vec::new();
            parts.push(Part::Command(Command { typed, printed }));
            continue;
        } else if inside && let Some(Part::Command(command)) = parts.last_mut() {
            command.printed.push(line.to_owned());
            continue;
        }
        parts.push(Part::Prose(line.to_owned()));
    }
    parts
}

/// Puts a file together.
fn text(parts: &[Part]) -> String {
    let mut lines = Vec::new();
    for part in parts {
        match part {
            Part::Prose(line) => lines.push(line.as_str()),
            Part::Command(Command { typed, printed }) => {
                lines.extend(typed.iter().chain(printed).map(String::as_str));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// Keeps folder and variables for the next command; both streams are one.
const PROLOGUE: &str = "exec 2>&1 </dev/null
[ -f \"$HOME/.between\" ] && . \"$HOME/.between\"
trap 'status=$?; { export -p; printf \"cd %q\\n\" \"$PWD\"; } >\"$HOME/.between\"; exit $status' EXIT
set -a
";

/// Runs the commands of a file and puts in what they print.
fn play(sandbox: &Sandbox, parts: &mut [Part]) {
    for part in parts {
        let Part::Command(command) = part else {
            continue;
        };
        let script = format!("{PROLOGUE}{}", command.script());
        let output = sandbox
            .command("bash")
            .arg("-c")
            .arg(script)
            .output()
            .expect("bash is installed");
        let printed = sandbox.anonymous(&String::from_utf8_lossy(&output.stdout));
        let status = output.status.code();
        assert!(
            status != Some(127) && !printed.contains("command not found"),
            "{:?} wants a command that is not here: {printed}",
            command.typed
        );
        command.printed = printed.lines().map(str::to_owned).collect();
        match status {
            Some(0) => {}
            Some(code) => command.printed.push(format!("[exit status: {code}]")),
            None => command.printed.push("[ended by a signal]".to_owned()),
        }
    }
}

/// Runs a file; answers what is wrong.
fn check(path: &Path) -> Option<String> {
    let sandbox = Sandbox::new();
    sandbox.git();
    sandbox.zip(
        "one.zip",
        "def handler(event, context):\n    return 'one'\n",
    );
    sandbox.zip(
        "two.zip",
        "def handler(event, context):\n    return 'two'\n",
    );
    let wanted = fs::read_to_string(path).expect("a file");
    let mut parts = parts(&wanted);
    assert_eq!(
        text(&parts),
        wanted,
        "{} is taken apart without loss",
        path.display()
    );
    assert!(
        parts.iter().any(|part| matches!(part, Part::Command(_))),
        "{} holds no command",
        path.display()
    );
    play(&sandbox, &mut parts);
    let got = text(&parts);
    if got == wanted {
        return None;
    }
    if std::env::var_os("LAMBDRY_CASES").is_some_and(|set| set == "overwrite") {
        fs::write(path, got).expect("written");
        return None;
    }
    Some(format!(
        "{}:\n{}",
        path.display(),
        difference(&wanted, &got)
    ))
}

/// The lines from the first that differs to the last that does.
fn difference(wanted: &str, got: &str) -> String {
    let (wanted, got): (Vec<_>, Vec<_>) = (wanted.lines().collect(), got.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let before = wanted.iter().zip(&got).take_while(same).count();
    let room = wanted.len().min(got.len()) - before;
    let after = wanted
        .iter()
        .rev()
        .zip(got.iter().rev())
        .take(room)
        .take_while(same)
        .count();
    let mut text = format!("line {}\n", before + 1);
    for (mark, lines) in [("wanted", &wanted), ("got   ", &got)] {
        for line in &lines[before..lines.len() - after] {
            text += &format!("{mark} | {line}\n");
        }
    }
    text
}

/// Runs the pages in a folder, of which there are so many at least.
fn every_page_says_what_happens(folder: &str, at_least: usize) {
    let mut paths: Vec<_> = fs::read_dir(crate_folder().join(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    assert!(
        paths.len() >= at_least,
        "the pages are where they should be: {paths:?}"
    );
    let wrong: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = paths
            .iter()
            .map(|path| scope.spawn(|| check(path)))
            .collect();
        let ended = running.into_iter().map(|case| case.join().expect("a case"));
        ended.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cases_say_what_happens() {
    every_page_says_what_happens("tests/cases", 9);
}

#[test]
fn the_docs_say_what_happens() {
    every_page_says_what_happens("docs", 1);
}

#[test]
fn the_readme_says_what_happens() {
    if let Some(wrong) = check(&crate_folder().join("README.md")) {
        panic!("{wrong}");
    }
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let readme = fs::read_to_string(crate_folder().join("README.md")).expect("a README");
    let commands: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("cargo "))
        .collect();
    assert_eq!(
        commands,
        [
            "cargo install --locked --path . && lambdry tour",
            "cargo test --locked"
        ]
    );
}

#[test]
fn a_wrong_word_a_wrong_status_and_a_missing_command_are_seen() {
    let sandbox = Sandbox::new();
    let case = "```console\n$ echo one; \\\nexit 3\none\n[exit status: 3]\n$ x=2\n$ cat <<E\n> two\n>\n> $x\n> E\ntwo\n\n2\n```\n";
    let mut played = parts(case);
    assert_eq!(played.len(), 5);
    for part in &mut played {
        if let Part::Command(command) = part {
            command.printed = vec!["wrong".to_owned()];
        }
    }
    assert_eq!(text(&played).matches("wrong").count(), 3);
    play(&sandbox, &mut played);
    assert_eq!(text(&played), case);
    assert_eq!(
        difference("a\nb\nc\n", "a\nx\nc\n"),
        "line 2\nwanted | b\ngot    | x\n"
    );
    let mut missing = parts("```console\n$ no-such-command-here | cat\n```\n");
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        play(&sandbox, &mut missing)
    }));
    assert!(seen.is_err());
}
