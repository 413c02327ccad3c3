//! `--once`: a command runs once. Later calls replay the command's output, its exit code, and its files in the script's
//! folder. The option is meant for builds, which a sweep would otherwise repeat in every run.
//!
//! ```text
//! <replays>/<key>/output      its output, piece by piece: stream, length, bytes
//! <replays>/<key>/left.json   its exit code, and the files that it removed
//! <replays>/<key>/files/…     the files that it made or changed, below the script's folder
//! ```
//!
//! The key is the command together with its folder, so the same command has another key in another folder. Effects
//! outside the script's folder, such as an image or a cache in the home directory, stay as they are and are not
//! replayed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    os::unix::{
        fs::{MetadataExt as _, symlink},
        process::{CommandExt as _, ExitStatusExt as _},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::state::function::hex;

/// The folder of the records, and the folder of the script.
#[derive(Debug)]
pub(super) struct Replays<'a> {
    /// The folder of the records.
    pub(super) kept: &'a Path,
    /// The script's folder.
    pub(super) folder: &'a Path,
    /// lambdry's own folders inside the script's folder. They are never recorded and never changed.
    pub(super) ours: &'a [&'a Path],
}

/// `left.json`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Left {
    code: u8,
    removed: Vec<PathBuf>,
}

/// The stamps of a file. They show if somebody has written the file since.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Replays<'_> {
    /// Makes the key of a command.
    pub(super) fn key(&self, program: &str, words: &[String], cwd: &Path) -> String {
        // Every run of a sweep has its own copy of the folder. The copy's path is therefore left out of the key.
        let folder = self.folder.to_string_lossy();
        let plain = |word: &str| word.replace(&*folder, ".");
        let mut hasher = Sha256::new();
        for word in [program, &*cwd.to_string_lossy()]
            .into_iter()
            .chain(words.iter().map(String::as_str))
        {
            let word = plain(word);
            hasher.update(word.len().to_le_bytes());
            hasher.update(word);
        }
        hex(&hasher.finalize()[..16])
    }

    /// Replays a command and returns its exit code; `None` if the command has not run yet.
    ///
    /// # Errors
    /// When the record cannot be read, or its files cannot be restored.
    pub(super) fn replay(
        &self,
        key: &str,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<Option<u8>> {
        let kept = self.kept.join(key);
        let left = match fs::read(kept.join("left.json")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let left: Left = serde_json::from_slice(&left)?;
        for path in &left.removed {
            remove(&self.folder.join(path))?;
        }
        put(&kept.join("files"), self.folder)?;
        let mut pieces = BufReader::new(File::open(kept.join("output"))?);
        let mut head = [0; 5];
        loop {
            match pieces.read_exact(&mut head) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(error),
            }
            let [stream, length @ ..] = head;
            let to: &mut dyn Write = if stream == 1 { out } else { err };
            let length = u64::from(u32::from_le_bytes(length));
            // It is possible that nobody reads the stream any more. The rest of the script must still go on.
            let _ = io::copy(&mut (&mut pieces).take(length), to).and_then(|_| to.flush());
        }
        Ok(Some(left.code))
    }

    /// Runs a command and records it.
    ///
    /// # Errors
    /// The command cannot be started. If the record cannot be saved, `err` gets a message, and the command runs again
    /// the next time.
    pub(super) fn record(&self, key: &str, command: &mut Command) -> io::Result<u8> {
        let before = self.scan()?;
        fs::create_dir_all(self.kept)?;
        let fresh = tempfile::Builder::new()
            .prefix("new-")
            .tempdir_in(self.kept)?;
        let output = Mutex::new(File::create(fresh.path().join("output"))?);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let whole = std::thread::scope(|scope| {
            let err =
                scope.spawn(|| stderr.is_none_or(|from| tee(from, 2, &mut io::stderr(), &output)));
            let out = stdout.is_none_or(|from| tee(from, 1, &mut io::stdout(), &output));
            out && err.join().unwrap_or(false)
        });
        let status = child.wait()?;
        let code = status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal))
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(255);
        let kept = || {
            let after = self.scan()?;
            let files = fresh.path().join("files");
            fs::create_dir_all(&files)?;
            for (path, stamp) in &after {
                if before.get(path) != Some(stamp) {
                    copy(&self.folder.join(path), &files.join(path))?;
                }
            }
            let left = Left {
                code,
                removed: before
                    .into_keys()
                    .filter(|path| !after.contains_key(path))
                    .collect(),
            };
            fs::write(fresh.path().join("left.json"), serde_json::to_vec(&left)?)
        };
        // If the command was stopped, it is not recorded.
        if whole && status.signal().is_none() {
            kept()?;
            let fresh = fresh.keep();
            // Another caller ran the command at the same time. Only one of the two runs is kept and replayed.
            if fs::rename(&fresh, self.kept.join(key)).is_err() {
                fs::remove_dir_all(&fresh)?;
            }
        }
        Ok(code)
    }

    /// Every file, folder and link below the script's folder. The key is the path relative to this folder.
    fn scan(&self) -> io::Result<BTreeMap<PathBuf, Stamp>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                if self.ours.iter().any(|ours| path == *ours) {
                    continue;
                }
                // A file that disappears during the walk counts as gone.
                let Ok(metadata) = fs::symlink_metadata(&path) else {
                    continue;
                };
                let is_folder = metadata.is_dir();
                // A folder's times change with its contents, and the contents have their own stamps.
                let times = |seconds, nanoseconds| {
                    if is_folder {
                        (0, 0)
                    } else {
                        (seconds, nanoseconds)
                    }
                };
                let stamp = Stamp {
                    inode: metadata.ino(),
                    size: if is_folder { 0 } else { metadata.size() },
                    mode: metadata.mode(),
                    modified: times(metadata.mtime(), metadata.mtime_nsec()),
                    changed: times(metadata.ctime(), metadata.ctime_nsec()),
                };
                if let Ok(below) = path.strip_prefix(self.folder) {
                    found.insert(below.to_owned(), stamp);
                }
                if is_folder {
                    folders.push(path);
                }
            }
        }
        Ok(found)
    }
}

/// Passes on a command's output and records it. Returns true if the whole output was recorded.
fn tee(mut from: impl Read, stream: u8, to: &mut dyn Write, output: &Mutex<File>) -> bool {
    let mut chunk = vec![0; 1 << 16];
    let mut whole = true;
    loop {
        let n = match from.read(&mut chunk) {
            Ok(0) => return whole,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return false,
        };
        // It is possible that nobody reads the stream any more. A build that is being recorded still goes on.
        let _ = to.write_all(&chunk[..n]).and_then(|()| to.flush());
        let length = u32::try_from(n).expect("a chunk is small").to_le_bytes();
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = output
            .write_all(&[stream])
            .and_then(|()| output.write_all(&length))
            .and_then(|()| output.write_all(&chunk[..n]));
        whole &= kept.is_ok();
    }
}

/// Copies everything in a folder into another folder.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if !target.is_dir() {
                remove(&target)?;
                fs::create_dir_all(&target)?;
                fs::set_permissions(&target, entry.metadata()?.permissions())?;
            }
            put(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Copies one file, link or folder (without its contents), with its mode and its time, because `make` compares times.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    if metadata.is_dir() {
        fs::create_dir_all(to)?;
        return fs::set_permissions(to, metadata.permissions());
    }
    // A file is never overwritten in place, because another name may be a hard link to the same file.
    remove(to)?;
    if metadata.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    if metadata.is_file() {
        fs::copy(from, to)?;
        // A read-only file gets the same time as well, if that is possible.
        if let Ok(file) = File::options().append(true).open(to) {
            file.set_modified(metadata.modified()?)?;
        }
    }
    Ok(())
}

/// Removes the file, link or folder, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The command to record. It is the real program, with unchanged words.
pub(super) fn command(program: &Path, called: &str, args: &[std::ffi::OsString]) -> Command {
    let mut command = Command::new(program);
    command.arg0(called).args(args);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(folder: &Path, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).current_dir(folder);
        command
    }

    #[test]
    fn a_command_is_replayed_into_another_copy_of_the_folder() {
        let place = tempfile::tempdir().expect("a folder");
        let (kept, one, two) = (
            place.path().join("kept"),
            place.path().join("one"),
            place.path().join("two"),
        );
        for folder in [&one, &two] {
            fs::create_dir(folder).expect("a folder");
            fs::write(folder.join("old"), "old").expect("a file");
            fs::write(folder.join("same"), "same").expect("a file");
        }
        let ours = one.join("stage");
        let first = Replays {
            kept: &kept,
            folder: &one,
            ours: &[&ours],
        };
        let words = vec![one.join("x").to_string_lossy().into_owned()];
        let key = first.key("make", &words, &one);
        let nothing = &mut io::sink();
        assert_eq!(
            first
                .replay(&key, nothing, &mut io::sink())
                .expect("a folder"),
            None
        );
        let script = "mkdir -p dist stage; echo new > dist/app; chmod 755 dist/app; ln -s app dist/link; rm old; \
                      echo x > stage/x; exit 3";
        assert_eq!(
            first
                .record(&key, &mut shell(&one, script))
                .expect("a shell"),
            3
        );
        let second = Replays {
            kept: &kept,
            folder: &two,
            ours: &[],
        };
        let words = vec![two.join("x").to_string_lossy().into_owned()];
        assert_eq!(second.key("make", &words, &two), key);
        assert_ne!(second.key("make", &[], &two), key);
        assert_eq!(
            second
                .replay(&key, &mut io::sink(), &mut io::sink())
                .expect("kept"),
            Some(3)
        );
        assert_eq!(
            fs::read_to_string(two.join("dist/link")).expect("a link"),
            "new\n"
        );
        let app = fs::metadata(two.join("dist/app")).expect("a file");
        assert_eq!(app.mode() & 0o777, 0o755);
        let before = fs::metadata(one.join("dist/app")).expect("a file");
        assert_eq!(
            app.modified().expect("a time"),
            before.modified().expect("a time")
        );
        assert!(
            !two.join("old").exists() && two.join("same").exists() && !two.join("stage").exists()
        );
    }

    #[test]
    fn output_is_replayed_stream_by_stream_and_a_stopped_command_is_not_kept() {
        let place = tempfile::tempdir().expect("a folder");
        let kept = place.path().join("kept");
        let folder = place.path().join("work");
        fs::create_dir(&folder).expect("a folder");
        let replays = Replays {
            kept: &kept,
            folder: &folder,
            ours: &[],
        };
        replays
            .record("k", &mut shell(&folder, "echo out; echo err >&2"))
            .expect("a shell");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(
            replays.replay("k", &mut out, &mut err).expect("kept"),
            Some(0)
        );
        assert_eq!(
            (out.as_slice(), err.as_slice()),
            (&b"out\n"[..], &b"err\n"[..])
        );
        assert_eq!(
            replays
                .record("s", &mut shell(&folder, "kill -9 $$"))
                .expect("a shell"),
            137
        );
        assert_eq!(
            replays
                .replay("s", &mut io::sink(), &mut io::sink())
                .expect("a folder"),
            None
        );
    }
}
