//! `CreatePolicyVersion`: creates a version of a managed policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    policy::{PolicyVersion, edit},
    role::{document, now},
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        error::{Code, ServiceError},
        iam,
    },
};

/// Maximum number of versions of a policy.
const MOST: usize = 5;

/// Request of CreatePolicyVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyVersionRequest {
    /// The ARN of the policy.
    #[schemars(length(min = 20))]
    policy_arn: String,
    /// The policy document, as JSON.
    #[schemars(length(min = 1))]
    policy_document: String,
    /// True to make this version the default version. Only the default version applies.
    set_as_default: Option<bool>,
}

/// Response of CreatePolicyVersion.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyVersionResponse {
    /// The version.
    policy_version: PolicyVersion,
}

impl Operation for CreatePolicyVersionRequest {
    const NAME: &'static str = "CreatePolicyVersion";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Creates a version of a managed policy. A policy can have up to five versions.";
    type Response = CreatePolicyVersionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreatePolicyVersionResponse> {
        let document = document(&self.policy_document)?;
        let create_date = now(lambda);
        edit(lambda, &self.policy_arn, |policy| {
            if policy.versions.len() >= MOST {
                let hint = "to make room, delete the oldest version that is not the default: list-policy-versions, \
                    then delete-policy-version";
                let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete \
                    an existing version.";
                return Err(ServiceError::new(Code::LimitExceeded, message)
                    .with_hint(hint)
                    .into());
            }
            policy.last_version += 1;
            policy.update_date = create_date;
            let number = policy.last_version;
            if self.set_as_default == Some(true) {
                policy.default_version = number;
            }
            let version = iam::PolicyVersion {
                create_date,
                document,
            };
            let shown = PolicyVersion::of(number, &version, policy, false);
            policy.versions.insert(number, version);
            Ok(CreatePolicyVersionResponse {
                policy_version: shown,
            })
        })
    }
}
