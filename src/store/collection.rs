//! Resources that are a folder each: a head, frozen versions, a journal. [`Collection::view`] reads them and
//! [`Collection::edit`] changes them; no other code touches their files.
//!
//! An edit takes the lock, loads the head, finishes the work of a stopped process, applies a change that is due, runs
//! its closure on plain data, and commits. The order on the disk is package → version file → journal line → head →
//! clean-up: everything is written first, then fsynced and renamed. If the closure fails, nothing has changed. A
//! publish makes five fsyncs, a read none.

use std::{
    cell::{Cell, RefCell},
    fs,
    marker::PhantomData,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Place, Result, StoreError,
    atomic::{self, json_text},
    format, journal,
    layers::{Layers, hide_version},
    lock,
    package::Handle,
};
use crate::state::head::Head;

/// The most attempts of a reader without a lock while the resource changes under it.
const RETRIES: usize = 100;

/// All resources of one kind in one place.
#[derive(Debug)]
pub struct Collection<'a, H> {
    pub(super) place: &'a Place<'a>,
    head: PhantomData<H>,
}

/// `retired/functions/<name>.json`: the counters from which a successor of a deleted resource continues.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Retired {
    pub(super) last_version: u64,
    pub(super) changes: u64,
}

/// The first counters of a resource: those of a deleted resource of the same name, or zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// The highest version number ever assigned.
    pub last_version: u64,
    /// The change counter.
    pub changes: u64,
}

/// A resource as it is read, at one moment.
#[derive(Debug)]
pub struct View<'a, H: Head> {
    /// The head, with all due changes applied.
    pub head: H,
    /// The moment of the view.
    pub now: Timestamp,
    /// The head as the last commit left it.
    pub(super) kept: H,
    pub(super) layers: &'a Layers<H>,
    /// True if the answer depends on the set of version files: a version was not found, or all were listed.
    unsure: Cell<bool>,
}

impl<H: Head> View<'_, H> {
    /// A published version; `None` if it does not exist.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn version(&self, number: u64) -> Result<Option<H::Frozen>> {
        let version = frozen(&self.head, self.layers, number)?;
        self.unsure.set(self.unsure.get() || version.is_none());
        Ok(version)
    }

    /// The numbers of all published versions, ascending.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.unsure.set(true);
        self.layers.numbers(&self.head)
    }

    /// The published versions after that number, ascending. They are looked up one by one, so that the first few cost
    /// only their own files. The folder is listed only if many numbers in a row are missing.
    pub fn behind(&self, number: u64) -> impl Iterator<Item = Result<(u64, H::Frozen)>> {
        let last = self.head.last_version();
        self.found(number, move |number| (number < last).then(|| number + 1))
    }

    /// The published versions before that number, descending, looked up in the same way.
    pub fn before(&self, number: u64) -> impl Iterator<Item = Result<(u64, H::Frozen)>> {
        let number = number.min(self.head.last_version().saturating_add(1));
        self.found(number, |number| {
            number.checked_sub(1).filter(|next| *next > 0)
        })
    }

    fn found(
        &self,
        mut number: u64,
        next: impl Fn(u64) -> Option<u64>,
    ) -> impl Iterator<Item = Result<(u64, H::Frozen)>> {
        /// After this many missing numbers in a row, listing the folder is cheaper.
        const PROBES: usize = 64;
        let mut missed = 0;
        let mut listed: Option<std::vec::IntoIter<u64>> = None;
        std::iter::from_fn(move || {
            loop {
                number = match &mut listed {
                    Some(numbers) => numbers.next()?,
                    None => next(number)?,
                };
                match self.version(number) {
                    Ok(Some(version)) => return Some(Ok((number, version))),
                    Ok(None) => missed += 1,
                    Err(error) => return Some(Err(error)),
                }
                if missed == PROBES && listed.is_none() {
                    let mut numbers = match self.numbers() {
                        Ok(numbers) => numbers,
                        Err(error) => return Some(Err(error)),
                    };
                    if next(number).is_none_or(|next| next < number) {
                        numbers.retain(|other| *other < number);
                        numbers.reverse();
                    } else {
                        numbers.retain(|other| *other > number);
                    }
                    listed = Some(numbers.into_iter());
                }
            }
        })
    }

    /// The changes, oldest first.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn journal(&self) -> Result<Vec<journal::Line>> {
        self.layers.journal(self.head.changes())
    }

    /// The changes above that number, oldest first. If a fork made all of them, only the fork's own journal is read.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn journal_after(&self, change: u64) -> Result<Vec<journal::Line>> {
        self.layers.journal_after(change, self.head.changes())
    }
}

/// A resource during a change. The head is plain data: the closure changes it and returns.
#[derive(Debug)]
pub struct Edit<'a, H: Head> {
    /// The head that will be written.
    pub head: H,
    /// The moment of the change.
    pub now: Timestamp,
    place: &'a Place<'a>,
    /// The folder to write to.
    folder: &'a Path,
    /// The files to read from; `None` for a new resource.
    layers: Option<&'a Layers<H>>,
    arn: String,
    fresh: RefCell<Vec<(u64, H::Frozen)>>,
    gone: Option<u64>,
    /// True if this edit finished an earlier delete and its folder still needs an fsync.
    finished: bool,
    /// The parent's head, if this edit is the first change of the resource in a fork.
    inherited: Option<H>,
    /// The change counter before this edit's first change.
    first: u64,
    package: Option<Handle>,
}

/// The closure of an edit, with its result type erased.
type Change<'c, H> = Box<dyn FnOnce(&mut Edit<'_, H>) -> Result<()> + 'c>;

impl<H: Head> Edit<'_, H> {
    /// The next id of this resource: a UUID.
    pub fn next_id(&mut self) -> String {
        let change = self.head.count_change();
        self.place.store.ids.id(&self.arn, change)
    }

    /// The moment at which a change of that duration completes.
    pub fn after(&self, settle: Duration) -> Timestamp {
        SignedDuration::try_from(settle)
            .ok()
            .and_then(|settle| self.now.checked_add(settle).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// A published version; `None` if it does not exist.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn version(&self, number: u64) -> Result<Option<H::Frozen>> {
        if let Some((_, version)) = self.fresh.borrow().iter().find(|(n, _)| *n == number) {
            return Ok(Some(version.clone()));
        }
        match self.layers {
            Some(layers) => frozen(&self.head, layers, number),
            None => Ok(None),
        }
    }

    /// Adds a version's file to the edit's commit. At the commit, the head's counter must cover the number.
    pub fn publish(&mut self, number: u64, version: H::Frozen) {
        self.fresh.get_mut().push((number, version));
    }

    /// Removes a version's file after the commit. With the commit the version is deleted, even if the process stops
    /// before the file is removed.
    pub fn delete_version(&mut self, number: u64) {
        self.gone = Some(number);
        self.head.set_deleting(Some(number.to_string()));
    }

    /// Turns a spool into a package when the edit commits.
    pub fn keep_package(&mut self, spool: Handle) {
        self.package = Some(spool);
    }
}

/// The result of an edit's commit.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The closure's result; its change is on the disk.
    Done(T),
    /// The account's code storage is full; nothing was changed.
    OutOfStorage,
}

impl<'a, H: Head> Collection<'a, H> {
    pub(super) fn new(place: &'a Place<'a>) -> Self {
        Self {
            place,
            head: PhantomData,
        }
    }

    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.place.root().join(H::FOLDER).join(name)
    }

    pub(super) fn lock_file(&self, name: &str) -> PathBuf {
        self.place
            .root()
            .join("locks")
            .join(H::FOLDER)
            .join(format!("{name}.lock"))
    }

    pub(super) fn retired_file(&self, name: &str) -> PathBuf {
        self.place
            .root()
            .join("retired")
            .join(H::FOLDER)
            .join(format!("{name}.json"))
    }

    /// The head as the last commit left it, read without its lock, because it is replaced whole. For code that holds
    /// the lock of another resource and would risk a deadlock with this one's.
    ///
    /// # Errors
    /// A head that cannot be read.
    pub fn head(&self, name: &str) -> Result<Option<H>> {
        if !is_name(name) {
            return Ok(None);
        }
        self.load(name)
    }

    /// Returns true if a resource of this name exists or ever existed.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn ever_was(&self, name: &str) -> Result<bool> {
        if self.is_there(name)? {
            return Ok(true);
        }
        let (_, path) = self.retired(name)?;
        let there = path.try_exists();
        there.map_err(|error| StoreError::io("read", &path, error).into())
    }

    /// Reads a resource; `None` if it does not exist.
    ///
    /// # Errors
    /// Errors of the closure and of the disk.
    pub fn view<T>(
        &self,
        name: &str,
        read: impl Fn(&View<'_, H>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut answer = None;
        let there = self.viewed(name, &mut |view| {
            answer = Some(read(view)?);
            Ok(())
        })?;
        Ok(answer.filter(|_| there))
    }

    /// The part of a view that all readers share. Returns true if the resource exists.
    fn viewed(&self, name: &str, read: &mut dyn FnMut(&View<'_, H>) -> Result<()>) -> Result<bool> {
        if !is_name(name) {
            return Ok(false);
        }
        let locks = self.hold_to_read(name)?;
        let is_locked = locks.iter().all(Option::is_some);
        for _ in 0..RETRIES {
            let Some((mut head, layers)) = self.open(name)? else {
                return Ok(false);
            };
            let raw = head.clone();
            let now = self.place.store.clock.now();
            if H::GOES_IN_TIME && head.is_gone(now) {
                return Ok(false);
            }
            head.settle(now);
            let view = View {
                head,
                now,
                kept: raw,
                layers: &layers,
                unsure: Cell::new(false),
            };
            let answer = read(&view);
            // Without a lock, the head may have been replaced and a version's file removed since the head was read.
            if !is_locked && view.unsure.get() && self.load(name)?.as_ref() != Some(&view.kept) {
                continue;
            }
            return answer.map(|()| true);
        }
        let folder = self.folder(name);
        Err(StoreError::content(&folder, "it changes faster than it can be read").into())
    }

    /// Creates a resource. The closure gets the first counters and returns the first head. Returns `None` if the name
    /// is taken.
    ///
    /// # Errors
    /// Errors of the closure and of the disk.
    pub fn create<T>(
        &self,
        name: &str,
        arn: &str,
        call: &str,
        first: impl FnOnce(Counters, Timestamp) -> H,
        change: impl FnOnce(&mut Edit<'_, H>) -> Result<T>,
    ) -> Result<Option<Outcome<T>>> {
        self.place.ensure::<H>()?;
        let folder = self.folder(name);
        let _lock = lock::exclusive(self.place.store, &self.lock_file(name), name)?;
        if self.load(name)?.is_some() {
            return Ok(None);
        }
        let (retired, path) = self.retired(name)?;
        usable(&path, retired.last_version, retired.changes, MOST - ROOM)?;
        let now = self.place.store.clock.now();
        let counters = Counters {
            last_version: retired.last_version,
            changes: retired.changes,
        };
        let mut edit = self.begin(first(counters, now), now, &folder, arn);
        let answer = change(&mut edit)?;
        let disk = &self.place.store.disk;
        // In a fork, a folder without its head is always the rest of a stopped create.
        if self.place.is_layered() || is_stopped_create::<H>(&folder, retired)? {
            disk.remove_folder(&folder);
        }
        let is_new = !folder.exists();
        // The folder is created here, so that the first publish costs no more than the next.
        disk.create_folders(&folder.join("versions"))?;
        // A stopped create may have made the folder without making its name durable.
        disk.sync_folder_of(&folder)?;
        let done = self.commit(None, edit, call);
        let is_made = matches!(done, Ok(Outcome::Done(())));
        // If the head exists, the change was committed, and a later failure does not matter.
        if !is_made && is_new && !folder.join(H::FILE).exists() {
            disk.remove_folder(&folder);
        }
        Ok(Some(done?.map(|()| answer)))
    }

    /// Changes a resource; `None` if it does not exist. If the closure changes nothing, nothing is written.
    ///
    /// # Errors
    /// Errors of the closure and of the disk; the resource is then unchanged.
    pub fn edit<T>(
        &self,
        name: &str,
        arn: &str,
        call: &str,
        change: impl FnOnce(&mut Edit<'_, H>) -> Result<T>,
    ) -> Result<Option<Outcome<T>>> {
        let mut answer = None;
        let change = |edit: &mut Edit<'_, H>| {
            answer = Some(change(edit)?);
            Ok(())
        };
        let done = self.edited(name, arn, call, Box::new(change))?;
        Ok(done.zip(answer).map(|(done, answer)| done.map(|()| answer)))
    }

    /// The part of an edit that all writers share.
    fn edited(
        &self,
        name: &str,
        arn: &str,
        call: &str,
        change: Change<'_, H>,
    ) -> Result<Option<Outcome<()>>> {
        if !self.exists(name)? {
            return Ok(None);
        }
        let _locks = self.lock_to_change(name)?;
        let now = self.place.store.clock.now();
        let Some((mut head, layers)) = self.open_at(name, now)? else {
            return Ok(None);
        };
        let folder = self.folder(name);
        let inherited = (layers.folder != folder).then(|| head.clone());
        let path = layers.folder.join(H::FILE);
        usable(&path, head.last_version(), head.changes(), MOST - ROOM)?;
        let finished = self.finish(&mut head, &layers)?;
        head.settle(now);
        let before = head.clone();
        let mut edit = Edit {
            finished,
            inherited,
            layers: Some(&layers),
            ..self.begin(head, now, &folder, arn)
        };
        change(&mut edit)?;
        if edit.head == before && edit.fresh.get_mut().is_empty() {
            return Ok(Some(Outcome::Done(())));
        }
        self.commit(Some(&before), edit, call).map(Some)
    }

    /// Deletes a resource: its counters are kept, and its folder is moved away in one rename. Returns `None` if it does
    /// not exist.
    ///
    /// # Errors
    /// Errors of the closure and of the disk; the resource is then unchanged.
    pub fn delete(&self, name: &str, allowed: impl FnOnce(&H) -> Result<()>) -> Result<Option<()>> {
        if !self.exists(name)? {
            return Ok(None);
        }
        let _locks = self.lock_to_change(name)?;
        let now = self.place.store.clock.now();
        let Some((mut head, _)) = self.open_at(name, now)? else {
            return Ok(None);
        };
        head.settle(now);
        allowed(&head)?;
        format::ensure(self.place.store)?;
        self.remove(name, &head)?;
        Ok(Some(()))
    }

    /// Removes resources whose deletion is complete. No reader sees them, and no call names them any more.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn clear_gone(&self) -> Result<()> {
        for name in self.names()? {
            let is_gone = |head: &H| head.is_gone(self.place.store.clock.now());
            if !self.kept(&name)?.as_ref().is_some_and(is_gone) {
                continue;
            }
            let _locks = self.lock_to_change(&name)?;
            if let Some(head) = self.kept(&name)?.filter(is_gone) {
                self.remove(&name, &head)?;
            }
        }
        Ok(())
    }

    /// Deletes a resource whose lock is held.
    fn remove(&self, name: &str, head: &H) -> Result<()> {
        let (folder, disk) = (self.folder(name), &self.place.store.disk);
        let retired = Retired {
            last_version: head.last_version(),
            changes: head.changes(),
        };
        let trash = self.place.root().join("trash");
        // The folder may be missing: git does not keep empty folders.
        disk.create_folders(&self.place.root().join("retired").join(H::FOLDER))?;
        disk.create_folders(&trash)?;
        disk.replace(&self.retired_file(name), &json_text(&retired))?;
        // A stopped delete of an earlier resource of the same name may have left its folder.
        let gone = trash.join(format!("{}-{name}-{}", H::FOLDER, head.changes()));
        disk.remove_folder(&gone);
        // A fork without files of the resource marks the deletion by the counters alone.
        if !self.place.is_layered() || fs::symlink_metadata(&folder).is_ok() {
            disk.retire(&folder, &gone, H::FILE)?;
        }
        self.place
            .release(head.stored_size(), 0, -i64::from(H::IS_FUNCTION));
        // Only our own entries: `trash` may be a link to a folder with other contents.
        let ours = format!("{}-", H::FOLDER);
        if fs::symlink_metadata(&trash).is_ok_and(|metadata| metadata.is_dir()) {
            let mut left = atomic::names(&trash).unwrap_or_default();
            left.retain(|name| name.starts_with(&ours));
            for name in left {
                disk.remove_some(&trash.join(name));
            }
        }
        Ok(())
    }

    /// The changes of a resource, oldest first; `None` if it does not exist.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn journal(&self, name: &str) -> Result<Option<Vec<journal::Line>>> {
        self.view(name, |view| view.journal())
    }

    /// Returns true if the resource exists: no lock file is made for other names.
    fn exists(&self, name: &str) -> Result<bool> {
        Ok(is_name(name) && self.is_there(name)?)
    }

    /// The lock for changing a resource here. In a fork also the locks that keep the parent's resource unchanged.
    fn lock_to_change(&self, name: &str) -> Result<(lock::Lock, Vec<Option<lock::Lock>>)> {
        let path = self.lock_file(name);
        if let Some(folder) = path.parent() {
            self.place.store.disk.create_folders(folder)?;
        }
        let own = lock::exclusive(self.place.store, &path, name)?;
        let below = match self.place.is_layered() {
            true => self.hold_below(name)?,
            false => Vec::new(),
        };
        Ok((own, below))
    }

    /// The head, if the resource exists.
    pub(super) fn load(&self, name: &str) -> Result<Option<H>> {
        let now = self.place.store.clock.now();
        Ok(self.open_at(name, now)?.map(|(head, _)| head))
    }

    /// The head and its files, if the resource exists at that moment.
    pub(super) fn open_at(&self, name: &str, now: Timestamp) -> Result<Option<(H, Layers<H>)>> {
        let found = self.open(name)?;
        Ok(found.filter(|(head, _)| !H::GOES_IN_TIME || !head.is_gone(now)))
    }

    /// The head on the disk, even if its deletion is complete.
    ///
    /// # Errors
    /// A head that cannot be read.
    pub(super) fn kept(&self, name: &str) -> Result<Option<H>> {
        Ok(self.open(name)?.map(|(head, _)| head))
    }

    /// The head in that folder, as it is on the disk.
    pub(super) fn read(&self, name: &str, folder: &Path) -> Result<Option<H>> {
        let path = folder.join(H::FILE);
        let head: Option<H> = atomic::read_json(&path)?;
        match head {
            Some(head) if head.name() != name => {
                let cause = format!("it holds {:?} instead of {name:?}", head.name());
                let hint = if head.name().eq_ignore_ascii_case(name) {
                    "names in Lambda are case-sensitive, but this disk is not: use a case-sensitive disk, or only \
                     one spelling"
                } else {
                    "nothing was changed; folder and file must have the same name: rename the folder or edit the file"
                };
                Err(StoreError::content(&path, cause).with_hint(hint).into())
            }
            Some(head) => {
                usable(&path, head.last_version(), head.changes(), MOST)?;
                Ok(Some(head))
            }
            None => Ok(None),
        }
    }

    /// Finishes the deletion of a version. Returns true if there was one. The file is usually gone already, but its
    /// folder needs an fsync, without which the file might come back.
    fn finish(&self, head: &mut H, layers: &Layers<H>) -> Result<bool> {
        let Some(number) = head.deleting() else {
            return Ok(false);
        };
        // A deletion that was in progress when a fork copied the head is not visible in the fork.
        if layers.folder == self.folder(head.name()) {
            layers.remove_version(self.place.store, number)?;
        }
        head.set_deleting(None);
        Ok(true)
    }

    fn begin<'e>(&self, head: H, now: Timestamp, folder: &'e Path, arn: &str) -> Edit<'e, H>
    where
        'a: 'e,
    {
        Edit {
            first: head.changes(),
            head,
            now,
            place: self.place,
            folder,
            arn: arn.to_owned(),
            fresh: RefCell::default(),
            gone: None,
            finished: false,
            inherited: None,
            layers: None,
            package: None,
        }
    }

    fn commit(&self, before: Option<&H>, mut edit: Edit<'_, H>, call: &str) -> Result<Outcome<()>> {
        let disk = &self.place.store.disk;
        format::ensure(self.place.store)?;
        if before.is_none_or(|before| before.changes() == edit.head.changes()) {
            edit.head.count_change();
        }
        let (old, new) = (before.map_or(0, Head::stored_size), edit.head.stored_size());
        let grows = new > old || before.is_none();
        let functions = i64::from(H::IS_FUNCTION && before.is_none());
        if grows && !self.place.charge(old, new, functions)? {
            return Ok(Outcome::OutOfStorage);
        }
        let written = (|| {
            let _packages = match &edit.package {
                Some(spool) => {
                    let lock = self.place.store.hold_packages()?;
                    self.place.store.keep_package(spool)?;
                    Some(lock)
                }
                None => None,
            };
            if let Some(base) = &edit.inherited {
                self.copy_up(base.name(), base)?;
            }
            if edit.finished || !edit.fresh.get_mut().is_empty() {
                // The folder is missing if no version was ever published, or if git did not keep it.
                disk.create_folders(&edit.folder.join("versions"))?;
            }
            if edit.finished && edit.fresh.get_mut().is_empty() {
                disk.sync_folder_of(&version_file(edit.folder, "0"))?;
            }
            let mut fresh = Vec::new();
            for (number, version) in edit.fresh.get_mut().iter() {
                let path = version_file(edit.folder, &number.to_string());
                fresh.push(disk.prepare(&path, &json_text(version))?);
            }
            let line = journal::Line {
                change: edit.head.changes(),
                when: edit.now,
                call: call.to_owned(),
                moved: H::moved(before, &edit.head),
            };
            let journal = edit.folder.join("journal.jsonl");
            let is_first = !journal.exists();
            let appended = journal::append(disk, &journal, edit.first, &line)?;
            let head = disk.prepare(&edit.folder.join(H::FILE), &json_text(&edit.head))?;
            // All files are written before any is fsynced; the head is put in place last.
            for version in fresh {
                version.place()?;
            }
            disk.sync("fsync the journal", &appended)
                .map_err(|error| StoreError::io("write", &journal, error))?;
            if is_first {
                // The head must not become durable without the changes that it counts.
                disk.sync_folder_of(&journal)?;
            }
            head.place()
        })();
        if written.is_err() && grows {
            self.place.forget_usage();
        }
        written?;
        if new < old {
            self.place.release(old, new, 0);
        }
        if let Some(number) = edit.gone {
            // If this fails, the next edit removes the file: the head records the deletion.
            let store = self.place.store;
            let _ = match (&edit.inherited, edit.layers) {
                (None, Some(layers)) => layers.remove_version(store, &number.to_string()),
                (Some(base), _) => hide_version(store, edit.folder, base, &number.to_string()),
                (None, None) => Ok(()),
            };
        }
        Ok(Outcome::Done(()))
    }
}

impl<T> Outcome<T> {
    fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(answer) => Outcome::Done(f(answer)),
            Self::OutOfStorage => Outcome::OutOfStorage,
        }
    }
}

impl<'a> Place<'a> {
    /// All resources of one kind in this place.
    pub fn all<H: Head>(&'a self) -> Collection<'a, H> {
        Collection::new(self)
    }
}

pub(super) fn version_file(folder: &Path, number: &str) -> PathBuf {
    folder.join("versions").join(format!("{number}.json"))
}

pub(super) fn exists<H: Head>(head: &H, number: u64) -> bool {
    number >= 1
        && number <= head.last_version()
        && head
            .deleting()
            .is_none_or(|gone| gone != number.to_string())
}

pub(super) fn frozen<H: Head>(
    head: &H,
    layers: &Layers<H>,
    number: u64,
) -> Result<Option<H::Frozen>> {
    if !exists(head, number) {
        return Ok(None);
    }
    match layers.read(number)? {
        Some((version, path)) if H::number(&version) != number.to_string() => {
            let holds = H::number(&version);
            Err(StoreError::content(
                &path,
                format!("it holds version {holds:?} instead of {number}"),
            )
            .into())
        }
        found => Ok(found.map(|(version, _)| version)),
    }
}

/// Returns true if a folder without its head is the rest of a stopped create: it is empty, or holds one change and its
/// published version, all above the counters of a deleted resource of the same name. No call ever succeeded with any of
/// it.
pub(super) fn is_stopped_create<H: Head>(folder: &Path, retired: Retired) -> Result<bool> {
    if !folder.is_dir() || folder.join(H::FILE).exists() {
        return Ok(false);
    }
    if is_stopped_delete(folder, retired)? {
        return Ok(true);
    }
    let next = format!("{}.json", retired.last_version.saturating_add(1));
    let unfinished = |name: &str, of: &str| name.strip_suffix(".new") == Some(of);
    for name in atomic::names(folder)? {
        let is_ours = match name.as_str() {
            "versions" => atomic::names(&folder.join("versions"))?
                .iter()
                .all(|file| *file == next || unfinished(file, &next)),
            "journal.jsonl" => {
                let text = atomic::read(&folder.join(&name))?.unwrap_or_default();
                let lines = text.split(|byte| *byte == b'\n');
                lines.filter(|line| !line.is_empty()).count() <= 1
            }
            name => unfinished(name, H::FILE),
        };
        if !is_ours {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns true for the rest of a stopped deletion on a disk that cannot rename folders: the kept counters cover all
/// versions and changes in it.
fn is_stopped_delete(folder: &Path, retired: Retired) -> Result<bool> {
    let versions = atomic::names(&folder.join("versions"))?;
    let number = |name: &String| name.strip_suffix(".json")?.parse::<u64>().ok();
    let covered = |name| number(name).is_some_and(|number| number <= retired.last_version);
    let Ok(journal) = journal::read(&folder.join("journal.jsonl"), MOST) else {
        return Ok(false);
    };
    let mut changes = journal.iter().map(|line| line.change);
    Ok(retired.changes > 0
        && versions.iter().all(covered)
        && changes.all(|change| change <= retired.changes))
}

/// The margin for new numbers: more than one change takes.
pub(super) const ROOM: u64 = 16;

/// The highest counter that every JSON reader reads exactly.
pub(super) const MOST: u64 = 1 << 53;

/// Refuses counters above `most`. Counters up to [`MOST`] can be read, but a change needs a margin below it.
pub(super) fn usable(path: &Path, last_version: u64, changes: u64, most: u64) -> Result<()> {
    if last_version > most || changes > most {
        return Err(StoreError::content(path, "its counters are not usable").into());
    }
    Ok(())
}

/// Returns true if the text can be the name of a resource, and so of its folder. Lambda's patterns for reads allow dots
/// (even `..`), but no resource with such a name can be created.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests;
