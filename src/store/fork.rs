//! Forks. A fork is a state directory that starts as a copy of another state directory and never changes that one.
//! Rehearsals run on them.
//!
//! ```text
//! FORK     {"Parent": "/…"}: everything that the fork has not written itself is read from there
//! clock    {"Ahead": milliseconds}: the time by which rehearsed `sleep`s have moved the fork's clock
//! ```
//!
//! A fork cannot write to its parent, because they share no file. Even files that lambdry only replaces are not shared,
//! because a script may append to any file (`>>`, `sed -i`). A fork starts with a few small files, however large its
//! parent is. Documents and settings are copied. Everything that may be numerous (resources, the counters of deleted
//! ones, responses, packages, `s3/`) is read from the parent until the fork writes it (see `layers`). If a script gets
//! the path of a package, the package is copied first (see [`Store::package_url`]). A fork has its own locks. In the
//! parent, it takes only the locks that readers share; this writes nothing. A fork does not fsync, because it is either
//! discarded or made complete by [`Store::keep_fork`].

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{Place, Result, Store, StoreError, archive::Tell, atomic, journal, kind, lock};
use crate::state::head::Head;

/// The entries of a state directory's root that are copied into a fork, in addition to the accounts.
const COPIED: [&str; 7] = [
    "FORMAT",
    "aws",
    "faults",
    "stubs",
    "invoke",
    super::images::FILE,
    super::mask::FILE,
];

/// The entries of an account or a region that belong to processes and their clean-up, not to the state.
const LEFT: [&str; 2] = ["locks", "trash"];

/// The entries of a fork that are not part of its state.
const OWN: [&str; 4] = ["FORK", "clock", "locks", "tmp"];

/// The greatest number of parents that a fork can have. The limit ends a search through `FORK` files that form a
/// circle.
const MOST_PARENTS: usize = 16;

/// The contents of `FORK`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Fork {
    parent: PathBuf,
    /// True if the fork holds all resources itself, and reads only packages and `s3/` from the parent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    whole: bool,
}

/// The contents of `clock`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Shift {
    /// The time in milliseconds.
    ahead: u64,
}

/// All directories that a directory was forked from: its parent, the parent's parent and so on. Empty if it is not a
/// fork.
///
/// # Errors
/// A `FORK` that cannot be read, or a circle of `FORK` files.
pub fn parents_of(root: &Path) -> Result<Vec<PathBuf>> {
    lineage(root).map(|(parents, _)| parents)
}

/// The parents, and the number of parents from which resources are read.
pub(super) fn lineage(root: &Path) -> Result<(Vec<PathBuf>, usize)> {
    let mut parents: Vec<PathBuf> = Vec::new();
    let mut layers = None;
    loop {
        let last = parents.last().map_or(root, PathBuf::as_path);
        let Some(fork) = atomic::read_json::<Fork>(&last.join("FORK"))? else {
            let layers = layers.unwrap_or(parents.len());
            return Ok((parents, layers));
        };
        if parents.len() == MOST_PARENTS {
            let cause = "its chain of forks has no end";
            return Err(StoreError::content(root, cause).into());
        }
        if fork.whole {
            layers.get_or_insert(parents.len());
        }
        parents.push(fork.parent);
    }
}

/// The duration by which a fork's clock is ahead of the machine's clock.
pub(super) fn ahead(root: &Path) -> Result<Duration> {
    let shift: Option<Shift> = atomic::read_json(&root.join("clock"))?;
    Ok(Duration::from_millis(shift.unwrap_or_default().ahead))
}

impl Store {
    /// The directory that this state directory was forked from; `None` if it is not a fork.
    pub fn parent(&self) -> Option<&Path> {
        self.parents.first().map(PathBuf::as_path)
    }

    /// This directory and, for a fork, its parents. A fork reads everything that it has not written from them.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.root()).chain(self.parents.iter().map(PathBuf::as_path))
    }

    /// The directories from which resources are read: this directory, and the parents whose resources are visible in
    /// it.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Path> {
        self.roots().take(1 + self.layers)
    }

    /// Returns true if this value shows a fork as it was before its changes (see [`Self::as_it_began`]).
    pub(super) fn is_as_begun(&self) -> bool {
        self.as_begun
    }

    /// A fork as it was before its changes, for comparison with its current state. A resource that the fork changed is
    /// shown as it was before the change; all other resources are shown as they are in the parent. The result can only
    /// be read.
    #[must_use]
    pub fn as_it_began(mut self) -> Self {
        self.as_begun = self.layers > 0;
        self
    }

    /// The number of layers that only this state reads, and the number that only the other state reads.
    pub(super) fn unshared(&self, other: &Self) -> (usize, usize) {
        let layers = |store: &Self| -> Vec<(PathBuf, bool)> {
            let whole = |root: &Path| root.canonicalize().unwrap_or_else(|_| root.to_owned());
            let roots = store.layers().enumerate();
            roots
                .map(|(depth, root)| (whole(root), depth == 0 && store.as_begun))
                .collect()
        };
        let (one, other) = (layers(self), layers(other));
        let pairs = one.iter().rev().zip(other.iter().rev());
        let shared = pairs.take_while(|(one, other)| one == other).count();
        (one.len() - shared, other.len() - shared)
    }

    /// Creates a fork of this state directory in an empty or missing folder. A state directory that does not exist
    /// gives an empty fork.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn fork(&self, to: &Path) -> Result<()> {
        self.begin_fork(to, None)
    }

    /// Creates a copy of the state for a script that changes the state itself. Packages and `s3/` are still read from
    /// this state. Each resource is copied as of one moment. If this state is a fork, its own files are copied, and the
    /// copy gets the same parent. `tell` receives the progress.
    ///
    /// # Errors
    /// A folder that cannot be written, or a resource that stays locked.
    pub fn snapshot(&self, to: &Path, tell: &mut Tell<'_>) -> Result<()> {
        if self.layers == 0 {
            return self.begin_fork(to, Some(tell));
        }
        copy(self.root(), to, &["locks", "tmp"])
    }

    /// Begins a fork. Copies all resources into it if somebody is to hear of the progress.
    fn begin_fork(&self, to: &Path, whole: Option<&mut Tell<'_>>) -> Result<()> {
        make_folder(to)?;
        let parent = std::path::absolute(self.root())
            .map_err(|error| StoreError::io("find", self.root(), error))?;
        let fork = atomic::json_text(&Fork {
            parent,
            whole: whole.is_some(),
        });
        write(&to.join("FORK"), &fork)?;
        for name in COPIED {
            copy(&self.root().join(name), &to.join(name), &[])?;
        }
        for account in self.accounts()? {
            let folder = to.join(&account);
            make_folder(&folder)?;
            for root in self.layers() {
                files_of(&root.join(&account), &folder)?;
            }
        }
        let mut step = match whole {
            Some(tell) => Some(self.copying(tell)?),
            None => None,
        };
        for scope in self.scopes()? {
            let place = self.place(scope);
            let folder = to.join(&place.scope.account).join(&place.scope.region);
            make_folder(&folder)?;
            if let Some(step) = &mut step {
                let folders: Vec<&str> = kind::folders().collect();
                copy(place.root(), &folder, &[&LEFT[..], &folders[..]].concat())?;
                for kind in kind::KINDS {
                    kind.copy(&place, &folder, step)?;
                }
            } else {
                for root in place.roots() {
                    files_of(&root, &folder)?;
                }
            }
        }
        Ok(())
    }

    /// Counts the resources that are copied, for whoever hears of the progress.
    fn copying<'a>(&self, tell: &'a mut Tell<'_>) -> Result<impl FnMut(&str) + 'a> {
        let (mut done, all) = (0, self.resources()?);
        Ok(move |name: &str| {
            tell(&format!("copying {name}"), done, all);
            done += 1;
        })
    }

    /// Copies the resources of one kind with all their files, each under its lock, so that its head and its versions
    /// are of one moment. `step` receives the name of each.
    pub(super) fn copy_kind<H: Head>(
        &self,
        place: &Place<'_>,
        to: &Path,
        step: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let all = place.all::<H>();
        let target = to.join(H::FOLDER);
        for name in all.names()? {
            step(&name);
            let _locks = all.hold_to_read(&name)?;
            let target = target.join(&name);
            let Some((_, layers)) = all.open(&name)? else {
                // A folder that is not a resource is copied as it is.
                copy(&all.folder(&name), &target, &[])?;
                continue;
            };
            make_folder(&target)?;
            if layers.is_plain() {
                copy(&layers.folder, &target, &[])?;
                continue;
            }
            copy(&layers.folder.join(H::FILE), &target.join(H::FILE), &[])?;
            let lines = layers.journal(u64::MAX)?;
            write(&target.join("journal.jsonl"), &journal::text(&lines))?;
            make_folder(&target.join("versions"))?;
            for (name, file) in layers.files()? {
                copy(&file, &target.join("versions").join(name), &[])?;
            }
        }
        Ok(())
    }

    /// Advances this fork's clock. Two `sleep`s at the same time count as if one came after the other.
    ///
    /// # Errors
    /// A state that is not a fork, or a file that cannot be written.
    pub fn pass(&self, time: Duration) -> Result<()> {
        if self.parent().is_none() {
            return Err(StoreError::content(
                self.root(),
                "it is not a fork: its clock is the machine's",
            )
            .into());
        }
        self.disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/clock.lock");
        let _lock = lock::exclusive(self, &held, "the fork's clock")?;
        let so_far = ahead(self.root())?.saturating_add(time);
        let shift = Shift {
            ahead: u64::try_from(so_far.as_millis()).unwrap_or(u64::MAX),
        };
        self.disk
            .replace_cache(&self.root().join("clock"), &atomic::json_text(&shift))
    }

    /// Turns a fork into an independent state directory, in an empty or missing folder. It shares no file with the
    /// parent. `tell` receives the progress.
    ///
    /// # Errors
    /// A state that is not a fork, a folder that is not empty, or one that cannot be written.
    pub fn keep_fork(&self, to: &Path, tell: &mut Tell<'_>) -> Result<()> {
        if self.parent().is_none() {
            return Err(StoreError::content(self.root(), "it is not a fork").into());
        }
        if !entries(to)?.is_empty() {
            return Err(StoreError::content(to, "it is not empty")
                .with_hint("choose a folder that does not exist; it becomes a state directory")
                .into());
        }
        make_folder(to)?;
        for name in entries(self.root())? {
            let is_more = self.accounts()?.contains(&name) || ["packages", "s3"].contains(&&*name);
            if !is_more && !OWN.contains(&&*name) {
                copy(&self.root().join(&name), &to.join(&name), &[])?;
            }
        }
        for account in self.accounts()? {
            let folder = to.join(&account);
            make_folder(&folder)?;
            files_of(&self.root().join(&account), &folder)?;
        }
        let mut step = self.copying(tell)?;
        for scope in self.scopes()? {
            let place = self.place(scope);
            let folder = to.join(&place.scope.account).join(&place.scope.region);
            make_folder(&folder)?;
            files_of(place.root(), &folder)?;
            let retired = kind::folders().map(|kind| format!("retired/{kind}"));
            for part in retired.chain(["responses".to_owned(), "invocations".to_owned()]) {
                for (name, file) in place.files(&part)? {
                    make_folder(&folder.join(&part))?;
                    copy(&file, &folder.join(&part).join(name), &[])?;
                }
            }
            for kind in kind::KINDS {
                kind.copy(&place, &folder, &mut step)?;
            }
        }
        drop(step);
        self.s3_keep(to, tell)?;
        let packages = Path::new("packages/sha256");
        let mut files = Vec::new();
        for root in self.roots() {
            for first in entries(&root.join(packages))? {
                let folder = root.join(packages).join(&first);
                self.disk.create_folders(&to.join(packages).join(&first))?;
                let inside = entries(&folder)?.into_iter();
                files.extend(inside.map(|file| (folder.join(&file), Path::new(&first).join(file))));
            }
        }
        for (done, (file, name)) in files.iter().enumerate() {
            tell("copying packages", done as u64, files.len() as u64);
            let target = to.join(packages).join(name);
            if !target.exists() {
                copy(file, &target, &[])?;
            }
        }
        Ok(())
    }

    /// The names of the folders with twelve digits, including those of the parents.
    pub(super) fn accounts(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for root in self.layers() {
            names.append(&mut atomic::names(root)?);
        }
        names.sort_unstable();
        names.dedup();
        names.retain(|name| name.len() == 12 && name.bytes().all(|digit| digit.is_ascii_digit()));
        Ok(names)
    }
}

/// The names in a folder; empty if it is missing or not a folder.
fn entries(folder: &Path) -> Result<Vec<String>> {
    if folder.is_dir() {
        atomic::names(folder)
    } else {
        Ok(Vec::new())
    }
}

/// Copies the files of a folder that the target lacks, but none of its folders.
fn files_of(folder: &Path, to: &Path) -> Result<()> {
    for name in entries(folder)? {
        let (file, to) = (folder.join(&name), to.join(&name));
        if file.is_file() && !to.exists() {
            copy(&file, &to, &[])?;
        }
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| StoreError::io("make the folder", path, error).into())
}

/// Creates a new file. If the file exists, returns an error, so that nothing is written through a link.
fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    atomic::private(&mut options).open(path)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    use io::Write as _;
    create(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| StoreError::io("write", path, error).into())
}

/// Copies a file or a folder. Entries at the top of the folder whose names are in `but` are left out. Missing entries,
/// and entries that are neither files nor folders, are skipped.
fn copy(from: &Path, to: &Path, but: &[&str]) -> Result<()> {
    let Ok(metadata) = fs::metadata(from) else {
        return Ok(());
    };
    if metadata.is_dir() {
        make_folder(to)?;
        for name in entries(from)? {
            if !but.contains(&name.as_str()) {
                copy(&from.join(&name), &to.join(&name), &[])?;
            }
        }
    } else if metadata.is_file() {
        let mut file = match fs::File::open(from) {
            // A read-only state is read without a lock, so a writer may remove a file during the copy.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(|error| StoreError::io("copy", from, error))?,
        };
        // The modes are not copied, so the copy of a read-only file is writable. On Linux, if the disk can do that
        // (Btrfs, XFS), the two files share their bytes until one of them is written.
        create(to)
            .and_then(|mut to| io::copy(&mut file, &mut to))
            .map_err(|error| StoreError::io("copy", from, error))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests;
