//! `assumed`: what a rehearsal made on first touch in one account and region, a name a line: `pay`, and `pay:live` for an
//! alias, and `pay#3` for the versions up to a number. It keeps what a script deleted from being made again.

use super::{Place, Result, atomic, lock};

/// The file.
pub(super) const FILE: &str = "assumed";

impl Place<'_> {
    /// Whether a rehearsal has made that function or alias here, or seen it deleted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_assumed(&self, name: &str) -> Result<bool> {
        let text = atomic::read(&self.root().join(FILE))?.unwrap_or_default();
        let mut lines = text.split(|byte| *byte == b'\n');
        Ok(lines.any(|line| line == name.as_bytes()))
    }

    /// The highest number of a version that a rehearsal made of that function; 0 for one that it did not make.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn assumed_versions(&self, name: &str) -> Result<u64> {
        let text = atomic::read(&self.root().join(FILE))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let numbers = text.lines().filter_map(|line| {
            let (of, number) = line.split_once('#')?;
            (of == name).then(|| number.parse().ok())?
        });
        Ok(numbers.max().unwrap_or_default())
    }

    /// Keeps that versions up to that number were made.
    ///
    /// # Errors
    /// As [`Place::keep_assumed`].
    pub fn keep_assumed_versions(&self, name: &str, upto: u64) -> Result<()> {
        self.keep_assumed(&format!("{name}#{upto}"))
    }

    /// Keeps that it has.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn keep_assumed(&self, name: &str) -> Result<()> {
        let disk = &self.store.disk;
        disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/assumed.lock");
        let _lock = lock::exclusive(self.store, &held, "what is assumed")?;
        if self.is_assumed(name)? {
            return Ok(());
        }
        let path = self.root().join(FILE);
        let mut text = atomic::read(&path)?.unwrap_or_default();
        text.extend_from_slice(name.as_bytes());
        text.push(b'\n');
        disk.replace_cache(&path, &text)
    }
}
