//! Tests that a script does not notice the additions of a rehearsal to each bash. The scripts in `tests/shell/` must do
//! the same with and without the additions.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A session. It was started to get the file that every bash reads in a session.
struct Session {
    folder: tempfile::TempDir,
    bash_env: PathBuf,
}

impl Session {
    fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut begin = command(folder.path(), env!("CARGO_BIN_EXE_lambdry"));
        let begun = begin
            .env("LAMBDRY_STATE_DIR", folder.path().join("state"))
            .args(["rehearse", "begin"])
            .output()
            .expect("it runs");
        let lines = String::from_utf8(begun.stdout).expect("lines for a shell");
        let line = lines
            .lines()
            .find_map(|line| line.strip_prefix("export BASH_ENV="));
        let bash_env = PathBuf::from(line.expect("a file for bash").trim_matches('\''));
        Self { folder, bash_env }
    }

    /// Runs a script of `tests/shell/` in a new folder. Returns its output and its files.
    fn run(&self, script: &str, hooked: bool) -> (Output, BTreeMap<PathBuf, Vec<u8>>) {
        let work = self.folder.path().join("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir(&work).expect("a folder");
        for name in [script, "lib.inc"] {
            fs::copy(corpus().join(name), work.join(name)).expect("a script");
        }
        let mut bash = command(&work, "./".to_owned() + script);
        if hooked {
            bash.env("BASH_ENV", &self.bash_env);
        }
        let output = bash.output().expect("bash runs");
        let entries = fs::read_dir(&work).expect("a folder");
        let paths = entries.map(|entry| entry.expect("a file").path());
        let left = paths.map(|path| {
            let bytes = fs::read(&path).expect("a file");
            (path, bytes)
        });
        (output, left.collect())
    }

    /// The script's lines at which the trap has fired since the last call of this function.
    fn fired(&self, script: &str) -> BTreeSet<usize> {
        let log = self.bash_env.with_file_name("fired");
        let text = fs::read(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        let text = String::from_utf8_lossy(&text).into_owned();
        let fields: Vec<&str> = text.split('\0').collect();
        let records = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| **field == "fired");
        records
            .filter_map(|(at, _)| {
                let line = fields.get(at + 7)?.parse().ok()?;
                let mut behind = fields[at + 8..].iter().skip_while(|field| **field != "@");
                let file = behind.nth(1)?;
                file.ends_with(script).then_some(line)
            })
            .collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let stage = self.bash_env.parent().expect("a stage");
        let _ = fs::remove_dir_all(stage);
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shell")
}

fn command(folder: &Path, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("LC_ALL", "C")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

fn scripts() -> Vec<String> {
    let entries = fs::read_dir(corpus()).expect("the corpus");
    let names = entries.map(|entry| entry.expect("a file").file_name().into_string());
    let mut names: Vec<String> = names.map(|name| name.expect("a name")).collect();
    names.retain(|name| name.ends_with(".sh"));
    names.sort();
    names
}

#[test]
fn no_script_sees_the_hook() {
    let session = Session::begin();
    let mut differ = Vec::new();
    for script in scripts() {
        let (plain, left) = session.run(&script, false);
        let (hooked, also_left) = session.run(&script, true);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for (what, one, other) in [
            ("stdout", text(&plain.stdout), text(&hooked.stdout)),
            ("stderr", text(&plain.stderr), text(&hooked.stderr)),
            (
                "status",
                plain.status.to_string(),
                hooked.status.to_string(),
            ),
            ("files", format!("{left:?}"), format!("{also_left:?}")),
        ] {
            if one != other {
                differ.push(format!("{script}, {what} without:\n{one}\nwith:\n{other}"));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

#[test]
fn the_trap_fires_where_nobody_looked_and_nowhere_else() {
    let session = Session::begin();
    session.fired("");
    let mut differ = Vec::new();
    for script in scripts() {
        session.run(&script, true);
        let fired = session.fired(&script);
        let text = fs::read_to_string(corpus().join(&script)).expect("a script");
        let lines = (1..).zip(text.lines());
        let marked = lines.filter(|(_, line)| line.ends_with("# fires"));
        let marked: BTreeSet<usize> = marked.map(|(number, _)| number).collect();
        if fired != marked {
            differ.push(format!("{script}: {fired:?} and not {marked:?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Rehearses a script and returns its report. `$C` in the script stands for a call that fails.
fn report(folder: &Path, script: &str, words: &[&str]) -> serde_json::Value {
    let call = "aws lambda delete-function --function-name nope";
    fs::write(folder.join("deploy.sh"), script.replace("$C", call)).expect("a script");
    let mut rehearse = command(folder, env!("CARGO_BIN_EXE_lambdry"));
    rehearse
        .env("LAMBDRY_STATE_DIR", folder.join("state"))
        .env("AWS_REGION", "us-east-1")
        .args([
            "rehearse",
            "--strict-state",
            "--quiet",
            "--report",
            "json=report",
            "--",
        ])
        .args(words)
        .output()
        .expect("it runs");
    let text = fs::read(folder.join("report")).expect("a report");
    serde_json::from_slice(&text).expect("JSON")
}

/// The line of each failed call, and the script's reaction to it.
fn attentions(report: &serde_json::Value) -> Vec<(u64, String)> {
    let calls = report["Calls"].as_array().expect("calls").iter();
    calls
        .filter(|call| call["ExitCode"] != 0)
        .map(|call| {
            let attention = match &call["Attention"] {
                serde_json::Value::Object(of) => {
                    let (how, by) = of.iter().next().expect("a variant");
                    format!("{how} {}", by.as_str().unwrap_or("?"))
                }
                plain => plain.as_str().unwrap_or("none").to_owned(),
            };
            (call["Place"]["Line"].as_u64().unwrap_or(0), attention)
        })
        .collect()
}

/// Scripts, and the reactions to their failed calls.
const TOLD: &[(&str, &[(u64, &str)])] = &[
    ("#!/bin/bash\n$C\necho on\n", &[(2, "NobodyLooked")]),
    (
        "#!/bin/bash\nset -e\n$C\necho never\n",
        &[(3, "EndedTheScript")],
    ),
    ("#!/bin/bash\n$C\n", &[(2, "EndedTheScript")]),
    (
        "#!/bin/bash\nset -e\nif $C; then :; fi\necho on\n",
        &[(3, "LookedAt Condition")],
    ),
    (
        "#!/bin/bash\nset -e\n$C || echo handled\n",
        &[(3, "LookedAt Or")],
    ),
    (
        "#!/bin/bash\nset -e\n$C || true\n",
        &[(3, "LookedAtAndDropped Or")],
    ),
    (
        "#!/bin/bash\nset -e\n! $C\n$C && echo never\necho on\n",
        &[(3, "LookedAt Not"), (4, "LookedAt And")],
    ),
    (
        "#!/bin/bash\n$C\nif [ $? -ne 0 ]; then echo failed; fi\n",
        &[(2, "LookedAt Status")],
    ),
    ("#!/bin/bash\nx=$($C)\necho on\n", &[(2, "NobodyLooked")]),
    (
        "#!/bin/bash\nset -e\nx=$($C)\necho on\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nx=$($C)\nif [ -z \"$x\" ]; then echo none; fi\n",
        &[(2, "LookedAt Answer")],
    ),
    (
        "#!/bin/bash\nset -e\nif x=$($C); then :; fi\nx=$($C) || true\n",
        &[(3, "LookedAt Condition"), (4, "LookedAtAndDropped Or")],
    ),
    (
        "#!/bin/bash\nset -e\nf() {\n  local x=$($C)\n  echo on\n}\nf\nexport Y=$($C)\necho \"$($C)\"\n",
        &[
            (4, "NobodyLooked"),
            (8, "NobodyLooked"),
            (9, "NobodyLooked"),
        ],
    ),
    (
        "#!/bin/bash\nset -e\n$C | cat\necho on\n",
        &[(3, "LookedAtAndDropped Pipe")],
    ),
    (
        "#!/bin/bash\nset -eo pipefail\n$C | cat\necho on\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -o pipefail\n$C 2>&1 | tee log >/dev/null\necho on\n",
        &[(3, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\nif $C 2>&1 | grep -q nothing; then :; fi\necho on\n",
        &[(3, "LookedAt Answer")],
    ),
    (
        "#!/bin/bash\nset -e\nf() {\n  $C\n  echo in\n}\nf || echo handled\nif ! f; then :; fi\n",
        &[(4, "LookedAt Caller"), (4, "LookedAt Caller")],
    ),
    (
        "#!/bin/bash\nf() {\n  $C || return $?\n}\nf\necho on\n",
        &[(3, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\n$C &\nwait\n",
        &[(2, "LookedAtAndDropped Background")],
    ),
    (
        "#!/bin/bash\n$C &\nwait $!\necho on\n",
        &[(2, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\ncleanup() {\n  $C\n}\ntrap cleanup EXIT\naws lambda list-functions\n",
        &[(4, "InCleanUpTrap")],
    ),
    (
        "#!/bin/bash\ntrap '$C' EXIT\naws lambda list-functions\n",
        &[(2, "InCleanUpTrap")],
    ),
    (
        "#!/bin/bash\nset -e\necho nope | xargs -n1 aws lambda delete-function --function-name\necho on\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\necho nope | xargs -n1 aws lambda delete-function --function-name\necho on\n",
        &[(2, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\nfor i in 1 2; do\n  $C || :\ndone\necho a | while read -r l; do $C || echo handled; done\n",
        &[
            (4, "LookedAtAndDropped Or"),
            (4, "LookedAtAndDropped Or"),
            (6, "LookedAt Or"),
        ],
    ),
    (
        "#!/bin/bash\nset -e\nrun() { \"$@\"; }\nrun $C || echo handled\nrun $C\necho never\n",
        &[(4, "LookedAt Or"), (5, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\nretry() { until \"$@\"; do return 0; done; }\nretry $C\necho on\n",
        &[(4, "LookedAt Condition")],
    ),
    (
        "#!/bin/bash\nset -e\n(\n  $C\n  echo never\n) || echo handled\n{ $C; echo on; } | cat\n",
        &[(4, "LookedAt Or"), (7, "LookedAtAndDropped Pipe")],
    ),
    (
        "#!/bin/bash\ntrap 'echo failed >&2; exit 3' ERR\n$C\necho never\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\nbash -c \"$C; echo on\"\n",
        &[(0, "NobodyLooked")],
    ),
    ("#!/bin/bash\nset -e\nexec $C\n", &[(3, "EndedTheScript")]),
    ("#!/bin/sh\n$C\necho on\n", &[(2, "NobodyLooked")]),
    (
        "#!/bin/sh\nset -e\n$C-a || true\nif $C-b; then :; fi\n$C\necho never\n",
        &[
            (3, "LookedAtAndDropped Or"),
            (4, "LookedAt Condition"),
            (5, "EndedTheScript"),
        ],
    ),
    (
        "#!/bin/sh\nf() {\n  $C\n  echo on\n}\nf || true\n",
        &[(3, "CannotTell")],
    ),
    (
        "#!/bin/bash\ntrap 'echo d >/dev/null' DEBUG\nf() {\n  $C\n  echo on\n}\nf || true\n$C\necho on\n",
        &[(4, "CannotTell"), (8, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\nenv -i PATH=\"$PATH\" AWS_REGION=us-east-1 $C || echo handled\n",
        &[(3, "LookedAt Or")],
    ),
    (
        "#!/bin/bash\nset -e\ncat > Makefile <<'END'\nSHELL = /bin/bash\nall:\n\taws lambda delete-function --function-name nope; echo on\nEND\nmake -s\n",
        // The line number is the Makefile's.
        &[(3, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\nprintf 'all:\\n\\taws lambda delete-function --function-name nope || true\\n' > Makefile\nmake -s\n",
        &[(2, "LookedAtAndDropped Or")],
    ),
    // A script that another script runs. The outer script looks at the status, unless the inner script ignored the
    // failure and went on.
    (
        "#!/bin/bash\nset -e\nprintf '#!/bin/bash\\n$C\\necho on\\n' > sub.sh\nbash sub.sh\n",
        &[(2, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\nprintf '#!/bin/bash\\nset -e\\n$C\\necho on\\n' > sub.sh\nbash sub.sh\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\nprintf '#!/bin/bash\\nset -e\\n$C\\necho on\\n' > sub.sh\nbash sub.sh || true\naws lambda list-functions\n",
        &[(3, "CannotTell")],
    ),
    (
        "#!/bin/bash\nprintf '#!/bin/bash\\nset -e\\n$C\\necho on\\n' > sub.sh\nbash sub.sh\naws lambda list-functions\n",
        &[(3, "NobodyLooked")],
    ),
    // Functions that are sourced, and a wrapper that has the program's own name.
    (
        "#!/bin/bash\nset -e\nprintf 'f() {\\n  $C\\n}\\n' > lib.sh\n. ./lib.sh\nf || echo handled\nf\n",
        &[(2, "LookedAt Caller"), (2, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\naws() { command aws --region us-east-1 \"$@\"; }\n$C || echo handled\n$C\n",
        &[(4, "LookedAt Or"), (5, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\nf() {\n  for i in 1 2; do\n    $C && return 0\n  done\n  return 1\n}\nf || true\n",
        &[(5, "LookedAt And"), (5, "LookedAt And")],
    ),
    (
        "#!/bin/bash\nset -euo pipefail\nv=$($C | tail -n 1)\necho never\n",
        &[(3, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -u\nv=$($C 2>&1) ; rc=$?\n[ $rc -eq 0 ] || echo failed\n",
        &[(3, "LookedAt Status")],
    ),
    (
        "#!/bin/bash\nset -e\ntrap 'aws lambda list-functions' EXIT\n$C\n",
        &[(4, "EndedTheScript")],
    ),
    (
        "#!/bin/bash\nset -e\ncase \"$($C 2>&1)\" in *NotFound*) echo none ;; esac\n",
        &[(3, "LookedAt Answer")],
    ),
    (
        "#!/bin/bash\nset -e\npython3 -c 'import subprocess, sys\nsubprocess.call(sys.argv[1:])\n' $C\n",
        &[(5, "CannotTell")],
    ),
    // An answer that the script tests later, and a coprocess.
    (
        "#!/bin/bash\nx=$($C 2>&1)\ncase \"$x\" in *NotFound*) echo none ;; esac\n",
        &[(2, "LookedAt Answer")],
    ),
    (
        "#!/bin/bash\nx=$($C 2>&1)\nif echo \"$x\" | grep -q NotFound; then echo none; fi\n",
        &[(2, "LookedAt Answer")],
    ),
    (
        "#!/bin/bash\nset -e\ncoproc $C\nwait\necho on\n",
        &[(3, "LookedAtAndDropped Background")],
    ),
    (
        "#!/bin/bash\nset -e\nmapfile -t x < <($C)\necho on\n",
        &[(3, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nset -e\ncat <<END\n$($C)\nEND\n",
        &[(0, "NobodyLooked")],
    ),
    (
        "#!/bin/bash\nfind . -maxdepth 0 -exec $C \\;\necho on\n",
        &[(0, "CannotTell")],
    ),
];

#[test]
fn each_failed_call_is_told_by_who_looked_at_it() {
    let mut differ = Vec::new();
    for (script, expected) in TOLD {
        let folder = tempfile::tempdir().expect("a folder");
        let shell = script
            .lines()
            .next()
            .expect("a line")
            .trim_start_matches("#!");
        let told = attentions(&report(folder.path(), script, &[shell, "deploy.sh"]));
        let told: Vec<(u64, &str)> = told.iter().map(|(line, how)| (*line, &**how)).collect();
        if told != *expected {
            differ.push(format!("{script}{told:?}\nand not {expected:?}\n"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn calls_that_never_ran_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let lib = "rollback() {\n  aws lambda update-alias --function-name pay\n}\nunused() {\n  aws lambda list-layers\n}\nquietly() {\n  \"$@\"\n}\n";
    fs::write(folder.path().join("lib.sh"), lib).expect("a file");
    let script = r#"#!/bin/bash
set -e
. ./lib.sh
run() { echo "+ $*"; "$@"; }
notify() { aws sns publish --message "$1"; }
trap 'rollback' ERR INT
# aws lambda publish-version
echo "next: aws lambda publish-version"
cat <<END
aws lambda publish-version
END
aws lambda list-functions >/dev/null
if [ "$1" = first ]; then
  aws lambda create-function --function-name pay
elif [ "$1" = second ]; then
  run aws lambda invoke --function-name pay
fi
[ "$1" != third ] || quietly aws lambda list-aliases --function-name pay
for i in; do aws lambda get-alias --function-name "$i"; done
run aws lambda list-functions >/dev/null || notify failed
run aws lambda delete-function --function-name nope
aws lambda delete-alias --function-name pay --name live
"#;
    let report = report(folder.path(), script, &["bash", "deploy.sh"]);
    let unmade = report["Unmade"].as_array().expect("a list").iter();
    let told: Vec<String> = unmade
        .map(|it| {
            let place = &it["Place"];
            let file = place["File"].as_str().expect("a file");
            format!(
                "{file}:{} {} {}",
                place["Line"],
                it["Operation"].as_str().expect("words"),
                it["Because"].as_str().expect("why")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "deploy.sh:5 sns publish OfABranch",
            "deploy.sh:14 lambda create-function OfABranch",
            "deploy.sh:16 lambda invoke OfABranch",
            "deploy.sh:18 lambda list-aliases OfABranch",
            "deploy.sh:19 lambda get-alias OfABranch",
            "deploy.sh:22 lambda delete-alias TheScriptEnded",
            "lib.sh:2 lambda update-alias OfABranch",
        ]
    );
}
