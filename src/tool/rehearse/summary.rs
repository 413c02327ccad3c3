//! What a run was, in a few lines.

use std::io::{self, Write};

use super::run::Ran;

/// Writes it.
///
/// # Errors
/// What writing raises.
pub(crate) fn write(ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    for (at, call) in ran.calls.iter().enumerate() {
        let place = call.place.as_ref().map_or_else(String::new, |place| {
            format!("  ({}:{})", place.file.display(), place.line)
        });
        let failed = match (&call.stopped, call.code) {
            (_, 0) => String::new(),
            (Some(stopped), code) => {
                format!("  exit {code}, {}: {}", stopped.kind, stopped.message)
            }
            (None, code) => format!("  exit {code}"),
        };
        writeln!(
            out,
            "{:>3}  {} {}{failed}{place}",
            at + 1,
            call.program,
            call.words.join(" ")
        )?;
    }
    if ran.lost {
        writeln!(
            out,
            "The script deleted the rehearsal's own folder, {}: the fork and the calls in it are gone.",
            ran.rehearsal.calls.parent().unwrap_or(&ran.after).display()
        )?;
    } else if ran.saw_nothing() {
        writeln!(
            out,
            "Nothing was rehearsed: no call of aws was seen. Where a script calls it by an absolute path, as another \
             user, in a login shell, under env -i or in a container, it goes around the aws that is first on PATH; \
             where it uses an SDK, there is no call to see."
        )?;
    }
    for bypass in &ran.bypasses {
        let Some(file) = bypass.file.to_str() else {
            continue;
        };
        writeln!(
            out,
            "around  {file}:{}: {} ({})",
            bypass.line,
            bypass.text,
            bypass.way.why()
        )?;
    }
    for visitor in &ran.visitors {
        writeln!(
            out,
            "refused  {} {} {} ({})",
            visitor.service.as_deref().unwrap_or("some service"),
            visitor.method,
            visitor.path,
            visitor
                .agent
                .as_deref()
                .unwrap_or("it does not say who it is")
        )?;
    }
    for left in &ran.leftovers {
        writeln!(
            out,
            "ended  {} was left running: {}",
            left.pid,
            left.words.join(" ")
        )?;
    }
    Ok(())
}
