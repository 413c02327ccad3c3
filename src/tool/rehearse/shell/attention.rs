//! The script's reaction to the status of each failed call. The firings of the hook, the script's text and later calls
//! show the reaction.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Attention, By, Parent,
    hook::Fired,
    script::{Around, Script, Stands},
};
use crate::tool::rehearse::{
    bypass,
    calls::{Call, ScriptLine},
};

/// Programs that pass on the exit status of the command that they run.
const TRANSPARENT: [&str; 15] = [
    "xargs", "timeout", "env", "nice", "nohup", "stdbuf", "setsid", "time", "sudo", "ionice",
    "flock", "chrt", "parallel", "unshare", "nsenter",
];

/// Programs at the end of a pipeline that test their input.
const READERS: [&str; 6] = ["grep", "egrep", "fgrep", "awk", "read", "rg"];

/// The names of shells.
const SHELLS: [&str; 8] = ["bash", "sh", "dash", "ash", "busybox", "ksh", "zsh", "mksh"];

/// The scripts of a run. Each script is read only once.
#[derive(Debug, Default)]
pub(crate) struct Scripts(BTreeMap<PathBuf, Option<Script>>);

impl Scripts {
    /// The script in the given file; `None` if the file holds no script.
    pub(crate) fn of(&mut self, file: &Path) -> Option<&Script> {
        let read = || bypass::text_of(file).map(|text| Script::read(&text));
        let script = self.0.entry(file.to_owned()).or_insert_with(read);
        script.as_ref()
    }
}

/// Sets the script's reaction for every failed call. Also sets the call's place if the hook knows a better one. `code`
/// is the script's exit code; `None` for a session, and if a signal ended the script.
pub(crate) fn tell(calls: &mut [Call], fired: &[Fired], code: Option<i32>, scripts: &mut Scripts) {
    let mut told: Vec<(Option<ScriptLine>, Option<Attention>)> = Vec::new();
    for call in calls.iter_mut() {
        call.in_trap = is_in_trap(call, scripts);
    }
    for (index, call) in calls.iter().enumerate() {
        if call.code == 0 {
            told.push((call.place.clone(), None));
            continue;
        }
        if call.http.is_some() {
            let judge = Judge {
                calls,
                call,
                place: None,
                firings: Vec::new(),
                code,
            };
            // For a program in another language, nobody can see if it caught the error. The reaction is known only if
            // the error ended the program and the run.
            told.push((call.place.clone(), Some(judge.at_the_end())));
            continue;
        }
        let firings = firings_of(calls, index, fired);
        let place = place(call, &firings, scripts);
        let attention = Judge {
            calls,
            call,
            place: place.as_ref(),
            firings,
            code,
        }
        .attention(scripts);
        told.push((place, Some(attention)));
    }
    for (call, (place, attention)) in calls.iter_mut().zip(told) {
        call.place = place;
        call.attention = attention;
    }
}

/// Returns true if the script's text shows that only a trap leads to the call.
fn is_in_trap(call: &Call, scripts: &mut Scripts) -> bool {
    let in_trap = |place: &ScriptLine| {
        let script = scripts.of(&place.file)?;
        let stands = script.at(place.line, &call.program, &call.words)?;
        Some(script.is_in_trap(stands))
    };
    call.place.as_ref().and_then(in_trap).unwrap_or_default()
}

/// The moment at which a call ended.
fn ended(call: &Call) -> jiff::Timestamp {
    let took = Duration::from_micros(call.took);
    call.began.checked_add(took).unwrap_or(call.began)
}

/// The shells around a call, the nearest first.
fn shells(call: &Call) -> impl Iterator<Item = u32> + '_ {
    let caller = call.caller.iter();
    caller.flat_map(|caller| {
        let parents = caller.parents.iter().filter(|parent| !parent.is_fork);
        std::iter::once(caller.shell).chain(parents.map(|parent| parent.pid))
    })
}

/// The trap's firings for a call. They come from the shells around the call. They happen after the call and before the
/// next call, and have the call's status.
fn firings_of<'f>(calls: &[Call], index: usize, fired: &'f [Fired]) -> Vec<&'f Fired> {
    let call = &calls[index];
    let Some(caller) = &call.caller else {
        return Vec::new();
    };
    let over = ended(call);
    let next = calls[index + 1..]
        .iter()
        .filter(|next| next.began >= over)
        .filter_map(|next| next.caller.as_ref())
        .filter(|next| next.shell == caller.shell)
        .map(|next| next.fired)
        .min();
    let alters = |parent: &Parent| parent.program == "xargs" || parent.program == "parallel";
    let alters = caller.parents.iter().any(alters);
    let is_its = |fired: &&Fired| {
        let same = fired.status == call.code || fired.pipeline.contains(&call.code);
        // Many commands fail with status 1. So for such a status, the line must match as well.
        let lines = call.place.iter().map(|place| place.line);
        let stands_there = lines
            .into_iter()
            .all(|line| fired.frames.iter().any(|(_, at)| at.abs_diff(line) <= 1));
        shells(call).any(|shell| shell == fired.shell)
            && (same && (call.code > 127 || stands_there) || alters && fired.status >= 123)
    };
    fired
        .iter()
        .filter(|fired| fired.at >= caller.fired && next.is_none_or(|next| fired.at < next))
        .filter(is_its)
        .collect()
}

/// The place of a call. The process of the call found it, unless the hook saw another place. If a wrapper runs `aws
/// "$@"`, the place is the line that calls the wrapper.
fn place(call: &Call, firings: &[&Fired], scripts: &mut Scripts) -> Option<ScriptLine> {
    let (Some(caller), Some(first)) = (&call.caller, firings.first()) else {
        return call.place.clone();
    };
    let frames = first.frames.iter().map(|(file, line)| ScriptLine {
        file: whole(file, first, caller.script.as_deref()),
        line: *line,
    });
    // Inside a substitution, bash's line numbers may be wrong.
    let is_sure = first.subshell == 0 || call.place.is_none();
    let mut called = None;
    for place in frames {
        let Some(script) = scripts.of(&place.file) else {
            continue;
        };
        let at = |line| script.at(line, &call.program, &call.words);
        let above = place.line.saturating_sub(1).max(1);
        let Some(stands) = at(place.line).or_else(|| at(above).filter(|_| first.subshell > 0))
        else {
            continue;
        };
        if stands.passes_on() {
            continue;
        }
        let exact = ScriptLine {
            line: stands.line_of_word(script, &call.program),
            file: place.file,
        };
        if is_sure && stands.names(&call.program, &call.words) {
            return Some(exact);
        }
        called.get_or_insert(exact);
    }
    call.place.clone().or(called)
}

/// The path of a file that bash names. The name is relative to the folder in which the script was started, or to a
/// folder to which the shell went later.
fn whole(file: &Path, fired: &Fired, script: Option<&Path>) -> PathBuf {
    if let Some(script) = script
        && script.ends_with(clean(file))
    {
        return super::super::run::whole(script);
    }
    let main = fired.frames.last().map(|(main, _)| clean(main));
    let start = script.zip(main).and_then(|(script, main)| {
        let up = main.components().count();
        script.ancestors().nth(up)
    });
    let from = [Some(&*fired.cwd), start].into_iter().flatten();
    let mut seen = from.map(|folder| folder.join(clean(file)));
    let found = seen.find(|path| path.is_file());
    super::super::run::whole(&found.unwrap_or_else(|| file.to_owned()))
}

/// The path without `./` in front.
fn clean(file: &Path) -> &Path {
    file.strip_prefix("./").unwrap_or(file)
}

/// The effect that the script's text has on a command's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Looked(By),
    Dropped(By),
    /// The status is lost silently: `local x=$(…)`.
    Lost,
    /// The status becomes the status of the script or of the function.
    Open,
}

/// Follows a command's status through the constructs around it, from the inside out.
fn flow(script: &Script, stands: &Stands) -> Flow {
    let pipefail = script.sets("pipefail", stands.start);
    let mut reads = false;
    let mut variable = None;
    for around in stands.around.iter().rev() {
        let flow = match around {
            Around::Condition => Flow::Looked(By::Condition),
            Around::Not => Flow::Looked(By::Not),
            Around::And => Flow::Looked(By::And),
            Around::Or(true) if !reads => Flow::Dropped(By::Or),
            Around::Or(_) => Flow::Looked(By::Or),
            Around::StatusIsRead => Flow::Looked(By::Status),
            Around::Tested => Flow::Looked(By::Answer),
            Around::Background => Flow::Dropped(By::Background),
            Around::Declared(_) | Around::Argument(_) => Flow::Lost,
            Around::Pipe(last) if !pipefail => {
                if READERS.contains(&last.as_str()) {
                    reads = true;
                    continue;
                }
                Flow::Dropped(By::Pipe)
            }
            Around::Assigned(name) => {
                variable = Some(name);
                continue;
            }
            Around::Pipe(_) | Around::Branch | Around::Trap => continue,
        };
        return match flow {
            Flow::Looked(_) if reads => Flow::Looked(By::Answer),
            flow => flow,
        };
    }
    let is_tested = |name: &String| script.tests(name, stands.start);
    match variable {
        Some(name) if is_tested(name) => Flow::Looked(By::Answer),
        _ if reads => Flow::Dropped(By::Pipe),
        _ => Flow::Open,
    }
}

/// A failed call, and everything that is known about this call.
struct Judge<'a> {
    calls: &'a [Call],
    call: &'a Call,
    place: Option<&'a ScriptLine>,
    firings: Vec<&'a Fired>,
    code: Option<i32>,
}

impl Judge<'_> {
    /// The effect that the text has on the call's status. The text inside the wrapper decides first, then the line that
    /// calls the wrapper.
    fn flow(&self, script: &Script, stands: &Stands) -> Flow {
        let wrapper = |it: &&Stands| {
            it.function.as_deref() == stands.name()
                && it.passes_on()
                && it.names(&self.call.program, &self.call.words)
        };
        let inside = stands
            .name()
            .and_then(|_| script.commands.iter().find(wrapper));
        match inside.map(|inside| flow(script, inside)) {
            Some(Flow::Open) | None => flow(script, stands),
            Some(decided) => decided,
        }
    }

    fn attention(&self, scripts: &mut Scripts) -> Attention {
        let text = self.place.and_then(|place| {
            let script = scripts.of(&place.file)?;
            let stands = script.at(place.line, &self.call.program, &self.call.words)?;
            Some((script, stands))
        });
        let flow = text.map(|(script, stands)| self.flow(script, stands));
        if text.is_some_and(|(script, stands)| script.is_in_trap(stands)) || self.fired_in_trap() {
            return match flow {
                Some(Flow::Dropped(by)) => Attention::LookedAtAndDropped(by),
                Some(Flow::Looked(by)) => Attention::LookedAt(by),
                _ => Attention::InCleanUpTrap,
            };
        }
        match self.firings.last() {
            Some(last) => self.unlooked(last, flow),
            None if self.is_hooked() => match flow {
                _ if self.replaced_its_shell() => self.at_the_end(),
                Some(Flow::Looked(by)) => Attention::LookedAt(by),
                Some(Flow::Dropped(by)) => Attention::LookedAtAndDropped(by),
                Some(Flow::Lost) => Attention::NobodyLooked,
                Some(Flow::Open) => Attention::LookedAt(By::Caller),
                None => Attention::CannotTell,
            },
            None => match flow {
                _ if !self.is_of_a_shell() => self.at_the_end(),
                Some(Flow::Looked(by)) => Attention::LookedAt(by),
                Some(Flow::Dropped(by)) => Attention::LookedAtAndDropped(by),
                Some(Flow::Lost) => Attention::NobodyLooked,
                Some(Flow::Open) | None => self.of_a_plain_command(text),
            },
        }
    }

    /// The reaction to a call for which the trap fired.
    fn unlooked(&self, last: &Fired, flow: Option<Flow>) -> Attention {
        // The trap fired. But if the script read the status or the answer, it still looked at the failure.
        if let Some(Flow::Looked(by @ (By::Status | By::Answer))) = flow
            && !last.ends
        {
            return Attention::LookedAt(by);
        }
        if self.ended_with_it() {
            return Attention::EndedTheScript;
        }
        let is_inside = last.subshell > 0 || self.outer_shells() > 0;
        match (last.ends, flow) {
            (true, _) if !is_inside => Attention::EndedTheScript,
            // The subshell ended. The construct around the subshell got its status, and the trap did not fire there.
            (true, Some(Flow::Dropped(by))) => Attention::LookedAtAndDropped(by),
            (true, Some(Flow::Looked(by))) => Attention::LookedAt(by),
            (true, Some(Flow::Lost)) => Attention::NobodyLooked,
            (true, _) => Attention::CannotTell,
            (false, _) => Attention::NobodyLooked,
        }
    }

    /// The reaction to a command in a shell without the hook. The text shows no construct around the command.
    fn of_a_plain_command(&self, text: Option<(&Script, &Stands)>) -> Attention {
        if self.ended_with_it() {
            return Attention::EndedTheScript;
        }
        let Some((script, stands)) = text else {
            return Attention::CannotTell;
        };
        let is_plain = stands.function.is_none();
        let ends = script.sets_errexit(stands.start);
        match is_plain && !ends && self.went_on() {
            true => Attention::NobodyLooked,
            false => Attention::CannotTell,
        }
    }

    fn at_the_end(&self) -> Attention {
        match self.ended_with_it() {
            true => Attention::EndedTheScript,
            false => Attention::CannotTell,
        }
    }

    /// Returns true if the script failed and made no other call after this call.
    fn ended_with_it(&self) -> bool {
        self.code.is_some_and(|code| code != 0) && self.later().next().is_none()
    }

    /// Returns true if the same file made a later call, or if the script succeeded.
    fn went_on(&self) -> bool {
        let is_here = |call: &Call| {
            let file = |place: &ScriptLine| self.place.is_some_and(|it| it.file == place.file);
            call.place.as_ref().is_some_and(file)
        };
        self.code == Some(0) || self.later().any(is_here)
    }

    fn later(&self) -> impl Iterator<Item = &Call> {
        let over = ended(self.call);
        let calls = self.calls.iter();
        calls.filter(move |call| call.began >= over && !std::ptr::eq(*call, self.call))
    }

    /// Returns true if the shell that made the call would have fired the trap.
    fn is_hooked(&self) -> bool {
        let Some(caller) = &self.call.caller else {
            return false;
        };
        if self.replaced_its_shell() {
            return caller.armed;
        }
        let mut between = caller.parents.iter();
        let found = between.by_ref().find(|parent| {
            parent.pid == caller.shell
                || !parent.is_fork && !TRANSPARENT.contains(&parent.program.as_str())
        });
        caller.armed
            && found.is_some_and(|parent| parent.pid == caller.shell && parent.program == "bash")
    }

    /// Returns true if the call's process replaced its shell, as with `exec aws …` or the last command of `bash -c`.
    fn replaced_its_shell(&self) -> bool {
        let caller = self.call.caller.as_ref();
        caller.is_some_and(|caller| caller.shell == self.call.pid)
    }

    /// Returns true if a shell script made the call. Then the script's text can be read.
    fn is_of_a_shell(&self) -> bool {
        let mut parents = self.call.caller.iter().flat_map(|it| &it.parents);
        let first = parents.find(|parent| !TRANSPARENT.contains(&parent.program.as_str()));
        match first {
            Some(parent) => SHELLS.contains(&parent.program.as_str()),
            None => self.place.is_some(),
        }
    }

    /// The number of shells around the shell in which the trap last fired.
    fn outer_shells(&self) -> usize {
        let Some(last) = self.firings.last() else {
            return 0;
        };
        let parents = self.call.caller.iter().flat_map(|it| &it.parents);
        parents
            .skip_while(|parent| parent.pid != last.shell)
            .skip(1)
            .filter(|parent| !parent.is_fork && SHELLS.contains(&parent.program.as_str()))
            .count()
    }

    /// Returns true if the trap fired in the text of another trap. In the text of a trap, lines are counted from 1. In
    /// a script, line 1 is the `#!` and not a command.
    fn fired_in_trap(&self) -> bool {
        let script = self.call.caller.as_ref().and_then(|it| it.script.as_ref());
        let outermost = self.firings.first().map(|fired| &*fired.frames);
        match outermost {
            Some([_, .., (_, 1)]) => script.is_some_and(|script| {
                let text = bypass::text_of(script);
                text.is_some_and(|text| text.starts_with("#!"))
            }),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, process::Command};

    use super::{super::hook, *};

    /// Constructs, each on one line, that may be around a command.
    const AROUND: [&str; 18] = [
        "if @; then :; fi",
        "if :; then @; fi",
        "if false; then :; else @; fi",
        "while @; do break; done",
        "until @; do break; done",
        "@ || true",
        "@ || { :; }",
        ": && @",
        "false || @",
        " ( @ )",
        "{ @; }",
        "for i in 1; do @; done",
        "case x in (y) ;; x | z) @ ;; esac",
        "x=$(@)",
        "x=\"$(@)\"",
        ": | { @; }",
        "{ :; @; } 2>/dev/null",
        "while :; do @; break; done",
    ];

    /// Commands that are nested to the given depth. They are the same in each run of the test.
    fn nested(count: usize, depth: usize) -> Vec<String> {
        let mut seed: usize = 20;
        let mut pick = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            AROUND[(seed >> 33) % AROUND.len()]
        };
        let mut nest = || (0..depth).fold("@".to_owned(), |inside, _| pick().replace('@', &inside));
        (0..count).map(|_| nest()).collect()
    }

    #[test]
    fn the_text_and_the_trap_agree() {
        let mut lines: Vec<String> = AROUND.map(str::to_owned).into();
        lines.extend(["! @", "@ && :", "@"].map(str::to_owned));
        lines.extend(nested(150, 2));
        lines.extend(nested(150, 3));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("script.sh");
        // The command is an external program, like `aws`. A builtin would run in a subshell, where the trap fires
        // separately. In a substitution, bash counts lines wrongly, so the test identifies each command by its folder.
        let fails = "/bin/sh -c 'exit 3'";
        let numbered = (1..).zip(&lines);
        let text: String = numbered
            .map(|(number, line)| format!("PWD=/{number}; {}\n", line.replace('@', fails)))
            .collect();
        std::fs::write(&file, &text).expect("a script");
        let log = folder.path().join("fired");
        let bash_env = folder.path().join("bashenv");
        std::fs::write(&bash_env, hook::text(":", &log, true)).expect("a file");
        let status = Command::new("bash")
            .arg(&file)
            .env("BASH_ENV", &bash_env)
            .status();
        assert!(status.is_ok(), "bash is installed");
        let fired = hook::read(&log).expect("records");
        let fired = fired.iter().filter(|it| it.status == 3);
        let fired: BTreeSet<PathBuf> = fired.map(|it| it.cwd.clone()).collect();
        let script = Script::read(&text);
        let mut differ = Vec::new();
        for (line, shown) in (1..).zip(&lines) {
            let mut commands = script.commands.iter().rev();
            let stands = commands
                .find(|it| script.line_of(it.start) == line && it.name() == Some("/bin/sh"));
            let flow = stands.map(|stands| flow(&script, stands));
            if (flow == Some(Flow::Open)) != fired.contains(&PathBuf::from(format!("/{line}"))) {
                differ.push(format!("{shown}: {flow:?}"));
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    }
}
