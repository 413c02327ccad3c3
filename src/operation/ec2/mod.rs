//! EC2. Only the list of regions is simulated, no instances.

pub mod describe_regions;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[Entry::of::<describe_regions::DescribeRegionsRequest>()];
