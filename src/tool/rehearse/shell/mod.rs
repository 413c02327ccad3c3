//! The shells in which a script runs. They show the script's reaction to each failed call, and the calls that were not
//! made.
//!
//! There are three sources, in this order. The first is the [`hook`] in every bash: its trap fires when nothing looked
//! at a status. The second is the script's text ([`script`]), for cases that the trap cannot see: `|| handle` or `||
//! true`, a pipeline without pipefail, `local x=$(…)`, and shells other than bash. The third is the run itself: if
//! nothing ran after a call, the call ended the script. [`attention`] combines the three. For a call that python, node
//! or make made, nothing can be known.

#[cfg(unix)]
pub(crate) mod attention;
#[cfg(unix)]
pub(crate) mod hook;
pub(crate) mod script;
mod tokens;
mod tree;
#[cfg(unix)]
pub(crate) mod unmade;
mod words;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::calls::ScriptLine;

/// The script's reaction to the status of a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Attention {
    /// The script looked at the status.
    LookedAt(By),
    /// The script's text discards the status: `|| true`, `| tee`, `&`.
    LookedAtAndDropped(By),
    /// The script ignored the status and went on.
    NobodyLooked,
    /// The script ignored the status and ended there.
    EndedTheScript,
    /// A trap made the call, to clean up after success or failure.
    InCleanUpTrap,
    /// The reaction cannot be known, because python, node, make or a shell without the hook made the call.
    CannotTell,
}

/// The construct that looked at a status, or discarded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum By {
    /// `if`, `while`, `until`.
    Condition,
    /// `!`
    Not,
    /// `&&`
    And,
    /// `|| …`; if the status was discarded, `|| true`.
    Or,
    /// `$?`, `PIPESTATUS`.
    Status,
    /// The script tested the call's output, which is empty if the call fails: `[ -z "$version" ]`, `| grep -q`.
    Answer,
    /// The command that called the function, the subshell or the file that contains the call.
    Caller,
    /// `| tee`, without pipefail.
    Pipe,
    /// `&`
    Background,
}

/// The shell that made a call, with the facts that the call's process can find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Caller {
    /// The process id of the nearest bash with the hook.
    pub(crate) shell: u32,
    /// True if that bash has the trap.
    pub(crate) armed: bool,
    /// The script of that bash; `None` for `bash -c` and for a script read from a pipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) script: Option<PathBuf>,
    /// The length of the file with the firings at the moment when the call ended.
    pub(crate) fired: u64,
    /// For a failed call: the processes of the rehearsal around the call, the nearest first; empty if they are not
    /// known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parents: Vec<Parent>,
}

/// A process around a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parent {
    /// The process id.
    pub(crate) pid: u32,
    /// The file name of the process's program: `bash`, `xargs`, `dash`.
    pub(crate) program: String,
    /// True if the process is a subshell, which is a copy of the process around it.
    pub(crate) is_fork: bool,
}

/// A call in the script's text that was never made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unmade {
    /// The call's place.
    pub(crate) place: ScriptLine,
    /// The call's first words: `lambda publish-version`.
    pub(crate) operation: String,
    /// The reason why the call was never made.
    pub(crate) because: Because,
}

/// The reason why a call was never made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Because {
    /// The script had ended before it reached the call.
    TheScriptEnded,
    /// The call is in a branch or in a function.
    OfABranch,
}
