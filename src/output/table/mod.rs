//! table: the boxes of `aws --output table`, byte for byte.
//!
//! A value becomes sections. A section has a title, perhaps a header, rows, and a depth. An object is one row of its
//! scalar members, sorted, under their names; a single scalar member is a row `key | value`. A list of objects has one
//! row for each object. A member that is an object or a list is a section of its own, one level deeper. All sections
//! are as wide as the widest section. If that section is wider than the terminal, each section with a header and one
//! row is turned: it gets one row `key | value` for each member. The table may still be too wide: no value is ever
//! broken. A bare scalar shows its title alone. For empty, zero and false values, nothing is printed. Seen in aws-cli
//! 2.36.7, 2.9.19 and 1.45.11.

mod draw;
mod section;
mod wide;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::format::Style;
use super::python::{self, is_scalar};
use section::Section;

/// The value as `--output table` prints it; an empty text for empty, zero and false values.
///
/// # Errors
/// A list of mixed items, in the words of the error with which `aws` ends.
pub(super) fn render(value: &Value, title: &str, style: &Style) -> Result<String, String> {
    let mut table = Table::default();
    table.add(Some(title), value, 0)?;
    draw::drawn(table.sections, style)
}

/// Returns true for values that are false in Python, which `aws` does not print.
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

/// The sections so far. The next row or header is added to the last section.
#[derive(Debug, Default)]
struct Table {
    sections: Vec<Section>,
}

impl Table {
    fn add(&mut self, title: Option<&str>, value: &Value, level: usize) -> Result<(), String> {
        if is_falsy(value) {
            return Ok(());
        }
        if title.is_some() {
            self.sections.push(Section::new(title, level));
        }
        match value {
            Value::Object(members) if python::is_dict(value) => self.add_object(members, level),
            Value::Array(items) if items.first().is_some_and(python::is_dict) => {
                self.add_objects(items, level, title)
            }
            Value::Array(items) => self.add_list(items),
            _ => Ok(()),
        }
    }

    fn add_object(&mut self, members: &Map<String, Value>, level: usize) -> Result<(), String> {
        let sorted: BTreeSet<&String> = members.keys().collect();
        let (scalars, others): (Vec<&String>, Vec<&String>) = sorted
            .into_iter()
            .partition(|key| is_scalar(&members[*key]));
        let cells = scalars.iter().map(|key| python::str(&members[*key]));
        if let [key] = scalars[..] {
            let row = std::iter::once(key.clone()).chain(cells).collect();
            self.last().add_row(row)?;
        } else if !scalars.is_empty() {
            let row = cells.collect();
            self.last()
                .set_header(scalars.into_iter().cloned().collect())?;
            self.last().add_row(row)?;
        }
        for key in others {
            self.add(Some(key), &members[key], level + 1)?;
        }
        Ok(())
    }

    /// Adds a list whose first item is an object. All items should be objects.
    fn add_objects(
        &mut self,
        items: &[Value],
        level: usize,
        title: Option<&str>,
    ) -> Result<(), String> {
        let mut scalars = BTreeSet::new();
        let mut others = BTreeSet::new();
        for item in items {
            let Some(members) = item.as_object().filter(|_| python::is_dict(item)) else {
                // An empty list or text has no keys. Python notices that it is not an object only later, when it looks
                // up a key in it.
                if matches!(item, Value::Array(_) | Value::String(_)) && is_falsy(item) {
                    continue;
                }
                return Err(no_object(item));
            };
            for (key, member) in members {
                match is_scalar(member) {
                    true => scalars.insert(key),
                    false => others.insert(key),
                };
            }
        }
        let header: Vec<String> = scalars.iter().copied().cloned().collect();
        self.last().set_header(header.clone())?;
        for (number, object) in items.iter().enumerate() {
            if number > 0 && !others.is_empty() {
                self.sections.push(Section::new(title, level));
                self.last().set_header(header.clone())?;
            }
            if !scalars.is_empty() && !python::is_dict(object) {
                return Err(no_object(object));
            }
            // If a member is a scalar in one object, it is a column for all objects, even for one in which its value is
            // not a scalar.
            let cell = |key: &&String| object.get(*key).map(python::str).unwrap_or_default();
            self.last().add_row(scalars.iter().map(cell).collect())?;
            for key in &others {
                if let Some(member) = object.get(*key) {
                    self.add(Some(key), member, level + 1)?;
                }
            }
        }
        Ok(())
    }

    /// Adds any other list: a row for each scalar and each list of scalars. For an object, only the keys are shown.
    fn add_list(&mut self, items: &[Value]) -> Result<(), String> {
        for item in items {
            match item {
                Value::Array(parts) if parts.iter().all(is_scalar) => {
                    let row = parts.iter().map(python::str).collect();
                    self.last().add_row(row)?;
                }
                Value::Array(_) => self.add(None, item, 0)?,
                Value::Object(members) if python::is_dict(item) => {
                    self.last().add_row(members.keys().cloned().collect())?;
                }
                scalar => self.last().add_row(vec![python::str(scalar)])?,
            }
        }
        Ok(())
    }

    fn last(&mut self) -> &mut Section {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }
}

/// The error that Python raises for an item that is not an object in a list of objects.
fn no_object(item: &Value) -> String {
    let name = python::type_name(item);
    match item {
        Value::String(text) if !text.is_empty() => {
            "string indices must be integers, not 'str'".to_owned()
        }
        Value::Array(items)
            if items
                .iter()
                .any(|item| !item.is_i64() && !item.is_boolean()) =>
        {
            let first = items
                .iter()
                .find(|item| !item.is_i64() && !item.is_boolean());
            let first = first.map(python::type_name).unwrap_or_default();
            format!("list indices must be integers or slices, not {first}")
        }
        Value::String(_) | Value::Array(_) => format!("'{name}' object has no attribute 'get'"),
        _ => format!("'{name}' object is not iterable"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output::samples;

    fn table(value: &Value, title: &str) -> String {
        render(value, title, &Style::default()).unwrap()
    }

    #[test]
    fn draws_members_that_are_objects_within_their_parent() {
        let expected = "\
-----------------------------------------------------
|                GetAccountSettings                 |
+---------------------------------------------------+
||                  AccountLimit                   ||
|+---------------------------------+---------------+|
||  CodeSizeUnzipped               |  262144000    ||
||  CodeSizeZipped                 |  52428800     ||
||  ConcurrentExecutions           |  1000         ||
||  TotalCodeSize                  |  80530636800  ||
||  UnreservedConcurrentExecutions |  1000         ||
|+---------------------------------+---------------+|
||                  AccountUsage                   ||
|+---------------------------------+---------------+|
||  FunctionCount                  |  3            ||
||  TotalCodeSize                  |  4567         ||
|+---------------------------------+---------------+|
";
        assert_eq!(
            table(&samples::account_settings(), "GetAccountSettings"),
            expected
        );
    }

    #[test]
    fn turns_a_row_that_is_wider_than_the_terminal() {
        let out = table(&samples::publish_version(), "PublishVersion");
        let begins = "\
-------------------------------------------------------------------------
|                            PublishVersion                             |
+--------------+--------------------------------------------------------+
|  CodeSha256  |  V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=          |
";
        let ends = "\
||                            LoggingConfig                            ||
|+----------------------------+----------------------------------------+|
||  LogFormat                 |  Text                                  ||
||  LogGroup                  |  /aws/lambda/fA                        ||
|+----------------------------+----------------------------------------+|
";
        assert!(out.starts_with(begins) && out.contains(ends), "{out}");
    }

    #[test]
    fn grows_beyond_the_terminal_and_breaks_no_value() {
        let value = json!([{"K": "x".repeat(100)}, {"K": "y z"}]);
        let out = table(&value, "T");
        assert!(
            out.contains(&format!("|  {}  |\n|  y z", "x".repeat(100))),
            "{out}"
        );
        assert!(out.lines().all(|line| line.len() == 106), "{out}");
    }

    #[test]
    fn draws_a_list_of_objects_with_a_header_and_a_row_each() {
        let value =
            json!([{"Name": "fa", "Runtime": "python3.12", "M": 128}, {"Name": "fb", "M": 128}]);
        let expected = "\
-------------------------------
|        ListFunctions        |
+-----+--------+--------------+
|  M  | Name   |   Runtime    |
+-----+--------+--------------+
|  128|  fa    |  python3.12  |
|  128|  fb    |              |
+-----+--------+--------------+
";
        assert_eq!(table(&value, "ListFunctions"), expected);
    }

    #[test]
    fn shows_the_title_of_a_scalar_alone() {
        let expected = "----------------\n|PublishVersion|\n+--------------+\n";
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
    fn fails_where_the_items_of_a_list_are_unlike() {
        for (value, error) in [
            (
                json!([["a", "b"], "c"]),
                "Row should have 2 elements, instead it has 1",
            ),
            (
                json!([["a"], ["b", "c", 1]]),
                "Row should have 1 elements, instead it has 3",
            ),
            (
                json!([{"a": 1}, "x"]),
                "string indices must be integers, not 'str'",
            ),
            (json!([{"a": 1}, ""]), "'str' object has no attribute 'get'"),
            (json!([{"a": 1}, null]), "'NoneType' object is not iterable"),
            (json!([{"a": 1}, 1.5]), "'float' object is not iterable"),
            (
                json!([{"a": 1}, ["x"]]),
                "list indices must be integers or slices, not str",
            ),
            (
                json!([{"a": 1}, []]),
                "'list' object has no attribute 'get'",
            ),
            (
                json!([[[{"a": 1}]], [[{"a": 1, "b": 2}]]]),
                "list index out of range",
            ),
        ] {
            let refused = render(&value, "T", &Style::default());
            assert_eq!(refused, Err(error.to_owned()), "{value}");
        }
        // If the item has no cell, no key is looked up.
        assert_eq!(
            table(&json!({"Version": 1, "k2": [{}, []]}), "ListFunctions"),
            "------------------\n|  ListFunctions |\n+----------+-----+\n|  Version |  1  |\n+----------+-----+\n\
             ||      k2      ||\n"
        );
    }

    #[test]
    fn colours_cells_and_the_bars_around_sections() {
        let style = Style {
            width: 80,
            color: true,
        };
        let value = json!({"A": {"k": "v"}});
        let out = render(&value, "T", &style).unwrap();
        let bar = "\u{1b}[2m\u{1b}[33m|\u{1b}[0m\u{1b}[0m";
        let blue = |text: &str| format!("\u{1b}[1m\u{1b}[34m{text}\u{1b}[0m");
        let row = format!(
            "{bar}|  {} |  {}  |\u{1b}[0m{bar}\n\u{1b}[0m",
            blue("k"),
            blue("v")
        );
        assert!(out.contains(&row), "{out:?}");
        let plain = ["\u{1b}[0m", "\u{1b}[1m\u{1b}[34m", "\u{1b}[2m\u{1b}[33m"]
            .iter()
            .fold(out, |out, code| out.replace(code, ""));
        assert_eq!(plain, table(&value, "T"));
    }
}
