//! The caller. It is the user that every account has, or a role for which `sts assume-role` returned credentials.
//!
//! The credentials of a role give access to nothing. Their session token contains the role's ARN, so the state stores
//! nothing about them. Until the credentials expire, a call with them is made as that role, in the role's account.
//! Tokens that lambdry did not make, such as tokens from AWS, are ignored.
//!
//! A server computes the key id of the credentials from the token and from its own key. So the server can recognise
//! credentials that it made, and nobody else can make them.

use std::{fmt, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    operation::{Entry, Lambda, Result, SERVICES},
    state::{
        arn::Scope,
        error::{Code, ServiceError},
        iam::unique_id,
    },
    store::clock::iso8601,
};

/// The user that makes the calls without credentials of a role.
const USER: &str = "lambdry";

/// The beginning of the session tokens that lambdry makes.
const TOKEN: &str = "lambdry.";

/// The caller, and the key with which a server makes credentials.
#[derive(Clone, Default)]
pub struct Caller {
    /// The session, if lambdry made the credentials.
    session: Option<Session>,
    /// The id and the secret of the server's own key. Both are empty on the command line.
    key: (String, String),
}

/// The content of a session token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    arn: String,
    user_id: String,
    expiration: Timestamp,
}

/// Does not show the server's key, because the key must not appear in any message.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Temporary credentials.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// The id of the key.
    pub(super) access_key_id: String,
    /// The secret of the key. It gives access to nothing.
    pub(super) secret_access_key: String,
    /// The session token. It contains the ARN of the role session.
    pub(super) session_token: String,
    /// The time at which the credentials expire.
    #[schemars(extend("x-timestamp" = true))]
    pub(super) expiration: String,
}

impl Caller {
    /// The caller with that session token. It is the account's user if lambdry did not make the token.
    pub fn of(token: Option<&str>) -> Self {
        Self {
            session: token.and_then(read),
            key: Default::default(),
        }
    }

    /// The same caller, for calls to a server that has that key.
    #[must_use]
    pub fn behind(mut self, id: &str, secret: Option<&str>) -> Self {
        self.key = (id.to_owned(), secret.unwrap_or_default().to_owned());
        self
    }

    /// The account of the role, if the caller uses credentials of a role.
    pub fn account(&self) -> Option<&str> {
        self.session.as_ref()?.arn.split(':').nth(4)
    }

    /// The ARN of the caller.
    pub fn arn(&self, scope: &Scope) -> String {
        match &self.session {
            Some(session) => session.arn.clone(),
            None => scope.global("iam", &format!("user/{USER}")),
        }
    }

    /// The unique id of the caller.
    pub(super) fn user_id(&self, scope: &Scope) -> String {
        match &self.session {
            Some(session) => session.user_id.clone(),
            None => unique_id("AIDA", &self.arn(scope)),
        }
    }

    /// Returns true if the caller uses credentials of a role.
    pub(super) fn has_role(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.arn.contains(":assumed-role/"))
    }

    /// Refuses expired credentials, with the called service's error.
    pub(in crate::operation) fn refuse_expired(&self, entry: &Entry, now: Timestamp) -> Result<()> {
        match &self.session {
            Some(session) if session.expiration <= now => {}
            _ => return Ok(()),
        }
        let is_of = |name: &str| {
            let mut services = SERVICES.iter().filter(|service| service.name == name);
            services.any(|service| service.entries().any(|own| own.key == entry.key))
        };
        let token = "The security token included in the request is expired";
        let (code, message) = match () {
            () if is_of("s3api") => (Code::ExpiredToken, "The provided token has expired."),
            () if is_of("lambda") || is_of("ecr") => (Code::ExpiredTokenException, token),
            () => (Code::ExpiredToken, token),
        };
        let hint = "the credentials from sts have expired; assume the role again, or for a longer time with \
            --duration-seconds";
        Err(ServiceError::new(code, message).with_hint(hint).into())
    }

    /// Makes credentials for the caller with that ARN and id.
    pub(super) fn give(
        &self,
        lambda: &Lambda<'_>,
        arn: String,
        user_id: String,
        seconds: i64,
    ) -> Credentials {
        let now = lambda.place.store.clock.now();
        let lasting = Duration::from_secs(seconds.unsigned_abs());
        let expiration = now.checked_add(lasting).unwrap_or(now);
        // On AWS, the expiration is in whole seconds.
        let expiration = Timestamp::from_second(expiration.as_second()).unwrap_or(expiration);
        let session = Session {
            arn,
            user_id,
            expiration,
        };
        let text = serde_json::to_vec(&session).expect("plain data becomes JSON");
        let session_token = format!("{TOKEN}{}", BASE64_URL_SAFE_NO_PAD.encode(text));
        Credentials {
            access_key_id: key_id(&session_token, &self.key.0),
            secret_access_key: secret(&session_token, &self.key.0, &self.key.1),
            session_token,
            expiration: iso8601(expiration),
        }
    }
}

fn read(token: &str) -> Option<Session> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(token.strip_prefix(TOKEN)?)
        .ok()?;
    let session: Session = serde_json::from_slice(&bytes).ok()?;
    let account = session.arn.split(':').nth(4)?;
    // The account must be checked, because it becomes the name of a folder.
    let is_one = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then_some(session)
}

/// The key id that belongs to a session token. `server` is the id of the server's own key.
pub fn key_id(token: &str, server: &str) -> String {
    let mut id = unique_id("ASIA", &format!("{server}\n{token}"));
    id.truncate(20);
    id
}

/// The secret that belongs to a session token. A server whose own key has no secret does not check secrets.
pub fn secret(token: &str, server: &str, of_server: &str) -> String {
    let digest = Sha256::digest(format!("{server}\n{of_server}\n{token}"));
    let mut secret = BASE64_STANDARD.encode(digest);
    secret.truncate(40);
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_none_of_ours_says_nothing() {
        let forged = BASE64_URL_SAFE_NO_PAD.encode(
            r#"{"Arn":"arn:aws:sts::../../x:assumed-role/a/b","UserId":"x","Expiration":"2026-11-22T12:00:00Z"}"#,
        );
        for token in [
            "",
            "FwoGZXIvYXdzEBYaD",
            "lambdry.",
            "lambdry.e30",
            &format!("lambdry.{forged}"),
        ] {
            assert!(Caller::of(Some(token)).session.is_none(), "{token}");
        }
    }

    #[test]
    fn a_key_follows_from_the_token_and_the_server_s_own() {
        assert_eq!(key_id("t", "AKIA1"), key_id("t", "AKIA1"));
        assert_ne!(key_id("t", "AKIA1"), key_id("t", "AKIA2"));
        assert_ne!(key_id("t", "AKIA1"), key_id("u", "AKIA1"));
        let id = key_id("t", "");
        assert!(id.len() == 20 && id.starts_with("ASIA"), "{id}");
        assert_eq!(secret("t", "", "").len(), 40);
    }
}
