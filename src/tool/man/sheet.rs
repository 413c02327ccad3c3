//! A man page under construction. It writes roff, and knows the sections and lists that all pages have.

use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::{
    face::{
        arguments::{Takes, ValueType},
        customize, help,
        options::{Meaning, Opt, kebab},
        waiters,
    },
    operation::{
        Entry, FAMILIES,
        shape::{Shape, Structure},
    },
};

use super::{
    Page, page_name,
    tables::EXITS,
    value::{bounds, join, kind, one_of},
};

/// The foot of every page.
pub(super) const SOURCE: &str = concat!("lambdry ", env!("CARGO_PKG_VERSION"));
pub(super) const MANUAL: &str = "lambdry manual";
/// The empty date of every page. Without a date, a page changes only when its command changes. The quotes keep the
/// date's place in the title line.
pub(super) const UNDATED: &str = "\"\"";

/// A page under construction.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) roff: Roff,
}

impl Sheet {
    pub(super) fn new(name: &str, about: &str) -> Self {
        let mut roff = Roff::new();
        roff.control(
            "TH",
            [name.to_uppercase().as_str(), "1", UNDATED, SOURCE, MANUAL],
        );
        plain_setting(&mut roff);
        roff.control("SH", ["NAME"]);
        roff.text([roman(format!("{name} - {about}"))]);
        Self {
            name: name.to_owned(),
            roff,
        }
    }

    pub(super) fn page(self) -> Page {
        Page {
            name: self.name,
            text: ascii(&self.roff.to_roff()),
        }
    }

    pub(super) fn section(&mut self, title: &str) {
        self.roff.control("SH", [title]);
    }

    /// A paragraph.
    pub(super) fn text(&mut self, text: &str) {
        self.roff.control("PP", []);
        self.roff.text(prose(text));
    }

    /// A term and its meaning.
    pub(super) fn term(&mut self, term: &[Inline], about: &str) {
        self.roff.control("TP", []);
        self.roff.text(term);
        self.roff.text(prose(about));
    }

    /// Adds a line to type. A line break does not split any of its parts.
    pub(super) fn usage(&mut self, program: &str, parts: &[&str]) {
        self.roff.control("HP", []);
        let mut line = vec![bold(program)];
        for part in parts {
            line.push(roman(" "));
            match part.starts_with(['[', '<', '-']) {
                true => line.push(roman(part.replace(' ', "\u{a0}"))),
                false => line.push(bold(*part)),
            }
        }
        self.roff.text(line);
    }

    pub(super) fn synopsis(&mut self, words: &[&str], table: &[Opt]) {
        let lines: Vec<String> = table
            .iter()
            .filter(|opt| !opt.hidden)
            .filter_map(help::synopsis)
            .collect();
        let service = words
            .first()
            .map(|service| format!("[{service}]"))
            .unwrap_or_default();
        let mut parts = vec!["[global options]", service.as_str()];
        parts.extend(words.iter().skip(1));
        parts.extend(lines.iter().map(String::as_str));
        // Only Lambda's commands work without the name of their service.
        if words.first() != Some(&"lambda") {
            parts[1] = words.first().copied().unwrap_or_default();
        }
        self.usage("lambdry", &parts);
    }

    pub(super) fn options(&mut self, table: &[Opt]) {
        for opt in table.iter().filter(|opt| !opt.hidden) {
            if matches!(opt.meaning, Meaning::Switch(_, false)) {
                continue;
            }
            self.roff.control("TP", []);
            let mut term = vec![bold(opt.name())];
            if matches!(opt.meaning, Meaning::Switch(..)) {
                term.extend([
                    roman(", "),
                    bold(format!("--no-{}", opt.name().trim_start_matches('-'))),
                ]);
            } else if opt.action.takes != Takes::Nothing && opt.name().starts_with('-') {
                term.extend([roman(" "), italic("value")]);
            }
            let (kind, bounds) = match (&opt.meaning, &opt.action.kind) {
                _ if opt.action.takes == Takes::Nothing => ("boolean".to_owned(), String::new()),
                (_, ValueType::Choice(names)) => ("string".to_owned(), one_of(names)),
                (Meaning::Member(_, shape), _) => (kind(shape), bounds(shape)),
                (Meaning::Zip(_), _) => ("blob".to_owned(), String::new()),
                (_, ValueType::Int) => ("integer".to_owned(), String::new()),
                _ => ("string".to_owned(), String::new()),
            };
            let required = if opt.action.required {
                ", required"
            } else {
                ""
            };
            term.push(roman(format!(" ({kind}{required})")));
            self.roff.text(term);
            self.roff.text(prose(&join(&opt.about, &bounds)));
            if let Meaning::Member(_, shape) = &opt.meaning {
                self.inner(shape, true);
            }
        }
    }

    /// Adds the members of a value, indented.
    pub(super) fn inner(&mut self, shape: &Shape, bounded: bool) {
        match shape {
            Shape::Structure(structure) if !structure.members.is_empty() => {
                self.roff.control("RS", []);
                self.members(structure, bounded);
                self.roff.control("RE", []);
            }
            Shape::List { member, .. } => self.inner(member, bounded),
            Shape::Map { value, .. } => self.inner(value, bounded),
            _ => {}
        }
    }

    /// Adds the members of a structure with their values. If `bounded` is true, the limits of each value are added.
    pub(super) fn members(&mut self, structure: &Structure, bounded: bool) {
        for member in &structure.members {
            let bounds = if bounded {
                bounds(&member.shape)
            } else {
                String::new()
            };
            let about = join(&member.about, &bounds);
            let term = [
                bold(member.name.as_str()),
                roman(format!(" ({})", kind(&member.shape))),
            ];
            self.term(&term, &about);
            self.inner(&member.shape, bounded);
        }
    }

    pub(super) fn example(&mut self, what: &str, line: &str) {
        self.text(what);
        self.roff.control("PP", []);
        self.roff.control("RS", ["4"]);
        self.roff.control("nf", []);
        self.roff.text([roman(line)]);
        self.roff.control("fi", []);
        self.roff.control("RE", []);
    }

    pub(super) fn exits(&mut self) {
        self.section("EXIT STATUS");
        for (code, about) in EXITS {
            self.term(&[bold(*code)], about);
        }
    }

    /// Adds links to lambdry(1) and to the pages of the families of these operations, except the page `but`. When an
    /// operation is added, only the pages of its family change.
    pub(super) fn see(&mut self, operations: &[&str], but: &str) {
        let is_of = |entry: &Entry| operations.contains(&entry.name);
        let families = FAMILIES.iter().filter(|family| family.iter().any(is_of));
        let entries: Vec<&Entry> = families.copied().flatten().collect();
        let mut names: Vec<String> = entries.iter().map(|entry| kebab(entry.name)).collect();
        names.retain(|name| !customize::is_hidden(name));
        let is_polled =
            |entry: &&Entry| waiters::of("lambda").any(|waiter| waiter.operation == entry.name);
        if entries.iter().any(is_polled) {
            names.push("wait".to_owned());
        }
        names.sort_unstable();
        let mut line = vec![bold("lambdry"), roman("(1)")];
        for name in names.iter().filter(|name| *name != but) {
            line.extend([roman(", "), bold(page_name(name)), roman("(1)")]);
        }
        self.roff.control("PP", []);
        self.roff.text(line);
    }
}

/// Switches off hyphenation and justified lines, because they break long option names badly.
pub(super) fn plain_setting(roff: &mut Roff) {
    roff.control("nh", []);
    roff.control("ad", ["l"]);
}

/// Text in which words between backticks become bold.
fn prose(text: &str) -> Vec<Inline> {
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 { bold(part) } else { roman(part) })
        .collect()
}

/// The source, with groff's names for characters that are not ASCII.
pub(super) fn ascii(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '\u{a0}' => out.push_str("\\ "),
            c if c.is_ascii() => out.push(c),
            c => out.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_is_not_ascii_as_groff_names_it() {
        assert_eq!(ascii("a\u{a0}→ b"), "a\\ \\[u2192] b");
    }
}
