//! lambdry is `aws lambda` without AWS: a command whose state is a directory.
//!
//! Five floors; a folder may use the ones below it, not its neighbours, not those above:
//!
//! * ① [`state`]: what exists. Plain data and its rules; no clock, no disk, no printing.
//! * ② [`store`]: the disk. The only place that touches the files of the state directory.
//! * ③ [`operation`]: the Lambda API, one file per operation. A JSON object of AWS members in, one out.
//! * ③ [`output`]: a JSON value to bytes: json, text, table, yaml, and `--query`. Knows nothing of Lambda.
//! * ④ [`face`]: the `aws` command line around the operations.
//! * ⑤ [`tool`]: our own commands (`tour`, `generate` …), a file each.

pub mod face;
pub mod operation;
pub mod output;
pub mod state;
pub mod store;

/// Runs the command line and answers its exit code.
pub fn main(_args: impl IntoIterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
