//! A line on stderr that shows the progress of a long task and the time left. The line is written only to a terminal.
//! Nothing is written to a pipe or a log, or if `NO_COLOR` is set.
//!
//! All long tasks use it: copies of objects, imports, exports, sweeps and the doctor.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use super::world::Process;

/// A task that takes less than this time shows no line.
const PATIENCE: Duration = Duration::from_secs(1);
/// The shortest time between two writes of the line.
const PAUSE: Duration = Duration::from_millis(100);
/// The width of the bar in columns.
const WIDTH: usize = 24;

/// The progress line of a task. It is removed from the terminal when this value is dropped.
pub(crate) struct Progress {
    /// The terminal; `None` if nobody sees the line.
    out: Option<Box<dyn Write>>,
    /// The time since the task began.
    clock: Box<dyn Fn() -> Duration>,
    columns: usize,
    patience: Duration,
    last: Duration,
    drawn: bool,
    part: Part,
}

/// A part of the task. Each step of a part takes about the same time.
#[derive(Debug, Default)]
struct Part {
    began: Duration,
    /// The number of steps that were done when the part began.
    first: u64,
    done: u64,
    total: u64,
}

impl Progress {
    /// The progress of a task that begins at this moment. The line appears after the first second.
    pub(crate) fn new(process: &Process) -> Self {
        let began = Instant::now();
        let looked_at = process.stderr_is_terminal
            && !process.no_color()
            && process.var("TERM") != Some("dumb");
        let out = looked_at.then(|| Box::new(io::stderr()) as Box<dyn Write>);
        Self::on(out, process.width, Box::new(move || began.elapsed()))
    }

    /// The same for a task that certainly takes long. The line appears at once.
    pub(crate) fn at_once(mut self) -> Self {
        self.patience = Duration::ZERO;
        self
    }

    /// The progress of a task that shows no line.
    pub(crate) fn silent() -> Self {
        Self::on(None, 0, Box::new(|| Duration::ZERO))
    }

    fn on(out: Option<Box<dyn Write>>, columns: usize, clock: Box<dyn Fn() -> Duration>) -> Self {
        Self {
            out,
            clock,
            columns,
            patience: PATIENCE,
            last: Duration::ZERO,
            drawn: false,
            part: Part::default(),
        }
    }

    /// Shows the current step in words; `done` of `total` steps are complete. If the total is not known, it is 0. A
    /// different total, or a smaller `done` than before, starts a new part, for which the time is measured again.
    pub(crate) fn tell(&mut self, what: &str, done: u64, total: u64) {
        if self.out.is_none() {
            return;
        }
        let now = (self.clock)();
        if total != self.part.total || done < self.part.done {
            self.part = Part {
                began: now,
                first: done,
                done,
                total,
            };
        }
        self.part.done = done;
        if now < self.patience || (self.drawn && now < self.last + PAUSE) {
            return;
        }
        let text = self.text(what, now);
        self.last = now;
        self.drawn = true;
        self.write(&text);
    }

    /// Removes the line. Called before other text is written to the terminal.
    pub(crate) fn clear(&mut self) {
        if self.drawn {
            self.drawn = false;
            self.write("");
        }
    }

    /// Writes the line. An error is ignored, because it means that stderr is closed and nobody reads it.
    fn write(&mut self, text: &str) {
        if let Some(out) = &mut self.out {
            let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
        }
    }

    fn text(&self, what: &str, now: Duration) -> String {
        let Part {
            began,
            first,
            done,
            total,
        } = self.part;
        let text = match total {
            0 => format!("{what} …"),
            _ => {
                let full = usize::try_from(done.min(total) * WIDTH as u64 / total).unwrap_or(WIDTH);
                let bar = format!("{}{}", "#".repeat(full), " ".repeat(WIDTH - full));
                let percent = done.min(total) * 100 / total;
                let left = match done.checked_sub(first) {
                    Some(made) if made > 0 && done < total => {
                        let each = (now - began).as_secs_f64() / made as f64;
                        let seconds = (each * (total - done) as f64).ceil() as u64;
                        format!(", about {} left", long(seconds))
                    }
                    _ => String::new(),
                };
                let colon = if what.is_empty() { "" } else { ": " };
                format!("[{bar}] {percent} %{left}{colon}{what}")
            }
        };
        // The terminal wraps a line that is too long. Such a line could not be removed completely.
        let text = text.chars().filter(|c| !c.is_control());
        text.take(self.columns.saturating_sub(1)).collect()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Formats a time for people: `9 s`, `2 min`.
fn long(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{} s", seconds.max(1)),
        _ => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        rc::Rc,
    };

    use super::*;

    /// A terminal that keeps what is written, and a clock that a test moves.
    #[derive(Clone, Default)]
    struct Terminal {
        bytes: Rc<RefCell<Vec<u8>>>,
        now: Rc<Cell<Duration>>,
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.borrow_mut().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Terminal {
        fn progress(&self, columns: usize) -> Progress {
            let now = Rc::clone(&self.now);
            let out = Box::new(self.clone());
            Progress::on(Some(out), columns, Box::new(move || now.get()))
        }

        fn at(&self, millis: u64) {
            self.now.set(Duration::from_millis(millis));
        }

        /// The text written since the last call.
        fn written(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.bytes.borrow_mut())).unwrap()
        }
    }

    #[test]
    fn is_silent_for_a_second_and_then_tells_the_time_left() {
        let terminal = Terminal::default();
        let mut progress = terminal.progress(80);
        progress.tell("pay", 0, 4);
        terminal.at(999);
        progress.tell("pay", 1, 4);
        assert_eq!(terminal.written(), "");
        terminal.at(2000);
        progress.tell("bill", 2, 4);
        let half = "\r\x1b[K[############            ] 50 %, about 2 s left: bill";
        assert_eq!(terminal.written(), half);
        terminal.at(2050);
        progress.tell("tax", 3, 4);
        assert_eq!(terminal.written(), "", "ten times a second at the most");
        progress.clear();
        progress.clear();
        assert_eq!(terminal.written(), "\r\x1b[K");
        terminal.at(2060);
        progress.tell("", 4, 4);
        let whole = "\r\x1b[K[########################] 100 %";
        assert_eq!(terminal.written(), whole);
        drop(progress);
        assert_eq!(terminal.written(), "\r\x1b[K");
    }

    #[test]
    fn each_part_has_its_own_time_left() {
        let terminal = Terminal::default();
        let mut progress = terminal.progress(80);
        progress.tell("slow", 0, 2);
        terminal.at(60_000);
        progress.tell("slow", 1, 2);
        assert!(terminal.written().contains(" 50 %, about 60 s left"));
        progress.tell("quick", 0, 300);
        terminal.at(61_000);
        progress.tell("quick", 100, 300);
        assert!(terminal.written().contains(" 33 %, about 2 s left: quick"));
        // The same number of steps is counted again from the beginning.
        progress.tell("again", 0, 300);
        terminal.at(71_000);
        progress.tell("again", 1, 300);
        assert!(
            terminal
                .written()
                .contains(" 0 %, about 50 min left: again")
        );
    }

    #[test]
    fn fits_the_terminal_and_knows_no_total() {
        let terminal = Terminal::default();
        let mut progress = terminal.progress(12);
        terminal.at(5000);
        progress.tell("a\x1b[31mvery long name", 0, 0);
        assert_eq!(terminal.written(), "\r\x1b[Ka[31mvery l");
        progress.clear();
        terminal.written();
        terminal.at(6000);
        progress.tell("pay", 0, 0);
        assert_eq!(terminal.written(), "\r\x1b[Kpay …");
    }

    #[test]
    fn is_for_a_person_on_a_terminal_alone() {
        let on = |terminal: bool, env: &[(&str, &str)]| {
            let env = env.iter().map(|(name, value)| (name.into(), value.into()));
            let process = Process {
                stderr_is_terminal: terminal,
                env: env.collect(),
                ..Process::default()
            };
            Progress::new(&process).out.is_some()
        };
        assert!(on(true, &[]) && on(true, &[("NO_COLOR", "")]));
        assert!(!on(false, &[]));
        assert!(!on(true, &[("NO_COLOR", "1")]));
        assert!(!on(true, &[("TERM", "dumb")]));
    }
}
