//! table: boxes for people, drawn by `comfy-table`, fitted to the terminal.
//!
//! The sections, their titles, columns and rows are those of `aws` (seen in aws-cli 2.36.7): an
//! object is a header and one row of its scalar members, sorted; a list of objects has a row each;
//! a member that is an object or a list is a section of its own, below and within its parent. If
//! the table does not fit the terminal, each section of one row turns: a row `key | value` a member.
//!
//! Ours is the drawing, and the promise that nothing is lost: cells that are too wide are wrapped,
//! rows of too many columns turn too, a bare scalar is shown in its box (`aws` shows the box only),
//! and control characters are shown escaped, so no cell breaks the frame. Empty things print nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentLineStyle, LineStyle, Row, Table, TableStyle,
    Width,
};
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthChar;

use super::format::Style;
use super::python;

/// A column is not squeezed below this many characters; the row turns instead.
const NARROWEST: usize = 8;
/// Sections nested deeper are drawn at this depth, so that they keep some width.
const DEEPEST: usize = 8;
/// No terminal is wider; keeps all widths far within what `comfy-table` counts in.
const WIDEST: usize = 10_000;

/// The value as `--output table` prints it; nothing if it is empty, zero or false.
pub(super) fn render(value: &Value, title: &str, style: &Style) -> String {
    if is_falsy(value) {
        return String::new();
    }
    let mut sections = Vec::new();
    add_sections(&mut sections, value, title, 0);
    let (sections, width) = fit(sections, style.width.min(WIDEST));
    draw(&sections, width, style.color)
}

/// What Python takes for false, and `aws` does not print.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(bool) => !bool,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// One box: a title, a header or none, and rows.
#[derive(Debug)]
struct Section {
    title: String,
    level: usize,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Section {
    fn new(title: &str, level: usize) -> Self {
        Self {
            title: title.to_owned(),
            level: level.min(DEEPEST),
            header: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The width of each column's widest cell. Empty if there is nothing below the title.
    fn columns(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            if widths.len() < row.len() {
                widths.resize(row.len(), 1);
            }
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = measure(cell).max(*width);
            }
        }
        widths
    }

    /// The width it takes when nothing is wrapped, with all the frames it is in.
    fn width(&self) -> usize {
        let columns = self.columns();
        let body = columns.iter().sum::<usize>() + frame(columns.len());
        body.max(measure(&self.title) + frame(1)) + indent(self.level)
    }

    /// The section with its one row turned: a row of key and value for each column.
    fn turned(mut self) -> Self {
        if self.rows.len() == 1 && !self.header.is_empty() {
            let cells = self.rows.pop().into_iter().flatten();
            let keys = std::mem::take(&mut self.header);
            self.rows = keys
                .into_iter()
                .zip(cells)
                .map(|(key, cell)| vec![key, cell])
                .collect();
        }
        self
    }

    /// A section for each row, turned; a row without a header becomes a column.
    fn each_row_turned(self) -> impl Iterator<Item = Self> {
        let Self {
            title,
            level,
            header,
            rows,
        } = self;
        rows.into_iter().map(move |row| {
            let section = Self::new(&title, level);
            if header.is_empty() {
                let rows = row.into_iter().map(|cell| vec![cell]).collect();
                Self { rows, ..section }
            } else {
                Self {
                    header: header.clone(),
                    rows: vec![row],
                    ..section
                }
                .turned()
            }
        })
    }
}

fn add_sections(sections: &mut Vec<Section>, value: &Value, title: &str, level: usize) {
    match value {
        Value::Object(members) => add_object(sections, members, title, level),
        Value::Array(items) => {
            let objects: Option<Vec<_>> = items.iter().map(Value::as_object).collect();
            match objects {
                Some(objects) => add_objects(sections, &objects, title, level),
                None => add_list(sections, items, title, level),
            }
        }
        scalar => {
            let mut section = Section::new(title, level);
            section.rows.push(vec![python::str(scalar)]);
            sections.push(section);
        }
    }
}

fn add_object(
    sections: &mut Vec<Section>,
    members: &Map<String, Value>,
    title: &str,
    level: usize,
) {
    let mut section = Section::new(title, level);
    let sorted: BTreeSet<&String> = members.keys().collect();
    let (scalars, others): (Vec<&String>, Vec<&String>) = sorted
        .into_iter()
        .partition(|key| is_scalar(&members[*key]));
    if let [key] = scalars[..] {
        let cell = python::str(&members[key]);
        section.rows.push(vec![key.clone(), cell]);
    } else if !scalars.is_empty() {
        let row = scalars.iter().map(|key| python::str(&members[*key]));
        section.rows.push(row.collect());
        section.header = scalars.into_iter().cloned().collect();
    }
    sections.push(section);
    for key in others {
        add_below(sections, &members[key], key, level);
    }
}

fn add_objects(
    sections: &mut Vec<Section>,
    objects: &[&Map<String, Value>],
    title: &str,
    level: usize,
) {
    let mut scalars = BTreeSet::new();
    let mut others = BTreeSet::new();
    for (key, member) in objects.iter().copied().flatten() {
        if is_scalar(member) {
            scalars.insert(key);
        } else {
            others.insert(key);
        }
    }
    let header: Vec<String> = scalars.iter().copied().cloned().collect();
    let row = |object: &Map<String, Value>| -> Vec<String> {
        let cell = |key: &&String| match object.get(*key) {
            Some(member) if is_scalar(member) => python::str(member),
            _ => String::new(),
        };
        scalars.iter().map(cell).collect()
    };
    if others.is_empty() {
        let mut section = Section::new(title, level);
        section.header = header;
        section.rows = objects.iter().map(|object| row(object)).collect();
        sections.push(section);
        return;
    }
    for object in objects {
        let mut section = Section::new(title, level);
        section.header = header.clone();
        section.rows.push(row(object));
        sections.push(section);
        for key in &others {
            if let Some(member) = object.get(*key) {
                add_below(sections, member, key, level);
            }
        }
    }
}

/// A list that is not all objects: a row for each scalar and each list of scalars, in one section;
/// whatever else there is, below the row it belongs to, without a title.
fn add_list(sections: &mut Vec<Section>, items: &[Value], title: &str, level: usize) {
    let mut section = Section::new(title, level);
    let mut is_open = true;
    for item in items {
        let parts = match item {
            Value::Array(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (scalars, others): (Vec<&Value>, Vec<&Value>) =
            parts.iter().partition(|part| is_scalar(part));
        if !scalars.is_empty() || parts.is_empty() {
            let mut row: Vec<String> = scalars.into_iter().map(python::str).collect();
            if row.is_empty() {
                row.push(String::new());
            }
            section.rows.push(row);
            is_open = true;
        }
        if others.iter().any(|part| !is_falsy(part)) {
            if is_open {
                sections.push(std::mem::replace(&mut section, Section::new(title, level)));
                is_open = false;
            }
            for part in others {
                add_below(sections, part, "", level);
            }
        }
    }
    if is_open {
        sections.push(section);
    }
}

fn add_below(sections: &mut Vec<Section>, value: &Value, title: &str, level: usize) {
    if !is_scalar(value) && !is_falsy(value) {
        add_sections(sections, value, title, level + 1);
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// Turns what does not fit, escapes what cannot be shown, and finds the width of the whole.
fn fit(mut sections: Vec<Section>, terminal: usize) -> (Vec<Section>, usize) {
    for section in &mut sections {
        let cells = section.rows.iter_mut().flatten();
        for text in cells.chain(&mut section.header).chain([&mut section.title]) {
            if let Cow::Owned(shown) = shown(text) {
                *text = shown;
            }
        }
    }
    let widest = |sections: &[Section]| sections.iter().map(Section::width).max().unwrap_or(0);
    let deepest = sections.iter().map(|section| section.level).max();
    let least = indent(deepest.unwrap_or(0)) + frame(2) + 2 * NARROWEST;
    let room = terminal.max(least);
    if widest(&sections) > room {
        let mut fitting = Vec::with_capacity(sections.len());
        for section in sections.into_iter().map(Section::turned) {
            if is_squeezed(&section.columns(), room - indent(section.level)) {
                fitting.extend(section.each_row_turned());
            } else {
                fitting.push(section);
            }
        }
        sections = fitting;
    }
    let width = widest(&sections).min(room);
    (sections, width)
}

/// Whether some column would have less than [`NARROWEST`] characters. Two always have more.
fn is_squeezed(columns: &[usize], inside: usize) -> bool {
    let room = inside.saturating_sub(frame(columns.len()));
    let least: usize = columns.iter().map(|width| (*width).min(NARROWEST)).sum();
    columns.len() > 2 && least > room
}

/// The widths of columns that together have `room`: the narrow ones what they need, the wide ones
/// equal shares of the rest, none less than its heading if that can be; the last has what is left.
fn share(columns: &[usize], headings: &[usize], room: usize) -> Vec<usize> {
    let least = if headings.iter().sum::<usize>() <= room {
        headings
    } else {
        &[]
    };
    let capped = |cap: usize| -> Vec<usize> {
        let least = least.iter().chain(std::iter::repeat(&0));
        let pairs = columns.iter().zip(least);
        pairs
            .map(|(width, least)| (*width).min(cap.max(*least)))
            .collect()
    };
    // The highest cap that fits, by halving.
    let (mut fits, mut too_high) = (1, room + 1);
    while too_high - fits > 1 {
        let cap = fits + (too_high - fits) / 2;
        if capped(cap).iter().sum::<usize>() <= room {
            fits = cap;
        } else {
            too_high = cap;
        }
    }
    let mut widths = capped(fits);
    let left = room.saturating_sub(widths.iter().sum());
    if let Some(last) = widths.last_mut() {
        *last += left;
    }
    widths
}

/// What the bars and blanks around so many columns take.
fn frame(columns: usize) -> usize {
    3 * columns + 1
}

/// What the frames around a section of this level take.
fn indent(level: usize) -> usize {
    4 * level
}

/// How many columns a text takes on a terminal, at most.
fn measure(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> usize {
    match c {
        // It can make the character before it a wide one.
        '\u{fe0f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// The text with all that moves the cursor or turns the direction of writing escaped.
fn shown(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            )
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if !is_unsafe(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// The text cut into lines of at most so many columns, after a blank where there is one.
fn wrap(text: &str, width: usize) -> Cow<'_, str> {
    if measure(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / width.max(1) + 1);
    let mut line = 0; // where the line starts
    let mut used = 0; // its columns up to here
    let mut blank = None; // after its last blank: where, and the columns up to there
    for (index, c) in text.char_indices() {
        let columns = width_of(c);
        if used + columns > width && index > line {
            let (end, before) = blank.unwrap_or((index, used));
            out.push_str(&text[line..end]);
            out.push('\n');
            (line, used, blank) = (end, used - before, None);
        }
        used += columns;
        if c == ' ' {
            blank = Some((index + 1, used));
        }
    }
    out.push_str(&text[line..]);
    Cow::Owned(out)
}

const RULE: LineStyle = LineStyle::new('+', '-', '+', '+');
const BARS: ContentLineStyle = ContentLineStyle::new('|', '|', '|');
/// Stands for the bars between cells until the cells are coloured; no cell holds a control character.
const MARK: char = '\u{1}';
const MARKS: ContentLineStyle = ContentLineStyle::new(MARK, MARK, MARK);
const TITLE: TableStyle = TableStyle::new().content_lines(BARS);
const BODY: TableStyle = TableStyle::new()
    .top_border(RULE)
    .header_lines(BARS)
    .header_separator(RULE)
    .content_lines(MARKS)
    .bottom_border(RULE);

/// Draws the boxes one below and within the other, all of one width.
fn draw(sections: &[Section], width: usize, color: bool) -> String {
    let mut canvas = Canvas {
        out: String::new(),
        width,
        color,
    };
    let mut level = 0;
    canvas.rule(level);
    for section in sections {
        for ended in (section.level..level).rev() {
            canvas.rule(ended);
        }
        for begun in level + 1..=section.level {
            canvas.rule(begun);
        }
        level = section.level;
        canvas.section(section);
    }
    for ended in (0..level).rev() {
        canvas.rule(ended);
    }
    canvas.out
}

/// What is drawn so far. Every section begins right below a rule of its level, and ends in one.
struct Canvas {
    out: String,
    width: usize,
    color: bool,
}

impl Canvas {
    fn rule(&mut self, level: usize) {
        let inside = (self.width - indent(level)).saturating_sub(2);
        self.line(level, &format!("+{}+", "-".repeat(inside)));
    }

    fn section(&mut self, section: &Section) {
        let inside = self.width - indent(section.level);
        if !section.title.is_empty() {
            let title = [&section.title];
            let mut table = Table::new();
            table.load_style(TITLE);
            table.add_row(row(title, &[inside - frame(1)], CellAlignment::Center));
            self.table(section.level, table, &[inside - frame(1)]);
        }
        let columns = section.columns();
        if columns.is_empty() {
            if !section.title.is_empty() {
                self.rule(section.level);
            }
            return;
        }
        let headings: Vec<usize> = section.header.iter().map(|cell| measure(cell)).collect();
        let room = inside.saturating_sub(frame(columns.len()));
        let widths = share(&columns, &headings, room);
        let mut table = Table::new();
        table.load_style(BODY);
        if section.title.is_empty() {
            // The rule above it is its top.
            table.style_mut().top_border = LineStyle::none();
        }
        let wraps = columns.iter().zip(&widths).any(|(needs, has)| needs > has);
        let is_pairs = section.header.is_empty() && columns.len() == 2;
        if wraps && !is_pairs {
            // Where cells take several lines, rules tell the rows apart; pairs have their keys.
            table.style_mut().row_separator = RULE;
        }
        if !section.header.is_empty() {
            table.set_header(row(&section.header, &widths, CellAlignment::Center));
        }
        for cells in &section.rows {
            // Rows of a list may differ in length.
            let blank = String::new();
            let padded = cells.iter().chain(std::iter::repeat(&blank));
            table.add_row(row(padded, &widths, CellAlignment::Left));
        }
        self.table(section.level, table, &widths);
    }

    fn table(&mut self, level: usize, mut table: Table, widths: &[usize]) {
        table.set_constraints(widths.iter().map(|width| {
            let with_padding = u16::try_from(width + 2).unwrap_or(u16::MAX);
            ColumnConstraint::Absolute(Width::Fixed(with_padding))
        }));
        for line in table.lines() {
            if self.color && line.starts_with(MARK) {
                let cells: Vec<Cow<'_, str>> = line.split(MARK).map(colored).collect();
                self.line(level, &cells.join("|"));
            } else {
                self.line(level, &line.replace(MARK, "|"));
            }
        }
    }

    fn line(&mut self, level: usize, line: &str) {
        let bar = if self.color {
            "\u{1b}[2m\u{1b}[33m|\u{1b}[0m"
        } else {
            "|"
        };
        for _ in 0..level {
            self.out.extend([bar, " "]);
        }
        self.out.push_str(line);
        for _ in 0..level {
            self.out.extend([" ", bar]);
        }
        self.out.push('\n');
    }
}

fn row<'a>(
    cells: impl IntoIterator<Item = &'a String>,
    widths: &[usize],
    alignment: CellAlignment,
) -> Row {
    let cells = cells.into_iter().zip(widths);
    cells
        .map(|(cell, width)| Cell::new(wrap(cell, *width)).set_alignment(alignment))
        .collect::<Vec<Cell>>()
        .into()
}

/// A cell in bright blue, the blanks around its text left as they are.
fn colored(cell: &str) -> Cow<'_, str> {
    let text = cell.trim_matches(' ');
    if text.is_empty() {
        return Cow::Borrowed(cell);
    }
    Cow::Owned(cell.replacen(text, &format!("\u{1b}[1m\u{1b}[34m{text}\u{1b}[0m"), 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::output::samples;

    fn table(value: &Value, title: &str) -> String {
        render(value, title, &Style::default())
    }

    fn narrow(value: &Value, width: usize) -> String {
        let color = false;
        render(value, "T", &Style { width, color })
    }

    #[test]
    fn draws_members_that_are_objects_within_their_parent() {
        let expected = "\
+--------------------------------------------------+
|                GetAccountSettings                |
+--------------------------------------------------+
| +----------------------------------------------+ |
| |                 AccountLimit                 | |
| +--------------------------------+-------------+ |
| | CodeSizeUnzipped               | 262144000   | |
| | CodeSizeZipped                 | 52428800    | |
| | ConcurrentExecutions           | 1000        | |
| | TotalCodeSize                  | 80530636800 | |
| | UnreservedConcurrentExecutions | 1000        | |
| +--------------------------------+-------------+ |
| |                 AccountUsage                 | |
| +---------------+------------------------------+ |
| | FunctionCount | 3                            | |
| | TotalCodeSize | 4567                         | |
| +---------------+------------------------------+ |
+--------------------------------------------------+
";
        assert_eq!(
            table(&samples::account_settings(), "GetAccountSettings"),
            expected
        );
    }

    #[test]
    fn turns_a_row_that_is_wider_than_the_terminal() {
        let expected = "\
+--------------------------------------------------------------------+
|                           PublishVersion                           |
+--------------+-----------------------------------------------------+
| CodeSha256   | V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=        |
| CodeSize     | 137                                                 |
| Description  |                                                     |
| FunctionArn  | arn:aws:lambda:us-east-1:123456789012:function:fA:4 |
| FunctionName | fA                                                  |
| Handler      | app.handler                                         |
| LastModified | 2024-05-01T12:00:00.000+0000                        |
| MemorySize   | 128                                                 |
| PackageType  | Zip                                                 |
| RevisionId   | aaaaaaaa-0000-0000-0000-000000000004                |
| Role         | arn:aws:iam::123456789012:role/r1                   |
| Runtime      | python3.12                                          |
| Timeout      | 3                                                   |
| Version      | 4                                                   |
+--------------+-----------------------------------------------------+
| +----------------------------------------------------------------+ |
| |                          Architectures                         | |
| +----------------------------------------------------------------+ |
| | x86_64                                                         | |
| +----------------------------------------------------------------+ |
| |                        EphemeralStorage                        | |
| +------+---------------------------------------------------------+ |
| | Size | 512                                                     | |
| +------+---------------------------------------------------------+ |
| |                          LoggingConfig                         | |
| +-----------+----------------------------------------------------+ |
| | LogFormat | Text                                               | |
| | LogGroup  | /aws/lambda/fA                                     | |
| +-----------+----------------------------------------------------+ |
| |                            SnapStart                           | |
| +--------------------+-------------------------------------------+ |
| | ApplyOn            | None                                      | |
| | OptimizationStatus | Off                                       | |
| +--------------------+-------------------------------------------+ |
| |                          TracingConfig                         | |
| +------+---------------------------------------------------------+ |
| | Mode | PassThrough                                             | |
| +------+---------------------------------------------------------+ |
+--------------------------------------------------------------------+
";
        assert_eq!(
            table(&samples::publish_version(), "PublishVersion"),
            expected
        );
    }

    #[test]
    fn draws_a_list_of_objects_with_a_header_and_a_row_each() {
        let sha = "V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=";
        let value = json!([
            {"V": "$LATEST", "Sha": sha, "Size": 137},
            {"V": "1", "Sha": sha, "Size": 137},
            {"V": "2", "Sha": sha},
        ]);
        let expected = "\
+---------------------------------------------------------------+
|                     ListVersionsByFunction                    |
+----------------------------------------------+------+---------+
|                      Sha                     | Size |    V    |
+----------------------------------------------+------+---------+
| V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw= | 137  | $LATEST |
| V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw= | 137  | 1       |
| V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw= |      | 2       |
+----------------------------------------------+------+---------+
";
        assert_eq!(table(&value, "ListVersionsByFunction"), expected);
    }

    #[test]
    fn repeats_title_and_header_where_objects_of_a_list_hold_others() {
        let value = json!({"Aliases": [
            {"Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.25}}},
            {"Name": "prod", "FunctionVersion": "2"},
        ]});
        let expected = "\
+--------------------------------------+
|              ListAliases             |
+--------------------------------------+
| +----------------------------------+ |
| |              Aliases             | |
| +-----------------+----------------+ |
| | FunctionVersion |      Name      | |
| +-----------------+----------------+ |
| | 1               | live           | |
| +-----------------+----------------+ |
| | +------------------------------+ | |
| | |         RoutingConfig        | | |
| | +------------------------------+ | |
| | | +--------------------------+ | | |
| | | | AdditionalVersionWeights | | | |
| | | +---+----------------------+ | | |
| | | | 2 | 0.25                 | | | |
| | | +---+----------------------+ | | |
| | +------------------------------+ | |
| +----------------------------------+ |
| |              Aliases             | |
| +-----------------+----------------+ |
| | FunctionVersion |      Name      | |
| +-----------------+----------------+ |
| | 2               | prod           | |
| +-----------------+----------------+ |
+--------------------------------------+
";
        assert_eq!(table(&value, "ListAliases"), expected);
    }

    #[test]
    fn wraps_cells_and_tells_the_rows_apart() {
        let value = json!([{"Name": "a long text of words", "V": 1}, {"Name": "abcdefghijklmnopqrstuvwxyz", "V": 2}]);
        let expected = "\
+---------------------+
|          T          |
+-----------------+---+
|       Name      | V |
+-----------------+---+
| a long text of  | 1 |
| words           |   |
+-----------------+---+
| abcdefghijklmno | 2 |
| pqrstuvwxyz     |   |
+-----------------+---+
";
        assert_eq!(narrow(&value, 0), expected);
    }

    #[test]
    fn turns_rows_of_more_columns_than_the_terminal_can_show() {
        let columns = |cell: &str| -> Value {
            (0..8)
                .map(|column| (format!("Column{column}"), json!(cell)))
                .collect()
        };
        let out = table(&json!([columns("some text"), columns("more text")]), "T");
        assert_eq!(out.matches("| Column7 | some text |").count(), 1, "{out}");
        assert_eq!(out.matches("| Column7 | more text |").count(), 1, "{out}");
        assert_eq!(out.matches("|          T          |").count(), 2, "{out}");
    }

    #[test]
    fn shows_a_scalar_in_its_box() {
        let expected = "+----------------+\n| PublishVersion |\n+----------------+\n| 4              |\n+----------------+\n";
        assert_eq!(table(&json!("4"), "PublishVersion"), expected);
    }

    #[test]
    fn prints_nothing_for_what_is_empty_zero_or_false() {
        for empty in [
            json!([]),
            json!({}),
            json!(null),
            json!(0),
            json!(-0.0),
            json!(""),
            json!(false),
        ] {
            assert_eq!(table(&empty, "T"), "");
        }
    }

    #[test]
    fn shows_lists_of_lists_and_what_they_hold() {
        let expected = "\
+-------------+
|      T      |
+------+------+
| beta | None |
| live |      |
+------+------+
| +---------+ |
| | 2 | 0.1 | |
| +---+-----+ |
+-------------+
|      T      |
+-------------+
| prod        |
+-------------+
";
        let value = json!([["beta", null], ["live", {"2": 0.1}], "prod"]);
        assert_eq!(table(&value, "T"), expected);
    }

    #[test]
    fn escapes_what_would_break_the_frame_and_measures_wide_characters() {
        let expected = "\
+--------------------+
|          T         |
+--------------------+
| a\\tb\\nc            |
| \\x1b[31m\\u202e\\x7f |
| 日本語             |
+--------------------+
";
        let value = json!(["a\tb\nc", "\u{1b}[31m\u{202e}\u{7f}", "日本語"]);
        assert_eq!(table(&value, "T"), expected);
    }

    #[test]
    fn colours_cells_and_the_bars_around_sections() {
        let style = Style {
            width: 80,
            color: true,
        };
        let bar = "\u{1b}[2m\u{1b}[33m|\u{1b}[0m";
        let blue = |text: &str| format!("\u{1b}[1m\u{1b}[34m{text}\u{1b}[0m");
        let out = render(&json!({"A": {"k": "v"}}), "T", &style);
        let expected = format!("{bar} | {} | {} | {bar}\n", blue("k"), blue("v"));
        assert!(out.contains(&expected), "{out}");
        let plain = out
            .replace("\u{1b}[0m", "")
            .replace("\u{1b}[1m\u{1b}[34m", "");
        let plain = plain.replace("\u{1b}[2m\u{1b}[33m", "");
        assert_eq!(plain, table(&json!({"A": {"k": "v"}}), "T"));
    }

    #[test]
    fn draws_every_one_of_many_rows() {
        let rows: Vec<Value> = (0..2_000)
            .map(|n| json!({"Name": format!("f{n}"), "V": n}))
            .collect();
        assert_eq!(table(&Value::Array(rows), "T").lines().count(), 2_000 + 6);
    }

    /// All scalars and, if asked for, keys of objects, as cells and titles show them.
    fn texts(value: &Value, with_keys: bool, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for item in items {
                    texts(item, with_keys, found);
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    // A member that is an empty object or list is not shown.
                    if with_keys && (is_scalar(member) || !is_falsy(member)) {
                        found.push(shown(key).into_owned());
                    }
                    texts(member, with_keys, found);
                }
            }
            scalar => found.push(shown(&python::str(scalar)).into_owned()),
        }
    }

    proptest! {
        #[test]
        fn every_text_of_the_value_occurs_in_a_wide_table(value in samples::any_value()) {
            prop_assume!(!is_falsy(&value));
            let out = narrow(&value, usize::MAX);
            let mut found = Vec::new();
            texts(&value, true, &mut found);
            for text in found {
                prop_assert!(out.contains(&text), "{text:?} is not in\n{out}");
            }
        }

        #[test]
        fn no_character_of_a_scalar_is_lost(value in samples::any_value(), width in 0..120_usize) {
            prop_assume!(!is_falsy(&value));
            let out = narrow(&value, width);
            let mut found = Vec::new();
            texts(&value, false, &mut found);
            let mut counts = std::collections::BTreeMap::new();
            for c in out.chars() {
                *counts.entry(c).or_insert(0_usize) += 1;
            }
            for c in found.iter().flat_map(|text| text.chars()) {
                let left = counts.get_mut(&c).filter(|left| **left > 0);
                prop_assert!(left.is_some(), "{c:?} is missing in\n{out}");
                left.into_iter().for_each(|left| *left -= 1);
            }
        }

        #[test]
        fn every_line_has_the_same_width_and_it_fits(value in samples::any_value(), width in 80..120_usize) {
            let out = narrow(&value, width);
            let widths: BTreeSet<usize> = out.lines().map(UnicodeWidthStr::width).collect();
            prop_assert!(widths.len() <= 1, "{out}");
            prop_assert!(widths.iter().all(|line| *line <= width), "{out}");
        }

        #[test]
        fn wrapping_only_adds_line_breaks(text in samples::any_string(), width in 1..20_usize) {
            let text = shown(&text);
            let wrapped = wrap(&text, width);
            prop_assert_eq!(wrapped.replace('\n', ""), text.as_ref());
            for line in wrapped.lines() {
                prop_assert!(measure(line) <= width.max(2), "{line:?}");
            }
        }
    }
}
