//! Looks through strace at where a command and all that it starts connect to: a proof that nothing left this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::skipped::skipped;

/// The traces of a command's processes.
pub(crate) struct Trace {
    folder: PathBuf,
}

impl Trace {
    /// The same command under strace, with its traces in a new folder; `None`, with a message, where there is no strace.
    pub(crate) fn of(command: &Command, folder: &Path) -> Option<(Command, Self)> {
        // Some machines have it and let nobody trace.
        let probe = Command::new("strace")
            .args(["-qq", "-o", "/dev/null", "true"])
            .output();
        if !probe.is_ok_and(|probe| probe.status.success()) {
            skipped("there is no strace to see where connections lead");
            return None;
        }
        fs::create_dir_all(folder).expect("a folder");
        let mut traced = Command::new("strace");
        traced
            .args([
                "-ff",
                "-qq",
                "-e",
                "trace=connect,sendto,sendmsg,sendmmsg",
                "-o",
            ])
            .arg(folder.join("trace"))
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                traced.env(name, value);
            }
        }
        if let Some(cwd) = command.get_current_dir() {
            traced.current_dir(cwd);
        }
        let folder = folder.to_owned();
        Some((traced, Self { folder }))
    }

    /// The number of connections and datagrams to an address, and those of them that leave this machine.
    pub(crate) fn read(&self) -> (usize, Vec<String>) {
        let (mut all, mut left) = (0, Vec::new());
        for entry in fs::read_dir(&self.folder).expect("a folder").flatten() {
            let text = fs::read(entry.path()).expect("a trace");
            for line in String::from_utf8_lossy(&text).lines() {
                if !line.contains("AF_INET") {
                    continue;
                }
                all += 1;
                let here = ["inet_addr(\"127.", "\"::1\"", "\"::ffff:127."];
                if !here.iter().any(|here| line.contains(here)) {
                    left.push(line.to_owned());
                }
            }
        }
        (all, left)
    }
}
