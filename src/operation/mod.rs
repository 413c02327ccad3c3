//! The Lambda API: one file per operation, families as folders.
//!
//! The request type *is* the operation: its members are the options, its doc comments the help, its types the
//! validation, and [`Operation::call`] the rule. Adding an operation is one file and two lines in its family's `mod.rs`.

pub mod account;
pub mod alias;
pub mod blob;
pub mod complete;
pub mod function;
pub mod invocation;
pub mod layer;
pub mod page;
pub mod resolve;
#[cfg(test)]
pub(crate) mod sandbox;
pub mod shape;
pub mod validate;
pub mod version;

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use crate::store::{Failure, Result};
use crate::{
    state::error::{Code, ServiceError},
    store::{Place, faults::Fault},
};
use invocation::answer::Runner;
use shape::Structure;

/// What an operation works on: one account and region of a state directory.
#[derive(Debug)]
pub struct Lambda<'a> {
    /// The state directory, the account and the region.
    pub place: &'a Place<'a>,
    /// How long a create or an update takes to complete.
    pub settle: Duration,
    /// The fault plan of the environment, which wins over the one in the state directory.
    pub faults: Option<String>,
    /// How functions are run.
    pub runner: &'a Runner,
}

/// One Lambda operation; implemented by its request type.
pub trait Operation: DeserializeOwned + JsonSchema {
    /// AWS's name, `CreateAlias`.
    const NAME: &'static str;
    /// Method, path and status on the wire: `POST /2015-03-31/functions/{FunctionName}/aliases 201`.
    const ROUTE: &'static str;
    /// What it does, in a sentence or more.
    const ABOUT: &'static str;
    /// What it answers; `()` for nothing.
    type Response: Serialize + JsonSchema;

    /// Runs it.
    ///
    /// # Errors
    /// As AWS's page of the operation lists them.
    fn call(self, lambda: &Lambda<'_>) -> Result<Self::Response>;
}

/// An operation with its types erased: a JSON object of AWS members in, one out.
pub struct Entry {
    /// AWS's name, `CreateAlias`. The command is this in kebab case.
    pub name: &'static str,
    /// Method, path and status on the wire.
    pub route: &'static str,
    /// What it does.
    pub about: &'static str,
    request: fn() -> Structure,
    response: fn() -> Structure,
    run: fn(&Lambda<'_>, Value) -> Result<Value>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Entry {
    /// The entry of an operation.
    pub const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            route: O::ROUTE,
            about: O::ABOUT,
            request: Structure::of::<O>,
            response: Structure::of::<O::Response>,
            run: |lambda, request| {
                // What the shape let through and the type refuses: a member that is null or of another type.
                let request: O = serde_json::from_value(request).map_err(|error| {
                    ServiceError::new(
                        Code::ValidationException,
                        format!("the request is not a {} request: {error}", O::NAME),
                    )
                })?;
                let response = request.call(lambda)?;
                Ok(serde_json::to_value(response).expect("responses are plain data"))
            },
        }
    }

    /// What it takes.
    pub fn request(&self) -> Structure {
        (self.request)()
    }

    /// What it answers.
    pub fn response(&self) -> Structure {
        (self.response)()
    }

    /// Runs it on a request whose types the caller has checked; validates in the service's words.
    ///
    /// # Errors
    /// What the operation raises, ValidationException, and whatever the fault plan says.
    pub fn call(&self, lambda: &Lambda<'_>, request: Value) -> Result<Value> {
        let fault = lambda
            .place
            .store
            .fault(self.name, lambda.faults.as_deref())?;
        if let Some(fault) = fault.filter(|fault| !fault.after) {
            return Err(injected(fault));
        }
        validate::validate(&self.request(), &request)?;
        let answer = (self.run)(lambda, request)?;
        fault.map_or(Ok(answer), |fault| Err(injected(fault)))
    }
}

/// The error a fault plan asks for, in words like the service's own.
fn injected(fault: Fault) -> Failure {
    let (message, reason) = match fault.code {
        Code::TooManyRequestsException => ("Rate exceeded", Some("CallerRateLimitExceeded")),
        Code::ServiceException => ("An internal error occurred. Please try again later.", None),
        Code::CodeStorageExceededException => ("Code storage limit exceeded.", None),
        _ => (
            "An error occurred and the request cannot be processed.",
            None,
        ),
    };
    let mut error = ServiceError::new(fault.code, message).with_hint(if fault.after {
        "the fault plan (LAMBDRY_FAULTS or the file faults) says so: the call took effect and its answer was lost"
    } else {
        "the fault plan (LAMBDRY_FAULTS or the file faults) says so: nothing was changed"
    });
    if let Some(reason) = reason {
        error.details.insert("Reason".to_owned(), reason.into());
    }
    error.into()
}

/// Every operation, family by family.
pub const FAMILIES: &[&[Entry]] = &[
    function::ENTRIES,
    version::ENTRIES,
    alias::ENTRIES,
    account::ENTRIES,
    layer::ENTRIES,
    invocation::ENTRIES,
];

/// The operation of that name, `CreateAlias`.
pub fn find(name: &str) -> Option<&'static Entry> {
    FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .find(|entry| entry.name == name)
}
