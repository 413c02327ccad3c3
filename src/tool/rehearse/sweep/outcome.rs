//! The result of a point. It says if the script stopped or went on, and if a second run reached the end of the clean
//! run.

use serde::Serialize;

use super::{
    end::Difference,
    point::{self, Point},
};
use crate::tool::rehearse::{calls::Call, child::Ended};

/// The script's behaviour when the call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Script {
    /// The script's reaction to the failure.
    pub(super) did: Did,
    /// The script's exit code.
    pub(super) exit_code: u8,
    /// The number of calls that the script made after the failed call.
    pub(super) calls_after: usize,
}

/// A script's reaction to a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Did {
    /// The script ended with an error.
    Stopped,
    /// The script reported success, and the state is as after a clean run.
    Recovered,
    /// The script reported success, but the state is not as after a clean run.
    WentOn,
    /// The script reached a limit and was ended.
    WentOnForever,
    /// The script did not make the call.
    NeverCalled,
}

impl Script {
    /// The behaviour in a run in which the call failed. `is_done` is true if the run left the same state as a clean
    /// run.
    pub(super) fn of(point: &Point, ended: &Ended, calls: &[Call], is_done: bool) -> Self {
        let met = point.met(calls);
        let did = match ended {
            Ended {
                timed_out: true, ..
            } => Did::WentOnForever,
            _ if met.is_none() => Did::NeverCalled,
            Ended { code: 0, .. } if is_done => Did::Recovered,
            Ended { code: 0, .. } => Did::WentOn,
            _ => Did::Stopped,
        };
        Self {
            did,
            exit_code: ended.code,
            calls_after: met.map_or(0, |met| calls.len() - met - 1),
        }
    }

    /// The behaviour in words.
    pub(super) fn told(&self) -> String {
        let calls = match self.calls_after {
            0 => String::new(),
            1 => ", 1 call later".to_owned(),
            many => format!(", {many} calls later"),
        };
        match self.did {
            Did::Stopped => format!("stops{calls}, exit {}", self.exit_code),
            Did::Recovered => format!("repairs it{calls}"),
            Did::WentOn => format!("goes on as if the call had worked, exit 0{calls}"),
            Did::WentOnForever => format!("did not end and was stopped{calls}"),
            Did::NeverCalled => "did not make this call".to_owned(),
        }
    }
}

/// The result of the second run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Again {
    /// True if the second run reaches the end of the clean run.
    pub(super) arrives: bool,
    /// The exit code.
    pub(super) exit_code: u8,
    /// The reason why the second run does not reach that end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// Surplus things that nothing uses, such as a version that was published twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_over: Vec<String>,
}

impl Again {
    /// Computes the result of a second run. It uses the run's end, its calls, its output and the state that it left.
    pub(super) fn of(
        ended: &Ended,
        calls: &[Call],
        said: &str,
        differences: &[Difference],
        left_over: Vec<String>,
    ) -> Self {
        let why = if ended.timed_out {
            Some("it does not end".to_owned())
        } else if ended.code != 0 {
            Some(format!("it fails: {}", why(calls, said, ended.code)))
        } else if differences.is_empty() {
            None
        } else {
            Some(told(differences))
        };
        Self {
            arrives: why.is_none(),
            exit_code: ended.code,
            why,
            left_over,
        }
    }

    /// The result in words.
    pub(super) fn told(&self) -> String {
        match (&self.why, self.left_over.as_slice()) {
            (Some(why), _) => format!("no, {why}"),
            (None, []) => "yes".to_owned(),
            (None, left) => format!("yes, but it leaves {}", left.join(" and ")),
        }
    }
}

/// The descriptions of the differences, each only once.
pub(super) fn told(differences: &[Difference]) -> String {
    let mut told: Vec<&str> = differences
        .iter()
        .map(|difference| &*difference.told)
        .collect();
    told.dedup();
    match told.as_slice() {
        [first, second, _, ..] => format!("{first}, {second} and {} more", told.len() - 2),
        told => told.join(", "),
    }
}

/// The reason why a run failed. This is the last call if the last call failed, and otherwise the last output.
pub(super) fn why(calls: &[Call], said: &str, code: u8) -> String {
    if let Some(call) = calls.last()
        && call.code != 0
        && let Some(stopped) = call.failure()
    {
        let name = match call.exchanges.last() {
            Some(exchange) => point::named(exchange),
            None => call
                .words
                .iter()
                .take(2)
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        };
        return format!("{name}: {}: {}", stopped.kind, shortened(&stopped.message));
    }
    let last = said
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    last.map_or_else(
        || format!("exit {code}"),
        |line| format!("exit {code}, {}", shortened(line)),
    )
}

/// A line, shortened to fit a table.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 100;
    let line = text.lines().next().unwrap_or_default();
    // `Alias already exists: arn:…` is clear without the ARN. The text after the first sentence is only advice.
    let line = line.split(": arn:").next().unwrap_or(line);
    let line = line.split(". ").next().unwrap_or(line);
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
