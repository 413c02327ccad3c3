//! The stage: a folder that a rehearsal makes and clears, with the fork, the commands that stand in front of the real
//! ones, the call log, and what those commands have to know.
//!
//! ```text
//! <stage>/fork/             a state directory (see [`crate::store::fork`])
//! <stage>/bin/              first on PATH: aws, awslocal, lambdry, sleep, and what is guarded, all links to us
//! <stage>/calls.jsonl       the call log
//! <stage>/rehearsal.json    a [`Rehearsal`]
//! <stage>/aws/              the AWS config file and credentials file of the script, which do not lead to AWS
//! <stage>/bashenv           what every bash of the script reads first (see [`super::environment`])
//! <stage>/lock              held as long as the rehearsal lives
//! ```
//!
//! The script's environment names it in `LAMBDRY_REHEARSAL`; a script that cleared its environment is found
//! again by the folder on PATH that our link was called from.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::network::Network;
use crate::operation::ready::Given;

/// How the name of every stage begins.
pub(crate) const PREFIX: &str = ".lambdry-rehearsal-";

/// What the commands in front of the real ones have to know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Rehearsal {
    /// The state directory the script works on: the fork, or with `--in-place` the state itself.
    pub(crate) state: PathBuf,
    /// The state directory that is rehearsed against.
    pub(crate) parent: PathBuf,
    /// The call log.
    pub(crate) calls: PathBuf,
    /// PATH without the stage's `bin`, to find the real programs.
    pub(crate) path: String,
    /// The variables of ours, for a script that cleared its environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The account of each profile, as far as the AWS config file says.
    pub(crate) accounts: BTreeMap<String, String>,
    /// Whether it lasts from `begin` to `end`, over many processes.
    pub(crate) session: bool,
    /// `--allow`: patterns of guarded commands that really run.
    pub(crate) allow: Vec<String>,
    /// `--stub`: files of stubs, read before the state directory's own.
    pub(crate) stubs: Vec<PathBuf>,
    /// `--others`: the address of an emulator that is asked for what nobody here answers.
    pub(crate) others: Option<String>,
    /// `--real-sleep`: `sleep` takes its time.
    pub(crate) real_sleep: bool,
    /// `--once`: patterns of commands that run once and are replayed after that (a sweep's).
    pub(crate) once: Vec<String>,
    /// Functions that the script reads or updates and the state does not have are made on first touch.
    pub(crate) assume: bool,
    /// `--assume`: patterns of those that are made because somebody asked for it.
    pub(crate) expected: Vec<String>,
    /// `--assume-versions`: how many versions those have that are made.
    pub(crate) assume_versions: Option<u64>,
    /// `--absent`: functions that are not assumed.
    pub(crate) absent: Vec<String>,
    /// Things of other services that the project gives, by name.
    pub(crate) given: Given,
    /// `--show-values`: what may be secret is written down and told.
    pub(crate) show_values: bool,
    /// Which network the script has.
    pub(crate) network: Network,
    /// Whether an option or the project says which one.
    pub(crate) network_is_meant: bool,
    /// `--learn`: what would be refused succeeds and says nothing.
    pub(crate) learn: bool,
    /// The script's folder, which `--once` replays into; where the command runs when it is empty.
    pub(crate) folder: PathBuf,
    /// The keys that requests over HTTP are signed with.
    #[cfg(unix)]
    pub(crate) keys: super::endpoint::Keys,
    /// What `--once` replays; `<stage>/once` when it is empty.
    pub(crate) replays: PathBuf,
}

impl Rehearsal {
    /// Reads a stage's; `None` where there is none, or none of ours.
    pub(crate) fn read(stage: &Path) -> Option<Self> {
        let text = fs::read(stage.join("rehearsal.json")).ok()?;
        let rehearsal: Self = serde_json::from_slice(&text).ok()?;
        let of = rehearsal.calls.parent()?;
        (of.file_name() == stage.file_name()).then_some(rehearsal)
    }
}
