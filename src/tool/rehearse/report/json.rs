//! The report as JSON: the model as it stands.

use std::io::{self, Write};

use super::{Look, Report};

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &serde_json::to_value(report)?)?;
    writeln!(out)
}
