//! Resources that are a folder each: a head, frozen versions, a journal. Reading is [`Collection::view`], changing is
//! [`Collection::edit`], and nothing else touches those files.
//!
//! An edit locks, loads the head, finishes what a stopped process left, folds in a change whose time has come, runs its
//! closure on plain data, and writes: package → version file → journal line → head → clean-up. An error from the
//! closure has changed nothing. A publish makes five fsyncs, a read none.

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
    format, journal, lock,
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
    pub(super) folder: &'a Path,
    /// Whether the answer rests on which version files there are: a version was looked for in vain, or all were listed.
    unsure: Cell<bool>,
}

impl<H: Head> View<'_, H> {
    /// A published version; `None` when there is none of that number.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn version(&self, number: u64) -> Result<Option<H::Frozen>> {
        let version = frozen(&self.head, self.folder, number)?;
        self.unsure.set(self.unsure.get() || version.is_none());
        Ok(version)
    }

    /// The numbers of all published versions, ascending.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.unsure.set(true);
        numbers(&self.head, self.folder)
    }

    /// The changes, oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn journal(&self) -> Result<Vec<journal::Line>> {
        journal::read(&self.folder.join("journal.jsonl"), self.head.changes())
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
    folder: &'a Path,
    arn: String,
    fresh: RefCell<Vec<(u64, H::Frozen)>>,
    gone: Option<u64>,
    /// Whether an earlier delete was finished and its folder still wants an fsync.
    finished: bool,
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
        frozen(&self.head, self.folder, number)
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

    /// The names of all resources, bytewise.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = atomic::names(&self.place.root().join(H::FOLDER))?;
        names.retain(|name| is_name(name));
        Ok(names)
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
        self.load(name, &self.folder(name))
    }

    /// Whether there is a resource of that name, or ever was one.
    ///
    /// # Errors
    /// When that cannot be told.
    pub fn ever_was(&self, name: &str) -> Result<bool> {
        for path in [self.folder(name).join(H::FILE), self.retired_file(name)] {
            if path
                .try_exists()
                .map_err(|error| StoreError::io("read", &path, error))?
            {
                return Ok(true);
            }
        }
        Ok(false)
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
        let folder = self.folder(name);
        let patience = &self.place.store.patience;
        let lock = lock::reading(&self.lock_file(name), name, patience)?;
        for _ in 0..RETRIES {
            let Some(mut head) = self.load(name, &folder)? else {
                return Ok(false);
            };
            let raw = head.clone();
            let now = self.place.store.clock.now();
            head.settle(now);
            let view = View {
                head,
                now,
                kept: raw,
                folder: &folder,
                unsure: Cell::new(false),
            };
            let answer = read(&view);
            // Without a lock the head may have been replaced, and a version's file removed, since it was read.
            if lock.is_none()
                && view.unsure.get()
                && self.load(name, &folder)?.as_ref() != Some(&view.kept)
            {
                continue;
            }
            return answer.map(|()| true);
        }
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
        if self.load(name, &folder)?.is_some() {
            return Ok(None);
        }
        let path = self.retired_file(name);
        let retired: Retired = atomic::read_json(&path)?.unwrap_or_default();
        usable(&path, retired.last_version, retired.changes, MOST - ROOM)?;
        let now = self.place.store.clock.now();
        let counters = Counters {
            last_version: retired.last_version,
            changes: retired.changes,
        };
        let mut edit = self.begin(first(counters, now), now, &folder, arn);
        let answer = change(&mut edit)?;
        let disk = &self.place.store.disk;
        // Made here, so that the first publish costs no more than the next.
        disk.create_folders(&folder.join("versions"))?;
        // A create that was stopped may have made the folder and not its name durable.
        disk.sync_folder_of(&folder)?;
        let done = self.commit(None, edit, call)?;
        if matches!(done, Outcome::OutOfStorage) {
            disk.remove_folder(&folder);
        }
        Ok(Some(done.map(|()| answer)))
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
        let Some(folder) = self.existing(name)? else {
            return Ok(None);
        };
        let _lock = self.lock_to_change(name)?;
        let Some(mut head) = self.load(name, &folder)? else {
            return Ok(None);
        };
        let path = folder.join(H::FILE);
        usable(&path, head.last_version(), head.changes(), MOST - ROOM)?;
        let now = self.place.store.clock.now();
        let finished = self.finish(&mut head, &folder)?;
        head.settle(now);
        let before = head.clone();
        let mut edit = Edit {
            finished,
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
        let Some(folder) = self.existing(name)? else {
            return Ok(None);
        };
        let _lock = self.lock_to_change(name)?;
        let Some(mut head) = self.load(name, &folder)? else {
            return Ok(None);
        };
        head.settle(self.place.store.clock.now());
        allowed(&head)?;
        format::ensure(self.place.store)?;
        let disk = &self.place.store.disk;
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
        disk.rename(&folder, &gone)?;
        self.place
            .release(head.stored_size(), 0, -i64::from(H::IS_FUNCTION));
        // Nothing but our own, and here: `trash` may be a link to a folder that holds other things.
        let ours = format!("{}-", H::FOLDER);
        if fs::symlink_metadata(&trash).is_ok_and(|metadata| metadata.is_dir()) {
            let mut left = atomic::names(&trash).unwrap_or_default();
            left.retain(|name| name.starts_with(&ours));
            for name in left {
                disk.remove_folder(&trash.join(name));
            }
        }
        Ok(Some(()))
    }

    /// The changes of a resource, oldest first. `None` when there is none of that name.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn journal(&self, name: &str) -> Result<Option<Vec<journal::Line>>> {
        self.view(name, |view| view.journal())
    }

    /// The folder of a resource that is there: nobody's lock file is made for a name that is not.
    fn existing(&self, name: &str) -> Result<Option<PathBuf>> {
        if !is_name(name) {
            return Ok(None);
        }
        let folder = self.folder(name);
        let head = folder.join(H::FILE);
        match head.try_exists() {
            Ok(there) => Ok(there.then_some(folder)),
            Err(error) => Err(StoreError::io("read", &head, error).into()),
        }
    }

    fn lock_to_change(&self, name: &str) -> Result<lock::Lock> {
        let path = self.lock_file(name);
        if let Some(folder) = path.parent() {
            self.place.store.disk.create_folders(folder)?;
        }
        lock::exclusive(self.place.store, &path, name)
    }

    pub(super) fn load(&self, name: &str, folder: &Path) -> Result<Option<H>> {
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
    fn finish(&self, head: &mut H, folder: &Path) -> Result<bool> {
        let Some(number) = head.deleting() else {
            return Ok(false);
        };
        let path = version_file(folder, number);
        self.place
            .store
            .disk
            .remove(&path)
            .map_err(|error| StoreError::io("remove", &path, error))?;
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
            if edit.finished || !edit.fresh.get_mut().is_empty() {
                // Missing where no version was ever published, and where git did not keep it.
                disk.create_folders(&edit.folder.join("versions"))?;
            }
            if edit.finished && edit.fresh.get_mut().is_empty() {
                disk.sync_folder_of(&version_file(edit.folder, "0"))?;
            }
            for (number, version) in edit.fresh.get_mut().iter() {
                disk.replace(
                    &version_file(edit.folder, &number.to_string()),
                    &json_text(version),
                )?;
            }
            let line = journal::Line {
                change: edit.head.changes(),
                when: edit.now,
                call: call.to_owned(),
                moved: H::moved(before, &edit.head),
            };
            let journal = edit.folder.join("journal.jsonl");
            journal::append(disk, &journal, edit.first, &line)?;
            disk.replace(&edit.folder.join(H::FILE), &json_text(&edit.head))
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
            let _ = disk.remove(&version_file(edit.folder, &number.to_string()));
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

pub(super) fn frozen<H: Head>(head: &H, folder: &Path, number: u64) -> Result<Option<H::Frozen>> {
    if !exists(head, number) {
        return Ok(None);
    }
    let path = version_file(folder, &number.to_string());
    let version: Option<H::Frozen> = atomic::read_json(&path)?;
    match version {
        Some(version) if H::number(&version) != number.to_string() => {
            let holds = H::number(&version);
            Err(StoreError::content(
                &path,
                format!("it holds version {holds:?}, and {number} was asked for"),
            )
            .into())
        }
        version => Ok(version),
    }
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

pub(super) fn numbers<H: Head>(head: &H, folder: &Path) -> Result<Vec<u64>> {
    let mut numbers: Vec<u64> = atomic::names(&folder.join("versions"))?
        .iter()
        .filter_map(|name| name.strip_suffix(".json"))
        // Versions are read by number: `01.json` is no second version 1.
        .filter_map(|text| text.parse().ok().filter(|n: &u64| n.to_string() == text))
        .filter(|number| exists(head, *number))
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
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
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::{operation::sandbox::Sandbox, store::Failure};

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    /// The journal's lines as number, call and what moved.
    fn journal(lambda: &Sandbox, name: &str) -> Vec<(u64, String, String)> {
        let text = fs::read_to_string(lambda.file_of(name, "journal.jsonl")).expect("a journal");
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a line");
            let call = line["Call"].as_str().expect("a call").to_owned();
            (
                line["Change"].as_u64().expect("a number"),
                call,
                line["Moved"].to_string(),
            )
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn the_journal_tells_what_moved_under_the_change_counter() {
        let lambda = Sandbox::new();
        lambda.create_with("pay", json!({ "Tags": { "team": "a" } }));
        let first = lambda.latest("pay")["CodeSha256"].clone();
        lambda.pass(std::time::Duration::from_secs(60));
        lambda.update_code("pay", "second", json!({ "Architectures": ["arm64"] }));
        let second = lambda.latest("pay")["CodeSha256"].clone();
        lambda.call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Environment": { "Variables": { "KEY": "secret" } } }),
        );
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        lambda.call("CreateAlias", alias.clone());
        let mut moved = alias;
        moved["FunctionVersion"] = json!("$LATEST");
        lambda.call("UpdateAlias", moved);
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "live" }),
        );
        lambda.call("DeleteFunction", of("pay:1"));
        let line = |change: u64, call: &str, moved: String| (change, call.to_owned(), moved);
        assert_eq!(
            journal(&lambda, "pay"),
            [
                line(3, "CreateFunction", format!(r#"{{"CodeSha256":{first},"Tags":["team"]}}"#)),
                line(
                    5,
                    "UpdateFunctionCode",
                    format!(r#"{{"$LATEST":["CodeSize","UnzippedSize","CodeSha256","Architectures"],"CodeSha256":{second}}}"#)
                ),
                line(7, "UpdateFunctionConfiguration", r#"{"$LATEST":["Environment"]}"#.to_owned()),
                line(9, "PublishVersion", r#"{"Published":"1"}"#.to_owned()),
                line(10, "CreateAlias", r#"{"Aliases":{"live":{"From":null,"To":{"FunctionVersion":"1"}}}}"#.to_owned()),
                line(
                    11,
                    "UpdateAlias",
                    r#"{"Aliases":{"live":{"From":{"FunctionVersion":"1"},"To":{"FunctionVersion":"$LATEST"}}}}"#.to_owned()
                ),
                line(12, "DeleteAlias", r#"{"Aliases":{"live":{"From":{"FunctionVersion":"$LATEST"},"To":null}}}"#.to_owned()),
                line(13, "DeleteFunction", r#"{"Deleted":"1"}"#.to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_refused_or_changes_nothing_writes_no_line() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let before = lambda.files();
        lambda.publish("pay");
        lambda.refused(
            "PublishVersion",
            json!({ "FunctionName": "pay", "RevisionId": "wrong" }),
        );
        lambda.refused(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Runtime": "nope" }),
        );
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn a_deleted_function_s_counters_are_kept_and_its_namesake_goes_on_from_them() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({ "Publish": true }));
        lambda.call("DeleteFunction", of("pay"));
        let retired = lambda.here().join("retired/functions/pay.json");
        let kept: Value =
            serde_json::from_slice(&fs::read(&retired).expect("a file")).expect("JSON");
        assert_eq!(kept, json!({ "LastVersion": 2, "Changes": 9 }));
        lambda.create("pay");
        assert_eq!(
            journal(&lambda, "pay")[0].0,
            12,
            "the change counter never goes back"
        );
        for number in ["1", "2"] {
            assert_eq!(
                lambda
                    .refused("GetFunction", of(&format!("pay:{number}")))
                    .code
                    .status(),
                404
            );
        }
        assert_eq!(lambda.publish("pay"), "3");
        lambda.call("DeleteFunction", of("pay"));
        fs::write(&retired, "{").expect("spoilt");
        let spool = lambda.zip("x");
        let told = lambda.broken(
            "CreateFunction",
            json!({
                "FunctionName": "pay", "Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/r",
                "Handler": "h", "Code": { "ZipFile": spool.handle() },
            }),
        );
        assert!(told.contains("retired/functions/pay.json"), "{told}");
    }

    #[test]
    fn equal_calls_under_one_seed_write_equal_bytes_wherever_the_state_lies() {
        let run = || {
            let lambda = Sandbox::new();
            lambda.create_with(
                "pay",
                json!({ "Publish": true, "Tags": { "b": "1", "a": "2" } }),
            );
            lambda.create("bill");
            lambda.update_code("pay", "two", json!({ "Publish": true }));
            lambda.call(
                "CreateAlias",
                json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
            );
            lambda.call("DeleteFunction", of("bill"));
            lambda.create("bill");
            lambda.files()
        };
        let (one, other) = (run(), run());
        assert!(one.len() > 10);
        assert_eq!(one, other);
    }

    #[test]
    fn functions_share_no_ids_whatever_order_they_are_changed_in() {
        let ids = |names: [&str; 2]| {
            let lambda = Sandbox::new();
            for name in names {
                lambda.create(name);
            }
            ["a", "b"].map(|name| lambda.latest(name)["RevisionId"].clone())
        };
        let first = ids(["a", "b"]);
        assert_eq!(first, ids(["b", "a"]));
        assert_ne!(first[0], first[1]);
    }

    #[test]
    fn a_valid_hand_edit_is_honoured() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let path = lambda.file_of("pay", "function.json");
        let mut head: Value =
            serde_json::from_slice(&fs::read(&path).expect("a head")).expect("JSON");
        head["$LATEST"]["Configuration"]["Timeout"] = json!(77);
        head["Aliases"]["hand"] =
            json!({ "FunctionVersion": "1", "Description": "", "RevisionId": "by-hand" });
        // Compact, and in another order, is as good.
        fs::write(&path, head.to_string()).expect("edited");
        assert_eq!(lambda.latest("pay")["Timeout"], 77);
        assert_eq!(
            lambda.call("GetFunction", of("pay:hand"))["Configuration"]["Version"],
            "1"
        );
        assert_eq!(lambda.publish("pay"), "2", "it is a change like any other");
        let alias = json!({ "FunctionName": "pay", "Name": "hand", "RevisionId": "by-hand", "FunctionVersion": "2" });
        lambda.call("UpdateAlias", alias);
        fs::remove_file(lambda.file_of("pay", "versions/1.json")).expect("removed");
        assert_eq!(
            lambda.refused("GetFunction", of("pay:1")).code.status(),
            404
        );
    }

    #[test]
    fn a_head_that_is_none_is_named_by_every_operation_and_left_alone() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let path = lambda.file_of("pay", "function.json");
        let whole = fs::read(&path).expect("a head");
        let text = String::from_utf8(whole.clone()).expect("text");
        let spool = lambda.zip("new");
        let spoilt = [
            Vec::new(),
            whole[..whole.len() / 2].to_vec(),
            whole[..whole.len() - 2].to_vec(),
            b"[]".to_vec(),
            b"\xff\xfe".to_vec(),
            text.replacen('{', r#"{ "Foreign": 1,"#, 1).into_bytes(),
            text.replace(r#""FunctionName": "pay""#, r#""FunctionName": "Pay""#)
                .into_bytes(),
            [b"[".repeat(100_000), b"]".repeat(100_000)].concat(),
        ];
        for spoilt in spoilt {
            fs::write(&path, &spoilt).expect("spoilt");
            let before = lambda.files();
            for (operation, more) in [
                ("GetFunction", json!({})),
                ("GetFunctionConfiguration", json!({})),
                ("ListVersionsByFunction", json!({})),
                ("ListFunctions", json!({})),
                ("PublishVersion", json!({})),
                ("UpdateFunctionConfiguration", json!({ "Timeout": 1 })),
                ("UpdateFunctionCode", json!({ "ZipFile": spool.handle() })),
                (
                    "CreateAlias",
                    json!({ "Name": "a", "FunctionVersion": "1" }),
                ),
                ("DeleteAlias", json!({ "Name": "a" })),
                ("DeleteFunction", json!({})),
                ("DeleteFunction", json!({ "Qualifier": "1" })),
            ] {
                let mut request = more;
                if operation != "ListFunctions" {
                    request["FunctionName"] = json!("pay");
                }
                let told = lambda.broken(operation, request);
                assert!(
                    told.starts_with(&format!("cannot read {}: ", path.display())),
                    "{operation}: {told}"
                );
            }
            assert_eq!(before, lambda.files());
        }
        fs::write(&path, whole).expect("restored");
        lambda.call("DeleteFunction", of("pay"));
    }

    #[test]
    fn a_copied_folder_is_told_from_a_disk_that_does_not_know_case() {
        let lambda = Sandbox::with("pay");
        let head = fs::read(lambda.file_of("pay", "function.json")).expect("a head");
        for (name, advice) in [("pay2", "rename the one"), ("PAY", "apart by case")] {
            fs::create_dir(lambda.file_of(name, "")).expect("a folder");
            fs::write(lambda.file_of(name, "function.json"), &head).expect("a copy");
            let Err(Failure::Store(error)) = lambda.try_call("GetFunction", of(name)) else {
                panic!("{name} is read");
            };
            assert!(
                error.hint.is_some_and(|hint| hint.contains(advice)),
                "{name}"
            );
        }
    }

    #[test]
    fn no_change_makes_a_head_that_cannot_be_read_again() {
        let lambda = Sandbox::with("pay");
        let path = lambda.file_of("pay", "function.json");
        let mut head: Value =
            serde_json::from_slice(&fs::read(&path).expect("a head")).expect("JSON");
        for counter in ["LastVersion", "Changes"] {
            let kept = head[counter].clone();
            head[counter] = json!(1u64 << 53);
            fs::write(&path, head.to_string()).expect("edited");
            lambda.latest("pay");
            let told = lambda.broken("PublishVersion", of("pay"));
            assert!(told.contains("beyond any use"), "{told}");
            lambda.latest("pay");
            head[counter] = kept;
        }
    }

    #[test]
    fn a_version_s_file_that_is_none_is_named_and_left_alone() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({ "Publish": true }));
        let path = lambda.file_of("pay", "versions/1.json");
        let whole = fs::read(&path).expect("a version");
        let other = fs::read(lambda.file_of("pay", "versions/2.json")).expect("a version");
        for spoilt in [&b""[..], &whole[..whole.len() / 2], b"{}", &other] {
            fs::write(&path, spoilt).expect("spoilt");
            let before = lambda.files();
            for (operation, request) in [
                ("GetFunction", of("pay:1")),
                ("ListVersionsByFunction", of("pay")),
                ("ListFunctions", json!({ "FunctionVersion": "ALL" })),
                (
                    "CreateAlias",
                    json!({ "FunctionName": "pay", "Name": "a", "FunctionVersion": "1" }),
                ),
                ("DeleteFunction", of("pay:1")),
            ] {
                let told = lambda.broken(operation, request);
                assert!(
                    told.starts_with(&format!("cannot read {}: ", path.display())),
                    "{operation}: {told}"
                );
            }
            assert_eq!(before, lambda.files());
            lambda.call("GetFunction", of("pay:2"));
        }
    }

    #[test]
    fn a_state_of_another_format_is_refused_whole() {
        let lambda = Sandbox::with("pay");
        for (format, cause) in [
            (
                "3\n",
                "the state has format 3 and this lambdry knows formats up to 2",
            ),
            ("", "it should hold the number 2 and holds \"\""),
            ("one", "it should hold the number 2 and holds \"one\""),
            ("0", "it should hold the number 2 and holds \"0\""),
        ] {
            fs::write(lambda.root().join("FORMAT"), format).expect("a format");
            let before = lambda.files();
            for (operation, request) in [
                ("GetFunction", of("pay")),
                ("PublishVersion", of("pay")),
                ("ListFunctions", json!({})),
            ] {
                assert_eq!(
                    lambda.broken(operation, request),
                    format!(
                        "cannot read {}: {cause}",
                        lambda.root().join("FORMAT").display()
                    )
                );
            }
            assert_eq!(before, lambda.files());
        }
    }

    #[test]
    fn a_file_where_a_function_s_folder_should_be_is_named_to_readers_and_writers_alike() {
        let lambda = Sandbox::with("pay");
        fs::write(lambda.here().join("functions/bill"), "").expect("a file");
        for operation in ["GetFunction", "PublishVersion", "DeleteFunction"] {
            let told = lambda.broken(operation, of("bill"));
            assert!(
                told.contains("functions/bill/function.json"),
                "{operation}: {told}"
            );
        }
    }

    #[test]
    fn a_version_on_its_way_out_is_gone_for_readers_and_finished_by_the_next_edit() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let file = lambda.file_of("pay", "versions/1.json");
        let kept = fs::read(&file).expect("a version");
        lambda.call("DeleteFunction", of("pay:1"));
        // As a stop between the commit and the clean-up leaves it.
        fs::write(&file, kept).expect("back");
        assert_eq!(
            lambda.refused("GetFunction", of("pay:1")).code.status(),
            404
        );
        let versions = lambda.call("ListVersionsByFunction", of("pay"));
        assert_eq!(versions["Versions"].as_array().map(Vec::len), Some(1));
        assert_eq!(lambda.publish("pay"), "2");
        assert!(!file.exists());
    }

    #[test]
    fn what_a_stopped_publish_left_does_not_exist_and_is_replaced() {
        let lambda = Sandbox::with("pay");
        fs::write(lambda.file_of("pay", "versions/1.json"), "left").expect("a leftover");
        fs::write(lambda.file_of("pay", "function.json.new"), "left").expect("a leftover");
        assert_eq!(
            lambda.refused("GetFunction", of("pay:1")).code.status(),
            404
        );
        assert_eq!(lambda.publish("pay"), "1");
        lambda.call("GetFunction", of("pay:1"));
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_files_are_their_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt;

        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let mode = |path: &std::path::Path| {
            fs::metadata(path).expect("there").permissions().mode() & 0o777
        };
        for name in lambda.files().keys() {
            let path = lambda.root().join(name);
            assert_eq!(mode(&path), 0o600, "{name}");
            for folder in path
                .ancestors()
                .skip(1)
                .take_while(|folder| *folder != lambda.root())
            {
                assert_eq!(mode(folder), 0o700, "{}", folder.display());
            }
        }
    }
}
