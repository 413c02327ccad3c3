//! Resolves a path through links, `..` and other mounts of the same folder. Two paths name the same folder if the
//! device and the inode are equal.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt as _,
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

/// The first entry of `folder` that leads into `other`. It is a link, which may lead through other folders, or a second
/// name of a file in `other`. A write to such an entry would change `other`. An entry that cannot be read does not
/// count.
pub fn leading_into(folder: &Path, other: &Path) -> Option<PathBuf> {
    let mut seen = HashSet::new();
    let mut folders = vec![folder.to_owned()];
    // This set is filled only when a file with several names is found.
    let mut files: Option<HashSet<(u64, u64)>> = None;
    while let Some(folder) = folders.pop() {
        if !identity(&folder).is_some_and(|found| seen.insert(found)) {
            continue;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(found) = fs::symlink_metadata(&path) else {
                continue;
            };
            let is_link = found.is_symlink();
            let is_there = match is_link {
                true => within(&path, other).is_some(),
                false if found.is_file() && found.nlink() > 1 => files
                    .get_or_insert_with(|| files_of(other))
                    .contains(&(found.dev(), found.ino())),
                false => false,
            };
            if is_there {
                return Some(path);
            }
            if found.is_dir() || is_link && path.is_dir() {
                folders.push(path);
            }
        }
    }
    None
}

/// The files below a folder that have several names.
fn files_of(folder: &Path) -> HashSet<(u64, u64)> {
    let mut files = HashSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) if found.nlink() > 1 => drop(files.insert((found.dev(), found.ino()))),
                _ => {}
            }
        }
    }
    files
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
