//! `lambdry rehearse answers`: lists the calls that have ready answers, and the things that each answer keeps or reads.

use std::io::{self, Write};

use crate::{
    face::{options::kebab, waiters},
    operation::ready::SERVICES,
};

/// Writes the calls, one service after the other.
///
/// # Errors
/// The list cannot be written.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    for (at, service) in SERVICES.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}  {}", service.name, service.about)?;
        for entry in service.entries() {
            let told = entry.answer().map(|ready| ready.told());
            let name = kebab(entry.name);
            writeln!(out, "  {name:32}  {}", told.unwrap_or_default())?;
        }
        for waiter in waiters::of(service.name) {
            let name = format!("wait {}", waiter.command);
            writeln!(out, "  {name:32}  polls {}", kebab(waiter.operation))?;
        }
    }
    Ok(())
}
