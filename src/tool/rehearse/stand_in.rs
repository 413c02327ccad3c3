//! A program that is called in a rehearsal. This module finds the facts that the program needs, and the part of lambdry
//! that answers.
//!
//! The environment names the stage. If a script cleared the environment (`env -i PATH="$PATH" aws …`), it still called
//! a link in the stage, so the link's path leads to the stage. If a script called lambdry by lambdry's own path, a
//! process above it has the stage in its environment. In each case all of lambdry's variables are restored before the
//! line is read. A script may name a state directory itself. [`super::led`] then decides where that name leads.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use super::{
    calls::Recorder,
    guard, processes,
    stage::{PREFIX, Rehearsal},
    wrapped,
};
use crate::face::world::Process;

/// Restores the rehearsal's variables if they are missing. `called` is the name by which lambdry was called.
pub(crate) fn restore(called: &OsStr, process: &mut Process) {
    let named = process.path("LAMBDRY_REHEARSAL").map(Path::to_owned);
    // When a session ends, it sets this variable to the empty text.
    let named = named.filter(|stage| !stage.as_os_str().is_empty());
    if let Some(stage) = &named {
        let lies_in = |name: &str| process.path(name).is_some_and(|it| it.starts_with(stage));
        if lies_in("LAMBDRY_STATE_DIR") && lies_in("LAMBDRY_CALLS") {
            return;
        }
    }
    let named = named.into_iter().chain(stage_of(called, process));
    let mut stages = named.chain(processes::rehearsals_above());
    let Some(rehearsal) = stages.find_map(|stage| Rehearsal::read(&stage)) else {
        return;
    };
    for (name, value) in rehearsal.environment {
        let name = OsString::from(name);
        // A variable that the script itself has set keeps its value. The variables that mark the rehearsal are always
        // restored.
        let is_ours = name == "LAMBDRY_REHEARSAL" || name == "LAMBDRY_CALLS";
        if is_ours || !process.env.contains_key(&name) {
            process.env.insert(name, value.into());
        }
    }
}

/// The stage whose link was used to call lambdry. The stage is recognized by its name, so a call outside a rehearsal
/// takes no time for this.
fn stage_of(called: &OsStr, process: &Process) -> Option<PathBuf> {
    let is_stage = |folder: &Path| {
        let name = folder.file_name()?.to_str()?;
        name.starts_with(PREFIX).then(|| folder.to_owned())
    };
    let path = Path::new(called);
    if path.components().count() > 1 {
        return is_stage(process.cwd.join(path).parent()?.parent()?);
    }
    let folders = process.env.get(OsStr::new("PATH"))?;
    std::env::split_paths(folders)
        .filter(|folder| folder.file_name() == Some(OsStr::new("bin")))
        .find_map(|folder| is_stage(folder.parent()?))
}

/// Answers for a stand-in program that is neither `aws` nor lambdry; `None` for every other program.
pub(crate) fn run(called: &str, process: &Process) -> Option<u8> {
    let stage = process
        .path("LAMBDRY_REHEARSAL")
        .filter(|stage| !stage.as_os_str().is_empty())?;
    if !wrapped::NAMES.contains(&called) {
        return guard::run(called, stage, process);
    }
    let process = Process {
        program: called.to_owned(),
        ..process.clone()
    };
    Some(wrapped::run(&process, &Recorder::new(&process)))
}
