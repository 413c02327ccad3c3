//! Shows a lesson on a terminal: paragraphs, marked names, commands for the learner's shell.

use std::{fs, io::Write};

use unicode_width::UnicodeWidthStr as _;

use super::{
    desk::Desk,
    lesson::{LESSONS, Lesson, Part, paragraph},
    look,
    progress::Progress,
};
use crate::{
    face::{
        exit::Stop,
        world::{Process, World},
    },
    tool::typed::Shell,
};

/// Begins and ends a name in a paragraph, if there is colour.
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// A paragraph in lines of at most the given width, each after the indent. Names are bold if there is colour; otherwise
/// they are between backticks.
pub(super) fn wrapped(text: &str, width: usize, indent: &str, color: bool) -> String {
    let mut lines = String::new();
    let mut column = 0;
    let mut is_name = false;
    for word in text.split_whitespace() {
        let ticks = word.matches('`').count();
        let length = word.width() - if color { ticks } else { 0 };
        let gap = usize::from(column > 0);
        if column > 0 && indent.len() + column + gap + length > width {
            if color && is_name {
                lines.push_str(PLAIN);
            }
            lines.push('\n');
            column = 0;
        }
        if column == 0 {
            lines.push_str(indent);
            if color && is_name {
                lines.push_str(BOLD);
            }
        } else {
            lines.push(' ');
            column += 1;
        }
        for (at, piece) in word.split('`').enumerate() {
            if at > 0 {
                is_name = !is_name;
                lines.push_str(match (color, is_name) {
                    (false, _) => "`",
                    (true, true) => BOLD,
                    (true, false) => PLAIN,
                });
            }
            lines.push_str(piece);
        }
        column += length;
    }
    lines
}

/// Settings for showing a lesson on the terminal.
pub(super) struct Page {
    pub(super) shell: Shell,
    /// True if an option gave the shell. False if it was guessed.
    pub(super) told: bool,
    pub(super) width: usize,
    pub(super) color: bool,
}

impl Page {
    fn paint(&self, style: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{style}m{text}{PLAIN}")
        } else {
            text.to_owned()
        }
    }

    fn wrapped(&self, text: &str) -> String {
        wrapped(text, self.width, "", self.color)
    }

    /// A text that is not wrapped.
    fn marked(&self, text: &str) -> String {
        wrapped(text, usize::MAX, "", self.color)
    }

    /// Writes the list of lessons, the progress in each, and the next lesson.
    pub(super) fn list(&self, process: &Process, out: &mut dyn Write) -> Result<(), Stop> {
        let progress = Progress::of(process);
        writeln!(out, "Lessons, in this order:\n")?;
        for lesson in LESSONS {
            let state = match progress.column() {
                0 => String::new(),
                width => format!("{:<width$}  ", progress.word(lesson)),
            };
            let style = match progress.is_done(lesson) {
                true => "32",
                false => "33",
            };
            writeln!(
                out,
                "  {}lambdry tour {:<12} {}",
                self.paint(style, &state),
                lesson.name,
                lesson.about
            )?;
        }
        let next = match (progress.next(), progress.column()) {
            (Some(lesson), 0) => format!("Begin with `lambdry tour {}`.", lesson.name),
            (Some(lesson), _) => format!("Go on with `lambdry tour {}`.", lesson.name),
            (None, _) => "All of them are done. Rehearse a script of your own: `lambdry rehearse -- ./deploy.sh`.".to_owned(),
        };
        writeln!(
            out,
            "\n{}\n\n{}",
            self.wrapped(&next),
            self.wrapped(
                "Each lesson makes its own folder here and gives you a task. `lambdry tour check` says which parts \
                 of the task are done, `lambdry tour reset` starts a lesson again. `lambdry tour` alone plays a \
                 release to watch, and `lambdry tour --export DIR` writes the lessons as worksheets."
            )
        )?;
        Ok(())
    }

    /// Writes the lines that bring the learner's shell to the lesson.
    pub(super) fn begin(
        &self,
        desk: &Desk,
        process: &Process,
        out: &mut dyn Write,
    ) -> Result<(), Stop> {
        if desk.is_set(process) && process.cwd == desk.folder {
            return Ok(());
        }
        let again = if self.told {
            ""
        } else {
            "; for another shell use `--shell` with `sh`, `fish`, `powershell` or `elvish`"
        };
        let text = format!(
            "First point this shell at the lesson. Paste these two lines (they are for {}{again}):",
            self.shell.name()
        );
        let folder = desk.folder.to_string_lossy();
        writeln!(
            out,
            "\n{}\n\n  {}\n  {}",
            self.wrapped(&text),
            self.paint("36", &format!("cd {}", self.shell.quoted(&folder))),
            self.paint("36", &self.shell.set(&desk.variables()))
        )?;
        Ok(())
    }

    /// Writes the text of a lesson.
    pub(super) fn lesson(
        &self,
        desk: &Desk,
        made: bool,
        process: &Process,
        out: &mut dyn Write,
    ) -> Result<(), Stop> {
        let lesson = desk.lesson;
        writeln!(
            out,
            "{}",
            self.paint("1", &format!("Lesson {}: {}", lesson.name, lesson.about))
        )?;
        self.begin(desk, process, out)?;
        if !made {
            let text = "You began this lesson before, and it is as you left it. `lambdry tour reset` starts it \
                again.";
            writeln!(out, "\n{}", self.wrapped(text))?;
        }
        let mut typed = false;
        for part in lesson.parts {
            match part {
                Part::Say(sentences) => {
                    writeln!(out, "\n{}", self.wrapped(&paragraph(sentences)))?;
                }
                Part::Type(line, ..) | Part::Fill(_, line, ..) => {
                    let command = self.shell.command("  lambdry", line, self.width);
                    let gap = if typed { "" } else { "\n" };
                    writeln!(out, "{gap}{}", self.paint("36", &command))?;
                }
                Part::Show(file) => {
                    let text = fs::read_to_string(desk.folder.join(file)).unwrap_or_default();
                    writeln!(out)?;
                    for line in text.lines() {
                        writeln!(out, "  | {line}")?;
                    }
                }
                Part::Task(sentences) => {
                    writeln!(out, "\n{}", self.paint("1", "Your turn"))?;
                    writeln!(out, "\n{}", self.wrapped(&paragraph(sentences)))?;
                }
            }
            typed = matches!(part, Part::Type(..) | Part::Fill(..));
        }
        writeln!(out, "\nThen: lambdry tour check")?;
        Ok(())
    }

    /// Prints each condition and whether it holds. Returns 0 if all conditions hold, otherwise 1.
    pub(super) fn check(&self, desk: &Desk, world: &mut World<'_>) -> Result<u8, Stop> {
        let seen = look::at(desk, &world.process)?;
        let lesson = desk.lesson;
        let holds: Vec<bool> = lesson
            .checks
            .iter()
            .map(|check| (check.holds)(&seen))
            .collect();
        let (held, all) = (holds.iter().filter(|holds| **holds).count(), holds.len());
        desk.keep_progress(held)?;
        let title = format!("Lesson {}: {held} of {all} goals are reached", lesson.name);
        writeln!(world.stdout, "{}\n", self.paint("1", &title))?;
        let mut helped = false;
        for (check, holds) in lesson.checks.iter().zip(holds) {
            let mark = if holds {
                self.paint("32", "holds  ")
            } else {
                self.paint("33", "missing")
            };
            writeln!(world.stdout, "  {mark}  {}", self.marked(check.what))?;
            // Only one help text is shown, because later conditions often follow from the first one.
            if !holds && !helped {
                helped = true;
                let help = wrapped(check.help, self.width, "           ", self.color);
                writeln!(world.stdout, "{help}")?;
            }
        }
        if !desk.is_set(&world.process) {
            let text = "The commands of this shell do not go to the lesson.";
            writeln!(world.stdout, "\n{}", self.wrapped(text))?;
            self.begin(desk, &world.process, world.stdout)?;
        }
        if held < all {
            return Ok(1);
        }
        self.end(desk, world)?;
        Ok(0)
    }

    fn end(&self, desk: &Desk, world: &mut World<'_>) -> Result<(), Stop> {
        let lesson: &Lesson = desk.lesson;
        let learnt = self.wrapped(&paragraph(lesson.learnt));
        writeln!(world.stdout, "\n{learnt}")?;
        let later = LESSONS.iter().skip_while(|one| one.name != lesson.name);
        let next = match later.into_iter().nth(1) {
            Some(next) => format!("The next lesson: lambdry tour {}", next.name),
            None => "That was the last lesson.".to_owned(),
        };
        let variables = desk.variables();
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        writeln!(
            world.stdout,
            "\n\
             {next}\n\
             To leave the lessons, close this shell, or type the line below. You can delete the folders of the \
             lessons.\n\n  {}",
            self.shell.forget(&names)
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_marked_and_lines_are_as_long_as_they_look() {
        let text = "Call `wait function-updated-v2`, then `publish-version`.";
        assert_eq!(
            wrapped(text, 24, "", false),
            "Call `wait\nfunction-updated-v2`,\nthen `publish-version`."
        );
        assert_eq!(
            wrapped(text, 21, "  ", true),
            "  Call \x1b[1mwait\x1b[0m\n  \x1b[1mfunction-updated-v2\x1b[0m,\n  then\n  \x1b[1mpublish-version\x1b[0m."
        );
        assert_eq!(wrapped("", 10, "  ", true), "");
    }
}
