//! Finds the program that made a request: the process at the other end of the connection, the command line of this
//! process, and the line of the shell script that started it.
//!
//! Linux shows all of this in `/proc`. In `net/tcp`, the ports lead to the connection's inode, and the program is the
//! process that has this inode open. On other systems only the name that the program gives itself is known.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use super::{super::calls::ScriptLine, source::Sources};
#[cfg(target_os = "linux")]
use crate::serve::Socket;

/// A program that makes requests.
#[derive(Debug, Default)]
pub(super) struct Maker {
    /// The program's process id; 0 if it is not known.
    pub(super) pid: u32,
    /// The name by which the program was called, without folders: `python3`.
    pub(super) program: String,
    /// The words after the program's name.
    pub(super) words: Vec<String>,
    /// The program's working folder.
    pub(super) cwd: PathBuf,
    /// The variables of the program's environment that name a profile.
    pub(super) environment: BTreeMap<String, String>,
    /// The line of the shell script that started the program.
    pub(super) started: Option<ScriptLine>,
    /// The texts of the code that the program runs.
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

    /// The processor time that the program and its awaited children have used so far.
    #[cfg(target_os = "linux")]
    pub(super) fn worked(&self) -> Option<Duration> {
        proc::worked(self.pid)
    }

    /// Returns `None`, because this system does not show the time.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn worked(&self) -> Option<Duration> {
        None
    }
}

/// The program at the other end of a connection, by its process id and its command line.
pub(in crate::tool::rehearse) fn program(
    peer: SocketAddr,
    local: SocketAddr,
) -> Option<(u32, Vec<String>)> {
    let pid = owner(peer, local)?;
    let words = words(pid);
    (!words.is_empty()).then_some((pid, words))
}

/// The command lines of the processes above a program, the nearest first, as far as they belong to the rehearsal.
#[cfg(target_os = "linux")]
pub(in crate::tool::rehearse) fn above(pid: u32) -> Vec<Vec<String>> {
    proc::above(pid).map(proc::words).collect()
}

/// Empty: this system cannot tell.
#[cfg(not(target_os = "linux"))]
pub(in crate::tool::rehearse) fn above(_: u32) -> Vec<Vec<String>> {
    Vec::new()
}

/// The line of the shell script that started a program.
#[cfg(target_os = "linux")]
pub(in crate::tool::rehearse) fn started(pid: u32) -> Option<ScriptLine> {
    proc::started(pid)
}

/// `None`: this system cannot tell.
#[cfg(not(target_os = "linux"))]
pub(in crate::tool::rehearse) fn started(_: u32) -> Option<ScriptLine> {
    None
}

#[cfg(target_os = "linux")]
fn words(pid: u32) -> Vec<String> {
    proc::words(pid)
}

#[cfg(not(target_os = "linux"))]
fn words(_: u32) -> Vec<String> {
    Vec::new()
}

/// The process that holds the other end of a connection.
#[cfg(target_os = "linux")]
fn owner(peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    proc::holder(Socket::of(peer, local)?.inode)
}

/// Returns `None`, because this system does not show the owner of a connection.
#[cfg(not(target_os = "linux"))]
fn owner(_: SocketAddr, _: SocketAddr) -> Option<u32> {
    None
}

/// The name that the client gives itself, shortened: `Boto3/1.40.1`.
pub(super) fn agent_in_short(agent: Option<&str>) -> Option<String> {
    let first = agent?.split_whitespace().next()?;
    Some(first.chars().take(60).collect())
}

#[cfg(target_os = "linux")]
mod proc {
    use std::{collections::BTreeMap, fs, time::Duration};

    use super::ScriptLine;
    use crate::tool::rehearse::{place, processes::parent_of};

    /// The largest number of processes between a script and a program that the script started.
    const MOST_PARENTS: usize = 8;

    /// Variables that choose the profile of a program's calls.
    const NAMING: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

    /// The length of a tick of the processor's clock, in microseconds. A tick is the unit of time in `/proc` on every
    /// Linux.
    const TICK: u64 = 10_000;

    /// The process that has a socket open. If the descriptors of a process cannot be read, the process belongs to
    /// another user.
    pub(super) fn holder(inode: u64) -> Option<u32> {
        let link = format!("socket:[{inode}]");
        let us = std::process::id();
        let entries = fs::read_dir("/proc").ok()?.flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // A forked child may have the same socket open. The process that is found first is the one that opened the
        // socket.
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

    /// The variables of a process that lambdry needs, with the values that they had when the process began.
    pub(super) fn environment(pid: u32) -> BTreeMap<String, String> {
        let text = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let entries = text.split(|byte| *byte == 0);
        entries
            .filter_map(|entry| std::str::from_utf8(entry).ok()?.split_once('='))
            .filter(|(name, value)| NAMING.contains(name) && !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The processes above one, the nearest first.
    pub(super) fn above(pid: u32) -> impl Iterator<Item = u32> {
        // A program that started the rehearsal itself, such as a script of CI, is not part of it.
        let is_within = |parent: &u32| *parent > 1 && *parent != std::process::id();
        let next = move |child: &u32| parent_of(*child).filter(is_within);
        std::iter::successors(next(&pid), next).take(MOST_PARENTS)
    }

    /// The line of the shell script that started a process, or a process above it.
    pub(super) fn started(pid: u32) -> Option<ScriptLine> {
        let mut child = pid;
        for parent in above(pid) {
            let line = words(child);
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            // The first word is the program's path, its name, or the interpreter that the `#!` of its script names.
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

    /// The processor time that a process and its ended children have used.
    pub(super) fn worked(pid: u32) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let numbers = rest.split_whitespace().skip(11).take(4);
        let ticks = numbers.map(|number| number.parse::<u64>().ok());
        let ticks = ticks.sum::<Option<u64>>()?;
        Some(Duration::from_micros(ticks.saturating_mul(TICK)))
    }
}
