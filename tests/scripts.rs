//! Lists the calls that public deployment scripts make to services other than Lambda, each with the part of lambdry
//! that answers it. `cargo test --test scripts -- --nocapture` prints the table.
#![cfg(unix)]
#![allow(
    clippy::print_stdout,
    reason = "a table is printed for whoever asks for it"
)]

mod common;

use common::Sandbox;
use lambdry::operation::ready;

const CALLS: &str = include_str!("scripts/calls.txt");

/// The part of lambdry that answers a call. The call's help names this part. Returns `None` if no part answers.
fn answered_by(sandbox: &Sandbox, call: &str) -> Option<&'static str> {
    let output = sandbox
        .command("lambdry")
        .args(call.split(' '))
        .arg("help")
        .output()
        .expect("lambdry");
    let service = call.split(' ').next().unwrap_or_default();
    output
        .status
        .success()
        .then(|| match ready::answers(service) {
            true => "ready answer",
            false => "simulated",
        })
}

#[test]
fn of_the_calls_of_public_scripts_nearly_all_are_answered() {
    let sandbox = Sandbox::new();
    let lines = CALLS.lines().filter(|line| !line.is_empty());
    let (mut named, mut answered) = (0, 0);
    let (mut files, mut whole) = (0, 0);
    println!("{:50}  answered by", "call");
    for line in lines.filter(|line| !line.starts_with('#')) {
        let (count, calls) = match line.split_once(' ') {
            Some((count, calls)) if count.parse::<u32>().is_ok() => (count, calls),
            None if line.parse::<u32>().is_ok() => (line, ""),
            _ => ("", line),
        };
        let calls: Vec<&str> = calls.split(", ").filter(|call| !call.is_empty()).collect();
        let by: Vec<_> = calls
            .iter()
            .map(|call| answered_by(&sandbox, call))
            .collect();
        for (call, by) in calls.iter().zip(&by) {
            println!("{call:50}  {}", by.unwrap_or("nobody"));
        }
        if count.is_empty() {
            named += 1;
            answered += usize::from(by[0].is_some());
            continue;
        }
        let count: usize = count.parse().expect("a number of files");
        files += count;
        if by.iter().all(Option::is_some) {
            whole += count;
        }
    }
    let percent = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
    println!(
        "{answered} of {named} named calls are answered: {:.0} %",
        percent(answered, named)
    );
    println!(
        "{whole} of {files} counted files use only what is answered: {:.0} %",
        percent(whole, files)
    );
    assert!(percent(answered, named) >= 95.0);
    assert!(percent(whole, files) >= 95.0);
}
