//! `GetPolicy`: returns a managed policy of the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::{Policy, both, key, missing};
use crate::operation::{Lambda, Operation, Result};

/// Request of GetPolicy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
}

/// Response of GetPolicy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyResponse {
    /// The policy.
    policy: Policy,
}

impl Operation for GetPolicyRequest {
    const NAME: &'static str = "GetPolicy";
    const KEY: &'static str = "iam:GetPolicy";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns a managed policy of the account.";
    type Response = GetPolicyResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetPolicyResponse> {
        let key = key(lambda, &self.policy_arn)?;
        let (kept, roles) = both(lambda)?;
        let policy = kept
            .policies
            .get(key)
            .ok_or_else(|| missing(&self.policy_arn))?;
        Ok(GetPolicyResponse {
            policy: Policy::of(key, policy, &roles, lambda),
        })
    }
}
