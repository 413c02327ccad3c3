//! Locks: `fs2` locks on separate files, which are stored outside the guarded folders and are never deleted.
//!
//! * One lock per function, layer and code signing configuration: shared for reading, exclusive for writing. Two
//!   functions never wait for each other.
//! * `packages`: shared while a package is put in place, exclusive while packages are removed.
//! * `usage`: exclusive while the account's sums are changed, or its limits first written.
//! * `format`: exclusive while a state directory is created.
//! * `faults`, `invocations`: exclusive while these are counted.
//! * `import`: exclusive while resources are imported.
//!
//! Order for code that takes more than one: import → a code signing configuration → functions by name → layers by name
//! → packages, shared → usage. A repair holds `packages` exclusively from its start, so that no process is between
//! putting a package in place and referring to it; it waits for a function only for a moment. A process releases its
//! locks when it ends, even if it is killed. If the state cannot be written, a reader takes no lock: the head is
//! replaced whole, so the reader sees one moment.

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

/// The mode of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shared,
    Exclusive,
}

/// Locks for writing. Creates a missing lock file.
///
/// # Errors
/// A lock file that cannot be created, or a lock that another process holds longer than the patience allows.
pub fn exclusive(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    exclusive_within(&store.disk, path, what, &store.patience)
}

/// Locks for writing, with a patience of its own.
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
    take(file, Kind::Exclusive, path, what, patience)
}

/// Locks together with other sharers. Creates a missing lock file.
///
/// # Errors
/// The errors of [`exclusive`].
pub fn shared(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    let file = open_or_make(&store.disk, path)?;
    take(file, Kind::Shared, path, what, &store.patience)
}

/// Takes a free lock, creating a missing file; `None` if another process holds it. For locks outside a state directory,
/// which are never waited for.
///
/// # Errors
/// A file that cannot be created, or a disk without locks.
pub fn at_once(path: &Path) -> io::Result<Option<Lock>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = atomic::private(&mut options).open(path)?;
    match attempt(&file, Kind::Exclusive) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Locks for reading. Returns `None` if the lock file is missing or may not be opened: no process can then be writing.
///
/// # Errors
/// A lock that another process holds longer than the patience allows.
pub fn reading(path: &Path, what: &str, patience: &Patience) -> Result<Option<Lock>> {
    match atomic::open(path) {
        Ok((file, _)) => take(file, Kind::Shared, path, what, patience).map(Some),
        Err(_) => Ok(None),
    }
}

/// Locks against every other process, but writes nothing. Returns `None` if the lock file is missing or may not be
/// opened.
///
/// # Errors
/// The errors of [`reading`].
pub(super) fn alone(path: &Path, what: &str, patience: &Patience) -> Result<Option<Lock>> {
    match atomic::open(path) {
        Ok((file, _)) => take(file, Kind::Exclusive, path, what, patience).map(Some),
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

fn attempt(file: &File, kind: Kind) -> io::Result<()> {
    // fs2's methods are named in full, because std's File has inherent methods of the same names, which Rust would call
    // instead.
    match kind {
        Kind::Shared => FileExt::try_lock_shared(file),
        Kind::Exclusive => FileExt::try_lock_exclusive(file),
    }
}

/// Takes a lock: at once if it is free and no process waits for it, otherwise in turn.
///
/// The turn is a lock of its own. A writer that finds the lock busy creates the file of the turn and holds it until it
/// gets the lock, so that later readers wait behind the writer instead of overtaking it forever. The system wakes
/// waiting processes in the order in which they came.
fn take(file: File, kind: Kind, path: &Path, what: &str, patience: &Patience) -> Result<Lock> {
    let began = Instant::now();
    let turn = path.with_extension("turn");
    let mut queue = File::open(&turn).ok();
    if queue.is_none() {
        match attempt(&file, kind) {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(error) if is_busy(&error) => {}
            // On a file system without locks (some network mounts), refusing to write is the only safe answer.
            Err(error) => return Err(StoreError::io("lock", path, error).into()),
        }
        if kind == Kind::Exclusive {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            // Without the file, the process still waits, but not in turn.
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

/// Waits for a lock until the patience ends.
fn wait(
    file: File,
    kind: Kind,
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
    // The system's own queue has no time-out. If the receiver is gone, the lock is released with the file.
    thread::spawn(move || {
        let locked = loop {
            let locked = match kind {
                Kind::Shared => FileExt::lock_shared(&file),
                Kind::Exclusive => FileExt::lock_exclusive(&file),
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

/// The delay after which the wait is announced.
const SPEAKS_AFTER: Duration = Duration::from_secs(1);

/// If the patience is shorter than this, the lock is polled instead, so that no thread stays in the system's queue at
/// the end.
const QUEUES_FROM: Duration = Duration::from_secs(10);

fn poll(
    file: File,
    kind: Kind,
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

/// Returns true if no process holds that file's lock. Distinguishes the files of a dead process from those of a living
/// one.
pub(super) fn is_free(file: &File) -> bool {
    FileExt::try_lock_exclusive(file).is_ok()
}

/// Locks a file that no other process can know yet.
pub(super) fn hold(file: &File) -> io::Result<()> {
    FileExt::lock_shared(file)
}
