//! Runs the console blocks of the README, of `docs/*.md` and of `tests/cases/*.md`. They contain commands that a user
//! types, and the output that appears.
//!
//! A fenced block marked `console` holds commands. A command begins with `$ `; it continues after a line that ends in
//! `\`, and on lines that begin with `> `. After each command comes its output on both streams, and `[exit status: N]`
//! if the status is not 0. A block marked `sh run` can be pasted and is one command; a block `text printed` right after
//! it holds its output. The commands of a file run in order. Each command has a new bash, with the folder and the
//! variables of the previous command's end. If the system lacks a command, the test fails. A shell block that does not
//! run gives the reason: `sh not run: it needs a registry`.
//!
//! `LAMBDRY_CASES=overwrite cargo test --test console` writes the printed output into the files.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use common::{Sandbox, crate_folder};
use regex::Regex;

/// One command: a command in a console block, or a block that can be pasted.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    /// The command as it is typed, with `$ ` and `> `.
    typed: Vec<String>,
    /// The expected output.
    printed: Vec<String>,
    /// True for a block `sh run`, which has no prompts.
    pasted: bool,
}

/// The fences of a block that can be pasted and of its output.
const PASTED: &str = "```sh run";
const PRINTED: &str = "```text printed";

impl Command {
    fn script(&self) -> String {
        if self.pasted {
            return self.typed.join("\n") + "\n";
        }
        let line = |line: &String| match line.strip_prefix("$ ").or(line.strip_prefix("> ")) {
            Some(rest) => format!("{rest}\n"),
            // A `>` alone is an empty line of a here-document.
            None if line == ">" => "\n".to_owned(),
            None => format!("{line}\n"),
        };
        self.typed.iter().map(line).collect()
    }
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A line outside of console blocks.
    Prose(String),
    /// A command in a console block.
    Command(Command),
}

/// Splits a file into its parts.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut inside = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == PASTED {
            let command = pasted(&mut lines);
            parts.push(Part::Command(command));
            continue;
        }
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
            let pasted = false;
            parts.push(Part::Command(Command {
                typed,
                printed,
                pasted,
            }));
            continue;
        } else if inside && let Some(Part::Command(command)) = parts.last_mut() {
            command.printed.push(line.to_owned());
            continue;
        }
        parts.push(Part::Prose(line.to_owned()));
    }
    parts
}

/// The block `sh run` that begins at the given line, and the output after it.
fn pasted(lines: &mut std::str::Lines<'_>) -> Command {
    let until_fence = |lines: &mut std::str::Lines<'_>| -> Vec<String> {
        let block = lines.by_ref().take_while(|line| *line != "```");
        block.map(str::to_owned).collect()
    };
    let typed = until_fence(lines);
    let mut ahead = lines.clone();
    let mut printed = Vec::new();
    if ahead.next() == Some("") && ahead.next() == Some(PRINTED) {
        printed = until_fence(&mut ahead);
        *lines = ahead;
    }
    Command {
        typed,
        printed,
        pasted: true,
    }
}

/// Joins the parts of a file.
fn text(parts: &[Part]) -> String {
    let mut lines = Vec::new();
    for part in parts {
        match part {
            Part::Prose(line) => lines.push(line.as_str()),
            Part::Command(command) if command.pasted => {
                lines.push(PASTED);
                lines.extend(command.typed.iter().map(String::as_str));
                lines.push("```");
                if !command.printed.is_empty() {
                    lines.extend(["", PRINTED]);
                    lines.extend(command.printed.iter().map(String::as_str));
                    lines.push("```");
                }
            }
            Part::Command(Command { typed, printed, .. }) => {
                lines.extend(typed.iter().chain(printed).map(String::as_str));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// The lines before each command. Both streams become one. When the command ends, its folder and variables are saved
/// for the next command.
const PROLOGUE: &str = "exec 2>&1 </dev/null
[ -f \"$HOME/.between\" ] && . \"$HOME/.between\"
trap 'status=$?; { export -p; printf \"cd %q\\n\" \"$PWD\"; } >\"$HOME/.between\"; exit $status' EXIT
set -a
";

/// Replaces times and one digest in a text by fixed values. A rehearsal prints its duration, and `git archive` writes
/// the time of the commit into the zip.
fn steady(text: &str) -> String {
    let took = Regex::new(r"\b(in|not done|not finished)(\s)[0-9]+\.[0-9] s\b").expect("a pattern");
    let text = took.replace_all(text, "$1${2}0.1 s");
    let digests = Regex::new(r"CodeSha256  \S{8}… → \S{8}…").expect("a pattern");
    let text = digests.replace_all(&text, "CodeSha256  IonjUoQN… → nZR1hIP5…");
    text.into_owned()
}

/// Runs the commands of a file, and replaces the output in the file by the real output.
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
        let printed = steady(&sandbox.anonymous(&String::from_utf8_lossy(&output.stdout)));
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

/// Runs a file. Returns the differences, if there are any.
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

/// The lines from the first difference to the last.
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

/// Runs the pages in a folder. There must be at least the given number of pages.
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

/// The README and every page, with their texts.
fn documents() -> Vec<(PathBuf, String)> {
    let pages = fs::read_dir(crate_folder().join("docs")).expect("a folder");
    let pages = pages.map(|entry| entry.expect("an entry").path());
    let others =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| crate_folder().join(name));
    let markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let mut paths: Vec<_> = others.into_iter().chain(pages.filter(markdown)).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The lines outside of fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// The fragment that a link to a heading uses.
fn anchor(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'))
        .collect::<String>();
    kept.replace(' ', "-")
}

/// The targets of a text's links and pictures that are files in this repository.
fn relative_links(text: &str) -> Vec<String> {
    let link = Regex::new(r#"\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)""#).expect("a pattern");
    let text = prose(text).collect::<Vec<_>>().join("\n");
    let target = |found: regex::Captures<'_>| {
        let target = found.get(1).or(found.get(2)).expect("one of them");
        target.as_str().to_owned()
    };
    let elsewhere = |target: &String| target.contains("://") || target.starts_with("mailto:");
    let targets = link.captures_iter(&text).map(target);
    targets.filter(|target| !elsewhere(target)).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        for target in relative_links(&text) {
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let there = if file.is_empty() {
                path.clone()
            } else {
                path.parent().expect("a folder").join(file)
            };
            let headings = || {
                let text = fs::read_to_string(&there).unwrap_or_default();
                let titles = prose(&text).filter(|line| line.starts_with('#'));
                let titles = titles.map(|line| anchor(line.trim_start_matches('#').trim()));
                titles.collect::<Vec<_>>()
            };
            if !there.exists() || !heading.is_empty() && !headings().contains(&heading.to_owned()) {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(seen > 40, "{seen} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        anchor("Where `pay:live` points, and why"),
        "where-paylive-points-and-why"
    );
    assert_eq!(
        relative_links("[a](b.md#c)\n```\n[a](no)\n```\n[a](https://b)"),
        ["b.md#c"]
    );
}

#[test]
fn a_block_of_shell_runs_or_says_why_not() {
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        let mut inside = false;
        for (at, line) in text.lines().enumerate() {
            let Some(info) = line.strip_prefix("```") else {
                continue;
            };
            inside = !inside;
            let shell = ["sh", "bash", "zsh", "shell"];
            let word = info.split(' ').next().unwrap_or_default();
            let reason = info
                .strip_prefix("sh not run: ")
                .is_some_and(|why| !why.is_empty());
            if inside && shell.contains(&word) && line != PASTED && !reason {
                wrong.push(format!("{}:{}: {line}", path.display(), at + 1));
            }
        }
        if inside {
            wrong.push(format!("{}: a block has no end", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_is_read_in_five_minutes() {
    let readme = fs::read_to_string(crate_folder().join("README.md")).expect("a README");
    assert!(
        readme.lines().count() <= 250,
        "move what is too much into docs/"
    );
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
    let pasted = "```sh run\necho three\nexit 4\n```\n\n```text printed\nthree\n[exit status: 4]\n```\n\n```sh run\ntrue\n```\n";
    let mut played = parts(pasted);
    play(&sandbox, &mut played);
    assert_eq!(text(&played), pasted);
    let mut missing = parts("```console\n$ no-such-command-here | cat\n```\n");
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        play(&sandbox, &mut missing)
    }));
    assert!(seen.is_err());
}
