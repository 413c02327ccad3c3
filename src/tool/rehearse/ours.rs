//! The path of the running program.

use std::{
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

static OURS: OnceLock<PathBuf> = OnceLock::new();

/// The path of the running program, as it was at the first call. Inside a new mount namespace the kernel tells another
/// path if the root directory was changed before (`chroot`), so [`super::network::Held::enter`] asks first.
///
/// # Errors
/// The system does not tell the path.
pub(crate) fn program() -> io::Result<&'static Path> {
    if let Some(path) = OURS.get() {
        return Ok(path);
    }
    let path = std::env::current_exe()?;
    Ok(OURS.get_or_init(|| path))
}
