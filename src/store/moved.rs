//! What moved in a state directory between two looks at it, and whether a journal tells of it.
//!
//! A look asks each file for its size, its time and its number, and reads none. Only what differs at the second look is
//! read: a head that moved with a new line in its journal is somebody's ordinary work, as is a new package, and is not
//! told. What else moved was written around the journal: by hand, by a script, or where there is no journal, as in `s3/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Result, Store, StoreError,
    journal::Line,
    kind::{KINDS, Kind, Lies},
    lock, package, s3,
};
use crate::state::kind::Named;

/// The kind whose resources are a folder each below a folder of that name.
fn kind_of(folder: &str) -> Option<&'static dyn Kind> {
    let mut kinds = KINDS.iter().copied();
    kinds.find(|kind| matches!(kind.lies(), Lies::Folder(of) if of == folder))
}

/// What belongs to processes, or is counted again: in the root, in an account or in a region.
const LEFT: [&str; 7] = [
    "locks",
    "tmp",
    "trash",
    "usage.json",
    "faults.count",
    "invocations",
    super::mask::FILE,
];

/// A file as it lies: its number, its size, and when it was written.
type Stamp = (u64, u64, i64, i64);

/// Every file of a state directory as it lies, by its path from there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look(BTreeMap<String, Stamp>);

/// Something that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Moved {
    /// What: `function pay`, `s3://builds/app.zip`, `package 12ab….zip`, `aws/config`.
    pub what: String,
    /// The files, by their path in the state directory.
    pub files: Vec<String>,
    /// The RevisionIds it has now. None but those of a resource that moved with its journal, which is told for them alone.
    #[serde(skip)]
    pub revision_ids: BTreeSet<String>,
}

impl Moved {
    /// Whether a journal tells of it.
    pub fn is_told(&self) -> bool {
        self.files.is_empty()
    }
}

impl Store {
    /// Looks at every file.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn look(&self) -> Result<Look> {
        let mut look = Look::default();
        walk(self.root(), "", &mut look.0)?;
        Ok(look)
    }

    /// What moved since that look.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn moved_since(&self, before: &Look) -> Result<Vec<Moved>> {
        let now = self.look()?;
        let mut things: BTreeMap<Thing, Vec<String>> = BTreeMap::new();
        for path in differing(before, &now) {
            things.entry(Thing::of(&path)).or_default().push(path);
        }
        let mut moved = Vec::new();
        for (thing, files) in things {
            let found = match &thing {
                Thing::Resource { folder, of } => match kind_of(of) {
                    Some(kind) => self.resource(folder, of, kind, before)?,
                    None => None,
                },
                Thing::Package => {
                    let files = files.into_iter();
                    moved.extend(
                        files
                            .filter(|file| self.is_spoilt(file, before))
                            .map(|file| {
                                let name =
                                    format!("package {}", file.rsplit('/').next().unwrap_or(&file));
                                Moved::named(name, vec![file])
                            }),
                    );
                    continue;
                }
                Thing::File(what) if is_made_by_any_call(what) && !before.0.contains_key(what) => {
                    None
                }
                Thing::Object(what) | Thing::File(what) => Some(Moved::named(what.clone(), files)),
            };
            moved.extend(found);
        }
        Ok(moved)
    }

    /// A resource that moved; nothing when it lies as it did, now that nobody is writing it.
    fn resource(
        &self,
        folder: &str,
        of: &str,
        kind: &dyn Kind,
        before: &Look,
    ) -> Result<Option<Moved>> {
        let word = kind.words().one;
        let (region, name) = folder.split_once(&format!("/{of}/")).unwrap_or_default();
        let lock_file = format!("{region}/locks/{of}/{name}.lock");
        let lock_file = self.root().join(lock_file);
        let _lock = lock::reading(&lock_file, name, &self.patience)?;
        let mut now = Look::default();
        let at = format!("{folder}/");
        walk(&self.root().join(folder), &at, &mut now.0)?;
        let was = before
            .0
            .range(at.clone()..)
            .take_while(|(path, _)| path.starts_with(&at));
        let was = Look(was.map(|(path, stamp)| (path.clone(), *stamp)).collect());
        let mut files = differing(&was, &now);
        let named = |files| Moved::named(format!("{word} {name}"), files);
        let retired = format!("{region}/retired/{of}/{name}.json");
        let counters = stamp_of(&self.root().join(&retired));
        let counts = counters.as_ref() != before.0.get(&retired);
        let differs = |path: &str| was.0.get(path) != now.0.get(path);
        let journal = format!("{at}journal.jsonl");
        // The head is the one document at the top of the folder.
        let is_head = |path: &&String| path.ends_with(".json") && !path[at.len()..].contains('/');
        let Some(head) = now.0.keys().find(is_head).cloned() else {
            // A deletion takes the journal along, and leaves the counters.
            let is_told = match kind.named() {
                // No number of theirs is ever given again.
                Named::ByService => now.0.is_empty(),
                _ => counts && counters.is_some(),
            };
            return Ok((!is_told && !files.is_empty()).then(|| named(files)));
        };
        if files.is_empty() {
            return Ok(counts.then(|| named(vec![retired])));
        }
        if !(differs(&head) && differs(&journal)) {
            return Ok(Some(named(files)));
        }
        // What is no JSON is nobody's ordinary work.
        let text = fs::read(self.root().join(&head)).unwrap_or_default();
        let text: Value = serde_json::from_slice(&text).unwrap_or_default();
        let old = was.0.get(&journal);
        // A journal that was replaced came with an import, as all of the resource did.
        let is_new = old.is_none_or(|old| now.0.get(&journal).is_some_and(|new| new.0 != old.0));
        let from = if is_new {
            0
        } else {
            old.map_or(0, |old| old.1)
        };
        if !self.tells(&journal, from, text["Changes"].as_u64()) {
            return Ok(Some(named(files)));
        }
        // A version is never written again.
        files.retain(|file| !is_new && file.contains("/versions/"));
        files.retain(|file| was.0.contains_key(file) && now.0.contains_key(file));
        let mut moved = named(files);
        revision_ids(&text, &mut moved.revision_ids);
        Ok(Some(moved))
    }

    /// Whether a journal has a line of that number behind that many bytes.
    fn tells(&self, journal: &str, from: u64, change: Option<u64>) -> bool {
        let text = fs::read(self.root().join(journal)).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let new = text.get(from..).unwrap_or_default();
        let mut lines = new.split(|byte| *byte == b'\n');
        lines.any(|line| {
            let line = serde_json::from_slice::<Line>(line);
            line.is_ok_and(|line| Some(line.change) == change)
        })
    }

    /// Whether a package is not what it was, nor what its name says. New ones come with every upload.
    fn is_spoilt(&self, file: &str, before: &Look) -> bool {
        let path = self.root().join(file);
        let whole = || {
            let (code_sha256, _) = package::digest(&mut fs::File::open(&path).ok()?).ok()?;
            Some(package::package_path(&code_sha256)? == Path::new(file))
        };
        before.0.contains_key(file) && whole() != Some(true)
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

/// What a file is part of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// A resource: its folder, and the one of its kind.
    Resource { folder: String, of: String },
    /// One of the packages.
    Package,
    /// An object, as `s3://builds/app.zip`.
    Object(String),
    /// Itself.
    File(String),
}

impl Thing {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["packages", ..] => Self::Package,
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

/// Whether the first call that changes something makes that file.
fn is_made_by_any_call(path: &str) -> bool {
    path == "FORMAT" || path.ends_with("/account.json")
}

/// The files that are not in both as they lie in one.
fn differing(before: &Look, now: &Look) -> Vec<String> {
    let gone = before.0.keys().filter(|path| !now.0.contains_key(*path));
    let other = now
        .0
        .iter()
        .filter(|(path, stamp)| before.0.get(*path) != Some(*stamp));
    let mut paths: Vec<String> = gone.chain(other.map(|(path, _)| path)).cloned().collect();
    paths.sort();
    paths
}

fn stamp_of(path: &Path) -> Option<Stamp> {
    fs::symlink_metadata(path).ok().map(|found| stamp(&found))
}

fn stamp(found: &fs::Metadata) -> Stamp {
    (found.ino(), found.size(), found.mtime(), found.mtime_nsec())
}

/// Every file below a folder. What a link leads to counts where it stands for a part of the state, and not further down.
fn walk(folder: &Path, above: &str, files: &mut BTreeMap<String, Stamp>) -> Result<()> {
    let failed = |error| StoreError::io("list", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error).into()),
    };
    let depth = above.matches('/').count();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_key = above.starts_with("s3/");
        if !is_key && (depth < 3 && LEFT.contains(&&*name) || name.ends_with(".new")) {
            continue;
        }
        // What goes while we look is gone.
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
        if found.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, stamp(&found));
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
