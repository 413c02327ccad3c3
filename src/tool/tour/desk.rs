//! A lesson's own folder: `lambdry-lesson-versions/` in the current one, with the zips, the state and a file that says
//! which lesson it is. Nothing outside of it is touched.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::lesson::{LESSONS, Lesson, ONE, TWO};
use crate::{
    face::{exit::Stop, world::Process},
    store::stubs::words_and_quote,
    tool::captured,
};

/// What the folders of lessons begin with.
const PREFIX: &str = "lambdry-lesson-";

/// The file that says which lesson a folder is of.
const MARK: &str = "LESSON";

/// A lesson's folder.
#[derive(Debug)]
pub(super) struct Desk {
    /// The lesson.
    pub(super) lesson: &'static Lesson,
    /// The folder.
    pub(super) folder: PathBuf,
}

impl Desk {
    /// Where the state lies.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// The folder's name.
    pub(super) fn name(&self) -> String {
        format!("{PREFIX}{}", self.lesson.name)
    }

    /// The variables that lead to it: the same moment, ids, account and region for everybody.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            (
                "LAMBDRY_STATE_DIR",
                self.state().to_string_lossy().into_owned(),
            ),
            ("LAMBDRY_NOW", "2026-11-22T12:00:00Z".to_owned()),
            ("LAMBDRY_SEED", "tour".to_owned()),
            ("LAMBDRY_SETTLE", self.lesson.settle.to_owned()),
            ("LAMBDRY_ACCOUNT_ID", "123456789012".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    /// A process that works on it, with nothing of this one's environment.
    pub(super) fn process(&self, line: &str) -> Process {
        Process {
            program: "lambdry".to_owned(),
            args: words_and_quote(line)
                .0
                .into_iter()
                .map(Into::into)
                .collect(),
            env: self
                .variables()
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            cwd: self.folder.clone(),
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            width: 80,
        }
    }

    /// The desk of a lesson, beside the one we are in or in the current folder. Answers whether it was made.
    pub(super) fn open(lesson: &'static Lesson, cwd: &Path) -> Result<(Self, bool), Stop> {
        let above = match mark(cwd) {
            Some(_) => cwd.parent().unwrap_or(cwd),
            None => cwd,
        };
        let desk = Self {
            lesson,
            folder: above.join(format!("{PREFIX}{}", lesson.name)),
        };
        if mark(&desk.folder).is_some_and(|marked| marked.name == lesson.name) {
            return Ok((desk, false));
        }
        match fs::read_dir(&desk.folder).map(|mut entries| entries.next().is_none()) {
            Ok(false) => {
                return Err(Stop::Store(
                    format!(
                        "{} is there already and is no lesson's",
                        desk.folder.display()
                    ),
                    Some("go to another folder, or rename it".to_owned()),
                ));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(anyhow::Error::new(error)
                    .context(cannot("read", &desk.folder))
                    .into());
            }
            _ => {}
        }
        fs::create_dir_all(&desk.folder).with_context(|| cannot("make", &desk.folder))?;
        desk.furnish()?;
        Ok((desk, true))
    }

    /// The desk that a process is at: the one whose state its variables name, else the folder it is in, else the only
    /// one in that folder.
    pub(super) fn here(process: &Process) -> Result<Self, Stop> {
        let at = |folder: &Path| {
            Some(Self {
                lesson: mark(folder)?,
                folder: folder.to_owned(),
            })
        };
        let named = process
            .path("LAMBDRY_STATE_DIR")
            .and_then(|state| at(&process.cwd.join(state.parent()?)));
        if let Some(desk) = named.or_else(|| at(&process.cwd)) {
            return Ok(desk);
        }
        let mut desks: Vec<Self> = LESSONS
            .iter()
            .filter_map(|lesson| at(&process.cwd.join(format!("{PREFIX}{}", lesson.name))))
            .collect();
        match (desks.pop(), desks.is_empty()) {
            (Some(desk), true) => Ok(desk),
            (Some(desk), false) => Err(Stop::Store(
                "there are several lessons here".to_owned(),
                Some(format!("go into the folder of one of them, as {}", desk.name())),
            )),
            (None, _) => Err(Stop::Store(
                "there is no lesson here".to_owned(),
                Some("lambdry tour list shows the lessons, and lambdry tour versions begins with the first".to_owned()),
            )),
        }
    }

    /// Whether a process's calls go to this desk's state.
    pub(super) fn is_set(&self, process: &Process) -> bool {
        self.variables().iter().all(|(name, value)| match *name {
            "LAMBDRY_STATE_DIR" => process
                .path(name)
                .is_some_and(|path| process.cwd.join(path) == self.state()),
            name => process.var(name) == Some(value),
        })
    }

    /// Begins anew: what was done in it goes, zips and state are made again.
    pub(super) fn reset(&self) -> Result<(), Stop> {
        let state = self.state();
        // A link goes, and what it leads to stays.
        let gone = match fs::symlink_metadata(&state) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&state),
            Ok(_) => fs::remove_file(&state),
            Err(_) => Ok(()),
        };
        gone.with_context(|| cannot("remove", &state))?;
        self.furnish()
    }

    fn furnish(&self) -> Result<(), Stop> {
        write_zip(&self.folder.join("one.zip"), ONE)?;
        write_zip(&self.folder.join("two.zip"), TWO)?;
        for line in self.lesson.setup {
            let (code, _, stderr) = captured(self.process(line), &[]);
            if code != 0 {
                return Err(Stop::Other(format!(
                    "cannot prepare the lesson: {line} ended with {code}: {}",
                    stderr.trim()
                )));
            }
        }
        // Last: what is not whole is no lesson.
        let path = self.folder.join(MARK);
        Ok(fs::write(&path, format!("{}\n", self.lesson.name))
            .with_context(|| cannot("write", &path))?)
    }
}

/// The lesson a folder is of.
fn mark(folder: &Path) -> Option<&'static Lesson> {
    let name = fs::read_to_string(folder.join(MARK)).ok()?;
    LESSONS.iter().find(|lesson| lesson.name == name.trim())
}

/// A package with one file, the same bytes every time.
pub(super) fn zip(code: &str) -> Result<Vec<u8>, Stop> {
    let cannot = "cannot make a zip";
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    zip.start_file("app.py", options).context(cannot)?;
    zip.write_all(code.as_bytes())?;
    Ok(zip.finish().context(cannot)?.into_inner())
}

/// Writes such a package.
pub(super) fn write_zip(path: &Path, code: &str) -> Result<(), Stop> {
    Ok(fs::write(path, zip(code)?).with_context(|| cannot("write", path))?)
}

fn cannot(action: &str, path: &Path) -> String {
    format!("cannot {action} {}", path.display())
}
