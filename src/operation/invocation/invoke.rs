//! `Invoke`: finds the version to invoke, and returns its answer.
//!
//! If an alias has weights, each call chooses a version at random. With `LAMBDRY_SEED`, the same calls in the same
//! order choose the same versions.

use std::cell::OnceCell;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

use super::answer::Invocation;
use crate::state::plain::plain;
use crate::{
    operation::{
        Lambda, Operation, Result,
        alias::configuration::traffic,
        blob::{Blob, Bytes},
        explain::called,
        resolve::{Target, function_not_found, invalid},
    },
    state::{
        alias::Alias,
        error::{Code, ServiceError},
        function::{ChangeKind, Configuration, Function},
        name::{NamespacedFunctionName, Qualifier, TenantId},
    },
    store::collection::View,
};

/// Maximum size, in bytes, of an event for a synchronous invocation (AWS documentation).
const EVENT_LIMIT: u64 = 6_291_456;

/// Maximum size, in bytes, of a queued event (AWS documentation, 2025-10; before that, 262144).
const QUEUED_LIMIT: u64 = 1_048_576;

/// Request of Invoke.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// RequestResponse (the default): invoke the function and return its answer. Event: put the event into a queue.
    /// DryRun: only check the request.
    invocation_type: Option<InvocationType>,
    /// Tail: return the end of the log with the answer.
    log_type: Option<LogType>,
    /// Data about the client: JSON in base64, up to 3583 bytes. lambdry does not pass it to the code.
    client_context: Option<String>,
    /// A name for a durable execution.
    #[schemars(length(min = 1, max = 64), extend("x-refused" = true))]
    _durable_execution_name: Option<String>,
    /// The event, as JSON.
    payload: Option<Blob>,
    /// The version or alias to invoke.
    qualifier: Option<Qualifier>,
    /// The tenant that the event belongs to.
    tenant_id: Option<TenantId>,
}

/// The type of an invocation.
#[allow(missing_docs, reason = "the variants are AWS's own words")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InvocationType {
    Event,
    RequestResponse,
    DryRun,
}

/// The part of the log that the answer includes.
#[allow(missing_docs, reason = "the variants are AWS's own words")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum LogType {
    None,
    Tail,
}

/// Response of Invoke.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationResponse {
    /// 200 for RequestResponse, 202 for Event, 204 for DryRun.
    status_code: u16,
    /// Set if the function failed. The payload then describes the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
    /// The last 4 KB of the log, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_result: Option<String>,
    /// The function's answer.
    payload: Bytes,
    /// The version that was invoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    executed_version: Option<String>,
}

impl InvocationRequest {
    /// An Invoke request that queues an event.
    pub(super) fn queued(function_name: NamespacedFunctionName, payload: Blob) -> Self {
        Self {
            function_name,
            invocation_type: Some(InvocationType::Event),
            log_type: None,
            client_context: None,
            _durable_execution_name: None,
            payload: Some(payload),
            qualifier: None,
            tenant_id: None,
        }
    }
}

impl Operation for InvocationRequest {
    const NAME: &'static str = "Invoke";
    const ROUTE: &'static str = "POST /2015-03-31/functions/{FunctionName}/invocations 200";
    const WIRE: &'static str = "Qualifier@query InvocationType@header=X-Amz-Invocation-Type \
        LogType@header=X-Amz-Log-Type ClientContext@header=X-Amz-Client-Context \
        DurableExecutionName@header=X-Amz-Durable-Execution-Name TenantId@header=X-Amz-Tenant-Id Payload@payload \
        StatusCode@status FunctionError@header=X-Amz-Function-Error LogResult@header=X-Amz-Log-Result \
        ExecutedVersion@header=X-Amz-Executed-Version";
    const ABOUT: &'static str = "Invokes a Lambda function. An alias with weights selects a version for each call; \
        ExecutedVersion names the version that answered. You decide what a function answers. Write the answer to a \
        file responses/<name>.json or responses/<name>.<version>.json beside the functions. Or name a command in \
        LAMBDRY_INVOKE or in the file invoke of the state directory; it gets the event on stdin and runs in the \
        folder of the code. Without either, the answer is null.";
    type Response = InvocationResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<InvocationResponse> {
        let kind = self
            .invocation_type
            .unwrap_or(InvocationType::RequestResponse);
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        let size = self.payload.as_ref().map_or(0, |blob| blob.0.code_size);
        refuse_too_large(size, kind)?;
        let id = OnceCell::new();
        let request_id = || {
            id.get_or_init(|| {
                let arn = target.arn.to_string();
                lambda.place.invocation_id(target.name(), &arn)
            })
        };
        let unknown = || {
            let asked = target.qualifier.as_deref().unwrap_or("$LATEST");
            function_not_found(&target.arn.qualified(asked))
        };
        let (version, configuration) = lambda.view(&target, unknown, |view| {
            let chosen = choose(lambda, view, &target, || share(request_id()))?;
            // A throttled function can still queue events.
            if kind == InvocationType::RequestResponse {
                refuse_throttled(view.head.reserved_concurrency)?;
            }
            Ok(chosen)
        })?;
        refuse_tenant(&configuration, self.tenant_id.as_deref())?;
        let event = match self.payload {
            Some(blob) if size > 0 => lambda.place.store.read_spool(&blob.0)?,
            _ => b"{}".to_vec(),
        };
        refuse_no_json(&event, kind)?;
        refuse_no_context(self.client_context.as_deref())?;
        if kind == InvocationType::DryRun {
            return Ok(InvocationResponse {
                status_code: 204,
                function_error: None,
                log_result: None,
                payload: Bytes::default(),
                executed_version: Some(version),
            });
        }
        let invocation = Invocation {
            request_id: request_id().clone(),
            name: target.name().to_owned(),
            version,
            configuration,
        };
        let answer = invocation.answer(lambda, event)?;
        if kind == InvocationType::Event {
            // A queued event has no answer for its caller.
            return Ok(InvocationResponse {
                status_code: 202,
                function_error: None,
                log_result: None,
                payload: Bytes::default(),
                executed_version: None,
            });
        }
        Ok(InvocationResponse {
            status_code: 200,
            function_error: answer.failed.then_some("Unhandled"),
            log_result: (self.log_type == Some(LogType::Tail))
                .then(|| BASE64_STANDARD.encode(&answer.log)),
            payload: Bytes(answer.payload),
            executed_version: Some(invocation.version),
        })
    }
}

/// If a function has tenant isolation, refuses an event without a tenant; otherwise refuses an event with a tenant. AWS
/// documents these refusals. AWS's words were not recorded; these words are ours.
///
/// # Errors
/// InvalidParameterValueException.
fn refuse_tenant(configuration: &Configuration, tenant: Option<&str>) -> Result<()> {
    match (&configuration.tenant_isolation_mode, tenant) {
        (Some(_), None) => Err(invalid(
            "The function keeps its tenants apart, but the request names no tenant.",
        )
        .with_hint("name the tenant with --tenant-id")
        .into()),
        (None, Some(_)) => Err(invalid(
            "The request names a tenant, but the function does not keep tenants apart.",
        )
        .with_hint(
            "create-function --tenancy-config TenantIsolationMode=PER_TENANT creates a function that does",
        )
        .into()),
        _ => Ok(()),
    }
}

/// Chooses the version to invoke, and returns it with its configuration. `draw` makes a random number from 0 to 1; it
/// is called only for an alias with weights.
///
/// # Errors
/// `Function not found` with the qualified ARN, or an error for a function or version that is not active yet.
fn choose(
    lambda: &Lambda<'_>,
    view: &View<'_, Function>,
    target: &Target,
    draw: impl FnOnce() -> f64,
) -> Result<(String, Configuration)> {
    let head = &view.head;
    let asked = target.qualifier.as_deref().unwrap_or("$LATEST");
    let version = match head.aliases.get(asked) {
        Some(alias) if !alias.additional_version_weights.is_empty() => pick(alias, draw()),
        Some(alias) => &alias.function_version,
        None => asked,
    };
    lambda.explain(|| match head.aliases.get(asked) {
        Some(alias) => format!(
            "{} This one went to {}.",
            traffic(&target.arn, asked, alias),
            called(version)
        ),
        None if target.qualifier.is_none() => {
            "The call named no version or alias, so it went to $LATEST: the last updated code, published or not.".to_owned()
        }
        None => format!(
            "The call went to {}, which it named; no alias was involved.",
            called(version)
        ),
    });
    if version == "$LATEST" {
        if (head.latest.change.as_ref()).is_some_and(|change| change.kind == ChangeKind::Pending) {
            return Err(pending(target.name()).into());
        }
        return Ok((version.to_owned(), head.latest.configuration.clone()));
    }
    let found = match head.may_have(version).then(|| version.parse()) {
        Some(Ok(number)) => view.version(number)?,
        _ => None,
    };
    let frozen = found.ok_or_else(|| function_not_found(&target.arn.qualified(asked)))?;
    let moved = head.versions.get(version);
    if moved.is_some_and(|moved| moved.active_from.is_some()) {
        let starts_from_snapshot = frozen.configuration.snap_start == "PublishedVersions";
        return Err(if starts_from_snapshot {
            snapshot_pending(target.name(), version)
        } else {
            pending(target.name())
        }
        .into());
    }
    Ok((version.to_owned(), frozen.configuration))
}

/// Returns the version that gets this call, for a random number `share`. The weighted versions take the first parts of
/// the range from 0 to 1; the alias's own version takes the remaining part.
fn pick(alias: &Alias, share: f64) -> &str {
    let mut left = share;
    for (version, weight) in &alias.additional_version_weights {
        if left < *weight {
            return version;
        }
        left -= weight;
    }
    &alias.function_version
}

/// A random number from 0 up to, but not including, 1. It is made from the first 48 bits of a UUID, which are all
/// random.
fn share(id: &str) -> f64 {
    let digits: String = id
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(12)
        .collect();
    let bits = u64::from_str_radix(&digits, 16).unwrap_or_default();
    bits as f64 / (1u64 << 48) as f64
}

/// Refuses every invocation of a function whose reserved concurrency is 0 (recorded from AWS 2025-11).
fn refuse_throttled(reserved: Option<u64>) -> Result<(), ServiceError> {
    if reserved != Some(0) {
        return Ok(());
    }
    let mut error = ServiceError::new(Code::TooManyRequestsException, "Rate Exceeded.")
        .with_explanation(
            "Reserved concurrency limits the invocations of a function at one time. Here it is 0, so none can run.",
        )
        .with_hint(
            "its reserved concurrency is 0: aws lambda delete-function-concurrency removes the limit",
        );
    error.details.insert(
        "Reason".to_owned(),
        "ReservedFunctionConcurrentInvocationLimitExceeded".into(),
    );
    Err(error)
}

/// The error 409 for an invocation of a function that is not active yet (public reports, 2022).
fn pending(name: &str) -> ServiceError {
    ServiceError::new(
        Code::ResourceConflictException,
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
    )
    .with_explanation(
        "A new function is Pending until Lambda has created it, and so is a version that was published with it. \
         Until then nobody can invoke either.",
    )
    .with_hint(format!(
        "wait between the two calls: aws lambda wait function-active-v2 --function-name {name}"
    ))
}

/// The error 409 for a version whose snapshot does not exist yet (AWS documentation of the error).
fn snapshot_pending(name: &str, version: &str) -> ServiceError {
    ServiceError::new(
        Code::SnapStartNotReadyException,
        "Lambda is initializing your function. It will be ready to invoke when your function state becomes Active.",
    )
    .with_hint(format!(
        "wait between the two calls: aws lambda wait function-active-v2 --function-name {name} --qualifier {version}"
    ))
}

/// Refuses an event that is too large. The limit and the text of the error depend on the invocation type. The error
/// code is always the same (public reports, 2017–2024).
fn refuse_too_large(size: u64, kind: InvocationType) -> Result<(), ServiceError> {
    match kind {
        InvocationType::Event => refuse_unqueued(size, QUEUED_LIMIT),
        InvocationType::RequestResponse | InvocationType::DryRun if size > EVENT_LIMIT => {
            Err(ServiceError::new(
                Code::RequestEntityTooLargeException,
                format!(
                    "Request must be smaller than {EVENT_LIMIT} bytes for the InvokeFunction operation"
                ),
            ))
        }
        InvocationType::RequestResponse | InvocationType::DryRun => Ok(()),
    }
}

/// Refuses an event that is too large for the queue.
///
/// # Errors
/// RequestEntityTooLargeException.
pub(super) fn refuse_unqueued(size: u64, limit: u64) -> Result<(), ServiceError> {
    if size <= limit {
        return Ok(());
    }
    Err(ServiceError::new(
        Code::RequestEntityTooLargeException,
        format!(
            "{size} byte payload is too large for the Event invocation type (limit {limit} bytes)"
        ),
    ))
}

/// Refuses an event that is not JSON. The service's message ends with a colon and the error of its JSON parser (public
/// reports). Here, the error of lambdry's parser is in that place, in other words. For a queued event, the service's
/// message is longer (public reports).
fn refuse_no_json(event: &[u8], kind: InvocationType) -> Result<(), ServiceError> {
    // The service is written in Java. Java's JSON parsers skip a byte order mark.
    let event = event.strip_prefix(b"\xef\xbb\xbf").unwrap_or(event);
    serde_json::from_slice::<IgnoredAny>(event)
        .map(drop)
        .map_err(|error| {
            let cause = plain(&error);
            ServiceError::new(
                Code::InvalidRequestContentException,
                match kind {
                    InvocationType::Event => format!(
                        "Could not parse request body into json: Could not parse payload into json: {cause}"
                    ),
                    _ => format!("Could not parse request body into json: {cause}"),
                },
            )
            .with_hint(
                "--payload has to be base64; to pass plain text, add --cli-binary-format raw-in-base64-out. fileb:// \
                 passes a file unchanged",
            )
        })
}

/// Refuses a client context that is not a JSON object in base64 (public reports).
fn refuse_no_context(context: Option<&str>) -> Result<(), ServiceError> {
    const LIMIT: usize = 3583;
    let sound = |context: &str| {
        context.len() <= LIMIT
            && BASE64_STANDARD
                .decode(context)
                .is_ok_and(|json| matches!(serde_json::from_slice(&json), Ok(Value::Object(_))))
    };
    if context.is_none_or(sound) {
        return Ok(());
    }
    Err(ServiceError::new(
        Code::InvalidRequestContentException,
        "Client context must be a valid Base64-encoded JSON object.",
    ))
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use serde_json::json;

    use super::*;
    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    fn bytes(text: &Value) -> String {
        let bytes = BASE64_STANDARD
            .decode(text.as_str().expect("base64"))
            .expect("base64");
        String::from_utf8(bytes).expect("text")
    }

    fn respond(lambda: &Sandbox, file: &str, text: &str) {
        let folder = lambda.here().join("responses");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(file), text).expect("a response");
    }

    /// A function with versions 1 and 2. Its alias `live` points at version 1 and gives version 2 that weight.
    fn weighted(weight: f64) -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({ "Publish": true }));
        lambda.call(
            "CreateAlias",
            json!({
                "FunctionName": "pay", "Name": "live", "FunctionVersion": "1",
                "RoutingConfig": { "AdditionalVersionWeights": { "2": weight } },
            }),
        );
        lambda
    }

    fn executed(lambda: &Sandbox, times: usize) -> Vec<String> {
        let one = |_| {
            let answer = lambda.call("Invoke", of("pay:live"));
            answer["ExecutedVersion"]
                .as_str()
                .expect("a version")
                .to_owned()
        };
        (0..times).map(one).collect()
    }

    #[test]
    fn a_function_nobody_spoke_for_answers_null_and_says_so_once() {
        let lambda = Sandbox::with("pay");
        let answer = lambda.call("Invoke", of("pay"));
        let members: Vec<&String> = answer.as_object().expect("members").keys().collect();
        assert_eq!(members, ["StatusCode", "Payload", "ExecutedVersion"]);
        assert_eq!(
            (&answer["StatusCode"], &answer["ExecutedVersion"]),
            (&json!(200), &json!("$LATEST"))
        );
        assert_eq!(bytes(&answer["Payload"]), "null");
        lambda.call("Invoke", of("pay"));
        let notices = lambda.notices.lock().expect("no panic");
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains("responses/pay.json"), "{}", notices[0]);
        assert!(notices[0].contains("LAMBDRY_INVOKE"), "{}", notices[0]);
    }

    #[test]
    fn invoking_writes_its_log_and_changes_nothing_else() {
        let lambda = weighted(0.5);
        let before = lambda.files();
        executed(&lambda, 3);
        let mut after = lambda.files();
        after.retain(|name, _| !name.contains("/invocations/") && !name.contains("locks/"));
        let log = after.remove("123456789012/us-east-1/logs.json");
        let log = String::from_utf8(log.expect("a log")).expect("text");
        assert_eq!(log.matches("START RequestId: ").count(), 3, "{log}");
        let mut kept = before;
        kept.retain(|name, _| !name.contains("locks/"));
        assert_eq!(kept, after);
    }

    #[test]
    fn a_response_file_answers_and_a_version_s_own_wins() {
        let mut lambda = weighted(0.0);
        lambda.runner.command = Some("echo '\"command\"'".to_owned());
        respond(&lambda, "pay.json", "{\"ok\": true}\n");
        respond(&lambda, "pay.2.json", "not JSON \n");
        respond(&lambda, "pay.$LATEST.json", "");
        for (name, answer) in [
            ("pay:1", "{\"ok\": true}"),
            ("pay:live", "{\"ok\": true}"),
            ("pay:2", "not JSON \n"),
            ("pay", "null"),
        ] {
            assert_eq!(
                bytes(&lambda.call("Invoke", of(name))["Payload"]),
                answer,
                "{name}"
            );
        }
    }

    #[test]
    fn which_version_an_alias_chooses_follows_its_weights_and_the_seed() {
        let lambda = weighted(0.25);
        let chosen = executed(&lambda, 400);
        let second = chosen.iter().filter(|version| *version == "2").count();
        assert!((60..=140).contains(&second), "{second} of 400");
        assert_eq!(executed(&weighted(0.25), 400), chosen);
        assert_ne!(executed(&lambda, 400), chosen, "the counter goes on");
        for (weight, version) in [(0.0, "1"), (1.0, "2")] {
            assert!(
                executed(&weighted(weight), 20)
                    .iter()
                    .all(|chosen| chosen == version)
            );
        }
    }

    #[test]
    fn shares_are_even_and_below_one() {
        assert_eq!(share("00000000-0000-4fff-bfff-ffffffffffff"), 0.0);
        assert!(share("ffffffff-ffff-4fff-bfff-ffffffffffff") < 1.0);
        assert_eq!(share("80000000-0000-4000-8000-000000000000"), 0.5);
    }

    #[test]
    fn an_event_is_queued_and_a_dry_run_only_checked() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        respond(&lambda, "pay.json", "{}");
        let mut request = of("pay:1");
        request["LogType"] = json!("Tail");
        request["InvocationType"] = json!("Event");
        assert_eq!(
            lambda.call("Invoke", request.clone()),
            json!({ "StatusCode": 202, "Payload": "" })
        );
        request["InvocationType"] = json!("DryRun");
        assert_eq!(
            lambda.call("Invoke", request.clone()),
            json!({ "StatusCode": 204, "Payload": "", "ExecutedVersion": "1" })
        );
        request["InvocationType"] = json!("Later");
        assert_eq!(
            lambda.error("Invoke", request),
            "(ValidationException): 1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy \
             constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
        );
    }

    #[test]
    fn the_tail_of_the_log_comes_when_asked_for() {
        let lambda = Sandbox::with("pay");
        respond(&lambda, "pay.json", "{}");
        let mut request = of("pay");
        request["LogType"] = json!("Tail");
        let answer = lambda.call("Invoke", request.clone());
        let log = bytes(&answer["LogResult"]);
        let id = log
            .strip_prefix("START RequestId: ")
            .and_then(|rest| rest.get(..36))
            .expect("an id");
        assert_eq!(
            log,
            format!(
                "START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: 0.00 ms\t\
                 Billed Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t\n"
            )
        );
        request["LogType"] = json!("None");
        assert_eq!(lambda.call("Invoke", request).get("LogResult"), None);
    }

    #[test]
    fn refuses_what_is_not_there_with_the_qualifier_it_asked_for() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let told = |name: &str| lambda.error("Invoke", of(name));
        let missing = |arn: &str| format!("(ResourceNotFoundException): Function not found: {arn}");
        let nope = ARN.replace("pay", "nope");
        assert_eq!(told("nope"), missing(&format!("{nope}:$LATEST")));
        assert_eq!(told("nope:live"), missing(&format!("{nope}:live")));
        for qualifier in ["2", "live", "01", "0"] {
            assert_eq!(
                told(&format!("pay:{qualifier}")),
                missing(&format!("{ARN}:{qualifier}"))
            );
        }
        assert_eq!(
            lambda.error(
                "Invoke",
                json!({ "FunctionName": "pay:1", "Qualifier": "2" })
            ),
            "(InvalidParameterValueException): The derived qualifier from the function name does not match the specified \
             qualifier."
        );
        assert_eq!(
            told("arn:aws:lambda:eu-west-1:123456789012:function:pay"),
            "(ResourceNotFoundException): Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
        );
        assert!(!lambda.here().join("invocations/nope.json").exists());
    }

    #[test]
    fn refuses_a_function_that_is_pending_and_not_one_that_is_being_updated() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        lambda.create_with("pay", json!({ "Publish": true }));
        let told = "(ResourceConflictException): The operation cannot be performed at this time. The function is currently \
                    in the following state: Pending";
        for name in ["pay", "pay:1"] {
            assert_eq!(lambda.error("Invoke", of(name)), told, "{name}");
        }
        lambda.pass(Duration::from_secs(2));
        lambda.update_code("pay", "new", json!({}));
        for name in ["pay", "pay:1"] {
            lambda.call("Invoke", of(name));
        }
    }

    #[test]
    fn refuses_a_version_whose_snapshot_is_not_taken() {
        let lambda = Sandbox::new();
        lambda.create_with(
            "pay",
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }),
        );
        lambda.settle.set(Duration::from_secs(2));
        lambda.publish("pay");
        assert_eq!(
            lambda.error("Invoke", of("pay:1")),
            "(SnapStartNotReadyException): Lambda is initializing your function. It will be ready to invoke when your \
             function state becomes Active."
        );
        lambda.pass(Duration::from_secs(2));
        lambda.call("Invoke", of("pay:1"));
    }

    #[test]
    fn a_reserved_concurrency_of_zero_throttles() {
        let throttled = refuse_throttled(Some(0)).expect_err("refused");
        assert_eq!(
            throttled.to_string(),
            "(TooManyRequestsException): Rate Exceeded."
        );
        assert_eq!(
            Value::Object(throttled.details),
            json!({ "Type": "User", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded" })
        );
        assert_eq!(refuse_throttled(Some(1)), Ok(()));
        assert_eq!(refuse_throttled(None), Ok(()));
    }

    #[test]
    fn refuses_an_event_that_is_no_json() {
        let lambda = Sandbox::with("pay");
        for text in ["hello", "{", "{} {}", "\u{1}\u{2}"] {
            let spool = lambda.spool(text.as_bytes());
            let mut request = of("pay");
            request["Payload"] = json!(spool.handle());
            let refused = lambda.refused("Invoke", request);
            assert_eq!(refused.code, Code::InvalidRequestContentException);
            assert!(
                refused
                    .message
                    .starts_with("Could not parse request body into json: "),
                "{}",
                refused.message
            );
        }
        for text in ["", "\"text\"", " [1] "] {
            let spool = lambda.spool(text.as_bytes());
            let mut request = of("pay");
            request["Payload"] = json!(spool.handle());
            lambda.call("Invoke", request);
        }
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        let spool = lambda.spool(&deep);
        let mut request = of("pay");
        request["Payload"] = json!(spool.handle());
        let _ = lambda.try_call("Invoke", request);
    }

    #[test]
    fn refuses_an_event_that_is_too_large_for_how_it_is_sent() {
        let lambda = Sandbox::with("pay");
        let event = |size: usize| {
            let mut text = vec![b' '; size];
            text[0] = b'1';
            lambda.spool(&text)
        };
        let at_once = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
        for (kind, limit, told) in [
            ("RequestResponse", 6_291_456, at_once),
            ("DryRun", 6_291_456, at_once),
            (
                "Event",
                1_048_576,
                "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
            ),
        ] {
            let spool = event(limit);
            let mut request = of("pay");
            request["InvocationType"] = json!(kind);
            request["Payload"] = json!(spool.handle());
            lambda.call("Invoke", request.clone());
            let spool = event(limit + 1);
            request["Payload"] = json!(spool.handle());
            assert_eq!(
                lambda.error("Invoke", request),
                format!("(RequestEntityTooLargeException): {told}")
            );
        }
    }

    /// Public reports.
    #[test]
    fn of_a_queued_event_that_is_no_json_more_is_said() {
        let lambda = Sandbox::with("pay");
        let spool = lambda.spool(b"{");
        for (kind, more) in [
            ("Event", "Could not parse payload into json: "),
            ("RequestResponse", ""),
        ] {
            let mut request = of("pay");
            request["InvocationType"] = json!(kind);
            request["Payload"] = json!(spool.handle());
            let told = lambda.error("Invoke", request);
            let start =
                "(InvalidRequestContentException): Could not parse request body into json: ";
            assert!(
                told.starts_with(&format!("{start}{more}it ends too early")),
                "{told}"
            );
        }
    }

    #[test]
    fn refuses_a_client_context_that_is_none() {
        let lambda = Sandbox::with("pay");
        let long = BASE64_STANDARD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(3000)));
        for context in ["x", "e30", "MQ==", &long] {
            let request = json!({ "FunctionName": "pay", "ClientContext": context });
            assert_eq!(
                lambda.error("Invoke", request),
                "(InvalidRequestContentException): Client context must be a valid Base64-encoded JSON object."
            );
        }
        lambda.call(
            "Invoke",
            json!({ "FunctionName": "pay", "ClientContext": "e30=" }),
        );
    }

    #[test]
    fn what_is_not_simulated_is_refused_by_name() {
        let lambda = Sandbox::with("pay");
        let mut request = of("pay");
        request["DurableExecutionName"] = json!("x");
        let told = lambda.try_call("Invoke", request).expect_err("refused");
        assert_eq!(
            told.to_string(),
            "the option --durable-execution-name is not simulated"
        );
    }

    #[test]
    fn a_tenant_is_named_where_tenants_are_kept_apart_and_nowhere_else() {
        let lambda = Sandbox::with("pay");
        let apart = json!({ "TenantIsolationMode": "PER_TENANT" });
        lambda.create_with("apart", json!({ "TenancyConfig": apart }));
        let with = |name: &str, tenant: &str| {
            let mut request = of(name);
            request["TenantId"] = json!(tenant);
            request
        };
        assert_eq!(
            lambda.call("Invoke", with("apart", "blue"))["StatusCode"],
            200
        );
        assert_eq!(lambda.call("Invoke", of("pay"))["StatusCode"], 200);
        for (request, told) in [
            (
                of("apart"),
                "(InvalidParameterValueException): The function keeps its tenants apart, but the request names no tenant.",
            ),
            (
                with("pay", "blue"),
                "(InvalidParameterValueException): The request names a tenant, but the function does not keep tenants apart.",
            ),
        ] {
            assert_eq!(lambda.error("Invoke", request), told);
        }
        let told = lambda.error("Invoke", with("apart", "a#b"));
        assert!(
            told.starts_with("(ValidationException)") && told.contains("'tenantId'"),
            "{told}"
        );
        let event = json!({ "FunctionName": "apart", "InvokeArgs": lambda.spool(b"{}").handle() });
        assert!(
            lambda
                .error("InvokeAsync", event)
                .contains("names no tenant")
        );
    }
}
