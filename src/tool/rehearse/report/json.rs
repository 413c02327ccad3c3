//! The report as JSON: the model as it stands, with the verdict and the plan that are read off it.

use std::io::{self, Write};

use serde::Serialize;

use super::{Look, Report};
use crate::tool::rehearse::verdict::Verdict;

/// The number of the form. It grows when a member is renamed, goes, or changes its meaning; a new member alone is none.
const SCHEMA_VERSION: u32 = 2;

/// A report as it is written.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    /// The number of this form.
    schema_version: u32,
    /// The word that stands in the last line.
    verdict: Verdict,
    /// What the verdict rests on, in words.
    reasons: Vec<String>,
    /// What became of the account, a line for each resource.
    plan: Vec<String>,
    #[serde(flatten)]
    report: &'a Report,
}

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    let written = Written {
        schema_version: SCHEMA_VERSION,
        verdict: report.verdict(),
        reasons: report.statements().map(|(_, words)| words).collect(),
        plan: report.plan(),
        report,
    };
    serde_json::to_writer_pretty(&mut *out, &serde_json::to_value(written)?)?;
    writeln!(out)
}
