//! EC2: the list of regions. Instances are not simulated.

pub mod describe_regions;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[Entry::of::<describe_regions::DescribeRegionsRequest>()];
