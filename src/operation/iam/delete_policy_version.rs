//! `DeletePolicyVersion`: deletes a version of a managed policy.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policy::{edit, no_version, number};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of DeletePolicyVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletePolicyVersionRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
    /// The version, for example v1.
    version_id: String,
}

impl Operation for DeletePolicyVersionRequest {
    const NAME: &'static str = "DeletePolicyVersion";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Deletes a version of a managed policy, but not the default version.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let number = number(&self.policy_arn, &self.version_id)?;
        edit(lambda, &self.policy_arn, |policy| {
            if policy.default_version == number {
                return Err(ServiceError::new(
                    Code::DeleteConflict,
                    "Cannot delete the default version of a policy.",
                )
                .into());
            }
            let removed = policy.versions.remove(&number);
            removed
                .map(drop)
                .ok_or_else(|| no_version(&self.policy_arn, &self.version_id).into())
        })
    }
}
