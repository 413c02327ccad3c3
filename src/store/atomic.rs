//! Atomic writes: if the process stops at any moment, either the old file or the new file exists.
//!
//! Every open, write, fsync, rename and unlink passes `Disk::step`. In debug builds, but not in release builds, that
//! function can stop the process or fail with a given errno at the nth step. The crash test tries every step.

use std::{
    collections::BinaryHeap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{Failure, Result, StoreError};
use crate::state::plain::plain;

/// The functions that write to the disk.
#[derive(Debug)]
pub struct Disk {
    /// True if writes are fsynced. A fork does not need that, because nobody uses it after a crash.
    durable: bool,
    #[cfg(debug_assertions)]
    steps: Option<Steps>,
}

/// The step at which a test interferes, and the kind of interference. `17:stop` stops the process at step 17;
/// `17:ENOSPC`, `17:EIO` and `17:EACCES` make that step fail with this error. With `17:down`, every step from step 17
/// on fails, so that no clean-up happens, as if the process had been killed. With `EXDEV:`, every rename of a folder
/// fails, as on an overlay. `log:FILE` writes each step's name to that file.
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
        let (at, what) = match at {
            "log" => (0, what),
            "EXDEV" => (u64::MAX, at),
            at => (at.parse().ok()?, what),
        };
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
        if n < self.at || n > self.at && self.what != "down" {
            return Ok(());
        }
        Err(match self.what.as_str() {
            // No destructor runs and no buffer is written: the disk is in the state that a killed process leaves.
            "stop" => std::process::abort(),
            // These three numbers are the same on every Unix.
            "ENOSPC" => io::Error::from_raw_os_error(28),
            "EACCES" => io::Error::from_raw_os_error(13),
            _ => io::Error::from_raw_os_error(5),
        })
    }
}

impl Disk {
    /// The disk. A test may name steps at which the process stops or a write fails; release builds ignore them.
    pub(super) fn new(durable: bool, steps: Option<&str>) -> Self {
        #[cfg(not(debug_assertions))]
        let _ = steps;
        Self {
            durable,
            #[cfg(debug_assertions)]
            steps: steps.and_then(Steps::parse),
        }
    }

    /// Announces a step of a write. This function must be called before every step.
    pub(super) fn step(&self, _name: &str) -> io::Result<()> {
        #[cfg(debug_assertions)]
        if let Some(steps) = &self.steps {
            return steps.pass(_name);
        }
        Ok(())
    }

    /// Writes the bytes of a file through to the disk. `name` is the name of the step.
    pub(super) fn sync(&self, name: &str, file: &File) -> io::Result<()> {
        self.step(name)?;
        match self.durable {
            true => file.sync_all(),
            false => Ok(()),
        }
    }

    /// Writes all files of a folder through to the disk at once, if the system can do that. On other systems, does
    /// nothing, because each file has already been written through separately.
    ///
    /// # Errors
    /// An error of the disk.
    pub(super) fn sync_all(&self, folder: &Path) -> Result<()> {
        let synced = self.step("fsync all");
        #[cfg(target_os = "linux")]
        let synced = synced.and_then(|()| match self.durable {
            true => Ok(rustix::fs::syncfs(File::open(folder)?)?),
            false => Ok(()),
        });
        synced.map_err(|error| StoreError::io("write", folder, error).into())
    }

    /// Writes bytes. In debug builds it writes two halves with a step between them, so that a torn write can be tested.
    pub(super) fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        self.step("write")?;
        if cfg!(debug_assertions) && bytes.len() > 1 {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            self.step("write the rest")?;
            file.write_all(second)
        } else {
            file.write_all(bytes)
        }
    }

    /// Replaces a file durably. It writes a new file beside the old one, fsyncs and renames it, and fsyncs the folder.
    /// This costs two fsyncs.
    ///
    /// # Errors
    /// A failed step. The old file is then unchanged, unless only the last fsync failed.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.prepare(path, bytes)?.place()
    }

    /// Replaces a file without fsync, for files that can be made again.
    ///
    /// # Errors
    /// A failed step.
    pub fn replace_cache(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.prepare(path, bytes)?.rename()
    }

    /// Writes a file's next content beside it. To replace several files, prepare all of them first: the first fsync
    /// then writes out most of the others' bytes, too.
    ///
    /// # Errors
    /// A failed write. No new file is then left.
    pub(super) fn prepare(&self, path: &Path, bytes: &[u8]) -> Result<Prepared<'_>> {
        let fresh = beside(path);
        self.create(&fresh)
            .and_then(|file| {
                let mut prepared = Prepared {
                    disk: self,
                    path: path.to_owned(),
                    fresh: Some(fresh),
                    file,
                };
                self.write(&mut prepared.file, bytes)?;
                Ok(prepared)
            })
            .map_err(|error| StoreError::io("write", path, error).into())
    }

    /// Overwrites the JSON of a small cache in place, because a rename would wait until the new file's bytes are on the
    /// disk. During the write, the start of the file is not JSON, so a cache that was written only in part is never
    /// valid. If the file is missing, is a link, or has a second name, it is replaced like other files.
    ///
    /// # Errors
    /// A failed step.
    pub(super) fn rewrite_cache(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        match self.rewrite(path, bytes) {
            Ok(true) => Ok(()),
            Ok(false) => self.replace_cache(path, bytes),
            Err(error) => Err(StoreError::io("write", path, error).into()),
        }
    }

    #[cfg(unix)]
    fn rewrite(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        use std::{
            io::Seek as _,
            os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
        };

        let mut options = OpenOptions::new();
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.write(true).custom_flags(flags.bits().cast_signed());
        let Ok(mut file) = options.open(path) else {
            return Ok(false);
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.nlink() != 1 || bytes.is_empty() {
            return Ok(false);
        }
        self.write(&mut file, b"-")?;
        self.write(&mut file, &bytes[1..])?;
        if metadata.len() > bytes.len() as u64 {
            self.step("cut")?;
            file.set_len(bytes.len() as u64)?;
        }
        file.rewind()?;
        self.write(&mut file, &bytes[..1])?;
        Ok(true)
    }

    #[cfg(not(unix))]
    fn rewrite(&self, _: &Path, _: &[u8]) -> io::Result<bool> {
        Ok(false)
    }

    /// Writes a file whose name nothing refers to yet. The bytes of the file are durable at once. Its name is durable
    /// only after its folder was fsynced.
    pub(super) fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        (|| {
            let mut file = self.create(path)?;
            self.write(&mut file, bytes)?;
            self.step("fsync")?;
            file.sync_all()
        })()
        .map_err(|error| StoreError::io("write", path, error).into())
    }

    /// Creates a new file for writing, which only its owner may read. Never writes to an old file of the same name,
    /// because that may be a hard link to a file that must not change.
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

    /// Creates a folder and its missing parents durably. Only their owner may open them.
    ///
    /// # Errors
    /// A folder that cannot be created.
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
            let builder = &mut fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
            builder.create(path)
        });
        match made {
            Ok(()) => self.sync_folder_of(path),
            // Another process created the folder first, and may not have fsynced its parent yet.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                self.sync_folder_of(path)
            }
            Err(error) => Err(StoreError::io("make the folder", path, error).into()),
        }
    }

    /// Renames a file or folder durably. An overlay cannot rename a folder of its lower layer. Such a folder is copied.
    /// The copy gets the new name when it is complete, and then the old folder is removed.
    ///
    /// # Errors
    /// An error of the system.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        if self.rename_or_not(from, to)? {
            return Ok(());
        }
        let fresh = beside(to);
        self.remove_folder(&fresh);
        self.copy(from, &fresh).map_err(|error| {
            self.remove_folder(&fresh);
            StoreError::io("copy", from, error)
        })?;
        self.rename_or_not(&fresh, to)?;
        self.remove_folder(from);
        self.sync_folder_of(from)
    }

    /// Moves a folder to the trash in one step. A folder on a lower layer of an overlay cannot be moved. In this case,
    /// the step is the removal of the file `commit`, because readers ignore a folder without that file. The other files
    /// are removed afterwards.
    ///
    /// # Errors
    /// An error of the system.
    pub(super) fn retire(&self, folder: &Path, to: &Path, commit: &str) -> Result<()> {
        if self.rename_or_not(folder, to)? {
            return Ok(());
        }
        let file = folder.join(commit);
        self.remove(&file)
            .map_err(|error| StoreError::io("remove", &file, error))?;
        self.sync_folder_of(&file)?;
        self.remove_folder(folder);
        self.sync_folder_of(folder)
    }

    /// Renames durably. If an overlay cannot rename the folder, changes nothing and returns `false`.
    fn rename_or_not(&self, from: &Path, to: &Path) -> Result<bool> {
        let renamed = self
            .step("rename")
            .and_then(|()| match self.is_below(from) {
                true => Err(io::ErrorKind::CrossesDevices.into()),
                false => fs::rename(from, to),
            });
        match renamed {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices && is_folder(from) => {
                return Ok(false);
            }
            Err(error) => return Err(StoreError::io("rename", from, error).into()),
        }
        self.sync_folder_of(to)?;
        if from.parent() != to.parent() {
            self.sync_folder_of(from)?;
        }
        Ok(true)
    }

    /// Returns true if a test pretends that the folder is on a lower layer of an overlay.
    fn is_below(&self, _from: &Path) -> bool {
        #[cfg(debug_assertions)]
        if let Some(steps) = &self.steps {
            // A folder that was just made is on the upper layer.
            let is_fresh = _from.extension().is_some_and(|new| new == "new")
                || _from.to_string_lossy().contains("/tmp/spool-");
            return steps.what == "EXDEV" && !is_fresh && is_folder(_from);
        }
        false
    }

    /// Copies a folder with all its contents, and writes the copy through to the disk. Links are copied as links.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let found = fs::symlink_metadata(from)?;
        self.step("copy")?;
        if found.is_dir() {
            fs::create_dir(to)?;
            for entry in fs::read_dir(from)? {
                let name = entry?.file_name();
                self.copy(&from.join(&name), &to.join(&name))?;
            }
            fs::set_permissions(to, found.permissions())?;
        } else if found.is_file() {
            fs::copy(from, to)?;
            let file = OpenOptions::new().write(true).open(to)?;
            file.set_modified(found.modified()?)?;
            return self.sync("fsync", &file);
        } else {
            #[cfg(unix)]
            return std::os::unix::fs::symlink(fs::read_link(from)?, to);
        }
        #[cfg(unix)]
        self.step("fsync the folder")
            .and_then(|()| match self.durable {
                true => sync_folder(to),
                false => Ok(()),
            })?;
        Ok(())
    }

    /// Exchanges two folders, durably and in one step.
    ///
    /// # Errors
    /// An error of the system, or a system without this call.
    pub(super) fn exchange(&self, fresh: &Path, old: &Path) -> Result<()> {
        self.step("exchange")
            .and_then(|()| exchange(fresh, old))
            .map_err(|error| {
                StoreError::io("replace", old, error).with_hint(
                    "nothing was changed; if this disk cannot exchange two folders in one step, delete the old \
                     folder first",
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
                    .with_hint(
                        "it is unknown if the change was written: check before you call again",
                    )
                    .into()
            })
    }

    /// Removes a file, if it still exists. Used for clean-up after the commit.
    ///
    /// # Errors
    /// An error of the system.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("unlink")?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a folder and its contents. A link to a folder is removed, but not its target. Errors are ignored: the
    /// folder is no longer part of the state, and the next delete removes files that remain.
    pub(super) fn remove_folder(&self, path: &Path) {
        if fs::symlink_metadata(path).is_ok() && self.step("remove a folder").is_ok() {
            let _ = fs::remove_dir_all(path);
        }
    }

    /// Removes a part of a folder. The folder may be very large, and one call has little time.
    pub(super) fn remove_some(&self, path: &Path) {
        /// The greatest number of files that one call removes. This takes about 30 ms.
        const AT_ONCE: usize = 5000;
        if fs::symlink_metadata(path).is_ok() && self.step("remove a folder").is_ok() {
            let mut left = AT_ONCE;
            let _ = remove(path, &mut left);
        }
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Removes a file, a link or a folder. Fails after it has removed `left` files.
fn remove(path: &Path, left: &mut usize) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        *left = left
            .checked_sub(1)
            .ok_or_else(|| io::Error::other("the next call removes the rest"))?;
        return fs::remove_file(path);
    }
    for entry in fs::read_dir(path)? {
        remove(&entry?.path(), left)?;
    }
    fs::remove_dir(path)
}

/// A file's next content, written beside the file but not yet in its place. If this value is dropped, the new content
/// is removed.
#[derive(Debug)]
pub(super) struct Prepared<'d> {
    disk: &'d Disk,
    path: PathBuf,
    /// The path of the new content; `None` after the rename.
    fresh: Option<PathBuf>,
    file: File,
}

impl Prepared<'_> {
    /// Puts the new content in its place durably: fsyncs it, renames it, and fsyncs the folder.
    ///
    /// # Errors
    /// A failed step. The old file is then unchanged, unless only the last fsync failed.
    pub(super) fn place(self) -> Result<()> {
        let (disk, path) = (self.disk, self.path.clone());
        disk.sync("fsync", &self.file)
            .map_err(|error| StoreError::io("write", &path, error))?;
        self.rename()?;
        disk.sync_folder_of(&path)
    }

    /// Renames the new content, so that it replaces the old file.
    fn rename(mut self) -> Result<()> {
        let Some(fresh) = &self.fresh else {
            return Ok(());
        };
        self.disk
            .step("rename")
            .and_then(|()| fs::rename(fresh, &self.path))
            .map_err(|error| StoreError::io("write", &self.path, error))?;
        self.fresh = None;
        Ok(())
    }
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        if let Some(fresh) = &self.fresh {
            // An error is ignored, because the next write of the same file overwrites this one.
            let _ = self.disk.remove(fresh);
        }
    }
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

/// Does nothing: Windows cannot fsync a folder, and it journals renames.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes a new file readable and writable only by its owner, because environment variables hold secrets.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The path of a file's next content before it replaces the file. The name is always the same, so that the files of
/// killed processes are overwritten and do not accumulate. Because of the lock on the resource, two writers never use
/// the name at the same time.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Opens a regular file for reading. Refuses files on which a read might never end: a pipe without a writer, a device
/// without an end.
pub(super) fn open(path: &Path) -> io::Result<(File, fs::Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Without this flag, opening a pipe would wait for a writer.
        let flags = rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    match metadata.is_file() || metadata.is_dir() {
        true => Ok((file, metadata)),
        false => Err(io::Error::other("it is not a regular file")),
    }
}

/// Reads a whole file; `None` if it does not exist.
///
/// # Errors
/// A file that exists but cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match bytes(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path, error).into()),
    }
}

/// Reads all bytes of an open file.
pub(super) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, metadata) = open(path)?;
    let length = usize::try_from(metadata.len()).unwrap_or_default();
    // The buffer is one byte longer than the file. If a read does not fill it, the read has reached the end of the
    // file, and no second read is needed.
    let mut bytes = vec![0; length.saturating_add(1)];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if filled == length {
            break;
        }
    }
    if filled > length {
        // The file has grown since it was opened.
        file.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads a JSON state file; `None` if it does not exist.
///
/// # Errors
/// A file that exists but cannot be read, or has other contents than it should. The message names the position of the
/// error.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read(path)? else {
        return Ok(None);
    };
    match serde_json::from_slice(&bytes) {
        // Only an object is accepted. serde would also read a list as a struct, and an empty list as a struct of
        // default values.
        Ok(value) if bytes.trim_ascii_start().first() == Some(&b'{') => Ok(Some(value)),
        read => Err(invalid(path, &bytes, read.err())),
    }
}

/// The error for a state file with other contents than it should have.
fn invalid(path: &Path, bytes: &[u8], error: Option<serde_json::Error>) -> Failure {
    let told = match error {
        None => "not a valid state file: no JSON object".to_owned(),
        Some(_) if bytes.is_empty() => "the file is empty".to_owned(),
        Some(error) => format!("not a valid state file: {}", plain(&error)),
    };
    StoreError::content(path, told).into()
}

/// A state file's text, pretty-printed for people and `git diff`. The value is first converted to a
/// [`Value`](serde_json::Value). The text is the same as without the conversion. Other code needs the conversion
/// anyway, and with it, no printing code is generated for the types of the state.
pub fn json_text<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("plain data becomes JSON");
    let mut text = serde_json::to_vec_pretty(&value).expect("a value becomes JSON");
    text.push(b'\n');
    text
}

/// The same text on one line, for files to which lines are appended.
pub fn json_line<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("plain data becomes JSON");
    let mut text = value.to_string().into_bytes();
    text.push(b'\n');
    text
}

/// The names in a folder, sorted bytewise; empty if the folder does not exist. Names that are not UTF-8 are skipped,
/// because no file of a state directory has such a name.
///
/// # Errors
/// A folder that exists but cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    each_name(folder, &mut |name| names.push(name))?;
    names.sort_unstable();
    Ok(names)
}

/// The names in a folder that come after `after`, sorted bytewise; at most `most` of them.
///
/// # Errors
/// The errors of [`names`].
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

/// Calls `each` with every name in a folder, in any order.
///
/// # Errors
/// The errors of [`names`].
pub(super) fn each_name(folder: &Path, each: &mut dyn FnMut(String)) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_file_whole_whatever_its_length_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for text in ["", "a", &"long".repeat(10_000)] {
            fs::write(&path, text).expect("written");
            assert_eq!(bytes(&path).expect("read"), text.as_bytes());
        }
        // A file of `/proc` has the length 0, but reading it returns bytes.
        if cfg!(target_os = "linux") {
            let status = bytes(Path::new("/proc/self/status")).expect("read");
            assert!(status.starts_with(b"Name:") && status.ends_with(b"\n"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_is_rewritten_where_it_lies_and_torn_it_is_none() {
        use std::os::unix::fs::MetadataExt as _;

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache.json");
        let disk = |steps: Option<&str>| Disk::new(true, steps);
        let read = || fs::read_to_string(&path).expect("read");
        let inode = || fs::metadata(&path).expect("there").ino();
        disk(None)
            .rewrite_cache(&path, b"{\"A\": 10}")
            .expect("made");
        let first = inode();
        disk(None)
            .rewrite_cache(&path, b"{\"A\": 9}")
            .expect("written");
        assert_eq!((read().as_str(), inode()), ("{\"A\": 9}", first));
        for step in 1.. {
            let plan = format!("{step}:EIO");
            let written = disk(Some(&plan)).rewrite_cache(&path, b"{\"A\": 8}");
            if written.is_ok() {
                assert!(step > 3);
                break;
            }
            let left = serde_json::from_str::<serde_json::Value>(&read());
            assert!(left.is_err() || step == 1, "{step}: {left:?}");
        }
        // Somebody else gave the file a second name. The file under that name must not change.
        let copy = folder.path().join("copy.json");
        fs::hard_link(&path, &copy).expect("linked");
        disk(None).rewrite_cache(&path, b"{}").expect("written");
        assert_eq!(read(), "{}");
        assert_eq!(fs::read_to_string(&copy).expect("read"), "{\"A\": 8}");
    }
}
