//! Looks a state directory over: what `lambdry doctor` finds, and what it can mend without losing anything.
//!
//! The layout is known here and the words are not: a [`Finding`] says what is where, and `tool/doctor.rs` tells it.
//! Findings are handed out as they are made, packages are hashed in pieces, and what is kept in memory is one hash for
//! each package. Without a repair nothing is written and no lock is waited for longer than a moment.
//!
//! A repair holds the packages exclusively from the beginning to the end and each resource while it looks at it: the
//! order of [`super::lock`]. What might be of use to anybody is moved to `trash/` in the state directory and not
//! removed: an orphan package is code again as soon as an older `function.json` is put back, from git for instance.

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

/// How long a busy resource is waited for before it is looked at without its lock.
const MOMENT: Duration = Duration::from_secs(2);

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something is not as it should be.
    Wrong,
    /// What a stopped process left, or what nobody uses: it does no harm.
    Leftover,
    /// Worth knowing.
    Note,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// A file that cannot be read, or does not hold what it should.
    Unreadable {
        /// What is wrong with it.
        cause: String,
    },
    /// State without `FORMAT`.
    MissingFormat,
    /// A file or folder that is none of ours.
    Unknown,
    /// A link that leads nowhere.
    DanglingLink,
    /// Two names that are one on a disk which does not tell upper from lower case.
    NameClash {
        /// The other name.
        other: String,
    },
    /// A resource's folder without its head, and with something in it.
    MissingHead,
    /// A resource's folder without its head, and with no more in it than one create writes.
    StoppedCreate,
    /// A resource's folder with nothing in it.
    EmptyFolder,
    /// The next content of a file, which never took its place.
    Unfinished,
    /// Journal lines above the head's change counter.
    JournalAhead {
        /// How many.
        lines: usize,
    },
    /// Changes the journal does not tell.
    JournalBehind {
        /// Its last change.
        journal: u64,
        /// The head's.
        head: u64,
    },
    /// A version above the head's counter.
    VersionAhead {
        /// The head's counter.
        last_version: u64,
        /// Whether one stopped publish explains it.
        next: bool,
    },
    /// A version's file whose version was deleted.
    DeletedVersion,
    /// The version published last has no file.
    MissingVersion {
        /// Its number.
        version: String,
    },
    /// The size a head says its code has in all, and what its parts add up to.
    CodeSize {
        /// What it says.
        says: u64,
        /// What was counted.
        counted: u64,
    },
    /// An alias or a setting that names a version, an alias or a configuration there is none of.
    Dangling {
        /// What names it.
        from: String,
        /// What it names.
        to: String,
    },
    /// A resource whose counter is below that of its deleted namesake: numbers would be given twice.
    Retired {
        /// The namesake's last version.
        last_version: u64,
    },
    /// The sums kept and the sums counted.
    Usage {
        /// What is kept.
        says: Usage,
        /// What was counted.
        counted: Usage,
    },
    /// A package that is referred to and not there.
    MissingPackage {
        /// Who refers to it.
        by: String,
    },
    /// A package whose bytes are not those its name says.
    WrongHash,
    /// A package nobody refers to.
    Orphan {
        /// Its bytes.
        size: u64,
    },
    /// A package on its way in whose process is gone.
    Spool {
        /// Its bytes.
        size: u64,
    },
    /// What is left of a deleted resource.
    Trash,
    /// Files that others than their owner may open.
    Modes {
        /// How many.
        files: u64,
    },
    /// A lock somebody holds.
    Held {
        /// Which process, where the system tells, and its name.
        by: Vec<(u32, String)>,
    },
    /// Packages were not judged, because a file that may refer to them cannot be read.
    Blind,
}

impl Problem {
    /// How bad it is.
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

    /// Whether a repair mends it.
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

/// A problem, where it is, and what became of it.
#[derive(Debug)]
pub struct Finding {
    /// What was found.
    pub problem: Problem,
    /// The file or folder, from the state directory.
    pub path: PathBuf,
    /// Whether it was mended; `None` when that was not tried.
    pub mended: Option<Result<()>>,
}

/// What was looked at.
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

/// Who is told while a state directory is looked over.
pub trait Listener {
    /// Something was found.
    ///
    /// # Errors
    /// When it cannot be told, which ends the examination.
    fn found(&mut self, finding: Finding) -> io::Result<()>;

    /// This much was looked at.
    fn went_on(&mut self, counted: Counted);
}

/// A state directory while it is looked over.
pub struct Check<'a> {
    store: &'a Store,
    repairs: bool,
    listener: &'a mut dyn Listener,
    counted: Counted,
    /// Packages that something refers to.
    used: HashSet<[u8; 32]>,
    /// Whether something could not be read that may refer to packages.
    blind: bool,
    /// Whether packages of a parent are read, so that a missing one is no loss.
    is_fork: bool,
    /// Links that lead nowhere and were told.
    dangling: HashSet<PathBuf>,
}

impl Store {
    /// Looks the state directory over, and mends what can be mended if `repairs`.
    ///
    /// # Errors
    /// When a folder cannot be listed, a lock not be had for a repair, or the listener fails.
    pub fn check(&self, repairs: bool, listener: &mut dyn Listener) -> Result<Counted> {
        let mut check = Check {
            store: self,
            repairs,
            listener,
            counted: Counted::default(),
            used: HashSet::new(),
            blind: false,
            is_fork: self.root.join("FORK").exists(),
            dangling: HashSet::new(),
        };
        check.run()?;
        Ok(check.counted)
    }
}

/// What may lie in a state directory besides accounts.
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

/// Files at the root, and how each is judged.
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

/// What may lie in the folder of an account and region besides resources.
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
        // Before any lock is taken here.
        self.locks(&store.root.join("locks"))?;
        for scope in store.scopes()? {
            self.locks(&store.place(scope).root().join("locks"))?;
        }
        let mut held = self.hold_packages()?;
        let packages = self.packages()?;
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

    /// While this is held nobody is between putting a package in place and referring to it.
    fn hold_packages(&self) -> Result<Option<Lock>> {
        let path = self.store.root.join("locks/packages.lock");
        if self.repairs {
            self.store
                .disk
                .create_folders(&self.store.root.join("locks"))?;
            return lock::exclusive(self.store, &path, "the packages").map(Some);
        }
        // Whoever holds it for longer was told of.
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

    /// What people write at the root, and what is known of images.
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

    /// Links below a folder that lead nowhere. Those that lead somewhere are somebody's own, and are not followed.
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
                // Without a head that has code the sums cannot be told.
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

    /// The sums kept against the sums counted.
    fn usage(&mut self, place: &Place<'_>) -> Result<()> {
        let path = place.root().join("usage.json");
        let says: Option<Usage> = atomic::read_json(&path).ok().flatten();
        let counted = place.totals()?.usage;
        match says {
            Some(says) if says != counted => {
                let problem = Problem::Usage { says, counted };
                self.tell(problem, &path, |_| place.count_again())
            }
            // A missing or spoilt cache is made again by whoever needs it.
            _ => Ok(()),
        }
    }

    /// What is left of deleted resources.
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

    /// Counts resources of a kind.
    fn count(&mut self, kind: &dyn Kind, more: usize) {
        let same = |of: &&dyn Kind| of.holds() == kind.holds();
        if let Some(at) = KINDS.iter().position(same) {
            self.counted.kinds[at] += more as u64;
        }
        self.listener.went_on(self.counted);
    }

    /// Notes what is none of ours. What begins with a dot is somebody's tool's.
    fn known(&mut self, path: &Path, name: &str, known: &[&str]) -> Result<()> {
        if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) && !path.exists()
        {
            return self.note(Problem::DanglingLink, path);
        }
        if known.contains(&name) || name.starts_with('.') {
            return Ok(());
        }
        match name.strip_suffix(".new") {
            // Written over by the next write of the same file.
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

    /// Tells what no repair mends; of a link that leads nowhere once, however many look at it.
    fn note(&mut self, problem: Problem, path: &Path) -> Result<()> {
        if problem == Problem::DanglingLink && !self.dangling.insert(path.to_owned()) {
            return Ok(());
        }
        self.told(problem, path, None)
    }

    /// Tells of a problem, once it is mended if that is asked for.
    fn tell(
        &mut self,
        problem: Problem,
        path: &Path,
        mend: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        // What a fork reads from its parent is not its to mend.
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

    /// Moves a file to the same place below `trash/`, beside what lies there.
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
