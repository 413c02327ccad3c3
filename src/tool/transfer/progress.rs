//! What is going on, in one line on stderr, for what takes longer than a second. On a terminal alone.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// The line. It goes when it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    on: bool,
    began: Instant,
    last: Instant,
    shown: bool,
}

impl Progress {
    /// Silent for a second.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            on: io::stderr().is_terminal(),
            began: now,
            last: now,
            shown: false,
        }
    }

    /// Says what is being done, ten times a second at the most.
    pub(super) fn tell(&mut self, what: &str) {
        let now = Instant::now();
        if self.on
            && now - self.began > Duration::from_secs(1)
            && now - self.last > Duration::from_millis(100)
        {
            self.last = now;
            self.shown = true;
            let what: String = what.chars().take(60).collect();
            // Nobody is left to be told when stderr is gone.
            let _ = write!(io::stderr(), "\r\x1b[K{what} …");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
