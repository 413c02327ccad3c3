//! Guards: stand-ins for the programs that reach outwards while a script is rehearsed.
//!
//! Each guard is a link to lambdry in the stage's `bin`, which is first on PATH. A command that would change something
//! elsewhere is refused with a message that names the command, unless `--allow` or a stub says otherwise. Commands on
//! ECR images get an answer from lambdry, `sleep` moves the fork's clock, and commands that `--once` names are
//! replayed. Every other command becomes the real program, which may reach the network.

mod env;
mod images;
mod line;
mod once;
mod real;
mod sleep;
mod table;

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;

pub(crate) use table::outward;

use self::once::Replays;
use super::{
    calls::{self, Answered, Call, ScriptLine},
    network::{Network, variables},
    place, secrets,
    shell::Caller,
    stage::Rehearsal,
};
use crate::state::plain::plain;
use crate::{
    face::{Own, exit::Stop, is_service, world::Process},
    output::shown,
    store::stubs::{self, Stubs},
    tool::backend::{Opened, stop},
};

/// The names of the links in a rehearsal, besides the links of the AWS CLI. They are guarded programs that are
/// installed, `sleep`, and programs that stubs and `--once` name. A program that is not installed gets no link, because
/// scripts test if the program exists. `path` is the script's PATH without the stage.
pub(crate) fn names(path: &OsStr, once: &[String], stubs: &Stubs) -> Vec<String> {
    let installed = |name: &str| real::find(name, path, None).is_some();
    let guarded = table::GUARDS.iter().flat_map(|guard| guard.names);
    let mut names: Vec<String> = guarded
        .filter(|name| installed(name))
        .map(|name| (*name).to_owned())
        .collect();
    // With these links, scripts that use images can run to their end without an engine.
    if !names
        .iter()
        .any(|name| images::PROGRAMS.contains(&name.as_str()))
    {
        names.push("docker".to_owned());
    }
    names.extend(["env", "sleep"].map(str::to_owned));
    let containers = images::CONTAINERS.iter().filter(|name| installed(name));
    names.extend(containers.map(|name| (*name).to_owned()));
    let stubbed = stubs
        .names()
        .filter(|name| !is_service(name) && *name != "configure")
        .map(str::to_owned);
    let once = once.iter().filter_map(|pattern| stubs::words(pattern).ok());
    let once = once.filter_map(|words| words.into_iter().next());
    let added = stubbed.chain(once);
    names.extend(added.filter(|name| !name.contains(['/', '*']) && !OURS.contains(&name.as_str())));
    names.sort();
    names.dedup();
    names
}

/// The names under which lambdry is not a guard.
const OURS: [&str; 3] = ["lambdry", "aws", "awslocal"];

/// Answers as the program under whose name lambdry was called in a rehearsal; `None` if the program is not guarded.
pub(crate) fn run(called: &str, stage: &Path, process: &Process) -> Option<u8> {
    if OURS.contains(&called) {
        return None;
    }
    let Some(rehearsal) = Rehearsal::read(stage) else {
        // A process that a script left running must not reach the network after the rehearsal has ended.
        return table::of(called).map(|_| {
            told(&format!("{called} was not run: its rehearsal has ended"));
            255
        });
    };
    // A renamed copy of lambdry is not a guard.
    let stands_for_it = table::of(called).is_some() || matches!(called, "env" | "sleep");
    if !stands_for_it && !stage.join("bin").join(called).exists() {
        return None;
    }
    let words = process
        .args
        .iter()
        .map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    if called == "env" {
        return Some(run_env(&words, stage, process, &rehearsal));
    }
    let front = Front {
        name: called,
        words,
        process,
        stage,
        rehearsal: &rehearsal,
        place: place::of(&Process {
            program: called.to_owned(),
            ..process.clone()
        }),
        began: Timestamp::now(),
        timer: Instant::now(),
    };
    Some(front.answer().unwrap_or_else(|stop| {
        if let Some(stopped) = calls::stopped(&stop) {
            told(&stopped.message);
        }
        255
    }))
}

/// The first program of the given name on a PATH, except links of a stage and lambdry itself.
pub(super) fn real(name: &str, path: &OsStr, stage: Option<&Path>) -> Option<PathBuf> {
    real::find(name, path, stage)
}

/// Replaces this process by the real `env`, which may run any command. This `env` is not recorded as a call.
fn run_env(words: &[String], stage: &Path, process: &Process, rehearsal: &Rehearsal) -> u8 {
    let path = process.path("PATH").map_or(OsStr::new(""), Path::as_os_str);
    let program = real::find("env", path, Some(stage))
        .or_else(|| real::find("env", OsStr::new(&rehearsal.path), Some(stage)));
    let kept = env::kept(words, rehearsal);
    let args = kept.as_ref().unwrap_or(&process.args);
    let (code, message) = real::become_it(program, OsStr::new("env"), args, &process.env);
    let _ = writeln!(io::stderr(), "{}", shown::sentence(&message));
    code
}

/// Writes a message to the script's stderr.
fn told(text: &str) {
    // If stderr is gone, there is nobody to inform.
    let _ = writeln!(io::stderr(), "lambdry rehearse: {}", shown::sentence(text));
}

/// One command of a script.
struct Front<'a> {
    name: &'a str,
    words: Vec<String>,
    process: &'a Process,
    stage: &'a Path,
    rehearsal: &'a Rehearsal,
    place: Option<ScriptLine>,
    began: Timestamp,
    timer: Instant,
}

impl Front<'_> {
    fn answer(&self) -> Result<u8, Stop> {
        let state = self.rehearsal.state.clone();
        let opened = Opened::at(self.process, &Own::default(), state)?;
        let store = &opened.store;
        let outward = outward(self.name, &self.words);
        let stubs = store.stubs(&self.rehearsal.stubs).map_err(stop)?;
        for line in self.readings(outward.as_deref()) {
            if let Some(stub) = stubs.find(&line).map_err(stop)? {
                self.say(&stub.stdout, stub.stderr.as_bytes());
                return Ok(self.ended(Answered::Stub, stub.code));
            }
        }
        if self.name == "sleep" {
            return self.sleep(&opened);
        }
        if self.is_one_of(&self.rehearsal.allow, "--allow", outward.as_deref())? {
            return Ok(self.become_it(Answered::Allowed, &self.process.args));
        }
        if images::PROGRAMS.contains(&self.name)
            && let Some(guard) = table::of(self.name)
        {
            let line = guard.line(&self.words);
            let program = self.real();
            match images::answer(store, program.as_deref(), &line, &self.words).map_err(stop)? {
                images::Answer::Said(said) => {
                    self.say(said.stdout.as_bytes(), said.stderr.as_bytes());
                    return Ok(self.ended(Answered::Simulated, said.code));
                }
                images::Answer::Real(words) if words.is_empty() => {
                    return Ok(self.become_it(Answered::Ran, &self.process.args));
                }
                images::Answer::Real(words) => {
                    return Ok(self.become_it(Answered::Simulated, &words));
                }
                images::Answer::Elsewhere => {}
            }
        }
        if let Some(outward) = outward {
            return Ok(self.refuse(&outward));
        }
        if self.is_one_of(&self.rehearsal.once, "--once", None)? {
            return self.once();
        }
        Ok(self.become_it(Answered::Ran, &self.process.args))
    }

    /// The texts with which a pattern may match this command: all its words, and only the words that name the command,
    /// without global options between them.
    fn readings(&self, outward: Option<&[String]>) -> Vec<Vec<String>> {
        let line =
            |words: Vec<String>| std::iter::once(self.name.to_owned()).chain(words).collect();
        let mut readings = vec![line(self.words.clone())];
        let plain = table::of(self.name)
            .and_then(|guard| guard.line(&self.words).plain.first().map(|(at, _)| *at));
        if let Some(at) = plain.filter(|at| *at > 0) {
            readings.push(line(self.words[at..].to_vec()));
        }
        if let Some(outward) = outward {
            let mut rest = self.words.clone();
            for word in outward {
                if let Some(at) = rest.iter().position(|other| other == word) {
                    rest.remove(at);
                }
            }
            readings.push(line(outward.iter().cloned().chain(rest).collect()));
        }
        readings
    }

    fn is_one_of(
        &self,
        patterns: &[String],
        option: &str,
        outward: Option<&[String]>,
    ) -> Result<bool, Stop> {
        if patterns.is_empty() {
            return Ok(false);
        }
        let readings = self.readings(outward);
        for pattern in patterns {
            for reading in &readings {
                let means = stubs::means(pattern, reading);
                if means.map_err(|cause| Stop::Usage(format!("{option} {pattern:?}: {cause}")))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn refuse(&self, outward: &[String]) -> u8 {
        if self.rehearsal.learn {
            return self.ended(Answered::Learned, 0);
        }
        let mut name = self.name.to_owned();
        for word in outward {
            name.push(' ');
            name.push_str(word);
        }
        told(&format!(
            "{name} changes things outside and was not run (to run it: --allow '{name}')"
        ));
        self.ended(Answered::Guarded, 255)
    }

    fn sleep(&self, opened: &Opened) -> Result<u8, Stop> {
        let takes_its_time = self.rehearsal.real_sleep
            // The clock of a state that is not a fork is the machine's own clock.
            || opened.store.parent().is_none()
            || sleep::is_in_background(self.stage);
        match sleep::time(&self.words) {
            Some(time) if !takes_its_time => {
                if time > Duration::ZERO {
                    opened.store.pass(time).map_err(stop)?;
                }
                Ok(self.ended(Answered::Slept, 0))
            }
            _ => Ok(self.become_it(Answered::Ran, &self.process.args)),
        }
    }

    fn once(&self) -> Result<u8, Stop> {
        let Some(program) = self.real() else {
            return Ok(self.become_it(Answered::Ran, &self.process.args));
        };
        let beside = |path: &PathBuf, or: &Path| {
            if path.as_os_str().is_empty() {
                or.to_owned()
            } else {
                path.clone()
            }
        };
        let (kept, folder) = (
            beside(&self.rehearsal.replays, &self.stage.join("once")),
            beside(&self.rehearsal.folder, &self.process.cwd),
        );
        let ours = [self.stage, &self.rehearsal.state, &kept];
        let replays = Replays {
            kept: &kept,
            folder: &folder,
            ours: &ours,
        };
        let key = replays.key(self.name, &self.words, &self.process.cwd);
        let failed = |error: io::Error| {
            Stop::Other(format!(
                "--once: the effects of {} cannot be replayed: {}",
                self.name,
                plain(&error)
            ))
        };
        if let Some(code) = replays
            .replay(&key, &mut io::stdout(), &mut io::stderr())
            .map_err(failed)?
        {
            return Ok(self.ended(Answered::Replayed, code));
        }
        let mut command = once::command(&program, self.name, &self.process.args);
        command.env_clear().envs(&self.process.env);
        let code = replays.record(&key, &mut command).map_err(failed)?;
        Ok(self.ended(Answered::Ran, code))
    }

    /// The real program. It is searched on the script's own PATH, then on the PATH of the rehearsal.
    fn real(&self) -> Option<PathBuf> {
        let path = self
            .process
            .path("PATH")
            .map_or(OsStr::new(""), Path::as_os_str);
        real::find(self.name, path, Some(self.stage)).or_else(|| {
            real::find(
                self.name,
                OsStr::new(&self.rehearsal.path),
                Some(self.stage),
            )
        })
    }

    /// Replaces this process by the real program. The exit code of that program is not recorded.
    fn become_it(&self, answered: Answered, args: &[OsString]) -> u8 {
        let program = self.real();
        if program.is_some() {
            self.ended(answered, 0);
        }
        let missing = program.is_none();
        let name = OsStr::new(self.name);
        let is_led = self.rehearsal.network == Network::Open;
        let (code, message) = match is_led && images::has_containers(self.name) {
            // The proxy on this machine's loopback would be handed to containers, which cannot reach it.
            true => {
                let own = variables::restored(&self.process.env, &self.rehearsal.proxies);
                real::become_it(program, name, args, &own)
            }
            false => real::become_it(program, name, args, &self.process.env),
        };
        let _ = writeln!(io::stderr(), "{}", shown::sentence(&message));
        if missing {
            self.ended(answered, code)
        } else {
            code
        }
    }

    fn say(&self, stdout: &[u8], stderr: &[u8]) {
        // If nobody reads the stream any more, the text is not needed.
        let _ = io::stderr().write_all(stderr);
        let mut out = io::stdout().lock();
        let _ = out.write_all(stdout).and_then(|()| out.flush());
    }

    /// The words in the form in which they are logged.
    fn shown(&self) -> Vec<String> {
        if self.rehearsal.show_values {
            return self.words.clone();
        }
        let plain: Option<Vec<usize>> = table::of(self.name).map(|guard| {
            let line = guard.line(&self.words);
            line.plain.iter().map(|(at, _)| *at).collect()
        });
        secrets::of_program(self.name, &self.words, plain.as_deref())
    }

    /// Logs the command and returns its exit code.
    fn ended(&self, answered: Answered, code: u8) -> u8 {
        let call = Call {
            began: self.began,
            took: u64::try_from(self.timer.elapsed().as_micros()).unwrap_or(u64::MAX),
            pid: std::process::id(),
            cwd: self.process.cwd.clone(),
            program: self.name.to_owned(),
            elsewhere: None,
            words: self.shown(),
            place: self.place.clone(),
            answered,
            exchanges: Vec::new(),
            output: None,
            query: None,
            code,
            default_region: None,
            stopped: None,
            caller: Caller::of(self.process, &self.rehearsal.calls, code),
            attention: None,
            in_trap: false,
            http: None,
        };
        calls::record(&self.rehearsal.calls, &call);
        code
    }
}
