//! The account's concurrency: how much of it single functions keep for themselves.
//!
//! Nothing keeps this sum. The few calls that ask for it read the heads, without their locks: a head is replaced whole.
//! Whoever takes from the pool holds one lock from the sum to the commit, so that two calls cannot both take the last of
//! it. That lock comes after a function's own, and no other is taken while it is held.

use super::{
    Place, Result,
    lock::{self, Lock},
};
use crate::state::function::Function;

impl Place<'_> {
    /// Keeps every other call from taking of the pool until the lock is dropped.
    ///
    /// # Errors
    /// When the lock cannot be had.
    pub fn hold_concurrency(&self) -> Result<Lock> {
        let path = self.root().join("locks/concurrency.lock");
        lock::exclusive(self.store, &path, "the account's concurrency")
    }

    /// Invocations at once that functions take from the account: all, or all but one.
    ///
    /// # Errors
    /// When a head cannot be read.
    pub fn concurrency_taken(&self, but: Option<&str>) -> Result<u64> {
        let shares = self.all::<Function>().shares()?;
        let others = shares
            .iter()
            .filter(|share| Some(share.function_name.as_str()) != but);
        Ok(others.fold(0, |sum, share| sum.saturating_add(share.concurrency())))
    }
}
