//! The working folder, and its copies, in which the runs are made.
//!
//! The working folder is the whole repository in which the script is called, because a script may use everything up to
//! the repository's root. Outside a repository it is the folder itself. A copy keeps the times and modes of files,
//! because a build writes them into its packages. Links that lead out of the folder still lead to the same place. Git
//! only ever adds objects, so objects are read from the repository, and new ones are written to the copy.
//!
//! On some file systems (Btrfs, XFS) a copy shares its bytes with the folder. Everywhere else a copy takes its full
//! size, so copies are used again: after a run, only the files that the run wrote are copied anew. The change time of
//! the system (ctime) shows these files; a script cannot set it. Hard links would take less space, but then a program
//! that writes in place would change the folder itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, FileTimes},
    io,
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Component, Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::state::plain::plain;
use crate::tool::rehearse::stage::PREFIX;

/// A working folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// The root of the working folder.
    pub(super) root: PathBuf,
    /// The path of the folder in which the script is called. It is relative to the root.
    below: PathBuf,
    /// lambdry's own part of the folder, which is the state directory.
    ours: PathBuf,
    /// Paths that become links in a copy, because they are shared. They are relative to the root.
    shared: Vec<PathBuf>,
}

/// The size of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// The number of bytes.
    pub(super) bytes: u64,
    /// The number of files.
    pub(super) files: u64,
    /// For each entry at the root, its size in bytes.
    parts: BTreeMap<PathBuf, u64>,
}

impl Size {
    /// The largest entries at the root.
    pub(super) fn largest(&self) -> Vec<(&Path, u64)> {
        let mut parts: Vec<_> = self
            .parts
            .iter()
            .map(|(path, bytes)| (&**path, *bytes))
            .collect();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        parts.truncate(3);
        parts
    }
}

/// The stamps of a file. They show if somebody has written the file since.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    mode: u32,
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            size: metadata.size(),
            mode: metadata.mode(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// The stamps of every file in a folder at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment(BTreeMap<PathBuf, Stamp>);

impl Moment {
    /// A path that was changed, added or removed since `self` was taken.
    pub(super) fn changed(&self, later: &Self) -> Option<PathBuf> {
        let here = self
            .0
            .iter()
            .find(|(path, stamp)| later.0.get(*path) != Some(*stamp));
        let there = later.0.keys().find(|path| !self.0.contains_key(*path));
        here.map(|(path, _)| path).or(there).cloned()
    }
}

/// The stamps of everything in a copy, including its links and folders.
#[derive(Debug, Default)]
pub(super) struct Lies(BTreeMap<PathBuf, Stamp>);

impl Lies {
    /// Takes the stamps of everything in a copy. Then waits until the file system's clock has moved, so that every
    /// later write has a later time. `scratch` is a file beside the copy.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn of(copy: &Path, scratch: &Path) -> io::Result<Self> {
        const PATIENCE: Duration = Duration::from_millis(50);
        let mut all = BTreeMap::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(copy.join(&folder))? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                let path = folder.join(entry.file_name());
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                all.insert(path, Stamp::of(&metadata));
            }
        }
        let last = all.values().map(|stamp| stamp.changed).max();
        let began = Instant::now();
        loop {
            fs::write(scratch, "-")?;
            let now = Stamp::of(&fs::metadata(scratch)?).changed;
            if last.is_none_or(|last| now > last) || began.elapsed() > PATIENCE {
                return Ok(Self(all));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Folder {
    /// The working folder of a script that is called in `cwd`. `shared` holds paths relative to `cwd`.
    ///
    /// # Errors
    /// When the folder or a shared path cannot be found.
    pub(super) fn of(
        cwd: &Path,
        state: &Path,
        shared: &[PathBuf],
        home: Option<&Path>,
    ) -> io::Result<Self> {
        let cwd = cwd.canonicalize()?;
        let home = home.and_then(|home| home.canonicalize().ok());
        let root = cwd
            .ancestors()
            .find(|folder| folder.join(".git").exists())
            // If the home directory is a repository, it is not the project.
            .filter(|root| home.as_deref() != Some(*root) && root.parent().is_some())
            .unwrap_or(&cwd)
            .to_owned();
        let named = |path: &PathBuf| {
            let whole = cwd.join(path).canonicalize();
            whole
                .ok()
                .and_then(|path| Some(path.strip_prefix(&root).ok()?.to_owned()))
                .ok_or_else(|| {
                    io::Error::other(format!(
                        "{} does not exist in {}",
                        path.display(),
                        root.display()
                    ))
                })
        };
        Ok(Self {
            shared: shared.iter().map(named).collect::<io::Result<_>>()?,
            below: cwd.strip_prefix(&root).unwrap_or(Path::new("")).to_owned(),
            ours: state.canonicalize().unwrap_or_else(|_| state.to_owned()),
            root,
        })
    }

    /// The folder in a copy in which the script is called.
    pub(super) fn cwd(&self, copy: &Path) -> PathBuf {
        copy.join(&self.below)
    }

    /// Returns true if git's own files are outside the folder. Git commands in a copy would write to those files.
    pub(super) fn is_worktree(&self) -> bool {
        self.root.join(".git").is_file()
    }

    /// Replaces this folder's path in a text with the copy's path.
    pub(super) fn renamed(&self, text: &str, copy: &Path) -> Option<String> {
        let (root, copy) = (self.root.to_str()?, copy.to_str()?);
        let mut renamed = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(root) {
            let (before, after) = (&rest[..at], &rest[at + root.len()..]);
            // `/work/pay-old` is not inside `/work/pay`, and `/mnt/work/pay` is another folder.
            let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "/._-".contains(c));
            let ends = !after.starts_with(|c: char| c.is_alphanumeric() || "._-".contains(c));
            renamed.push_str(before);
            renamed.push_str(if begins && ends { copy } else { root });
            rest = after;
        }
        (!renamed.is_empty() || rest.len() != text.len()).then(|| renamed + rest)
    }

    /// The size of a copy.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn size(&self) -> io::Result<Size> {
        let mut size = Size::default();
        self.walk(&mut |path, metadata| {
            if metadata.is_file() {
                size.files += 1;
                size.bytes += metadata.size();
                let part: PathBuf = path.components().take(1).collect();
                *size.parts.entry(part).or_default() += metadata.size();
            }
        })?;
        Ok(size)
    }

    /// The stamps of every file at this moment.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn moment(&self) -> io::Result<Moment> {
        let mut files = BTreeMap::new();
        self.walk(&mut |path, metadata| {
            // Editors run git in the folder, and git then writes this file.
            if path == Path::new(".git/index") {
                return;
            }
            let mut stamp = Stamp::of(metadata);
            if metadata.is_dir() {
                // A folder's stamp changes with its contents, and the contents have their own stamps.
                (stamp.size, stamp.changed) = (0, (0, 0));
            }
            files.insert(path.to_owned(), stamp);
        })?;
        Ok(Moment(files))
    }

    /// Visits everything that is copied.
    fn walk(&self, look: &mut dyn FnMut(&Path, &fs::Metadata)) -> io::Result<()> {
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.root.join(&folder)) {
                Ok(entries) => entries,
                Err(error) if is_passed_over(&error) && folder != Path::new("") => continue,
                Err(error) => return Err(named(&self.root.join(&folder), &error)),
            };
            for entry in entries {
                let path = folder.join(entry?.file_name());
                if self.is_left_out(&path) {
                    continue;
                }
                let Ok(metadata) = fs::symlink_metadata(self.root.join(&path)) else {
                    continue;
                };
                look(&path, &metadata);
                if metadata.is_dir() && !is_objects(&self.root.join(&path), &path) {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }

    fn is_left_out(&self, path: &Path) -> bool {
        let is_stage = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        is_stage
            || self.shared.iter().any(|shared| path == shared)
            || self.root.join(path) == self.ours
    }

    /// Makes a copy.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub(super) fn copy(&self, to: &Path) -> io::Result<()> {
        self.copy_folder(Path::new(""), to)?;
        for shared in &self.shared {
            symlink(self.root.join(shared), to.join(shared))?;
        }
        Ok(())
    }

    /// Restores a copy to the state that the given stamps describe.
    ///
    /// # Errors
    /// When something cannot be read or written; the copy is then unusable.
    pub(super) fn restore(&self, copy: &Path, lay: &Lies) -> io::Result<()> {
        self.restore_folder(Path::new(""), copy, lay)
    }

    fn restore_folder(&self, path: &Path, to: &Path, lay: &Lies) -> io::Result<()> {
        let from = self.root.join(path);
        let entries = match fs::read_dir(&from) {
            Ok(entries) => entries,
            Err(error) if is_passed_over(&error) && path != Path::new("") => return remove(to),
            Err(error) => return Err(named(&from, &error)),
        };
        let metadata = fs::metadata(&from)?;
        if is_objects(&from, path) {
            remove(to)?;
            return self.copy_folder(path, to);
        }
        let mut wanted = BTreeSet::new();
        for entry in entries {
            let name = entry?.file_name();
            let (path, to) = (path.join(&name), to.join(&name));
            if self.is_left_out(&path) && !self.shared.contains(&path) {
                continue;
            }
            wanted.insert(name);
            let there = fs::symlink_metadata(&to).ok();
            let is_same = |there: &fs::Metadata| lay.0.get(&path) == Some(&Stamp::of(there));
            match there {
                Some(there) if there.is_dir() => {
                    let is_folder = fs::symlink_metadata(self.root.join(&path));
                    if is_folder.is_ok_and(|found| found.is_dir()) {
                        self.restore_folder(&path, &to, lay)?;
                        continue;
                    }
                    remove(&to)?;
                }
                Some(there) if is_same(&there) => continue,
                Some(_) => remove(&to)?,
                None => {}
            }
            match self.shared.contains(&path) {
                true => symlink(self.root.join(&path), &to)?,
                false => self.copy_entry(&path, &to)?,
            }
        }
        for entry in fs::read_dir(to)? {
            let entry = entry?;
            if !wanted.contains(&entry.file_name()) {
                remove(&entry.path())?;
            }
        }
        dated(to, &metadata)
    }

    fn copy_folder(&self, path: &Path, to: &Path) -> io::Result<()> {
        let from = self.root.join(path);
        let entries = match fs::read_dir(&from) {
            Ok(entries) => entries,
            // If a file cannot be read here, the script could not read it either.
            Err(error) if is_passed_over(&error) && path != Path::new("") => return Ok(()),
            Err(error) => return Err(named(&from, &error)),
        };
        let metadata = fs::metadata(&from)?;
        fs::create_dir(to).map_err(|error| named(to, &error))?;
        if is_objects(&from, path) {
            fs::create_dir(to.join("info"))?;
            return fs::write(to.join("info/alternates"), format!("{}\n", from.display()));
        }
        for entry in entries {
            let name = entry?.file_name();
            let (path, to) = (path.join(&name), to.join(&name));
            if !self.is_left_out(&path) {
                self.copy_entry(&path, &to)?;
            }
        }
        dated(to, &metadata)
    }

    fn copy_entry(&self, path: &Path, to: &Path) -> io::Result<()> {
        let from = self.root.join(path);
        let metadata = match fs::symlink_metadata(&from) {
            Ok(metadata) => metadata,
            // A file that disappears during the walk counts as gone.
            Err(error) if is_passed_over(&error) => return Ok(()),
            Err(error) => return Err(named(&from, &error)),
        };
        if metadata.is_symlink() {
            return symlink(self.led(path, &fs::read_link(&from)?, to), to);
        }
        if metadata.is_dir() {
            return self.copy_folder(path, to);
        }
        if !metadata.is_file() {
            return Ok(());
        }
        match fs::copy(&from, to) {
            Ok(_) => dated(to, &metadata),
            Err(error) if is_passed_over(&error) => Ok(()),
            Err(error) => Err(named(&from, &error)),
        }
    }

    /// The target of a link in the copy. If the original target is inside the folder, the new target is the same path
    /// in the copy. Otherwise the target stays the same.
    fn led(&self, path: &Path, target: &Path, to: &Path) -> PathBuf {
        if target.is_absolute() {
            return match target.strip_prefix(&self.root) {
                Ok(below) => {
                    let depth = path.components().count();
                    let copy = to.ancestors().nth(depth).unwrap_or(to);
                    copy.join(below)
                }
                Err(_) => target.to_owned(),
            };
        }
        let mut depth = path.components().count().saturating_sub(1);
        for component in target.components() {
            match component {
                Component::ParentDir if depth == 0 => {
                    let folder = path.parent().unwrap_or(path);
                    return self.root.join(folder).join(target);
                }
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                _ => {}
            }
        }
        target.to_owned()
    }
}

/// Returns true if this path is the folder of git's objects.
fn is_objects(folder: &Path, path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "objects")
        && path.components().any(|part| part.as_os_str() == ".git")
        && folder.join("info").is_dir()
        && folder.join("pack").is_dir()
}

/// Removes a file, a link or a folder, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(named(path, &error)),
        _ => Ok(()),
    }
}

fn is_passed_over(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
    )
}

/// Gives a copy the times and the mode of its original.
fn dated(to: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    if let Ok(modified) = metadata.modified()
        && let Ok(file) = File::open(to)
    {
        file.set_times(FileTimes::new().set_modified(modified))?;
    }
    if metadata.is_dir() {
        fs::set_permissions(to, metadata.permissions())?;
    }
    Ok(())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("{}: {}", path.display(), plain(error)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap().join("work");
        fs::create_dir_all(root.join("ci")).unwrap();
        (temporary, root)
    }

    fn of(root: &Path, cwd: &str, shared: &[&str]) -> Folder {
        let shared: Vec<PathBuf> = shared.iter().map(PathBuf::from).collect();
        Folder::of(&root.join(cwd), &root.join("state"), &shared, None).unwrap()
    }

    #[test]
    fn a_copy_is_the_same_but_for_what_is_ours_and_changes_nothing_of_it() {
        let (_temporary, root) = folder();
        fs::write(root.join("ci/deploy.sh"), "one").unwrap();
        fs::set_permissions(
            root.join("ci/deploy.sh"),
            std::os::unix::fs::PermissionsExt::from_mode(0o555),
        )
        .unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::open(root.join("ci/deploy.sh"))
            .unwrap()
            .set_times(FileTimes::new().set_modified(old))
            .unwrap();
        for ours in ["state", &format!("{PREFIX}x")] {
            fs::create_dir(root.join(ours)).unwrap();
            fs::write(root.join(ours).join("file"), "").unwrap();
        }
        let folder = of(&root, "", &[]);
        let before = folder.moment().unwrap();
        let copy = root.parent().unwrap().join("copy");
        folder.copy(&copy).unwrap();
        let copied = fs::metadata(copy.join("ci/deploy.sh")).unwrap();
        assert_eq!(
            (copied.modified().unwrap(), copied.mode() & 0o777),
            (old, 0o555)
        );
        assert_eq!(fs::read_dir(&copy).unwrap().count(), 1, "ci alone");
        fs::remove_dir_all(&copy).unwrap();
        assert_eq!(before.changed(&folder.moment().unwrap()), None);
        fs::write(root.join("ci/new"), "").unwrap();
        assert_eq!(
            before.changed(&folder.moment().unwrap()),
            Some("ci/new".into())
        );
    }

    #[test]
    fn a_copy_that_was_used_is_again_what_it_was() {
        let (temporary, root) = folder();
        let scratch = temporary.path().join("scratch");
        for folder in ["src/deep", "out", "vendor"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (file, text) in [("src/a", "one"), ("src/deep/b", "two"), ("out/c", "three")] {
            fs::write(root.join(file), text).unwrap();
        }
        fs::write(root.join("vendor/v"), "shared").unwrap();
        symlink("src/a", root.join("link")).unwrap();
        let folder = of(&root, "", &["vendor"]);
        let copy = root.parent().unwrap().join("copy");
        folder.copy(&copy).unwrap();
        let lies = || Lies::of(&copy, &scratch).unwrap();
        let told = |lies: &Lies| -> Vec<(PathBuf, String, u32, std::time::SystemTime)> {
            let paths = lies.0.keys();
            let told = |path: &PathBuf| {
                let at = copy.join(path);
                let found = fs::symlink_metadata(&at).unwrap();
                let text = match () {
                    () if found.is_symlink() => fs::read_link(&at).unwrap().display().to_string(),
                    () if found.is_dir() => String::new(),
                    () => fs::read_to_string(&at).unwrap(),
                };
                let time = match found.is_symlink() {
                    true => std::time::SystemTime::UNIX_EPOCH,
                    false => found.modified().unwrap(),
                };
                (path.clone(), text, found.mode(), time)
            };
            paths.map(told).collect()
        };
        let lay = lies();
        let before = told(&lay);
        // The script writes a file in place, with the same size and the old time. It also moves, replaces, makes and
        // removes files, and turns a file into a folder and into a link.
        let time = fs::metadata(copy.join("src/a"))
            .unwrap()
            .modified()
            .unwrap();
        fs::write(copy.join("src/a"), "eno").unwrap();
        let file = File::options()
            .write(true)
            .open(copy.join("src/a"))
            .unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
        fs::rename(copy.join("src/deep/b"), copy.join("src/deep/moved")).unwrap();
        fs::remove_dir_all(copy.join("out")).unwrap();
        fs::write(copy.join("out"), "a file").unwrap();
        fs::remove_file(copy.join("link")).unwrap();
        fs::create_dir_all(copy.join("link/folder")).unwrap();
        fs::remove_file(copy.join("vendor")).unwrap();
        fs::create_dir_all(copy.join("new/deep")).unwrap();
        let unreadable = std::os::unix::fs::PermissionsExt::from_mode(0o500);
        fs::set_permissions(copy.join("ci"), unreadable).unwrap();
        folder.restore(&copy, &lay).unwrap();
        assert_eq!(told(&lies()), before);
        assert_eq!(fs::read_to_string(root.join("vendor/v")).unwrap(), "shared");
        // A file that the script did not touch was not copied again.
        let inode = |path: &str| fs::metadata(copy.join(path)).unwrap().ino();
        let (kept, lay) = (inode("src/a"), lies());
        folder.restore(&copy, &lay).unwrap();
        assert_eq!(inode("src/a"), kept);
    }

    #[test]
    fn links_lead_to_the_copy_where_they_led_into_the_folder() {
        let (_temporary, root) = folder();
        for (name, target) in [
            ("ci/within", "../file".to_owned()),
            ("ci/out", "../../elsewhere".to_owned()),
            ("ci/whole", root.join("file").to_string_lossy().into_owned()),
            ("ci/far", "/etc/hosts".to_owned()),
        ] {
            symlink(target, root.join(name)).unwrap();
        }
        let copy = root.parent().unwrap().join("copy");
        of(&root, "", &[]).copy(&copy).unwrap();
        let led = |name: &str| fs::read_link(copy.join(name)).unwrap();
        assert_eq!(led("ci/within"), Path::new("../file"));
        assert_eq!(led("ci/out"), root.join("ci/../../elsewhere"));
        assert_eq!(led("ci/whole"), copy.join("file"));
        assert_eq!(led("ci/far"), Path::new("/etc/hosts"));
    }

    #[test]
    fn a_repository_is_copied_whole_and_its_objects_are_read_where_they_are() {
        let (_temporary, root) = folder();
        for path in [".git/objects/info", ".git/objects/pack", ".git/refs"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        fs::write(root.join(".git/objects/pack/large"), "x".repeat(1000)).unwrap();
        fs::write(root.join("file"), "x").unwrap();
        let folder = of(&root, "ci", &[]);
        assert_eq!(folder.size().unwrap().bytes, 1);
        let copy = root.parent().unwrap().join("copy");
        folder.copy(&copy).unwrap();
        assert_eq!(folder.cwd(&copy), copy.join("ci"));
        assert_eq!(
            fs::read_to_string(copy.join(".git/objects/info/alternates")).unwrap(),
            format!("{}\n", root.join(".git/objects").display())
        );
        assert!(copy.join(".git/refs").is_dir() && copy.join("file").is_file());
    }

    #[test]
    fn what_is_shared_is_linked_to() {
        let (_temporary, root) = folder();
        for name in ["node_modules", ".git"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let copy = root.parent().unwrap().join("copy");
        of(&root, "ci", &["../node_modules"]).copy(&copy).unwrap();
        assert_eq!(
            fs::read_link(copy.join("node_modules")).unwrap(),
            root.join("node_modules")
        );
        assert!(Folder::of(&root, &root, &["missing".into()], None).is_err());
    }

    #[test]
    fn the_folder_is_named_anew_and_its_neighbours_are_not() {
        let (_temporary, root) = folder();
        let folder = of(&root, "", &[]);
        let root = root.to_str().unwrap();
        for (text, renamed) in [
            (
                format!("{root}/ci:{root}"),
                Some("/copy/ci:/copy".to_owned()),
            ),
            (format!("--dir={root}/x"), Some("--dir=/copy/x".to_owned())),
            (format!("{root}-old/x"), Some(format!("{root}-old/x"))),
            ("elsewhere".to_owned(), None),
        ] {
            assert_eq!(folder.renamed(&text, Path::new("/copy")), renamed, "{text}");
        }
    }
}
