//! The holders of locks.

use std::{fs, fs::File, path::Path};

use super::{Check, Problem};
use crate::store::{Result, atomic, lock};

impl Check<'_> {
    /// Tries every lock in a folder and in the folders below it.
    pub(super) fn locks(&mut self, folder: &Path) -> Result<()> {
        for name in atomic::names(folder)? {
            let path = folder.join(&name);
            if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
                self.locks(&path)?;
            } else if name.ends_with(".lock")
                && let Ok((file, _)) = atomic::open(&path)
                && !lock::is_free(&file)
            {
                let by = holders(&file);
                drop(file);
                self.note(Problem::Held { by }, &path)?;
            }
        }
        Ok(())
    }
}

/// The processes that hold a lock on a file; empty if the system does not show them.
#[cfg(target_os = "linux")]
fn holders(file: &File) -> Vec<(u32, String)> {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(inode) = file.metadata().map(|metadata| metadata.ino()) else {
        return Vec::new();
    };
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let pids = locks.lines().filter_map(|line| pid(line, inode));
    pids.map(|pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        (pid, name.trim().to_owned())
    })
    .collect()
}

#[cfg(not(target_os = "linux"))]
fn holders(_: &File) -> Vec<(u32, String)> {
    Vec::new()
}

/// The process that holds the lock in a line such as `1: FLOCK ADVISORY WRITE 4711 fd:01:1234 0 EOF`; `None` if the
/// lock is on another inode. A process that only waits (`1: -> FLOCK …`) holds no lock.
#[cfg(target_os = "linux")]
fn pid(line: &str, inode: u64) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    if words.next()? != "FLOCK" {
        return None;
    }
    let pid = words.nth(2)?.parse().ok()?;
    let (_, on) = words.next()?.rsplit_once(':')?;
    (on.parse() == Ok(inode)).then_some(pid)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::pid;

    #[test]
    fn reads_who_holds_a_lock_and_not_who_waits() {
        let line = "12: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF";
        assert_eq!(pid(line, 1234), Some(4711));
        assert_eq!(pid(line, 1235), None);
        assert_eq!(
            pid("12: -> FLOCK  ADVISORY  WRITE 4712 fd:01:1234 0 EOF", 1234),
            None
        );
        assert_eq!(
            pid("12: POSIX  ADVISORY  WRITE 4711 fd:01:1234 0 EOF", 1234),
            None
        );
        assert_eq!(pid("", 1234), None);
    }
}
