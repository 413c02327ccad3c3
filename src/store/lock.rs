//! Locks: `fs2` on files of their own, which lie outside what they guard and are never deleted.
//!
//! * One lock per function, layer and code signing configuration: shared to read, exclusive to write. Two functions
//!   never wait for each other.
//! * `packages`: shared while a package is put in place, exclusive for whoever removes packages.
//! * `usage`: exclusive while the account's sums are changed, or its limits first written.
//! * `format`: exclusive while a state directory is begun.
//! * `faults`, `invocations`: exclusive while those are counted.
//! * `import`: exclusive while resources are made from what comes from elsewhere.
//!
//! Order, for whoever takes more than one: import → a code signing configuration → functions by name → layers by name →
//! packages, shared → usage. A repair holds the packages for itself from its beginning, so that nobody is between putting
//! one in place and referring to it, and waits for a function no longer than a moment. A process that ends, however it ends, lets go of its locks. Where the state cannot be written a reader
//! goes without: the head is replaced whole, so what it reads is one moment.

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

/// How long a busy lock is waited for.
pub struct Patience {
    /// After this long the call fails.
    pub timeout: Duration,
    /// Told after a second what is being waited for.
    pub notice: Box<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shared,
    Exclusive,
}

/// Locks for writing, making the lock file when it is missing.
///
/// # Errors
/// When the lock file cannot be made, or somebody else keeps the lock longer than the patience lasts.
pub fn exclusive(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    exclusive_within(&store.disk, path, what, &store.patience)
}

/// The same with a patience of its own.
///
/// # Errors
/// As [`exclusive`].
pub(super) fn exclusive_within(
    disk: &Disk,
    path: &Path,
    what: &str,
    patience: &Patience,
) -> Result<Lock> {
    let file = open_or_make(disk, path)?;
    take(file, Kind::Exclusive, path, what, patience)
}

/// Locks together with other sharers, making the lock file when it is missing.
///
/// # Errors
/// As [`exclusive`].
pub fn shared(store: &Store, path: &Path, what: &str) -> Result<Lock> {
    let file = open_or_make(&store.disk, path)?;
    take(file, Kind::Shared, path, what, &store.patience)
}

/// Takes a lock that nobody holds, making its file when it is missing; `None` when somebody does. For what is no
/// resource of a state directory and is never waited for.
///
/// # Errors
/// When the file cannot be made, or the disk has no locks.
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

/// Locks for reading. `None` when there is no lock file, or none that may be opened: nobody can be writing.
///
/// # Errors
/// When somebody else keeps the lock longer than the patience lasts.
pub fn reading(path: &Path, what: &str, patience: &Patience) -> Result<Option<Lock>> {
    match atomic::open(path) {
        Ok((file, _)) => take(file, Kind::Shared, path, what, patience).map(Some),
        Err(_) => Ok(None),
    }
}

/// Locks against everybody without writing: `None` when there is no lock file, or none that may be opened.
///
/// # Errors
/// As [`reading`].
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
    // std's File has inherent methods of the same names, which would win; fs2's are named in full.
    match kind {
        Kind::Shared => FileExt::try_lock_shared(file),
        Kind::Exclusive => FileExt::try_lock_exclusive(file),
    }
}

/// Takes a lock: at once when it is free and nobody waits for it, else in turn.
///
/// The turn is a lock of its own. A writer that finds the lock busy makes its file and holds it until the lock is its
/// own, so that readers who come later wait behind it instead of overtaking it for ever; the system wakes those who
/// wait in the order they came.
fn take(file: File, kind: Kind, path: &Path, what: &str, patience: &Patience) -> Result<Lock> {
    let began = Instant::now();
    let turn = path.with_extension("turn");
    let mut queue = File::open(&turn).ok();
    if queue.is_none() {
        match attempt(&file, kind) {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(error) if is_busy(&error) => {}
            // A filesystem without locks (some network mounts): refusing to write is the only safe answer.
            Err(error) => return Err(StoreError::io("lock", path, error).into()),
        }
        if kind == Kind::Exclusive {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            // Without one it is waited for all the same, only not in turn.
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

/// Waits for a lock as long as the patience lasts.
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
    // The system's own queue has no time-out. When nobody receives any more, the lock is let go of with the file.
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

/// After this long somebody is told.
const SPEAKS_AFTER: Duration = Duration::from_secs(1);

/// A patience shorter than this looks again and again: nobody is left in the system's queue when it ends.
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
            "another process has kept {what} locked for {} s",
            began.elapsed().as_secs()
        ),
        source: None,
        hint: Some(
            "wait for it or end it; LAMBDRY_LOCK_TIMEOUT sets how many seconds to wait".to_owned(),
        ),
    }
    .into()
}

/// Whether nobody holds that file's lock, for telling a dead process's leftovers from a living one's.
pub(super) fn is_free(file: &File) -> bool {
    FileExt::try_lock_exclusive(file).is_ok()
}

/// Locks a file nobody else can know yet.
pub(super) fn hold(file: &File) -> io::Result<()> {
    FileExt::lock_shared(file)
}
