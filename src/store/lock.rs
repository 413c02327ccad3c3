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
    thread,
    time::{Duration, Instant},
};

use fs2::FileExt;

use super::{
    Result, Store, StoreError,
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

fn take(file: File, kind: Kind, path: &Path, what: &str, patience: &Patience) -> Result<Lock> {
    let busy = fs2::lock_contended_error();
    let began = Instant::now();
    let mut pause = Duration::from_micros(200);
    let mut told = false;
    loop {
        match attempt(&file, kind) {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.raw_os_error() == busy.raw_os_error() => {}
            // A filesystem without locks (some network mounts): refusing to write is the only safe answer.
            Err(error) => return Err(StoreError::io("lock", path, error).into()),
        }
        let waited = began.elapsed();
        if waited >= patience.timeout {
            return Err(StoreError {
                action: "lock",
                path: path.to_owned(),
                cause: format!(
                    "another process has kept {what} locked for {} s",
                    waited.as_secs()
                ),
                source: None,
                hint: Some(
                    "wait for it or end it; LAMBDRY_LOCK_TIMEOUT sets how many seconds to wait"
                        .to_owned(),
                ),
            }
            .into());
        }
        if !told && waited >= Duration::from_secs(1) {
            told = true;
            (patience.notice)(&format!(
                "waiting for another process that has locked {what} (up to {} s; {})",
                patience.timeout.as_secs(),
                path.display()
            ));
        }
        thread::sleep(pause.min(patience.timeout.saturating_sub(waited)));
        pause = (pause * 2).min(Duration::from_millis(8));
    }
}

/// Whether nobody holds that file's lock, for telling a dead process's leftovers from a living one's.
pub(super) fn is_free(file: &File) -> bool {
    FileExt::try_lock_exclusive(file).is_ok()
}

/// Locks a file nobody else can know yet.
pub(super) fn hold(file: &File) -> io::Result<()> {
    FileExt::lock_shared(file)
}
