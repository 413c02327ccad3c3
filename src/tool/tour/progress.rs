//! A person's progress in the lessons. `tour check` saves it in each lesson's folder, and `tour list` shows it.

use std::fs;

use super::{
    desk::{self, Desk},
    lesson::{LESSONS, Lesson},
};
use crate::face::world::Process;

/// The file in a lesson's folder that holds the number of checks that held at the last `tour check`.
pub(super) const FILE: &str = "progress";

/// The progress in the lessons of a folder. For each lesson: the number of checks that held, or `None` if it was not
/// begun.
pub(super) struct Progress(Vec<Option<usize>>);

impl Progress {
    /// Reads the progress of a process's lessons. The lessons are in the folder that contains the lesson at which the
    /// process works, or in the current folder.
    pub(super) fn of(process: &Process) -> Self {
        let above = desk::above(process);
        let held = |lesson: &'static Lesson| {
            let desk = Desk::at(&above, lesson);
            // A damaged file is treated as missing.
            let kept = || fs::read_to_string(desk.folder.join(FILE)).unwrap_or_default();
            let held = |kept: String| kept.trim().parse().unwrap_or(0).min(lesson.checks.len());
            desk.is_begun().then(|| held(kept()))
        };
        Self(LESSONS.iter().map(held).collect())
    }

    fn held(&self, lesson: &Lesson) -> Option<usize> {
        let at = LESSONS.iter().position(|one| one.name == lesson.name)?;
        self.0[at]
    }

    /// Returns true if all checks held.
    pub(super) fn is_done(&self, lesson: &Lesson) -> bool {
        self.held(lesson) == Some(lesson.checks.len())
    }

    /// `done`, `2 of 6`, or nothing for a lesson that was not begun.
    pub(super) fn word(&self, lesson: &Lesson) -> String {
        match self.held(lesson) {
            None => String::new(),
            Some(_) if self.is_done(lesson) => "done".to_owned(),
            Some(held) => format!("{held} of {}", lesson.checks.len()),
        }
    }

    /// The width of the widest progress text; 0 if no lesson was begun.
    pub(super) fn column(&self) -> usize {
        let words = LESSONS.iter().map(|lesson| self.word(lesson).len());
        words.max().unwrap_or(0)
    }

    /// The first lesson that is not done yet.
    pub(super) fn next(&self) -> Option<&'static Lesson> {
        LESSONS.iter().find(|lesson| !self.is_done(lesson))
    }
}
