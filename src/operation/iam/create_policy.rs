//! `CreatePolicy`: creates a managed policy that belongs to the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    policy::{Policy, kept},
    role::{check_name, check_path, document, now},
};
use crate::{
    operation::{
        Lambda, Operation, Result,
        tag::{Tag, by_name},
    },
    state::{
        error::{Code, ServiceError},
        iam::{self, Policies, Roles, unique_id},
    },
};

/// Request of CreatePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyRequest {
    /// The policy's name.
    #[schemars(length(min = 1))]
    policy_name: String,
    /// The path. The default is /.
    path: Option<String>,
    /// The policy document, as JSON.
    #[schemars(length(min = 1))]
    policy_document: String,
    /// A description of the policy.
    description: Option<String>,
    /// The policy's tags.
    tags: Option<Vec<Tag>>,
}

/// Response of CreatePolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyResponse {
    /// The policy.
    policy: Policy,
}

impl Operation for CreatePolicyRequest {
    const NAME: &'static str = "CreatePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Creates a managed policy. It can be attached to roles.";
    type Response = CreatePolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreatePolicyResponse> {
        let name = self.policy_name;
        check_name("policyName", &name)?;
        let path = check_path(self.path)?;
        let document = document(&self.policy_document)?;
        let key = format!("{}{name}", &path[1..]);
        let create_date = now(lambda);
        let account = &lambda.place.scope.account;
        let policy = iam::Policy {
            policy_id: unique_id("ANPA", &format!("{account}{path}{name} {create_date}")),
            create_date,
            update_date: create_date,
            description: self.description,
            tags: by_name(self.tags),
            default_version: 1,
            last_version: 1,
            versions: [(
                1,
                iam::PolicyVersion {
                    create_date,
                    document,
                },
            )]
            .into(),
        };
        let store = lambda.place.store;
        store.edit_document(&kept(lambda), |kept: &mut Policies| {
            let mut names = kept.policies.keys();
            // Two policies cannot have the same name, even if their paths differ.
            if names.any(|other| other.rsplit('/').next() == Some(name.as_str())) {
                return Err(ServiceError::new(
                    Code::EntityAlreadyExists,
                    format!(
                        "A policy called {name} already exists. Duplicate names are not allowed."
                    ),
                )
                .into());
            }
            let mut shown = Policy::of(&key, &policy, &Roles::default(), lambda).bare();
            shown.show_tags(&policy);
            kept.policies.insert(key, policy);
            Ok(CreatePolicyResponse { policy: shown })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:iam::123456789012:policy/ci/pay";
    const ONE: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;
    const TWO: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}"#;

    fn made() -> Sandbox {
        let iam = Sandbox::new();
        let request = json!({ "PolicyName": "pay", "Path": "/ci/", "PolicyDocument": ONE, "Description": "d" });
        let policy = iam.call("CreatePolicy", request)["Policy"].clone();
        assert_eq!(
            (
                &policy["Arn"],
                &policy["Path"],
                &policy["DefaultVersionId"],
                &policy["AttachmentCount"]
            ),
            (&json!(ARN), &json!("/ci/"), &json!("v1"), &json!(0))
        );
        iam
    }

    fn of(more: Value) -> Value {
        let mut request = json!({ "PolicyArn": ARN });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        request
    }

    #[test]
    fn a_policy_is_made_once_and_found_again() {
        let iam = made();
        let policy = iam.call("iam:GetPolicy", of(json!({})))["Policy"].clone();
        assert_eq!(
            (&policy["Description"], &policy["Tags"]),
            (&json!("d"), &json!([]))
        );
        assert_eq!(
            iam.error(
                "CreatePolicy",
                json!({ "PolicyName": "pay", "PolicyDocument": ONE })
            ),
            "(EntityAlreadyExists): A policy called pay already exists. Duplicate names are not allowed."
        );
        let other = "arn:aws:iam::123456789012:policy/nope";
        assert_eq!(
            iam.error("iam:GetPolicy", json!({ "PolicyArn": other })),
            format!("(NoSuchEntity): Policy {other} was not found.")
        );
        assert_eq!(
            iam.error(
                "iam:GetPolicy",
                json!({ "PolicyArn": "not-an-arn-at-all-no" })
            ),
            "(InvalidInput): ARN not-an-arn-at-all-no is not valid."
        );
        let local = iam.call("ListPolicies", json!({ "Scope": "Local" }));
        assert_eq!(local["Policies"][0]["PolicyName"], "pay");
        let attached = iam.call(
            "ListPolicies",
            json!({ "Scope": "Local", "OnlyAttached": true }),
        );
        assert_eq!(attached["Policies"], json!([]));
    }

    #[test]
    fn a_policy_has_five_versions_and_one_is_in_force() {
        let iam = made();
        for number in 2..=5 {
            let made = iam.call(
                "CreatePolicyVersion",
                of(json!({ "PolicyDocument": TWO, "SetAsDefault": number == 3 })),
            );
            assert_eq!(made["PolicyVersion"]["VersionId"], format!("v{number}"));
            assert_eq!(made["PolicyVersion"]["IsDefaultVersion"], number == 3);
        }
        let sixth = of(json!({ "PolicyDocument": TWO }));
        assert!(
            iam.error("CreatePolicyVersion", sixth.clone())
                .starts_with("(LimitExceeded): A managed policy can have up")
        );
        let versions = iam.call("ListPolicyVersions", of(json!({})));
        let ids: Vec<&Value> = versions["Versions"]
            .as_array()
            .expect("versions")
            .iter()
            .map(|v| &v["VersionId"])
            .collect();
        assert_eq!(ids, ["v5", "v4", "v3", "v2", "v1"]);
        let third = iam.call("GetPolicyVersion", of(json!({ "VersionId": "v3" })));
        assert_eq!(
            third["PolicyVersion"]["Document"]["Statement"][0]["Effect"],
            "Allow"
        );
        assert_eq!(
            iam.error("DeletePolicyVersion", of(json!({ "VersionId": "v3" }))),
            "(DeleteConflict): Cannot delete the default version of a policy."
        );
        iam.call("SetDefaultPolicyVersion", of(json!({ "VersionId": "v5" })));
        iam.call("DeletePolicyVersion", of(json!({ "VersionId": "v3" })));
        for operation in [
            "GetPolicyVersion",
            "DeletePolicyVersion",
            "SetDefaultPolicyVersion",
        ] {
            let told = iam.error(operation, of(json!({ "VersionId": "v3" })));
            assert!(told.starts_with("(NoSuchEntity)"), "{told}");
        }
        // The number of a deleted version is not used again.
        let next = iam.call("CreatePolicyVersion", sixth);
        assert_eq!(next["PolicyVersion"]["VersionId"], "v6");
    }

    #[test]
    fn a_policy_goes_when_no_role_has_it_and_one_version_is_left() {
        let iam = made();
        iam.call(
            "CreateRole",
            json!({ "RoleName": "deploy", "AssumeRolePolicyDocument": ONE }),
        );
        let role = json!({ "RoleName": "deploy", "PolicyArn": ARN });
        iam.call("AttachRolePolicy", role.clone());
        assert_eq!(
            iam.call("iam:GetPolicy", of(json!({})))["Policy"]["AttachmentCount"],
            1
        );
        assert_eq!(
            iam.error("DeletePolicy", of(json!({}))),
            "(DeleteConflict): Cannot delete a policy attached to entities."
        );
        iam.call("DetachRolePolicy", role.clone());
        iam.call(
            "CreatePolicyVersion",
            of(json!({ "PolicyDocument": TWO, "SetAsDefault": true })),
        );
        assert!(
            iam.error("DeletePolicy", of(json!({})))
                .starts_with("(DeleteConflict): This policy has more than one")
        );
        iam.call("DeletePolicyVersion", of(json!({ "VersionId": "v1" })));
        iam.call("DeletePolicy", of(json!({})));
        assert!(
            iam.error("DeletePolicy", of(json!({})))
                .starts_with("(NoSuchEntity)")
        );
        assert_eq!(
            iam.error("AttachRolePolicy", role),
            format!("(NoSuchEntity): Policy {ARN} does not exist or is not attachable.")
        );
    }
}
