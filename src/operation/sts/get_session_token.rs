//! `GetSessionToken`: returns temporary credentials for the caller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{assume_role::duration, caller::Credentials};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of GetSessionToken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetSessionTokenRequest {
    /// The lifetime of the credentials in seconds. The default is 43200.
    #[schemars(range(min = 900))]
    duration_seconds: Option<i64>,
}

/// Response of GetSessionToken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetSessionTokenResponse {
    /// The credentials.
    credentials: Credentials,
}

impl Operation for GetSessionTokenRequest {
    const NAME: &'static str = "GetSessionToken";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns temporary credentials of the caller. They give access to nothing.";
    const MEMBERS: &'static str = "DurationSeconds SerialNumber TokenCode";
    type Response = GetSessionTokenResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetSessionTokenResponse> {
        let (scope, caller) = (&lambda.place.scope, lambda.caller);
        if caller.has_role() {
            return Err(ServiceError::new(
                Code::AccessDenied,
                "Cannot call GetSessionToken with session credentials",
            )
            .into());
        }
        let seconds = duration(self.duration_seconds, 43_200, 129_600)?;
        Ok(GetSessionTokenResponse {
            credentials: caller.give(lambda, caller.arn(scope), caller.user_id(scope), seconds),
        })
    }
}
