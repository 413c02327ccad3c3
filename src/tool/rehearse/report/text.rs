//! The report for people. On a terminal it follows the script's own output, and people read it from the bottom.
//! Therefore the verdict is the last line, the findings are above it, and the calls come first.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::{
    face::options::kebab,
    tool::rehearse::{
        calls::ScriptLine,
        verdict::{self, Verdict},
    },
};

use super::{
    FunctionChange, LayerChange, Look, Made, Maker, Report, Severity,
    change::{Fate, File},
    plural,
};

/// The largest number of call lines that are shown. If there are more calls, only those that change something or fail
/// are shown.
const SHOWN: usize = 16;

/// The largest number of lines of the same kind that are shown for a function.
const MEMBERS: usize = 8;

pub(super) fn write(report: &Report, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { look: *look, out };
    page.line("")?;
    for touched in &report.touched {
        let paint = match touched.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
        };
        let word = page.paint(paint, touched.severity.word());
        page.paragraph(0, &format!("{word}: {touched}"))?;
    }
    page.heading(&format!(
        "Rehearsal of {} {}",
        report.command_line(),
        report.network_held()
    ))?;
    if let Some(hint) = &report.network_hint {
        page.paragraph(2, &format!("hint: {hint}"))?;
    }
    if !report.calls.is_empty() {
        page.calls(&report.calls)?;
    }
    let mut named: Vec<(&str, String, String)> = Vec::new();
    for function in &report.functions {
        let name = function.function.function_name.as_str();
        named.extend(
            changed(function)
                .into_iter()
                .map(|(what, how)| (name, what, how)),
        );
    }
    for layer in &report.layers {
        let changes = layer_changed(layer).into_iter();
        named.extend(changes.map(|(what, how)| (layer.layer_name.as_str(), what, how)));
    }
    for resource in &report.resources {
        let (what, how) = resource.told();
        named.push((&resource.name, what, how));
    }
    for effect in &report.services {
        named.push((
            &effect.service,
            kebab(&effect.operation),
            effect.resource.clone(),
        ));
    }
    if !named.is_empty() {
        page.heading("Before and after")?;
        page.changes(&named)?;
    }
    let left_out: Vec<[String; 2]> = report
        .left_out()
        .map(|left| [left.heading.to_owned(), left.line])
        .collect();
    if !left_out.is_empty() {
        page.heading("Not as on AWS")?;
        page.rows(&left_out)?;
    }
    let waits = report.waits();
    if !waits.is_empty() {
        page.heading("Real time")?;
        page.rows(&waits)?;
    }
    if !report.findings.is_empty() {
        page.heading("Findings")?;
        for finding in &report.findings {
            let word = finding.severity.word();
            let paint = match finding.severity {
                Severity::Error => "1;31",
                Severity::Warning => "1;33",
            };
            let word = page.paint(paint, word);
            let at = report.whereabouts(finding);
            let at = at.map_or_else(String::new, |at| format!("{at}: "));
            page.paragraph(2, &format!("{word}: {at}{}", finding.title))?;
            page.paragraph(4, &format!("{} [{}]", finding.explanation, finding.rule))?;
            let instead = page.paint("32", "instead:");
            page.paragraph(4, &format!("{instead} {}", finding.fix))?;
        }
    }
    let let_be: Vec<[String; 2]> = report.let_be().collect();
    if !let_be.is_empty() {
        page.heading("Allowed findings")?;
        page.rows(&let_be)?;
    }
    page.line("")?;
    page.verdict(report)
}

/// The changes of a function. Each is a pair of the changed thing and the change.
pub(super) fn changed(change: &FunctionChange) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |what: &str, how: String| rows.push((what.to_owned(), how));
    match change.fate {
        Fate::Created if change.assumed => row(
            "function",
            "assumed: its earlier value is not known".to_owned(),
        ),
        Fate::Created => row("function", "created".to_owned()),
        Fate::Deleted => {
            row(
                "function",
                "deleted, with all its versions and aliases".to_owned(),
            );
            return rows;
        }
        Fate::Changed => {}
    }
    for version in &change.published_versions {
        let description = match version.description.as_str() {
            "" => String::new(),
            text => format!(", {text:?}"),
        };
        row(
            "version",
            format!("{} published{description}", version.version),
        );
    }
    if !change.deleted_versions.is_empty() {
        row(
            "version",
            format!("{} deleted", change.deleted_versions.join(", ")),
        );
    }
    for alias in &change.aliases {
        let how = match (&alias.before, &alias.after) {
            (Some(before), Some(after)) => format!("{} → {}", before.told(), after.told()),
            (None, Some(after)) if change.assumed => format!("→ {}", after.told()),
            (None, Some(after)) => format!("new → {}", after.told()),
            (Some(before), None) => format!("{}, deleted", before.told()),
            (None, None) => continue,
        };
        row(&format!("alias {}", alias.name), how);
    }
    if change.fate == Fate::Changed {
        for member in &change.members {
            row(
                &member.name,
                sides(
                    member.before.as_deref(),
                    member.after.as_deref(),
                    &member.name,
                ),
            );
        }
        if !change.files.is_empty() {
            row("files", files(&change.files));
        }
    }
    for setting in change.settings.iter().take(MEMBERS) {
        row(
            &setting.name,
            sides(
                setting.before.as_deref(),
                setting.after.as_deref(),
                &setting.name,
            ),
        );
    }
    if let Some(more) = change
        .settings
        .len()
        .checked_sub(MEMBERS)
        .filter(|more| *more > 0)
    {
        row("…", format!("{} more", plural(more, "setting")));
    }
    rows
}

/// The changes of a layer. Each is a pair of the changed thing and the change.
pub(super) fn layer_changed(change: &LayerChange) -> Vec<(String, String)> {
    let of = |numbers: &[String], how: &str| match numbers {
        [] => None,
        numbers => Some((
            "layer version".to_owned(),
            format!("{} {how}", numbers.join(", ")),
        )),
    };
    let told = [
        of(&change.published_versions, "published"),
        of(&change.deleted_versions, "deleted"),
        of(&change.permissions, "permissions changed"),
    ];
    told.into_iter().flatten().collect()
}

/// `3 → 30`; of a hash, only the beginning is shown.
fn sides(before: Option<&str>, after: Option<&str>, name: &str) -> String {
    let side = |value: &str| match name {
        "CodeSha256" => format!("{}…", value.chars().take(8).collect::<String>()),
        _ => value.replace('\n', " "),
    };
    match (before, after) {
        (Some(before), Some(after)) if before == after => "changed".to_owned(),
        (Some(before), Some(after)) => format!("{} → {}", side(before), side(after)),
        (None, Some(after)) => format!("new: {}", side(after)),
        (Some(before), None) => format!("gone: {}", side(before)),
        (None, None) => String::new(),
    }
}

/// `app.py changed, new.py added and 7 more`
fn files(files: &[File]) -> String {
    const SHOWN: usize = 3;
    let shown = files.iter().take(SHOWN).map(|file| {
        let how = match (file.before, file.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        format!("{} {how}", file.name)
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    match files.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}

/// The reason why a call failed. The parts that every ARN repeats are left out, because the line names the function
/// already.
fn failure(call: &Made) -> String {
    let mut text = String::new();
    for word in call.outcome.split_whitespace() {
        let short = match word.strip_prefix("arn:") {
            Some(arn) => arn.splitn(6, ':').last().unwrap_or(arn),
            None => word,
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(short);
    }
    text
}

/// A text for the script's reaction to a failed call.
pub(super) fn after_failure(call: &Made) -> &'static str {
    match (call.became, call.went_on) {
        (Some(outcome), _) => outcome.told(),
        (None, Some(true)) => "the script went on",
        (None, _) => "the script ended there",
    }
}

struct Page<'a> {
    look: Look,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.look.color {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint("1", text);
        self.line(&text)
    }

    /// Writes text as indented lines that fit the width.
    fn paragraph(&mut self, indent: usize, text: &str) -> io::Result<()> {
        let margin = " ".repeat(indent);
        for line in folded(text, self.look.width.saturating_sub(indent)) {
            self.line(&format!("{margin}{line}"))?;
        }
        Ok(())
    }

    /// Writes the changes of each thing after its name. If names are long, the changes go below the name.
    fn changes(&mut self, named: &[(&str, String, String)]) -> io::Result<()> {
        let widest = named.iter().map(|(name, ..)| name.width()).max();
        let widest = widest.unwrap_or_default();
        if widest <= self.look.width / 3 {
            let rows = named.iter();
            let rows =
                rows.map(|(name, what, how)| [format!("{name:widest$}  {what}"), how.clone()]);
            return self.rows(&rows.collect::<Vec<_>>());
        }
        for of_one in named.chunk_by(|(one, ..), (other, ..)| one == other) {
            if let Some((name, ..)) = of_one.first() {
                self.paragraph(2, name)?;
            }
            let rows = of_one.iter();
            let rows = rows.map(|(_, what, how)| [format!("  {what}"), how.clone()]);
            self.rows(&rows.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Writes two columns. Long text in the second column is wrapped.
    fn rows(&mut self, rows: &[[String; 2]]) -> io::Result<()> {
        let widest = rows.iter().map(|[what, _]| what.width()).max();
        for row in rows {
            self.row(row, widest.unwrap_or_default())?;
        }
        Ok(())
    }

    /// Writes one row; `widest` is the width of the first column.
    fn row(&mut self, [what, how]: &[String; 2], widest: usize) -> io::Result<()> {
        let first = widest.min(self.look.width * 3 / 5);
        let longest = how.split_whitespace().map(columns).max();
        if longest.is_some_and(|longest| longest + first + 4 > self.look.width) {
            // A word is too wide for the second column. So the second text begins on a line of its own.
            self.paragraph(2, what)?;
            return self.paragraph(6, how);
        }
        let margin = " ".repeat(first + 4);
        let mut lines = folded(how, self.look.width.saturating_sub(first + 4)).into_iter();
        let begun = if what.width() > first {
            self.line(&format!("  {what}"))?;
            margin.clone()
        } else {
            format!("  {what}{}  ", " ".repeat(first - what.width()))
        };
        let begun = format!("{begun}{}", lines.next().unwrap_or_default());
        if !begun.trim().is_empty() {
            self.line(&begun)?;
        }
        for line in lines {
            self.line(&format!("{margin}{line}"))?;
        }
        Ok(())
    }

    fn calls(&mut self, calls: &[Made]) -> io::Result<()> {
        let all = calls.len() <= SHOWN;
        let mut rows: Vec<([String; 2], Vec<String>)> = Vec::new();
        // The rows at which the program that makes the calls over HTTP changes.
        let mut makers: Vec<(usize, String)> = Vec::new();
        let mut maker: Option<&Maker> = None;
        // For each failed call: its description without the call's number, and its row.
        let mut failures: Vec<([String; 4], usize, usize)> = Vec::new();
        let mut hidden = 0;
        let places = calls.iter().map(|call| call.at().width()).max();
        let places = places.unwrap_or_default();
        for call in calls {
            if !(all || call.changes || call.failed()) {
                hidden += 1;
                continue;
            }
            let at = match places {
                0 => String::new(),
                places => {
                    let at = call.at();
                    format!("{at}{}  ", " ".repeat(places - at.width()))
                }
            };
            let outcome = match call.failed() {
                true => {
                    let after = after_failure(call);
                    let told = [call.at(), call.line(), failure(call), after.to_owned()];
                    if let Some((_, times, row)) = failures.iter_mut().find(|(it, ..)| *it == told)
                    {
                        *times += 1;
                        rows[*row].0[1] = format!("failed {times} times: {after}");
                        continue;
                    }
                    failures.push((told, 1, rows.len()));
                    format!("failed: {after}")
                }
                false => call.outcome.clone(),
            };
            let is_same = |one: &Maker, other: &Maker| {
                (one.process, &one.line) == (other.process, &other.line)
            };
            if let Some(client) = &call.client
                && !maker.is_some_and(|maker| is_same(maker, client))
            {
                makers.push((rows.len(), client.told()));
            }
            maker = call.client.as_ref();
            let why = call.failed().then(|| failure(call));
            let hint = call.hint.as_ref().map(|hint| format!("hint: {hint}"));
            let lines: Vec<String> = why.into_iter().chain(hint).collect();
            rows.push(([format!("{at}{}", call.name), outcome], lines));
        }
        let widest = rows.iter().map(|([what, _], _)| what.width()).max();
        let widest = widest.unwrap_or_default();
        let mut makers = makers.into_iter().peekable();
        for (at, (row, why)) in rows.iter().enumerate() {
            while let Some((_, told)) = makers.next_if(|(before, _)| *before <= at) {
                self.paragraph(2, &told)?;
            }
            self.row(row, widest)?;
            for why in why {
                self.paragraph(6, why)?;
            }
        }
        if hidden > 0 {
            self.line(&format!(
                "  and {} that only read and passed",
                plural(hidden, "call")
            ))?;
        }
        Ok(())
    }

    /// Writes the last paragraph: the verdict's word, the reasons for it, and the changes of the account. A reader can
    /// understand this paragraph without the other parts of the report.
    fn verdict(&mut self, report: &Report) -> io::Result<()> {
        let paint = match report.verdict() {
            Verdict::Clean | Verdict::CallsNeverRan => "1;32",
            Verdict::NotFullyPlayed | Verdict::PassedByLuck => "1;33",
            Verdict::Broken => "1;31",
        };
        let word = self.paint(paint, &report.word());
        if report.saw_nothing() {
            let failed = match report.exit_code {
                Some(0) => "",
                _ => " It failed before its first call: see its own messages above.",
            };
            let text = format!(
                "{word}: {}.{failed} A script does not find lambdry's aws if it calls aws by an absolute path, as \
                 another user, in a login shell, under env -i or in a container. lambdry does not see an SDK that \
                 does not read AWS_ENDPOINT_URL.",
                report.reasons()
            );
            return self.paragraph(0, &text);
        }
        let kept = match &report.kept {
            Some(path) => format!(" The kept state is in {}.", path.display()),
            None => String::new(),
        };
        let mut never = String::new();
        let places = verdict::never_ran(report).map(|unmade| &unmade.place);
        let places = at_places(places);
        if !places.is_empty() {
            never =
                format!(" Never ran: {places}; --fail, --absent or --sweep run other branches.");
        }
        self.paragraph(
            0,
            &format!(
                "{word}: {}; {}. {}.{never} A rehearsal cannot show {}.{kept}",
                report.reasons(),
                report.extent(),
                report.plan_in_short(),
                report.cannot_show
            ),
        )
    }
}

/// `deploy.sh:31, :40 and 2 more`
fn at_places<'a>(places: impl Iterator<Item = &'a ScriptLine>) -> String {
    const SHOWN: usize = 6;
    let mut told = String::new();
    let mut file = None;
    let mut more = 0;
    for (at, place) in places.enumerate() {
        if at >= SHOWN {
            more += 1;
            continue;
        }
        if at > 0 {
            told.push_str(", ");
        }
        match file == Some(&place.file) {
            true => told.push_str(&format!(":{}", place.line)),
            false => told.push_str(&place.to_string()),
        }
        file = Some(&place.file);
    }
    if more > 0 {
        told.push_str(&format!(" and {more} more"));
    }
    told
}

/// Text in lines of at most the given width. A word that is longer gets a line of its own.
pub(crate) fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let long = columns(word);
        match lines.last_mut() {
            Some(line) if used + 1 + long <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + long;
            }
            _ => {
                lines.push(word.to_owned());
                used = long;
            }
        }
    }
    lines
}

/// The width of a word, not counting its colour codes.
fn columns(word: &str) -> usize {
    let mut plain = String::new();
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        if letter == '\x1b' {
            letters.by_ref().find(|letter| *letter == 'm');
        } else {
            plain.push(letter);
        }
    }
    plain.width()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::rehearse::{
        finding::stage::Stage,
        report::{Notes, Unseen},
    };

    fn written(report: &Report, width: usize) -> String {
        let mut text = Vec::new();
        let look = Look {
            width,
            color: false,
        };
        write(report, &look, &mut text).expect("written");
        String::from_utf8(text).expect("text")
    }

    /// A release that shows everything that a report can contain: long names, failures, findings, and calls that were
    /// not played.
    fn full() -> Report {
        let name = "a-service-with-a-name-as-long-as-teams-give-them-in-earnest-now";
        let mut stage = Stage::with_versions(3);
        stage.given(&format!(
            "create-function --function-name {name} --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip"
        ));
        stage = stage.script(&[
            &format!("update-function-code --function-name {name} --zip-file fileb://two.zip"),
            &format!("publish-version --function-name {name}"),
            &format!("create-alias --function-name {name} --name live --function-version 7"),
            "update-function-configuration --function-name pay --description \
             'a description that goes on for longer than any line of a terminal is wide, and then some more of it'",
            "update-alias --function-name pay --name live --function-version 2 \
             --routing-config AdditionalVersionWeights={1=0.25}",
            "delete-function --function-name pay --qualifier 3",
            "publish-layer-version --layer-name tools --zip-file fileb://one.zip",
            "s3 mb s3://a-bucket-of-the-release-pipeline",
            "invoke --function-name pay out",
        ]);
        let place = ScriptLine {
            file: "scripts/deploy/production/release.sh".into(),
            line: 120,
        };
        let reason = "/usr/local/bin/aws lambda update-alias --name live (an absolute path)";
        stage.report_with(Notes {
            unseen: vec![Unseen {
                place,
                reason: reason.to_owned(),
            }],
            leftovers: vec!["node watch.js --forever (process 4711, ended)".to_owned()],
            ..Notes::default()
        })
    }

    #[test]
    fn no_line_is_wider_than_asked_but_for_a_word_that_is() {
        let report = full();
        for width in [60, 80, 120, 160] {
            let text = written(&report, width);
            for line in text.lines().filter(|line| line.width() > width) {
                let words: Vec<&str> = line.split_whitespace().collect();
                assert_eq!(words.len(), 1, "{width}: {} {line:?}\n{text}", line.width());
            }
        }
    }

    #[test]
    fn a_wider_report_is_no_longer() {
        let report = full();
        let lines = [60, 80, 120, 160].map(|width| written(&report, width).lines().count());
        assert!(lines.is_sorted_by(|one, other| one >= other), "{lines:?}");
    }

    #[test]
    fn thirty_calls_stay_under_a_screen_and_a_refusal_again_and_again_is_one_entry() {
        let mut lines: Vec<String> = Vec::new();
        for number in 0..10 {
            lines.push("get-function --function-name pay".to_owned());
            lines.push(format!(
                "update-function-configuration --function-name pay --timeout {}",
                number + 4
            ));
            lines.push("wait function-updated-v2 --function-name pay".to_owned());
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let text = written(&Stage::with_versions(2).script(&lines).report(), 80);
        let count = text.lines().count();
        assert!(count <= 50, "{count} lines:\n{text}");
        let refused = "update-alias --function-name pay --name gone --function-version 2";
        let mut stage = Stage::with_versions(2);
        for _ in 0..30 {
            stage = stage.script(&[refused]);
        }
        stage.in_a_loop();
        let text = written(&stage.report(), 80);
        assert!(text.contains("failed 30 times"), "{text}");
        let count = text.lines().count();
        assert!(count <= 25, "{count} lines:\n{text}");
    }
}
