//! `RemoveLayerVersionPermission`: removes a statement from a layer version's policy.

use schemars::JsonSchema;
use serde::Deserialize;

use super::target::{no_policy, no_version, number, stale_policy};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        name::{LayerName, StatementId},
    },
};

/// Request of RemoveLayerVersionPermission.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveLayerVersionPermissionRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The number of the version.
    version_number: i64,
    /// The id of the statement.
    statement_id: StatementId,
    /// Only remove the statement if the RevisionId of the policy is equal to this one.
    revision_id: Option<String>,
}

impl Operation for RemoveLayerVersionPermissionRequest {
    const NAME: &'static str = "RemoveLayerVersionPermission";
    const ROUTE: &'static str =
        "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId} 204";
    const ABOUT: &'static str = "Removes a statement from the policy of a layer version. The policy is deleted with \
        its last statement.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let number = number(self.version_number)?;
        let target = lambda.layer(&self.layer_name, Self::NAME, Some(number))?;
        let arn = target.version(number);
        let missing = |text: String| ServiceError::new(Code::ResourceNotFoundException, text);
        lambda
            .edit_layer(&target, Self::NAME, |edit| {
                if edit.version(number)?.is_none() {
                    return Err(no_version(&arn).into());
                }
                let revision_id = edit.next_id();
                let key = number.to_string();
                let Some(policy) = edit.head.policies.get_mut(&key) else {
                    return Err(no_policy().into());
                };
                let given = self.revision_id.as_ref();
                if given.is_some_and(|given| *given != policy.revision_id) {
                    return Err(stale_policy(&target.name, number).into());
                }
                let sid = &*self.statement_id;
                let before = policy.statements.len();
                policy.statements.retain(|statement| statement.sid != sid);
                if policy.statements.len() == before {
                    return Err(missing(format!(
                        "Statement {sid} is not found in resource policy."
                    ))
                    .into());
                }
                policy.revision_id = revision_id;
                lambda.explain(|| {
                    format!(
                        "The statement {sid} is removed. {} of the policy of version {number} are left. Functions \
                         that already use the layer keep it.",
                        policy.statements.len()
                    )
                });
                if policy.statements.is_empty() {
                    edit.head.policies.remove(&key);
                }
                Ok(())
            })?
            .ok_or_else(|| no_version(&arn).into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn of(number: i64) -> Value {
        json!({ "LayerName": "lib", "VersionNumber": number })
    }

    fn statement(sid: &str) -> Value {
        let mut request = of(1);
        request["StatementId"] = json!(sid);
        request
    }

    /// A sandbox with version 1 of the layer `lib`. The version's policy has statements with those ids.
    fn layer(sids: &[&str]) -> Sandbox {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        for sid in sids {
            let mut request = statement(sid);
            request["Action"] = json!("lambda:GetLayerVersion");
            request["Principal"] = json!("*");
            lambda.call("AddLayerVersionPermission", request);
        }
        lambda
    }

    #[test]
    fn takes_one_statement_and_with_the_last_the_policy() {
        let lambda = layer(&["a", "b"]);
        let before = lambda.call("GetLayerVersionPolicy", of(1));
        assert_eq!(
            lambda.call("RemoveLayerVersionPermission", statement("a")),
            Value::Null
        );
        let after = lambda.call("GetLayerVersionPolicy", of(1));
        assert_ne!(before["RevisionId"], after["RevisionId"]);
        let text = after["Policy"].as_str().expect("text");
        assert!(
            text.contains(r#""Sid":"b""#) && !text.contains(r#""Sid":"a""#),
            "{text}"
        );
        lambda.call("RemoveLayerVersionPermission", statement("b"));
        assert_eq!(
            lambda.error("GetLayerVersionPolicy", of(1)),
            "(ResourceNotFoundException): No policy is associated with the given resource."
        );
    }

    #[test]
    fn refuses_what_is_not_there() {
        let lambda = layer(&["a"]);
        lambda.publish_layer("lib", json!({}));
        let mut unknown = statement("a");
        let before = lambda.files();
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", statement("b")),
            "(ResourceNotFoundException): Statement b is not found in resource policy."
        );
        unknown["VersionNumber"] = json!(2);
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", unknown.clone()),
            "(ResourceNotFoundException): No policy is associated with the given resource."
        );
        unknown["VersionNumber"] = json!(3);
        let told = "(ResourceNotFoundException): Layer version arn:aws:lambda:us-east-1:123456789012:layer";
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", unknown.clone()),
            format!("{told}:lib:3 does not exist.")
        );
        unknown["LayerName"] = json!("nope");
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", unknown.clone()),
            format!("{told}:nope:3 does not exist.")
        );
        unknown["VersionNumber"] = json!(0);
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", unknown),
            "(InvalidParameterValueException): Layer Version Cannot be less than 1"
        );
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_a_stale_revision() {
        let lambda = layer(&["a"]);
        let mut request = statement("a");
        request["RevisionId"] = json!("wrong");
        assert_eq!(
            lambda.error("RemoveLayerVersionPermission", request.clone()),
            "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. \
             Call the GetLayerPolicy API to retrieve the latest Revision Id"
        );
        request["RevisionId"] = lambda.call("GetLayerVersionPolicy", of(1))["RevisionId"].clone();
        lambda.call("RemoveLayerVersionPermission", request);
    }
}
