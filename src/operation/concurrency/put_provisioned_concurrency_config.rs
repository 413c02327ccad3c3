//! `PutProvisionedConcurrencyConfig`: sets the number of execution environments that are kept ready for a version or an
//! alias.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::settings::refuse_with_tenants,
        resolve::{has, invalid},
    },
    state::name::{FunctionName, ProvisionedQualifier},
};

use super::{
    pool::{Pool, below_minimum},
    provisioned::{ProvisionedConcurrencyConfig, check_free, provision, unpublished},
};

/// Request of PutProvisionedConcurrencyConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutProvisionedConcurrencyConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The version or the alias.
    qualifier: ProvisionedQualifier,
    /// The number of environments to keep ready.
    #[schemars(range(min = 1))]
    provisioned_concurrent_executions: u64,
}

/// Response of PutProvisionedConcurrencyConfig. It has the members that the read operations return, in another order.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutProvisionedConcurrencyConfigResponse {
    /// The number of requested environments.
    requested_provisioned_concurrent_executions: u64,
    /// The number of allocated environments.
    allocated_provisioned_concurrent_executions: u64,
    /// The number of ready environments.
    available_provisioned_concurrent_executions: u64,
    /// IN_PROGRESS, READY or FAILED.
    status: String,
    /// The reason for a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    /// The time of the last change.
    last_modified: String,
}

impl Operation for PutProvisionedConcurrencyConfigRequest {
    const NAME: &'static str = "PutProvisionedConcurrencyConfig";
    const ROUTE: &'static str =
        "PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency 202";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Keeps execution environments of a version or an alias ready. If the alias moves to \
        another version, they move too. They need time to get ready: get-provisioned-concurrency-config shows if \
        they are READY.";
    type Response = PutProvisionedConcurrencyConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<PutProvisionedConcurrencyConfigResponse> {
        let target = lambda.target(&self.function_name, Some(&self.qualifier))?;
        let key = target.key();
        if key == "$LATEST" {
            return Err(unpublished().into());
        }
        let requested = self.provisioned_concurrent_executions;
        let pool = Pool::new(lambda, &target);
        lambda.edit_or(&target, || target.missing(), Self::NAME, |edit| {
            if !has(&edit.head, key, |number| edit.version(number))? {
                return Err(target.missing().into());
            }
            let alias = edit.head.aliases.get(key);
            let version = alias.map_or(key, |alias| &alias.function_version).to_owned();
            if alias.is_some_and(|alias| !alias.additional_version_weights.is_empty()) {
                // Public reports, 2020 and 2026.
                return Err(invalid("Alias with weights can not be used with Provisioned Concurrency").into());
            }
            check_free(&edit.head, key, &version)?;
            let frozen = match version.parse() {
                Ok(number) => edit.version(number)?,
                Err(_) => None,
            };
            if let Some(frozen) = &frozen {
                refuse_with_tenants(&frozen.configuration, "Provisioned Concurrency")?;
            }
            if frozen.is_some_and(|frozen| frozen.configuration.snap_start == "PublishedVersions") {
                // AWS's page says that this is refused ("SnapStart supports no provisioned concurrency"). The words are
                // ours.
                return Err(invalid(
                    "Provisioned Concurrency Configs cannot be applied to function versions with SnapStart.",
                )
                .into());
            }
            let others = edit.head.provisioned_concurrency(Some(key));
            match edit.head.reserved_concurrency {
                Some(reserved) if requested > reserved.saturating_sub(others) => {
                    return Err(invalid(
                        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution \
                         for function",
                    )
                    .into());
                }
                Some(_) => {}
                None => {
                    let level = pool.level()?;
                    let left = level.left.saturating_sub(others);
                    if requested > left {
                        return Err(invalid(format!(
                            "Specified ConcurrentExecutions for function is greater than account's unreserved \
                             concurrency [{left}]."
                        ))
                        .without_type()
                        .into());
                    }
                    if left - requested < level.minimum {
                        return Err(below_minimum("ConcurrentExecutions", level.minimum).into());
                    }
                }
            }
            let provisioned = provision(edit, lambda.settle, requested);
            lambda.explain(|| {
                let ready = match &provisioned.change {
                    Some(change) => format!("They are ready at {}", change.completes),
                    None => "They are ready".to_owned(),
                };
                format!(
                    "{requested} execution environments of version {version} are kept ready for {}. {ready}, and the \
                     version then has a new RevisionId. They follow an alias that moves.",
                    target.named()
                )
            });
            let shown = ProvisionedConcurrencyConfig::from(&provisioned);
            edit.head.attach(key, |attached| attached.provisioned_concurrency = Some(provisioned));
            Ok(PutProvisionedConcurrencyConfigResponse {
                requested_provisioned_concurrent_executions: shown.requested_provisioned_concurrent_executions,
                allocated_provisioned_concurrent_executions: shown.allocated_provisioned_concurrent_executions,
                available_provisioned_concurrent_executions: shown.available_provisioned_concurrent_executions,
                status: shown.status,
                status_reason: shown.status_reason,
                last_modified: shown.last_modified,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function with versions 1 and 2, the alias `live` that points at 1, in a sandbox where changes take two
    /// seconds.
    fn aliased() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        for (name, version) in [("live", "1"), ("edge", "$LATEST"), ("next", "1")] {
            lambda.call(
                "CreateAlias",
                json!({ "FunctionName": "pay", "Name": name, "FunctionVersion": version }),
            );
        }
        lambda.settle.set(Duration::from_secs(2));
        lambda
    }

    fn put(qualifier: &str, number: u64) -> Value {
        json!({ "FunctionName": "pay", "Qualifier": qualifier, "ProvisionedConcurrentExecutions": number })
    }

    fn read(lambda: &Sandbox, qualifier: &str) -> Value {
        lambda.call(
            "GetProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": qualifier }),
        )
    }

    fn revision(lambda: &Sandbox, name: &str) -> Value {
        lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }))["RevisionId"]
            .clone()
    }

    /// Public reports, 2020 and 2026.
    #[test]
    fn an_alias_with_weights_takes_none() {
        let lambda = aliased();
        let split = json!({
            "FunctionName": "pay", "Name": "live", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } },
        });
        lambda.call("UpdateAlias", split);
        assert_eq!(
            lambda.error("PutProvisionedConcurrencyConfig", put("live", 5)),
            "(InvalidParameterValueException): Alias with weights can not be used with Provisioned Concurrency"
        );
        lambda.call("PutProvisionedConcurrencyConfig", put("2", 5));
    }

    #[test]
    fn environments_take_their_time_and_give_the_version_a_new_revision() {
        let lambda = aliased();
        let names = ["pay", "pay:1", "pay:2"];
        let before = names.map(|name| revision(&lambda, name));
        assert_eq!(
            lambda
                .call("PutProvisionedConcurrencyConfig", put("live", 5))
                .to_string(),
            r#"{"RequestedProvisionedConcurrentExecutions":5,"AllocatedProvisionedConcurrentExecutions":0,"AvailableProvisionedConcurrentExecutions":0,"Status":"IN_PROGRESS","LastModified":"2026-11-22T12:00:00+0000"}"#
        );
        assert_eq!(read(&lambda, "live")["Status"], "IN_PROGRESS");
        assert_eq!(before, names.map(|name| revision(&lambda, name)));
        lambda.pass(Duration::from_secs(2));
        let files = lambda.files();
        assert_eq!(
            read(&lambda, "live").to_string(),
            r#"{"RequestedProvisionedConcurrentExecutions":5,"AvailableProvisionedConcurrentExecutions":5,"AllocatedProvisionedConcurrentExecutions":5,"Status":"READY","LastModified":"2026-11-22T12:00:00+0000"}"#
        );
        let after = names.map(|name| revision(&lambda, name));
        assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
        assert_ne!(before[1], after[1]);
        assert_eq!(files, lambda.files(), "reading writes nothing");
        lambda.update_code("pay", "three", json!({}));
        assert_eq!(revision(&lambda, "pay:1"), after[1], "and an edit keeps it");
        assert_eq!(read(&lambda, "live")["Status"], "READY");
    }

    #[test]
    fn it_moves_with_its_alias() {
        let lambda = aliased();
        lambda.call("PutProvisionedConcurrencyConfig", put("live", 5));
        lambda.pass(Duration::from_secs(2));
        let before = ["pay:1", "pay:2"].map(|name| revision(&lambda, name));
        let update = |more: Value| {
            let mut request = more;
            request["FunctionName"] = json!("pay");
            request["Name"] = json!("live");
            lambda.try_call("UpdateAlias", request)
        };
        update(json!({ "Description": "d" })).expect("an alias");
        assert_eq!(read(&lambda, "live")["Status"], "READY", "it did not move");
        update(json!({ "FunctionVersion": "2" })).expect("an alias");
        assert_eq!(read(&lambda, "live")["Status"], "IN_PROGRESS");
        lambda.pass(Duration::from_secs(2));
        assert_eq!(
            read(&lambda, "live")["AvailableProvisionedConcurrentExecutions"],
            5
        );
        let after = ["pay:1", "pay:2"].map(|name| revision(&lambda, name));
        assert_eq!(before[0], after[0]);
        assert_ne!(before[1], after[1]);
        lambda.call("PutProvisionedConcurrencyConfig", put("1", 5));
        for (version, code) in [
            ("1", "ResourceConflictException"),
            ("$LATEST", "InvalidParameterValueException"),
        ] {
            let refused = update(json!({ "FunctionVersion": version }));
            assert!(
                refused.is_err_and(|error| error.to_string().starts_with(&format!("({code})")))
            );
        }
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "live" }),
        );
        let list = lambda.call(
            "ListProvisionedConcurrencyConfigs",
            json!({ "FunctionName": "pay" }),
        );
        assert_eq!(
            list["ProvisionedConcurrencyConfigs"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
    }

    #[test]
    fn a_version_is_provisioned_once() {
        let lambda = aliased();
        lambda.call("PutProvisionedConcurrencyConfig", put("1", 5));
        lambda.call("PutProvisionedConcurrencyConfig", put("1", 6));
        assert_eq!(
            lambda.error("PutProvisionedConcurrencyConfig", put("live", 5)),
            "(ResourceConflictException): Alias can't be used for Provisioned Concurrency configuration on an already \
             Provisioned version"
        );
        lambda.call(
            "DeleteProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1" }),
        );
        lambda.call("PutProvisionedConcurrencyConfig", put("live", 5));
        assert_eq!(
            lambda.error("PutProvisionedConcurrencyConfig", put("1", 5)),
            "(ResourceConflictException): Version is pointed by a Provisioned Concurrency alias"
        );
        assert_eq!(
            lambda
                .refused("PutProvisionedConcurrencyConfig", put("next", 5))
                .code
                .status(),
            409
        );
    }

    #[test]
    fn refuses_what_is_not_published_or_not_there() {
        let lambda = aliased();
        for qualifier in ["$LATEST", "edge"] {
            assert_eq!(
                lambda.error("PutProvisionedConcurrencyConfig", put(qualifier, 1)),
                "(InvalidParameterValueException): Provisioned Concurrency Configs cannot be applied to unpublished \
                 function versions."
            );
        }
        for operation in [
            "PutProvisionedConcurrencyConfig",
            "GetProvisionedConcurrencyConfig",
            "DeleteProvisionedConcurrencyConfig",
        ] {
            for name in ["pay", "nope"] {
                for (qualifier, text) in [
                    ("nobody", "Cannot find alias arn: "),
                    ("7", "Function not found: "),
                ] {
                    let mut request = json!({ "FunctionName": name, "Qualifier": qualifier });
                    if operation == "PutProvisionedConcurrencyConfig" {
                        request["ProvisionedConcurrentExecutions"] = json!(1);
                    }
                    assert_eq!(
                        lambda.error(operation, request),
                        format!(
                            "(ResourceNotFoundException): {text}{}:{qualifier}",
                            ARN.replace("pay", name)
                        )
                    );
                }
            }
        }
        assert_eq!(
            lambda.error("PutProvisionedConcurrencyConfig", put("1", 0)),
            "(ValidationException): 1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to \
             satisfy constraint: Member must have value greater than or equal to 1"
        );
    }

    #[test]
    fn the_pool_and_the_reservation_are_the_bounds() {
        let lambda = aliased();
        lambda.create("other");
        lambda.call(
            "PutFunctionConcurrency",
            json!({ "FunctionName": "other", "ReservedConcurrentExecutions": 500 }),
        );
        lambda.call("PutProvisionedConcurrencyConfig", put("2", 100));
        let before = lambda.files();
        for (number, text) in [
            (
                401,
                "is greater than account's unreserved concurrency [400].",
            ),
            (
                u64::MAX,
                "is greater than account's unreserved concurrency [400].",
            ),
            (
                400,
                "decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
            ),
            (
                301,
                "decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
            ),
        ] {
            let refused = lambda.refused("PutProvisionedConcurrencyConfig", put("1", number));
            assert_eq!(
                refused.to_string(),
                format!(
                    "(InvalidParameterValueException): Specified ConcurrentExecutions for function {text}"
                )
            );
            assert!(refused.details.is_empty(), "it has no Type");
        }
        assert_eq!(before, lambda.files());
        lambda.call("PutProvisionedConcurrencyConfig", put("1", 300));
        lambda.call(
            "PutProvisionedConcurrencyConfig",
            json!({ "FunctionName": "pay", "Qualifier": "1", "ProvisionedConcurrentExecutions": 10 }),
        );
        lambda.call(
            "PutFunctionConcurrency",
            json!({ "FunctionName": "pay", "ReservedConcurrentExecutions": 120 }),
        );
        let refused = lambda.refused("PutProvisionedConcurrencyConfig", put("1", 21));
        assert_eq!(
            refused.to_string(),
            "(InvalidParameterValueException): Requested Provisioned Concurrency should not be greater than the \
             reservedConcurrentExecution for function"
        );
        assert_eq!(refused.details["Type"], "User");
        lambda.call("PutProvisionedConcurrencyConfig", put("1", 20));
    }

    #[test]
    fn refuses_a_version_with_a_snapshot() {
        let lambda = Sandbox::new();
        lambda.create_with(
            "pay",
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }),
        );
        lambda.publish("pay");
        assert_eq!(
            lambda
                .refused("PutProvisionedConcurrencyConfig", put("1", 1))
                .code
                .name(),
            "InvalidParameterValueException"
        );
    }
}
