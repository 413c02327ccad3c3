//! Drawing of sections: lines, cells and colour.

use super::section::Section;
use super::wide::measure;
use crate::output::format::Style;

/// The blanks before a cell, if the column has room for them.
const BEFORE: usize = 2;
const RESET: &str = "\u{1b}[0m";

/// Draws the boxes of the sections, one below or inside the other. All have the same width. If the widest section is
/// too wide for the terminal, the sections are turned: columns become rows.
///
/// # Errors
/// There are no errors if the sections were built row by row.
pub(super) fn drawn(mut sections: Vec<Section>, style: &Style) -> Result<String, String> {
    let widest = |sections: &[Section]| sections.iter().map(Section::width).max().unwrap_or(0);
    let mut width = widest(&sections);
    if width > style.width {
        sections = sections
            .into_iter()
            .map(Section::turned)
            .collect::<Result<_, _>>()?;
        width = widest(&sections);
    }
    let mut canvas = Canvas {
        out: String::new(),
        color: style.color,
    };
    if !sections.is_empty() {
        canvas.write(&format!("{}\n", "-".repeat(width)));
    }
    for section in &sections {
        canvas.section(section, width - 2 * section.level);
    }
    Ok(canvas.out)
}

/// The output drawn so far.
struct Canvas {
    out: String,
    color: bool,
}

impl Canvas {
    /// Writes text. In colour, also ends the current colour, as every write of the real `aws` does.
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        if self.color {
            self.out.push_str(RESET);
        }
    }

    /// A line between the bars of the enclosing sections.
    fn line(&mut self, level: usize, line: &str) {
        let bar = match self.color {
            true => "\u{1b}[2m\u{1b}[33m|\u{1b}[0m",
            false => "|",
        };
        let bars = bar.repeat(level);
        self.write(&bars);
        self.write(line);
        self.write(&bars);
        self.write("\n");
    }

    fn section(&mut self, section: &Section, width: usize) {
        let level = section.level;
        if let Some(title) = section.title.as_deref().filter(|title| !title.is_empty()) {
            self.line(level, &centered(title, width, "|"));
            if section.header.is_empty() && section.rows.is_empty() {
                self.line(level, &format!("+{}+", "-".repeat(width - 2)));
            }
        }
        let columns = section.columns(width);
        if columns.is_empty() {
            return;
        }
        let rule: String = (columns.iter().enumerate())
            .map(|(at, width)| match at {
                0 => format!("+{}+", "-".repeat(width.saturating_sub(2))),
                _ => format!("{}+", "-".repeat(width.saturating_sub(1))),
            })
            .collect();
        if !section.header.is_empty() {
            let cells = section.header.iter().zip(&columns).enumerate();
            let line: String = cells
                .map(|(at, (cell, width))| centered(cell, *width, if at == 0 { "|" } else { "" }))
                .collect();
            self.line(level, &rule);
            self.line(level, &line);
        }
        if section.rows.is_empty() {
            return;
        }
        self.line(level, &rule);
        for row in &section.rows {
            let cells = row.iter().zip(&columns).enumerate();
            let line: String = cells
                .map(|(at, (cell, width))| self.cell(cell, *width, if at == 0 { "|" } else { "" }))
                .collect();
            self.line(level, &line);
        }
        self.line(level, &rule);
    }

    /// Formats a cell at the left side of its column.
    fn cell(&self, text: &str, width: usize, edge: &str) -> String {
        let used = edge.len() + measure(text) + 1;
        let before = if used + BEFORE <= width { BEFORE } else { 0 };
        let after = width.saturating_sub(used + before);
        let shown = match self.color {
            true => format!("\u{1b}[1m\u{1b}[34m{text}{RESET}"),
            false => text.to_owned(),
        };
        format!("{edge}{}{shown}{}|", " ".repeat(before), " ".repeat(after))
    }
}

/// Formats a title or a heading in the middle of its column, as exactly as rounding allows.
fn centered(text: &str, width: usize, edge: &str) -> String {
    let length = measure(text);
    // The bar before a column is counted even if it is absent. A text of the full width therefore starts one column
    // further left.
    let used = edge.len() + width / 2 + length;
    let before = (width / 2).saturating_sub(length / 2 + 1);
    let after = (width + length / 2).saturating_sub(used);
    format!("{edge}{}{text}{}|", " ".repeat(before), " ".repeat(after))
}
