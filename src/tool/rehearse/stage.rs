//! The stage: a folder that a rehearsal makes and clears. It holds the fork, the commands that replace the real ones,
//! the call log, and the facts that those commands need.
//!
//! ```text
//! <stage>/fork/             a state directory (see [`crate::store::fork`])
//! <stage>/bin/              first on PATH: aws, awslocal, lambdry, sleep and guarded commands, all links to lambdry
//! <stage>/calls.jsonl       the call log
//! <stage>/rehearsal.json    a [`Rehearsal`]
//! <stage>/aws/              the AWS config file and credentials file of the script, which do not lead to AWS
//! <stage>/bashenv           the file that every bash of the script reads first (see [`super::environment`])
//! <stage>/lock              held as long as the rehearsal lives
//! ```
//!
//! The script's environment names the stage in `LAMBDRY_REHEARSAL`. If a script has cleared its environment, lambdry
//! was called by a link, and this link leads to the stage.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::network::Network;
use crate::operation::ready::Given;

/// The prefix of the name of every stage.
pub(crate) const PREFIX: &str = ".lambdry-rehearsal-";

/// The facts that the stand-in commands need.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Rehearsal {
    /// The state directory on which the script works: the fork, or with `--in-place` the state itself.
    pub(crate) state: PathBuf,
    /// The rehearsed state directory, which was forked.
    pub(crate) parent: PathBuf,
    /// The call log.
    pub(crate) calls: PathBuf,
    /// PATH without the stage's `bin`. It is used to find the real programs.
    pub(crate) path: String,
    /// lambdry's variables, for a script that cleared its environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The account of each profile, if the AWS config file names the account.
    pub(crate) accounts: BTreeMap<String, String>,
    /// True if the rehearsal lasts from `begin` to `end` and consists of many processes.
    pub(crate) session: bool,
    /// `--allow`: patterns of guarded commands that really run.
    pub(crate) allow: Vec<String>,
    /// `--stub`: files of stubs. They are read before the stubs of the state directory.
    pub(crate) stubs: Vec<PathBuf>,
    /// `--others`: the address of an emulator for calls that no part of lambdry answers.
    pub(crate) others: Option<String>,
    /// `--real-sleep`: `sleep` really waits.
    pub(crate) real_sleep: bool,
    /// `--once`: patterns of commands. In a sweep, such a command runs once and is then replayed.
    pub(crate) once: Vec<String>,
    /// True if missing functions are made when the script first reads or updates them.
    pub(crate) assume: bool,
    /// `--assume`: name patterns of functions that are made because the user asked for them.
    pub(crate) expected: Vec<String>,
    /// `--assume-versions`: the number of versions of an assumed function.
    pub(crate) assume_versions: Option<u64>,
    /// `--absent`: name patterns of functions that are not assumed.
    pub(crate) absent: Vec<String>,
    /// Things of other services that the project declares. The key is the name of the thing.
    pub(crate) given: Given,
    /// `--show-values`: values that may be secret are written and shown.
    pub(crate) show_values: bool,
    /// The script's network.
    pub(crate) network: Network,
    /// The user's own proxy and the hosts reached without it, by the names of their variables.
    pub(crate) proxies: BTreeMap<String, String>,
    /// The hosts that the project names.
    pub(crate) hosts: Vec<String>,
    /// True if an option or the project chose the network.
    pub(crate) network_is_meant: bool,
    /// `--learn`: a call that would be refused succeeds and prints nothing.
    pub(crate) learn: bool,
    /// The script's folder, into which `--once` replays files. If it is empty, files are replayed into the folder where
    /// the command runs.
    pub(crate) folder: PathBuf,
    /// The keys with which requests over HTTP are signed.
    #[cfg(unix)]
    pub(crate) keys: super::endpoint::Keys,
    /// The folder that holds the recorded runs for `--once`. If it is empty, the folder is `<stage>/once`.
    pub(crate) replays: PathBuf,
}

impl Rehearsal {
    /// Reads the description of a stage; `None` if there is no description, or if lambdry did not write it.
    pub(crate) fn read(stage: &Path) -> Option<Self> {
        let text = fs::read(stage.join("rehearsal.json")).ok()?;
        let rehearsal: Self = serde_json::from_slice(&text).ok()?;
        let of = rehearsal.calls.parent()?;
        (of.file_name() == stage.file_name()).then_some(rehearsal)
    }
}
