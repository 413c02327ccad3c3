//! The API, with one file for each operation. A folder holds a family of Lambda's operations, or another service.
//!
//! The request type *is* the operation: its members are the options, its doc comments are the help, its types are the
//! validation, and [`Operation::call`] is the rule. A new operation is one file and two lines in its family's `mod.rs`.

pub mod account;
pub mod alias;
pub mod blob;
mod body;
pub mod code_signing;
pub mod complete;
pub mod concurrency;
pub mod ec2;
pub mod ecr;
pub mod event_invoke;
pub mod event_source_mapping;
pub mod explain;
pub mod function;
pub mod iam;
pub mod invocation;
pub mod layer;
pub mod logs;
pub mod page;
pub mod permission;
pub mod ready;
pub mod recursion;
pub mod refused;
pub mod resolve;
pub mod route;
pub mod runtime;
pub mod s3;
#[cfg(test)]
pub(crate) mod sandbox;
pub mod scaling;
pub mod shape;
pub mod sts;
pub mod tag;
pub mod tags;
pub mod url;
pub mod validate;
pub mod version;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::state::plain::plain;
pub use crate::store::{Failure, Result};
use crate::{
    state::error::{Code, ServiceError},
    store::{Place, faults::Fault},
};
use explain::Explained;
use invocation::answer::Runner;
use ready::Ready;
use shape::Structure;
use sts::caller::Caller;
use version::publish::Publishing;

/// The context of an operation: one account and region of a state directory.
#[derive(Debug)]
pub struct Lambda<'a> {
    /// The state directory, the account and the region.
    pub place: &'a Place<'a>,
    /// The time that a create or an update takes to complete.
    pub settle: Duration,
    /// The fault plan of the environment. It replaces the plan in the state directory.
    pub faults: Option<String>,
    /// The runner of functions.
    pub runner: &'a Runner,
    /// The explanations of rules, if somebody asked for them.
    pub explained: Option<&'a Explained>,
    /// The rule that decides if a publish makes a version, and a note of the publishes that the other rule would have
    /// decided differently.
    pub publishing: &'a Publishing,
    /// The caller.
    pub caller: &'a Caller,
}

/// An operation, implemented by its request type.
pub trait Operation: DeserializeOwned + JsonSchema {
    /// AWS's name, for example `CreateAlias`.
    const NAME: &'static str;
    /// The name that is unique among the operations of all services: `iam:GetPolicy`, because Lambda has a `GetPolicy`
    /// as well.
    const KEY: &'static str = Self::NAME;
    /// Method, path and status on the wire: `POST /2015-03-31/functions/{FunctionName}/aliases 201`.
    const ROUTE: &'static str;
    /// A description of the operation, in a sentence or more.
    const ABOUT: &'static str;
    /// All members that the model has, in the model's order, if the type lacks some of them. Requests may give the
    /// members that the type lacks, but they change nothing here (see [`Structure::completed`]).
    const MEMBERS: &'static str = "";
    /// The members that are not in the usual place on the wire, separated by blanks: `Qualifier@query`,
    /// `LogType@header=X-Amz-Log-Type`, `Payload@payload`, `StatusCode@status` (see [`route`]).
    const WIRE: &'static str = "";
    /// The lists in an answer that comes in pages. The first one is the list whose items are counted. They are stated
    /// here, because it would take longer to read them from the description of the response than to run the rest of a
    /// call.
    const LISTS: &'static [&'static str] = &[];
    /// Maximum size of the body in bytes; `None` if no limit was reported.
    const BODY_LIMIT: Option<u64> = None;
    /// The response; `()` for an empty response.
    type Response: Serialize + JsonSchema;

    /// Runs the operation.
    ///
    /// # Errors
    /// The errors on AWS's page of the operation.
    fn call(self, lambda: &Lambda<'_>) -> Result<Self::Response>;
}

/// Describes a type by its schema.
type Describe = fn(&mut SchemaGenerator) -> Schema;

/// An operation without its Rust types: it takes a JSON object of AWS members and returns one.
pub struct Entry {
    /// AWS's name, for example `CreateAlias`. The command has the same name in kebab case.
    pub name: &'static str,
    /// The name that is unique among the operations of all services; see [`Operation::KEY`]. The key of a ready answer
    /// always names the service, as `apigateway:CreateStage` does.
    pub key: &'static str,
    /// Method, path and status on the wire.
    pub route: &'static str,
    /// The members that are not in the usual place on the wire; see [`Operation::WIRE`].
    pub wire: &'static str,
    /// A description of the operation.
    pub about: &'static str,
    /// The lists in the answer, if it comes in pages.
    pub lists: &'static [&'static str],
    /// Maximum size of the body in bytes.
    body_limit: Option<u64>,
    rule: Rule,
}

/// The code or data that answers an operation.
enum Rule {
    /// A request type.
    Type {
        request: Describe,
        /// See [`Operation::MEMBERS`].
        members: &'static str,
        response: Describe,
        run: fn(&Lambda<'_>, Value) -> Result<Value>,
    },
    /// A ready answer from a file.
    Ready(&'static Ready),
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Entry {
    /// The entry of an operation with a request type.
    pub const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            key: O::KEY,
            route: O::ROUTE,
            wire: O::WIRE,
            about: O::ABOUT,
            lists: O::LISTS,
            body_limit: O::BODY_LIMIT,
            rule: Rule::Type {
                request: O::json_schema,
                members: O::MEMBERS,
                response: O::Response::json_schema,
                run: |lambda, request| {
                    let request: O = serde_json::from_value(request)
                        .map_err(|error| mistyped(O::NAME, &error))?;
                    let response = request.call(lambda)?;
                    Ok(serde_json::to_value(response).expect("responses are plain data"))
                },
            },
        }
    }

    /// The entry of an operation with a ready answer.
    fn ready(ready: &'static Ready) -> Self {
        let lists = ready.call.lists().filter(|_| !ready.call.unwalked);
        let lists: Vec<&str> = lists.collect();
        Self {
            name: ready.name,
            key: format!("{}:{}", ready.service, ready.name).leak(),
            route: &ready.call.route,
            wire: ready.wire(),
            about: &ready.call.about,
            lists: lists.leak(),
            body_limit: None,
            rule: Rule::Ready(ready),
        }
    }

    /// The ready answer, if the operation has one.
    pub fn answer(&self) -> Option<&'static Ready> {
        match &self.rule {
            Rule::Ready(ready) => Some(ready),
            Rule::Type { .. } => None,
        }
    }

    /// The structure of a request.
    pub fn request(&self) -> &'static Structure {
        match &self.rule {
            Rule::Type {
                request, members, ..
            } => described(*request, members),
            Rule::Ready(ready) => ready.takes(),
        }
    }

    /// The structure of a response.
    pub fn response(&self) -> &'static Structure {
        match &self.rule {
            Rule::Type { response, .. } => described(*response, ""),
            Rule::Ready(ready) => ready.gives(),
        }
    }

    /// Validates the request, with the service's words for errors, and runs the operation. The caller has already
    /// checked the types of the members.
    ///
    /// # Errors
    /// The errors of the operation, ValidationException, and the faults of the fault plan.
    pub fn call(&self, lambda: &Lambda<'_>, request: Value) -> Result<Value> {
        let ended = self.judged(lambda, request);
        if let Some(explained) = lambda.explained {
            explained.end(&ended);
        }
        ended
    }

    fn judged(&self, lambda: &Lambda<'_>, request: Value) -> Result<Value> {
        lambda
            .caller
            .refuse_expired(self, lambda.place.store.clock.now())?;
        let fault = lambda
            .place
            .store
            .fault(self.key, keys, lambda.faults.as_deref())?;
        if let Some(fault) = fault.filter(|fault| !fault.after) {
            return Err(injected(fault));
        }
        if let Some(limit) = self.body_limit {
            body::check(self.name, self.route, limit, &request)?;
        }
        validate::validate(self.request(), &request)?;
        refused::check(self.request(), &request)?;
        let answer = match &self.rule {
            Rule::Type { run, .. } => run(lambda, request)?,
            Rule::Ready(ready) => ready.run(lambda, &request)?,
        };
        fault.map_or(Ok(answer), |fault| Err(injected(fault)))
    }
}

/// Maximum size in bytes of a body that carries code: 50 MiB as base64, plus some space for the other members (recorded
/// from AWS 2025-11).
pub const CODE_BODY_LIMIT: u64 = 70_167_211;

/// The error for a request that fits the schema but not the Rust type: a member is null or has another type.
fn mistyped(name: &str, error: &serde_json::Error) -> ServiceError {
    ServiceError::new(
        Code::ValidationException,
        format!("the request is not a {name} request: {}", plain(error)),
    )
}

/// Describes a type. The structure is made on first use and kept until the process ends, because the command line and
/// the validation share it. An operation has at most two.
fn described(describe: Describe, members: &'static str) -> &'static Structure {
    static KEPT: Mutex<BTreeMap<(usize, &str), &Structure>> = Mutex::new(BTreeMap::new());
    // Functions with the same address are the same code and return the same description.
    KEPT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry((describe as usize, members))
        .or_insert_with(|| Box::leak(Box::new(Structure::described(describe).completed(members))))
}

/// The error that a fault plan demands, in the service's words.
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
    let explanation = if fault.after {
        "The fault plan lost the answer after the call took effect, as a network can do. A caller cannot see if the \
         call took effect, and must check."
    } else {
        "The fault plan refused the call before it changed anything."
    };
    let error = ServiceError::new(fault.code, message).with_explanation(explanation);
    let mut error = error.with_hint(if fault.after {
        "the fault plan (LAMBDRY_FAULTS or the file faults) caused this: the call took effect, but its answer was \
         lost"
    } else {
        "the fault plan (LAMBDRY_FAULTS or the file faults) caused this: nothing was changed"
    });
    if let Some(reason) = reason {
        error.details.insert("Reason".to_owned(), reason.into());
    }
    error.into()
}

/// A service: its name and its operations.
#[derive(Debug)]
pub struct Service {
    /// The service's name on the command line.
    pub name: &'static str,
    /// A description of the service.
    pub about: &'static str,
    /// True if a call needs a region. A global service has one state for the whole account.
    pub regional: bool,
    /// The operations of each family.
    pub families: &'static [&'static [Entry]],
    /// The file with the service's ready answers.
    pub ready: Option<ready::Text>,
}

impl Service {
    /// The operations of the service. The operations with ready answers are read from their file.
    pub fn entries(&self) -> impl Iterator<Item = &'static Entry> + use<> {
        let ready = match self.ready {
            Some(_) => ready::entries(self.name),
            None => &[],
        };
        self.families.iter().copied().chain([ready]).flatten()
    }
}

/// Every simulated service.
pub const SERVICES: &[Service] = &[
    Service {
        name: "lambda",
        about: "Functions, their versions and aliases.",
        regional: true,
        families: FAMILIES,
        ready: None,
    },
    Service {
        name: "ec2",
        about: "The list of regions.",
        regional: true,
        families: &[ec2::ENTRIES],
        ready: None,
    },
    Service {
        name: "ecr",
        about: "Repositories for container images.",
        regional: true,
        families: &[ecr::ENTRIES],
        ready: None,
    },
    Service {
        name: "iam",
        about: "Roles for functions.",
        regional: false,
        families: &[iam::ENTRIES],
        ready: None,
    },
    Service {
        name: "s3api",
        about: "Buckets and objects, for example code to deploy.",
        regional: false,
        families: &[s3::ENTRIES, s3::configurations::ENTRIES],
        ready: None,
    },
    Service {
        name: "sts",
        about: "The identity of the caller.",
        regional: false,
        families: &[sts::ENTRIES],
        ready: None,
    },
];

/// Lambda's operations, grouped by family.
pub const FAMILIES: &[&[Entry]] = &[
    function::ENTRIES,
    version::ENTRIES,
    alias::ENTRIES,
    account::ENTRIES,
    permission::ENTRIES,
    tags::ENTRIES,
    concurrency::ENTRIES,
    url::ENTRIES,
    event_invoke::ENTRIES,
    event_source_mapping::ENTRIES,
    recursion::ENTRIES,
    runtime::ENTRIES,
    scaling::ENTRIES,
    layer::ENTRIES,
    code_signing::ENTRIES,
    invocation::ENTRIES,
];

/// Every service, with simulated operations or with ready answers.
pub fn services() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter().chain(ready::SERVICES)
}

/// The keys of the operations that a name in a fault plan can mean. A name with its service, such as
/// `apigateway:CreateStage`, means at most one operation. A name alone means the simulated operation with this name. If
/// no such operation exists, it means the ready answers with this name, in every service.
pub fn keys(name: &str) -> Vec<String> {
    if let Some((service, name)) = name.split_once(':') {
        return find_in(service, name)
            .map(|entry| entry.key.to_owned())
            .into_iter()
            .collect();
    }
    match find(name) {
        Some(entry) => vec![entry.key.to_owned()],
        None => ready::having(name)
            .map(|service| format!("{service}:{name}"))
            .collect(),
    }
}

/// Finds a simulated operation by its key, which is unique among all services: `CreateAlias` or `iam:GetPolicy`.
pub fn find(name: &str) -> Option<&'static Entry> {
    services()
        .flat_map(|service| service.families.iter().copied().flatten())
        .find(|entry| entry.key == name)
}

/// Finds an operation by the name of its service on the command line and its own name.
pub fn find_in(service: &str, name: &str) -> Option<&'static Entry> {
    let service = services().find(|known| known.name == service)?;
    service.entries().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::{Value, json};

    use super::{
        Entry, FAMILIES, Failure, SERVICES, find, find_in, keys,
        sandbox::Sandbox,
        services,
        shape::{Shape, Structure},
    };
    use crate::state::error::Code;

    /// The simulated operations.
    fn entries() -> impl Iterator<Item = &'static Entry> {
        let families = services().flat_map(|service| service.families);
        families.copied().flatten()
    }

    fn of_lambda() -> impl Iterator<Item = &'static Entry> {
        FAMILIES.iter().flat_map(|family| family.iter())
    }

    #[test]
    fn names_are_unique_and_found() {
        let names: BTreeSet<&str> = entries().map(|entry| entry.key).collect();
        assert_eq!(names.len(), entries().count());
        for name in names {
            assert_eq!(find(name).map(|entry| entry.key), Some(name));
        }
        for service in SERVICES {
            for entry in service.entries() {
                assert_eq!(keys(entry.key), [entry.key]);
                let found = find_in(service.name, entry.name).map(|found| found.key);
                assert_eq!(found, Some(entry.key));
                let alone = entry.key == entry.name;
                assert!(alone || entry.key == format!("{}:{}", service.name, entry.name));
            }
        }
        assert!(find("publishversion").is_none() && find("").is_none());
    }

    #[test]
    fn a_name_in_a_plan_means_one_operation_or_says_of_which_services() {
        for (name, meant) in [
            ("PublishVersion", &["PublishVersion"][..]),
            ("lambda:PublishVersion", &["PublishVersion"]),
            ("iam:GetPolicy", &["iam:GetPolicy"]),
            ("CreateQueue", &["sqs:CreateQueue"]),
            ("apigateway:CreateStage", &["apigateway:CreateStage"]),
            (
                "CreateStage",
                &["apigateway:CreateStage", "apigatewayv2:CreateStage"],
            ),
            ("FilterLogEvents", &["FilterLogEvents"]),
            ("sqs:CreateStage", &[]),
            ("Nope", &[]),
        ] {
            assert_eq!(keys(name), meant, "{name}");
        }
    }

    #[test]
    fn a_fault_fails_the_operation_of_its_service_alone() {
        let mut lambda = Sandbox::new();
        lambda.faults = Some("apigatewayv2:CreateStage=TooManyRequestsException".to_owned());
        let code = |service: &str, name: &str, request: Value| {
            let entry = find_in(service, name).expect("an operation");
            match lambda.with_lambda(|lambda| entry.call(lambda, request)) {
                Err(Failure::Service(error)) => error.code.name().to_owned(),
                other => panic!("{other:?}"),
            }
        };
        let of_rest = json!({ "restApiId": "a", "stageName": "b", "deploymentId": "c" });
        let of_http = json!({ "ApiId": "a", "StageName": "b" });
        let told = code("apigateway", "CreateStage", of_rest);
        assert_eq!(told, "NotFoundException");
        let told = code("apigatewayv2", "CreateStage", of_http);
        assert_eq!(told, "TooManyRequestsException");
        lambda.faults = Some("CreateStage=TooManyRequestsException".to_owned());
        assert_eq!(
            lambda.broken("ListFunctions", json!({})),
            "cannot read LAMBDRY_FAULTS: several services have the operation \"CreateStage\": write \
             apigateway:CreateStage or apigatewayv2:CreateStage"
        );
    }

    #[test]
    fn every_file_of_an_operation_has_its_line_in_the_table() {
        let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operation");
        let mut files = BTreeSet::new();
        for folder in fs::read_dir(families).expect("families").flatten() {
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let path = file.path();
                if fs::read_to_string(&path)
                    .is_ok_and(|text| text.contains("\nimpl Operation for "))
                {
                    files.insert(
                        path.file_stem()
                            .expect("a name")
                            .to_string_lossy()
                            .replace('_', ""),
                    );
                }
            }
        }
        // The operations on the configurations of a bucket have their own table.
        let configures = |entry: &&Entry| {
            let mut other = super::s3::configurations::ENTRIES.iter();
            other.any(|other| other.name == entry.name)
        };
        let table = entries().filter(|entry| !configures(entry));
        let table: BTreeSet<String> = table.map(|entry| entry.name.to_lowercase()).collect();
        assert_eq!(files, table);
    }

    #[test]
    fn every_route_is_a_method_a_path_of_members_and_a_status() {
        for entry in of_lambda() {
            let parts: Vec<&str> = entry.route.split(' ').collect();
            let [method, path, status] = parts[..] else {
                panic!("{}", entry.route)
            };
            assert!(
                ["GET", "POST", "PUT", "DELETE"].contains(&method),
                "{}",
                entry.route
            );
            assert!(
                ["200", "201", "202", "204"].contains(&status),
                "{}",
                entry.route
            );
            assert!(path.starts_with("/20"), "{}", entry.route);
            for segment in path
                .split('/')
                .filter(|segment| segment.contains(['{', '}']))
            {
                let name = segment
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'));
                let request = entry.request();
                let member = request
                    .member(name.expect("a whole segment"))
                    .expect("a member");
                assert!(member.required, "{}", entry.route);
            }
        }
    }

    /// Visits every member of a structure, and the members nested in them.
    fn walk(
        structure: &Structure,
        path: &str,
        visit: &mut impl FnMut(&str, &super::shape::Member),
    ) {
        for member in &structure.members {
            let path = format!("{path}.{}", member.name);
            visit(&path, member);
            let mut shape = &member.shape;
            while let Shape::List { member, .. } | Shape::Map { value: member, .. } = shape {
                shape = member;
            }
            if let Shape::Structure(inner) = shape {
                walk(inner, &path, visit);
            }
        }
    }

    #[test]
    fn every_member_is_named_once_as_aws_names_it_and_explained_in_whole_sentences() {
        for entry in entries() {
            assert!(
                entry.about.ends_with('.') && !entry.about.contains("  "),
                "{}",
                entry.name
            );
            for (side, structure) in [("request", entry.request()), ("response", entry.response())]
            {
                let mut seen = BTreeSet::new();
                walk(
                    structure,
                    &format!("{} {side}", entry.name),
                    &mut |path, member| {
                        assert!(seen.insert(path.to_owned()), "{path} twice");
                        assert!(
                            member.name.starts_with(|c: char| c.is_ascii_uppercase())
                                || find_in("ecr", entry.name).is_some()
                                || find_in("logs", entry.name).is_some(),
                            "{path}"
                        );
                        assert!(
                            member.about.ends_with('.') && member.about.len() > 5,
                            "{path}: {:?}",
                            member.about
                        );
                    },
                );
            }
        }
    }

    #[test]
    fn every_request_has_members_and_every_empty_answer_says_204() {
        for entry in of_lambda() {
            assert_eq!(
                entry.request().members.is_empty(),
                entry.name == "GetAccountSettings",
                "{}",
                entry.name
            );
            assert!(
                !entry.response().members.is_empty() || entry.route.ends_with(" 204"),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn every_pattern_in_a_request_is_one_that_can_be_matched() {
        use crate::state::pattern;
        for entry in entries() {
            walk(entry.request(), entry.name, &mut |path, member| {
                let mut shape = &member.shape;
                while let Shape::List { member, .. } | Shape::Map { value: member, .. } = shape {
                    shape = member;
                }
                if let Shape::String(text) = shape
                    && let Some(pattern) = &text.pattern
                {
                    assert!(
                        pattern::texts().any(|known| known == pattern),
                        "{path}: {pattern}"
                    );
                }
            });
        }
    }

    #[test]
    fn a_request_without_anything_is_answered_or_refused_and_never_worse() {
        let lambda = Sandbox::new();
        for entry in of_lambda() {
            let mut required = Vec::new();
            for member in &entry.request().members {
                if member.required {
                    required.push(member.name.clone());
                }
            }
            match lambda.try_call(entry.name, json!({})) {
                Ok(_) => assert!(required.is_empty(), "{}", entry.name),
                Err(failure) => {
                    let told = failure.to_string();
                    let nulls = told.matches("Value null at ").count();
                    assert_eq!(nulls, required.len(), "{}: {told}", entry.name);
                }
            }
        }
    }

    #[test]
    fn a_member_of_another_type_is_refused() {
        let lambda = Sandbox::with("pay");
        let before = lambda.files();
        for wrong in [
            json!(["x"]),
            json!({ "a": 1 }),
            json!(1.5),
            json!(-1),
            json!(true),
            json!(1e300),
        ] {
            for entry in of_lambda() {
                for member in &entry.request().members {
                    let mut request =
                        json!({ "FunctionName": "pay", "Name": "a", "FunctionVersion": "1" });
                    request[&member.name] = wrong.clone();
                    let fits = match member.shape {
                        Shape::Boolean => wrong.is_boolean(),
                        Shape::Structure(_) | Shape::Map { .. } => wrong.is_object(),
                        _ => false,
                    };
                    if !fits {
                        assert!(
                            lambda.try_call(entry.name, request).is_err(),
                            "{} {} {wrong}",
                            entry.name,
                            member.name
                        );
                    }
                }
            }
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn any_code_can_be_a_fault_and_changes_nothing() {
        let mut lambda = Sandbox::with("pay");
        for code in Code::ALL {
            lambda.faults = Some(format!("UpdateFunctionConfiguration={}", code.name()));
            let before = lambda.latest("pay");
            let refused = lambda.refused(
                "UpdateFunctionConfiguration",
                json!({ "FunctionName": "pay", "Timeout": 9 }),
            );
            assert_eq!(refused.code, *code);
            assert_eq!(lambda.latest("pay"), before);
        }
    }

    #[test]
    fn faults_are_counted_per_operation_across_calls_and_anew_under_a_new_plan() {
        let mut lambda = Sandbox::with("pay");
        fs::write(
            lambda.root().join("faults"),
            "# nightly\nPublishVersion#2=TooManyRequestsException\n",
        )
        .expect("a plan");
        let fails = |lambda: &Sandbox| {
            lambda
                .try_call("PublishVersion", json!({ "FunctionName": "pay" }))
                .is_err()
        };
        assert!(!fails(&lambda));
        lambda.latest("pay");
        assert!(fails(&lambda) && !fails(&lambda));
        let counted: Value =
            serde_json::from_slice(&fs::read(lambda.root().join("faults.count")).expect("counts"))
                .expect("JSON");
        assert_eq!(counted["Calls"], json!({ "PublishVersion": 3 }));
        // The plan of the environment replaces the plan of the file and counts its calls separately.
        lambda.faults = Some("PublishVersion=ServiceException".to_owned());
        assert!(fails(&lambda) && !fails(&lambda));
        lambda.faults = Some(String::new());
        assert!(
            !fails(&lambda) && !fails(&lambda),
            "an empty plan is a plan"
        );
    }

    #[test]
    fn a_fault_after_the_effect_lets_the_rule_s_own_error_through() {
        let mut lambda = Sandbox::with("pay");
        lambda.faults = Some("UpdateFunctionConfiguration#1=ServiceException,after UpdateFunctionConfiguration#2=ServiceException,after".to_owned());
        let request = |seconds: u64| json!({ "FunctionName": "pay", "Timeout": seconds });
        assert_eq!(
            lambda
                .refused("UpdateFunctionConfiguration", request(0))
                .code
                .name(),
            "ValidationException"
        );
        assert_eq!(
            lambda
                .refused("UpdateFunctionConfiguration", request(9))
                .code
                .name(),
            "ServiceException"
        );
        assert_eq!(lambda.latest("pay")["Timeout"], 9, "it took effect");
    }

    #[test]
    fn a_bad_plan_is_named_with_where_it_stands() {
        let mut lambda = Sandbox::with("pay");
        let before = lambda.latest("pay");
        fs::write(lambda.root().join("faults"), "PublishVersion#2=Nope").expect("a plan");
        assert_eq!(
            lambda.broken("PublishVersion", json!({ "FunctionName": "pay" })),
            format!(
                "cannot read {}: \"PublishVersion#2=Nope\" is not a fault",
                lambda.root().join("faults").display()
            )
        );
        lambda.faults = Some("PublishVersion#0=ServiceException".to_owned());
        assert_eq!(
            lambda.broken("PublishVersion", json!({ "FunctionName": "pay" })),
            "cannot read LAMBDRY_FAULTS: \"PublishVersion#0=ServiceException\" is not a fault"
        );
        lambda.faults = Some("PublishVersoin=ServiceException".to_owned());
        assert_eq!(
            lambda.broken("GetFunction", json!({ "FunctionName": "pay" })),
            "cannot read LAMBDRY_FAULTS: \"PublishVersoin\" is not an operation",
            "a fault that could never come"
        );
        lambda.faults = Some(String::new());
        assert_eq!(lambda.latest("pay"), before);
    }
}
