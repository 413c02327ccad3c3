//! The Lambda API: one file per operation, families as folders.
//!
//! The request type *is* the operation: its members are the options, its doc comments the help, its types the
//! validation, and [`Operation::call`] the rule. Adding an operation is one file and two lines in its family's `mod.rs`.

pub mod shape;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::state::error::ServiceError;
use shape::Structure;

/// What a call ends with when it does not answer.
#[derive(Debug)]
pub enum Failure {
    /// The service's own answer: exit code 254.
    Service(ServiceError),
    /// AWS has it and we do not: the text names it. Exit code 255.
    NotSimulated(String),
}

/// A call's answer.
pub type Result<T> = std::result::Result<T, Failure>;

/// What an operation works on: one account and region of a state directory, a clock and ids.
#[derive(Debug)]
pub struct Lambda {}

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
    fn call(self, lambda: &Lambda) -> Result<Self::Response>;
}

/// An operation with its types erased: a JSON object of AWS members in, one out.
#[derive(Debug)]
pub struct Entry {
    /// AWS's name, `CreateAlias`. The command is this in kebab case.
    pub name: &'static str,
    /// Method, path and status on the wire.
    pub route: &'static str,
    /// What it does.
    pub about: &'static str,
    request: fn() -> Structure,
    response: fn() -> Structure,
    call: fn(&Lambda, Value) -> Result<Value>,
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
            call: |_lambda, _request| todo!(),
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
    /// What the operation raises, and ValidationException.
    pub fn call(&self, lambda: &Lambda, request: Value) -> Result<Value> {
        (self.call)(lambda, request)
    }
}
