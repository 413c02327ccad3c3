//! `AttachRolePolicy`: attaches a managed policy to a role. The policy is one of AWS's policies, or a policy of the account
//! that was created here. AWS's policies are not listed here: one is refused only if the policy of that name is known to
//! have another path.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    execution::{is_no_policy_of_aws, policy_of_aws},
    policy::{kept, key},
    role::{check_name, edit},
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        iam::Policies,
    },
};

/// Request of AttachRolePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachRolePolicyRequest {
    /// The role.
    #[schemars(length(min = 1))]
    role_name: String,
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
}

impl Operation for AttachRolePolicyRequest {
    const NAME: &'static str = "AttachRolePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Attaches a managed policy to a role.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        check_name("roleName", &self.role_name)?;
        let arn = self.policy_arn;
        let is_aws_s = arn.starts_with("arn:") && arn.contains(":iam::aws:policy/");
        let key = match is_aws_s {
            true => None,
            false => Some(key(lambda, &arn)?),
        };
        edit(lambda, &self.role_name, |role| {
            let key_of_aws = arn.split_once(":policy/").map(|(_, key)| key);
            if let Some(key) = key_of_aws.filter(|key| is_aws_s && is_no_policy_of_aws(key)) {
                let right = policy_of_aws(key);
                let right = right.map_or(
                    "its successor, AWSLambda_FullAccess or AWSLambda_ReadOnlyAccess",
                    |it| it,
                );
                return Err(no_such_policy(&arn)
                    .with_hint(format!("AWS's own policy of that name is {right}"))
                    .into());
            }
            if let Some(key) = key {
                let policies: Policies = lambda.place.store.document(&kept(lambda))?;
                if !policies.policies.contains_key(key) {
                    let hint = "create a policy of your own with aws iam create-policy; policies of AWS can be \
                        attached as they are";
                    return Err(no_such_policy(&arn).with_hint(hint).into());
                }
            }
            if !role.attached_policies.contains(&arn) {
                role.attached_policies.push(arn.clone());
            }
            Ok(())
        })
    }
}

fn no_such_policy(arn: &str) -> ServiceError {
    ServiceError::new(
        Code::NoSuchEntity,
        format!("Policy {arn} does not exist or is not attachable."),
    )
}
