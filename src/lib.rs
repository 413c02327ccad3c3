//! lambdry is `aws lambda` without AWS: a command whose state is a directory.
//!
//! The crate has five floors. A folder may use the floors below it, but not its neighbours and not those above:
//!
//! * ① [`state`]: the resources. Plain data and its rules; no clock, no disk, no printing.
//! * ② [`store`]: the disk. The only folder that touches the files of the state directory.
//! * ③ [`operation`]: the Lambda API, one file per operation. A JSON object of AWS members in, one out.
//! * ③ [`output`]: prints a JSON value as json, text, table or yaml, and applies `--query`. Knows nothing of Lambda.
//! * ④ [`face`]: the `aws` command line around the operations.
//! * ④ [`serve`]: HTTP around the operations, as SDKs speak it.
//! * ⑤ [`tool`]: our own commands (`tour`, `generate` …), a file each.

#![cfg_attr(not(unix), allow(dead_code, reason = "rehearsals need Unix"))]

pub mod face;
pub mod operation;
pub mod output;
pub mod serve;
pub mod state;
pub mod store;
pub mod tool;

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use face::world::{Process, World};

/// Runs the command line of this process and returns its exit code. No code below reads the process.
#[allow(
    clippy::disallowed_methods,
    reason = "here the environment is read, once"
)]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let word = args.next().unwrap_or_default();
    let called = Path::new(&word)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let env = std::env::vars_os().collect();
    let stdout = io::stdout();
    let stdout_is_terminal = stdout.is_terminal();
    #[allow(unused_mut, reason = "it is not changed on systems without rehearsals")]
    let mut process = Process {
        program: match called.as_str() {
            // `awslocal` is LocalStack's wrapper: it calls `aws` with an endpoint option.
            "aws" | "awslocal" => "aws",
            _ => "lambdry",
        }
        .to_owned(),
        args: args.collect(),
        env,
        cwd: std::env::current_dir().unwrap_or_default(),
        stdout_is_terminal,
        stderr_is_terminal: io::stderr().is_terminal(),
        width: width(stdout_is_terminal),
    };
    #[cfg(unix)]
    tool::rehearse::stand_in::restore(&word, &mut process);
    #[cfg(unix)]
    if called != "lambdry" {
        // The full name must match: `python3.12` is another program than `python3`.
        let called = Path::new(&word).file_name().unwrap_or_default();
        let called = called.to_string_lossy();
        if let Some(code) = tool::rehearse::stand_in::run(&called, &process) {
            return ExitCode::from(code);
        }
    }
    let backend = tool::backend::Lambdry::new(&process);
    let mut out = io::BufWriter::new(stdout.lock());
    let code = face::run(
        &mut World {
            process,
            stdin: &mut io::stdin().lock(),
            stdout: &mut out,
            // `stderr` is not locked, because the threads of `serve` write to it while they wait.
            stderr: &mut io::stderr(),
            sleep: &std::thread::sleep,
        },
        &backend,
    );
    // An error is ignored: either nothing is left to write, or nobody reads the output any more.
    let _ = out.flush();
    ExitCode::from(code)
}

/// The terminal's width in columns; 80 without a terminal.
fn width(stdout_is_terminal: bool) -> usize {
    if !stdout_is_terminal {
        return 80;
    }
    terminal_size::terminal_size().map_or(80, |(terminal_size::Width(columns), _)| columns.into())
}
