//! The second look. It finds the files that are newer than the first look, and removes those that a journal records
//! from the result.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use serde_json::Value;

use super::{
    Journal, LOOKING, Look, Moved, Thing, atomic, differing, few, is_made_by_any_call, kind_of,
    lock, package, revision_ids, stamp_of,
};
use crate::{
    state::kind::Named,
    store::{Result, Store, StoreError, archive::Tell, journal::Line, kind::Kind},
};

/// The number of single versions, packages and objects that are checked although no lead points to them. Checking that
/// many takes about 10 ms.
pub(super) const FEW: usize = 5000;

/// The second look while it is in progress.
pub(super) struct Search<'a> {
    store: &'a Store,
    before: &'a Look,
    leads: &'a dyn Fn(&str) -> bool,
    /// The number of files that may still be checked although no lead points to them.
    left: usize,
    found: BTreeMap<Thing, Vec<String>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(store: &'a Store, before: &'a Look, leads: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            store,
            before,
            leads,
            left: FEW,
            found: BTreeMap::new(),
        }
    }

    /// Returns the changes.
    pub(super) fn moved(mut self, tell: &mut Tell<'_>) -> Result<Vec<Moved>> {
        self.few()?;
        self.resources(tell)?;
        self.folder("packages", Path::new("packages"))?;
        self.folder("s3", Path::new("s3"))?;
        self.told()
    }

    fn add(&mut self, path: String) {
        self.found.entry(Thing::of(&path)).or_default().push(path);
    }

    /// Compares the files that are not numerous with those of the first look.
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

    /// Returns true for a file that was written, or moved to its place, since the first look. A change of only its
    /// modes or names does not count.
    fn is_newer(&self, found: &Metadata, folder: Option<&Metadata>) -> bool {
        let is_placed = (found.ctime(), found.ctime_nsec()) > self.before.at;
        self.is_new(found) || is_placed && folder.is_some_and(|folder| self.is_new(folder))
    }

    /// Returns true if all single files of a folder must be checked. This is so if a file was added or removed there,
    /// or if a lead points to the folder.
    fn asks_all(&self, folder: &str, is_new: bool) -> bool {
        is_new || (self.leads)(folder)
    }

    /// Returns true if one more file may be checked although no lead points to it.
    fn asks_one(&mut self) -> bool {
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }

    /// Finds the resources that may have changed.
    fn resources(&mut self, tell: &mut Tell<'_>) -> Result<()> {
        let mut names: BTreeSet<String> = self.before.resources.keys().cloned().collect();
        for (folder, path) in self.store.resource_folders()? {
            let there = atomic::names(&path)?.into_iter();
            names.extend(there.map(|name| format!("{folder}/{name}")));
        }
        let all = names.len() as u64;
        for (done, name) in names.into_iter().enumerate() {
            tell(LOOKING, done as u64, all);
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
            if !found.is_some_and(|found| self.asks_all(&retired, self.is_new(&found))) {
                continue;
            }
            for name in atomic::names(&path)? {
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
        let Some(before) = self.before.resources.get(name) else {
            return Ok(true);
        };
        let folder = self.store.root().join(name);
        let kind = name.rsplit('/').nth(1).and_then(kind_of);
        let head = fs::symlink_metadata(folder.join(kind.map_or("", Kind::file)));
        let journal = fs::symlink_metadata(folder.join("journal.jsonl"));
        // If a file was moved over another one, this is a change, even if the moved file is old.
        let is_placed = |found: &Metadata| (found.ctime(), found.ctime_nsec()) > self.before.at;
        let moved = !head.is_ok_and(|found| !is_placed(&found))
            || journal.map_or(before.is_some(), |found| is_placed(&found));
        let (is_new, versions) = self.versions(name)?;
        let moved = moved || is_new || !versions.is_empty();
        if moved {
            let thing = Thing::of(&format!("{name}/"));
            self.found.entry(thing).or_default().extend(versions);
        }
        Ok(moved)
    }

    /// Returns true if a version was added or removed. Also returns the version files that were written since the first
    /// look, if they are checked.
    fn versions(&mut self, name: &str) -> Result<(bool, Vec<String>)> {
        let folder = self.store.root().join(name).join("versions");
        let Ok(lies) = fs::metadata(&folder) else {
            return Ok((false, Vec::new()));
        };
        let is_new = self.is_new(&lies);
        let asks_all = self.asks_all(name, is_new);
        if !asks_all && self.left == 0 {
            return Ok((is_new, Vec::new()));
        }
        let mut versions = Vec::new();
        let failed = |error| StoreError::io("list", &folder, error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if !asks_all && !self.asks_one() {
                break;
            }
            // Entries that disappear during the look are skipped.
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if self.is_newer(&found, Some(&lies)) {
                let file = entry.file_name().to_string_lossy().into_owned();
                versions.push(format!("{name}/versions/{file}"));
            }
        }
        versions.retain(|file| !file.ends_with(".new"));
        versions.sort();
        Ok((is_new, versions))
    }

    /// Finds the changes in a folder of packages or objects, and in the folders below it.
    fn folder(&mut self, name: &str, path: &Path) -> Result<()> {
        let folder = self.store.root().join(path);
        // `packages` and `s3` may be links, but the folders in them may not.
        let lies = match !name.contains('/') {
            true => fs::metadata(&folder),
            false => fs::symlink_metadata(&folder),
        };
        let Ok(lies) = lies else { return Ok(()) };
        let is_new = self.is_new(&lies);
        let asks_all = self.asks_all(name, is_new);
        if name.starts_with("packages/sha256/") && !asks_all && self.left == 0 {
            // This folder has no subfolders.
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
            if !asks_all && !self.asks_one() {
                continue;
            }
            // Entries that disappear during the look are skipped.
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if self.is_newer(&found, Some(&lies)) {
                explained = true;
                self.add(below);
            }
        }
        // A file was added or removed, but no file in the folder is new.
        if is_new && !explained {
            self.add(format!("{name}/"));
        }
        Ok(())
    }

    /// Selects the changes to report.
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

    /// The change of a resource. The resource is checked again, under a lock that excludes writers; `None` if no change
    /// is found.
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
            // A deletion removes the journal, but the counters remain.
            let is_told = match kind.named() {
                // A name that a service assigned is never used again. So a missing folder is enough to recognize the
                // deletion.
                Named::ByService => lies.is_none(),
                _ => counts,
            };
            let was = old.is_some() && !is_told;
            return Ok(was.then(|| named(vec![head])));
        }
        let journal = format!("{folder}/journal.jsonl");
        let is_lost =
            |path: &str| path == journal && old.flatten().is_some() && !root.join(path).exists();
        let moved: Vec<String> = [&head, &journal]
            .into_iter()
            .filter(|path| newer(path) || is_lost(path))
            .cloned()
            .collect();
        // The versions are not searched again if some were found earlier, because the number of checks of single files
        // is limited.
        let mut versions = match versions.is_empty() {
            true => self.versions(folder)?.1,
            false => versions,
        };
        let told = match moved.len() {
            // If a file is not JSON, the change is not other people's ordinary work.
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
                // A version was removed.
                (true, true, _) => files.push(folder),
                (true, false, true) => files.push(retired),
                (true, false, false) => return Ok(None),
            }
            return Ok(Some(named(files)));
        };
        // An import replaced the journal together with the whole resource.
        let is_whole = lines.iter().any(|line| line.call == "Import")
            || self.is_whole(&journal, old.flatten());
        // A version is never rewritten. So a version file is reported, unless a line of the journal published it or the
        // whole resource was replaced.
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

    /// Returns true if the journal is a different file than before. All of its lines are then new.
    fn is_whole(&self, journal: &str, old: Option<Journal>) -> bool {
        let now = stamp_of(&self.store.root().join(journal));
        let number = now.map(|(number, ..)| number);
        old.is_none_or(|(old, _)| number != Some(old))
    }

    /// The changes in a journal that were added since the first look.
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

    /// Returns true if a package's contents do not match its name, or if the package was removed. A new package is not
    /// reported, because uploads add packages all the time.
    fn is_spoilt(&self, file: &str) -> bool {
        let path = self.store.root().join(file);
        let whole = || {
            let (code_sha256, _) = package::digest(&mut File::open(&path).ok()?).ok()?;
            Some(package::package_path(&code_sha256)? == Path::new(file))
        };
        whole() != Some(true)
    }
}
