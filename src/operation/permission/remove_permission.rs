//! `RemovePermission`: removes a statement from a policy. When the last statement is removed, the policy is deleted.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        name::{NamespacedFunctionName, NamespacedStatementId, Qualifier},
        policy::Policy,
    },
};

use super::policy::{self, check_revision, check_there};

/// Request of RemovePermission.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemovePermissionRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// The id of the permission to remove.
    statement_id: NamespacedStatementId,
    /// The version or alias that loses the permission.
    qualifier: Option<Qualifier>,
    /// Only remove the permission if the RevisionId of the policy is equal to this one. This prevents overwriting
    /// somebody else's change.
    revision_id: Option<String>,
}

impl Operation for RemovePermissionRequest {
    const NAME: &'static str = "RemovePermission";
    const ROUTE: &'static str =
        "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId} 204";
    const ABOUT: &'static str = "Removes a permission of an AWS service or an account. get-policy shows the id of \
        the permission, Sid.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let not_found =
            |message: String| ServiceError::new(Code::ResourceNotFoundException, message);
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        let no_function = || match target.qualifier {
            None => not_found(format!("No policy found for: {}", target.arn)),
            Some(_) => target.missing(),
        };
        lambda.edit_or(&target, no_function, Self::NAME, |edit| {
            check_there(edit, &target)?;
            let Some(policy) = policy::of(&edit.head, &target) else {
                let message = "No policy is associated with the given resource.";
                return Err(not_found(message.to_owned()).into());
            };
            let sid = &*self.statement_id;
            let mut statements = policy.statements.clone();
            statements.retain(|statement| statement.sid != sid);
            if statements.len() == policy.statements.len() {
                let message = format!("Statement {sid} is not found in resource policy.");
                return Err(not_found(message).into());
            }
            check_revision(edit, &target, self.revision_id.as_deref())?;
            lambda.explain(|| {
                let left = match statements.len() {
                    0 => "it was the last one, so the policy is deleted".to_owned(),
                    count => format!("statements left in its policy: {count}"),
                };
                format!(
                    "The statement {sid} of {} is removed; {left}.",
                    target.named()
                )
            });
            let revision_id = edit.next_id();
            edit.head.attach(target.key(), |attached| {
                attached.policy = (!statements.is_empty()).then_some(Policy {
                    revision_id,
                    statements,
                });
            });
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function whose policy has the statements `a` and `b`.
    fn permitted() -> Sandbox {
        let lambda = Sandbox::with("pay");
        for sid in ["a", "b"] {
            lambda.call(
                "AddPermission",
                json!({
                    "FunctionName": "pay",
                    "StatementId": sid,
                    "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com",
                }),
            );
        }
        lambda
    }

    fn one(name: &str, sid: &str) -> Value {
        json!({ "FunctionName": name, "StatementId": sid })
    }

    #[test]
    fn the_policy_goes_with_its_last_statement() {
        let lambda = permitted();
        let read = || lambda.try_call("GetPolicy", json!({ "FunctionName": "pay" }));
        let before = read().expect("a policy");
        assert_eq!(
            lambda.call("RemovePermission", one("pay", "a")),
            Value::Null
        );
        let after = read().expect("a policy");
        assert_ne!(before["RevisionId"], after["RevisionId"]);
        let text = after["Policy"].as_str().expect("a text");
        assert!(text.contains(r#""Sid":"b""#) && !text.contains(r#""Sid":"a""#));
        lambda.call("RemovePermission", one("pay", "b"));
        assert!(read().is_err());
        assert_eq!(
            lambda.error("RemovePermission", one("pay", "b")),
            "(ResourceNotFoundException): No policy is associated with the given resource."
        );
        let head = std::fs::read_to_string(lambda.file_of("pay", "function.json")).expect("a head");
        assert!(!head.contains("Attached"), "nothing is left of it");
    }

    #[test]
    fn names_what_is_not_there() {
        let lambda = permitted();
        lambda.publish("pay");
        for (request, text) in [
            (
                one("nope", "a"),
                format!("No policy found for: {}", ARN.replace("pay", "nope")),
            ),
            (
                one("nope:live", "a"),
                format!("Cannot find alias arn: {}", ARN.replace("pay", "nope:live")),
            ),
            (
                one("pay:live", "a"),
                format!("Cannot find alias arn: {ARN}:live"),
            ),
            (one("pay:7", "a"), format!("Function not found: {ARN}:7")),
            (
                one("pay:1", "a"),
                "No policy is associated with the given resource.".to_owned(),
            ),
            (
                one("pay:$LATEST", "a"),
                "No policy is associated with the given resource.".to_owned(),
            ),
            (
                one("pay", "c"),
                "Statement c is not found in resource policy.".to_owned(),
            ),
            (
                one("pay", "x.y"),
                "Statement x.y is not found in resource policy.".to_owned(),
            ),
        ] {
            assert_eq!(
                lambda.error("RemovePermission", request),
                format!("(ResourceNotFoundException): {text}")
            );
        }
    }

    #[test]
    fn refuses_a_stale_revision() {
        let lambda = permitted();
        let guarded =
            |id: &Value| json!({ "FunctionName": "pay", "StatementId": "a", "RevisionId": id });
        let before = lambda.files();
        assert_eq!(
            lambda.error(
                "RemovePermission",
                guarded(&lambda.latest("pay")["RevisionId"])
            ),
            "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. \
             Call the GetPolicy API to retrieve the latest Revision Id"
        );
        assert_eq!(before, lambda.files());
        let current = lambda.call("GetPolicy", json!({ "FunctionName": "pay" }));
        lambda.call("RemovePermission", guarded(&current["RevisionId"]));
    }
}
