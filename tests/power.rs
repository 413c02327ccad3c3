//! Tests a power cut at any moment of any command that changes something. Writes without an fsync reach the disk in any
//! order, or not at all. After the cut, the state is the state before the command or the state after the command. If
//! the command has answered, it is the state after the command.
//!
//! strace shows the writes of the real binary. `LAMBDRY_POWER_CUTS=all` tries every moment. Otherwise each command is
//! cut at some of its moments, which differ from command to command.
#![allow(clippy::print_stdout, reason = "it says how much it looked at")]
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

#[path = "disk/changes.rs"]
mod changes;
mod disk;
#[path = "disk/model.rs"]
mod model;

use std::{
    collections::BTreeSet,
    env, fs,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use changes::{Case, cases};
use disk::{State, folder, strace};
use model::{Disk, is_lasting};

/// The system calls that write, and the calls that bring writes to the disk.
const CALLS: &str = "open,openat,creat,close,lseek,write,pwrite64,writev,sendfile,copy_file_range,fsync,fdatasync,syncfs,\
    rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate,ftruncate,\
    utimensat,exit_group";

/// Runs a command under strace. Returns the trace.
fn traced(state: &State, command: &[String], trace: &std::path::Path) -> String {
    let command = state.command(command);
    let status = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-xx",
            "-s",
            "16777216",
            "-e",
            &format!("trace={CALLS}"),
            "-o",
        ])
        .arg(trace)
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(&state.vars)
        .current_dir("/")
        .stdin(state.input())
        .stdout(Stdio::null())
        .status()
        .expect("strace runs");
    assert!(status.success(), "{command:?}");
    fs::read_to_string(trace).expect("a trace")
}

/// Cuts one command at every moment, or at every nth. Returns the number of states that were checked, and the faults.
fn cut(case: &Case, scratch: &std::path::Path, one_in: usize) -> (usize, Vec<String>) {
    let name = case.command.join(" ");
    let state = case.state_at(&scratch.join("state"));
    // The state is restored at its original path, because some answers contain paths.
    let before = case.state.observe();
    let mut disk = Disk::of(&state.root);
    let trace = traced(&state, &case.command, &scratch.join("trace"));
    disk.record(&trace);
    let after = state.observe();
    let (told, there) = (disk.tree_of_all(), model::tree(&state.root));
    let apart: Vec<_> = told
        .symmetric_difference(&there)
        .map(|(path, _)| path)
        .collect();
    assert!(
        apart.is_empty(),
        "{name}: the model is not the disk: {apart:?}"
    );
    let mut known = BTreeSet::new();
    let mut looked = 0;
    let mut wrong = Vec::new();
    for moment in 0..=disk.moments() {
        let is_over = moment == disk.moments();
        if !is_over && moment % one_in != name.len() % one_in {
            continue;
        }
        for left in disk.cuts(moment) {
            let lasting: Vec<_> = left.iter().filter(|(path, _)| is_lasting(path)).collect();
            if !known.insert((is_over, format!("{lasting:?}"))) {
                continue;
            }
            looked += 1;
            fs::remove_dir_all(&state.root).expect("removed");
            model::write(&state.root, &left);
            let mut tell = |what: &str| {
                let names: Vec<&String> = left.keys().filter(|path| is_lasting(path)).collect();
                wrong.push(format!("{name}: {what}\n{}\n{names:?}", disk.told(moment)));
            };
            match std::panic::catch_unwind(|| state.observe()) {
                Err(_) => tell("it cannot be read after a cut"),
                Ok(seen) if seen == after => {}
                Ok(_) if is_over => tell("it is not there, and was answered"),
                Ok(seen) if seen == before || case.between.contains(&seen) => {}
                Ok(seen) => {
                    let lines = seen.lines().zip(before.lines());
                    let first = lines.into_iter().find(|(one, other)| one != other);
                    tell(&format!("neither before nor after: {first:?}"));
                }
            }
            if !wrong.is_empty() {
                break;
            }
        }
    }
    fs::remove_dir_all(scratch).expect("removed");
    (looked, wrong)
}

#[test]
fn a_power_cut_at_any_moment_leaves_the_state_before_or_after() {
    if !strace() {
        return;
    }
    let base = folder();
    // After a power cut, a fork is not used any more.
    let mut cases = cases(base.path());
    cases.retain(|case| !case.state.root.join("FORK").exists());
    let one_in = match env::var("LAMBDRY_POWER_CUTS").as_deref() {
        Ok("all") => 1,
        _ => 11,
    };
    let jobs = Mutex::new(cases.iter().enumerate());
    let looked = Mutex::new((0, Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            let (jobs, looked, base) = (&jobs, &looked, base.path());
            scope.spawn(move || {
                loop {
                    let next = jobs.lock().expect("nothing panics with it").next();
                    let Some((number, case)) = next else { break };
                    let scratch = base.join(format!("cut-{number}"));
                    fs::create_dir(&scratch).expect("a folder");
                    let (states, mut wrong) = cut(case, &scratch, one_in);
                    let mut looked = looked.lock().expect("nothing panics with it");
                    looked.0 += states;
                    looked.1.append(&mut wrong);
                }
            });
        }
    });
    let (looked, wrong) = looked.into_inner().expect("nothing panicked with it");
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    println!(
        "{looked} states after a power cut, of {} commands",
        cases.len()
    );
    assert!(looked > 2 * cases.len(), "{looked}");
}
