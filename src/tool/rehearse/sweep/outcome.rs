//! What came of a point: whether the script stopped, and whether running it again arrives.

use serde::Serialize;

use super::{
    end::Difference,
    point::{self, Point},
};
use crate::tool::rehearse::{calls::Call, child::Ended};

/// What the script did when the call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Script {
    /// What it did.
    pub(super) did: Did,
    /// Its exit code.
    pub(super) exit_code: u8,
    /// How many calls it made after the one that failed.
    pub(super) calls_after: usize,
}

/// What a script does when a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Did {
    /// It ended with an error.
    Stopped,
    /// It ended well, and all is as a clean run leaves it.
    Recovered,
    /// It ended well, and all is not.
    WentOn,
    /// It was ended.
    WentOnForever,
    /// It did not make the call.
    NeverCalled,
}

impl Script {
    /// Looks at a run that met the fault. `is_done`: whether it left what a clean run leaves.
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

    /// In words.
    pub(super) fn told(&self) -> String {
        let calls = match self.calls_after {
            0 => String::new(),
            1 => ", 1 call later".to_owned(),
            many => format!(", {many} calls later"),
        };
        match self.did {
            Did::Stopped => format!("stops{calls}, exit {}", self.exit_code),
            Did::Recovered => format!("makes up for it{calls}"),
            Did::WentOn => format!("goes on as if it had worked, exit 0{calls}"),
            Did::WentOnForever => format!("does not end: it was stopped{calls}"),
            Did::NeverCalled => "did not make this call".to_owned(),
        }
    }
}

/// What running the script again came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Again {
    /// Whether it arrives at the clean run's end.
    pub(super) arrives: bool,
    /// The exit code.
    pub(super) exit_code: u8,
    /// Why it does not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// What is too much, and nothing leads to: a version published twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_over: Vec<String>,
}

impl Again {
    /// Looks at a second run: how it ended, what it called and said, and where it arrived.
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

    /// In words.
    pub(super) fn told(&self) -> String {
        match (&self.why, self.left_over.as_slice()) {
            (Some(why), _) => format!("no, {why}"),
            (None, []) => "yes".to_owned(),
            (None, left) => format!("yes, but {} is left over", left.join(" and ")),
        }
    }
}

/// Differences in words, each once.
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

/// Why a run failed: its last call, where that failed; else what it said last.
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

/// A line that fits a table.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 100;
    let line = text.lines().next().unwrap_or_default();
    // `Alias already exists: arn:…` says it without the ARN, and what follows the first sentence is advice.
    let line = line.split(": arn:").next().unwrap_or(line);
    let line = line.split(". ").next().unwrap_or(line);
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
