//! Leads names of a state directory to the fork. In a rehearsal, every name of the rehearsed state leads to the fork.
//! The name may be an option, a variable, a link, a mount or the default. The name of another state stays as it is, and
//! the report notes it.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::stage::Rehearsal;
use crate::{
    face::{exit::Stop, world::Process},
    store::{
        atomic::json_line,
        fork,
        within::{leading_into, within},
    },
    tool::backend::stop,
};

/// The absolute path of the fork, if the name leads there. `None` outside a rehearsal, and for a state that is not the
/// rehearsed one.
///
/// # Errors
/// The rehearsal that the environment names has ended, so the name might lead to the real state. Or another state
/// consists of links into the rehearsed one.
pub(in crate::tool) fn to(
    process: &Process,
    named: Option<&Path>,
) -> Result<Option<PathBuf>, Stop> {
    let stage = process.path("LAMBDRY_REHEARSAL");
    let Some(stage) = stage.filter(|stage| !stage.as_os_str().is_empty()) else {
        return Ok(None);
    };
    let Some(rehearsal) = Rehearsal::read(stage) else {
        return Err(Stop::Store(
            format!(
                "the rehearsal of this process has ended: {}",
                stage.display()
            ),
            Some("unset LAMBDRY_REHEARSAL to work on the state itself".to_owned()),
        ));
    };
    let Some(named) = named else {
        return Ok(Some(rehearsal.state));
    };
    // A rehearsal may run inside another one. Then the state that the outer rehearsal forked also counts as the
    // rehearsed state.
    let forked_from = fork::parents_of(&rehearsal.state).map_err(stop)?;
    for parent in std::iter::once(&rehearsal.parent).chain(&forked_from) {
        if let Some(below) = within(named, parent) {
            return Ok(Some(rehearsal.state.join(below).components().collect()));
        }
    }
    if within(named, stage).is_none() {
        for parent in std::iter::once(&rehearsal.parent).chain(&forked_from) {
            if let Some(entry) = leading_into(named, parent) {
                return Err(Stop::Store(
                    format!(
                        "{} leads into the state that this rehearsal must not change: {}",
                        entry.display(),
                        parent.display()
                    ),
                    Some("copy the files instead of linking or mounting them, or name that state directory itself: inside a \
                        rehearsal its name leads to the fork".to_owned()),
                ));
            }
        }
        note(stage, named);
    }
    Ok(None)
}

/// Notes another state. If the note cannot be written, the script still gets the same answer.
pub(super) fn note(stage: &Path, state: &Path) {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    let file = options.open(stage.join(OTHERS));
    let line = json_line(&state.to_string_lossy());
    let _ = file.and_then(|mut file| file.write_all(&line));
}

/// The other states that were used. Each is listed once.
pub(super) fn others(stage: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(stage.join(OTHERS)).unwrap_or_default();
    let lines = text.lines();
    let mut others: Vec<PathBuf> = lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    others.sort();
    others.dedup();
    others
}

/// The file in the stage that has a line for each use of another state.
const OTHERS: &str = "others";
