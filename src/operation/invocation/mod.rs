//! Invocations. The user decides what a function answers.

pub mod answer;
pub mod process;

pub mod invoke;
pub mod invoke_async;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<invoke::InvocationRequest>(),
    Entry::of::<invoke_async::InvokeAsyncRequest>(),
];
