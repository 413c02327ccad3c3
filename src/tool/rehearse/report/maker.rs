//! The program that made a call over HTTP, and the time for which the program waited.

use std::{path::Path, time::Duration};

use serde::Serialize;

use super::{Finding, Report};
use crate::tool::{
    rehearse::{
        calls::{Call, ScriptLine},
        evidence::seconds,
    },
    typed::Shell,
};

/// A program that calls AWS over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Maker {
    /// The program's process id; 0 if it is not known.
    pub(crate) process: u32,
    /// The program's command line, secrets masked: `python3 deploy.py prod`.
    pub(crate) line: String,
    /// The name that the program gives itself: `Boto3/1.40.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// The line of the shell script that started the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<ScriptLine>,
    /// The number of seconds for which the program was idle before this call.
    pub(crate) seconds_waited: f64,
}

impl Maker {
    pub(super) fn of(call: &Call, cwd: &Path) -> Option<Self> {
        let http = call.http.as_ref()?;
        let words = std::iter::once(&call.program).chain(&call.words);
        let words: Vec<String> = words.map(|word| Shell::Sh.quoted(word)).collect();
        let is_named = call.pid != 0;
        Some(Self {
            process: call.pid,
            line: match is_named {
                true => words.join(" "),
                false => call.program.clone(),
            },
            agent: http.agent.clone().filter(|_| is_named),
            started: http.started.clone().map(|place| ScriptLine {
                file: place
                    .file
                    .strip_prefix(cwd)
                    .unwrap_or(&place.file)
                    .to_owned(),
                line: place.line,
            }),
            seconds_waited: Duration::from_micros(http.waited).as_secs_f64(),
        })
    }

    /// `python3 deploy.py prod (Boto3/1.40.1), started at ci.sh:3`
    pub(crate) fn told(&self) -> String {
        let mut told = self.line.clone();
        if let Some(agent) = &self.agent {
            told.push_str(&format!(" ({agent})"));
        }
        if let Some(place) = &self.started {
            told.push_str(&format!(", started at {place}"));
        }
        told
    }
}

impl Report {
    /// The real time that each program spent on waits. For calls over HTTP, only real time passes.
    pub(crate) fn waits(&self) -> Vec<[String; 2]> {
        let mut waits: Vec<(&str, f64)> = Vec::new();
        for client in self.calls.iter().filter_map(|call| call.client.as_ref()) {
            if client.seconds_waited <= 0.0 {
                continue;
            }
            match waits.iter_mut().find(|(line, _)| *line == client.line) {
                Some((_, waited)) => *waited += client.seconds_waited,
                None => waits.push((&client.line, client.seconds_waited)),
            }
        }
        let told = waits.into_iter().map(|(line, waited)| {
            let time = seconds(Duration::try_from_secs_f64(waited).unwrap_or_default());
            let how = format!(
                "waited {time} between its calls: programs that call over HTTP really wait"
            );
            [line.to_owned(), how]
        });
        told.collect()
    }

    /// The place of a finding. If the place is unknown, the program that made the call.
    pub(crate) fn whereabouts(&self, finding: &Finding) -> Option<String> {
        let client = || self.calls.get(finding.index)?.client.as_ref();
        let place = finding.place.as_ref().map(ScriptLine::to_string);
        place.or_else(|| Some(client()?.line.clone()))
    }
}
