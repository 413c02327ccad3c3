//! `DescribeLogStreams`: returns the log streams of a group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{self, invalid};
use crate::operation::{
    Lambda, Operation, Result,
    page::{behind, cut_at},
};

/// Request of DescribeLogStreams.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeLogStreamsRequest {
    /// The name of the log group.
    log_group_name: Option<String>,
    /// The name or ARN of the log group.
    log_group_identifier: Option<String>,
    /// Only return streams whose names start with this text.
    log_stream_name_prefix: Option<String>,
    /// The order of the streams: by name, or by the time of the last event.
    order_by: Option<OrderBy>,
    /// True for descending order.
    descending: Option<bool>,
    /// The token of the page to return, from the previous page.
    next_token: Option<String>,
    /// Maximum number of streams to return.
    limit: Option<u64>,
}

/// The order of streams.
#[allow(missing_docs, reason = "the variants are AWS's own words")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum OrderBy {
    LogStreamName,
    LastEventTime,
}

/// Response of DescribeLogStreams.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DescribeLogStreamsResponse {
    /// The streams.
    log_streams: Vec<LogStream>,
    /// The token of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A log stream.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogStream {
    /// The stream's name.
    log_stream_name: String,
    /// The time at which the stream was created, in milliseconds since 1970.
    creation_time: i64,
    /// The time of the stream's first event, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<i64>,
    /// The time of the stream's last event, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<i64>,
    /// The time at which the last event arrived, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<i64>,
    /// The stream's ARN.
    arn: String,
    /// Always 0, as on AWS.
    stored_bytes: u64,
}

impl Operation for DescribeLogStreamsRequest {
    const NAME: &'static str = "DescribeLogStreams";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Lists the log streams of a group. Each version of a function has one a day.";
    const LISTS: &'static [&'static str] = &["logStreams"];
    type Response = DescribeLogStreamsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DescribeLogStreamsResponse> {
        let by_time = self.order_by == Some(OrderBy::LastEventTime);
        if by_time && self.log_stream_name_prefix.is_some() {
            return Err(
                invalid("Cannot order by LastEventTime with a logStreamNamePrefix.").into(),
            );
        }
        let group = event::named(
            self.log_group_name.as_deref(),
            self.log_group_identifier.as_deref(),
        )?;
        let scope = &lambda.place.scope;
        let prefix = self.log_stream_name_prefix.unwrap_or_default();
        let streams = event::streams(lambda, &group)?;
        let streams = streams.iter().filter(|(name, _)| name.starts_with(&prefix));
        let mut streams: Vec<((i64, String), LogStream)> = streams
            .map(|(name, stream)| {
                let last = stream.events.last().map(|event| event.timestamp);
                let shown = LogStream {
                    log_stream_name: name.clone(),
                    creation_time: stream.creation_time,
                    first_event_timestamp: stream.events.first().map(|event| event.timestamp),
                    last_event_timestamp: last,
                    last_ingestion_time: last,
                    arn: format!(
                        "arn:{}:logs:{}:{}:log-group:{group}:log-stream:{name}",
                        scope.partition(),
                        scope.region,
                        scope.account
                    ),
                    stored_bytes: 0,
                };
                let time = if by_time { last.unwrap_or_default() } else { 0 };
                ((time, name.clone()), shown)
            })
            .collect();
        let descends = self.descending == Some(true);
        streams.sort_by(|(one, _), (other, _)| match descends {
            true => other.cmp(one),
            false => one.cmp(other),
        });
        let after: Option<(i64, String)> = behind(self.next_token.as_deref())?;
        let rest = streams.into_iter().filter(|(key, _)| {
            after.as_ref().is_none_or(|after| match descends {
                true => key < after,
                false => key > after,
            })
        });
        let size = self.limit.map_or(50, |limit| {
            usize::try_from(limit).unwrap_or(50).clamp(1, 50)
        });
        let page = cut_at(rest.map(Ok), size)?;
        Ok(DescribeLogStreamsResponse {
            log_streams: page.items,
            next_token: page.next_marker,
        })
    }
}
