//! Files and folders that complete a word.

use std::{fs, path::Path};

use crate::face::{paramfile, world::Process};

use super::Candidate;

/// Expands the `~` of a path.
pub(super) fn expanded(process: &Process, path: &str) -> String {
    paramfile::named(process, &format!("file://{path}")).map_or_else(
        || path.to_owned(),
        |named| named.path.to_string_lossy().into_owned(),
    )
}

/// Returns the files and folders that complete a word, each with the prefix in front. Hidden files are offered only if
/// the word begins with a dot.
pub(super) fn files(
    process: &Process,
    prefix: &str,
    current: &str,
    folders_alone: bool,
) -> Vec<Candidate> {
    let Some(path) = current.strip_prefix(prefix) else {
        return vec![Candidate::open(prefix, "a file")];
    };
    let (folder, base) = match path.rfind(std::path::is_separator) {
        Some(at) => path.split_at(at + 1),
        None => ("", path),
    };
    let there = process.cwd.join(expanded(process, folder));
    let Ok(entries) = fs::read_dir(&there) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(base))
        .filter(|name| !name.starts_with('.') || base.starts_with('.'))
        .collect();
    names.sort_unstable();
    let is_folder = |name: &str| Path::new(&there).join(name).is_dir();
    names
        .iter()
        .filter_map(|name| match is_folder(name) {
            true => Some(Candidate::open(format!("{prefix}{folder}{name}/"), "")),
            false if folders_alone => None,
            false => Some(Candidate::new(format!("{prefix}{folder}{name}"), "")),
        })
        .collect()
}
