//! The `lambdry` command: see the library for everything it does.

fn main() -> std::process::ExitCode {
    lambdry::main(std::env::args_os())
}
