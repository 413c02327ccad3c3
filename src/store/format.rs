//! `FORMAT`: the number of a state directory's layout.

use std::{io, path::Path};

use super::{Result, Store, StoreError, atomic, lock};

/// The layout that this program writes. It also reads every earlier one:
///
/// * 1: the first.
/// * 2: `Published` in `function.json` has the member `Updated`, and the settings of a version may have the member
///   `Scaling`. A program that writes format 1 would refuse these members as unknown. Empty parts of S3 keys are stored
///   as `%2F`.
///
/// In a directory with an earlier layout, the first change raises the number before it writes anything else.
pub const CURRENT: u64 = 2;

/// Returns true if this program reads the layout with that number.
pub(super) fn is_known(number: u64) -> bool {
    (1..=CURRENT).contains(&number)
}

/// Refuses a layout that this program does not know. A directory without `FORMAT` counts as new.
///
/// # Errors
/// A newer format, a text that is not a number, or a file that cannot be read.
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
                .with_hint("--state-dir needs a directory; lambdry creates a missing one")
                .into());
        }
        Err(error) => return Err(StoreError::io("read", &path, error).into()),
    };
    match text.parse::<u64>() {
        Ok(known) if is_known(known) => Ok(()),
        Ok(newer) if newer > CURRENT => Err(StoreError::content(
            &path,
            format!("the state has format {newer}, but this lambdry knows formats only up to {CURRENT}"),
        )
        .with_hint("nothing was changed; use the lambdry that wrote it, or another directory with --state-dir")
        .into()),
        _ => Err(StoreError::content(&path, format!("it holds {text:?} instead of the number {CURRENT}"))
            .with_hint("nothing was changed; this is perhaps not a state directory: name another one with \
                --state-dir")
            .into()),
    }
}

/// Makes the directory a state directory of the current layout. Called at the first write.
///
/// # Errors
/// A directory that cannot be written, or whose layout has become newer.
pub(super) fn ensure(store: &Store) -> Result<()> {
    let path = store.root().join("FORMAT");
    if is_current(&path) {
        return Ok(());
    }
    if !store.init && store.parents.is_empty() {
        refuse_other_things(store.root())?;
    }
    let locks = store.root().join("locks");
    store.disk.create_folders(&locks)?;
    // Without the lock, two processes that write first at the same time would write to the same `FORMAT.new`.
    let _lock = lock::exclusive(store, &locks.join("format.lock"), "the state directory")?;
    if is_current(&path) {
        return Ok(());
    }
    // A newer program may have held the lock before and written a higher number. That number must not be lowered.
    check(store.root())?;
    store.disk.replace(&path, format!("{CURRENT}\n").as_bytes())
}

/// Entries at the root of a state directory, other than `FORMAT`. A folder with any of them is a state directory.
const ENTRIES: &[&str] = &[
    "aws",
    "ecr.json",
    "faults",
    "faults.count",
    "invoke",
    "locks",
    "packages",
    "s3",
    "stubs",
    "tmp",
    "trash",
];

/// Refuses a folder without `FORMAT` that has contents other than state. Otherwise, after a typing mistake in
/// `--state-dir`, state files would be mixed with somebody's sources. Hidden files, such as those of git, are allowed.
fn refuse_other_things(root: &Path) -> Result<()> {
    let names = atomic::names(root).unwrap_or_default();
    let is_account =
        |name: &str| name.len() == 12 && name.bytes().all(|digit| digit.is_ascii_digit());
    let ours = |name: &String| ENTRIES.contains(&name.as_str()) || is_account(name);
    if names.iter().any(ours) {
        return Ok(());
    }
    let Some(other) = names.iter().find(|name| !name.starts_with('.')) else {
        return Ok(());
    };
    Err(StoreError::content(
        root,
        format!(
            "it is not a state directory and has other contents, such as {other}; --init allows a state directory \
             here"
        ),
    )
    .with_hint(
        "nothing was changed; name an empty or new directory with --state-dir",
    )
    .into())
}

fn is_current(path: &Path) -> bool {
    atomic::bytes(path).is_ok_and(|text| text.trim_ascii() == CURRENT.to_string().as_bytes())
}
