//! EC2: which regions there are. Nothing of instances.

pub mod describe_regions;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[Entry::of::<describe_regions::DescribeRegionsRequest>()];
