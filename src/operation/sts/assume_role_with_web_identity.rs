//! `AssumeRoleWithWebIdentity`: returns credentials for a role in exchange for a token from another identity provider.
//! The token is read, but not verified.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    assume_role::{AssumedRoleUser, taken},
    caller::Credentials,
};
use crate::{
    operation::{Lambda, Operation, Result},
    state::error::{Code, ServiceError},
};

/// Request of AssumeRoleWithWebIdentity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithWebIdentityRequest {
    /// The ARN of the role, in any account. The role does not have to exist.
    #[schemars(length(min = 20))]
    role_arn: String,
    /// A name for the session. It is the end of the session's ARN.
    #[schemars(length(min = 2))]
    role_session_name: String,
    /// A JSON web token. lambdry reads it, but does not verify it.
    #[schemars(length(min = 4))]
    web_identity_token: String,
    /// The lifetime of the credentials in seconds. The default is 3600.
    #[schemars(range(min = 900))]
    duration_seconds: Option<i64>,
}

/// Response of AssumeRoleWithWebIdentity.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithWebIdentityResponse {
    /// The credentials.
    credentials: Credentials,
    /// The subject of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_from_web_identity_token: Option<String>,
    /// The role session that the credentials belong to.
    assumed_role_user: AssumedRoleUser,
    /// The issuer of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The audience of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
}

/// Reads the claims of a JSON web token.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let text = BASE64_URL_SAFE_NO_PAD
        .decode(claims.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&text).ok().filter(Value::is_object)
}

impl Operation for AssumeRoleWithWebIdentityRequest {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns credentials of a role in exchange for a token of another provider. They \
        give access to nothing. lambdry reads the token but does not verify it.";
    const MEMBERS: &'static str = "RoleArn RoleSessionName WebIdentityToken ProviderId PolicyArns:list Policy DurationSeconds";
    type Response = AssumeRoleWithWebIdentityResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<AssumeRoleWithWebIdentityResponse> {
        let claims = claims(&self.web_identity_token).ok_or_else(|| {
            ServiceError::new(
                Code::InvalidIdentityToken,
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            )
        })?;
        let claim = |name: &str| Some(claims.get(name)?.as_str()?.to_owned());
        let (credentials, assumed_role_user) = taken(
            lambda,
            &self.role_arn,
            &self.role_session_name,
            self.duration_seconds,
        )?;
        Ok(AssumeRoleWithWebIdentityResponse {
            credentials,
            subject_from_web_identity_token: claim("sub"),
            assumed_role_user,
            provider: claim("iss"),
            audience: claim("aud"),
        })
    }
}
