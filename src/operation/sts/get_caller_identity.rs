//! `GetCallerIdentity`: returns the account and the caller. The caller is the account's user, or a role session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{Lambda, Operation, Result};

/// Request of GetCallerIdentity.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetCallerIdentityRequest {}

/// Response of GetCallerIdentity.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetCallerIdentityResponse {
    /// The unique id of the caller.
    user_id: String,
    /// The account's twelve digits.
    account: String,
    /// The ARN of the caller.
    arn: String,
}

impl Operation for GetCallerIdentityRequest {
    const NAME: &'static str = "GetCallerIdentity";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns the account of the calls and the caller: a user of the account, or the \
        assumed role. The account is LAMBDRY_ACCOUNT_ID, or that of the role.";
    type Response = GetCallerIdentityResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetCallerIdentityResponse> {
        let scope = &lambda.place.scope;
        Ok(GetCallerIdentityResponse {
            user_id: lambda.caller.user_id(scope),
            account: scope.account.clone(),
            arn: lambda.caller.arn(scope),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn the_caller_is_a_user_of_the_account() {
        let answer = Sandbox::new().call("GetCallerIdentity", json!({}));
        assert_eq!(answer["Account"], "123456789012");
        assert_eq!(answer["Arn"], "arn:aws:iam::123456789012:user/lambdry");
        let id = answer["UserId"].as_str().expect("an id");
        assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    }
}
