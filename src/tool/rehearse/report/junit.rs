//! The report as JUnit XML: a test for the script's end, a test for refused changes that remain, and a test for each
//! rule. An error fails its test; a warning appears in the test's output.

use std::io::{self, Write};

use super::{Finding, Look, Report, Severity};
use crate::tool::rehearse::{finding::RULES, touched};

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    let of = |rule: &str, severity: Severity| -> Vec<&Finding> {
        let findings = report.findings.iter();
        findings
            .filter(|finding| finding.rule == rule && finding.severity == severity)
            .collect()
    };
    let ended_well = report.exit_code == Some(0);
    let failing = RULES
        .iter()
        .filter(|rule| !of(rule.name, Severity::Error).is_empty());
    let ignored: Vec<String> = report
        .ignored()
        .map(|call| format!("{} {}: {}", call.at(), call.name, call.outcome))
        .collect();
    let touched: Vec<String> = report.touched.iter().map(ToString::to_string).collect();
    let is_touched = report
        .touched
        .iter()
        .any(|it| it.severity == Severity::Error);
    let others = [!ended_well, !ignored.is_empty(), is_touched];
    let failures = failing.count() + others.into_iter().filter(|failed| *failed).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{:.3}\"",
        RULES.len() + 3,
        report.seconds
    );
    let (line, held) = (report.command_line(), report.network_held());
    let name = escaped(&format!("rehearsal of {line} {held}"));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"lambdry\" {counts}>")?;
    writeln!(
        out,
        "  <testsuite name=\"{name}\" {counts} timestamp=\"{}\">",
        report.began.strftime("%Y-%m-%dT%H:%M:%S")
    )?;
    writeln!(
        out,
        "    <testcase classname=\"lambdry.rehearse\" name=\"the script ends well\" time=\"{:.3}\">",
        report.seconds
    )?;
    if !ended_well {
        let last = report.calls.iter().rfind(|call| call.failed());
        let why = last.map_or_else(String::new, |call| {
            format!("{} {}: {}", call.at(), call.name, call.outcome)
        });
        writeln!(
            out,
            "      <failure message=\"{}\" type=\"exit\">{}</failure>",
            escaped(&report.ending()),
            escaped(why.trim())
        )?;
    }
    writeln!(out, "    </testcase>")?;
    writeln!(
        out,
        "    <testcase classname=\"lambdry.rehearse\" name=\"no refused change is left\" time=\"0\">"
    )?;
    if !ignored.is_empty() {
        writeln!(
            out,
            "      <failure message=\"{}\" type=\"ignored\">{}</failure>",
            escaped(&report.reasons()),
            escaped(ignored.join("\n").trim())
        )?;
    }
    writeln!(out, "    </testcase>")?;
    writeln!(
        out,
        "    <testcase classname=\"lambdry.rehearse\" name=\"the state itself stays as it is\" time=\"0\">"
    )?;
    let text = escaped(&touched.join("\n"));
    if is_touched {
        let title = escaped(touched::TITLE);
        writeln!(
            out,
            "      <failure message=\"{title}\" type=\"touched\">{text}</failure>"
        )?;
    } else if !touched.is_empty() {
        writeln!(out, "      <system-out>{text}</system-out>")?;
    }
    writeln!(out, "    </testcase>")?;
    for rule in RULES {
        writeln!(
            out,
            "    <testcase classname=\"lambdry.rehearse\" name=\"{}\" time=\"0\">",
            escaped(rule.name)
        )?;
        let errors = of(rule.name, Severity::Error);
        if let Some(first) = errors.first() {
            writeln!(
                out,
                "      <failure message=\"{}\" type=\"{}\">{}</failure>",
                escaped(&first.title),
                escaped(rule.name),
                escaped(&told(&errors))
            )?;
        }
        let warnings = of(rule.name, Severity::Warning);
        if !warnings.is_empty() {
            writeln!(
                out,
                "      <system-out>{}</system-out>",
                escaped(&told(&warnings))
            )?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn told(findings: &[&Finding]) -> String {
    let told = findings.iter().map(|finding| {
        format!(
            "{}{}: {}\n{}\nInstead: {}",
            finding
                .place
                .as_ref()
                .map_or_else(String::new, |place| format!("{place}: ")),
            finding.severity.word(),
            finding.title,
            finding.explanation,
            finding.fix
        )
    });
    told.collect::<Vec<_>>().join("\n\n")
}

/// Text for XML. Characters that XML cannot hold, not even in escaped form, are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
