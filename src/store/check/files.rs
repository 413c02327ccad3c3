//! The check of modes. Only their owner may open folders and files, because environment variables hold secrets.

use std::path::Path;
#[cfg(unix)]
use std::{fs, io, os::unix::fs::PermissionsExt as _};

use super::Check;
#[cfg(unix)]
use super::Problem;
use crate::store::Result;
#[cfg(unix)]
use crate::store::{StoreError, atomic};

impl Check<'_> {
    /// Checks the modes of a folder and of everything below it. Reports at most one finding, for all files together.
    #[cfg(unix)]
    pub(super) fn files(&mut self, top: &Path) -> Result<()> {
        let mut open = 0;
        let mut first = None;
        let mut failed = Ok(());
        let (repairs, disk) = (self.repairs, &self.store.disk);
        visit(top, &mut |path, mode| {
            if mode & 0o077 == 0 {
                return;
            }
            open += 1;
            first.get_or_insert_with(|| path.to_owned());
            if repairs && failed.is_ok() {
                let private = fs::Permissions::from_mode(mode & 0o700);
                failed = disk
                    .step("chmod")
                    .and_then(|()| fs::set_permissions(path, private))
                    .map_err(|error| StoreError::io("change the mode of", path, error).into());
            }
        })?;
        match first {
            Some(path) => self.tell(Problem::Modes { files: open }, &path, |_| failed),
            None => Ok(()),
        }
    }

    /// Does nothing, because systems other than Unix store the rights of users in another way.
    #[cfg(not(unix))]
    pub(super) fn files(&mut self, _: &Path) -> Result<()> {
        Ok(())
    }
}

/// Calls `each` with every file and folder, and with its mode. Skips links and their targets, entries that disappear
/// during the visit, and `responses/`, because users create its files themselves.
#[cfg(unix)]
fn visit(path: &Path, each: &mut dyn FnMut(&Path, u32)) -> Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("read", path, error).into()),
    };
    if metadata.is_symlink() {
        return Ok(());
    }
    each(path, metadata.permissions().mode());
    if metadata.is_dir() {
        for name in atomic::names(path)? {
            // A folder of spools is closed to other users, so the modes of its contents do not matter.
            if name == "responses" || name.starts_with("spool-") {
                continue;
            }
            visit(&path.join(name), each)?;
        }
    }
    Ok(())
}
