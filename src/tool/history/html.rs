//! The page of a history: a picture for each function.
//!
//! [`lanes`] draws the picture. Tables below each picture repeat its content with every version. The tables are for
//! screen readers, for paper and for searching.

use jiff::Timestamp;

use super::{
    lanes,
    mappings::Step,
    model::{Alias, History, Point},
    picture::Picture,
    words::{self, Clock},
};
use crate::output::shown::sentence;
use crate::tool::{
    bytes,
    page::{escape, page, row, table},
};

/// Draws functions one below the other, under one title.
pub(super) fn draw(title: &str, histories: &[History], clock: &Clock) -> String {
    let mut body = format!(
        "<h1>{}</h1>\n<p>Times are {}.</p>\n",
        escape(title),
        escape(&clock.name())
    );
    for (id, history) in histories.iter().enumerate() {
        body += &section(history, clock, id);
    }
    page(title, "", &body)
}

fn section(history: &History, clock: &Clock, id: usize) -> String {
    let picture = Picture::of(history, None, clock);
    let mut text = format!(
        "<section aria-labelledby=\"function{id}\">\n<h2 id=\"function{id}\">{}</h2>\n<p>{}. <code>{}</code></p>\n",
        escape(&history.function_name),
        words::counts(history),
        escape(&history.function_arn)
    );
    text += &picture_of(history, clock, id, None);
    text += &latest(&picture);
    text += &versions(&picture);
    text += &aliases(history, clock);
    text += &mappings(history, clock);
    text + "</section>\n"
}

/// The picture alone; see [`lanes::draw`].
pub(super) fn picture_of(
    history: &History,
    clock: &Clock,
    id: usize,
    began: Option<Timestamp>,
) -> String {
    let drawn = lanes::draw(history, clock, id, began);
    format!("<div class=\"picture\">\n{drawn}</div>\n")
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

/// The table of all versions and gaps, including those that the picture leaves out.
fn versions(picture: &Picture<'_>) -> String {
    let history = picture.history;
    if history.versions.is_empty() && history.gaps.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
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
            rows += &gap(above);
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
        rows += &format!(
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
        rows += &gap(below);
    }
    const COLUMNS: [&str; 7] = [
        "Version",
        "Published",
        "Description",
        "Code",
        "Size",
        "Changed",
        "Aliases",
    ];
    let caption = "Versions, newest first, with the changes from the one before";
    format!("<h3>Versions</h3>\n{}", table(caption, &COLUMNS, &rows))
}

fn aliases(history: &History, clock: &Clock) -> String {
    if history.aliases.is_empty() {
        return String::new();
    }
    let rows = history.aliases.iter().map(|alias| {
        row(&[
            &alias.name,
            &point(alias.points.as_ref(), "nothing, it was deleted"),
            &sentence(&alias.description),
        ])
    });
    let mut text = format!(
        "<h3>Aliases</h3>\n{}",
        table(
            "Aliases and where they point",
            &["Alias", "Points at", "Description"],
            &rows.collect::<String>()
        )
    );
    let moves = |alias: &Alias| !alias.moves.is_empty();
    if history.aliases.iter().any(moves) {
        let mut all: Vec<_> = history
            .aliases
            .iter()
            .flat_map(|alias| alias.moves.iter().map(move |step| (&alias.name, step)))
            .collect();
        all.sort_by_key(|(_, step)| std::cmp::Reverse(step.when));
        let rows = all.into_iter().map(|(name, step)| {
            row(&[
                name,
                &clock.moment(step.when),
                &point(step.from.as_ref(), "nothing"),
                &point(step.to.as_ref(), "nothing"),
                &sentence(&step.call),
            ])
        });
        text += &format!(
            "<h3>Moves</h3>\n{}",
            table(
                "How the aliases moved, newest first",
                &["Alias", "When", "From", "To", "Call"],
                &rows.collect::<String>()
            )
        );
    }
    text
}

fn mappings(history: &History, clock: &Clock) -> String {
    if history.event_source_mappings.is_empty() {
        return String::new();
    }
    let rows = history.event_source_mappings.iter().map(|mapping| {
        let step = |step: &Step| format!("{} {}", clock.moment(step.when), sentence(&step.call));
        let steps: Vec<String> = mapping.changes.iter().map(step).collect();
        row(&[
            &sentence(&mapping.source()),
            mapping.qualifier(),
            &mapping.state,
            &mapping.uuid,
            &steps.join("; "),
        ])
    });
    const COLUMNS: [&str; 5] = [
        "Source",
        "Invokes",
        "State",
        "UUID",
        "Changes, newest first",
    ];
    format!(
        "<h3>Event source mappings</h3>\n{}",
        table(
            "Event sources of the function, and their aliases",
            &COLUMNS,
            &rows.collect::<String>()
        )
    )
}

/// The versions that an alias points to; the given text if it points to none.
fn point(point: Option<&Point>, nothing: &str) -> String {
    point.map_or_else(|| nothing.to_owned(), words::shares)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}
