//! The cost of calls, compared with the lowest possible cost. Anyone can repeat it:
//!
//! ```sh
//! cargo bench --locked            # everything but the cold build; some minutes
//! cargo bench --locked -- quick   # fewer runs, smaller states
//! cargo bench --locked -- full    # the cold build too
//! cargo bench --locked -- serve   # a publish over a connection alone
//! ```
//!
//! `LAMBDRY_BENCH_PROGRAM` names another build of the command, such as the released one of `.ci/dist`.
//!
//! Floors are small Rust programs compiled on the spot: one that prints a line, and one that also writes three files
//! with the five fsyncs of a publish. A call and its floor run in turns, so other work of the machine affects both. The
//! table compares medians and tenth percentiles; a busy machine disturbs the tenth percentile least. Both programs are
//! first copied into one folder in the same way, because the way in which a program's file was written affects its
//! start. Programs that are not installed are named and left out. Nothing here passes or fails: tests decide if lambdry
//! is correct, and this shows the cost.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench reads its own environment"
)]
#![allow(
    clippy::print_stdout,
    reason = "printing a table is what a bench is for"
)]

mod counts;
mod floor;
mod listings;
mod package;
mod peers;
mod rehearsal;
mod serve;
mod sizes;
mod state;
mod timing;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use timing::{Program, in_turns, line};

/// The folder of the measured command, which is a copy of the built one.
static LAMBDRY: OnceLock<PathBuf> = OnceLock::new();

/// The measured command.
pub(crate) fn lambdry() -> &'static Path {
    LAMBDRY.get().expect("it is copied first of all")
}

/// Copies a program. Every measured program is copied in this way.
pub(crate) fn copied(program: &Path, to: PathBuf) -> PathBuf {
    fs::copy(program, &to).expect("a program is copied");
    to
}

/// The scale of the measurements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// The number of runs of each call.
    runs: usize,
    /// The number of versions of one function.
    versions: &'static [u64],
    /// The number of functions in one state.
    functions: &'static [u64],
}

const WHOLE: Scale = Scale {
    runs: 400,
    versions: &[10, 1_000, 100_000],
    functions: &[1, 1_000, 10_000],
};

const QUICK: Scale = Scale {
    runs: 60,
    versions: &[10, 1_000],
    functions: &[1, 100],
};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|other| other == word);
    if !has("--bench") {
        println!("nothing is measured in a test build: cargo bench --locked");
        return;
    }
    let scale = if has("quick") { QUICK } else { WHOLE };
    // The folder is in the target directory, where fsync really writes to the repository's disk.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder to work in");
    let folder = folder.path();
    LAMBDRY.get_or_init(|| {
        let built = std::env::var_os("LAMBDRY_BENCH_PROGRAM");
        let built = built.unwrap_or_else(|| env!("CARGO_BIN_EXE_lambdry").into());
        copied(Path::new(&built), folder.join("lambdry"))
    });
    println!(
        "lambdry {}, {} runs of each call in turns\n",
        env!("CARGO_PKG_VERSION"),
        scale.runs
    );
    if has("serve") {
        return serve::publishes(folder, scale);
    }
    calls(folder, scale);
    serve::publishes(folder, scale);
    sizes::flat(folder, scale);
    rehearsal::begins(folder, scale);
    rehearsal::sweeps(folder);
    listings::whole(folder, scale);
    package::large(folder, scale);
    counts::system_calls(folder);
    peers::compare(folder, scale);
    counts::weight(has("full"));
}

/// Measures one call and its floor.
fn calls(folder: &Path, scale: Scale) {
    let floors = floor::build(folder);
    let state = state::State::new(&folder.join("calls"));
    println!(
        "{:<44}{:>9}{:>9}{:>9}{:>9}",
        "one call", "median", "p10", "ratio", "ratio"
    );
    println!(
        "{:<44}{:>9}{:>9}{:>9}{:>9}",
        "", "ms", "ms", "medians", "p10"
    );
    let hello = Program::new(&floors.hello);
    let durable = durable(&floors.durable, folder);
    let mut programs = vec![hello, durable];
    programs.extend(
        [
            &["get-function", "--function-name", "pay"][..],
            &["get-alias", "--function-name", "pay", "--name", "live"],
            &["list-versions-by-function", "--function-name", "pay"],
            &["--version"],
        ]
        .map(|words| state.call(words)),
    );
    // This state is separate, because the listing above should not grow with the runs.
    programs.push(state::State::new(&folder.join("publishing")).publish("pay"));
    let times = in_turns(&mut programs, scale.runs);
    line("hello: starts, prints a line", &times[0], None);
    line("  get-function", &times[2], Some(&times[0]));
    line("  get-alias", &times[3], Some(&times[0]));
    line("  list-versions-by-function", &times[4], Some(&times[0]));
    line("  --version", &times[5], Some(&times[0]));
    line("hello and the five fsyncs of a publish", &times[1], None);
    line("  publish-version", &times[6], Some(&times[1]));
    println!();
}

/// The floor of a publish. It runs in its own folder, which has the same files as a function's folder.
fn durable(program: &Path, folder: &Path) -> Program {
    let place: PathBuf = folder.join("like-a-function");
    std::fs::create_dir_all(place.join("versions")).expect("a folder");
    let mut next = 0u64;
    let mut program = Program::new(program);
    program.vary(Box::new(move |command| {
        next += 1;
        command.arg(&place).arg(next.to_string());
    }));
    program
}
