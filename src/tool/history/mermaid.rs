//! Draws the picture as a Mermaid flowchart, for web pages that make drawings from text.

use super::{
    model::Now,
    picture::{Label, Picture, Row},
    words,
};
use crate::output::shown::sentence;

/// Draws a history.
pub(super) fn draw(picture: &Picture<'_>) -> String {
    let history = picture.history;
    let name = &history.function_name;
    let mut text = format!(
        "flowchart TB\n    accTitle: History of {name}\n    accDescr: {} of {name}, newest first. {}\n",
        words::counts(history),
        "Solid arrows are aliases, dotted arrows show where they pointed last."
    );
    let mut line = |line: String| {
        text += "    ";
        text += &line;
        text.push('\n');
    };
    let status = words::status(&history.latest);
    let mut latest = vec!["$LATEST".to_owned(), status];
    latest.extend(words::changes(&history.latest.changed, "to"));
    line(format!("latest([\"{}\"])", label(&latest)));
    let mut above = "latest".to_owned();
    for (at, row) in picture.rows.iter().enumerate() {
        let (id, node, dotted) = match row {
            Row::Version(version) => {
                let id = format!("v{}", version.version);
                let mut lines = vec![
                    version.version.clone(),
                    picture.clock.moment(version.published),
                ];
                lines.push(sentence(&version.description));
                lines.extend(words::changes(&version.changed, "to"));
                lines.retain(|line| !line.is_empty());
                (id, format!("[\"{}\"]", label(&lines)), false)
            }
            Row::Gap(gap) => {
                let lines = [words::numbers(gap), words::reason(gap, picture.clock)];
                (
                    format!("gap{at}"),
                    format!("[\"{}\"]:::gone", label(&lines)),
                    true,
                )
            }
            Row::Fold(fold) => {
                let mut lines = vec![format!("{}-{}", fold.first, fold.last)];
                lines.extend(words::folded(fold, picture.clock));
                (
                    format!("fold{at}"),
                    format!("[[\"{}\"]]", label(&lines)),
                    true,
                )
            }
        };
        line(format!("{id}{node}"));
        let link = if dotted || at == 0 { "-.-" } else { "---" };
        line(format!("{above} {link} {id}"));
        above = id;
    }
    for (at, alias) in history.aliases.iter().enumerate() {
        let gone = if alias.points.is_none() {
            ":::gone"
        } else {
            ""
        };
        line(format!(
            "alias{at}{{{{\"{}\"}}}}{gone}",
            label(std::slice::from_ref(&alias.name))
        ));
    }
    let versions = picture.rows.iter().filter_map(|row| match row {
        Row::Version(version) => Some((version.version.as_str(), format!("v{}", version.version))),
        _ => None,
    });
    for (version, id) in std::iter::once(("$LATEST", "latest".to_owned())).chain(versions) {
        for Label { at, alias, stay } in picture.labels(version) {
            let is_older = matches!(stay.now, Now::Until(_)) && alias.before() != Some(*stay);
            // Arrows to all older versions would hide the picture.
            if is_older {
                continue;
            }
            line(match stay.now {
                Now::Share(share) if words::is_split(alias) => {
                    format!("alias{at} -->|\"{}\"| {id}", words::per_cent(share))
                }
                Now::Share(_) => format!("alias{at} --> {id}"),
                Now::Until(_) => format!(
                    "alias{at} -.->|\"{}\"| {id}",
                    words::stay(alias, stay, picture.clock)
                ),
            });
        }
    }
    // The arrow of a mapping leads to its alias or version. If the version is folded away, no arrow is drawn.
    for (at, mapping) in history.event_source_mappings.iter().enumerate() {
        let lines = [mapping.source(), mapping.state.clone()].map(|text| sentence(&text));
        line(format!("source{at}[/\"{}\"/]", label(&lines)));
        let named = mapping.qualifier();
        let alias = (history.aliases.iter()).position(|alias| alias.name == named);
        let drawn = picture
            .rows
            .iter()
            .any(|row| matches!(row, Row::Version(version) if version.version == named));
        match alias {
            Some(alias) => line(format!("source{at} ==> alias{alias}")),
            None if named == "$LATEST" => line(format!("source{at} ==> latest")),
            None if drawn => line(format!("source{at} ==> v{named}")),
            None => {}
        }
    }
    line("classDef gone stroke-dasharray: 4 4".to_owned());
    text
}

/// Lines in a quoted label, in which no character has a special meaning.
fn label(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| {
        line.chars()
            .map(|c| match c {
                '#' | '"' | '<' | '>' | '&' | '`' | '\\' => format!("#{};", u32::from(c)),
                c => c.to_string(),
            })
            .collect::<String>()
    });
    escaped.collect::<Vec<_>>().join("<br/>")
}
