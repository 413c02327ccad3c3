//! Resources, each of which is a folder with a head, frozen versions and a journal. [`Collection::view`] reads them and
//! [`Collection::edit`] changes them. No other code reads or writes their files.
//!
//! An edit takes the lock, loads the head, finishes the work of a stopped process, applies a change whose moment has
//! passed, runs its closure on plain data, and commits. The order on the disk is package → version file → journal line
//! → head → clean-up. All files are written first; then they are fsynced and renamed. If the closure fails, nothing was
//! changed. A publish makes five fsyncs, and a read makes none.

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

/// The greatest number of attempts of a reader that has no lock, if the resource changes during each attempt.
const RETRIES: usize = 100;

/// All resources of one kind in one place.
#[derive(Debug)]
pub struct Collection<'a, H> {
    pub(super) place: &'a Place<'a>,
    head: PhantomData<H>,
}

/// `retired/functions/<name>.json`: the counters of a deleted resource. The next resource with the same name continues
/// from them.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Retired {
    pub(super) last_version: u64,
    pub(super) changes: u64,
}

/// The counter values that a new resource starts with: those of a deleted resource with the same name, or zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// The highest version number ever assigned.
    pub last_version: u64,
    /// The change counter.
    pub changes: u64,
}

/// A resource in its state at one moment, for reading.
#[derive(Debug)]
pub struct View<'a, H: Head> {
    /// The head, with all changes applied that are due by now.
    pub head: H,
    /// The moment of the view.
    pub now: Timestamp,
    /// The head as the last commit left it.
    pub(super) kept: H,
    pub(super) layers: &'a Layers<H>,
    /// True if the result depends on which version files exist: a version was not found, or all versions were listed.
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

    /// The published versions after that number, ascending. Their files are opened one by one, so a caller that takes
    /// only the first few does not cause more work. The folder is listed only if many successive numbers are missing.
    pub fn behind(&self, number: u64) -> impl Iterator<Item = Result<(u64, H::Frozen)>> {
        let last = self.head.last_version();
        self.found(number, move |number| (number < last).then(|| number + 1))
    }

    /// The published versions before that number, descending. They are found in the same way as in [`Self::behind`].
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
        /// The number of successive missing numbers after which listing the folder is cheaper.
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

    /// The changes with a higher number, oldest first. If a fork made all of them, only the fork's own journal is read.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn journal_after(&self, change: u64) -> Result<Vec<journal::Line>> {
        self.layers.journal_after(change, self.head.changes())
    }
}

/// A resource during a change. The head is plain data, which the closure of the edit changes.
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
    /// True if this edit finished an earlier deletion of a version, and the folder of versions still needs an fsync.
    finished: bool,
    /// The parent's head, if this edit is the first change of the resource in a fork.
    inherited: Option<H>,
    /// The change counter before the first change of this edit.
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

    /// The moment at which a change is complete, if it takes the time `settle`.
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

    /// Adds a version's file to the edit's commit. When the edit commits, the head's counter must not be lower than the
    /// number.
    pub fn publish(&mut self, number: u64, version: H::Frozen) {
        self.fresh.get_mut().push((number, version));
    }

    /// Removes a version's file after the commit. The commit already deletes the version, even if the process stops
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

/// The result of the commit of an edit.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The closure's result. The change is on the disk.
    Done(T),
    /// The account's code storage is full, so nothing was changed.
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

    /// The head as the last commit left it. It is read without a lock, which is safe because a head is always replaced
    /// as a whole. Code that holds the lock of another resource uses this function, because taking this resource's
    /// lock, too, could cause a deadlock.
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
            // Without a lock, another process may have replaced the head and removed a version's file after the head
            // was read.
            if !is_locked && view.unsure.get() && self.load(name)?.as_ref() != Some(&view.kept) {
                continue;
            }
            return answer.map(|()| true);
        }
        let folder = self.folder(name);
        Err(StoreError::content(&folder, "it changes faster than it can be read").into())
    }

    /// Creates a resource. The closure gets the counter values for a new resource and returns the first head. Returns
    /// `None` if a resource with that name exists.
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
        // In a fork, a folder without a head has only one cause: a create that was stopped.
        if self.place.is_layered() || is_stopped_create::<H>(&folder, retired)? {
            disk.remove_folder(&folder);
        }
        let is_new = !folder.exists();
        // The folder of versions is created here, so that the first publish costs no more than later ones.
        disk.create_folders(&folder.join("versions"))?;
        // A create that was stopped may have created the folder, but not made its name durable.
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

    /// Deletes a resource. Its counters are stored, and its folder is moved away by one rename. Returns `None` if the
    /// resource does not exist.
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

    /// Removes resources whose deletion is complete. These resources are not visible to any reader, and calls do not
    /// name them any more.
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
        // If the deletion of an earlier resource with the same name was stopped, its folder may still exist.
        let gone = trash.join(format!("{}-{name}-{}", H::FOLDER, head.changes()));
        disk.remove_folder(&gone);
        // If a fork has no files of the resource, the stored counters alone record the deletion.
        if !self.place.is_layered() || fs::symlink_metadata(&folder).is_ok() {
            disk.retire(&folder, &gone, H::FILE)?;
        }
        self.place
            .release(head.stored_size(), 0, -i64::from(H::IS_FUNCTION));
        // Only entries of lambdry are removed, because `trash` may be a link to a folder with other contents.
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

    /// Returns true if the resource exists. Checked before a lock is taken, so that no lock file is created for other
    /// names.
    fn exists(&self, name: &str) -> Result<bool> {
        Ok(is_name(name) && self.is_there(name)?)
    }

    /// Takes the lock for changing a resource in this state directory. In a fork, also takes the locks that keep the
    /// parent's resource unchanged.
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

    /// The head as it is on the disk, even if the deletion of the resource is complete.
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

    /// Finishes the deletion of a version. Returns true if a version was being deleted. Usually the file was removed
    /// already, but the folder still needs an fsync; without it, the file might exist again after a crash.
    fn finish(&self, head: &mut H, layers: &Layers<H>) -> Result<bool> {
        let Some(number) = head.deleting() else {
            return Ok(false);
        };
        // If a version was being deleted when a fork copied the head, the fork does not record this deletion.
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
                // The folder is missing if no version was ever published, or if the state came from git, which does not
                // keep empty folders.
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
            // All files are written before the first one is fsynced. The head is put in place last.
            for version in fresh {
                version.place()?;
            }
            disk.sync("fsync the journal", &appended)
                .map_err(|error| StoreError::io("write", &journal, error))?;
            if is_first {
                // The head must not become durable before the journal lines of the changes that it counts.
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
            // If this fails, the next edit removes the file, because the head records the deletion.
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

/// Returns true if a folder without its head was left by a create that was stopped. Such a folder is empty, or holds
/// one change and the version that it published, with numbers above the counters of a deleted resource of the same
/// name. No call succeeded with these files.
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

/// Returns true if a folder was left by a stopped deletion on a disk that cannot rename folders. In such a folder, no
/// version and no change has a number above the stored counters.
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

/// The number of counter values that must remain free for a change. It is more than one change needs.
pub(super) const ROOM: u64 = 16;

/// The highest counter value that every JSON reader can read exactly.
pub(super) const MOST: u64 = 1 << 53;

/// Refuses counters above `most`. Counters up to [`MOST`] can be read, but a change needs the margin [`ROOM`] below it.
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
