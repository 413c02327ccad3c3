//! Resolves a path through links, `..` and other mounts of the same folder. Two paths name the same folder if the
//! device and the inode are equal.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    os::unix::{ffi::OsStringExt as _, fs::MetadataExt as _},
    path::{Component, Path, PathBuf},
};

/// The greatest number of links on one path. Linux has the same limit.
const MOST_LINKS: usize = 40;

/// Returns `path` relative to `folder`. The result is empty if the two are the same folder, and `None` if `path` is
/// outside. The two need not exist. They are compared as if they were created.
pub fn within(path: &Path, folder: &Path) -> Option<PathBuf> {
    let (folder, unmade) = resolved(folder);
    let folder = identity(&folder)?;
    let (there, rest) = resolved(path);
    let above = there.ancestors();
    above
        .filter(|above| identity(above) == Some(folder))
        .find_map(|above| {
            let below = there.strip_prefix(above).ok()?.join(&rest);
            let below = below.strip_prefix(&unmade).ok()?;
            Some(below.components().collect())
        })
}

/// The first entry of `folder` that leads into `other`: a link, possibly through other folders, a second name of a file
/// in `other`, or a mount of a part of it. A write to such an entry would change `other`. An entry that cannot be read
/// does not count.
pub fn leading_into(folder: &Path, other: &Path) -> Option<PathBuf> {
    let mut seen = HashSet::new();
    let mut folders = vec![(folder.to_owned(), true)];
    // Each is filled only when it is needed: for a file with several names, and for a mount.
    let mut files: Option<HashSet<(u64, u64)>> = None;
    let mut parts: Option<HashSet<(u64, u64)>> = None;
    let mut is_part = |path: &Path| {
        let parts = parts.get_or_insert_with(|| identities(other, &|_| true));
        identity(path).is_some_and(|found| parts.contains(&found))
    };
    let mounts = Mount::all();
    while let Some((folder, is_entered)) = folders.pop() {
        if !identity(&folder).is_some_and(|found| seen.insert(found)) {
            continue;
        }
        let (there, _) = resolved(&folder);
        // A mount further up than the folder by which the walk came can bring a part as well.
        let covers = |mount: &Mount| {
            mount.at == there || is_entered && mount.is_part && there.starts_with(&mount.at)
        };
        if mounts.iter().any(covers) && is_part(&folder) {
            return Some(folder);
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(found) = fs::symlink_metadata(&path) else {
                continue;
            };
            let is_link = found.is_symlink();
            let is_mount = || {
                let at = there.join(entry.file_name());
                mounts.iter().any(|mount| mount.at == at)
            };
            let is_there = match is_link {
                true => within(&path, other).is_some(),
                false if found.is_file() && found.nlink() > 1 => files
                    .get_or_insert_with(|| identities(other, &|found| found.nlink() > 1))
                    .contains(&(found.dev(), found.ino())),
                false => found.is_file() && is_mount() && is_part(&path),
            };
            if is_there {
                return Some(path);
            }
            if found.is_dir() || is_link && path.is_dir() {
                folders.push((path, is_link));
            }
        }
    }
    None
}

/// A mount of this process's.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    /// The path that it is mounted at.
    at: PathBuf,
    /// True if it shows a part of a file system, and not the whole.
    is_part: bool,
}

impl Mount {
    /// All mounts; none where the system does not tell.
    fn all() -> Vec<Self> {
        let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(Self::read).collect()
    }

    /// Reads `36 35 98:0 /root /mounted/at rw …`.
    fn read(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|byte| *byte == b' ').skip(3);
        let (root, at) = (words.next()?, words.next()?);
        Some(Self {
            at: PathBuf::from(OsString::from_vec(unescaped(at))),
            is_part: root != b"/",
        })
    }
}

/// A word of the kernel's, in which blanks, tabs, ends of lines and backslashes are octal: `a\040b`.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, after @ ..] = rest {
        let octal = after.get(..3).filter(|_| *first == b'\\');
        let octal = octal.and_then(|three| u8::from_str_radix(str::from_utf8(three).ok()?, 8).ok());
        plain.push(octal.unwrap_or(*first));
        rest = match octal {
            Some(_) => &after[3..],
            None => after,
        };
    }
    plain
}

/// A folder and everything below it of that kind, by device and inode.
fn identities(folder: &Path, is_one: &dyn Fn(&fs::Metadata) -> bool) -> HashSet<(u64, u64)> {
    let mut found = HashSet::new();
    let mut note = |metadata: &fs::Metadata| {
        if is_one(metadata) {
            found.insert((metadata.dev(), metadata.ino()));
        }
    };
    let _ = fs::metadata(folder).map(|metadata| note(&metadata));
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if let Ok(metadata) = entry.metadata() {
                note(&metadata);
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
    }
    found
}

/// Splits a path into the part that exists, with its links resolved, and the part that does not exist.
fn resolved(path: &Path) -> (PathBuf, PathBuf) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (mut there, mut rest) = (PathBuf::from("/"), PathBuf::new());
    let mut words = reversed(&path);
    let mut links = 0;
    while let Some(word) = words.pop() {
        if word == ".." {
            if !rest.pop() {
                there.pop();
            }
            continue;
        }
        if rest != Path::new("") {
            rest.push(word);
            continue;
        }
        let next = there.join(&word);
        match fs::symlink_metadata(&next) {
            // A link is followed even if its target does not exist, because the target may be the path that is
            // compared.
            Ok(found) if found.is_symlink() && links < MOST_LINKS => {
                links += 1;
                let target = fs::read_link(&next).unwrap_or_default();
                if target.is_absolute() {
                    there = PathBuf::from("/");
                }
                words.extend(reversed(&target));
            }
            Ok(_) => there = next,
            Err(_) => rest.push(word),
        }
    }
    (there, rest)
}

/// The names in a path, in reverse order.
fn reversed(path: &Path) -> Vec<OsString> {
    let names = path.components().rev();
    names
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_kernel_s_list_of_mounts_is_read() {
        let line =
            b"36 35 98:0 /a\\040part /mnt/with\\040a\\134blank rw,noatime - ext3 /dev/root rw";
        let mount = Mount::read(line).unwrap();
        assert_eq!(
            (mount.at.to_str().unwrap(), mount.is_part),
            ("/mnt/with a\\blank", true)
        );
        let whole = Mount::read(b"22 1 0:20 / /proc rw - proc proc rw").unwrap();
        assert_eq!(
            (whole.at.to_str().unwrap(), whole.is_part),
            ("/proc", false)
        );
        assert_eq!(Mount::read(b""), None);
    }

    #[test]
    fn every_name_of_a_folder_and_of_what_is_in_it_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("state/123/region")).unwrap();
        fs::create_dir(at("other")).unwrap();
        symlink(at("state"), at("link")).unwrap();
        symlink("link", at("link of a link")).unwrap();
        symlink("../state/123", at("other/account")).unwrap();
        symlink(at("unmade"), at("leads to the unmade")).unwrap();
        symlink("loop", at("loop")).unwrap();
        for (path, of, way) in [
            ("state", "state", Some("")),
            ("state/", "link", Some("")),
            ("link of a link", "state", Some("")),
            ("other/../state/./", "state", Some("")),
            ("other/account/..", "state", Some("")),
            ("other/account/region", "state", Some("123/region")),
            ("link/new/deep", "state", Some("new/deep")),
            ("state/new/../123", "state", Some("123")),
            ("other", "state", None),
            ("", "state", None),
            ("statement", "state", None),
            ("loop", "state", None),
            ("unmade", "unmade", Some("")),
            ("leads to the unmade", "unmade", Some("")),
            ("link/../unmade/x", "unmade", Some("x")),
            ("unmade/../state", "unmade", None),
            ("unmade-too", "unmade", None),
        ] {
            let found = within(&at(path), &at(of));
            assert_eq!(found.as_deref(), way.map(Path::new), "{path} in {of}");
        }
    }
}
