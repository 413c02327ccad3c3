//! What moved in a state directory between two looks at it, and whether a journal tells of it.
//!
//! The first look costs little however much there is: it notes the moment, how long each journal is, and the few files
//! that are neither resources nor packages nor objects. The second finds what is newer than that moment. It asks every
//! resource for its head, its journal and the folder of its versions, and every folder of packages and objects whether
//! something was put in or taken out; single versions, packages and objects it asks where there are few, and wherever
//! something of the rehearsal leads. Only what moved is read: a head that moved with a new line in its journal is
//! somebody's ordinary work, as is a new package, and is not told. What else moved was written around the journal: by
//! hand, by a script, or where there is no journal, as in `s3/`.

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
    Result, Store, StoreError, atomic,
    journal::Line,
    kind::{KINDS, Kind, Lies},
    lock, package,
};
use crate::state::kind::Named;

/// The kind whose resources are a folder each below a folder of that name.
fn kind_of(folder: &str) -> Option<&'static dyn Kind> {
    let mut kinds = KINDS.iter().copied();
    kinds.find(|kind| matches!(kind.lies(), Lies::Folder(of) if of == folder))
}

/// What belongs to processes, or is counted again: in the root, in an account or in a region.
const LEFT: [&str; 6] = [
    "locks",
    "tmp",
    "trash",
    "usage.json",
    "faults.count",
    "invocations",
];

/// What is looked at in a way of its own.
const MANY: [&str; 3] = ["packages", "s3", "retired"];

/// How many single versions, packages and objects are asked where nothing leads: some 10 ms.
const FEW: usize = 5000;

/// A file as it lies: its number, its size, and when it was written.
type Stamp = (u64, u64, i64, i64);

/// A journal as it lies: its number and its length.
type Journal = (u64, u64);

/// A moment by the file system's clock: seconds and nanoseconds.
type Moment = (i64, i64);

/// A state directory at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    at: Moment,
    /// The files that are few, and the folders at the top, by their path from there.
    files: BTreeMap<String, Stamp>,
    /// Every resource's folder, with the number and the length of its journal if it has one.
    resources: BTreeMap<String, Option<Journal>>,
}

impl Look {
    /// Waits until the file system's clock has gone on, so that what is written from here on is newer than the look; most
    /// often it has. A clock of whole seconds is not waited for.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn pass(&self, scratch: &Path) -> Result<()> {
        const PATIENCE: Duration = Duration::from_millis(25);
        let began = Instant::now();
        while moment(scratch)? <= self.at && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// The moment by the clock of the file system that a file lies on, which is written.
fn moment(scratch: &Path) -> Result<Moment> {
    let written = || {
        let mut file = File::create(scratch)?;
        file.write_all(b"-")?;
        file.metadata()
    };
    let found = written().map_err(|error| StoreError::io("write", scratch, error))?;
    Ok((found.mtime(), found.mtime_nsec()))
}

/// Something that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Moved {
    /// What: `function pay`, `s3://builds/app.zip`, `package 12ab….zip`, `aws/config`.
    pub what: String,
    /// The files, by their path in the state directory. A folder is one that something was taken out of.
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
    /// Looks at it. `scratch` is a file beside it that is written, to learn the moment.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn look(&self, scratch: &Path) -> Result<Look> {
        let mut look = Look::default();
        few(self.root(), "", &mut look.files)?;
        for (folder, path) in self.resource_folders()? {
            for name in atomic::names(&path)? {
                let journal = stamp_of(&path.join(&name).join("journal.jsonl"));
                let journal = journal.map(|(number, length, ..)| (number, length));
                look.resources.insert(format!("{folder}/{name}"), journal);
            }
        }
        // After all of that: a change that comes between is no news.
        look.at = moment(scratch)?;
        Ok(look)
    }

    /// What moved since that look. `leads` says where something may have been written that only a close look finds.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn moved_since(&self, before: &Look, leads: &dyn Fn(&str) -> bool) -> Result<Vec<Moved>> {
        let mut search = Search {
            store: self,
            before,
            leads,
            left: FEW,
            found: BTreeMap::new(),
        };
        search.few()?;
        search.resources()?;
        search.folder("packages", Path::new("packages"))?;
        search.folder("s3", Path::new("s3"))?;
        search.told()
    }

    /// The folders of this state itself that hold a folder for each resource, by their path from here.
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

/// A second look, under way.
struct Search<'a> {
    store: &'a Store,
    before: &'a Look,
    leads: &'a dyn Fn(&str) -> bool,
    /// How many files may still be asked where nothing leads.
    left: usize,
    found: BTreeMap<Thing, Vec<String>>,
}

impl Search<'_> {
    fn add(&mut self, path: String) {
        self.found.entry(Thing::of(&path)).or_default().push(path);
    }

    /// The files that are few, as they were and as they are.
    fn few(&mut self) -> Result<()> {
        let mut now = BTreeMap::new();
        few(self.store.root(), "", &mut now)?;
        for path in differing(&self.before.files, &now) {
            self.add(path);
        }
        Ok(())
    }

    fn is_new(&self, found: &Metadata) -> bool {
        (found.mtime(), found.mtime_nsec()) > self.before.at
    }

    /// Returns true for a file that was written or put in its place since. A change of its modes or names alone is none.
    fn is_newer(&self, found: &Metadata, folder: Option<&Metadata>) -> bool {
        let is_placed = (found.ctime(), found.ctime_nsec()) > self.before.at;
        self.is_new(found) || is_placed && folder.is_some_and(|folder| self.is_new(folder))
    }

    /// Returns true if the single files of a folder are to be asked.
    fn is_asked(&self, folder: &str, is_new: bool) -> bool {
        is_new || self.left > 0 || (self.leads)(folder)
    }

    /// Finds the resources that may have moved.
    fn resources(&mut self) -> Result<()> {
        let mut names: BTreeSet<String> = self.before.resources.keys().cloned().collect();
        for (folder, path) in self.store.resource_folders()? {
            let there = atomic::names(&path)?.into_iter();
            names.extend(there.map(|name| format!("{folder}/{name}")));
        }
        for name in names {
            if self.may_have_moved(&name)? {
                self.found
                    .entry(Thing::of(&format!("{name}/")))
                    .or_default();
            }
        }
        for (folder, _) in self.store.resource_folders()? {
            let Some((region, of)) = folder.rsplit_once('/') else {
                continue;
            };
            let retired = format!("{region}/retired/{of}");
            let path = self.store.root().join(&retired);
            let found = fs::metadata(&path).ok();
            if !found.is_some_and(|found| self.is_asked(&retired, self.is_new(&found))) {
                continue;
            }
            for name in atomic::names(&path)? {
                self.left = self.left.saturating_sub(1);
                let found = fs::symlink_metadata(path.join(&name)).ok();
                if found.is_some_and(|found| self.is_new(&found)) && name.ends_with(".json") {
                    let path = format!("{retired}/{name}");
                    self.found.entry(Thing::of(&path)).or_default();
                }
            }
        }
        Ok(())
    }

    fn may_have_moved(&mut self, name: &str) -> Result<bool> {
        let folder = self.store.root().join(name);
        let Ok(lies) = fs::metadata(&folder) else {
            return Ok(true);
        };
        if self.is_new(&lies) || !self.before.resources.contains_key(name) {
            return Ok(true);
        }
        // Nothing was put in its place there: what was written, was written where it lies.
        let kind = name.rsplit('/').nth(1).and_then(kind_of);
        let head = kind.map_or("", Kind::file);
        let mut parts = [head, "journal.jsonl", "versions"].into_iter();
        let moved = parts.any(|part| {
            let found = fs::symlink_metadata(folder.join(part));
            found.is_ok_and(|found| self.is_new(&found))
        });
        let versions = self.versions(name)?;
        let moved = moved || !versions.is_empty();
        if moved {
            let thing = Thing::of(&format!("{name}/"));
            self.found.entry(thing).or_default().extend(versions);
        }
        Ok(moved)
    }

    /// The files of versions that were written since, if they are asked.
    fn versions(&mut self, name: &str) -> Result<Vec<String>> {
        let folder = self.store.root().join(name).join("versions");
        let Ok(lies) = fs::metadata(&folder) else {
            return Ok(Vec::new());
        };
        if !self.is_asked(name, self.is_new(&lies)) {
            return Ok(Vec::new());
        }
        let mut versions = Vec::new();
        for file in atomic::names(&folder)? {
            self.left = self.left.saturating_sub(1);
            let found = fs::symlink_metadata(folder.join(&file)).ok();
            let is_newer = found.is_some_and(|found| self.is_newer(&found, Some(&lies)));
            if is_newer && !file.ends_with(".new") {
                versions.push(format!("{name}/versions/{file}"));
            }
        }
        Ok(versions)
    }

    /// Finds what moved in a folder of packages or objects, and in those below it.
    fn folder(&mut self, name: &str, path: &Path) -> Result<()> {
        let folder = self.store.root().join(path);
        // `packages` and `s3` may be links; what is in them may not.
        let lies = match !name.contains('/') {
            true => fs::metadata(&folder),
            false => fs::symlink_metadata(&folder),
        };
        let Ok(lies) = lies else { return Ok(()) };
        let is_new = self.is_new(&lies);
        let asks = self.is_asked(name, is_new);
        if name.starts_with("packages/sha256/") && !asks {
            // There are no folders in it.
            return Ok(());
        }
        let failed = |error| StoreError::io("list", &folder, error);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error).into()),
        };
        let mut explained = false;
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let below = format!("{name}/{file}");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&below, &path.join(&file))?;
                let found = entry.metadata();
                explained |= found.is_ok_and(|found| self.is_newer(&found, Some(&lies)));
                continue;
            }
            if !asks {
                continue;
            }
            self.left = self.left.saturating_sub(1);
            // What goes while we look is gone.
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if self.is_newer(&found, Some(&lies)) {
                explained = true;
                self.add(below);
            }
        }
        // Something was put in or taken out, and nothing in it is new.
        if is_new && !explained {
            self.add(format!("{name}/"));
        }
        Ok(())
    }

    /// What of all that is to be told.
    fn told(&mut self) -> Result<Vec<Moved>> {
        let mut moved = Vec::new();
        for (thing, files) in std::mem::take(&mut self.found) {
            let found = match &thing {
                Thing::Resource { folder, of } => match kind_of(of) {
                    Some(kind) => self.resource(folder, of, kind, files)?,
                    None => None,
                },
                Thing::Package => {
                    let spoilt = files.into_iter().filter(|file| self.is_spoilt(file));
                    moved.extend(spoilt.map(|file| {
                        let name = file.trim_end_matches('/').rsplit('/').next();
                        let name = format!("package {}", name.unwrap_or(&file));
                        Moved::named(name, vec![file])
                    }));
                    continue;
                }
                Thing::File(what)
                    if is_made_by_any_call(what) && !self.before.files.contains_key(what) =>
                {
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
        &mut self,
        folder: &str,
        of: &str,
        kind: &dyn Kind,
        versions: Vec<String>,
    ) -> Result<Option<Moved>> {
        let root = self.store.root();
        let (region, name) = folder.split_once(&format!("/{of}/")).unwrap_or_default();
        let lock_file = root.join(format!("{region}/locks/{of}/{name}.lock"));
        let _lock = lock::reading(&lock_file, name, &self.store.patience)?;
        let named = |files| Moved::named(format!("{} {name}", kind.words().one), files);
        let lies = fs::metadata(root.join(folder)).ok();
        let newer = |path: &str| {
            let found = fs::symlink_metadata(root.join(path)).ok();
            found.is_some_and(|found| self.is_newer(&found, lies.as_ref()))
        };
        let retired = format!("{region}/retired/{of}/{name}.json");
        let counts = newer(&retired);
        let old = self.before.resources.get(folder).copied();
        let head = format!("{folder}/{}", kind.file());
        if !root.join(&head).exists() {
            // A deletion takes the journal along, and leaves the counters.
            let is_told = match kind.named() {
                // No number of theirs is ever given again.
                Named::ByService => lies.is_none(),
                _ => counts,
            };
            let was = old.is_some() && !is_told;
            return Ok(was.then(|| named(vec![head])));
        }
        let journal = format!("{folder}/journal.jsonl");
        let moved: Vec<String> = [&head, &journal]
            .into_iter()
            .filter(|path| newer(path))
            .cloned()
            .collect();
        // Those that were found already are not looked for again: single files are asked so many times and no more.
        let mut versions = match versions.is_empty() {
            true => self.versions(folder)?,
            false => versions,
        };
        let told = match moved.len() {
            // What is no JSON is nobody's ordinary work.
            2 => {
                let text = fs::read(root.join(&head)).unwrap_or_default();
                let text: Value = serde_json::from_slice(&text).unwrap_or_default();
                let lines = self.new_lines(&journal, old.flatten());
                let change = text["Changes"].as_u64();
                let is_told = lines.iter().any(|line| Some(line.change) == change);
                is_told.then_some((text, lines))
            }
            _ => None,
        };
        let Some((text, lines)) = told else {
            let mut files = moved;
            files.append(&mut versions);
            let folder = format!("{folder}/versions/");
            let is_new = fs::metadata(root.join(&folder)).is_ok_and(|found| self.is_new(&found));
            match (files.is_empty(), is_new, counts) {
                (false, ..) => {}
                // A version was taken out.
                (true, true, _) => files.push(folder),
                (true, false, true) => files.push(retired),
                (true, false, false) => return Ok(None),
            }
            return Ok(Some(named(files)));
        };
        // A journal that was replaced came with an import, as all of the resource did.
        let is_whole = lines.iter().any(|line| line.call == "Import")
            || self.is_whole(&journal, old.flatten());
        // A version is never written again.
        let published: BTreeSet<&str> = lines
            .iter()
            .filter_map(|line| line.moved["Published"].as_str())
            .collect();
        versions.retain(|file| {
            let number = file
                .rsplit('/')
                .next()
                .and_then(|it| it.strip_suffix(".json"));
            !is_whole && !number.is_some_and(|number| published.contains(number))
        });
        let mut moved = named(versions);
        revision_ids(&text, &mut moved.revision_ids);
        Ok(Some(moved))
    }

    /// Returns true for another journal than the one that was there: then all of its lines are new.
    fn is_whole(&self, journal: &str, old: Option<Journal>) -> bool {
        let now = stamp_of(&self.store.root().join(journal));
        let number = now.map(|(number, ..)| number);
        old.is_none_or(|(old, _)| number != Some(old))
    }

    /// The changes that a journal tells behind what it told at the first look.
    fn new_lines(&self, journal: &str, old: Option<Journal>) -> Vec<Line> {
        let text = fs::read(self.store.root().join(journal)).unwrap_or_default();
        let from = match self.is_whole(journal, old) {
            true => 0,
            false => old.map_or(0, |(_, length)| length),
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let new = text.get(from..).unwrap_or_default();
        let lines = new.split(|byte| *byte == b'\n');
        lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }

    /// Whether a package is not what its name says, or one was taken out. New ones come with every upload.
    fn is_spoilt(&self, file: &str) -> bool {
        let path = self.store.root().join(file);
        let whole = || {
            let (code_sha256, _) = package::digest(&mut File::open(&path).ok()?).ok()?;
            Some(package::package_path(&code_sha256)? == Path::new(file))
        };
        whole() != Some(true)
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
            ["packages", _, ..] if *path != *"packages/" => Self::Package,
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

/// Whether the first call that changes something of a sort makes that file or folder.
fn is_made_by_any_call(path: &str) -> bool {
    path == "FORMAT" || path.ends_with("/account.json") || path.ends_with('/')
}

/// The files that are not in both as they lie in one.
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

/// Every file below a folder but for what there may be many of, and of that the folders at the top. What a link leads to
/// counts where it stands for a part of the state, and not further down.
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
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operation::sandbox::Sandbox;

    const PAY: &str = "123456789012/us-east-1/functions/pay";

    /// What moves while something is done to a state, `function pay: versions/1.json`, and how often a file was asked
    /// that nothing leads to.
    fn moved(lambda: &Sandbox, leads: &str, act: impl FnOnce(&Sandbox, &Path)) -> Vec<String> {
        let store = lambda.store().unwrap();
        let beside = tempfile::tempdir_in(lambda.root().parent().unwrap()).unwrap();
        let scratch = beside.path().join("clock");
        let look = store.look(&scratch).unwrap();
        look.pass(&scratch).unwrap();
        act(lambda, lambda.root());
        let leads = |path: &str| !leads.is_empty() && path.starts_with(leads);
        let moved = store.moved_since(&look, &leads).unwrap();
        let told = moved.into_iter().filter(|moved| !moved.is_told());
        told.map(|moved| {
            let files = moved.files.iter();
            let files = files.map(|file| file.trim_start_matches(PAY).trim_start_matches('/'));
            format!("{}: {}", moved.what, files.collect::<Vec<_>>().join(", "))
        })
        .collect()
    }

    fn furnished() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda.create("ship");
        lambda.publish_layer("deps", json!({}));
        lambda.put_object("builds", "a/1.zip", b"one");
        lambda.put_object("builds", "a/2.zip", b"two");
        lambda
    }

    fn append(path: &Path) {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(b"\n").unwrap();
    }

    #[test]
    fn what_calls_do_is_told_of_nobody() {
        let lambda = furnished();
        let found = moved(&lambda, "", |_, _| ());
        assert_eq!(found, [""; 0]);
        let found = moved(&lambda, "123", |lambda, _| {
            lambda.update_code("pay", "three", json!({ "Publish": true }));
            let of = json!({ "FunctionName": "pay", "Qualifier": "1" });
            lambda.call("DeleteFunction", of);
            lambda.publish_layer("deps", json!({}));
            lambda.call("DeleteFunction", json!({ "FunctionName": "ship" }));
            for name in ["new", "brief", "ship"] {
                lambda.create(name);
            }
            lambda.call("DeleteFunction", json!({ "FunctionName": "brief" }));
            lambda.code_signing_config("Warn");
            // Its modes and its names are not what a file holds.
            let head = lambda.file_of("new", "function.json");
            fs::hard_link(&head, lambda.root().join("tmp/copy")).unwrap();
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn what_is_written_around_the_journal_is_found_wherever_it_is() {
        let lambda = furnished();
        let package = || {
            let hash = lambda.latest("pay")["CodeSha256"].clone();
            let package = lambda.store().unwrap().package(hash.as_str().unwrap());
            package.unwrap()
        };
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let at = |file: &str| lambda.root().join(PAY).join(file);
        type Act<'a> = &'a dyn Fn(&Path);
        let cases: [(Act<'_>, &str); 12] = [
            (
                &|_| append(&at("function.json")),
                "function pay: function.json",
            ),
            (
                &|_| append(&at("journal.jsonl")),
                "function pay: journal.jsonl",
            ),
            (
                &|_| append(&at("versions/1.json")),
                "function pay: versions/1.json",
            ),
            (
                &|_| {
                    fs::copy(at("versions/1.json"), at("copy")).unwrap();
                    fs::rename(at("copy"), at("versions/1.json")).unwrap();
                },
                "function pay: versions/1.json",
            ),
            (
                &|_| fs::remove_file(at("versions/2.json")).unwrap(),
                "function pay: versions/",
            ),
            (
                &|root| append(&root.join("s3/builds/a/1.zip")),
                "s3://builds/a/1.zip: s3/builds/a/1.zip",
            ),
            (
                &|root| fs::remove_file(root.join("s3/builds/a/2.zip")).unwrap(),
                "s3://builds/a/: s3/builds/a/",
            ),
            (
                &|root| fs::write(root.join("stubs"), "").unwrap(),
                "stubs: stubs",
            ),
            (
                &|root| append(&root.join("123456789012/us-east-1/account.json")),
                "123456789012/us-east-1/account.json: 123456789012/us-east-1/account.json",
            ),
            (&|_| append(&package()), "package "),
            (&|_| fs::remove_file(package()).unwrap(), "package "),
            (
                &|root| fs::remove_dir_all(root.join(PAY)).unwrap(),
                "function pay: function.json",
            ),
        ];
        for (act, told) in cases {
            let is_package = told == "package ";
            let path = package();
            let (file, folder) = (name(&path), name(path.parent().unwrap()));
            let found = moved(&lambda, "", |_, root| act(root));
            assert_eq!(found.len(), 1, "{told}: {found:?}");
            assert!(found[0].starts_with(told), "{told}: {found:?}");
            assert!(!is_package || found[0].contains(&file) || found[0].contains(&folder));
        }
    }

    #[test]
    fn a_version_that_is_written_again_is_not_hidden_by_somebodys_work() {
        let lambda = furnished();
        let found = moved(&lambda, "", |lambda, _| {
            lambda.update_code("pay", "three", json!({ "Publish": true }));
            append(&lambda.file_of("pay", "versions/1.json"));
        });
        assert_eq!(found, ["function pay: versions/1.json"]);
    }

    #[test]
    fn where_there_are_many_single_files_are_asked_only_where_something_leads() {
        let lambda = furnished();
        for number in 0..FEW + 1 {
            let name = format!("{number}.json");
            let path = lambda.file_of("ship", "versions").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
            lambda.put_object("builds", &format!("many/{number}"), b"");
        }
        let act = |lambda: &Sandbox, root: &Path| {
            append(&lambda.file_of("ship", "versions/7.json"));
            append(&root.join("s3/builds/a/1.zip"));
        };
        let [ship, object] = ["function ship", "s3://builds/a/1.zip"];
        let told = |leads| -> Vec<String> {
            let found = moved(&lambda, leads, act);
            let what = found.iter().filter_map(|told| told.rsplit_once(": "));
            what.map(|(what, _)| what.to_owned()).collect()
        };
        // Functions come first.
        assert_eq!(told(""), [ship]);
        assert_eq!(told("s3"), [ship, object]);
        let journal = |lambda: &Sandbox, _: &Path| append(&lambda.file_of("pay", "journal.jsonl"));
        assert_eq!(moved(&lambda, "", journal), ["function pay: journal.jsonl"]);
    }
}
