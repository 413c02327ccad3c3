//! `lambdry rehearse findings`: what is looked for, and the AWS behaviour behind it.

use std::io::{self, Write};

use super::RULES;
use crate::tool::rehearse::report::folded;

/// Writes the rules.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write(width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (at, rule) in RULES.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", rule.name)?;
        for text in rule.paragraphs() {
            for line in folded(&text, width.saturating_sub(2)) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}
