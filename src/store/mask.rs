//! The key with which `import --mask-values` masks values. A state directory has only one key, so that equal values
//! have equal masks in every import. No archive contains the key, because a reader with the key could guess values and
//! test the guesses.

use super::{Result, Store, StoreError, atomic, lock};

/// The name of the key's file in the state directory.
pub(super) const FILE: &str = "mask.key";

/// The number of characters in a key: two UUIDs without the hyphens.
const LENGTH: usize = 64;

impl Store {
    /// The key. If there is none, makes a new one; if `keep` is true, the new key is stored.
    ///
    /// # Errors
    /// A file without a valid key, and errors of the disk.
    pub fn mask_key(&self, keep: bool) -> Result<String> {
        let path = self.root().join(FILE);
        let read = || -> Result<Option<String>> {
            let Some(bytes) = atomic::read(&path)? else {
                return Ok(None);
            };
            match judge(&bytes) {
                Ok(key) => Ok(Some(key)),
                Err(cause) => Err(StoreError {
                    action: "read",
                    path: path.clone(),
                    cause,
                    source: None,
                    hint: Some("this file makes equal values get equal masks. If you delete it, the next import \
                        makes a new one, and masks change".to_owned()),
                }
                .into()),
            }
        };
        let fresh = || {
            let ids = [1, 2].map(|number| self.ids.id(FILE, number).replace('-', ""));
            ids.concat()
        };
        match read()? {
            Some(key) => return Ok(key),
            None if !keep => return Ok(fresh()),
            None => {}
        }
        super::format::ensure(self)?;
        self.disk.create_folders(&self.root().join("locks"))?;
        let _lock = lock::exclusive(
            self,
            &self.root().join("locks/mask.lock"),
            "the key for masks",
        )?;
        // Another process may have stored a key first.
        if let Some(key) = read()? {
            return Ok(key);
        }
        let key = fresh();
        self.disk.replace(&path, format!("{key}\n").as_bytes())?;
        Ok(key)
    }
}

/// Reads a key from the contents of its file. The error is a description of the fault.
fn judge(bytes: &[u8]) -> std::result::Result<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let key = text.trim_end();
    match key.len() == LENGTH && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(key.to_owned()),
        false => Err(format!("it is not a key of {LENGTH} hexadecimal digits")),
    }
}
