//! The check of one resource: its head, versions and journal must agree. Also the check of a file with many resources.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{Check, Problem};
use crate::{
    state::{head::Head, kind::Reference},
    store::{
        Place, Result, StoreError, atomic,
        collection::{Retired, frozen, is_name, is_stopped_create},
        journal,
        kind::{Kind, Lies},
        layers::{INHERITED, Layers},
        lock::{self, Lock},
    },
};

impl Check<'_> {
    /// Examines all resources of one kind in one account and region. Returns true if every head could be read.
    pub(in crate::store) fn resources<H: Head>(
        &mut self,
        kind: &dyn Kind,
        place: &Place<'_>,
    ) -> Result<bool> {
        let folder = place.root().join(H::FOLDER);
        let mut spelled: BTreeMap<String, String> = BTreeMap::new();
        let mut readable = true;
        let mut names = atomic::names(&folder)?;
        if place.is_layered() {
            names.extend(place.all::<H>().names()?);
            names.sort_unstable();
            names.dedup();
        }
        for name in names {
            let path = place.file(&Path::new(H::FOLDER).join(&name));
            if !path.exists() {
                self.note(Problem::DanglingLink, &path)?;
            } else if is_name(&name) && path.is_dir() {
                if let Some(other) = spelled.insert(name.to_lowercase(), name.clone()) {
                    self.note(Problem::NameClash { other }, &path)?;
                }
                readable &= self.resource::<H>(kind, place, &name)?;
            } else if !name.starts_with('.') {
                self.note(Problem::Unknown, &path)?;
            }
        }
        for (name, path) in place.files(&format!("retired/{}", H::FOLDER))? {
            let Some(of) = name.strip_suffix(".json") else {
                continue;
            };
            match atomic::read_json::<Retired>(&path) {
                Ok(Some(retired)) => {
                    let head = place.all::<H>().head(of).ok().flatten();
                    if head.is_some_and(|head| head.last_version() < retired.last_version) {
                        let last_version = retired.last_version;
                        self.note(Problem::Retired { last_version }, &path)?;
                    }
                }
                Ok(None) => {}
                Err(error) => self.unreadable(&path, error)?,
            }
        }
        Ok(readable)
    }

    /// Examines one resource. Returns true if its head could be read.
    fn resource<H: Head>(
        &mut self,
        kind: &dyn Kind,
        place: &Place<'_>,
        name: &str,
    ) -> Result<bool> {
        let all = place.all::<H>();
        let (_lock, is_busy) = self.hold::<H>(&all.lock_file(name), name)?;
        let opened = all.open(name);
        let (opened, layers) = match opened {
            Ok(Some((head, layers))) => (Ok(Some(head)), Some(layers)),
            Ok(None) => (Ok(None), None),
            Err(error) => (Err(error), None),
        };
        let folder = layers
            .as_ref()
            .map_or_else(|| all.folder(name), |layers| layers.folder.clone());
        let path = folder.join(H::FILE);
        let now = self.store.clock.now();
        let head = opened.map(|head| head.filter(|head| !(H::GOES_IN_TIME && head.is_gone(now))));
        if H::GOES_IN_TIME && matches!(head, Ok(None)) && path.exists() {
            // The deletion is complete. The next call that creates or deletes a resource of this kind removes the
            // files.
            return Ok(true);
        }
        self.count(kind, 1);
        let (head, layers) = match (head, layers) {
            (Ok(Some(head)), Some(layers)) => (head, layers),
            (Ok(_), _) if is_busy || !folder.exists() => return Ok(true),
            (Ok(_), _) => {
                self.headless::<H>(&folder, &path, &all.retired_file(name))?;
                return Ok(true);
            }
            (Err(error), _) => {
                self.blind |= H::HAS_VERSIONS;
                self.unreadable(&path, error)?;
                return Ok(false);
            }
        };
        let own = head.code();
        let mut size = 0;
        let owned = own
            .iter()
            .map(|(code, bytes)| (code.clone(), *bytes, H::FILE.to_owned()));
        let mut codes: Vec<_> = owned.collect();
        let mut numbers: Vec<String> = Vec::new();
        let mut whole = true;
        if H::HAS_VERSIONS {
            for (file, at) in layers.files()? {
                match self.version(&head, &layers, &at, &file, is_busy)? {
                    Seen::Version(version) => {
                        self.counted.versions += 1;
                        let (code, bytes) = H::code_of(&version);
                        codes.push((code, bytes, format!("versions/{file}")));
                        numbers.push(H::number(&version).to_owned());
                    }
                    Seen::Broken => whole = false,
                    Seen::Nothing => {}
                }
            }
        }
        for (code, bytes, by) in codes {
            size += bytes;
            if let Some(code) = code {
                self.refers(&code, &folder.join(by))?;
            }
        }
        if is_busy {
            return Ok(true);
        }
        if whole {
            if size != head.stored_size() && H::HAS_VERSIONS {
                let (says, counted) = (head.stored_size(), size);
                self.note(Problem::CodeSize { says, counted }, &path)?;
            }
            let has = |number: &str| numbers.iter().any(|there| there == number);
            if let Some(version) = head.newest().filter(|version| !has(version)) {
                let version = version.to_owned();
                self.note(Problem::MissingVersion { version }, &path)?;
            }
            for (from, to) in head.names_versions() {
                if !has(&to) {
                    let to = format!("version {to}");
                    self.note(Problem::Dangling { from, to }, &path)?;
                }
            }
        }
        for Reference { from, folder, to } in head.refers() {
            if !place.holds(folder, &to) {
                self.note(Problem::Dangling { from, to }, &path)?;
            }
        }
        self.journal(&folder.join("journal.jsonl"), head.changes())?;
        self.leftovers(&folder, H::FILE)?;
        Ok(true)
    }

    /// Examines a file whose entries are resources. Returns true if it could be read.
    pub(in crate::store) fn document(
        &mut self,
        kind: &dyn Kind,
        place: &Place<'_>,
    ) -> Result<bool> {
        let (Lies::File(file) | Lies::GlobalFile(file)) = kind.lies() else {
            return Ok(true);
        };
        match kind.names(place) {
            Ok(names) => {
                self.count(kind, names.len());
                Ok(true)
            }
            Err(error) => {
                self.unreadable(&place.root().join(file), error)?;
                Ok(false)
            }
        }
    }

    /// Counts the contents of `s3/`, which users create and change by hand.
    pub(in crate::store) fn files_in_s3(
        &mut self,
        kind: &dyn Kind,
        place: &Place<'_>,
    ) -> Result<bool> {
        match kind.names(place) {
            Ok(names) => {
                self.count(kind, names.len());
                Ok(true)
            }
            Err(error) => {
                self.unreadable(&place.root().join("s3"), error)?;
                Ok(false)
            }
        }
    }

    /// Locks a resource. Returns the lock, and true if another process holds it. If the state cannot be written, there
    /// are no locks.
    fn hold<H: Head>(&self, path: &Path, name: &str) -> Result<(Option<Lock>, bool)> {
        // A process that changes a function holds that function's lock while it waits for the packages. A repair holds
        // the packages, so both could wait forever. The repair therefore waits only briefly for the function; if it
        // does not get the lock, the function is left for another run. In the order of locks, a code signing
        // configuration comes before the packages, so the repair does not wait for it at all.
        if self.repairs && H::HAS_VERSIONS {
            if let Some(folder) = path.parent() {
                self.store.disk.create_folders(folder)?;
            }
            let lock = lock::exclusive_within(&self.store.disk, path, name, &self.moment()).ok();
            let is_busy = lock.is_none();
            return Ok((lock, is_busy));
        }
        Ok(match lock::reading(path, name, &self.moment()) {
            Ok(lock) => (lock, false),
            Err(_) => (None, true),
        })
    }

    /// Examines a resource's folder that has no head.
    fn headless<H: Head>(&mut self, folder: &Path, head: &Path, retired: &Path) -> Result<()> {
        let versions = folder.join("versions");
        let names = atomic::names(folder)?;
        let is_bare =
            names.iter().all(|name| name == "versions") && atomic::names(&versions)?.is_empty();
        let gone = folder.to_owned();
        if is_bare {
            return self.tell(Problem::EmptyFolder, folder, move |check| {
                // Only empty folders are removed.
                for path in [gone.join("versions"), gone.clone()] {
                    let removed = check.store.disk.step("rmdir");
                    match removed.and_then(|()| fs::remove_dir(&path)) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => {
                            return Err(StoreError::io("remove", &path, error).into());
                        }
                        _ => {}
                    }
                }
                Ok(())
            });
        }
        let retired = atomic::read_json(retired).ok().flatten();
        if !is_stopped_create::<H>(folder, retired.unwrap_or_default())? {
            self.blind = true;
            return self.note(Problem::MissingHead, head);
        }
        // The packages of these versions are not removed in this run. The next examination finds that nothing refers to
        // them.
        for file in atomic::names(&versions)? {
            let version = atomic::read_json::<H::Frozen>(&versions.join(file)).ok();
            let code = version.flatten().and_then(|version| H::code_of(&version).0);
            self.keep(code.as_deref());
        }
        self.tell(Problem::StoppedCreate, folder, move |check| {
            check.to_trash(&gone)
        })
    }

    /// Examines a file among the versions.
    fn version<H: Head>(
        &mut self,
        head: &H,
        layers: &Layers<H>,
        path: &Path,
        file: &str,
        is_busy: bool,
    ) -> Result<Seen<H::Frozen>> {
        let number = file.strip_suffix(".json");
        let number =
            number.and_then(|text| text.parse::<u64>().ok().filter(|n| n.to_string() == text));
        let Some(number) = number.filter(|number| *number > 0) else {
            if file.ends_with(".json.new") {
                if !is_busy {
                    self.unfinished(path)?;
                }
            } else if !file.starts_with('.') {
                self.note(Problem::Unknown, path)?;
            }
            return Ok(Seen::Nothing);
        };
        let last_version = head.last_version();
        if number > last_version {
            // Nothing refers to the version, but somebody may restore a head that does. Therefore its package is not
            // removed.
            match atomic::read_json::<H::Frozen>(path) {
                Ok(Some(version)) => {
                    self.keep(H::code_of(&version).0.as_deref());
                }
                _ => self.blind = true,
            }
            if !is_busy {
                let next = number == last_version + 1;
                let problem = Problem::VersionAhead { last_version, next };
                if next {
                    self.tell(problem, path, |check| check.to_trash(path))?;
                } else {
                    self.note(problem, path)?;
                }
            }
            return Ok(Seen::Nothing);
        }
        if head.deleting() == Some(&number.to_string()) {
            self.tell(Problem::DeletedVersion, path, |check| {
                let removed = check.store.disk.remove(path);
                removed.map_err(|error| StoreError::io("remove", path, error))?;
                check.store.disk.sync_folder_of(path)
            })?;
            return Ok(Seen::Nothing);
        }
        match frozen(head, layers, number) {
            Ok(Some(version)) => Ok(Seen::Version(version)),
            Ok(None) => Ok(Seen::Nothing),
            Err(error) => {
                self.blind = true;
                self.unreadable(path, error)?;
                Ok(Seen::Broken)
            }
        }
    }

    fn journal(&mut self, path: &Path, changes: u64) -> Result<()> {
        let lines = match journal::read(path, u64::MAX) {
            Ok(lines) => lines,
            Err(error) => return self.unreadable(path, error),
        };
        let ahead = lines.iter().filter(|line| line.change > changes).count();
        if ahead > 0 {
            self.note(Problem::JournalAhead { lines: ahead }, path)?;
        }
        let stands = lines.iter().filter(|line| line.change <= changes);
        let last = stands.map(|line| line.change).max().unwrap_or_default();
        if last < changes {
            let problem = Problem::JournalBehind {
                journal: last,
                head: changes,
            };
            self.note(problem, path)?;
        }
        Ok(())
    }

    /// Finds entries of a resource's folder that do not belong there.
    fn leftovers(&mut self, folder: &Path, head: &str) -> Result<()> {
        for name in atomic::names(folder)? {
            let path = folder.join(&name);
            if name == format!("{head}.new") {
                self.unfinished(&path)?;
            } else if !path.exists() {
                self.note(Problem::DanglingLink, &path)?;
            } else if name != head
                && name != "versions"
                && name != "journal.jsonl"
                && name != INHERITED
                && !name.starts_with('.')
            {
                self.note(Problem::Unknown, &path)?;
            }
        }
        Ok(())
    }

    fn unfinished(&mut self, path: &Path) -> Result<()> {
        self.tell(Problem::Unfinished, path, |check| {
            let removed = check.store.disk.remove(path);
            removed.map_err(|error| StoreError::io("remove", path, error).into())
        })
    }
}

/// The result of reading a file among the versions.
enum Seen<V> {
    /// A version.
    Version(V),
    /// A version that cannot be read.
    Broken,
    /// A file that is not a version.
    Nothing,
}
