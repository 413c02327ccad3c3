//! Small JSON files that are read and replaced as a whole. They hold the data of services other than Lambda.

use serde::{Serialize, de::DeserializeOwned};

use super::{Result, Store, atomic, format, lock};

impl Store {
    /// Reads a document by its path in the state directory; the default value if it does not exist.
    ///
    /// # Errors
    /// A file that cannot be read, or that has other contents.
    pub fn document<T: DeserializeOwned + Default>(&self, at: &str) -> Result<T> {
        let is_as_begun = usize::from(self.is_as_begun());
        let root = self.roots().nth(is_as_begun).unwrap_or(self.root());
        Ok(atomic::read_json(&root.join(at))?.unwrap_or_default())
    }

    /// Changes a document as one edit, under a lock. Nothing is written if the edit fails.
    ///
    /// # Errors
    /// Errors of the edit and of the disk.
    pub fn edit_document<T: Serialize + DeserializeOwned + Default, R>(
        &self,
        at: &str,
        edit: impl FnOnce(&mut T) -> Result<R>,
    ) -> Result<R> {
        format::ensure(self)?;
        let path = self.root().join(at);
        self.disk.create_folders(&self.root().join("locks"))?;
        let held = self.root().join("locks/documents.lock");
        let _lock = lock::exclusive(self, &held, "the data of other services")?;
        let mut document = self.document(at)?;
        let answer = edit(&mut document)?;
        if let Some(folder) = path.parent() {
            self.disk.create_folders(folder)?;
        }
        self.disk.replace(&path, &atomic::json_text(&document))?;
        Ok(answer)
    }
}
