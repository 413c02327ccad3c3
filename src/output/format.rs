//! The formats of `--output`, and [`render`], the one function that prints all of them.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{json, table, text, yaml};

/// The deepest nesting that is printed. There is a limit because the printers are recursive.
///
/// A JSON parser stops at 128; a `--query` can wrap its result in a few more levels.
const MAX_DEPTH: usize = 256;

/// A format of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Indented JSON. The members are in their own order.
    Json,
    /// Lines of TAB-separated columns.
    Text,
    /// Tables drawn with boxes, for people.
    Table,
    /// YAML with sorted keys.
    Yaml,
    /// YAML in which each page is an item of a list.
    YamlStream,
    /// No output.
    Off,
}

impl Format {
    /// Every format by its name, in the order in which `aws` lists its choices (seen in aws-cli 2.36.7).
    pub const NAMES: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("text", Self::Text),
        ("table", Self::Table),
        ("yaml", Self::Yaml),
        ("yaml-stream", Self::YamlStream),
        ("off", Self::Off),
    ];

    /// Returns true if `aws` prints each page of a listing as it comes, instead of all pages merged.
    pub fn is_paged(self) -> bool {
        matches!(self, Self::Text | Self::YamlStream)
    }
}

impl FromStr for Format {
    type Err = String;

    /// # Errors
    ///
    /// A name that is not in [`Format::NAMES`].
    fn from_str(name: &str) -> Result<Self, String> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
            .ok_or_else(|| format!("unknown output type: {name}"))
    }
}

/// The terminal that the output goes to; only tables need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The terminal's width in columns; 80 without a terminal.
    pub width: usize,
    /// True to print in colour.
    pub color: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
        }
    }
}

/// A value that the requested format cannot print. The exit code of `aws` is then 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    /// The text that `aws` has already printed to standard output when it finds the error.
    pub partial: String,
    /// The error in the words of `aws`.
    pub message: String,
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

/// Returns the bytes that `aws` prints for a value. `title` is the heading of a table.
///
/// For the formats that are [paged](Format::is_paged), the value is one page.
///
/// # Errors
///
/// A value that the format cannot show; see [`RenderError`].
pub fn render(
    format: Format,
    value: &Value,
    title: &str,
    style: &Style,
) -> Result<String, RenderError> {
    let fail = |partial, message| RenderError { partial, message };
    if !fits(value, MAX_DEPTH) {
        let message = format!("the result is nested more than {MAX_DEPTH} levels deep");
        return Err(fail(String::new(), message));
    }
    match format {
        Format::Json => Ok(json::render(value)),
        Format::Text => text::render(value).map_err(|(partial, message)| fail(partial, message)),
        Format::Table => {
            table::render(value, title, style).map_err(|message| fail(String::new(), message))
        }
        Format::Yaml => Ok(yaml::render(value)),
        Format::YamlStream => Ok(yaml::render_page(value)),
        Format::Off => Ok(String::new()),
    }
}

/// Returns true if the value is nested at most that many levels deep.
fn fits(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Array(items) => items.iter().all(|item| fits(item, below)),
        Value::Object(members) => members.values().all(|member| fits(member, below)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::output::samples;

    #[test]
    fn knows_every_format_by_its_name() {
        for (name, format) in Format::NAMES {
            assert_eq!(name.parse(), Ok(format));
        }
        assert_eq!(
            "xml".parse::<Format>(),
            Err("unknown output type: xml".to_owned())
        );
    }

    #[test]
    fn prints_nothing_when_off() {
        let out = render(Format::Off, &json!({"a": 1}), "T", &Style::default());
        assert_eq!(out, Ok(String::new()));
    }

    #[test]
    fn carries_what_text_printed_before_it_failed() {
        let value = json!({"a": 1, "b": [{"c": 2}, 3]});
        let error = render(Format::Text, &value, "T", &Style::default()).unwrap_err();
        assert_eq!(error.partial, "1\n");
        assert_eq!(error.to_string(), "'int' object has no attribute 'items'");
    }

    #[test]
    fn refuses_a_value_nested_too_deep_and_prints_one_just_below() {
        let nest = |levels| (1..levels).fold(json!(1), |inner, _| json!([inner]));
        for (_, format) in Format::NAMES {
            let style = Style::default();
            assert!(render(format, &nest(MAX_DEPTH), "T", &style).is_ok());
            let error = render(format, &nest(MAX_DEPTH + 1), "T", &style).unwrap_err();
            assert_eq!(
                error.message,
                "the result is nested more than 256 levels deep"
            );
        }
    }

    proptest! {
        #[test]
        fn no_format_panics_on_any_value(
            value in samples::any_value(),
            title in samples::any_string(),
            width in 0..200_usize,
            color in any::<bool>(),
        ) {
            for (_, format) in Format::NAMES {
                let out = render(format, &value, &title, &Style { width, color });
                // Text and table cannot print a list that has items of different kinds.
                prop_assert!(matches!(format, Format::Text | Format::Table) || out.is_ok());
            }
        }
    }
}
