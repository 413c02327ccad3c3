//! Tests completion in the shells themselves (bash, zsh and fish). The test types a TAB like a person.
//!
//! A shell that is not installed is skipped with a message.
#![cfg(unix)]

mod common;
mod skipped;

use std::fs;

use common::{Sandbox, crate_folder};

/// A sandbox with a function `pay`, its version 1 and alias `live`, and a script.
fn desk() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    fs::write(sandbox.work().join("deploy.sh"), "").expect("a file");
    for line in [
        "create-function --function-name pay --runtime python3.13 --handler app.handler --publish \
         --role arn:aws:iam::123456789012:role/pay --zip-file fileb://one.zip",
        "create-alias --function-name pay --name live --function-version 1",
    ] {
        let done = sandbox.command("lambdry").args(line.split(' ')).output();
        assert!(done.expect("lambdry runs").status.success(), "{line}");
    }
    sandbox
}

/// Each line, and a word that must be offered at its end.
const ASKED: [(&str, &str); 5] = [
    ("lambdry publish-ver", "publish-version"),
    ("lambdry rehearse --report j", "junit"),
    ("lambdry rehearse -- ./dep", "./deploy.sh"),
    ("lambdry diff pay:l", "pay:live"),
    ("lambdry history p", "pay"),
];

/// Runs a script of a shell for every line; `text` makes the script for one line. Returns nothing if the shell is not
/// installed.
fn every_line(shell: &str, options: &[&str], text: impl Fn(&str) -> String) {
    let sandbox = desk();
    if sandbox.command(shell).arg("--version").output().is_err() {
        skipped::skipped(&format!("there is no {shell} on this machine"));
        return;
    }
    for (line, wanted) in ASKED {
        let output = sandbox
            .command(shell)
            .args(options)
            .args(["-c", &text(line)])
            .env("TERM", "dumb")
            .output()
            .expect("the shell runs");
        let told = String::from_utf8_lossy(&output.stdout);
        // Some shells complete only the part after a colon.
        let tail = wanted.rsplit(':').next().unwrap_or(wanted);
        assert!(told.contains(tail), "{shell}: {line}: {output:?}");
        assert!(
            output.stderr.is_empty(),
            "{shell}: {line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn script(name: &str) -> String {
    let path = crate_folder().join("completions").join(name);
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn bash_completes() {
    every_line("bash", &["--norc", "--noprofile"], |line| {
        format!(
            "source {}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; _lambdry; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script("lambdry.bash")
        )
    });
}

#[test]
fn fish_completes() {
    every_line("fish", &["--no-config"], |line| {
        format!("source {}; complete -C '{line}'", script("lambdry.fish"))
    });
}

#[test]
fn zsh_completes() {
    // This zsh has its own terminal. The test types the line and a TAB into it.
    every_line("zsh", &["-f"], |line| {
        format!(
            "zmodload zsh/zpty
             zpty shell 'PS1= TERM=dumb zsh -f -i'
             zpty -w shell 'unsetopt beep; autoload -U compinit; compinit -D -u; source {}; print re''ady'
             zpty -r -m shell said '*ready*'
             zpty -n -w shell $'{line}\\t'
             zpty -r -m shell said $'*(live|pay |junit|publish-version|deploy.sh)*'
             print -r -- $said
             zpty -d shell",
            script("_lambdry")
        )
    });
}
