//! Forks: a state directory that begins as another one is, and never changes it. Rehearsals run on them.
//!
//! ```text
//! FORK     {"Parent": "/…"}: what packages and s3 objects are read from that the fork has not written itself
//! clock    {"Ahead": milliseconds}: how far the fork's time has been moved by a rehearsed `sleep`
//! ```
//!
//! Nothing of the parent can be written through a fork: it shares no file with it, not even one that lambdry itself only
//! ever replaces, for a script may append to any (`>>`, `sed -i`). Packages and `s3/` are read from the parent and written
//! to the fork; a package whose place is told to somebody is copied first (see [`Store::package_url`]). Locks are the
//! fork's own. A fork does not fsync: it is thrown away, or made whole by [`Store::keep_fork`].

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError, atomic, kind, lock};
use crate::state::head::Head;

/// What of a state directory's root goes into a fork, besides the accounts.
const COPIED: [&str; 7] = [
    "FORMAT",
    "aws",
    "faults",
    "stubs",
    "invoke",
    super::images::FILE,
    super::mask::FILE,
];

/// What of an account or a region belongs to its processes and their clean-up, not to what exists.
const LEFT: [&str; 2] = ["locks", "trash"];

/// How deep forks may be forked: a `FORK` that leads back to itself has an end.
const MOST_PARENTS: usize = 16;

/// `FORK`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Fork {
    parent: PathBuf,
}

/// `clock`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Shift {
    /// Milliseconds.
    ahead: u64,
}

/// Where a directory was forked from; `None` for one that is no fork.
///
/// # Errors
/// When `FORK` is there and cannot be read.
fn parent_of(root: &Path) -> Result<Option<PathBuf>> {
    let fork: Option<Fork> = atomic::read_json(&root.join("FORK"))?;
    Ok(fork.map(|fork| fork.parent))
}

/// All that a directory was forked from: its parent, and that one's. Empty for one that is no fork.
///
/// # Errors
/// When a `FORK` cannot be read, and when they have no end.
pub fn parents_of(root: &Path) -> Result<Vec<PathBuf>> {
    let mut parents: Vec<PathBuf> = Vec::new();
    while let Some(parent) = parent_of(parents.last().map_or(root, PathBuf::as_path))? {
        if parents.len() == MOST_PARENTS {
            let cause = "it is a fork of a fork of a fork without an end";
            return Err(StoreError::content(root, cause).into());
        }
        parents.push(parent);
    }
    Ok(parents)
}

/// How far a fork's time is ahead of the machine's.
pub(super) fn ahead(root: &Path) -> Result<Duration> {
    let shift: Option<Shift> = atomic::read_json(&root.join("clock"))?;
    Ok(Duration::from_millis(shift.unwrap_or_default().ahead))
}

impl Store {
    /// Where this state directory was forked from; `None` when it is no fork.
    pub fn parent(&self) -> Option<&Path> {
        self.parents.first().map(PathBuf::as_path)
    }

    /// This directory, and in a fork those that it reads what it has not written from.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.root()).chain(self.parents.iter().map(PathBuf::as_path))
    }

    /// Makes a fork of this state directory in an empty or missing folder. Each function is one moment of it. What does
    /// not exist forks into nothing.
    ///
    /// # Errors
    /// When the folder cannot be written, or a resource stays locked.
    pub fn fork(&self, to: &Path) -> Result<()> {
        make_folder(to)?;
        let parent = std::path::absolute(self.root())
            .map_err(|error| StoreError::io("find", self.root(), error))?;
        let fork = atomic::json_text(&Fork { parent });
        write(&to.join("FORK"), &fork)?;
        for name in COPIED {
            copy(&self.root().join(name), &to.join(name), &[])?;
        }
        for account in self.accounts()? {
            let (from, to) = (self.root().join(&account), to.join(&account));
            make_folder(&to)?;
            for region in entries(&from)? {
                let (from, to) = (from.join(&region), to.join(&region));
                if !from.is_dir() {
                    copy(&from, &to, &[])?;
                    continue;
                }
                let folders: Vec<&str> = kind::folders().collect();
                copy(&from, &to, &[&LEFT[..], &folders[..]].concat())?;
                for kind in kind::KINDS {
                    kind.fork(self, &from, &to)?;
                }
            }
        }
        Ok(())
    }

    /// Copies the resources of one kind, each under its lock, so that its head and its versions are one moment.
    pub(super) fn fork_kind<H: Head>(&self, from: &Path, to: &Path) -> Result<()> {
        let (folder, target) = (from.join(H::FOLDER), to.join(H::FOLDER));
        let names = entries(&folder)?;
        if names.is_empty() {
            return Ok(());
        }
        make_folder(&target)?;
        for name in names {
            let lock_file = from
                .join("locks")
                .join(H::FOLDER)
                .join(format!("{name}.lock"));
            let _lock = lock::reading(&lock_file, &name, &self.patience)?;
            let (folder, target) = (folder.join(&name), target.join(&name));
            if !folder.is_dir() {
                continue;
            }
            make_folder(&target)?;
            for file in entries(&folder)? {
                copy(&folder.join(&file), &target.join(&file), &[])?;
            }
        }
        Ok(())
    }

    /// Moves this fork's time. Two sleepers at once both move it: they sleep one after the other.
    ///
    /// # Errors
    /// When this is no fork, and when it cannot be written.
    pub fn pass(&self, time: Duration) -> Result<()> {
        if self.parent().is_none() {
            return Err(StoreError::content(
                self.root(),
                "it is no fork: its time is the machine's",
            )
            .into());
        }
        self.disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/clock.lock");
        let _lock = lock::exclusive(self, &held, "the fork's clock")?;
        let so_far = ahead(self.root())?.saturating_add(time);
        let shift = Shift {
            ahead: u64::try_from(so_far.as_millis()).unwrap_or(u64::MAX),
        };
        self.disk
            .replace_cache(&self.root().join("clock"), &atomic::json_text(&shift))
    }

    /// Makes a state directory of its own of a fork: in an empty or missing folder, sharing no file with the parent.
    ///
    /// # Errors
    /// When this is no fork, the folder holds anything, or it cannot be written.
    pub fn keep_fork(&self, to: &Path) -> Result<()> {
        if self.parent().is_none() {
            return Err(StoreError::content(self.root(), "it is no fork").into());
        }
        if !entries(to)?.is_empty() {
            return Err(StoreError::content(to, "it is not empty")
                .with_hint("name a folder that does not exist; it becomes a state directory")
                .into());
        }
        copy(
            self.root(),
            to,
            &["FORK", "clock", "locks", "tmp", "packages", "s3"],
        )?;
        self.s3_keep(to)?;
        for root in self.roots() {
            let packages = Path::new("packages/sha256");
            for first in entries(&root.join(packages))? {
                let folder = root.join(packages).join(&first);
                let target = to.join(packages).join(&first);
                self.disk.create_folders(&target)?;
                for file in entries(&folder)? {
                    if !target.join(&file).exists() {
                        copy(&folder.join(&file), &target.join(&file), &[])?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The twelve-digit folders.
    pub(super) fn accounts(&self) -> Result<Vec<String>> {
        let mut names = atomic::names(self.root())?;
        names.retain(|name| name.len() == 12 && name.bytes().all(|digit| digit.is_ascii_digit()));
        Ok(names)
    }
}

/// The names in a folder; none where it is missing or no folder.
fn entries(folder: &Path) -> Result<Vec<String>> {
    if folder.is_dir() {
        atomic::names(folder)
    } else {
        Ok(Vec::new())
    }
}

fn make_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| StoreError::io("make the folder", path, error).into())
}

/// A new file of our own; an existing one is an error, so that nothing is written into a link.
fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    atomic::private(&mut options).open(path)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    use io::Write as _;
    create(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| StoreError::io("write", path, error).into())
}

/// Copies a file, or a folder but for the names to leave out at its top. What is missing, and what is neither file nor
/// folder, is passed over.
fn copy(from: &Path, to: &Path, but: &[&str]) -> Result<()> {
    let Ok(metadata) = fs::metadata(from) else {
        return Ok(());
    };
    if metadata.is_dir() {
        make_folder(to)?;
        for name in entries(from)? {
            if !but.contains(&name.as_str()) {
                copy(&from.join(&name), &to.join(&name), &[])?;
            }
        }
    } else if metadata.is_file() {
        let mut file = match fs::File::open(from) {
            // An unlocked reader (a read-only state) may meet a writer's clean-up.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(|error| StoreError::io("copy", from, error))?,
        };
        // Without the modes: what nobody may write there is written here. On Linux the bytes are shared until one side
        // writes them, where the disk can (Btrfs, XFS).
        create(to)
            .and_then(|mut to| io::copy(&mut file, &mut to))
            .map_err(|error| StoreError::io("copy", from, error))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{collections::BTreeMap, os::unix::fs::MetadataExt as _};

    use serde_json::json;

    use super::*;
    use crate::{operation::sandbox::Sandbox, store::Failure};

    /// Every file of a state directory: its bytes, its inode and when it was written.
    fn everything(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u64, i64, i64)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let of = fs::metadata(&path).unwrap();
                let seen = (
                    fs::read(&path).unwrap(),
                    of.ino(),
                    of.mtime(),
                    of.mtime_nsec(),
                );
                files.insert(path, seen);
            }
        }
        files
    }

    /// A function with two versions and an alias, a layer, and an object.
    fn furnished() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        lambda.call("CreateAlias", alias);
        lambda.put_object("builds", "three.zip", &three());
        lambda
    }

    fn three() -> Vec<u8> {
        let sandbox = Sandbox::with("three");
        let hash = sandbox.latest("three")["CodeSha256"]
            .as_str()
            .unwrap()
            .to_owned();
        fs::read(sandbox.store().unwrap().package(&hash).unwrap()).unwrap()
    }

    /// Changes whatever a script can change.
    fn deploy(lambda: &Sandbox) {
        let from_s3 = json!({ "FunctionName": "pay", "S3Bucket": "builds", "S3Key": "three.zip" });
        lambda.call("UpdateFunctionCode", from_s3);
        let tags = json!({ "Resource": "arn:aws:lambda:us-east-1:123456789012:function:pay", "Tags": { "a": "b" } });
        lambda.call("TagResource", tags);
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "3" });
        lambda.call("UpdateAlias", alias);
        lambda.call(
            "DeleteFunction",
            json!({ "FunctionName": "pay", "Qualifier": "1" }),
        );
        lambda.create("new");
        lambda.publish("new");
        lambda.call("DeleteFunction", json!({ "FunctionName": "new" }));
    }

    #[test]
    fn begins_as_its_parent_and_never_changes_it() {
        let lambda = furnished();
        let before = everything(lambda.root());
        let fork = lambda.fork();
        let of = json!({ "FunctionName": "pay" });
        for read in [
            "GetFunctionConfiguration",
            "ListVersionsByFunction",
            "ListAliases",
        ] {
            assert_eq!(
                fork.call(read, of.clone()),
                lambda.call(read, of.clone()),
                "{read}"
            );
        }
        deploy(&fork);
        assert_eq!(before, everything(lambda.root()));
        assert_eq!(
            fork.call("ListVersionsByFunction", of.clone())["Versions"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        fork.call("DeleteFunction", of);
        assert_eq!(before, everything(lambda.root()));
    }

    #[test]
    fn shares_no_file_with_its_parent_nor_does_what_is_kept_of_it() {
        let lambda = furnished();
        fs::create_dir_all(lambda.root().join("s3/builds/.versions")).unwrap();
        let fork = lambda.fork();
        assert!(!fork.root().join("packages").exists() && !fork.root().join("s3").exists());
        for version in ["1", "2", "$LATEST"] {
            let of = json!({ "FunctionName": "pay", "Qualifier": version });
            let code = fork.call("GetFunction", of)["Code"]["Location"].clone();
            let own = fork.root().join("packages");
            assert!(
                code.as_str().unwrap().contains(&*own.to_string_lossy()),
                "{code}"
            );
        }
        fork.put_object("builds", "three.zip", &three());
        let kept = fork.keep();
        let files = |lambda: &Sandbox| -> std::collections::BTreeSet<u64> {
            let seen = everything(lambda.root());
            seen.values().map(|(_, inode, ..)| *inode).collect()
        };
        assert!(files(&fork).is_disjoint(&files(&lambda)));
        assert!(
            files(&kept).is_disjoint(&files(&lambda)) && files(&kept).is_disjoint(&files(&fork))
        );
    }

    #[test]
    fn packages_are_read_from_the_parent_and_what_is_torn_there_is_written_anew() {
        let lambda = furnished();
        let hash = lambda.latest("pay")["CodeSha256"]
            .as_str()
            .unwrap()
            .to_owned();
        let whole = lambda.store().unwrap().package(&hash).unwrap();
        let bytes = fs::read(&whole).unwrap();
        let fork = lambda.fork();
        let package = || fork.store().unwrap().package(&hash).unwrap();
        assert_eq!(package(), whole);
        fs::write(&whole, &bytes[..9]).unwrap();
        fork.update_code("pay", "other", json!({}));
        fork.update_code("pay", "two", json!({}));
        assert!(package().starts_with(fork.root()));
        assert_eq!(fs::read(package()).unwrap(), bytes);
        assert_eq!(fs::read(&whole).unwrap(), bytes[..9], "not ours to repair");
    }

    #[test]
    fn what_is_torn_in_the_parent_is_named_by_whoever_reads_it() {
        let lambda = furnished();
        let torn = lambda.file_of("pay", "versions/1.json");
        fs::write(&torn, "{").unwrap();
        let fork = lambda.fork();
        let of_it = json!({ "FunctionName": "pay", "Qualifier": "1" });
        assert!(
            fork.broken("GetFunctionConfiguration", of_it)
                .contains("versions/1.json")
        );
        fork.call("GetFunctionConfiguration", json!({ "FunctionName": "pay" }));
    }

    #[test]
    fn a_fork_can_be_forked() {
        let lambda = furnished();
        let first = lambda.fork();
        deploy(&first);
        let left = everything(first.root());
        let second = first.fork();
        let of = json!({ "FunctionName": "pay" });
        let configuration = |lambda: &Sandbox| lambda.call("GetFunctionConfiguration", of.clone());
        assert_eq!(configuration(&second), configuration(&first));
        second.update_code("pay", "four", json!({}));
        second.publish("pay");
        assert_eq!(left, everything(first.root()));
        let of_first = json!({ "FunctionName": "pay", "Qualifier": "2" });
        let code = second.call("GetFunction", of_first)["Code"]["Location"].clone();
        assert!(
            code.as_str()
                .unwrap()
                .contains(&*second.root().to_string_lossy()),
            "{code}"
        );
    }

    #[test]
    fn a_sleep_moves_its_time_and_no_other() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(5));
        let fork = lambda.fork();
        let status = || fork.latest("pay")["LastUpdateStatus"].clone();
        fork.update_code("pay", "two", json!({}));
        fork.store().unwrap().pass(Duration::from_secs(4)).unwrap();
        assert_eq!(status(), "InProgress");
        fork.store().unwrap().pass(Duration::from_secs(1)).unwrap();
        assert_eq!(status(), "Successful");
        assert!(matches!(
            lambda.store().unwrap().pass(Duration::from_secs(1)),
            Err(Failure::Store(_))
        ));
    }

    #[test]
    fn a_fork_of_what_cannot_be_written_can_be() {
        use std::os::unix::fs::PermissionsExt as _;
        let lambda = furnished();
        for file in ["function.json", "journal.jsonl"] {
            let path = lambda.file_of("pay", file);
            fs::set_permissions(path, fs::Permissions::from_mode(0o400)).unwrap();
        }
        let fork = lambda.fork();
        // As root one may write anything: the mode tells.
        let mode = |file: &str| fs::metadata(fork.file_of("pay", file)).unwrap().mode() & 0o777;
        assert_eq!(mode("journal.jsonl"), 0o600);
        deploy(&fork);
        assert_eq!(mode("function.json"), 0o600);
    }

    #[test]
    fn what_does_not_exist_forks_into_nothing() {
        let lambda = Sandbox::new();
        let folder = lambda.root().join("fork");
        lambda.store().unwrap().fork(&folder).unwrap();
        assert_eq!(entries(&folder).unwrap(), ["FORK"]);
    }

    #[test]
    fn a_kept_fork_stands_without_its_parent() {
        let lambda = furnished();
        let fork = lambda.fork();
        deploy(&fork);
        let kept = fork.keep();
        let of = json!({ "FunctionName": "pay" });
        let seen = |lambda: &Sandbox| {
            [
                "GetFunctionConfiguration",
                "ListVersionsByFunction",
                "ListAliases",
            ]
            .map(|read| lambda.call(read, of.clone()))
        };
        assert_eq!(seen(&kept), seen(&fork));
        let left = everything(fork.root());
        let before = everything(lambda.root());
        kept.publish("pay");
        kept.update_code("pay", "five", json!({}));
        assert_eq!(
            (left, before),
            (everything(fork.root()), everything(lambda.root()))
        );
        assert_eq!(kept.store().unwrap().parent(), None);
        let full = fork.store().unwrap().keep_fork(kept.root());
        assert!(full.unwrap_err().to_string().contains("it is not empty"));
        drop((lambda, fork));
        let code = kept.call(
            "GetFunction",
            json!({ "FunctionName": "pay", "Qualifier": "2" }),
        );
        let path = code["Code"]["Location"]
            .as_str()
            .unwrap()
            .strip_prefix("file://")
            .unwrap()
            .to_owned();
        assert!(Path::new(&path).exists(), "{path}");
    }
}
