//! The endpoint of a rehearsal. `AWS_ENDPOINT_URL` leads SDKs to it, and it answers them from the fork, as `aws` is
//! answered.
//!
//! A request that is signed with one of the rehearsal's keys is a call like any other. Assumptions, faults and stubs
//! apply to it. It is written to the call log together with the program that made it ([`maker`]). Every other request
//! is refused and noted. Time is real here: a waiter's request completes the change that it reads, and nothing else
//! moves time.
//!
//! `rehearse -- COMMAND` runs the server in threads of its own process. A session runs it in a child process
//! ([`standing`]).

mod fork;
mod handover;
pub(super) mod maker;
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

/// The ids of the keys with which a rehearsal's requests are signed. The keys are new for each rehearsal, so other
/// users of the machine cannot reach the fork. Each profile has its own key, which identifies the profile's account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Keys {
    /// The id of the key in the script's environment.
    pub(crate) own: String,
    /// The id of each profile's key.
    pub(crate) profiles: BTreeMap<String, String>,
}

impl Keys {
    /// Makes new keys.
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

    /// Returns true if one of these keys has the given id.
    fn has(&self, id: &str) -> bool {
        self.own == id || self.profiles.values().any(|own| own == id)
    }

    /// The profile to which a key belongs.
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

/// Opens a listener on a free port of the loopback.
///
/// # Errors
/// When the machine has no loopback.
pub(crate) fn listen() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// The listener's address as a value for `AWS_ENDPOINT_URL`.
///
/// # Errors
/// When the system gives no address.
pub(crate) fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Starts to answer requests. `process` stands for a program of the rehearsal, so its environment has the settings that
/// a call needs.
///
/// # Errors
/// When the system refuses a thread.
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

/// A client whose request was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Visitor {
    /// `POST`
    pub(crate) method: String,
    /// The path without its query: `/2015-03-31/functions`.
    pub(crate) path: String,
    /// The service for which the request was signed: `lambda`.
    pub(crate) service: Option<String>,
    /// The requested operation, if it is known: `PublishVersion`.
    pub(crate) operation: Option<String>,
    /// The client's command line with secrets masked, or the name that the client gives itself.
    pub(crate) who: Option<String>,
    /// The reason for the refusal.
    pub(crate) why: String,
}

impl Visitor {
    /// The text of the refusal, in one line.
    pub(crate) fn told(&self) -> String {
        let service = self.service.as_deref().unwrap_or("some service");
        let asked = match &self.operation {
            Some(operation) => operation.clone(),
            None => format!("{} {}", self.method, self.path),
        };
        let who = self.who.as_deref().unwrap_or("an unknown client");
        format!("{service} {asked} ({who}): {}", self.why)
    }
}

/// The file in the stage that has a line for each refused client.
const VISITORS: &str = "visitors";

/// The largest size of that file, in bytes.
const MOST: u64 = 1 << 20;

/// Notes a refused client. Even if the note cannot be written, the request is refused.
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

/// The clients whose requests were refused, in order.
pub(crate) fn visitors(stage: &Path) -> Vec<Visitor> {
    let text = fs::read_to_string(stage.join(VISITORS)).unwrap_or_default();
    let lines = text.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
