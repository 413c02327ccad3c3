//! The shells that a script runs in: who looked at the status of a call that failed, and which calls never ran.
//!
//! Three things tell, in this order. The [`hook`] in every bash: its trap fires where nobody looked. Then the script's
//! text ([`script`]), for what the trap cannot tell: `|| handle` from `|| true`, a pipeline without pipefail, `local
//! x=$(…)`, and shells that are no bash. Last the run itself: a call behind which nothing ran ended the script.
//! [`attention`] puts them together. Of a call that python, node or make made nothing can be told.

#[cfg(unix)]
pub(crate) mod attention;
#[cfg(unix)]
pub(crate) mod hook;
#[cfg(unix)]
pub(crate) mod script;
#[cfg(unix)]
mod tokens;
#[cfg(unix)]
mod tree;
#[cfg(unix)]
pub(crate) mod unmade;
#[cfg(unix)]
mod words;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::calls::Place;

/// What a script did about the status of a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Attention {
    /// It looked at it.
    LookedAt(By),
    /// It said beforehand that it does not matter: `|| true`, `| tee`, `&`.
    LookedAtAndDropped(By),
    /// Nobody looked, and the script went on.
    NobodyLooked,
    /// Nobody looked, and the script ended there.
    EndedTheScript,
    /// It was made by a trap, which cleans up whatever happened.
    InCleanUpTrap,
    /// Nobody can tell: python, node, make, a shell without the hook.
    CannotTell,
}

/// What looked at a status, or dropped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum By {
    /// `if`, `while`, `until`.
    Condition,
    /// `!`
    Not,
    /// `&&`
    And,
    /// `|| …`; dropped: `|| true`.
    Or,
    /// `$?`, `PIPESTATUS`.
    Status,
    /// The answer was looked at, which a failed call leaves empty: `[ -z "$version" ]`, `| grep -q`.
    Answer,
    /// Whoever called the function, the subshell or the file that it stands in.
    Caller,
    /// `| tee`, without pipefail.
    Pipe,
    /// `&`
    Background,
}

/// Who made a call, as far as its process can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Caller {
    /// The nearest bash that the hook is in.
    pub(crate) shell: u32,
    /// Whether it has the trap.
    pub(crate) armed: bool,
    /// Its script; none for `bash -c` and for what is read from a pipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) script: Option<PathBuf>,
    /// How long the file of firings was when the call ended.
    pub(crate) fired: u64,
    /// Of a call that failed: the processes of the rehearsal around it, the nearest first; empty where they cannot be
    /// told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parents: Vec<Parent>,
}

/// A process around a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parent {
    /// Its number.
    pub(crate) pid: u32,
    /// The file name of its program: `bash`, `xargs`, `dash`.
    pub(crate) program: String,
    /// Whether it is a subshell: a copy of the process around it.
    pub(crate) is_fork: bool,
}

/// A call that never ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unmade {
    /// Where it stands.
    pub(crate) place: Place,
    /// Its first words: `lambda publish-version`.
    pub(crate) operation: String,
    /// Why it did not run.
    pub(crate) because: Because,
}

/// Why a call never ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Because {
    /// The script had ended before it.
    TheScriptEnded,
    /// It stands in a branch or a function.
    OfABranch,
}
