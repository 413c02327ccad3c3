//! Uses the terminal as a screen for a picture that is drawn again and again. Keys are read one by one and are not
//! echoed. The terminal is restored when the process ends, except after a kill that cannot be caught.

use std::{
    io::{self, IsTerminal as _},
    os::fd::AsFd as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Switches to the second screen of the terminal, hides the cursor, and cuts long lines at the edge.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/// Undoes `ENTER`.
const LEAVE: &[u8] = b"\x1b[?7h\x1b[?25h\x1b[?1049l";

/// The terminal as a screen. Dropping this value restores the terminal.
#[derive(Debug)]
pub(super) struct Screen {
    before: Termios,
    interrupted: Arc<AtomicBool>,
}

impl Screen {
    /// Takes the terminal; `None` if input or output is not a terminal.
    pub(super) fn open() -> Option<Self> {
        let (input, output) = (io::stdin(), io::stdout());
        if !input.is_terminal() || !output.is_terminal() {
            return None;
        }
        let before = tcgetattr(input.as_fd()).ok()?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted)).ok()?;
        }
        // A panic ends the process without dropping anything.
        let saved = before.clone();
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore(&saved);
            told(panic);
        }));
        let mut own = before.clone();
        // Ctrl-C is read as a key, like q. A process that Ctrl-C ends would leave the terminal in this mode.
        own.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        let screen = Self {
            before,
            interrupted,
        };
        tcsetattr(input.as_fd(), OptionalActions::Now, &own).ok()?;
        write(ENTER.as_bytes());
        Some(screen)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        let size = terminal_size::terminal_size();
        size.map_or((80, 24), |(width, height)| {
            (width.0.into(), height.0.into())
        })
    }

    /// Waits for a key, at most for the given time. Returns true if the key ends the picture, or if the process was
    /// interrupted.
    pub(super) fn ends(&self, pause: Duration) -> bool {
        let input = io::stdin();
        let mut waited = [PollFd::new(&input, PollFlags::IN)];
        let pause = Timespec::try_from(pause).ok();
        // An interrupted wait only ends early.
        let is_there = poll(&mut waited, pause.as_ref()).is_ok_and(|ready| ready > 0);
        let mut keys = [0; 64];
        let typed = match is_there {
            true => rustix::io::read(input.as_fd(), &mut keys).unwrap_or_default(),
            false => 0,
        };
        // A closed terminal is always ready to read and gives no bytes.
        (is_there && typed == 0)
            || self.is_interrupted()
            || keys[..typed]
                .iter()
                .any(|key| matches!(key, b'q' | b'Q' | 3 | 4))
    }

    /// Returns true if the process was interrupted.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore(&self.before);
    }
}

fn restore(before: &Termios) {
    write(LEAVE);
    // A closed terminal does not need to be restored.
    let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Now, before);
}

/// Writes without the buffer of stdout, whose lock may be held.
fn write(mut bytes: &[u8]) {
    while let Ok(written @ 1..) = rustix::io::write(io::stdout().as_fd(), bytes) {
        bytes = &bytes[written..];
    }
}
