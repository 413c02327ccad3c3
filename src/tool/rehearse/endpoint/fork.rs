//! Treats requests as calls of the rehearsal: answers them from the fork, observes them like every call, and writes
//! them to the call log.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Visitor, handover,
    maker::{Maker, agent_in_short},
    note,
};
use crate::{
    face::{Own, State, options::kebab, world::Process},
    operation::{Failure, Result, ready},
    serve::{self, Canned, CannedError, Client, Host, Instead, Session, Stranger, Why},
    state::error::{Code, ServiceError},
    store::{Store, StoreError, stubs::Stub},
    tool::{
        MASK,
        backend::Opened,
        rehearse::{
            calls::{self, Answered, Call, Http, Recorder, Stopped, failed},
            child,
            observer::Rehearsed,
            others, secrets,
            stage::Rehearsal,
        },
        serve::{completes, unopened},
    },
};

/// The largest number of entries that are remembered in each list: the programs of connections, and the errors after
/// which an SDK retries.
const REMEMBERED: usize = 256;

/// The shortest idle time that counts as a wait.
const SHORTEST: Duration = Duration::from_millis(300);

/// The fork as the host that answers requests.
#[derive(Debug)]
pub(super) struct Fork(Arc<Shared>);

struct Shared {
    /// A process that stands for a program of the rehearsal. Its environment has the settings that a call needs.
    process: Process,
    stage: PathBuf,
    rehearsal: Rehearsal,
    makers: Mutex<VecDeque<(u64, Arc<Maker>)>>,
    rests: Mutex<BTreeMap<u32, Rest>>,
    /// Errors after which an SDK retries, each with the id that the SDK gives to the call. All tries count as one call.
    /// If the SDK gives up, that call has failed.
    lost: Mutex<VecDeque<(String, ServiceError)>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// A program and its state between two requests.
#[derive(Debug)]
struct Rest {
    /// The moment at which the program got its last answer.
    since: Instant,
    /// The processor time that the program had used at that moment.
    worked: Duration,
    /// The number of requests in progress.
    under_way: usize,
}

impl Fork {
    pub(super) fn new(process: Process, stage: &Path, rehearsal: Rehearsal) -> Self {
        Self(Arc::new(Shared {
            process,
            stage: stage.to_owned(),
            rehearsal,
            makers: Mutex::default(),
            rests: Mutex::default(),
            lost: Mutex::default(),
        }))
    }
}

impl Host for Fork {
    fn open(&self, client: &Client<'_>) -> Result<Box<dyn Session>> {
        Ok(Box::new(self.0.open(client)?))
    }

    fn turned_away(&self, stranger: &Stranger<'_>) -> Option<Instead> {
        self.0.turned_away(stranger)
    }

    fn hands_over(&self) -> bool {
        self.0.rehearsal.others.is_some()
    }
}

impl Shared {
    /// Opens the fork for a request.
    fn open(self: &Arc<Self>, client: &Client<'_>) -> Result<Request> {
        let begun = self.begun(client);
        if !self.stage.join("rehearsal.json").is_file() {
            return Err(Failure::Store(StoreError {
                action: "open",
                path: self.stage.clone(),
                cause: "the rehearsal of this process has ended".to_owned(),
                source: None,
                hint: None,
            }));
        }
        let opened = Opened::at(&self.process, &Own::default(), self.rehearsal.state.clone());
        let mut opened = opened.map_err(|stop| unopened(&stop, &self.process))?;
        if let Some(account) = self.account(client, &begun.maker) {
            account.clone_into(&mut opened.account);
        }
        let is_its_own = begun.maker.sources.calls("CreateFunction");
        let recorder = Recorder::of_request(&self.stage, is_its_own);
        let observer = Rehearsed::of_request(recorder.clone(), self.rehearsal.clone());
        opened.watched_by(Rc::new(observer));
        Ok(Request {
            opened,
            recorder,
            begun,
        })
    }

    /// Notes that a request has begun.
    fn begun(self: &Arc<Self>, client: &Client<'_>) -> Begun {
        let maker = self.maker(client);
        Begun {
            began: Timestamp::now(),
            timer: Instant::now(),
            waited: self.wakes(&maker),
            agent: agent_in_short(client.agent),
            waits: client.waits,
            maker,
            shared: Arc::clone(self),
        }
    }

    /// The program at the other end of a connection.
    fn maker(&self, client: &Client<'_>) -> Arc<Maker> {
        let known = |makers: &VecDeque<(u64, Arc<Maker>)>| {
            let mut makers = makers.iter();
            let found = makers.find(|(connection, _)| *connection == client.connection);
            found.map(|(_, maker)| Arc::clone(maker))
        };
        if let Some(maker) = known(&lock(&self.makers)) {
            return maker;
        }
        let maker = Arc::new(Maker::of(client.peer, client.local, client.agent));
        let mut makers = lock(&self.makers);
        makers.truncate(REMEMBERED - 1);
        makers.push_front((client.connection, Arc::clone(&maker)));
        maker
    }

    /// The account of the profile that signed. The profile's key or the program's environment shows it.
    fn account(&self, client: &Client<'_>, maker: &Maker) -> Option<&str> {
        let of_key = client.key.and_then(|key| self.rehearsal.keys.profile(key));
        let of_maker = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
            .iter()
            .find_map(|name| maker.environment.get(*name).map(String::as_str));
        let profile = of_key.or(of_maker)?;
        self.rehearsal.accounts.get(profile).map(String::as_str)
    }

    /// Notes a program's request. Returns the time for which the program was idle before the request.
    fn wakes(&self, maker: &Maker) -> Duration {
        let Some(worked) = maker.worked() else {
            return Duration::ZERO;
        };
        let mut rests = lock(&self.rests);
        let Some(rest) = rests.get_mut(&maker.pid) else {
            let rest = Rest {
                since: Instant::now(),
                worked,
                under_way: 1,
            };
            rests.insert(maker.pid, rest);
            return Duration::ZERO;
        };
        rest.under_way += 1;
        if rest.under_way > 1 {
            return Duration::ZERO;
        }
        let idle = rest.since.elapsed();
        let idle = idle.saturating_sub(worked.saturating_sub(rest.worked));
        if idle < SHORTEST {
            Duration::ZERO
        } else {
            idle
        }
    }

    /// Notes that a program got its answer.
    fn rests(&self, maker: &Maker) {
        if let (Some(worked), Some(rest)) = (maker.worked(), lock(&self.rests).get_mut(&maker.pid))
        {
            rest.under_way = rest.under_way.saturating_sub(1);
            (rest.since, rest.worked) = (Instant::now(), worked);
        }
    }

    /// The error of the call with the given id, which its SDK will retry.
    fn lost(&self, invocation: Option<&str>) -> Option<ServiceError> {
        let id = invocation?;
        let lost = lock(&self.lost);
        let mut lost = lost.iter();
        lost.find(|(known, _)| known == id)
            .map(|(_, error)| error.clone())
    }

    fn keep_lost(&self, invocation: Option<&str>, answer: &Result<Value>) {
        if let (Some(id), Err(Failure::Service(error))) = (invocation, answer)
            && (error.code.status() == 429 || error.code.status() >= 500)
        {
            let mut lost = lock(&self.lost);
            lost.truncate(REMEMBERED - 1);
            lost.push_front((id.to_owned(), error.clone()));
        }
    }

    /// Writes a call to the log.
    fn log(&self, begun: &Begun, made: Made<'_>) {
        let maker = &begun.maker;
        let words = match self.rehearsal.show_values {
            true => maker.words.clone(),
            false => secrets::of_program(&maker.program, &maker.words, None),
        };
        let place = maker.sources.place(made.operation, begun.waits);
        let call = Call {
            elsewhere: match (&self.rehearsal.others, made.answered) {
                (Some(url), Answered::Others) => Some(others::shown(url).to_owned()),
                _ => None,
            },
            began: begun.began,
            took: micros(begun.timer.elapsed()),
            pid: maker.pid,
            cwd: maker.cwd.to_string_lossy().into_owned().into(),
            program: maker.program.clone(),
            words,
            place: place.or_else(|| maker.started.clone()),
            answered: made.answered,
            exchanges: made.exchanges,
            output: None,
            query: None,
            default_region: None,
            code: made.code,
            stopped: made.stopped,
            caller: None,
            attention: None,
            in_trap: false,
            http: Some(Http {
                service: made.service.to_owned(),
                operation: made.operation.to_owned(),
                agent: begun.agent.clone(),
                waits: begun.waits,
                looks_at: maker.sources.looks_at(made.operation, begun.waits),
                waited: micros(begun.waited),
                started: maker.started.clone(),
            }),
        };
        calls::record(&self.rehearsal.calls, &call);
    }

    /// Handles a request that no operation of lambdry answers. A stub may answer such a request. Otherwise the request
    /// is logged as not simulated, or noted as refused.
    fn turned_away(self: &Arc<Self>, stranger: &Stranger<'_>) -> Option<Instead> {
        let begun = self.begun(stranger.client);
        let service = stranger.service;
        let why = match &stranger.why {
            Why::NotSimulated => return self.not_simulated(stranger, &begun),
            Why::Refused(why) => why,
        };
        let is_ours = stranger
            .client
            .key
            .is_some_and(|key| self.rehearsal.keys.has(key));
        let told = match is_ours {
            true => why.clone(),
            false => {
                "its key is not a key of the rehearsal; lambdry refused it and did not ask AWS"
                    .to_owned()
            }
        };
        let maker = &begun.maker;
        let words = std::iter::once(maker.program.clone()).chain(maker.words.iter().cloned());
        let who = secrets::of_line(words).join(" ");
        note(
            &self.stage,
            &Visitor {
                method: stranger.method.to_owned(),
                path: stranger.path.to_owned(),
                service: service.map(str::to_owned),
                operation: stranger.operation.clone(),
                who: Some(match &begun.agent {
                    Some(agent) if *agent != who => format!("{agent}, {who}"),
                    _ => who,
                }),
                why: told,
            },
        );
        (!is_ours).then(|| {
            let text = "this is a rehearsal: lambdry refused the request and did not ask AWS. The request has \
                another key than the rehearsal's. Use the key in AWS_ACCESS_KEY_ID, or in the file that \
                AWS_SHARED_CREDENTIALS_FILE names";
            refusal(403, "AccessDeniedException", text.to_owned())
        })
    }

    fn not_simulated(self: &Arc<Self>, stranger: &Stranger<'_>, begun: &Begun) -> Option<Instead> {
        let service = stranger.service.unwrap_or_default();
        let operation = match &stranger.operation {
            Some(operation) => operation.clone(),
            None => format!("{} {}", stranger.method, stranger.path),
        };
        let opened = Opened::at(&self.process, &Own::default(), self.rehearsal.state.clone());
        let words = line(service, &operation, &stranger.members);
        let stub = opened.ok().and_then(|opened| opened.stub(&words).ok()?);
        let not_simulated =
            || format!("{service} {operation} is not simulated by lambdry; nothing was changed");
        let stopped = |message: String| {
            Some(Stopped {
                kind: "NotSimulated".to_owned(),
                message,
            })
        };
        let (answered, code, stopped, instead) = match (stub, &self.rehearsal.others) {
            (Some(stub), _) => {
                let code = stub.code;
                (
                    Answered::Stub,
                    code,
                    None,
                    Some(Instead::Canned(canned(stub))),
                )
            }
            (None, Some(url)) => match handover::ask(url, stranger) {
                Ok(handed) => {
                    let code = if handed.status < 400 { 0 } else { 254 };
                    (Answered::Others, code, None, Some(Instead::Handed(handed)))
                }
                Err(why) => {
                    let by = others::shown(url);
                    let told = format!(
                        "{}; lambdry could not pass it on to {by} (--others): {why}",
                        not_simulated()
                    );
                    let told_too = refusal(501, "NotSimulated", told.clone());
                    (Answered::Simulated, 255, stopped(told), Some(told_too))
                }
            },
            (None, None) if self.rehearsal.learn => {
                let nothing = Instead::Canned(Canned {
                    text: Vec::new(),
                    error: None,
                });
                (
                    Answered::Learned,
                    0,
                    stopped(not_simulated()),
                    Some(nothing),
                )
            }
            (None, None) => (Answered::Simulated, 255, stopped(not_simulated()), None),
        };
        let made = Made {
            service,
            operation: &operation,
            answered,
            code,
            stopped,
            exchanges: Vec::new(),
        };
        self.log(begun, made);
        instead
    }
}

/// A refusal that uses lambdry's own words.
fn refusal(status: u16, code: &str, message: String) -> Instead {
    Instead::Canned(Canned {
        text: Vec::new(),
        error: Some(CannedError {
            status,
            code: code.to_owned(),
            message,
        }),
    })
}

/// A request that has begun.
struct Begun {
    began: Timestamp,
    timer: Instant,
    waited: Duration,
    agent: Option<String>,
    waits: bool,
    maker: Arc<Maker>,
    shared: Arc<Shared>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.shared.rests(&self.maker);
    }
}

/// A request that has ended.
#[derive(Debug)]
struct Made<'a> {
    service: &'a str,
    operation: &'a str,
    answered: Answered,
    code: u8,
    stopped: Option<Stopped>,
    exchanges: Vec<calls::Exchange>,
}

/// The fork, opened for one request.
struct Request {
    opened: Opened,
    recorder: Recorder,
    begun: Begun,
}

impl Session for Request {
    fn store(&self) -> &Store {
        &self.opened.store
    }

    fn call(&self, call: &serve::Call<'_>, request: Value) -> Result<Value> {
        let shared = &self.begun.shared;
        if let Some(error) = shared.lost(call.client.invocation) {
            return Err(error.into());
        }
        let hidden = calls::hidden(&request);
        let stub = self
            .opened
            .stub(&line(call.service, call.entry.name, &request));
        let stub = stub.map_err(|stop| unopened(&stop, &shared.process))?;
        let mut answered = Answered::Simulated;
        let mut answer = match stub {
            Some(stub) => {
                answered = Answered::Stub;
                of_stub(stub)
            }
            None => {
                // The program that answers an invocation is a child of this process. This guard keeps lambdry from
                // treating it as an orphan of the script.
                let _own = call
                    .entry
                    .name
                    .starts_with("Invoke")
                    .then(child::own_children);
                self.called(call, request)
            }
        };
        let masked = |stopped: Stopped| Stopped {
            message: hidden.iter().fold(stopped.message, |text, secret| {
                text.replace(secret.as_str(), MASK)
            }),
            ..stopped
        };
        let mut exchanges = self.recorder.taken();
        for exchange in &mut exchanges {
            exchange.error = exchange.error.take().map(masked);
        }
        let stopped = answer.as_ref().err().map(failed).map(masked);
        let teaches = match &answer {
            Err(Failure::NotSimulated(_)) => true,
            // The thing does not exist. A stub could still answer for it.
            Err(Failure::Service(error)) => ready::is_not_put(error),
            _ => false,
        };
        if shared.rehearsal.learn && teaches {
            answered = Answered::Learned;
            answer = Ok(json!({}));
        }
        let code = match &answer {
            Ok(_) => 0,
            Err(Failure::Service(_)) => 254,
            Err(_) => 255,
        };
        shared.keep_lost(call.client.invocation, &answer);
        let made = Made {
            service: call.service,
            operation: call.entry.name,
            answered,
            code,
            stopped,
            exchanges,
        };
        shared.log(&self.begun, made);
        answer
    }
}

impl Request {
    /// Calls the operation. If a waiter would see a change in progress, completes the change and calls the operation
    /// again.
    fn called(&self, call: &serve::Call<'_>, request: Value) -> Result<Value> {
        let (service, region, entry) = (call.service, call.region, call.entry);
        self.opened.calls_as(call.caller.clone());
        if !(call.client.waits && completes(service, entry)) {
            return State::call(&self.opened, service, region, entry, request);
        }
        if entry.answer().is_some() {
            // The thing that the waiter reads may not exist yet. The waiter's own call then reports this.
            self.opened.complete(region, entry, &request)?;
            return State::call(&self.opened, service, region, entry, request);
        }
        let seen = State::call(&self.opened, service, region, entry, request.clone())?;
        let looks_at = self.begun.maker.sources.looks_at(entry.name, true);
        let configuration = seen.get("Configuration").unwrap_or(&seen);
        let is_under_way = UNDER_WAY.iter().any(|(member, under_way)| {
            let is_seen = looks_at
                .as_ref()
                .is_none_or(|members| members.iter().any(|it| it == member));
            is_seen && configuration.get(*member).and_then(Value::as_str) == Some(under_way)
        });
        match is_under_way && self.opened.complete(region, entry, &request)? {
            true => State::call(&self.opened, service, region, entry, request),
            false => Ok(seen),
        }
    }
}

/// The members that show a change in progress. Each comes with the value that shows it.
const UNDER_WAY: [(&str, &str); 2] = [("State", "Pending"), ("LastUpdateStatus", "InProgress")];

/// Writes a request as the words of the equivalent command, so that stubs can match it.
fn line(service: &str, operation: &str, members: &Value) -> Vec<String> {
    let mut words = vec![service.to_owned()];
    match operation.contains(' ') {
        true => words.push(operation.to_owned()),
        false => words.push(kebab(operation)),
    }
    for (name, value) in members.as_object().into_iter().flatten() {
        let name = kebab(name);
        match value {
            Value::Bool(false) => words.push(format!("--no-{name}")),
            Value::Bool(true) | Value::Null => words.push(format!("--{name}")),
            Value::String(text) => words.extend([format!("--{name}"), text.clone()]),
            other => words.extend([format!("--{name}"), other.to_string()]),
        }
    }
    words
}

/// Turns a stub into the answer to a request.
fn canned(stub: Stub) -> Canned {
    let error = (stub.code != 0).then(|| {
        let (code, message) = error_of(&stub);
        CannedError {
            status: 400,
            code,
            message,
        }
    });
    Canned {
        text: stub.stdout,
        error,
    }
}

/// Turns a stub into the answer of one of lambdry's operations.
fn of_stub(stub: Stub) -> Result<Value> {
    if stub.code == 0 {
        let answer = serde_json::from_slice(&stub.stdout);
        return Ok(answer.ok().filter(Value::is_object).unwrap_or(json!({})));
    }
    let (code, message) = error_of(&stub);
    let code = Code::named(&code).unwrap_or(Code::ServiceException);
    Err(ServiceError::new(code, message).into())
}

/// The code and the message of an error in the form that the AWS CLI prints: `An error occurred (NotFound) when …:
/// gone`.
fn error_of(stub: &Stub) -> (String, String) {
    let text = stub.stderr.trim();
    let code = text
        .split_once("An error occurred (")
        .and_then(|(_, rest)| rest.split_once(')'));
    match code {
        Some((code, rest)) => {
            let message = rest.split_once(": ").map_or(rest, |(_, message)| message);
            (code.to_owned(), message.trim().to_owned())
        }
        None => ("Stubbed".to_owned(), text.to_owned()),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_matched_as_the_command_that_it_is() {
        let members = json!({ "Name": "/a b", "WithDecryption": true, "Max": 3, "Off": false });
        assert_eq!(
            line("ssm", "GetParameter", &members),
            [
                "ssm",
                "get-parameter",
                "--name",
                "/a b",
                "--with-decryption",
                "--max",
                "3",
                "--no-off"
            ]
        );
        assert_eq!(
            line("apigateway", "GET /restapis", &Value::Null)[1],
            "GET /restapis"
        );
    }

    #[test]
    fn a_stub_s_error_is_read_as_the_command_prints_it() {
        let stub = |stderr: &str| Stub {
            code: 254,
            stdout: Vec::new(),
            stderr: stderr.to_owned(),
        };
        let text = "\nAn error occurred (ResourceNotFoundException) when calling the X operation: gone: a\n";
        let told = error_of(&stub(text));
        assert_eq!(
            told,
            ("ResourceNotFoundException".to_owned(), "gone: a".to_owned())
        );
        assert_eq!(
            error_of(&stub("no\n")),
            ("Stubbed".to_owned(), "no".to_owned())
        );
        let Err(Failure::Service(error)) = of_stub(stub(text)) else {
            panic!("an error");
        };
        assert_eq!(error.code, Code::ResourceNotFoundException);
    }
}
