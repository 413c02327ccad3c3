//! `wait`: polls an operation until a resource reaches a state.
//!
//! A wait takes real time only for a resource that is missing or still exists. If a function has a change in progress,
//! the wait completes the change and polls the function again. Names, acceptors and texts are aws-cli 2.36.7's.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;

use super::exit::Stop;
use super::options::camel;
use crate::{
    operation::ready::{self, catalogue::Wait},
    output::query::Query,
    state::error::ServiceError,
};

/// One subcommand of a service's `wait`.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The word for the service on the command line.
    pub(crate) service: &'static str,
    /// The subcommand.
    pub(crate) command: &'static str,
    /// AWS's name for the waiter.
    name: &'static str,
    /// The operation that the waiter polls.
    pub(crate) operation: &'static str,
    /// The seconds between polls on AWS.
    delay: u32,
    /// The greatest number of polls.
    attempts: u32,
    /// The condition that ends the wait with success.
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// Any answer is success. [`Missing`] describes the error for a resource that is missing.
    Exists(Missing),
    /// The error for a missing resource is success.
    Gone(Missing),
    /// A member of the answer decides: the first text is its path. The second text is the value for success, and the
    /// third is the value while a change is in progress. The value `Failed` means failure.
    State(&'static str, &'static str, &'static str),
    /// The acceptors from the service's file, in order. The first one that matches decides.
    Accepted(Vec<Acceptor>),
}

/// An acceptor of a waiter: `success Table.TableStatus = ACTIVE`, `failure Stacks[].StackStatus any = ROLLBACK_FAILED`,
/// `retry error ResourceNotFoundException`.
#[derive(Debug)]
struct Acceptor {
    then: Then,
    /// The JMESPath expression that is evaluated, or the word `error`.
    looks_at: String,
    /// The part of the expression's result that must match.
    part: Part,
    expected: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Success,
    Failure,
    Retry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    One,
    All,
    Any,
}

impl Acceptor {
    /// Reads an acceptor; `None` if the text is not an acceptor.
    fn read(text: &str) -> Option<Self> {
        let (then, rest) = text.split_once(' ')?;
        let then = match then {
            "success" => Then::Success,
            "failure" => Then::Failure,
            "retry" => Then::Retry,
            _ => return None,
        };
        if let Some(code) = rest.strip_prefix("error ") {
            return Some(Self {
                then,
                looks_at: "error".to_owned(),
                part: Part::One,
                expected: code.into(),
            });
        }
        let (path, expected) = rest.rsplit_once(" = ")?;
        let (path, part) = match (path.strip_suffix(" all"), path.strip_suffix(" any")) {
            (Some(path), _) => (path, Part::All),
            (_, Some(path)) => (path, Part::Any),
            _ => (path, Part::One),
        };
        Query::compile(path).ok()?;
        Some(Self {
            then,
            looks_at: path.to_owned(),
            part,
            expected: match expected {
                "true" => true.into(),
                "false" => false.into(),
                text => text.into(),
            },
        })
    }

    /// Returns true if an answer, or the code of an error, matches.
    fn fits(&self, answer: Result<&Value, &str>) -> bool {
        match answer {
            Err(code) => self.looks_at == "error" && self.expected == code,
            Ok(_) if self.looks_at == "error" => false,
            Ok(answer) => {
                let query = Query::compile(&self.looks_at).ok();
                let found = query.and_then(|query| query.search(answer).ok());
                match (self.part, found) {
                    (Part::One, Some(found)) => found == self.expected,
                    (Part::All, Some(Value::Array(all))) => {
                        !all.is_empty() && all.iter().all(|one| *one == self.expected)
                    }
                    (Part::Any, Some(Value::Array(all))) => all.contains(&self.expected),
                    _ => false,
                }
            }
        }
    }

    /// A description of the match in botocore's words.
    fn explained(&self) -> String {
        let expected = match &self.expected {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let path = &self.looks_at;
        match self.part {
            Part::One if path == "error" => {
                format!("Matched expected service error code: {expected}")
            }
            Part::One => {
                format!("For expression \"{path}\" we matched expected path: \"{expected}\"")
            }
            Part::All => format!(
                "For expression \"{path}\" all members matched excepted path: \"{expected}\""
            ),
            Part::Any => {
                format!(
                    "For expression \"{path}\" we matched expected path: \"{expected}\" at least once"
                )
            }
        }
    }
}

/// The way in which an answer shows that a resource is missing.
#[derive(Debug, Clone, Copy)]
enum Missing {
    /// An error with that code.
    Code(&'static str),
    /// The HTTP status 404.
    Status,
}

impl Missing {
    fn is(self, error: &ServiceError) -> bool {
        match self {
            Self::Code(code) => error.code.name() == code,
            Self::Status => error.code.status() == 404,
        }
    }

    /// A description of the match in botocore's words.
    fn told(self) -> String {
        match self {
            Self::Code(code) => format!("Matched expected service error code: {code}"),
            Self::Status => "Matched expected HTTP status code: 404".to_owned(),
        }
    }
}

/// The waiters of a service whose answers are ready answers.
fn ready_of(service: &str) -> &'static [Waiter] {
    static KEPT: Mutex<BTreeMap<String, &'static [Waiter]>> = Mutex::new(BTreeMap::new());
    let Some(waits) = ready::waits(service) else {
        return &[];
    };
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(service.to_owned()).or_insert_with(|| {
        let named: &'static str = service.to_owned().leak();
        let read = waits
            .iter()
            .map(|(command, wait)| Waiter::read(named, command, wait));
        read.collect::<Vec<_>>().leak()
    })
}

const ACTIVE: (&str, &str) = ("Active", "Pending");
const UPDATED: (&str, &str) = ("Successful", "InProgress");

/// A waiter of Lambda.
const fn of_lambda(
    command: &'static str,
    name: &'static str,
    operation: &'static str,
    (delay, attempts): (u32, u32),
    wanted: Wanted,
) -> Waiter {
    Waiter {
        service: "lambda",
        command,
        name,
        operation,
        delay,
        attempts,
        wanted,
    }
}

/// All waiters, in the order of their services.
pub(crate) static WAITERS: &[Waiter] = &[
    of_lambda(
        "function-active",
        "FunctionActive",
        "GetFunctionConfiguration",
        (5, 60),
        Wanted::State("State", ACTIVE.0, ACTIVE.1),
    ),
    of_lambda(
        "function-active-v2",
        "FunctionActiveV2",
        "GetFunction",
        (1, 300),
        Wanted::State("Configuration.State", ACTIVE.0, ACTIVE.1),
    ),
    of_lambda(
        "function-exists",
        "FunctionExists",
        "GetFunction",
        (1, 20),
        Wanted::Exists(Missing::Code("ResourceNotFoundException")),
    ),
    of_lambda(
        "function-updated",
        "FunctionUpdated",
        "GetFunctionConfiguration",
        (5, 60),
        Wanted::State("LastUpdateStatus", UPDATED.0, UPDATED.1),
    ),
    of_lambda(
        "function-updated-v2",
        "FunctionUpdatedV2",
        "GetFunction",
        (1, 300),
        Wanted::State("Configuration.LastUpdateStatus", UPDATED.0, UPDATED.1),
    ),
    of_lambda(
        "published-version-active",
        "PublishedVersionActive",
        "GetFunctionConfiguration",
        (5, 312),
        Wanted::State("State", ACTIVE.0, ACTIVE.1),
    ),
    Waiter {
        service: "iam",
        command: "policy-exists",
        name: "PolicyExists",
        operation: "GetPolicy",
        delay: 1,
        attempts: 20,
        wanted: Wanted::Exists(Missing::Code("NoSuchEntity")),
    },
    Waiter {
        service: "iam",
        command: "role-exists",
        name: "RoleExists",
        operation: "GetRole",
        delay: 1,
        attempts: 20,
        wanted: Wanted::Exists(Missing::Code("NoSuchEntity")),
    },
    Waiter {
        service: "s3api",
        command: "bucket-exists",
        name: "BucketExists",
        operation: "HeadBucket",
        delay: 5,
        attempts: 20,
        wanted: Wanted::Exists(Missing::Status),
    },
    Waiter {
        service: "s3api",
        command: "bucket-not-exists",
        name: "BucketNotExists",
        operation: "HeadBucket",
        delay: 5,
        attempts: 20,
        wanted: Wanted::Gone(Missing::Status),
    },
    Waiter {
        service: "s3api",
        command: "object-exists",
        name: "ObjectExists",
        operation: "HeadObject",
        delay: 5,
        attempts: 20,
        wanted: Wanted::Exists(Missing::Status),
    },
    Waiter {
        service: "s3api",
        command: "object-not-exists",
        name: "ObjectNotExists",
        operation: "HeadObject",
        delay: 5,
        attempts: 20,
        wanted: Wanted::Gone(Missing::Status),
    },
];

/// The waiters of a service.
pub(crate) fn of(service: &str) -> impl Iterator<Item = &'static Waiter> + Clone + use<'_> {
    let own = WAITERS
        .iter()
        .filter(move |waiter| waiter.service == service);
    own.chain(ready_of(service))
}

impl Waiter {
    /// The waiter that a service's file describes.
    fn read(service: &'static str, command: &'static str, wait: &'static Wait) -> Self {
        let read = |text: &String| Acceptor::read(text).expect("the files are read by a test");
        Self {
            service,
            command,
            name: camel(command).leak(),
            operation: &wait.polls,
            delay: wait.every,
            attempts: wait.times,
            wanted: Wanted::Accepted(wait.until.iter().map(read).collect()),
        }
    }

    /// The description for help.
    pub(crate) fn about(&self) -> String {
        let operation = super::options::kebab(self.operation);
        let what = self.command.split('-').next().unwrap_or_default();
        let until = match &self.wanted {
            Wanted::Exists(_) => format!("the {what} exists"),
            Wanted::Gone(_) => format!("the {what} no longer exists"),
            Wanted::State(path, wanted, _) => format!("{path} is {wanted}"),
            Wanted::Accepted(all) => {
                let mut all = all.iter();
                let success = all.find(|one| one.then == Then::Success);
                success.map(Acceptor::explained).unwrap_or_default()
            }
        };
        let here = match &self.wanted {
            Wanted::State(..) => "the change in progress completes at once",
            _ => "lambdry polls twice, with 1 second between",
        };
        format!(
            "Waits until {until}. Polls with {operation}. AWS polls every {} seconds, at most {} times, and then \
             ends with exit code 255. Here {here}.",
            self.delay, self.attempts
        )
    }

    /// The member of a function's configuration that the waiter reads; `None` if it reads no member.
    pub(crate) fn looks_at(&self) -> Option<&'static str> {
        match &self.wanted {
            Wanted::Exists(_) | Wanted::Gone(_) | Wanted::Accepted(_) => None,
            Wanted::State(path, ..) => path.rsplit('.').next(),
        }
    }

    fn fails(&self, reason: &str) -> Stop {
        Stop::Other(format!("Waiter {} failed: {reason}", self.name))
    }

    /// Polls until the state is reached. `complete` completes the change in progress and returns true if there was one.
    ///
    /// # Errors
    /// Any failure of a waiter; all have exit code 255.
    pub(crate) fn wait(
        &self,
        poll: &mut dyn FnMut() -> Result<Value, Stop>,
        complete: &mut dyn FnMut() -> Result<bool, Stop>,
        sleep: &dyn Fn(Duration),
    ) -> Result<(), Stop> {
        if let Wanted::Accepted(acceptors) = &self.wanted {
            return self.accept(acceptors, poll, complete, sleep);
        }
        let mut matched = String::new();
        let mut looked_again = false;
        for _ in 0..self.attempts {
            let answer = match poll() {
                Ok(answer) => answer,
                Err(Stop::Service(_, error)) => match &self.wanted {
                    Wanted::Gone(missing) if missing.is(&error) => return Ok(()),
                    Wanted::Exists(missing) if missing.is(&error) => {
                        matched = format!(" Previously accepted state: {}", missing.told());
                        if looked_again {
                            break;
                        }
                        looked_again = true;
                        sleep(Duration::from_secs(1));
                        continue;
                    }
                    _ => {
                        let (code, message) = (error.code.name(), &error.message);
                        return Err(self.fails(&format!("An error occurred ({code}): {message}")));
                    }
                },
                Err(other) => return Err(other),
            };
            let (path, wanted, in_progress) = match &self.wanted {
                &Wanted::State(path, wanted, in_progress) => (path, wanted, in_progress),
                Wanted::Exists(_) | Wanted::Accepted(_) => return Ok(()),
                Wanted::Gone(_) if looked_again => break,
                Wanted::Gone(_) => {
                    looked_again = true;
                    sleep(Duration::from_secs(1));
                    continue;
                }
            };
            let state = path
                .split('.')
                .try_fold(&answer, |value, key| value.get(key))
                .and_then(Value::as_str);
            let explained = |state: &str| {
                format!("For expression \"{path}\" we matched expected path: \"{state}\"")
            };
            match state {
                Some(state) if state == wanted => return Ok(()),
                Some("Failed") => {
                    let reason = explained("Failed");
                    return Err(self.fails(&format!(
                        "Waiter encountered a terminal failure state: {reason}"
                    )));
                }
                Some(state) if state == in_progress => {
                    matched = format!(" Previously accepted state: {}", explained(state));
                }
                _ => {}
            }
            if !complete()? {
                break;
            }
        }
        Err(self.exceeded(&matched))
    }

    /// The error of a waiter that made its last poll without success.
    fn exceeded(&self, matched: &str) -> Stop {
        let stop = if matched.is_empty() {
            "Max attempts exceeded"
        } else {
            "Max attempts exceeded."
        };
        self.fails(&format!("{stop}{matched}"))
    }

    /// Polls, and decides by the acceptors of a service's file.
    fn accept(
        &self,
        acceptors: &[Acceptor],
        poll: &mut dyn FnMut() -> Result<Value, Stop>,
        complete: &mut dyn FnMut() -> Result<bool, Stop>,
        sleep: &dyn Fn(Duration),
    ) -> Result<(), Stop> {
        let mut matched = String::new();
        let mut looked_again = false;
        for _ in 0..self.attempts {
            let polled = poll();
            let seen = match &polled {
                Ok(answer) => Ok(answer),
                Err(Stop::Service(_, error)) => Err(error.code.name()),
                Err(_) => return polled.map(drop),
            };
            let mut fitting = acceptors.iter();
            match (fitting.find(|acceptor| acceptor.fits(seen)), &polled) {
                (Some(acceptor), _) if acceptor.then == Then::Success => return Ok(()),
                (Some(acceptor), _) if acceptor.then == Then::Failure => {
                    let reason = acceptor.explained();
                    return Err(self.fails(&format!(
                        "Waiter encountered a terminal failure state: {reason}"
                    )));
                }
                (Some(acceptor), _) => {
                    matched = format!(" Previously accepted state: {}", acceptor.explained());
                }
                (None, Err(Stop::Service(_, error))) => {
                    let code = error.code.name();
                    return Err(
                        self.fails(&format!("An error occurred ({code}): {}", error.message))
                    );
                }
                (None, _) => {}
            }
            if complete()? {
                continue;
            }
            // Another process may be creating the missing resource, so the waiter polls once more.
            if looked_again || polled.is_ok() {
                break;
            }
            looked_again = true;
            sleep(Duration::from_secs(1));
        }
        Err(self.exceeded(&matched))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;
    use crate::state::error::{Code, ServiceError};

    fn waiter(command: &str) -> &'static Waiter {
        WAITERS
            .iter()
            .find(|waiter| waiter.command == command)
            .unwrap()
    }

    /// Runs a waiter for which the polls return these answers one after the other, and then the last one again and
    /// again. `changes` is the number of changes that can be completed.
    fn waited(
        command: &str,
        answers: &[Result<Value, Code>],
        mut changes: u32,
    ) -> (Result<(), Stop>, u64) {
        let slept = Cell::new(0);
        let mut at = 0;
        let result = waiter(command).wait(
            &mut || {
                let answer = answers[at.min(answers.len() - 1)].clone();
                at += 1;
                answer.map_err(|code| {
                    Stop::Service(
                        "GetFunction",
                        Box::new(ServiceError::new(code, "Function not found: arn:missing")),
                    )
                })
            },
            &mut || {
                let any = changes > 0;
                changes = changes.saturating_sub(1);
                Ok(any)
            },
            &|duration| slept.set(slept.get() + duration.as_secs()),
        );
        (result, slept.get())
    }

    fn fails(text: &str) -> Result<(), Stop> {
        Err(Stop::Other(format!("Waiter {text}")))
    }

    #[test]
    fn completes_the_change_it_waits_for() {
        let (pending, active) = (json!({"State": "Pending"}), json!({"State": "Active"}));
        assert_eq!(
            waited("function-active", &[Ok(pending.clone()), Ok(active)], 1),
            (Ok(()), 0)
        );
        assert_eq!(
            waited("function-active", &[Ok(pending)], 0).0,
            fails(
                "FunctionActive failed: Max attempts exceeded. Previously accepted state: For expression \"State\" we matched expected path: \"Pending\""
            )
        );
        let updated = json!({"Configuration": {"LastUpdateStatus": "Successful"}});
        assert_eq!(waited("function-updated-v2", &[Ok(updated)], 0).0, Ok(()));
    }

    #[test]
    fn looks_twice_for_a_missing_function() {
        let missing = Err(Code::ResourceNotFoundException);
        assert_eq!(
            waited("function-exists", std::slice::from_ref(&missing), 9),
            (
                fails(
                    "FunctionExists failed: Max attempts exceeded. Previously accepted state: Matched expected service error code: ResourceNotFoundException"
                ),
                1
            )
        );
        assert_eq!(
            waited("function-exists", &[missing.clone(), Ok(json!({}))], 0),
            (Ok(()), 1)
        );
        assert_eq!(
            waited("function-active", &[missing], 0),
            (
                fails(
                    "FunctionActive failed: An error occurred (ResourceNotFoundException): Function not found: arn:missing"
                ),
                0
            )
        );
    }

    #[test]
    fn what_should_be_gone_is_looked_for_twice() {
        let missing = Err(Code::NotFound);
        assert_eq!(
            waited("object-not-exists", std::slice::from_ref(&missing), 0),
            (Ok(()), 0)
        );
        assert_eq!(
            waited("bucket-not-exists", &[Ok(json!({})), missing.clone()], 0),
            (Ok(()), 1)
        );
        assert_eq!(
            waited("bucket-not-exists", &[Ok(json!({}))], 0),
            (fails("BucketNotExists failed: Max attempts exceeded"), 1)
        );
        assert_eq!(
            waited("bucket-exists", &[missing], 0),
            (
                fails(
                    "BucketExists failed: Max attempts exceeded. Previously accepted state: Matched expected HTTP status code: 404"
                ),
                1
            )
        );
        assert_eq!(
            waited("role-exists", &[Err(Code::NoSuchEntity), Ok(json!({}))], 0),
            (Ok(()), 1)
        );
    }

    #[test]
    fn every_waiter_polls_an_operation_of_its_service_and_has_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for waiter in WAITERS {
            let entry = crate::operation::find_in(waiter.service, waiter.operation);
            assert!(entry.is_some(), "{}", waiter.command);
            assert_eq!(super::super::options::kebab(waiter.name), waiter.command);
            assert!(names.insert(waiter.command), "{} twice", waiter.command);
        }
    }

    #[test]
    fn fails_where_aws_fails() {
        assert_eq!(
            waited(
                "published-version-active",
                &[Ok(json!({"State": "Failed"}))],
                0
            )
            .0,
            fails(
                "PublishedVersionActive failed: Waiter encountered a terminal failure state: For expression \"State\" we matched expected path: \"Failed\""
            )
        );
        assert_eq!(
            waited("function-active", &[Ok(json!({}))], 5).0,
            fails("FunctionActive failed: Max attempts exceeded")
        );
    }
}
