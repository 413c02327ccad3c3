//! CloudWatch Logs, for the logs of functions. An invocation writes its log, and these operations read it. Log groups
//! and filters are ready answers.

pub mod event;
pub mod keep;
pub mod pattern;

pub mod describe_log_streams;
pub mod filter_log_events;
pub mod get_log_events;

use super::Entry;

/// The family's operations.
pub const ENTRIES: &[Entry] = &[
    Entry::of::<describe_log_streams::DescribeLogStreamsRequest>(),
    Entry::of::<filter_log_events::FilterLogEventsRequest>(),
    Entry::of::<get_log_events::GetLogEventsRequest>(),
];
