//! The call log: one JSON line for every command that a rehearsed script ran through lambdry, in the file that
//! `LAMBDRY_CALLS` names. The report, the findings and the sweep learn only from this log what the script did.
//!
//! A line is appended in one write once the command has ended, so that the lines of parallel callers do not mix. Values
//! of environment variables, payloads and other values that may be secret (see [`secrets`]) are masked before anything
//! is written, unless `--show-values` asks for them.

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
    /// The moment at which the call began, by the machine's clock. Calls are ordered by this moment.
    pub(crate) began: Timestamp,
    /// The time that the call took, in microseconds.
    pub(crate) took: u64,
    /// The process id of the call.
    pub(crate) pid: u32,
    /// The working folder of the call.
    pub(crate) cwd: PathBuf,
    /// The name by which the program was called: `aws`, `docker`, `sleep`.
    pub(crate) program: String,
    /// The words after the program's name, secrets masked.
    pub(crate) words: Vec<String>,
    /// The script and the line that made the call, as far as they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<ScriptLine>,
    /// The part of a rehearsal that answered.
    pub(crate) answered: Answered,
    /// For a call that `--others` passed on: the address of the emulator that answered, `127.0.0.1:5000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) elsewhere: Option<String>,
    /// The API calls that the command made, in order. Pages and waiters make several. A command that ended before its
    /// first API call made none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exchanges: Vec<Exchange>,
    /// The output format that the options or the settings choose: `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<String>,
    /// `--query`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
    /// `AWS_DEFAULT_REGION`, if `AWS_REGION` has another value and overrides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_region: Option<String>,
    /// The exit code.
    pub(crate) code: u8,
    /// The error that ended the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<Stopped>,
    /// The bash that made the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller: Option<Caller>,
    /// The script's reaction to the call's exit status; `None` for a call that did not fail. It is set when the run is
    /// over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attention: Option<Attention>,
    /// True if only a trap leads to the call. It is set when the run is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) in_trap: bool,
    /// For a call over HTTP: the facts that the request carried. `program` is then the program that sent the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<Http>,
}

/// A call over HTTP. The facts come from the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Http {
    /// The service. This is the service's word on the command line; for a service that is not simulated, its name in
    /// signatures.
    pub(crate) service: String,
    /// `PublishVersion`; if the operation is not known, the method and the path.
    pub(crate) operation: String,
    /// The name that the client gives itself, shortened: `Boto3/1.40.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// True if the client said that a waiter made the call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) waits: bool,
    /// The members of a function that show a change in progress and that the program's text reads; `None` if the text
    /// is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looks_at: Option<Vec<String>>,
    /// The time for which the program was idle before the call, in microseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) waited: u64,
    /// The line of the shell script that started the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<ScriptLine>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Call {
    /// Returns true for a call of AWS. Such a call is made by `aws`, by `lambdry`, or over HTTP.
    pub(crate) fn is_aws(&self) -> bool {
        self.http.is_some() || self.program == "aws" || self.program == "lambdry"
    }

    /// The error of the call; `None` if it succeeded. If a command reports errors in its own way, such as `s3 cp`, this
    /// is the error of its last API call.
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

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ScriptLine {
    /// The script.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// The part of a rehearsal that answered a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Answered {
    /// The simulation.
    Simulated,
    /// A stub.
    Stub,
    /// The emulator that `--others` names.
    Others,
    /// Nothing. A guard refused the command.
    Guarded,
    /// The real program, because `--allow` let it run.
    Allowed,
    /// The clock of the fork, which moved forward instead of sleeping.
    Slept,
    /// The real program. It is guarded, but this command is not known to change anything elsewhere. The command may
    /// reach the network. Like an allowed command, the real program replaces this process, so its exit code is not
    /// known here.
    Ran,
    /// The record of the command's first run: `--once`.
    Replayed,
    /// Nothing answered. The refusal was turned into a silent success, to learn which stubs the script needs.
    Learned,
}

/// One API call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Exchange {
    /// The moment of the API call by the state's clock, which a rehearsed `sleep` moves.
    pub(crate) moment: Timestamp,
    /// The service's word, `lambda`.
    pub(crate) service: String,
    /// `PublishVersion`.
    pub(crate) operation: String,
    /// Twelve digits.
    pub(crate) account: String,
    /// `eu-west-1`
    pub(crate) region: String,
    /// The members of the request as AWS names them, secrets masked.
    pub(crate) request: Value,
    /// The answer as AWS gives it, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Value>,
    /// The service's error, such as `ResourceConflictException`. For an error of lambdry, there is no code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Stopped>,
    /// The things that were made because the script took them for granted: `function pay`, `alias pay:live`, `bucket
    /// code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) assumed: Vec<String>,
    /// True for a publish whose result is not certain. AWS's page and a measurement of AWS disagree: only one of them
    /// says that a version is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) depends_on_aws: bool,
    /// For an invocation that no file answers: the file that would answer it. The answer of such an invocation is null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unanswered: Option<PathBuf>,
}

impl Exchange {
    /// Returns true if the operation changes something when it succeeds.
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
    /// The kind of error: a service's code, `Usage`, `Configuration`, `NotSimulated`, `Store`, `Other`.
    pub(crate) kind: String,
    /// The message without the text that surrounds it, such as the operation's name.
    pub(crate) message: String,
}

/// The recording of this process; empty if no log is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Option<Rc<Recording>>);

#[derive(Debug)]
struct Recording {
    began: Timestamp,
    timer: Instant,
    place: Option<ScriptLine>,
    /// The program's name and its words.
    line: Vec<String>,
    /// The salt of the masks. It makes the masks of different values differ. `None` for a log that the user keeps:
    /// nobody should be able to guess a value from its mask.
    salt: Option<String>,
    /// For a request: true if its program creates the function that the request names. `None` for a command, because
    /// the command's script shows this.
    is_its_own: Option<bool>,
    exchanges: RefCell<Vec<Exchange>>,
    stubbed: Cell<bool>,
    elsewhere: RefCell<Option<String>>,
}

impl Recorder {
    /// Begins a recording if the environment names a log.
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

    /// Records a request, which is not a process of lambdry. `is_its_own` is true if the request's program creates the
    /// function that the request names.
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

    /// The API calls that were recorded.
    #[cfg(unix)]
    pub(crate) fn taken(&self) -> Vec<Exchange> {
        let recording = self.0.as_ref();
        recording.map_or_else(Vec::new, |recording| recording.exchanges.take())
    }

    /// Returns true if a log is kept.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Records an API call. `describe` is called only if a log is kept.
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

    /// Returns true if the script that makes this call also creates the function that the call names. Then lambdry does
    /// not assume the function.
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

    /// Records that a stub answers.
    pub(crate) fn stubbed(&self) {
        if let Some(recording) = &self.0 {
            recording.stubbed.set(true);
        }
    }

    /// Records that the emulator at the given address answers.
    pub(crate) fn handed_over(&self, to: &str) {
        if let Some(recording) = &self.0 {
            recording.elsewhere.replace(Some(to.to_owned()));
        }
    }

    /// Appends the command to the log when it has ended. If the log cannot be written, the script gets the same answer,
    /// and the report says that a line of the log is missing.
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
        // An error may repeat a masked word.
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
            // The log consists of text, even if the folder's name is not UTF-8.
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

/// Appends a line, or reports that the line cannot be written. The script is answered in either case.
pub(crate) fn record(path: &Path, call: &Call) {
    if let Err(error) = append(path, call) {
        // If stderr is gone too, there is nobody to inform.
        let _ = writeln!(
            io::stderr(),
            "lambdry: [ERROR]: cannot write the call log {}: {}; no report will show this call",
            path.display(),
            plain(&error)
        );
    }
}

/// The name of the rehearsal's folder. It is unique, so it can be the salt.
fn salt(process: &Process) -> Option<String> {
    salt_of(process.path("LAMBDRY_REHEARSAL")?)
}

fn salt_of(stage: &Path) -> Option<String> {
    let name = stage.file_name()?.to_str()?;
    Some(name.replace(' ', "-"))
}

/// The region in `AWS_DEFAULT_REGION`, if `AWS_REGION` overrides it.
fn overridden_region(process: &Process) -> Option<String> {
    let region = process
        .var("AWS_REGION")
        .filter(|region| !region.is_empty())?;
    let default = process.var("AWS_DEFAULT_REGION")?;
    (!default.is_empty() && default != region).then(|| default.to_owned())
}

/// Returns true if the user asked the rehearsal of this process to show values.
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
    // The tally is written first. So if the line cannot be written, the report knows that a line is missing.
    tally::count(path, &line)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(&line)
}

/// The calls of a log, in the order in which they began, and the faults of the log. A line that is not a call is left
/// out and counted; for example, the process that wrote it was killed.
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

/// The failure of an API call in the form in which the log stores it.
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

/// The error that ended a command, in the log's form; `None` if nobody reads the output any more.
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

/// The texts that are masked in a request. They are needed because an error may repeat them.
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

/// Masks the values of environment variables, the payloads and answers of functions, and the members named in `secret`.
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
        // One line is missing, one is cut off, and one was changed.
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
