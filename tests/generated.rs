//! `completions/` and `man/` hold the output of `lambdry generate`, and bash completes with its script.

#[cfg(unix)]
mod skipped;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const REFRESH: &str = "run `cargo run -- generate all` and commit what changes";

fn lambdry(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lambdry"))
        .args(words)
        .output()
        .expect("lambdry runs")
}

/// The files in a folder: their names and their texts.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            let text = fs::read_to_string(entry.path()).expect("text");
            (name, text)
        })
        .collect()
}

fn holds_what_is_generated(folder: &str) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let fresh = tempfile::tempdir().expect("a folder");
    let wrote = lambdry(&[
        "generate",
        "all",
        fresh.path().to_str().expect("a path in UTF-8"),
    ]);
    assert!(wrote.status.success(), "{wrote:?}");
    let (kept, fresh) = (files(&kept), files(&fresh.path().join(folder)));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&kept),
        names(&fresh),
        "{folder}/ holds other files than are generated: {REFRESH}"
    );
    for (name, text) in &fresh {
        assert!(
            kept[name] == *text,
            "{folder}/{name} is not what is generated: {REFRESH}"
        );
    }
}

#[test]
fn completions_are_what_is_generated() {
    holds_what_is_generated("completions");
}

#[test]
fn man_pages_are_what_is_generated() {
    holds_what_is_generated("man");
}

#[test]
fn each_script_is_printed_for_its_shell() {
    let kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("completions"));
    for (shell, file) in [
        ("bash", "lambdry.bash"),
        ("zsh", "_lambdry"),
        ("fish", "lambdry.fish"),
        ("powershell", "lambdry.ps1"),
        ("elvish", "lambdry.elv"),
    ] {
        let printed = lambdry(&["generate", "completions", shell]);
        assert_eq!(
            String::from_utf8_lossy(&printed.stdout),
            kept[file],
            "{shell}"
        );
    }
}

#[test]
fn printed_pages_are_the_written_ones() {
    let printed = lambdry(&["generate", "man", "--stdout"]);
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    for (name, page) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man")) {
        assert!(printed.contains(&page), "{name}");
    }
    let neither = lambdry(&["generate", "man"]);
    assert_eq!(neither.status.code(), Some(252));
}

#[test]
fn pages_of_commands_that_are_gone_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["lambdry-gone.1", "other.1"] {
        fs::write(folder.path().join(name), "").expect("a file");
    }
    lambdry(&[
        "generate",
        "man",
        folder.path().to_str().expect("a path in UTF-8"),
    ]);
    let names = files(folder.path());
    assert!(!names.contains_key("lambdry-gone.1"));
    assert!(names.contains_key("other.1") && names.contains_key("lambdry.1"));
}

/// The completions that bash offers for a line. The script is loaded, and its function is called as bash does after a
/// TAB.
fn bash(state: &Path, cwd: &Path, line: &str) -> Option<Vec<String>> {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_lambdry"));
    let mut path = vec![binary.parent()?.to_owned()];
    path.extend(std::env::split_paths(&path_variable()));
    let script = "source \"$1\"; COMP_LINE=$2; COMP_POINT=${#2}; _lambdry || exit; \
                  complete -p lambdry; complete -p aws; printf '[%s]\\n' \"${COMPREPLY[@]}\"";
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", script, "bash"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/lambdry.bash"))
        .arg(line)
        .env("PATH", std::env::join_paths(path).ok()?)
        .env("LAMBDRY_STATE_DIR", state)
        .current_dir(cwd)
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = told.lines().map(str::to_owned);
    assert_eq!(
        lines.next().as_deref(),
        Some("complete -o nospace -F _lambdry lambdry"),
        "{output:?}"
    );
    Some(lines.collect())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the shell is looked for where this test was started"
)]
fn path_variable() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

#[cfg(unix)]
#[test]
fn bash_offers_what_fits() {
    if Command::new("bash").arg("--version").output().is_err() {
        skipped::skipped("there is no bash on this machine");
        return;
    }
    let state = tempfile::tempdir().expect("a folder");
    let cwd = tempfile::tempdir().expect("a folder");
    fs::write(cwd.path().join("my code.zip"), "").expect("a file");
    let here = |line: &str| bash(state.path(), cwd.path(), line).expect("bash runs");
    assert_eq!(here("lambdry publish-v"), ["[publish-version ]"]);
    assert_eq!(
        here("lambdry lambda publish-version --rev"),
        ["[--revision-id ]"]
    );
    assert_eq!(here("lambdry list-aliases --output=ta"), ["[table ]"]);
    assert_eq!(
        here("lambdry update-function-code --zip-file f"),
        ["[fileb:// ]".replace(' ', "")]
    );
    assert_eq!(
        here("lambdry update-function-code --zip-file fileb://m"),
        ["[//my\\ code.zip ]"]
    );
    assert_eq!(
        here("lambdry update-function-code --zip-file \"fileb://m"),
        ["[fileb://my code.zip]"]
    );
    assert_eq!(here("lambdry bogus "), ["[]"]);
    assert_eq!(
        fs::read_dir(state.path()).expect("a folder").count(),
        0,
        "asking wrote something"
    );
}
