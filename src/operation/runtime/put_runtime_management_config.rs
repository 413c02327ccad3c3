//! `PutRuntimeManagementConfig`: sets when Lambda updates the runtime of `$LATEST` or of a version.

#![allow(missing_docs, reason = "the variants of an enum are AWS's own words")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::members::wire,
        resolve::{Target, function_not_found, has, invalid},
    },
    state::{
        attached::RuntimeManagement,
        function::Function,
        name::{NamespacedFunctionName, Qualifier, RuntimeVersionArn},
        version::Version,
    },
};

/// Request of PutRuntimeManagementConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PutRuntimeManagementConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// $LATEST or a version. The default is $LATEST.
    qualifier: Option<Qualifier>,
    /// Auto: Lambda updates the runtime. FunctionUpdate: the runtime is updated together with the function. Manual: the
    /// runtime stays at the given version.
    update_runtime_on: UpdateRuntimeOn,
    /// The ARN of the runtime version to use. Manual only.
    runtime_version_arn: Option<RuntimeVersionArn>,
}

/// The update policy of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpdateRuntimeOn {
    Auto,
    Manual,
    FunctionUpdate,
}

/// The update policy of a runtime, in the form that answers have.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RuntimeManagementConfig {
    /// Auto, Manual or FunctionUpdate.
    update_runtime_on: String,
    /// The ARN of $LATEST or of the version.
    function_arn: String,
    /// The runtime version. Manual only.
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_version_arn: Option<String>,
}

impl RuntimeManagementConfig {
    /// The policy of the function or version that the request names. The default is Auto.
    pub fn of(head: &Function, target: &Target) -> Self {
        let attached = head.attached.get(target.key());
        let said = attached.and_then(|attached| attached.runtime_management.clone());
        let (update_runtime_on, runtime_version_arn) = match said {
            Some(said) => (said.update_runtime_on, said.runtime_version_arn),
            None => ("Auto".to_owned(), None),
        };
        Self {
            update_runtime_on,
            function_arn: target.arn.qualified(target.key()).to_string(),
            runtime_version_arn,
        }
    }
}

/// Refuses a version that does not exist. Also refuses an alias, because an alias has no runtime of its own.
///
/// # Errors
/// `Function not found`. AWS's error for aliases was not recorded.
pub fn check_there(
    head: &Function,
    target: &Target,
    read: impl FnOnce(u64) -> Result<Option<Version>>,
) -> Result<()> {
    let key = target.key();
    if !head.aliases.contains_key(key) && has(head, key, read)? {
        return Ok(());
    }
    Err(function_not_found(&target.asked()).into())
}

impl Operation for PutRuntimeManagementConfigRequest {
    const NAME: &'static str = "PutRuntimeManagementConfig";
    const ROUTE: &'static str =
        "PUT /2021-07-20/functions/{FunctionName}/runtime-management-config 200";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Sets the update policy for the runtime of $LATEST or of a version. lambdry stores \
        it and changes no runtime.";
    type Response = RuntimeManagementConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<RuntimeManagementConfig> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        let manual = self.update_runtime_on == UpdateRuntimeOn::Manual;
        // AWS's page says that this is refused. The words are ours.
        if manual && self.runtime_version_arn.is_none() {
            return Err(invalid("Manual runtime updates need a RuntimeVersionArn.").into());
        }
        if !manual && self.runtime_version_arn.is_some() {
            return Err(invalid(
                "A RuntimeVersionArn can be given with Manual runtime updates only.",
            )
            .into());
        }
        lambda.edit_or(
            &target,
            || function_not_found(&target.asked()),
            Self::NAME,
            |edit| {
                check_there(&edit.head, &target, |number| edit.version(number))?;
                lambda.explain(|| {
                    let when = match self.update_runtime_on {
                        UpdateRuntimeOn::Manual => {
                            "stays at the given version until you change this setting"
                        }
                        UpdateRuntimeOn::FunctionUpdate => {
                            "is updated when the function is updated"
                        }
                        UpdateRuntimeOn::Auto => "is updated by Lambda when a newer one exists",
                    };
                    format!(
                        "The runtime of {} {when}. Versions keep their own policies.",
                        target.named()
                    )
                });
                let said = RuntimeManagement {
                    update_runtime_on: wire(self.update_runtime_on),
                    runtime_version_arn: self.runtime_version_arn.map(|arn| arn.0),
                };
                edit.head.attach(target.key(), |attached| {
                    // The default policy is not stored.
                    attached.runtime_management =
                        (self.update_runtime_on != UpdateRuntimeOn::Auto).then_some(said);
                });
                Ok(RuntimeManagementConfig::of(&edit.head, &target))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    const RUNTIME: &str = "arn:aws:lambda:us-east-1::runtime:0123456789abcdef";

    fn get(lambda: &Sandbox, name: &str) -> Value {
        lambda.call(
            "GetRuntimeManagementConfig",
            json!({ "FunctionName": name }),
        )
    }

    #[test]
    fn latest_and_each_version_have_their_own() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        let before = lambda.latest("pay");
        let put = |more: Value| lambda.call("PutRuntimeManagementConfig", more);
        assert_eq!(
            put(json!({ "FunctionName": "pay", "UpdateRuntimeOn": "Manual", "RuntimeVersionArn": RUNTIME })).to_string(),
            format!(r#"{{"UpdateRuntimeOn":"Manual","FunctionArn":"{ARN}:$LATEST","RuntimeVersionArn":"{RUNTIME}"}}"#)
        );
        assert_eq!(get(&lambda, "pay:1")["UpdateRuntimeOn"], "Auto");
        assert_eq!(
            put(json!({ "FunctionName": "pay:1", "UpdateRuntimeOn": "FunctionUpdate" })),
            json!({ "UpdateRuntimeOn": "FunctionUpdate", "FunctionArn": format!("{ARN}:1") })
        );
        assert_eq!(get(&lambda, "pay:$LATEST")["RuntimeVersionArn"], RUNTIME);
        for name in ["pay", "pay:1"] {
            put(json!({ "FunctionName": name, "UpdateRuntimeOn": "Auto" }));
            assert_eq!(get(&lambda, name)["UpdateRuntimeOn"], "Auto");
        }
        assert_eq!(before, lambda.latest("pay"));
        let head = std::fs::read_to_string(lambda.file_of("pay", "function.json")).expect("a head");
        assert!(!head.contains("Attached"));
    }

    #[test]
    fn a_runtime_version_and_manual_belong_together() {
        let lambda = Sandbox::with("pay");
        for request in [
            json!({ "FunctionName": "pay", "UpdateRuntimeOn": "Manual" }),
            json!({ "FunctionName": "pay", "UpdateRuntimeOn": "Auto", "RuntimeVersionArn": RUNTIME }),
        ] {
            let refused = lambda.refused("PutRuntimeManagementConfig", request);
            assert_eq!(refused.code.name(), "InvalidParameterValueException");
        }
        let wrong = json!({ "FunctionName": "pay", "UpdateRuntimeOn": "Never" });
        assert_eq!(
            lambda.error("PutRuntimeManagementConfig", wrong),
            "(ValidationException): 1 validation error detected: Value 'Never' at 'updateRuntimeOn' failed to satisfy \
             constraint: Member must satisfy enum value set: [Auto, Manual, FunctionUpdate]"
        );
    }

    #[test]
    fn what_is_not_there_is_named_and_an_alias_is_no_version() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        for operation in ["PutRuntimeManagementConfig", "GetRuntimeManagementConfig"] {
            for name in ["nope", "pay:7", "pay:live", "nope:1"] {
                assert_eq!(
                    lambda.error(
                        operation,
                        json!({ "FunctionName": name, "UpdateRuntimeOn": "Auto" })
                    ),
                    format!(
                        "(ResourceNotFoundException): Function not found: {}",
                        ARN.replace("pay", name)
                    )
                );
            }
        }
    }
}
