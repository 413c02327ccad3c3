//! The program at the other end of a connection to the proxy. It is looked for when something depends on it.

use std::{
    cell::OnceCell,
    net::{SocketAddr, TcpStream},
};

use super::download::Client;
use crate::tool::rehearse::{calls::ScriptLine, endpoint::maker, secrets};

/// A connection by its ends, and the program behind it once it was looked for.
#[derive(Debug)]
pub(super) struct Asking {
    ends: Option<(SocketAddr, SocketAddr)>,
    found: OnceCell<Option<Program>>,
}

/// A program that asks for a host.
#[derive(Debug)]
pub(super) struct Program {
    pid: u32,
    words: Vec<String>,
}

impl Asking {
    /// The asker on a connection.
    pub(super) fn of(stream: &TcpStream) -> Self {
        let ends = stream.peer_addr().ok().zip(stream.local_addr().ok());
        Self {
            ends,
            found: OnceCell::new(),
        }
    }

    /// The program, where the system tells.
    pub(super) fn program(&self) -> Option<&Program> {
        let look = || {
            let (peer, local) = self.ends?;
            let (pid, words) = maker::program(peer, local)?;
            Some(Program { pid, words })
        };
        self.found.get_or_init(look).as_ref()
    }

    /// The program with those above it, or with its name for itself where nothing else is known.
    pub(super) fn client(&self, agent: Option<&str>) -> Client {
        match self.program() {
            Some(program) => Client::of(program.words.clone(), maker::above(program.pid)),
            None => Client::named(agent),
        }
    }
}

impl Program {
    /// Its command line, secrets masked.
    pub(super) fn line(&self) -> String {
        let mut line = secrets::of_line(self.words.iter().cloned());
        if let Some(name) = line.first_mut().filter(|name| !name.ends_with('/')) {
            // It is known by its name; the folder is this machine's.
            name.drain(..name.rfind('/').map_or(0, |at| at + 1));
        }
        let line = line.join(" ");
        line.chars().take(200).collect()
    }

    /// The line of a shell script that started it.
    pub(super) fn place(&self) -> Option<ScriptLine> {
        maker::started(self.pid)
    }
}
