//! A script on the page: its numbered lines. The calls and findings of a line are below the line.

use std::{collections::BTreeMap, path::Path};

use super::{
    super::{Report, Severity, plural, scripts::ScriptText, text::after_failure},
    fix, grade, section as section_of,
};
use crate::tool::{
    page::escape,
    rehearse::{calls::ScriptLine, shell::Because},
};

/// The largest number of calls that are shown for one line; a loop may make many.
const CALLS: usize = 4;

/// The largest number of adjacent lines without a note that are not folded.
const FOLDED: usize = 30;

/// The number of lines before and after a note that are never folded.
const AROUND: usize = 6;

/// A remark that belongs to a line of the script.
struct Note {
    class: &'static str,
    html: String,
}

/// The id of a line on the page; `None` if the page does not show the line.
pub(super) fn id(report: &Report, place: &ScriptLine) -> Option<String> {
    let mut scripts = report.scripts.iter();
    let at = scripts.position(|script| script.file == place.file)?;
    let lines = report.scripts.get(at)?.lines.len();
    (1..=lines)
        .contains(&place.line)
        .then(|| name(at, place.line))
}

fn name(script: usize, line: usize) -> String {
    format!("line-{script}-{line}")
}

/// A script's section.
pub(super) fn section(
    report: &Report,
    script: &ScriptText,
    at: usize,
    marks: &[(ScriptLine, String)],
) -> String {
    let notes = notes(report, &script.file, marks);
    let lines = &script.lines;
    let is_open = |line: usize| {
        let first = line.saturating_sub(AROUND);
        notes.range(first..=line + AROUND).next().is_some()
    };
    let mut text = String::from("<ol class=\"script\">\n");
    let mut line = 1;
    while line <= lines.len() {
        let quiet = (line..=lines.len()).take_while(|line| !is_open(*line));
        let quiet = quiet.count();
        if quiet > FOLDED {
            let last = line + quiet - 1;
            let folded: String = (line..=last)
                .map(|line| drawn(lines, line, at, &[]))
                .collect();
            text += &format!(
                "<li class=\"fold\"><details><summary>Lines {line} to {last}</summary>\n<ol class=\"script\">\n{folded}</ol>\n</details></li>\n"
            );
            line += quiet;
            continue;
        }
        for line in line..line + quiet.max(1) {
            let notes = notes.get(&line).map_or(&[][..], Vec::as_slice);
            text += &drawn(lines, line, at, notes);
        }
        line += quiet.max(1);
    }
    text += "</ol>\n";
    if script.left_out > 0 {
        text += &format!("<p>And {}.</p>\n", plural(script.left_out, "more line"));
    }
    let file = script.file.to_string_lossy();
    section_of(&format!("script-{at}"), &file, &text)
}

/// A line with its notes.
fn drawn(lines: &[String], line: usize, script: usize, notes: &[Note]) -> String {
    let text = lines.get(line - 1).map_or("", String::as_str);
    let worst = ["error", "warning", "failed", "call"];
    let worst = worst
        .into_iter()
        .find(|class| notes.iter().any(|note| note.class == *class));
    let class = worst.map_or_else(String::new, |class| format!(" class=\"{class}\""));
    let notes: String = notes
        .iter()
        .map(|note| format!("<p class=\"{}\">{}</p>\n", note.class, note.html))
        .collect();
    format!(
        "<li id=\"{}\" value=\"{line}\"{class}><code>{}</code>{notes}</li>\n",
        name(script, line),
        escape(text)
    )
}

/// The remarks that belong to the lines of a script.
fn notes(
    report: &Report,
    file: &Path,
    marks: &[(ScriptLine, String)],
) -> BTreeMap<usize, Vec<Note>> {
    let mut notes: BTreeMap<usize, Vec<Note>> = BTreeMap::new();
    let mut add = |place: &ScriptLine, class: &'static str, html: String| {
        if place.file == file {
            notes
                .entry(place.line)
                .or_default()
                .push(Note { class, html });
        }
    };
    let mut made: BTreeMap<usize, usize> = BTreeMap::new();
    for call in &report.calls {
        let Some(place) = call.place.as_ref().filter(|place| place.file == file) else {
            continue;
        };
        let count = made.entry(place.line).or_default();
        *count += 1;
        // A failed call is shown even if the line has many calls.
        if *count > CALLS && !call.failed() {
            continue;
        }
        let (class, after) = match call.failed() {
            true => ("failed", format!("; {}", after_failure(call))),
            false => ("call", String::new()),
        };
        let text = match call.outcome.as_str() {
            "" => call.name.clone(),
            outcome => format!("{}: {outcome}{after}", call.name),
        };
        add(place, class, escape(&text));
    }
    for (line, count) in made {
        if let Some(more) = count.checked_sub(CALLS).filter(|more| *more > 0) {
            let place = ScriptLine {
                file: file.to_owned(),
                line,
            };
            add(
                &place,
                "call",
                format!("{} in all from here", plural(more + CALLS, "call")),
            );
        }
    }
    for call in report.ignored() {
        if let Some(place) = &call.place {
            let text = "<strong>error</strong> AWS refused it, and the script did not repair it";
            add(place, "error", text.to_owned());
        }
    }
    for finding in &report.findings {
        if let Some(place) = &finding.place {
            let html = format!(
                "<strong>{}</strong> {}<br>Instead: {}",
                finding.severity.word(),
                escape(&finding.title),
                fix(finding)
            );
            add(place, grade(finding.severity), html);
        }
    }
    for unmade in &report.unmade {
        let why = match unmade.because {
            Because::TheScriptEnded => "the script had ended",
            Because::OfABranch => "it is in a branch that did not run",
        };
        let text = format!("{} did not run: {why}", unmade.operation);
        add(&unmade.place, "call", escape(&text));
    }
    for unseen in &report.unseen {
        let html = format!("not seen: {}", escape(&unseen.reason));
        add(&unseen.place, grade(Severity::Warning), html);
    }
    for by in &report.suppressions {
        if let Some(place) = &by.place {
            add(place, "call", format!("allows: {}", escape(&by.finding)));
        }
    }
    for (place, text) in marks {
        let html = format!("<strong>sweep</strong> {}", escape(text));
        add(place, grade(Severity::Error), html);
    }
    notes
}
