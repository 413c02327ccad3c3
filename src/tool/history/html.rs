//! The picture as one HTML file: no scripts, nothing loaded, light or dark as the reader's system is.
//!
//! The drawing is inline SVG. Tables below it tell all of it again, every version among them, for a screen reader and
//! for searching.

use unicode_width::UnicodeWidthStr as _;

use super::{
    mappings::Step,
    model::{Alias, History, Now, Point, Status},
    picture::{Label, Picture, Row},
    words,
};
use crate::output::shown::sentence;
use crate::tool::bytes;

/// The page's style.
const STYLE: &str = include_str!("history.css");

/// Columns of the drawing's text.
const COLUMNS: usize = 92;
/// The width of one of them.
const COLUMN: f64 = 7.83;
/// From line to line.
const LINE: f64 = 20.0;
/// Where the rail is.
const RAIL: f64 = 16.0;
/// Where the text begins.
const TEXT: f64 = 40.0;

/// Draws it.
pub(super) fn draw(picture: &Picture<'_>) -> String {
    let history = picture.history;
    let name = escape(&history.function_name);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>History of {name}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>History of {name}</h1>\n"
    );
    page += &format!(
        "<p>{}. <code>{}</code>. Times are UTC.</p>\n",
        words::counts(history),
        escape(&history.function_arn)
    );
    page += "<h2 id=\"picture\">Picture</h2>\n<div class=\"picture\">\n";
    page += &drawing(picture);
    page += "</div>\n";
    page += &latest(picture);
    page += &versions(picture);
    page += &aliases(history);
    page += &mappings(history);
    page += "</main>\n</body>\n</html>\n";
    page
}

/// A drawing that grows downwards.
struct Drawing {
    /// What lies behind: the rail.
    back: String,
    front: String,
    /// The line that is written next.
    y: f64,
    /// Where the last node is, and whether the rail below it is broken.
    node: Option<(f64, bool)>,
}

fn drawing(picture: &Picture<'_>) -> String {
    let history = picture.history;
    let mut drawing = Drawing {
        back: String::new(),
        front: String::new(),
        y: LINE,
        node: None,
    };
    let latest = &history.latest;
    let is_same = latest.status == Status::Published;
    drawing.node("latest", true);
    let class = if is_same { "" } else { "fresh" };
    drawing.line(&[
        ("strong", "$LATEST"),
        (class, &words::status(latest)),
        ("dim", &words::short(&latest.code_sha256)),
        ("", &bytes(latest.code_size)),
        ("", latest.runtime.as_deref().unwrap_or_default()),
    ]);
    drawing.details("fresh", &words::changes(&latest.changed, "→"));
    drawing.labels(picture.labels("$LATEST"));
    for row in &picture.rows {
        drawing.y += LINE / 2.0;
        match row {
            Row::Version(version) => {
                drawing.node("version", false);
                drawing.line(&[
                    ("number", &version.version),
                    ("", &words::moment(version.published)),
                    ("dim", &words::short(&version.code_sha256)),
                    ("", &bytes(version.code_size)),
                ]);
                drawing.details("strong", &[sentence(&version.description)]);
                drawing.details("", &words::changes(&version.changed, "→"));
                drawing.labels(picture.labels(&version.version));
            }
            Row::Gap(gap) => {
                drawing.node("gone", true);
                drawing.line(&[
                    ("gone", &words::numbers(gap)),
                    ("gone", &words::reason(gap)),
                ]);
            }
            Row::Fold(fold) => {
                drawing.node("fold", true);
                let numbers = format!("{}-{}", fold.first, fold.last);
                drawing.line(&[("number", &numbers), ("", &words::folded(fold).join(", "))]);
            }
        }
    }
    let width = TEXT + COLUMNS as f64 * COLUMN;
    let name = escape(&history.function_name);
    format!(
        "<svg role=\"img\" aria-labelledby=\"svg-title svg-desc\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <title id=\"svg-title\">Versions and aliases of {name}, newest first</title>\n\
         <desc id=\"svg-desc\">A line from $LATEST down to the oldest version, with aliases at the versions they point at. \
         The tables below tell the same.</desc>\n{}{}</svg>\n",
        drawing.back,
        drawing.front,
        height = drawing.y,
    )
}

impl Drawing {
    /// A node on the rail at the line that is written next, joined with the one above.
    fn node(&mut self, class: &str, broken: bool) {
        let y = self.y - 4.5;
        if let Some((above, was_broken)) = self.node {
            let dashed = if broken || was_broken { " broken" } else { "" };
            self.back += &format!("<path class=\"rail{dashed}\" d=\"M{RAIL} {above}V{y}\"/>\n");
        }
        self.front += &format!("<circle class=\"{class}\" cx=\"{RAIL}\" cy=\"{y}\" r=\"5.5\"/>\n");
        self.node = Some((y, broken));
    }

    /// A line of pieces, which goes on below where there is no room.
    fn line(&mut self, pieces: &[(&str, &str)]) {
        self.at(0, pieces);
    }

    fn at(&mut self, indent: usize, pieces: &[(&str, &str)]) {
        let mut spans = String::new();
        let mut used = indent;
        for (class, text) in pieces.iter().filter(|(_, text)| !text.is_empty()) {
            for (at, word) in text.split(' ').enumerate() {
                let between = if spans.is_empty() {
                    0
                } else {
                    2 - usize::from(at > 0)
                };
                if used + between + word.width() > COLUMNS && !spans.is_empty() {
                    self.put(indent, &spans);
                    spans.clear();
                    used = indent;
                } else {
                    spans += &"\u{a0}".repeat(between);
                    used += between;
                }
                spans += &format!("<tspan class=\"{class}\">{}</tspan>", escape(word));
                used += word.width();
            }
        }
        if !spans.is_empty() {
            self.put(indent, &spans);
        }
    }

    fn put(&mut self, indent: usize, spans: &str) {
        let x = TEXT + indent as f64 * COLUMN;
        self.front += &format!("<text x=\"{x:.1}\" y=\"{}\">{spans}</text>\n", self.y);
        self.y += LINE;
    }

    fn details(&mut self, class: &str, words: &[String]) {
        self.at(2, &[(class, &words.join(", "))]);
    }

    fn labels(&mut self, labels: &[Label<'_>]) {
        for Label { at, alias, stay } in labels {
            let told = words::stay(alias, stay);
            let Now::Share(share) = stay.now else {
                self.at(2, &[("dim", &format!("{} {told}", alias.name))]);
                continue;
            };
            let class = format!("alias{}", at % 5);
            let left = TEXT + 2.0 * COLUMN;
            let chip = (alias.name.width() + 2) as f64 * COLUMN;
            let top = self.y - 14.0;
            self.front += &format!(
                "<rect class=\"chip {class}\" x=\"{left:.1}\" y=\"{top}\" width=\"{chip:.1}\" height=\"18\" rx=\"9\"/>\n\
                 <text class=\"on\" x=\"{:.1}\" y=\"{}\">{}</text>\n",
                left + COLUMN,
                self.y,
                escape(&alias.name)
            );
            let mut x = left + chip + COLUMN;
            if words::is_split(alias) {
                const BAR: f64 = 100.0;
                let bar = |class: &str, width: f64| {
                    format!(
                        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"10\"/>\n",
                        top + 4.0
                    )
                };
                self.front += &bar("bar", BAR);
                self.front += &bar(&format!("chip {class}"), BAR * share.clamp(0.0, 1.0));
                x += BAR + COLUMN;
            }
            let told = escape(&told.replace("  ", " "));
            self.front += &format!("<text x=\"{x:.1}\" y=\"{}\">{told}</text>\n", self.y);
            self.y += LINE + 2.0;
        }
    }
}

fn latest(picture: &Picture<'_>) -> String {
    let latest = &picture.history.latest;
    let mut text = format!(
        "<h2>$LATEST</h2>\n<p>{}. Code <code>{}</code>, {}, last modified {}.</p>\n",
        escape(&capital(&words::status(latest))),
        escape(&latest.code_sha256),
        bytes(latest.code_size),
        escape(&latest.last_modified)
    );
    let changes = words::changes(&latest.changed, "→");
    if !changes.is_empty() {
        text += "<p>Unpublished in it:</p>\n<ul>\n";
        for change in changes {
            text += &format!("<li>{}</li>\n", escape(&change));
        }
        text += "</ul>\n";
    }
    text
}

/// Every version and every gap, drawn or not.
fn versions(picture: &Picture<'_>) -> String {
    let history = picture.history;
    if history.versions.is_empty() && history.gaps.is_empty() {
        return String::new();
    }
    let mut text = table(
        "Versions",
        "Versions, newest first, with what changed since the one before",
        &[
            "Version",
            "Published",
            "Description",
            "Code",
            "Size",
            "Changed",
            "Aliases",
        ],
    );
    let mut gaps = history.gaps.iter().peekable();
    let gap = |gap: &super::model::Gap| {
        format!(
            "<tr class=\"gone\"><th scope=\"row\">{}</th><td colspan=\"6\">{}</td></tr>\n",
            words::numbers(gap),
            words::reason(gap)
        )
    };
    for version in &history.versions {
        let number = version.version.parse().unwrap_or(u64::MAX);
        while let Some(above) = gaps.next_if(|gap| gap.first_version > number) {
            text += &gap(above);
        }
        let labels = picture.labels(&version.version).iter();
        let labels: Vec<String> = labels
            .map(|label| {
                format!(
                    "{} {}",
                    label.alias.name,
                    words::stay(label.alias, label.stay)
                )
            })
            .collect();
        text += &format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td><td class=\"short\">{}</td><td>{}</td><td>{}</td></tr>\n",
            escape(&version.version),
            words::moment(version.published),
            escape(&sentence(&version.description)),
            escape(&words::short(&version.code_sha256)),
            bytes(version.code_size),
            escape(&words::changes(&version.changed, "→").join(", ")),
            escape(&labels.join("; "))
        );
    }
    for below in gaps {
        text += &gap(below);
    }
    text + "</tbody>\n</table>\n"
}

fn aliases(history: &History) -> String {
    if history.aliases.is_empty() {
        return String::new();
    }
    let mut text = table(
        "Aliases",
        "Aliases and where they point",
        &["Alias", "Points at", "Description"],
    );
    for alias in &history.aliases {
        text += &format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
            escape(&alias.name),
            point(alias.points.as_ref(), "nothing, it was deleted"),
            escape(&sentence(&alias.description))
        );
    }
    text += "</tbody>\n</table>\n";
    let moves = |alias: &Alias| !alias.moves.is_empty();
    if history.aliases.iter().any(moves) {
        text += &table(
            "Moves",
            "How the aliases moved, newest first",
            &["When", "Alias", "From", "To", "Call"],
        );
        let mut all: Vec<_> = history
            .aliases
            .iter()
            .flat_map(|alias| alias.moves.iter().map(move |step| (&alias.name, step)))
            .collect();
        all.sort_by_key(|(_, step)| std::cmp::Reverse(step.when));
        for (name, step) in all {
            text += &format!(
                "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                words::moment(step.when),
                escape(name),
                point(step.from.as_ref(), "nothing"),
                point(step.to.as_ref(), "nothing"),
                escape(&sentence(&step.call))
            );
        }
        text += "</tbody>\n</table>\n";
    }
    text
}

fn mappings(history: &History) -> String {
    if history.event_source_mappings.is_empty() {
        return String::new();
    }
    let mut text = table(
        "Event source mappings",
        "What feeds the function, and through which alias",
        &[
            "Source",
            "Invokes",
            "State",
            "UUID",
            "Changes, newest first",
        ],
    );
    for mapping in &history.event_source_mappings {
        let step = |step: &Step| format!("{} {}", words::moment(step.when), sentence(&step.call));
        let steps: Vec<String> = mapping.changes.iter().map(step).collect();
        text += &format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n",
            escape(&sentence(&mapping.source())),
            escape(mapping.qualifier()),
            escape(&mapping.state),
            escape(&mapping.uuid),
            escape(&steps.join("; "))
        );
    }
    text + "</tbody>\n</table>\n"
}

/// A heading and the beginning of a table.
fn table(heading: &str, caption: &str, columns: &[&str]) -> String {
    let columns: String = columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{column}</th>"))
        .collect();
    format!(
        "<h2>{heading}</h2>\n<table>\n<caption>{caption}</caption>\n<thead>\n<tr>{columns}</tr>\n</thead>\n<tbody>\n"
    )
}

/// `2 (90 %), 3 (10 %)`
fn point(point: Option<&Point>, nothing: &str) -> String {
    let Some(point) = point else {
        return nothing.to_owned();
    };
    if point.additional_version_weights.is_empty() {
        return escape(&point.function_version);
    }
    let shares = point.shares().into_iter();
    let shares: Vec<String> = shares
        .map(|(version, share)| format!("{} ({})", escape(version), words::per_cent(share)))
        .collect();
    shares.join(", ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}

/// Text that is text in HTML, in an attribute as well.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&#39;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
