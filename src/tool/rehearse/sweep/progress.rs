//! A progress bar on stderr, shown if stderr is a terminal.

use std::{
    io::{self, IsTerminal as _, Write},
    time::{Duration, Instant},
};

/// The width of the bar.
const WIDTH: usize = 24;

/// The progress of the runs.
#[derive(Debug)]
pub(super) struct Progress {
    done: usize,
    total: usize,
    shows: bool,
    began: Instant,
}

impl Progress {
    /// A bar for that many steps. It is drawn only if `shows` is true.
    pub(super) fn new(total: usize, shows: bool) -> Self {
        Self {
            done: 0,
            total,
            shows: shows && io::stderr().is_terminal(),
            began: Instant::now(),
        }
    }

    /// Records that a step is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
    }

    /// Draws the bar. If the reader is gone, the runs go on.
    pub(super) fn draw(&self, out: &mut dyn Write) {
        if self.shows {
            let _ = write!(out, "\r\x1b[K{}", self.told(self.began.elapsed()))
                .and_then(|()| out.flush());
        }
    }

    /// Removes the bar.
    pub(super) fn clear(&self, out: &mut dyn Write) {
        if self.shows {
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }

    /// The bar after that time, with the time left, estimated from the steps so far.
    fn told(&self, elapsed: Duration) -> String {
        let full = WIDTH * self.done / self.total.max(1);
        let left = match u32::try_from(self.done) {
            Ok(done) if done > 0 && self.done < self.total => {
                let rest = u32::try_from(self.total - self.done).unwrap_or(u32::MAX);
                format!(
                    ", about {} s left",
                    (elapsed / done).saturating_mul(rest).as_secs() + 1
                )
            }
            _ => String::new(),
        };
        format!(
            "[{}{}] {} of {} rounds{left}",
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
        let told = |progress: &Progress| progress.told(Duration::from_secs(4));
        assert_eq!(told(&progress), "[                        ] 0 of 3 rounds");
        progress.step();
        assert_eq!(
            told(&progress),
            "[########                ] 1 of 3 rounds, about 9 s left"
        );
        progress.step();
        progress.step();
        assert_eq!(told(&progress), "[########################] 3 of 3 rounds");
    }
}
