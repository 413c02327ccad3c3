//! Checks if a function is already as a call requested. It makes no difference which call changed the function. For
//! example, `create-alias` was refused because the alias exists, but the alias points at the requested version.
//!
//! Values of environment variables are masked in recorded calls. If the [`masked`] value does not show whether they are
//! equal, the answer is uncertain.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    alias::Alias,
    arn::{FunctionRef, partition_of},
    attached::{Attached, EventInvoke},
    function::Function,
    kind::{holds, tagged},
    masked,
    policy::{self, Statement},
};

/// Members that are not compared. They name the function, are a condition of the change, or control the call.
const NAMING: [&str; 5] = ["FunctionName", "Name", "Qualifier", "RevisionId", "Publish"];

/// Returns true if the function is as requested; `None` if the answer is uncertain.
pub(super) fn holds_for(
    found: Option<(&Function, &BTreeSet<u64>)>,
    operation: &str,
    request: &Value,
) -> Option<bool> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let named = FunctionRef::of_resource(text("FunctionName").or_else(|| text("Resource"))?)?;
    let qualifier = text("Qualifier").or(named.qualifier.as_deref());
    let Some((head, numbers)) = found else {
        // When a qualifier is deleted, its settings are deleted, too.
        let gone = matches!(
            operation,
            "DeleteFunction"
                | "DeleteAlias"
                | "RemovePermission"
                | "DeleteFunctionConcurrency"
                | "DeleteProvisionedConcurrencyConfig"
                | "DeleteFunctionUrlConfig"
                | "DeleteFunctionEventInvokeConfig"
                | "DeleteFunctionCodeSigningConfig"
                | "UntagResource"
        );
        return match operation {
            "CreateFunction" => Some(false),
            _ => gone.then_some(true),
        };
    };
    let at = |qualifier: Option<&str>| head.attached.get(qualifier.unwrap_or("$LATEST"));
    let none = |there: bool| Some(!there);
    match operation {
        "CreateFunction" => {
            let code = holds_code(head, request.get("Code").unwrap_or(&Value::Null));
            let but = with(&["Code", "Environment"]);
            let rest = holds(request, &but, |member| created(head, member));
            let rest = both(rest, has_environment(head, request));
            both(both(code, rest), published(head, request))
        }
        "UpdateFunctionConfiguration" => {
            let but = with(&["Environment"]);
            let rest = holds(request, &but, |member| configured(head, member));
            both(rest, has_environment(head, request))
        }
        "UpdateFunctionCode" => both(holds_code(head, request), published(head, request)),
        "PublishVersion" => {
            let asked = holds(request, &NAMING, |member| match member {
                "CodeSha256" => Some(json!(head.latest.configuration.code_sha256)),
                _ => None,
            });
            both(asked, Some(is_published(head)))
        }
        "DeleteFunction" => match qualifier {
            Some(number) => none(numbers.contains(&number.parse().ok()?)),
            None => Some(false),
        },
        "CreateAlias" | "UpdateAlias" => {
            let alias = head.aliases.get(text("Name")?);
            alias.map_or(Some(false), |alias| {
                holds(request, &NAMING, |member| aliased(alias, member))
            })
        }
        "DeleteAlias" => none(head.aliases.contains_key(text("Name")?)),
        "AddPermission" => {
            let attached = at(qualifier).and_then(|attached| attached.policy.as_ref());
            let sid = text("StatementId")?;
            let statement = attached.and_then(|policy| {
                let mut statements = policy.statements.iter();
                statements.find(|statement| statement.sid == sid)
            });
            statement.map_or(Some(false), |statement| permitted(statement, request))
        }
        "RemovePermission" => {
            let policy = at(qualifier).and_then(|attached| attached.policy.as_ref());
            let sid = text("StatementId")?;
            none(policy.is_some_and(|policy| policy.statements.iter().any(|of| of.sid == sid)))
        }
        "PutFunctionConcurrency" => holds(request, &NAMING, |member| match member {
            "ReservedConcurrentExecutions" => Some(json!(head.reserved_concurrency)),
            _ => None,
        }),
        "DeleteFunctionConcurrency" => none(head.reserved_concurrency.is_some()),
        "PutProvisionedConcurrencyConfig" => {
            let kept = at(qualifier).and_then(|at| at.provisioned_concurrency.as_ref());
            holds(request, &NAMING, |member| match member {
                "ProvisionedConcurrentExecutions" => Some(json!(kept.map(|kept| kept.requested))),
                _ => None,
            })
        }
        "DeleteProvisionedConcurrencyConfig" => {
            hangs(at(qualifier), |at| at.provisioned_concurrency.is_some())
        }
        "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" => {
            let url = at(qualifier).and_then(|at| at.url.as_ref());
            url.map_or(Some(false), |url| {
                holds(request, &NAMING, |member| match member {
                    "AuthType" => Some(json!(url.auth_type)),
                    "InvokeMode" => Some(json!(url.invoke_mode.as_deref().unwrap_or("BUFFERED"))),
                    "Cors" => Some(json!(url.cors)),
                    _ => None,
                })
            })
        }
        "DeleteFunctionUrlConfig" => hangs(at(qualifier), |at| at.url.is_some()),
        "PutFunctionEventInvokeConfig" | "UpdateFunctionEventInvokeConfig" => {
            let config = at(qualifier).and_then(|at| at.event_invoke.as_ref());
            // A put removes the members that the request leaves out; an update keeps them.
            let is_put = operation == "PutFunctionEventInvokeConfig";
            Some(config.is_some_and(|config| handles_events(config, request, is_put)))
        }
        "DeleteFunctionEventInvokeConfig" => hangs(at(qualifier), |at| at.event_invoke.is_some()),
        "PutFunctionRecursionConfig" => holds(request, &NAMING, |member| match member {
            "RecursiveLoop" => Some(json!(head.recursive_loop.as_deref().unwrap_or("Terminate"))),
            _ => None,
        }),
        "PutRuntimeManagementConfig" => {
            let said = at(qualifier).and_then(|at| at.runtime_management.as_ref());
            holds(request, &NAMING, |member| match member {
                "UpdateRuntimeOn" => {
                    Some(json!(said.map_or("Auto", |said| &*said.update_runtime_on)))
                }
                "RuntimeVersionArn" => Some(json!(
                    said.and_then(|said| said.runtime_version_arn.as_ref())
                )),
                _ => None,
            })
        }
        "PutFunctionScalingConfig" => {
            let has = at(qualifier).and_then(|at| at.scaling);
            let asked = request.get("FunctionScalingConfig");
            let asked = asked.filter(|asked| !asked.is_null());
            // A request without a value removes the setting.
            Some(has.map(|has| json!(has)).as_ref() == asked)
        }
        "PutFunctionCodeSigningConfig" => holds(request, &NAMING, |member| match member {
            "CodeSigningConfigArn" => Some(json!(head.code_signing_config_arn)),
            _ => None,
        }),
        "DeleteFunctionCodeSigningConfig" => none(head.code_signing_config_arn.is_some()),
        _ => tagged(&head.tags, operation, request),
    }
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&NAMING[..], more].concat()
}

/// Returns true if both values are true, false if one of them is false, and `None` in all other cases.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn hangs(attached: Option<&Attached>, there: impl Fn(&Attached) -> bool) -> Option<bool> {
    Some(!attached.is_some_and(there))
}

/// Returns true if the newest version equals `$LATEST`.
fn is_published(head: &Function) -> bool {
    let digest = head.latest.configuration.digest();
    head.published
        .as_ref()
        .is_some_and(|published| published.digest == digest)
}

/// Returns true if `Publish` is not set in the request, or if the newest version equals `$LATEST`.
fn published(head: &Function, request: &Value) -> Option<bool> {
    match request.get("Publish").and_then(Value::as_bool) {
        Some(true) => Some(is_published(head)),
        _ => Some(true),
    }
}

/// Returns true if `$LATEST` has the code that a request names; `None` if the code is in a bucket.
fn holds_code(head: &Function, code: &Value) -> Option<bool> {
    let latest = &head.latest.configuration;
    let but = with(&["Architectures", "ZipFile"]);
    let zip = code.get("ZipFile").filter(|zip| !zip.is_null());
    let zip = match zip {
        Some(zip) => Some(zip.get("CodeSha256")?.as_str()? == latest.code_sha256),
        None => Some(true),
    };
    let rest = holds(code, &but, |member| match member {
        "ImageUri" => Some(json!(latest.image.as_ref().map(|image| &image.image_uri))),
        _ => None,
    });
    let architectures = match code.get("Architectures").filter(|of| !of.is_null()) {
        Some(asked) => configured(head, "Architectures").map(|has| has == *asked),
        None => Some(true),
    };
    both(both(zip, rest), architectures)
}

/// The value that a member of CreateFunction has in the function.
fn created(head: &Function, member: &str) -> Option<Value> {
    match member {
        "Tags" => Some(json!(head.tags)),
        "PackageType" => Some(json!(head.latest.configuration.package_type)),
        "CodeSigningConfigArn" => Some(json!(head.code_signing_config_arn)),
        _ => configured(head, member),
    }
}

/// The value that a member of UpdateFunctionConfiguration has in `$LATEST`.
fn configured(head: &Function, member: &str) -> Option<Value> {
    let latest = &head.latest.configuration;
    Some(match member {
        "Role" => json!(latest.role),
        "Handler" => json!(latest.handler),
        "Runtime" => json!(latest.runtime),
        "Description" => json!(latest.description),
        "Timeout" => json!(latest.timeout),
        "MemorySize" => json!(latest.memory_size),
        "TracingConfig" => json!({ "Mode": latest.tracing_mode }),
        "EphemeralStorage" => json!({ "Size": latest.ephemeral_storage }),
        "Architectures" => json!(latest.architectures),
        "Layers" => latest.layers.iter().map(|layer| json!(layer.arn)).collect(),
        _ => return None,
    })
}

/// Returns true if `$LATEST` has exactly the variables that a request contains.
fn has_environment(head: &Function, request: &Value) -> Option<bool> {
    let asked = request.get("Environment").filter(|asked| !asked.is_null());
    let Some(asked) = asked else {
        return Some(true);
    };
    let asked = asked.get("Variables")?.as_object()?;
    let has = head.latest.configuration.environment.iter().flatten();
    let has: Vec<(&String, &String)> = has.collect();
    if has.len() != asked.len() {
        return Some(false);
    }
    let mut holds = Some(true);
    for (name, value) in has {
        let is = match asked.get(name) {
            Some(mask) => masked::means(mask.as_str()?, value),
            None => Some(false),
        };
        // If one value differs, the answer is false even if other values are unknown.
        holds = both(holds, is);
    }
    holds
}

/// Returns true if asynchronous events are handled as requested. If `all` is true, members that are not in the request
/// must not be set.
fn handles_events(config: &EventInvoke, request: &Value, all: bool) -> bool {
    let number = |member: &str, has: Option<u64>| match request.get(member).and_then(Value::as_u64)
    {
        Some(asked) => has == Some(asked),
        None => !all || has.is_none(),
    };
    let destination = |side: &str, has: &Option<String>| {
        let to = request.pointer(&format!("/DestinationConfig/{side}/Destination"));
        let to = to.and_then(Value::as_str).filter(|arn| !arn.is_empty());
        let is_given = request
            .get("DestinationConfig")
            .is_some_and(|to| !to.is_null());
        !all && !is_given || has.as_deref() == to
    };
    number("MaximumRetryAttempts", config.maximum_retry_attempts)
        && number(
            "MaximumEventAgeInSeconds",
            config.maximum_event_age_in_seconds,
        )
        && destination("OnSuccess", &config.on_success)
        && destination("OnFailure", &config.on_failure)
}

fn aliased(alias: &Alias, member: &str) -> Option<Value> {
    Some(match member {
        "FunctionVersion" => json!(alias.function_version),
        "Description" => json!(alias.description),
        "RoutingConfig" => json!({ "AdditionalVersionWeights": alias.additional_version_weights }),
        _ => return None,
    })
}

/// Members of AddPermission that are conditions of the statement: the operator and the key.
const CONDITIONS: [(&str, &str, &str); 5] = [
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    (
        "EventSourceToken",
        "StringEquals",
        "lambda:EventSourceToken",
    ),
    (
        "FunctionUrlAuthType",
        "StringEquals",
        "lambda:FunctionUrlAuthType",
    ),
];

/// Returns true if a statement permits exactly what AddPermission requested.
fn permitted(statement: &Statement, request: &Value) -> Option<bool> {
    let partition = partition_of(statement.resource.split(':').nth(3).unwrap_or_default());
    let is_asked = |member: &str| request.get(member).is_some_and(|value| !value.is_null());
    let asked = holds(request, &with(&["StatementId"]), |member| match member {
        "Action" => Some(json!(statement.action)),
        "Principal" => {
            let wanted = request.get(member)?;
            let is = policy::principal(wanted.as_str()?, partition)? == statement.principal;
            Some(if is { wanted.clone() } else { Value::Null })
        }
        _ => {
            let mut conditions = CONDITIONS.iter();
            let (_, operator, key) = conditions.find(|(name, ..)| *name == member)?;
            let of = statement.condition.get(*operator);
            Some(of.and_then(|of| of.get(*key)).cloned().unwrap_or_default())
        }
    });
    // If the statement has a condition that the request does not have, it permits less than requested.
    let operators = statement.condition.values();
    let has: usize = operators.filter_map(Value::as_object).map(Map::len).sum();
    let wanted = CONDITIONS.iter().filter(|(member, ..)| is_asked(member));
    both(asked, Some(has == wanted.count()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        operation::sandbox::Sandbox,
        state::{arn::Scope, masked},
        store::kind::satisfied,
    };

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:dead";

    fn holds(lambda: &Sandbox, operation: &str, request: Value) -> Option<bool> {
        let scope = Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        };
        let store = lambda.store().expect("a state directory");
        satisfied(&store, &scope, "lambda", operation, &request).expect("readable")
    }

    /// A request for the function `pay`, with additional members.
    fn pay(more: Value) -> Value {
        let mut request = json!({ "FunctionName": "pay" });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    /// The function `pay` with version 1, the alias `live` that points at it, a permission, a tag and reserved
    /// concurrency.
    fn furnished() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        for (operation, more) in [
            (
                "CreateAlias",
                json!({ "Name": "live", "FunctionVersion": "1" }),
            ),
            (
                "AddPermission",
                json!({
                    "StatementId": "s3", "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com", "SourceAccount": "123456789012",
                }),
            ),
            (
                "PutFunctionConcurrency",
                json!({ "ReservedConcurrentExecutions": 5 }),
            ),
        ] {
            lambda.call(operation, pay(more));
        }
        lambda.call(
            "TagResource",
            json!({ "Resource": ARN, "Tags": { "a": "b" } }),
        );
        lambda
    }

    #[test]
    fn a_refused_call_is_known_by_what_it_asked_for() {
        let lambda = furnished();
        let code = lambda.zip("pay").handle().code_sha256;
        let zip = |sha256: &str| json!({ "Spool": "x", "CodeSha256": sha256, "CodeSize": 1 });
        let create = |more: Value| {
            let mut request = pay(json!({
                "Runtime": "python3.12", "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/r", "Code": { "ZipFile": zip(&code) },
            }));
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            request
        };
        let allow = |more: Value| {
            let mut request = pay(json!({
                "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
            }));
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            request
        };
        let account = json!({ "SourceAccount": "123456789012" });
        for (operation, request, wanted) in [
            ("CreateFunction", create(json!({})), Some(true)),
            (
                "CreateFunction",
                create(json!({ "Publish": true })),
                Some(true),
            ),
            (
                "CreateFunction",
                create(json!({ "Timeout": 9 })),
                Some(false),
            ),
            (
                "CreateFunction",
                create(json!({ "Code": { "ZipFile": zip("x") } })),
                Some(false),
            ),
            (
                "CreateFunction",
                create(json!({ "Code": { "S3Bucket": "b", "S3Key": "k" } })),
                None,
            ),
            (
                "CreateFunction",
                create(json!({ "Environment": { "Variables": {} } })),
                Some(true),
            ),
            (
                "CreateFunction",
                json!({ "FunctionName": "other" }),
                Some(false),
            ),
            (
                "UpdateFunctionCode",
                pay(json!({ "ZipFile": zip(&code) })),
                Some(true),
            ),
            (
                "UpdateFunctionCode",
                pay(json!({ "ZipFile": zip("x") })),
                Some(false),
            ),
            ("UpdateFunctionCode", pay(json!({ "ZipFile": "***" })), None),
            (
                "UpdateFunctionConfiguration",
                pay(json!({ "Timeout": 3 })),
                Some(true),
            ),
            (
                "UpdateFunctionConfiguration",
                pay(json!({ "Timeout": 9 })),
                Some(false),
            ),
            (
                "UpdateFunctionConfiguration",
                pay(json!({ "VpcConfig": {} })),
                None,
            ),
            ("PublishVersion", pay(json!({})), Some(true)),
            ("PublishVersion", pay(json!({ "Description": "x" })), None),
            (
                "CreateAlias",
                pay(json!({ "Name": "live", "FunctionVersion": "1" })),
                Some(true),
            ),
            (
                "CreateAlias",
                pay(json!({ "Name": "live", "FunctionVersion": "2" })),
                Some(false),
            ),
            (
                "CreateAlias",
                pay(json!({ "Name": "next", "FunctionVersion": "1" })),
                Some(false),
            ),
            ("DeleteAlias", pay(json!({ "Name": "next" })), Some(true)),
            ("DeleteAlias", pay(json!({ "Name": "live" })), Some(false)),
            ("AddPermission", allow(account), Some(true)),
            ("AddPermission", allow(json!({})), Some(false)),
            (
                "AddPermission",
                allow(json!({ "Qualifier": "live" })),
                Some(false),
            ),
            (
                "AddPermission",
                allow(json!({ "SourceAccount": "123456789012", "Principal": "sns.amazonaws.com" })),
                Some(false),
            ),
            (
                "RemovePermission",
                pay(json!({ "StatementId": "sns" })),
                Some(true),
            ),
            (
                "RemovePermission",
                pay(json!({ "StatementId": "s3" })),
                Some(false),
            ),
            (
                "PutFunctionConcurrency",
                pay(json!({ "ReservedConcurrentExecutions": 5 })),
                Some(true),
            ),
            ("DeleteFunctionConcurrency", pay(json!({})), Some(false)),
            ("DeleteFunction", pay(json!({})), Some(false)),
            (
                "DeleteFunction",
                pay(json!({ "Qualifier": "1" })),
                Some(false),
            ),
            (
                "DeleteFunction",
                pay(json!({ "Qualifier": "2" })),
                Some(true),
            ),
            (
                "DeleteFunction",
                json!({ "FunctionName": "other" }),
                Some(true),
            ),
            ("DeleteFunctionUrlConfig", pay(json!({})), Some(true)),
            (
                "TagResource",
                json!({ "Resource": ARN, "Tags": { "a": "b" } }),
                Some(true),
            ),
            (
                "TagResource",
                json!({ "Resource": ARN, "Tags": { "a": "c" } }),
                Some(false),
            ),
            (
                "UntagResource",
                json!({ "Resource": ARN, "TagKeys": ["x"] }),
                Some(true),
            ),
            ("Invoke", pay(json!({})), None),
        ] {
            let told = format!("{operation} {request}");
            assert_eq!(holds(&lambda, operation, request), wanted, "{told}");
        }
    }

    #[test]
    fn what_succeeded_holds_as_far_as_it_is_known() {
        // If a rule returned false for a call that has just succeeded, it would report every correct script.
        let lambda = furnished();
        for (operation, request) in [
            (
                "UpdateAlias",
                pay(json!({ "Name": "live", "FunctionVersion": "$LATEST", "Description": "d" })),
            ),
            (
                "CreateFunctionUrlConfig",
                pay(json!({ "AuthType": "NONE" })),
            ),
            (
                "UpdateFunctionConfiguration",
                pay(json!({ "Timeout": 9, "TracingConfig": { "Mode": "Active" } })),
            ),
            (
                "PutFunctionRecursionConfig",
                pay(json!({ "RecursiveLoop": "Allow" })),
            ),
            (
                "PutFunctionScalingConfig",
                pay(json!({
                    "Qualifier": "1", "FunctionScalingConfig": { "MaxExecutionEnvironments": 9 },
                })),
            ),
            ("PutFunctionScalingConfig", pay(json!({ "Qualifier": "1" }))),
            (
                "PutRuntimeManagementConfig",
                pay(json!({ "UpdateRuntimeOn": "FunctionUpdate" })),
            ),
            (
                "PutRuntimeManagementConfig",
                pay(json!({ "UpdateRuntimeOn": "Auto" })),
            ),
            (
                "PutFunctionEventInvokeConfig",
                pay(json!({ "Qualifier": "live", "MaximumRetryAttempts": 1 })),
            ),
            (
                "UpdateFunctionEventInvokeConfig",
                pay(json!({
                    "Qualifier": "live",
                    "DestinationConfig": { "OnFailure": { "Destination": QUEUE } },
                })),
            ),
            ("DeleteFunctionConcurrency", pay(json!({}))),
            ("RemovePermission", pay(json!({ "StatementId": "s3" }))),
            (
                "UntagResource",
                json!({ "Resource": ARN, "TagKeys": ["a"] }),
            ),
            ("DeleteAlias", pay(json!({ "Name": "live" }))),
            ("DeleteFunction", pay(json!({}))),
        ] {
            lambda.call(operation, request.clone());
            assert_eq!(
                holds(&lambda, operation, request),
                Some(true),
                "{operation}"
            );
        }
    }

    #[test]
    fn settings_beside_a_function_are_known_to_the_last_member() {
        let lambda = furnished();
        let settings = |retries: u64, more: Value| {
            let mut request = pay(json!({ "MaximumRetryAttempts": retries }));
            for (name, value) in more.as_object().expect("members") {
                request[name] = value.clone();
            }
            request
        };
        let age = json!({ "MaximumEventAgeInSeconds": 60 });
        lambda.call("PutFunctionEventInvokeConfig", settings(1, age.clone()));
        let put = "PutFunctionEventInvokeConfig";
        for (operation, request, wanted) in [
            (put, settings(1, age), true),
            (put, settings(1, json!({})), false),
            (
                "UpdateFunctionEventInvokeConfig",
                settings(1, json!({})),
                true,
            ),
            (
                "UpdateFunctionEventInvokeConfig",
                settings(2, json!({})),
                false,
            ),
            (put, settings(1, json!({ "Qualifier": "live" })), false),
            (
                "PutRuntimeManagementConfig",
                pay(json!({ "UpdateRuntimeOn": "Auto" })),
                true,
            ),
            (
                "PutRuntimeManagementConfig",
                pay(json!({ "UpdateRuntimeOn": "FunctionUpdate" })),
                false,
            ),
            (
                "PutFunctionScalingConfig",
                pay(json!({ "Qualifier": "1", "FunctionScalingConfig": {} })),
                false,
            ),
        ] {
            let told = format!("{operation} {request}");
            assert_eq!(holds(&lambda, operation, request), Some(wanted), "{told}");
        }
    }

    #[test]
    fn variables_are_compared_by_their_masks() {
        let lambda = furnished();
        let variables = |pairs: &[(&str, &str)], salt: Option<&str>| {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), masked::of(value, salt)));
            let variables: std::collections::BTreeMap<String, String> = pairs.collect();
            pay(json!({ "Environment": { "Variables": variables } }))
        };
        let plain = json!({ "Variables": { "AA": "1", "BB": "2" } });
        lambda.call(
            "UpdateFunctionConfiguration",
            pay(json!({ "Environment": plain })),
        );
        let run = Some("run");
        for (request, wanted) in [
            (variables(&[("AA", "1"), ("BB", "2")], run), Some(true)),
            (variables(&[("AA", "1"), ("BB", "3")], run), Some(false)),
            (variables(&[("AA", "1")], run), Some(false)),
            (variables(&[("AA", "1"), ("CC", "2")], run), Some(false)),
            (variables(&[("AA", "1"), ("BB", "2")], None), None),
        ] {
            let told = format!("{request}");
            assert_eq!(
                holds(&lambda, "UpdateFunctionConfiguration", request),
                wanted,
                "{told}"
            );
        }
    }
}
