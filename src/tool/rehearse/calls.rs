//! The call log: one JSON line for every command that a rehearsed script ran through us, in the file that
//! `LAMBDRY_CALLS` names. The report, the findings and the sweep read nothing else of what the script did.
//!
//! A line is appended in one write once the command has ended, so that callers at the same time do not mix. Values of
//! environment variables, payloads and what else may be secret (see [`secrets`]) are masked before anything is written,
//! unless `--show-values` asks for them.

use std::{
    cell::{Cell, RefCell},
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
    rc::Rc,
    time::Instant,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    secrets,
    shell::{Attention, Caller},
    stage::Rehearsal,
    tally::{self, Losses},
};
use crate::state::plain::plain;
use crate::{
    face::{End, exit::Stop, world::Process},
    operation::Failure,
    state::masked,
    store::atomic::json_line,
    tool::MASK,
};

/// One command that a script ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Call {
    /// When it began, by the machine's clock: the order of calls.
    pub(crate) began: Timestamp,
    /// How long it ran, in microseconds.
    pub(crate) took: u64,
    /// Its process.
    pub(crate) pid: u32,
    /// Where it ran.
    pub(crate) cwd: PathBuf,
    /// The name it was called by: `aws`, `docker`, `sleep`.
    pub(crate) program: String,
    /// The words after it, secrets masked.
    pub(crate) words: Vec<String>,
    /// Where in which script it stands, as far as that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
    /// Who answered.
    pub(crate) answered: Answered,
    /// Of one that was handed over: the address that answered, `127.0.0.1:5000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) elsewhere: Option<String>,
    /// The API calls it made, in order: several for pages and waiters, none where it did not get that far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exchanges: Vec<Exchange>,
    /// The form of the answer, by options or settings: `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<String>,
    /// `--query`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
    /// `AWS_DEFAULT_REGION`, where `AWS_REGION` says otherwise and is the one that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_region: Option<String>,
    /// The exit code.
    pub(crate) code: u8,
    /// Why it did not end well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<Stopped>,
    /// The bash that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller: Option<Caller>,
    /// What the script did about its status; `None` for one that did not fail. It is told once the run is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attention: Option<Attention>,
    /// Whether only a trap leads to it. It is told once the run is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) in_trap: bool,
    /// Of a call that came over HTTP: what the wire told. The program is then the one that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<Http>,
}

/// A call over HTTP, as the wire told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Http {
    /// The service: its word on the command line, or where it is not simulated the name that signatures have.
    pub(crate) service: String,
    /// `PublishVersion`, or where that is not known the method and the path.
    pub(crate) operation: String,
    /// What the client calls itself, shortened: `Boto3/1.40.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// Whether it says that a waiter makes the call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) waits: bool,
    /// Which members of a function its program looks at, of those that tell of a change under way, as its text says;
    /// `None` where there is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looks_at: Option<Vec<String>>,
    /// How long its program had waited before, with nothing to do, in microseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) waited: u64,
    /// The line of the shell script that started the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<Place>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Call {
    /// Returns true for a call of AWS: by `aws`, under our own name, or over HTTP.
    pub(crate) fn is_aws(&self) -> bool {
        self.http.is_some() || self.program == "aws" || self.program == "lambdry"
    }

    /// Why it failed; `None` for one that did not. A command that tells of an error in its own way, as `s3 cp` does, has
    /// the error of the API call it made last.
    pub(crate) fn failure(&self) -> Option<&Stopped> {
        let of_exchange = || {
            let mut exchanges = self.exchanges.iter().rev();
            exchanges.find_map(|exchange| exchange.error.as_ref())
        };
        let failed = self.code != 0;
        let own = self.stopped.as_ref();
        own.or_else(|| of_exchange().filter(|_| failed))
    }
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Place {
    /// The script.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// Who answered a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Answered {
    /// The simulation.
    Simulated,
    /// A stub.
    Stub,
    /// An emulator that `--others` names.
    Others,
    /// Nobody: a guard refused it.
    Guarded,
    /// The real program: the guard was told to let it.
    Allowed,
    /// The fork's clock, moved instead of sleeping.
    Slept,
    /// The real program: it is guarded, and this command is not known to change anything elsewhere; it may reach the
    /// network. Like one that is allowed it was handed over to, so that its exit code is not known here.
    Ran,
    /// What it did the first time: `--once`.
    Replayed,
    /// Nobody: a refusal was taken for a silent success, to learn what the script needs.
    Learned,
}

/// One API call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Exchange {
    /// By the state's clock, which a rehearsed `sleep` moves.
    pub(crate) moment: Timestamp,
    /// The service's word, `lambda`.
    pub(crate) service: String,
    /// `PublishVersion`.
    pub(crate) operation: String,
    /// Twelve digits.
    pub(crate) account: String,
    /// `eu-west-1`
    pub(crate) region: String,
    /// AWS's members, secrets masked.
    pub(crate) request: Value,
    /// AWS's answer, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Value>,
    /// The service's error, `ResourceConflictException`; or ours, without a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Stopped>,
    /// What was made because the script took it for granted: `function pay`, `alias pay:live`, `bucket code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) assumed: Vec<String>,
    /// True for a publish of which AWS's page and a measurement of AWS say two things: one that a version is made, the
    /// other that none is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) depends_on_aws: bool,
    /// Of an invocation that nothing answered, so that its answer is null: the file that would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unanswered: Option<PathBuf>,
}

impl Exchange {
    /// Whether it changes something where it succeeds.
    pub(crate) fn changes(&self) -> bool {
        let is_dry = self.request.get("DryRun") == Some(&Value::Bool(true));
        let reads = [
            "Get", "List", "Head", "Describe", "Invoke", "Filter", "Assume",
        ];
        !is_dry && !reads.iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// An error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Stopped {
    /// What kind: a service's code, `Usage`, `Configuration`, `NotSimulated`, `Store`, `Other`.
    pub(crate) kind: String,
    /// The message without its frame.
    pub(crate) message: String,
}

/// What is being recorded of this process; nothing where no log is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Option<Rc<Recording>>);

#[derive(Debug)]
struct Recording {
    began: Timestamp,
    timer: Instant,
    place: Option<Place>,
    /// The program and its words.
    line: Vec<String>,
    /// What masks of a rehearsal are told apart by; none for a log that somebody keeps, in which no value is guessed.
    salt: Option<String>,
    /// Of a request: whether its program creates the function that it is about. Of a command its script tells.
    is_its_own: Option<bool>,
    exchanges: RefCell<Vec<Exchange>>,
    stubbed: Cell<bool>,
    elsewhere: RefCell<Option<String>>,
}

impl Recorder {
    /// Begins to record if the environment names a log.
    pub(crate) fn new(process: &Process) -> Self {
        let begin = || {
            Rc::new(Recording {
                began: Timestamp::now(),
                timer: Instant::now(),
                #[cfg(unix)]
                place: super::place::of(process),
                #[cfg(not(unix))]
                place: None,
                line: {
                    let words = process.args.iter().map(|word| word.to_string_lossy());
                    let words = words.map(|word| word.into_owned());
                    std::iter::once(process.program.clone())
                        .chain(words)
                        .collect()
                },
                salt: salt(process),
                is_its_own: None,
                exchanges: RefCell::default(),
                stubbed: Cell::default(),
                elsewhere: RefCell::default(),
            })
        };
        Self(log(process).map(|_| begin()))
    }

    /// Records a request, which no process of ours is. `is_its_own`: whether its program creates the function that it is
    /// about.
    #[cfg(unix)]
    pub(crate) fn of_request(stage: &Path, is_its_own: bool) -> Self {
        Self(Some(Rc::new(Recording {
            began: Timestamp::now(),
            timer: Instant::now(),
            place: None,
            line: Vec::new(),
            salt: salt_of(stage),
            is_its_own: Some(is_its_own),
            exchanges: RefCell::default(),
            stubbed: Cell::default(),
            elsewhere: RefCell::default(),
        })))
    }

    /// The API calls that were kept.
    #[cfg(unix)]
    pub(crate) fn taken(&self) -> Vec<Exchange> {
        let recording = self.0.as_ref();
        recording.map_or_else(Vec::new, |recording| recording.exchanges.take())
    }

    /// Whether a log is kept.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps an API call; `describe` is asked only where a log is kept.
    pub(crate) fn keep(&self, describe: impl FnOnce() -> Exchange) {
        if let Some(recording) = &self.0 {
            let mut exchange = describe();
            let secret: &[&str] = match exchange.service.as_str() {
                "ssm" => &["Value"],
                "secretsmanager" => &["SecretString", "SecretBinary"],
                _ => &[],
            };
            mask(&mut exchange.request, recording.salt.as_deref(), secret);
            let answered = exchange.response.iter_mut();
            answered.for_each(|response| mask(response, None, secret));
            recording.exchanges.borrow_mut().push(exchange);
        }
    }

    /// Returns true if the script that makes this call creates the function that it is about, too: then it does not take
    /// for granted that it is there.
    #[cfg(unix)]
    pub(crate) fn is_of_its_own(&self) -> bool {
        let creates = |recording: &Recording| {
            if recording.is_its_own.is_some() {
                return recording.is_its_own;
            }
            let place = recording.place.as_ref()?;
            let text = super::bypass::text_of(&place.file)?;
            let script = super::shell::script::Script::read(&text);
            let [program, words @ ..] = recording.line.as_slice() else {
                return None;
            };
            let stands = script.at(place.line, program, words)?;
            Some(script.creates(stands, program))
        };
        self.0.as_deref().and_then(creates).unwrap_or_default()
    }

    /// Keeps that a stub answers.
    pub(crate) fn stubbed(&self) {
        if let Some(recording) = &self.0 {
            recording.stubbed.set(true);
        }
    }

    /// Keeps that somebody at that address answers.
    pub(crate) fn handed_over(&self, to: &str) {
        if let Some(recording) = &self.0 {
            recording.elsewhere.replace(Some(to.to_owned()));
        }
    }

    /// Appends the command to the log, now that it has ended. A log that cannot be written is no reason to answer a
    /// script differently: the report tells that the line is missing.
    pub(crate) fn end(&self, process: &Process, answered: Answered, end: &End<'_>) {
        let (Some(recording), Some(path)) = (&self.0, log(process)) else {
            return;
        };
        let words = process.args.iter().map(|word| word.to_string_lossy());
        let words: Vec<String> = words.map(|word| word.into_owned()).collect();
        let shown = match shows_values(process) {
            true => words.clone(),
            false => secrets::of_aws(words.clone()),
        };
        // An error repeats what was wrong.
        let masked = |stopped: Stopped| Stopped {
            message: secrets::in_text(&stopped.message, &words, &shown),
            ..stopped
        };
        let elsewhere = recording.elsewhere.take();
        let mut exchanges = recording.exchanges.take();
        for exchange in &mut exchanges {
            exchange.error = exchange.error.take().map(masked);
        }
        let call = Call {
            began: recording.began,
            took: u64::try_from(recording.timer.elapsed().as_micros()).unwrap_or(u64::MAX),
            pid: std::process::id(),
            // Text, whatever the folder is called.
            cwd: process.cwd.to_string_lossy().into_owned().into(),
            program: process.program.clone(),
            stopped: end.stop.and_then(stopped).map(masked),
            words: shown.clone(),
            place: recording.place.clone(),
            answered: match (recording.stubbed.get(), &elsewhere) {
                (true, _) => Answered::Stub,
                (false, Some(_)) => Answered::Others,
                (false, None) => answered,
            },
            elsewhere,
            exchanges,
            output: end.output.map(str::to_owned),
            query: end.query.map(str::to_owned),
            default_region: overridden_region(process),
            code: end.code,
            #[cfg(unix)]
            caller: Caller::of(process, path, end.code),
            #[cfg(not(unix))]
            caller: None,
            attention: None,
            in_trap: false,
            http: None,
        };
        record(path, &call);
    }
}

/// Appends a line, and says so where that cannot be done: a script is answered all the same.
pub(crate) fn record(path: &Path, call: &Call) {
    if let Err(error) = append(path, call) {
        // Nobody is left to be told when stderr is gone, too.
        let _ = writeln!(
            io::stderr(),
            "lambdry: [ERROR]: cannot write the call log {}: {}; this call is in no report",
            path.display(),
            plain(&error)
        );
    }
}

/// The name of the rehearsal's folder, which no other has.
fn salt(process: &Process) -> Option<String> {
    salt_of(process.path("LAMBDRY_REHEARSAL")?)
}

fn salt_of(stage: &Path) -> Option<String> {
    let name = stage.file_name()?.to_str()?;
    Some(name.replace(' ', "-"))
}

/// The region that the environment names as a default and that it overrides.
fn overridden_region(process: &Process) -> Option<String> {
    let region = process
        .var("AWS_REGION")
        .filter(|region| !region.is_empty())?;
    let default = process.var("AWS_DEFAULT_REGION")?;
    (!default.is_empty() && default != region).then(|| default.to_owned())
}

/// Returns true if the rehearsal that this process is part of was asked to show values.
fn shows_values(process: &Process) -> bool {
    let stage = process.path("LAMBDRY_REHEARSAL");
    let rehearsal = stage.and_then(Rehearsal::read);
    rehearsal.is_some_and(|rehearsal| rehearsal.show_values)
}

/// Appends a line in one write.
///
/// # Errors
/// When the log cannot be written.
pub(crate) fn append(path: &Path, call: &Call) -> io::Result<()> {
    let line = json_line(call);
    // First of all, so that a line is missed that cannot be written.
    tally::count(path, &line)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(&line)
}

/// The calls of a log, in the order in which they began, and what is wrong with it. A line that is none (its writer was
/// killed) is left out and counted.
///
/// # Errors
/// When the log is there and cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<(Vec<Call>, Losses)> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let call = |line: &[u8]| serde_json::from_slice::<Call>(line).ok();
    let mut calls: Vec<Call> = lines.iter().copied().filter_map(call).collect();
    calls.sort_by_key(|call| call.began);
    let losses = tally::compared(path, &lines, |line| call(line).is_some())?;
    Ok((calls, losses))
}

fn log(process: &Process) -> Option<&Path> {
    process
        .path("LAMBDRY_CALLS")
        .filter(|path| !path.as_os_str().is_empty())
}

/// An API call's failure as the log has it.
pub(crate) fn failed(failure: &Failure) -> Stopped {
    let kind = match failure {
        Failure::Service(error) => error.code.name(),
        Failure::Store(_) => "Store",
        Failure::NotSimulated(_) => "NotSimulated",
    };
    let message = match failure {
        Failure::Service(error) => error.message.clone(),
        other => other.to_string(),
    };
    Stopped {
        kind: kind.to_owned(),
        message,
    }
}

/// Why a command ended as the log has it; nothing where its reader was gone.
pub(crate) fn stopped(stop: &Stop) -> Option<Stopped> {
    let (kind, message) = match stop {
        Stop::PipeClosed => return None,
        Stop::Usage(text) | Stop::Invalid(text) => ("Usage", text.clone()),
        Stop::Unknown(words) => ("Usage", format!("Unknown options: {}", words.join(", "))),
        Stop::Configuration(_, text) => ("Configuration", text.clone()),
        Stop::Service(_, error) => (error.code.name(), error.message.clone()),
        Stop::Store(text, _) => ("Store", text.clone()),
        Stop::NotSimulated(text, _) => ("NotSimulated", text.clone()),
        Stop::Unanswered(what) => ("NotSimulated", format!("'aws {what}' is not simulated")),
        Stop::Other(text) => ("Other", text.clone()),
    };
    Some(Stopped {
        kind: kind.to_owned(),
        message,
    })
}

/// The texts that are masked in a request: an error may repeat them.
#[cfg(unix)]
pub(crate) fn hidden(value: &Value) -> Vec<String> {
    fn look(value: &Value, is_hidden: bool, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let hides = is_hidden || name == "Variables" || name == "Payload";
                    look(value, hides, found);
                }
            }
            Value::Array(list) => list.iter().for_each(|it| look(it, is_hidden, found)),
            Value::String(text) if is_hidden && !text.is_empty() => found.push(text.clone()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    look(value, false, &mut found);
    found
}

/// Masks the values of environment variables, what functions are sent and answer, and members of those names.
fn mask(value: &mut Value, salt: Option<&str>, secret: &[&str]) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), &mut *value) {
                    ("Variables", Value::Object(variables)) => {
                        for value in variables.values_mut() {
                            *value = masked::of(value.as_str().unwrap_or_default(), salt).into();
                        }
                    }
                    ("Payload", payload) => *payload = MASK.into(),
                    (name, value) if secret.contains(&name) => *value = MASK.into(),
                    (_, value) => mask(value, salt, secret),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| mask(value, salt, secret)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn what_is_masked_is_known_to_be_hidden() {
        let value = json!({ "FunctionName": "pay", "Environment": { "Variables": { "A": "s3cret" } }, "Payload": "x" });
        assert_eq!(hidden(&value), ["s3cret", "x"]);
    }

    #[test]
    fn secrets_are_masked_in_requests_and_answers() {
        let mut value = json!({ "Configuration": { "Environment": { "Variables": { "A": "x" } } }, "Payload": "eA==" });
        mask(&mut value, None, &[]);
        assert_eq!(
            value,
            json!({ "Configuration": { "Environment": { "Variables": { "A": MASK } } }, "Payload": MASK })
        );
    }

    #[test]
    fn what_a_secret_holds_is_masked_where_it_is_one() {
        let mut value = json!({ "Parameter": { "Name": "/a", "Value": "x" }, "Value": "x" });
        mask(&mut value, None, &["Value"]);
        assert_eq!(
            value,
            json!({ "Parameter": { "Name": "/a", "Value": MASK }, "Value": MASK })
        );
    }

    #[test]
    fn lines_that_are_missing_torn_or_foreign_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("calls.jsonl");
        let call = |pid| Call {
            began: Timestamp::UNIX_EPOCH,
            took: 0,
            pid,
            cwd: "/".into(),
            program: "aws".to_owned(),
            words: Vec::new(),
            place: None,
            answered: Answered::Simulated,
            elsewhere: None,
            exchanges: Vec::new(),
            output: None,
            query: None,
            default_region: None,
            code: 0,
            stopped: None,
            caller: None,
            attention: None,
            in_trap: false,
            http: None,
        };
        let read = || read(&log).expect("a log");
        append(&log, &call(1)).expect("written");
        assert_eq!(read().1, Losses::default(), "there is no tally");
        std::fs::remove_file(&log).expect("removed");
        std::fs::write(tally::of(&log), "").expect("a tally");
        for pid in 1..4 {
            append(&log, &call(pid)).expect("written");
        }
        let text = std::fs::read_to_string(&log).expect("a log");
        assert!(read().1.is_none());
        let lines: Vec<&str> = text.lines().collect();
        // One is gone, one is cut off, and one was changed.
        let changed = lines[2].replace("\"Pid\":3", "\"Pid\":4");
        assert_ne!(changed, lines[2]);
        std::fs::write(&log, format!("{}\n{changed}\n", &lines[1][..9])).expect("written");
        let (calls, losses) = read();
        assert_eq!(calls.len(), 1);
        let wanted = Losses {
            missing: 3,
            torn: 1,
            foreign: 1,
        };
        assert_eq!(losses, wanted);
        std::fs::remove_file(&log).expect("removed");
        assert_eq!(read().1.missing, 3);
    }
}
