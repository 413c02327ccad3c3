//! `SetDefaultPolicyVersion`: sets the default version of a managed policy. Only this version applies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policy::{edit, no_version, number};
use crate::operation::{Lambda, Operation, Result};

/// Request of SetDefaultPolicyVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetDefaultPolicyVersionRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
    /// The version, for example v1.
    version_id: String,
}

impl Operation for SetDefaultPolicyVersionRequest {
    const NAME: &'static str = "SetDefaultPolicyVersion";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Makes a version of a managed policy the default. The default version is the one that applies.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let number = number(&self.policy_arn, &self.version_id)?;
        edit(lambda, &self.policy_arn, |policy| {
            if !policy.versions.contains_key(&number) {
                return Err(no_version(&self.policy_arn, &self.version_id).into());
            }
            policy.default_version = number;
            Ok(())
        })
    }
}
