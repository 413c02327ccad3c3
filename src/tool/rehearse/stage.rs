//! The stage: a folder that a rehearsal makes and clears, with the fork, the commands that stand in front of the real
//! ones, the call log, and what those commands have to know.
//!
//! ```text
//! <stage>/fork/             a state directory (see [`crate::store::fork`])
//! <stage>/bin/              first on PATH: aws, awslocal, sleep, and what is guarded, all links to us
//! <stage>/calls.jsonl       the call log
//! <stage>/rehearsal.json    a [`Rehearsal`]
//! ```
//!
//! The script's environment names the stage in `LAMBDRY_REHEARSAL`; a script that cleared its environment is found
//! again by the folder on PATH that our link was called from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What the commands in front of the real ones have to know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Rehearsal {
    /// The state directory the script works on: the fork, or with `--in-place` the state itself.
    pub(crate) state: PathBuf,
    /// The call log.
    pub(crate) calls: PathBuf,
    /// PATH without the stage's `bin`, to find the real programs.
    pub(crate) path: String,
    /// `--allow`: patterns of guarded commands that really run.
    pub(crate) allow: Vec<String>,
    /// `--stub`: files of stubs, read before the state directory's own.
    pub(crate) stubs: Vec<PathBuf>,
    /// `--real-sleep`: `sleep` takes its time.
    pub(crate) real_sleep: bool,
    /// `--once`: patterns of commands that run once and are replayed after that (a sweep's).
    pub(crate) once: Vec<String>,
    /// Functions that the script reads or updates and the state does not have are made on first touch.
    pub(crate) assume: bool,
    /// `--absent`: functions that are not assumed.
    pub(crate) absent: Vec<String>,
    /// `--learn`: what would be refused succeeds and says nothing.
    pub(crate) learn: bool,
    /// The script's folder, which `--once` replays into; where the command runs when it is empty.
    pub(crate) folder: PathBuf,
    /// What `--once` replays; `<stage>/once` when it is empty.
    pub(crate) replays: PathBuf,
}

impl Rehearsal {
    /// Reads a stage's; `None` where there is none, or none of ours.
    pub(crate) fn read(stage: &Path) -> Option<Self> {
        let text = std::fs::read(stage.join("rehearsal.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
