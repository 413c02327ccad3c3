//! The real program that a link of lambdry replaces.

use crate::state::plain::plain;
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

/// The first program of the given name on a PATH, except links of a stage and lambdry itself.
pub(super) fn find(name: &str, path: &OsStr, stage: Option<&Path>) -> Option<PathBuf> {
    let ours = super::super::ours::program().and_then(Path::canonicalize);
    std::env::split_paths(path)
        .filter(|folder| stage.is_none_or(|stage| !folder.starts_with(stage)))
        .map(|folder| folder.join(name))
        .find(|path| runs(path) && !is(path, ours.as_deref().ok()))
}

fn runs(path: &Path) -> bool {
    // A folder may have the same permission bits as a program.
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn is(path: &Path, ours: Option<&Path>) -> bool {
    ours.is_some() && path.canonicalize().ok().as_deref() == ours
}

/// Replaces this process by a program, with the given environment. If that fails, returns the exit code and the message
/// that a shell would give.
pub(super) fn become_it(
    program: Option<PathBuf>,
    called: &OsStr,
    args: &[OsString],
    environment: &BTreeMap<OsString, OsString>,
) -> (u8, String) {
    let name = called.to_string_lossy();
    let Some(program) = program else {
        return (127, format!("{name}: command not found"));
    };
    // If a script has cleared its environment, the program gets the rehearsal's variables back here. Without them, it
    // would find the user's own keys.
    let error = Command::new(&program)
        .arg0(called)
        .args(args)
        .env_clear()
        .envs(environment)
        .exec();
    let code = if error.kind() == io::ErrorKind::NotFound {
        127
    } else {
        126
    };
    (code, format!("{}: {}", program.display(), plain(&error)))
}
