//! `AttachRolePolicy`: attaches a managed policy to a role. The policy is a policy that AWS manages (any name is
//! accepted), or a policy of the account that was created here. The statements of the policy have no effect.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
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
            if let Some(key) = key {
                let policies: Policies = lambda.place.store.document(&kept(lambda))?;
                if !policies.policies.contains_key(key) {
                    let text = format!("Policy {arn} does not exist or is not attachable.");
                    let hint = "create a policy of your own with aws iam create-policy; policies of AWS can be \
                        attached as they are";
                    return Err(ServiceError::new(Code::NoSuchEntity, text)
                        .with_hint(hint)
                        .into());
                }
            }
            if !role.attached_policies.contains(&arn) {
                role.attached_policies.push(arn.clone());
            }
            Ok(())
        })
    }
}
