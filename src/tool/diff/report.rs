//! The output of `lambdry diff`: tables of words for a reader, or the same as data with `--output` or `--query`.

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::{Diff, Found, Packages, Side, lines, model, things::Thing};
use crate::output::shown;
use crate::{
    face::{Globals, exit::Stop, world::World},
    store::listing::Entry,
    tool::{MASK, backend::Opened},
};
use model::{Change, FileChange};

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const BOLD: &str = "1";

/// A report that is being printed to stdout.
pub(super) struct Report<'r, 'w> {
    world: &'r mut World<'w>,
    globals: &'r Globals,
    lines: bool,
    show_values: bool,
    /// True if both sides are in one state directory.
    one_state: bool,
    /// True if every function of two states is compared.
    all: bool,
    color: bool,
    /// The findings, if they are printed as data at the end; `None` if they are printed at once.
    data: Option<Vec<Value>>,
    /// The findings about resources that are not functions.
    resources: Vec<Value>,
    compared: usize,
    differing: usize,
    masked: bool,
}

impl<'r, 'w> Report<'r, 'w> {
    pub(super) fn new(
        diff: &Diff,
        globals: &'r Globals,
        world: &'r mut World<'w>,
    ) -> Result<Self, Stop> {
        let as_data = globals.output.is_some() || globals.query.is_some();
        Ok(Self {
            color: crate::tool::color(globals, &world.process),
            world,
            globals,
            lines: diff.lines,
            show_values: diff.show_values,
            one_state: diff.with.is_none(),
            all: diff.function.is_none(),
            data: as_data.then(Vec::new),
            resources: Vec::new(),
            compared: 0,
            differing: 0,
            masked: false,
        })
    }

    /// Adds the result of a comparison.
    pub(super) fn compared(
        &mut self,
        before: &Side<'_>,
        after: &Side<'_>,
        mut found: Found,
    ) -> Result<(), Stop> {
        self.compared += 1;
        let same = found.is_nothing();
        self.differing += usize::from(!same);
        self.masked |= !self.show_values
            && found
                .members
                .iter()
                .any(|change| [&change.before, &change.after].contains(&&Some(MASK.to_owned())));
        if let Some(data) = &mut self.data {
            let value = value(before, after, &mut found, self.lines);
            data.push(value);
            return Ok(());
        }
        if same {
            // If many functions are compared, only those that differ are printed.
            if !self.all {
                let (left, right) = (self.name(before), self.name(after));
                writeln!(self.world.stdout, "{left} and {right} are the same.")?;
                self.aside(before, after)?;
            }
            return Ok(());
        }
        self.begin(&format!("{} → {}", self.name(before), self.name(after)))?;
        self.aside(before, after)?;
        self.changes(
            "Configuration",
            found
                .members
                .iter()
                .filter(|change| !["CodeSize", "CodeSha256"].contains(&change.name.as_str())),
        )?;
        let (old, new) = (&before.configuration, &after.configuration);
        if old.code_sha256 != new.code_sha256 {
            self.files(before, after, &mut found)?;
        }
        self.changes("Versions, by number and fingerprint", found.versions.iter())?;
        self.changes("Aliases, tags and settings", found.settings.iter())
    }

    /// Adds the versions that get a part of an alias's traffic.
    fn aside(&mut self, before: &Side<'_>, after: &Side<'_>) -> Result<(), Stop> {
        for side in [before, after] {
            let others: Vec<&str> = side
                .weights
                .iter()
                .flatten()
                .map(|(version, _)| version.as_str())
                .collect();
            if !others.is_empty() {
                writeln!(
                    self.world.stdout,
                    "{} also sends traffic to version {}, whose code and configuration are not compared here.",
                    side.name,
                    others.join(", ")
                )?;
            }
        }
        Ok(())
    }

    /// Adds a function that exists in one state only.
    pub(super) fn only(&mut self, side: &Side<'_>, left: bool) -> Result<(), Stop> {
        self.compared += 1;
        self.differing += 1;
        let described = described(side);
        if let Some(data) = &mut self.data {
            data.push(if left {
                json!({ "Before": described, "After": null })
            } else {
                json!({ "Before": null, "After": described })
            });
            return Ok(());
        }
        let (word, color) = if left {
            ("removed", RED)
        } else {
            ("added", GREEN)
        };
        let name = side.name.split(':').next().unwrap_or_default();
        let root = side.store.root().display();
        let title = format!("{name} {word}");
        self.begin(&self.painted(color, &title))?;
        writeln!(self.world.stdout, "Only {root} has it.")?;
        Ok(())
    }

    /// Adds a resource that is not a function.
    pub(super) fn thing(
        &mut self,
        thing: &Thing,
        left: &Opened,
        right: &Opened,
    ) -> Result<(), Stop> {
        self.differing += 1;
        let changes = thing.changes();
        if self.data.is_some() {
            self.resources.push(json!({
                "Kind": thing.kind.words().one,
                "Name": thing.name,
                "Before": thing.before.is_some(),
                "After": thing.after.is_some(),
                "Members": changes,
            }));
            return Ok(());
        }
        let told = shown::line(&thing.kind.told(&thing.name));
        let root = |opened: &Opened| opened.store.root().display().to_string();
        let title = match (&thing.before, &thing.after) {
            (Some(_), None) => self.painted(RED, &format!("{told} removed")),
            (None, Some(_)) => self.painted(GREEN, &format!("{told} added")),
            _ => format!("{told} in {} → in {}", root(left), root(right)),
        };
        self.begin(&title)?;
        match (&thing.before, &thing.after) {
            (Some(_), None) => writeln!(self.world.stdout, "Only {} has it.", root(left))?,
            (None, Some(_)) => writeln!(self.world.stdout, "Only {} has it.", root(right))?,
            _ => {}
        }
        self.changes("Members", changes.iter())
    }

    /// Prints the findings that were collected as data, and returns the exit code.
    pub(super) fn end(self) -> Result<u8, Stop> {
        let Self {
            world, differing, ..
        } = self;
        let code = u8::from(differing > 0);
        if let Some(mut data) = self.data {
            let value = match data.pop() {
                Some(mut only) if !self.all => {
                    if !self.resources.is_empty() {
                        only["Resources"] = self.resources.into();
                    }
                    only
                }
                last => {
                    data.extend(last);
                    json!({ "Functions": data, "Resources": self.resources })
                }
            };
            crate::tool::data(value, self.globals.output.as_deref(), self.globals, world)?;
            return Ok(code);
        }
        if self.all && differing == 0 {
            writeln!(
                world.stdout,
                "The states are the same: {} compared.",
                counted(self.compared, "function")
            )?;
        }
        if self.masked && world.process.hints() {
            world.stdout.flush()?;
            writeln!(
                world.stderr,
                "hint: values of environment variables are masked; --show-values shows them"
            )?;
        }
        Ok(code)
    }

    /// The name of a side. For an alias, the version that it points to is added; for two states, also the path of the
    /// state.
    fn name(&self, side: &Side<'_>) -> String {
        let mut name = side.name.clone();
        if !name.ends_with(&format!(":{}", side.version)) {
            name = format!("{name} (version {})", side.version);
        }
        if !self.one_state {
            name = format!("{name} in {}", side.store.root().display());
        }
        name
    }

    fn begin(&mut self, title: &str) -> Result<(), Stop> {
        if self.differing > 1 {
            writeln!(self.world.stdout)?;
        }
        let title = self.painted(BOLD, title);
        Ok(writeln!(self.world.stdout, "{title}")?)
    }

    fn painted(&self, color: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{color}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// `added`, `removed` or `changed`, in a column.
    fn word(&self, before: bool, after: bool) -> String {
        match (before, after) {
            (false, _) => self.painted(GREEN, "added  "),
            (_, false) => self.painted(RED, "removed"),
            _ => self.painted(YELLOW, "changed"),
        }
    }

    fn changes<'c>(
        &mut self,
        title: &str,
        changes: impl Iterator<Item = &'c Change>,
    ) -> Result<(), Stop> {
        let rows: Vec<(String, &Change)> = changes
            .map(|change| (shown::line(&change.name), change))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let column = column(rows.iter().map(|(name, _)| name.as_str()));
        writeln!(self.world.stdout, "\n{title}")?;
        for (name, change) in rows {
            let word = self.word(change.before.is_some(), change.after.is_some());
            let shown = |value: &Option<String>| {
                value.as_ref().map(|value| match value.as_str() {
                    "" => "\"\"".to_owned(),
                    value => shown::line(value),
                })
            };
            let values = [shown(&change.before), shown(&change.after)];
            let values = values.into_iter().flatten().collect::<Vec<_>>().join(" → ");
            writeln!(
                self.world.stdout,
                "  {word}  {name}{}  {values}",
                pad(&name, column)
            )?;
        }
        Ok(())
    }

    fn files(
        &mut self,
        before: &Side<'_>,
        after: &Side<'_>,
        found: &mut Found,
    ) -> Result<(), Stop> {
        let (old, new) = (&before.configuration, &after.configuration);
        match &found.packages {
            (None, None) => {
                let digest = |side: &Side<'_>| side.configuration.code_sha256.clone();
                writeln!(
                    self.world.stdout,
                    "\nCode: image {} → {}",
                    digest(before),
                    digest(after)
                )?;
                return Ok(());
            }
            _ => writeln!(
                self.world.stdout,
                "\nCode: {} → {}",
                counted_bytes(old.code_size),
                counted_bytes(new.code_size)
            )?,
        }
        if found.files.is_empty() {
            writeln!(
                self.world.stdout,
                "  No file differs, but the zips do: in their times, their order or their compression. Lambda \
                 compares the zips."
            )?;
            return Ok(());
        }
        let names: Vec<String> = found
            .files
            .iter()
            .map(|file| shown::line(&file.name))
            .collect();
        let column = column(names.iter().map(String::as_str));
        for (file, name) in found.files.iter().zip(&names) {
            let word = self.word(file.before.is_some(), file.after.is_some());
            writeln!(
                self.world.stdout,
                "  {word}  {name}{}  {}",
                pad(name, column),
                sizes(file)
            )?;
        }
        if self.lines {
            for file in &found.files {
                self.hunks(file, before, after, &mut found.packages)?;
            }
        }
        Ok(())
    }

    fn hunks(
        &mut self,
        file: &FileChange,
        before: &Side<'_>,
        after: &Side<'_>,
        packages: &mut Packages,
    ) -> Result<(), Stop> {
        let name = shown::line(&file.name);
        let label = |side: &Side<'_>, entry: Option<Entry>| match entry {
            Some(_) => format!("{}/{name}", side.name),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (label(before, file.before), label(after, file.after));
        let hunks = match hunks(file, packages) {
            Ok(hunks) if hunks.is_empty() => return Ok(()),
            Ok(hunks) => hunks,
            Err(reason) => {
                writeln!(self.world.stdout, "\n{name}: {}", shown::line(&reason))?;
                return Ok(());
            }
        };
        let head = format!("--- {old}\n+++ {new}");
        writeln!(self.world.stdout, "\n{}", self.painted(BOLD, &head))?;
        if !self.color && !self.world.process.stdout_is_terminal {
            // The hunks are printed unchanged, so that patch can use them.
            return Ok(self.world.stdout.write_all(hunks.as_bytes())?);
        }
        for line in hunks.split_terminator('\n') {
            let shown = shown::lines(line);
            let shown = match line.bytes().next() {
                Some(b'-') => self.painted(RED, &shown),
                Some(b'+') => self.painted(GREEN, &shown),
                Some(b'@') => self.painted(CYAN, &shown),
                _ => shown,
            };
            writeln!(self.world.stdout, "{shown}")?;
        }
        Ok(())
    }
}

fn hunks(file: &FileChange, packages: &mut Packages) -> Result<String, String> {
    lines::hunks(
        packages.0.as_mut().zip(file.before),
        packages.1.as_mut().zip(file.after),
    )
}

/// The sizes of a file in words, for example `120 → 148 bytes`, with the file's other differences.
fn sizes(file: &FileChange) -> String {
    let (Some(before), Some(after)) = (&file.before, &file.after) else {
        let only = file.before.or(file.after);
        return only.map_or_else(String::new, |entry| counted_bytes(entry.size));
    };
    let mut text = if before.size == after.size {
        counted_bytes(before.size)
    } else {
        format!("{} → {}", before.size, counted_bytes(after.size))
    };
    if before.holds_the_same(after) {
        text += ", the same content";
    }
    for (was, is, now, then) in [
        (
            before.runs,
            after.runs,
            "is now executable",
            "is no longer executable",
        ),
        (
            before.is_link,
            after.is_link,
            "is a link",
            "is no longer a link",
        ),
    ] {
        if was != is {
            text = format!("{text}, {}", if is { now } else { then });
        }
    }
    text
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn counted_bytes(count: u64) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

/// The width to which names are padded: the width of the widest name, up to a limit.
fn column<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    names.map(|name| name.width()).max().unwrap_or(0).min(48)
}

fn pad(name: &str, column: usize) -> String {
    " ".repeat(column.saturating_sub(name.width()))
}

fn described(side: &Side<'_>) -> Value {
    let mut value = json!({
        "StateDirectory": side.store.root().to_string_lossy(),
        "Name": side.name,
        "Version": side.version,
        "CodeSha256": side.configuration.code_sha256,
        "CodeSize": side.configuration.code_size,
    });
    if let Some(weights) = side.weights.as_ref().filter(|weights| !weights.is_empty()) {
        value["AdditionalVersionWeights"] = json!(weights);
    }
    value
}

fn value(before: &Side<'_>, after: &Side<'_>, found: &mut Found, lines: bool) -> Value {
    let mut files = Vec::new();
    for file in &found.files {
        let mut value = Map::new();
        value.insert("Name".to_owned(), json!(file.name));
        for (side, entry) in [("Before", &file.before), ("After", &file.after)] {
            if let Some(entry) = entry {
                value.insert(
                    side.to_owned(),
                    json!({ "Size": entry.size, "Crc32": format!("{:08x}", entry.crc32), "Executable": entry.runs }),
                );
            }
        }
        if lines {
            match hunks(file, &mut found.packages) {
                Ok(hunks) => value.insert("Lines".to_owned(), json!(hunks)),
                Err(reason) => value.insert("NoLines".to_owned(), json!(reason)),
            };
        }
        files.push(Value::Object(value));
    }
    json!({
        "Same": found.is_nothing(),
        "Before": described(before),
        "After": described(after),
        "Configuration": found.members,
        "Files": files,
        "Versions": found.versions,
        "Settings": found.settings,
    })
}
