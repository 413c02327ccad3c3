//! The page: pictures in HTML without scripts, nothing loaded, light or dark as the reader's system is.
//!
//! [`lanes`] draws. Tables below each drawing tell all of it again, every version among them, for a screen reader, for
//! paper and for searching.

use super::{
    lanes,
    mappings::Step,
    model::{Alias, History, Point},
    picture::Picture,
    words::{self, Clock},
};
use crate::output::shown::sentence;
use crate::tool::bytes;

/// The page's style.
const STYLE: &str = include_str!("history.css");

/// Draws functions one below the other, under one title.
pub(super) fn draw(title: &str, histories: &[History], clock: &Clock) -> String {
    let title = escape(title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>Times are {}.</p>\n",
        escape(&clock.name())
    );
    for (id, history) in histories.iter().enumerate() {
        page += &section(history, clock, id);
    }
    page += "</main>\n</body>\n</html>\n";
    page
}

fn section(history: &History, clock: &Clock, id: usize) -> String {
    let picture = Picture::of(history, None, clock);
    let mut text = format!(
        "<section aria-labelledby=\"function{id}\">\n<h2 id=\"function{id}\">{}</h2>\n<p>{}. <code>{}</code></p>\n",
        escape(&history.function_name),
        words::counts(history),
        escape(&history.function_arn)
    );
    text += "<div class=\"picture\">\n";
    text += &lanes::draw(history, clock, id);
    text += "</div>\n";
    text += &latest(&picture);
    text += &versions(&picture);
    text += &aliases(history, clock);
    text += &mappings(history, clock);
    text + "</section>\n"
}

fn latest(picture: &Picture<'_>) -> String {
    let latest = &picture.history.latest;
    let mut text = format!(
        "<h3>$LATEST</h3>\n<p>{}. Code <code>{}</code>, {}, last modified {}.</p>\n",
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
            words::reason(gap, picture.clock)
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
                    words::stay(label.alias, label.stay, picture.clock)
                )
            })
            .collect();
        text += &format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td><td class=\"short\">{}</td><td>{}</td><td>{}</td></tr>\n",
            escape(&version.version),
            picture.clock.moment(version.published),
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

fn aliases(history: &History, clock: &Clock) -> String {
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
                clock.moment(step.when),
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

fn mappings(history: &History, clock: &Clock) -> String {
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
        let step = |step: &Step| format!("{} {}", clock.moment(step.when), sentence(&step.call));
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
        "<h3>{heading}</h3>\n<table>\n<caption>{caption}</caption>\n<thead>\n<tr>{columns}</tr>\n</thead>\n<tbody>\n"
    )
}

/// Where it points, or that it does not.
fn point(point: Option<&Point>, nothing: &str) -> String {
    point.map_or_else(|| nothing.to_owned(), |point| escape(&words::shares(point)))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}

/// Text that is text in HTML, in an attribute as well.
pub(super) fn escape(text: &str) -> String {
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
