//! A bar on stderr, where a person looks at it.

use std::io::{self, IsTerminal as _, Write};

/// How wide the bar is.
const WIDTH: usize = 24;

/// How far the runs are.
#[derive(Debug)]
pub(super) struct Progress {
    done: usize,
    total: usize,
    shows: bool,
}

impl Progress {
    /// For that many steps. It is drawn on a terminal alone.
    pub(super) fn new(total: usize, shows: bool) -> Self {
        Self {
            done: 0,
            total,
            shows: shows && io::stderr().is_terminal(),
        }
    }

    /// One is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
    }

    /// Draws it. A reader who is gone does not stop the runs.
    pub(super) fn draw(&self, out: &mut dyn Write) {
        if self.shows {
            let _ = write!(out, "\r\x1b[K{}", self.told()).and_then(|()| out.flush());
        }
    }

    /// Takes it away.
    pub(super) fn clear(&self, out: &mut dyn Write) {
        if self.shows {
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }

    fn told(&self) -> String {
        let full = WIDTH * self.done / self.total.max(1);
        format!(
            "[{}{}] {} of {} rounds",
            "#".repeat(full),
            " ".repeat(WIDTH - full),
            self.done,
            self.total
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_up() {
        let mut progress = Progress::new(3, false);
        assert_eq!(progress.told(), "[                        ] 0 of 3 rounds");
        progress.step();
        assert_eq!(progress.told(), "[########                ] 1 of 3 rounds");
        progress.step();
        progress.step();
        assert_eq!(progress.told(), "[########################] 3 of 3 rounds");
    }
}
