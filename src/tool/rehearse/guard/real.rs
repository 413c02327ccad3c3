//! The real program behind a link of ours.

use crate::state::plain::plain;
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

/// The first program of that name on a PATH that does not lie on a stage and is not us.
pub(super) fn find(name: &str, path: &OsStr, stage: Option<&Path>) -> Option<PathBuf> {
    let ours = std::env::current_exe().and_then(|ours| ours.canonicalize());
    std::env::split_paths(path)
        .filter(|folder| stage.is_none_or(|stage| !folder.starts_with(stage)))
        .map(|folder| folder.join(name))
        .find(|path| runs(path) && !is(path, ours.as_deref().ok()))
}

fn runs(path: &Path) -> bool {
    // A folder has the same bits.
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn is(path: &Path, ours: Option<&Path>) -> bool {
    ours.is_some() && path.canonicalize().ok().as_deref() == ours
}

/// Becomes a program, with that environment; answers the exit code and the message where that fails, as a shell says it.
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
    // A script that cleared its environment has ours back here, without which a program finds keys of its own.
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
