//! `FunctionScalingConfig`: its form in requests, in the state and in answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Result,
        resolve::{Target, function_not_found, has},
    },
    state::{attached::Scaling, function::Function, version::Version},
};

/// The minimum and maximum number of execution environments.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionScalingConfig {
    /// The minimum number of environments.
    #[schemars(range(min = 0, max = 15000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_execution_environments: Option<u64>,
    /// The maximum number of environments.
    #[schemars(range(min = 0, max = 15000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_execution_environments: Option<u64>,
}

impl From<&Scaling> for FunctionScalingConfig {
    fn from(scaling: &Scaling) -> Self {
        Self {
            min_execution_environments: scaling.min_execution_environments,
            max_execution_environments: scaling.max_execution_environments,
        }
    }
}

impl Lambda<'_> {
    /// Finds the published version that the request of a scaling operation names.
    ///
    /// # Errors
    /// The errors of [`Lambda::target`].
    pub(super) fn scaled(&self, name: &str, qualifier: &str) -> Result<Target> {
        self.target(name, Some(qualifier))
    }
}

/// Refuses a version that does not exist. `$LATEST.PUBLISHED` never exists here, because only functions on managed
/// instances have it.
///
/// # Errors
/// `Function not found` with the qualified ARN.
pub(super) fn check_there(
    head: &Function,
    target: &Target,
    read: impl FnOnce(u64) -> Result<Option<Version>>,
) -> Result<()> {
    match has(head, target.key(), read)? {
        true => Ok(()),
        false => Err(function_not_found(&target.asked()).into()),
    }
}
