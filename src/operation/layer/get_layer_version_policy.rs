//! `GetLayerVersionPolicy`: returns the policy that decides who may use a layer version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::target::{no_policy, no_version, number};
use crate::{
    operation::{Lambda, Operation, Result},
    state::name::LayerName,
};

/// Request of GetLayerVersionPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetLayerVersionPolicyRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The number of the version.
    version_number: i64,
}

/// Response of GetLayerVersionPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetLayerVersionPolicyResponse {
    /// The policy, as JSON text.
    policy: String,
    /// The policy's RevisionId.
    revision_id: String,
}

impl Operation for GetLayerVersionPolicyRequest {
    const NAME: &'static str = "GetLayerVersionPolicy";
    const ROUTE: &'static str =
        "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy 200";
    const ABOUT: &'static str = "Returns the policy of a layer version.";
    type Response = GetLayerVersionPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetLayerVersionPolicyResponse> {
        let number = number(self.version_number)?;
        let target = lambda.layer(&self.layer_name, Self::NAME, Some(number))?;
        let missing = || no_version(&target.version(number));
        let read = lambda.layers().view(&target.name, |view| {
            if view.version(number)?.is_none() {
                return Err(missing().into());
            }
            let policy = view.head.policies.get(&number.to_string());
            let policy = policy.ok_or_else(no_policy)?;
            let partition = lambda.place.scope.partition();
            Ok(GetLayerVersionPolicyResponse {
                policy: policy
                    .document(&target.version(number), partition)
                    .to_string(),
                revision_id: policy.revision_id.clone(),
            })
        })?;
        read.ok_or_else(|| missing().into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn of(name: &str, number: i64) -> Value {
        json!({ "LayerName": name, "VersionNumber": number })
    }

    #[test]
    fn the_policy_holds_the_statements_in_the_order_they_were_added() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        let mut statements = Vec::new();
        for sid in ["b", "a"] {
            let mut request = of("lib", 1);
            request["StatementId"] = json!(sid);
            request["Action"] = json!("lambda:GetLayerVersion");
            request["Principal"] = json!("210987654321");
            let added = lambda.call("AddLayerVersionPermission", request);
            statements.push(added["Statement"].as_str().expect("text").to_owned());
        }
        assert_eq!(
            lambda.call("GetLayerVersionPolicy", of("lib", 1))["Policy"],
            format!(
                r#"{{"Version":"2012-10-17","Id":"default","Statement":[{}]}}"#,
                statements.join(",")
            )
        );
    }

    #[test]
    fn refuses_where_there_is_no_policy_no_version_and_no_layer() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        // Recorded from AWS 2025-11.
        assert_eq!(
            lambda.error("GetLayerVersionPolicy", of("lib", 1)),
            "(ResourceNotFoundException): No policy is associated with the given resource."
        );
        for (name, number) in [("lib", 2), ("nope", 1)] {
            assert_eq!(
                lambda.error("GetLayerVersionPolicy", of(name, number)),
                format!(
                    "(ResourceNotFoundException): Layer version arn:aws:lambda:us-east-1:123456789012:layer:{name}:{number} does \
                     not exist."
                )
            );
        }
        assert_eq!(
            lambda.error("GetLayerVersionPolicy", of("lib", 0)),
            "(InvalidParameterValueException): Layer Version Cannot be less than 1"
        );
    }
}
