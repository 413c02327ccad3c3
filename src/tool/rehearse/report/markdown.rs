//! The report as Markdown. People read it from the top, so the findings come first.

use std::io::{self, Write};

use crate::face::options::kebab;

use super::{
    Look, Report,
    text::{changed, layer_changed},
};

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    for touched in &report.touched {
        let word = touched.severity.word();
        writeln!(out, "**{word}**: {}\n", plain(&touched.to_string()))?;
    }
    let held = report.network_held();
    writeln!(
        out,
        "## Rehearsal of {} {held}\n",
        code(&report.command_line())
    )?;
    if let Some(hint) = &report.network_hint {
        writeln!(out, "Hint: {}\n", plain(hint))?;
    }
    writeln!(
        out,
        "**{}**: {}; {}. {}. A rehearsal cannot show {}.\n",
        report.word(),
        plain(&report.reasons()),
        report.extent(),
        plain(&report.plan_in_short()),
        report.cannot_show
    )?;
    if !report.findings.is_empty() {
        writeln!(out, "### Findings\n")?;
        for finding in &report.findings {
            let at = report.whereabouts(finding);
            let place = at.map_or_else(String::new, |at| format!(", {}", code(&at)));
            writeln!(
                out,
                "- **{}**: {} ({}{place})  \n  {}  \n  Instead: {}",
                finding.severity.word(),
                plain(&finding.title),
                code(finding.rule),
                plain(&finding.explanation),
                fix(&finding.fix)
            )?;
        }
        writeln!(out)?;
    }
    let failed: Vec<_> = report.calls.iter().filter(|call| call.failed()).collect();
    if !failed.is_empty() {
        writeln!(out, "### Calls that failed\n")?;
        for call in failed {
            let by = match &call.client {
                Some(client) => format!(" by {}", code(&client.told())),
                None => String::new(),
            };
            let place = match &call.place {
                Some(place) => format!("{by}, {}", code(&place.to_string())),
                None => by,
            };
            writeln!(
                out,
                "- {}{place}: {}; {}",
                code(&call.name),
                plain(&call.outcome),
                super::text::after_failure(call)
            )?;
        }
        writeln!(out)?;
    }
    let is_changed = !report.functions.is_empty()
        || !report.layers.is_empty()
        || !report.resources.is_empty()
        || !report.services.is_empty();
    if is_changed {
        writeln!(out, "### Before and after\n")?;
        writeln!(out, "| | | |\n|---|---|---|")?;
        for function in &report.functions {
            let name = cell_code(&function.function.function_name);
            for (what, how) in changed(function) {
                writeln!(out, "| {name} | {} | {} |", cell(&what), cell(&how))?;
            }
        }
        for layer in &report.layers {
            let name = cell_code(&layer.layer_name);
            for (what, how) in layer_changed(layer) {
                writeln!(out, "| {name} | {} | {} |", cell(&what), cell(&how))?;
            }
        }
        for resource in &report.resources {
            let (name, (what, how)) = (code(&resource.name), resource.told());
            writeln!(out, "| {name} | {} | {} |", cell(&what), cell(&how))?;
        }
        for effect in &report.services {
            writeln!(
                out,
                "| {} | {} | {} |",
                cell_code(&effect.service),
                cell(&kebab(&effect.operation)),
                cell(&effect.resource)
            )?;
        }
        writeln!(out)?;
    }
    let left_out: Vec<_> = report.left_out().collect();
    if !left_out.is_empty() {
        writeln!(out, "### Not as on AWS\n")?;
        for left in left_out {
            writeln!(out, "- {}: {}", left.heading, code(&left.line))?;
        }
        writeln!(out)?;
    }
    let waits = report.waits();
    if !waits.is_empty() {
        writeln!(out, "### Real time\n")?;
        for [line, how] in waits {
            writeln!(out, "- {} {}", code(&line), plain(&how))?;
        }
        writeln!(out)?;
    }
    if !report.suppressions.is_empty() {
        writeln!(out, "### Allowed findings\n")?;
        for [heading, line] in report.let_be() {
            writeln!(out, "- {heading}: {}", plain(&line))?;
        }
        writeln!(out)?;
    }
    if !report.calls.is_empty() {
        writeln!(out, "<details><summary>{}</summary>\n", report.extent())?;
        writeln!(out, "| | call | where | |\n|--:|---|---|---|")?;
        for (at, call) in report.calls.iter().enumerate() {
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                at + 1,
                cell(&call.name),
                cell(&call.at()),
                cell(&call.outcome)
            )?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

/// Writes a command as code, and a sentence as text.
fn fix(text: &str) -> String {
    match text.starts_with("aws ") {
        true => code(text),
        false => plain(text),
    }
}

/// Text as code, for any content.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Text as code in a table. A bar must not end the cell.
fn cell_code(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Text, escaped so that Markdown reads it as plain text.
pub(crate) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text in a table.
fn cell(text: &str) -> String {
    plain(text)
}
