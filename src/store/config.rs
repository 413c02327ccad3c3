//! `aws/config`: the state directory's own AWS config file, which overrides the user's.

use super::{Result, Store, StoreError, atomic, format, lock};

impl Store {
    /// Rewrites the whole file, under the file's own lock. A missing file counts as empty.
    ///
    /// # Errors
    /// A file that is not text, and errors of the disk.
    pub fn edit_config(&self, edit: impl FnOnce(&str) -> String) -> Result<()> {
        format::ensure(self)?;
        let path = self.root().join("aws/config");
        for folder in ["locks", "aws"] {
            self.disk.create_folders(&self.root().join(folder))?;
        }
        let held = self.root().join("locks/config.lock");
        let _lock = lock::exclusive(self, &held, "the config file")?;
        let text = String::from_utf8(atomic::read(&path)?.unwrap_or_default())
            .map_err(|_| StoreError::content(&path, "it is not UTF-8 text".to_owned()))?;
        self.disk.replace(&path, edit(&text).as_bytes())
    }
}
