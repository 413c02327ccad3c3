//! The sweep in forms for machines that show results to people: JUnit XML with a test for every point, and GitHub
//! annotations. There is an annotation at the line of every call after which the script cannot simply be run again.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{Row, Sweep, table};
use crate::{
    output::shown::sentence,
    tool::rehearse::{
        calls::ScriptLine,
        finding::Severity,
        report::{github::annotate, junit::escaped},
        touched,
    },
};

/// Writes a sweep as JUnit XML.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn junit(sweep: &Sweep, out: &mut dyn Write) -> io::Result<()> {
    let is_touched = touched::is_bad(&sweep.touched);
    let bad = sweep.points.iter().filter(|row| !row.rerunnable).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3}\"",
        sweep.points.len() + 1,
        bad + usize::from(is_touched),
        sweep.seconds
    );
    let name = escaped(&sentence(&format!("sweep of {}", sweep.command.join(" "))));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"lambdry\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"{name}\" {counts}>")?;
    let mut case = |name: &str, failure: Option<(&str, String)>| -> io::Result<()> {
        writeln!(
            out,
            "    <testcase classname=\"lambdry.sweep\" name=\"{}\" time=\"0\">",
            escaped(&sentence(name))
        )?;
        if let Some((message, text)) = failure {
            writeln!(
                out,
                "      <failure message=\"{}\" type=\"sweep\">{}</failure>",
                escaped(&sentence(message)),
                escaped(&sentence(&text))
            )?;
        }
        writeln!(out, "    </testcase>")
    };
    let touched: Vec<String> = sweep.touched.iter().map(ToString::to_string).collect();
    let failure = is_touched.then(|| (touched::TITLE, touched.join("; ")));
    case("the state itself stays as it is", failure)?;
    for row in sweep.in_order() {
        let title = title(row);
        let failure = (!row.rerunnable).then_some((&*title, told(row)));
        case(&point(row), failure)?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Writes a sweep as GitHub's workflow commands. `folder` is the folder to which places are relative; its own path is
/// relative to the workspace.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn github(sweep: &Sweep, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    for touched in &sweep.touched {
        let text = sentence(&touched.to_string());
        annotate(out, touched.severity.word(), None, touched::TITLE, &text)?;
    }
    for row in sweep.in_order().filter(|row| !row.rerunnable) {
        let place = row.point.place.as_ref().map(|place| ScriptLine {
            file: sentence(&folder.join(&place.file).to_string_lossy()).into(),
            line: place.line,
        });
        let (title, text) = (sentence(&title(row)), sentence(&told(row)));
        let word = Severity::Error.word();
        annotate(out, word, place.as_ref(), &title, &text)?;
    }
    let title = sentence(&table::heading(sweep));
    let text = table::verdict(sweep).replace('\n', " ");
    annotate(out, "notice", None, &title, &sentence(&text))
}

/// `when update-alias live (deploy.sh:9) fails`
fn point(row: &Row) -> String {
    let place = row.point.place.as_ref();
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    format!("when {}{place} {}", row.point.call, table::dies(row))
}

fn title(row: &Row) -> String {
    format!(
        "running it again does not help when {} {}",
        row.point.call,
        table::dies(row)
    )
}

/// The result of a point, as a sentence.
fn told(row: &Row) -> String {
    format!(
        "The script {}, and leaves: {}. Run again: {}.",
        row.script.told(),
        row.left.replace('\n', ", "),
        row.again.told()
    )
}
