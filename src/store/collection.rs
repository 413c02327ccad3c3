//! Resources that are a folder each: a head, frozen versions, a journal. Reading is [`Collection::view`], changing is
//! [`Collection::edit`], and nothing else touches those files.
//!
//! An edit locks, loads the head, finishes what a stopped process left, folds in a change whose time has come, runs its
//! closure on plain data, and writes: package → version file → journal line → head → clean-up, in this
//! order to the disk: what is written is written first, then fsynced and renamed. An error from the closure has changed
//! nothing. A publish makes five fsyncs, a read none.

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

/// How often a reader without a lock begins again when the resource changed under it.
const RETRIES: usize = 100;

/// All resources of one kind in one place.
#[derive(Debug)]
pub struct Collection<'a, H> {
    pub(super) place: &'a Place<'a>,
    head: PhantomData<H>,
}

/// `retired/functions/<name>.json`: what a deleted resource's successor goes on from.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Retired {
    pub(super) last_version: u64,
    pub(super) changes: u64,
}

/// The counters a resource begins with: those of its deleted namesake, or zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// The highest version number ever given.
    pub last_version: u64,
    /// The change counter.
    pub changes: u64,
}

/// A resource as it is read: one moment of it.
#[derive(Debug)]
pub struct View<'a, H: Head> {
    /// The head, with everything folded in that is complete.
    pub head: H,
    /// The moment.
    pub now: Timestamp,
    /// The head as the last commit left it.
    pub(super) kept: H,
    pub(super) layers: &'a Layers<H>,
    /// Whether the answer rests on which version files there are: a version was looked for in vain, or all were listed.
    unsure: Cell<bool>,
}

impl<H: Head> View<'_, H> {
    /// A published version; `None` when there is none of that number.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn version(&self, number: u64) -> Result<Option<H::Frozen>> {
        let version = frozen(&self.head, self.layers, number)?;
        self.unsure.set(self.unsure.get() || version.is_none());
        Ok(version)
    }

    /// The numbers of all published versions, ascending.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.unsure.set(true);
        self.layers.numbers(&self.head)
    }

    /// The published versions behind that number, ascending. They are looked up one by one, so that whoever takes the
    /// first few pays for these; the folder is listed where many numbers in a row are gone.
    pub fn behind(&self, number: u64) -> impl Iterator<Item = Result<(u64, H::Frozen)>> {
        let last = self.head.last_version();
        self.found(number, move |number| (number < last).then(|| number + 1))
    }

    /// The published versions before that number, descending, looked up likewise.
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
        /// So many numbers without a version cost about what listing a folder costs.
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
    /// When the journal cannot be read.
    pub fn journal(&self) -> Result<Vec<journal::Line>> {
        self.layers.journal(self.head.changes())
    }
}

/// A resource while it is being changed. The head is plain data: change it and return.
#[derive(Debug)]
pub struct Edit<'a, H: Head> {
    /// The head as it will be written.
    pub head: H,
    /// The moment of the change.
    pub now: Timestamp,
    place: &'a Place<'a>,
    /// Where it is written.
    folder: &'a Path,
    /// Where it is read; `None` for one that is being made.
    layers: Option<&'a Layers<H>>,
    arn: String,
    fresh: RefCell<Vec<(u64, H::Frozen)>>,
    gone: Option<u64>,
    /// Whether an earlier delete was finished and its folder still wants an fsync.
    finished: bool,
    /// In a fork, the head as the parent has it, where this is the first change of it.
    inherited: Option<H>,
    /// The change counter before the first change.
    first: u64,
    package: Option<Handle>,
}

/// What an edit does, whatever it answers.
type Change<'c, H> = Box<dyn FnOnce(&mut Edit<'_, H>) -> Result<()> + 'c>;

impl<H: Head> Edit<'_, H> {
    /// The next id of this resource: a UUID.
    pub fn next_id(&mut self) -> String {
        let change = self.head.count_change();
        self.place.store.ids.id(&self.arn, change)
    }

    /// The moment a change that takes that long completes.
    pub fn after(&self, settle: Duration) -> Timestamp {
        SignedDuration::try_from(settle)
            .ok()
            .and_then(|settle| self.now.checked_add(settle).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// A published version; `None` when there is none of that number.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn version(&self, number: u64) -> Result<Option<H::Frozen>> {
        if let Some((_, version)) = self.fresh.borrow().iter().find(|(n, _)| *n == number) {
            return Ok(Some(version.clone()));
        }
        match self.layers {
            Some(layers) => frozen(&self.head, layers, number),
            None => Ok(None),
        }
    }

    /// Writes a version's file when the edit commits. The head's counter must cover the number by then.
    pub fn publish(&mut self, number: u64, version: H::Frozen) {
        self.fresh.get_mut().push((number, version));
    }

    /// Removes a version's file once the edit has committed. From then on the version is gone, even if the process
    /// stops before the file is.
    pub fn delete_version(&mut self, number: u64) {
        self.gone = Some(number);
        self.head.set_deleting(Some(number.to_string()));
    }

    /// Makes a package of a spool when the edit commits.
    pub fn keep_package(&mut self, spool: Handle) {
        self.package = Some(spool);
    }
}

/// What an edit's commit came to.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The closure's answer; what it changed is on the disk.
    Done(T),
    /// The account's code storage has no room for it; nothing was changed.
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

    /// A head as the last commit left it, without its lock: it is replaced whole. For whoever holds the lock of another
    /// resource, which this one's might be waited for with.
    ///
    /// # Errors
    /// When the head cannot be read.
    pub fn head(&self, name: &str) -> Result<Option<H>> {
        if !is_name(name) {
            return Ok(None);
        }
        self.load(name)
    }

    /// Whether there is a resource of that name, or ever was one.
    ///
    /// # Errors
    /// When that cannot be told.
    pub fn ever_was(&self, name: &str) -> Result<bool> {
        if self.is_there(name)? {
            return Ok(true);
        }
        let (_, path) = self.retired(name)?;
        let there = path.try_exists();
        there.map_err(|error| StoreError::io("read", &path, error).into())
    }

    /// Reads a resource. `None` when there is none of that name.
    ///
    /// # Errors
    /// The closure's, or the disk's.
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

    /// A view, by code that every reader shares. Answers whether there is such a resource.
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
            // Without a lock the head may have been replaced, and a version's file removed, since it was read.
            if !is_locked && view.unsure.get() && self.load(name)?.as_ref() != Some(&view.kept) {
                continue;
            }
            return answer.map(|()| true);
        }
        let folder = self.folder(name);
        Err(StoreError::content(&folder, "it is being changed faster than it can be read").into())
    }

    /// Makes a resource. The closure gets the counters to begin with and makes the first head; `None` when the name is
    /// taken.
    ///
    /// # Errors
    /// The closure's, or the disk's.
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
        // In a fork a folder without its head is always what a stop left.
        if self.place.is_layered() || is_stopped_create::<H>(&folder, retired)? {
            disk.remove_folder(&folder);
        }
        let is_new = !folder.exists();
        // Made here, so that the first publish costs no more than the next.
        disk.create_folders(&folder.join("versions"))?;
        // A create that was stopped may have made the folder and not its name durable.
        disk.sync_folder_of(&folder)?;
        let done = self.commit(None, edit, call);
        let is_made = matches!(done, Ok(Outcome::Done(())));
        // A head that is there was committed, whatever failed after that.
        if !is_made && is_new && !folder.join(H::FILE).exists() {
            disk.remove_folder(&folder);
        }
        Ok(Some(done?.map(|()| answer)))
    }

    /// Changes a resource. `None` when there is none of that name. When the closure changes nothing, nothing is written.
    ///
    /// # Errors
    /// The closure's, or the disk's; the resource is then as it was.
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

    /// An edit, by code that every writer shares.
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

    /// Removes a resource: its counters are kept, its folder leaves in one rename. `None` when there is none of that
    /// name.
    ///
    /// # Errors
    /// The closure's, or the disk's; the resource is then as it was.
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

    /// Removes those whose deletion is complete: no reader has seen them since, and nobody asks for them by name.
    ///
    /// # Errors
    /// The disk's.
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

    /// Removes a resource whose lock is held.
    fn remove(&self, name: &str, head: &H) -> Result<()> {
        let (folder, disk) = (self.folder(name), &self.place.store.disk);
        let retired = Retired {
            last_version: head.last_version(),
            changes: head.changes(),
        };
        let trash = self.place.root().join("trash");
        // git keeps no empty folders.
        disk.create_folders(&self.place.root().join("retired").join(H::FOLDER))?;
        disk.create_folders(&trash)?;
        disk.replace(&self.retired_file(name), &json_text(&retired))?;
        // A stopped delete of an earlier namesake may have left its folder.
        let gone = trash.join(format!("{}-{name}-{}", H::FOLDER, head.changes()));
        disk.remove_folder(&gone);
        // A fork that has nothing of it says by its counters that it is gone.
        if !self.place.is_layered() || fs::symlink_metadata(&folder).is_ok() {
            disk.retire(&folder, &gone, H::FILE)?;
        }
        self.place
            .release(head.stored_size(), 0, -i64::from(H::IS_FUNCTION));
        // Nothing but our own, and here: `trash` may be a link to a folder that holds other things.
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

    /// The changes of a resource, oldest first. `None` when there is none of that name.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn journal(&self, name: &str) -> Result<Option<Vec<journal::Line>>> {
        self.view(name, |view| view.journal())
    }

    /// Whether there is a resource of that name: nobody's lock file is made for a name that is not.
    fn exists(&self, name: &str) -> Result<bool> {
        Ok(is_name(name) && self.is_there(name)?)
    }

    /// The lock of who changes a resource here; in a fork with those that keep the parent's as it is.
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

    /// The head, where there is such a resource.
    pub(super) fn load(&self, name: &str) -> Result<Option<H>> {
        let now = self.place.store.clock.now();
        Ok(self.open_at(name, now)?.map(|(head, _)| head))
    }

    /// The head, where there is such a resource at that moment, and its files.
    pub(super) fn open_at(&self, name: &str, now: Timestamp) -> Result<Option<(H, Layers<H>)>> {
        let found = self.open(name)?;
        Ok(found.filter(|(head, _)| !H::GOES_IN_TIME || !head.is_gone(now)))
    }

    /// The head as it lies on the disk, be its deletion complete.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn kept(&self, name: &str) -> Result<Option<H>> {
        Ok(self.open(name)?.map(|(head, _)| head))
    }

    /// The head in that folder, as it lies on the disk.
    pub(super) fn read(&self, name: &str, folder: &Path) -> Result<Option<H>> {
        let path = folder.join(H::FILE);
        let head: Option<H> = atomic::read_json(&path)?;
        match head {
            Some(head) if head.name() != name => {
                let cause = format!("it holds {:?}, and {name:?} was asked for", head.name());
                let hint = if head.name().eq_ignore_ascii_case(name) {
                    "Lambda tells names apart by case and this disk does not: keep the state on one that does, or use one spelling"
                } else {
                    "nothing was changed; a folder bears the name its file holds: rename the one or edit the other"
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

    /// Finishes a version on its way out, and answers whether there was one. Its file is usually gone already; what is
    /// missing is the fsync of its folder, without which it might come back.
    fn finish(&self, head: &mut H, layers: &Layers<H>) -> Result<bool> {
        let Some(number) = head.deleting() else {
            return Ok(false);
        };
        // What was on its way out when a fork copied the head is not seen there.
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
                // Missing where no version was ever published, and where git did not keep it.
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
            // All is written before anything is waited for; the head is put in place last.
            for version in fresh {
                version.place()?;
            }
            disk.sync("fsync the journal", &appended)
                .map_err(|error| StoreError::io("write", &journal, error))?;
            if is_first {
                // No head without the changes that it counts.
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
            // The next edit removes it if this fails: the head says so.
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
    /// The resources of one kind here.
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
                format!("it holds version {holds:?}, and {number} was asked for"),
            )
            .into())
        }
        found => Ok(found.map(|(version, _)| version)),
    }
}

/// Whether a folder without its head is what a create left that was stopped: nothing, or one change and what that
/// published, all above the counters of a deleted namesake. No call was answered with any of it.
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

/// Returns true for what a stopped deletion left where a folder cannot be renamed: the counters that were kept cover all
/// its versions and changes.
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

/// More numbers than one change takes.
pub(super) const ROOM: u64 = 16;

/// The highest counter that every JSON reader takes as it is written.
pub(super) const MOST: u64 = 1 << 53;

/// Refuses counters above `most`: at [`MOST`] they are read, and a change needs some of what is left below it.
pub(super) fn usable(path: &Path, last_version: u64, changes: u64, most: u64) -> Result<()> {
    if last_version > most || changes > most {
        return Err(StoreError::content(path, "its counters are beyond any use").into());
    }
    Ok(())
}

/// Whether that can be the name of a resource, and so of its folder. Lambda's patterns for reading let dots through
/// (`..` among them), yet nothing can be created under such a name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests;
