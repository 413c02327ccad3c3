//! The account's concurrency, and the part of it that functions reserve for themselves.
//!
//! The sum is not stored. The few calls that need it read the heads without their locks, because a head is replaced
//! whole. A call that takes from the pool holds one lock from the sum to the commit, so that two calls cannot both take
//! the rest. In the order of locks, it comes after the lock of a function; while it is held, no other lock is taken.

use super::{
    Place, Result,
    lock::{self, Lock},
};
use crate::state::function::Function;

impl Place<'_> {
    /// Locks the pool against every other call, until the lock is dropped.
    ///
    /// # Errors
    /// A lock that cannot be taken.
    pub fn hold_concurrency(&self) -> Result<Lock> {
        let path = self.root().join("locks/concurrency.lock");
        lock::exclusive(self.store, &path, "the account's concurrency")
    }

    /// Concurrent invocations that functions take from the account: all functions except `but`.
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
