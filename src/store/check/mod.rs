//! Examines a state directory: the findings of `lambdry doctor`, and the repairs that lose nothing.
//!
//! This module knows the layout but not the words: a [`Finding`] holds the problem and its place, and `tool/doctor.rs`
//! describes it. Findings are passed on as they are made, packages are hashed in pieces, and only one hash for each
//! package is kept in memory. Without a repair, the check writes nothing, and it waits for a lock only for a moment.
//!
//! A repair holds the packages exclusively from start to end, and each resource during its examination, in the order of
//! [`super::lock`]. Files that might still be useful are moved to `trash/` in the state directory and not removed: an
//! orphan package is code again as soon as an older `function.json` is restored, for instance from git.

mod files;
mod held;
mod packages;
mod resource;
mod s3;

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Place, Result, Store, StoreError, assumed, atomic, faults, format, images,
    kind::{KINDS, Kind, Lies, folders},
    lock::{self, Lock, Patience},
    mask,
};
use crate::state::account::{Limits, Usage};
use packages::Hash;

/// The time to wait for a busy resource before it is examined without its lock.
const MOMENT: Duration = Duration::from_secs(2);

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A fault.
    Wrong,
    /// The rest of a stopped process, or an unused file: it does no harm.
    Leftover,
    /// Information.
    Note,
}

/// A problem in a state directory.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// A file that cannot be read, or that has other contents than it should.
    Unreadable {
        /// The reason.
        cause: String,
    },
    /// State without `FORMAT`.
    MissingFormat,
    /// A file or folder that is not part of a state.
    Unknown,
    /// A link without a target.
    DanglingLink,
    /// Two names that are the same on a disk that ignores case.
    NameClash {
        /// The other name.
        other: String,
    },
    /// A resource's folder without its head, but with contents.
    MissingHead,
    /// A resource's folder without its head, with no more contents than one create writes.
    StoppedCreate,
    /// An empty folder of a resource.
    EmptyFolder,
    /// The next content of a file, which never replaced the file.
    Unfinished,
    /// Journal lines above the head's change counter.
    JournalAhead {
        /// The number of lines.
        lines: usize,
    },
    /// Changes that the journal does not contain.
    JournalBehind {
        /// The last change in the journal.
        journal: u64,
        /// The head's change counter.
        head: u64,
    },
    /// A version above the head's counter.
    VersionAhead {
        /// The head's counter.
        last_version: u64,
        /// True if a single stopped publish explains it.
        next: bool,
    },
    /// The file of a deleted version.
    DeletedVersion,
    /// The last published version has no file.
    MissingVersion {
        /// Its number.
        version: String,
    },
    /// A head's total code size, which differs from the sum of its parts.
    CodeSize {
        /// The size in the head.
        says: u64,
        /// The counted size.
        counted: u64,
    },
    /// An alias or a setting that names a version, an alias or a configuration that does not exist.
    Dangling {
        /// The referring item.
        from: String,
        /// The missing item.
        to: String,
    },
    /// A resource whose counter is below that of a deleted resource of the same name: numbers would be used twice.
    Retired {
        /// The last version of the deleted resource.
        last_version: u64,
    },
    /// The stored sums, which differ from the counted sums.
    Usage {
        /// The stored sums.
        says: Usage,
        /// The counted sums.
        counted: Usage,
    },
    /// A package that is referred to but does not exist.
    MissingPackage {
        /// The file that refers to it.
        by: String,
    },
    /// A package whose bytes do not match its name.
    WrongHash,
    /// A package that nothing refers to.
    Orphan {
        /// Its size in bytes.
        size: u64,
    },
    /// An unfinished package of a dead process.
    Spool {
        /// Its size in bytes.
        size: u64,
    },
    /// The rest of a deleted resource.
    Trash,
    /// Files that users other than their owner may open.
    Modes {
        /// The number of files.
        files: u64,
    },
    /// A lock that a process holds.
    Held {
        /// The processes with their names, if the system tells.
        by: Vec<(u32, String)>,
    },
    /// Packages were not checked, because a file that may refer to them cannot be read.
    Blind,
}

impl Problem {
    /// The severity of the problem.
    pub fn level(&self) -> Level {
        match self {
            Self::Unreadable { .. }
            | Self::DanglingLink
            | Self::MissingHead
            | Self::MissingVersion { .. }
            | Self::CodeSize { .. }
            | Self::Dangling { .. }
            | Self::Retired { .. }
            | Self::MissingPackage { .. }
            | Self::WrongHash
            | Self::Modes { .. }
            | Self::VersionAhead { next: false, .. }
            | Self::JournalAhead { lines: 2.. } => Level::Wrong,
            Self::MissingFormat
            | Self::EmptyFolder
            | Self::StoppedCreate
            | Self::Unfinished
            | Self::JournalAhead { .. }
            | Self::VersionAhead { next: true, .. }
            | Self::DeletedVersion
            | Self::Usage { .. }
            | Self::Orphan { .. }
            | Self::Spool { .. }
            | Self::Trash => Level::Leftover,
            Self::Unknown
            | Self::NameClash { .. }
            | Self::JournalBehind { .. }
            | Self::Held { .. }
            | Self::Blind => Level::Note,
        }
    }

    /// Returns true if a repair fixes it.
    pub fn is_mended(&self) -> bool {
        matches!(
            self,
            Self::MissingFormat
                | Self::EmptyFolder
                | Self::StoppedCreate
                | Self::Unfinished
                | Self::VersionAhead { next: true, .. }
                | Self::DeletedVersion
                | Self::Usage { .. }
                | Self::Orphan { .. }
                | Self::Spool { .. }
                | Self::Trash
                | Self::Modes { .. }
        )
    }
}

/// A problem, its place, and the result of its repair.
#[derive(Debug)]
pub struct Finding {
    /// The problem.
    pub problem: Problem,
    /// The file or folder, by its path in the state directory.
    pub path: PathBuf,
    /// The result of the repair; `None` if none was tried.
    pub mended: Option<Result<()>>,
}

/// The numbers of examined items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Resources, by kind, in the order of [`KINDS`].
    pub kinds: [u64; KINDS.len()],
    /// Versions of all of them.
    pub versions: u64,
    /// Packages.
    pub packages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The amount of work, counted when the check began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole {
    /// Resources of every kind.
    pub resources: u64,
    /// Bytes of packages.
    pub bytes: u64,
}

/// The receiver of findings and progress.
pub trait Listener {
    /// Receives a finding.
    ///
    /// # Errors
    /// A finding that cannot be reported; it ends the examination.
    fn found(&mut self, finding: Finding) -> io::Result<()>;

    /// Receives the progress: the numbers examined so far, and the numbers of the whole.
    fn went_on(&mut self, counted: Counted, whole: Whole);
}

/// An examination of a state directory.
pub struct Check<'a> {
    store: &'a Store,
    repairs: bool,
    listener: &'a mut dyn Listener,
    counted: Counted,
    whole: Whole,
    /// Packages that something refers to.
    used: HashSet<[u8; 32]>,
    /// True if a file that may refer to packages could not be read.
    blind: bool,
    /// True if packages are read from a parent, so that a missing one here is no loss.
    is_fork: bool,
    /// Links without a target that were reported already.
    dangling: HashSet<PathBuf>,
}

impl Store {
    /// Examines the state directory. With `repairs`, also fixes the problems that can be fixed.
    ///
    /// # Errors
    /// A folder that cannot be listed, a lock that a repair cannot get, or a failure of the listener.
    pub fn check(&self, repairs: bool, listener: &mut dyn Listener) -> Result<Counted> {
        let mut check = Check {
            store: self,
            repairs,
            listener,
            counted: Counted::default(),
            whole: Whole::default(),
            used: HashSet::new(),
            blind: false,
            is_fork: self.root.join("FORK").exists(),
            dangling: HashSet::new(),
        };
        check.run()?;
        Ok(check.counted)
    }
}

/// The entries that a state directory may have besides accounts.
const ROOT: &[&str] = &[
    "FORMAT",
    "FORK",
    "aws",
    "clock",
    "faults",
    "faults.count",
    images::FILE,
    "invoke",
    "locks",
    mask::FILE,
    "packages",
    "s3",
    "stubs",
    "tmp",
    "trash",
];

/// Judges a file's text.
type Judge = fn(&[u8]) -> std::result::Result<(), String>;

/// The files at the root, and the judge of each.
const TEXTS: [(&str, Judge); 4] = [
    (images::FILE, images::judge),
    ("faults.count", faults::judge_count),
    ("aws/config", text),
    ("stubs", text),
];

fn text(bytes: &[u8]) -> std::result::Result<(), String> {
    let read = std::str::from_utf8(bytes);
    read.map(drop)
        .map_err(|_| "it is not UTF-8 text".to_owned())
}

/// The entries that the folder of an account and region may have besides resources.
const PLACE: &[&str] = &[
    "account.json",
    assumed::FILE,
    "invocations",
    "locks",
    "responses",
    "retired",
    "trash",
    "usage.json",
];

impl Check<'_> {
    fn run(&mut self) -> Result<()> {
        let store = self.store;
        // Locks are examined first, while this process holds none of them itself.
        self.locks(&store.root.join("locks"))?;
        for scope in store.scopes()? {
            self.locks(&store.place(scope).root().join("locks"))?;
        }
        let mut held = self.hold_packages()?;
        let packages = self.packages()?;
        self.whole = self.survey(&packages)?;
        if !self.repairs {
            held = None;
        }
        self.root()?;
        for scope in store.scopes()? {
            self.place(&store.place(scope))?;
        }
        for kind in KINDS {
            if let Lies::GlobalFile(_) | Lies::Root(_) = kind.lies() {
                for scope in kind.places(store)? {
                    kind.check(self, &store.place(scope))?;
                }
            }
        }
        self.left_in_s3()?;
        self.judge(packages)?;
        self.spools()?;
        drop(held);
        Ok(())
    }

    /// Counts the items that will be examined. A list that cannot be read counts as empty here; its own examination
    /// reports it.
    fn survey(&self, packages: &[Hash]) -> Result<Whole> {
        let mut resources = 0;
        for kind in KINDS {
            for scope in kind.places(self.store)? {
                let names = kind.names(&self.store.place(scope));
                resources += names.map_or(0, |names| names.len() as u64);
            }
        }
        let size = |hash| fs::metadata(self.package_file(hash)).map_or(0, |file| file.len());
        Ok(Whole {
            resources,
            bytes: packages.iter().map(size).sum(),
        })
    }

    /// The lock on the packages. While it is held, no process is between the two steps of putting a package in place
    /// and referring to it.
    fn hold_packages(&self) -> Result<Option<Lock>> {
        let path = self.store.root.join("locks/packages.lock");
        if self.repairs {
            self.store
                .disk
                .create_folders(&self.store.root.join("locks"))?;
            return lock::exclusive(self.store, &path, "the packages").map(Some);
        }
        // A process that holds it for longer was reported already.
        Ok(lock::alone(&path, "the packages", &self.moment()).unwrap_or_default())
    }

    fn moment(&self) -> Patience {
        Patience {
            timeout: self.store.patience.timeout.min(MOMENT),
            notice: Box::new(|_| ()),
        }
    }

    fn root(&mut self) -> Result<()> {
        let root = self.store.root.clone();
        let names = atomic::names(&root)?;
        let is_account = |name: &str| name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit());
        let is_state = |name: &String| is_account(name) || name == "packages";
        if names.iter().any(is_state) && !names.iter().any(|name| name == "FORMAT") {
            let mend = |check: &Self| format::ensure(check.store);
            self.tell(Problem::MissingFormat, &root.join("FORMAT"), mend)?;
        }
        for name in names.iter().filter(|name| !is_account(name)) {
            let path = root.join(name);
            self.known(&path, name, ROOT)?;
        }
        let faults = root.join("faults");
        match atomic::read(&faults) {
            Ok(Some(plan)) => {
                if let Err(cause) = faults::parse(&String::from_utf8_lossy(&plan)) {
                    self.note(Problem::Unreadable { cause }, &faults)?;
                }
            }
            Ok(None) => {}
            Err(error) => self.unreadable(&faults, error)?,
        }
        self.texts()?;
        let private = ["packages", "tmp", "trash"];
        let is_private = |name: &&String| is_account(name) || private.contains(&name.as_str());
        for name in names.iter().filter(is_private) {
            self.files(&root.join(name))?;
        }
        let kept = ["aws", "s3"].map(str::to_owned);
        for name in names.iter().filter(is_private).chain(&kept) {
            self.links(&root.join(name))?;
        }
        Ok(())
    }

    /// Checks the files at the root that people write, and `images.json`.
    fn texts(&mut self) -> Result<()> {
        for (name, judge) in TEXTS {
            let path = self.store.root.join(name);
            match atomic::read(&path) {
                Ok(Some(text)) => {
                    if let Err(cause) = judge(&text) {
                        self.note(Problem::Unreadable { cause }, &path)?;
                    }
                }
                Ok(None) => {}
                Err(error) => self.unreadable(&path, error)?,
            }
        }
        Ok(())
    }

    /// Finds links without a target below a folder. Links with a target belong to the user and are not followed.
    fn links(&mut self, folder: &Path) -> Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if !fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir()) {
                continue;
            }
            for name in atomic::names(&folder)? {
                let path = folder.join(name);
                match fs::symlink_metadata(&path) {
                    Ok(found) if found.is_symlink() && !path.exists() => {
                        self.note(Problem::DanglingLink, &path)?;
                    }
                    Ok(found) if found.is_dir() => folders.push(path),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, place: &Place<'_>) -> Result<()> {
        let root = place.root();
        if !place.roots().any(|root| root.is_dir()) {
            return self.note(Problem::Unknown, root);
        }
        let resources = KINDS.iter().filter_map(|kind| match kind.lies() {
            Lies::Folder(name) | Lies::File(name) => Some(name),
            Lies::GlobalFile(_) | Lies::Root(_) => None,
        });
        let known: Vec<&str> = PLACE.iter().copied().chain(resources).collect();
        for name in atomic::names(root)? {
            self.known(&root.join(&name), &name, &known)?;
        }
        let limits = root.join("account.json");
        if let Err(error) = atomic::read_json::<Limits>(&limits) {
            self.unreadable(&limits, error)?;
        }
        let mut readable = true;
        for kind in KINDS {
            match kind.lies() {
                // Without a readable head of a kind with code, the sums cannot be checked.
                Lies::Folder(_) => readable &= kind.check(self, place)? || !kind.has_versions(),
                Lies::File(_) => drop(kind.check(self, place)?),
                Lies::GlobalFile(_) | Lies::Root(_) => {}
            }
        }
        if readable {
            self.usage(place)?;
        }
        self.trash(place)
    }

    /// Compares the stored sums with the counted sums.
    fn usage(&mut self, place: &Place<'_>) -> Result<()> {
        let path = place.root().join("usage.json");
        let says: Option<Usage> = atomic::read_json(&path).ok().flatten();
        let counted = place.totals()?.usage;
        match says {
            Some(says) if says != counted => {
                let problem = Problem::Usage { says, counted };
                self.tell(problem, &path, |_| place.count_again())
            }
            // A missing or damaged cache is made again by the next call that needs it.
            _ => Ok(()),
        }
    }

    /// Finds the rest of deleted resources.
    fn trash(&mut self, place: &Place<'_>) -> Result<()> {
        let trash = place.root().join("trash");
        if fs::symlink_metadata(&trash).is_ok_and(|metadata| metadata.is_dir()) {
            for name in atomic::names(&trash)? {
                let path = trash.join(&name);
                let is_ours = |folder: &str| {
                    name.strip_prefix(folder)
                        .is_some_and(|rest| rest.starts_with('-'))
                };
                if folders().any(is_ours) {
                    let folder = path.clone();
                    self.tell(Problem::Trash, &path, move |check| {
                        check.store.disk.remove_folder(&folder);
                        Ok(())
                    })?;
                } else {
                    self.note(Problem::Unknown, &path)?;
                }
            }
        }
        Ok(())
    }

    /// Adds to the number of resources of a kind.
    fn count(&mut self, kind: &dyn Kind, more: usize) {
        let same = |of: &&dyn Kind| of.holds() == kind.holds();
        if let Some(at) = KINDS.iter().position(same) {
            self.counted.kinds[at] += more as u64;
        }
        self.listener.went_on(self.counted, self.whole);
    }

    /// Reports an entry that is not part of a state. Entries with a leading dot belong to other tools.
    fn known(&mut self, path: &Path, name: &str, known: &[&str]) -> Result<()> {
        if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) && !path.exists()
        {
            return self.note(Problem::DanglingLink, path);
        }
        if known.contains(&name) || name.starts_with('.') {
            return Ok(());
        }
        match name.strip_suffix(".new") {
            // The next write of the same file overwrites it.
            Some(file) if known.contains(&file) => Ok(()),
            _ => self.note(Problem::Unknown, path),
        }
    }

    fn unreadable(&mut self, path: &Path, error: super::Failure) -> Result<()> {
        let (path, cause) = match error {
            super::Failure::Store(StoreError { path, cause, .. }) => (path, cause),
            other => (path.to_owned(), other.to_string()),
        };
        self.note(Problem::Unreadable { cause }, &path)
    }

    /// Reports a problem that no repair fixes. A link without a target is reported only once, even if several checks
    /// find it.
    fn note(&mut self, problem: Problem, path: &Path) -> Result<()> {
        if problem == Problem::DanglingLink && !self.dangling.insert(path.to_owned()) {
            return Ok(());
        }
        self.told(problem, path, None)
    }

    /// Reports a problem, after its repair if repairs are requested.
    fn tell(
        &mut self,
        problem: Problem,
        path: &Path,
        mend: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        // A fork does not repair its parent's files.
        let is_ours = path.starts_with(&self.store.root);
        let mended = (self.repairs && is_ours).then(|| mend(self));
        self.told(problem, path, mended)
    }

    fn told(&mut self, problem: Problem, path: &Path, mended: Option<Result<()>>) -> Result<()> {
        let path = path
            .strip_prefix(&self.store.root)
            .unwrap_or(path)
            .to_owned();
        let finding = Finding {
            problem,
            path,
            mended,
        };
        let told = self.listener.found(finding);
        told.map_err(|error| StoreError::io("write", Path::new("the report"), error).into())
    }

    /// Moves a file to the same path below `trash/`, without replacing an earlier one.
    fn to_trash(&self, path: &Path) -> Result<()> {
        let root = &self.store.root;
        let below = path.strip_prefix(root).unwrap_or(path);
        let wanted = root.join("trash").join(below);
        let name = wanted.file_name().unwrap_or_default().to_os_string();
        let mut to = wanted.clone();
        for number in 2.. {
            if fs::symlink_metadata(&to).is_err() {
                break;
            }
            let mut other = name.clone();
            other.push(format!(".{number}"));
            to = wanted.with_file_name(other);
        }
        if let Some(folder) = to.parent() {
            self.store.disk.create_folders(folder)?;
        }
        self.store.disk.rename(path, &to)
    }
}

#[cfg(test)]
mod tests;
