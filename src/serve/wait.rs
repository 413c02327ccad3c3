//! Waits until a socket is ready or the server ends.

use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Rings once, when the server ends, and wakes all waiting threads.
#[derive(Debug)]
pub(super) struct Bell {
    rung: AtomicBool,
    /// A waiting thread waits for this end too. The other end is closed when the bell rings.
    #[cfg(unix)]
    reader: io::PipeReader,
    writer: Mutex<Option<Rope>>,
}

#[cfg(unix)]
type Rope = io::PipeWriter;
#[cfg(not(unix))]
type Rope = ();

impl Bell {
    /// A bell that has not rung.
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self {
            rung: AtomicBool::new(false),
            reader,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// A bell that has not rung.
    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            rung: AtomicBool::new(false),
            writer: Mutex::new(None),
        })
    }

    /// Rings the bell.
    pub(super) fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Returns true if the bell has rung.
    pub(super) fn has_rung(&self) -> bool {
        self.rung.load(Ordering::Acquire)
    }
}

/// Waits until the socket is ready, the bell rings, or the given time has passed. The flags select reading, writing, or
/// both.
#[cfg(unix)]
pub(super) fn either(
    socket: &impl std::os::fd::AsFd,
    reads: bool,
    writes: bool,
    bell: Option<&Bell>,
    most: Duration,
) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut wanted = PollFlags::empty();
    wanted.set(PollFlags::IN, reads);
    wanted.set(PollFlags::OUT, writes);
    let mut all = Vec::with_capacity(2);
    // A hang-up is always reported. So a thread that does not wait for the socket must not poll it, or it would wake up
    // again and again.
    if !wanted.is_empty() {
        all.push(PollFd::new(socket, wanted));
    }
    if let Some(bell) = bell {
        all.push(PollFd::new(&bell.reader, PollFlags::IN));
    }
    let most = Timespec::try_from(most).map_err(io::Error::other)?;
    match poll(&mut all, Some(&most)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Polls the socket again and again. This is for systems that cannot wait for a socket.
#[cfg(not(unix))]
pub(super) fn either<S>(
    _: &S,
    _: bool,
    _: bool,
    _: Option<&Bell>,
    most: Duration,
) -> io::Result<()> {
    std::thread::sleep(most.min(Duration::from_millis(2)));
    Ok(())
}
