//! Writing so that a stop at any moment leaves the old file or the new one.
//!
//! Every step of every write, each open, write, fsync, rename and unlink, passes `Disk::step`. In debug builds alone
//! that seam can stop the process or fail with a given errno at the nth step; the crash test walks all of them.

use std::{
    collections::BinaryHeap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Failure, Result, StoreError};

/// The writing half of the disk.
#[derive(Debug)]
pub struct Disk {
    /// Whether what is written is fsynced: not in a fork, which nobody needs after a crash.
    durable: bool,
    #[cfg(debug_assertions)]
    steps: Option<Steps>,
}

/// What happens at which step: `17:stop`, `17:ENOSPC`, `17:EIO`, `17:EACCES`, or `log:FILE` to write each step's name.
#[cfg(debug_assertions)]
#[derive(Debug)]
struct Steps {
    count: std::sync::atomic::AtomicU64,
    at: u64,
    what: String,
}

#[cfg(debug_assertions)]
impl Steps {
    fn parse(plan: &str) -> Option<Self> {
        let (at, what) = plan.split_once(':')?;
        let at = if at == "log" { 0 } else { at.parse().ok()? };
        Some(Self {
            count: 0.into(),
            at,
            what: what.to_owned(),
        })
    }

    fn pass(&self, name: &str) -> io::Result<()> {
        let n = self.count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        if self.at == 0 {
            let mut log = OpenOptions::new()
                .append(true)
                .create(true)
                .open(&self.what)?;
            return log.write_all(format!("{name}\n").as_bytes());
        }
        if n != self.at {
            return Ok(());
        }
        Err(match self.what.as_str() {
            // No destructor runs and no buffer is written: what is on the disk is what a killed process leaves.
            "stop" => std::process::abort(),
            // These three have the same numbers on every Unix.
            "ENOSPC" => io::Error::from_raw_os_error(28),
            "EACCES" => io::Error::from_raw_os_error(13),
            _ => io::Error::from_raw_os_error(5),
        })
    }
}

impl Disk {
    /// The disk, with the steps that a test wants stopped or failed; release builds ignore them.
    pub(super) fn new(durable: bool, steps: Option<&str>) -> Self {
        #[cfg(not(debug_assertions))]
        let _ = steps;
        Self {
            durable,
            #[cfg(debug_assertions)]
            steps: steps.and_then(Steps::parse),
        }
    }

    /// The seam every step of every write passes, before it is taken.
    pub(super) fn step(&self, _name: &str) -> io::Result<()> {
        #[cfg(debug_assertions)]
        if let Some(steps) = &self.steps {
            return steps.pass(_name);
        }
        Ok(())
    }

    /// Brings a file's bytes to the disk; the step has a name of its own.
    pub(super) fn sync(&self, name: &str, file: &File) -> io::Result<()> {
        self.step(name)?;
        match self.durable {
            true => file.sync_all(),
            false => Ok(()),
        }
    }

    /// Writes bytes; in debug builds in two halves with a step between, so that a torn write can be seen.
    pub(super) fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        self.step("write")?;
        if cfg!(debug_assertions) {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            self.step("write the rest")?;
            file.write_all(second)
        } else {
            file.write_all(bytes)
        }
    }

    /// Puts a file in place, durably: a new file beside it, fsync, rename, fsync of the folder. Two fsyncs.
    ///
    /// # Errors
    /// When any of that fails; the old file is then untouched, unless only the last fsync failed.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.put(path, bytes, true)
    }

    /// The same without fsync, for what can be made again.
    ///
    /// # Errors
    /// When any of that fails.
    pub fn replace_cache(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.put(path, bytes, false)
    }

    fn put(&self, path: &Path, bytes: &[u8], durable: bool) -> Result<()> {
        let fresh = beside(path);
        let written = (|| {
            let mut file = self.create(&fresh)?;
            self.write(&mut file, bytes)?;
            if durable {
                self.sync("fsync", &file)?;
            }
            self.step("rename")?;
            fs::rename(&fresh, path)
        })();
        if let Err(error) = written {
            // Best effort: a leftover is overwritten by the next write of the same file.
            let _ = self.remove(&fresh);
            return Err(StoreError::io("write", path, error).into());
        }
        if durable {
            self.sync_folder_of(path)
        } else {
            Ok(())
        }
    }

    /// Writes a file that nobody knows of yet, and its bytes durably; its name becomes durable with its folder.
    pub(super) fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        (|| {
            let mut file = self.create(path)?;
            self.write(&mut file, bytes)?;
            self.step("fsync")?;
            file.sync_all()
        })()
        .map_err(|error| StoreError::io("write", path, error).into())
    }

    /// A new file for writing, readable by its owner alone. A leftover of the same name is never written into: it may
    /// be a hard link to something that must not change.
    fn create(&self, path: &Path) -> io::Result<File> {
        self.step("open")?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.remove(path)?;
                self.step("open")?;
                options.open(path)
            }
            other => other,
        }
    }

    /// Makes a folder and those above it that are missing, for its owner alone, each one durably.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create_folders(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            self.create_folders(parent)?;
        }
        let made = self.step("mkdir").and_then(|()| {
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path)
        });
        match made {
            Ok(()) => self.sync_folder_of(path),
            // Someone else was faster, and may not have reached its own fsync yet.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                self.sync_folder_of(path)
            }
            Err(error) => Err(StoreError::io("make the folder", path, error).into()),
        }
    }

    /// Renames durably, for files and folders.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.step("rename")
            .and_then(|()| fs::rename(from, to))
            .map_err(|error| StoreError::io("rename", from, error))?;
        self.sync_folder_of(to)?;
        if from.parent() == to.parent() {
            Ok(())
        } else {
            self.sync_folder_of(from)
        }
    }

    /// Lets two folders change places, durably and in one step.
    ///
    /// # Errors
    /// When the system refuses, or does not know how to.
    pub(super) fn exchange(&self, fresh: &Path, old: &Path) -> Result<()> {
        self.step("exchange")
            .and_then(|()| exchange(fresh, old))
            .map_err(|error| {
                StoreError::io("replace", old, error).with_hint(
                    "nothing was changed; where this disk cannot exchange two folders in one step, delete the old one first",
                )
            })?;
        self.sync_folder_of(old)?;
        self.sync_folder_of(fresh)
    }

    /// Makes the names in the file's folder durable.
    pub(super) fn sync_folder_of(&self, path: &Path) -> Result<()> {
        let folder = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        self.step("fsync the folder")
            .and_then(|()| match self.durable {
                true => sync_folder(folder),
                false => Ok(()),
            })
            .map_err(|error| {
                StoreError::io("write", folder, error)
                    .with_hint("the change may have been kept or not: look before you call again")
                    .into()
            })
    }

    /// Removes a file that may be gone already. For clean-up, after the commit.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("unlink")?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a folder and all it holds. A link to a folder goes, what it leads to stays. Best effort: the folder has
    /// left the state already, and what stays of it is removed by the next delete.
    pub(super) fn remove_folder(&self, path: &Path) {
        if fs::symlink_metadata(path).is_ok() && self.step("remove a folder").is_ok() {
            let _ = fs::remove_dir_all(path);
        }
    }

    /// The same for a folder that may hold very much: no more of it than a call has time for.
    pub(super) fn remove_some(&self, path: &Path) {
        /// Files; some 30 ms.
        const AT_ONCE: usize = 5000;
        if fs::symlink_metadata(path).is_ok() && self.step("remove a folder").is_ok() {
            let _ = remove(path, &mut AT_ONCE.clone());
        }
    }
}

/// Removes a file, a link or a folder, and stops with an error when it may remove no more.
fn remove(path: &Path, left: &mut usize) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        *left = left
            .checked_sub(1)
            .ok_or_else(|| io::Error::other("the next call goes on"))?;
        return fs::remove_file(path);
    }
    for entry in fs::read_dir(path)? {
        remove(&entry?.path(), left)?;
    }
    fs::remove_dir(path)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Windows has no way to fsync a folder; its renames are journalled.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Readable and writable by the owner alone: environment variables hold secrets.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Where the next content of a file is written before it takes the file's place. One name, so that what a killed
/// process leaves is overwritten and never piles up; the lock on the resource keeps writers apart.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Refuses what reading might never come back from: a pipe without a writer, a device without an end.
pub(super) fn regular(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() || kind.is_dir() {
        Ok(())
    } else {
        Err(io::Error::other("it is no regular file"))
    }
}

/// Reads a whole file; `None` when there is none.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match regular(path).and_then(|()| fs::read(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path, error).into()),
    }
}

/// Reads a JSON state file; `None` when there is none.
///
/// # Errors
/// When it is there and cannot be read, or does not hold what it should: the message says where.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read(path)? else {
        return Ok(None);
    };
    match serde_json::from_slice(&bytes) {
        // serde takes a list for a struct, and an empty one for a struct of defaults.
        Ok(value) if bytes.trim_ascii_start().first() == Some(&b'{') => Ok(Some(value)),
        read => Err(invalid(path, &bytes, read.err())),
    }
}

/// What is said of a state file that does not hold what it should.
fn invalid(path: &Path, bytes: &[u8], error: Option<serde_json::Error>) -> Failure {
    let told = match error {
        None => "not a valid state file: no JSON object".to_owned(),
        Some(_) if bytes.is_empty() => "the file is empty".to_owned(),
        Some(error) => format!("not a valid state file: {error}"),
    };
    StoreError::content(path, told).into()
}

/// A state file's text: pretty-printed, for people and `git diff`. By way of a [`Value`](serde_json::Value), whose text
/// is the same: the types of the state become values elsewhere, and need not become text each by code of its own.
pub fn json_text<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("plain data becomes JSON");
    let mut text = serde_json::to_vec_pretty(&value).expect("a value becomes JSON");
    text.push(b'\n');
    text
}

/// The same as a line of its own, for what is appended to.
pub fn json_line<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("plain data becomes JSON");
    let mut text = value.to_string().into_bytes();
    text.push(b'\n');
    text
}

/// The names in a folder, sorted bytewise; none when there is no folder. Names that are not UTF-8 are not ours.
///
/// # Errors
/// When it is there and cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    each_name(folder, &mut |name| names.push(name))?;
    names.sort_unstable();
    Ok(names)
}

/// At most so many of the names in a folder that come behind one, sorted bytewise: the first of them.
///
/// # Errors
/// As [`names`].
pub fn names_behind(folder: &Path, after: &str, most: usize) -> Result<Vec<String>> {
    let mut first = BinaryHeap::with_capacity(most);
    each_name(folder, &mut |name| {
        if name.as_str() <= after {
        } else if first.len() < most {
            first.push(name);
        } else if let Some(mut last) = first.peek_mut()
            && name < *last
        {
            *last = name;
        }
    })?;
    Ok(first.into_sorted_vec())
}

fn each_name(folder: &Path, each: &mut dyn FnMut(String)) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("list", folder, error).into()),
    };
    for entry in entries {
        let entry = entry.map_err(|error| StoreError::io("list", folder, error))?;
        if let Ok(name) = entry.file_name().into_string() {
            each(name);
        }
    }
    Ok(())
}
