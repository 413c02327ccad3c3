//! The commands that stand in front of the real ones.

/// The names they are called by.
pub(crate) const NAMES: &[&str] = &["aws", "awslocal"];
