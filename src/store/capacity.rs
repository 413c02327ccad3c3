//! The account's concurrency, and the part of it that functions reserve for themselves.
//!
//! The sum of the reserved parts is not stored. The few calls that need it read the heads without their locks; this is
//! safe because a head is always replaced as a whole. A call that reserves concurrency takes one lock before it
//! computes the sum and releases it after the commit, so that two calls cannot reserve the same part. In the order of
//! locks, this lock comes after the lock of a function. While it is held, no other lock is taken.

use super::{
    Place, Result,
    lock::{self, Lock},
};
use crate::state::function::Function;

impl Place<'_> {
    /// Locks the account's concurrency. Other calls cannot reserve any until the lock is dropped.
    ///
    /// # Errors
    /// A lock that cannot be taken.
    pub fn hold_concurrency(&self) -> Result<Lock> {
        let path = self.root().join("locks/concurrency.lock");
        lock::exclusive(self.store, &path, "the account's concurrency")
    }

    /// The number of concurrent invocations that functions take from the account. The function `but` is not counted.
    ///
    /// # Errors
    /// A head that cannot be read.
    pub fn concurrency_taken(&self, but: Option<&str>) -> Result<u64> {
        let shares = self.all::<Function>().shares()?;
        let others = shares
            .iter()
            .filter(|share| Some(share.function_name.as_str()) != but);
        Ok(others.fold(0, |sum, share| sum.saturating_add(share.concurrency())))
    }
}
