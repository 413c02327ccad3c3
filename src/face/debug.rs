//! `--debug`: the first lines of Python's log on stderr, with the program and its words. No request is logged, because
//! none is sent.

use std::io;

use jiff::Timestamp;

use super::line::version_text;
use super::python;
use super::world::World;

/// Logs the version and the words, in aws-cli's format.
///
/// # Errors
/// A failed write to stderr.
pub(crate) fn begin(world: &mut World<'_>, words: &[String]) -> io::Result<()> {
    let frozen = world.process.var("LAMBDRY_NOW");
    let now = frozen
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(Timestamp::now)
        .strftime("%Y-%m-%d %H:%M:%S,%3f");
    let quoted: Vec<String> = words.iter().map(|word| python::repr(word)).collect();
    for text in [
        format!("CLI version: {}", version_text(&world.process)),
        format!("Arguments entered to CLI: [{}]", quoted.join(", ")),
    ] {
        writeln!(
            world.stderr,
            "{now} - MainThread - awscli.clidriver - DEBUG - {text}"
        )?;
    }
    Ok(())
}
