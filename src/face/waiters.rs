//! `wait`: poll an operation until a function is as wanted.
//!
//! Nothing here takes real time but a missing function: a change in progress is completed, as far as there is
//! one, and looked at again. Names, acceptors and texts are aws-cli 2.36.7's.

use std::time::Duration;

use serde_json::Value;

use super::exit::Stop;

/// One of the subcommands of `wait`.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The subcommand.
    pub(crate) command: &'static str,
    /// AWS's name.
    name: &'static str,
    /// The operation it polls.
    pub(crate) operation: &'static str,
    /// Seconds between polls, on AWS.
    delay: u32,
    /// How many polls.
    attempts: u32,
    /// The state it looks at.
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// Any answer.
    Exists,
    /// The member at this path: good when the first, bad when `Failed`, in progress when the second.
    State(&'static str, &'static str, &'static str),
}

const ACTIVE: (&str, &str) = ("Active", "Pending");
const UPDATED: (&str, &str) = ("Successful", "InProgress");

/// All of them, in order.
pub(crate) const WAITERS: [Waiter; 6] = [
    Waiter {
        command: "function-active",
        name: "FunctionActive",
        operation: "GetFunctionConfiguration",
        delay: 5,
        attempts: 60,
        wanted: Wanted::State("State", ACTIVE.0, ACTIVE.1),
    },
    Waiter {
        command: "function-active-v2",
        name: "FunctionActiveV2",
        operation: "GetFunction",
        delay: 1,
        attempts: 300,
        wanted: Wanted::State("Configuration.State", ACTIVE.0, ACTIVE.1),
    },
    Waiter {
        command: "function-exists",
        name: "FunctionExists",
        operation: "GetFunction",
        delay: 1,
        attempts: 20,
        wanted: Wanted::Exists,
    },
    Waiter {
        command: "function-updated",
        name: "FunctionUpdated",
        operation: "GetFunctionConfiguration",
        delay: 5,
        attempts: 60,
        wanted: Wanted::State("LastUpdateStatus", UPDATED.0, UPDATED.1),
    },
    Waiter {
        command: "function-updated-v2",
        name: "FunctionUpdatedV2",
        operation: "GetFunction",
        delay: 1,
        attempts: 300,
        wanted: Wanted::State("Configuration.LastUpdateStatus", UPDATED.0, UPDATED.1),
    },
    Waiter {
        command: "published-version-active",
        name: "PublishedVersionActive",
        operation: "GetFunctionConfiguration",
        delay: 5,
        attempts: 312,
        wanted: Wanted::State("State", ACTIVE.0, ACTIVE.1),
    },
];

impl Waiter {
    /// What it does, for help.
    pub(crate) fn about(&self) -> String {
        let operation = super::options::kebab(self.operation);
        let until = match &self.wanted {
            Wanted::Exists => "the function exists".to_owned(),
            Wanted::State(path, wanted, _) => format!("{path} is {wanted}"),
        };
        format!(
            "Waits until {until}, when polling with {operation}. AWS polls every {} seconds and gives up with exit code \
             255 after {} polls; here the change in progress is completed at once.",
            self.delay, self.attempts
        )
    }

    /// The member of a function's configuration that it looks at; `None` when any answer will do.
    pub(crate) fn looks_at(&self) -> Option<&'static str> {
        match &self.wanted {
            Wanted::Exists => None,
            Wanted::State(path, ..) => path.rsplit('.').next(),
        }
    }

    fn fails(&self, reason: &str) -> Stop {
        Stop::Other(format!("Waiter {} failed: {reason}", self.name))
    }

    /// Polls until it is as wanted. `complete` completes the change in progress and answers whether there was one.
    ///
    /// # Errors
    /// Every way it can fail, all of them exit code 255.
    pub(crate) fn wait(
        &self,
        poll: &mut dyn FnMut() -> Result<Value, Stop>,
        complete: &mut dyn FnMut() -> Result<bool, Stop>,
        sleep: &dyn Fn(Duration),
    ) -> Result<(), Stop> {
        let mut matched = String::new();
        let mut looked_again = false;
        for _ in 0..self.attempts {
            let answer = match poll() {
                Ok(answer) => answer,
                Err(Stop::Service(_, error)) => {
                    let code = error.code.name();
                    if !matches!(self.wanted, Wanted::Exists) || code != "ResourceNotFoundException"
                    {
                        return Err(
                            self.fails(&format!("An error occurred ({code}): {}", error.message))
                        );
                    }
                    matched = format!(
                        " Previously accepted state: Matched expected service error code: {code}"
                    );
                    if looked_again {
                        break;
                    }
                    looked_again = true;
                    sleep(Duration::from_secs(1));
                    continue;
                }
                Err(other) => return Err(other),
            };
            let Wanted::State(path, wanted, in_progress) = self.wanted else {
                return Ok(());
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
        let stop = if matched.is_empty() {
            "Max attempts exceeded"
        } else {
            "Max attempts exceeded."
        };
        Err(self.fails(&format!("{stop}{matched}")))
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

    /// Polls the answers in turn, the last for ever; there is something to complete as often as said.
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
