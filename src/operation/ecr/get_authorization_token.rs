//! `GetAuthorizationToken`: returns a password for `docker login`. It gives access to nothing.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::repository::uri;
use crate::{
    operation::{Lambda, Operation, Result},
    store::clock::iso8601,
};

/// Request of GetAuthorizationToken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAuthorizationTokenRequest {
    /// Accepted, but without effect: the token is the same for every registry.
    #[schemars(extend("x-ignored" = true))]
    registry_ids: Option<Vec<String>>,
}

/// Response of GetAuthorizationToken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetAuthorizationTokenResponse {
    /// The token.
    authorization_data: Vec<AuthorizationData>,
}

/// A token for one registry.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizationData {
    /// The text AWS:PASSWORD in base64.
    authorization_token: String,
    /// The time at which the token expires.
    #[schemars(extend("x-timestamp" = true))]
    expires_at: String,
    /// The registry.
    proxy_endpoint: String,
}

/// The password for `docker login`. Like AWS's password, it is the base64 of a JSON object.
pub fn password(region: &str) -> String {
    let text = json!({ "payload": "lambdry", "region": region, "type": "DATA_KEY" }).to_string();
    BASE64_STANDARD.encode(text)
}

impl Operation for GetAuthorizationTokenRequest {
    const NAME: &'static str = "GetAuthorizationToken";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str =
        "Returns an invented token for docker login. It gives access to nothing.";
    type Response = GetAuthorizationTokenResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetAuthorizationTokenResponse> {
        let place = lambda.place;
        drop(self.registry_ids);
        let half_a_day = Duration::from_secs(12 * 3600);
        let now = place.store.clock.now();
        let host = uri(place, "");
        Ok(GetAuthorizationTokenResponse {
            authorization_data: vec![AuthorizationData {
                authorization_token: BASE64_STANDARD
                    .encode(format!("AWS:{}", password(&place.scope.region))),
                expires_at: iso8601(now.checked_add(half_a_day).unwrap_or(now)),
                proxy_endpoint: format!("https://{}", host.trim_end_matches('/')),
            }],
        })
    }
}
