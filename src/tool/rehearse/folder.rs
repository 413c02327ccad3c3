//! The folder of the stage. lambdry makes it, holds its lock as long as the rehearsal lives, and clears it. Stages that
//! killed rehearsals left are cleared too.
//!
//! It lies beside the state, because copies on the same disk may share blocks. If that is not possible, it lies in the
//! folder for temporary files.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink,
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    processes,
    stage::{PREFIX, Rehearsal},
    tally,
};
use crate::store::lock::{self, Lock};

/// The age at which an unfinished stage is cleared, and the age at which a session that nobody ended is cleared.
const FORGOTTEN: [Duration; 2] = [Duration::from_secs(600), Duration::from_secs(7 * 86_400)];

/// The prefix of the name of a folder that every user may enter, and the stage's link to it.
const FOR_ALL: (&str, &str) = (".lambdry-for-all-", "for-all");

/// A stage. It is cleared when this value is dropped, unless it belongs to a session.
#[derive(Debug)]
pub(crate) struct Stage {
    root: PathBuf,
    lasts: bool,
    _lock: Option<Lock>,
}

impl Stage {
    /// Makes a stage for the given state directory. Clears the stages that killed rehearsals left there.
    ///
    /// # Errors
    /// The stage cannot be made beside the state, and not in the folder for temporary files either.
    pub(crate) fn make(state: &Path, temporary: &Path) -> io::Result<Self> {
        let beside = state.canonicalize().unwrap_or_else(|_| state.to_owned());
        // A folder with a colon in its name cannot be on PATH.
        let holds = |folder: &&Path| folder.is_dir() && !folder.to_string_lossy().contains(':');
        let beside = beside.parent().filter(holds);
        for folder in beside.into_iter().chain([temporary]) {
            clear_abandoned(folder);
            match Self::make_in(folder) {
                Ok(stage) => return Ok(stage),
                Err(error) if folder == temporary => return Err(error),
                // If nobody can write the state, nobody can write the folder around it either.
                Err(_) => {}
            }
        }
        unreachable!("the last folder answers")
    }

    fn make_in(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let root = builder.tempdir_in(folder)?;
        // Nobody clears a folder without a `rehearsal.json`. This file is written only when the lock is held.
        let lock = lock::at_once(&root.path().join("lock"))?;
        // This hides the stage from a script that checks if its working copy is clean.
        fs::write(root.path().join(".gitignore"), "*\n")?;
        let root = root.keep();
        let stage = Self {
            // PATH needs an absolute path. The path has no links, so that a script's `cd -P` leads to the same path.
            root: root.canonicalize().unwrap_or(root),
            lasts: false,
            _lock: lock,
        };
        fs::write(tally::of(&stage.calls()), "")?;
        Ok(stage)
    }

    /// The stage of a session.
    pub(crate) fn of_session(root: PathBuf) -> Self {
        Self {
            root,
            lasts: true,
            _lock: None,
        }
    }

    /// Sets if the stage stays after this process has ended.
    pub(crate) fn last(&mut self, lasts: bool) {
        self.lasts = lasts;
    }

    /// The stage's path.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The fork.
    pub(crate) fn fork(&self) -> PathBuf {
        self.root.join("fork")
    }

    /// The folder that is first on PATH.
    pub(crate) fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// The call log.
    pub(crate) fn calls(&self) -> PathBuf {
        self.root.join("calls.jsonl")
    }

    /// Makes links to `program` under the given names.
    ///
    /// # Errors
    /// When a link cannot be made.
    pub(crate) fn stand_in(&self, program: &Path, names: &[&str]) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(self.bin())?;
        names
            .iter()
            .try_for_each(|name| symlink(program, self.bin().join(name)))
    }

    /// Writes a file of the stage, and makes the file's folder if necessary.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, name: &str, text: &[u8]) -> io::Result<PathBuf> {
        let path = self.root.join(name);
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            DirBuilder::new().mode(0o700).create(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&path)?.write_all(text)?;
        Ok(path)
    }

    /// Writes a file that every user of this machine may read, because the script's programs may run as another one. It
    /// lies in a folder of its own in `temporary`, since only this user may enter the stage. The folder is cleared with
    /// the stage.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub(crate) fn write_for_all(
        &self,
        name: &str,
        text: &[u8],
        temporary: &Path,
    ) -> io::Result<PathBuf> {
        let (prefix, link) = FOR_ALL;
        let folder = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(temporary)?;
        // A program that runs in another folder needs the whole path.
        let path = folder.path().canonicalize()?.join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        symlink(folder.path(), self.root.join(link))?;
        let _ = folder.keep();
        Ok(path)
    }

    /// Writes the facts that the stand-in commands need.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn describe(&self, rehearsal: &Rehearsal) -> io::Result<()> {
        // A path that is not UTF-8 cannot be written.
        let text = serde_json::to_vec_pretty(&serde_json::to_value(rehearsal)?)?;
        self.write("rehearsal.json", &text).map(drop)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.lasts {
            remove(&self.root);
        }
    }
}

/// Removes a stage. A process that is just ending may still write files into the stage, so further attempts remove
/// those files.
fn remove(root: &Path) {
    let (prefix, link) = FOR_ALL;
    if let Ok(folder) = fs::read_link(root.join(link))
        && let Some(name) = folder.file_name()
        && name.to_string_lossy().starts_with(prefix)
    {
        let _ = fs::remove_dir_all(folder);
    }
    for _ in 0..3 {
        match fs::remove_dir_all(root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {}
            _ => return,
        }
    }
}

/// The sessions that use the given state directory and have not ended.
pub(crate) fn sessions(state: &Path, temporary: &Path) -> Vec<PathBuf> {
    let state = state.canonicalize().unwrap_or_else(|_| state.to_owned());
    let folders = state.parent().into_iter().chain([temporary]);
    let mut sessions: Vec<PathBuf> = folders
        .flat_map(stages)
        .filter(|stage| Rehearsal::read(stage).is_some_and(|it| it.session && it.parent == state))
        .collect();
    sessions.sort();
    sessions.dedup();
    sessions
}

/// The subfolders that have a stage's name and belong to this user.
fn stages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .filter(|path| {
            let us = rustix::process::geteuid().as_raw();
            // A link is not followed, because it could lead to a folder that must not be removed.
            fs::symlink_metadata(path).is_ok_and(|it| it.is_dir() && it.uid() == us)
        })
        .collect()
}

/// Clears the stages that killed rehearsals left in a folder. Keeps a stage that may still be in use. Such a stage has
/// a lock that somebody holds, a process's environment names it, somebody is still making it, or it belongs to a
/// session.
fn clear_abandoned(folder: &Path) {
    for stage in stages(folder) {
        let age = fs::metadata(stage.join("calls.jsonl"))
            .or_else(|_| fs::metadata(&stage))
            .and_then(|it| it.modified())
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok())
            .unwrap_or_default();
        let [half_made, session] = FORGOTTEN;
        let is_over = match Rehearsal::read(&stage) {
            Some(rehearsal) if rehearsal.session => age > session,
            Some(_) => true,
            None => age > half_made && holds_only_ours(&stage),
        };
        if is_over
            && stage.join("lock").is_file()
            && let Ok(Some(_lock)) = lock::at_once(&stage.join("lock"))
            && processes::of(&stage).is_empty()
        {
            remove(&stage);
        }
    }
}

/// Returns true if a half-made stage holds only files that lambdry makes.
fn holds_only_ours(stage: &Path) -> bool {
    const OURS: [&str; 9] = [
        FOR_ALL.1,
        ".gitignore",
        "lock",
        "clock",
        "fork",
        "bin",
        "aws",
        "bashenv",
        "rehearsal.json",
    ];
    fs::read_dir(stage).is_ok_and(|mut entries| {
        entries.all(|entry| {
            entry.is_ok_and(|entry| OURS.iter().any(|ours| entry.file_name() == *ours))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state directory with an abandoned stage beside it.
    fn abandoned() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        fs::create_dir(&state).unwrap();
        let mut stage = Stage::make(&state, folder.path()).unwrap();
        let rehearsal = Rehearsal {
            calls: stage.calls(),
            ..Rehearsal::default()
        };
        stage.describe(&rehearsal).unwrap();
        stage.last(true);
        let left = stage.root().to_owned();
        (folder, state, left)
    }

    #[test]
    fn is_made_beside_the_state_and_goes_with_the_rehearsal() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let stage = Stage::make(&state, Path::new("/nowhere")).unwrap();
        let root = stage.root().to_owned();
        assert_eq!(
            root.parent().unwrap(),
            folder.path().canonicalize().unwrap()
        );
        assert_eq!(fs::metadata(&root).unwrap().mode() & 0o777, 0o700);
        drop(stage);
        assert!(!root.exists());
    }

    #[test]
    fn a_file_for_all_can_be_read_by_other_users_and_goes_with_the_stage() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let stage = Stage::make(&state, Path::new("/nowhere")).unwrap();
        let file = stage.write_for_all("a", b"text", folder.path()).unwrap();
        let around = file.parent().unwrap().to_owned();
        assert!(!file.starts_with(stage.root()));
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&file), mode(&around)), (0o644, 0o755));
        drop(stage);
        assert!(!around.exists());
    }

    #[test]
    fn is_made_elsewhere_when_the_state_has_no_folder_to_lie_in() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("no/such/state");
        let stage = Stage::make(&state, folder.path()).unwrap();
        assert!(
            stage
                .root()
                .starts_with(folder.path().canonicalize().unwrap())
        );
    }

    #[test]
    fn the_next_rehearsal_clears_what_a_killed_one_left() {
        let (folder, state, left) = abandoned();
        assert!(left.exists());
        drop(Stage::make(&state, folder.path()).unwrap());
        assert!(!left.exists());
    }

    #[test]
    fn a_living_stage_and_what_is_not_ours_are_not_touched() {
        let (folder, state, left) = abandoned();
        let held = lock::at_once(&left.join("lock")).unwrap().unwrap();
        let foreign = folder.path().join(format!("{PREFIX}foreign"));
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("rehearsal.json"), "[]").unwrap();
        fs::write(foreign.join("lock"), "").unwrap();
        let link = folder.path().join(format!("{PREFIX}link"));
        symlink(&left, &link).unwrap();
        drop(Stage::make(&state, folder.path()).unwrap());
        assert!(left.exists() && foreign.exists() && link.exists());
        drop(held);
        drop(Stage::make(&state, folder.path()).unwrap());
        assert!(!left.exists() && foreign.exists());
    }

    #[test]
    fn a_session_lasts() {
        let (folder, state, left) = abandoned();
        let session = Rehearsal {
            session: true,
            calls: left.join("calls.jsonl"),
            parent: state.canonicalize().unwrap(),
            ..Rehearsal::default()
        };
        Stage::of_session(left.clone()).describe(&session).unwrap();
        drop(Stage::make(&state, folder.path()).unwrap());
        assert_eq!(sessions(&state, folder.path()), [left]);
    }
}
