//! The events of a log group, for the operations that return them.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::{
    operation::{Lambda, Result, ready},
    state::{
        error::{Code, ServiceError},
        function::Function,
        logs::{self, SERVICE, Stream},
        plain::plain,
        ready::Things,
    },
    store::{Place, StoreError},
};

/// Maximum number of events in an answer (AWS documentation).
pub(super) const MOST: usize = 10_000;

/// The start of the name of every function's log group.
pub const OF_FUNCTIONS: &str = "/aws/lambda/";

/// Returns true if a function has its log group although no call and no invocation made one here. The first invocation
/// makes the group, so a function that a rehearsed script creates has none. One from before may have logged before it
/// came here.
///
/// # Errors
/// Errors of the disk.
pub fn has_group(place: &Place<'_>, function: &str) -> Result<bool> {
    let is_there = place.all::<Function>().head(function)?.is_some();
    Ok(is_there && (place.began_with::<Function>(function) || place.is_assumed(function)?))
}

/// An event, with its stream and its number.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) stream: &'a str,
    /// The event's number in the stream. Older events that were dropped are counted, too.
    pub(super) number: u64,
    pub(super) timestamp: i64,
    pub(super) message: &'a str,
}

impl Found<'_> {
    /// The id of the event: 56 digits, as on AWS. They consist of the time, the stream and the number, so later events
    /// have larger ids.
    pub(super) fn id(&self) -> String {
        let digest = Sha256::digest(self.stream);
        let digits = digest[..8]
            .iter()
            .fold(0, |all: u64, byte| all << 8 | u64::from(*byte));
        let stream = digits % 10_u64.pow(18);
        format!(
            "{:019}{stream:018}{:019}",
            self.timestamp.max(0),
            self.number
        )
    }
}

/// The events of a stream.
pub(super) fn of<'a>(name: &'a str, stream: &'a Stream) -> impl Iterator<Item = Found<'a>> {
    let events = stream.events.iter().zip(stream.dropped..);
    events.map(move |(event, number)| Found {
        stream: name,
        number,
        timestamp: event.timestamp,
        message: &event.message,
    })
}

/// The name of the log group in a request. A request gives it as a name, or as an identifier, which can be a name or an
/// ARN.
///
/// # Errors
/// InvalidParameterException if the request gives both or none of them.
pub(super) fn named(name: Option<&str>, identifier: Option<&str>) -> Result<String> {
    match (name, identifier) {
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(identifier)) => {
            let name = identifier.split_once(":log-group:").map(|(_, name)| name);
            Ok(name.unwrap_or(identifier).trim_end_matches(":*").to_owned())
        }
        _ => Err(invalid("Exactly one of logGroupName and logGroupIdentifier is required.").into()),
    }
}

/// The streams of a log group. The group of a function from before the rehearsal exists even without streams.
///
/// # Errors
/// ResourceNotFoundException, and errors of the disk.
pub(super) fn streams(lambda: &Lambda<'_>, group: &str) -> Result<BTreeMap<String, Stream>> {
    let place = lambda.place;
    let file = ready::file(SERVICE, &place.scope);
    let things: Things = place.store.document(&file)?;
    if let Some(thing) = things.things.get(&logs::group(group)) {
        let wrong = |error: serde_json::Error| {
            StoreError::content(&place.store.root().join(&file), plain(&error))
        };
        return Ok(logs::streams(thing).map_err(wrong)?);
    }
    match group.strip_prefix(OF_FUNCTIONS) {
        Some(function) if has_group(place, function)? => Ok(BTreeMap::new()),
        _ => Err(missing("The specified log group does not exist.").into()),
    }
}

/// The error for a log stream that does not exist.
pub(super) fn no_stream() -> ServiceError {
    missing("The specified log stream does not exist.")
}

fn missing(words: &str) -> ServiceError {
    ServiceError::new(Code::Ready("ResourceNotFoundException", 400), words)
}

/// The error for an invalid parameter.
pub(super) fn invalid(words: &str) -> ServiceError {
    ServiceError::new(Code::Ready("InvalidParameterException", 400), words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operation::sandbox::Sandbox;

    #[test]
    fn a_function_of_a_fork_has_no_group_and_one_from_before_has() {
        let lambda = Sandbox::with("pay");
        let fork = lambda.fork();
        fork.create("fresh");
        let has = |name: &str| {
            let found = fork.with_lambda(|lambda| has_group(lambda.place, name));
            found.expect("a state")
        };
        assert!(has("pay") && !has("fresh") && !has("nobody"));
        // AWS keeps the group when the function is deleted.
        fork.call("DeleteFunction", json!({ "FunctionName": "pay" }));
        fork.create("pay");
        assert!(has("pay"));
    }

    #[test]
    fn ids_have_56_digits_and_grow_with_time() {
        let id = |timestamp: i64, number: u64| {
            let found = Found {
                stream: "s",
                number,
                timestamp,
                message: "",
            };
            found.id()
        };
        assert_eq!(id(1_700_000_000_000, 0).len(), 56);
        assert!(id(1_700_000_000_000, 9) < id(1_700_000_000_001, 0));
        assert!(id(1_700_000_000_000, 0) < id(1_700_000_000_000, 1));
    }

    #[test]
    fn a_group_is_named_by_name_by_arn_and_only_once() {
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/a/b";
        for identifier in ["/a/b", arn, &format!("{arn}:*")] {
            assert_eq!(named(None, Some(identifier)).expect("a name"), "/a/b");
        }
        assert_eq!(named(Some("/a"), None).expect("a name"), "/a");
        assert!(named(None, None).is_err() && named(Some("/a"), Some("/a")).is_err());
    }
}
