//! The picture in a terminal, in the manner of `git log --graph`. A terminal gets box drawing and colour; other outputs
//! get plain ASCII.

use unicode_width::UnicodeWidthStr as _;

use super::{
    changed::Changed,
    mappings::Mapping,
    model::{Gap, Now, Status, Version},
    picture::{Fold, Label, Picture, Row},
    words::{self, Clock},
};
use crate::output::shown::sentence;
use crate::tool::bytes;

/// Settings of the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Columns.
    pub(super) width: usize,
    pub(super) color: bool,
    /// True to draw with box characters.
    pub(super) boxes: bool,
}

/// The characters that the picture is drawn with.
struct Glyphs {
    rail: &'static str,
    latest: &'static str,
    node: &'static str,
    gap: &'static str,
    points: &'static str,
    full: &'static str,
    empty: &'static str,
    ends: (&'static str, &'static str),
    arrow: &'static str,
}

const BOXES: Glyphs = Glyphs {
    rail: "│",
    latest: "○",
    node: "●",
    gap: "┊",
    points: "◀",
    full: "█",
    empty: "░",
    ends: ("", ""),
    arrow: "→",
};

const ASCII: Glyphs = Glyphs {
    rail: "|",
    latest: "o",
    node: "*",
    gap: ":",
    points: "<-",
    full: "#",
    empty: ".",
    ends: ("[", "]"),
    arrow: "->",
};

/// A colour or weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Bold,
    Dim,
    Number,
    Fresh,
    Gone,
    Alias(usize),
}

impl Paint {
    /// SGR parameters.
    fn code(self) -> &'static str {
        const ALIASES: [&str; 5] = ["1;32", "1;35", "1;34", "1;33", "1;36"];
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Number => "1;36",
            Self::Fresh => "33",
            Self::Gone => "31",
            Self::Alias(at) => ALIASES[at % ALIASES.len()],
        }
    }
}

/// The lines that are drawn so far.
struct Canvas<'a> {
    look: Look,
    clock: &'a Clock,
    glyphs: &'static Glyphs,
    /// The text at the left of lines without a node.
    rail: &'static str,
    /// The number of columns for a version's number.
    numbers: usize,
    text: String,
}

/// Draws a history; every line ends in a newline.
pub(super) fn draw(picture: &Picture<'_>, look: Look) -> String {
    let history = picture.history;
    let newest = history.versions.first();
    let glyphs = if look.boxes { &BOXES } else { &ASCII };
    let mut canvas = Canvas {
        look,
        clock: picture.clock,
        glyphs,
        rail: glyphs.rail,
        numbers: newest.map_or(1, |version| version.version.len()),
        text: String::new(),
    };
    canvas.wrapped(
        "",
        "",
        &[
            (Paint::Bold, history.function_name.clone()),
            (Paint::Plain, words::counts(history)),
            (Paint::Dim, format!("(times are {})", picture.clock.name())),
        ],
    );
    canvas.text.push('\n');
    if picture.rows.is_empty() {
        canvas.rail = " ";
    }
    canvas.latest(picture);
    for (at, row) in picture.rows.iter().enumerate() {
        canvas.line(glyphs.rail, 0, &[]);
        if at + 1 == picture.rows.len() {
            // Nothing is drawn below the oldest version.
            canvas.rail = " ";
        }
        match row {
            Row::Version(version) => canvas.version(picture, version),
            Row::Gap(gap) => canvas.gap(gap),
            Row::Fold(fold) => canvas.fold(fold),
        }
    }
    canvas.mappings(&history.event_source_mappings);
    canvas.text
}

impl Canvas<'_> {
    fn latest(&mut self, picture: &Picture<'_>) {
        let latest = &picture.history.latest;
        let fresh = match latest.status {
            Status::Published => Paint::Plain,
            _ => Paint::Fresh,
        };
        let mut line = vec![
            (Paint::Bold, "$LATEST".to_owned()),
            (fresh, words::status(latest)),
            (Paint::Dim, words::short(&latest.code_sha256)),
            (Paint::Plain, bytes(latest.code_size)),
        ];
        line.extend(
            latest
                .runtime
                .iter()
                .map(|runtime| (Paint::Plain, sentence(runtime))),
        );
        self.line(self.glyphs.latest, 0, &line);
        self.changes(&latest.changed, Paint::Fresh);
        self.labels(picture.labels("$LATEST"));
    }

    fn version(&mut self, picture: &Picture<'_>, version: &Version) {
        let mut line = vec![
            (Paint::Number, self.padded(&version.version)),
            (Paint::Plain, self.clock.moment(version.published)),
            (Paint::Dim, words::short(&version.code_sha256)),
            (Paint::Plain, bytes(version.code_size)),
        ];
        if !version.description.is_empty() {
            line.push((Paint::Bold, sentence(&version.description)));
        }
        self.line(self.glyphs.node, 0, &line);
        self.changes(&version.changed, Paint::Plain);
        self.labels(picture.labels(&version.version));
    }

    fn gap(&mut self, gap: &Gap) {
        let number = self.padded(&words::numbers(gap));
        let line = [
            (Paint::Gone, number),
            (Paint::Gone, words::reason(gap, self.clock)),
        ];
        self.line(self.glyphs.gap, 0, &line);
    }

    fn fold(&mut self, fold: &Fold) {
        let mut line = vec![(Paint::Number, format!("{}-{}", fold.first, fold.last))];
        line.extend(commas(words::folded(fold, self.clock), Paint::Plain));
        self.line(self.glyphs.gap, 0, &line);
    }

    fn mappings(&mut self, mappings: &[Mapping]) {
        if !mappings.is_empty() {
            self.wrapped("", "", &[]);
            self.wrapped("", "", &[(Paint::Bold, "Event source mappings".to_owned())]);
        }
        for mapping in mappings {
            let mut line = vec![(Paint::Plain, sentence(&mapping.source()))];
            let words = words::mapping(mapping, self.clock).into_iter();
            line.extend(words.map(|word| (Paint::Plain, word)));
            self.wrapped("  ", "    ", &line);
        }
    }

    fn changes(&mut self, changed: &[Changed], paint: Paint) {
        let words = words::changes(changed, self.glyphs.arrow);
        self.detail(&commas(words, paint));
    }

    fn labels(&mut self, labels: &[Label<'_>]) {
        for Label { at, alias, stay } in labels {
            let name = &alias.name;
            let told = words::stay(alias, stay, self.clock);
            let mut line = match stay.now {
                Now::Share(share) => {
                    let paint = Paint::Alias(*at);
                    let mut line = vec![(paint, format!("{} {name}", self.glyphs.points))];
                    if words::is_split(alias) {
                        line.push((paint, self.bar(share)));
                    }
                    line.push((Paint::Plain, told));
                    line
                }
                Now::Until(_) => vec![(Paint::Dim, format!("{name} {told}"))],
            };
            line.retain(|(_, text)| !text.is_empty());
            self.detail(&line);
        }
    }

    /// A share as a bar of cells. A share above zero fills at least one cell, and a share of less than the whole leaves
    /// at least one cell empty.
    fn bar(&self, share: f64) -> String {
        let cells: u8 = if self.look.width < 70 { 5 } else { 10 };
        let is_full = |cell: &u8| match *cell {
            0 => share > 0.0,
            last if last + 1 == cells => share >= 1.0,
            cell => (f64::from(cell) + 0.5) / f64::from(cells) <= share,
        };
        let full = (0..cells).filter(is_full).count();
        let Glyphs {
            full: on,
            empty: off,
            ends,
            ..
        } = self.glyphs;
        let rest = usize::from(cells) - full;
        format!(
            "{}{}{}{}",
            ends.0,
            on.repeat(full),
            off.repeat(rest),
            ends.1
        )
    }

    fn padded(&self, number: &str) -> String {
        format!("{number:<width$}", width = self.numbers)
    }

    fn detail(&mut self, words: &[(Paint, String)]) {
        if !words.is_empty() {
            self.line(self.rail, self.numbers + 2, words);
        }
    }

    /// Adds a line after a glyph of the rail. The line is indented and wrapped to the width.
    fn line(&mut self, glyph: &str, indent: usize, words: &[(Paint, String)]) {
        let first = format!("{glyph}  {}", " ".repeat(indent));
        let rest = format!("{}  {}", self.rail, " ".repeat(self.numbers + 2));
        self.wrapped(&first, &rest, words);
    }

    /// Writes pieces with two blanks between them. A piece that does not fit goes to the next line: whole if it fits
    /// there, otherwise word by word.
    fn wrapped(&mut self, first: &str, rest: &str, words: &[(Paint, String)]) {
        let width = self.look.width;
        let room = width.saturating_sub(rest.width());
        let mut line = first.to_owned();
        let mut used = first.width();
        let mut began = false;
        for (paint, text) in words {
            let mut between = if began { "  " } else { "" };
            let pieces: Vec<&str> = if text.width() <= room {
                vec![text]
            } else {
                text.split(' ').collect()
            };
            for piece in pieces {
                if began && used + between.len() + piece.width() > width {
                    self.end(&line);
                    line = rest.to_owned();
                    used = rest.width();
                    between = "";
                }
                line += between;
                used += between.len() + piece.width();
                let code = paint.code();
                if self.look.color && !code.is_empty() {
                    line += &format!("\x1b[{code}m{piece}\x1b[0m");
                } else {
                    line += piece;
                }
                between = " ";
                began = true;
            }
        }
        self.end(&line);
    }

    fn end(&mut self, line: &str) {
        self.text += line.trim_end();
        self.text.push('\n');
    }
}

/// Puts commas between pieces.
fn commas(words: Vec<String>, paint: Paint) -> Vec<(Paint, String)> {
    let last = words.len().saturating_sub(1);
    let comma = |(at, text): (usize, String)| (paint, if at < last { text + "," } else { text });
    words.into_iter().enumerate().map(comma).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas(width: usize) -> Canvas<'static> {
        static UTC: std::sync::LazyLock<Clock> = std::sync::LazyLock::new(|| Clock::new(false));
        Canvas {
            clock: &UTC,
            look: Look {
                width,
                color: false,
                boxes: false,
            },
            glyphs: &ASCII,
            rail: ASCII.rail,
            numbers: 1,
            text: String::new(),
        }
    }

    #[test]
    fn a_bar_shows_more_than_nothing_and_less_than_all() {
        let bar = |share| canvas(80).bar(share);
        assert_eq!(bar(0.0), "[..........]");
        assert_eq!(bar(0.001), "[#.........]");
        assert_eq!(bar(0.5), "[#####.....]");
        assert_eq!(bar(0.999), "[#########.]");
        assert_eq!(bar(1.0), "[##########]");
        assert_eq!(canvas(60).bar(0.5), "[###..]");
    }

    #[test]
    fn long_text_goes_on_behind_the_rail_and_never_beyond_the_width() {
        let mut canvas = canvas(30);
        let words = [
            (Paint::Plain, "short".to_owned()),
            (Paint::Plain, "fits the next line".to_owned()),
            (
                Paint::Plain,
                "words that fill more than the line".to_owned(),
            ),
        ];
        canvas.line("*", 0, &words);
        assert_eq!(
            canvas.text,
            "*  short  fits the next line\n|     words that fill more\n|     than the line\n"
        );
    }
}
