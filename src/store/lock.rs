//! Locks: `fs2` locks on separate files, which are stored outside the guarded folders and are never deleted.
//!
//! * One lock per function, layer and code signing configuration: shared for reading, exclusive for writing. Two
//!   functions never wait for each other.
//! * `packages`: shared while a package is put in place, exclusive while packages are removed.
//! * `usage`: exclusive while the account's sums are changed, or its limits are written for the first time.
//! * `format`: exclusive while a state directory is created.
//! * `faults`, `invocations`: exclusive while these are counted.
//! * `import`: exclusive while resources are imported.
//!
//! The order for code that takes more than one lock: import → a code signing configuration → functions by name → layers
//! by name → packages, shared → usage. A repair holds `packages` exclusively from its start, so that no process has
//! just put a package in place to which nothing refers yet; it waits for a function only briefly. A process releases
//! its locks when it ends, even if it is killed. If the state cannot be written, a reader takes no lock: the head is
//! always replaced as a whole, so the reader sees the state at one moment.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use fs2::FileExt;

use super::{
    Failure, Result, Store, StoreError,
    atomic::{self, Disk},
};

/// The limits on waiting for a busy lock.
pub struct Patience {
    /// The call fails after this time.
    pub timeout: Duration,
    /// Receives a text after a second of waiting. The text names the busy lock.
    pub notice: Box<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A lock. It is released when it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The two modes of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Shared,
    Exclusive,
}

/// Takes a lock for writing. Creates a missing lock file.
///
/// # Errors
/// A lock file that cannot be created, or a lock that another process holds longer than the patience allows.
pub fn exclusive(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    exclusive_within(&store.disk, path, what, &store.patience)
}

/// Takes a lock for writing. The caller gives the patience.
///
/// # Errors
/// The errors of [`exclusive`].
pub(super) fn exclusive_within(
    disk: &Disk,
    path: &Path,
    what: &str,
    patience: &Patience,
) -> Result<Lock> {
    let file = open_or_make(disk, path)?;
    take(file, Mode::Exclusive, path, what, patience)
}

/// Takes a lock that several processes may share. Creates a missing lock file.
///
/// # Errors
/// The errors of [`exclusive`].
pub fn shared(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    let file = open_or_make(&store.disk, path)?;
    take(file, Mode::Shared, path, what, &store.patience)
}

/// Takes a lock if it is free; `None` if another process holds it. Creates a missing lock file. Used for locks outside
/// a state directory; no code waits for these.
///
/// # Errors
/// A file that cannot be created, or a disk without locks.
pub fn at_once(path: &Path) -> io::Result<Option<Lock>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = atomic::private(&mut options).open(path)?;
    match attempt(&file, Mode::Exclusive) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Takes a lock for reading. Returns `None` if the lock file is missing or cannot be opened. In this case, no process
/// can be writing.
///
/// # Errors
/// A lock that another process holds longer than the patience allows.
pub fn reading(path: &Path, what: &str, patience: &Patience) -> Result<Option<Lock>> {
    match atomic::open(path) {
        Ok((file, _)) => take(file, Mode::Shared, path, what, patience).map(Some),
        Err(_) => Ok(None),
    }
}

/// Takes a lock that excludes all other processes, without writing a file. Returns `None` if the lock file is missing
/// or cannot be opened.
///
/// # Errors
/// The errors of [`reading`].
pub(super) fn alone(path: &Path, what: &str, patience: &Patience) -> Result<Option<Lock>> {
    match atomic::open(path) {
        Ok((file, _)) => take(file, Mode::Exclusive, path, what, patience).map(Some),
        Err(_) => Ok(None),
    }
}

fn open_or_make(disk: &Disk, path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    atomic::private(&mut options);
    disk.step("open a lock")
        .and_then(|()| options.open(path))
        .map_err(|error| StoreError::io("open the lock", path, error).into())
}

fn attempt(file: &File, kind: Mode) -> io::Result<()> {
    // fs2's methods are named in full, because std's File has inherent methods of the same names, and Rust would call
    // those.
    match kind {
        Mode::Shared => FileExt::try_lock_shared(file),
        Mode::Exclusive => FileExt::try_lock_exclusive(file),
    }
}

/// Takes a lock: at once if it is free and no process waits for it; otherwise, after the processes that are already
/// waiting.
///
/// The order of waiting is kept by a second lock, the turn. If a writer finds the lock busy, it creates the file of the
/// turn and holds the turn until it gets the lock. Later readers then wait until the writer has had the lock;
/// otherwise, new readers could make the writer wait forever. The system wakes waiting processes in the order in which
/// they came.
fn take(file: File, kind: Mode, path: &Path, what: &str, patience: &Patience) -> Result<Lock> {
    let began = Instant::now();
    let turn = path.with_extension("turn");
    let mut queue = File::open(&turn).ok();
    if queue.is_none() {
        match attempt(&file, kind) {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(error) if is_busy(&error) => {}
            // Some file systems have no locks, for example some network mounts. There, the only safe way is to refuse
            // to write.
            Err(error) => return Err(StoreError::io("lock", path, error).into()),
        }
        if kind == Mode::Exclusive {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            // Without the file of the turn, the process still waits, but not in order.
            queue = atomic::private(&mut options).open(&turn).ok();
        }
    }
    let wait = |file, kind| wait(file, kind, began, path, what, patience);
    let _turn = queue.map(|queue| wait(queue, kind)).transpose()?;
    let file = wait(file, kind)?;
    Ok(Lock { _file: file })
}

fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error() == fs2::lock_contended_error().raw_os_error()
}

/// Waits for a lock until the time in `patience` has passed.
fn wait(
    file: File,
    kind: Mode,
    began: Instant,
    path: &Path,
    what: &str,
    patience: &Patience,
) -> Result<File> {
    match attempt(&file, kind) {
        Ok(()) => return Ok(file),
        Err(error) if is_busy(&error) || error.kind() == io::ErrorKind::Interrupted => {}
        Err(error) => return Err(StoreError::io("lock", path, error).into()),
    }
    if patience.timeout < QUEUES_FROM {
        return poll(file, kind, began, path, what, patience);
    }
    let (sender, receiver) = mpsc::channel();
    // The system's own queue has no time-out, so a thread waits in it. If nobody receives the lock any more, the file
    // is closed and the lock is released.
    thread::spawn(move || {
        let locked = loop {
            let locked = match kind {
                Mode::Shared => FileExt::lock_shared(&file),
                Mode::Exclusive => FileExt::lock_exclusive(&file),
            };
            match locked {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                locked => break locked,
            }
        };
        let _ = sender.send(locked.map(|()| file));
    });
    let left = |until: Duration| until.saturating_sub(began.elapsed());
    let mut got = receiver.recv_timeout(left(patience.timeout.min(SPEAKS_AFTER)));
    if got.is_err() && patience.timeout > SPEAKS_AFTER {
        (patience.notice)(&waiting(path, what, patience));
        got = receiver.recv_timeout(left(patience.timeout));
    }
    match got {
        Ok(locked) => locked.map_err(|error| StoreError::io("lock", path, error).into()),
        Err(_) => Err(gave_up(began, path, what)),
    }
}

/// The time of waiting after which a notice is printed.
const SPEAKS_AFTER: Duration = Duration::from_secs(1);

/// If the patience is shorter than this, the lock is polled and does not use the system's queue. So no thread is left
/// in that queue at the end.
const QUEUES_FROM: Duration = Duration::from_secs(10);

fn poll(
    file: File,
    kind: Mode,
    began: Instant,
    path: &Path,
    what: &str,
    patience: &Patience,
) -> Result<File> {
    let mut pause = Duration::from_micros(200);
    let mut told = false;
    loop {
        match attempt(&file, kind) {
            Ok(()) => return Ok(file),
            Err(error) if is_busy(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("lock", path, error).into()),
        }
        let waited = began.elapsed();
        if waited >= patience.timeout {
            return Err(gave_up(began, path, what));
        }
        if !told && waited >= SPEAKS_AFTER {
            told = true;
            (patience.notice)(&waiting(path, what, patience));
        }
        thread::sleep(pause.min(patience.timeout.saturating_sub(waited)));
        pause = (pause * 2).min(Duration::from_millis(8));
    }
}

fn waiting(path: &Path, what: &str, patience: &Patience) -> String {
    format!(
        "waiting for another process that has locked {what} (up to {} s; {})",
        patience.timeout.as_secs(),
        path.display()
    )
}

fn gave_up(began: Instant, path: &Path, what: &str) -> Failure {
    StoreError {
        action: "lock",
        path: path.to_owned(),
        cause: format!(
            "another process has locked {what} for {} s",
            began.elapsed().as_secs()
        ),
        source: None,
        hint: Some(
            "wait for it or end it; LAMBDRY_LOCK_TIMEOUT sets the number of seconds to wait"
                .to_owned(),
        ),
    }
    .into()
}

/// Returns true if no process holds that file's lock. In this way, the files of a process that has ended are
/// recognized.
pub(super) fn is_free(file: &File) -> bool {
    FileExt::try_lock_exclusive(file).is_ok()
}

/// Locks a file that no other process knows yet.
pub(super) fn hold(file: &File) -> io::Result<()> {
    FileExt::lock_shared(file)
}
