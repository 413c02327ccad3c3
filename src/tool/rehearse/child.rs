//! The script as a process: started with our streams, told what we are told, waited for, and what it left running
//! ended.

use std::{
    io,
    path::Path,
    process::{Child, Command, ExitStatus},
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};
use signal_hook::{
    consts::{SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2},
    iterator::Signals,
};

use super::{
    folder::Stage,
    processes::{self, Running},
};

/// How long what a script left running is waited for, and then for its end once it was asked to.
const BRIEFLY: [Duration; 2] = [Duration::from_secs(2), Duration::from_millis(500)];

/// The scripts that run in this process's rehearsals: a sweep has several at once.
static SCRIPTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Held to read by whoever starts and awaits a child of its own beside the scripts.
static OWN_CHILDREN: RwLock<()> = RwLock::new(());

/// Keeps the end of children from being taken note of here: whoever holds this awaits its own.
pub(crate) fn own_children() -> RwLockReadGuard<'static, ()> {
    OWN_CHILDREN.read().unwrap_or_else(PoisonError::into_inner)
}

/// How a script ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The exit code, 128 and its number where a signal ended it.
    pub(crate) code: u8,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// Whether it was ended because a limit was reached.
    pub(crate) timed_out: bool,
}

impl Ended {
    fn of(status: ExitStatus, timed_out: bool) -> Self {
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        let code = status.code().or(signal.map(|signal| 128 + signal));
        Self {
            code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255),
            signal,
            timed_out,
        }
    }
}

/// When a script is ended before it ends itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits<'a> {
    /// After this long.
    pub(crate) timeout: Option<Duration>,
    /// After more calls than this in that log.
    pub(crate) calls: Option<(usize, &'a Path)>,
}

impl Limits<'_> {
    fn are_reached(&self, began: Instant) -> bool {
        self.timeout
            .is_some_and(|timeout| began.elapsed() >= timeout)
            || self.calls.is_some_and(|(most, log)| {
                let lines = std::fs::read(log).unwrap_or_default();
                lines.iter().filter(|byte| **byte == b'\n').count() > most
            })
    }

    /// How long may be waited before they are looked at again.
    fn pause(&self, began: Instant) -> Duration {
        let left = self
            .timeout
            .map(|timeout| timeout.saturating_sub(began.elapsed()));
        let look = match self.calls {
            Some(_) => Duration::from_millis(200),
            // A SIGCHLD that was folded into another is made up for by a look now and then.
            None => Duration::from_secs(1),
        };
        left.unwrap_or(look).min(look)
    }
}

/// Runs a command to its end. Signals that reach us are passed on to it, and do not end us.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run(command: &mut Command, limits: Limits<'_>) -> io::Result<Ended> {
    adopt_orphans();
    let (tell, told) = mpsc::channel();
    // What we were started to pass over, the script passes over as well: nohup.
    let ignored = ignored();
    let heard = [SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2];
    let heard = heard.into_iter().filter(|signal| !ignored.contains(signal));
    let mut signals = Signals::new(heard)?;
    let handle = signals.handle();
    // Known before anybody looks: a script that ends at once is none of the orphans that another run takes note of.
    let mut child = scripts(|scripts| {
        let child = command.spawn()?;
        scripts.push(child.id());
        io::Result::Ok(child)
    })?;
    let pid = child.id();
    let listener = thread::spawn(move || {
        for signal in signals.forever() {
            if tell.send(signal).is_err() {
                return;
            }
        }
    });
    let ended = wait(&mut child, &told, limits);
    handle.close();
    let _ = listener.join();
    scripts(|scripts| scripts.retain(|script| *script != pid));
    ended
}

fn wait(child: &mut Child, told: &mpsc::Receiver<i32>, limits: Limits<'_>) -> io::Result<Ended> {
    let began = Instant::now();
    let mut timed_out = false;
    loop {
        reap_orphans();
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::of(status, timed_out));
        }
        if limits.are_reached(began) {
            // Asked once, then ended.
            pass_on(child, if timed_out { SIGKILL } else { SIGTERM });
            thread::sleep(BRIEFLY[1]);
            timed_out = true;
            continue;
        }
        match told.recv_timeout(limits.pause(began)) {
            Ok(SIGCHLD) => {}
            // A terminal has told the script itself.
            Ok(SIGINT | SIGQUIT) if is_in_foreground() => {}
            Ok(signal) => pass_on(child, signal),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Ended::of(child.wait()?, timed_out));
            }
        }
    }
}

/// Sends a signal to the script, which is not waited for yet, so that its number is its own.
fn pass_on(child: &Child, signal: i32) {
    if let (Some(pid), Some(signal)) = (number(child.id()), Signal::from_named_raw(signal)) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Whether the terminal's keys reach us and the script alike.
fn is_in_foreground() -> bool {
    std::fs::File::open("/dev/tty")
        .ok()
        .and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok())
        .is_some_and(|group| group == rustix::process::getpgrp())
}

/// The signals that whoever started us had us pass over.
fn ignored() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let mask = mask.unwrap_or(0);
    (1..=31)
        .filter(|signal| mask >> (signal - 1) & 1 == 1)
        .collect()
}

fn scripts<T>(act: impl FnOnce(&mut Vec<u32>) -> T) -> T {
    act(&mut SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What a script leaves behind becomes our child, so that it can be found and waited for.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Takes note of the end of orphans: nobody else does.
fn reap_orphans() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{WaitId, WaitIdOptions, WaitOptions, waitid, waitpid};
        // A child that somebody awaits is no orphan; the orphans are met the next time.
        let Ok(_none) = OWN_CHILDREN.try_write() else {
            return;
        };
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // The kernel tells that one has ended, and not which.
        if !matches!(waitid(WaitId::All, look), Ok(Some(_))) {
            return;
        }
        for orphan in processes::ended_children() {
            let Some(pid) = number(orphan).filter(|_| !scripts(|it| it.contains(&orphan))) else {
                continue;
            };
            if matches!(waitid(WaitId::Pid(pid), look), Ok(Some(_))) {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
    }
}

/// Waits briefly for what a script left running, then ends it; answers what had to be ended.
pub(crate) fn end_leftovers(stage: &Stage) -> Vec<Running> {
    let began = Instant::now();
    let [patience, grace] = BRIEFLY;
    let mut pause = Duration::from_millis(2);
    let mut left = leftovers(stage);
    while !left.is_empty() && began.elapsed() < patience {
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
        left = leftovers(stage);
    }
    let named = left.clone();
    let mut signal = Signal::TERM;
    let asked = Instant::now();
    while !left.is_empty() && asked.elapsed() < grace * 4 {
        for process in &left {
            if let Some(pid) = number(process.pid) {
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
        let until = Instant::now() + grace;
        while !left.is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
            left = leftovers(stage);
        }
        signal = Signal::KILL;
    }
    reap_orphans();
    named
}

/// What runs of a rehearsal whose script has ended. Without its environment a process is known by being ours, which
/// tells whose it is only while no other script runs.
fn leftovers(stage: &Stage) -> Vec<Running> {
    reap_orphans();
    if !has_children() {
        return Vec::new();
    }
    let mut left = processes::of(stage.root());
    if scripts(|scripts| scripts.is_empty()) {
        for child in processes::children() {
            if !left.contains(&child) {
                left.push(child);
            }
        }
    }
    left
}

/// Whether anything is left at all: where orphans become our children, the kernel knows without a search.
fn has_children() -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::All, look), Err(rustix::io::Errno::CHILD))
    }
    #[cfg(not(target_os = "linux"))]
    false
}
