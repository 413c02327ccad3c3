//! The bash hook: an ERR trap, and the records that it writes. The trap fires exactly when nothing looked at a failed
//! status.
//!
//! bash runs an ERR trap for a failed command if no `if`, `||`, `&&`, `!` or `while` looks at its status. Inside a
//! function, a construct around the function's call counts as well. Each firing appends a record to the file `fired`
//! beside the call log. A call stores the length of that file at the call's end, so calls and firings can be put in one
//! order. bash reads `hook.sh`.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::Caller;
#[cfg(target_os = "linux")]
use super::Parent;
use crate::{face::world::Process, tool::typed::Shell};

/// The record, with NULs between its words. At this point `$?`, `$_` and PIPESTATUS still belong to the failed command.
/// `$_` comes last so that it keeps its value.
const PLAIN: &str = r#"{ builtin printf '%s\0' fired "$$" "${BASHPID-}" "$-" "${BASH_SUBSHELL-}" "$PWD" "$?" "${LINENO-}" "${PIPESTATUS[@]}" @ ${BASH_SOURCE[@]+"${BASH_SOURCE[@]}"} @ ${BASH_LINENO[@]+"${BASH_LINENO[@]}"} @ "$_" >>@FILE@ || :; } 2>/dev/null"#;

/// Writes the record with a function. The function returns a failure, so that the script's own trap runs.
const CHAINED: &str =
    r#"{ _lambdry_fired "$?" "${LINENO-}" "${PIPESTATUS[@]}" "$_"; } 2>/dev/null"#;

/// The text of the file that BASH_ENV names. `path` is the statement that puts the stage's folder first on PATH. If
/// `traps` is false, no trap is set, because the user's own file sets traps.
pub(crate) fn text(path: &str, log: &Path, traps: bool) -> String {
    let quoted = |text: &str| Shell::Sh.quoted(text);
    let log = quoted(&log.to_string_lossy());
    let text: String = include_str!("hook.sh")
        .split_inclusive('\n')
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    text.replace("@PATH_TRAP@", &quoted(path))
        .replace("@PATH@", path)
        .replace("@BARE@", if traps { "" } else { "bare" })
        .replace("@PLAIN@", &quoted(&PLAIN.replace("@FILE@", &log)))
        .replace("@CHAINED@", &quoted(CHAINED))
        .replace("@FILE@", &log)
}

/// The file that holds the records. It is beside the call log.
pub(crate) fn log(calls: &Path) -> PathBuf {
    calls.with_file_name("fired")
}

/// A firing of the trap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fired {
    /// The record's offset in the file.
    pub(crate) at: u64,
    /// The process id of the bash, which is its `$$`.
    pub(crate) shell: u32,
    /// True if the shell or the subshell ends because of this failure: `set -e`.
    pub(crate) ends: bool,
    /// The number of subshells around the command.
    pub(crate) subshell: u32,
    /// The shell's working folder.
    pub(crate) cwd: PathBuf,
    /// The status of the failed command.
    pub(crate) status: u8,
    /// The status of each command in the pipeline.
    pub(crate) pipeline: Vec<u8>,
    /// The line of the command, then the lines of the function calls around the command, from the inside out. Each line
    /// comes with its file, as bash names the file.
    pub(crate) frames: Vec<(PathBuf, usize)>,
}

/// Reads the records; empty if there is no file. An incomplete record is left out.
///
/// # Errors
/// The file exists and cannot be read.
pub(crate) fn read(file: &Path) -> io::Result<Vec<Fired>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8]) -> Vec<Fired> {
    let mut fields = Vec::new();
    let mut at = 0;
    for field in bytes.split_inclusive(|byte| *byte == 0) {
        let text = field.strip_suffix(b"\0").unwrap_or(field);
        fields.push((at, String::from_utf8_lossy(text).into_owned()));
        at += field.len() as u64;
    }
    let mut fired = Vec::new();
    let mut rest = fields.as_slice();
    while let Some(((at, first), more)) = rest.split_first() {
        rest = more;
        if first != "fired" {
            continue;
        }
        let mut words = more.iter().map(|(_, text)| text.as_str());
        if let Some(record) = record(*at, &mut words) {
            rest = &more[more.len() - words.len()..];
            fired.push(record);
        }
    }
    fired
}

/// Reads a record from the words that follow `fired`.
fn record<'w>(at: u64, words: &mut impl Iterator<Item = &'w str>) -> Option<Fired> {
    let shell = words.next()?.parse().ok()?;
    let _process = words.next()?;
    let flags = words.next()?;
    let subshell = words.next()?.parse().ok()?;
    let cwd = words.next()?.into();
    let status = words.next()?.parse().ok()?;
    let line = words.next()?.parse().ok()?;
    let up_to_at = |words: &mut dyn Iterator<Item = &'w str>| -> Vec<&'w str> {
        words.take_while(|word| *word != "@").collect()
    };
    let pipeline = up_to_at(words);
    let files = up_to_at(words);
    let callers = up_to_at(words);
    let _last = words.next()?;
    let number = |text: &&str| text.parse().ok();
    let lines = std::iter::once(line).chain(callers.iter().filter_map(number));
    Some(Fired {
        at,
        shell,
        ends: flags.contains('e'),
        subshell,
        cwd,
        status,
        pipeline: pipeline.iter().filter_map(|it| it.parse().ok()).collect(),
        frames: files
            .iter()
            .map(PathBuf::from)
            .zip(lines)
            .filter(|(_, line)| *line > 0)
            .collect(),
    })
}

/// The facts that the hook puts into a process's environment: the shell, a flag for the trap, and the script. The flag
/// is true if the shell has the trap.
fn mark(process: &Process) -> Option<(u32, bool, Option<PathBuf>)> {
    let mark = process.path("LAMBDRY_SHELL")?.to_str()?;
    let mut parts = mark.splitn(3, ':');
    let shell = parts.next()?.parse().ok()?;
    let armed = matches!(parts.next()?, "plain" | "chained");
    let script = parts.next().filter(|script| !script.is_empty());
    Some((shell, armed, script.map(PathBuf::from)))
}

/// The script of the nearest bash around a process.
pub(crate) fn script(process: &Process) -> Option<PathBuf> {
    mark(process)?.2
}

impl Caller {
    /// The shell that made the call of this process. `code` is the exit code of the call.
    pub(crate) fn of(process: &Process, calls: &Path, code: u8) -> Option<Self> {
        let (shell, armed, script) = mark(process)?;
        Some(Self {
            shell,
            armed,
            script,
            fired: std::fs::metadata(log(calls)).map_or(0, |file| file.len()),
            parents: match (code, calls.parent()) {
                (0, _) | (_, None) => Vec::new(),
                (_, Some(stage)) => parents(stage),
            },
        })
    }
}

/// The largest number of processes around a call that are recorded.
#[cfg(target_os = "linux")]
const MOST: usize = 12;

/// The processes of the rehearsal around this one.
#[cfg(target_os = "linux")]
fn parents(stage: &Path) -> Vec<Parent> {
    let of = |pid: u32| {
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, program, words))
    };
    let Some(first) = rustix::process::getppid() else {
        return Vec::new();
    };
    let first = first.as_raw_nonzero().get().unsigned_abs();
    let pids = std::iter::successors(Some(first), |pid| super::super::processes::parent_of(*pid));
    let seen: Vec<_> = pids
        .take_while(|pid| *pid > 1 && super::super::processes::names(*pid, stage))
        .take(MOST)
        .map_while(of)
        .collect();
    let around = seen.iter().skip(1).map(Some).chain([None]);
    seen.iter()
        .zip(around)
        .map(|((pid, program, words), around)| Parent {
            pid: *pid,
            program: program
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            is_fork: around.is_some_and(|(_, of, line)| of == program && line == words),
        })
        .collect()
}

/// Returns nothing, because this system does not show processes.
#[cfg(not(target_os = "linux"))]
fn parents(_: &Path) -> Vec<super::Parent> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_torn_ones_left_out() {
        let whole = "fired\x0012\x0013\0ehB\x001\0/w\x001\x007\x00254\x001\0@\0lib.sh\0deploy.sh\0@\x0030\x000\0@\0fired\0";
        let text = format!("torn\0{whole}fired\x0012\0");
        let fired = parse(text.as_bytes());
        let [one] = fired.as_slice() else {
            panic!("{fired:?}");
        };
        assert_eq!(one.at, 5);
        assert_eq!((one.shell, one.ends, one.subshell), (12, true, 1));
        assert_eq!((one.status, &*one.pipeline), (1, &[254, 1][..]));
        let frames = [("lib.sh".into(), 7), ("deploy.sh".into(), 30)];
        assert_eq!(one.frames, frames);
    }
}
