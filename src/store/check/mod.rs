//! Examines a state directory: the findings of `lambdry doctor`, and the repairs that lose nothing.
//!
//! This module knows the layout of the state; the texts for people are in `tool/doctor.rs`. A [`Finding`] holds only
//! the problem and its place. Findings are reported at once, packages are hashed in pieces, and memory holds only one
//! hash for each package. Without a repair, the check writes nothing and waits only briefly for a lock.
//!
//! A repair holds the exclusive lock of the packages from start to end. It holds the lock of each resource while it
//! examines the resource, in the order of [`super::lock`]. Files that might still be useful are moved to `trash/` in
//! the state directory and not removed. For example, an orphan package is needed again if somebody restores an older
//! `function.json` from git.

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
    /// A file of a stopped process, or an unused file. It does no harm.
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
    /// A state directory that has no file `FORMAT`.
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
    /// A resource's folder that has contents but no head.
    MissingHead,
    /// A resource's folder that has no head, and no more contents than one create writes.
    StoppedCreate,
    /// An empty folder of a resource.
    EmptyFolder,
    /// The next content of a file. It never replaced the file.
    Unfinished,
    /// Journal lines with numbers above the head's change counter.
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
    /// A version with a number above the head's counter.
    VersionAhead {
        /// The head's counter.
        last_version: u64,
        /// True if one publish that was stopped explains the version.
        next: bool,
    },
    /// The file of a version that was deleted.
    DeletedVersion,
    /// The last published version has no file.
    MissingVersion {
        /// The version's number.
        version: String,
    },
    /// A head's total code size, which differs from the sum of its parts.
    CodeSize {
        /// The size that the head holds.
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
    /// A resource whose counter is lower than that of a deleted resource of the same name, so that numbers would be
    /// used twice.
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
    /// A package that does not exist, although a resource refers to it.
    MissingPackage {
        /// The file that refers to the package.
        by: String,
    },
    /// A package whose bytes do not match its name.
    WrongHash,
    /// A package that nothing refers to.
    Orphan {
        /// The package's size in bytes.
        size: u64,
    },
    /// An unfinished package of a process that has ended.
    Spool {
        /// The size in bytes.
        size: u64,
    },
    /// Files of a deleted resource.
    Trash,
    /// Files that other users than their owner may open.
    Modes {
        /// The number of files.
        files: u64,
    },
    /// A lock that a process holds.
    Held {
        /// The processes that hold the lock, with their names; empty if the system does not show them.
        by: Vec<(u32, String)>,
    },
    /// The packages were not checked, because a file that may refer to some of them cannot be read.
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
    /// The result of the repair; `None` if no repair was tried.
    pub mended: Option<Result<()>>,
}

/// The numbers of examined items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// The number of resources of each kind, in the order of [`KINDS`].
    pub kinds: [u64; KINDS.len()],
    /// The number of versions of all resources.
    pub versions: u64,
    /// The number of packages.
    pub packages: u64,
    /// The bytes of all packages.
    pub bytes: u64,
}

/// The amount of work. It is counted at the beginning of the check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole {
    /// The number of resources of all kinds.
    pub resources: u64,
    /// The bytes of all packages.
    pub bytes: u64,
}

/// The receiver of findings and progress.
pub trait Listener {
    /// Receives a finding.
    ///
    /// # Errors
    /// A finding that cannot be reported; it ends the examination.
    fn found(&mut self, finding: Finding) -> io::Result<()>;

    /// Receives the progress: the numbers of items examined so far, and the whole amount.
    fn went_on(&mut self, counted: Counted, whole: Whole);
}

/// An examination of a state directory.
pub struct Check<'a> {
    store: &'a Store,
    repairs: bool,
    listener: &'a mut dyn Listener,
    counted: Counted,
    whole: Whole,
    /// The hashes of the packages that a resource refers to.
    used: HashSet<[u8; 32]>,
    /// True if a file that may refer to packages could not be read.
    blind: bool,
    /// True if packages are also read from a parent. A package that is missing here is then not lost.
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

/// The entries, other than accounts, that a state directory may have.
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

/// Checks the text of a file.
type Judge = fn(&[u8]) -> std::result::Result<(), String>;

/// The files at the root that are checked, each with the function that checks it.
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

/// The entries, other than resources, that the folder of an account and region may have.
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
        // Locks are examined first, because this process does not hold any lock yet.
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

    /// Counts the items that will be examined. A list that cannot be read counts as empty here. The error is reported
    /// later, when the list is examined.
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

    /// The lock on the packages. A process holds the lock, too, from the moment at which it puts a package in place
    /// until a resource refers to the package. So while the check holds the lock, no such package looks like an orphan.
    fn hold_packages(&self) -> Result<Option<Lock>> {
        let path = self.store.root.join("locks/packages.lock");
        if self.repairs {
            self.store
                .disk
                .create_folders(&self.store.root.join("locks"))?;
            return lock::exclusive(self.store, &path, "the packages").map(Some);
        }
        // If a process holds the lock for longer, that was reported already.
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
                // If a head of a kind with code cannot be read, the sums cannot be checked.
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

    /// Finds the files of deleted resources.
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
            // The next write of the same file overwrites this file.
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

    /// Reports a problem. If repairs are requested, repairs it first.
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

    /// Moves a file to the same path below `trash/`, without replacing a file that was moved there earlier.
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
