//! The comparison with moto. Every call runs in lambdry and in moto. If the two answers differ, the reason must be in a
//! list that a person has checked.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{Walk, answered, calls};
use crate::operation::ready::Ready;

/// The file with the checked differences. Each line has the call, the difference (or its beginning and `…`), and the
/// reason why lambdry's answer is right.
const REVIEWED: &str = "tests/fidelity/emulator.txt";

/// The input of the script that calls moto: the calls that must run first, then the call itself. `None` if the call
/// needs a thing that only a project can give.
fn played(ready: &'static Ready) -> Option<String> {
    let (walk, request) = answered(ready);
    drop(walk.call(ready, &request));
    let calls = walk.made_calls.take()?;
    Some(Value::Array(calls).to_string())
}

/// The same input, but for a call about a thing that does not exist.
fn refused(ready: &'static Ready) -> Option<String> {
    let walk = Walk::new(ready);
    let request = walk.plain_request(ready);
    drop(walk.call(ready, &request.into()));
    let calls = walk.made_calls.take()?;
    Some(Value::Array(calls).to_string())
}

/// Returns true if a difference is the one in the list. In the list, `…` stands for any text at the end.
fn is_like(how: &str, known: &str) -> bool {
    match known.strip_suffix('…') {
        Some(begins) => how.starts_with(begins),
        None => how == known,
    }
}

#[test]
#[allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a check that is skipped says so"
)]
fn answers_are_those_of_moto_but_for_a_reviewed_list() {
    if std::env::var_os("LAMBDRY_MOTO").is_none() {
        eprintln!("skipped: LAMBDRY_MOTO=1 compares ready answers with those of moto, by python3");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fidelity/emulator.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut names = Vec::new();
    let mut lines = String::new();
    for ready in calls() {
        for (what, line) in [("", played(ready)), (" of nothing", refused(ready))] {
            if let Some(line) = line {
                names.push(format!("{} {}{what}", ready.service, ready.name));
                lines += &(line + "\n");
            }
        }
    }
    let mut stdin = python.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = python.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads all");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let told: BTreeMap<&str, &str> = names.iter().map(String::as_str).zip(told.lines()).collect();
    assert_eq!(told.len(), names.len(), "it answers each");
    let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(REVIEWED);
    let list = std::fs::read_to_string(list).expect("the list");
    let reviewed: BTreeMap<&str, (&str, &str)> = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (call, rest) = line.split_once(": ").expect("a call");
            (call, rest.split_once(" — ").expect("a reason"))
        })
        .collect();
    let compared = told.values().filter(|how| !how.starts_with("not ")).count();
    eprintln!("{compared} of {} calls compared with moto", told.len());
    let mut unlike: Vec<String> = told
        .iter()
        .filter(|(call, how)| {
            let known = reviewed.get(*call);
            let is_known = known.is_some_and(|(known, _)| is_like(how, known));
            **how != "same" && !how.starts_with("not ") && !is_known
        })
        .map(|(call, how)| format!("{call}: {how}"))
        .collect();
    let is_stale = |call: &str, known: &str| told.get(call).is_none_or(|how| !is_like(how, known));
    let stale = reviewed
        .iter()
        .filter(|(call, (known, _))| is_stale(call, known));
    unlike.extend(stale.map(|(call, _)| format!("{call}: reviewed, and not so any more")));
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}
