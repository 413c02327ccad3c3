//! `account.json` and `usage.json`: the limits and the sums of an account.
//!
//! The sums are a cache outside every commit. They cost no fsync, and only calls that change a sum touch them. Before a
//! call is refused because of them, they are counted again from the heads. An increase is added before its commit, and
//! a decrease is subtracted after it: a stop in between leaves the cache too high, which a recount corrects, and never
//! too low.

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

    /// The account's limits: AWS's, unless `account.json` differs. [`super::Settings::total_code_size`] overrides both.
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

    /// Adds to the sums before a commit. Refuses if the code storage would exceed the limit. `before` and `after` are
    /// the sizes of one resource in bytes; on the disk it still has the size `before`.
    ///
    /// Returns false if there is no room; nothing is changed then.
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

    /// Returns true if there is room for a resource to grow by that much. Changes nothing: for a dry run.
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
            // The sums are never too low, so a size that fits within them surely fits.
            Ok(Some(usage)) if fits(usage) => Ok(true),
            _ => Ok(fits(self.recount()?)),
        }
    }

    /// Subtracts the size that a commit has freed. The call has already succeeded, so a failure here only deletes the
    /// cache.
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

    /// Deletes the cache, because the change that was added did not happen.
    pub(super) fn forget_usage(&self) {
        let _ = self.store.disk.remove(&self.usage_file());
    }

    /// Creates the folders of this account and region for a kind of resource, and `account.json` with AWS's limits, for
    /// the user to edit.
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
        // A process may have been stopped after creating the folders but before their names were durable. This covers
        // the folders up to the state directory.
        for folder in limits.ancestors().take(3) {
            disk.sync_folder_of(folder)?;
        }
        disk.replace(&limits, &atomic::json_text(&Limits::default()))
    }

    /// Returns true if anything was ever written for this account and region.
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
