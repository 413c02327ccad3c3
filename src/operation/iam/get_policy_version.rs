//! `GetPolicyVersion`: returns a version of a managed policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::{PolicyVersion, found, no_version, number};
use crate::operation::{Lambda, Operation, Result};

/// Request of GetPolicyVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyVersionRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
    /// The version, for example v1.
    version_id: String,
}

/// Response of GetPolicyVersion.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyVersionResponse {
    /// The version.
    policy_version: PolicyVersion,
}

impl Operation for GetPolicyVersionRequest {
    const NAME: &'static str = "GetPolicyVersion";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a version of a managed policy, with its document.";
    type Response = GetPolicyVersionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetPolicyVersionResponse> {
        let policy = found(lambda, &self.policy_arn)?;
        let number = number(&self.policy_arn, &self.version_id)?;
        let version = policy.versions.get(&number);
        let version = version.ok_or_else(|| no_version(&self.policy_arn, &self.version_id))?;
        Ok(GetPolicyVersionResponse {
            policy_version: PolicyVersion::of(number, version, &policy, true),
        })
    }
}
