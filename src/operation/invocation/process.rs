//! Runs a command that answers an event. The command reads the event from stdin. Its stdout is the answer, and its
//! stderr is the log.
//!
//! The command runs in a process group of its own. The group is killed after the timeout. Threads read a limited part
//! of the command's output: the beginning of stdout and the end of stderr.

use std::{
    io::{self, Read, Write as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// Maximum time to wait for more output after the command has ended. A process that the command started can still keep
/// the output open.
const LEFTOVERS: Duration = Duration::from_millis(500);

/// The result of a command that ended or was killed.
#[derive(Debug)]
pub struct Ended {
    /// The exit status; `None` if the command was killed after the timeout.
    pub status: Option<ExitStatus>,
    /// The first bytes of stdout. There is at most one byte more than the limit.
    pub stdout: Vec<u8>,
    /// The last bytes of stderr.
    pub stderr: Vec<u8>,
}

/// The part of a stream that is kept.
#[derive(Debug, Clone, Copy)]
enum Keep {
    First(usize),
    Last(usize),
}

/// Runs a command.
///
/// # Errors
/// The command cannot be started or waited for.
pub fn run(
    mut command: Command,
    event: Vec<u8>,
    timeout: Duration,
    limit: usize,
    log: usize,
) -> io::Result<Ended> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command may ignore its event, so an error of this write does not matter.
        thread::spawn(move || drop(stdin.write_all(&event)));
    }
    let stdout = child
        .stdout
        .take()
        .map(|from| collect(from, Keep::First(limit.saturating_add(1))));
    let stderr = child
        .stderr
        .take()
        .map(|from| collect(from, Keep::Last(log)));
    let status = wait(&mut child, timeout)?;
    let read = |stream: Option<Stream>| stream.map(Stream::read).unwrap_or_default();
    Ok(Ended {
        status,
        stdout: read(stdout),
        stderr: read(stderr),
    })
}

/// Waits until the command ends, and kills it after the timeout.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = timeout.saturating_sub(began.elapsed());
        if left.is_zero() {
            kill(child);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Kills the process and, on systems with process groups, all processes that it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // Nobody has waited for the child yet, so its process id cannot belong to another process, even if the child
        // has already ended.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

/// A stream that a thread reads.
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

fn collect(mut from: impl Read + Send + 'static, keep: Keep) -> Stream {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let (end, ended) = mpsc::channel();
    let kept = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut chunk = [0; 1 << 16];
        loop {
            let read = match from.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(read) => read,
            };
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            match keep {
                Keep::First(limit) => {
                    let room = limit.saturating_sub(kept.len()).min(read);
                    kept.extend_from_slice(&chunk[..room]);
                }
                Keep::Last(limit) => {
                    kept.extend_from_slice(&chunk[..read]);
                    let over = kept.len().saturating_sub(limit);
                    kept.drain(..over);
                }
            }
        }
        // It does not matter if nobody receives this any more.
        let _ = end.send(());
    });
    Stream { bytes, ended }
}

impl Stream {
    fn read(self) -> Vec<u8> {
        // It does not matter if this wait times out. Then only the bytes that were read until now are returned.
        let _ = self.ended.recv_timeout(LEFTOVERS);
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, event: &[u8], timeout: Duration) -> Ended {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, event.to_vec(), timeout, 1000, 10).expect("a shell")
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn the_event_goes_in_and_both_streams_come_out() {
        let ended = sh(
            "cat; echo 0123456789abcdef >&2; exit 3",
            b"\xff\0event",
            LONG,
        );
        assert_eq!(ended.stdout, b"\xff\0event");
        assert_eq!(ended.stderr, b"789abcdef\n");
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
    }

    #[test]
    fn a_command_need_not_read_its_event_and_may_say_too_much() {
        let ended = sh("head -c 100000 /dev/zero", &[b'x'; 1 << 20], LONG);
        assert_eq!(ended.stdout.len(), 1001);
        assert!(ended.status.is_some_and(|status| status.success()));
    }

    #[test]
    fn when_the_time_is_up_the_whole_group_is_killed() {
        let began = Instant::now();
        let ended = sh(
            "echo early; sleep 60 & sleep 60; echo late",
            b"",
            Duration::from_millis(300),
        );
        assert!(ended.status.is_none());
        assert_eq!(ended.stdout, b"early\n");
        // If the background process were still alive, it would keep stdout open.
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{:?}",
            began.elapsed()
        );
    }

    #[test]
    fn what_a_command_leaves_behind_is_not_waited_for() {
        let began = Instant::now();
        let ended = sh("sleep 5 & echo done", b"", LONG);
        assert_eq!(ended.stdout, b"done\n");
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "{:?}",
            began.elapsed()
        );
    }
}
