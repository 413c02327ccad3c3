//! Measurements that do not depend on the machine's load: system calls, fsyncs, bytes and crates. Also measures the
//! time of a build.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    floor, lambdry,
    state::State,
    timing::{Program, installed},
};

/// Counts the system calls and fsyncs of each command with strace.
pub(crate) fn system_calls(folder: &Path) {
    if !installed("strace", "-V") {
        println!("system calls and fsyncs a command: strace is not installed\n");
        return;
    }
    let state = State::new(&folder.join("counts"));
    let log = folder.join("strace.log");
    println!("{:<44}{:>9}{:>9}", "of one command", "calls", "fsyncs");
    let mut hello = Program::new(floor::build(folder).hello);
    report("hello", &mut hello, &log);
    let zip = format!("fileb://{}", folder.join("counts/code.zip").display());
    let pay = ["--function-name", "pay"];
    let commands: [(&str, &[&str]); 10] = [
        ("--version", &[]),
        ("get-function", &pay),
        ("get-alias", &["--function-name", "pay", "--name", "live"]),
        ("list-functions", &[]),
        ("list-versions-by-function", &pay),
        (
            "update-function-code",
            &["--function-name", "pay", "--zip-file", &zip],
        ),
        (
            "update-function-configuration",
            &["--function-name", "pay", "--timeout", "9"],
        ),
        ("publish-version", &pay),
        (
            "update-alias",
            &[
                "--function-name",
                "pay",
                "--name",
                "live",
                "--function-version",
                "2",
            ],
        ),
        ("delete-function", &pay),
    ];
    for (name, rest) in commands {
        let words: Vec<&str> = [name].into_iter().chain(rest.iter().copied()).collect();
        report(name, &mut state.call(&words), &log);
    }
    println!();
}

fn report(name: &str, program: &mut Program, log: &Path) {
    let command = program.next();
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", "signal=none", "-o"])
        .arg(log)
        .arg(command.get_program())
        .args(command.get_args())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{name} failed under strace"
    );
    let log = fs::read_to_string(log).unwrap_or_default();
    let calls = log.lines().filter(|line| line.contains('(')).count();
    let fsyncs = log
        .lines()
        .filter(|line| line.contains(" fsync(") || line.contains(" fdatasync("))
        .count();
    println!("{name:<44}{calls:>9}{fsyncs:>9}");
}

/// Measures the binary and counts its crates; with `full`, also times a build from nothing.
pub(crate) fn weight(full: bool) {
    let size = fs::metadata(lambdry()).map_or(0, |metadata| metadata.len());
    println!("{:<44}{:>9.2}", "the binary, MB", size as f64 / 1e6);
    let cargo = |words: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .args(words)
            .args(["--locked", "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        command
    };
    let tree = cargo(&["tree", "--prefix", "none", "--edges", "normal,build"]).output();
    let crates: Option<BTreeSet<String>> =
        tree.ok().filter(|tree| tree.status.success()).map(|tree| {
            String::from_utf8_lossy(&tree.stdout)
                .lines()
                .map(|line| line.trim_end_matches(" (*)").to_owned())
                .filter(|line| !line.is_empty())
                .collect()
        });
    match crates {
        Some(crates) => println!("{:<44}{:>9}", "crates, lambdry among them", crates.len()),
        None => println!("crates: cargo tree does not answer"),
    }
    if !full {
        println!("{:<44}{:>9}", "a cold build", "-- full");
        return;
    }
    let target = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let began = Instant::now();
    let built = cargo(&["build", "--release", "--quiet", "--target-dir"])
        .arg(target.path())
        .status();
    match built {
        Ok(status) if status.success() => {
            println!(
                "{:<44}{:>9.0}",
                "a cold build, s",
                began.elapsed().as_secs_f64()
            );
        }
        _ => println!("a cold build: it failed"),
    }
}
