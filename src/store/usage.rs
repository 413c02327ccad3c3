//! `account.json` and `usage.json`: the limits and the sums of an account.
//!
//! The sums are a cache outside every commit. They cost no fsync, and only calls that change a sum write them. Before a
//! call is refused because of them, they are counted again from the heads. An increase is added before its commit, and
//! a decrease is subtracted after it: so if the process stops between the two steps, the sums are too high and never
//! too low. The next count corrects this.

use std::{fs, io, path::PathBuf};

use super::{Place, Result, StoreError, atomic, kind::KINDS, lock};
use crate::state::{
    account::{Limits, Totals, Usage},
    head::Head,
};

impl Place<'_> {
    fn usage_file(&self) -> PathBuf {
        self.root().join("usage.json")
    }

    /// The account's limits: those in `account.json`, or AWS's limits if the file does not set them.
    /// [`super::Settings::total_code_size`] overrides both.
    ///
    /// # Errors
    /// An `account.json` that cannot be read, or that does not hold limits.
    pub fn limits(&self) -> Result<Limits> {
        let limits: Limits =
            atomic::read_json(&self.root().join("account.json"))?.unwrap_or_default();
        let total_code_size = self.store.total_code_size.unwrap_or(limits.total_code_size);
        Ok(Limits {
            total_code_size,
            ..limits
        })
    }

    /// Adds to the sums before a commit, unless the code storage would exceed the limit. `before` and `after` are the
    /// sizes of one resource in bytes. The resource on the disk still has the size `before`.
    ///
    /// Returns false, and changes nothing, if there is not enough room.
    ///
    /// # Errors
    /// A head that cannot be counted.
    pub(super) fn charge(&self, before: u64, after: u64, functions: i64) -> Result<bool> {
        if before == after && functions == 0 {
            return Ok(true);
        }
        let _lock = self.lock_sums()?;
        let add = |usage: Usage| Usage {
            total_code_size: usage
                .total_code_size
                .saturating_sub(before)
                .saturating_add(after),
            function_count: usage.function_count.saturating_add_signed(functions),
        };
        let limit = if after > before {
            self.limits()?.total_code_size
        } else {
            u64::MAX
        };
        let fits = |usage: Usage| usage.total_code_size <= limit;
        let mut sums = match atomic::read_json(&self.usage_file()) {
            Ok(Some(usage)) => add(usage),
            // A missing or damaged cache is made again.
            _ => add(self.recount()?),
        };
        if !fits(sums) {
            let counted = self.recount()?;
            sums = add(counted);
            if !fits(sums) {
                self.keep(counted);
                return Ok(false);
            }
        }
        self.keep(sums);
        Ok(true)
    }

    /// Returns true if there is enough room for a resource to grow from `before` to `after` bytes. Changes nothing.
    /// Used for a dry run.
    ///
    /// # Errors
    /// Limits or heads that cannot be read.
    pub fn has_room(&self, before: u64, after: u64) -> Result<bool> {
        if after <= before {
            return Ok(true);
        }
        let limit = self.limits()?.total_code_size;
        let fits = |usage: Usage| {
            let others = usage.total_code_size.saturating_sub(before);
            others.saturating_add(after) <= limit
        };
        match atomic::read_json(&self.usage_file()) {
            // The sums are never too low. So if there is enough room according to them, there is enough room.
            Ok(Some(usage)) if fits(usage) => Ok(true),
            _ => Ok(fits(self.recount()?)),
        }
    }

    /// Subtracts the size that a commit has freed. The call has already succeeded, so if this fails, only the cache is
    /// deleted.
    pub(super) fn release(&self, before: u64, after: u64, functions: i64) {
        if self.charge(before, after, functions).is_err() {
            self.forget_usage();
        }
    }

    fn lock_sums(&self) -> Result<lock::Lock> {
        let path = self.root().join("locks/usage.lock");
        lock::exclusive(self.store, &path, "the account's sums")
    }

    /// The sums, counted from every head.
    ///
    /// # Errors
    /// A head that cannot be read.
    pub fn totals(&self) -> Result<Totals> {
        let mut totals = Totals::default();
        for kind in KINDS {
            kind.count(self, &mut totals)?;
        }
        Ok(totals)
    }

    /// Counts the sums again and stores them.
    ///
    /// # Errors
    /// A head that cannot be read, or sums that are locked.
    pub(super) fn count_again(&self) -> Result<()> {
        let _lock = self.lock_sums()?;
        self.keep(self.recount()?);
        Ok(())
    }

    fn recount(&self) -> Result<Usage> {
        Ok(self.totals()?.usage)
    }

    /// Writes the cache. If that fails, the cache is deleted, so that the next call counts again.
    fn keep(&self, usage: Usage) {
        let text = atomic::json_text(&usage);
        if self
            .store
            .disk
            .rewrite_cache(&self.usage_file(), &text)
            .is_err()
        {
            self.forget_usage();
        }
    }

    /// Deletes the cache, because the change whose size was added did not happen.
    pub(super) fn forget_usage(&self) {
        let _ = self.store.disk.remove(&self.usage_file());
    }

    /// Creates the folders of this account and region for a kind of resource, and `account.json` with AWS's limits,
    /// which the user may edit.
    pub(super) fn ensure<H: Head>(&self) -> Result<()> {
        let disk = &self.store.disk;
        super::format::ensure(self.store)?;
        let kind = H::FOLDER;
        for folder in [kind, &format!("retired/{kind}"), &format!("locks/{kind}")] {
            disk.create_folders(&self.root().join(folder))?;
        }
        let limits = self.root().join("account.json");
        if limits.exists() {
            return Ok(());
        }
        let _lock = self.lock_sums()?;
        if limits.exists() {
            return Ok(());
        }
        // An earlier process may have created the folders and stopped before their names were durable. So the folders
        // up to the state directory are fsynced.
        for folder in limits.ancestors().take(3) {
            disk.sync_folder_of(folder)?;
        }
        disk.replace(&limits, &atomic::json_text(&Limits::default()))
    }

    /// Returns true if the state directory has a folder for this account and region.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn exists(&self) -> Result<bool> {
        for root in self.roots() {
            match fs::metadata(&root) {
                Ok(metadata) => return Ok(metadata.is_dir()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("read", &root, error).into()),
            }
        }
        Ok(false)
    }
}
