//! `AddLayerVersionPermission`: allows other accounts to use a layer version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::target::{no_version, number, stale_policy};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        layer::{LayerPolicy, LayerStatement},
        name::{LayerAction, LayerName, LayerPrincipal, OrganizationId, StatementId},
    },
};

/// Maximum size of a policy, in bytes of its text (public reports about functions, 2016–2024).
const POLICY_LIMIT: usize = 20_480;

/// Request of AddLayerVersionPermission.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddLayerVersionPermissionRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The number of the version.
    version_number: i64,
    /// The id of the statement. It must be unique in the policy.
    statement_id: StatementId,
    /// The allowed action: lambda:GetLayerVersion.
    #[allow(dead_code, reason = "its pattern leaves it one value")]
    action: LayerAction,
    /// The principal: an account's number, or * for every account.
    principal: LayerPrincipal,
    /// For the principal *: the organization whose accounts get the permission.
    organization_id: Option<OrganizationId>,
    /// Only add the permission if the RevisionId of the policy is equal to this one.
    revision_id: Option<String>,
}

/// Response of AddLayerVersionPermission.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddLayerVersionPermissionResponse {
    /// The statement, as JSON text.
    statement: String,
    /// The policy's new RevisionId.
    revision_id: String,
}

impl Operation for AddLayerVersionPermissionRequest {
    const NAME: &'static str = "AddLayerVersionPermission";
    const ROUTE: &'static str =
        "POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy 201";
    const WIRE: &'static str = "RevisionId@query";
    const ABOUT: &'static str = "Adds a permission to the policy of a layer version, so that other accounts may use \
        it: one account, the accounts of an organization, or all accounts.";
    type Response = AddLayerVersionPermissionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<AddLayerVersionPermissionResponse> {
        let number = number(self.version_number)?;
        let target = lambda.layer(&self.layer_name, Self::NAME, Some(number))?;
        let arn = target.version(number);
        let partition = lambda.place.scope.partition();
        lambda
            .edit_layer(&target, Self::NAME, |edit| {
                if edit.version(number)?.is_none() {
                    return Err(no_version(&arn).into());
                }
                let key = number.to_string();
                let policy = edit.head.policies.get(&key);
                let present = policy.map(|policy| policy.revision_id.as_str());
                if self.revision_id.is_some() && self.revision_id.as_deref() != present {
                    return Err(stale_policy(&target.name, number).into());
                }
                let mut statements = policy
                    .map(|policy| policy.statements.clone())
                    .unwrap_or_default();
                let sid = self.statement_id.0;
                if statements.iter().any(|statement| statement.sid == sid) {
                    return Err(ServiceError::new(
                        Code::ResourceConflictException,
                        format!(
                            "The statement id ({sid}) provided already exists. Please provide a new statement id, or \
                             remove the existing statement."
                        ),
                    )
                    .into());
                }
                let statement = LayerStatement {
                    sid,
                    principal: self.principal.0,
                    organization_id: self.organization_id.map(|id| id.0),
                };
                let text = statement.document(&arn, partition).to_string();
                statements.push(statement);
                let mut policy = LayerPolicy {
                    revision_id: String::new(),
                    statements,
                };
                let size = policy.document(&arn, partition).to_string().len();
                if size > POLICY_LIMIT {
                    return Err(ServiceError::new(
                        Code::PolicyLengthExceededException,
                        format!("The final policy size ({size}) is bigger than the limit ({POLICY_LIMIT})."),
                    )
                    .into());
                }
                lambda.explain(|| {
                    format!(
                        "The policy of version {number} of {} has one more statement. Other versions are not affected: \
                         each has its own policy.",
                        target.name
                    )
                });
                let revision_id = edit.next_id();
                policy.revision_id.clone_from(&revision_id);
                edit.head.policies.insert(key, policy);
                Ok(AddLayerVersionPermissionResponse {
                    statement: text,
                    revision_id,
                })
            })?
            .ok_or_else(|| no_version(&arn).into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:layer:lib:1";

    /// A sandbox with version 1 of the layer `lib`.
    fn layer() -> Sandbox {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        lambda
    }

    fn permission(sid: &str, principal: &str) -> Value {
        json!({
            "LayerName": "lib", "VersionNumber": 1, "StatementId": sid, "Action": "lambda:GetLayerVersion",
            "Principal": principal,
        })
    }

    #[test]
    fn the_statement_says_who_may_do_what() {
        let lambda = layer();
        for (sid, principal, shown) in [
            ("everybody", "*", r#""*""#),
            (
                "account",
                "210987654321",
                r#"{"AWS":"arn:aws:iam::210987654321:root"}"#,
            ),
            (
                "root",
                "arn:aws:iam::210987654321:root",
                r#"{"AWS":"arn:aws:iam::210987654321:root"}"#,
            ),
        ] {
            let added = lambda.call("AddLayerVersionPermission", permission(sid, principal));
            assert_eq!(
                added["Statement"],
                format!(
                    r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{shown},"Action":"lambda:GetLayerVersion","Resource":"{ARN}"}}"#
                )
            );
            let members: Vec<&String> = added.as_object().expect("members").keys().collect();
            assert_eq!(members, ["Statement", "RevisionId"]);
        }
        let mut request = permission("organization", "*");
        request["OrganizationId"] = json!("o-t194hfs8cz");
        assert_eq!(
            lambda.call("AddLayerVersionPermission", request)["Statement"],
            format!(
                r#"{{"Sid":"organization","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"{ARN}","Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"o-t194hfs8cz"}}}}}}"#
            )
        );
    }

    #[test]
    fn every_statement_brings_the_policy_a_new_revision() {
        let lambda = layer();
        let first = lambda.call("AddLayerVersionPermission", permission("a", "*"));
        let mut second = permission("b", "*");
        second["RevisionId"] = first["RevisionId"].clone();
        let second = lambda.call("AddLayerVersionPermission", second);
        assert_ne!(first["RevisionId"], second["RevisionId"]);
        let policy = lambda.call(
            "GetLayerVersionPolicy",
            json!({ "LayerName": "lib", "VersionNumber": 1 }),
        );
        assert_eq!(policy["RevisionId"], second["RevisionId"]);
    }

    #[test]
    fn refuses_a_stale_revision_also_where_there_is_no_policy() {
        let lambda = layer();
        let told = "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. \
                    Call the GetLayerPolicy API to retrieve the latest Revision Id";
        let mut request = permission("a", "*");
        request["RevisionId"] = json!("wrong");
        assert_eq!(
            lambda.error("AddLayerVersionPermission", request.clone()),
            told
        );
        lambda.call("AddLayerVersionPermission", permission("a", "*"));
        let before = lambda.files();
        assert_eq!(lambda.error("AddLayerVersionPermission", request), told);
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_a_statement_id_already_there_but_not_on_another_version() {
        let lambda = layer();
        lambda.publish_layer("lib", json!({}));
        lambda.call("AddLayerVersionPermission", permission("a", "*"));
        assert_eq!(
            lambda.error("AddLayerVersionPermission", permission("a", "210987654321")),
            "(ResourceConflictException): The statement id (a) provided already exists. Please provide a new statement id, \
             or remove the existing statement."
        );
        let mut other = permission("a", "*");
        other["VersionNumber"] = json!(2);
        lambda.call("AddLayerVersionPermission", other);
    }

    #[test]
    fn refuses_an_unknown_layer_or_version() {
        let lambda = layer();
        for (name, number) in [("lib", 2), ("nope", 1)] {
            let mut request = permission("a", "*");
            request["LayerName"] = json!(name);
            request["VersionNumber"] = json!(number);
            assert_eq!(
                lambda.error("AddLayerVersionPermission", request),
                format!(
                    "(ResourceNotFoundException): Layer version \
                     arn:aws:lambda:us-east-1:123456789012:layer:{name}:{number} does not exist."
                )
            );
        }
        let mut request = permission("a", "*");
        request["VersionNumber"] = json!(0);
        assert_eq!(
            lambda.error("AddLayerVersionPermission", request),
            "(InvalidParameterValueException): Layer Version Cannot be less than 1"
        );
    }

    #[test]
    fn refuses_a_policy_that_grows_too_large() {
        let lambda = layer();
        let size = |count: usize| {
            let statement = format!(
                r#"{{"Sid":"{}","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"{ARN}"}}"#,
                "x".repeat(100)
            );
            r#"{"Version":"2012-10-17","Id":"default","Statement":[]}"#.len()
                + count * statement.len()
                + count.saturating_sub(1)
        };
        let fitting = (1..)
            .find(|count| size(count + 1) > 20_480)
            .expect("a count");
        for n in 0..fitting {
            lambda.call(
                "AddLayerVersionPermission",
                permission(&format!("{n:0>100}"), "*"),
            );
        }
        assert_eq!(
            lambda.error(
                "AddLayerVersionPermission",
                permission(&"x".repeat(100), "*")
            ),
            format!(
                "(PolicyLengthExceededException): The final policy size ({}) is bigger than the limit (20480).",
                size(fitting + 1)
            )
        );
    }

    #[test]
    fn refuses_what_the_patterns_refuse() {
        let lambda = layer();
        for (member, value, path, pattern) in [
            (
                "StatementId",
                "example.com",
                "statementId",
                "([a-zA-Z0-9-_]+)",
            ),
            (
                "Action",
                "lambda:InvokeFunctio",
                "action",
                "lambda:GetLayerVersion",
            ),
            (
                "Principal",
                "s3.amazonaws.com",
                "principal",
                r"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root",
            ),
            (
                "OrganizationId",
                "o-short",
                "organizationId",
                "o-[a-z0-9]{10,32}",
            ),
        ] {
            let mut request = permission("a", "*");
            request[member] = json!(value);
            assert_eq!(
                lambda.error("AddLayerVersionPermission", request),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{value}' at '{path}' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: {pattern}"
                )
            );
        }
    }
}
