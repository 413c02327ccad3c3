//! `DeletePolicy`: deletes a managed policy that is not attached to any role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policy::{kept, key, missing};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        iam::{Policies, Roles},
    },
};

/// Request of DeletePolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletePolicyRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
}

impl Operation for DeletePolicyRequest {
    const NAME: &'static str = "DeletePolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Deletes a managed policy. No role may use it, and it may have only one version.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let arn = self.policy_arn.as_str();
        let key = key(lambda, arn)?;
        let store = lambda.place.store;
        store.edit_document(&kept(lambda), |kept: &mut Policies| {
            let policy = kept.policies.get(key).ok_or_else(|| missing(arn))?;
            let roles: Roles = store.document(&super::role::kept(lambda))?;
            let mut roles = roles.roles.values();
            let message = if roles.any(|role| role.attached_policies.iter().any(|other| other == arn)) {
                "Cannot delete a policy attached to entities."
            } else if policy.versions.len() > 1 {
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
                 The default version is deleted with the policy."
            } else {
                kept.policies.remove(key);
                return Ok(());
            };
            Err(ServiceError::new(Code::DeleteConflict, message).into())
        })
    }
}
