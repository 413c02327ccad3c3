//! The sweep as a table, in two forms: for a person, and as Markdown.

use std::fmt::Write as _;

use comfy_table::{
    ColumnConstraint, ContentArrangement, Table, Width, presets::ASCII_FULL_CONDENSED,
};

use super::{Row, Sweep, point::Dies};
use crate::{
    output::shown,
    tool::rehearse::{
        calls::ScriptLine,
        report::{html::Swept, markdown::plain, plural},
    },
};

/// The width of a table that is not written to a terminal.
pub(super) const WIDTH: usize = 120;

/// The length in characters up to which a cell is repeated if the next row has the same text.
const LONG: usize = 40;

const HEADER: [&str; 5] = [
    "If this call",
    "does this",
    "the script",
    "and leaves",
    "Run it again?",
];

/// The sweep as text for a person.
pub(super) fn text(sweep: &Sweep, width: usize) -> String {
    shown::lines(&drawn(sweep, width))
}

fn drawn(sweep: &Sweep, width: usize) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for touched in &sweep.touched {
        let _ = writeln!(out, "{}: {touched}\n", touched.severity.word());
    }
    let _ = writeln!(out, "{}\n", heading(sweep));
    if !sweep.points.is_empty() {
        let mut table = Table::new();
        table
            .load_style(ASCII_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX))
            .set_header(HEADER);
        let mut above = [const { String::new() }; 5];
        for row in sweep.in_order() {
            let cells = cells(row);
            let mut shown = cells.clone();
            if shown[0] == above[0] {
                shown[0].clear();
            }
            // If a long text is the same as in the row above, it is not repeated.
            for (shown, above) in shown.iter_mut().zip(&above).skip(3) {
                if shown == above && shown.chars().count() > LONG {
                    "as above".clone_into(shown);
                }
            }
            table.add_row(shown);
            above = cells;
        }
        keep_whole(&mut table, sweep, width);
        let _ = writeln!(out, "{table}\n");
    }
    let _ = writeln!(out, "{}", verdict(sweep));
    for note in notes(sweep) {
        let _ = writeln!(out, "Note: {note}");
    }
    out
}

/// The sweep as Markdown for a pull request.
pub(super) fn markdown(sweep: &Sweep) -> String {
    shown::lines(&marked(sweep))
}

fn marked(sweep: &Sweep) -> String {
    let mut out = String::new();
    for touched in &sweep.touched {
        let word = touched.severity.word();
        let _ = writeln!(out, "**{word}**: {}\n", plain(&touched.to_string()));
    }
    let _ = writeln!(
        out,
        "## {}\n\n{}\n",
        plain(&heading(sweep)),
        plain(&verdict(sweep))
    );
    if !sweep.points.is_empty() {
        let _ = writeln!(
            out,
            "| {} |\n|{}",
            HEADER.join(" | "),
            "---|".repeat(HEADER.len())
        );
        for row in sweep.in_order() {
            let cells: Vec<String> = cells(row)
                .iter()
                .map(|text| plain(&text.replace('\n', ", ")))
                .collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        let _ = writeln!(out);
    }
    for note in notes(sweep) {
        let _ = writeln!(out, "- {}", plain(&note));
    }
    out
}

/// The sweep as a part of a page.
pub(super) fn page(sweep: &Sweep) -> Swept {
    let line = |text: &str| shown::line(text);
    let bad = sweep.points.iter().filter(|row| !row.rerunnable);
    let marks = bad.filter_map(|row| {
        let text = format!(
            "running the script again does not help when this {}",
            dies(row)
        );
        let place = row.point.place.clone()?;
        let file = shown::sentence(&place.file.to_string_lossy()).into();
        Some((ScriptLine { file, ..place }, text))
    });
    let cells = |row: &Row| cells(row).map(|cell| line(&cell.replace('\n', ", ")));
    Swept {
        heading: line(&heading(sweep)),
        verdict: verdict(sweep).lines().map(line).collect(),
        rerunnable: sweep.points.iter().all(|row| row.rerunnable),
        columns: HEADER,
        rows: sweep.in_order().map(cells).collect(),
        notes: notes(sweep).iter().map(|note| line(note)).collect(),
        marks: marks.collect(),
    }
}

/// A row's cells.
fn cells(row: &Row) -> [String; 5] {
    [
        named(row),
        dies(row).to_owned(),
        row.script.told(),
        row.left.clone(),
        row.again.told(),
    ]
}

/// Keeps the name of each call on one line, if there is enough room.
fn keep_whole(table: &mut Table, sweep: &Sweep, width: usize) {
    let names = sweep.points.iter().map(named);
    let longest = names
        .flat_map(|name| name.lines().map(|line| line.chars().count()).max())
        .max();
    // The table adds one blank on each side.
    let wanted = longest.unwrap_or_default() + 2;
    if let Some(column) = table.column_mut(0)
        && wanted <= width / 3
    {
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(wanted)));
    }
}

pub(super) fn heading(sweep: &Sweep) -> String {
    let points = match sweep.points.len() {
        1 => "1 point of failure".to_owned(),
        many => format!("{many} points of failure"),
    };
    let (calls, runs) = (plural(sweep.calls, "call"), plural(sweep.runs, "run"));
    format!(
        "Sweep of {} (network: {}): {calls}, {points}, {runs} in {:.1} s",
        shown::sentence(&sweep.command.join(" ")),
        sweep.network.word(),
        sweep.seconds
    )
}

fn named(row: &Row) -> String {
    match &row.point.place {
        Some(place) => format!(
            "{}\n{}",
            shown::sentence(&row.point.call),
            shown::sentence(&place.to_string())
        ),
        None => shown::sentence(&row.point.call),
    }
}

pub(super) fn dies(row: &Row) -> &'static str {
    match row.point.dies {
        Dies::Before => "fails",
        Dies::After => "loses its answer",
    }
}

/// The answer to the question if the script can simply be run again.
pub(super) fn verdict(sweep: &Sweep) -> String {
    if sweep.points.is_empty() {
        return "The script's calls change nothing: it can always be run again.".to_owned();
    }
    let bad: Vec<&Row> = sweep.points.iter().filter(|row| !row.rerunnable).collect();
    if bad.is_empty() {
        return "If the script fails, run it again: from every point of failure it reaches the end of a clean run."
            .to_owned();
    }
    let named = |row: &&Row| {
        let place = row.point.place.as_ref();
        let place = place.map_or_else(String::new, |place| {
            format!(" ({})", shown::sentence(&place.to_string()))
        });
        let how = dies(row);
        let why = match row.again.arrives {
            true => ", because the script reports no error",
            false => "",
        };
        format!("  when {}{place} {how}{why}", row.point.call)
    };
    let list: Vec<String> = bad.iter().map(named).collect();
    format!(
        "Running it again does not help at {} of {} points:\n{}",
        bad.len(),
        sweep.points.len(),
        list.join("\n")
    )
}

fn notes(sweep: &Sweep) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(why) = &sweep.again.why {
        notes.push(format!(
            "even without a failure, a second run does not work: {why}"
        ));
    }
    if !sweep.same_calls {
        notes.push(
            "two clean runs made different calls: the results below may be chance".to_owned(),
        );
    }
    if !sweep.at_random.is_empty() {
        notes.push(format!(
            "two clean runs ended differently, so this was not compared: {}",
            sweep.at_random.join(", ")
        ));
    }
    notes.extend(sweep.notes.iter().cloned());
    notes
}

/// `3.4 GB`
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut unit = "bytes";
    let (mut whole, mut tenths) = (bytes, 0);
    for next in UNITS {
        if whole < 1000 {
            break;
        }
        (whole, tenths) = (whole / 1000, whole % 1000 / 100);
        unit = next;
    }
    match unit {
        "bytes" => format!("{whole} bytes"),
        unit => format!("{whole}.{tenths} {unit}"),
    }
}
