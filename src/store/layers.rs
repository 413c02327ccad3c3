//! The files of a resource: in one folder or, in a fork, in several folders of the fork and of its parents.
//!
//! ```text
//! functions/pay/function.json    the fork's head, after its first change of the function; before that, the parent's
//! functions/pay/inherited.json   the parent's head at that change; it limits the parent's versions and changes
//! functions/pay/versions/4.json  a version that the fork published
//! functions/pay/versions/2.gone  a version of the parent's that the fork deleted
//! functions/pay/journal.jsonl    the fork's own changes
//! retired/functions/pay.json     without a head beside it: deleted in the fork, even if the parent has it
//! ```
//!
//! If a fork has not changed a resource, it reads the resource from the parent as it currently is, as in an account in
//! which other people work, too. After the fork's first change of a resource, later changes in the parent are not
//! visible in the fork. Versions are never rewritten, so the fork reads the parent's versions in the parent's folder,
//! up to the counter of the head that it copied. If the parent deletes such a version later, it can no longer be read.
//! The parent's journal shows the deletion, so a reader gets an error and not a wrong answer. A copy, like every
//! change, is committed by its head: a folder without a head was left by a copy that was stopped, and does not count.

mod names;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Failure, Place, Result, Store, StoreError,
    atomic::{self, json_text},
    collection::{Collection, Retired, exists, is_name, version_file},
    journal, lock,
};
use crate::state::head::Head;

/// The name of the file with the parent's head at the moment at which the fork copied it.
pub(super) const INHERITED: &str = "inherited.json";

/// The files of a resource.
#[derive(Debug)]
pub(super) struct Layers<H> {
    /// The folder with the head that is used.
    pub(super) folder: PathBuf,
    below: Option<Box<Below<H>>>,
}

/// The resource in the parent from which the fork copied a resource.
#[derive(Debug)]
struct Below<H> {
    /// The head that was copied.
    base: H,
    /// The names of the files that the fork itself wrote in the folder of versions.
    written: BTreeSet<String>,
    /// The changes to the parent's resource after the copy.
    since: Since,
    /// The current files in the parent.
    layers: Option<Layers<H>>,
    /// The current change counter in the parent.
    changes: u64,
}

/// The changes to a parent's resource after it was copied.
#[derive(Debug)]
enum Since {
    /// Only these versions were deleted; usually there are none.
    Deleted(BTreeSet<u64>),
    /// The whole resource was deleted or replaced.
    Replaced,
}

/// A version's number, from the name of its file. `01.json` is not a version.
fn number_in(name: &str, end: &str) -> Option<u64> {
    let text = name.strip_suffix(end)?;
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}

impl<H: Head> Below<H> {
    /// Returns true for a version of the parent's that the fork has neither deleted nor written itself.
    fn shows(&self, number: u64) -> bool {
        let written = |end: &str| self.written.contains(&format!("{number}{end}"));
        exists(&self.base, number) && !written(".json") && !written(".gone")
    }

    /// The files in the parent, and the versions that were deleted there after the copy.
    fn there(&self, folder: &Path) -> Result<(&Layers<H>, &BTreeSet<u64>)> {
        match (&self.since, &self.layers) {
            (Since::Deleted(gone), Some(layers)) => Ok((layers, gone)),
            (_, layers) => {
                let place = layers.as_ref().map_or(folder, |layers| &layers.folder);
                let what = "it was deleted or replaced there";
                Err(changed_meanwhile(place, what))
            }
        }
    }

    /// The files in the parent, for reading a version.
    fn to_read(&self, number: u64, folder: &Path) -> Result<&Layers<H>> {
        let (layers, gone) = self.there(folder)?;
        if gone.contains(&number) {
            let what = format!("version {number} was deleted there");
            return Err(changed_meanwhile(&layers.folder, &what));
        }
        Ok(layers)
    }
}

/// The error for data that can no longer be read because the parent was changed.
fn changed_meanwhile(place: &Path, what: &str) -> Failure {
    StoreError::content(
        place,
        format!("{what} after the rehearsal had copied the rest"),
    )
    .with_hint("somebody changed the state during the rehearsal; rehearse again")
    .into()
}

impl<H: Head> Layers<H> {
    fn plain(folder: PathBuf) -> Self {
        Self {
            folder,
            below: None,
        }
    }

    /// Returns true if all files of the resource are in one folder.
    pub(super) fn is_plain(&self) -> bool {
        self.below.is_none()
    }

    /// The file of a version, which need not exist; `None` if it cannot exist.
    fn file(&self, number: u64) -> Result<Option<PathBuf>> {
        let own = version_file(&self.folder, &number.to_string());
        match &self.below {
            Some(below) if below.shows(number) => below.to_read(number, &self.folder)?.file(number),
            Some(below) if !below.written.contains(&format!("{number}.json")) => Ok(None),
            _ => Ok(Some(own)),
        }
    }

    /// The contents of a version's file, and the file's path.
    ///
    /// # Errors
    /// A file that cannot be read, for instance because the parent deleted it in the meantime.
    pub(super) fn read(&self, number: u64) -> Result<Option<(H::Frozen, PathBuf)>> {
        let Some(path) = self.file(number)? else {
            return Ok(None);
        };
        let version: Option<H::Frozen> = atomic::read_json(&path)?;
        if version.is_none() {
            self.is_still(number)?;
        }
        Ok(version.map(|version| (version, path)))
    }

    /// Fails if a version is missing because the parent changed after it was opened. If the reader has no lock, this
    /// may happen at any moment.
    fn is_still(&self, number: u64) -> Result<()> {
        let Some(below) = self.below.as_ref().filter(|below| below.shows(number)) else {
            return Ok(());
        };
        let layers = below.to_read(number, &self.folder)?;
        let head: Option<H> = atomic::read_json(&layers.folder.join(H::FILE))?;
        if head.is_none_or(|head| head.changes() != below.changes) {
            return Err(changed_meanwhile(&layers.folder, "it was changed there"));
        }
        layers.is_still(number)
    }

    /// The numbers of all versions of a head, ascending, including those that the parent deleted after the copy.
    ///
    /// # Errors
    /// A folder that cannot be listed, or a resource that the parent deleted after the copy.
    pub(super) fn numbers(&self, head: &H) -> Result<Vec<u64>> {
        let mut numbers = self.listed()?;
        numbers.retain(|number| exists(head, *number));
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    fn listed(&self) -> Result<Vec<u64>> {
        let Some(below) = &self.below else {
            let mut numbers = Vec::new();
            atomic::each_name(&self.folder.join("versions"), &mut |name| {
                numbers.extend(number_in(&name, ".json"));
            })?;
            return Ok(numbers);
        };
        let (layers, gone) = below.there(&self.folder)?;
        let mut numbers = layers.listed()?;
        numbers.extend(gone);
        numbers.retain(|number| below.shows(*number));
        let own = below.written.iter();
        numbers.extend(own.filter_map(|name| number_in(name, ".json")));
        Ok(numbers)
    }

    /// All version files that are visible, with their names.
    ///
    /// # Errors
    /// A folder that cannot be listed, or a version that the parent deleted in the meantime.
    pub(super) fn files(&self) -> Result<Vec<(String, PathBuf)>> {
        let folder = self.folder.join("versions");
        let own = atomic::names(&folder)?.into_iter();
        let own = own.map(|name| (name.clone(), folder.join(name)));
        let Some(below) = &self.below else {
            return Ok(own.collect());
        };
        let (layers, gone) = below.there(&self.folder)?;
        if let Some(gone) = gone.iter().find(|gone| below.shows(**gone)) {
            below.to_read(*gone, &self.folder)?;
        }
        let mut files = layers.files()?;
        files
            .retain(|(name, _)| number_in(name, ".json").is_some_and(|number| below.shows(number)));
        files.extend(own.filter(|(name, _)| number_in(name, ".gone").is_none()));
        files.sort();
        Ok(files)
    }

    /// The changes up to that number, oldest first.
    ///
    /// # Errors
    /// A journal that cannot be read, or one that the parent deleted in the meantime.
    pub(super) fn journal(&self, changes: u64) -> Result<Vec<journal::Line>> {
        let own = journal::read(&self.folder.join("journal.jsonl"), changes)?;
        let Some(below) = &self.below else {
            return Ok(own);
        };
        let since = below.base.changes();
        let (layers, _) = below.there(&self.folder)?;
        let mut lines = layers.journal(since.min(changes))?;
        lines.extend(own.into_iter().filter(|line| line.change > since));
        Ok(lines)
    }

    /// The changes with numbers greater than `above` and not greater than `changes`, oldest first. The parent's journal
    /// is read only if it contains some of them.
    ///
    /// # Errors
    /// The errors of [`Self::journal`].
    pub(super) fn journal_after(&self, above: u64, changes: u64) -> Result<Vec<journal::Line>> {
        let mut lines = match &self.below {
            Some(below) if below.base.changes() <= above => {
                journal::read(&self.folder.join("journal.jsonl"), changes)?
            }
            _ => self.journal(changes)?,
        };
        lines.retain(|line| line.change > above);
        Ok(lines)
    }

    /// Removes a version's file here, and hides the parent's file of that version. Returns an error of the disk.
    pub(super) fn remove_version(&self, store: &Store, number: &str) -> Result<()> {
        let path = version_file(&self.folder, number);
        if let Some(below) = &self.below {
            hide_version(store, &self.folder, &below.base, number)?;
        }
        store
            .disk
            .remove(&path)
            .map_err(|error| StoreError::io("remove", &path, error).into())
    }
}

impl Place<'_> {
    /// The folder of the account and region in this directory and, for a fork, in its parents. A fork reads everything
    /// that it has not written from the parents.
    pub(super) fn roots(&self) -> impl Iterator<Item = PathBuf> {
        let layers = self.store.layers();
        layers.map(|root| root.join(&self.scope.account).join(&self.scope.region))
    }

    /// Returns true if the state is a fork that reads resources from its parent.
    pub(super) fn is_layered(&self) -> bool {
        self.store.layers().nth(1).is_some()
    }

    /// Returns true if a resource of that name was there before the fork began. In a state that is no fork, every
    /// resource was.
    pub fn began_with<H: Head>(&self, name: &str) -> bool {
        let head = Path::new(H::FOLDER).join(name).join(H::FILE);
        let mut roots = self.roots().skip(usize::from(self.is_layered()));
        is_name(name) && roots.any(|root| root.join(&head).exists())
    }

    /// The path of a region's file: in this folder, or in the parent's if the fork does not have the file.
    pub(super) fn file(&self, below: &Path) -> PathBuf {
        let own = self.root().join(below);
        if !self.is_layered() || own.exists() {
            return own;
        }
        let mut inherited = self.roots().skip(1).map(|root| root.join(below));
        inherited.find(|path| path.exists()).unwrap_or(own)
    }

    /// The files of a region's folder by their names, including the parent's.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn files(&self, folder: &str) -> Result<Vec<(String, PathBuf)>> {
        let mut files = std::collections::BTreeMap::new();
        for root in self.roots() {
            let folder = root.join(folder);
            for name in atomic::names(&folder)? {
                let path = folder.join(&name);
                files.entry(name).or_insert(path);
            }
        }
        Ok(files.into_iter().collect())
    }

    /// Returns true if that folder of the region has a visible entry with that name.
    pub(super) fn holds(&self, folder: &str, name: &str) -> bool {
        for root in self.roots() {
            if root.join(folder).join(name).exists() {
                return true;
            }
            if retired_in(&root, folder, name).exists() {
                break;
            }
        }
        false
    }
}

/// Records in the fork that a version of the parent is deleted. `head` is the parent's head.
pub(super) fn hide_version<H: Head>(
    store: &Store,
    folder: &Path,
    base: &H,
    number: &str,
) -> Result<()> {
    let is_inherited = number.parse().is_ok_and(|number| exists(base, number));
    let mark = folder.join("versions").join(format!("{number}.gone"));
    match is_inherited {
        true => store.disk.replace(&mark, b""),
        false => Ok(()),
    }
}

fn retired_in(root: &Path, folder: &str, name: &str) -> PathBuf {
    root.join("retired")
        .join(folder)
        .join(format!("{name}.json"))
}

impl<H: Head> Collection<'_, H> {
    /// The head on the disk and its files; `None` if it does not exist.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn open(&self, name: &str) -> Result<Option<(H, Layers<H>)>> {
        let own = self.folder(name);
        if !self.place.is_layered() {
            let head = self.read(name, &own)?;
            return Ok(head.map(|head| (head, Layers::plain(own))));
        }
        let roots: Vec<PathBuf> = self.place.roots().collect();
        if !self.place.store.is_as_begun() {
            return self.open_in(name, &roots);
        }
        let (_, below) = roots.split_first().expect("a place has a folder");
        match self.inherited(name, &own, below)? {
            Some(mut below) => {
                below.written.clear();
                let head = below.base.clone();
                let below = Some(Box::new(below));
                Ok(Some((head, Layers { folder: own, below })))
            }
            None => self.open_in(name, below),
        }
    }

    fn open_in(&self, name: &str, roots: &[PathBuf]) -> Result<Option<(H, Layers<H>)>> {
        let Some((root, below)) = roots.split_first() else {
            return Ok(None);
        };
        let folder = root.join(H::FOLDER).join(name);
        if let Some(head) = self.read(name, &folder)? {
            let below = self.inherited(name, &folder, below)?.map(Box::new);
            return Ok(Some((head, Layers { folder, below })));
        }
        match retired_in(root, H::FOLDER, name).exists() {
            true => Ok(None),
            false => self.open_in(name, below),
        }
    }

    /// The parent's resource from which a resource in a fork's folder was copied; `None` if the fork created the
    /// resource.
    fn inherited(&self, name: &str, folder: &Path, roots: &[PathBuf]) -> Result<Option<Below<H>>> {
        if roots.is_empty() {
            return Ok(None);
        }
        let Some(base) = atomic::read_json::<H>(&folder.join(INHERITED))? else {
            return Ok(None);
        };
        let written = atomic::names(&folder.join("versions"))?;
        let now = self.open_in(name, roots)?;
        let since = match &now {
            Some((head, layers)) => since(&base, head, layers)?,
            None => Since::Replaced,
        };
        Ok(Some(Below {
            base,
            written: written.into_iter().collect(),
            since,
            changes: now.as_ref().map_or(0, |(head, _)| head.changes()),
            layers: now.map(|(_, layers)| layers),
        }))
    }

    /// Returns true if a head of that name exists. Does not read it.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn is_there(&self, name: &str) -> Result<bool> {
        for (depth, root) in self.place.roots().enumerate() {
            let folder = root.join(H::FOLDER).join(name);
            let file = match depth == 0 && self.place.store.is_as_begun() {
                true => folder.join(INHERITED),
                false => folder.join(H::FILE),
            };
            match file.try_exists() {
                Ok(true) => return Ok(true),
                Ok(false) if !self.hides(depth, &root, name) => {}
                Ok(false) => return Ok(false),
                Err(error) => return Err(StoreError::io("read", &file, error).into()),
            }
        }
        Ok(false)
    }

    /// Returns true if a layer that has no head of that name hides the resource in the layers below it.
    fn hides(&self, depth: usize, root: &Path, name: &str) -> bool {
        self.place.is_layered()
            && !(depth == 0 && self.place.store.is_as_begun())
            && retired_in(root, H::FOLDER, name).exists()
    }

    /// The locks that keep the files of a resource unchanged while they are read. The fork's own lock is the first; the
    /// lock of the layer with the head is the last. In the parents, only the locks that readers share are taken; this
    /// writes nothing.
    ///
    /// # Errors
    /// A lock that another process holds for too long.
    pub(super) fn hold_to_read(&self, name: &str) -> Result<Vec<Option<lock::Lock>>> {
        let patience = &self.place.store.patience;
        let own = lock::reading(&self.lock_file(name), name, patience)?;
        let mut locks = vec![own];
        if self.place.is_layered() {
            locks.extend(self.hold_below(name)?);
        }
        Ok(locks)
    }

    /// The locks of the parents only, down to the last layer that has files of the resource.
    ///
    /// # Errors
    /// A lock that another process holds for too long.
    pub(super) fn hold_below(&self, name: &str) -> Result<Vec<Option<lock::Lock>>> {
        let mut locks = Vec::new();
        let mut above: Option<PathBuf> = None;
        for root in self.place.roots() {
            if let Some(above) = &above {
                let folder = above.join(H::FOLDER).join(name);
                let is_whole = folder.join(H::FILE).exists() && !folder.join(INHERITED).exists();
                if is_whole {
                    break;
                }
                let locks_of_kind = root.join("locks").join(H::FOLDER);
                let file = locks_of_kind.join(format!("{name}.lock"));
                locks.push(lock::reading(&file, name, &self.place.store.patience)?);
            }
            above = Some(root);
        }
        Ok(locks)
    }

    /// Creates the folder for a parent's resource in a fork, before the fork changes the resource for the first time.
    /// `base` is the parent's head. The folder does not count until it has a head.
    ///
    /// # Errors
    /// Errors of the disk.
    pub(super) fn copy_up(&self, name: &str, base: &H) -> Result<()> {
        let (folder, disk) = (self.folder(name), &self.place.store.disk);
        // Removes the files of a stopped copy.
        disk.remove_folder(&folder);
        disk.create_folders(&folder.join("versions"))?;
        disk.replace(&folder.join(INHERITED), &json_text(base))
    }

    /// The counter values that a new resource with that name starts with.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn retired(&self, name: &str) -> Result<(Retired, PathBuf)> {
        let below = Path::new("retired")
            .join(H::FOLDER)
            .join(format!("{name}.json"));
        let path = self.place.file(&below);
        Ok((atomic::read_json(&path)?.unwrap_or_default(), path))
    }
}

/// The changes to a parent's resource after it had the head `base`. Numbers are never used twice. So if the counters
/// are equal, nothing has changed, and the journal of a later resource with the same name starts with a higher number.
fn since<H: Head>(base: &H, head: &H, layers: &Layers<H>) -> Result<Since> {
    if head.changes() == base.changes() {
        return Ok(Since::Deleted(BTreeSet::new()));
    }
    let lines = layers.journal(head.changes())?;
    let goes_on = lines.iter().any(|line| line.change <= base.changes());
    let mut new = lines.iter().filter(|line| line.change > base.changes());
    if !goes_on || new.clone().any(|line| line.call == "Import") {
        return Ok(Since::Replaced);
    }
    let deleted = new
        .by_ref()
        .filter_map(|line| line.moved["Deleted"].as_str());
    Ok(Since::Deleted(
        deleted.filter_map(|number| number.parse().ok()).collect(),
    ))
}

#[cfg(all(test, unix))]
mod tests;
