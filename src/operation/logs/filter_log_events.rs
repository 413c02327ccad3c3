//! `FilterLogEvents`: returns the events of a log group that match a pattern.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    event::{self, Found, MOST, invalid, no_stream},
    pattern::Pattern,
};
use crate::operation::{
    Lambda, Operation, Result,
    page::{behind, cut_at},
};

/// Request of FilterLogEvents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterLogEventsRequest {
    /// The name of the log group.
    log_group_name: Option<String>,
    /// The name or ARN of the log group.
    log_group_identifier: Option<String>,
    /// The log streams to read. The default is all streams.
    log_stream_names: Option<Vec<String>>,
    /// Only read log streams whose names start with this text.
    log_stream_name_prefix: Option<String>,
    /// Only return events at or after this time, in milliseconds since 1970.
    start_time: Option<i64>,
    /// Only return events at or before this time, in milliseconds since 1970.
    end_time: Option<i64>,
    /// The pattern that events must match.
    filter_pattern: Option<String>,
    /// The token of the page to return, from the previous page.
    next_token: Option<String>,
    /// Maximum number of events to return.
    limit: Option<u64>,
    /// Accepted, but without effect: events of several streams always come in the order of their times.
    #[schemars(extend("x-ignored" = true))]
    _interleaved: Option<bool>,
    /// Show masked data. lambdry has no data protection policies, so nothing is masked.
    _unmask: Option<bool>,
}

/// Response of FilterLogEvents.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterLogEventsResponse {
    /// The events.
    events: Vec<FilteredLogEvent>,
    /// Always empty, as on AWS.
    searched_log_streams: Vec<SearchedLogStream>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// An event.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilteredLogEvent {
    /// The log stream that the event belongs to.
    log_stream_name: String,
    /// The event's time, in milliseconds since 1970.
    timestamp: i64,
    /// The event's text.
    message: String,
    /// The time at which the event arrived, in milliseconds since 1970.
    ingestion_time: i64,
    /// The event's id.
    event_id: String,
}

/// A log stream that was read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchedLogStream {
    /// The log stream.
    log_stream_name: String,
    /// True if the whole stream was read.
    searched_completely: bool,
}

impl Operation for FilterLogEventsRequest {
    const NAME: &'static str = "FilterLogEvents";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns the matching events of a log group: the logs of invoked functions.";
    const LISTS: &'static [&'static str] = &["events", "searchedLogStreams"];
    type Response = FilterLogEventsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<FilterLogEventsResponse> {
        let names = self.log_stream_names.as_deref().unwrap_or_default();
        if !names.is_empty() && self.log_stream_name_prefix.is_some() {
            return Err(invalid(
                "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.",
            )
            .into());
        }
        let pattern = Pattern::read(self.filter_pattern.as_deref().unwrap_or_default())?;
        let group = event::named(
            self.log_group_name.as_deref(),
            self.log_group_identifier.as_deref(),
        )?;
        let streams = event::streams(lambda, &group)?;
        if names.iter().any(|name| !streams.contains_key(name)) {
            return Err(no_stream().into());
        }
        let prefix = self.log_stream_name_prefix.unwrap_or_default();
        let read = streams.iter().filter(|(name, _)| {
            name.starts_with(&prefix) && (names.is_empty() || names.contains(name))
        });
        let fits = |found: &Found<'_>| {
            self.start_time.is_none_or(|start| found.timestamp >= start)
                && self.end_time.is_none_or(|end| found.timestamp <= end)
                && pattern.fits(found.message)
        };
        let events = read.flat_map(|(name, stream)| event::of(name, stream));
        let mut events: Vec<(String, FilteredLogEvent)> = events
            .filter(fits)
            .map(|found| {
                let id = found.id();
                let event = FilteredLogEvent {
                    log_stream_name: found.stream.to_owned(),
                    timestamp: found.timestamp,
                    message: found.message.to_owned(),
                    ingestion_time: found.timestamp,
                    event_id: id.clone(),
                };
                (id, event)
            })
            .collect();
        events.sort_by(|(one, _), (other, _)| one.cmp(other));
        let after: Option<String> = behind(self.next_token.as_deref())?;
        let rest = events
            .into_iter()
            .filter(|(id, _)| after.as_ref().is_none_or(|after| id > after));
        let size = self.limit.map_or(MOST, |limit| {
            usize::try_from(limit).unwrap_or(MOST).clamp(1, MOST)
        });
        let page = cut_at(rest.map(Ok), size)?;
        Ok(FilterLogEventsResponse {
            events: page.items,
            searched_log_streams: Vec::new(),
            next_token: page.next_marker,
        })
    }
}
