//! `assumed`: the names of the functions, aliases and versions that a rehearsal created in one account and region
//! because a script used them. Each line is one name: `pay` for a function, `pay:live` for an alias, and `pay#3` for
//! the versions up to number 3. Because of this file, a resource that a script deleted is not created again.

use super::{Place, Result, atomic, lock};

/// The name of the file.
pub(super) const FILE: &str = "assumed";

impl Place<'_> {
    /// Returns true if a rehearsal created that function or alias here, or saw its deletion.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn is_assumed(&self, name: &str) -> Result<bool> {
        let text = atomic::read(&self.root().join(FILE))?.unwrap_or_default();
        let mut lines = text.split(|byte| *byte == b'\n');
        Ok(lines.any(|line| line == name.as_bytes()))
    }

    /// The highest number of the versions that a rehearsal created for that function; 0 for none.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn assumed_versions(&self, name: &str) -> Result<u64> {
        let text = atomic::read(&self.root().join(FILE))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let numbers = text.lines().filter_map(|line| {
            let (of, number) = line.split_once('#')?;
            (of == name).then(|| number.parse().ok())?
        });
        Ok(numbers.max().unwrap_or_default())
    }

    /// Records that versions up to that number were created.
    ///
    /// # Errors
    /// The errors of [`Place::keep_assumed`].
    pub fn keep_assumed_versions(&self, name: &str, upto: u64) -> Result<()> {
        self.keep_assumed(&format!("{name}#{upto}"))
    }

    /// Records that the name was created or deleted.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn keep_assumed(&self, name: &str) -> Result<()> {
        let disk = &self.store.disk;
        disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/assumed.lock");
        let _lock = lock::exclusive(self.store, &held, "the list of assumed names")?;
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
