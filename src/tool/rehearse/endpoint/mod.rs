//! The endpoint of a rehearsal: where `AWS_ENDPOINT_URL` leads, so that SDKs are answered from the fork as `aws` is.
//!
//! A request that one of the rehearsal's keys signed is a call like any other: assumed, failed, stubbed, written to
//! the call log with the program that made it ([`maker`]). Whatever else comes is refused and noted. Time is real here:
//! a waiter's request completes the change that it reads, and nothing else moves time.
//!
//! `rehearse -- COMMAND` has the server in threads of its own process, a session in a child ([`standing`]).

mod fork;
mod handover;
mod maker;
mod source;
pub(crate) mod standing;

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::stage::Rehearsal;
use crate::{
    face::world::Process,
    serve::{self, Key, Options, Server, key_id},
    store::atomic::json_line,
};

/// The ids of the keys that a rehearsal's requests are signed with. They are made for it, so that no other user of the
/// machine gets at the fork. A profile has one of its own, by which its account is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Keys {
    /// The environment's.
    pub(crate) own: String,
    /// Each profile's.
    pub(crate) profiles: BTreeMap<String, String>,
}

impl Keys {
    /// New ones.
    pub(crate) fn made_for(profiles: impl IntoIterator<Item = String>) -> Self {
        let profiles = profiles.into_iter();
        Self {
            own: key_id(),
            profiles: profiles.map(|profile| (profile, key_id())).collect(),
        }
    }

    /// The id of a profile's key.
    pub(crate) fn of(&self, profile: &str) -> &str {
        self.profiles.get(profile).unwrap_or(&self.own)
    }

    /// Returns true if it is one of them.
    fn has(&self, id: &str) -> bool {
        self.own == id || self.profiles.values().any(|own| own == id)
    }

    /// The profile of a key.
    fn profile(&self, id: &str) -> Option<&str> {
        let mut profiles = self.profiles.iter();
        profiles
            .find(|(_, own)| *own == id)
            .map(|(profile, _)| profile.as_str())
    }

    fn all(&self) -> Vec<Key> {
        let ids = std::iter::once(&self.own).chain(self.profiles.values());
        ids.map(|id| Key {
            id: id.clone(),
            secret: None,
        })
        .collect()
    }
}

/// Takes a port on the loopback.
///
/// # Errors
/// When the machine has no loopback.
pub(crate) fn listen() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// Where that listens, as `AWS_ENDPOINT_URL` has it.
///
/// # Errors
/// The system's.
pub(crate) fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Begins to answer. `process` is what a program of the rehearsal is given: the settings of a call are its
/// environment's.
///
/// # Errors
/// The system's.
pub(crate) fn serve(
    listener: TcpListener,
    process: Process,
    stage: &Path,
    rehearsal: &Rehearsal,
) -> io::Result<Server> {
    let options = Options {
        keys: rehearsal.keys.all(),
        names: Vec::new(),
    };
    let host = fork::Fork::new(process, stage, rehearsal.clone());
    serve::serve(listener, Arc::new(host), options)
}

/// Somebody whose request was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Visitor {
    /// `POST`
    pub(crate) method: String,
    /// `/2015-03-31/functions`, without its query.
    pub(crate) path: String,
    /// The service that the request was signed for: `lambda`.
    pub(crate) service: Option<String>,
    /// What was asked for, where that can be told: `PublishVersion`.
    pub(crate) operation: Option<String>,
    /// Who came: its command line, secrets masked, or what it calls itself.
    pub(crate) who: Option<String>,
    /// Why it was refused.
    pub(crate) why: String,
}

impl Visitor {
    /// In a line.
    pub(crate) fn told(&self) -> String {
        let service = self.service.as_deref().unwrap_or("some service");
        let asked = match &self.operation {
            Some(operation) => operation.clone(),
            None => format!("{} {}", self.method, self.path),
        };
        let who = self.who.as_deref().unwrap_or("it does not say who it is");
        format!("{service} {asked} ({who}): {}", self.why)
    }
}

/// The stage's file with a line for each visitor.
const VISITORS: &str = "visitors";

/// How many bytes of visitors are kept.
const MOST: u64 = 1 << 20;

/// Notes a visitor. One that cannot be noted is refused all the same.
fn note(stage: &Path, visitor: &Visitor) {
    let file = stage.join(VISITORS);
    if fs::metadata(&file).is_ok_and(|file| file.len() > MOST) {
        return;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    let opened = options.open(file);
    let _ = opened.and_then(|mut file| file.write_all(&json_line(visitor)));
}

/// Who came and was refused, in order.
pub(crate) fn visitors(stage: &Path) -> Vec<Visitor> {
    let text = fs::read_to_string(stage.join(VISITORS)).unwrap_or_default();
    let lines = text.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
