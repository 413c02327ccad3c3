//! Export and import of whole resources: `lambdry export` reads them and `lambdry import` writes them.
//!
//! An imported resource is first built completely in `trash/import-…`. The files are written in the same order as in
//! any change (package → version files → journal → head). One rename then moves the resource into place. So if the
//! process stops at any moment, the state is the one before or the one after the import. If the resource already
//! exists, the two folders are exchanged in one step.

use std::{any::Any, fmt::Debug, fs, path::Path};

use super::{
    Place, Result, StoreError,
    atomic::{self, json_text},
    collection::{Collection, MOST, ROOM, exists, frozen, is_name, usable, version_file},
    journal,
    layers::Layers,
    lock,
    package::Handle,
};
use crate::state::head::Head;

/// The start of the names of the folders in which imports are built.
const BUILT: &str = "import-";

/// A resource with all its files: the head as the last commit left it, the versions with their numbers, and the
/// changes.
#[derive(Debug, Clone)]
pub struct Resource<H: Head> {
    /// The head.
    pub head: H,
    /// Every version, ascending.
    pub versions: Vec<(u64, H::Frozen)>,
    /// Its changes, oldest first. Empty if they are not known; the import itself is then the first change.
    pub journal: Vec<journal::Line>,
}

/// The resource that already exists with the name of an imported resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// No resource.
    Nothing,
    /// The same resource. Its earlier changes may be different.
    Same,
    /// A different resource with that name.
    Other,
}

/// The result of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// The resource was created.
    Made,
    /// The resource replaced another one.
    Replaced,
    /// The resource existed already.
    AlreadyThere,
    /// Another resource has the name, so nothing was changed.
    Taken,
    /// The account's code storage is full, so nothing was changed.
    OutOfStorage,
}

/// A whole resource of any kind.
pub trait Packed: Debug {
    /// The resource's name.
    fn name(&self) -> &str;
    /// The resource's name for people, with the word for its kind: `layer base`.
    fn told(&self) -> String;
    /// The numbers of the resource's versions; `None` if its kind has no versions.
    fn numbers(&self) -> Option<Vec<u64>>;
    /// The names of the resource's parts other than versions. The first list is shown before the versions, the second
    /// list after them.
    fn parts(&self) -> (Vec<String>, Vec<String>);
    /// The `CodeSha256` of every package that the resource refers to.
    fn packages(&self) -> Vec<String>;
    /// The bytes that the account is charged for. The first number is for the resource that this one replaces, the
    /// second for this one.
    ///
    /// # Errors
    /// A resource that cannot be read.
    fn sizes(&self, place: &Place<'_>) -> Result<(u64, u64)>;
    /// See [`Collection::present`].
    ///
    /// # Errors
    /// A resource that cannot be read.
    fn present(&self, place: &Place<'_>) -> Result<Present>;
    /// See [`Collection::import`].
    ///
    /// # Errors
    /// Errors of the disk; the resource is then unchanged.
    fn import(&self, place: &Place<'_>, packages: &[Handle], replace: bool) -> Result<Imported>;
    /// See [`Collection::take_back`].
    ///
    /// # Errors
    /// Errors of the disk.
    fn take_back(&self, place: &Place<'_>) -> Result<()>;
    /// The resource's files and their contents. The paths start in the resource's folder, and the head is the last
    /// file.
    fn files(&self) -> Vec<(String, Vec<u8>)>;
    /// The resource itself, for code that knows its type.
    fn as_any(&self) -> &dyn Any;
    /// The resource itself, for code that knows its type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<H: Head> Packed for Resource<H> {
    fn name(&self) -> &str {
        self.head.name()
    }

    fn told(&self) -> String {
        format!("{}{}", H::WORDS.before_name, self.head.name())
    }

    fn numbers(&self) -> Option<Vec<u64>> {
        let numbers = self.versions.iter().map(|(number, _)| *number);
        H::HAS_VERSIONS.then(|| numbers.collect())
    }

    fn parts(&self) -> (Vec<String>, Vec<String>) {
        self.head.parts()
    }

    fn packages(&self) -> Vec<String> {
        let versions = self.versions.iter();
        let codes = versions.map(|(_, version)| H::code_of(version).0);
        let own = self.head.code().and_then(|(code, _)| code);
        let all = codes.chain([own]).flatten();
        all.filter(|code_sha256| !code_sha256.is_empty()).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Result<(u64, u64)> {
        let there = place.all::<H>().head(self.head.name())?;
        let before = there.map_or(0, |head| head.stored_size());
        Ok((before, self.head.stored_size()))
    }

    fn present(&self, place: &Place<'_>) -> Result<Present> {
        place.all::<H>().present(self)
    }

    fn import(&self, place: &Place<'_>, packages: &[Handle], replace: bool) -> Result<Imported> {
        place.all::<H>().import(self, packages, replace)
    }

    fn take_back(&self, place: &Place<'_>) -> Result<()> {
        place.all::<H>().take_back(self.head.name())
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let versions = self
            .versions
            .iter()
            .map(|(number, version)| (format!("versions/{number}.json"), json_text(version)));
        let mut files: Vec<(String, Vec<u8>)> = versions.collect();
        files.push(("journal.jsonl".to_owned(), journal::text(&self.journal)));
        files.push((H::FILE.to_owned(), json_text(&self.head)));
        files
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl<H: Head> Resource<H> {
    fn is(&self, other: &Self) -> bool {
        let comparable = |resource: &Self| {
            let mut head = resource.head.clone();
            head.set_changes(0);
            let versions: Vec<(u64, Vec<u8>)> = resource
                .versions
                .iter()
                .map(|(number, version)| (*number, json_text(version)))
                .collect();
            (json_text(&head), versions)
        };
        comparable(self) == comparable(other)
    }

    /// Refuses a resource that could not be read again: a name that no folder can have, counters that are too large, a
    /// version with a number above the head's counter, or a version that occurs twice.
    ///
    /// # Errors
    /// A description of the fault.
    pub fn check(&self) -> Result<(), String> {
        let head = &self.head;
        if !is_name(head.name()) {
            return Err(format!("{:?} is not a name", head.name()));
        }
        if head.last_version() > MOST - ROOM || head.changes() > MOST - ROOM {
            return Err("its counters are not usable".to_owned());
        }
        for (number, version) in &self.versions {
            if H::number(version) != number.to_string() {
                return Err(format!(
                    "version {number} says that it is version {:?}",
                    H::number(version)
                ));
            }
            if !exists(head, *number) {
                return Err(format!(
                    "version {number} exists, but the last number that was used is {}",
                    head.last_version()
                ));
            }
        }
        if !self.versions.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err("a version exists twice".to_owned());
        }
        Ok(())
    }
}

impl<H: Head> Collection<'_, H> {
    /// A resource with all its files; `None` if it does not exist.
    ///
    /// # Errors
    /// A file of the resource that cannot be read.
    pub fn whole(&self, name: &str) -> Result<Option<Resource<H>>> {
        self.view(name, |view| {
            let mut versions = Vec::new();
            for number in view.numbers()? {
                versions.extend(view.version(number)?.map(|version| (number, version)));
            }
            Ok(Resource {
                head: view.kept.clone(),
                versions,
                journal: view.layers.journal(view.kept.changes())?,
            })
        })
    }

    /// Compares a resource with the existing resource of the same name.
    ///
    /// # Errors
    /// A resource that cannot be read.
    pub fn present(&self, wanted: &Resource<H>) -> Result<Present> {
        Ok(match self.whole(wanted.head.name())? {
            None => Present::Nothing,
            Some(there) if there.is(wanted) => Present::Same,
            Some(_) => Present::Other,
        })
    }

    /// Imports a resource with its packages. The change counter never decreases: if there was already a counter for the
    /// name, the import continues from it and adds a line to the journal. If the changes of the resource are not known,
    /// the import is the first change.
    ///
    /// # Errors
    /// Errors of the disk; the resource is then unchanged.
    pub fn import(
        &self,
        wanted: &Resource<H>,
        packages: &[Handle],
        replace: bool,
    ) -> Result<Imported> {
        let (place, name) = (self.place, wanted.head.name());
        let (store, disk) = (place.store, &place.store.disk);
        let folder = self.folder(name);
        wanted
            .check()
            .map_err(|cause| StoreError::content(&folder.join(H::FILE), cause))?;
        place.ensure::<H>()?;
        let _import = place.lock_imports()?;
        let _packages = store.hold_packages()?;
        let _lock = lock::exclusive(store, &self.lock_file(name), name)?;

        let now = store.clock.now();
        let there = self.open_at(name, now)?;
        if let Some((head, layers)) = &there {
            // This code holds the resource's lock, and `view` would wait for the same lock. So the folder is read
            // directly.
            match self.present_unlocked(wanted, head, layers)? {
                Present::Same => return Ok(Imported::AlreadyThere),
                _ if !replace => return Ok(Imported::Taken),
                _ => {}
            }
        }
        let (retired, path) = self.retired(name)?;
        usable(&path, retired.last_version, retired.changes, MOST - ROOM)?;
        let before = there.as_ref().map(|(head, _)| head);
        let least = before.map_or(0, |head| head.changes()).max(retired.changes);

        let mut head = wanted.head.clone();
        let mut journal = wanted.journal.clone();
        if journal.is_empty()
            && let Some((head, layers)) = &there
        {
            journal = layers.journal(head.changes())?;
        }
        if wanted.journal.is_empty() || head.changes() < least {
            head.set_changes(head.changes().max(least));
            journal.push(journal::Line {
                change: head.count_change(),
                when: store.clock.now(),
                call: "Import".to_owned(),
                moved: H::moved(before, &head),
            });
        }

        let (old, new) = (
            before.map_or(0, |head| head.stored_size()),
            head.stored_size(),
        );
        let functions = i64::from(H::IS_FUNCTION && before.is_none());
        let grows = new > old || before.is_none();
        if grows && !place.charge(old, new, functions)? {
            return Ok(Imported::OutOfStorage);
        }
        let trash = place.root().join("trash");
        let fresh = trash.join(format!("{BUILT}{}-{name}", H::FOLDER));
        // In a fork, the resource that is replaced may be the parent's.
        let is_here = folder.join(H::FILE).exists();
        let written = (|| {
            for package in packages {
                store.keep_package(package)?;
            }
            disk.create_folders(&fresh.join("versions"))?;
            for (number, version) in &wanted.versions {
                let path = version_file(&fresh, &number.to_string());
                disk.write_new(&path, &json_text(version))?;
            }
            disk.sync_folder_of(&version_file(&fresh, "0"))?;
            disk.replace(&fresh.join("journal.jsonl"), &journal::text(&journal))?;
            disk.replace(&fresh.join(H::FILE), &json_text(&head))?;
            if is_here {
                return disk.exchange(&fresh, &folder);
            }
            if fs::symlink_metadata(&folder).is_ok() {
                // These files were left by a stopped create, because a folder without a head is not a resource.
                disk.retire(
                    &folder,
                    &trash.join(format!("{BUILT}left-{}-{name}", H::FOLDER)),
                    H::FILE,
                )?;
            }
            disk.rename(&fresh, &folder)
        })();
        if written.is_err() {
            // Perhaps only the last fsync failed, so the rename may have to be undone.
            let _ = match is_here {
                true if fresh.join(H::FILE).exists() && !self.is_at(&folder, before) => {
                    disk.exchange(&fresh, &folder)
                }
                false if folder.join(H::FILE).exists() => disk.retire(&folder, &fresh, H::FILE),
                _ => Ok(()),
            };
            place.sweep_imports();
        }
        if written.is_err() && grows {
            place.forget_usage();
        }
        written?;
        if new < old {
            place.release(old, new, 0);
        }
        place.sweep_imports();
        Ok(if before.is_some() {
            Imported::Replaced
        } else {
            Imported::Made
        })
    }

    /// Removes a resource that an import created. After that, the state is as if the resource had never existed.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn take_back(&self, name: &str) -> Result<()> {
        let _import = self.place.lock_imports()?;
        let _lock = lock::exclusive(self.place.store, &self.lock_file(name), name)?;
        let trash = self.place.root().join("trash");
        let gone = trash.join(format!("{BUILT}back-{}-{name}", H::FOLDER));
        let disk = &self.place.store.disk;
        disk.retire(&self.folder(name), &gone, H::FILE)?;
        self.place.forget_usage();
        self.place.sweep_imports();
        Ok(())
    }

    /// Returns true if the folder holds exactly that head, or no head if `head` is `None`.
    fn is_at(&self, folder: &Path, head: Option<&H>) -> bool {
        let name = head.map_or("", H::name);
        self.read(name, folder)
            .is_ok_and(|there| there.as_ref() == head)
    }

    fn present_unlocked(
        &self,
        wanted: &Resource<H>,
        head: &H,
        layers: &Layers<H>,
    ) -> Result<Present> {
        let mut versions = Vec::new();
        for number in layers.numbers(head)? {
            let version = frozen(head, layers, number)?;
            versions.extend(version.map(|version| (number, version)));
        }
        let there = Resource {
            head: head.clone(),
            versions,
            journal: Vec::new(),
        };
        Ok(if there.is(wanted) {
            Present::Same
        } else {
            Present::Other
        })
    }
}

impl Place<'_> {
    /// The lock of imports. Only one import runs at a time, so files of an earlier import are known to be abandoned.
    fn lock_imports(&self) -> Result<lock::Lock> {
        let path = self.root().join("locks/import.lock");
        let lock = lock::exclusive(self.store, &path, "imports")?;
        self.store.disk.create_folders(&self.root().join("trash"))?;
        self.sweep_imports();
        Ok(lock)
    }

    /// Removes replaced resources and the files of stopped imports. Errors are ignored, because the next import tries
    /// again.
    fn sweep_imports(&self) {
        let trash = self.root().join("trash");
        // Only entries of lambdry are removed, because `trash` may be a link to a folder with other contents.
        if fs::symlink_metadata(&trash).is_ok_and(|metadata| metadata.is_dir()) {
            let mut left = atomic::names(&trash).unwrap_or_default();
            left.retain(|name| name.starts_with(BUILT));
            for name in left {
                self.store.disk.remove_folder(&trash.join(name));
            }
        }
    }
}
