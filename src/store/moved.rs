//! Compares a state directory at two moments, and finds the changes that no journal records.
//!
//! The first look is cheap, even for a large state. It records the moment, the length of each journal, and the few
//! files that are neither resources nor packages nor objects. The second look finds files newer than that moment. It
//! checks the head, the journal and the folder of versions of every resource, and it checks every folder of packages
//! and objects for additions and removals. Single versions, packages and objects are checked if there are only a few of
//! them. They are always checked in the places where the rehearsal may have written. Only changed files are read. Other
//! people's ordinary work is not reported: a changed head with a new line in its journal, or a new package. All other
//! changes were made without the journal: by hand, by a script, or in a part of the state that has no journal, such as
//! `s3/`.

mod search;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, Metadata},
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Result, Store, StoreError,
    archive::Tell,
    atomic,
    kind::{KINDS, Kind, Lies},
    lock, package, s3,
};

/// The kind whose resources are stored below a folder of that name.
fn kind_of(folder: &str) -> Option<&'static dyn Kind> {
    let mut kinds = KINDS.iter().copied();
    kinds.find(|kind| matches!(kind.lies(), Lies::Folder(of) if of == folder))
}

/// Entries that are not compared, at the root, in an account or in a region. They belong to processes, or can be
/// computed again.
const LEFT: [&str; 7] = [
    "locks",
    "tmp",
    "trash",
    "usage.json",
    "faults.count",
    "invocations",
    super::mask::FILE,
];

/// Entries that a separate check compares.
const MANY: [&str; 3] = ["packages", "s3", "retired"];

/// The words for a look, where somebody hears of its progress.
const LOOKING: &str = "looking at the state";

/// The metadata of a file: its inode, its size, and the time of its last write.
type Stamp = (u64, u64, i64, i64);

/// The metadata of a journal: its inode and its length.
type Journal = (u64, u64);

/// A moment by the file system's clock: seconds and nanoseconds.
type Moment = (i64, i64);

/// The result of a look at a state directory at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    at: Moment,
    /// The files that are not numerous, and the folders at the top, by their path in the directory.
    files: BTreeMap<String, Stamp>,
    /// The folder of every resource, with the inode and length of its journal; `None` if it has no journal.
    resources: BTreeMap<String, Option<Journal>>,
}

impl Look {
    /// Waits until the file system's clock advances, so that later writes are newer than the look. Usually it has
    /// already advanced. If the clock has a resolution of whole seconds, does not wait.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn pass(&self, scratch: &Path) -> Result<()> {
        const PATIENCE: Duration = Duration::from_millis(25);
        let began = Instant::now();
        while moment(scratch)? <= self.at && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// The current moment by the clock of a file system. To find it, writes the file `scratch`.
fn moment(scratch: &Path) -> Result<Moment> {
    let written = || {
        let mut file = File::create(scratch)?;
        file.write_all(b"-")?;
        file.metadata()
    };
    let found = written().map_err(|error| StoreError::io("write", scratch, error))?;
    Ok((found.mtime(), found.mtime_nsec()))
}

/// A change that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Moved {
    /// A description of the changed thing: `function pay`, `s3://builds/app.zip`, `package 12ab….zip`, `aws/config`.
    pub what: String,
    /// The changed files, by their path in the state directory. The path of a folder means that something was removed
    /// from the folder.
    pub files: Vec<String>,
    /// The current RevisionIds of a resource whose change is in its journal. Only because of these ids is such a change
    /// in the list. For all other changes, the set is empty.
    #[serde(skip)]
    pub revision_ids: BTreeSet<String>,
}

impl Moved {
    /// Returns true if a journal records the change.
    pub fn is_told(&self) -> bool {
        self.files.is_empty()
    }
}

impl Store {
    /// Takes the first look. `scratch` is a file beside the state that is written to learn the moment. `tell` receives
    /// the progress.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn look(&self, scratch: &Path, tell: &mut Tell<'_>) -> Result<Look> {
        let mut look = Look::default();
        few(self.root(), "", &mut look.files)?;
        let mut found = Vec::new();
        for (folder, path) in self.resource_folders()? {
            let names = atomic::names(&path)?.into_iter();
            found.extend(names.map(|name| (format!("{folder}/{name}"), path.join(name))));
        }
        let all = found.len() as u64;
        for (done, (name, path)) in found.into_iter().enumerate() {
            tell(LOOKING, done as u64, all);
            let journal = stamp_of(&path.join("journal.jsonl"));
            let journal = journal.map(|(number, length, ..)| (number, length));
            look.resources.insert(name, journal);
        }
        // The moment is read last, so that a change during the look does not count as a change after the look.
        look.at = moment(scratch)?;
        Ok(look)
    }

    /// The changes since that look. `leads` returns true for paths that may have been written, so that they get a close
    /// look. `tell` receives the progress.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn moved_since(
        &self,
        before: &Look,
        leads: &dyn Fn(&str) -> bool,
        tell: &mut Tell<'_>,
    ) -> Result<Vec<Moved>> {
        search::Search::new(self, before, leads).moved(tell)
    }

    /// The folders in this directory, without its parents, that hold one folder for each resource. Each has its path in
    /// the state directory.
    fn resource_folders(&self) -> Result<Vec<(String, std::path::PathBuf)>> {
        let mut folders = Vec::new();
        for account in atomic::names(self.root())? {
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            if !is_account {
                continue;
            }
            for region in atomic::names(&self.root().join(&account))? {
                for kind in super::kind::folders() {
                    let folder = format!("{account}/{region}/{kind}");
                    let path = self.root().join(&folder);
                    if path.is_dir() {
                        folders.push((folder, path));
                    }
                }
            }
        }
        Ok(folders)
    }
}

impl Moved {
    fn named(what: String, files: Vec<String>) -> Self {
        Self {
            what,
            files,
            revision_ids: BTreeSet::new(),
        }
    }
}

/// The thing that a file is part of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// A resource, by its folder and the folder of its kind.
    Resource { folder: String, of: String },
    /// One of the packages.
    Package,
    /// An object, by its path such as `s3://builds/app.zip`.
    Object(String),
    /// A file that is not part of any of these.
    File(String),
}

impl Thing {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["packages", _, ..] if *path != *"packages/" => Self::Package,
            ["s3", s3::UPLOADS, id, ..] => Self::File(format!("s3/{}/{id}", s3::UPLOADS)),
            ["s3", bucket, ".versions", key @ .., _] => Self::object(bucket, key),
            ["s3", bucket, ".meta", key @ ..] => {
                let name = Self::object(bucket, key);
                match name {
                    Self::Object(name) => {
                        Self::Object(name.strip_suffix(".json").unwrap_or(&name).to_owned())
                    }
                    other => other,
                }
            }
            ["s3", bucket, ".bucket.json"] => Self::object(bucket, &[]),
            ["s3", bucket, key @ ..] if !key.is_empty() => Self::object(bucket, key),
            [account, region, "retired", of, name] if kind_of(of).is_some() => {
                let name = name.strip_suffix(".json").unwrap_or(name);
                Self::of(&[*account, *region, *of, name, ""].join("/"))
            }
            [account, region, of, name, _, ..] if kind_of(of).is_some() => Self::Resource {
                folder: [*account, *region, *of, *name].join("/"),
                of: (*of).to_owned(),
            },
            _ => Self::File(path.to_owned()),
        }
    }

    fn object(bucket: &str, key: &[&str]) -> Self {
        Self::Object(format!("s3://{bucket}/{}", key.join("/")))
    }
}

/// Returns true for a file or folder that the first change creates, no matter which call makes it.
fn is_made_by_any_call(path: &str) -> bool {
    path == "FORMAT" || path.ends_with("/account.json") || path.ends_with('/')
}

/// The files that are not the same in both maps.
fn differing(before: &BTreeMap<String, Stamp>, now: &BTreeMap<String, Stamp>) -> Vec<String> {
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let other = now
        .iter()
        .filter(|(path, stamp)| before.get(*path) != Some(*stamp));
    let mut paths: Vec<String> = gone.chain(other.map(|(path, _)| path)).cloned().collect();
    paths.sort();
    paths
}

fn stamp_of(path: &Path) -> Option<Stamp> {
    fs::symlink_metadata(path).ok().map(|found| stamp(&found))
}

fn stamp(found: &Metadata) -> Stamp {
    (found.ino(), found.size(), found.mtime(), found.mtime_nsec())
}

/// Collects the files below a folder. Files that may be numerous are left out; only the top folders of such files are
/// collected. If a link takes the place of a part of the state, its target counts. Links further down are not followed.
fn few(folder: &Path, above: &str, files: &mut BTreeMap<String, Stamp>) -> Result<()> {
    let failed = |error| StoreError::io("list", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error).into()),
    };
    let depth = above.matches('/').count();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if depth < 3 && LEFT.contains(&&*name) || name.ends_with(".new") {
            continue;
        }
        // Entries that disappear during the look are skipped.
        let Ok(mut found) = entry.metadata() else {
            continue;
        };
        if found.is_symlink() && depth == 0 {
            let Ok(there) = fs::metadata(entry.path()) else {
                continue;
            };
            found = there;
        }
        let path = format!("{above}{name}");
        let is_many = MANY.contains(&&*name) || kind_of(&name).is_some();
        match found.is_dir() {
            true if depth < 3 && is_many => {
                if name != "retired" {
                    files.insert(format!("{path}/"), (0, 0, 0, 0));
                }
            }
            true => few(&entry.path(), &format!("{path}/"), files)?,
            false => drop(files.insert(path, stamp(&found))),
        }
    }
    Ok(())
}

/// Every RevisionId in a head.
fn revision_ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(id) if name == "RevisionId" => drop(found.insert(id.clone())),
                    other => revision_ids(other, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| revision_ids(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
