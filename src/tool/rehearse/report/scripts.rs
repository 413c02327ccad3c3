//! The text of a run's scripts, as a report shows it. Values that may be secret are masked, and lines that are left out
//! are counted.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::secrets;

/// The largest number of lines of a script that are shown.
const LINES: usize = 5000;

/// The longest line that is shown, in characters.
const LONGEST: usize = 1000;

/// The largest text that is shown, in bytes.
const LARGEST: usize = 256 << 10;

/// A script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ScriptText {
    /// The path of the script's file, as places name it.
    pub(crate) file: PathBuf,
    /// The script's first lines, secrets masked.
    pub(crate) lines: Vec<String>,
    /// The number of lines that are left out after these lines.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) left_out: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ScriptText {
    /// A script with the given text; `None` if the text is too large to be shown.
    pub(crate) fn of(file: &Path, text: &str, show_values: bool) -> Option<Self> {
        if text.len() > LARGEST {
            return None;
        }
        let text = match show_values {
            true => text.to_owned(),
            false => secrets::of_text(text),
        };
        let mut all = text.lines();
        let short = |line: &str| match line.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line.to_owned(),
        };
        Some(Self {
            file: file.to_owned(),
            lines: all.by_ref().take(LINES).map(short).collect(),
            left_out: all.count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_scripts_and_lines_are_cut_and_huge_ones_are_not_shown() {
        let of = |text: &str| ScriptText::of(Path::new("deploy.sh"), text, false);
        let text = "true\n".repeat(LINES + 7);
        let script = of(&text).expect("shown");
        assert_eq!((script.lines.len(), script.left_out), (LINES, 7));
        let script = of(&"ü".repeat(LONGEST + 1)).expect("shown");
        assert_eq!(script.lines[0].chars().count(), LONGEST + 1);
        assert_eq!(of(&"x".repeat(LARGEST + 1)), None);
        assert_eq!(of("TOKEN=s3cret\n").expect("shown").lines, ["TOKEN=****"]);
        let raw = ScriptText::of(Path::new("a"), "TOKEN=s3cret", true).expect("shown");
        assert_eq!(raw.lines, ["TOKEN=s3cret"]);
    }
}
