//! The endpoint of a session. It runs in a process of its own, because no other process of lambdry lasts from `begin`
//! to `end`.
//!
//! `begin` takes the port and passes it to the child as stdin, and the port of the proxy as stderr. The child holds a
//! lock as long as it lives. From the lock, `end` knows if the child lived to the end of the session; otherwise the
//! report says so. The child ends when it is asked to end, or when the stage is gone.

use std::{
    ffi::OsString,
    fs,
    io::{self, BufRead as _, BufReader},
    net::TcpListener,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    face::{
        exit::Stop,
        world::{Process, World},
    },
    store::lock::{self, Lock},
    tool::rehearse::{
        network::{self, Held, variables},
        stage::Rehearsal,
    },
};

/// The option that turns a process of lambdry into this child. The option's value is the stage.
pub(crate) const OPTION: &str = "--answer-session";

/// The time limit for requests in progress when the child is asked to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between two checks that the child's stage still exists.
const ROUND: Duration = Duration::from_secs(20);

/// The file in the stage that the child locks and that holds the child's process id.
fn file(stage: &Path) -> PathBuf {
    stage.join("endpoint")
}

/// Starts the child. `environment` is the environment of the session's programs.
///
/// # Errors
/// When the child cannot be started, or does not get ready.
pub(crate) fn start(
    listener: TcpListener,
    proxy: Option<TcpListener>,
    stage: &Path,
    cwd: &Path,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> io::Result<()> {
    let mut command = Command::new(super::super::ours::program()?);
    command
        .args(["rehearse", OPTION])
        .arg(stage)
        .current_dir(cwd)
        .env_clear()
        .envs(environment)
        // A process with this variable would count as part of the rehearsal. A session with such a process is not
        // cleared.
        .env_remove("LAMBDRY_REHEARSAL")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::piped())
        .stderr(proxy.map_or_else(Stdio::null, |proxy| Stdio::from(OwnedFd::from(proxy))))
        .process_group(0);
    let mut child = command.spawn()?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    match line.trim() {
        "ready" => Ok(()),
        _ => Err(io::Error::other("the server for SDKs did not start")),
    }
}

/// Runs as the child: answers until it is told to end, or until its stage is gone.
///
/// # Errors
/// When the given folder is not a stage, or when the system fails.
pub(crate) fn run(stage: &Path, world: &mut World<'_>) -> Result<u8, Stop> {
    let Some(rehearsal) = Rehearsal::read(stage).filter(|rehearsal| rehearsal.session) else {
        return Err(Stop::Other(format!("{}: no session", stage.display())));
    };
    // When a terminal closes, its shell ends. The session must not end together with the shell.
    let _ = rustix::process::setsid();
    let (tell, told) = mpsc::channel();
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            if signal != SIGHUP && tell.send(()).is_err() {
                return;
            }
        }
    });
    let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
    let proxy = TcpListener::from(io::stderr().as_fd().try_clone_to_owned()?);
    let Some(_lock) = held(stage)? else {
        return Err(Stop::Other(format!(
            "{}: answered already",
            stage.display()
        )));
    };
    let mut process = Process {
        program: "aws".to_owned(),
        ..world.process.clone()
    };
    process.env.insert("LAMBDRY_REHEARSAL".into(), stage.into());
    // It has no address if it is no listener.
    let held = proxy.local_addr().ok().map(|_| {
        let env = variables::restored(&world.process.env, &rehearsal.proxies);
        let process = Process {
            env,
            ..world.process.clone()
        };
        Held::default().serve(proxy, None, &rehearsal.hosts, &process)
    });
    let held = held.transpose()?.unwrap_or_default();
    let server = super::serve(TcpListener::from(descriptor), process, stage, &rehearsal)?;
    writeln!(world.stdout, "ready")?;
    world.stdout.flush()?;
    while told.recv_timeout(ROUND).is_err() && Rehearsal::read(stage).is_some() {}
    server.end();
    // Where the stage is gone there is no report either.
    let _ = network::keep(&held.refused(), stage);
    Ok(0)
}

/// Takes the lock, and writes this process's id into the file.
fn held(stage: &Path) -> io::Result<Option<Lock>> {
    let lock = lock::at_once(&file(stage))?;
    if lock.is_some() {
        fs::write(stage.join("endpoint.pid"), std::process::id().to_string())?;
    }
    Ok(lock)
}

/// Ends the child, unless it was ended before. Returns a message if the child had already stopped by itself.
pub(crate) fn end(stage: &Path) -> Option<String> {
    // The user ends a session a second time if the session's report could not be written.
    let ended = stage.join("endpoint.ended");
    if ended.exists() {
        return None;
    }
    let pid = fs::read_to_string(stage.join("endpoint.pid")).unwrap_or_default();
    let is_over = || matches!(lock::at_once(&file(stage)), Ok(Some(_)));
    let pid: Option<i32> = pid.trim().parse().ok();
    let who = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    if is_over() {
        return Some(format!(
            "the server for SDKs{who} ended before the session. Later requests were refused and are not in this \
             report"
        ));
    }
    let signal = |signal| {
        // The child holds the lock, so the process id still belongs to the child.
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, signal);
        }
    };
    signal(Signal::TERM);
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        if is_over() {
            let _ = fs::write(&ended, "");
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
    signal(Signal::KILL);
    Some(format!(
        "the server for SDKs{who} did not stop in time. A running request is not in this report"
    ))
}
