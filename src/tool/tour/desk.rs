//! The folder of a lesson: `lambdry-lesson-versions/` in the current folder. It holds the zips, the state and a file
//! that names the lesson. Nothing outside of it is changed.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    lesson::{LESSONS, Lesson, ONE, TWO},
    progress,
};
use crate::{
    face::{exit::Stop, world::Process},
    store::stubs::words_and_quote,
    tool::captured,
};

/// The first part of the names of lesson folders.
const PREFIX: &str = "lambdry-lesson-";

/// The file that names the lesson of a folder.
const MARK: &str = "LESSON";

/// The file that holds the time of a lesson's clock, and the moment at which the clock starts.
const CLOCK: &str = "clock";
const BEGINS: &str = "2026-11-22T12:00:00Z\n";

/// A lesson's folder.
#[derive(Debug)]
pub(super) struct Desk {
    /// The lesson.
    pub(super) lesson: &'static Lesson,
    /// The folder.
    pub(super) folder: PathBuf,
}

impl Desk {
    /// The folder of the state.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// The folder's name.
    pub(super) fn name(&self) -> String {
        format!("{PREFIX}{}", self.lesson.name)
    }

    /// The folder of a lesson inside the given folder.
    pub(super) fn at(above: &Path, lesson: &'static Lesson) -> Self {
        let folder = above.join(format!("{PREFIX}{}", lesson.name));
        Self { lesson, folder }
    }

    /// Returns true if the lesson was begun in its folder.
    pub(super) fn is_begun(&self) -> bool {
        mark(&self.folder).is_some_and(|marked| marked.name == self.lesson.name)
    }

    /// Saves the number of checks that held.
    pub(super) fn keep_progress(&self, held: usize) -> Result<(), Stop> {
        let path = self.folder.join(progress::FILE);
        Ok(fs::write(&path, format!("{held}\n")).with_context(|| cannot("write", &path))?)
    }

    /// The variables that select the desk. They set a clock, and the same ids, account and region for everybody.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            (
                "LAMBDRY_STATE_DIR",
                self.state().to_string_lossy().into_owned(),
            ),
            (
                "LAMBDRY_NOW",
                self.folder.join(CLOCK).to_string_lossy().into_owned(),
            ),
            ("LAMBDRY_SEED", "tour".to_owned()),
            ("LAMBDRY_SETTLE", self.lesson.settle.to_owned()),
            ("LAMBDRY_ACCOUNT_ID", "123456789012".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    /// A process that works on the desk, without the environment of this process.
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

    /// Opens the desk of a lesson. It is in the folder that contains the current desk, or in the current folder.
    /// Returns true if the desk was made.
    pub(super) fn open(lesson: &'static Lesson, cwd: &Path) -> Result<(Self, bool), Stop> {
        let above = beside(cwd);
        let desk = Self::at(above, lesson);
        if desk.folder.to_str().is_none() {
            return Err(Stop::Store(
                format!(
                    "a lesson cannot be in {}: its name is not UTF-8",
                    above.display()
                ),
                Some("go to another folder".to_owned()),
            ));
        }
        if desk.is_begun() {
            return Ok((desk, false));
        }
        match fs::read_dir(&desk.folder).map(|mut entries| entries.next().is_none()) {
            Ok(false) => {
                return Err(Stop::Store(
                    format!(
                        "{} exists already and is not the folder of a lesson",
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

    /// The desk of a process. If the process's variables name the state of a desk, it is that desk. Otherwise it is the
    /// current folder, if that is a desk, or the only desk in the current folder.
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
                Some(format!("go into the folder of one of them, for example {}", desk.name())),
            )),
            (None, _) => Err(Stop::Store(
                "this folder has no lesson".to_owned(),
                Some("lambdry tour list shows the lessons, and lambdry tour versions begins with the first".to_owned()),
            )),
        }
    }

    /// Returns true if a process's calls go to this desk's state.
    pub(super) fn is_set(&self, process: &Process) -> bool {
        self.variables().iter().all(|(name, value)| match *name {
            "LAMBDRY_STATE_DIR" | "LAMBDRY_NOW" => process
                .path(name)
                .is_some_and(|path| process.cwd.join(path) == Path::new(value)),
            name => process.var(name) == Some(value),
        })
    }

    /// Starts over: deletes the work in the folder, and makes the zips and the state again.
    pub(super) fn reset(&self) -> Result<(), Stop> {
        let state = self.state();
        // If the state is a link, the link is removed and its target stays.
        let gone = match fs::symlink_metadata(&state) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&state),
            Ok(_) => fs::remove_file(&state),
            Err(_) => Ok(()),
        };
        gone.with_context(|| cannot("remove", &state))?;
        self.furnish()
    }

    fn furnish(&self) -> Result<(), Stop> {
        let write = |name: &str, text: &str| {
            let path = self.folder.join(name);
            let written = match path.parent() {
                Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)),
                None => Ok(()),
            };
            written.with_context(|| cannot("write", &path))
        };
        let progress = self.folder.join(progress::FILE);
        match fs::remove_file(&progress) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(anyhow::Error::new(error)
                    .context(cannot("remove", &progress))
                    .into());
            }
            _ => {}
        }
        write(CLOCK, BEGINS)?;
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
        for (name, text) in self.lesson.files {
            write(name, text)?;
        }
        // This file is written last, because an incomplete folder is not a lesson.
        Ok(write(MARK, &format!("{}\n", self.lesson.name))?)
    }
}

/// The folder that contains a process's lessons. If the process's variables name a lesson, or if it works in one, this
/// is the folder above that lesson; otherwise it is the current folder.
pub(super) fn above(process: &Process) -> PathBuf {
    let named = process
        .path("LAMBDRY_STATE_DIR")
        .and_then(|state| process.cwd.join(state).parent().map(Path::to_owned))
        .filter(|folder| mark(folder).is_some());
    beside(&named.unwrap_or_else(|| process.cwd.clone())).to_owned()
}

/// The folder that contains the given lesson folder. If the given folder is not a lesson's, returns it unchanged.
fn beside(folder: &Path) -> &Path {
    match mark(folder) {
        Some(_) => folder.parent().unwrap_or(folder),
        None => folder,
    }
}

/// The lesson of a folder; `None` if the folder is not a lesson's.
fn mark(folder: &Path) -> Option<&'static Lesson> {
    let name = fs::read_to_string(folder.join(MARK)).ok()?;
    LESSONS.iter().find(|lesson| lesson.name == name.trim())
}

/// A package with one file, with the same bytes every time.
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

/// Writes a package with one file to the given path.
pub(super) fn write_zip(path: &Path, code: &str) -> Result<(), Stop> {
    Ok(fs::write(path, zip(code)?).with_context(|| cannot("write", path))?)
}

fn cannot(action: &str, path: &Path) -> String {
    format!("cannot {action} {}", path.display())
}
