//! The key under which `import --mask-values` masks values: made once for a state directory, so that the same value has
//! the same mask in every import. It is in no archive: whoever has it can try out values.

use super::{Result, Store, StoreError, atomic, lock};

/// Its file in the state directory.
pub(super) const FILE: &str = "mask.key";

/// How many characters a key has: two UUIDs without the hyphens.
const LENGTH: usize = 64;

impl Store {
    /// The key. `keep`: one that is new is written down.
    ///
    /// # Errors
    /// A file that holds no key, and the disk's.
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
                    hint: Some("without it values get other masks than before; once it is deleted, the next import makes a new one".to_owned()),
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
            "the key of masks",
        )?;
        // Somebody else may have been faster.
        if let Some(key) = read()? {
            return Ok(key);
        }
        let key = fresh();
        self.disk.replace(&path, format!("{key}\n").as_bytes())?;
        Ok(key)
    }
}

/// The key that a file holds.
fn judge(bytes: &[u8]) -> std::result::Result<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let key = text.trim_end();
    match key.len() == LENGTH && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(key.to_owned()),
        false => Err(format!("it is no key: {LENGTH} hexadecimal digits")),
    }
}
