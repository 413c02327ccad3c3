//! Who calls: the user every account has, or a role that `sts assume-role` gave credentials for.
//!
//! Such credentials lead nowhere. Their session token says who holds them, so that nothing of them is kept: whoever
//! exports them is that role, in its account, until they expire. A token that is none of ours, as those that AWS gives
//! are, says nothing and is not looked into.
//!
//! A server gives credentials whose key id follows from the token and from its own key, so that it knows them again and
//! nobody else can make them.

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

/// The user calls are made by that nobody else makes.
const USER: &str = "lambdry";

/// How the session tokens begin that are given here.
const TOKEN: &str = "lambdry.";

/// Who calls, and what a server signs for.
#[derive(Clone, Default)]
pub struct Caller {
    /// Who holds the credentials, if they were given here.
    session: Option<Session>,
    /// The server's own key: its id and its secret; empty on the command line.
    key: (String, String),
}

/// What a session token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    arn: String,
    user_id: String,
    expiration: Timestamp,
}

/// A server's key must not get into any message.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Credentials for a time.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// The id of the key.
    pub(super) access_key_id: String,
    /// Its secret. It opens nothing.
    pub(super) secret_access_key: String,
    /// The token that goes with it, which says who holds it.
    pub(super) session_token: String,
    /// When it expires.
    #[schemars(extend("x-timestamp" = true))]
    pub(super) expiration: String,
}

impl Caller {
    /// Whoever holds that session token; the account's user for one that is none of ours.
    pub fn of(token: Option<&str>) -> Self {
        Self {
            session: token.and_then(read),
            key: Default::default(),
        }
    }

    /// The same behind a server with that key.
    #[must_use]
    pub fn behind(mut self, id: &str, secret: Option<&str>) -> Self {
        self.key = (id.to_owned(), secret.unwrap_or_default().to_owned());
        self
    }

    /// The account of the role, where one was taken.
    pub fn account(&self) -> Option<&str> {
        self.session.as_ref()?.arn.split(':').nth(4)
    }

    /// The ARN of whoever calls.
    pub fn arn(&self, scope: &Scope) -> String {
        match &self.session {
            Some(session) => session.arn.clone(),
            None => scope.global("iam", &format!("user/{USER}")),
        }
    }

    /// The unique id of whoever calls.
    pub(super) fn user_id(&self, scope: &Scope) -> String {
        match &self.session {
            Some(session) => session.user_id.clone(),
            None => unique_id("AIDA", &self.arn(scope)),
        }
    }

    /// Returns true if a role was taken.
    pub(super) fn has_role(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.arn.contains(":assumed-role/"))
    }

    /// Refuses credentials whose time is over, in the words of the service that is called.
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
        let hint = "the credentials that sts gave have expired; take the role again, or for longer with --duration-seconds";
        Err(ServiceError::new(code, message).with_hint(hint).into())
    }

    /// Gives credentials to whoever has that ARN and id.
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
        // AWS counts whole seconds.
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
    // An account becomes the name of a folder.
    let is_one = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then_some(session)
}

/// The id of the key that goes with a session token, behind the server with that key.
pub fn key_id(token: &str, server: &str) -> String {
    let mut id = unique_id("ASIA", &format!("{server}\n{token}"));
    id.truncate(20);
    id
}

/// The secret of that key. A server whose own key has no secret looks at none.
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
