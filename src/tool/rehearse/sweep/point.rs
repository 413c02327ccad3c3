//! The points at which a script can die: before and after every call of the clean run that changes something.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    face::options::kebab,
    operation,
    tool::rehearse::{
        calls::{Call, Exchange, ScriptLine},
        evidence::nth,
    },
};

/// The way in which a call fails at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Dies {
    /// The call fails and changes nothing.
    Before,
    /// The call takes effect, but its answer is lost.
    After,
}

/// A point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Point {
    /// The call's name: `update-alias live`, `2nd publish-version`.
    pub(super) call: String,
    /// The operation.
    pub(super) operation: String,
    /// The operation's name, unique among all services.
    #[serde(skip)]
    key: String,
    /// The number of the call among the calls of the same operation, from 1.
    pub(super) ordinal: usize,
    /// The call's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<ScriptLine>,
    /// The way in which the call fails.
    pub(super) dies: Dies,
}

impl Point {
    /// The fault plan that makes the call fail. The AWS CLI retries after both errors. So for the script it looks as if
    /// the CLI had retried and given up.
    pub(super) fn fault(&self) -> String {
        let outcome = match self.dies {
            Dies::Before => "TooManyRequestsException",
            Dies::After => "ServiceException,after",
        };
        format!("{}#{}={outcome}", self.key, self.ordinal)
    }

    /// The index of the call that failed because of the fault plan.
    pub(super) fn met(&self, calls: &[Call]) -> Option<usize> {
        let exchanges = calls
            .iter()
            .enumerate()
            .flat_map(|(at, call)| call.exchanges.iter().map(move |exchange| (at, exchange)));
        let mut same = exchanges.filter(|(_, exchange)| key(exchange) == self.key);
        same.nth(self.ordinal - 1).map(|(at, _)| at)
    }
}

/// The points of a clean run, in the order of its calls.
pub(super) fn points(calls: &[Call]) -> Vec<Point> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut points = Vec::new();
    for call in calls {
        for exchange in &call.exchanges {
            let ordinal = counts.entry(key(exchange)).or_default();
            *ordinal += 1;
            if !exchange.changes() {
                continue;
            }
            // A call that fails even in the clean run has no effect, and no answer that could be lost.
            let ways = if exchange.error.is_some() {
                &[Dies::Before][..]
            } else {
                &[Dies::Before, Dies::After]
            };
            points.extend(ways.iter().map(|dies| Point {
                call: named(exchange),
                operation: exchange.operation.clone(),
                key: key(exchange),
                ordinal: *ordinal,
                place: call.place.clone(),
                dies: *dies,
            }));
        }
    }
    number(&mut points);
    points
}

/// The operation's name, unique among all services, in the form for fault plans.
fn key(exchange: &Exchange) -> String {
    let (service, name) = (&exchange.service, &exchange.operation);
    let entry = operation::find_in(service, name).or_else(|| operation::find(name));
    entry.map_or_else(|| name.clone(), |entry| entry.key.to_owned())
}

/// The name of a call. It contains the command, and also the subject if such a call can have different subjects.
pub(super) fn named(exchange: &Exchange) -> String {
    let command = kebab(&exchange.operation);
    let about = ["Name", "Key", "LayerName", "StatementId"];
    let about = about
        .iter()
        .find_map(|member| exchange.request.get(*member)?.as_str());
    match about {
        Some(about) => format!("{command} {about}"),
        None => command,
    }
}

/// Gives numbers to calls of the same name.
fn number(points: &mut [Point]) {
    let mut ordinals: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for point in points.iter() {
        let of = ordinals.entry(point.call.clone()).or_default();
        if of.last() != Some(&point.ordinal) {
            of.push(point.ordinal);
        }
    }
    for point in points {
        let of = &ordinals[&point.call];
        if of.len() > 1 {
            let which = of.iter().position(|ordinal| *ordinal == point.ordinal);
            let which = which.map_or(1, |which| which + 1);
            point.call = format!("{} {}", nth(which), point.call);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A call of the log that made the given API calls. Each API call is given as operation, request and error.
    pub(in super::super) fn call(exchanges: &[(&str, Value, Option<&str>)]) -> Call {
        let exchanges: Vec<Value> = exchanges
            .iter()
            .map(|(operation, request, error)| {
                let mut exchange = json!({
                    "Moment": "2026-11-22T12:00:00Z", "Service": "lambda", "Operation": operation,
                    "Account": "123456789012", "Region": "us-east-1", "Request": request,
                });
                if let Some(kind) = error {
                    exchange["Error"] = json!({ "Kind": kind, "Message": "" });
                }
                exchange
            })
            .collect();
        serde_json::from_value(json!({
            "Began": "2026-11-22T12:00:00Z", "Took": 1, "Pid": 1, "Cwd": "/", "Program": "aws", "Words": [],
            "Answered": "Simulated", "Exchanges": exchanges, "Code": 0,
        }))
        .expect("a call")
    }

    #[test]
    fn every_call_that_changes_something_is_two_points_and_one_that_fails_is_one() {
        let calls = [
            call(&[("GetFunction", json!({}), None)]),
            call(&[("UpdateFunctionCode", json!({ "DryRun": true }), None)]),
            call(&[("UpdateFunctionCode", json!({}), None)]),
            call(&[("Invoke", json!({}), None)]),
            call(&[("PublishVersion", json!({}), None)]),
            call(&[(
                "UpdateAlias",
                json!({ "Name": "live" }),
                Some("ResourceNotFoundException"),
            )]),
            call(&[("PublishVersion", json!({}), None)]),
        ];
        let points = points(&calls);
        let told: Vec<String> = points
            .iter()
            .map(|point| format!("{}: {}", point.call, point.fault()))
            .collect();
        assert_eq!(
            told,
            [
                "update-function-code: UpdateFunctionCode#2=TooManyRequestsException",
                "update-function-code: UpdateFunctionCode#2=ServiceException,after",
                "1st publish-version: PublishVersion#1=TooManyRequestsException",
                "1st publish-version: PublishVersion#1=ServiceException,after",
                "update-alias live: UpdateAlias#1=TooManyRequestsException",
                "2nd publish-version: PublishVersion#2=TooManyRequestsException",
                "2nd publish-version: PublishVersion#2=ServiceException,after",
            ]
        );
        assert_eq!(points[6].met(&calls), Some(6));
        assert_eq!(points[6].met(&calls[..6]), None);
    }
}
