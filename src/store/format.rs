//! `FORMAT`: which layout a state directory has.

use std::{io, path::Path};

use super::{Result, Store, StoreError, atomic, lock};

/// The layout this program reads and writes.
pub const CURRENT: u64 = 1;

/// Refuses a layout this program does not know. A directory without `FORMAT` is new.
///
/// # Errors
/// A newer format, something that is no number, or a file that cannot be read.
pub fn check(root: &Path) -> Result<()> {
    let path = root.join("FORMAT");
    let text = match atomic::bytes(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes)
            .trim()
            .chars()
            .take(40)
            .collect::<String>(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(StoreError::io("open the state directory", root, error)
                .with_hint("--state-dir names a directory; it is made when it does not exist")
                .into());
        }
        Err(error) => return Err(StoreError::io("read", &path, error).into()),
    };
    match text.parse::<u64>() {
        Ok(CURRENT) => Ok(()),
        Ok(newer) if newer > CURRENT => Err(StoreError::content(
            &path,
            format!("the state has format {newer} and this lambdry knows formats up to {CURRENT}"),
        )
        .with_hint("nothing was changed; install the lambdry that wrote it, or name another directory with --state-dir")
        .into()),
        _ => Err(StoreError::content(&path, format!("it should hold the number {CURRENT} and holds {text:?}"))
            .with_hint("nothing was changed; this may not be a state directory: name another with --state-dir")
            .into()),
    }
}

/// Makes the directory a state directory, on the first write.
///
/// # Errors
/// When it cannot be written.
pub(super) fn ensure(store: &Store) -> Result<()> {
    let path = store.root().join("FORMAT");
    if path.exists() {
        return Ok(());
    }
    let locks = store.root().join("locks");
    store.disk.create_folders(&locks)?;
    // Two first writers would write into one `FORMAT.new`.
    let _lock = lock::exclusive(store, &locks.join("format.lock"), "the state directory")?;
    if path.exists() {
        return Ok(());
    }
    store.disk.replace(&path, format!("{CURRENT}\n").as_bytes())
}
