//! No message contains words of Rust, of its libraries or of the system's error numbers.
//!
//! `state/plain.rs` has plain words for such errors. The first test searches the source for a message that takes an
//! error directly. The second gives every option and every variable of lambdry values that libraries refuse, and reads
//! the answers.
#![cfg(unix)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use common::{Sandbox, crate_folder};
use regex::Regex;

/// Words that no answer of lambdry may contain.
const THEIRS: &[&str] = &[
    "os error",
    "found in string",
    "cannot parse integer",
    "invalid float literal",
    "entity not found",
    "entity already exists",
    "failed to fill whole buffer",
    "did not contain valid UTF-8",
    "invalid utf-8 sequence",
    "EOF while parsing",
    "..=",
    "panicked",
];

/// The source files below a folder, without the files that hold only tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "tests" {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_message_takes_an_error_in_plain_words() {
    // These are the names of library errors in the code. A text of lambdry has another name, such as `cause`, `said`,
    // or a name for its content.
    let taken = Regex::new(
        r"\{(?:e|err|error)(?::[^}]*)?\}|\b(?:e|err|error)\.to_string\(\)|,\s*(?:e|err|error)\s*\)\s*[;,?)]",
    );
    let taken = taken.expect("a pattern");
    let formats = Regex::new(r"(?:format|write|writeln|print|println|eprintln)!\(").expect("one");
    let mut faults = Vec::new();
    for path in sources(&crate_folder().join("src")) {
        if path.ends_with("state/plain.rs") || path.ends_with("operation/sandbox.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            let Some(found) = taken.find(line) else {
                continue;
            };
            // An argument becomes part of a text only after one of these macros.
            let is_argument = found.as_str().starts_with(',');
            let is_import = line.trim_start().starts_with("use ");
            if is_import || (is_argument && !formats.is_match(line)) {
                continue;
            }
            faults.push(format!(
                "{}:{}: {}",
                path.display(),
                number + 1,
                line.trim()
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "state::plain words these:\n{}",
        faults.join("\n")
    );
}

/// The options with a value in a command's help. Each comes with the placeholder of its value.
fn options(help: &str) -> Vec<String> {
    let option = Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)(?: <|\[=<)").expect("a pattern");
    let found = option.captures_iter(help).map(|found| found[1].to_owned());
    found.collect()
}

#[test]
fn no_option_and_no_variable_is_answered_in_a_librarys_words() {
    let sandbox = Sandbox::new();
    let work = sandbox.work();
    fs::create_dir(work.join("folder")).expect("a folder");
    fs::write(work.join("binary"), [0xff, 0xfe, b'[']).expect("written");
    fs::write(work.join("cut"), "{\"FunctionName\": [").expect("written");
    fs::write(work.join("script"), "#!/bin/sh\n").expect("written");
    let answered = |words: &[String], variable: Option<(&str, &str)>| {
        let mut command = sandbox.command("lambdry");
        command.args(words).env("AWS_REGION", "us-east-1");
        if let Some((name, value)) = variable {
            command.env(name, value);
        }
        let output = command.stdin(Stdio::null()).output().expect("lambdry");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        for theirs in THEIRS {
            assert!(!told.contains(theirs), "{variable:?} {words:?}: {told}");
        }
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let line = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let values = [
        "abc",
        "",
        "99999999999999999999999",
        "nosuch/file",
        "folder",
        "binary",
        "cut",
        "script/below",
    ];
    let help = answered(&line(&["help"]), None);
    let own = help
        .split("LAMBDRY'S OWN COMMANDS\n")
        .nth(1)
        .expect("a section");
    let own = own.split("\n\n").next().unwrap_or_default();
    let own = own.lines().filter(|line| !line.starts_with("     "));
    let mut tried = 0;
    for name in own.map(str::trim) {
        // The words that a command needs to start. For `serve` this includes a key, so that it ends.
        let (before, after): (&[&str], &[&str]) = match name {
            "rehearse" => (&[], &["--", "./script"]),
            "serve" => (&["--listen=0.0.0.0"], &[]),
            _ => (&[], &[]),
        };
        let options = options(&answered(&line(&[name, "--help"]), None));
        for value in values {
            for option in &options {
                let given = format!("{option}={value}");
                let mut words = vec![name, &given];
                // An option that is given twice is refused before its value is read.
                words.extend(
                    before
                        .iter()
                        .filter(|word| !word.starts_with(option.as_str())),
                );
                words.extend(after);
                answered(&line(&words), None);
                tried += 1;
            }
            let words: &[&str] = match name {
                "rehearse" => &[name, "--", value],
                _ => &[name, value],
            };
            answered(&line(words), None);
        }
    }
    assert!(tried > 100, "the help names options: {tried}");
    let page = fs::read_to_string(crate_folder().join("man/lambdry.1")).expect("a page");
    let variable = Regex::new(r"LAMBDRY_[A-Z_]+").expect("a pattern");
    let mut variables: Vec<&str> = variable
        .find_iter(&page)
        .map(|found| found.as_str())
        .collect();
    variables.sort_unstable();
    variables.dedup();
    assert!(variables.len() > 8, "{variables:?}");
    for name in variables {
        for value in values {
            answered(&line(&["list-functions"]), Some((name, value)));
        }
    }
}
