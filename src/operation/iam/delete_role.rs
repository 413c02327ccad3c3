//! `DeleteRole`: deletes a role that has no policies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::{check_name, kept, missing};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        iam::Roles,
    },
};

/// Request of DeleteRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRoleRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
}

impl Operation for DeleteRoleRequest {
    const NAME: &'static str = "DeleteRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Deletes a role that has no policies.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        let name = self.role_name.as_str();
        let store = lambda.place.store;
        store.edit_document(&kept(lambda), |kept: &mut Roles| {
            let role = kept.roles.get(name).ok_or_else(|| missing(name))?;
            let message = if !role.attached_policies.is_empty() {
                "Cannot delete entity, must detach all policies first."
            } else if !role.policies.is_empty() {
                "Cannot delete entity, must delete policies first."
            } else {
                kept.roles.remove(name);
                return Ok(());
            };
            Err(ServiceError::new(Code::DeleteConflict, message).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

    #[test]
    fn a_role_goes_when_its_policies_are_gone() {
        let iam = Sandbox::new();
        let role = json!({ "RoleName": "pay" });
        let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        iam.call(
            "CreateRole",
            json!({ "RoleName": "pay", "AssumeRolePolicyDocument": TRUST }),
        );
        iam.call(
            "AttachRolePolicy",
            json!({ "RoleName": "pay", "PolicyArn": arn }),
        );
        iam.call(
            "PutRolePolicy",
            json!({ "RoleName": "pay", "PolicyName": "own", "PolicyDocument": TRUST }),
        );
        let attached = iam.call("ListAttachedRolePolicies", role.clone());
        assert_eq!(
            attached["AttachedPolicies"],
            json!([{ "PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn }])
        );
        let below = json!({ "RoleName": "pay", "PathPrefix": "/other/" });
        assert_eq!(
            iam.call("ListAttachedRolePolicies", below)["AttachedPolicies"],
            json!([])
        );
        assert_eq!(
            iam.error("DeleteRole", role.clone()),
            "(DeleteConflict): Cannot delete entity, must detach all policies first."
        );
        iam.call(
            "DetachRolePolicy",
            json!({ "RoleName": "pay", "PolicyArn": arn }),
        );
        assert_eq!(
            iam.error(
                "DetachRolePolicy",
                json!({ "RoleName": "pay", "PolicyArn": arn })
            ),
            format!("(NoSuchEntity): Policy {arn} was not found.")
        );
        assert_eq!(
            iam.call("ListRolePolicies", role.clone())["PolicyNames"],
            json!(["own"])
        );
        assert_eq!(
            iam.error("DeleteRole", role.clone()),
            "(DeleteConflict): Cannot delete entity, must delete policies first."
        );
        let own = json!({ "RoleName": "pay", "PolicyName": "own" });
        assert_eq!(
            iam.call("GetRolePolicy", own.clone())["PolicyDocument"]["Statement"],
            json!([])
        );
        iam.call("DeleteRolePolicy", own.clone());
        for operation in ["GetRolePolicy", "DeleteRolePolicy"] {
            assert_eq!(
                iam.error(operation, own.clone()),
                "(NoSuchEntity): The role policy with name own cannot be found."
            );
        }
        iam.call("DeleteRole", role.clone());
        assert_eq!(
            iam.error("DeleteRole", role),
            "(NoSuchEntity): The role with name pay cannot be found."
        );
    }

    #[test]
    fn who_may_take_a_role_and_its_tags_change() {
        let iam = Sandbox::new();
        iam.call(
            "CreateRole",
            json!({ "RoleName": "pay", "AssumeRolePolicyDocument": TRUST }),
        );
        let other = r#"{"Statement": [{"Effect": "Deny"}]}"#;
        iam.call(
            "UpdateAssumeRolePolicy",
            json!({ "RoleName": "pay", "PolicyDocument": other }),
        );
        let role = iam.call("GetRole", json!({ "RoleName": "pay" }))["Role"].clone();
        assert_eq!(
            role["AssumeRolePolicyDocument"]["Statement"][0]["Effect"],
            "Deny"
        );
        let refused = json!({ "RoleName": "pay", "PolicyDocument": "{" });
        assert!(
            iam.error("UpdateAssumeRolePolicy", refused)
                .starts_with("(MalformedPolicyDocument)")
        );
        let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }]);
        iam.call("TagRole", json!({ "RoleName": "pay", "Tags": tags }));
        iam.call(
            "UntagRole",
            json!({ "RoleName": "pay", "TagKeys": ["a", "none"] }),
        );
        let left = iam.call("ListRoleTags", json!({ "RoleName": "pay" }));
        assert_eq!(left["Tags"], json!([{ "Key": "b", "Value": "2" }]));
    }

    #[test]
    fn roles_are_listed_page_by_page() {
        let iam = Sandbox::new();
        for (name, path) in [("b", "/"), ("a", "/ci/"), ("c", "/")] {
            iam.call(
                "CreateRole",
                json!({ "RoleName": name, "Path": path, "AssumeRolePolicyDocument": TRUST }),
            );
        }
        let names = |answer: &serde_json::Value| -> Vec<String> {
            let roles = answer["Roles"].as_array().expect("roles").iter();
            roles
                .map(|role| role["RoleName"].as_str().expect("a name").to_owned())
                .collect()
        };
        let first = iam.call("ListRoles", json!({ "MaxItems": 2 }));
        assert_eq!(
            (names(&first), &first["IsTruncated"]),
            (vec!["a".to_owned(), "b".to_owned()], &json!(true))
        );
        let last = iam.call("ListRoles", json!({ "Marker": first["Marker"] }));
        assert_eq!(
            (names(&last), &last["IsTruncated"]),
            (vec!["c".to_owned()], &json!(false))
        );
        assert_eq!(
            names(&iam.call("ListRoles", json!({ "PathPrefix": "/ci/" }))),
            ["a"]
        );
        assert!(
            iam.error("ListRoles", json!({ "Marker": "x" }))
                .starts_with("(ValidationError)")
        );
    }
}
