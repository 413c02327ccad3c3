//! `GetPolicy`: returns the policy that decides who may use a function, a version or an alias.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Operation, Result, resolve::no_such_resource},
    state::name::{NamespacedFunctionName, Qualifier},
};

use super::policy;

/// Request of GetPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// The version or alias whose policy is returned.
    qualifier: Option<Qualifier>,
}

/// Response of GetPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyResponse {
    /// The policy, as JSON text.
    policy: String,
    /// The RevisionId of the policy. Every change assigns a new id.
    revision_id: String,
}

impl Operation for GetPolicyRequest {
    const NAME: &'static str = "GetPolicy";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/policy 200";
    const ABOUT: &'static str =
        "Returns the resource-based policy of a Lambda function, or of one version or alias of it.";
    type Response = GetPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetPolicyResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(&target, no_such_resource, |view| {
            let policy = policy::of(&view.head, &target).ok_or_else(no_such_resource)?;
            Ok(GetPolicyResponse {
                policy: policy.text(),
                revision_id: policy.revision_id.clone(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn add(lambda: &Sandbox, sid: &str) -> Value {
        lambda.call(
            "AddPermission",
            json!({
                "FunctionName": "pay",
                "StatementId": sid,
                "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com",
            }),
        )["Statement"]
            .clone()
    }

    #[test]
    fn statements_stand_in_the_order_they_were_added() {
        let lambda = Sandbox::with("pay");
        let (z, a) = (add(&lambda, "z"), add(&lambda, "a"));
        let shown = lambda.call("GetPolicy", json!({ "FunctionName": "pay" }));
        let members: Vec<&String> = shown.as_object().expect("members").keys().collect();
        assert_eq!(members, ["Policy", "RevisionId"]);
        assert_eq!(
            shown["Policy"],
            format!(
                r#"{{"Version":"2012-10-17","Id":"default","Statement":[{},{}]}}"#,
                z.as_str().expect("a text"),
                a.as_str().expect("a text")
            )
        );
    }

    #[test]
    fn no_policy_no_version_and_no_function_are_said_alike() {
        let lambda = Sandbox::with("pay");
        add(&lambda, "a");
        for name in ["nope", "pay:1", "pay:live", "pay:$LATEST", "nope:1"] {
            assert_eq!(
                lambda.error("GetPolicy", json!({ "FunctionName": name })),
                "(ResourceNotFoundException): The resource you requested does not exist."
            );
        }
        lambda.create("bare");
        assert_eq!(
            lambda.error("GetPolicy", json!({ "FunctionName": "bare" })),
            "(ResourceNotFoundException): The resource you requested does not exist."
        );
    }
}
