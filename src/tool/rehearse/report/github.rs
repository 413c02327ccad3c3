//! The report as GitHub's workflow commands: an annotation for each finding, for a script that failed, and for the
//! verdict.
//!
//! The commands go to stderr, as all reports do. The runner reads both streams of a step, and stdout belongs to the
//! script. The Markdown is meant for `$GITHUB_STEP_SUMMARY`.

use std::io::{self, Write};

use super::{Look, Report};
use crate::tool::rehearse::{calls::ScriptLine, touched, verdict::Verdict};

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    for touched in &report.touched {
        let command = touched.severity.word();
        annotate(out, command, None, touched::TITLE, &touched.to_string())?;
    }
    for finding in &report.findings {
        let command = finding.severity.word();
        let text = format!("{}\nInstead: {}", finding.explanation, finding.fix);
        annotate(out, command, finding.place.as_ref(), &finding.title, &text)?;
    }
    for call in report.ignored() {
        let title = format!(
            "AWS refused {}, and the script did not repair it",
            call.name
        );
        annotate(out, "error", call.place.as_ref(), &title, &call.outcome)?;
    }
    if report.exit_code != Some(0) {
        let last = report.calls.iter().rfind(|call| call.failed());
        let text = last.map_or_else(
            || "No call to AWS failed.".to_owned(),
            |call| format!("{}: {}", call.name, call.outcome),
        );
        let title = format!("{}: {}", report.command_line(), report.ending());
        let place = last.and_then(|call| call.place.as_ref());
        annotate(out, "error", place, &title, &text)?;
    }
    let command = match report.verdict() {
        Verdict::Clean | Verdict::CallsNeverRan => "notice",
        Verdict::NotFullyPlayed | Verdict::PassedByLuck => "warning",
        // Another annotation already shows the cause as an error.
        Verdict::Broken => "notice",
    };
    let (line, held) = (report.command_line(), report.network_held());
    let title = format!("{line} {held}: {}", report.word());
    let text = format!(
        "{}; {}. {}. A rehearsal cannot show {}.",
        report.reasons(),
        report.extent(),
        report.plan_in_short(),
        report.cannot_show
    );
    annotate(out, command, None, &title, &text)?;
    Ok(())
}

/// Writes an annotation.
///
/// # Errors
/// When the annotation cannot be written.
pub(crate) fn annotate(
    out: &mut dyn Write,
    command: &str,
    place: Option<&ScriptLine>,
    title: &str,
    text: &str,
) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&place.file.to_string_lossy())));
        properties.push(format!("line={}", place.line));
    }
    properties.push(format!("title={}", property(title)));
    writeln!(out, "::{command} {}::{}", properties.join(","), data(text))
}

/// The text of a command, escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
