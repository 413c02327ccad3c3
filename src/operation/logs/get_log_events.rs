//! `GetLogEvents`: returns the events of a log stream.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{self, Found, MOST, invalid, no_stream};
use crate::operation::{Lambda, Operation, Result};

/// Request of GetLogEvents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetLogEventsRequest {
    /// The name of the log group.
    log_group_name: Option<String>,
    /// The name or ARN of the log group.
    log_group_identifier: Option<String>,
    /// The name of the log stream.
    log_stream_name: String,
    /// Only return events at or after this time, in milliseconds since 1970.
    start_time: Option<i64>,
    /// Only return events before this time, in milliseconds since 1970.
    end_time: Option<i64>,
    /// The token of the page to return, from another page.
    next_token: Option<String>,
    /// Maximum number of events to return.
    limit: Option<u64>,
    /// True to start with the oldest events. The default is to start with the newest.
    start_from_head: Option<bool>,
    /// Show masked data. lambdry has no data protection policies, so nothing is masked.
    _unmask: Option<bool>,
}

/// Response of GetLogEvents.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetLogEventsResponse {
    /// The events.
    events: Vec<OutputLogEvent>,
    /// The token of the page with newer events. If there are no newer events, it is the token of this page.
    next_forward_token: String,
    /// The token of the page with older events.
    next_backward_token: String,
}

/// An event.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputLogEvent {
    /// The event's time, in milliseconds since 1970.
    timestamp: i64,
    /// The event's text.
    message: String,
    /// The time at which the event arrived, in milliseconds since 1970.
    ingestion_time: i64,
}

impl Operation for GetLogEventsRequest {
    const NAME: &'static str = "GetLogEvents";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns the events of a log stream: the logs of one version of a function.";
    type Response = GetLogEventsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetLogEventsResponse> {
        let group = event::named(
            self.log_group_name.as_deref(),
            self.log_group_identifier.as_deref(),
        )?;
        let name = &self.log_stream_name;
        let streams = event::streams(lambda, &group)?;
        let stream = streams.get(name).ok_or_else(no_stream)?;
        let events: Vec<Found<'_>> = event::of(name, stream)
            .filter(|found| {
                self.start_time.is_none_or(|start| found.timestamp >= start)
                    && self.end_time.is_none_or(|end| found.timestamp < end)
            })
            .collect();
        let size = self.limit.map_or(MOST, |limit| {
            usize::try_from(limit).unwrap_or(MOST).clamp(1, MOST)
        });
        let behind = |id: &str| events.partition_point(|found| found.id().as_str() <= id);
        let before = |id: &str| events.partition_point(|found| found.id().as_str() < id);
        let (first, last) = match self.next_token.as_deref() {
            None if self.start_from_head == Some(true) => (0, size.min(events.len())),
            None => (events.len().saturating_sub(size), events.len()),
            Some(token) => match token.split('/').collect::<Vec<_>>()[..] {
                ["f", id, "s"] => (behind(id), (behind(id) + size).min(events.len())),
                ["b", id, "s"] => (before(id).saturating_sub(size), before(id)),
                _ => return Err(invalid("The specified nextToken is invalid.").into()),
            },
        };
        let page = &events[first..last];
        // A page without events has no event from which a token could be made. Both of its tokens repeat the token of
        // the request.
        let asked = self
            .next_token
            .as_deref()
            .and_then(|token| token.split('/').nth(1));
        let empty = || asked.map_or_else(|| "0".repeat(56), str::to_owned);
        let id = |found: Option<&Found<'_>>| found.map_or_else(empty, Found::id);
        Ok(GetLogEventsResponse {
            next_forward_token: format!("f/{}/s", id(page.last())),
            next_backward_token: format!("b/{}/s", id(page.first())),
            events: page
                .iter()
                .map(|found| OutputLogEvent {
                    timestamp: found.timestamp,
                    message: found.message.to_owned(),
                    ingestion_time: found.timestamp,
                })
                .collect(),
        })
    }
}
