//! The program that made a request: the owner of the connection's other end, its command line, and the line of the shell
//! script that started it.
//!
//! Linux tells that in `/proc`: the connection in `net/tcp`, by its ports, has an inode, and the process that holds the
//! inode has it open. Elsewhere a program is known by what it calls itself alone.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use super::{super::calls::Place, source::Sources};
#[cfg(target_os = "linux")]
use crate::serve::Socket;

/// A program that makes requests.
#[derive(Debug, Default)]
pub(super) struct Maker {
    /// Its process; 0 where that is not known.
    pub(super) pid: u32,
    /// The name it was called by, without folders: `python3`.
    pub(super) program: String,
    /// The words after that.
    pub(super) words: Vec<String>,
    /// Where it runs.
    pub(super) cwd: PathBuf,
    /// What of its environment says in whose name it calls.
    pub(super) environment: BTreeMap<String, String>,
    /// The line of a shell script that started it.
    pub(super) started: Option<Place>,
    /// What it runs, as text.
    pub(super) sources: Sources,
}

impl Maker {
    /// The program at the other end of a connection.
    pub(super) fn of(peer: SocketAddr, local: SocketAddr, agent: Option<&str>) -> Self {
        owner(peer, local)
            .and_then(Self::of_process)
            .unwrap_or_else(|| Self {
                program: agent_in_short(agent).unwrap_or_else(|| "an SDK".to_owned()),
                ..Self::default()
            })
    }

    #[cfg(target_os = "linux")]
    fn of_process(pid: u32) -> Option<Self> {
        let line = proc::words(pid);
        let (called, words) = line.split_first()?;
        let program = called.rsplit('/').next().unwrap_or(called).to_owned();
        let cwd = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        Some(Self {
            pid,
            sources: Sources::of(&program, words, &cwd),
            program,
            words: words.to_vec(),
            environment: proc::environment(pid),
            started: proc::started(pid),
            cwd,
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of_process(_: u32) -> Option<Self> {
        None
    }

    /// The processor's time that it and what it waited for have taken so far.
    #[cfg(target_os = "linux")]
    pub(super) fn worked(&self) -> Option<Duration> {
        proc::worked(self.pid)
    }

    /// Nobody can tell.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn worked(&self) -> Option<Duration> {
        None
    }
}

/// The process that holds the other end of a connection.
#[cfg(target_os = "linux")]
fn owner(peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    proc::holder(Socket::of(peer, local)?.inode)
}

/// Nobody can tell.
#[cfg(not(target_os = "linux"))]
fn owner(_: SocketAddr, _: SocketAddr) -> Option<u32> {
    None
}

/// What a client calls itself, shortened: `Boto3/1.40.1`.
pub(super) fn agent_in_short(agent: Option<&str>) -> Option<String> {
    let first = agent?.split_whitespace().next()?;
    Some(first.chars().take(60).collect())
}

#[cfg(target_os = "linux")]
mod proc {
    use std::{collections::BTreeMap, fs, time::Duration};

    use super::Place;
    use crate::tool::rehearse::{place, processes::parent_of};

    /// How many processes may stand between a program and the script that started it.
    const MOST_PARENTS: usize = 8;

    /// Variables that say in whose name a program calls.
    const NAMING: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

    /// Microseconds of a tick of the processor's clock, as `/proc` counts on every Linux.
    const TICK: u64 = 10_000;

    /// The process that has a socket open. Those whose descriptors cannot be read are somebody else's.
    pub(super) fn holder(inode: u64) -> Option<u32> {
        let link = format!("socket:[{inode}]");
        let us = std::process::id();
        let entries = fs::read_dir("/proc").ok()?.flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // A child that was forked off may hold it as well: the first of them has opened it.
        pids.filter(|pid| *pid != us)
            .filter(|pid| {
                let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
                let mut descriptors = descriptors.into_iter().flatten().flatten();
                descriptors.any(|it| {
                    fs::read_link(it.path()).is_ok_and(|to| to.as_os_str() == link.as_str())
                })
            })
            .min()
    }

    /// A process's command line.
    pub(super) fn words(pid: u32) -> Vec<String> {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = line.strip_suffix(b"\0").unwrap_or(&line);
        let words = line.split(|byte| *byte == 0);
        words
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .filter(|_| !line.is_empty())
            .collect()
    }

    /// What of a process's environment, as it began, is needed.
    pub(super) fn environment(pid: u32) -> BTreeMap<String, String> {
        let text = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let entries = text.split(|byte| *byte == 0);
        entries
            .filter_map(|entry| std::str::from_utf8(entry).ok()?.split_once('='))
            .filter(|(name, value)| NAMING.contains(name) && !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The line of the shell script that started a process, or one of those above it.
    pub(super) fn started(pid: u32) -> Option<Place> {
        let (mut child, mut left) = (pid, MOST_PARENTS);
        while left > 0 {
            left -= 1;
            // What started the rehearsal itself, as a script of CI does, is no part of it.
            let is_within = |parent: &u32| *parent > 1 && *parent != std::process::id();
            let parent = parent_of(child).filter(is_within)?;
            let line = words(child);
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            // A program is called by its path, by its name, or through the `#!` of what it runs.
            let base = words.first()?.rsplit('/').next()?;
            let without_version = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            let by_name = [words[0], base, without_version];
            let found = by_name
                .iter()
                .map(|name| (*name, &words[1..]))
                .chain(words.get(1).map(|script| (*script, &words[2..])))
                .find_map(|(name, rest)| place::of_child(parent, name, rest));
            if found.is_some() {
                return found;
            }
            child = parent;
        }
        None
    }

    /// The processor's time of a process and its children that have ended.
    pub(super) fn worked(pid: u32) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let numbers = rest.split_whitespace().skip(11).take(4);
        let ticks = numbers.map(|number| number.parse::<u64>().ok());
        let ticks = ticks.sum::<Option<u64>>()?;
        Some(Duration::from_micros(ticks.saturating_mul(TICK)))
    }
}
