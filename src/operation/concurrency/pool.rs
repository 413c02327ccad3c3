//! The account's unreserved concurrency. Functions take from it when they reserve or provision concurrency.

use std::cell::RefCell;

use crate::{
    operation::{
        Lambda, Result,
        resolve::{Target, invalid},
    },
    state::error::ServiceError,
    store::lock::Lock,
};

/// The pool for a change of one function. Create it before the edit and drop it after the edit. The first call of
/// [`Pool::level`] locks the pool, so that no other function can take from it.
#[derive(Debug)]
pub struct Pool<'a> {
    lambda: &'a Lambda<'a>,
    name: &'a str,
    held: RefCell<Option<Lock>>,
}

/// The amount of concurrency in the pool.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    /// Concurrent invocations that no other function has reserved or provisioned.
    pub left: u64,
    /// Concurrent invocations that must stay unreserved.
    pub minimum: u64,
}

impl<'a> Pool<'a> {
    /// The pool for a change of that function.
    pub fn new(lambda: &'a Lambda<'a>, target: &'a Target) -> Self {
        Self {
            lambda,
            name: target.name(),
            held: RefCell::default(),
        }
    }

    /// Locks the pool and reads the amount of concurrency in it. Call it only inside the function's edit.
    ///
    /// # Errors
    /// A head or the limits cannot be read, or the lock cannot be taken.
    pub fn level(&self) -> Result<Level> {
        let place = self.lambda.place;
        *self.held.borrow_mut() = Some(place.hold_concurrency()?);
        let limits = place.limits()?;
        Ok(Level {
            left: limits
                .concurrent_executions
                .saturating_sub(place.concurrency_taken(Some(self.name))?),
            minimum: limits.unreserved_minimum(),
        })
    }
}

/// `Specified {what} for function decreases account's …`, without `Type` (recorded from AWS 2025-11).
pub fn below_minimum(what: &str, minimum: u64) -> ServiceError {
    invalid(format!(
        "Specified {what} for function decreases account's UnreservedConcurrentExecution below its minimum value of \
         [{minimum}]."
    ))
    .without_type()
    .with_explanation(format!(
        "The account has a limit of concurrent invocations, and {minimum} of them always stay for functions without \
         a reservation."
    ))
    .with_hint("the account's limit is ConcurrentExecutions in account.json; get-account-settings shows the \
        remaining number")
}

/// Refuses a qualifier, even `$LATEST`: reserved concurrency belongs to the function (recorded from AWS 2025-11).
///
/// # Errors
/// InvalidParameterValueException.
pub fn function_only(target: Target) -> Result<Target> {
    if target.qualifier.is_some() {
        return Err(invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN.",
        )
        .into());
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use serde_json::json;

    use crate::{
        operation::{
            Lambda, find, invocation::answer::Runner, sandbox::Sandbox, sts::caller::Caller,
            version::publish::Publishing,
        },
        state::arn::Scope,
        store::{
            Settings, Store,
            clock::{Clock, Ids},
        },
    };

    #[test]
    fn a_crowd_never_takes_more_than_there_is() {
        let lambda = Sandbox::new();
        let names: Vec<String> = (0..6).map(|n| format!("f{n}")).collect();
        for name in &names {
            lambda.create(name);
        }
        let root = lambda.root();
        let reserve = |name: &str| {
            let store = Store::open(Settings {
                root: root.to_owned(),
                clock: Clock::System,
                ids: Ids::Random,
                total_code_size: None,
                lock_timeout: Duration::from_secs(30),
                notice: Box::new(|_| {}),
                steps: None,
            })
            .expect("a state directory");
            let place = store.place(Scope {
                region: "us-east-1".to_owned(),
                account: "123456789012".to_owned(),
            });
            let lambda = Lambda {
                explained: None,
                place: &place,
                settle: Duration::ZERO,
                faults: None,
                runner: &Runner::default(),
                publishing: &Publishing::default(),
                caller: &Caller::default(),
            };
            let request = json!({ "FunctionName": name, "ReservedConcurrentExecutions": 300 });
            find("PutFunctionConcurrency")
                .expect("an operation")
                .call(&lambda, request)
                .is_ok()
        };
        let done = thread::scope(|scope| {
            let calls: Vec<_> = names
                .iter()
                .map(|name| scope.spawn(|| reserve(name)))
                .collect();
            calls
                .into_iter()
                .map(|call| call.join().expect("no panic"))
                .filter(|reserved| *reserved)
                .count()
        });
        assert_eq!(done, 3);
        assert_eq!(
            lambda.call("GetAccountSettings", json!({}))["AccountLimit"]["UnreservedConcurrentExecutions"],
            100
        );
    }
}
