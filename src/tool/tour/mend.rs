//! `tour mend`: mends the next fault of a lesson's script, and shows the change.

use std::{fs, io::Write};

use anyhow::Context as _;

use super::{
    desk::Desk,
    lesson::{Mend, Script},
};
use crate::face::exit::Stop;

/// The state of a mend in a text. The mend was made, can be made, or cannot be made.
enum Step {
    Done,
    Makes(String),
    /// The text is not the lesson's text at this point.
    Differs,
}

impl Mend {
    fn of(&self, text: &str) -> Step {
        let is_open = |(old, new): &&(&str, &str)| {
            text.contains(old) && (new.is_empty() || !text.contains(new))
        };
        match self.edits.iter().filter(is_open).count() {
            0 => Step::Done,
            open if open < self.edits.len() => Step::Differs,
            _ => {
                let edit = |text: String, (old, new): &(&str, &str)| text.replacen(old, new, 1);
                Step::Makes(self.edits.iter().fold(text.to_owned(), edit))
            }
        }
    }
}

/// Mends the next fault of the desk's script.
///
/// # Errors
/// The lesson has no script, or the learner edited the script where the mend belongs.
pub(super) fn run(desk: &Desk, out: &mut dyn Write) -> Result<(), Stop> {
    let Some(Script { file, mends }) = desk.lesson.script else {
        return Err(Stop::Store(
            format!("the lesson {} has no script to repair", desk.lesson.name),
            Some("lambdry tour release has one".to_owned()),
        ));
    };
    let path = desk.folder.join(file);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for mend in *mends {
        match mend.of(&text) {
            Step::Done => {}
            Step::Differs => {
                return Err(Stop::Store(
                    format!("{file} was edited at the place that {} would repair", mend.finding),
                    Some("repair it by hand: a rehearsal shows the remaining faults. lambdry tour reset brings back \
                        the script with its faults".to_owned()),
                ));
            }
            Step::Makes(mended) => {
                fs::write(&path, &mended)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                writeln!(out, "{file}: {} is repaired", mend.finding)?;
                for line in changed(&text, &mended) {
                    writeln!(out, "{line}")?;
                }
                return Ok(());
            }
        }
    }
    writeln!(out, "{file}: no fault is left to repair")?;
    Ok(())
}

/// The removed lines with a `-` in front and the new lines with a `+` in front, each at its place.
fn changed(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let mut lines = Vec::new();
    let mut rest = after.iter().peekable();
    for line in &before {
        if !after.contains(line) {
            lines.push(format!("-{line}"));
            continue;
        }
        while let Some(new) = rest.next_if(|new| *new != line) {
            lines.push(format!("+{new}"));
        }
        rest.next();
    }
    lines.extend(rest.map(|new| format!("+{new}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::lesson::LESSONS;
    use super::*;

    #[test]
    fn each_mend_is_made_once_in_order_and_never_in_a_text_that_differs() {
        let lesson = LESSONS.iter().find(|lesson| lesson.script.is_some());
        let lesson = lesson.expect("a lesson with a script");
        let script = lesson.script.expect("a script");
        let mut text = lesson.files[0].1.to_owned();
        for mend in script.mends {
            let Step::Makes(mended) = mend.of(&text) else {
                panic!("{} is not open in {text}", mend.finding)
            };
            assert!(!changed(&text, &mended).is_empty());
            text = mended;
            assert!(matches!(mend.of(&text), Step::Done), "{}", mend.finding);
        }
        let edited = lesson.files[0].1.replace(" || true", "");
        assert!(matches!(script.mends[0].of(&edited), Step::Differs));
        assert!(matches!(script.mends[0].of("true\n"), Step::Done));
    }

    #[test]
    fn a_change_is_told_line_by_line() {
        assert_eq!(changed("a\nb\nc\n", "a\nx\nc\ny\n"), ["-b", "+x", "+y"]);
        assert_eq!(changed("a\n", "a\n"), [""; 0]);
    }
}
