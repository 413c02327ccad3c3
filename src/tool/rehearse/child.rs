//! The script as a process. The script uses lambdry's streams and gets lambdry's signals, and lambdry waits for its
//! end. Afterwards, lambdry ends the processes that the script left running.

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

/// The time limits for processes that a script left running: first the time to end by themselves, then the time to end
/// after SIGTERM.
const BRIEFLY: [Duration; 2] = [Duration::from_secs(2), Duration::from_millis(500)];

/// The process ids of the scripts in this process's rehearsals. A sweep runs several scripts at the same time.
static SCRIPTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A lock for children that are not scripts. Code in this process that starts such a child and waits for it holds the
/// lock for reading.
static OWN_CHILDREN: RwLock<()> = RwLock::new(());

/// Takes the lock that keeps [`reap_orphans`] from collecting children. The caller holds it while it waits for its own
/// children.
pub(crate) fn own_children() -> RwLockReadGuard<'static, ()> {
    OWN_CHILDREN.read().unwrap_or_else(PoisonError::into_inner)
}

/// The way in which a script ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The exit code; 128 plus the signal's number if a signal ended it.
    pub(crate) code: u8,
    /// The signal that ended the script.
    pub(crate) signal: Option<i32>,
    /// True if lambdry ended the script because the script reached a limit.
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

/// The limits at which a script is ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits<'a> {
    /// The longest time that the script may take.
    pub(crate) timeout: Option<Duration>,
    /// The largest number of calls that the script may make, and the log that counts them.
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

    /// The time to wait before the limits are checked again.
    fn pause(&self, began: Instant) -> Duration {
        let left = self
            .timeout
            .map(|timeout| timeout.saturating_sub(began.elapsed()));
        let look = match self.calls {
            Some(_) => Duration::from_millis(200),
            // Signals of one kind are merged, so a SIGCHLD can be missed. A regular check finds such a child.
            None => Duration::from_secs(1),
        };
        left.unwrap_or(look).min(look)
    }
}

/// Runs a command to its end. Signals that reach this process are passed on to the command and do not end this process.
///
/// # Errors
/// When the command cannot be started.
pub(crate) fn run(command: &mut Command, limits: Limits<'_>) -> io::Result<Ended> {
    adopt_orphans();
    let (tell, told) = mpsc::channel();
    // If this process was started with ignored signals, as under `nohup`, the script must ignore the same signals.
    let ignored = ignored();
    let heard = [SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2];
    let heard = heard.into_iter().filter(|signal| !ignored.contains(signal));
    let mut signals = Signals::new(heard)?;
    let handle = signals.handle();
    // The script is registered before anybody can collect it. A script that ends at once must not be taken for an
    // orphan of another run.
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
            // First, the signal asks the script to end. Later, another signal kills it.
            pass_on(child, if timed_out { SIGKILL } else { SIGTERM });
            thread::sleep(BRIEFLY[1]);
            timed_out = true;
            continue;
        }
        match told.recv_timeout(limits.pause(began)) {
            Ok(SIGCHLD) => {}
            // The terminal has already sent the signal to the script.
            Ok(SIGINT | SIGQUIT) if is_in_foreground() => {}
            Ok(signal) => pass_on(child, signal),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Ended::of(child.wait()?, timed_out));
            }
        }
    }
}

/// Sends a signal to the script. Nobody has waited for the script's end yet, so its process id is still valid.
fn pass_on(child: &Child, signal: i32) {
    if let (Some(pid), Some(signal)) = (number(child.id()), Signal::from_named_raw(signal)) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Returns true if the keys of the terminal send signals to both this process and the script.
fn is_in_foreground() -> bool {
    std::fs::File::open("/dev/tty")
        .ok()
        .and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok())
        .is_some_and(|group| group == rustix::process::getpgrp())
}

/// The signals that this process ignored from its start.
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

/// Makes this process the parent of orphans, so that it can find the processes that a script leaves behind, and wait
/// for their end.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Collects orphans that have ended. No other process collects them.
fn reap_orphans() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{WaitId, WaitIdOptions, WaitOptions, waitid, waitpid};
        // If another thread waits for a child, the child is not an orphan. The orphans are then collected the next
        // time.
        let Ok(_none) = OWN_CHILDREN.try_write() else {
            return;
        };
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // The kernel says that some child has ended, but does not say which child.
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

/// Waits briefly for the processes that a script left running, then ends them. Returns the processes that it had to
/// end.
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

/// The processes of a rehearsal that still run after its script has ended. A process without the rehearsal's
/// environment also counts if it is a child of this process and no other script runs.
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

/// Returns true if this process still has a child. On systems where orphans become children of this process, the kernel
/// answers this without a search.
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
