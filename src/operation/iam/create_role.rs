//! `CreateRole`: creates a role that functions can use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::role::{Role, check_name, check_path, document, kept, now};
use crate::{
    operation::{
        Lambda, Operation, Result,
        tag::{Tag, by_name},
    },
    state::{
        error::{Code, ServiceError},
        iam::{self, Roles, unique_id},
    },
};

/// Request of CreateRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRoleRequest {
    /// The path. The default is /.
    path: Option<String>,
    /// The name.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The trust policy, as JSON. It names the principals that may assume the role.
    #[schemars(length(min = 1))]
    assume_role_policy_document: String,
    /// A description of the role.
    description: Option<String>,
    /// The maximum duration of a session with the role, in seconds.
    #[schemars(range(min = 3600))]
    max_session_duration: Option<i64>,
    /// The role's tags.
    tags: Option<Vec<Tag>>,
}

/// Response of CreateRole.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRoleResponse {
    /// The role.
    role: Role,
}

impl Operation for CreateRoleRequest {
    const NAME: &'static str = "CreateRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Creates a role.";
    const MEMBERS: &'static str = "Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration \
        PermissionsBoundary Tags";
    type Response = CreateRoleResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreateRoleResponse> {
        let name = self.role_name;
        check_name("roleName", &name)?;
        let path = check_path(self.path)?;
        let create_date = now(lambda);
        let role = iam::Role {
            role_id: unique_id(
                "AROA",
                &format!("{}{path}{name} {create_date}", lambda.place.scope.account),
            ),
            path,
            create_date,
            assume_role_policy_document: document(&self.assume_role_policy_document)?,
            description: self.description,
            max_session_duration: self.max_session_duration.unwrap_or(3600),
            tags: by_name(self.tags),
            attached_policies: Vec::new(),
            policies: Default::default(),
        };
        let store = lambda.place.store;
        store.edit_document(&kept(lambda), |kept: &mut Roles| {
            if kept.roles.contains_key(&name) {
                return Err(ServiceError::new(
                    Code::EntityAlreadyExists,
                    format!("Role with name {name} already exists."),
                )
                .into());
            }
            let answer = Role::of(&name, &role, lambda, false);
            kept.roles.insert(name, role);
            Ok(CreateRoleResponse { role: answer })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

    fn made() -> Sandbox {
        let iam = Sandbox::new();
        let request = json!({ "RoleName": "pay", "AssumeRolePolicyDocument": TRUST });
        let role = iam.call("CreateRole", request)["Role"].clone();
        assert_eq!(role["Arn"], "arn:aws:iam::123456789012:role/pay");
        assert_eq!(role["CreateDate"], "2026-11-22T12:00:00+00:00");
        iam
    }

    #[test]
    fn a_role_is_made_once_and_found_again() {
        let iam = made();
        let role = iam.call("GetRole", json!({ "RoleName": "pay" }))["Role"].clone();
        let document: Value = serde_json::from_str(TRUST).expect("JSON");
        assert_eq!(role["AssumeRolePolicyDocument"], document);
        assert_eq!(role["MaxSessionDuration"], 3600);
        let again = json!({ "RoleName": "pay", "AssumeRolePolicyDocument": TRUST });
        assert_eq!(
            iam.error("CreateRole", again),
            "(EntityAlreadyExists): Role with name pay already exists."
        );
        assert_eq!(
            iam.error("GetRole", json!({ "RoleName": "nope" })),
            "(NoSuchEntity): The role with name nope cannot be found."
        );
    }

    #[test]
    fn policies_are_kept_with_the_role() {
        let iam = made();
        let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        for _ in 0..2 {
            iam.call(
                "AttachRolePolicy",
                json!({ "RoleName": "pay", "PolicyArn": arn }),
            );
        }
        let inline = json!({ "RoleName": "pay", "PolicyName": "own", "PolicyDocument": TRUST });
        iam.call("PutRolePolicy", inline);
        let file = iam.root().join("123456789012/iam.json");
        let kept: Value =
            serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON");
        assert_eq!(kept["Roles"]["pay"]["AttachedPolicies"], json!([arn]));
        assert_eq!(
            kept["Roles"]["pay"]["Policies"]["own"]["Statement"],
            json!([])
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let iam = Sandbox::new();
        for (document, told) in [
            ("{", "This policy contains invalid Json"),
            ("{}", "Syntax errors in policy."),
        ] {
            let request = json!({ "RoleName": "pay", "AssumeRolePolicyDocument": document });
            assert_eq!(
                iam.error("CreateRole", request),
                format!("(MalformedPolicyDocument): {told}")
            );
        }
    }
}
